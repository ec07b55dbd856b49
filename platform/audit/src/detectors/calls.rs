//! Calls to other contracts.

use super::Place;
use crate::effects::{Effect, effects};
use crate::program::{Function, Program};
use crate::syntax::{Node, callee, kind, name, of_kind, type_id};

const LOCKS: &[&str] = &["nonReentrant", "lock", "locked", "noReentrancy"];

/// How deep functions are followed into one another.
const DEPTH_MAX: usize = 12;

pub(super) fn reentrancy(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in program.contracts().flat_map(|contract| contract.functions()) {
        if !function.is_entry() || function.has_modifier(LOCKS) {
            continue;
        }
        let mut walk = Walk { program, called: false, written_after: None, path: Vec::new() };
        walk.enter(function.node);
        if let Some(node) = walk.written_after {
            found.push(Place::in_function(function, node));
        }
    }
    found
}

/// Goes through what a function does, and remembers whether it called out before it wrote.
struct Walk<'p> {
    program: &'p Program,
    called: bool,
    written_after: Option<&'p Node>,
    path: Vec<&'p Node>,
}

impl<'p> Walk<'p> {
    fn enter(&mut self, function: &'p Node) {
        if self.path.len() >= DEPTH_MAX || self.path.iter().any(|node| std::ptr::eq(*node, function)) {
            return;
        }
        self.path.push(function);
        for effect in effects(self.program, function) {
            match effect {
                Effect::Calls => self.called = true,
                Effect::Writes(node) if self.called => {
                    self.written_after.get_or_insert(node);
                }
                Effect::Writes(_) => {}
                Effect::Enters(other) => self.enter(other),
            }
        }
        self.path.pop();
    }
}

fn functions(program: &Program) -> impl Iterator<Item = Function<'_>> {
    program.contracts().flat_map(|contract| contract.functions())
}

/// Calls whose answer falls to the floor.
fn dropped<'p>(program: &'p Program, is: fn(&Node) -> bool) -> Vec<Place<'p>> {
    let mut found = Vec::new();
    for function in functions(program) {
        let statements = of_kind(function.node, "ExpressionStatement").into_iter();
        let calls = statements.filter(|statement| {
            let call = &statement["expression"];
            kind(call) == "FunctionCall" && is(callee(call))
        });
        found.extend(calls.map(|node| Place::in_function(function, node)));
    }
    found
}

pub(super) fn unchecked_call(program: &Program) -> Vec<Place<'_>> {
    let mut found = dropped(program, |callee| {
        let id = type_id(callee);
        ["t_function_barecall_", "t_function_baredelegatecall_", "t_function_barestaticcall_", "t_function_send_"]
            .iter()
            .any(|kind| id.starts_with(kind))
    });
    // `(, bytes memory answer) = target.call(…)` drops it as well.
    for function in functions(program) {
        for statement in of_kind(function.node, "VariableDeclarationStatement") {
            let bare = type_id(callee(&statement["initialValue"])).starts_with("t_function_bare");
            let first = statement["declarations"].as_array().and_then(|all| all.first());
            if bare && first.is_some_and(serde_json::Value::is_null) {
                found.push(Place::in_function(function, statement));
            }
        }
    }
    found
}

pub(super) fn unchecked_transfer(program: &Program) -> Vec<Place<'_>> {
    dropped(program, |callee| {
        matches!(name(callee), "transfer" | "transferFrom")
            && type_id(callee).starts_with("t_function_external_nonpayable")
            && type_id(callee).contains("returns$_t_bool")
    })
}

pub(super) fn delegatecall_to_variable(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in functions(program) {
        for call in of_kind(function.node, "FunctionCall") {
            let callee = callee(call);
            if type_id(callee).starts_with("t_function_baredelegatecall_") && !is_fixed(program, &callee["expression"])
            {
                found.push(Place::in_function(function, call));
            }
        }
        for call in of_kind(function.node, "YulFunctionCall") {
            let target = call["arguments"].as_array().and_then(|all| all.get(1));
            if name(&call["functionName"]) == "delegatecall"
                && !target.is_some_and(|at| is_fixed_in(program, function, at))
            {
                found.push(Place::in_function(function, call));
            }
        }
    }
    found
}

/// Whether an address was fixed when the contract was made.
fn is_fixed(program: &Program, node: &Node) -> bool {
    let declared = program.definition(&node["referencedDeclaration"]);
    match kind(node) {
        "Identifier" => declared.is_some_and(|it| matches!(it["mutability"].as_str(), Some("constant" | "immutable"))),
        // `address(module)`, and `address(this)`.
        "FunctionCall" if node["kind"] == "typeConversion" => {
            let inside = node["arguments"].as_array().and_then(|all| all.first());
            inside.is_some_and(|inside| name(inside) == "this" || is_fixed(program, inside))
        }
        _ => false,
    }
}

/// The same for a name inside assembly.
fn is_fixed_in(program: &Program, function: Function<'_>, node: &Node) -> bool {
    let blocks = of_kind(function.node, "InlineAssembly");
    let mut references = blocks.iter().flat_map(|block| block["externalReferences"].as_array().into_iter().flatten());
    let declared =
        references.find(|reference| reference["src"] == node["src"]).map(|reference| &reference["declaration"]);
    let variable = declared.and_then(|id| program.definition(id));
    variable.is_some_and(|it| matches!(it["mutability"].as_str(), Some("constant" | "immutable")))
}

pub(super) fn selfdestructs(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for function in functions(program) {
        let calls =
            of_kind(function.node, "FunctionCall").into_iter().filter(|call| name(callee(call)) == "selfdestruct");
        let yul = of_kind(function.node, "YulFunctionCall");
        let yul = yul.into_iter().filter(|call| name(&call["functionName"]) == "selfdestruct");
        found.extend(calls.chain(yul).map(|node| Place::in_function(function, node)));
    }
    found
}
