//! SARIF 2.1.0 (OASIS), out and in.

use serde_json::{Value, json};

use crate::finding::{Text, identity};
use crate::{Finding, Judged, Severity, State, detectors};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The name under which identities are written.
const FINGERPRINT: &str = "guildhallFinding/v1";

/// A file that is no SARIF.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SarifError {
    /// It is no JSON.
    #[error("the file is no JSON")]
    NotJson,
    /// It is of another version, or nothing of the kind.
    #[error("the file is no SARIF 2.1.0: {0} is missing or something else")]
    Malformed(&'static str),
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Low | Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// What code scanners sort by, from 0 to 10.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "0.0",
        Severity::Low => "3.0",
        Severity::Medium => "5.0",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// Writes findings.
#[must_use]
pub fn write(findings: &[Judged], version: &str) -> Value {
    let rules: Vec<Value> = detectors()
        .iter()
        .map(|detector| {
            json!({
                "id": detector.id,
                "shortDescription": { "text": detector.en },
                "help": { "text": detector.advice_en },
                "defaultConfiguration": { "level": level(detector.severity) },
                "properties": { "security-severity": score(detector.severity), "severity": detector.severity.word() },
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "guildhall audit", "version": version, "rules": rules } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn result(judged: &Judged) -> Value {
    let finding = &judged.finding;
    let mut result = json!({
        "ruleId": finding.detector,
        "level": level(finding.severity),
        "message": { "text": format!("{}: {}", finding.subject(), finding.message.en) },
        "partialFingerprints": { FINGERPRINT: finding.id },
        "properties": { "severity": finding.severity.word(), "contract": finding.contract, "function": finding.function },
    });
    // Rights and licences are not in a file.
    if !finding.file.is_empty() {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": finding.file },
            "region": { "startLine": finding.line.max(1) },
        }}]);
    }
    if let Some(verdict) = &judged.verdict
        && matches!(judged.state, State::Accepted | State::FalsePositive)
        && judged.fault.is_none()
    {
        let reason = format!("{}: {}", verdict.owner, verdict.reason);
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
    }
    result
}

/// Reads what another tool found. Its findings are known again by the fingerprints it gives, else by what it says.
pub fn read(text: &str) -> Result<Vec<Finding>, SarifError> {
    let file: Value = serde_json::from_str(text).map_err(|_| SarifError::NotJson)?;
    if file["version"] != "2.1.0" {
        return Err(SarifError::Malformed("version"));
    }
    let mut found = Vec::new();
    for run in file["runs"].as_array().ok_or(SarifError::Malformed("runs"))? {
        let driver = &run["tool"]["driver"];
        let tool = driver["name"].as_str().ok_or(SarifError::Malformed("runs[].tool.driver.name"))?;
        for result in run["results"].as_array().into_iter().flatten() {
            found.push(foreign(tool, driver, result)?);
        }
    }
    Ok(found)
}

fn foreign(tool: &str, driver: &Value, result: &Value) -> Result<Finding, SarifError> {
    let message = result["message"]["text"].as_str().ok_or(SarifError::Malformed("runs[].results[].message.text"))?;
    let rule = result["ruleId"].as_str().or_else(|| result["rule"]["id"].as_str()).unwrap_or("unnamed");
    let place = &result["locations"][0]["physicalLocation"];
    let file = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
    let line = place["region"]["startLine"].as_u64().and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    let detector = if tool == "guildhall audit" { rule.to_owned() } else { format!("{tool}/{rule}") };
    let prints = ["partialFingerprints", "fingerprints"].into_iter().filter_map(|kind| result[kind].as_object());
    let print = prints.flatten().find_map(|(_, print)| print.as_str());
    let id = match (result["partialFingerprints"][FINGERPRINT].as_str(), print) {
        (Some(own), _) => own.to_owned(),
        (None, Some(print)) => identity(&[&detector, print]),
        (None, None) => identity(&[&detector, file, message]),
    };
    let severity = severity(driver, rule, result);
    let said = |field: &str| result["properties"][field].as_str().unwrap_or_default().to_owned();
    let help = rule_of(driver, rule).and_then(|rule| rule["help"]["text"].as_str()).unwrap_or_default();
    Ok(Finding {
        id,
        detector,
        severity,
        contract: said("contract"),
        function: said("function"),
        file: file.to_owned(),
        line,
        message: Text::new(message, message),
        advice: Text::new(help, help),
    })
}

fn rule_of<'d>(driver: &'d Value, id: &str) -> Option<&'d Value> {
    driver["rules"].as_array()?.iter().find(|rule| rule["id"] == id)
}

/// The severity a tool gives in any of the places where tools give it.
fn severity(driver: &Value, rule: &str, result: &Value) -> Severity {
    let rule = rule_of(driver, rule);
    let property = |name: &str| {
        let own = &result["properties"][name];
        if own.is_null() { rule.map_or(&Value::Null, |rule| &rule["properties"][name]) } else { own }.clone()
    };
    match property("severity").as_str() {
        Some("INFO") => return Severity::Info,
        Some("LOW") => return Severity::Low,
        Some("MEDIUM") => return Severity::Medium,
        Some("HIGH") => return Severity::High,
        Some("CRITICAL") => return Severity::Critical,
        _ => {}
    }
    let score = property("security-severity");
    let score = score.as_str().and_then(|score| score.parse().ok()).or_else(|| score.as_f64());
    match score {
        Some(score) if score >= 9.0 => return Severity::Critical,
        Some(score) if score >= 7.0 => return Severity::High,
        Some(score) if score >= 4.0 => return Severity::Medium,
        Some(score) if score > 0.0 => return Severity::Low,
        Some(_) => return Severity::Info,
        None => {}
    }
    let level =
        result["level"].as_str().or_else(|| rule.and_then(|rule| rule["defaultConfiguration"]["level"].as_str()));
    match level {
        Some("error") => Severity::High,
        Some("note" | "none") => Severity::Info,
        _ => Severity::Medium,
    }
}
