//! Several diffs as one.

use crate::diff::{AccountChange, AccountData, SlotChange, StateDiff};
use alloy_primitives::{Address, U256, map::HashMap};

/// Several diffs as one: the trie is touched once a value, however many
/// blocks there are.
#[derive(Debug, Default)]
pub(super) struct MergedDiff {
    accounts: HashMap<Address, (Option<AccountData>, HashMap<U256, U256>)>,
}

impl MergedDiff {
    /// Goes on by the next block's diff.
    pub(super) fn add(&mut self, diff: &StateDiff) {
        for change in &diff.accounts {
            let entry = self.accounts.entry(change.address).or_default();
            entry.0 = change.new;
            entry.1.extend(change.storage.iter().map(|slot| (slot.slot, slot.new)));
        }
    }

    /// Takes the next block's diff back too, where the blocks come in their
    /// order: what stands before the first change is what counts.
    pub(super) fn add_reversed(&mut self, diff: &StateDiff) {
        for change in &diff.accounts {
            let entry = self.accounts.entry(change.address).or_insert_with(|| (change.old, HashMap::default()));
            for slot in &change.storage {
                entry.1.entry(slot.slot).or_insert(slot.old);
            }
        }
    }

    /// Values as of one moment.
    pub(super) fn set(&mut self, address: Address, account: Option<AccountData>) -> &mut HashMap<U256, U256> {
        let entry = self.accounts.entry(address).or_default();
        entry.0 = account;
        &mut entry.1
    }

    /// As a diff without old values.
    pub(super) fn into_diff(self) -> StateDiff {
        let accounts = self
            .accounts
            .into_iter()
            .map(|(address, (new, slots))| AccountChange {
                address,
                old: None,
                new,
                storage: slots.into_iter().map(|(slot, new)| SlotChange { slot, old: U256::ZERO, new }).collect(),
            })
            .collect();
        StateDiff { accounts, codes: Vec::new() }
    }
}
