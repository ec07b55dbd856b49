//! A bit that changes somewhere on the disk: noticed, or without effect.

use super::{each_seed, model_disk::ModelDisk};
use crate::world::{Model, grow, options};
use alloy_primitives::B256;
use ledger_state::{StateError, Store, StoreOptions, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{path::Path, sync::Arc};

fn at(directory: &Path, disk: &ModelDisk) -> StoreOptions {
    StoreOptions {
        disk: Arc::new(disk.clone()),
        checkpoint_values: usize::MAX,
        segment_bytes: 12_000,
        ..options(directory)
    }
}

/// A chain of several segments, a checkpoint, and blocks after it.
fn chain(directory: &Path) -> (ModelDisk, Vec<(B256, Model)>) {
    let disk = ModelDisk::default();
    let store = Store::open(at(directory, &disk)).unwrap();
    let mut history = grow(&store, 1, 60);
    store.checkpoint().unwrap();
    let mut model = history[60].1.clone();
    let mut random = StdRng::seed_from_u64(2);
    for _ in 0..20 {
        let stored = crate::world::commit(&store, &mut model, &mut random).unwrap();
        history.push((stored.block.hash, model.clone()));
    }
    (disk, history)
}

fn flip_log(directory: &Path, whole: &ModelDisk, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let disk = whole.copy();
    let paths = disk.paths(".log");
    let path = &paths[random.random_range(0..paths.len())];
    let mut bytes = disk.content(path);
    let position = random.random_range(0..bytes.len());
    bytes[position] ^= 1 << random.random_range(0..8);
    disk.damage(path, bytes.clone());
    match Store::open(at(directory, &disk)).unwrap_err() {
        StateError::Damaged { path: named, offset, .. } => {
            assert_eq!(named, *path);
            assert!(offset <= position as u64, "{offset} is named, {position} was flipped");
        }
        StateError::OtherChain { .. } | StateError::OldFormat { .. } => assert!(position < 40),
        error => panic!("flip at {position} of {}: {error}", path.display()),
    }
    assert_eq!(disk.content(path), bytes, "a damaged log is left as it is");
    if position >= 40 {
        let report = verify(&at(directory, &disk), &mut |_| {}).unwrap();
        let first = &report.faults[0];
        assert!(first.path == *path && first.offset.unwrap() <= position as u64, "{first:?}");
    }
}

/// The checkpoint: either a check finds it, or every answer is right.
fn flip_checkpoint(directory: &Path, whole: &ModelDisk, history: &[(B256, Model)], seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let disk = whole.copy();
    let path = disk.paths(".redb").pop().unwrap();
    let mut bytes = disk.content(&path);
    let position = random.random_range(0..bytes.len());
    bytes[position] ^= 1 << random.random_range(0..8);
    disk.damage(&path, bytes.clone());
    let report = verify(&at(directory, &disk), &mut |_| {}).unwrap();
    assert_eq!(disk.content(&path), bytes, "a check changes nothing");
    if report.is_sound() {
        let store = Store::open(at(directory, &disk)).unwrap();
        for (number, (hash, model)) in history.iter().enumerate().step_by(9) {
            model.check(&store, number as u64);
            assert_eq!(store.block_number(hash).unwrap(), Some(number as u64));
        }
    }
}

#[test]
fn flips_in_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (whole, _) = chain(directory.path());
    each_seed("flips-log", 300, 10_000, |seed| flip_log(directory.path(), &whole, seed));
}

#[test]
fn flips_in_the_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let (whole, history) = chain(directory.path());
    each_seed("flips-checkpoint", 100, 2_000, |seed| flip_checkpoint(directory.path(), &whole, &history, seed));
}
