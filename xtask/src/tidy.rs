//! The walls of the house: which crate may know which.

use crate::tools::{output, root};
use anyhow::{Context, bail};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// Crates in the order of their layers: each may know those before it.
const LEDGER: &[&[&str]] = &[
    &["ledger-chain"],
    &["ledger-state"],
    &["ledger-execution"],
    &["ledger-txpool", "ledger-consensus"],
    &["ledger-rpc"],
    &["ledger-node"],
];

/// What each crate of the platform may know of the platform.
const PLATFORM: &[(&str, &[&str])] = &[
    ("platform-protocol", &[]),
    ("platform-index", &[]),
    ("platform-api", &["platform-index"]),
    ("platform-audit", &[]),
    ("platform-notify", &["platform-index", "platform-api"]),
    ("platform-business", &["platform-protocol", "platform-index", "platform-api", "platform-notify"]),
    ("platform-ops", &["platform-audit", "platform-protocol", "platform-index", "platform-api", "platform-notify"]),
];

/// Names that say nothing about what is inside.
const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

pub(crate) fn run() -> anyhow::Result<()> {
    let mut faults = Vec::new();
    check_dependencies(&dependencies()?, &mut faults);
    check_files(&mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    bail!("{} faults:\n  {}", faults.len(), faults.join("\n  "));
}

/// Workspace crates and the workspace crates that they depend on, for tests
/// too.
fn dependencies() -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let json = output(".", "cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: Value = serde_json::from_str(&json).context("cargo metadata")?;
    let names = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|item| item["name"].as_str().map(str::to_owned)).collect()
    };
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let members: Vec<String> = names(&metadata["packages"]);
    Ok(packages
        .iter()
        .filter_map(|package| {
            let known = names(&package["dependencies"]).into_iter().filter(|name| members.contains(name)).collect();
            Some((package["name"].as_str()?.to_owned(), known))
        })
        .collect())
}

fn check_dependencies(dependencies: &BTreeMap<String, Vec<String>>, faults: &mut Vec<String>) {
    for (name, known) in dependencies {
        for other in known {
            if !allowed(name, other) {
                faults.push(format!("{name} must not know {other}"));
            }
        }
        if name.starts_with("ledger-") && layer(name).is_none()
            || name.starts_with("platform-") && PLATFORM.iter().all(|(own, _)| own != name)
        {
            faults.push(format!("{name} has no place in the layers: give it one in xtask/src/tidy.rs"));
        }
    }
}

fn layer(name: &str) -> Option<usize> {
    LEDGER.iter().position(|layer| layer.contains(&name))
}

fn allowed(name: &str, other: &str) -> bool {
    if let Some(own) = layer(name) {
        return layer(other).is_some_and(|other| other < own);
    }
    if let Some((_, known)) = PLATFORM.iter().find(|(own, _)| *own == name) {
        return known.contains(&other);
    }
    // The program and the test kit may know everything; nothing knows them.
    matches!(name, "guildhall" | "testkit" | "xtask") && !matches!(other, "guildhall" | "xtask")
}

/// Files that git tracks: names that say something, and businesses that
/// don't import each other.
fn check_files(faults: &mut Vec<String>) -> anyhow::Result<()> {
    let output = Command::new("git").args(["ls-files"]).current_dir(root()).output().context("can't run git")?;
    let paths = String::from_utf8_lossy(&output.stdout);
    // Every folder is one: a new business needs no line here.
    let businesses: BTreeSet<&str> = paths.lines().filter_map(business).collect();
    for path in paths.lines() {
        let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or("");
        if path.ends_with(".rs") && VAGUE.contains(&stem) {
            faults.push(format!("{path}: the name says nothing"));
        }
        if let Some(own) = business(path) {
            let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
            for other in businesses.iter().filter(|other| **other != own) {
                if text.contains(&format!("crate::{other}::")) {
                    faults.push(format!("{path}: {own} must not import {other}"));
                }
            }
        }
    }
    Ok(())
}

/// The business whose folder holds `path`.
fn business(path: &str) -> Option<&str> {
    path.strip_prefix("platform/business/src/")?.split_once('/').map(|(own, _)| own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_stand_where_the_design_puts_them() {
        assert!(allowed("ledger-state", "ledger-chain"));
        assert!(!allowed("ledger-chain", "ledger-state"));
        assert!(!allowed("ledger-txpool", "ledger-consensus"));
        assert!(!allowed("platform-index", "platform-business"));
        assert!(allowed("platform-ops", "platform-notify") && !allowed("platform-notify", "platform-ops"));
        assert!(!allowed("platform-business", "ledger-node"));
        assert!(!allowed("ledger-rpc", "platform-index"));
        assert!(allowed("guildhall", "ledger-node") && allowed("guildhall", "platform-api"));
    }
}
