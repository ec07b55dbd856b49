//! What people sign.

use super::Place;
use crate::program::{Contract, Program};
use crate::syntax::{any, callee, is_member, kind, name, of_kind, type_id};

const RECOVERS: &[&str] = &["ecrecover", "recover", "tryRecover", "isValidSignatureNow", "isValidSignatureNowCalldata"];

/// What binds a signature to this contract and chain.
const BINDS: &[&str] =
    &["_hashTypedDataV4", "_domainSeparatorV4", "DOMAIN_SEPARATOR", "_domainSeparator", "toTypedDataHash"];

/// What names tell that a signature counts once.
const ONCE: &[&str] = &["nonce", "used", "spent", "nullif", "consumed", "redeemed", "cancelled", "claimed"];

pub(super) fn signature_replay(program: &Program) -> Vec<Place<'_>> {
    let entries = program.contracts().flat_map(Contract::functions).filter(|function| function.is_entry());
    let open = entries.filter(|function| {
        let reach = function.reach();
        let somewhere = |is: fn(&serde_json::Value) -> bool| reach.iter().any(|body| any(body, is));
        let recovers = somewhere(|node| {
            kind(node) == "FunctionCall"
                && RECOVERS.contains(&name(callee(node)))
                && !type_id(callee(node)).starts_with("t_function_external")
        });
        let binds = somewhere(|node| BINDS.contains(&name(node)) || is_member(node, "block", &["chainid"]));
        let once = somewhere(|node| {
            let called = name(node).to_lowercase();
            matches!(kind(node), "Identifier" | "MemberAccess") && ONCE.iter().any(|word| called.contains(word))
        });
        recovers && !(binds && once)
    });
    open.map(|function| Place::in_function(function, function.node)).collect()
}

pub(super) fn raw_ecrecover(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in program.contracts().flat_map(Contract::functions) {
        let calls = of_kind(function.node, "FunctionCall").into_iter();
        let raw = calls.filter(|call| type_id(callee(call)).starts_with("t_function_ecrecover"));
        found.extend(raw.map(|node| Place::in_function(function, node)));
    }
    found
}
