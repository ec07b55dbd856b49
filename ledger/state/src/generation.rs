//! Changes since a checkpoint, in memory, readable at any block between.

use crate::{
    diff::{AccountData, StateDiff},
    flat::{LogEntry, log_entries},
    log::Location,
    record::StoredBlock,
};
use alloy_primitives::{Address, B256, Bytes, U256, map::HashMap};
use parking_lot::RwLock;
use smallvec::SmallVec;
use std::{collections::BTreeMap, hash::Hash};

/// A value's history within a generation: what it was before, and each change
/// with its block, in order.
#[derive(Debug, Clone)]
pub(crate) struct Versions<V> {
    pub(crate) original: V,
    pub(crate) changes: SmallVec<[(u64, V); 1]>,
}

impl<V: Copy> Versions<V> {
    fn at(&self, block: u64) -> V {
        self.changes.iter().rev().find(|(number, _)| *number <= block).map_or(self.original, |(_, value)| *value)
    }

    pub(crate) fn latest(&self) -> V {
        self.changes.last().map_or(self.original, |(_, value)| *value)
    }
}

/// Boxed: half of a table's places are empty.
type Table<K, V> = RwLock<HashMap<K, Box<Versions<V>>>>;

/// What is kept of a block whose record is in the log.
#[derive(Debug, Clone)]
pub(crate) struct Committed {
    pub(crate) hash: B256,
    pub(crate) location: Location,
    /// Index entries of its logs, sorted, each once.
    pub(crate) logs: Box<[LogEntry]>,
}

impl Committed {
    fn of(stored: &StoredBlock, location: Location) -> Self {
        let mut logs = Vec::new();
        log_entries(stored, &mut logs);
        logs.sort_unstable();
        logs.dedup();
        Self { hash: stored.block.hash, location, logs: logs.into() }
    }
}

/// One generation: the blocks after `start` up to the next checkpoint.
///
/// **Invariant**: `commit` is called by the one writer, for consecutive
/// blocks; readers only ask for blocks that the writer has published.
#[derive(Debug, Default)]
pub(crate) struct Generation {
    /// The block that the layer below ends with; `None` before the genesis.
    pub(crate) start: Option<u64>,
    pub(crate) accounts: Table<Address, Option<AccountData>>,
    pub(crate) storage: Table<(Address, U256), U256>,
    pub(crate) codes: RwLock<HashMap<B256, Bytes>>,
    pub(crate) blocks: RwLock<BTreeMap<u64, Committed>>,
    pub(crate) hashes: RwLock<HashMap<B256, u64>>,
    pub(crate) transactions: RwLock<HashMap<B256, (u64, u32)>>,
}

impl Generation {
    pub(crate) fn after(start: Option<u64>) -> Self {
        Self { start, ..Self::default() }
    }

    /// Whether values at `block` may be answered from here.
    pub(crate) fn covers(&self, block: u64) -> bool {
        self.start.is_none_or(|start| block >= start)
    }

    pub(crate) fn account(&self, address: &Address, block: u64) -> Option<Option<AccountData>> {
        self.covers(block).then(|| self.accounts.read().get(address).map(|versions| versions.at(block)))?
    }

    pub(crate) fn slot(&self, address: Address, slot: U256, block: u64) -> Option<U256> {
        self.covers(block).then(|| self.storage.read().get(&(address, slot)).map(|versions| versions.at(block)))?
    }

    /// How many values changed, as a measure of size.
    pub(crate) fn size(&self) -> usize {
        self.accounts.read().len() + self.storage.read().len()
    }

    /// Adds a block's changes, and where it is.
    pub(crate) fn commit(&self, stored: &StoredBlock, diff: &StateDiff, location: Location) {
        let number = stored.number();
        {
            let mut accounts = self.accounts.write();
            for change in &diff.accounts {
                push(&mut accounts, change.address, number, change.old, change.new);
            }
        }
        {
            let mut storage = self.storage.write();
            for change in &diff.accounts {
                for slot in &change.storage {
                    push(&mut storage, (change.address, slot.slot), number, slot.old, slot.new);
                }
            }
        }
        if !diff.codes.is_empty() {
            self.codes.write().extend(diff.codes.iter().map(|added| (added.hash, added.code.clone())));
        }
        {
            let mut transactions = self.transactions.write();
            for (index, transaction) in (0u32..).zip(&stored.block.transactions) {
                transactions.insert(*transaction.tx_hash(), (number, index));
            }
        }
        self.hashes.write().insert(stored.block.hash, number);
        self.blocks.write().insert(number, Committed::of(stored, location));
    }
}

fn push<K: Eq + Hash, V: PartialEq>(table: &mut HashMap<K, Box<Versions<V>>>, key: K, number: u64, old: V, new: V) {
    if old == new {
        return;
    }
    table
        .entry(key)
        .or_insert_with(|| Box::new(Versions { original: old, changes: SmallVec::new() }))
        .changes
        .push((number, new));
}
