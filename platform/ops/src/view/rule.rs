//! Wire types of rules.

use std::collections::BTreeMap;

use platform_api::calendar::rfc3339;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::monitor::Alert;
use crate::revision::{Revision, RevisionState};
use crate::rule::{Compiled, On};
use crate::trial::{Backtest, Tested};
use crate::watch::Trial;
use crate::words::Words;

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsRule)]
pub(crate) struct RuleView {
    /// Its name. One on trial beside another has the number of its revision behind a tilde.
    pub(crate) id: String,
    /// Counts up with each change.
    pub(crate) version: u32,
    /// What it says when it fires.
    pub(crate) title: Words,
    /// What a person does then.
    pub(crate) runbook: Words,
    /// From P1 to P5.
    pub(crate) severity: String,
    /// Which role looks after it.
    pub(crate) owner: String,
    /// `event`, `block` or `time`.
    pub(crate) on: String,
    /// When it fires, in CEL.
    pub(crate) expr: String,
    /// Its thresholds.
    pub(crate) settings: BTreeMap<String, String>,
    /// The playbook that it runs by itself.
    pub(crate) playbook: Option<String>,
    /// Whether it only writes down what it would have told.
    pub(crate) shadow: bool,
    /// Whether the contracts it looks at are in this house.
    pub(crate) applies: bool,
    /// How many tests it carries.
    pub(crate) tests: u64,
    /// Keccak-256 of its file.
    pub(crate) digest: String,
    /// Its file, in YAML.
    pub(crate) text: String,
}

impl RuleView {
    pub(crate) fn of(compiled: &Compiled, applies: bool) -> Self {
        let rule = &compiled.rule;
        let on = match rule.on {
            On::Event { .. } => "event",
            On::Block => "block",
            On::Time => "time",
        };
        Self {
            id: rule.id.clone(),
            version: rule.version,
            title: rule.title.clone(),
            runbook: rule.runbook.clone(),
            severity: rule.severity.name().to_owned(),
            owner: rule.owner.clone(),
            on: on.to_owned(),
            expr: rule.expr.clone(),
            settings: rule.settings.clone(),
            playbook: rule.response.as_ref().map(|response| response.playbook.clone()),
            shadow: rule.shadow,
            applies,
            tests: rule.tests.len() as u64,
            digest: compiled.digest.to_string(),
            text: compiled.text.clone(),
        }
    }
}

/// A rule's text, to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsRuleText)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrialBody {
    /// The rule, in YAML; up to 20,000 characters.
    pub(crate) text: String,
    /// The first block to judge; a thousand before the last without it.
    #[serde(default)]
    pub(crate) from: Option<u64>,
    /// The last; the newest without it.
    #[serde(default)]
    pub(crate) to: Option<u64>,
}

/// What came of trying a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsTrial)]
pub(crate) struct TrialView {
    /// The rule's name.
    pub(crate) rule: String,
    /// Its own tests.
    pub(crate) tests: Vec<TestedView>,
    /// What it would have said to past blocks. Nothing where a test failed, and for rules about the passing of time: the
    /// vitals of a house are not kept.
    pub(crate) backtest: Option<BacktestView>,
}

/// A test of a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsRuleTest)]
pub(crate) struct TestedView {
    /// `firing`, `quiet` or `reorg`.
    pub(crate) kind: String,
    /// What it shows.
    pub(crate) shows: String,
    /// What came out instead; nothing where it passed.
    pub(crate) fault: Option<String>,
}

/// What a rule would have said to past blocks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsBacktest)]
pub(crate) struct BacktestView {
    /// The first block that was judged.
    pub(crate) from: u64,
    /// The last.
    pub(crate) to: u64,
    /// Whether the time was up before the last block that was asked for.
    pub(crate) cut: bool,
    /// How often it would have fired.
    pub(crate) fired: u64,
    /// The first hundred findings.
    pub(crate) found: Vec<FoundView>,
    /// Why it stopped, where its expression gave no answer.
    pub(crate) fault: Option<String>,
}

/// A finding of a backtest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsFound)]
pub(crate) struct FoundView {
    /// The block.
    pub(crate) block: u64,
    /// Its time.
    pub(crate) at: String,
    /// What it is told apart by.
    pub(crate) labels: BTreeMap<String, String>,
    /// The transaction, where one caused it.
    pub(crate) transaction: Option<String>,
}

impl From<Trial> for TrialView {
    fn from(trial: Trial) -> Self {
        Self {
            rule: trial.rule,
            tests: trial.tests.into_iter().map(Into::into).collect(),
            backtest: trial.backtest.map(Into::into),
        }
    }
}

impl From<Tested> for TestedView {
    fn from(test: Tested) -> Self {
        Self { kind: test.kind.to_owned(), shows: test.shows, fault: test.fault }
    }
}

impl From<Backtest> for BacktestView {
    fn from(backtest: Backtest) -> Self {
        Self {
            from: backtest.from,
            to: backtest.to,
            cut: backtest.cut,
            fired: backtest.fired,
            found: backtest.found.into_iter().map(Into::into).collect(),
            fault: backtest.fault,
        }
    }
}

impl From<Alert> for FoundView {
    fn from(alert: Alert) -> Self {
        Self {
            block: alert.since.number,
            at: rfc3339(alert.since.timestamp),
            transaction: alert.signal.as_ref().map(|signal| signal.transaction.to_string()),
            labels: alert.labels,
        }
    }
}

/// A rule as somebody wrote it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsRevision)]
pub(crate) struct RevisionView {
    /// Its number.
    pub(crate) id: u64,
    /// The rule it is of.
    pub(crate) rule: String,
    /// The rule's file, in YAML.
    pub(crate) text: String,
    /// Why.
    pub(crate) reason: String,
    /// Where it is in its life.
    pub(crate) state: RevisionState,
    /// Who wrote it.
    pub(crate) author: String,
    /// Who else agreed, by putting it in force.
    pub(crate) approved_by: Option<String>,
    /// When it was written.
    pub(crate) opened: String,
    /// When it was last moved on.
    pub(crate) changed: String,
    /// The blocks it was tried on.
    pub(crate) tried: Option<TriedView>,
}

/// The blocks that a revision was tried on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsTried)]
pub(crate) struct TriedView {
    /// The first.
    pub(crate) from: u64,
    /// The last.
    pub(crate) to: u64,
    /// How often it would have fired.
    pub(crate) fired: u64,
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        Self {
            id: revision.id,
            rule: revision.rule,
            text: revision.text,
            reason: revision.reason,
            state: revision.state,
            author: revision.author,
            approved_by: revision.approved_by,
            opened: rfc3339(revision.opened_ms / 1_000),
            changed: rfc3339(revision.changed_ms / 1_000),
            tried: revision.tried.map(|(from, to, fired)| TriedView { from, to, fired }),
        }
    }
}

/// A rule that somebody wrote.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsNewRevision)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevisionBody {
    /// The rule, in YAML; up to 20,000 characters.
    pub(crate) text: String,
    /// Why; up to 500 characters.
    pub(crate) reason: String,
}

/// Where a revision is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsRevisionState)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevisionStateBody {
    /// `shadow`, `active`, `paused`, `retired` or `withdrawn`.
    pub(crate) state: RevisionState,
}

/// Why a rule is paused.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsRulePause)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseBody {
    /// Why; up to 500 characters.
    pub(crate) reason: String,
}
