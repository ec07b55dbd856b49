//! Going back to an earlier state of the chain.

use super::Number;
use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_primitives::{B256, U64};
use parking_lot::Mutex;
use serde_json::{Map, Value, json, value::RawValue};
use std::{collections::BTreeMap, sync::Arc};

/// Snapshots that can be gone back to, by number. They live as long as the
/// process.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    snapshots: BTreeMap<u64, Snapshot>,
}

#[derive(Debug, Clone, Copy)]
struct Snapshot {
    block: u64,
    hash: B256,
    clock_offset: i64,
}

impl Snapshots {
    /// All of them, for `anvil_metadata`.
    pub(super) fn all(&self) -> Value {
        let taken = self.0.lock();
        let shown =
            taken.snapshots.iter().map(|(id, snapshot)| (format!("{id:#x}"), json!([snapshot.block, snapshot.hash])));
        Value::Object(shown.collect::<Map<_, _>>())
    }
}

pub(super) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "evm_snapshot" | "anvil_snapshot" => take(node),
        "evm_revert" | "anvil_revert" => match params.required::<Number>("snapshot id") {
            Ok(id) => revert(node, id).await,
            Err(error) => Err(error),
        },
        _ => return None,
    })
}

fn take(node: &Node) -> Result<Box<RawValue>, RpcError> {
    let head = node.ledger.store().head();
    let snapshot = Snapshot { block: head.number(), hash: head.block.hash, clock_offset: node.driver.clock().offset() };
    let mut taken = node.development.snapshots.0.lock();
    taken.next += 1;
    let id = taken.next;
    taken.snapshots.insert(id, snapshot);
    to_raw(&U64::from(id))
}

/// Goes back; the snapshot and all that were taken after it are used up.
/// What waits in the pool is dropped. False for a snapshot that is not there.
async fn revert(node: &Arc<Node>, id: Number) -> Result<Box<RawValue>, RpcError> {
    let id = id.get()?;
    let snapshot = {
        let mut taken = node.development.snapshots.0.lock();
        let snapshot = taken.snapshots.get(&id).copied();
        taken.snapshots.retain(|other, _| *other < id);
        snapshot
    };
    let Some(snapshot) = snapshot else { return to_raw(&false) };
    node.blocking(move |node| {
        let store = node.ledger.store();
        let there = store.block(snapshot.block)?.is_some_and(|stored| stored.block.hash == snapshot.hash);
        if !there {
            return to_raw(&false);
        }
        node.driver.exclusively(|| {
            node.pool.clear();
            let head = store.rewind(snapshot.block)?;
            node.filters.rewind(snapshot.block);
            node.driver.clock().set_offset(snapshot.clock_offset);
            Ok::<_, RpcError>(head)
        })?;
        to_raw(&true)
    })
    .await
}
