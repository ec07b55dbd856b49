//! The pool beside the making of blocks.

use crate::rpc;
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, Signature};
use ledger_chain::ChainSpec;
use ledger_node::LedgerNode;
use ledger_txpool::Hold;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Free transactions and a block whenever one waits.
const GENESIS: &str = r#"{"config":{"chainId":1,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
    "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
    "terminalTotalDifficulty":0,"shanghaiTime":0,"zeroBaseFee":true},"gasLimit":"0x1c9c380","difficulty":"0x0",
    "alloc":{}}"#;
const SENDERS: u8 = 8;
const PAIRS: u64 = 400;

/// Its sender is told to the node, so any signature does.
fn transaction(sender: Address, nonce: u64) -> TxEnvelope {
    let unsigned = TxEip1559 { chain_id: 1, nonce, gas_limit: 21_000, to: sender.into(), ..TxEip1559::default() };
    unsigned.into_signed(Signature::test_signature()).into()
}

/// A transaction is admitted against the state of one block while the next is
/// committed: it must not be taken for one that leaves a gap. Each sender sends
/// two at a time, with another pause between them each time.
#[test]
fn nothing_gets_stuck_between_two_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap());
    let node = rpc::start(directory.path(), spec, None);
    std::thread::scope(|scope| {
        for sender in (1..=SENDERS).map(Address::repeat_byte) {
            let node = &node;
            scope.spawn(move || {
                for pair in 0..PAIRS {
                    node.node().submit(transaction(sender, 2 * pair), sender).unwrap();
                    wait(Duration::from_micros(pair * 37 % 1_500));
                    node.node().submit(transaction(sender, 2 * pair + 1), sender).unwrap();
                    let patience = Instant::now() + Duration::from_secs(10);
                    while nonce(node, &sender) < 2 * pair + 2 {
                        assert!(Instant::now() < patience, "pending and queued: {:?}", node.node().pool.status());
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    assert_eq!(node.node().pool.status(), (0, 0), "pending and queued");
}

/// Sleeping is too coarse.
fn wait(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::thread::yield_now();
    }
}

fn nonce(node: &LedgerNode, sender: &Address) -> u64 {
    node.ledger().store().view().account(sender).unwrap().map_or(0, |account| account.nonce)
}

/// Whoever sends for an account on hold is told so, and until when; the others
/// go on, and so does the account once it is lifted.
#[test]
fn an_account_on_hold_is_refused_with_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let spec = Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap());
    let node = rpc::start(directory.path(), spec, None);
    let node = node.node();
    let [held, other] = [1, 2].map(Address::repeat_byte);
    let hold = Hold { until: 1_800_000_000, notice: "ask the staff".into() };
    node.pool.hold(held, hold).unwrap();
    let refused = node.submit(transaction(held, 0), held).unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (-32_003, "account on hold: ask the staff"));
    let said = serde_json::json!({ "reason": "account_on_hold", "account": held, "until": 1_800_000_000 });
    assert_eq!(refused.data, Some(said));
    node.submit(transaction(other, 0), other).unwrap();
    node.pool.lift_hold(&held);
    node.submit(transaction(held, 0), held).unwrap();
}
