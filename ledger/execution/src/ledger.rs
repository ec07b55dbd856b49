//! Building, verifying and committing blocks.

use crate::{
    assemble::{BLOCK_BYTES_MAX, BlockAttributes, TransactionSource},
    block_state::{BlockState, CodeCache},
    environment::{ExecutorSpec, environment},
    error::{ExecutionError, InvalidBlock, sort},
};
use alloy_consensus::{Eip658Value, Header, ReceiptEnvelope, transaction::Recovered};
use alloy_eips::{
    eip4895::Withdrawals, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
    eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
};
use alloy_evm::{
    Evm, EvmFactory,
    block::{BlockExecutionResult, BlockExecutor},
    eth::{EthBlockExecutionCtx, EthBlockExecutor, EthEvmFactory, receipt_builder::AlloyReceiptBuilder},
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, Bytes};
use alloy_rpc_types_eth::state::{AccountOverride, StateOverride};
use ledger_chain::{Block, ChainSpec, block_receipts_root, header};
use ledger_state::{StateDiff, StateView, Store, StoreOptions, StoredBlock};
use parking_lot::Mutex;
use revm::Database as _;
use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A block that was executed and staged, ready to be committed.
#[derive(Debug)]
pub struct Candidate {
    /// The sealed block.
    pub block: Block,
    /// A receipt a transaction.
    pub receipts: Vec<ReceiptEnvelope>,
    diff: StateDiff,
}

/// The chain's state machine over its store.
#[derive(Debug)]
pub struct Ledger {
    spec: Arc<ChainSpec>,
    store: Store,
    codes: CodeCache,
    development: Development,
}

/// What only development chains do.
#[derive(Debug, Default)]
struct Development {
    /// Changes to state that the next block makes, outside of any transaction.
    edits: Mutex<StateOverride>,
    /// Whether contracts may send transactions.
    any_sender: AtomicBool,
}

type Executed = (BlockState, BlockExecutionResult<ReceiptEnvelope>);

impl Ledger {
    /// Opens the ledger of `options.spec`.
    ///
    /// # Errors
    /// What [`Store::open`] says.
    pub fn open(options: StoreOptions) -> Result<Self, ExecutionError> {
        let spec = Arc::clone(&options.spec);
        Ok(Self {
            spec,
            store: Store::open(options)?,
            codes: CodeCache::default(),
            development: Development::default(),
        })
    }

    /// The chain's rules.
    pub const fn spec(&self) -> &Arc<ChainSpec> {
        &self.spec
    }

    /// The store, for reading.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The cache of analysed code.
    pub const fn codes(&self) -> &CodeCache {
        &self.codes
    }

    /// Has the next block change state, outside of any transaction. That block
    /// holds no transaction, and no other node would accept it: for
    /// development chains only.
    pub fn edit_next(&self, account: Address, edit: impl FnOnce(&mut AccountOverride)) {
        edit(self.development.edits.lock().entry(account).or_default());
    }

    /// Lets contracts send transactions, or not (EIP-3607). For development
    /// chains only.
    pub fn allow_any_sender(&self, allow: bool) {
        self.development.any_sender.store(allow, Ordering::Relaxed);
    }

