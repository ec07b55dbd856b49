//! Keys, events and their anchors through the program itself, kill -9
//! included.

use crate::{house::House, program::program};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn overview(house: &House) -> Value {
    let (_, text) = house.ask("GET", "/api/v1/trace/overview", "", "").unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the contract itself says of how many events it has roots of.
fn events_on_chain(house: &House) -> u64 {
    let contract = overview(house)["contract"].as_str().unwrap().to_owned();
    // counts()
    let answer = house.call("eth_call", &json!([{ "to": contract, "data": "0x817cc1ea" }, "latest"]));
    let words = answer.as_str().unwrap().trim_start_matches("0x").to_owned();
    u64::from_str_radix(&words[words.len() - 16..], 16).unwrap()
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
    let town = overview(&house)["events"].as_u64().unwrap();
    for round in 0..4 {
        let (status, body) = house.ask("POST", "/epcis/capture", &key, &document(round)).unwrap();
        assert_eq!(status, 202, "{body}");
        // Once before, once while and once after a batch is made and sent.
        std::thread::sleep(Duration::from_millis(900 * u64::try_from(round).unwrap()));
        house.kill();
        house = House::open(directory.path());
        let (status, body) = house.ask("POST", "/epcis/capture", &key, &document(round)).unwrap();
        assert!(status == 202 && body.contains("\"known\":25"), "what was acknowledged is there: {body}");
    }
    let expected = town + 100;
    let since = Instant::now();
    while overview(&house)["anchored"] != expected {
        assert!(since.elapsed() < Duration::from_secs(60), "{}", overview(&house));
        std::thread::sleep(Duration::from_millis(300));
    }
    // One event and its error declaration share a hash at most; here none do.
    assert_eq!(events_on_chain(&house), expected, "nothing is anchored twice");
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
