//! Checks, backups and repairs.

use crate::world::{Model, commit, grow, options};
use alloy_primitives::B256;
use ledger_state::{BackupReport, Progress, StateError, Store, StoreOptions, backup, mend, restore, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

fn quiet(_: Progress) {}

/// Options with many segments and checkpoints.
fn small(directory: &Path) -> StoreOptions {
    StoreOptions { segment_bytes: 8_000, ..options(directory) }
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    files.sort();
    files
}

fn flip(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

fn chain(directory: &Path, seed: u64, blocks: usize) -> Vec<(B256, Model)> {
    let store = Store::open(small(directory)).unwrap();
    let history = grow(&store, seed, blocks);
    store.checkpoint().unwrap();
    history
}

fn check(directory: &Path, history: &[(B256, Model)]) {
    let store = Store::open(small(directory)).unwrap();
    assert_eq!(store.head().block.hash, history.last().unwrap().0);
    for (number, (hash, model)) in history.iter().enumerate() {
        model.check(&store, number as u64);
        assert_eq!(store.block_number(hash).unwrap(), Some(number as u64));
    }
}

#[test]
fn a_sound_ledger_is_found_sound_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let history = chain(directory.path(), 31, 120);
    let before: Vec<Vec<u8>> = segments(directory.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    let database = fs::read(directory.path().join("state.redb")).unwrap();
    let mut steps = Vec::new();
    let report = verify(&small(directory.path()), &mut |progress| steps.push(progress.step)).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.head, Some((120, history[120].0)));
    assert_eq!(report.checkpoint, report.head);
    let (accounts, slots) = (history[120].1.accounts.len(), history[120].1.storage.len());
    assert_eq!((report.blocks, report.accounts, report.slots), (121, accounts as u64, slots as u64));
    assert!(report.segments > 3 && report.trie_nodes > 20);
    assert!(steps.contains(&"checking blocks") && steps.contains(&"hashing accounts"));
    let after: Vec<Vec<u8>> = segments(directory.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(before, after);
    assert_eq!(database, fs::read(directory.path().join("state.redb")).unwrap());
}

#[test]
fn the_first_bad_offset_is_named() {
    let directory = tempfile::tempdir().unwrap();
    chain(directory.path(), 32, 120);
    let path = &segments(directory.path())[1];
    flip(path, 40 + 3);
    let report = verify(&small(directory.path()), &mut quiet).unwrap();
    let first = &report.faults[0];
    assert_eq!((&first.path, first.offset), (path, Some(40)));
}

#[test]
fn damage_in_the_checkpoint_is_found() {
    let directory = tempfile::tempdir().unwrap();
    chain(directory.path(), 33, 60);
    let path = directory.path().join("state.redb");
    let whole = fs::read(&path).unwrap();
    let mut random = StdRng::seed_from_u64(3);
    let mut found = 0;
    for _ in 0..200 {
        flip(&path, random.random_range(0..whole.len()));
        let report = verify(&small(directory.path()), &mut quiet).unwrap();
        found += usize::from(!report.is_sound());
        fs::write(&path, &whole).unwrap();
    }
    // Much of a small database's file is free pages.
    assert!(found > 3, "{found} of 200");
    fs::write(&path, b"nonsense").unwrap();
    assert!(!verify(&small(directory.path()), &mut quiet).unwrap().is_sound());
}

/// Sets its flag when it goes out of scope.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_while_blocks_are_made_is_a_whole_chain() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(small(directory.path())).unwrap();
    let stop = AtomicBool::new(false);
    let (history, copies) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut random = StdRng::seed_from_u64(34);
            let mut model = Model::genesis(&store);
            let mut history = vec![(store.head().block.hash, model.clone())];
            while !stop.load(Ordering::Relaxed) {
                let stored = commit(&store, &mut model, &mut random).unwrap();
                history.push((stored.block.hash, model.clone()));
            }
            history
        });
        // Also where a backup fails, or the writer would go on for ever.
        let stopping = Stopping(&stop);
        let copies: Vec<(tempfile::TempDir, BackupReport)> = (0..5)
            .map(|_| {
                let to = tempfile::tempdir().unwrap();
                let report = backup(&small(directory.path()), to.path(), &mut quiet).unwrap();
                (to, report)
            })
            .collect();
        drop(stopping);
        (writer.join().unwrap(), copies)
    });
    let mut last = 0;
    for (copy, report) in copies {
        assert!(report.head.0 >= last, "a later copy has no fewer blocks");
        last = report.head.0;
        let restored = tempfile::tempdir().unwrap();
        let verified = restore(copy.path(), &small(restored.path()), &mut quiet).unwrap();
        assert_eq!(verified.head, Some(report.head));
        assert_eq!(verified.checkpoint, Some(report.head));
        let known = usize::try_from(last).unwrap();
        check(restored.path(), &history[..=known]);
    }
    assert!(last > 0);
}

