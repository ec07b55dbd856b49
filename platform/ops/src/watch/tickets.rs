//! Change tickets at the watch: proposed with a rehearsal, approved by others, executed, and compared with the
//! rehearsal.

use platform_index::StoreError;
use serde_json::json;

use super::code::CodeChange;
use super::statements::clock;
use super::{Watch, WatchError};
use crate::code::{Upgrade, differences};
use crate::playbook::{Act, Done};
use crate::records::{Records, Unit, now_ms, subject};
use crate::ticket::{
    Approval, CALLS_MAX, Expectation, Expected, Rehearsed, Ticket, TicketCall, TicketState, Timelock, expectation,
    expectations, needed,
};
use crate::timelock;

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
    pub change: Change,
}

/// What a ticket is to change.
#[derive(Clone, Debug)]
pub enum Change {
    /// What these calls change, in order.
    Calls(Vec<TicketCall>),
    /// The code of a contract.
    Code(CodeChange),
}

impl Watch {
    /// Rehearses calls on a copy of the chain and gives what they would cause, and the block they began after.
    ///
    /// # Errors
    /// [`WatchError::Refused`] with the call at fault.
    pub async fn rehearse(&self, calls: &[TicketCall]) -> Result<(Vec<Expectation>, u64), WatchError> {
        let (rehearsed, from) = self.play(calls).await?;
        Ok((rehearsed.calls.iter().flat_map(|call| expectations(&call.done)).collect(), from))
    }

    async fn play(&self, calls: &[TicketCall]) -> Result<(Rehearsed, u64), WatchError> {
        if calls.is_empty() || calls.len() > CALLS_MAX {
            return Err(WatchError::Refused(format!("a ticket has 1 to {CALLS_MAX} calls")));
        }
        let acts = calls.iter().map(|call| self.act_of(call)).collect::<Result<Vec<_>, _>>()?;
        let from = self.source.head().await?.number;
        let rehearsed = self.rehearsal.rehearse(&acts, &self.rules().sensor).await.map_err(WatchError::Refused)?;
        Ok((rehearsed, from))
    }

