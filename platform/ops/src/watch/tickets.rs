//! Change tickets at the watch: proposed with a rehearsal, approved by others, executed, and compared with the
//! rehearsal.

use platform_index::StoreError;
use serde_json::json;

use super::{Watch, WatchError};
use crate::playbook::{Act, Done};
use crate::records::{Records, Unit, now_ms, subject};
use crate::ticket::{Approval, CALLS_MAX, Expectation, Expected, Ticket, TicketCall, TicketState, expectation, needed};

/// A ticket before it is one.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What it is for.
    pub title: String,
    /// Why.
    pub reason: String,
    /// The incident it belongs to.
    pub incident: Option<u64>,
    /// What is to be called, in order.
    pub calls: Vec<TicketCall>,
}

impl Watch {
    /// Rehearses calls on a copy of the chain and gives what they would cause, and the block they began after.
    ///
    /// # Errors
    /// [`WatchError::Refused`] with the call at fault.
    pub async fn rehearse(&self, calls: &[TicketCall]) -> Result<(Vec<Expectation>, u64), WatchError> {
        if calls.is_empty() || calls.len() > CALLS_MAX {
            return Err(WatchError::Refused(format!("a ticket has 1 to {CALLS_MAX} calls")));
        }
        let acts = calls.iter().map(|call| self.act_of(call)).collect::<Result<Vec<_>, _>>()?;
        let from = self.source.head().await?.number;
        let blocks = self.rehearsal.rehearse(&acts).await.map_err(WatchError::Refused)?;
        let mut caused = Vec::new();
        for block in blocks {
            caused
                .extend(self.rules().sensor.signals(&block).iter().map(|signal| expectation(signal, block.timestamp)));
        }
        Ok((caused, from))
    }

    /// Opens a ticket: it is rehearsed first, and what would fail is not opened.
    ///
    /// # Errors
    /// [`WatchError::Refused`]; a store error.
    pub async fn propose(&self, proposal: Proposal, by: &str) -> Result<Ticket, WatchError> {
        let (expected, rehearsed_at) = self.rehearse(&proposal.calls).await?;
        let mut state = self.state.lock().await;
        let ticket = Ticket {
            id: state.records.next_ticket(),
            title: proposal.title,
            reason: proposal.reason,
            incident: proposal.incident,
            calls: proposal.calls,
            needed: needed(&expected),
            expected,
            rehearsed_at,
            proposer: by.to_owned(),
            approvals: Vec::new(),
            state: TicketState::Proposed,
            opened_ms: now_ms(),
            executed: None,
            done: Vec::new(),
        };
        keep(&mut state.records, &ticket, by).await?;
        Ok(ticket)
    }

    /// Somebody other than the proposer agrees to what they saw, by its digest.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where they may not, or not any more; a store error.
    pub async fn approve(&self, id: u64, digest: &str, by: &str) -> Result<Option<Ticket>, WatchError> {
        self.change(id, by, |ticket| {
            if ticket.proposer == by {
                return Err("whoever proposes a change does not approve it".to_owned());
            }
            if ticket.approvals.iter().any(|approval| approval.by == by) {
                return Err("you approved this before".to_owned());
            }
            if ticket.state != TicketState::Proposed {
                return Err(format!("this ticket is {}", ticket.state.name()));
            }
            if ticket.digest().to_string() != digest.to_lowercase() {
                return Err("this is not the ticket as it is now: look at it again".to_owned());
            }
            ticket.approvals.push(Approval { by: by.to_owned(), at_ms: now_ms() });
            if ticket.approvals.len() as u64 >= u64::from(ticket.needed) {
                ticket.state = TicketState::Approved;
            }
            Ok(())
        })
        .await
    }

    /// Ends a ticket that was not executed: its proposer takes it back, anybody else rejects it.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is over; a store error.
    pub async fn end_ticket(&self, id: u64, by: &str) -> Result<Option<Ticket>, WatchError> {
        self.change(id, by, |ticket| {
            if !ticket.state.is_open() {
                return Err(format!("this ticket is {}", ticket.state.name()));
            }
            ticket.state = if ticket.proposer == by { TicketState::Withdrawn } else { TicketState::Rejected };
            Ok(())
        })
        .await
    }

    /// Executes an approved ticket: each call is tried on the newest state, sent, and what it causes is expected.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is not approved; a store error.
    pub async fn execute(&self, id: u64, by: &str) -> Result<Option<Ticket>, WatchError> {
        let now = self.source.head().await?.timestamp;
        let begun = self
            .change(id, by, |ticket| {
                if ticket.state != TicketState::Approved {
                    return Err(format!("this ticket is {}, not approved", ticket.state.name()));
                }
                (ticket.state, ticket.executed) = (TicketState::Executing, Some(now));
                Ok(())
            })
            .await?;
        let Some(mut ticket) = begun else { return Ok(None) };
        // Announced before anything is sent: the block may be judged before its receipt is back.
        self.announce(&ticket.expected, now).await;
        for call in ticket.calls.clone() {
            let mut done = Done { step: format!("{}.{}", call.on, call.call), ..Done::default() };
            let outcome = async {
                let act = self.act_of(&call).map_err(|error| error.to_string())?;
                self.actor.act_if_it_succeeds(&act).await
            };
            match outcome.await {
                Ok((transaction, block)) => {
                    (done.transaction, done.block, done.verified) = (Some(transaction), Some(block), true);
                }
                Err(failure) => done.failure = Some(failure),
            }
            let failed = done.failure.is_some();
            ticket.done.push(done);
            if failed {
                break;
            }
        }
        let caused = self.caused(&ticket).await?;
        ticket.state = match ticket.done.last() {
            Some(done) if done.failure.is_none() && caused == ticket.expected => TicketState::Verified,
            _ => TicketState::Failed,
        };
        let mut state = self.state.lock().await;
        keep(&mut state.records, &ticket, by).await?;
        Ok(Some(ticket))
    }

