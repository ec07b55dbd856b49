//! Wire types of operations.

mod code;
mod review;
mod rule;
mod statement;
mod ticket;

use std::collections::BTreeMap;

use alloy_primitives::B256;
use platform_api::calendar::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};

use crate::monitor::AlertState;
use crate::playbook::{Done, Playbook};
use crate::records::{Entry, Incident, IncidentState, KeptAlert, Run};
use crate::ruleset::Ruleset;
use crate::words::Words;

pub(crate) use code::{CodeBody, CodeView};
pub(crate) use review::{ReportQuery, ReportSummary, ReportView, ReviewView};
pub(crate) use rule::{PauseBody, RevisionBody, RevisionStateBody, RevisionView, RuleView, TrialBody, TrialView};
pub(crate) use statement::StatementView;
pub(crate) use ticket::{
    ApprovalBody, CodeChangeBody, RehearsalBody, RehearsalView, StandingView, TicketBody, TicketView,
};

/// How the watch stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsOverview)]
pub(crate) struct OverviewView {
    /// The last block that was judged.
    pub(crate) judged: u64,
    /// Alerts that nobody acknowledged.
    pub(crate) firing: u64,
    /// Alerts that somebody did, and that are not over.
    pub(crate) acknowledged: u64,
    /// Incidents that are not resolved.
    pub(crate) incidents: u64,
    /// Rules that apply to this house.
    pub(crate) rules: u64,
    /// Measures in force that are taken back by themselves.
    pub(crate) measures: u64,
    /// Whether every entry of the log follows from the one before.
    pub(crate) log_intact: bool,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsAlert)]
pub(crate) struct AlertView {
    /// Its name.
    pub(crate) id: String,
    /// Which rule found it.
    pub(crate) rule: String,
    /// What it says.
    pub(crate) title: Words,
    /// What a person does.
    pub(crate) runbook: Words,
    /// From P1, which wakes people up, to P5.
    pub(crate) severity: String,
    /// `pending`, `firing`, `acknowledged`, `resolved` or `retracted`.
    pub(crate) state: String,
    /// What it is told apart by.
    pub(crate) labels: BTreeMap<String, String>,
    /// The event that caused it, where one did.
    pub(crate) signal: Option<SignalView>,
    /// Its first block.
    pub(crate) block_number: u64,
    /// When that was.
    pub(crate) since: String,
    /// When it was last seen.
    pub(crate) last: String,
    /// How often.
    pub(crate) count: u64,
    /// The incident it belongs to.
    pub(crate) incident: Option<u64>,
}

/// An event that caused an alert.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsSignal)]
pub(crate) struct SignalView {
    /// The contract's name.
    pub(crate) contract: String,
    /// The event's name.
    pub(crate) name: String,
    /// Its arguments.
    #[schema(value_type = Object)]
    pub(crate) args: BTreeMap<String, Json>,
    /// The transaction it was in.
    pub(crate) transaction: Option<String>,
    /// Who sent it.
    pub(crate) from: Option<String>,
}

/// An incident in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsIncident)]
pub(crate) struct IncidentView {
    /// Its number.
    pub(crate) id: u64,
    /// What it is about.
    pub(crate) title: Words,
    /// From P1 to P5.
    pub(crate) severity: String,
    /// Where it is in its life.
    pub(crate) state: IncidentState,
    /// When it was declared.
    pub(crate) opened: String,
    /// Who does what.
    pub(crate) roles: BTreeMap<String, String>,
}

/// An incident with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsIncidentRoom)]
pub(crate) struct RoomView {
    /// The incident.
    pub(crate) incident: IncidentView,
    /// Its alerts.
    pub(crate) alerts: Vec<AlertView>,
    /// What was done on the chain.
    pub(crate) runs: Vec<RunView>,
    /// What happened, oldest first. Each entry's hash follows from the one before.
    pub(crate) timeline: Vec<EntryView>,
}

