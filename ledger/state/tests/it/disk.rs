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

/// Lets so many more bytes through, then fails as a full disk does; a
/// negative budget fails on sync instead.
#[derive(Debug, Clone)]
struct Failing {
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
        Ok(Box::new(FailingFile { file: OsDisk.open(path)?, disk: self.clone() }))
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

#[test]
fn a_full_or_failing_disk_stops_acknowledging_and_loses_nothing() {
    for (fail_sync, budget) in [(false, 3_000), (false, 5_001), (true, 4_000)] {
        let directory = tempfile::tempdir().unwrap();
        let mut failing = options(directory.path());
        failing.disk = Arc::new(Failing { budget: Arc::new(AtomicI64::new(budget)), fail_sync });
        let store = Store::open(failing).unwrap();
        let mut random = StdRng::seed_from_u64(5);
        let mut model = Model::genesis(&store);
        let error = loop {
            if let Err(error) = commit(&store, &mut model, &mut random) {
                break error;
            }
        };
        assert!(matches!(error, StateError::Io { .. }), "{error}");
        let acknowledged = store.head().number();
        assert!(acknowledged > 0);
        let again = commit(&store, &mut model, &mut random).unwrap_err();
        assert!(matches!(again, StateError::ReadOnly { .. }), "never retry and acknowledge: {again}");
        model.check(&store, acknowledged);
        drop(store);
        let store = Store::open(options(directory.path())).unwrap();
        // A block whose sync failed may be there; one acknowledged must be.
        assert!(store.head().number() >= acknowledged);
        model.check(&store, acknowledged);
    }
}
