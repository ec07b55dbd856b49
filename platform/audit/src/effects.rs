//! What a function does, in the order in which it does it.

use serde_json::Value;

use crate::program::{Function, Program};
use crate::syntax::{Node, all, any, callee, end, kind, name, text, type_id, type_of};

/// One thing a function does.
pub(crate) enum Effect<'p> {
    /// Calls a contract that may do anything, and so call back.
    Calls,
    /// Changes what is stored.
    Writes(&'p Node),
    /// Goes on in another function.
    Enters(&'p Node),
}

/// What a piece of code does by itself, in order.
pub(crate) fn effects<'p>(program: &'p Program, body: &'p Node) -> Vec<Effect<'p>> {
    let mut found: Vec<(usize, u8, Effect<'p>)> = Vec::new();
    for node in all(body) {
        let effect = match kind(node) {
            "FunctionCall" => call(program, node),
            "Assignment" => is_stored(program, &node["leftHandSide"]).then_some((1, Effect::Writes(node))),
            "UnaryOperation" => {
                let changes = matches!(text(node, "operator"), "++" | "--" | "delete");
                (changes && is_stored(program, &node["subExpression"])).then_some((1, Effect::Writes(node)))
            }
            "YulFunctionCall" => match name(&node["functionName"]) {
                "call" => Some((0, Effect::Calls)),
                "sstore" => Some((1, Effect::Writes(node))),
                _ => None,
            },
            _ => None,
        };
        if let Some((order, effect)) = effect {
            found.push((end(node), order, effect));
        }
    }
    // An expression is done when its last part is; an assignment after what it assigns.
    found.sort_by_key(|(at, order, _)| (*at, *order));
    found.into_iter().map(|(_, _, effect)| effect).collect()
}

fn call<'p>(program: &'p Program, node: &'p Node) -> Option<(u8, Effect<'p>)> {
    let callee = callee(node);
    let id = type_id(callee);
    if id.starts_with("t_function_external_nonpayable")
        || id.starts_with("t_function_external_payable")
        || id.starts_with("t_function_barecall_")
    {
        return Some((0, Effect::Calls));
    }
    // Lists of storage grow and shrink by calls.
    if id.starts_with("t_function_arraypush") || id.starts_with("t_function_arraypop") {
        return is_stored(program, &callee["expression"]).then_some((1, Effect::Writes(node)));
    }
    let target = program.definition(&callee["referencedDeclaration"])?;
    (kind(target) == "FunctionDefinition" && id.starts_with("t_function_internal"))
        .then_some((0, Effect::Enters(target)))
}

/// Whether an expression names something stored.
pub(crate) fn is_stored(program: &Program, node: &Node) -> bool {
    match kind(node) {
        "Identifier" => {
            let variable = program.definition(&node["referencedDeclaration"]);
            // A local pointer that is set anew changes nothing in storage.
            variable.is_some_and(|variable| variable["stateVariable"] == true)
        }
        "MemberAccess" => lies_in_storage(program, &node["expression"]),
        "IndexAccess" => lies_in_storage(program, &node["baseExpression"]),
        "TupleExpression" => {
            let parts = node["components"].as_array().into_iter().flatten();
            parts.filter(|part| !part.is_null()).any(|part| is_stored(program, part))
        }
        _ => false,
    }
}

fn lies_in_storage(program: &Program, base: &Node) -> bool {
    type_of(base).contains("storage") || type_of(base).starts_with("mapping") || is_stored(program, base)
}

/// Whether a function asks who calls: by a modifier, or in a condition of its own or of what it uses.
pub(crate) fn is_guarded(function: Function<'_>) -> bool {
    let named = |name: &str| {
        matches!(name, "restricted" | "auth" | "authorized" | "requiresAuth" | "initializer" | "reinitializer")
            || name.starts_with("only")
    };
    function.modifiers().into_iter().any(named) || function.reach().iter().any(|body| any(body, asks_who))
}

fn asks_who(node: &Node) -> bool {
    match kind(node) {
        "BinaryOperation" => {
            matches!(text(node, "operator"), "==" | "!=")
                && [&node["leftExpression"], &node["rightExpression"]].into_iter().any(is_caller)
        }
        // `allowed[msg.sender]` in a condition, or `_checkRole(…)`.
        "IfStatement" => {
            any(&node["condition"], |part| kind(part) == "IndexAccess" && is_caller(&part["indexExpression"]))
        }
        "FunctionCall" => {
            let called = name(callee(node));
            let arguments = node["arguments"].as_array();
            let asked = |argument: &Value| {
                any(argument, |part| kind(part) == "IndexAccess" && is_caller(&part["indexExpression"]))
            };
            ["_checkOwner", "_checkRole", "_checkCanCall", "_onlyRole"].contains(&called)
                || called == "require" && arguments.and_then(|all| all.first()).is_some_and(asked)
        }
        _ => false,
    }
}

/// `msg.sender`, however it is asked for.
pub(crate) fn is_caller(node: &Node) -> bool {
    let called = kind(node) == "FunctionCall" && name(callee(node)) == "_msgSender";
    called || crate::syntax::is_member(node, "msg", &["sender"])
}

/// Whether a function, with all that it uses, changes what is stored.
pub(crate) fn writes(function: Function<'_>) -> bool {
    let program = function.contract.program;
    function.reach().iter().any(|body| effects(program, body).iter().any(|effect| matches!(effect, Effect::Writes(_))))
}
