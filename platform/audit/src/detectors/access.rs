//! Who may do what.

use super::Place;
use crate::effects::{is_guarded, writes};
use crate::program::{Function, Program};
use crate::syntax::{Node, any, callee, is_member, kind, name, of_kind, text};

const INITIALIZERS: &[&str] = &["initializer", "reinitializer", "onlyInitializing"];

/// Functions that make money or rights, wherever they are defined.
const POWERS: &[&str] = &[
    "_mint",
    "_grantRole",
    "_revokeRole",
    "_setRoleAdmin",
    "_transferOwnership",
    "_setOwner",
    "_pause",
    "_unpause",
    "_setAuthority",
    "upgradeToAndCall",
    "upgradeTo",
    "selfdestruct",
];

/// What names of variables tell that a change of them is a privilege.
const TRUSTED: &[&str] = &[
    "owner",
    "admin",
    "authority",
    "treasury",
    "implementation",
    "paused",
    "oracle",
    "guardian",
    "operator",
    "minter",
];

pub(super) fn unprotected_upgrade(program: &Program) -> Vec<Place<'_>> {
    let authorizers = program.contracts().flat_map(|contract| contract.functions()).filter(|function| {
        function.name() == "_authorizeUpgrade" && function.node["implemented"] == true && !is_guarded(*function)
    });
    authorizers.map(|function| Place::in_function(function, function.node)).collect()
}

fn initializes(function: Function<'_>) -> bool {
    let called = function.name();
    called.starts_with("initialize") || called.starts_with("reinitialize") || called == "init"
}

pub(super) fn unprotected_initializer(program: &Program) -> Vec<Place<'_>> {
    let entries = program.contracts().flat_map(|contract| contract.functions()).filter(|function| {
        function.is_entry() && initializes(*function) && writes(*function) && !is_guarded(*function)
    });
    let open = entries.filter(|function| !function.has_modifier(INITIALIZERS));
    open.map(|function| Place::in_function(function, function.node)).collect()
}

pub(super) fn open_implementation(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for contract in program.contracts().filter(|contract| !contract.is_abstract()) {
        let lineage = contract.lineage();
        let all = || lineage.iter().flat_map(|base| base.functions());
        let Some(initializer) = all().find(|function| function.is_entry() && function.has_modifier(INITIALIZERS))
        else {
            continue;
        };
        let closes = |function: Function<'_>| {
            let calls = |node: &_| kind(node) == "FunctionCall" && name(callee(node)) == "_disableInitializers";
            function.is_constructor() && (function.has_modifier(INITIALIZERS) || any(function.body(), calls))
        };
        if !all().any(closes) {
            found.push(Place { contract: Some(contract), function: Some(initializer), node: initializer.node });
        }
    }
    found
}

pub(super) fn missing_access_control(program: &Program) -> Vec<Place<'_>> {
    let entries = program.contracts().flat_map(|contract| contract.functions());
    let open = entries.filter(|function| {
        let set_up = function.has_modifier(INITIALIZERS) || initializes(*function);
        function.is_entry() && !set_up && !is_guarded(*function) && is_power(*function)
    });
    open.map(|function| Place::in_function(function, function.node)).collect()
}

fn is_power(function: Function<'_>) -> bool {
    let program = function.contract.program;
    let calls_power = |node: &Node| kind(node) == "FunctionCall" && POWERS.contains(&name(callee(node)));
    let sets_trust = |node: &Node| {
        let variable = program.definition(&node["leftHandSide"]["referencedDeclaration"]);
        kind(node) == "Assignment"
            && variable.is_some_and(|variable| {
                let called = name(variable).to_lowercase();
                variable["stateVariable"] == true && TRUSTED.iter().any(|trusted| called.contains(trusted))
            })
    };
    any(function.body(), |node| calls_power(node) || sets_trust(node))
}

pub(super) fn missing_event(program: &Program) -> Vec<Place<'_>> {
    let privileged = |function: &Function<'_>| {
        function.modifiers().iter().any(|modifier| *modifier == "restricted" || modifier.starts_with("only"))
            && !function.has_modifier(INITIALIZERS)
    };
    let entries = program.contracts().flat_map(|contract| contract.functions());
    let silent = entries.filter(|function| {
        let says = || {
            function.reach().iter().any(|body| {
                // Assembly logs where Solidity emits, and other contracts tell of themselves.
                !of_kind(body, "EmitStatement").is_empty()
                    || any(body, |node| {
                        kind(node) == "YulFunctionCall" && name(&node["functionName"]).starts_with("log")
                    })
            })
        };
        function.is_entry() && privileged(function) && writes(*function) && !says()
    });
    silent.map(|function| Place::in_function(function, function.node)).collect()
}

pub(super) fn tx_origin(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in program.contracts().flat_map(|contract| contract.functions()) {
        let decides = of_kind(function.node, "BinaryOperation").into_iter().filter(|node| {
            let both = [&node["leftExpression"], &node["rightExpression"]];
            matches!(text(node, "operator"), "==" | "!=") && both.iter().any(|side| is_member(side, "tx", &["origin"]))
        });
        found.extend(decides.map(|node| Place::in_function(function, node)));
    }
    found
}
