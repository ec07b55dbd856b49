//! Change tickets: what somebody wants changed on the chain, what a rehearsal says it causes, and who agreed.
//!
//! What an executed ticket causes is expected, and is no alert; everything else still is.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, keccak256};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::code::Upgrade;
use crate::playbook::{Act, Done};
use crate::sensor::Sensor;
use crate::signal::{Observation, Signal};

/// Calls of one ticket, at most.
pub(crate) const CALLS_MAX: usize = 20;
/// How long a ticket waits for approval and execution, in seconds.
pub(crate) const OPEN_SECONDS: u64 = 7 * 86_400;
/// How long what a ticket causes is expected after its execution began, in seconds of the chain.
pub(crate) const EXPECTED_SECONDS: u64 = 3_600;
/// Arguments that are moments: they differ between a rehearsal and the real thing. Those of OpenZeppelin's
/// `AccessManager`, and this house's own.
const MOMENTS: &[&str] = &["since", "schedule", "until", "expiry", "deadline"];

/// Where a ticket is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsTicketState)]
pub enum TicketState {
    /// Waits for approvals.
    Proposed,
    /// Everybody who must agree does.
    Approved,
    /// The chain was told what will be done, and that it may be done later only.
    Scheduled,
    /// Its transactions are on their way.
    Executing,
    /// The chain did what the rehearsal said.
    Verified,
    /// Not all of it worked; nothing more is sent.
    Failed,
    /// Somebody who may approve did not.
    Rejected,
    /// Whoever proposed it took it back.
    Withdrawn,
}

impl TicketState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Executing => "executing",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it may still be executed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Approved | Self::Scheduled)
    }
}

/// A call that a ticket wants made by the house's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpsTicketCall)]
pub struct TicketCall {
    /// The contract, by its name in the register.
    pub on: String,
    /// What is called, such as `grantRole(uint64,address,uint32)`.
    pub call: String,
    /// With what, as text; `@Name` is a contract's address.
    pub args: Vec<String>,
}

/// What a call caused in the rehearsal, and is expected of the real thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The contract's name.
    pub contract: String,
    /// The event.
    pub name: String,
    /// Its arguments. Moments are distances from the block's time, such as `now+0`.
    pub args: BTreeMap<String, Json>,
}

/// Somebody agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub id: u64,
    /// What it is for.
    pub title: String,
    /// Why.
    pub reason: String,
    /// The incident it belongs to.
    pub incident: Option<u64>,
    /// What is to be called, in order.
    pub calls: Vec<TicketCall>,
    /// What that caused when it was rehearsed.
    pub expected: Vec<Expectation>,
    /// The block that the rehearsal began after.
    pub rehearsed_at: u64,
    /// Who proposed it. They can't approve it.
    pub proposer: String,
    /// How many others must agree.
    pub needed: u32,
    /// Who did.
    pub approvals: Vec<Approval>,
    /// Where it is in its life.
    pub state: TicketState,
    /// When it was proposed, in milliseconds since 1970.
    pub opened_ms: u64,
    /// When its execution began, in the chain's seconds since 1970.
    pub executed: Option<u64>,
    /// What became of its calls.
    pub done: Vec<Done>,
    /// The code that it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<Upgrade>,
    /// Where the authority wants time between saying and doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timelock: Option<Timelock>,
}

/// Time between saying and doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timelock {
    /// How long, in seconds of the chain.
    pub delay: u64,
    /// What saying so caused when it was rehearsed.
    pub expected: Vec<Expectation>,
    /// From when on it may be done, in the chain's seconds since 1970; none before it was said.
    pub ready: Option<u64>,
    /// What became of saying so.
    pub done: Vec<Done>,
}

impl Ticket {
    /// What approvals are for: the calls, what they cause, and what becomes of which code. Keccak-256.
    #[must_use]
    pub fn digest(&self) -> B256 {
        let mut parts = vec![
            serde_json::json!(self.id),
            serde_json::json!(self.title),
            serde_json::json!(self.calls),
            serde_json::json!(self.expected),
        ];
        parts.extend(self.upgrade.as_ref().map(|upgrade| serde_json::json!(upgrade)));
        parts.extend(self.timelock.as_ref().map(|lock| serde_json::json!([lock.delay, lock.expected])));
        keccak256(Json::Array(parts).to_string())
    }

