//! Checking, backing up, restoring and mending by the program itself.

use crate::program::{Node, program, transfer};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Output};

fn run(arguments: &[&str], data: &Path) -> Output {
    program().args(arguments).arg("--data-dir").arg(data).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn send(node: &Node, nonces: std::ops::Range<u64>) -> Vec<Value> {
    nonces
        .map(|nonce| {
            let answer = node.call("eth_sendRawTransactionSync", json!([transfer(nonce, 31_337)]));
            answer["result"].clone()
        })
        .collect()
}

fn check_receipts(node: &Node, receipts: &[Value]) {
    for receipt in receipts {
        let found = node.call("eth_getTransactionReceipt", json!([receipt["transactionHash"]]));
        assert_eq!(found["result"]["blockHash"], receipt["blockHash"], "{found}");
    }
}

#[test]
fn a_backup_of_a_running_node_restores_and_mends() {
    let place = tempfile::tempdir().unwrap();
    let (data, copy, fresh) = (place.path().join("data"), place.path().join("copy"), place.path().join("fresh"));
    let node = Node::start(&data);
    let mut receipts = send(&node, 0..20);
    let to = copy.to_str().unwrap();
    let backup = run(&["backup", to], &data);
    assert!(backup.status.success(), "{}", said(&backup));
    let about: Value = serde_json::from_str(&fs::read_to_string(copy.join("backup.json")).unwrap()).unwrap();
    assert!(about["head"]["number"].as_u64().unwrap() >= 20, "{about}");
    receipts.extend(send(&node, 20..40));
    let again = run(&["backup", to], &data);
    assert_eq!(again.status.code(), Some(2), "a backup never goes over another: {}", said(&again));
    let verify = run(&["verify"], &data);
    assert_eq!(verify.status.code(), Some(1));
    assert!(said(&verify).contains("in use by process"), "{}", said(&verify));
    node.kill();

    let verify = run(&["verify", "--json"], &data);
    assert!(verify.status.success(), "{}", said(&verify));
    let report: Value = serde_json::from_slice(&verify.stdout).unwrap();
    assert_eq!(report["sound"], true);
    assert!(report["transactions"].as_u64().unwrap() >= 40, "{report}");

    let restored = run(&["restore", to], &fresh);
    assert!(restored.status.success(), "{}", said(&restored));
    let node = Node::start(&fresh);
    check_receipts(&node, &receipts[..20]);
    node.kill();
    let over = run(&["restore", to], &data);
    assert_eq!(over.status.code(), Some(2), "{}", said(&over));

    let log = data.join("ledger/log/00000000000000000000.log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[45] ^= 1;
    fs::write(&log, bytes).unwrap();
    let verify = run(&["verify"], &data);
    assert_eq!(verify.status.code(), Some(1));
    assert!(said(&verify).contains("00000000000000000000.log at offset 40"), "{}", said(&verify));
    let mended = run(&["restore", "--repair", to], &data);
    assert!(mended.status.success(), "{}", said(&mended));
    assert!(said(&mended).contains("1 records came from the backup"), "{}", said(&mended));
    let node = Node::start(&data);
    check_receipts(&node, &receipts);
}

#[test]
fn what_is_no_backup_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let nothing = place.path().join("nothing");
    for arguments in [["restore", nothing.to_str().unwrap()], ["backup", nothing.to_str().unwrap()]] {
        let output = run(&arguments, &place.path().join("data"));
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    }
    let output = run(&["verify"], &nothing);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}
