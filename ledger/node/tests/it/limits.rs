//! Every bound of the open port, exceeded: the answer is an error that says
//! so, the node goes on, and its memory stays where it was.

use crate::{
    development::{ALICE, ALICE_KEY, GENESIS},
    rpc::{self, call},
};
use alloy_primitives::{Address, B256};
use futures_util::{SinkExt, StreamExt};
use ledger_chain::ChainSpec;
use ledger_node::LedgerNode;
use ledger_rpc::Limits;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;
use tokio_tungstenite::{connect_async, tungstenite::Message};

struct Port {
    address: SocketAddr,
    runtime: Runtime,
    _node: LedgerNode,
    _directory: tempfile::TempDir,
}

fn port(limits: Limits) -> Port {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap());
    let node = rpc::start_limited(directory.path(), spec, Some(vec![ALICE_KEY]), limits);
    let address = rpc::serve(&runtime, &node);
    Port { address, runtime, _node: node, _directory: directory }
}

impl Port {
    fn ask(&self, method: &str, params: Value) -> Value {
        rpc::post(self.address, &json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string())
    }

    /// The error of a call that goes too far.
    fn refused(&self, method: &str, params: Value) -> String {
        let answer = self.ask(method, params);
        let message = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{method}: {answer}"));
        message.to_owned()
    }

    /// The node still does its work.
    fn lives(&self) {
        let before = call(self.address, "eth_blockNumber", json!([]));
        call(self.address, "evm_mine", json!([]));
        assert_ne!(call(self.address, "eth_blockNumber", json!([])), before);
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

/// A contract that answers any call with `log0` of nothing, so many times.
fn logger(times: u8) -> String {
    // PUSH1 times; loop: JUMPDEST PUSH0 PUSH0 LOG0 PUSH1 1 SWAP1 SUB DUP1 PUSH1 2 JUMPI
    format!("0x60{times:02x}5b5f5fa0600190038060025700")
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let port = port(Limits::default());
    // The first answer makes what every later one uses.
    port.lives();
    let before = resident_bytes();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(port.address).unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 900000000\r\n\r\n",
            port.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut answer = [0; 512];
        let length = stream.read(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(text.starts_with("HTTP/1.1 413"), "{text}");
    }
    assert!(resident_bytes() < before + (64 << 20));
    port.lives();
}

#[test]
fn batches_are_bounded_in_calls_and_in_bytes_of_answers() {
    let port = port(Limits { response_bytes: 64 << 10, batch_calls: 50, ..Limits::default() });
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let many = format!("[{}]", vec![one; 51].join(","));
    assert_eq!(rpc::post(port.address, &many)["error"]["code"], -32600);
    call(port.address, "anvil_setCode", json!([Address::repeat_byte(7), format!("0x{}", "00".repeat(9_000))]));
    let large = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_getCode", "params": [Address::repeat_byte(7)] });
    let answers = rpc::post(port.address, &json!(vec![large; 40]).to_string());
    let text = answers.to_string();
    assert!(text.len() < 100 << 10, "{} bytes", text.len());
    assert!(text.contains("too large"), "the rest is refused in words");
    port.lives();
}

#[test]
fn a_call_may_use_so_much_gas_and_time() {
    let port = port(Limits { call_gas: 5_000_000, call_time: Duration::from_millis(800), ..Limits::default() });
    let endless = Address::repeat_byte(9);
    call(port.address, "anvil_setCode", json!([endless, "0x5b5f56"]));
    let started = Instant::now();
    let message = port.refused("eth_call", json!([{ "to": endless, "gas": "0xffffffffff" }, "latest"]));
    assert!(message.contains("out of gas"), "{message}");
    assert!(started.elapsed() < Duration::from_secs(5));
    port.lives();
}

#[test]
fn log_queries_are_bounded_in_blocks_results_addresses_and_topics() {
    let port = port(Limits { log_blocks: 10, log_results: 100, ..Limits::default() });
    let contract = Address::repeat_byte(5);
    call(port.address, "anvil_setCode", json!([contract, logger(90)]));
    for _ in 0..2 {
        let hash = call(port.address, "eth_sendTransaction", json!([{ "from": ALICE, "to": contract }]));
        while call(port.address, "eth_getTransactionReceipt", json!([hash])).is_null() {}
    }
    let message = port.refused("eth_getLogs", json!([{ "fromBlock": "0x0", "address": contract }]));
    assert!(message.contains("100 results"), "{message}");
    call(port.address, "anvil_mine", json!(["0x14"]));
    let message = port.refused("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": "latest" }]));
    assert!(message.contains("block range too large"), "{message}");
    let addresses: Vec<Address> = (0..1_001u32).map(|n| Address::left_padding_from(&n.to_be_bytes())).collect();
    assert!(port.refused("eth_getLogs", json!([{ "address": addresses }])).contains("too many addresses"));
    let topics: Vec<B256> = (0..1_001u32).map(|n| B256::left_padding_from(&n.to_be_bytes())).collect();
    assert!(port.refused("eth_getLogs", json!([{ "topics": [topics] }])).contains("too many topics"));
    port.lives();
}

