use std::collections::BTreeMap;

use super::*;
use crate::review::Findings;
use crate::rule::Severity;
use crate::ticket::Approval;

const NOW: u64 = 1_800_000_000;

fn me(address: &str) -> Me<'_> {
    Me { address, acts: true }
}

fn ticket(state: TicketState, approved_by: &[&str]) -> Ticket {
    let approvals = approved_by.iter().map(|by| Approval { by: (*by).to_owned(), at_ms: (NOW - 60) * 1_000 });
    Ticket {
        id: 4,
        title: "Take a right away".to_owned(),
        reason: String::new(),
        incident: Some(3),
        calls: Vec::new(),
        expected: Vec::new(),
        rehearsed_at: 0,
        proposer: "ada".to_owned(),
        needed: 2,
        approvals: approvals.collect(),
        state,
        opened_ms: (NOW - 3_600) * 1_000,
        executed: None,
        done: Vec::new(),
        upgrade: None,
        timelock: None,
    }
}

fn incident(state: IncidentState, leader: Option<&str>) -> Incident {
    let mut roles = BTreeMap::from([("detector".to_owned(), "rule x".to_owned())]);
    roles.extend(leader.map(|who| ("leader".to_owned(), who.to_owned())));
    let title = Words { en: "Money is missing".to_owned(), zh: "钱不见了".to_owned() };
    Incident { id: 3, title, severity: Severity::P1, state, opened: NOW - 500, roles }
}

fn review(state: ReviewState, complete: bool) -> Review {
    let words = || Words { en: "x".to_owned(), zh: if complete { "x" } else { "" }.to_owned() };
    let (summary, impact, cause, lessons) = (words(), words(), words(), words());
    let findings = Findings { summary, impact, cause, lessons, actions: Vec::new() };
    Review { state, findings, authors: vec!["ada".to_owned()], ..Review::of(3) }
}

fn run(expires: u64) -> Run {
    Run {
        id: 8,
        playbook: "pause-market".to_owned(),
        with: BTreeMap::new(),
        state: "verified".to_owned(),
        incident: None,
        expires: Some(expires),
        approved_by: "rule x".to_owned(),
        done: Vec::new(),
    }
}

fn standing() -> Standing {
    Standing { house_time: NOW, now_ms: NOW * 1_000, ..Standing::default() }
}

fn whys(standing: &Standing, me: Me<'_>) -> Vec<WaitingFor> {
    waiting(standing, &[], me).into_iter().map(|one| one.why).collect()
}

#[test]
fn a_ticket_waits_for_those_who_may_still_agree_and_then_for_anybody_who_acts() {
    let of = |state, approved: &[&str]| Standing { tickets: vec![ticket(state, approved)], ..standing() };
    let proposed = of(TicketState::Proposed, &["ben"]);
    assert_eq!(whys(&proposed, me("eve")), [WaitingFor::Approval]);
    assert!(whys(&proposed, me("ada")).is_empty(), "whoever proposed it does not approve it");
    assert!(whys(&proposed, me("ben")).is_empty(), "once is enough");
    assert!(whys(&proposed, Me { address: "eve", acts: false }).is_empty(), "they may not");
    let approved = of(TicketState::Approved, &["ben", "eve"]);
    assert_eq!(whys(&approved, me("ada")), [WaitingFor::Execution]);
    assert!(whys(&of(TicketState::Verified, &[]), me("eve")).is_empty());
    let late = Standing { now_ms: (NOW + OPEN_SECONDS) * 1_000, ..of(TicketState::Proposed, &[]) };
    assert!(whys(&late, me("eve")).is_empty(), "its seven days are over");
}

#[test]
fn a_review_waits_for_somebody_else_once_it_says_everything() {
    let of = |review, state| Standing { reviews: vec![(review, incident(state, None), NOW)], ..standing() };
    let draft = of(review(ReviewState::Draft, true), IncidentState::Contained);
    assert_eq!(whys(&draft, Me { address: "eve", acts: false }), [WaitingFor::Approval]);
    assert!(whys(&draft, me("ada")).is_empty(), "whoever wrote on it does not agree to it");
    assert!(whys(&of(review(ReviewState::Draft, false), IncidentState::Contained), me("eve")).is_empty());
    let approved = |state| of(review(ReviewState::Approved, true), state);
    assert_eq!(whys(&approved(IncidentState::Resolved), me("ada")), [WaitingFor::Publication]);
    assert!(whys(&approved(IncidentState::Mitigated), me("ada")).is_empty(), "the incident goes on");
    assert!(whys(&approved(IncidentState::Resolved), Me { address: "ada", acts: false }).is_empty());
}

#[test]
fn a_measure_waits_when_it_is_about_to_expire() {
    let of = |expires| Standing { runs: vec![run(expires)], ..standing() };
    assert_eq!(whys(&of(NOW + SOON_SECONDS), me("eve")), [WaitingFor::Confirmation]);
    assert!(whys(&of(NOW + SOON_SECONDS + 1), me("eve")).is_empty(), "there is time");
    assert!(whys(&of(NOW + 60), Me { address: "eve", acts: false }).is_empty());
}

#[test]
fn an_incident_waits_for_a_leader_until_it_is_resolved() {
    let of = |state, leader| Standing { incidents: vec![incident(state, leader)], ..standing() };
    assert_eq!(whys(&of(IncidentState::Declared, None), me("eve")), [WaitingFor::Leader]);
    assert!(whys(&of(IncidentState::Declared, Some("ada")), me("eve")).is_empty());
    assert!(whys(&of(IncidentState::Resolved, None), me("eve")).is_empty());
}

#[test]
fn a_rule_waits_for_somebody_who_did_not_write_it() {
    let rule = crate::rules(&[]).unwrap().swap_remove(0);
    let of = |state| {
        let revision = Revision::new(1, &rule, "it is too loud", state, "ada").unwrap();
        Standing { revisions: vec![revision], ..standing() }
    };
    for open in [RevisionState::Backtested, RevisionState::Shadow] {
        assert_eq!(whys(&of(open), me("ben")), [WaitingFor::Approval]);
        assert!(whys(&of(open), me("ada")).is_empty());
        assert!(whys(&of(open), Me { acts: false, ..me("ben") }).is_empty());
    }
    assert!(whys(&of(RevisionState::Active), me("ben")).is_empty());
}

#[test]
fn what_ends_first_stands_first() {
    let all = Standing {
        tickets: vec![ticket(TicketState::Proposed, &[])],
        runs: vec![run(NOW + 60)],
        incidents: vec![incident(IncidentState::Declared, None)],
        ..standing()
    };
    let kinds: Vec<_> = waiting(&all, &[], me("eve")).into_iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [WaitingKind::Measure, WaitingKind::Ticket, WaitingKind::Incident]);
}
