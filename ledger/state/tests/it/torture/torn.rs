//! A tail cut at every byte, with and without a checkpoint, in the middle of
//! a segment and where one begins.

use super::{each_seed, model_disk::ModelDisk};
use crate::world::{commit, grow, options};
use ledger_state::{StateError, Store, StoreOptions};
use rand::{SeedableRng, rngs::StdRng};
use std::{path::Path, sync::Arc};

fn at(directory: &Path, disk: &ModelDisk, segment_bytes: u64) -> StoreOptions {
    StoreOptions { disk: Arc::new(disk.clone()), checkpoint_values: usize::MAX, segment_bytes, ..options(directory) }
}

fn tear(directory: &Path, seed: u64) {
    // A segment for all blocks, or one for each.
    let segment_bytes = if seed.is_multiple_of(2) { 256 << 20 } else { 1 };
    let disk = ModelDisk::default();
    let (before, mut history) = {
        let store = Store::open(at(directory, &disk, segment_bytes)).unwrap();
        let mut history = grow(&store, seed, 4);
        if seed % 4 < 2 {
            store.checkpoint().unwrap();
        }
        let before = disk.copy();
        let mut model = history[4].1.clone();
        let stored = commit(&store, &mut model, &mut StdRng::seed_from_u64(seed)).unwrap();
        history.push((stored.block.hash, model));
        (before, history)
    };
    let path = disk.paths(".log").pop().unwrap();
    let whole = disk.content(&path);
    let start = if before.paths(".log").contains(&path) { before.content(&path).len() } else { 0 };
    for cut in start..whole.len() {
        let torn = disk.copy();
        torn.damage(&path, whole[..cut].to_vec());
        let store = Store::open(at(directory, &torn, segment_bytes)).unwrap();
        assert_eq!(store.head().block.hash, history[4].0, "cut at {cut} of {start}..{}", whole.len());
        history[4].1.check(&store, 4);
        if cut % 16 > 0 {
            continue;
        }
        // It goes on from there.
        let mut model = history[4].1.clone();
        commit(&store, &mut model, &mut StdRng::seed_from_u64(1)).unwrap();
        drop(store);
        let store = Store::open(at(directory, &torn, segment_bytes)).unwrap();
        model.check(&store, 5);
    }
    // What a checkpoint covers was acknowledged: nothing is cut there.
    let store = Store::open(at(directory, &disk, segment_bytes)).unwrap();
    store.checkpoint().unwrap();
    drop(store);
    history.pop();
    for cut in start..whole.len() {
        let torn = disk.copy();
        torn.damage(&path, whole[..cut].to_vec());
        let error = Store::open(at(directory, &torn, segment_bytes)).unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. } | StateError::LogBehind { .. }), "cut at {cut}: {error}");
        if cut > 40 {
            assert_eq!(torn.content(&path).len(), cut, "a damaged log is left as it is");
        }
    }
}

#[test]
fn torn_tail() {
    let directory = tempfile::tempdir().unwrap();
    each_seed("torn-tail", 1, 20, |seed| tear(directory.path(), seed));
}
