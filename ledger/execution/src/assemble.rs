//! Putting a block together, wherever it goes then.

use crate::{
    block_state::BlockState,
    error::{ExecutionError, Refusal, refusal, sort},
    ledger::{Ledger, finish},
};
use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, ReceiptEnvelope, Transaction as _, TxEnvelope, proofs, transaction::Recovered,
};
use alloy_eips::{eip2718::Encodable2718, eip4895::Withdrawals, eip7685::Requests};
use alloy_evm::{
    Evm,
    block::{BlockExecutionError, BlockExecutionResult, BlockExecutor},
    overrides::apply_state_overrides,
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, Bytes};
use alloy_rpc_types_eth::state::StateOverride;
use ledger_chain::{Block, block_receipts_root};
use ledger_state::{StateDiff, StateView, StoredBlock};
use std::sync::Arc;

/// The most bytes a block may have (EIP-7934: 10 MiB less 2 MiB of margin).
pub(crate) const BLOCK_BYTES_MAX: usize = 8 << 20;
/// Room for a block's header and list prefixes.
const HEADER_BYTES: usize = 2 << 10;

/// What a block is built with, besides its transactions.
#[derive(Debug, Clone)]
pub struct BlockAttributes {
    /// Seconds since 1970; must be after the parent's.
    pub timestamp: u64,
    /// Receives the tips.
    pub beneficiary: Address,
    /// The block's gas limit.
    pub gas_limit: u64,
    /// `PREVRANDAO` (EIP-4399).
    pub prev_randao: B256,
    /// At most 32 bytes: the hash of the next validator set.
    pub extra_data: Bytes,
    /// Passed to the beacon roots contract (EIP-4788).
    pub parent_beacon_block_root: B256,
    /// Withdrawals (EIP-4895), from Shanghai on.
    pub withdrawals: Withdrawals,
}

/// A transaction whose sender is known.
#[derive(Debug, Clone)]
pub struct PendingTransaction {
    /// The signed transaction.
    pub transaction: Arc<TxEnvelope>,
    /// Recovered at admission, never again.
    pub sender: Address,
}

/// Where a builder takes transactions from.
pub trait TransactionSource {
    /// The next candidate, best first; each sender's in nonce order.
    fn next(&mut self) -> Option<PendingTransaction>;
    /// Told when a candidate was left out. Its sender's later transactions
    /// should not follow.
    fn refused(&mut self, transaction: &PendingTransaction, refusal: Refusal);
}

/// A block without its state root.
pub(crate) struct Assembled {
    header: Header,
    transactions: Vec<TxEnvelope>,
    senders: Vec<Address>,
    withdrawals: Option<Withdrawals>,
    result: BlockExecutionResult<ReceiptEnvelope>,
    /// What it changes.
    pub(crate) diff: StateDiff,
}

impl Assembled {
    /// The block, what its execution gave, and what it changes.
    pub(crate) fn seal(self, state_root: B256) -> (Block, BlockExecutionResult<ReceiptEnvelope>, StateDiff) {
        let Self { mut header, transactions, senders, withdrawals, result, diff } = self;
        complete(&mut header, proofs::calculate_transaction_root(&transactions), &result, state_root);
        let block = Block { hash: header.hash_slow(), header, transactions, senders, ommers: Vec::new(), withdrawals };
        (block, result, diff)
    }
}

/// Fills in what a header says of its block's execution.
pub(crate) fn complete(
    header: &mut Header,
    transactions_root: B256,
    result: &BlockExecutionResult<ReceiptEnvelope>,
    state_root: B256,
) {
    header.state_root = state_root;
    header.transactions_root = transactions_root;
    (header.receipts_root, header.logs_bloom) = block_receipts_root(&result.receipts);
    header.gas_used = result.gas_used;
    header.blob_gas_used = header.blob_gas_used.map(|_| result.blob_gas_used);
    header.requests_hash = header.requests_hash.map(|_| result.requests.requests_hash());
}

impl Ledger {
    /// Executes transactions of `source` on the state after `parent`, which is
    /// `view`, until the block is full, the source is empty or `stop` says so.
    /// `edits` are made before, outside of any transaction.
    pub(crate) fn assemble(
        &self,
        parent: &StoredBlock,
        view: StateView,
        attributes: &BlockAttributes,
        edits: StateOverride,
        source: &mut dyn TransactionSource,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Assembled, ExecutionError> {
        let header = self.next_header(&parent.block.header, parent.block.hash, attributes);
        let withdrawals = header.withdrawals_root.map(|_| attributes.withdrawals.clone());
        let mut executor = self.executor(view, &header, &[], withdrawals.as_ref());
        executor.apply_pre_execution_changes().map_err(sort)?;
        if !edits.is_empty() {
            let edit = apply_state_overrides(edits, executor.evm_mut().db_mut());
            edit.map_err(|error| ExecutionError::Internal(BlockExecutionError::other(error)))?;
        }
        let mut transactions = Vec::new();
        let mut senders = Vec::new();
        let mut size = HEADER_BYTES;
        let blob_gas_max = self.spec().blob_params(header.timestamp).map_or(0, |blobs| blobs.max_blob_gas_per_block());
        while !stop() {
            let Some(pending) = source.next() else { break };
            let bytes = pending.transaction.encode_2718_len() + 4;
            let blob_gas = pending.transaction.blob_gas_used().unwrap_or(0);
            if size + bytes > BLOCK_BYTES_MAX || executor.blob_gas_used + blob_gas > blob_gas_max {
                source.refused(&pending, Refusal::Full);
                continue;
            }
            let recovered = Recovered::new_unchecked(pending.transaction.as_ref(), pending.sender);
            match executor.execute_transaction(recovered) {
                Ok(_) => {
                    size += bytes;
                    senders.push(pending.sender);
                    transactions.push(TxEnvelope::clone(&pending.transaction));
                }
                Err(error) => source.refused(&pending, refusal(error)?),
            }
        }
        let (state, result): (BlockState, _) = finish(executor)?;
        Ok(Assembled { diff: state.into_diff()?, header, transactions, senders, withdrawals, result })
    }

    /// The header of the block after `parent`, as far as it is known before
    /// execution. Simulations on the pending block use it too.
    pub fn next_header(&self, parent: &Header, parent_hash: B256, attributes: &BlockAttributes) -> Header {
        let time = attributes.timestamp;
        let cancun = self.spec().is_cancun_active_at_timestamp(time);
        let excess = self.spec().blob_params(time).map(|params| parent.next_block_excess_blob_gas(params).unwrap_or(0));
        Header {
            parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: attributes.beneficiary,
            number: parent.number + 1,
            gas_limit: attributes.gas_limit,
            timestamp: time,
            extra_data: attributes.extra_data.clone(),
            mix_hash: attributes.prev_randao,
            base_fee_per_gas: self.spec().next_base_fee(parent),
            withdrawals_root: self
                .spec()
                .is_shanghai_active_at_timestamp(time)
                .then(|| proofs::calculate_withdrawals_root(&attributes.withdrawals)),
            blob_gas_used: cancun.then_some(0),
            excess_blob_gas: excess,
            parent_beacon_block_root: cancun.then_some(attributes.parent_beacon_block_root),
            requests_hash: self.spec().is_prague_active_at_timestamp(time).then(|| Requests::default().requests_hash()),
            ..Header::default()
        }
    }
}
