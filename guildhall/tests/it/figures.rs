//! What Prometheus and Grafana are given, against a house that runs; and the
//! backups that it makes by itself.

use crate::{house::House, program::program};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// A business without anyone in it yet, which is quick to open.
fn start(place: &Path, flags: &[&str]) -> House {
    let (data, passphrase) = (place.join("data"), place.join("passphrase"));
    fs::write(&passphrase, "correct horse battery").unwrap();
    let init = program().arg("init").arg("--data-dir").arg(&data).arg("--passphrase-file").arg(&passphrase).output();
    let init = init.unwrap();
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    House::start(&data, &[&["--passphrase-file", passphrase.to_str().unwrap()], flags].concat())
}

/// Waits until the figures are so.
fn wait(house: &House, what: &str, is: impl Fn(&str) -> bool) -> String {
    let since = Instant::now();
    loop {
        let text = house.ask("GET", "/metrics", "", "").map(|(_, text)| text);
        if let Some(text) = text.clone().filter(|text| is(text)) {
            return text;
        }
        assert!(since.elapsed() < Duration::from_secs(120), "{what} did not come: {text:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Names in an expression that are figures: whatever has one of our prefixes.
fn named(expression: &str, names: &mut BTreeSet<String>) {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names.extend(
        words.filter(|word| word.starts_with("guildhall_") || word.starts_with("ethereum_")).map(str::to_owned),
    );
}

fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn every_figure_of_the_dashboard_and_the_alerts_is_there_and_backups_make_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut names = BTreeSet::new();
    let alerts = fs::read_to_string(root.join("ops/prometheus/alerts.yaml")).unwrap();
    alerts.lines().filter_map(|line| line.trim().strip_prefix("expr:")).for_each(|line| named(line, &mut names));
    let board: Value =
        serde_json::from_str(&fs::read_to_string(root.join("ops/grafana/guildhall.json")).unwrap()).unwrap();
    for target in board["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap()) {
        named(target["expr"].as_str().unwrap(), &mut names);
    }
    // EIP-2159's names, whether or not a board shows them.
    named(
        "ethereum_blockchain_height ethereum_best_known_block_number ethereum_peer_count ethereum_peer_limit",
        &mut names,
    );
    assert!(names.len() >= 12, "{names:?}");

    let place = tempfile::tempdir().unwrap();
    let backups = place.path().join("backups");
    let into = backups.to_str().unwrap();
    let flags = ["--backup-every", "1s", "--backup-dir", into, "--backup-keep", "2"];
    let house = start(place.path(), &flags);
    let text = wait(&house, "a backup that was restored", |text| {
        value(text, "guildhall_backup_success_timestamp_seconds").is_some_and(|at| at > 0.0)
    });
    for name in &names {
        let there = text.lines().any(|line| !line.starts_with('#') && line.starts_with(name.as_str()));
        assert!(there, "{name} is not among the figures:\n{text}");
    }
    assert_eq!(value(&text, "guildhall_backup_failed"), Some(0.0));

    // The oldest go: of three there are two.
    let made = || -> BTreeSet<String> {
        let entries = fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        entries.filter(|name| name.starts_with("backup-") && !name.ends_with(".part")).collect()
    };
    let (first, since) = (made(), Instant::now());
    while made().iter().any(|name| first.contains(name)) {
        assert!(since.elapsed() < Duration::from_secs(120), "the oldest backup stays: {:?}", made());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(made().len() <= 3, "two are kept, and one may just be made: {:?}", made());

    // A disk that is gone: the house goes on and says so. A backup may come in between and make the folder anew.
    let since = Instant::now();
    for number in 0.. {
        assert!(since.elapsed() < Duration::from_secs(120), "the folder can't be taken away");
        let _ = fs::rename(&backups, place.path().join(format!("gone-{number}")));
        if fs::write(&backups, "not a directory").is_ok() {
            break;
        }
    }
    wait(&house, "the failure", |text| value(text, "guildhall_backup_failed") == Some(1.0));
}

#[test]
fn a_plan_that_cannot_work_is_refused_before_the_doors_open() {
    let place = tempfile::tempdir().unwrap();
    let up = |flags: &[&str]| {
        let output = program().args(["up", "--demo", "--data-dir"]).arg(place.path()).args(flags).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for flags in [&["--backup-every", "1h"][..], &["--backup-every", "soon", "--backup-dir", "/tmp/x"]] {
        let (code, said) = up(flags);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("--backup"), "{said}");
    }
}
