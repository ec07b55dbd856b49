//! Filters that are polled (`eth_newFilter` and its kin).

use crate::{dispatch::to_raw, error::RpcError, eth::logs, node::Node, params::Params};
use alloy_primitives::{B256, U64, map::HashMap};
use alloy_rpc_types_eth::Filter;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use std::{sync::Arc, time::Instant};
use tokio::sync::broadcast::{self, error::TryRecvError};

/// All installed filters.
#[derive(Debug, Default)]
pub(crate) struct Filters(Mutex<HashMap<u64, Installed>>);

#[derive(Debug)]
struct Installed {
    kind: Kind,
    /// The first block not yet reported.
    next_block: u64,
    asked: Instant,
}

#[derive(Debug)]
enum Kind {
    Logs(Arc<Filter>),
    Blocks,
    Pending(broadcast::Receiver<B256>),
}

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_newFilter" => match params.required::<Filter>("filter") {
            Err(error) => Err(error),
            Ok(filter) => logs::check(node, &filter).and_then(|()| install(node, Kind::Logs(Arc::new(filter)))),
        },
        "eth_newBlockFilter" => install(node, Kind::Blocks),
        "eth_newPendingTransactionFilter" => install(node, Kind::Pending(node.pool.subscribe())),
        "eth_uninstallFilter" => {
            params.required::<U64>("filter id").and_then(|id| to_raw(&node.filters.0.lock().remove(&id.to()).is_some()))
        }
        "eth_getFilterChanges" => match params.required::<U64>("filter id") {
            Err(error) => Err(error),
            Ok(id) => node.blocking(move |node| changes(node, id.to())).await,
        },
        "eth_getFilterLogs" => match params.required::<U64>("filter id") {
            Err(error) => Err(error),
            Ok(id) => node.blocking(move |node| all_logs(node, id.to())).await,
        },
        _ => return None,
    })
}

fn install(node: &Node, kind: Kind) -> Result<Box<RawValue>, RpcError> {
    let mut filters = node.filters.0.lock();
    let life = node.limits.filter_life;
    filters.retain(|_, installed| installed.asked.elapsed() < life);
    if filters.len() >= node.limits.filters {
        return Err(RpcError::limit("too many filters are installed; uninstall some or try again later"));
    }
    let next_block = node.ledger.store().head().number() + 1;
    // Random, so that nobody guesses another client's filter.
    let id = loop {
        let id = rand::random::<u64>() >> 1;
        if id != 0 && !filters.contains_key(&id) {
            break id;
        }
    };
    filters.insert(id, Installed { kind, next_block, asked: Instant::now() });
    to_raw(&U64::from(id))
}

impl Filters {
    /// After the head went back: what comes now is new.
    pub(crate) fn rewind(&self, head: u64) {
        for installed in self.0.lock().values_mut() {
            installed.next_block = installed.next_block.min(head + 1);
        }
    }
}

fn not_found() -> RpcError {
    RpcError::server("filter not found")
}

/// What came since the last call.
fn changes(node: &Node, id: u64) -> Result<Box<RawValue>, RpcError> {
    let head = node.ledger.store().head().number();
    let (filter, from) = {
        let mut filters = node.filters.0.lock();
        let installed = filters.get_mut(&id).ok_or_else(not_found)?;
        installed.asked = Instant::now();
        if let Kind::Pending(arrivals) = &mut installed.kind {
            return to_raw(&drain(arrivals));
        }
        let from = std::mem::replace(&mut installed.next_block, head + 1);
        match &installed.kind {
            Kind::Logs(filter) => (Some(Arc::clone(filter)), from),
            Kind::Blocks | Kind::Pending(_) => (None, from),
        }
    };
    match filter {
        None => {
            let last = head.min(from.saturating_add(node.limits.log_blocks));
            let blocks =
                (from..=last).map(|number| Ok(node.ledger.store().block(number)?.map(|stored| stored.block.hash)));
            let hashes: Vec<B256> = blocks.filter_map(Result::transpose).collect::<Result<_, RpcError>>()?;
            to_raw(&hashes)
        }
        Some(filter) => {
            let (first, last) = filter.extract_block_range();
            let from = from.max(first.unwrap_or(0));
            let to = head.min(last.unwrap_or(u64::MAX));
            if from > to {
                return to_raw(&[(); 0]);
            }
            let result = logs::in_range(node, &filter, from, to);
            if result.is_err()
                && let Some(installed) = node.filters.0.lock().get_mut(&id)
            {
                // What was not reported must come again.
                installed.next_block = installed.next_block.min(from);
            }
            to_raw(&result?)
        }
    }
}

fn all_logs(node: &Node, id: u64) -> Result<Box<RawValue>, RpcError> {
    let filter = {
        let mut filters = node.filters.0.lock();
        let installed = filters.get_mut(&id).ok_or_else(not_found)?;
        installed.asked = Instant::now();
        match &installed.kind {
            Kind::Logs(filter) => Arc::clone(filter),
            Kind::Blocks | Kind::Pending(_) => return Err(not_found()),
        }
    };
    to_raw(&logs::query(node, &filter)?)
}

fn drain(arrivals: &mut broadcast::Receiver<B256>) -> Vec<B256> {
    let mut hashes = Vec::new();
    loop {
        match arrivals.try_recv() {
            Ok(hash) => hashes.push(hash),
            // Too slow a poller misses some; the pool is no archive.
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return hashes,
        }
    }
}
