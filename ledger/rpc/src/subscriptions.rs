//! `eth_subscribe` on one WebSocket connection.

use crate::{convert, dispatch::Caller, error::RpcError, eth::logs, node::Node, params::Params};
use alloy_primitives::{B256, U64, map::HashMap};
use alloy_rpc_types_eth::{Filter, pubsub};
use parking_lot::Mutex;
use serde_json::{Value, json, value::RawValue};
use std::sync::Arc;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    task::JoinHandle,
};

/// The subscriptions of one connection; they end with it.
pub(crate) struct Subscriptions {
    node: Arc<Node>,
    out: mpsc::Sender<Vec<u8>>,
    tasks: Mutex<HashMap<u64, JoinHandle<()>>>,
}

impl Subscriptions {
    pub(crate) fn new(node: Arc<Node>, out: mpsc::Sender<Vec<u8>>) -> Self {
        Self { node, out, tasks: Mutex::default() }
    }

    fn subscribe(&self, params: Option<&RawValue>) -> Result<Value, RpcError> {
        let mut params = Params::new(params)?;
        let kind: pubsub::SubscriptionKind = params.required("subscription")?;
        let mut tasks = self.tasks.lock();
        tasks.retain(|_, task| !task.is_finished());
        let limit = self.node.limits.subscriptions;
        if tasks.len() >= limit {
            return Err(RpcError::limit(format!("too many subscriptions: at most {limit} a connection")));
        }
        let id = rand::random::<u64>() >> 1;
        let sink = Sink { id: U64::from(id), out: self.out.clone() };
        let node = Arc::clone(&self.node);
        let task = match kind {
            pubsub::SubscriptionKind::NewHeads => tokio::spawn(new_heads(node, sink)),
            pubsub::SubscriptionKind::Logs => {
                let filter: Filter = params.optional("filter")?.unwrap_or_default();
                logs::check(&self.node, &filter)?;
                tokio::spawn(new_logs(node, sink, filter))
            }
            pubsub::SubscriptionKind::NewPendingTransactions => {
                let full = params.optional("full transactions")?.unwrap_or(false);
                tokio::spawn(new_pending(node, sink, full))
            }
            other => return Err(RpcError::params(format!("no \"{other:?}\" subscription here"))),
        };
        tasks.insert(id, task);
        Ok(json!(U64::from(id)))
    }

    fn unsubscribe(&self, params: Option<&RawValue>) -> Result<Value, RpcError> {
        let id: U64 = Params::new(params)?.required("subscription id")?;
        let task = self.tasks.lock().remove(&id.to::<u64>());
        if let Some(task) = &task {
            task.abort();
        }
        Ok(json!(task.is_some()))
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for task in self.tasks.get_mut().values() {
            task.abort();
        }
    }
}

impl Caller for Subscriptions {
    fn own(&self, method: &str, params: Option<&RawValue>) -> Option<Result<Value, RpcError>> {
        match method {
            "eth_subscribe" => Some(self.subscribe(params)),
            "eth_unsubscribe" => Some(self.unsubscribe(params)),
            _ => None,
        }
    }
}

/// Where one subscription's notifications go.
struct Sink {
    id: U64,
    out: mpsc::Sender<Vec<u8>>,
}

impl Sink {
    /// `false` when the client is gone or too slow: its queue is full, and
    /// waiting for it would keep blocks in memory.
    fn send(&self, result: &Value) -> bool {
        let message = json!({
            "jsonrpc": "2.0",
            "method": "eth_subscription",
            "params": { "subscription": self.id, "result": result },
        });
        self.out.try_send(message.to_string().into_bytes()).is_ok()
    }
}

async fn new_heads(node: Arc<Node>, sink: Sink) {
    let mut blocks = node.driver.subscribe();
    while let Ok(stored) = blocks.recv().await {
        let header = serde_json::to_value(convert::header(&stored)).unwrap_or_default();
        if !sink.send(&header) {
            return;
        }
    }
}

async fn new_logs(node: Arc<Node>, sink: Sink, filter: Filter) {
    let mut blocks = node.driver.subscribe();
    while let Ok(stored) = blocks.recv().await {
        for log in convert::logs(&stored).filter(|log| filter.matches(&log.inner)) {
            if !sink.send(&serde_json::to_value(log).unwrap_or_default()) {
                return;
            }
        }
    }
}

async fn new_pending(node: Arc<Node>, sink: Sink, full: bool) {
    let mut arrivals = node.pool.subscribe();
    loop {
        let hash: B256 = match arrivals.recv().await {
            Ok(hash) => hash,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let shown = match node.pool.get(&hash) {
            Some(waiting) if full => convert::pending(&waiting.transaction, waiting.sender),
            None if full => continue,
            _ => Ok(serde_json::json!(hash)),
        };
        if !sink.send(&shown.unwrap_or_default()) {
            return;
        }
    }
}
