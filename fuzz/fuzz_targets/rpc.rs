//! The body of a JSON-RPC request, to a server on a port:
//! never a panic, always JSON or nothing.
#![no_main]

use alloy_primitives::B256;
use ledger_chain::ChainSpec;
use ledger_consensus::{Sealing, ValidatorKey};
use ledger_node::{LedgerNode, NodeOptions, StoreOptions};
use ledger_rpc::{Limits, RpcServer, ServerOptions};
use libfuzzer_sys::fuzz_target;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, LazyLock},
    time::Duration,
};

const GENESIS: &str = r#"{"config":{"chainId":31337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
    "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
    "terminalTotalDifficulty":0,"shanghaiTime":0},"gasLimit":"0x1c9c380","difficulty":"0x0",
    "alloc":{"0x00000000000000000000000000000000000000aa":{"balance":"0x64","code":"0x600160005260206000f3"}}}"#;

/// A node on a port of this machine, for as long as the process runs.
static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("there is a place for a ledger").keep();
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).expect("the genesis is one"));
    let node = LedgerNode::start(NodeOptions {
        store: StoreOptions::new(directory, spec),
        validator: ValidatorKey::from_bytes(&B256::repeat_byte(1)).expect("it is a key"),
        beneficiary: None,
        sealing: Sealing::Instant,
        gas_limit: 30_000_000,
        // Calls are cheap, so that time is spent on the dispatch.
        limits: Limits { call_gas: 100_000, ..Limits::default() },
        dev_keys: None,
        start_time: None,
    })
    .expect("the ledger starts");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let parts = Arc::clone(node.node());
    let bind = RpcServer::bind(([127, 0, 0, 1], 0).into(), parts, ServerOptions::default());
    let server = runtime.block_on(bind).expect("there is a free port");
    let address = server.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        let _ = runtime.block_on(server.serve(std::future::pending()));
        drop(node);
    });
    address
});

fuzz_target!(|bytes: &[u8]| {
    let mut stream = TcpStream::connect(*ADDRESS).expect("the server takes connections");
    stream.set_read_timeout(Some(Duration::from_secs(8))).expect("a timeout can be set");
    let length = bytes.len();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), bytes].concat()).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers in time");
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("the answer is HTTP") + 4;
    if answer.starts_with(b"HTTP/1.1 200") && answer.len() > body {
        serde_json::from_slice::<serde_json::Value>(&answer[body..]).expect("the answer is JSON");
    }
});
