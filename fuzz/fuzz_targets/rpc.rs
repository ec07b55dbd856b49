//! The body of a JSON-RPC request, through the server as it stands on a port:
//! never a panic, always JSON or nothing.
#![no_main]

use alloy_primitives::B256;
use axum::{Router, body::Body, http::Request};
use http_body_util::BodyExt;
use ledger_chain::ChainSpec;
use ledger_consensus::{Sealing, ValidatorKey};
use ledger_node::{LedgerNode, NodeOptions, ServerOptions, router};
use ledger_rpc::Limits;
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use tower::ServiceExt;

const GENESIS: &str = r#"{"config":{"chainId":31337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
    "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
    "terminalTotalDifficulty":0,"shanghaiTime":0},"gasLimit":"0x1c9c380","difficulty":"0x0",
    "alloc":{"0x00000000000000000000000000000000000000aa":{"balance":"0x64","code":"0x600160005260206000f3"}}}"#;

struct Running {
    _directory: tempfile::TempDir,
    _node: LedgerNode,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

static RUNNING: LazyLock<Running> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("there is a place for a ledger");
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).expect("the genesis is one"));
    let node = LedgerNode::start(NodeOptions {
        directory: directory.path().to_owned(),
        spec,
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let router = router(Arc::clone(node.node()), ServerOptions::default());
    Running { _directory: directory, _node: node, router, runtime }
});

fuzz_target!(|bytes: &[u8]| {
    let running = &*RUNNING;
    let request = Request::post("/")
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .body(Body::from(bytes.to_vec()))
        .expect("the request is one");
    let body = running.runtime.block_on(async {
        let answer = running.router.clone().oneshot(request).await.expect("the router never fails");
        answer.into_body().collect().await.expect("the answer is whole").to_bytes()
    });
    if !body.is_empty() {
        serde_json::from_slice::<serde_json::Value>(&body).expect("the answer is JSON");
    }
});
