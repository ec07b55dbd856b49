//! The operating report: what the watch did in a span of time, reckoned from its log alone, so that whoever has the log
//! can reckon it again.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::records::{Entry, Incident};
use crate::words::Words;

/// What the watch did in a span of time. Times are by the machine's clock.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OperatingReport {
    /// Alerts that began to fire.
    pub(crate) alerts: u64,
    /// The rules that fired, and how often each, the most frequent first.
    pub(crate) rules: Vec<Fired>,
    /// Seconds from firing until somebody said that they look after it, in the middle of those alerts where somebody did.
    pub(crate) acknowledged_median_seconds: Option<u64>,
    /// Alerts that fired and that nobody acknowledged in the span.
    pub(crate) unacknowledged: u64,
    /// Incidents declared, the first one first.
    pub(crate) incidents: Vec<IncidentLine>,
    /// Playbooks that were run and verified.
    pub(crate) measures: u64,
    /// Playbooks that were run and failed.
    pub(crate) measures_failed: u64,
    /// Change tickets that were executed.
    pub(crate) changes: Vec<ChangeLine>,
    /// Reviews of incidents that were published.
    pub(crate) reviews: u64,
    /// Entries of the log in the span.
    pub(crate) entries: u64,
    /// The log's hash after the last of them: who has the log can see that this report speaks of the same one.
    pub(crate) log_head: Option<String>,
}

/// A rule that fired.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FiredRule)]
pub(crate) struct Fired {
    /// The rule's id.
    pub(crate) rule: String,
    /// How many alerts.
    pub(crate) alerts: u64,
}

/// An incident in brief.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportedIncident)]
pub(crate) struct IncidentLine {
    /// Its number.
    pub(crate) id: u64,
    /// What it is about.
    pub(crate) title: Words,
    /// How bad, from `P1` to `P5`.
    pub(crate) severity: String,
    /// Seconds until it was contained, where that was in the span.
    pub(crate) contained_seconds: Option<u64>,
    /// Seconds until it was resolved, where that was in the span.
    pub(crate) resolved_seconds: Option<u64>,
}

/// A change in brief.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportedChange)]
pub(crate) struct ChangeLine {
    /// The ticket's number.
    pub(crate) id: u64,
    /// What it was.
    pub(crate) title: String,
    /// `verified` where the chain did as rehearsed, or `failed`.
    pub(crate) state: String,
}

