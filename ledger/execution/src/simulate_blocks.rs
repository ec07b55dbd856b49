//! Blocks that are executed and never committed (`eth_simulateV1`).
//!
//! A chain of blocks is built on a base, each with calls instead of signed
//! transactions, and with values and state changed as asked. What comes out
//! are whole blocks: their roots and hashes are those that a chain would have
//! given them. Rules and limits are geth's, which the execution API's cases
//! were written with.

mod chain;
mod transaction;

use crate::{
    assemble::complete,
    block_state::BlockState,
    environment::{ExecutorSpec, environment},
    ledger::Ledger,
    precompiles::{self, PrecompileError},
    simulate::halt_reason,
    transfers::LogCollector,
};
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, TxEnvelope, proofs, transaction::Recovered};
use alloy_eips::{eip4895::Withdrawals, eip7685::Requests};
use alloy_evm::{
    Evm, EvmFactory,
    block::{BlockExecutionError, BlockExecutor, BlockValidationError, TxResult},
    eth::{EthBlockExecutionCtx, EthBlockExecutor, EthEvm, EthEvmFactory, receipt_builder::AlloyReceiptBuilder},
    overrides::{OverrideBlockHashes, apply_block_overrides, apply_state_overrides},
    precompiles::PrecompilesMap,
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_rpc_types_eth::{
    BlockOverrides, TransactionRequest,
    state::{AccountOverride, StateOverride},
};
use ledger_chain::Block;
use ledger_state::{StateError, StateView, StoredBlock};
use revm::{
    Database as _,
    context::{
        TxEnv,
        result::{ExecutionResult, InvalidTransaction},
    },
};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

/// The most blocks of one simulation, gaps included.
const BLOCKS_MAX: u64 = 256;
/// Seconds between blocks where nothing else is said.
const BLOCK_SECONDS: u64 = 12;

/// One block to simulate.
#[derive(Debug, Clone, Default)]
pub struct SimulatedCalls {
    /// Block values to change.
    pub block_overrides: BlockOverrides,
    /// Withdrawals of the block.
    pub withdrawals: Option<Withdrawals>,
    /// Accounts to change before its calls.
    pub state_overrides: Option<StateOverride>,
    /// What to run.
    pub calls: Vec<TransactionRequest>,
}

/// What to simulate.
#[derive(Debug)]
pub struct Simulation {
    /// The block to build on.
    pub base: Arc<StoredBlock>,
    /// The state after it.
    pub view: StateView,
    /// Blocks in order. Numbers that are left out are filled with empty ones.
    pub blocks: Vec<SimulatedCalls>,
    /// Whether nonces and fees are checked as in a real block.
    pub validate: bool,
    /// Whether transfers of the native coin are logged too.
    pub trace_transfers: bool,
    /// The most gas all calls may use together.
    pub gas_cap: u64,
}

/// A simulated block.
#[derive(Debug)]
pub struct SimulatedBlock {
    /// The block; its transactions carry no signature.
    pub block: Block,
    /// What became of each call.
    pub calls: Vec<SimulatedCall>,
}

/// What became of a call.
#[derive(Debug)]
pub struct SimulatedCall {
    /// Returned bytes, or those of the revert.
    pub output: Bytes,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Gas used before refunds.
    pub gas_used_max: u64,
    /// How it ended.
    pub ending: Ending,
    /// Each log with its number in the block.
    pub logs: Vec<(u64, Log)>,
}

/// How a simulated call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It succeeded.
    Success,
    /// It reverted; the output has the reason.
    Reverted,
    /// It stopped for another reason, in the words of geth.
    Halted(String),
}

