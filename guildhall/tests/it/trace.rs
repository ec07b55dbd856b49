//! Keys, events and their anchors through the program itself, kill -9
//! included.

use crate::program::{free_port, program};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

struct House {
    child: Child,
    http: u16,
    rpc: u16,
}

impl House {
    fn open(directory: &Path) -> Self {
        let (http, rpc) = (free_port(), free_port());
        let child = program()
            .args(["up", "--demo", "--http", &format!("127.0.0.1:{http}"), "--rpc", &format!("127.0.0.1:{rpc}")])
            .arg("--data-dir")
            .arg(directory)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let house = Self { child, http, rpc };
        let since = Instant::now();
        while ask(house.http, "GET", "/readyz", "", "").is_none_or(|(status, _)| status != 200) {
            assert!(since.elapsed() < Duration::from_secs(120), "the house did not open");
            std::thread::sleep(Duration::from_millis(200));
        }
        house
    }

    /// SIGKILL: nothing is written any more.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn overview(&self) -> Value {
        let (_, text) = ask(self.http, "GET", "/api/v1/trace/overview", "", "").unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What the contract itself says of how many events it has roots of.
    fn events_on_chain(&self) -> u64 {
        let contract = self.overview()["contract"].as_str().unwrap().to_owned();
        // counts()
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_call",
            "params": [{ "to": contract, "data": "0x817cc1ea" }, "latest"] });
        let (_, answer) = ask(self.rpc, "POST", "/", "", &call.to_string()).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let words = answer["result"].as_str().unwrap_or_else(|| panic!("{answer}")).trim_start_matches("0x").to_owned();
        u64::from_str_radix(&words[words.len() - 16..], 16).unwrap()
    }
}

/// Status and body, or nothing where nobody answers.
fn ask(port: u16, method: &str, path: &str, key: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let auth = if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{auth}content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

fn document(round: usize) -> String {
    let event = |number: usize| {
        json!({
            "type": "ObjectEvent", "eventTime": "2026-03-04T11:00:30+01:00", "eventTimeZoneOffset": "+01:00",
            "epcList": [format!("urn:epc:id:sgtin:0614141.011111.{round}x{number}")], "action": "OBSERVE",
        })
    };
    let events: Vec<Value> = (0..25).map(event).collect();
    json!({
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-03-04T11:00:30Z", "epcisBody": { "eventList": events },
    })
    .to_string()
}

#[test]
fn captured_events_survive_kills_and_each_is_anchored_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut house = House::open(directory.path());
    let made = program()
        .args(["apikey", "create", "--grant", "epcis:capture", "--data-dir"])
        .arg(directory.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let town = house.overview()["events"].as_u64().unwrap();
    for round in 0..4 {
        let (status, body) = ask(house.http, "POST", "/epcis/capture", &key, &document(round)).unwrap();
        assert_eq!(status, 202, "{body}");
        // Once before, once while and once after a batch is made and sent.
        std::thread::sleep(Duration::from_millis(900 * u64::try_from(round).unwrap()));
        house.kill();
        house = House::open(directory.path());
        let (status, body) = ask(house.http, "POST", "/epcis/capture", &key, &document(round)).unwrap();
        assert!(status == 202 && body.contains("\"known\":25"), "what was acknowledged is there: {body}");
    }
    let expected = town + 100;
    let since = Instant::now();
    while house.overview()["anchored"] != expected {
        assert!(since.elapsed() < Duration::from_secs(60), "{}", house.overview());
        std::thread::sleep(Duration::from_millis(300));
    }
    // One event and its error declaration share a hash at most; here none do.
    assert_eq!(house.events_on_chain(), expected, "nothing is anchored twice");
    house.kill();
}

#[test]
fn a_key_needs_a_business_and_a_known_grant() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = program().args(arguments).arg("--data-dir").arg(directory.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&["apikey", "create", "--grant", "epcis:capture"]);
    assert!(code == Some(2) && said.contains("guildhall init"), "{said}");
    assert_eq!(run(&["apikey", "create", "--grant", "everything"]).0, Some(2));
    assert_eq!(run(&["apikey", "create"]).0, Some(2));
}
