//! What people decided about findings, in a file that is committed beside the code.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Finding, Severity};

/// A file of decisions that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TriageError {
    /// It is no such file.
    #[error("the triage file can't be read: {0}")]
    Unreadable(String),
    /// A decision lacks what it needs.
    #[error("the triage of {id} ({detector}) lacks {what}")]
    Incomplete {
        /// Which finding.
        id: String,
        /// Its detector.
        detector: String,
        /// What is missing.
        what: &'static str,
    },
    /// A finding is decided twice.
    #[error("the finding {0} is in the triage file twice")]
    Twice(String),
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has looked at it.
    Open,
    /// It is so, and not mended yet.
    Confirmed,
    /// It is said to be mended.
    Fixed,
    /// It was mended, and is found no more.
    Verified,
    /// It is so and stays, for a reason, until a day.
    Accepted,
    /// It is not so.
    FalsePositive,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The finding.
    pub id: String,
    /// Its detector, for people.
    pub detector: String,
    /// Contract and function, for people.
    #[serde(default)]
    pub subject: String,
    /// What was decided.
    pub state: State,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Until which day (`2027-06-30`) it is accepted.
    #[serde(default)]
    pub expires: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    findings: Vec<Verdict>,
}

/// Every decision.
#[derive(Clone, Debug, Default)]
pub struct Triage {
    verdicts: BTreeMap<String, Verdict>,
}

/// A finding beside what was decided about it.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Where it stands.
    pub state: State,
    /// What was decided, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why it can't stay as it is, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

impl Triage {
    /// Reads the file.
    pub fn read(yaml: &str) -> Result<Self, TriageError> {
        let file: File = serde_saphyr::from_str(yaml).map_err(|error| TriageError::Unreadable(error.to_string()))?;
        let mut verdicts = BTreeMap::new();
        for verdict in file.findings {
            if let Some(what) = missing(&verdict) {
                return Err(TriageError::Incomplete { id: verdict.id, detector: verdict.detector, what });
            }
            let id = verdict.id.clone();
            if verdicts.insert(id.clone(), verdict).is_some() {
                return Err(TriageError::Twice(id));
            }
        }
        Ok(Self { verdicts })
    }

    /// Puts decisions beside findings. `today` is a day as `2026-11-21`.
    #[must_use]
    pub fn judge(&self, findings: Vec<Finding>, today: &str) -> Vec<Judged> {
        let judge = |finding: Finding| {
            let verdict = self.verdicts.get(&finding.id).cloned();
            let state = verdict.as_ref().map_or(State::Open, |verdict| verdict.state);
            let fault = match state {
                State::Open if finding.severity > Severity::Low => Some("nobody has decided about it"),
                State::Fixed | State::Verified => Some("it was said to be mended, and is found again"),
                State::Accepted if verdict.as_ref().is_some_and(|verdict| verdict.expires.as_str() < today) => {
                    Some("its acceptance has expired")
                }
                _ => None,
            };
            Judged { finding, state, verdict, fault }
        };
        findings.into_iter().map(judge).collect()
    }

    /// Decisions about what is found no more: those said to be mended are verified by that, the others may go.
    #[must_use]
    pub fn no_longer_found(&self, findings: &[Finding]) -> Vec<Verdict> {
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
        let gone = self.verdicts.values().filter(|verdict| !found.contains(verdict.id.as_str())).cloned();
        gone.map(|verdict| match verdict.state {
            State::Fixed => Verdict { state: State::Verified, ..verdict },
            _ => verdict,
        })
        .collect()
    }
}

/// What a decision lacks.
fn missing(verdict: &Verdict) -> Option<&'static str> {
    let day = verdict.expires.as_bytes();
    let is_day = day.len() == 10 && day[4] == b'-' && day[7] == b'-';
    match verdict.state {
        State::Open => None,
        _ if verdict.owner.trim().is_empty() => Some("an owner"),
        _ if verdict.reason.trim().is_empty() => Some("a reason"),
        State::Accepted if !is_day => Some("a day on which the acceptance expires, as 2027-06-30"),
        _ => None,
    }
}
