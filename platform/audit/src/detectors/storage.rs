//! Where things lie behind a proxy.

use alloy_primitives::{B256, U256, hex, keccak256};

use super::Place;
use crate::program::{Contract, Program};
use crate::syntax::{any, callee, kind, name, text, type_of};

const ANNOTATION: &str = "@custom:storage-location erc7201:";

/// The slot of a namespace (ERC-7201).
fn slot(namespace: &str) -> B256 {
    let first = U256::from_be_bytes(keccak256(namespace).0) - U256::ONE;
    let second = U256::from_be_bytes(keccak256(first.to_be_bytes::<32>()).0);
    B256::from(second & !U256::from(0xff))
}

pub(super) fn namespace_mismatch(program: &Program) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for contract in program.contracts() {
        for definition in contract.structs() {
            let comment = text(&definition["documentation"], "text");
            let Some(namespace) = comment.split_once(ANNOTATION).and_then(|(_, rest)| rest.split_whitespace().next())
            else {
                continue;
            };
            if !holds(contract, slot(namespace)) {
                found.push(Place::in_contract(contract, definition));
            }
        }
    }
    found
}

/// Whether a contract has the slot as a constant, or computes one.
fn holds(contract: Contract<'_>, wanted: B256) -> bool {
    let constants = contract.variables().filter(|it| it["mutability"] == "constant" && type_of(it) == "bytes32");
    let mut values = constants.map(|constant| &constant["value"]);
    values.any(|value| {
        let literal = hex::decode(text(value, "value")).ok().and_then(|bytes| B256::try_from(&bytes[..]).ok());
        literal == Some(wanted) || any(value, |node| kind(node) == "FunctionCall" && name(callee(node)) == "keccak256")
    })
}

pub(super) fn missing_gap(program: &Program) -> Vec<Place<'_>> {
    let upgradeable = program.contracts().filter(|contract| {
        contract.is_abstract() && contract.descends_from(&["Initializable", "UUPSUpgradeable", "ContextUpgradeable"])
    });
    let kept = |contract: Contract<'_>| {
        let mut stored = contract.variables().filter(|it| it["mutability"] == "mutable").peekable();
        stored.peek().is_some() && !contract.variables().any(|it| name(it).starts_with("__gap"))
    };
    upgradeable.filter(|contract| kept(*contract)).map(|contract| Place::in_contract(contract, contract.node)).collect()
}
