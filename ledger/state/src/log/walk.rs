//! Reading a log that is not open: for checks, backups and repairs. Nothing
//! is written, and the process that writes the log need not stop.

use super::{FORMAT, Location, LogOptions, MAGIC, SEGMENT_HEADER_BYTES, codec, frame, frame::Found};
use crate::{disk::DiskFile, error::StateError};
use alloy_primitives::B256;
use std::path::PathBuf;

/// A record that was read whole.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) location: Location,
    pub(crate) number: u64,
    pub(crate) payload: Vec<u8>,
    /// Where the next one starts.
    pub(crate) next: u64,
}

/// What comes next in a segment.
#[derive(Debug)]
pub(crate) enum Step {
    Record(Record),
    /// The segment ends.
    End,
    /// A record that was never acknowledged; only right in the last segment.
    Torn(&'static str),
}

/// One segment, read from its start.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    pub(crate) segment: u64,
    pub(crate) path: PathBuf,
    /// Where the next record is looked for.
    pub(crate) offset: u64,
    file: Box<dyn DiskFile>,
}

impl SegmentReader {
    /// Opens a segment and checks its header. `Ok(None)` for one that a crash
    /// left without a header, where that may be.
    pub(crate) fn open(options: &LogOptions, segment: u64, last: bool) -> Result<Option<Self>, StateError> {
        let path = options.path(segment);
        let file = options.disk.open(&path).map_err(StateError::io("open", &path))?;
        let length = file.length().map_err(StateError::io("read", &path))?;
        let mut header = [0; SEGMENT_HEADER_BYTES as usize];
        if length >= SEGMENT_HEADER_BYTES {
            file.read_exact_at(&mut header, 0).map_err(StateError::io("read", &path))?;
        }
        if last && length <= SEGMENT_HEADER_BYTES && header == [0; SEGMENT_HEADER_BYTES as usize] {
            return Ok(None);
        }
        check_header(options, path.clone(), &header)?;
        Ok(Some(Self { segment, path, offset: SEGMENT_HEADER_BYTES, file }))
    }

    /// Opens a segment whose header is not looked at.
    pub(crate) fn open_unchecked(options: &LogOptions, segment: u64) -> Result<Self, StateError> {
        let path = options.path(segment);
        let file = options.disk.open(&path).map_err(StateError::io("open", &path))?;
        Ok(Self { segment, path, offset: SEGMENT_HEADER_BYTES, file })
    }

    /// The file's length now.
    pub(crate) fn length(&self) -> Result<u64, StateError> {
        self.file.length().map_err(StateError::io("read", &self.path))
    }

    /// The next record.
    pub(crate) fn step(&mut self) -> Result<Step, StateError> {
        match frame::read(&self.path, self.file.as_ref(), self.offset)? {
            Found::End => Ok(Step::End),
            Found::Torn(reason) => Ok(Step::Torn(reason)),
            Found::Record { number, codec, payload, next } => {
                let payload = codec::decode(codec, payload, &self.path, self.offset)?;
                let location = Location { segment: self.segment, offset: self.offset };
                self.offset = next;
                Ok(Step::Record(Record { location, number, payload, next }))
            }
        }
    }

    /// The bytes from `from` to `to` as they stand in the file.
    pub(crate) fn bytes(&self, from: u64, to: u64) -> Result<Vec<u8>, StateError> {
        let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, from).map_err(StateError::io("read", &self.path))?;
        Ok(bytes)
    }
}

/// Whether a segment's header is one of this chain and this program.
pub(super) fn check_header(
    options: &LogOptions,
    path: PathBuf,
    header: &[u8; SEGMENT_HEADER_BYTES as usize],
) -> Result<(), StateError> {
    if header[..5] == MAGIC[..5] && header[5..8] != MAGIC[5..] {
        let version = u32::from_be_bytes([0, header[5], header[6], header[7]]);
        return Err(StateError::OldFormat { path, version, expected: FORMAT });
    }
    if header[..8] != MAGIC[..] {
        return Err(StateError::Damaged { path, offset: 0, reason: "this is not a log segment" });
    }
    let found = B256::from_slice(&header[8..]);
    if found != options.genesis {
        let (path, expected) = (options.directory.clone(), options.genesis);
        return Err(StateError::OtherChain { path, found, expected });
    }
    Ok(())
}
