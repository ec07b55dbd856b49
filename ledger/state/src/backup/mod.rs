//! Copies of the log, which are copies of the ledger: everything else is made
//! from it again.
//!
//! The log only grows, and each record carries its checksums. So a copy that
//! ends after any whole record is consistent, and can be made while the node
//! runs. It is read again and checked before it counts.

mod mend;

use crate::{
    error::StateError,
    log::{
        LogOptions, SEGMENT_HEADER_BYTES,
        walk::{SegmentReader, Step},
    },
    store::{Store, StoreOptions},
    verify::{Progress, VerifyReport, verify, verify_log},
};
use alloy_primitives::B256;
pub use mend::{MendReport, mend};
use std::{path::Path, thread, time::Duration};

/// How often a tail that seems damaged is looked at again: it may be in the
/// middle of being written.
const TAIL_ATTEMPTS: u32 = 20;
const TAIL_PAUSE: Duration = Duration::from_millis(10);

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupReport {
    /// Number and hash of the last block in the copy.
    pub head: (u64, B256),
    /// Bytes of its log.
    pub bytes: u64,
}

/// Copies the ledger of `options`, which may be in use, to the directory
/// `to`, and checks the copy.
///
/// # Errors
/// [`StateError::Damaged`] for a damaged source, [`StateError::BadCopy`],
/// [`StateError::NotEmpty`], or an I/O error.
pub fn backup(
    options: &StoreOptions,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupReport, StateError> {
    let source = options.log();
    let copy = StoreOptions { directory: to.to_owned(), ..options.clone() };
    let target = copy.log();
    claim(&target)?;
    copy_log(&source, &target, progress)?;
    let report = verify_log(&copy, progress)?;
    sound(&report)?;
    let head = report.head.ok_or_else(|| StateError::Damaged {
        path: source.directory,
        offset: 0,
        reason: "there is no block in the log",
    })?;
    Ok(BackupReport { head, bytes: report.log_bytes })
}

/// Makes a ledger in the directory of `options` from the backup in `from`,
/// and checks all of it.
///
/// # Errors
/// As [`backup`], and what [`Store::open`] says.
pub fn restore(
    from: &Path,
    options: &StoreOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<VerifyReport, StateError> {
    let backup = StoreOptions { directory: from.to_owned(), ..options.clone() };
    let target = options.log();
    claim(&target)?;
    copy_log(&backup.log(), &target, progress)?;
    rebuild(options, progress)?;
    let report = verify(options, progress)?;
    sound(&report)?;
    Ok(report)
}

/// Makes the checkpoint from the log.
fn rebuild(options: &StoreOptions, progress: &mut dyn FnMut(Progress)) -> Result<(), StateError> {
    let total = options.log().segments()?.last().copied().unwrap_or(0);
    let store = Store::open_with(options.clone(), &mut |number| {
        progress(Progress { step: "replaying blocks", done: number, total: total.max(number) });
    })?;
    store.checkpoint()
}

fn claim(target: &LogOptions) -> Result<(), StateError> {
    let create = || target.disk.create_directory(&target.directory);
    create().map_err(StateError::io("create", &target.directory))?;
    if target.segments()?.is_empty() {
        return Ok(());
    }
    Err(StateError::NotEmpty { path: target.directory.clone() })
}

fn sound(report: &VerifyReport) -> Result<(), StateError> {
    match report.faults.first() {
        None => Ok(()),
        Some(fault) => Err(StateError::BadCopy { path: fault.path.clone(), reason: fault.reason.clone() }),
    }
}

/// Copies every whole record, segment by segment, up to the last one there is
/// when the end is reached.
fn copy_log(source: &LogOptions, target: &LogOptions, progress: &mut dyn FnMut(Progress)) -> Result<(), StateError> {
    let mut done = 0;
    let mut segment = source.segments()?.first().copied();
    while let Some(current) = segment {
        let next = |number: u64| -> Result<Option<u64>, StateError> {
            Ok(source.segments()?.into_iter().find(|segment| *segment > number))
        };
        // Which segment follows is what was seen when this one was at its end:
        // looking again could find one that begins later, after records that
        // were added here meanwhile.
        let (bytes, following) = copy_segment(source, target, current, &|| next(current), &mut |copied, length| {
            progress(Progress { step: "copying blocks", done: done + copied, total: done + length });
        })?;
        done += bytes;
        segment = following;
    }
    target.disk.sync_directory(&target.directory).map_err(StateError::io("sync", &target.directory))
}

/// Returns how many bytes it copied, and the segment that follows.
fn copy_segment(
    source: &LogOptions,
    target: &LogOptions,
    segment: u64,
    next: &dyn Fn() -> Result<Option<u64>, StateError>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(u64, Option<u64>), StateError> {
    let following = next()?;
    let Some(mut reader) = SegmentReader::open(source, segment, following.is_none())? else {
        return Ok((0, following));
    };
    let path = target.path(segment);
    let file = target.disk.open(&path).map_err(StateError::io("create", &path))?;
    let write = |from: u64, to: u64, reader: &SegmentReader| {
        file.write_all_at(&reader.bytes(from, to)?, from).map_err(StateError::io("write", &path))
    };
    write(0, SEGMENT_HEADER_BYTES, &reader)?;
    let mut attempts = 0;
    let mut expected = segment;
    let following = loop {
        let problem = match reader.step() {
            Ok(Step::Record(record)) => {
                write(record.location.offset, record.next, &reader)?;
                progress(record.next, reader.length()?);
                (attempts, expected) = (0, record.number + 1);
                continue;
            }
            Ok(Step::End | Step::Torn(_)) => None,
            Err(error) => Some(error),
        };
        match (next()?, problem) {
            (Some(next), None) if next == expected => break Some(next),
            (None, None) => break None,
            (_, Some(error)) if attempts == TAIL_ATTEMPTS => return Err(error),
            (Some(_), None) if attempts == TAIL_ATTEMPTS => {
                let reason = "the segment ends before the one that follows begins";
                return Err(StateError::Damaged { path: reader.path, offset: reader.offset, reason });
            }
            _ => {
                // The writer is in the middle of it, or a new segment has
                // begun and this one has records that were not seen yet.
                attempts += 1;
                thread::sleep(TAIL_PAUSE);
            }
        }
    };
    file.sync_data().map_err(StateError::io("sync", &path))?;
    Ok((reader.offset, following))
}