    /// What the ticket's transactions really caused, in the words of the rehearsal.
    async fn caused(&self, ticket: &Ticket) -> Result<Vec<Expectation>, WatchError> {
        let mut caused = Vec::new();
        for done in &ticket.done {
            let (Some(transaction), Some(number)) = (done.transaction, done.block) else { continue };
            let Some(block) = self.source.block(number).await? else { continue };
            let signals = self.rules().sensor.signals(&block);
            let own = signals.iter().filter(|signal| signal.transaction == transaction);
            caused.extend(own.map(|signal| expectation(signal, block.timestamp)));
        }
        Ok(caused)
    }

    async fn announce(&self, expected: &[Expectation], now: u64) {
        let state = self.state.lock().await;
        if let Ok(mut changes) = state.expected.lock() {
            changes.announce(expected, now);
        }
    }

    /// Plays what a playbook sends on a copy of the chain, and expects what it caused there. What fails there is tried
    /// on the chain all the same, step by step: a copy that can't be made must not keep a person from stopping harm.
    pub(super) async fn announce_playbook(&self, id: &str, calls: &[TicketCall]) -> Result<(), WatchError> {
        match self.rehearse(calls).await {
            Ok((expected, _)) => {
                let now = self.source.head().await?.timestamp;
                self.announce(&expected, now).await;
            }
            Err(error) => tracing::warn!(playbook = id, %error, "a playbook could not be played on a copy first"),
        }
        Ok(())
    }

    fn act_of(&self, call: &TicketCall) -> Result<Act, WatchError> {
        let act = Act::of(self.register(), &call.on, &call.call, &call.args);
        act.map_err(|error| WatchError::Refused(error.to_string()))
    }

    async fn change(
        &self,
        id: u64,
        by: &str,
        change: impl FnOnce(&mut Ticket) -> Result<(), String>,
    ) -> Result<Option<Ticket>, WatchError> {
        let mut state = self.state.lock().await;
        let Some(mut ticket) = state.records.tickets("WHERE id = $1", vec![id.into()]).await?.pop() else {
            return Ok(None);
        };
        if ticket.is_over(now_ms()) {
            return Err(WatchError::Refused("this ticket is over: it was open for seven days".to_owned()));
        }
        change(&mut ticket).map_err(WatchError::Refused)?;
        keep(&mut state.records, &ticket, by).await?;
        Ok(Some(ticket))
    }

    /// Tickets, newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn tickets(&self, most: u64) -> Result<Vec<Ticket>, StoreError> {
        self.state.lock().await.records.tickets("ORDER BY id DESC LIMIT $1", vec![most.into()]).await
    }

    /// A ticket.
    ///
    /// # Errors
    /// A store error.
    pub async fn ticket(&self, id: u64) -> Result<Option<Ticket>, StoreError> {
        Ok(self.state.lock().await.records.tickets("WHERE id = $1", vec![id.into()]).await?.pop())
    }
}

async fn keep(records: &mut Records, ticket: &Ticket, by: &str) -> Result<(), StoreError> {
    let mut unit = Unit::default();
    note(records, &mut unit, ticket, by);
    records.write(unit).await
}

fn note(records: &Records, unit: &mut Unit, ticket: &Ticket, by: &str) {
    unit.ticket(ticket);
    let subject = subject(ticket.incident, "ticket", ticket.id);
    let body = json!({
        "ticket": ticket.id, "title": ticket.title, "state": ticket.state.name(), "digest": ticket.digest(),
        "approvals": ticket.approvals.len(), "done": ticket.done,
    });
    records.note(unit, "ticket", &subject, by, body);
}

/// Tickets whose execution a stop came between: nothing more of them is sent, and what they caused is still expected.
pub(super) async fn left_executing(records: &mut Records, unit: &mut Unit, now: u64) -> Result<Expected, StoreError> {
    let mut expected = Expected::default();
    for mut ticket in records.tickets("WHERE state = 'executing' OR state = 'verified'", vec![]).await? {
        // What was sent just before the stop is judged just after it.
        if let Some(executed) = ticket.executed
            && executed + crate::ticket::EXPECTED_SECONDS >= now
        {
            expected.announce(&ticket.expected, executed);
        }
        if ticket.state == TicketState::Executing {
            ticket.state = TicketState::Failed;
            note(records, unit, &ticket, "guildhall");
        }
    }
    Ok(expected)
}
