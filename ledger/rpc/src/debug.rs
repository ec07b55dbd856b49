//! `debug_trace…` methods: executing again, and watching.

use crate::{
    dispatch::to_raw,
    error::RpcError,
    eth::{blocks, calls},
    node::Node,
    params::Params,
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;
use alloy_rpc_types_trace::geth::{GethDebugTracingCallOptions, GethDebugTracingOptions, GethTrace};
use ledger_execution::trace::TraceError;
use ledger_state::StoredBlock;
use serde_json::{Value, json, value::RawValue};
use std::sync::Arc;

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "debug_traceTransaction" => trace_transaction(node, params).await,
        "debug_traceBlockByNumber" => {
            let id = params.required::<BlockNumberOrTag>("block number").map(BlockId::from);
            trace_block(node, id, params).await
        }
        "debug_traceBlockByHash" => {
            let id = params.hex::<B256>("block hash").map(BlockId::from);
            trace_block(node, id, params).await
        }
        "debug_traceCall" => trace_call(node, params).await,
        _ => return None,
    })
}

async fn trace_transaction(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("transaction hash")?;
    let options: GethDebugTracingOptions = params.optional("options")?.unwrap_or_default();
    let (stored, index) =
        blocks::find(node, &hash)?.ok_or_else(|| RpcError::server(format!("transaction {hash} not found")))?;
    node.tracing(move |node| to_raw(&shown(node.ledger.trace_transaction(&stored, index, &options)?)?)).await
}

async fn trace_block(
    node: &Arc<Node>,
    id: Result<BlockId, RpcError>,
    params: &mut Params<'_>,
) -> Result<Box<RawValue>, RpcError> {
    let id = id?;
    let options: GethDebugTracingOptions = params.optional("options")?.unwrap_or_default();
    let stored = find_block(node, id)?;
    let limit = node.limits.response_bytes;
    node.tracing(move |node| {
        let mut traces = Vec::with_capacity(stored.block.transactions.len());
        let mut bytes = 0;
        node.ledger.trace_block(&stored, &options, &mut |hash, trace| {
            let entry = to_raw(&json!({ "txHash": hash, "result": shown(trace)? }))?;
            bytes += entry.get().len();
            if bytes > limit {
                return Err(RpcError::limit(format!(
                    "the traces of block {} are larger than {limit} bytes; use callTracer, or trace single transactions",
                    stored.number()
                )));
            }
            traces.push(entry);
            Ok(())
        })?;
        to_raw(&traces)
    })
    .await
}

fn find_block(node: &Node, id: BlockId) -> Result<Arc<StoredBlock>, RpcError> {
    node.block(id)?.ok_or_else(|| match id {
        BlockId::Hash(hash) => RpcError::server(format!("block {} not found", hash.block_hash)),
        BlockId::Number(number) => RpcError::server(format!("block {number} not found")),
    })
}

async fn trace_call(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let request = params.required("call")?;
    let id: BlockId = params.optional("block")?.unwrap_or_default();
    let options: GethDebugTracingCallOptions = params.optional("options")?.unwrap_or_default();
    let call = calls::on_block(node, request, id, options.state_overrides, options.block_overrides)?;
    node.tracing(move |node| to_raw(&shown(node.ledger.trace_call(call, &options.tracing_options)?)?)).await
}

/// A trace as clients expect it: memory in words with the prefix of hex, and
/// no refund, memory or returned data where there is none.
fn shown(trace: GethTrace) -> Result<Value, RpcError> {
    let mut shown = serde_json::to_value(trace).map_err(RpcError::internal)?;
    for step in shown.get_mut("structLogs").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(step) = step.as_object_mut() else { continue };
        step.retain(|key, value| match key.as_str() {
            "refund" => *value != 0,
            "returnData" => *value != "0x",
            "memory" => value.as_array().is_none_or(|words| !words.is_empty()),
            _ => true,
        });
        for word in step.get_mut("memory").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::String(text) = word
                && !text.starts_with("0x")
            {
                *word = format!("0x{text}").into();
            }
        }
    }
    Ok(shown)
}

impl From<TraceError> for RpcError {
    fn from(error: TraceError) -> Self {
        match error {
            TraceError::Tracer(detail) => Self::params(detail),
            TraceError::TooLarge(_) => Self::limit(error.to_string()),
            TraceError::Call(error) => error.into(),
            error => Self::server(error),
        }
    }
}
