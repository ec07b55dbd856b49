//! Executing again what was executed, and watching: `debug_trace…`.

use crate::{
    block_state::{BlockState, DatabaseError},
    environment::environment,
    ledger::Ledger,
    simulate::{Call, CallError, Prepared, Surroundings},
};
use alloy_consensus::{TxEnvelope, transaction::Recovered};
use alloy_evm::{
    Evm, EvmFactory,
    block::BlockExecutor,
    eth::{EthEvmContext, EthEvmFactory},
};
use alloy_primitives::B256;
use alloy_rpc_types_eth::TransactionInfo;
use alloy_rpc_types_trace::geth::{
    CallConfig, FourByteFrame, GethDebugBuiltInTracerType, GethDebugTracerConfig, GethDebugTracerType,
    GethDebugTracingOptions, GethDefaultTracingOptions, GethTrace, NoopFrame,
};
use ledger_state::StoredBlock;
use revm::{
    DatabaseCommit, Inspector,
    context::{
        TxEnv,
        result::{HaltReason, ResultAndState},
    },
};
use revm_inspectors::tracing::{
    FourByteInspector, MuxInspector, TraceLimitBehavior, TraceLimits, TracingInspector, TracingInspectorConfig,
};
use std::num::NonZeroU64;

/// The most steps one structured trace records; each can hold a whole stack.
const STEPS_MAX: u64 = 400_000;
/// The most bytes of memory snapshots and inputs that one trace records.
const RECORDED_BYTES_MAX: usize = 256 << 20;

/// Why there is no trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The genesis block was not executed.
    #[error("genesis is not traceable")]
    Genesis,
    /// The tracer is not one of ours, or its configuration is wrong.
    #[error("{0}")]
    Tracer(String),
    /// The trace is larger than this node makes.
    #[error("the trace is too large: {0}; set \"limit\", or use callTracer")]
    TooLarge(String),
    /// The execution could not be repeated.
    #[error("tracing failed: {0}")]
    Execution(String),
    /// A call could not be prepared.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl TraceError {
    fn execution(error: impl std::fmt::Display) -> Self {
        Self::Execution(error.to_string())
    }
}

impl From<DatabaseError> for TraceError {
    fn from(error: DatabaseError) -> Self {
        Self::execution(error)
    }
}

impl Ledger {
    /// Traces every transaction of a block, in order, and gives each trace to
    /// `take` with the transaction's hash.
    ///
    /// # Errors
    /// [`TraceError`], or what `take` says.
    pub fn trace_block<E: From<TraceError>>(
        &self,
        stored: &StoredBlock,
        options: &GethDebugTracingOptions,
        take: &mut dyn FnMut(B256, GethTrace) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut state, surroundings) = self.before_transactions(stored)?;
        for (index, (transaction, sender)) in stored.block.transactions.iter().zip(&stored.block.senders).enumerate() {
            let call = as_call(transaction, *sender);
            let info = place(stored, index, transaction);
            let (trace, outcome) = trace(&mut state, &surroundings, call, options, info)?;
            state.commit(outcome.state);
            take(*transaction.tx_hash(), trace)?;
        }
        Ok(())
    }

    /// Traces the transaction at `index` of a block.
    ///
    /// # Errors
    /// [`TraceError`].
    pub fn trace_transaction(
        &self,
        stored: &StoredBlock,
        index: usize,
        options: &GethDebugTracingOptions,
    ) -> Result<GethTrace, TraceError> {
        let (mut state, surroundings) = self.before_transactions(stored)?;
        for (position, (transaction, sender)) in stored.block.transactions.iter().zip(&stored.block.senders).enumerate()
        {
            let call = as_call(transaction, *sender);
            if position == index {
                let info = place(stored, index, transaction);
                return Ok(trace(&mut state, &surroundings, call, options, info)?.0);
            }
            let mut evm = EthEvmFactory::default().create_evm(&mut state, surroundings.environment.clone());
            let outcome = evm.transact(call).map_err(TraceError::execution)?;
            state.commit(outcome.state);
        }
        Err(TraceError::Execution(format!("block {} has no transaction {index}", stored.number())))
    }

    /// Traces a call that changes nothing.
    ///
    /// # Errors
    /// [`TraceError`].
    pub fn trace_call(&self, call: Call, options: &GethDebugTracingOptions) -> Result<GethTrace, TraceError> {
        let Prepared { mut state, surroundings, transaction } = self.prepare(call)?;
        Ok(trace(&mut state, &surroundings, transaction, options, TransactionInfo::default())?.0)
    }

    /// The state before the first transaction of a block, and the block's
    /// environment.
    fn before_transactions(&self, stored: &StoredBlock) -> Result<(BlockState, Surroundings), TraceError> {
        let block = &stored.block;
        let parent = block.header.number.checked_sub(1).ok_or(TraceError::Genesis)?;
        let view = self.store().view_at(parent).map_err(TraceError::execution)?;
        let mut executor = self.executor(view, &block.header, &block.ommers, block.withdrawals.as_ref());
        executor.apply_pre_execution_changes().map_err(TraceError::execution)?;
        let mut environment = environment(self.spec(), &block.header);
        // What is in a block was let in; development chains let contracts send.
        environment.cfg_env.disable_eip3607 = true;
        Ok((executor.evm.into_db(), Surroundings::new(environment)))
    }
}

