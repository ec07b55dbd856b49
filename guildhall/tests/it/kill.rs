//! kill -9 while transactions are being acknowledged.

use crate::program::{Node, transfer};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn what_was_acknowledged_is_there_after_a_kill_with_the_same_block() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(Value, Value)> = Vec::new();
    let mut nonce = 0;
    for round in 0..6u64 {
        let node = Node::start(directory.path());
        for (transaction, block) in &acknowledged {
            let receipt = node.call("eth_getTransactionReceipt", json!([transaction]));
            assert_eq!(receipt["result"]["blockHash"], *block, "round {round}: {receipt}");
        }
        let next = node.call("eth_getTransactionCount", json!([sender(), "latest"]));
        let next = u64::from_str_radix(next["result"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
        // One may have been mined without its answer arriving.
        assert!(next >= nonce && next <= nonce + 1, "{next} after {nonce}");
        nonce = next;
        let port = node.port;
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150 + round * 61));
            node.kill();
        });
        let client = Client { port };
        while let Some(receipt) = client.send(nonce) {
            acknowledged.push((receipt["transactionHash"].clone(), receipt["blockHash"].clone()));
            nonce += 1;
        }
        killer.join().unwrap();
    }
    assert!(acknowledged.len() > 20, "only {} were acknowledged", acknowledged.len());
}

fn sender() -> &'static str {
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
}

struct Client {
    port: u16,
}

impl Client {
    /// The receipt, or `None` once the node is gone.
    fn send(&self, nonce: u64) -> Option<Value> {
        let call = json!({
            "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransactionSync", "params": [transfer(nonce, 31_337)],
        });
        let answer = crate::program::post(self.port, &call.to_string()).ok()?;
        let answer: Value = serde_json::from_str(&answer).ok()?;
        answer.get("result").cloned().or_else(|| panic!("{answer}"))
    }
}
