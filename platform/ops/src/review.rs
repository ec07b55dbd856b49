//! Post-incident reviews: what people say about an incident, beside what the records say, and the report of both.

use alloy_primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::records::{Entry, Incident, KeptAlert, Run};
use crate::words::Words;

/// Length of one text in one language, in characters.
pub(crate) const TEXT_MAX: usize = 8_000;
/// Things to do, at most.
pub(crate) const ACTIONS_MAX: usize = 40;

/// Something that is to be done so that it doesn't happen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpsAction)]
pub struct Action {
    /// What.
    pub what: Words,
    /// Who looks after it.
    pub owner: String,
    /// Until which day, as `2026-12-31`.
    pub due: String,
}

/// What people say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpsFindings)]
pub struct Findings {
    /// What happened, for customers.
    pub summary: Words,
    /// Who was harmed, and how much.
    pub impact: Words,
    /// Why it could happen.
    pub cause: Words,
    /// What went well, and what did not.
    pub lessons: Words,
    /// What is to be done.
    pub actions: Vec<Action>,
}

impl Findings {
    /// What is missing before it can be published.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let texts = [
            ("the summary", &self.summary),
            ("the impact", &self.impact),
            ("the cause", &self.cause),
            ("the lessons", &self.lessons),
        ];
        let empty = |words: &Words| words.en.trim().is_empty() || words.zh.trim().is_empty();
        texts.into_iter().find(|(_, words)| empty(words)).map(|(name, _)| name)
    }

    /// Whether a text is too long or a day is none.
    pub(crate) fn fault(&self) -> Option<String> {
        let words = [&self.summary, &self.impact, &self.cause, &self.lessons];
        let all = words.into_iter().chain(self.actions.iter().map(|action| &action.what));
        let long = |text: &str| text.chars().count() > TEXT_MAX;
        if all.clone().any(|words| long(&words.en) || long(&words.zh)) {
            return Some(format!("a text has up to {TEXT_MAX} characters"));
        }
        if self.actions.len() > ACTIONS_MAX {
            return Some(format!("a review has up to {ACTIONS_MAX} things to do"));
        }
        let day = |text: &str| {
            let parts: Vec<&str> = text.split('-').collect();
            let number = |place: usize, digits: usize| {
                parts.get(place).filter(|part| part.len() == digits).and_then(|part| part.parse::<u32>().ok())
            };
            parts.len() == 3
                && number(0, 4).is_some()
                && number(1, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(2, 2).is_some_and(|day| (1..=31).contains(&day))
        };
        let wrong = self.actions.iter().find(|action| !day(&action.due))?;
        Some(format!("{:?} is no day such as 2026-12-31", wrong.due))
    }
}

/// Where a review is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsReviewState)]
pub enum ReviewState {
    /// It is being written.
    Draft,
    /// Somebody else agreed to every word.
    Approved,
    /// The world can read it, and its hash is on the chain.
    Published,
}

impl ReviewState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Published => "published",
        }
    }
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The incident it is of.
    pub incident: u64,
    /// What people say.
    pub findings: Findings,
    /// Who wrote on it; none of them can approve it.
    pub authors: Vec<String>,
    /// Where it is in its life.
    pub state: ReviewState,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// The report as it was published, to the letter.
    pub report: Option<String>,
    /// When it was, in seconds since 1970 by the chain.
    pub published: Option<u64>,
    /// The transaction that carries its hash.
    pub transaction: Option<B256>,
    /// The block of it.
    pub block: Option<u64>,
}

impl Review {
    pub(crate) fn of(incident: u64) -> Self {
        Self {
            incident,
            findings: Findings::default(),
            authors: Vec::new(),
            state: ReviewState::Draft,
            approved_by: None,
            report: None,
            published: None,
            transaction: None,
            block: None,
        }
    }

    /// Keccak-256 of the report.
    #[must_use]
    pub fn digest(&self) -> Option<B256> {
        self.report.as_ref().map(keccak256)
    }
}