/// A playbook that was run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsRun)]
pub(crate) struct RunView {
    /// Its number.
    pub(crate) id: u64,
    /// Which.
    pub(crate) playbook: String,
    /// What it does.
    pub(crate) title: Words,
    /// What that means for people.
    pub(crate) effect: Words,
    /// With what.
    pub(crate) with: BTreeMap<String, String>,
    /// `verified`, `failed` or `rolled_back`.
    pub(crate) state: String,
    /// When it is taken back by itself.
    pub(crate) expires: Option<String>,
    /// Whether anything of it can be taken back.
    pub(crate) reversible: bool,
    /// A rule or an address.
    pub(crate) approved_by: String,
    /// The incident it belongs to.
    pub(crate) incident: Option<u64>,
    /// What became of its steps.
    pub(crate) steps: Vec<StepView>,
}

/// What became of a step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsStep)]
pub(crate) struct StepView {
    /// Contract and call.
    pub(crate) step: String,
    /// Whether the chain says that it worked.
    pub(crate) verified: bool,
    /// Whether it was so already.
    pub(crate) already: bool,
    /// Its transaction.
    pub(crate) transaction: Option<String>,
    /// Its block.
    pub(crate) block_number: Option<u64>,
    /// Why it failed.
    pub(crate) failure: Option<String>,
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsEntry)]
pub(crate) struct EntryView {
    /// Its place, from 1.
    pub(crate) seq: u64,
    /// When.
    pub(crate) at: String,
    /// `alert`, `incident`, `run`, `note`, `ticket`, `review`, `channel`, `handover`, `statement`, `confirmation`,
    /// `rules` or `replaced`.
    pub(crate) kind: String,
    /// `guildhall`, a rule, or an address.
    pub(crate) actor: String,
    /// The rest.
    #[schema(value_type = Object)]
    pub(crate) body: Json,
    /// Keccak-256 of the entry before and this one.
    pub(crate) hash: String,
}

/// A playbook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsPlaybook)]
pub(crate) struct PlaybookView {
    /// Its name.
    pub(crate) id: String,
    /// What it does.
    pub(crate) title: Words,
    /// What that means for people.
    pub(crate) effect: Words,
    /// What must be said to run it.
    pub(crate) parameters: Vec<String>,
    /// Seconds after which it is taken back by itself.
    pub(crate) expires_after: Option<u64>,
    /// Whether anything of it can be taken back.
    pub(crate) reversible: bool,
    /// The parameters that hold the English and the Chinese text of its public statement: 1 to 500 characters each.
    pub(crate) statement: Option<Words>,
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct AlertQuery {
    /// Only those that are not over.
    #[serde(default)]
    pub(crate) open: bool,
}

/// What a person writes into an incident's timeline.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsNote)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    /// What there is to say; up to 4,000 characters.
    #[serde(default)]
    pub(crate) note: String,
    /// Where the incident goes on to.
    #[serde(default)]
    pub(crate) state: Option<IncidentState>,
    /// A role that somebody takes: `leader`, `scribe`, `communications`, `expert` or `decision_maker`.
    #[serde(default)]
    pub(crate) role: Option<String>,
}

/// A playbook to run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsRunRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBody {
    /// Which.
    pub(crate) playbook: String,
    /// Its parameters.
    #[serde(default)]
    pub(crate) with: BTreeMap<String, String>,
    /// The incident it belongs to.
    #[serde(default)]
    pub(crate) incident: Option<u64>,
}

impl AlertView {
    pub(crate) fn of(kept: KeptAlert, rules: &Ruleset) -> Self {
        let rule = rules.get(&kept.alert.rule).map(|rule| &rule.rule);
        let signal = kept.alert.signal.map(|signal| SignalView {
            contract: signal.contract,
            name: signal.name,
            args: signal.args,
            transaction: (signal.transaction != B256::ZERO).then(|| signal.transaction.to_string()),
            from: (!signal.from.is_zero()).then(|| signal.from.to_checksum(None)),
        });
        Self {
            id: kept.id,
            title: rule.map(|rule| rule.title.clone()).unwrap_or_default(),
            runbook: rule.map(|rule| rule.runbook.clone()).unwrap_or_default(),
            rule: kept.alert.rule,
            severity: kept.severity.name().to_owned(),
            state: kept.alert.state.name().to_owned(),
            labels: kept.alert.labels,
            signal,
            block_number: kept.alert.since.number,
            since: rfc3339(kept.alert.since.timestamp),
            last: rfc3339(kept.alert.last.timestamp),
            count: kept.alert.count,
            incident: kept.incident,
        }
    }
}

