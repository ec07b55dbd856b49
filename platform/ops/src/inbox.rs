//! What waits for one member of staff: their approval, their hand, or anybody's lead.
//!
//! **Invariant:** only what this person may do is in their list, so that an empty list means that nothing is left to them.

use platform_api::calendar::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use crate::playbook::Playbook;
use crate::records::{Incident, IncidentState, Run};
use crate::review::{Review, ReviewState};
use crate::revision::{Revision, RevisionState};
use crate::ticket::{OPEN_SECONDS, Ticket, TicketState};
use crate::words::Words;

/// A measure is about to expire when it is this near to its end, in seconds.
const SOON_SECONDS: u64 = 2 * 3_600;

/// What kind of thing waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsInboxKind)]
pub(crate) enum WaitingKind {
    /// A change ticket; the id is its number.
    Ticket,
    /// A review; the id is its incident's number.
    Review,
    /// A rule that somebody wrote; the id is the rule's name.
    Rule,
    /// A measure in force; the id is its run's number.
    Measure,
    /// An incident; the id is its number.
    Incident,
}

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsInboxReason)]
pub(crate) enum WaitingFor {
    /// Somebody else must agree.
    Approval,
    /// It is agreed to, and must be executed.
    Execution,
    /// It is agreed to, and can be published.
    Publication,
    /// It is taken back soon, unless somebody confirms it.
    Confirmation,
    /// Nobody leads it.
    Leader,
}

/// Something that waits. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) kind: WaitingKind,
    pub(crate) id: String,
    pub(crate) title: Words,
    pub(crate) since: u64,
    pub(crate) until: Option<u64>,
    pub(crate) why: WaitingFor,
    pub(crate) incident: Option<u64>,
}

/// Something that waits for whoever asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsInboxItem)]
pub(crate) struct WaitingView {
    /// What it is.
    pub(crate) kind: WaitingKind,
    /// Which of its kind.
    pub(crate) id: String,
    /// What it is about.
    pub(crate) title: Words,
    /// Since when it waits.
    pub(crate) since: String,
    /// Until when it can be done.
    pub(crate) until: Option<String>,
    /// What it waits for.
    pub(crate) why: WaitingFor,
    /// The incident it belongs to.
    pub(crate) incident: Option<u64>,
}

/// Whoever asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Me<'a> {
    /// Their address, with its checksum.
    pub(crate) address: &'a str,
    /// Whether they may act on the chain for the house.
    pub(crate) acts: bool,
}

/// What stands open, as the records have it.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// Tickets that are not over.
    pub(crate) tickets: Vec<Ticket>,
    /// Reviews that are not published, with their incidents and when they were last changed.
    pub(crate) reviews: Vec<(Review, Incident, u64)>,
    /// Rules that were written, and are not in force.
    pub(crate) revisions: Vec<Revision>,
    /// Measures in force that are taken back by themselves.
    pub(crate) runs: Vec<Run>,
    /// Incidents that are not resolved.
    pub(crate) incidents: Vec<Incident>,
    /// The house's time: measures expire by it.
    pub(crate) house_time: u64,
    /// The machine's, in milliseconds: tickets expire by it.
    pub(crate) now_ms: u64,
}

/// What waits for somebody: what ends first, then what has waited longest.
pub(crate) fn waiting(standing: &Standing, playbooks: &[Playbook], me: Me<'_>) -> Vec<Waiting> {
    let open = standing.tickets.iter().filter(|ticket| !ticket.is_over(standing.now_ms));
    let mut all: Vec<Waiting> = open.filter_map(|ticket| of_ticket(ticket, me)).collect();
    all.extend(standing.reviews.iter().filter_map(|(review, incident, since)| of_review(review, incident, *since, me)));
    all.extend(standing.revisions.iter().filter_map(|revision| of_revision(revision, me)));
    all.extend(standing.runs.iter().filter_map(|run| of_run(run, playbooks, standing.house_time, me)));
    all.extend(standing.incidents.iter().filter_map(of_incident));
    all.sort_by_key(|one| (one.until.unwrap_or(u64::MAX), one.since));
    all
}

