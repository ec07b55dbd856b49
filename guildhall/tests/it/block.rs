//! An address of which the house takes nothing, through the program itself.

use crate::{
    house::House,
    program::{DEV_KEYS, post, signed},
    staff::Staff,
};
use alloy_primitives::{Address, U256};
use platform_protocol::Signer;
use serde_json::{Value, json};

/// A key that nobody in the town has.
const KEY: &str = "5555555555555555555555555555555555555555555555555555555555555555";
const OTHER: &str = "6666666666666666666666666666666666666666666666666666666666666666";
const CHAIN: u64 = 31_337;

fn signer(key: &str) -> Signer {
    Signer::from_bytes(&key.parse().unwrap()).unwrap()
}

/// Sends a transaction that changes nothing, and gives the answer.
fn send(house: &House, key: &str, nonce: u64) -> Value {
    let to = Address::repeat_byte(7).into();
    let raw = signed(key, nonce, to, U256::ZERO, Vec::new());
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw] });
    serde_json::from_str(&post(house.rpc, &body.to_string()).unwrap()).unwrap()
}

fn is_refused(house: &House, key: &str, nonce: u64) -> bool {
    let answer = send(house, key, nonce);
    if answer["error"].is_null() {
        assert!(answer["result"].is_string(), "{answer}");
        return false;
    }
    let (error, address) = (&answer["error"], signer(key).address());
    assert_eq!((&error["code"], &error["data"]["reason"]), (&json!(-32_003), &json!("account_on_hold")), "{answer}");
    let said = error["message"].as_str().unwrap();
    assert!(
        said.contains(&address.to_string()) && said.contains("until 20") && said.contains("ask its staff"),
        "{said}"
    );
    assert!(error["data"]["until"].as_u64().unwrap() > 1_700_000_000);
    true
}

/// What the figures say, once they were looked at again.
fn blocked(house: &House) -> String {
    std::thread::sleep(std::time::Duration::from_secs(3));
    let (_, metrics) = house.ask("GET", "/metrics", "", "").unwrap();
    let line = metrics.lines().find(|line| line.starts_with("guildhall_accounts_blocked"));
    line.and_then(|line| line.split(' ').nth(1)).unwrap_or("missing").to_owned()
}

#[test]
fn a_blocked_address_is_refused_also_after_a_kill_and_passes_once_it_is_lifted() {
    let directory = tempfile::tempdir().unwrap();
    let house = House::open(directory.path());
    let staff = Staff::enter(&house, &signer(DEV_KEYS[0].0), CHAIN);
    assert!(!is_refused(&house, KEY, 0));

    let run = |account: &str| {
        staff.post(
            "/ops/runs",
            &json!({ "playbook": "block-account", "with": { "account": account }, "incident": null }),
        )
    };
    // What it must not be used on.
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("manifest.json")).unwrap()).unwrap();
    let miner = house.call("eth_getBlockByNumber", &json!(["latest", false]))["miner"].clone();
    for (account, why) in [
        (DEV_KEYS[0].1, "own key"),
        (miner.as_str().unwrap(), "makes the house's blocks"),
        (manifest["market"]["address"].as_str().unwrap(), "the contract Market"),
        ("0x12", "no address"),
    ] {
        let (status, said) = run(account);
        assert_eq!(status, 400, "{said}");
        assert!(said["detail"].as_str().unwrap().contains(why), "{said}");
    }

    let address = signer(KEY).address().to_string();
    let (status, made) = run(&address);
    assert_eq!((status, &made["state"]), (201, &json!("verified")), "{made}");
    assert!(is_refused(&house, KEY, 1));
    assert!(!is_refused(&house, OTHER, 0), "nobody else is blocked");
    assert_eq!(blocked(&house), "1");

    house.kill();
    let house = House::open(directory.path());
    assert!(is_refused(&house, KEY, 1), "a kill must not lift it");
    let staff = staff.at(&house);
    let (status, back) = staff.post(&format!("/ops/runs/{}/rollback", made["id"]), &json!({}));
    assert_eq!((status, &back["state"]), (200, &json!("rolled_back")), "{back}");
    assert!(!is_refused(&house, KEY, 1));
    assert_eq!(blocked(&house), "0");
}
