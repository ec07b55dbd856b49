//! Each detector finds what it is for, and nothing in what is clean.

use std::collections::BTreeMap;

use platform_audit::{Finding, detectors, findings};

use crate::compile::{FIXTURES, program};

fn found_in<'f>(found: &'f [Finding], detector: &str) -> Vec<&'f Finding> {
    let file = format!("{detector}.sol");
    found.iter().filter(|finding| finding.file == file && finding.detector == detector).collect()
}

#[test]
fn every_detector_finds_the_vulnerable_and_leaves_the_clean_alone() {
    let found = findings(&FIXTURES, |_| true);
    for detector in detectors().iter().filter(|detector| detector.id != "floating-pragma") {
        let own = found_in(&found, detector.id);
        let source =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{}.sol", detector.id));
        let source = std::fs::read_to_string(source).unwrap();
        let names = source
            .lines()
            .filter_map(|line| line.strip_prefix("contract ").or(line.strip_prefix("abstract contract ")));
        let names: Vec<&str> = names.filter_map(|line| line.split([' ', '{']).next()).collect();
        let vulnerable: Vec<&&str> = names.iter().filter(|name| name.starts_with("Vulnerable")).collect();
        assert!(!vulnerable.is_empty() && names.iter().any(|name| name.starts_with("Clean")), "{}", detector.id);
        for name in vulnerable {
            assert!(own.iter().any(|finding| finding.contract == **name), "{} misses {name}", detector.id);
        }
        for finding in own {
            assert!(finding.contract.starts_with("Vulnerable"), "{} faults {}", detector.id, finding.subject());
            assert_eq!(finding.severity, detector.severity);
            assert!(finding.line > 1 && !finding.message.en.is_empty() && !finding.message.zh.is_empty());
        }
    }
}

#[test]
fn a_pragma_that_floats_is_found_and_a_fixed_one_is_not() {
    let found = findings(&FIXTURES, |detector| detector.id == "floating-pragma");
    let files: Vec<&str> = found.iter().map(|finding| finding.file.as_str()).collect();
    assert_eq!(files, ["floating-pragma.sol"]);
}

#[test]
fn without_a_detector_nobody_finds_what_it_is_for() {
    for detector in detectors() {
        let without = findings(&FIXTURES, |other| other.id != detector.id);
        assert!(found_in(&without, detector.id).is_empty(), "{}", detector.id);
        assert!(
            !found_in(&findings(&FIXTURES, |other| other.id == detector.id), detector.id).is_empty(),
            "{}",
            detector.id
        );
    }
}

const SHOP: &str = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\ncontract Shop {\n    address public owner;\n    function setOwner(address next) external {\n        owner = next;\n    }\n}\n";

fn ids(source: &str) -> Vec<(String, usize)> {
    let sources = BTreeMap::from([("Shop.sol".to_owned(), source.to_owned())]);
    let found = findings(&program(&sources).unwrap(), |detector| detector.id == "missing-access-control");
    found.into_iter().map(|finding| (finding.id, finding.line)).collect()
}

#[test]
fn a_finding_is_known_again_when_lines_move_and_not_when_code_changes() {
    let first = ids(SHOP);
    assert_eq!(first.len(), 1);
    let moved = ids(&SHOP.replace(
        "contract Shop {\n",
        "\n\n// A comment.\ncontract Shop {\n    uint256 public first;\n    /// @notice Says who.\n",
    ));
    assert_eq!(moved[0].0, first[0].0);
    assert!(moved[0].1 > first[0].1);
    let changed = ids(&SHOP.replace("owner = next;", "owner = address(uint160(next) + 1);"));
    assert_ne!(changed.first().map(|finding| &finding.0), Some(&first[0].0));
    let renamed = ids(&SHOP.replace("setOwner", "changeOwner"));
    assert_ne!(renamed[0].0, first[0].0);
}

#[test]
fn sources_that_do_not_compile_are_said_to_be_so() {
    let broken = BTreeMap::from([("Broken.sol".to_owned(), SHOP.replace("owner = next", "owner = nobody"))]);
    let error = program(&broken).unwrap_err().to_string();
    assert!(error.contains("do not compile") && error.contains("nobody"), "{error}");
}
