//! `eth_simulateV1`: blocks that are executed and never committed.

use crate::{convert, dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_eips::{BlockId, eip4895::Withdrawals};
use alloy_primitives::{B256, Bytes, U64};
use alloy_rpc_types_eth::{BlockOverrides, Log, TransactionRequest, state::StateOverride};
use ledger_execution::simulate_blocks::{
    Ending, SimulatedBlock, SimulatedCall, SimulatedCalls, Simulation, SimulationError,
};
use ledger_state::StoredBlock;
use revm::context::result::InvalidTransaction;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    #[serde(default)]
    block_state_calls: Vec<BlockCalls>,
    #[serde(default)]
    trace_transfers: bool,
    #[serde(default)]
    validation: bool,
    #[serde(default)]
    return_full_transactions: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockCalls {
    block_overrides: Option<Overrides>,
    state_overrides: Option<StateOverride>,
    #[serde(default)]
    calls: Vec<TransactionRequest>,
}

#[derive(Deserialize)]
struct Overrides {
    #[serde(flatten)]
    values: BlockOverrides,
    withdrawals: Option<Withdrawals>,
}

pub(crate) async fn call(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let payload: Payload = params.required("simulation")?;
    let id: BlockId = params.optional("block")?.unwrap_or_default();
    if payload.block_state_calls.is_empty() {
        return Err(RpcError::params("empty input: blockStateCalls has no block"));
    }
    let base = node.existing_block(id)?;
    let view = node.ledger.store().view_at(base.number())?;
    let full = payload.return_full_transactions;
    let simulation = Simulation {
        base,
        view,
        blocks: payload.block_state_calls.into_iter().map(BlockCalls::into_calls).collect(),
        validate: payload.validation,
        trace_transfers: payload.trace_transfers,
        gas_cap: node.limits.call_gas,
    };
    node.blocking(move |node| {
        let blocks = node.ledger.simulate_blocks(simulation).map_err(refusal)?;
        to_raw(&blocks.into_iter().map(|block| answer(block, full)).collect::<Result<Vec<_>, _>>()?)
    })
    .await
}

impl BlockCalls {
    fn into_calls(self) -> SimulatedCalls {
        let (block_overrides, withdrawals) = match self.block_overrides {
            Some(overrides) => (overrides.values, overrides.withdrawals),
            None => (BlockOverrides::default(), None),
        };
        SimulatedCalls { block_overrides, withdrawals, state_overrides: self.state_overrides, calls: self.calls }
    }
}

fn answer(simulated: SimulatedBlock, full: bool) -> Result<Value, RpcError> {
    let stored = StoredBlock::new(simulated.block, Vec::new(), Bytes::new());
    let mut answer = serde_json::to_value(convert::block(&stored, full)).map_err(RpcError::internal)?;
    if full && let Some(transactions) = answer["transactions"].as_array_mut() {
        // A legacy transaction without a signature has a v of zero, which
        // no signed one has.
        for transaction in transactions.iter_mut().filter(|transaction| transaction["type"] == "0x0") {
            transaction["v"] = "0x0".into();
        }
    }
    let hashes: Vec<B256> = stored.block.transactions.iter().map(|transaction| *transaction.tx_hash()).collect();
    let calls: Vec<Value> = simulated
        .calls
        .into_iter()
        .enumerate()
        .map(|(index, call)| outcome(call, index, hashes.get(index).copied(), &stored))
        .collect();
    answer["calls"] = calls.into();
    Ok(answer)
}

fn outcome(call: SimulatedCall, index: usize, hash: Option<B256>, stored: &StoredBlock) -> Value {
    let logs: Vec<Log> = call
        .logs
        .into_iter()
        .map(|(log_index, inner)| Log {
            inner,
            block_hash: Some(stored.block.hash),
            block_number: Some(stored.number()),
            block_timestamp: Some(stored.block.header.timestamp),
            transaction_hash: hash,
            transaction_index: Some(index as u64),
            log_index: Some(log_index),
            removed: false,
        })
        .collect();
    let none = Bytes::new();
    let mut answer = json!({
        "returnData": if call.ending == Ending::Success { &call.output } else { &none },
        "logs": logs,
        "gasUsed": U64::from(call.gas_used),
        "maxUsedGas": U64::from(call.gas_used_max),
        "status": U64::from(call.ending == Ending::Success),
    });
    match call.ending {
        Ending::Success => {}
        Ending::Reverted => answer["error"] = json!(RpcError::reverted(&call.output)),
        Ending::Halted(reason) => answer["error"] = json!({ "code": -32015, "message": reason }),
    }
    answer
}

/// The codes of the execution API for what is wrong with a simulation.
fn refusal(error: SimulationError) -> RpcError {
    let code = match &error {
        SimulationError::Number { .. } => -38_020,
        SimulationError::Timestamp { .. } => -38_021,
        SimulationError::TooManyBlocks => -38_026,
        SimulationError::BlockGas { .. } => -38_015,
        SimulationError::Transaction { rule, .. } => transaction_code(rule),
        SimulationError::Precompile(_) | SimulationError::Request(_) => -32_000,
        SimulationError::Execution(_) | SimulationError::State(_) => -32_603,
    };
    RpcError { code, message: error.to_string(), data: None }
}

fn transaction_code(rule: &InvalidTransaction) -> i64 {
    use InvalidTransaction as Rule;
    match rule {
        Rule::NonceTooLow { .. } => -38_010,
        Rule::NonceTooHigh { .. } => -38_011,
        Rule::GasPriceLessThanBasefee => -38_012,
        Rule::CallGasCostMoreThanGasLimit { .. } => -38_013,
        Rule::LackOfFundForMaxFee { .. } => -38_014,
        Rule::RejectCallerWithCode => -38_024,
        Rule::CreateInitCodeSizeLimit => -38_025,
        Rule::PriorityFeeGreaterThanMaxFee => -32_602,
        _ => -32_603,
    }
}
