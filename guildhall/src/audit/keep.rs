//! What an audit found, for the house's console.

use super::Audit;
use crate::{chain, house::store_url};
use alloy_primitives::{B256, keccak256};
use platform_audit::{Judged, State, Text, Verdict};
use platform_index::Store;
use platform_ops::{AuditFinding, AuditGone, AuditReport, Words, keep_audit};
use std::{collections::BTreeMap, path::Path};

/// Keeps the result in a house, which may be open.
pub(crate) async fn keep(directory: &Path, audit: &Audit, judged: &[Judged], gone: &[Verdict]) -> anyhow::Result<()> {
    let store = Store::open(&store_url(directory)).await?;
    Ok(keep_audit(&store, &report(audit, judged, gone), chain::now()).await?)
}

/// Keccak-256 of sources: of the JSON object of their texts by path, which is
/// sorted.
pub(crate) fn digest(texts: &BTreeMap<String, String>) -> B256 {
    keccak256(serde_json::json!(texts).to_string())
}

fn report(audit: &Audit, judged: &[Judged], gone: &[Verdict]) -> AuditReport {
    AuditReport {
        digest: audit.digest.map(|digest| digest.to_string()),
        checked: audit.checked.clone(),
        unchecked: audit.unchecked.clone(),
        findings: judged.iter().map(finding).collect(),
        gone: gone.iter().map(no_longer_found).collect(),
    }
}

fn finding(judged: &Judged) -> AuditFinding {
    let (finding, verdict) = (&judged.finding, judged.verdict.as_ref());
    let said = |of: fn(&Verdict) -> &String| verdict.map(of).filter(|text| !text.is_empty()).cloned();
    let fault = judged.fault.is_some();
    AuditFinding {
        id: finding.id.clone(),
        detector: finding.detector.clone(),
        severity: finding.severity.word().to_owned(),
        subject: finding.subject(),
        file: finding.file.clone(),
        line: finding.line as u64,
        message: words(&finding.message),
        advice: words(&finding.advice),
        state: name(judged.state).to_owned(),
        open: fault || matches!(judged.state, State::Open | State::Confirmed),
        fault,
        owner: said(|verdict| &verdict.owner),
        reason: said(|verdict| &verdict.reason),
        expires: said(|verdict| &verdict.expires),
    }
}

fn no_longer_found(verdict: &Verdict) -> AuditGone {
    let (detector, subject) = (verdict.detector.clone(), verdict.subject.clone());
    AuditGone { detector, subject, state: name(verdict.state).to_owned() }
}

fn words(text: &Text) -> Words {
    Words { en: text.en.clone(), zh: text.zh.clone() }
}

/// The word of the API, in which all states are written alike.
const fn name(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Confirmed => "confirmed",
        State::Fixed => "fixed",
        State::Verified => "verified",
        State::Accepted => "accepted",
        State::FalsePositive => "false_positive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform_audit::{Finding, Severity, Triage};

    fn found(subject: &str, severity: Severity) -> Finding {
        Finding::stated("rights-without-delay", severity, subject, Text::new("a", "甲"), Text::new("b", "乙"))
    }

    #[test]
    fn a_finding_is_kept_with_its_decision() {
        let all = vec![found("x", Severity::High), found("y", Severity::High), found("z", Severity::Low)];
        let triage = format!(
            "findings:\n  - {{ id: \"{}\", detector: rights-without-delay, state: accepted, owner: ops, reason: play \
             money, expires: \"2027-06-30\" }}\n  - {{ id: \"0000000000000000\", detector: gone, subject: V.w, state: \
             fixed, owner: ops, reason: mended }}\n",
            all[0].id
        );
        let triage = Triage::read(&triage).unwrap();
        let of = |day: &str| {
            let judged = triage.judge(all.clone(), day);
            report(&Audit::default(), &judged, &triage.no_longer_found(&all))
        };
        let kept = of("2027-06-30");
        let standing: Vec<_> = kept.findings.iter().map(|one| (one.state.as_str(), one.open, one.fault)).collect();
        assert_eq!(standing, [("accepted", false, false), ("open", true, true), ("open", true, false)]);
        let first = &kept.findings[0];
        assert_eq!((first.owner.as_deref(), first.reason.as_deref()), (Some("ops"), Some("play money")));
        assert_eq!((first.expires.as_deref(), first.message.zh.as_str()), (Some("2027-06-30"), "甲"));
        assert_eq!(kept.findings[1].owner, None);
        assert_eq!((kept.gone.len(), kept.gone[0].state.as_str()), (1, "verified"));
        assert!(of("2027-07-01").findings[0].open, "its acceptance has expired");
    }

    #[test]
    fn the_digest_is_of_paths_and_texts() {
        let of = |path: &str, text: &str| digest(&BTreeMap::from([(path.to_owned(), text.to_owned())]));
        assert_ne!(of("src/A.sol", "contract A {}"), of("src/B.sol", "contract A {}"));
        assert_ne!(of("src/A.sol", "contract A {}"), of("src/A.sol", "contract A { }"));
    }
}
