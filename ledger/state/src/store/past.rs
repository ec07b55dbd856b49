//! Proofs at earlier blocks: a second trie, taken from the checkpoint's to
//! the block asked for by the differences between.

use super::{Store, merge::MergedDiff};
use crate::{
    diff::StateDiff,
    error::StateError,
    flat::Snapshot,
    record::{self, StoredBlock},
    state_trie::{AccountProof, StateTrie},
    view::{Epoch, StateView},
};
use alloy_primitives::{Address, B256, U256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The trie as of an earlier block. The last one is kept, since who asks for
/// one proof often asks for more of the same block.
#[derive(Debug)]
pub(super) struct PastTrie {
    block: B256,
    snapshot: Arc<Snapshot>,
    trie: StateTrie,
}

impl Store {
    /// Proves an account and slots of it against the state root of block
    /// `number`.
    ///
    /// # Errors
    /// [`StateError::NoSuchBlock`] past the head, [`StateError::ProofWindow`]
    /// for a block that is more than [`super::StoreOptions::proof_window`]
    /// before it, or a storage error.
    pub fn prove_at(
        &self,
        number: u64,
        address: Address,
        slots: &[U256],
    ) -> Result<(Arc<StoredBlock>, AccountProof), StateError> {
        if number == self.head().number() {
            match self.prove_head(address, slots)? {
                Some((block, proof)) if block.number() == number => return Ok((block, proof)),
                // Another block came or comes: this is an earlier one.
                _ => {}
            }
        }
        self.with_past(number, |past| past.trie.prove(address, slots, &past.snapshot))
    }

    /// The state root that `diff` would give on top of block `number`: what a
    /// simulated block's header says. Nothing is kept.
    ///
    /// # Errors
    /// As [`Store::prove_at`].
    pub fn root_after(&self, number: u64, diff: &StateDiff) -> Result<B256, StateError> {
        let (_, root) = self.with_past(number, |past| {
            let root = past.trie.apply(diff, &past.snapshot)?;
            past.trie.apply(&diff.reversed(), &past.snapshot)?;
            Ok(root)
        })?;
        Ok(root)
    }

    /// The oldest block whose state can be read.
    pub fn oldest_state(&self) -> u64 {
        self.layers.epoch.read().snapshot.oldest
    }

    /// The oldest block that can be proved.
    pub fn oldest_proof(&self) -> u64 {
        self.head().number().saturating_sub(self.options.proof_window)
    }

    fn with_past<T>(
        &self,
        number: u64,
        work: impl FnOnce(&mut PastTrie) -> Result<T, StateError>,
    ) -> Result<(Arc<StoredBlock>, T), StateError> {
        let head = self.head().number();
        if number > head {
            return Err(StateError::NoSuchBlock { number, head });
        }
        let oldest = self.oldest_proof();
        if number < oldest {
            return Err(StateError::ProofWindow { number, oldest });
        }
        let block = self.block(number)?.ok_or(StateError::NoSuchBlock { number, head })?;
        let mut kept = self.layers.past.lock();
        let mut past = match kept.take() {
            Some(past) if past.block == block.block.hash => past,
            _ => self.past_trie(&block)?,
        };
        // Kept only where the work succeeds: a failure may leave half of it.
        let result = work(&mut past)?;
        *kept = Some(past);
        Ok((block, result))
    }

    fn past_trie(&self, block: &StoredBlock) -> Result<PastTrie, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        let (mut trie, checkpoint) = match epoch.snapshot.block {
            None => (StateTrie::from_root(alloy_trie::EMPTY_ROOT_HASH), None),
            Some((at, _)) => {
                let block = self.block(at)?.ok_or(StateError::LogBehind { log: 0, checkpoint: at })?;
                (StateTrie::from_root(block.block.header.state_root), Some(at))
            }
        };
        let number = block.number();
        let merged = match checkpoint {
            Some(at) if number < at => self.differences_back(&epoch, number, at)?,
            _ => differences_ahead(&epoch, number)?,
        };
        let computed = trie.apply(&merged.into_diff(), &epoch.snapshot)?;
        super::open::check_root(block, computed)?;
        Ok(PastTrie { block: block.block.hash, snapshot: Arc::clone(&epoch.snapshot), trie })
    }

    /// From the checkpoint, block `at`, back to block `number`, by the log.
    fn differences_back(&self, epoch: &Epoch, number: u64, at: u64) -> Result<MergedDiff, StateError> {
        let mut merged = MergedDiff::default();
        for number in number + 1..=at {
            let place = epoch.snapshot.block_place(number)?;
            let (location, _) = place.ok_or(StateError::NoSuchBlock { number, head: at })?;
            let record = self.layers.log.read().read(location, number)?;
            merged.add_reversed(&record::decode_diff(&record)?);
        }
        Ok(merged)
    }
}

/// From the checkpoint on to block `number`, by what is in memory.
fn differences_ahead(epoch: &Arc<Epoch>, number: u64) -> Result<MergedDiff, StateError> {
    let mut changed: BTreeMap<Address, BTreeSet<U256>> = BTreeMap::new();
    for generation in epoch.generations() {
        for address in generation.accounts.read().keys() {
            changed.entry(*address).or_default();
        }
        for (address, slot) in generation.storage.read().keys() {
            changed.entry(*address).or_default().insert(*slot);
        }
    }
    let view = StateView { epoch: Arc::clone(epoch), number };
    let mut merged = MergedDiff::default();
    for (address, slots) in changed {
        let values = merged.set(address, view.account(&address)?);
        for slot in slots {
            values.insert(slot, view.slot(address, slot)?);
        }
    }
    Ok(merged)
}
