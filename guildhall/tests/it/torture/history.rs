//! Calls at old blocks answer what they answered when the blocks were new.

use super::{each_seed, full};
use crate::program::{DEV_KEYS, Node, SMALL, signed};
use alloy_primitives::{Address, B256, TxKind, U256, address, hex};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

/// Sets a slot when called with two words, and returns one when called with
/// one word.
const STORE: [u8; 33] = hex!(
    "60188060095f395ff3"
    "36602014600e576020355f3555005b5f35545f5260205ff3"
);

/// What is asked at each block.
fn questions(contract: &Value) -> Vec<(&'static str, Value)> {
    let call = |slot: u8| json!({ "to": contract, "input": B256::with_last_byte(slot) });
    let mut questions: Vec<_> = (0..4).map(|slot| ("eth_call", call(slot))).collect();
    questions.extend([
        ("eth_getBalance", json!(recipient(0))),
        ("eth_getBalance", json!(recipient(1))),
        ("eth_getTransactionCount", json!(DEV_KEYS[0].1)),
    ]);
    questions
}

fn recipient(index: u8) -> Address {
    address!("0x00000000000000000000000000000000000bee00").create(index.into())
}

fn ask(node: &Node, contract: &Value, block: u64) -> Vec<Value> {
    let calls: Vec<Value> = questions(contract)
        .into_iter()
        .enumerate()
        .map(|(id, (method, parameter))| {
            json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": [parameter, format!("{block:#x}")] })
        })
        .collect();
    let answers: Vec<Value> = serde_json::from_str(&node.post(&Value::from(calls).to_string())).unwrap();
    answers.into_iter().map(|answer| answer.get("result").cloned().unwrap_or_else(|| panic!("{answer}"))).collect()
}

fn look_back(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut node = Node::start_with(directory.path(), SMALL);
    let (key, _) = DEV_KEYS[0];
    let send = |node: &Node, raw| {
        let answer = node.call("eth_sendRawTransactionSync", json!([raw]));
        assert_eq!(answer["result"]["status"], "0x1", "{answer}");
        answer["result"].clone()
    };
    let created = send(&node, signed(key, 0, TxKind::Create, U256::ZERO, STORE.to_vec()));
    let contract = created["contractAddress"].clone();
    let target: Address = contract.as_str().unwrap().parse().unwrap();
    let mut answered = Vec::new();
    let blocks = if full() { 220 } else { 60 };
    for nonce in 1..blocks {
        let raw = if random.random_bool(0.7) {
            let slot = B256::with_last_byte(random.random_range(0..4));
            let value = B256::from(U256::from(random.random_range(0..3u64)));
            signed(key, nonce, target.into(), U256::ZERO, [slot.0, value.0].concat())
        } else {
            signed(key, nonce, recipient(random.random_range(0..2)).into(), U256::from(nonce), Vec::new())
        };
        let receipt = send(&node, raw);
        let number = receipt["blockNumber"].as_str().unwrap().trim_start_matches("0x");
        let number = u64::from_str_radix(number, 16).unwrap();
        answered.push((number, ask(&node, &contract, number)));
        if random.random_bool(0.03) {
            node.kill();
            node = Node::start_with(directory.path(), SMALL);
        }
    }
    for _ in 0..100 {
        let (number, expected) = &answered[random.random_range(0..answered.len())];
        assert_eq!(ask(&node, &contract, *number), *expected, "at block {number}");
    }
}

#[test]
fn history() {
    each_seed("history", 1, 10, look_back);
}
