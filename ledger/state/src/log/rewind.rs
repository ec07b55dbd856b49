//! Going back to an earlier block, for development chains.
//!
//! What is to be cut is written down and synced first, then done, then the
//! note is removed. A crash between leaves the note, and the next start does
//! the rest: the chain ends at the old head or at the new one, never between.

use super::{Location, LogOptions};
use crate::error::StateError;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_64;

const NOTE_BYTES: usize = 32;

/// What a rewind cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rewind {
    /// The block that becomes the head.
    pub(crate) to: u64,
    /// Where the record after it stands: all from here on goes.
    pub(crate) from: Location,
}

impl Rewind {
    /// The rewind that a crash interrupted, if there is one.
    pub(crate) fn pending(options: &LogOptions) -> Result<Option<Self>, StateError> {
        let names = options.disk.list(&options.directory).map_err(StateError::io("list", &options.directory))?;
        if !names.iter().any(|name| name == NAME) {
            return Ok(None);
        }
        let path = note(options);
        let read = || {
            let file = options.disk.open(&path)?;
            let mut bytes = [0; NOTE_BYTES];
            if file.length()? != NOTE_BYTES as u64 {
                return Ok(None);
            }
            file.read_exact_at(&mut bytes, 0)?;
            Ok(Self::decode(&bytes))
        };
        let found = read().map_err(StateError::io("read", &path))?;
        if found.is_none() {
            // The crash came while it was written: nothing was cut yet.
            Self::forget(options)?;
        }
        Ok(found)
    }

    /// Writes the note, durably.
    pub(crate) fn announce(&self, options: &LogOptions) -> Result<(), StateError> {
        let path = note(options);
        let write = || {
            let file = options.disk.open(&path)?;
            file.set_len(0)?;
            file.write_all_at(&self.encode(), 0)?;
            file.sync_data()?;
            options.disk.sync_directory(&options.directory)
        };
        write().map_err(StateError::io("write", &path))
    }

    /// Cuts the log, durably. Doing it again does no harm.
    pub(crate) fn cut(&self, options: &LogOptions) -> Result<(), StateError> {
        for segment in options.segments()?.into_iter().rev().filter(|segment| *segment > self.from.segment) {
            let path = options.path(segment);
            options.disk.remove(&path).map_err(StateError::io("remove", &path))?;
        }
        let path = options.path(self.from.segment);
        let cut = || {
            let file = options.disk.open(&path)?;
            if file.length()? > self.from.offset {
                file.set_len(self.from.offset)?;
                file.sync_data()?;
            }
            options.disk.sync_directory(&options.directory)
        };
        cut().map_err(StateError::io("cut", &path))
    }

    /// Removes the note: the rewind is done.
    pub(crate) fn forget(options: &LogOptions) -> Result<(), StateError> {
        let path = note(options);
        let remove = || {
            options.disk.remove(&path)?;
            options.disk.sync_directory(&options.directory)
        };
        remove().map_err(StateError::io("remove", &path))
    }

    fn encode(&self) -> [u8; NOTE_BYTES] {
        let mut bytes = [0; NOTE_BYTES];
        bytes[..8].copy_from_slice(&self.to.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.from.segment.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.from.offset.to_le_bytes());
        let sum = xxh3_64(&bytes[..24]);
        bytes[24..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; NOTE_BYTES]) -> Option<Self> {
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        (xxh3_64(&bytes[..24]) == long(24))
            .then(|| Self { to: long(0), from: Location { segment: long(8), offset: long(16) } })
    }
}

const NAME: &str = "REWIND";

fn note(options: &LogOptions) -> PathBuf {
    options.directory.join(NAME)
}
