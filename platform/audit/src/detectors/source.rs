//! What is written down that should not be.

use super::Place;
use crate::program::{Contract, Program};
use crate::syntax::{kind, of_kind, text, type_of};

pub(super) fn hard_coded_address(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for contract in program.contracts() {
        let literals = of_kind(contract.node, "Literal").into_iter().filter(|literal| {
            let zero = text(literal, "value").trim_start_matches("0x").bytes().all(|digit| digit == b'0');
            matches!(type_of(literal), "address" | "address payable") && !zero
        });
        for literal in literals {
            let within = |function: &crate::program::Function<'_>| {
                of_kind(function.node, "Literal").into_iter().any(|node| std::ptr::eq(node, literal))
            };
            let function = Contract::functions(contract).find(within);
            found.push(Place { contract: Some(contract), function, node: literal });
        }
    }
    found
}

pub(super) fn floating_pragma(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for file in program.own_files() {
        for pragma in file.tree["nodes"].as_array().into_iter().flatten() {
            let words = pragma["literals"].as_array().map(|all| all.iter().filter_map(|word| word.as_str()).collect());
            let words: Vec<&str> = words.unwrap_or_default();
            let solidity = kind(pragma) == "PragmaDirective" && words.first() == Some(&"solidity");
            let floats = words.iter().any(|word| word.contains(['^', '>', '<', '~', '*']) || *word == "||");
            if solidity && floats {
                found.push(Place { contract: None, function: None, node: pragma });
            }
        }
    }
    found
}
