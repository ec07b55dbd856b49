//! Wire types of change tickets.

use std::collections::BTreeMap;

use platform_api::calendar::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::StepView;
use crate::ticket::{Approval, Expectation, OPEN_SECONDS, Ticket, TicketCall, TicketState};

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
    /// What is to be called, in order; 1 to 20.
    pub(crate) calls: Vec<TicketCall>,
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
            expires: rfc3339(ticket.opened_ms / 1_000 + OPEN_SECONDS),
            done: ticket.done.into_iter().map(Into::into).collect(),
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
