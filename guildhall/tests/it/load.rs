//! The load generator against a node of this program.

use crate::program::{Node, program};
use serde_json::{Value, json};
use std::process::Output;

fn load(arguments: &[&str]) -> Output {
    program().arg("load").args(arguments).output().unwrap()
}

fn outcome(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

#[test]
fn everything_that_was_sent_is_found_in_blocks_over_every_transport() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let (http, ws) = (format!("http://127.0.0.1:{}", node.port), format!("ws://127.0.0.1:{}", node.port));
    let (data, pid) = (directory.path().to_str().unwrap(), std::process::id().to_string());
    let runs: [(&str, &[&str], &str); 4] = [
        (&http, &["--traffic", "native", "--batch", "40"], "http batch"),
        (&http, &["--traffic", "market", "--batch", "1", "--rate", "400"], "http"),
        (&ws, &["--traffic", "erc20", "--batch", "1"], "websocket"),
        (&ws, &["--traffic", "erc20", "--batch", "7", "--recipients", "1000"], "websocket batch"),
    ];
    for (url, flags, transport) in runs {
        let common = ["--rpc", url, "--transactions", "200", "--accounts", "10", "--connections", "3", "--json"];
        let measured = ["--pid", &pid, "--data-dir", data];
        let outcome = outcome(&load(&[&common, flags, &measured].concat()));
        for (field, expected) in [
            ("committed", json!(200)),
            ("transactions", json!(200)),
            ("checked", json!(200)),
            ("failed", json!(0)),
            ("transport", json!(transport)),
        ] {
            assert_eq!(outcome[field], expected, "{transport}: {outcome}");
        }
        assert!(outcome["per_second"].as_f64().unwrap() > 1.0, "{outcome}");
        for field in ["answer_ms", "commit_ms", "fsync_ms"] {
            let (p50, p99) = (outcome[field]["p50"].as_f64().unwrap(), outcome[field]["p99"].as_f64().unwrap());
            assert!(p50 > 0.0 && p50 <= p99, "{transport}: {outcome}");
        }
    }
}

#[test]
fn latency_and_reads_are_measured_and_reported() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let url = format!("http://127.0.0.1:{}", node.port);
    let page = directory.path().join("report.html");
    let data = directory.path().join("report.json");
    let flags = ["--rpc", &url, "--latency", "--transactions", "20", "--json", "--label", "<mine>"];
    let reports = ["--report", page.to_str().unwrap(), "--report-json", data.to_str().unwrap()];
    let latency = outcome(&load(&[flags.as_slice(), &reports].concat()));
    assert_eq!(latency["committed"], json!(40), "{latency}");
    assert!(latency["sync_ms"]["p50"].as_f64().unwrap() > 0.0, "{latency}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<polyline") && page.contains("&lt;mine&gt;") && !page.contains("http://www"));
    let data: Value = serde_json::from_slice(&std::fs::read(data).unwrap()).unwrap();
    assert_eq!(data[0]["commit_percentiles_ms"].as_array().unwrap().len(), 101);

    let reads = outcome(&load(&["--rpc", &url, "--reads", "--duration", "1", "--accounts", "5", "--json"]));
    assert!(reads["committed"].as_u64().unwrap() > 20, "{reads}");
}

#[test]
fn what_can_not_be_measured_is_refused_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(directory.path());
    let url = format!("http://127.0.0.1:{}", node.port);
    let key = directory.path().join("key");
    std::fs::write(&key, "not a key").unwrap();
    let poor = directory.path().join("poor");
    std::fs::write(&poor, format!("0x{}", "11".repeat(32))).unwrap();
    let (key, poor) = (key.to_str().unwrap(), poor.to_str().unwrap());
    let refusals: [(&[&str], i32, &str); 5] = [
        (&["--rpc", "http://127.0.0.1:1"], 1, "Is the node running"),
        (&["--rpc", "https://127.0.0.1:1"], 2, "use http:// or ws://"),
        (&["--rpc", &url, "--chain-id", "1"], 2, "is chain 31337, not 1: nothing was sent"),
        (&["--rpc", &url, "--key-file", key], 2, "holds no key"),
        (&["--rpc", &url, "--traffic", "native", "--key-file", poor], 1, "give it more, or use fewer"),
    ];
    for (flags, code, words) in refusals {
        let output = load(flags);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {errors}");
        assert!(errors.contains(words), "{flags:?}: {errors}");
    }
}
