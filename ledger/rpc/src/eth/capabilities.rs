//! What this node can do, and the rules it follows.

use crate::{dispatch::to_raw, error::RpcError, node::Node};
use alloy_eips::eip7910::SystemContract;
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, Bytes, U64};
use serde_json::{Value, json, value::RawValue};
use std::collections::BTreeMap;

pub(crate) fn call(node: &Node, method: &str) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_capabilities" => capabilities(node),
        "eth_config" => config(node),
        _ => return None,
    })
}

/// Which blocks can be asked about. Blocks, receipts and logs are kept for
/// good; state as long as the node's history setting says.
fn capabilities(node: &Node) -> Result<Box<RawValue>, RpcError> {
    let store = node.ledger.store();
    let head = store.head();
    let kept = |oldest: u64| json!({ "disabled": false, "oldestBlock": U64::from(oldest) });
    let mut logs = kept(0);
    // A window that no chain grows out of: nothing is deleted.
    logs["deleteStrategy"] = json!({ "type": "window", "retentionBlocks": U64::from(i64::MAX.unsigned_abs()) });
    to_raw(&json!({
        "head": { "number": U64::from(head.number()), "hash": head.block.hash },
        "state": kept(store.oldest_state()),
        "tx": kept(0),
        "logs": logs,
        "receipts": kept(0),
        "blocks": kept(0),
        "stateproofs": kept(store.oldest_proof()),
    }))
}

/// EIP-7910: the rules in force, and those to come.
fn config(node: &Node) -> Result<Box<RawValue>, RpcError> {
    let spec = node.ledger.spec();
    let now = node.ledger.store().head().block.header.timestamp;
    let times = spec.fork_times();
    let current = times.iter().rev().find(|time| **time <= now).copied().unwrap_or(spec.genesis().timestamp);
    let next = times.iter().find(|time| **time > now).copied();
    let last = next.and(times.last().copied());
    to_raw(&json!({
        "current": fork(node, current),
        "next": next.map(|time| fork(node, time)),
        "last": last.map(|time| fork(node, time)),
    }))
}

/// The rules of the fork that is active from `time` on.
fn fork(node: &Node, time: u64) -> Value {
    let spec = node.ledger.spec();
    let activation = if time <= spec.genesis().timestamp { 0 } else { time };
    let mut contracts: BTreeMap<SystemContract, Address> = BTreeMap::new();
    if spec.is_cancun_active_at_timestamp(time) {
        contracts.extend(SystemContract::cancun());
    }
    if spec.is_prague_active_at_timestamp(time) {
        contracts.extend(SystemContract::prague(spec.deposit_contract()));
    }
    json!({
        "activationTime": activation,
        "blobSchedule": spec.blob_params(time).map(|params| json!({
            "baseFeeUpdateFraction": u64::try_from(params.update_fraction).unwrap_or(u64::MAX),
            "max": params.max_blob_count,
            "target": params.target_blob_count,
        })),
        "chainId": U64::from(spec.chain_id()),
        "forkId": Bytes::copy_from_slice(&spec.fork_hash(time).0),
        "precompiles": node.ledger.precompiles(time),
        "systemContracts": contracts,
    })
}
