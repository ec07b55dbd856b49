//! `eth_` methods, one file a concern.

pub(crate) mod blocks;
pub(crate) mod calls;
mod capabilities;
mod fees;
pub(crate) mod logs;
mod simulate;
mod state;
mod submit;

use crate::{error::RpcError, node::Node, params::Params};
use serde_json::value::RawValue;
use std::sync::Arc;

type Answer = Option<Result<Box<RawValue>, RpcError>>;

/// Runs `method` if it is one of these.
pub(crate) async fn call(node: &Arc<Node>, method: &str, params: &mut Params<'_>) -> Answer {
    if let Some(answer) = blocks::call(node, method, params) {
        return Some(answer);
    }
    if let Some(answer) = state::call(node, method, params) {
        return Some(answer);
    }
    if let Some(answer) = submit::call(node, method, params).await {
        return Some(answer);
    }
    if let Some(answer) = capabilities::call(node, method) {
        return Some(answer);
    }
    if let Some(answer) = fees::call(node, method, params) {
        return Some(answer);
    }
    if method == "eth_simulateV1" {
        return Some(simulate::call(node, params).await);
    }
    calls::call(node, method, params).await
}