    /// Until when it can be approved and executed, in milliseconds since 1970 by the machine's clock. One that was
    /// scheduled ends with the chain, which forgets it a week after it may be done.
    #[must_use]
    pub fn ends_ms(&self) -> u64 {
        let delay = self.timelock.as_ref().map_or(0, |lock| lock.delay);
        let begun = self.timelock.as_ref().and_then(|lock| lock.ready).map_or(0, |_| delay + OPEN_SECONDS);
        self.opened_ms + (OPEN_SECONDS + begun) * 1_000
    }

    /// Whether nobody may execute it any more because its time is over.
    #[must_use]
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.state.is_open() && now_ms > self.ends_ms()
    }
}

/// How many people besides the proposer must agree: two where rights over everything or code change, else one.
#[must_use]
pub(crate) fn needed(expected: &[Expectation]) -> u32 {
    let grave = |expected: &Expectation| match expected.name.as_str() {
        "Upgraded" | "AdminChanged" | "BeaconUpgraded" | "TargetAdminDelayUpdated" => true,
        // Role 0 is the authority's administrator.
        "RoleGranted" => expected.args.get("roleId").and_then(Json::as_str) == Some("0"),
        _ => false,
    };
    if expected.iter().any(grave) { 2 } else { 1 }
}

/// Plays calls on a copy of the chain.
#[async_trait]
pub trait Rehearsal: Send + Sync {
    /// Sends the calls one after the other with the house's key on a copy of the chain as it is now, and waits where
    /// the authority wants time between saying and doing. Gives what `sensor` sees.
    ///
    /// # Errors
    /// In words: which of them would fail and why, or why there is no copy.
    async fn rehearse(&self, acts: &[Act], sensor: &Sensor) -> Result<Rehearsed, String>;
}

/// What was seen in a rehearsal.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// Before the first call.
    pub before: Observation,
    /// The block of each call.
    pub calls: Vec<Played>,
}

/// A call in a rehearsal.
#[derive(Clone, Debug)]
pub struct Played {
    /// Seconds that had to pass between saying and doing, and the block in which it was said; none where it could be
    /// done at once.
    pub scheduled: Option<(u64, Observation)>,
    /// The block in which it was done.
    pub done: Observation,
}

/// A rehearsal for places without copies: nothing can be rehearsed, so no ticket can be proposed.
#[derive(Clone, Copy, Debug)]
pub struct NoRehearsal;

#[async_trait]
impl Rehearsal for NoRehearsal {
    async fn rehearse(&self, _: &[Act], _: &Sensor) -> Result<Rehearsed, String> {
        Err("there is no copy of the chain to rehearse on".to_owned())
    }
}

/// What an observation's signals are as expectations.
pub(crate) fn expectations(seen: &Observation) -> impl Iterator<Item = Expectation> + '_ {
    seen.signals.iter().map(|signal| expectation(signal, seen.head.timestamp))
}

/// A signal as an expectation: whatever differs only by when it happens is made equal.
#[must_use]
pub(crate) fn expectation(signal: &Signal, time: u64) -> Expectation {
    let normal = |name: &str, value: &Json| match value.as_str().and_then(|text| text.parse::<i128>().ok()) {
        Some(number) if MOMENTS.contains(&name) && number > 0 => {
            Json::String(format!("now{:+}", number - i128::from(time)))
        }
        _ => value.clone(),
    };
    Expectation {
        contract: signal.contract.clone(),
        name: signal.name.clone(),
        args: signal.args.iter().map(|(name, value)| (name.clone(), normal(name, value))).collect(),
    }
}

/// Changes that executed tickets announced. Each is expected once, of the house's key, for a while.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    changes: Vec<Announced>,
}

#[derive(Debug)]
struct Announced {
    what: Expectation,
    until: u64,
    /// The signal that it was: other rules may ask for the same one.
    met_by: Option<(B256, u64)>,
}

