//! A small replay, killed half-way and started again: the figures are the
//! file's own.

use crate::program::program;
use serde_json::Value;
use std::{fmt::Write, process::Stdio, time::Duration};

/// Purchases of forty customers over three months, some of 0.00, several a
/// day by one customer.
fn purchases() -> Vec<(u32, u32, u32, u64)> {
    (0..600u32)
        .map(|index| {
            let (month, day) = (1 + index / 200, 1 + index % 28);
            let cents = if index % 17 == 0 { 0 } else { u64::from(index % 23) * 131 + 499 };
            (1 + index * 7 % 40, 19_970_000 + month * 100 + day, 1 + index % 4, cents)
        })
        .collect()
}

#[test]
fn a_replay_killed_half_way_goes_on_and_prints_the_files_own_figures() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("purchases.txt");
    let mut text = String::from(" customer_id  date number_of_cds  dollar_value\r\n");
    for (customer, date, discs, cents) in purchases() {
        writeln!(text, " {customer:05} {date}  {discs}  {}.{:02}\r", cents / 100, cents % 100).unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let data = directory.path().join("data");
    let replay = || {
        let mut command = program();
        command.args(["replay", "cdnow"]).arg(&file).arg("--data-dir").arg(&data).stderr(Stdio::null());
        command
    };
    for wait in [1_500, 700, 900] {
        let mut child = replay().stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = replay().output().unwrap();
    assert!(output.status.success());
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = purchases();
    let gmv: u64 = all.iter().map(|purchase| purchase.3 * 10_000).sum();
    let fees: u64 = all.iter().map(|purchase| purchase.3 * 10_000 * 2 / 100).sum();
    assert_eq!(figures["orders"], 600);
    assert_eq!(figures["buyers"], 40);
    assert_eq!(figures["gmv"], gmv.to_string());
    assert_eq!(figures["fees"], fees.to_string());
    assert_eq!(figures["aov"], (gmv / 600).to_string());
    let months: Vec<u64> =
        figures["monthly"].as_array().unwrap().iter().map(|month| month["orders"].as_u64().unwrap()).collect();
    assert_eq!(months, [200, 200, 200]);
    // A finished replay has nothing left to do and says the same again.
    let again = replay().output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), figures);
}