/// Why blocks can't be simulated as asked.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// Block numbers must rise.
    #[error("block numbers must be in order: {given} <= {before}")]
    Number {
        /// The number asked for.
        given: U256,
        /// The number before it.
        before: u64,
    },
    /// Timestamps must rise.
    #[error("block timestamps must be in order: {given} <= {before}")]
    Timestamp {
        /// The time asked for.
        given: u64,
        /// The time before it.
        before: u64,
    },
    /// More blocks than [`BLOCKS_MAX`].
    #[error("too many blocks: at most {BLOCKS_MAX} in one simulation")]
    TooManyBlocks,
    /// A call asks for more gas than its block has left.
    #[error("block gas limit reached: {used} >= {limit}")]
    BlockGas {
        /// Used before this call.
        used: u64,
        /// The block's limit.
        limit: u64,
    },
    /// A call breaks a rule of transactions.
    #[error("{message}")]
    Transaction {
        /// The rule.
        rule: InvalidTransaction,
        /// What is wrong, with values.
        message: String,
    },
    /// Precompiles can't be moved as asked.
    #[error(transparent)]
    Precompile(#[from] PrecompileError),
    /// The request contradicts itself.
    #[error("{0}")]
    Request(String),
    /// A block could not be executed.
    #[error("{0}")]
    Execution(#[source] BlockExecutionError),
    /// Stored state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
}

impl SimulationError {
    fn transaction(rule: InvalidTransaction, detail: impl std::fmt::Display) -> Self {
        Self::Transaction { message: detail.to_string(), rule }
    }
}

type SimulationEvm = EthEvm<BlockState, LogCollector, PrecompilesMap>;
type SimulationExecutor<'a> = EthBlockExecutor<'a, SimulationEvm, ExecutorSpec, AlloyReceiptBuilder>;

/// What goes from block to block.
struct Session {
    state: BlockState,
    parent: Header,
    parent_hash: B256,
    gas_left: u64,
}

impl Ledger {
    /// Simulates blocks on a base.
    ///
    /// # Errors
    /// [`SimulationError`] with the first thing that is wrong; nothing is
    /// returned then, as no block after it would mean anything.
    pub fn simulate_blocks(&self, simulation: Simulation) -> Result<Vec<SimulatedBlock>, SimulationError> {
        let base = &simulation.base.block;
        let blocks = chain::complete(&base.header, simulation.blocks)?;
        let mut session = Session {
            state: BlockState::new(simulation.view, self.codes().clone()),
            parent: base.header.clone(),
            parent_hash: base.hash,
            gas_left: simulation.gas_cap,
        };
        let rules = Rules { validate: simulation.validate, trace_transfers: simulation.trace_transfers };
        let mut simulated = Vec::with_capacity(blocks.len());
        for calls in blocks {
            let (next, block) = self.simulate_block(session, calls, rules, base.header.number)?;
            session = next;
            simulated.push(block);
        }
        Ok(simulated)
    }

    fn simulate_block(
        &self,
        session: Session,
        calls: SimulatedCalls,
        rules: Rules,
        base: u64,
    ) -> Result<(Session, SimulatedBlock), SimulationError> {
        let Session { mut state, parent, parent_hash, mut gas_left } = session;
        let mut header = self.simulated_header(&parent, parent_hash, &calls.block_overrides, rules);
        let withdrawals = calls.withdrawals.unwrap_or_default();
        state.override_block_hashes(BTreeMap::from([(parent.number, parent_hash)]));
        let mut precompiles = None;
        if let Some(mut overrides) = calls.state_overrides {
            let map = precompiles.insert(precompiles::of(environment(self.spec(), &header).cfg_env.spec));
            precompiles::arrange(&overrides, map)?;
            // Moving a precompile does not touch its account.
            overrides.retain(|_, account| {
                let moved = account.move_precompile_to.take();
                moved.is_none() || *account != AccountOverride::default()
            });
            // As geth does, an account stays that an override left empty.
            state = state.keep_empty(true);
            apply_state_overrides(overrides, &mut state)
                .map_err(|error| SimulationError::Request(error.to_string()))?;
            state = state.keep_empty(false);
        }
        let context = EthBlockExecutionCtx {
            parent_hash,
            parent_beacon_block_root: header.parent_beacon_block_root,
            ommers: &[],
            withdrawals: header.withdrawals_root.map(|_| Cow::Borrowed(withdrawals.0.as_slice())),
            extra_data: Bytes::new(),
            tx_count_hint: Some(calls.calls.len()),
            slot_number: None,
        };
        let evm = self.simulation_evm(state, &header, calls.block_overrides.blob_base_fee, rules, precompiles);
        let spec = ExecutorSpec(Arc::clone(self.spec()));
        let mut executor = EthBlockExecutor::new(evm, context, spec, AlloyReceiptBuilder::default());
        executor.apply_pre_execution_changes().map_err(SimulationError::Execution)?;
        let mut transactions = Vec::with_capacity(calls.calls.len());
        let mut senders = Vec::with_capacity(calls.calls.len());
        let mut results = Vec::with_capacity(calls.calls.len());
        for request in calls.calls {
            let sender = request.from.unwrap_or_default();
            let (transaction, call) = self.simulate_call(&mut executor, request, rules, &mut gas_left)?;
            transactions.push(transaction);
            senders.push(sender);
            results.push(call);
        }
        let (evm, outcome) = executor.finish().map_err(SimulationError::Execution)?;
        let state = evm.into_db();
        let state_root = self.store().root_after(base, &state.clone().into_diff()?)?;
        header.withdrawals_root = header.withdrawals_root.map(|_| proofs::calculate_withdrawals_root(&withdrawals));
        complete(&mut header, transaction::root(&transactions), &outcome, state_root);
        let hash = header.hash_slow();
        let block = Block {
            header: header.clone(),
            hash,
            transactions,
            senders,
            ommers: Vec::new(),
            withdrawals: header.withdrawals_root.map(|_| withdrawals),
        };
        let session = Session { state, parent: header, parent_hash: hash, gas_left };
        Ok((session, SimulatedBlock { block, calls: results }))
    }

    fn simulated_header(&self, parent: &Header, parent_hash: B256, overrides: &BlockOverrides, rules: Rules) -> Header {
        let spec = self.spec();
        // Numbers and times were completed before.
        let number = overrides.number.map_or(parent.number + 1, |number| number.saturating_to());
        let time = overrides.time.unwrap_or(parent.timestamp + BLOCK_SECONDS);
        let merged = spec.is_paris_active_at_block(number);
        let cancun = spec.is_cancun_active_at_timestamp(time);
        let base_fee = spec.is_london_active_at_block(number).then(|| match overrides.base_fee {
            Some(fee) => fee.saturating_to(),
            None if rules.validate => spec.next_base_fee(parent).unwrap_or(0),
            None => 0,
        });
        let excess = spec.blob_params(time).map(|params| parent.next_block_excess_blob_gas(params).unwrap_or(0));
        Header {
            parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: overrides.coinbase.unwrap_or(parent.beneficiary),
            difficulty: if merged { U256::ZERO } else { overrides.difficulty.unwrap_or(parent.difficulty) },
            number,
            gas_limit: overrides.gas_limit.unwrap_or(parent.gas_limit),
            timestamp: time,
            mix_hash: overrides.random.unwrap_or_default(),
            base_fee_per_gas: base_fee,
            withdrawals_root: spec
                .is_shanghai_active_at_timestamp(time)
                .then_some(alloy_consensus::constants::EMPTY_WITHDRAWALS),
            blob_gas_used: cancun.then_some(0),
            excess_blob_gas: excess,
            parent_beacon_block_root: cancun.then(|| overrides.beacon_root.unwrap_or_default()),
            requests_hash: spec.is_prague_active_at_timestamp(time).then(|| Requests::default().requests_hash()),
            ..Header::default()
        }
    }

    fn simulation_evm(
        &self,
        mut state: BlockState,
        header: &Header,
        blob_base_fee: Option<U256>,
        rules: Rules,
        precompiles: Option<PrecompilesMap>,
    ) -> SimulationEvm {
        let mut environment = environment(self.spec(), header);
        let cfg = &mut environment.cfg_env;
        cfg.disable_eip3607 = true;
        cfg.disable_block_gas_limit = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        cfg.disable_nonce_check = !rules.validate;
        let price = BlockOverrides { blob_base_fee, ..BlockOverrides::default() };
        apply_block_overrides(price, &mut state, &mut environment.block_env);
        let collector = LogCollector::new(rules.trace_transfers);
        let mut evm = EthEvmFactory::default().create_evm_with_inspector(state, environment, collector);
        if let Some(precompiles) = precompiles {
            *evm.components_mut().2 = precompiles;
        }
        evm
    }

    fn simulate_call(
        &self,
        executor: &mut SimulationExecutor<'_>,
        mut request: TransactionRequest,
        rules: Rules,
        gas_left: &mut u64,
    ) -> Result<(TxEnvelope, SimulatedCall), SimulationError> {
        let sender = request.from.unwrap_or_default();
        let used = executor.cumulative_tx_gas_used;
        let block = executor.evm().block().clone();
        let account = executor.evm_mut().db_mut().basic(sender).map_err(|error| error.0)?.unwrap_or_default();
        request.nonce.get_or_insert(account.nonce);
        let gas = *request.gas.get_or_insert(block.gas_limit - used);
        if used.saturating_add(gas) > block.gas_limit {
            return Err(SimulationError::BlockGas { used, limit: block.gas_limit });
        }
        request.gas = Some(gas.min(*gas_left));
        let london = self.spec().is_london_active_at_block(block.number.saturating_to());
        let transaction = transaction::complete(request, self.spec().chain_id(), london)?;
        transaction::check(&transaction, sender, &account, &block, rules.validate)?;
        let free = transaction::is_free(&transaction);
        executor.evm_mut().ctx_mut().cfg.disable_base_fee = !rules.validate && free;
        let environment: TxEnv = alloy_evm::FromRecoveredTx::from_recovered_tx(&transaction, sender);
        let executed = executor
            .execute_transaction_without_commit((environment, Recovered::new_unchecked(&transaction, sender)))
            .map_err(|error| sort(error, sender))?;
        let result = executed.result().result.clone();
        let call_gas = *result.gas();
        executor.commit_transaction(executed);
        *gas_left = gas_left.saturating_sub(call_gas.tx_gas_used());
        let logs = executor.evm_mut().components_mut().1.take();
        let (ending, output) = match result {
            ExecutionResult::Success { output, .. } => (Ending::Success, output.into_data()),
            ExecutionResult::Revert { output, .. } => (Ending::Reverted, output),
            ExecutionResult::Halt { reason, .. } => (Ending::Halted(halt_reason(&reason)), Bytes::new()),
        };
        let call = SimulatedCall {
            output,
            gas_used: call_gas.tx_gas_used(),
            gas_used_max: call_gas.total_gas_spent().max(call_gas.floor_gas()),
            logs: if ending == Ending::Success { logs } else { Vec::new() },
            ending,
        };
        Ok((transaction, call))
    }
}

#[derive(Debug, Clone, Copy)]
struct Rules {
    validate: bool,
    trace_transfers: bool,
}

fn sort(error: BlockExecutionError, sender: Address) -> SimulationError {
    if let BlockExecutionError::Validation(BlockValidationError::InvalidTx { error, .. }) = &error
        && let Some(rule) = error.as_invalid_tx_err()
    {
        return SimulationError::transaction(rule.clone(), format!("{rule}: address {sender}"));
    }
    SimulationError::Execution(error)
}