fn as_call(transaction: &TxEnvelope, sender: alloy_primitives::Address) -> TxEnv {
    use alloy_evm::ToTxEnv;
    Recovered::new_unchecked(transaction, sender).to_tx_env()
}

fn place(stored: &StoredBlock, index: usize, transaction: &TxEnvelope) -> TransactionInfo {
    TransactionInfo {
        hash: Some(*transaction.tx_hash()),
        index: Some(index as u64),
        block_hash: Some(stored.block.hash),
        block_number: Some(stored.number()),
        base_fee: stored.block.header.base_fee_per_gas,
        block_timestamp: Some(stored.block.header.timestamp),
    }
}

type Outcome = ResultAndState<HaltReason>;

/// Runs one transaction under an inspector.
fn watch<I>(
    state: &mut BlockState,
    surroundings: &Surroundings,
    call: TxEnv,
    inspector: &mut I,
) -> Result<Outcome, TraceError>
where
    I: for<'a> Inspector<EthEvmContext<&'a mut BlockState>>,
{
    let environment = surroundings.environment.clone();
    let evm = EthEvmFactory::default().create_evm_with_inspector(state, environment, inspector);
    surroundings.enter(evm).transact(call).map_err(TraceError::execution)
}

/// Traces one transaction with the tracer that `options` name. The state is
/// left as it was; the outcome says what the transaction changes.
fn trace(
    state: &mut BlockState,
    surroundings: &Surroundings,
    call: TxEnv,
    options: &GethDebugTracingOptions,
    info: TransactionInfo,
) -> Result<(GethTrace, Outcome), TraceError> {
    use GethDebugBuiltInTracerType as BuiltIn;
    let config = &options.tracer_config;
    let tracer = match &options.tracer {
        None => return structured(state, surroundings, call, options.config),
        Some(GethDebugTracerType::BuiltInTracer(tracer)) => *tracer,
        Some(GethDebugTracerType::JsTracer(name)) => {
            return Err(TraceError::Tracer(format!(
                "tracer {name} is not available: use callTracer, prestateTracer, flatCallTracer, 4byteTracer, muxTracer, noopTracer, or none for opcodes"
            )));
        }
    };
    match tracer {
        BuiltIn::CallTracer => {
            let config: CallConfig = configuration(config, GethDebugTracerConfig::into_call_config)?;
            let mut inspector = recorder(TracingInspectorConfig::from_geth_call_config(&config));
            let limit = call.gas_limit;
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            inspector.set_transaction_gas_limit(limit);
            let frame = inspector.geth_builder().geth_call_traces(config, outcome.result.tx_gas_used());
            Ok((frame.into(), outcome))
        }
        BuiltIn::PreStateTracer => {
            let config = configuration(config, GethDebugTracerConfig::into_pre_state_config)?;
            let mut inspector = recorder(TracingInspectorConfig::from_geth_prestate_config(&config));
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            let frame = inspector.geth_builder().geth_prestate_traces(&outcome, &config, &*state)?;
            Ok((frame.into(), outcome))
        }
        BuiltIn::FourByteTracer => {
            let mut inspector = FourByteInspector::default();
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            Ok((FourByteFrame::from(&inspector).into(), outcome))
        }
        BuiltIn::FlatCallTracer => {
            let config = configuration(config, GethDebugTracerConfig::into_flat_call_config)?;
            let mut inspector = recorder(TracingInspectorConfig::from_flat_call_config(&config));
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            let frames = inspector
                .with_transaction_gas_used(outcome.result.tx_gas_used())
                .into_parity_builder()
                .into_localized_transaction_traces(info);
            Ok((frames.into(), outcome))
        }
        BuiltIn::MuxTracer => {
            let config = configuration(config, GethDebugTracerConfig::into_mux_config)?;
            let tracer = |error: revm_inspectors::tracing::MuxError| TraceError::Tracer(error.to_string());
            let mut inspector = MuxInspector::try_from_config(config).map_err(tracer)?;
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            let frame = inspector.try_into_mux_frame(&outcome, &*state, info)?;
            Ok((frame.into(), outcome))
        }
        BuiltIn::NoopTracer => {
            let mut inspector = revm::inspector::NoOpInspector {};
            let outcome = watch(state, surroundings, call, &mut inspector)?;
            Ok((NoopFrame::default().into(), outcome))
        }
        other => Err(TraceError::Tracer(format!("tracer {other:?} is not available"))),
    }
}