impl From<Incident> for IncidentView {
    fn from(incident: Incident) -> Self {
        Self {
            id: incident.id,
            title: incident.title,
            severity: incident.severity.name().to_owned(),
            state: incident.state,
            opened: rfc3339(incident.opened),
            roles: incident.roles,
        }
    }
}

impl RunView {
    pub(crate) fn of(run: Run, playbooks: &[Playbook]) -> Self {
        let playbook = playbooks.iter().find(|playbook| playbook.id == run.playbook);
        Self {
            id: run.id,
            title: playbook.map(|playbook| playbook.title.clone()).unwrap_or_default(),
            effect: playbook.map(|playbook| playbook.effect.clone()).unwrap_or_default(),
            reversible: playbook.is_some_and(Playbook::reversible),
            playbook: run.playbook,
            with: run.with,
            state: run.state,
            expires: run.expires.map(rfc3339),
            approved_by: run.approved_by,
            incident: run.incident,
            steps: run.done.into_iter().map(StepView::from).collect(),
        }
    }
}

impl From<Done> for StepView {
    fn from(done: Done) -> Self {
        Self {
            step: done.step,
            verified: done.verified,
            already: done.already,
            transaction: done.transaction.map(|hash| hash.to_string()),
            block_number: done.block,
            failure: done.failure,
        }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: rfc3339(entry.at_ms / 1_000),
            kind: entry.kind,
            actor: entry.actor,
            body: entry.body,
            hash: entry.hash.to_string(),
        }
    }
}

impl From<&Playbook> for PlaybookView {
    fn from(playbook: &Playbook) -> Self {
        Self {
            id: playbook.id.clone(),
            title: playbook.title.clone(),
            effect: playbook.effect.clone(),
            parameters: playbook.parameters.clone(),
            expires_after: playbook.expires,
            reversible: playbook.reversible(),
            statement: playbook.statement(),
        }
    }
}

/// How many of these are in that state.
pub(crate) fn count(alerts: &[KeptAlert], state: AlertState) -> u64 {
    alerts.iter().filter(|kept| kept.alert.state == state).count() as u64
}

/// A span of time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SpanQuery {
    /// From this time on: a date, RFC 3339 in UTC, or seconds since 1970.
    pub(crate) from: String,
    /// Before this time.
    pub(crate) to: String,
}

/// What is said when the watch is handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsHandoverAsked)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoverBody {
    /// What the next one must know; up to 4,000 characters.
    pub(crate) note: String,
}

/// A handover of the watch, and what was open then.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsHandover)]
pub(crate) struct HandoverView {
    /// When.
    pub(crate) at: String,
    /// Who handed over: an address.
    pub(crate) by: String,
    /// What they said.
    pub(crate) note: String,
    /// Alerts that nobody looked after.
    pub(crate) firing: u64,
    /// Alerts that somebody looked after.
    pub(crate) acknowledged: u64,
    /// Incidents that were not resolved.
    pub(crate) incidents: Vec<u64>,
}

impl From<Entry> for HandoverView {
    fn from(entry: Entry) -> Self {
        let number = |name: &str| entry.body[name].as_u64().unwrap_or_default();
        let incidents = entry.body["incidents"].as_array().into_iter().flatten().filter_map(Json::as_u64).collect();
        Self {
            at: rfc3339(entry.at_ms / 1_000),
            note: entry.body["note"].as_str().unwrap_or_default().to_owned(),
            firing: number("firing"),
            acknowledged: number("acknowledged"),
            incidents,
            by: entry.actor,
        }
    }
}
