//! Opening: the checkpoint, and the log's tail on top of it.

use super::{StoreOptions, genesis, merge::MergedDiff};
use crate::{
    error::StateError,
    flat::{Flat, Retention, Snapshot},
    generation::Generation,
    log::{Location, Log, LogOptions},
    record::{self, StoredBlock},
    state_trie::StateTrie,
    view::Epoch,
};
use alloy_primitives::B256;
use std::sync::Arc;

/// So many times the values of a checkpoint are replayed before one is
/// written on the way: a start after a kill should write none, a restored
/// backup must not fill the memory.
const VALUES_REPLAYED: usize = 4;

/// What a start reads.
pub(super) struct Loaded {
    pub(super) log: Log,
    pub(super) trie: StateTrie,
    pub(super) epoch: Epoch,
    pub(super) head: Arc<StoredBlock>,
}

impl Loaded {
    /// Reads the checkpoint and replays the log after it, telling `progress`
    /// each block's number.
    pub(super) fn read(
        options: &StoreOptions,
        flat: &Flat,
        log: LogOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, StateError> {
        let snapshot = Arc::new(flat.snapshot()?);
        let checkpoint = match snapshot.block {
            Some((number, hash)) => Some((number, hash, checkpoint_place(&snapshot, number)?)),
            None => None,
        };
        let mut replay = Replay {
            flat,
            active: Generation::after(snapshot.block.map(|(number, _)| number)),
            trie: StateTrie::from_root(alloy_trie::EMPTY_ROOT_HASH),
            snapshot,
            checkpoint,
            head: None,
            merged: MergedDiff::default(),
            values_max: options.checkpoint_values.saturating_mul(VALUES_REPLAYED),
            history: options.history,
            log: log.clone(),
        };
        let from = checkpoint.map(|(_, _, location)| location);
        let mut log = Log::open(log, from, &mut |location, number, payload| {
            progress(number);
            replay.visit(location, number, &payload)
        })?;
        let head = match replay.settle()? {
            Some(head) => head,
            None if checkpoint.is_some() => {
                return Err(StateError::LogBehind { log: 0, checkpoint: checkpoint.map_or(0, |(number, ..)| number) });
            }
            None => genesis::write(&options.spec, &mut log, &mut replay.trie, &replay.active, &replay.snapshot)?,
        };
        let Replay { snapshot, active, trie, .. } = replay;
        Ok(Self { log, trie, epoch: Epoch { snapshot, frozen: None, active: Arc::new(active) }, head })
    }
}

/// Collects what the log says about the blocks after the checkpoint.
struct Replay<'a> {
    flat: &'a Flat,
    snapshot: Arc<Snapshot>,
    active: Generation,
    trie: StateTrie,
    checkpoint: Option<(u64, B256, Location)>,
    head: Option<Arc<StoredBlock>>,
    /// What the trie does not have yet.
    merged: MergedDiff,
    values_max: usize,
    history: Option<u64>,
    log: LogOptions,
}

impl Replay<'_> {
    fn visit(&mut self, location: Location, number: u64, payload: &[u8]) -> Result<(), StateError> {
        let (stored, diff) = record::decode(payload)?;
        let stored = Arc::new(stored);
        if let Some((at, hash, _)) = self.checkpoint
            && number <= at
        {
            if number == at && stored.block.hash != hash {
                return Err(StateError::Root { number, computed: stored.block.hash, expected: hash });
            }
            self.trie = StateTrie::from_root(stored.block.header.state_root);
            self.head = Some(stored);
            return Ok(());
        }
        if let Some(head) = &self.head
            && (number != head.number() + 1 || stored.block.header.parent_hash != head.block.hash)
        {
            return Err(StateError::NotNext { number, head: head.number() });
        }
        self.merged.add(&diff);
        self.active.commit(&stored, &diff, location);
        self.head = Some(stored);
        if self.active.size() >= self.values_max {
            self.settle()?;
            let batch = self.trie.drain_unsaved();
            let read = |location, number| record::decode_diff(&self.log.read(location, number)?);
            self.flat.checkpoint(&self.active, batch, &Retention { blocks: self.history, read: &read })?;
            self.snapshot = Arc::new(self.flat.snapshot()?);
            self.active = Generation::after(Some(number));
            self.trie.forget_saved();
        }
        Ok(())
    }

    /// Brings the trie to the head and compares its root with the header's.
    fn settle(&mut self) -> Result<Option<Arc<StoredBlock>>, StateError> {
        let Some(head) = &self.head else { return Ok(None) };
        let merged = std::mem::take(&mut self.merged);
        let computed = self.trie.apply(&merged.into_diff(), &self.snapshot)?;
        check_root(head, computed)?;
        Ok(Some(Arc::clone(head)))
    }
}

pub(super) fn checkpoint_place(snapshot: &Snapshot, number: u64) -> Result<Location, StateError> {
    let place = snapshot.block_place(number)?;
    place.map(|(location, _)| location).ok_or(StateError::LogBehind { log: 0, checkpoint: number })
}

pub(super) fn check_root(stored: &StoredBlock, computed: B256) -> Result<(), StateError> {
    let expected = stored.block.header.state_root;
    if computed == expected {
        return Ok(());
    }
    Err(StateError::Root { number: stored.number(), computed, expected })
}
