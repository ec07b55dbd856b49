//! Disks that fill up and fail.

use crate::world::{Model, commit, options};
use ledger_state::{Disk, DiskFile, OsDisk, StateError, Store};
use rand::{SeedableRng, rngs::StdRng};
use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// Lets so many more bytes through to files of a kind, then fails as a
/// full disk does, or as a broken one on the next sync.
#[derive(Debug, Clone)]
struct Failing {
    part: &'static str,
    budget: Arc<AtomicI64>,
    fail_sync: bool,
}

#[derive(Debug)]
struct FailingFile {
    file: Box<dyn DiskFile>,
    disk: Failing,
}

impl Disk for Failing {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OsDisk.open(path)?;
        if path.to_string_lossy().contains(self.part) {
            return Ok(Box::new(FailingFile { file, disk: self.clone() }));
        }
        Ok(file)
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        OsDisk.create_directory(directory)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        OsDisk.list(directory)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        OsDisk.sync_directory(directory)
    }
}

impl DiskFile for FailingFile {
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let length = i64::try_from(bytes.len()).unwrap();
        let left = self.disk.budget.fetch_sub(length, Ordering::SeqCst);
        if self.disk.fail_sync || left >= length {
            return self.file.write_all_at(bytes, offset);
        }
        // Part of it still fits, as on a real disk.
        let fits = usize::try_from(left.max(0)).unwrap();
        self.file.write_all_at(&bytes[..fits], offset)?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.disk.fail_sync && self.disk.budget.load(Ordering::SeqCst) < 0 {
            return Err(io::Error::other("input/output error"));
        }
        self.file.sync_data()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

/// Commits until a commit fails, then again; opens the directory anew.
fn run(part: &'static str, fail_sync: bool, budget: i64) {
    let directory = tempfile::tempdir().unwrap();
    let mut failing = options(directory.path());
    let left = Arc::new(AtomicI64::new(i64::MAX));
    failing.disk = Arc::new(Failing { part, budget: Arc::clone(&left), fail_sync });
    let store = Store::open(failing).unwrap();
    left.store(budget, Ordering::SeqCst);
    let mut random = StdRng::seed_from_u64(5);
    let mut model = Model::genesis(&store);
    let mut blocks = 0;
    let error = loop {
        if let Err(error) = commit(&store, &mut model, &mut random) {
            break error;
        }
        blocks += 1;
        assert!(blocks < 10_000, "the disk is full and nobody noticed");
    };
    let acknowledged = store.head().number();
    assert_eq!(acknowledged, blocks);
    if part == ".log" {
        assert!(matches!(error, StateError::Io { .. }), "{error}");
    }
    left.store(i64::MAX, Ordering::SeqCst);
    let again = commit(&store, &mut model, &mut random).unwrap_err();
    assert!(matches!(again, StateError::ReadOnly { .. }), "never retry and acknowledge: {again}");
    let stop = store.checkpoint().unwrap_err();
    assert!(matches!(stop, StateError::ReadOnly { .. }), "no checkpoint of what is not in the log: {stop}");
    model.check(&store, acknowledged);
    drop(store);
    let store = Store::open(options(directory.path())).unwrap();
    // A block whose sync failed may be there; one acknowledged must be.
    assert!(store.head().number() >= acknowledged);
    model.check(&store, acknowledged);
}

#[test]
fn a_full_or_failing_disk_stops_acknowledging_and_loses_nothing() {
    for budget in [0, 1, 3_000, 5_001] {
        run(".log", false, budget);
    }
    run(".log", true, 4_000);
}

#[test]
fn a_checkpoint_that_fails_makes_the_ledger_read_only() {
    for budget in [0, 4_096, 50_000, 123_457] {
        run("state.redb", false, budget);
        run("state.redb", true, budget);
    }
}
