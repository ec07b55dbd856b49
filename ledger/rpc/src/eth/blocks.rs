//! Blocks, transactions and receipts.

use crate::{convert, dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_eips::{BlockId, BlockNumberOrTag, eip2718::Encodable2718};
use alloy_primitives::{B256, Bytes, U64};
use ledger_state::StoredBlock;
use serde_json::{Value, json, value::RawValue};
use std::sync::Arc;

pub(crate) fn call(node: &Node, method: &str, params: &mut Params<'_>) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_chainId" => to_raw(&U64::from(node.ledger.spec().chain_id())),
        "eth_blockNumber" => to_raw(&U64::from(node.ledger.store().head().number())),
        // A single node is never behind itself.
        "eth_syncing" => to_raw(&false),
        "eth_getBlockByNumber" => by_number(node, params, whole_block),
        "eth_getBlockByHash" => by_hash(node, params, whole_block),
        "eth_getBlockTransactionCountByNumber" => by_number(node, params, transaction_count),
        "eth_getBlockTransactionCountByHash" => by_hash(node, params, transaction_count),
        "eth_getUncleCountByBlockNumber" => by_number(node, params, uncle_count),
        "eth_getUncleCountByBlockHash" => by_hash(node, params, uncle_count),
        "eth_getUncleByBlockNumberAndIndex" => by_number(node, params, uncle),
        "eth_getUncleByBlockHashAndIndex" => by_hash(node, params, uncle),
        "eth_getTransactionByBlockNumberAndIndex" => by_number(node, params, transaction_at),
        "eth_getTransactionByBlockHashAndIndex" => by_hash(node, params, transaction_at),
        "eth_getRawTransactionByBlockNumberAndIndex" => by_number(node, params, raw_transaction_at),
        "eth_getRawTransactionByBlockHashAndIndex" => by_hash(node, params, raw_transaction_at),
        "eth_getBlockReceipts" => block_receipts(node, params),
        "eth_getTransactionByHash" => transaction_by_hash(node, params),
        "eth_getTransactionReceipt" => transaction_receipt(node, params),
        "eth_getRawTransactionByHash" | "debug_getRawTransaction" => raw_transaction(node, params),
        "debug_getRawHeader" => debug_block(node, params, |stored| alloy_rlp::encode(&stored.block.header).into()),
        "debug_getRawBlock" => debug_block(node, params, |stored| stored.block.encode().into()),
        "debug_getRawReceipts" => raw_receipts(node, params),
        _ => return None,
    })
}