    /// Builds a block on the head from `source`, until the block is full, the
    /// source is empty or `stop` says so (it is asked before each
    /// transaction).
    ///
    /// # Errors
    /// [`ExecutionError::State`] or [`ExecutionError::Internal`]; a bad
    /// transaction is refused, not an error.
    pub fn build(
        &self,
        attributes: &BlockAttributes,
        source: &mut dyn TransactionSource,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Candidate, ExecutionError> {
        let parent = self.store.head();
        let edits = std::mem::take(&mut *self.development.edits.lock());
        let edited = !edits.is_empty();
        let assembled =
            self.assemble(&parent, self.store.view(), attributes, edits, source, &mut || edited || stop())?;
        let state_root = self.store.stage(&assembled.diff)?;
        let (block, result, diff) = assembled.seal(state_root);
        Ok(Candidate { block, receipts: result.receipts, diff })
    }

    /// Executes a block from elsewhere on the head and checks every value of
    /// its header.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] with the first rule it breaks.
    pub fn verify(&self, block: Block) -> Result<Candidate, ExecutionError> {
        let parent = self.store.head();
        header::check(&self.spec, &parent.block.header, parent.block.hash, &block.header)
            .map_err(InvalidBlock::from)?;
        block.check_body().map_err(InvalidBlock::from)?;
        self.check_size(&block)?;
        let mut executor = self.executor(self.store.view(), &block.header, &block.ommers, block.withdrawals.as_ref());
        executor.apply_pre_execution_changes().map_err(sort)?;
        for (transaction, sender) in block.transactions.iter().zip(&block.senders) {
            executor.execute_transaction(Recovered::new_unchecked(transaction, *sender)).map_err(sort)?;
            if !self.spec.is_byzantium_active_at_block(block.header.number) {
                let root = self.intermediate_root(executor.evm().db())?;
                set_root(executor.receipts.last_mut(), root);
            }
        }
        let (mut state, result) = finish(executor)?;
        self.check_system_contracts(&block.header, &mut state)?;
        check_outcome(&block.header, &result)?;
        let diff = state.into_diff()?;
        let root = self.store.stage(&diff)?;
        if root != block.header.state_root {
            self.store.unstage(&diff)?;
            return Err(InvalidBlock::root("stateRoot", block.header.state_root, root).into());
        }
        Ok(Candidate { block, receipts: result.receipts, diff })
    }

    /// Makes a candidate the head. Durable when it returns.
    ///
    /// # Errors
    /// What [`Store::commit`] says.
    pub fn commit(&self, candidate: Candidate, certificate: Bytes) -> Result<Arc<StoredBlock>, ExecutionError> {
        let stored = StoredBlock::new(candidate.block, candidate.receipts, certificate);
        Ok(self.store.commit(stored, &candidate.diff)?)
    }

    /// The state root between two transactions, which receipts carried
    /// before Byzantium (EIP-658). Costs a walk over all the block changed so
    /// far: those blocks are old and small.
    fn intermediate_root(&self, state: &BlockState) -> Result<B256, ExecutionError> {
        let diff = state.clone().into_diff()?;
        let root = self.store.stage(&diff)?;
        self.store.unstage(&diff)?;
        Ok(root)
    }

    /// EIP-7002 and EIP-7251: a block is invalid where the contracts that its
    /// requests come from are missing.
    fn check_system_contracts(&self, header: &Header, state: &mut BlockState) -> Result<(), ExecutionError> {
        if !self.spec.is_prague_active_at_timestamp(header.timestamp) {
            return Ok(());
        }
        for address in [WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS] {
            let account = state.basic(address).map_err(|error| error.0)?;
            if account.is_none_or(|account| account.is_empty_code_hash()) {
                return Err(InvalidBlock::MissingSystemContract(address).into());
            }
        }
        Ok(())
    }

    fn check_size(&self, block: &Block) -> Result<(), InvalidBlock> {
        // EIP-7934 bounds blocks from Osaka on at 10 MiB less the margin.
        if !self.spec.is_osaka_active_at_timestamp(block.header.timestamp) {
            return Ok(());
        }
        let size = block.encode().len();
        if size > BLOCK_BYTES_MAX {
            return Err(InvalidBlock::TooLarge { size, limit: BLOCK_BYTES_MAX });
        }
        Ok(())
    }

    pub(crate) fn executor<'a>(
        &self,
        view: StateView,
        header: &Header,
        ommers: &'a [Header],
        withdrawals: Option<&'a Withdrawals>,
    ) -> EthBlockExecutor<
        'a,
        <EthEvmFactory as EvmFactory>::Evm<BlockState, revm::inspector::NoOpInspector>,
        ExecutorSpec,
        AlloyReceiptBuilder,
    > {
        let keep_empty = !self.spec.is_spurious_dragon_active_at_block(header.number);
        let database = BlockState::new(view, self.codes.clone()).keep_empty(keep_empty);
        let mut environment = environment(&self.spec, header);
        environment.cfg_env.disable_eip3607 = self.development.any_sender.load(Ordering::Relaxed);
        let evm = EthEvmFactory::default().create_evm(database, environment);
        let context = EthBlockExecutionCtx {
            parent_hash: header.parent_hash,
            parent_beacon_block_root: header.parent_beacon_block_root,
            ommers,
            withdrawals: withdrawals.map(|list| Cow::Borrowed(list.0.as_slice())),
            extra_data: header.extra_data.clone(),
            tx_count_hint: None,
            slot_number: None,
        };
        EthBlockExecutor::new(evm, context, ExecutorSpec(Arc::clone(&self.spec)), AlloyReceiptBuilder::default())
    }
}

pub(crate) fn finish<E>(executor: E) -> Result<Executed, ExecutionError>
where
    E: BlockExecutor<Receipt = ReceiptEnvelope>,
    E::Evm: Evm<DB = BlockState>,
{
    let (evm, result) = executor.finish().map_err(sort)?;
    Ok((evm.into_db(), result))
}

fn set_root(receipt: Option<&mut ReceiptEnvelope>, root: B256) {
    if let Some(ReceiptEnvelope::Legacy(receipt)) = receipt {
        receipt.receipt.status = Eip658Value::PostState(root);
    }
}

fn check_outcome(header: &Header, result: &BlockExecutionResult<ReceiptEnvelope>) -> Result<(), InvalidBlock> {
    if header.gas_used != result.gas_used {
        return Err(InvalidBlock::number("gasUsed", Some(header.gas_used), Some(result.gas_used)));
    }
    let blob_gas = header.blob_gas_used.map(|_| result.blob_gas_used);
    if header.blob_gas_used != blob_gas {
        return Err(InvalidBlock::number("blobGasUsed", header.blob_gas_used, blob_gas));
    }
    let (receipts_root, bloom) = block_receipts_root(&result.receipts);
    if header.receipts_root != receipts_root {
        return Err(InvalidBlock::root("receiptsRoot", header.receipts_root, receipts_root));
    }
    if header.logs_bloom != bloom {
        return Err(InvalidBlock::bloom(&header.logs_bloom, &bloom));
    }
    let requests = header.requests_hash.map(|_| result.requests.requests_hash());
    if header.requests_hash != requests {
        return Err(InvalidBlock::root(
            "requestsHash",
            header.requests_hash.unwrap_or_default(),
            requests.unwrap_or_default(),
        ));
    }
    Ok(())
}
