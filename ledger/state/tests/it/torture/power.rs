//! Power loss at any operation on the disk, also while recovering from one.

use super::{each_seed, model_disk::ModelDisk};
use crate::world::{Model, commit, options};
use alloy_primitives::B256;
use ledger_state::{StateError, Store, StoreOptions, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::sync::Arc;

/// Blocks of history, where not all is kept.
const HISTORY: u64 = 8;

/// What must be there after the power comes back.
#[derive(Default)]
struct Known {
    /// Every acknowledged block with the state after it.
    acknowledged: Vec<(B256, Model)>,
    /// The block that was being committed.
    pending: Option<(B256, Model)>,
    /// Whether history may be forgotten.
    pruned: bool,
    /// The block that a rewind was going to.
    rewinding: Option<usize>,
}

impl Known {
    /// The store holds what was acknowledged, and nothing that never was.
    fn check(&mut self, store: &Store, random: &mut StdRng) {
        let head = usize::try_from(store.head().number()).unwrap();
        if self.acknowledged.is_empty() {
            assert_eq!(head, 0);
            self.acknowledged.push((store.head().block.hash, Model::genesis(store)));
        }
        let last = self.acknowledged.len() - 1;
        if self.rewinding == Some(head) {
            self.acknowledged.truncate(head + 1);
        } else if head == last + 1 {
            let pending = self.pending.take().expect("a block came from nowhere");
            self.acknowledged.push(pending);
        } else {
            assert_eq!(head, last, "acknowledged blocks are lost");
        }
        (self.pending, self.rewinding) = (None, None);
        for _ in 0..3 {
            let number = random.random_range(0..=head);
            let (hash, model) = &self.acknowledged[number];
            assert_eq!(store.block(number as u64).unwrap().unwrap().block.hash, *hash, "block {number}");
            match store.view_at(number as u64) {
                // A rewind makes the window shorter for a while.
                Err(StateError::Pruned { oldest, .. }) => assert!(self.pruned && oldest <= head as u64),
                _ => model.check(store, number as u64),
            }
        }
        assert_eq!(store.head().block.hash, self.acknowledged[head].0);
        self.acknowledged[head].1.check(store, head as u64);
    }

    /// Blocks, checkpoints and rewinds until the power goes or enough is done.
    fn work(&mut self, store: &Store, disk: &ModelDisk, random: &mut StdRng) {
        for _ in 0..random.random_range(1..30) {
            let result = match random.random_range(0..20) {
                0..=1 => store.checkpoint(),
                2 if self.acknowledged.len() > 2 => {
                    let to = random.random_range(0..self.acknowledged.len() - 1);
                    self.rewinding = Some(to);
                    store.rewind(to as u64).map(|_| {
                        self.rewinding = None;
                        self.acknowledged.truncate(to + 1);
                    })
                }
                _ => {
                    let mut model = self.acknowledged.last().unwrap().1.clone();
                    // The block is a function of the seed: made once to know
                    // it, then committed.
                    let before = random.clone();
                    let block = crate::world::next(store, &model, random);
                    *random = before;
                    self.pending = block.ok().map(|(stored, model)| (stored.block.hash, model));
                    commit(store, &mut model, random).map(|stored| {
                        self.pending = None;
                        self.acknowledged.push((stored.block.hash, model));
                    })
                }
            };
            if let Err(error) = result {
                assert!(disk.is_dead(), "{error}");
                return;
            }
        }
    }
}

/// Loses the power four times and returns how often that was in the middle of
/// something.
fn lose_power(directory: &std::path::Path, seed: u64) -> u64 {
    let mut random = StdRng::seed_from_u64(seed);
    let mut disk = ModelDisk::default();
    let mut known = Known { pruned: seed.is_multiple_of(3), ..Known::default() };
    let at = |disk: &ModelDisk, random: &mut StdRng| StoreOptions {
        disk: Arc::new(disk.clone()),
        // Half of the seeds write checkpoints while blocks are made.
        checkpoint_values: if random.random_bool(0.5) { 30 } else { usize::MAX },
        // Some forget history on the way; what is asked for is in the window.
        history: seed.is_multiple_of(3).then_some(HISTORY),
        segment_bytes: 3_000,
        ..options(directory)
    };
    let mut interrupted = 0;
    for _ in 0..4 {
        let operations = if random.random_bool(0.3) { 40 } else { 400 };
        disk.arm(Some(random.random_range(1..operations)));
        match Store::open(at(&disk, &mut random)) {
            Ok(store) => {
                known.check(&store, &mut random);
                known.work(&store, &disk, &mut random);
            }
            Err(error) => assert!(disk.is_dead(), "it does not start: {error}"),
        }
        interrupted += u64::from(disk.is_dead());
        disk = disk.crash(&mut random);
    }
    let last = at(&disk, &mut random);
    let store = Store::open(last.clone()).unwrap();
    known.check(&store, &mut random);
    drop(store);
    let report = verify(&last, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    interrupted
}

#[test]
fn power_loss() {
    let directory = tempfile::tempdir().unwrap();
    let mut interrupted = 0;
    each_seed("power-loss", 100, 10_000, |seed| interrupted += lose_power(directory.path(), seed));
    eprintln!("torture: power-loss: the power went {interrupted} times in the middle of something");
    assert!(interrupted > 0);
}