/// Reckons a span's report from its entries, oldest first.
pub(crate) fn reckon(entries: &[Entry], incidents: &[Incident]) -> OperatingReport {
    let mut report = OperatingReport { entries: entries.len() as u64, ..OperatingReport::default() };
    report.log_head = entries.last().map(|entry| format!("{:#x}", entry.hash));
    let (mut fired, mut rules) = (BTreeMap::new(), BTreeMap::<String, u64>::new());
    let (mut waited, mut ended) = (Vec::new(), BTreeSet::new());
    let mut changes: BTreeMap<u64, ChangeLine> = BTreeMap::new();
    let mut declared: BTreeMap<u64, (u64, IncidentLine)> = BTreeMap::new();
    for entry in entries {
        let text = |name: &str| entry.body[name].as_str().unwrap_or_default();
        let incident = || entry.subject.strip_prefix("incident/").and_then(|id| id.parse::<u64>().ok());
        match (entry.kind.as_str(), text("state")) {
            // A rule in its trial tells nobody, and is none of what the house was told.
            ("alert", "firing") if entry.body["shadow"] != Json::Bool(true) => {
                let first = fired.insert(text("alert").to_owned(), entry.at_ms).is_none();
                *rules.entry(text("rule").to_owned()).or_default() += u64::from(first);
            }
            ("alert", "acknowledged") => {
                if let Some(since) = fired.get(text("alert")).filter(|_| ended.insert(text("alert").to_owned())) {
                    waited.push(entry.at_ms.saturating_sub(*since) / 1_000);
                }
            }
            ("incident", "declared") => {
                let known = incidents.iter().find(|known| Some(known.id) == incident());
                if let Some(known) = known {
                    let (title, severity) = (known.title.clone(), known.severity.name().to_owned());
                    let (id, contained_seconds, resolved_seconds) = (known.id, None, None);
                    let line = IncidentLine { id, title, severity, contained_seconds, resolved_seconds };
                    declared.insert(id, (entry.at_ms, line));
                }
            }
            ("incident" | "note", state @ ("contained" | "mitigated" | "resolved" | "reviewed")) => {
                if let Some((since, line)) = incident().and_then(|id| declared.get_mut(&id)) {
                    let seconds = entry.at_ms.saturating_sub(*since) / 1_000;
                    line.contained_seconds.get_or_insert(seconds);
                    if matches!(state, "resolved" | "reviewed") {
                        line.resolved_seconds.get_or_insert(seconds);
                    }
                }
            }
            ("run", "verified") => report.measures += 1,
            ("run", "failed") => report.measures_failed += 1,
            ("ticket", state @ ("verified" | "failed")) => {
                let id = entry.body["ticket"].as_u64().unwrap_or_default();
                changes.insert(id, ChangeLine { id, title: text("title").to_owned(), state: state.to_owned() });
            }
            ("review", _) if text("review") == "published" => report.reviews += 1,
            _ => {}
        }
    }
    report.alerts = fired.len() as u64;
    report.unacknowledged = report.alerts - waited.len() as u64;
    waited.sort_unstable();
    report.acknowledged_median_seconds = waited.get(waited.len() / 2).copied();
    report.rules = rules.into_iter().map(|(rule, alerts)| Fired { rule, alerts }).collect();
    report.rules.sort_by_key(|fired| std::cmp::Reverse(fired.alerts));
    report.incidents = declared.into_values().map(|(_, line)| line).collect();
    report.changes = changes.into_values().collect();
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IncidentState;
    use crate::rule::Severity;
    use alloy_primitives::B256;
    use serde_json::json;

    fn entry(seconds: u64, kind: &str, subject: &str, body: Json) -> Entry {
        let (kind, subject, actor) = (kind.to_owned(), subject.to_owned(), "guildhall".to_owned());
        Entry { seq: seconds, at_ms: seconds * 1_000, kind, subject, actor, body, hash: B256::with_last_byte(9) }
    }

    #[test]
    fn a_span_is_reckoned_from_its_log() {
        let incident = Incident {
            id: 3,
            title: Words::default(),
            severity: Severity::P1,
            state: IncidentState::Resolved,
            opened: 100,
            roles: BTreeMap::new(),
        };
        let alert = |at, id: &str, state: &str, shadow: bool| {
            let body = json!({ "alert": id, "rule": "supply-breach", "state": state, "shadow": shadow });
            entry(at, "alert", "incident/3", body)
        };
        let entries = [
            entry(100, "incident", "incident/3", json!({ "state": "declared" })),
            alert(100, "a", "firing", false),
            alert(101, "b", "firing", false),
            alert(102, "c", "firing", true),
            entry(104, "run", "incident/3", json!({ "state": "verified" })),
            entry(104, "incident", "incident/3", json!({ "state": "contained" })),
            alert(130, "a", "acknowledged", false),
            alert(140, "a", "acknowledged", false),
            entry(150, "note", "incident/3", json!({ "state": null, "note": "looking" })),
            entry(160, "ticket", "incident/3", json!({ "ticket": 7, "title": "take it back", "state": "verified" })),
            entry(200, "note", "incident/3", json!({ "state": "resolved" })),
            entry(300, "review", "incident/3", json!({ "review": "published" })),
            // Of an incident that was declared before the span.
            entry(301, "note", "incident/2", json!({ "state": "resolved" })),
        ];
        let report = reckon(&entries, &[incident]);
        assert_eq!((report.alerts, report.unacknowledged, report.acknowledged_median_seconds), (2, 1, Some(30)));
        assert_eq!((report.rules[0].rule.as_str(), report.rules[0].alerts), ("supply-breach", 2));
        assert_eq!((report.measures, report.measures_failed, report.reviews, report.entries), (1, 0, 1, 13));
        let [line] = &report.incidents[..] else { panic!("{:?}", report.incidents) };
        assert_eq!((line.id, line.contained_seconds, line.resolved_seconds), (3, Some(4), Some(100)));
        assert_eq!((report.changes[0].id, report.changes[0].state.as_str()), (7, "verified"));
        assert!(report.log_head.is_some());
        assert_eq!(reckon(&[], &[]), OperatingReport::default());
    }
}
