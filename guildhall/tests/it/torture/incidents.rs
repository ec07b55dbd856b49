//! What went wrong elsewhere, as regressions.

use super::full;
use crate::program::{DEV_KEYS, Node, post, signed};
use alloy_primitives::{Address, U256};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

#[test]
fn a_huge_to_block_costs_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    for to in ["0xffffffffffffffff", "0xfffffffffffffffe", "0x7fffffffffffffff"] {
        let started = Instant::now();
        let answer = node.call("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": to }]));
        // Up to the head, or refused as geth does: never looked for.
        let refused = answer["error"]["code"] == -32602;
        assert!(refused || answer["result"] == json!([]), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(5), "it looked at more than there is");
    }
}

#[test]
fn a_filter_over_more_blocks_than_allowed_says_so_and_stays() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let filter = node.call("eth_newFilter", json!([{ "fromBlock": "0x0", "toBlock": "latest" }]))["result"].clone();
    let blocks = if full() { 100_000 } else { 2_000 };
    let mine = |count: u64| {
        let answer = node.call("anvil_mine", json!([format!("{count:#x}")]));
        assert!(answer.get("error").is_none(), "{answer}");
    };
    for _ in 0..blocks / 2_000 {
        mine(2_000);
    }
    if !full() {
        assert_eq!(node.call("eth_getFilterLogs", json!([filter]))["result"], json!([]));
        return;
    }
    // Block 0 counts: one more than the cap.
    let answer = node.call("eth_getFilterLogs", json!([filter]));
    assert!(answer["error"]["message"].as_str().unwrap().contains("block"), "{answer}");
    let inside = node.call("eth_getLogs", json!([{ "fromBlock": "0x1", "toBlock": "latest" }]));
    assert_eq!(inside["result"], json!([]), "exactly at the cap is allowed: {inside}");
    // It asks for what is new and goes on.
    assert!(node.call("eth_getFilterChanges", json!([filter])).get("jsonrpc").is_some());
}

#[test]
fn a_flood_of_reads_does_not_starve_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let stop = AtomicBool::new(false);
    let answered = AtomicU64::new(0);
    let batch: Vec<Value> = (0..200)
        .map(|id| {
            let (method, params) = if id % 2 == 0 {
                ("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": "latest" }]))
            } else {
                ("eth_call", json!([{ "to": Address::ZERO, "gas": "0x2faf080" }, "latest"]))
            };
            json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
        })
        .collect();
    let batch = Value::from(batch).to_string();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    // A refused connection is an answer too.
                    let _ = post(node.port, &batch);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while answered.load(Ordering::Relaxed) < 8 {
            std::thread::yield_now();
        }
        for nonce in 0..50 {
            let raw = signed(DEV_KEYS[0].0, nonce, Address::repeat_byte(7).into(), U256::from(1), Vec::new());
            let answer = node.call("eth_sendRawTransactionSync", json!([raw, 20_000]));
            let mined = answer["result"]["blockHash"].is_string();
            stop.store(!mined, Ordering::Relaxed);
            assert!(mined, "{answer}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) > 0);
}

#[test]
fn concurrent_sends_of_one_sender_in_any_order_are_all_mined() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let count = if full() { 2_000 } else { 200 };
    let hashes: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8u64)
            .map(|thread| {
                let node = &node;
                // Each thread goes backwards: gaps everywhere.
                scope.spawn(move || {
                    let nonces = (0..count).rev().filter(move |nonce| nonce % 8 == thread);
                    nonces
                        .map(|nonce| {
                            let to = Address::repeat_byte(8).into();
                            let raw = signed(DEV_KEYS[0].0, nonce, to, U256::from(1), Vec::new());
                            let answer = node.call("eth_sendRawTransaction", json!([raw]));
                            answer.get("result").cloned().unwrap_or_else(|| panic!("{answer}"))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let nonce = node.call("eth_getTransactionCount", json!([DEV_KEYS[0].1, "latest"]))["result"].clone();
        if nonce == format!("{count:#x}") {
            break;
        }
        assert!(Instant::now() < deadline, "stuck at nonce {nonce}: {}", node.call("txpool_status", json!([])));
        std::thread::sleep(Duration::from_millis(20));
    }
    for hash in hashes.iter().step_by(17) {
        let receipt = node.call("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["result"]["status"], "0x1", "{receipt}");
    }
    let status = node.call("txpool_status", json!([]))["result"].clone();
    assert_eq!(status, json!({ "pending": "0x0", "queued": "0x0" }));
}
