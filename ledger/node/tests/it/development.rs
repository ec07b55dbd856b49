//! Development methods: changing state, going back, and sending without keys.

use crate::rpc::{self, call};
use alloy_primitives::{Address, B256, address, b256};
use ledger_chain::ChainSpec;
use ledger_node::LedgerNode;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::runtime::Runtime;

pub(crate) const GENESIS: &str = r#"{"config":{"chainId":31337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
    "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
    "terminalTotalDifficulty":0,"shanghaiTime":0,"cancunTime":0,"pragueTime":0,"osakaTime":0,"zeroBaseFee":true,
    "equalTimestamps":true},"gasLimit":"0x1c9c380","difficulty":"0x0",
    "alloc":{"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266":{"balance":"0xde0b6b3a7640000"}}}"#;
pub(crate) const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub(crate) const ALICE_KEY: B256 = b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const BOB: Address = address!("00000000000000000000000000000000000b0b00");

struct Town {
    directory: tempfile::TempDir,
    runtime: Runtime,
    node: LedgerNode,
    address: SocketAddr,
}

fn town() -> Town {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap());
    let node = rpc::start(directory.path(), spec, Some(vec![ALICE_KEY]));
    let address = rpc::serve(&runtime, &node);
    Town { directory, runtime, node, address }
}

impl Town {
    fn ask(&self, method: &str, params: Value) -> Value {
        call(self.address, method, params)
    }

    /// Sends from an account and waits for the receipt.
    fn send(&self, transaction: Value) -> Value {
        let hash = self.ask("eth_sendTransaction", json!([transaction]));
        for _ in 0..200 {
            let receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
            if !receipt.is_null() {
                return receipt;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{hash} was not mined");
    }
}

#[test]
fn state_changed_by_hand_is_there_and_survives_a_restart() {
    let town = town();
    town.ask("anvil_setBalance", json!([BOB, "0x1234"]));
    town.ask("hardhat_setNonce", json!([BOB, "0x7"]));
    // Returns slot 0.
    town.ask("anvil_setCode", json!([BOB, "0x5f545f5260205ff3"]));
    assert_eq!(town.ask("hardhat_setStorageAt", json!([BOB, "0x0", B256::with_last_byte(9)])), true);
    assert_eq!(town.ask("eth_getBalance", json!([BOB, "latest"])), "0x1234");
    assert_eq!(town.ask("eth_getTransactionCount", json!([BOB, "latest"])), "0x7");
    let answer = json!(B256::with_last_byte(9));
    assert_eq!(town.ask("eth_call", json!([{ "to": BOB }, "latest"])), answer);
    assert_eq!(town.ask("eth_getBalance", json!([BOB, "0x0"])), "0x0", "earlier blocks stay as they were");
    let head = town.ask("eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(head["number"], "0x4", "one block a change");

    let Town { directory, runtime, node, .. } = town;
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    node.stop().unwrap();
    drop(node);
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap());
    let node = rpc::start(directory.path(), spec, Some(vec![ALICE_KEY]));
    let runtime = Runtime::new().unwrap();
    let address = rpc::serve(&runtime, &node);
    assert_eq!(call(address, "eth_call", json!([{ "to": BOB }, "latest"])), answer);
    assert_eq!(call(address, "eth_getBlockByNumber", json!(["latest", false])), head);
}

#[test]
fn a_revert_takes_back_blocks_pool_and_filters_and_is_used_up() {
    let town = town();
    town.send(json!({ "from": ALICE, "to": BOB, "value": "0x1" }));
    let before = town.ask("eth_getBlockByNumber", json!(["latest", true]));
    let snapshot = town.ask("evm_snapshot", json!([]));
    let filter = town.ask("eth_newBlockFilter", json!([]));
    let receipt = town.send(json!({ "from": ALICE, "to": BOB, "value": "0x2" }));
    town.ask("evm_setAutomine", json!([false]));
    town.ask("eth_sendTransaction", json!([{ "from": ALICE, "to": BOB, "value": "0x4", "gas": "0x5208" }]));

    assert_eq!(town.ask("evm_revert", json!([snapshot])), true);
    assert_eq!(town.ask("eth_getBlockByNumber", json!(["latest", true])), before);
    assert_eq!(town.ask("eth_getBalance", json!([BOB, "latest"])), "0x1");
    assert_eq!(town.ask("eth_getTransactionReceipt", json!([receipt["transactionHash"]])), Value::Null);
    assert_eq!(town.ask("txpool_status", json!([])), json!({ "pending": "0x0", "queued": "0x0" }));
    assert_eq!(town.ask("evm_revert", json!([snapshot])), false, "a snapshot is good once");

    town.ask("evm_setAutomine", json!([true]));
    let again = town.send(json!({ "from": ALICE, "to": BOB, "value": "0x8" }));
    assert_eq!(again["blockNumber"], "0x2");
    assert_eq!(town.ask("eth_getBalance", json!([BOB, "latest"])), "0x9");
    assert_eq!(town.ask("eth_getFilterChanges", json!([filter])), json!([again["blockHash"]]));
    // Old blocks are asked by number through a cache: it must not show them.
    assert_eq!(town.ask("eth_getBlockByNumber", json!(["0x2", false]))["hash"], again["blockHash"]);
}

#[test]
fn accounts_and_contracts_can_be_impersonated_until_they_are_not() {
    let town = town();
    town.ask("anvil_setBalance", json!([BOB, "0xde0b6b3a7640000"]));
    town.ask("anvil_setCode", json!([BOB, "0x00"]));
    let sending = json!({ "from": BOB, "to": ALICE, "value": "0x5" });
    let refused = rpc::post(
        town.address,
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendTransaction", "params": [sending] }).to_string(),
    );
    assert!(refused["error"]["message"].as_str().unwrap().contains("unknown account"), "{refused}");
    town.ask("hardhat_impersonateAccount", json!([BOB]));
    let receipt = town.send(sending.clone());
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["from"], json!(BOB));
    let trace = town.ask("debug_traceTransaction", json!([receipt["transactionHash"], { "tracer": "callTracer" }]));
    assert_eq!(trace["value"], "0x5");
    town.ask("hardhat_stopImpersonatingAccount", json!([BOB]));
    let refused = rpc::post(
        town.address,
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendTransaction", "params": [sending] }).to_string(),
    );
    assert!(refused.get("error").is_some(), "{refused}");
}
