//! Going back to an earlier block, for development chains only: everywhere
//! else what was acknowledged stays.

use super::{
    Store, StoreOptions,
    merge::MergedDiff,
    open::{Loaded, checkpoint_place},
};
use crate::{
    error::StateError,
    flat::{Flat, Unwound},
    log::{Location, LogOptions, rewind::Rewind},
    record::{self, StoredBlock},
    state_trie::StateTrie,
};
use std::sync::Arc;

impl Store {
    /// Makes block `to` the head again and forgets every block after it, for
    /// `evm_revert`. Durable when it returns; a crash on the way leaves the
    /// old head or the new one. A staged diff is dropped. Nobody may commit
    /// blocks that were built before.
    ///
    /// # Errors
    /// [`StateError::NoSuchBlock`] past the head; a storage error, after which
    /// nothing more is accepted until a restart.
    pub fn rewind(&self, to: u64) -> Result<Arc<StoredBlock>, StateError> {
        let mut writer = self.writer.lock();
        let head = self.head();
        if to > head.number() {
            return Err(StateError::NoSuchBlock { number: to, head: head.number() });
        }
        self.wait_for_checkpoint(&mut writer)?;
        self.layers.log.read().check_writable()?;
        if to < head.number() || writer.staged.is_some() {
            let result = self.rewind_from(to, to < head.number());
            let loaded = result.inspect_err(|error| self.layers.log.write().fail(error.to_string()))?;
            writer.trie = loaded.trie;
            writer.staged = None;
            *self.layers.past.lock() = None;
            *self.layers.log.write() = loaded.log;
            *self.layers.epoch.write() = Arc::new(loaded.epoch);
            *self.head.write() = loaded.head;
        }
        Ok(self.head())
    }

    fn rewind_from(&self, to: u64, cut: bool) -> Result<Loaded, StateError> {
        let options = self.options.log();
        if cut {
            let rewind = Rewind { to, from: self.place(to + 1)? };
            rewind.announce(&options)?;
            carry_out(rewind, &self.layers.flat, &options)?;
        }
        Loaded::read(&self.options, &self.layers.flat, LogOptions { check_bytes: 0, ..options }, &mut |_| {})
    }

    fn place(&self, number: u64) -> Result<Location, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        for generation in epoch.generations() {
            if let Some(committed) = generation.blocks.read().get(&number) {
                return Ok(committed.location);
            }
        }
        checkpoint_place(&epoch.snapshot, number)
    }
}

/// Does the rest of a rewind that a crash interrupted.
pub(super) fn finish(options: &StoreOptions, flat: &Flat) -> Result<(), StateError> {
    let options = options.log();
    if let Some(rewind) = Rewind::pending(&options)? {
        tracing::warn!(to = rewind.to, "finishing a rewind that was interrupted");
        carry_out(rewind, flat, &options)?;
    }
    Ok(())
}

fn carry_out(rewind: Rewind, flat: &Flat, options: &LogOptions) -> Result<(), StateError> {
    unwind(rewind.to, flat, options)?;
    rewind.cut(options)?;
    Rewind::forget(options)
}

/// Takes the checkpoint back to block `to` where it is past it.
fn unwind(to: u64, flat: &Flat, options: &LogOptions) -> Result<(), StateError> {
    let snapshot = flat.snapshot()?;
    let Some((at, _)) = snapshot.block.filter(|(at, _)| *at > to) else { return Ok(()) };
    let read = |number| options.read(checkpoint_place(&snapshot, number)?, number);
    let top = record::decode_block(&read(at)?)?;
    let new_head = record::decode_block(&read(to)?)?;
    let mut merged = MergedDiff::default();
    let mut blocks = Vec::new();
    for number in to + 1..=at {
        let (block, diff) = record::decode(&read(number)?)?;
        merged.add_reversed(&diff);
        blocks.push((block, diff));
    }
    let mut trie = StateTrie::from_root(top.block.header.state_root);
    let values = merged.into_diff();
    let computed = trie.apply(&values, &snapshot)?;
    super::open::check_root(&new_head, computed)?;
    let trie = trie.drain_unsaved();
    drop(snapshot);
    flat.unwind(&mut Unwound { head: (to, new_head.block.hash), values, blocks, trie })
}
