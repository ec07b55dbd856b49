//! Traces of the embedded ledger in the shapes that the platform asks for.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_trace::geth::{
    CallConfig, CallFrame, DiffMode, GethDebugBuiltInTracerType as BuiltIn, GethDebugTracerType,
    GethDebugTracingOptions, GethTrace, PreStateConfig, PreStateFrame, mux::MuxConfig,
};
use ledger_execution::trace::TraceError;
use ledger_node::StoredBlock;
use ledger_rpc::Node;
use platform_index::{AccountChange, Change, Frame, FrameKind, SlotChange, Trace};
use std::collections::{BTreeMap, HashMap};

/// Frames of one transaction that are shown. The rest of a very long trace is
/// for `debug_traceTransaction`.
const FRAMES_MAX: usize = 2_000;

/// Runs a transaction again, once for its calls and for what it changed.
pub(super) fn trace(node: &Node, stored: &StoredBlock, index: usize) -> Result<Trace, TraceError> {
    let diff = PreStateConfig { diff_mode: Some(true), ..PreStateConfig::default() };
    let both = MuxConfig(HashMap::from_iter([
        (tracer(BuiltIn::CallTracer), Some(CallConfig::default().into())),
        (tracer(BuiltIn::PreStateTracer), Some(diff.into())),
    ]));
    let mut trace = Trace::default();
    if let GethTrace::MuxTracer(mut traces) =
        node.ledger.trace_transaction(stored, index, &GethDebugTracingOptions::mux_tracer(both))?
    {
        if let Some(GethTrace::CallTracer(root)) = traces.0.remove(&tracer(BuiltIn::CallTracer)) {
            flatten(root, 0, &mut trace.frames);
        }
        if let Some(GethTrace::PreStateTracer(PreStateFrame::Diff(diff))) =
            traces.0.remove(&tracer(BuiltIn::PreStateTracer))
        {
            trace.changes = differences(&diff);
        }
    }
    Ok(trace)
}

const fn tracer(built_in: BuiltIn) -> GethDebugTracerType {
    GethDebugTracerType::BuiltInTracer(built_in)
}

fn flatten(frame: CallFrame, depth: u32, frames: &mut Vec<Frame>) {
    if frames.len() >= FRAMES_MAX {
        return;
    }
    let kind = match frame.typ.as_str() {
        "CALLCODE" => FrameKind::CallCode,
        "DELEGATECALL" => FrameKind::DelegateCall,
        "STATICCALL" => FrameKind::StaticCall,
        "CREATE" => FrameKind::Create,
        "CREATE2" => FrameKind::Create2,
        "SELFDESTRUCT" => FrameKind::SelfDestruct,
        _ => FrameKind::Call,
    };
    frames.push(Frame {
        depth,
        kind,
        from: frame.from,
        to: frame.to,
        value: frame.value.unwrap_or_default(),
        gas: frame.gas.saturating_to(),
        gas_used: frame.gas_used.saturating_to(),
        input: frame.input,
        output: frame.output.unwrap_or_default(),
        error: frame.error,
    });
    for inner in frame.calls {
        flatten(inner, depth + 1, frames);
    }
}

/// Diff mode lists of the state before what changed, and of the state after
/// only what differs from it.
fn differences(diff: &DiffMode) -> Vec<AccountChange> {
    let addresses: std::collections::BTreeSet<&Address> = diff.pre.keys().chain(diff.post.keys()).collect();
    let mut changes = Vec::new();
    for address in addresses {
        let (pre, post) = (diff.pre.get(address), diff.post.get(address));
        let gone = post.is_none();
        let balance = change(
            pre.and_then(|state| state.balance).unwrap_or_default(),
            post.and_then(|state| state.balance),
            gone,
            U256::ZERO,
        );
        let nonce =
            change(pre.and_then(|state| state.nonce).unwrap_or_default(), post.and_then(|state| state.nonce), gone, 0);
        let code = change(
            pre.and_then(|state| state.code.clone()).unwrap_or_default(),
            post.and_then(|state| state.code.clone()),
            gone,
            Bytes::new(),
        );
        let mut slots: BTreeMap<B256, Change<B256>> = BTreeMap::new();
        for (slot, value) in pre.iter().flat_map(|state| &state.storage) {
            slots.insert(*slot, Change { before: *value, after: B256::ZERO });
        }
        for (slot, value) in post.iter().flat_map(|state| &state.storage) {
            slots.entry(*slot).or_insert(Change { before: B256::ZERO, after: B256::ZERO }).after = *value;
        }
        let slots: Vec<SlotChange> = slots
            .into_iter()
            .filter(|(_, value)| value.before != value.after)
            .map(|(slot, value)| SlotChange { slot, value })
            .collect();
        if balance.is_some() || nonce.is_some() || code.is_some() || !slots.is_empty() {
            changes.push(AccountChange { address: *address, balance, nonce, code, slots });
        }
    }
    changes
}

/// What is missing afterwards stayed as it was, unless the account is gone.
fn change<T: PartialEq>(before: T, after: Option<T>, gone: bool, none: T) -> Option<Change<T>> {
    let after = if gone { none } else { after? };
    (before != after).then_some(Change { before, after })
}
