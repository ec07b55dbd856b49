//! Opening: the checkpoint, and the log's tail on top of it.

use super::{StoreOptions, genesis, merge::MergedDiff};
use crate::{
    error::StateError,
    flat::{Flat, Snapshot},
    generation::Generation,
    log::{Location, Log, LogOptions},
    record::{self, StoredBlock},
    state_trie::StateTrie,
    view::Epoch,
};
use alloy_primitives::B256;
use std::sync::Arc;

/// What a start reads.
pub(super) struct Loaded {
    pub(super) log: Log,
    pub(super) trie: StateTrie,
    pub(super) epoch: Epoch,
    pub(super) head: Arc<StoredBlock>,
}

impl Loaded {
    /// Reads the checkpoint and replays the log after it.
    pub(super) fn read(options: &StoreOptions, flat: &Flat, log: LogOptions) -> Result<Self, StateError> {
        let snapshot = Arc::new(flat.snapshot()?);
        let checkpoint = match snapshot.block {
            Some((number, hash)) => Some((number, hash, checkpoint_place(&snapshot, number)?)),
            None => None,
        };
        let active = Generation::after(snapshot.block.map(|(number, _)| number));
        let mut replay = Replay { active: &active, checkpoint, head: None, merged: MergedDiff::default() };
        let from = checkpoint.map(|(_, _, location)| location);
        let mut log = Log::open(log, from, &mut |location, number, payload| replay.visit(location, number, &payload))?;
        let (mut head, merged) = (replay.head, replay.merged);
        let root = match checkpoint {
            Some((number, _, location)) => record::decode_block(&log.read(location, number)?)?.block.header.state_root,
            None => alloy_trie::EMPTY_ROOT_HASH,
        };
        let mut trie = StateTrie::from_root(root);
        if let Some(head) = &head {
            let computed = trie.apply(&merged.into_diff(), &snapshot)?;
            check_root(head, computed)?;
        } else if let Some((number, _, _)) = checkpoint {
            return Err(StateError::LogBehind { log: 0, checkpoint: number });
        } else {
            head = Some(genesis::write(&options.spec, &mut log, &mut trie, &active, &snapshot)?);
        }
        let head = head.ok_or(StateError::TrieShape)?;
        Ok(Self { log, trie, epoch: Epoch { snapshot, frozen: None, active: Arc::new(active) }, head })
    }
}

/// Collects what the log says about the blocks after the checkpoint.
struct Replay<'a> {
    active: &'a Generation,
    checkpoint: Option<(u64, B256, Location)>,
    head: Option<Arc<StoredBlock>>,
    merged: MergedDiff,
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
            self.head = Some(stored);
            return Ok(());
        }
        if let Some(head) = &self.head
            && (number != head.number() + 1 || stored.block.header.parent_hash != head.block.hash)
        {
            return Err(StateError::NotNext { number, head: head.number() });
        }
        self.merged.add(&diff);
        self.active.commit(Arc::clone(&stored), &diff, location);
        self.head = Some(stored);
        Ok(())
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
