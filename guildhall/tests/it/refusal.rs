//! Bad input gets a clear error with the field's own code.

use crate::program::{Node, free_port, program, transfer};
use serde_json::{Value, json};
use std::{net::TcpListener, process::Output};

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("not refused: {answer}"))
}

#[test]
fn malformed_requests_get_standard_codes() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    for (body, expected) in [
        ("{", -32700),
        ("", -32700),
        ("[]", -32600),
        ("[1]", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_nonsense"}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12","latest"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{"address":"0x12"}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x02ff"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"fromBlock":"0x9","toBlock":"0x1"}]}"#, -32602),
    ] {
        let answer: Value = serde_json::from_str(&node.post(body)).unwrap();
        let answer = if answer.is_array() { answer[0].clone() } else { answer };
        assert_eq!(code(&answer), expected, "{body}: {answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
    let huge = node.call("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": "0xffffffffffff" }]));
    assert_eq!(code(&huge), -32602, "blocks to come can't be asked for: {huge}");
    let filter = node.call("eth_newFilter", json!([{ "fromBlock": "0x0", "toBlock": "0xffffffffffff" }]));
    let logs = node.call("eth_getFilterLogs", json!([filter["result"]]));
    assert_eq!(logs["result"], json!([]), "a filter may wait for them, and is clamped to the head");
    let batch = format!("[{}]", vec![r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#; 1_001].join(","));
    assert_eq!(code(&serde_json::from_str(&node.post(&batch)).unwrap()), -32600);
}

#[test]
fn transactions_that_cannot_be_are_refused_in_the_words_of_the_field() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let send = |raw: Value| node.call("eth_sendRawTransaction", json!([raw]));
    let message = |answer: &Value| answer["error"]["message"].as_str().unwrap_or_default().to_owned();
    let other_chain = send(json!(transfer(0, 1)));
    assert!(message(&other_chain).starts_with("invalid chain id"), "{other_chain}");
    assert!(send(json!(transfer(0, 31_337)))["result"].is_string());
    let sent_again = loop {
        // Once it is mined, its nonce is used; before, it is known.
        let answer = send(json!(transfer(0, 31_337)));
        if message(&answer) != "already known" {
            break answer;
        }
    };
    assert!(message(&sent_again).starts_with("nonce too low"), "{sent_again}");
    assert!(send(json!(transfer(5, 31_337)))["result"].is_string(), "a gap waits in the queue");
    let status = node.call("txpool_status", json!([]));
    assert_eq!(status["result"], json!({ "pending": "0x0", "queued": "0x1" }));
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

#[test]
fn starting_wrongly_says_what_to_do_and_exits_as_documented() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();

    let empty = run(&["up", "--data-dir", path]);
    assert_eq!(empty.status.code(), Some(2));
    assert!(said(&empty).contains("guildhall init"), "{}", said(&empty));

    let public = run(&["node", "--dev", "--rpc", "0.0.0.0:0", "--data-dir", path]);
    assert_eq!(public.status.code(), Some(2));
    assert!(said(&public).contains("not a loopback address"));

    let node = Node::start(directory.path());
    let second = run(&["node", "--dev", "--rpc", &format!("127.0.0.1:{}", free_port()), "--data-dir", path]);
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("in use by process"), "{}", said(&second));
    drop(node);

    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().to_string();
    let taken = run(&["node", "--dev", "--rpc", &port, "--data-dir", path]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(said(&taken).contains("can't listen on"), "{}", said(&taken));

    let file = directory.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let unwritable = run(&["node", "--dev", "--data-dir", file.to_str().unwrap()]);
    assert_eq!(unwritable.status.code(), Some(1));
    assert_eq!(said(&unwritable).lines().count(), 1, "{}", said(&unwritable));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "in the way");
}
