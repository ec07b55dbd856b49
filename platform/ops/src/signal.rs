//! Signals: what was seen, before anybody judged it.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use platform_index::Head;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Something that was seen: an event of a contract that is watched, money that left one, or a fact about the house
/// itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Name of the contract, as the register has it.
    pub contract: String,
    /// Name of the event; `Outflow` where a contract lost tokens in a transaction.
    pub name: String,
    /// Its arguments by name. Integers and addresses are text.
    #[serde(default)]
    pub args: BTreeMap<String, Json>,
    /// The transaction it was in.
    #[serde(default)]
    pub transaction: B256,
    /// Who sent that transaction.
    #[serde(default)]
    pub from: Address,
    /// Its place among the block's signals.
    #[serde(default)]
    pub index: u64,
}

/// Everything that is known of a moment: a block, or the passing of time.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The newest block, and the moment's time.
    pub head: Head,
    /// What the block brought.
    pub signals: Vec<Signal>,
    /// What the rules' views answered in the block's state, by rule and name.
    pub reads: BTreeMap<(String, String), U256>,
    /// Facts about the house itself, where this is the passing of time.
    pub vitals: Option<BTreeMap<String, i64>>,
}
