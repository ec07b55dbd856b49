//! Chance and arithmetic.

use super::Place;
use crate::program::{Contract, Function, Program};
use crate::syntax::{Node, any, callee, is_member, kind, name, of_kind, text, type_of, words};

const CHOSEN: &[&str] = &["timestamp", "prevrandao", "difficulty", "number", "coinbase", "gaslimit"];

fn each<'p>(program: &'p Program, wanted: &'static str) -> Vec<(Function<'p>, &'p Node)> {
    let functions = program.contracts().flat_map(Contract::functions);
    functions
        .flat_map(|function| of_kind(function.node, wanted).into_iter().map(move |node| (function, node)))
        .collect()
}

fn is_chosen(node: &Node) -> bool {
    is_member(node, "block", CHOSEN) || kind(node) == "FunctionCall" && name(callee(node)) == "blockhash"
}

pub(super) fn weak_randomness(program: &Program) -> Vec<Place<'_>> {
    // A remainder of it, or a hash of it, is drawn from.
    let remainder = |node: &Node| text(node, "operator") == "%" && any(&node["leftExpression"], is_chosen);
    let hashed = |node: &Node| name(callee(node)) == "keccak256" && any(&node["arguments"], is_chosen);
    let mut found: Vec<Place<'_>> = Vec::new();
    for (function, node) in each(program, "BinaryOperation").into_iter().filter(|(_, node)| remainder(node)) {
        found.push(Place::in_function(function, node));
    }
    for (function, node) in each(program, "FunctionCall").into_iter().filter(|(_, node)| hashed(node)) {
        let inside = found.iter().any(|place| any(place.node, |part| std::ptr::eq(part, node)));
        if !inside {
            found.push(Place::in_function(function, node));
        }
    }
    found
}

pub(super) fn divide_before_multiply(program: &Program) -> Vec<Place<'_>> {
    let is = |node: &Node| {
        text(node, "operator") == "*" && (divides(&node["leftExpression"]) || divides(&node["rightExpression"]))
    };
    let found = each(program, "BinaryOperation").into_iter().filter(|(_, node)| is(node));
    found.map(|(function, node)| Place::in_function(function, node)).collect()
}

fn divides(node: &Node) -> bool {
    match kind(node) {
        "TupleExpression" => node["components"].as_array().is_some_and(|parts| parts.len() == 1 && divides(&parts[0])),
        "BinaryOperation" => text(node, "operator") == "/" && node["isPure"] != true,
        _ => false,
    }
}

pub(super) fn unsafe_cast(program: &Program) -> Vec<Place<'_>> {
    let found = each(program, "FunctionCall").into_iter().filter(|(function, node)| {
        let Some(argument) = node["arguments"].as_array().and_then(|all| all.first()) else { return false };
        let (Some(to), Some(from)) = (bits(type_of(node)), bits(type_of(argument))) else { return false };
        node["kind"] == "typeConversion" && to < from && argument["isPure"] != true && !is_compared(*function, argument)
    });
    found.map(|(function, node)| Place::in_function(function, node)).collect()
}

/// Bits of an integer type.
fn bits(solidity: &str) -> Option<u32> {
    let digits = solidity.strip_prefix("uint").or_else(|| solidity.strip_prefix("int"))?;
    digits.parse().ok()
}

/// Whether the function compares the same expression with something.
fn is_compared(function: Function<'_>, argument: &Node) -> bool {
    let said = |node: &Node| {
        let mut text = String::new();
        words(node, &mut text);
        text
    };
    let wanted = said(argument);
    of_kind(function.body(), "BinaryOperation").into_iter().any(|node| {
        matches!(text(node, "operator"), "<" | ">" | "<=" | ">=")
            && [&node["leftExpression"], &node["rightExpression"]].iter().any(|side| said(side) == wanted)
    })
}