/// Opcode by opcode, the tracer without a name.
fn structured(
    state: &mut BlockState,
    surroundings: &Surroundings,
    call: TxEnv,
    config: GethDefaultTracingOptions,
) -> Result<(GethTrace, Outcome), TraceError> {
    let asked = config.limit.filter(|limit| *limit > 0);
    let mut inspector = recorder(TracingInspectorConfig::from_geth_config(&config));
    inspector.config_mut().step_limit = NonZeroU64::new(asked.unwrap_or(u64::MAX).min(STEPS_MAX + 1));
    let outcome = watch(state, surroundings, call, &mut inspector)?;
    if inspector.limit_exceeded() {
        return Err(TraceError::TooLarge(format!("more than {} MiB of memory snapshots", RECORDED_BYTES_MAX >> 20)));
    }
    let output = outcome.result.output().cloned().unwrap_or_default();
    let frame = inspector.geth_builder().geth_traces(outcome.result.tx_gas_used(), output, config);
    if frame.struct_logs.len() as u64 > STEPS_MAX {
        return Err(TraceError::TooLarge(format!("more than {STEPS_MAX} steps")));
    }
    Ok((frame.into(), outcome))
}

fn recorder(config: TracingInspectorConfig) -> TracingInspector {
    let limits =
        TraceLimits::default().set_max_recorded_bytes(Some(RECORDED_BYTES_MAX)).set_behavior(TraceLimitBehavior::Skip);
    TracingInspector::new(config).with_limits(limits)
}

/// A tracer's own configuration; its defaults where there is none.
fn configuration<T: Default>(
    given: &GethDebugTracerConfig,
    parse: impl Fn(GethDebugTracerConfig) -> Result<T, serde_json::Error>,
) -> Result<T, TraceError> {
    if given.is_null() {
        return Ok(T::default());
    }
    parse(given.clone()).map_err(|error| TraceError::Tracer(format!("invalid tracerConfig: {error}")))
}