fn of_ticket(ticket: &Ticket, me: Me<'_>) -> Option<Waiting> {
    let agreed = ticket.approvals.iter().any(|approval| approval.by == me.address);
    let why = match ticket.state {
        TicketState::Proposed if me.acts && ticket.proposer != me.address && !agreed => WaitingFor::Approval,
        TicketState::Approved if me.acts => WaitingFor::Execution,
        _ => return None,
    };
    let last = ticket.approvals.last().filter(|_| why == WaitingFor::Execution);
    Some(Waiting {
        kind: WaitingKind::Ticket,
        id: ticket.id.to_string(),
        title: Words { en: ticket.title.clone(), zh: ticket.title.clone() },
        since: last.map_or(ticket.opened_ms, |approval| approval.at_ms) / 1_000,
        until: Some(ticket.opened_ms / 1_000 + OPEN_SECONDS),
        why,
        incident: ticket.incident,
    })
}

fn of_review(review: &Review, incident: &Incident, since: u64, me: Me<'_>) -> Option<Waiting> {
    let wrote = review.authors.iter().any(|author| author == me.address);
    let why = match review.state {
        // Who began it has still to say everything.
        ReviewState::Draft if !wrote && review.findings.missing().is_none() => WaitingFor::Approval,
        ReviewState::Approved if me.acts && incident.state >= IncidentState::Resolved => WaitingFor::Publication,
        _ => return None,
    };
    let (id, title) = (incident.id.to_string(), incident.title.clone());
    Some(Waiting { kind: WaitingKind::Review, id, title, since, until: None, why, incident: Some(incident.id) })
}

fn of_revision(revision: &Revision, me: Me<'_>) -> Option<Waiting> {
    let open = matches!(revision.state, RevisionState::Backtested | RevisionState::Shadow);
    (open && me.acts && revision.author != me.address).then(|| Waiting {
        kind: WaitingKind::Rule,
        id: revision.rule.clone(),
        title: Words { en: revision.reason.clone(), zh: revision.reason.clone() },
        since: revision.opened_ms / 1_000,
        until: None,
        why: WaitingFor::Approval,
        incident: None,
    })
}

fn of_run(run: &Run, playbooks: &[Playbook], house_time: u64, me: Me<'_>) -> Option<Waiting> {
    let until = run.expires.filter(|until| me.acts && *until <= house_time.saturating_add(SOON_SECONDS))?;
    let playbook = playbooks.iter().find(|playbook| playbook.id == run.playbook);
    Some(Waiting {
        kind: WaitingKind::Measure,
        id: run.id.to_string(),
        title: playbook.map(|playbook| playbook.title.clone()).unwrap_or_default(),
        since: until.saturating_sub(SOON_SECONDS),
        until: Some(until),
        why: WaitingFor::Confirmation,
        incident: run.incident,
    })
}

fn of_incident(incident: &Incident) -> Option<Waiting> {
    if incident.state >= IncidentState::Resolved || incident.roles.contains_key("leader") {
        return None;
    }
    Some(Waiting {
        kind: WaitingKind::Incident,
        id: incident.id.to_string(),
        title: incident.title.clone(),
        since: incident.opened,
        until: None,
        why: WaitingFor::Leader,
        incident: Some(incident.id),
    })
}

impl From<Waiting> for WaitingView {
    fn from(waiting: Waiting) -> Self {
        Self {
            kind: waiting.kind,
            id: waiting.id,
            title: waiting.title,
            since: rfc3339(waiting.since),
            until: waiting.until.map(rfc3339),
            why: waiting.why,
            incident: waiting.incident,
        }
    }
}

#[cfg(test)]
mod tests;
