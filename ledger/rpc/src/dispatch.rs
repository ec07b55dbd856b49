//! From the bytes of a request to the bytes of its answer.

use crate::{debug, dev, error::RpcError, eth, filters, net, node::Node, params::Params, payload};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, sync::Arc};

/// A request object of JSON-RPC 2.0.
#[derive(Debug, Deserialize)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) method: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) params: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RpcError>,
}

/// Whoever calls: methods that need a connection are only there with one.
pub(crate) trait Caller: Send + Sync {
    /// Handles a method of the connection itself, such as `eth_subscribe`.
    fn own(&self, method: &str, params: Option<&RawValue>) -> Option<Result<Value, RpcError>>;
}

/// A caller without a connection of its own.
pub(crate) struct Stateless;

impl Caller for Stateless {
    fn own(&self, method: &str, _params: Option<&RawValue>) -> Option<Result<Value, RpcError>> {
        matches!(method, "eth_subscribe" | "eth_unsubscribe").then(|| {
            Err(RpcError {
                code: -32601,
                message: "notifications not supported: connect by WebSocket".into(),
                data: None,
            })
        })
    }
}

/// Answers a body: one request or a batch. `None` where nothing is to be
/// said (only notifications).
pub(crate) async fn handle(node: &Arc<Node>, caller: &dyn Caller, body: &[u8]) -> Option<Vec<u8>> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'[') {
        return match serde_json::from_slice::<&RawValue>(body) {
            Err(error) => Some(failure(None, RpcError::parse(error))),
            Ok(raw) => handle_one(node, caller, raw).await,
        };
    }
    let calls: Vec<&RawValue> = match serde_json::from_slice(body) {
        Ok(calls) => calls,
        Err(error) => return Some(failure(None, RpcError::parse(error))),
    };
    if calls.is_empty() {
        return Some(failure(None, RpcError::request("empty batch")));
    }
    if calls.len() > node.limits.batch_calls {
        let limit = node.limits.batch_calls;
        return Some(failure(None, RpcError::request(format!("batch too large: at most {limit} calls"))));
    }
    let mut out = Vec::with_capacity(calls.len() * 128);
    out.push(b'[');
    for raw in calls {
        let answer = if out.len() > node.limits.response_bytes {
            id_of(raw).map(|id| {
                failure(Some(id), RpcError { code: -32003, message: "response too large".into(), data: None })
            })
        } else {
            handle_one(node, caller, raw).await
        };
        if let Some(answer) = answer {
            if out.len() > 1 {
                out.push(b',');
            }
            out.extend_from_slice(&answer);
        }
    }
    out.push(b']');
    (out.len() > 2).then_some(out)
}

async fn handle_one(node: &Arc<Node>, caller: &dyn Caller, raw: &RawValue) -> Option<Vec<u8>> {
    let request: Request<'_> = match serde_json::from_str(raw.get()) {
        Ok(request) => request,
        Err(_) => {
            let reason = "invalid request: an object with jsonrpc, id, method and params is needed";
            return Some(failure(id_of(raw), RpcError::request(reason)));
        }
    };
    if request.jsonrpc.as_deref() != Some("2.0") {
        return Some(failure(request.id, RpcError::request("invalid request: jsonrpc must be \"2.0\"")));
    }
    if request.id.is_some_and(|id| id.get().starts_with(['{', '['])) {
        return Some(failure(None, RpcError::request("invalid request: id must be a number, a string or null")));
    }
    let result = match caller.own(&request.method, request.params) {
        Some(result) => result.and_then(|value| to_raw(&value)),
        None => call(node, &request).await,
    };
    // A request without id is a notification: it gets no answer.
    let id = request.id?;
    Some(match result {
        Ok(result) if result.get().len() > node.limits.response_bytes => {
            failure(Some(id), RpcError { code: -32003, message: "response too large".into(), data: None })
        }
        Ok(result) => encode(&Answer { jsonrpc: "2.0", id, result: Some(&result), error: None }),
        Err(error) => failure(Some(id), error),
    })
}

async fn call(node: &Arc<Node>, request: &Request<'_>) -> Result<Box<RawValue>, RpcError> {
    let method = request.method.as_ref();
    let mut params = Params::new(request.params)?;
    if let Some(result) = eth::call(node, method, &mut params).await {
        return result;
    }
    if let Some(result) = filters::call(node, method, &mut params).await {
        return result;
    }
    if let Some(result) = net::call(node, method, &mut params) {
        return result;
    }
    if let Some(result) = debug::call(node, method, &mut params).await {
        return result;
    }
    if (node.dev.is_some() || !node.seals)
        && let Some(result) = payload::call(node, method, &mut params).await
    {
        return result;
    }
    if node.dev.is_some()
        && let Some(result) = dev::call(node, method, &mut params).await
    {
        return result;
    }
    Err(RpcError::method(method))
}

/// Serialises a result once; the answer embeds it as it is.
pub(crate) fn to_raw<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, RpcError> {
    serde_json::value::to_raw_value(value).map_err(RpcError::internal)
}

fn id_of(raw: &RawValue) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
    }
    serde_json::from_str::<Id<'_>>(raw.get()).ok()?.id
}

pub(crate) fn failure(id: Option<&RawValue>, error: RpcError) -> Vec<u8> {
    encode(&Answer { jsonrpc: "2.0", id: id.unwrap_or(RawValue::NULL), result: None, error: Some(error) })
}

fn encode(answer: &Answer<'_>) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap_or_else(|_| {
        br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the answer can't be encoded"}}"#.to_vec()
    })
}