#[test]
fn proofs_histories_and_simulations_are_bounded() {
    let port = port(Limits::default());
    let slots: Vec<B256> = (0..1_025u32).map(|n| B256::left_padding_from(&n.to_be_bytes())).collect();
    assert!(port.refused("eth_getProof", json!([ALICE, slots, "latest"])).contains("too many storage keys"));
    let many = json!([{ "blockStateCalls": [{ "blockOverrides": { "number": "0x101" } }] }, "0x0"]);
    assert_eq!(port.ask("eth_simulateV1", many)["error"]["code"], -38026);
    let percentiles: Vec<f64> = (0..101).map(|n| f64::from(n) / 2.0).collect();
    assert!(port.refused("eth_feeHistory", json!(["0x1", "latest", percentiles])).contains("at most 100"));
    let history = call(port.address, "eth_feeHistory", json!(["0xffffff", "latest", []]));
    assert_eq!(history["oldestBlock"], "0x0");
    assert!(port.refused("anvil_mine", json!(["0xffffffff"])).contains("at most"));
    port.lives();
}

#[test]
fn filters_are_bounded_and_forgotten_when_nobody_asks() {
    let port = port(Limits { filters: 20, filter_life: Duration::from_millis(200), ..Limits::default() });
    let first = call(port.address, "eth_newBlockFilter", json!([]));
    for _ in 1..20 {
        call(port.address, "eth_newBlockFilter", json!([]));
    }
    assert!(port.refused("eth_newBlockFilter", json!([])).contains("too many filters"));
    std::thread::sleep(Duration::from_millis(300));
    call(port.address, "eth_newBlockFilter", json!([]));
    assert!(port.refused("eth_getFilterChanges", json!([first])).contains("filter not found"));
    port.lives();
}

#[test]
fn connections_and_subscriptions_are_bounded_and_come_free_again() {
    let port = port(Limits { connections: 6, subscriptions: 3, ..Limits::default() });
    port.runtime.block_on(async {
        let url = format!("ws://{}", port.address);
        let (mut socket, _) = connect_async(&url).await.unwrap();
        let mut answers = Vec::new();
        for id in 0..4 {
            let body = json!({ "jsonrpc": "2.0", "id": id, "method": "eth_subscribe", "params": ["newHeads"] });
            socket.send(Message::text(body.to_string())).await.unwrap();
            let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
            answers.push(serde_json::from_str::<Value>(&answer).unwrap());
        }
        assert!(answers[2]["result"].is_string(), "{answers:?}");
        assert!(answers[3]["error"]["message"].as_str().unwrap().contains("subscriptions"), "{answers:?}");

        let mut others = Vec::new();
        while others.len() < 20 {
            let Ok(Ok((other, _))) = tokio::time::timeout(Duration::from_secs(1), connect_async(&url)).await else {
                break;
            };
            others.push(other);
        }
        assert_eq!(others.len(), 5, "six connections in all");
        drop(others);
        tokio::time::sleep(Duration::from_millis(200)).await;
        connect_async(&url).await.unwrap();
    });
    port.lives();
}

#[test]
fn a_flood_of_traces_keeps_to_its_own_places_and_blocks_go_on() {
    let port = port(Limits { trace_time: Duration::from_millis(600), ..Limits::default() });
    let busy = Address::repeat_byte(3);
    call(port.address, "anvil_setCode", json!([busy, "0x5b5f56"]));
    let flood = json!({ "jsonrpc": "2.0", "id": 1, "method": "debug_traceCall",
        "params": [{ "to": busy, "gas": "0x1c9c380" }, "latest", { "disableStack": true }] })
    .to_string();
    let before = resident_bytes();
    std::thread::scope(|scope| {
        let floods: Vec<_> = (0..24).map(|_| scope.spawn(|| rpc::post(port.address, &flood))).collect();
        let started = Instant::now();
        for _ in 0..20 {
            call(port.address, "evm_mine", json!([]));
        }
        assert!(started.elapsed() < Duration::from_secs(5), "20 blocks took {:?}", started.elapsed());
        for flood in floods {
            let answer = flood.join().unwrap();
            assert!(answer.get("error").is_some(), "an endless trace has no result");
        }
    });
    assert!(resident_bytes() < before + (1 << 30), "traces are bounded in memory");
    port.lives();
}
