//! What a transaction did inside, in words: calls between contracts and values that changed.

use alloy_primitives::{Address, B256, Bytes};
use platform_api::Problem;
use platform_index::{AccountChange, Change, Frame, FrameKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::place;
use super::view::{CallView, ErrorView};
use crate::context::Context;
use crate::wire::show;

/// Bytes of call data and output that an answer carries for one call; the rest is in `debug_traceTransaction`.
const BYTES_SHOWN: usize = 4_096;

/// How a call came to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallKind)]
pub(crate) enum Kind {
    /// A call.
    Call,
    /// A call with the caller's storage.
    CallCode,
    /// A call with the caller's storage, sender and value.
    DelegateCall,
    /// A call that may change nothing.
    StaticCall,
    /// A new contract.
    Create,
    /// A new contract at an address of choice.
    Create2,
    /// A contract that destroyed itself.
    SelfDestruct,
}

impl From<FrameKind> for Kind {
    fn from(kind: FrameKind) -> Self {
        match kind {
            FrameKind::Call => Self::Call,
            FrameKind::CallCode => Self::CallCode,
            FrameKind::DelegateCall => Self::DelegateCall,
            FrameKind::StaticCall => Self::StaticCall,
            FrameKind::Create => Self::Create,
            FrameKind::Create2 => Self::Create2,
            FrameKind::SelfDestruct => Self::SelfDestruct,
        }
    }
}

/// One call of a trace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceCall)]
pub(crate) struct TraceCallView {
    /// How deep it is nested; the transaction itself is 0.
    pub(crate) depth: u32,
    /// How it came to be made.
    pub(crate) kind: Kind,
    /// Who called.
    pub(crate) from: String,
    /// What the caller is called.
    pub(crate) from_name: Option<String>,
    /// Whom; the new contract of a creation.
    pub(crate) to: Option<String>,
    /// What the called contract is called.
    pub(crate) to_name: Option<String>,
    /// Wei sent along.
    pub(crate) value: String,
    /// Gas it used, what it called included.
    pub(crate) gas_used: String,
    /// Call data, at most 4 KiB of it.
    pub(crate) input: String,
    /// Returned bytes, at most 4 KiB of them.
    pub(crate) output: String,
    /// The call in words, where an ABI is known.
    pub(crate) decoded: Option<CallView>,
    /// Whether it succeeded.
    pub(crate) success: bool,
    /// Why not, in the words of the EVM.
    pub(crate) failure: Option<String>,
    /// What the revert says, where an ABI is known.
    pub(crate) error: Option<ErrorView>,
}

/// A value before and after, as text: numbers are decimal, bytes are hex.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValueChange)]
pub(crate) struct ChangeView {
    /// Before the transaction.
    pub(crate) before: String,
    /// After it.
    pub(crate) after: String,
}

impl ChangeView {
    fn of<T>(change: &Change<T>, text: impl Fn(&T) -> String) -> Self {
        Self { before: text(&change.before), after: text(&change.after) }
    }
}

/// A slot of storage that changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlotChange)]
pub(crate) struct SlotView {
    /// Which slot.
    pub(crate) slot: String,
    /// Its value.
    pub(crate) value: ChangeView,
}

/// What a transaction changed of one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StateChange)]
pub(crate) struct StateChangeView {
    /// Which account.
    pub(crate) address: String,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// Its wei, where that changed.
    pub(crate) balance: Option<ChangeView>,
    /// Its nonce, where that changed.
    pub(crate) nonce: Option<ChangeView>,
    /// Bytes of its code, where that changed.
    pub(crate) code_bytes: Option<ChangeView>,
    /// Slots that changed.
    pub(crate) slots: Vec<SlotView>,
}

/// What a transaction did inside.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trace)]
pub(crate) struct TraceView {
    /// Calls, each before those it made.
    pub(crate) calls: Vec<TraceCallView>,
    /// Accounts that changed.
    pub(crate) changes: Vec<StateChangeView>,
}

pub(super) async fn trace(app: &Context, hash: B256) -> Result<TraceView, Problem> {
    let missing = || Problem::not_found(format!("transaction {hash} in the index"));
    let (number, index) = place(app, hash).await?.ok_or_else(missing)?;
    let trace = app.source.trace(number, index).await?;
    let trace = trace.ok_or_else(|| Problem::unavailable("The node of this chain does not trace transactions."))?;
    Ok(TraceView {
        calls: trace.frames.iter().map(|frame| call(app, frame)).collect(),
        changes: trace.changes.iter().map(|change| changed(app, change)).collect(),
    })
}

fn name(app: &Context, address: Address) -> Option<String> {
    app.contract_name(address).or_else(|| app.names.get(address))
}

fn call(app: &Context, frame: &Frame) -> TraceCallView {
    let creates = matches!(frame.kind, FrameKind::Create | FrameKind::Create2);
    let decoded = frame.to.filter(|_| !creates).and_then(|to| app.decode_call(to, &frame.input));
    let error = frame.error.as_ref().and_then(|_| app.decode_error(frame.to, &frame.output));
    TraceCallView {
        depth: frame.depth,
        kind: frame.kind.into(),
        from: show(frame.from),
        from_name: name(app, frame.from),
        to: frame.to.map(show),
        to_name: frame.to.and_then(|to| name(app, to)),
        value: frame.value.to_string(),
        gas_used: frame.gas_used.to_string(),
        input: shown(&frame.input),
        output: shown(&frame.output),
        decoded: decoded.map(CallView::from),
        success: frame.error.is_none(),
        failure: frame.error.clone(),
        error: error.map(ErrorView::from),
    }
}

fn shown(bytes: &Bytes) -> String {
    bytes.slice(..bytes.len().min(BYTES_SHOWN)).to_string()
}

fn changed(app: &Context, change: &AccountChange) -> StateChangeView {
    StateChangeView {
        address: show(change.address),
        name: name(app, change.address),
        balance: change.balance.as_ref().map(|balance| ChangeView::of(balance, ToString::to_string)),
        nonce: change.nonce.as_ref().map(|nonce| ChangeView::of(nonce, ToString::to_string)),
        code_bytes: change.code.as_ref().map(|code| ChangeView::of(code, |code| code.len().to_string())),
        slots: change
            .slots
            .iter()
            .map(|slot| SlotView { slot: slot.slot.to_string(), value: ChangeView::of(&slot.value, B256::to_string) })
            .collect(),
    }
}