    /// Opens a ticket: it is rehearsed first, and what would fail is not opened. A change of code is rehearsed there
    /// and back: code that can't be taken back is not proposed.
    ///
    /// # Errors
    /// [`WatchError::Refused`]; a store error.
    pub async fn propose(&self, proposal: Proposal, by: &str) -> Result<Ticket, WatchError> {
        let (calls, mut upgrade, mut rehearsed, rehearsed_at) = match proposal.change {
            Change::Calls(calls) => {
                let (rehearsed, at) = self.play(&calls).await?;
                (calls, None, rehearsed, at)
            }
            Change::Code(change) => {
                let (upgrade, call) = self.upgrade(change, by).await?;
                let (rehearsed, at) = self.play(&[call.clone(), upgrade.call_back()]).await?;
                (vec![call], Some(upgrade), rehearsed, at)
            }
        };
        if let (Some(upgrade), [there, back]) = (&mut upgrade, rehearsed.calls.as_slice()) {
            upgrade.differences = differences(&rehearsed.before, &there.done);
            upgrade.differences_back = differences(&rehearsed.before, &back.done);
        }
        // The way back was only tried.
        rehearsed.calls.truncate(calls.len());
        let expected: Vec<_> = rehearsed.calls.iter().flat_map(|call| expectations(&call.done)).collect();
        only_known_code(&expected, upgrade.as_ref())?;
        let mut state = self.state.lock().await;
        let ticket = Ticket {
            id: state.records.next_ticket(),
            title: proposal.title,
            reason: proposal.reason,
            incident: proposal.incident,
            calls,
            needed: needed(&expected),
            expected,
            rehearsed_at,
            proposer: by.to_owned(),
            approvals: Vec::new(),
            state: TicketState::Proposed,
            opened_ms: now_ms(),
            executed: None,
            done: Vec::new(),
            upgrade,
            timelock: timelock_of(&rehearsed),
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
        let mut scheduled = Vec::new();
        let ended = self
            .change(id, by, |ticket| {
                if !ticket.state.is_open() {
                    return Err(format!("this ticket is {}", ticket.state.name()));
                }
                if ticket.state == TicketState::Scheduled {
                    scheduled.clone_from(&ticket.calls);
                }
                ticket.state = if ticket.proposer == by { TicketState::Withdrawn } else { TicketState::Rejected };
                Ok(())
            })
            .await?;
        // What the chain was told will be done is taken back there too.
        for call in &scheduled {
            let act = self.act_of(call)?;
            let taken_back = async { self.actor.act_if_it_succeeds(&timelock::cancel(self.register(), &act)?).await };
            if let Err(error) = taken_back.await {
                tracing::warn!(ticket = id, error, "what was scheduled could not be taken back");
            }
        }
        Ok(ended)
    }

    /// Executes an approved ticket: each call is tried on the newest state, sent, and what it causes is expected. Where
    /// the authority wants time between saying and doing, the first execution says so, and a second does it.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is not approved, or not yet ready; a store error.
    pub async fn execute(&self, id: u64, by: &str) -> Result<Option<Ticket>, WatchError> {
        // A chain that is idle has a head of hours ago, and the block to come is of now.
        let now = clock(self.source.head().await?);
        let mut says = false;
        self.is_ready(id).await?;
        let begun = self
            .change(id, by, |ticket| {
                match ticket.state {
                    TicketState::Approved => says = ticket.timelock.is_some(),
                    TicketState::Scheduled => {}
                    state => return Err(format!("this ticket is {}, not approved", state.name())),
                }
                (ticket.state, ticket.executed) = (TicketState::Executing, Some(now));
                Ok(())
            })
            .await?;
        let Some(mut ticket) = begun else { return Ok(None) };
        if says {
            self.say(&mut ticket, now).await;
        } else {
            self.make(&mut ticket, now).await?;
        }
        let mut state = self.state.lock().await;
        keep(&mut state.records, &ticket, by).await?;
        Ok(Some(ticket))
    }

    /// Refuses to do what was said on the chain too early. The chain knows its own time best.
    async fn is_ready(&self, id: u64) -> Result<(), WatchError> {
        let Some(ticket) = self.ticket(id).await?.filter(|ticket| ticket.state == TicketState::Scheduled) else {
            return Ok(());
        };
        // What comes after the first may only be possible once that is done.
        let Some(call) = ticket.calls.first() else { return Ok(()) };
        let asked = self.actor.ask(&self.act_of(call)?).await;
        asked
            .map(drop)
            .map_err(|why| WatchError::Refused(format!("the chain lets nobody do this yet, or not any more: {why}")))
    }

    /// Tells the chain what will be done.
    async fn say(&self, ticket: &mut Ticket, now: u64) {
        let Some(lock) = &mut ticket.timelock else { return };
        self.announce(&lock.expected, now).await;
        lock.done = self.send(&ticket.calls, true).await;
        let said = lock.done.iter().all(|done| done.failure.is_none());
        // Of the chain's own time: the block that says so may be later than the head was.
        let at = self.source.head().await.map_or(now, |head| head.timestamp);
        lock.ready = said.then_some(at + lock.delay);
        ticket.state = if said { TicketState::Scheduled } else { TicketState::Failed };
    }

    /// Does what the ticket says.
    async fn make(&self, ticket: &mut Ticket, now: u64) -> Result<(), WatchError> {
        if let Some(upgrade) = &ticket.upgrade {
            let announced = self.workshop.announce(&upgrade.contract, &upgrade.to).await;
            if let Err(failure) = announced {
                let step = format!("announce the code of {}", upgrade.contract);
                ticket.done.push(Done { step, failure: Some(failure), ..Done::default() });
                ticket.state = TicketState::Failed;
                return Ok(());
            }
        }
        // Announced before anything is sent: the block may be judged before its receipt is back.
        self.announce(&ticket.expected, now).await;
        ticket.done = self.send(&ticket.calls, false).await;
        if let Some(upgrade) = &ticket.upgrade
            && let Err(failure) = self.workshop.settle().await
        {
            let step = format!("write down the code of {}", upgrade.contract);
            ticket.done.push(Done { step, failure: Some(failure), ..Done::default() });
        }
        let caused = self.caused(ticket).await?;
        ticket.state = match ticket.done.last() {
            Some(done) if done.failure.is_none() && caused == ticket.expected => TicketState::Verified,
            _ => TicketState::Failed,
        };
        Ok(())
    }

    /// Sends calls one after the other until one fails. `saying`: not the calls themselves, but that they will be made.
    async fn send(&self, calls: &[TicketCall], saying: bool) -> Vec<Done> {
        let mut all = Vec::new();
        for call in calls {
            let mut done = Done { step: format!("{}.{}", call.on, call.call), ..Done::default() };
            let outcome = async {
                let mut act = self.act_of(call).map_err(|error| error.to_string())?;
                if saying {
                    if timelock::delay(self.actor.as_ref(), self.register(), &act).await? == 0 {
                        return Ok(None);
                    }
                    act = timelock::schedule(self.register(), &act)?;
                }
                self.actor.act_if_it_succeeds(&act).await.map(Some)
            };
            match outcome.await {
                Ok(Some((transaction, block))) => {
                    (done.transaction, done.block, done.verified) = (Some(transaction), Some(block), true);
                }
                Ok(None) => (done.verified, done.already) = (true, true),
                Err(failure) => done.failure = Some(failure),
            }
            let failed = done.failure.is_some();
            all.push(done);
            if failed {
                break;
            }
        }
        all
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
                let now = clock(self.source.head().await?);
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

/// What a rehearsal says of time between saying and doing.
fn timelock_of(rehearsed: &Rehearsed) -> Option<Timelock> {
    let scheduled: Vec<_> = rehearsed.calls.iter().filter_map(|call| call.scheduled.as_ref()).collect();
    let delay = scheduled.iter().map(|(delay, _)| *delay).max()?;
    let expected = scheduled.iter().flat_map(|(_, said)| expectations(said)).collect();
    Some(Timelock { delay, expected, ready: None, done: Vec::new() })
}

/// Refuses calls that put code behind a contract that nobody compared: they would pass as any other change, and the
/// house would not open again on code that its records do not name.
fn only_known_code(expected: &[Expectation], upgrade: Option<&Upgrade>) -> Result<(), WatchError> {
    let mut upgraded = expected.iter().filter(|event| event.name == "Upgraded");
    match upgraded.find(|event| !upgrade.is_some_and(|upgrade| upgrade.is(event))) {
        Some(event) => Err(WatchError::Refused(format!(
            "this would change the code of {}: bring its sources instead, so that its storage is compared",
            event.contract
        ))),
        None => Ok(()),
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
        "approvals": ticket.approvals.len(), "done": ticket.done, "upgrade": ticket.upgrade, "timelock": ticket.timelock,
    });
    records.note(unit, "ticket", &subject, by, body);
}

/// Tickets whose execution a stop came between: nothing more of them is sent, and what they caused is still expected.
pub(super) async fn left_executing(records: &mut Records, unit: &mut Unit, now: u64) -> Result<Expected, StoreError> {
    let mut expected = Expected::default();
    for mut ticket in records.tickets("WHERE state IN ('executing', 'verified', 'scheduled')", vec![]).await? {
        // What was sent just before the stop is judged just after it.
        if let Some(executed) = ticket.executed
            && executed + crate::ticket::EXPECTED_SECONDS >= now
        {
            expected.announce(&ticket.expected, executed);
            if let Some(lock) = &ticket.timelock {
                expected.announce(&lock.expected, executed);
            }
        }
        if ticket.state == TicketState::Executing {
            ticket.state = TicketState::Failed;
            note(records, unit, &ticket, "guildhall");
        }
    }
    Ok(expected)
}