impl Expected {
    pub(crate) fn announce(&mut self, expected: &[Expectation], time: u64) {
        let until = time + EXPECTED_SECONDS;
        self.changes.extend(expected.iter().map(|what| Announced { what: what.clone(), until, met_by: None }));
    }

    /// Whether a signal was announced. The same signal is however often it is asked for; a second like it is not.
    pub(crate) fn meets(&mut self, signal: &Signal, operator: Option<Address>, time: u64) -> bool {
        self.changes.retain(|change| change.until >= time);
        if operator != Some(signal.from) {
            return false;
        }
        let this = (signal.transaction, signal.index);
        let seen = expectation(signal, time);
        let same = |change: &&mut Announced| change.what == seen && change.met_by.is_none_or(|met| met == this);
        // The one that it was before, or one that waits.
        let mut fitting: Vec<&mut Announced> = self.changes.iter_mut().filter(same).collect();
        fitting.sort_by_key(|change| change.met_by.is_none());
        match fitting.first_mut() {
            Some(change) => {
                change.met_by = Some(this);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn granted(transaction: u8, since: u64) -> Signal {
        Signal {
            contract: "Authority".to_owned(),
            name: "RoleGranted".to_owned(),
            args: BTreeMap::from([
                ("roleId".to_owned(), json!("2")),
                ("since".to_owned(), json!(since.to_string())),
                ("delay".to_owned(), json!("0")),
            ]),
            transaction: B256::repeat_byte(transaction),
            from: Address::repeat_byte(9),
            index: 0,
        }
    }

    fn ticket(expected: Vec<Expectation>) -> Ticket {
        Ticket {
            id: 1,
            title: String::new(),
            reason: String::new(),
            incident: None,
            calls: Vec::new(),
            expected,
            rehearsed_at: 0,
            proposer: String::new(),
            needed: 1,
            approvals: Vec::new(),
            state: TicketState::Executing,
            opened_ms: 0,
            executed: None,
            done: Vec::new(),
            upgrade: None,
            timelock: None,
        }
    }

    #[test]
    fn what_was_rehearsed_is_expected_once_and_by_the_house_only() {
        let (rehearsed, real) = (1_790_000_000, 1_790_000_600);
        let operator = Some(Address::repeat_byte(9));
        let mut expected = Expected::default();
        assert!(!expected.meets(&granted(1, real), operator, real), "nothing was announced");
        expected.announce(&[expectation(&granted(7, rehearsed), rehearsed)], real);
        assert!(!expected.meets(&granted(1, real), Some(Address::repeat_byte(8)), real), "sent by somebody else");
        assert!(!expected.meets(&granted(1, real + 5), operator, real), "it begins at another time");
        assert!(expected.meets(&granted(1, real), operator, real));
        assert!(expected.meets(&granted(1, real), operator, real), "a second rule asks for the same");
        assert!(!expected.meets(&granted(2, real), operator, real), "a second grant was not announced");
        expected.announce(&[expectation(&granted(7, rehearsed), rehearsed)], real);
        let late = real + EXPECTED_SECONDS + 1;
        assert!(!expected.meets(&granted(3, late), operator, late), "too late");
    }

    #[test]
    fn code_and_rights_over_everything_take_three_people() {
        let of = |name: &str, role: &str| Expectation {
            contract: "Authority".to_owned(),
            name: name.to_owned(),
            args: BTreeMap::from([("roleId".to_owned(), json!(role))]),
        };
        assert_eq!(needed(&[of("RoleGranted", "2")]), 1);
        assert_eq!(needed(&[of("RoleGranted", "2"), of("RoleGranted", "0")]), 2);
        assert_eq!(needed(&[of("Upgraded", "")]), 2);
    }

    #[test]
    fn an_approval_is_for_what_was_seen() {
        let one = ticket(vec![]);
        let mut other = one.clone();
        other.calls.push(TicketCall { on: "Market".to_owned(), call: "unpause()".to_owned(), args: vec![] });
        assert_ne!(one.digest(), other.digest());
    }
}
