//! Wire types of change tickets.

use std::collections::BTreeMap;

use platform_api::calendar::rfc3339;
use platform_protocol::Standing;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::StepView;
use crate::code::{Difference, Upgrade};
use crate::ticket::{Approval, Expectation, Ticket, TicketCall, TicketState, Timelock};

/// A change ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsTicket)]
pub(crate) struct TicketView {
    /// Its number.
    pub(crate) id: u64,
    /// What it is for.
    pub(crate) title: String,
    /// Why.
    pub(crate) reason: String,
    /// The incident it belongs to.
    pub(crate) incident: Option<u64>,
    /// What is to be called, in order.
    pub(crate) calls: Vec<TicketCall>,
    /// What that caused when it was rehearsed on a copy of the chain.
    pub(crate) expected: Vec<ExpectedView>,
    /// The block that the rehearsal began after.
    pub(crate) rehearsed_at: u64,
    /// Who proposed it.
    pub(crate) proposer: String,
    /// How many others must agree.
    pub(crate) needed: u32,
    /// Who did.
    pub(crate) approvals: Vec<ApprovalView>,
    /// Where it is in its life.
    pub(crate) state: TicketState,
    /// What an approval is for: the hash of calls and effects.
    pub(crate) digest: String,
    /// When it was proposed.
    pub(crate) opened: String,
    /// Until when it can be approved and executed.
    pub(crate) expires: String,
    /// What became of its calls.
    pub(crate) done: Vec<StepView>,
    /// The code that it changes.
    pub(crate) upgrade: Option<UpgradeView>,
    /// Where the chain wants time between saying and doing.
    pub(crate) timelock: Option<TimelockView>,
}

/// What a ticket does to a contract's code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsUpgrade)]
pub(crate) struct UpgradeView {
    /// The contract.
    pub(crate) contract: String,
    /// The code that runs before.
    pub(crate) from: StandingView,
    /// The code that runs afterwards.
    pub(crate) to: StandingView,
    /// The number of the new code; none where this goes back to what ran before.
    pub(crate) code: Option<u64>,
    /// The ticket that this one goes back behind.
    pub(crate) undoes: Option<u64>,
    /// What the rules' views answered otherwise after the change, in the rehearsal.
    pub(crate) differences: Vec<Difference>,
    /// The same once it was gone back, in the rehearsal.
    pub(crate) differences_back: Vec<Difference>,
}

/// Code on the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsStanding)]
pub(crate) struct StandingView {
    /// Where it stands.
    pub(crate) address: String,
    /// Keccak-256 of it.
    pub(crate) code_hash: String,
}

/// Time between saying and doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsTimelock)]
pub(crate) struct TimelockView {
    /// How long, in seconds.
    pub(crate) delay_seconds: u64,
    /// From when on it may be done; none before it was said.
    pub(crate) ready: Option<String>,
    /// What became of saying so.
    pub(crate) done: Vec<StepView>,
}

/// What a call causes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsExpected)]
pub(crate) struct ExpectedView {
    /// The contract's name.
    pub(crate) contract: String,
    /// The event.
    pub(crate) name: String,
    /// Its arguments; moments as distances from the block's time, such as `now+0`.
    #[schema(value_type = Object)]
    pub(crate) args: BTreeMap<String, Json>,
}

/// Somebody agreed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsApproval)]
pub(crate) struct ApprovalView {
    /// Who.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
}

/// A ticket to open.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsTicketRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketBody {
    /// What it is for; up to 200 characters.
    pub(crate) title: String,
    /// Why; up to 4,000 characters.
    #[serde(default)]
    pub(crate) reason: String,
    /// The incident it belongs to.
    #[serde(default)]
    pub(crate) incident: Option<u64>,
    /// What is to be called, in order; 1 to 20. Left out where code is changed.
    #[serde(default)]
    pub(crate) calls: Vec<TicketCall>,
    /// New code to be put behind its contract.
    #[serde(default)]
    pub(crate) code: Option<CodeChangeBody>,
    /// The ticket whose change of code is to be taken back.
    #[serde(default)]
    pub(crate) undoes: Option<u64>,
}

/// New code to be put behind its contract.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsCodeChangeRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeChangeBody {
    /// Its number.
    pub(crate) id: u64,
    /// What it is to call of itself at once, such as `initializeV2(uint256)`.
    #[serde(default)]
    pub(crate) call: Option<String>,
    /// With what, as text.
    #[serde(default)]
    pub(crate) args: Vec<String>,
}

/// Calls to rehearse.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsRehearsalRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct RehearsalBody {
    /// What is to be called, in order; 1 to 20.
    pub(crate) calls: Vec<TicketCall>,
}

/// What calls would cause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsRehearsal)]
pub(crate) struct RehearsalView {
    /// The block that the rehearsal began after.
    pub(crate) block_number: u64,
    /// What they would cause.
    pub(crate) expected: Vec<ExpectedView>,
}

/// What an approval is for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsApprovalRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalBody {
    /// The ticket's digest, as it was shown.
    pub(crate) digest: String,
}

impl From<Ticket> for TicketView {
    fn from(ticket: Ticket) -> Self {
        Self {
            digest: ticket.digest().to_string(),
            expires: rfc3339(ticket.ends_ms() / 1_000),
            id: ticket.id,
            title: ticket.title,
            reason: ticket.reason,
            incident: ticket.incident,
            calls: ticket.calls,
            expected: ticket.expected.into_iter().map(Into::into).collect(),
            rehearsed_at: ticket.rehearsed_at,
            proposer: ticket.proposer,
            needed: ticket.needed,
            approvals: ticket.approvals.into_iter().map(Into::into).collect(),
            state: ticket.state,
            opened: rfc3339(ticket.opened_ms / 1_000),
            done: ticket.done.into_iter().map(Into::into).collect(),
            upgrade: ticket.upgrade.map(Into::into),
            timelock: ticket.timelock.map(Into::into),
        }
    }
}

impl From<Upgrade> for UpgradeView {
    fn from(upgrade: Upgrade) -> Self {
        Self {
            contract: upgrade.contract,
            from: upgrade.from.into(),
            to: upgrade.to.into(),
            code: upgrade.code,
            undoes: upgrade.undoes,
            differences: upgrade.differences,
            differences_back: upgrade.differences_back,
        }
    }
}

impl From<Standing> for StandingView {
    fn from(standing: Standing) -> Self {
        Self { address: standing.address.to_checksum(None), code_hash: standing.code_hash.to_string() }
    }
}

impl From<Timelock> for TimelockView {
    fn from(lock: Timelock) -> Self {
        Self {
            delay_seconds: lock.delay,
            ready: lock.ready.map(rfc3339),
            done: lock.done.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Expectation> for ExpectedView {
    fn from(expected: Expectation) -> Self {
        Self { contract: expected.contract, name: expected.name, args: expected.args }
    }
}

impl From<Approval> for ApprovalView {
    fn from(approval: Approval) -> Self {
        Self { by: approval.by, at: rfc3339(approval.at_ms / 1_000) }
    }
}
