//! kill -9 at random moments under load, with checkpoints and new segments
//! all the time.

use super::each_seed;
use crate::program::{DEV_KEYS, Node, SMALL, post, program, signed};
use alloy_primitives::{Address, U256};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Kills of each case, on one directory.
const KILLS: u64 = 5;

/// Hash of a transaction and of its block, as the node acknowledged them.
type Acknowledged = (Value, Value);

/// How long starts after kills took.
#[derive(Default)]
struct Starts(Vec<Duration>);

impl Starts {
    fn node(&mut self, directory: &Path) -> Node {
        let started = Instant::now();
        let node = Node::start_with(directory, SMALL);
        self.0.push(started.elapsed());
        node
    }
}

/// Sends one transaction after another until the node is gone.
fn client(port: u16, key: &str, mut nonce: u64, mut random: StdRng) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    loop {
        // Old and new accounts, so that tries grow and change.
        let to = Address::with_last_byte(random.random()).create(random.random_range(0..50));
        let raw = signed(key, nonce, to.into(), U256::from(1), Vec::new());
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransactionSync", "params": [raw] });
        let Ok(answer) = post(port, &body.to_string()) else { return acknowledged };
        let Ok(answer) = serde_json::from_str::<Value>(&answer) else { return acknowledged };
        let receipt = answer.get("result").unwrap_or_else(|| panic!("{answer}"));
        acknowledged.push((receipt["transactionHash"].clone(), receipt["blockHash"].clone()));
        nonce += 1;
    }
}

fn check(node: &Node, acknowledged: &[Acknowledged]) {
    for batch in acknowledged.chunks(500) {
        let calls: Vec<Value> = batch
            .iter()
            .enumerate()
            .map(|(id, (transaction, _))| {
                json!({ "jsonrpc": "2.0", "id": id, "method": "eth_getTransactionReceipt", "params": [transaction] })
            })
            .collect();
        let answers: Vec<Value> = serde_json::from_str(&node.post(&Value::from(calls).to_string())).unwrap();
        for ((transaction, block), answer) in batch.iter().zip(&answers) {
            assert_eq!(answer["result"]["blockHash"], *block, "{transaction}: {answer}");
        }
    }
}

/// Kills a node some times and returns how many receipts were acknowledged.
fn kill(seed: u64, starts: &mut Starts) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        let node = starts.node(directory.path());
        check(&node, &acknowledged);
        let clients: Vec<_> = DEV_KEYS
            .iter()
            .map(|(key, address)| {
                let answer = node.call("eth_getTransactionCount", json!([address, "latest"]));
                let nonce = answer["result"].as_str().unwrap().trim_start_matches("0x").to_owned();
                let (port, nonce) = (node.port, u64::from_str_radix(&nonce, 16).unwrap());
                let random = StdRng::seed_from_u64(random.random());
                std::thread::spawn(move || client(port, key, nonce, random))
            })
            .collect();
        std::thread::sleep(Duration::from_micros(random.random_range(1_000..250_000)));
        node.kill();
        for client in clients {
            acknowledged.extend(client.join().unwrap());
        }
    }
    check(&starts.node(directory.path()), &acknowledged);
    // The root from the flat values, and everything else.
    let verify = program().args(["verify", "--data-dir"]).arg(directory.path()).output().unwrap();
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
    acknowledged.len()
}

#[test]
fn kills() {
    let mut starts = Starts::default();
    let mut acknowledged = 0;
    each_seed("kill", 4, 200, |seed| acknowledged += kill(seed, &mut starts));
    let Starts(mut times) = starts;
    times.sort();
    eprintln!(
        "torture: kill: {} kills, {acknowledged} acknowledged receipts all there, starts p50 {:.1?}, longest {:.1?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1]
    );
    assert!(acknowledged > 0);
}
