//! Triage and SARIF.

use platform_audit::{Finding, Severity, State, Triage, TriageError, findings, sarif};
use serde_json::Value;

use crate::compile::FIXTURES;

const TODAY: &str = "2026-11-21";

fn one(detector: &str) -> Finding {
    findings(&FIXTURES, |other| other.id == detector).remove(0)
}

fn verdict(finding: &Finding, rest: &str) -> String {
    format!("findings:\n  - id: \"{}\"\n    detector: {}\n    {rest}\n", finding.id, finding.detector)
}

fn fault(finding: &Finding, yaml: &str) -> (State, Option<&'static str>) {
    let judged = Triage::read(yaml).unwrap().judge(vec![finding.clone()], TODAY).remove(0);
    (judged.state, judged.fault)
}

#[test]
fn a_finding_above_low_needs_a_decision() {
    let (high, low) = (one("selfdestruct"), one("missing-event"));
    let judged = Triage::default().judge(vec![high, low], TODAY);
    assert_eq!(judged[0].state, State::Open);
    assert!(judged[0].fault.is_some() && judged[1].fault.is_none());
}

#[test]
fn decisions_count_as_long_as_they_hold() {
    let finding = one("selfdestruct");
    let why = "owner: Ada, reason: it holds nothing";
    let entry = |rest: &str| verdict(&finding, &rest.replace(", ", "\n    "));
    assert_eq!(fault(&finding, &entry(&format!("state: false-positive, {why}"))), (State::FalsePositive, None));
    assert_eq!(fault(&finding, &entry(&format!("state: confirmed, {why}"))), (State::Confirmed, None));
    let until = |day: &str| entry(&format!("state: accepted, {why}, expires: \"{day}\""));
    assert_eq!(fault(&finding, &until(TODAY)), (State::Accepted, None));
    assert!(fault(&finding, &until("2026-11-20")).1.unwrap().contains("expired"));
    assert!(fault(&finding, &entry(&format!("state: fixed, {why}"))).1.unwrap().contains("found again"));
}

#[test]
fn what_is_mended_and_no_longer_found_is_verified() {
    let finding = one("selfdestruct");
    let yaml = verdict(&finding, "state: fixed\n    owner: Ada\n    reason: removed");
    let triage = Triage::read(&yaml).unwrap();
    assert!(triage.no_longer_found(std::slice::from_ref(&finding)).is_empty());
    assert_eq!(triage.no_longer_found(&[])[0].state, State::Verified);
}

#[test]
fn decisions_without_an_owner_a_reason_or_an_end_are_refused() {
    let finding = one("selfdestruct");
    for (rest, what) in [
        ("state: accepted\n    reason: x\n    expires: \"2027-01-01\"", "an owner"),
        ("state: false-positive\n    owner: Ada", "a reason"),
        ("state: accepted\n    owner: Ada\n    reason: x", "a day"),
    ] {
        let error = Triage::read(&verdict(&finding, rest)).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    assert!(matches!(Triage::read("nothing: here"), Err(TriageError::Unreadable(_))));
    let twice = verdict(&finding, "state: open");
    let twice = format!("{twice}{}", twice.split_once('\n').unwrap().1);
    assert!(matches!(Triage::read(&twice), Err(TriageError::Twice(_))));
}

/// What the published schema requires of the objects that we write.
fn check_required(sarif: &Value) {
    assert_eq!(sarif["version"], "2.1.0");
    for run in sarif["runs"].as_array().unwrap() {
        let driver = &run["tool"]["driver"];
        assert!(driver["name"].is_string());
        let rules: Vec<&str> =
            driver["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        let unique: std::collections::BTreeSet<&&str> = rules.iter().collect();
        assert_eq!(unique.len(), rules.len(), "rules are listed once");
        for result in run["results"].as_array().unwrap() {
            assert!(result["message"]["text"].is_string(), "message is required");
            assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
            assert!(rules.contains(&result["ruleId"].as_str().unwrap()));
            let place = &result["locations"][0]["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].is_string());
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1, "lines begin at one");
            for print in result["partialFingerprints"].as_object().unwrap().values() {
                assert!(print.is_string());
            }
            for suppression in result["suppressions"].as_array().into_iter().flatten() {
                assert!(["inSource", "external"].contains(&suppression["kind"].as_str().unwrap()), "kind is required");
                assert!(["accepted", "underReview", "rejected"].contains(&suppression["status"].as_str().unwrap()));
            }
        }
    }
}

#[test]
fn sarif_goes_out_and_comes_back_the_same() {
    let found = findings(&FIXTURES, |_| true);
    let accepted =
        verdict(&found[0], "state: accepted\n    owner: Ada\n    reason: so be it\n    expires: \"2027-01-01\"");
    let judged = Triage::read(&accepted).unwrap().judge(found.clone(), TODAY);
    let written = sarif::write(&judged, "1.2.3");
    check_required(&written);
    let suppressed =
        written["runs"][0]["results"].as_array().unwrap().iter().filter(|it| it.get("suppressions").is_some());
    assert_eq!(suppressed.count(), 1);
    let back = sarif::read(&written.to_string()).unwrap();
    let key = |finding: &Finding| (finding.id.clone(), finding.detector.clone(), finding.severity, finding.line);
    assert_eq!(back.iter().map(key).collect::<Vec<_>>(), found.iter().map(key).collect::<Vec<_>>());
}

#[test]
fn what_other_tools_found_is_taken_in() {
    let slither = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Slither","rules":[
        {"id":"0-1-weak-prng","properties":{"precision":"high","security-severity":"8.0"},"help":{"text":"Do not."}}]}},
        "results":[{"ruleId":"0-1-weak-prng","level":"warning","message":{"text":"Draws.draw uses a weak PRNG"},
        "locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/Draws.sol"},"region":{"startLine":7}}}],
        "partialFingerprints":{"id":"abc"}}]}]}"#;
    let found = sarif::read(slither).unwrap();
    assert_eq!(
        (found[0].detector.as_str(), found[0].severity, found[0].line),
        ("Slither/0-1-weak-prng", Severity::High, 7)
    );
    let moved = sarif::read(&slither.replace("\"startLine\":7", "\"startLine\":99")).unwrap();
    assert_eq!(moved[0].id, found[0].id);
    assert_eq!(sarif::read("{}"), Err(sarif::SarifError::Malformed("version")));
    assert_eq!(sarif::read("x"), Err(sarif::SarifError::NotJson));
}