type OfBlock = fn(&Node, &StoredBlock, &mut Params<'_>) -> Result<Value, RpcError>;

fn by_number(node: &Node, params: &mut Params<'_>, show: OfBlock) -> Result<Box<RawValue>, RpcError> {
    let tag: BlockNumberOrTag = params.required("block number")?;
    show_block(node, node.block(tag.into())?, params, show)
}

fn by_hash(node: &Node, params: &mut Params<'_>, show: OfBlock) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("block hash")?;
    show_block(node, node.block(hash.into())?, params, show)
}

fn show_block(
    node: &Node,
    block: Option<Arc<StoredBlock>>,
    params: &mut Params<'_>,
    show: OfBlock,
) -> Result<Box<RawValue>, RpcError> {
    match block {
        None => to_raw(&Value::Null),
        Some(stored) => to_raw(&show(node, &stored, params)?),
    }
}

fn whole_block(_: &Node, stored: &StoredBlock, params: &mut Params<'_>) -> Result<Value, RpcError> {
    let full = params.optional("full transactions")?.unwrap_or(false);
    serde_json::to_value(convert::block(stored, full)).map_err(RpcError::internal)
}

fn transaction_count(_: &Node, stored: &StoredBlock, _: &mut Params<'_>) -> Result<Value, RpcError> {
    Ok(json!(U64::from(stored.block.transactions.len())))
}

fn uncle_count(_: &Node, stored: &StoredBlock, _: &mut Params<'_>) -> Result<Value, RpcError> {
    Ok(json!(U64::from(stored.block.ommers.len())))
}

fn uncle(_: &Node, stored: &StoredBlock, params: &mut Params<'_>) -> Result<Value, RpcError> {
    let index: U64 = params.required("index")?;
    let header = stored.block.ommers.get(index.to::<usize>());
    let uncle = header.map(|header| alloy_rpc_types_eth::Header::new(header.clone()));
    serde_json::to_value(uncle).map_err(RpcError::internal)
}

fn transaction_at(_: &Node, stored: &StoredBlock, params: &mut Params<'_>) -> Result<Value, RpcError> {
    let index: U64 = params.required("index")?;
    serde_json::to_value(convert::transaction(stored, index.to())).map_err(RpcError::internal)
}

fn raw_transaction_at(_: &Node, stored: &StoredBlock, params: &mut Params<'_>) -> Result<Value, RpcError> {
    let index: U64 = params.required("index")?;
    let raw = stored.block.transactions.get(index.to::<usize>()).map(|tx| Bytes::from(tx.encoded_2718()));
    serde_json::to_value(raw).map_err(RpcError::internal)
}

fn block_receipts(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let id: BlockId = params.required("block")?;
    match node.block(id)? {
        None => to_raw(&Value::Null),
        Some(stored) => {
            let blobs = node.ledger.spec().blob_params(stored.block.header.timestamp);
            to_raw(&convert::receipts(&stored, blobs))
        }
    }
}

/// The block and index of a committed transaction.
pub(crate) fn find(node: &Node, hash: &B256) -> Result<Option<(Arc<StoredBlock>, usize)>, RpcError> {
    let store = node.ledger.store();
    let Some((number, index)) = store.transaction(hash)? else { return Ok(None) };
    // The index is written before the head: the block may not be there yet.
    Ok(store.block(number)?.map(|stored| (stored, index)))
}

fn transaction_by_hash(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("transaction hash")?;
    if let Some((stored, index)) = find(node, &hash)? {
        return to_raw(&convert::transaction(&stored, index));
    }
    let waiting = node.pool.get(&hash).map(|waiting| convert::pending(&waiting.transaction, waiting.sender));
    to_raw(&waiting.transpose()?)
}

/// The receipt of a committed transaction, as JSON.
pub(super) fn receipt(node: &Node, hash: &B256) -> Result<Option<Box<RawValue>>, RpcError> {
    let Some((stored, index)) = find(node, hash)? else { return Ok(None) };
    let blobs = node.ledger.spec().blob_params(stored.block.header.timestamp);
    let receipt = convert::receipts(&stored, blobs).into_iter().nth(index);
    receipt.map(|receipt| to_raw(&receipt)).transpose()
}

fn transaction_receipt(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("transaction hash")?;
    match receipt(node, &hash)? {
        Some(receipt) => Ok(receipt),
        None => to_raw(&Value::Null),
    }
}

fn raw_transaction(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("transaction hash")?;
    if let Some((stored, index)) = find(node, &hash)? {
        return to_raw(&stored.block.transactions.get(index).map(|tx| Bytes::from(tx.encoded_2718())));
    }
    to_raw(&node.pool.get(&hash).map(|pending| Bytes::from(pending.transaction.encoded_2718())))
}

fn debug_block(
    node: &Node,
    params: &mut Params<'_>,
    encode: fn(&StoredBlock) -> Bytes,
) -> Result<Box<RawValue>, RpcError> {
    let id: BlockId = params.required("block")?;
    to_raw(&encode(&*node.existing_block(id)?))
}

fn raw_receipts(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let id: BlockId = params.required("block")?;
    let stored = node.existing_block(id)?;
    to_raw(&stored.receipts.iter().map(|receipt| Bytes::from(receipt.encoded_2718())).collect::<Vec<_>>())
}
