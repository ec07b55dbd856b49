//! Coins that can't leave, and loops that can't end.

use super::Place;
use crate::program::{Contract, Function, Program};
use crate::syntax::{Node, any, callee, kind, name, of_kind, text, type_id, type_of};

pub(super) fn locked_ether(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for contract in program.contracts().filter(|contract| !contract.is_abstract() && !contract.is_library()) {
        let all: Vec<Function<'_>> = contract.lineage().iter().flat_map(|base| base.functions()).collect();
        let takes = |function: &&Function<'_>| {
            text(function.node, "stateMutability") == "payable"
                && !function.is_constructor()
                && function.node["implemented"] == true
                // What upgrades takes coins only to pass them on to the new code.
                && function.name() != "upgradeToAndCall"
        };
        let Some(first) = all.iter().find(takes) else { continue };
        if !all.iter().any(|function| function.reach().iter().any(|body| any(body, gives_out))) {
            found.push(Place { contract: Some(contract), function: Some(*first), node: first.node });
        }
    }
    found
}

fn gives_out(node: &Node) -> bool {
    match kind(node) {
        "FunctionCallOptions" => node["names"].as_array().is_some_and(|names| names.iter().any(|name| name == "value")),
        "FunctionCall" => {
            let id = type_id(callee(node));
            id.starts_with("t_function_send_")
                || id.starts_with("t_function_transfer_")
                || id.starts_with("t_function_baredelegatecall_")
                || name(callee(node)) == "selfdestruct"
        }
        "YulFunctionCall" => match name(&node["functionName"]) {
            "delegatecall" | "selfdestruct" => true,
            // call(gas, to, value, …): with a value that is not nothing.
            "call" => {
                node["arguments"].as_array().and_then(|all| all.get(2)).is_some_and(|value| text(value, "value") != "0")
            }
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn unbounded_loop(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in program.contracts().flat_map(Contract::functions) {
        let loops = of_kind(function.node, "ForStatement").into_iter().chain(of_kind(function.node, "WhileStatement"));
        let grows = loops.filter(|node| {
            any(&node["condition"], |part| {
                kind(part) == "MemberAccess"
                    && name(part) == "length"
                    && type_of(&part["expression"]).contains("storage")
            })
        });
        found.extend(grows.map(|node| Place::in_function(function, node)));
    }
    found
}
