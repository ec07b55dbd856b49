//! A node on a port, and plain HTTP to it.

use alloy_primitives::B256;
use ledger_chain::ChainSpec;
use ledger_consensus::ValidatorKey;
use ledger_node::{LedgerNode, NodeOptions, RpcServer, Sealing, ServerOptions, StoreOptions};
use ledger_rpc::Limits;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
};
use tokio::runtime::Runtime;

/// Starts a node, in development mode where it gets keys.
pub(crate) fn start(directory: &Path, spec: Arc<ChainSpec>, dev_keys: Option<Vec<B256>>) -> LedgerNode {
    start_limited(directory, spec, dev_keys, Limits::default())
}

/// The same with other bounds.
pub(crate) fn start_limited(
    directory: &Path,
    spec: Arc<ChainSpec>,
    dev_keys: Option<Vec<B256>>,
    limits: Limits,
) -> LedgerNode {
    LedgerNode::start(NodeOptions {
        gas_limit: spec.genesis().gas_limit,
        store: StoreOptions::new(directory.to_owned(), spec),
        validator: ValidatorKey::from_bytes(&[7; 32].into()).unwrap(),
        beneficiary: None,
        sealing: Sealing::Instant,
        limits,
        dev_keys,
        start_time: None,
    })
    .unwrap()
}

/// Serves the node on a free port.
pub(crate) fn serve(runtime: &Runtime, node: &LedgerNode) -> SocketAddr {
    let local = ([127, 0, 0, 1], 0).into();
    let server = runtime.block_on(RpcServer::bind(local, Arc::clone(node.node()), ServerOptions::default())).unwrap();
    let address = server.local_addr().unwrap();
    runtime.spawn(server.serve(std::future::pending()));
    address
}

/// One HTTP request on a connection of its own.
pub(crate) fn post(address: SocketAddr, body: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    let split = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    serde_json::from_slice(&response[split + 4..])
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&response)))
}

/// The result of a call that must succeed.
pub(crate) fn call(address: SocketAddr, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut answer = post(address, &body.to_string());
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].take()
}
