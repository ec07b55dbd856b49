//! `net_`, `web3_` and `txpool_` methods.

use crate::{convert, dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, Bytes, keccak256};
use ledger_txpool::Content;
use serde_json::{Map, Value, json, value::RawValue};

/// What this node calls itself.
pub(crate) const CLIENT: &str = concat!("guildhall/v", env!("CARGO_PKG_VERSION"), "/rust");

pub(crate) fn call(node: &Node, method: &str, params: &mut Params<'_>) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "net_version" => to_raw(&node.ledger.spec().chain_id().to_string()),
        "net_listening" => to_raw(&true),
        "net_peerCount" => to_raw("0x0"),
        "web3_clientVersion" => to_raw(CLIENT),
        "web3_sha3" => params.hex::<Bytes>("data").and_then(|data| to_raw(&keccak256(data))),
        "txpool_status" => {
            let (pending, queued) = node.pool.status();
            to_raw(&json!({ "pending": format!("{pending:#x}"), "queued": format!("{queued:#x}") }))
        }
        "txpool_content" => {
            let (pending, queued) = node.pool.content();
            to_raw(&json!({ "pending": content(&pending), "queued": content(&queued) }))
        }
        "txpool_contentFrom" => params.hex::<Address>("address").and_then(|address| {
            let (pending, queued) = node.pool.content();
            to_raw(&json!({ "pending": of_sender(&pending, address), "queued": of_sender(&queued, address) }))
        }),
        _ => return None,
    })
}

fn content(content: &Content) -> Value {
    content.keys().map(|sender| (sender.to_string(), of_sender(content, *sender))).collect::<Map<_, _>>().into()
}

fn of_sender(content: &Content, sender: Address) -> Value {
    let transactions = content.get(&sender).into_iter().flatten();
    transactions
        .map(|(_, transaction)| {
            let shown = convert::pending(transaction, sender).unwrap_or_default();
            (transaction.nonce().to_string(), shown)
        })
        .collect::<Map<_, _>>()
        .into()
}
