//! Log queries over the index.

use crate::{convert, error::RpcError, node::Node};
use alloy_eips::BlockNumberOrTag;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use ledger_state::LogKey;
use std::collections::BTreeSet;

/// The logs that match `filter`, in order.
pub(crate) fn query(node: &Node, filter: &Filter) -> Result<Vec<Log>, RpcError> {
    check(node, filter)?;
    let (from, to) = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let stored = node.block(hash.into())?.ok_or_else(|| RpcError::server("unknown block"))?;
            (stored.number(), stored.number())
        }
        FilterBlockOption::Range { from_block, to_block } => {
            let number = |tag: Option<BlockNumberOrTag>| node.number(tag.unwrap_or(BlockNumberOrTag::Latest));
            (number(from_block), number(to_block))
        }
    };
    in_range(node, filter, from, to)
}

/// As the execution API has it, a query may not ask for blocks to come. An
/// installed filter may.
pub(crate) fn check_present(node: &Node, filter: &Filter) -> Result<(), RpcError> {
    let number = |tag: Option<BlockNumberOrTag>| node.number(tag.unwrap_or(BlockNumberOrTag::Latest));
    match filter.block_option {
        FilterBlockOption::Range { from_block, to_block }
            if number(from_block) <= number(to_block) && number(to_block) > node.ledger.store().head().number() =>
        {
            Err(RpcError::params("block range extends beyond current head block"))
        }
        _ => Ok(()),
    }
}

/// The logs that match `filter` in `from..=to`, clamped to the head.
pub(crate) fn in_range(node: &Node, filter: &Filter, from: u64, to: u64) -> Result<Vec<Log>, RpcError> {
    if from > to {
        return Err(RpcError::params(format!("invalid block range: from {from} is after to {to}")));
    }
    // The head first: a huge toBlock must not count as a huge range.
    let to = to.min(node.ledger.store().head().number());
    if from > to {
        return Ok(Vec::new());
    }
    let limit = node.limits.log_blocks;
    if to - from >= limit {
        return Err(RpcError::limit(format!(
            "block range too large: {} blocks, at most {limit}; ask for less at once",
            to - from + 1
        )));
    }
    let mut found = Vec::new();
    for number in candidates(node, filter, from, to)? {
        let Some(stored) = node.ledger.store().block(number)? else { continue };
        if stored.receipts.is_empty() {
            continue;
        }
        found.extend(convert::logs(&stored).filter(|log| filter.matches(&log.inner)));
        let limit = node.limits.log_results;
        if found.len() > limit {
            return Err(RpcError::limit(format!(
                "query returned more than {limit} results; ask for fewer blocks at once"
            )));
        }
    }
    Ok(found)
}

/// Blocks that may match: by addresses, or by the first topic position that
/// is narrowed, from the index; all of them for a filter without either.
fn candidates(node: &Node, filter: &Filter, from: u64, to: u64) -> Result<BTreeSet<u64>, RpcError> {
    let addresses: Vec<LogKey<'_>> = filter.address.iter().map(LogKey::Address).collect();
    let store = node.ledger.store();
    let mut narrowed: Option<BTreeSet<u64>> = None;
    if !addresses.is_empty() {
        narrowed = Some(store.log_blocks(&addresses, from, to)?);
    }
    for (position, topics) in (0u8..).zip(&filter.topics) {
        if topics.is_empty() {
            continue;
        }
        let keys: Vec<LogKey<'_>> = topics.iter().map(|topic| LogKey::Topic(position, topic)).collect();
        let blocks = store.log_blocks(&keys, from, to)?;
        narrowed = Some(match narrowed {
            None => blocks,
            Some(before) => before.intersection(&blocks).copied().collect(),
        });
    }
    Ok(narrowed.unwrap_or_else(|| (from..=to).collect()))
}

/// Refuses filters beyond the limits.
pub(crate) fn check(node: &Node, filter: &Filter) -> Result<(), RpcError> {
    let limits = &node.limits;
    if filter.address.len() > limits.filter_addresses {
        return Err(RpcError::limit(format!("too many addresses: at most {}", limits.filter_addresses)));
    }
    if filter.topics.iter().any(|topics| topics.len() > limits.filter_topics) {
        return Err(RpcError::limit(format!("too many topics in one position: at most {}", limits.filter_topics)));
    }
    Ok(())
}
