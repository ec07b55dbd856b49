//! Mending a damaged ledger: bad records from a backup, and the checkpoint
//! from the log.

use super::rebuild;
use crate::{
    disk::DiskFile,
    error::StateError,
    flat::DATABASE,
    lock::DirectoryLock,
    log::{
        LogOptions, SEGMENT_HEADER_BYTES,
        walk::{SegmentReader, Step},
    },
    store::StoreOptions,
    verify::{Progress, VerifyReport, verify},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// What was mended.
#[derive(Debug)]
pub struct MendReport {
    /// How many records, or whole segments, came from the backup.
    pub records: u64,
    /// Whether the checkpoint was made again.
    pub checkpoint: bool,
    /// What a check said afterwards.
    pub verified: VerifyReport,
}

/// Mends the ledger of `options`, which must not be in use. A segment of its
/// log that is damaged or missing gets the sound records of the backup in
/// `from`; blocks after the damage stay. What is replaced is kept beside it
/// with the suffix `.damaged`. A checkpoint that is damaged is made again.
///
/// # Errors
/// [`StateError::NotInBackup`] where the backup does not help, or a storage
/// error.
pub fn mend(from: &Path, options: &StoreOptions, progress: &mut dyn FnMut(Progress)) -> Result<MendReport, StateError> {
    let lock = DirectoryLock::acquire(&options.directory)?;
    let log = options.log();
    let backup = StoreOptions { directory: from.to_owned(), ..options.clone() }.log();
    let here = log.segments()?;
    let all: BTreeSet<u64> = here.iter().copied().chain(backup.segments()?).collect();
    let mut records = 0;
    for segment in &all {
        let next = all.range(segment + 1..).next().copied();
        records += mend_segment(&log, &backup, *segment, next, here.contains(segment))?;
    }
    drop(lock);
    let mut verified = verify(options, progress)?;
    let checkpoint = !verified.is_sound();
    if checkpoint {
        let path = options.directory.join(DATABASE);
        let names = log.disk.list(&options.directory).map_err(StateError::io("list", &options.directory))?;
        if names.iter().any(|name| name == DATABASE) {
            set_aside(&log, &path)?;
        }
        log.disk.sync_directory(&options.directory).map_err(StateError::io("sync", &options.directory))?;
        rebuild(options, progress)?;
        verified = verify(options, progress)?;
    }
    Ok(MendReport { records, checkpoint, verified })
}

/// Replaces what is bad in one segment and says how many records that were.
fn mend_segment(
    log: &LogOptions,
    backup: &LogOptions,
    segment: u64,
    next: Option<u64>,
    present: bool,
) -> Result<u64, StateError> {
    let path = log.path(segment);
    if !present {
        let source = backup.path(segment);
        let file = backup.disk.open(&source).map_err(StateError::io("open", &source))?;
        let bytes = read_all(file.as_ref()).map_err(StateError::io("read", &source))?;
        put(log, &path, &bytes)?;
        return Ok(1);
    }
    let file = log.disk.open(&path).map_err(StateError::io("open", &path))?;
    let mut bytes = read_all(file.as_ref()).map_err(StateError::io("read", &path))?;
    drop(file);
    let mended = mended(log, backup, segment, next, &mut bytes)?;
    if mended > 0 {
        // A crash on the way leaves the damaged segment or the mended one.
        let ready = path.with_extension("log.mended");
        put(log, &ready, &bytes)?;
        copy_aside(log, &path)?;
        log.disk.rename(&ready, &path).map_err(StateError::io("replace", &path))?;
        log.disk.sync_directory(&log.directory).map_err(StateError::io("sync", &log.directory))?;
    }
    Ok(mended)
}

/// Puts sound records over bad ones in `bytes`, which are a segment's.
fn mended(
    log: &LogOptions,
    backup: &LogOptions,
    segment: u64,
    next: Option<u64>,
    bytes: &mut Vec<u8>,
) -> Result<u64, StateError> {
    let damaged = |offset, reason| StateError::NotInBackup { path: log.path(segment), offset, reason };
    let mut count = 0;
    let mut reader = match SegmentReader::open(log, segment, next.is_none()) {
        Ok(Some(reader)) => reader,
        Ok(None) => return Ok(0),
        Err(StateError::Damaged { .. } | StateError::OtherChain { .. } | StateError::OldFormat { .. }) => {
            let reason = "the segment's header is not one of this chain";
            let spare = spare(backup, segment)?.ok_or_else(|| damaged(0, reason))?;
            let header = spare.bytes(0, SEGMENT_HEADER_BYTES)?;
            bytes.resize(bytes.len().max(header.len()), 0);
            bytes[..header.len()].copy_from_slice(&header);
            count += 1;
            SegmentReader::open_unchecked(log, segment)?
        }
        Err(error) => return Err(error),
    };
    let mut expected = segment;
    loop {
        // A segment also ends where its rest was lost: the backup may know.
        let (fault, reason) = match reader.step() {
            Ok(Step::Record(record)) => {
                expected = record.number + 1;
                continue;
            }
            Ok(Step::End) => (next.is_some_and(|next| next != expected), "the segment ends too early"),
            Ok(Step::Torn(reason)) => (next.is_some(), reason),
            Err(StateError::Damaged { reason, .. }) => (true, reason),
            Err(error) => return Err(error),
        };
        let offset = reader.offset;
        let found = match spare(backup, segment)? {
            Some(mut spare) => {
                spare.offset = offset;
                match spare.step()? {
                    Step::Record(record) if record.number == expected => {
                        Some((spare.bytes(offset, record.next)?, record))
                    }
                    _ => None,
                }
            }
            None => None,
        };
        match found {
            Some((sound, record)) => {
                let place = usize::try_from(offset).unwrap_or(usize::MAX);
                bytes.resize(bytes.len().max(place + sound.len()), 0);
                bytes[place..place + sound.len()].copy_from_slice(&sound);
                count += 1;
                expected += 1;
                reader.offset = record.next;
            }
            None if fault => return Err(damaged(offset, reason)),
            None => return Ok(count),
        }
    }
}

fn spare(backup: &LogOptions, segment: u64) -> Result<Option<SegmentReader>, StateError> {
    if !backup.segments()?.contains(&segment) {
        return Ok(None);
    }
    SegmentReader::open(backup, segment, false)
}

fn read_all(file: &dyn DiskFile) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.length()?).unwrap_or(0)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Copies a file to its name with `.damaged` after it.
fn copy_aside(log: &LogOptions, path: &Path) -> Result<(), StateError> {
    let file = log.disk.open(path).map_err(StateError::io("open", path))?;
    let bytes = read_all(file.as_ref()).map_err(StateError::io("read", path))?;
    put(log, &aside(path), &bytes)
}

/// Renames a file to its name with `.damaged` after it.
fn set_aside(log: &LogOptions, path: &Path) -> Result<(), StateError> {
    log.disk.rename(path, &aside(path)).map_err(StateError::io("rename", path))
}

fn aside(path: &Path) -> PathBuf {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    aside.into()
}

fn put(log: &LogOptions, path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let write = || {
        let file = log.disk.open(path)?;
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync_data()?;
        log.disk.sync_directory(path.parent().unwrap_or(path))
    };
    write().map_err(StateError::io("write", path))
}