#[test]
fn a_backup_never_goes_over_a_ledger() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    chain(from.path(), 35, 10);
    let history = chain(to.path(), 36, 10);
    let error = backup(&small(from.path()), to.path(), &mut quiet).unwrap_err();
    assert!(matches!(error, StateError::NotEmpty { .. }), "{error}");
    let error = restore(from.path(), &small(to.path()), &mut quiet).unwrap_err();
    assert!(matches!(error, StateError::NotEmpty { .. }), "{error}");
    check(to.path(), &history);
}

#[test]
fn a_damaged_source_gives_no_backup() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    chain(from.path(), 37, 60);
    flip(&segments(from.path())[1], 700);
    let error = backup(&small(from.path()), to.path(), &mut quiet).unwrap_err();
    assert!(matches!(error, StateError::Damaged { .. }), "{error}");
}

#[test]
fn a_damaged_ledger_is_mended_and_keeps_its_newest_blocks() {
    let (directory, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut history = chain(directory.path(), 38, 120);
    backup(&small(directory.path()), copy.path(), &mut quiet).unwrap();
    {
        let store = Store::open(small(directory.path())).unwrap();
        let mut random = StdRng::seed_from_u64(7);
        let mut model = history[120].1.clone();
        for _ in 0..60 {
            let stored = commit(&store, &mut model, &mut random).unwrap();
            history.push((stored.block.hash, model.clone()));
        }
    }
    let files = segments(directory.path());
    flip(&files[0], 10);
    flip(&files[0], 42);
    flip(&files[1], 5_000);
    fs::remove_file(&files[2]).unwrap();
    let cut = fs::read(&files[3]).unwrap();
    fs::write(&files[3], &cut[..cut.len() / 2]).unwrap();
    assert!(Store::open(small(directory.path())).is_err());
    let report = mend(copy.path(), &small(directory.path()), &mut quiet).unwrap();
    assert!(report.verified.is_sound(), "{:?}", report.verified.faults);
    assert!(report.records >= 4);
    check(directory.path(), &history);
    assert!(files[1].with_extension("log.damaged").exists(), "what was replaced is kept");
}

#[test]
fn a_damaged_checkpoint_is_made_again_from_the_log() {
    let (directory, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let history = chain(directory.path(), 39, 80);
    backup(&small(directory.path()), copy.path(), &mut quiet).unwrap();
    fs::write(directory.path().join("state.redb"), vec![7; 50_000]).unwrap();
    let report = mend(copy.path(), &small(directory.path()), &mut quiet).unwrap();
    assert!(report.checkpoint && report.records == 0 && report.verified.is_sound());
    check(directory.path(), &history);
}

#[test]
fn damage_that_the_backup_does_not_cover_is_left_alone() {
    let (directory, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    {
        let store = Store::open(small(directory.path())).unwrap();
        let mut history = grow(&store, 40, 20);
        backup(&small(directory.path()), copy.path(), &mut quiet).unwrap();
        let mut random = StdRng::seed_from_u64(7);
        for _ in 0..60 {
            commit(&store, &mut history[20].1, &mut random).unwrap();
        }
    }
    let files = segments(directory.path());
    let path = files.last().unwrap();
    flip(path, 60);
    let bytes = fs::read(path).unwrap();
    let error = mend(copy.path(), &small(directory.path()), &mut quiet).unwrap_err();
    assert!(matches!(error, StateError::NotInBackup { offset: 40, .. }), "{error}");
    assert_eq!(fs::read(path).unwrap(), bytes);
}