/// Everything a report is made from, as the records have it.
pub(crate) struct Facts<'a> {
    pub(crate) incident: &'a Incident,
    pub(crate) alerts: &'a [KeptAlert],
    pub(crate) runs: &'a [Run],
    pub(crate) log: &'a [Entry],
    pub(crate) chain_id: u64,
    pub(crate) operator: String,
}

/// The report: what the records say and what people say, each number with the row it is from.
///
/// Times are seconds since 1970: alerts' by the chain, the log's by the machine, in milliseconds.
pub(crate) fn report(review: &Review, facts: &Facts<'_>) -> Json {
    let alerts: Vec<Json> = facts
        .alerts
        .iter()
        .map(|kept| {
            let transaction =
                kept.alert.signal.as_ref().map(|signal| signal.transaction).filter(|hash| !hash.is_zero());
            json!({
                "id": kept.id, "rule": kept.alert.rule, "severity": kept.severity.name(),
                "block": kept.alert.since.number, "time": kept.alert.since.timestamp, "seen_ms": kept.seen_ms,
                "count": kept.alert.count, "transaction": transaction,
            })
        })
        .collect();
    let runs: Vec<Json> = facts
        .runs
        .iter()
        .map(|run| {
            json!({
                "id": run.id, "playbook": run.playbook, "state": run.state, "approved_by": run.approved_by,
                "steps": run.done.iter().map(|done| json!({
                    "step": done.step, "verified": done.verified, "transaction": done.transaction, "block": done.block,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let states: Vec<Json> = facts
        .log
        .iter()
        .filter_map(|entry| {
            let state = entry.body.get("state").and_then(Json::as_str)?;
            let of_incident = entry.kind == "incident" || entry.kind == "note";
            of_incident.then(|| json!({ "state": state, "at_ms": entry.at_ms, "by": entry.actor, "entry": entry.seq }))
        })
        .collect();
    let cause = facts.alerts.iter().map(|kept| kept.alert.since.number).min();
    let contained = facts.runs.iter().flat_map(|run| &run.done).filter_map(|done| done.block).min();
    json!({
        "format": "guildhall-incident-report-1",
        "chain_id": facts.chain_id,
        "incident": {
            "id": facts.incident.id, "title": facts.incident.title, "severity": facts.incident.severity.name(),
            "opened": facts.incident.opened, "roles": facts.incident.roles,
        },
        "blocks_to_contain": cause.zip(contained).map(|(cause, contained)| contained.saturating_sub(cause)),
        "findings": review.findings,
        "alerts": alerts,
        "measures": runs,
        "states": states,
        "authors": review.authors,
        "approved_by": review.approved_by,
        "anchored_by": facts.operator,
        "log": facts.log.last().map(|entry| json!({ "entry": entry.seq, "hash": entry.hash })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words { en: text.to_owned(), zh: text.to_owned() }
    }

    #[test]
    fn a_review_says_everything_in_both_languages_before_it_is_published() {
        let mut findings = Findings {
            summary: words("a"),
            impact: words("b"),
            cause: words("c"),
            lessons: words("d"),
            actions: vec![],
        };
        assert_eq!(findings.missing(), None);
        findings.cause.zh = " ".to_owned();
        assert_eq!(findings.missing(), Some("the cause"));
    }

    #[test]
    fn days_and_lengths_are_looked_at() {
        let action = |due: &str| Action { what: words("x"), owner: "us".to_owned(), due: due.to_owned() };
        let of = |action: Action| Findings { actions: vec![action], ..Findings::default() };
        assert_eq!(of(action("2026-12-31")).fault(), None);
        for due in ["tomorrow", "2026-13-01", "26-1-1", "2026-12-31-01", ""] {
            assert!(of(action(due)).fault().is_some(), "{due}");
        }
        let long = Findings { summary: words(&"x".repeat(TEXT_MAX + 1)), ..Findings::default() };
        assert!(long.fault().is_some());
    }
}
