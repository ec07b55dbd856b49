//! Sending transactions.

use super::blocks::receipt;
use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_primitives::{B256, Bytes};
use serde_json::value::RawValue;
use std::{sync::Arc, time::Duration};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_sendRawTransaction" => params
            .hex::<Bytes>("signed transaction")
            .and_then(|raw| node.submit_raw(&raw))
            .and_then(|hash| to_raw(&hash)),
        "eth_sendRawTransactionSync" => send_and_wait(node, params).await,
        _ => return None,
    })
}

/// EIP-7966: the answer is the receipt, or error 4 with the hash.
async fn send_and_wait(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let raw: Bytes = params.hex("signed transaction")?;
    let wait = match params.optional::<u64>("timeout in milliseconds")? {
        Some(0) => return Err(RpcError::params("invalid argument 1 (timeout in milliseconds): must be above 0")),
        Some(milliseconds) => Duration::from_millis(milliseconds).min(node.limits.sync_wait),
        None => node.limits.sync_wait,
    };
    // Listen before sending, so that the block can't slip through.
    let mut blocks = node.driver.subscribe();
    let hash = node.submit_raw(&raw)?;
    let deadline = Instant::now() + wait;
    loop {
        if let Some(receipt) = receipt(node, &hash)? {
            return Ok(receipt);
        }
        match tokio::time::timeout_at(deadline, blocks.recv()).await {
            Err(_) => return Err(RpcError::sync_timeout(hash)),
            Ok(Err(RecvError::Closed)) => return Err(stopped(node, hash)),
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
        }
    }
}

fn stopped(node: &Node, hash: B256) -> RpcError {
    match node.driver.failure() {
        Some(failure) => RpcError::internal(failure),
        None => RpcError::sync_timeout(hash),
    }
}
