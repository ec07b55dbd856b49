//! The append-only, segmented block log: the commit point of the ledger.
//!
//! A segment is named by the number of its first block and starts with a
//! 40-byte header (magic, genesis hash). Then one record a block:
//!
//! ```text
//! number u64 | payload length u32 | header checksum u32 | payload checksum u64 | payload
//! ```
//!
//! all little-endian, checksums XXH3. A block is durable when its record is
//! written and the file synced, and only then.
//!
//! # Damage
//! A crash leaves a *short* last record, or one with a sector of zeros that
//! never reached the disk. Such a tail was never acknowledged: it is copied
//! aside and cut. Anything else (a bad checksum in a complete record, or any
//! fault before the tail) can't be the work of a crash: the log refuses to
//! open and says where.

use crate::{
    disk::{Disk, DiskFile},
    error::StateError,
};
use alloy_primitives::B256;
use parking_lot::RwLock;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 8] = b"GHLOG\x00\x00\x01";
const SEGMENT_HEADER_BYTES: u64 = 40;
const RECORD_HEADER_BYTES: usize = 24;
const SECTOR_BYTES: u64 = 512;
/// A segment is closed once it is longer than this.
const SEGMENT_BYTES_MAX: u64 = 256 << 20;
/// At a start, this much of the log before the checkpoint is checked too.
/// Longer logs are checked by reading, and in full on demand.
const FULL_CHECK_BYTES_MAX: u64 = 512 << 20;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    /// The first block number of the segment.
    pub(crate) segment: u64,
    /// The record's offset in it.
    pub(crate) offset: u64,
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Log {
    directory: PathBuf,
    disk: Arc<dyn Disk>,
    genesis: B256,
    segments: RwLock<BTreeMap<u64, Arc<dyn DiskFile>>>,
    /// Length of the last segment: where the next record goes.
    end: u64,
    /// Why nothing more may be written.
    failed: Option<String>,
}

/// What stands at an offset.
enum Read {
    Record {
        number: u64,
        payload: Vec<u8>,
        next: u64,
    },
    End,
    /// What a crash leaves; only allowed at the very end.
    Torn(&'static str),
}

impl Log {
    /// Opens the log in `directory` and hands every record from `from` on (or
    /// from the first, without `from`) to `visit`, in order.
    pub(crate) fn open(
        directory: &Path,
        disk: Arc<dyn Disk>,
        genesis: B256,
        from: Option<Location>,
        visit: &mut dyn FnMut(Location, u64, Vec<u8>) -> Result<(), StateError>,
    ) -> Result<Self, StateError> {
        fs::create_dir_all(directory).map_err(StateError::io("create", directory))?;
        let mut log =
            Self { directory: directory.to_owned(), disk, genesis, segments: RwLock::default(), end: 0, failed: None };
        let firsts = log.list()?;
        let start =
            from.unwrap_or(Location { segment: firsts.first().copied().unwrap_or(0), offset: SEGMENT_HEADER_BYTES });
        if from.is_some() && !firsts.contains(&start.segment) {
            return Err(StateError::Damaged {
                path: log.path(start.segment),
                offset: start.offset,
                reason: "the segment that the checkpoint names is missing",
            });
        }
        let mut unchecked = FULL_CHECK_BYTES_MAX;
        for (position, first) in firsts.iter().enumerate().rev() {
            let last = position + 1 == firsts.len();
            let file = log.open_segment(*first, last)?;
            let length = file.length().map_err(StateError::io("read", log.path(*first)))?;
            log.segments.write().insert(*first, file);
            if *first > start.segment {
                continue;
            }
            if length <= unchecked {
                unchecked -= length;
                log.check_before(*first, start, last)?;
            } else {
                unchecked = 0;
            }
        }
        for (position, first) in firsts.iter().enumerate().filter(|(_, first)| **first >= start.segment) {
            let last = position + 1 == firsts.len();
            let offset = if *first == start.segment { start.offset } else { SEGMENT_HEADER_BYTES };
            let file = log.segments.read().get(first).cloned();
            if let Some(file) = file {
                log.end = log.scan(*first, file.as_ref(), offset, last, visit)?;
            }
        }
        Ok(log)
    }

    /// Walks the checksums of the records before `until`, which a checkpoint
    /// covers: they are not replayed, but damage there must not go unnoticed.
    fn check_before(&self, segment: u64, until: Location, last: bool) -> Result<(), StateError> {
        let file = self.segments.read().get(&segment).cloned();
        let Some(file) = file else { return Ok(()) };
        let mut offset = SEGMENT_HEADER_BYTES;
        while segment < until.segment || offset < until.offset {
            match self.read_record(segment, file.as_ref(), offset)? {
                Read::Record { next, .. } => offset = next,
                Read::End if !last => return Ok(()),
                Read::End => {
                    return Err(StateError::Damaged {
                        path: self.path(segment),
                        offset,
                        reason: "the log ends before the block of the checkpoint",
                    });
                }
                Read::Torn(reason) => {
                    return Err(StateError::Damaged { path: self.path(segment), offset, reason });
                }
            }
        }
        Ok(())
    }

    /// Writes one record and syncs it. On an error nothing more is accepted.
    pub(crate) fn append(&mut self, number: u64, payload: &[u8]) -> Result<Location, StateError> {
        if let Some(reason) = &self.failed {
            return Err(StateError::ReadOnly { reason: reason.clone() });
        }
        let result = self.try_append(number, payload);
        if let Err(error) = &result {
            self.failed = Some(error.to_string());
        }
        result
    }

    /// Stops all further writes, giving `reason` to whoever tries.
    pub(crate) fn fail(&mut self, reason: String) {
        self.failed.get_or_insert(reason);
    }

    /// Reads the payload of the record of block `number` at `location`.
    pub(crate) fn read(&self, location: Location, number: u64) -> Result<Vec<u8>, StateError> {
        let damaged =
            |reason| StateError::Damaged { path: self.path(location.segment), offset: location.offset, reason };
        let file =
            self.segments.read().get(&location.segment).cloned().ok_or_else(|| damaged("the segment is missing"))?;
        match self.read_record(location.segment, file.as_ref(), location.offset)? {
            Read::Record { number: found, payload, .. } if found == number => Ok(payload),
            Read::Record { .. } => Err(damaged("the record is of another block")),
            Read::End => Err(damaged("the log ends before the record")),
            Read::Torn(reason) => Err(damaged(reason)),
        }
    }

    fn try_append(&mut self, number: u64, payload: &[u8]) -> Result<Location, StateError> {
        let open = self.segments.read().last_key_value().map(|(first, file)| (*first, Arc::clone(file)));
        let (segment, file) = match open {
            Some(last) if self.end < SEGMENT_BYTES_MAX => last,
            _ => self.start_segment(number)?,
        };
        let path = self.path(segment);
        let record = encode_record(number, payload).ok_or_else(|| StateError::Damaged {
            path: path.clone(),
            offset: self.end,
            reason: "a block of more than 4 GiB can't be written",
        })?;
        file.write_all_at(&record, self.end).map_err(StateError::io("write", &path))?;
        file.sync_data().map_err(StateError::io("sync", &path))?;
        let location = Location { segment, offset: self.end };
        self.end += record.len() as u64;
        Ok(location)
    }

    fn start_segment(&mut self, first: u64) -> Result<(u64, Arc<dyn DiskFile>), StateError> {
        let path = self.path(first);
        let file = self.disk.open(&path).map_err(StateError::io("create", &path))?;
        file.write_all_at(&self.segment_header(), 0).map_err(StateError::io("write", &path))?;
        file.sync_data().map_err(StateError::io("sync", &path))?;
        sync_directory(&self.directory)?;
        let file: Arc<dyn DiskFile> = file.into();
        self.segments.write().insert(first, Arc::clone(&file));
        self.end = SEGMENT_HEADER_BYTES;
        Ok((first, file))
    }

    fn open_segment(&self, first: u64, last: bool) -> Result<Arc<dyn DiskFile>, StateError> {
        let path = self.path(first);
        let file = self.disk.open(&path).map_err(StateError::io("open", &path))?;
        let length = file.length().map_err(StateError::io("read", &path))?;
        let mut header = [0; SEGMENT_HEADER_BYTES as usize];
        let complete = length >= SEGMENT_HEADER_BYTES;
        if complete {
            file.read_exact_at(&mut header, 0).map_err(StateError::io("read", &path))?;
        }
        if last && length <= SEGMENT_HEADER_BYTES && (!complete || header == [0; SEGMENT_HEADER_BYTES as usize]) {
            // The crash came while the segment was made: no block is in it.
            file.write_all_at(&self.segment_header(), 0).map_err(StateError::io("write", &path))?;
            file.sync_data().map_err(StateError::io("sync", &path))?;
            return Ok(file.into());
        }
        if header[..8] != MAGIC[..] {
            return Err(StateError::Damaged { path, offset: 0, reason: "this is not a log segment" });
        }
        let found = B256::from_slice(&header[8..]);
        if found != self.genesis {
            return Err(StateError::OtherChain { path: self.directory.clone(), found, expected: self.genesis });
        }
        Ok(file.into())
    }

    /// Visits the records of one segment and returns where they end.
    fn scan(
        &self,
        segment: u64,
        file: &dyn DiskFile,
        mut offset: u64,
        last: bool,
        visit: &mut dyn FnMut(Location, u64, Vec<u8>) -> Result<(), StateError>,
    ) -> Result<u64, StateError> {
        loop {
            match self.read_record(segment, file, offset)? {
                Read::Record { number, payload, next } => {
                    visit(Location { segment, offset }, number, payload)?;
                    offset = next;
                }
                Read::End => return Ok(offset),
                Read::Torn(reason) if !last => {
                    return Err(StateError::Damaged { path: self.path(segment), offset, reason });
                }
                Read::Torn(reason) => {
                    self.cut_tail(segment, file, offset, reason)?;
                    return Ok(offset);
                }
            }
        }
    }

    /// Copies an unacknowledged tail aside, then cuts it.
    fn cut_tail(&self, segment: u64, file: &dyn DiskFile, offset: u64, reason: &str) -> Result<(), StateError> {
        let path = self.path(segment);
        let length = file.length().map_err(StateError::io("read", &path))?;
        let mut tail = vec![0; usize::try_from(length - offset).unwrap_or(0)];
        file.read_exact_at(&mut tail, offset).map_err(StateError::io("read", &path))?;
        let aside = self.directory.join(format!("{segment:020}.{offset}.torn"));
        fs::write(&aside, &tail).map_err(StateError::io("write", &aside))?;
        file.set_len(offset).map_err(StateError::io("cut", &path))?;
        file.sync_data().map_err(StateError::io("sync", &path))?;
        tracing::warn!(
            segment = %path.display(), offset, bytes = tail.len(), reason, kept = %aside.display(),
            "the last record was never acknowledged and has been set aside"
        );
        Ok(())
    }

    fn read_record(&self, segment: u64, file: &dyn DiskFile, offset: u64) -> Result<Read, StateError> {
        let path = self.path(segment);
        let length = file.length().map_err(StateError::io("read", &path))?;
        let left = length.saturating_sub(offset);
        if left == 0 {
            return Ok(Read::End);
        }
        if left < RECORD_HEADER_BYTES as u64 {
            return Ok(Read::Torn("the record's header is cut short"));
        }
        let mut header = [0; RECORD_HEADER_BYTES];
        file.read_exact_at(&mut header, offset).map_err(StateError::io("read", &path))?;
        let damaged = |reason| StateError::Damaged { path: path.clone(), offset, reason };
        let number = u64::from_le_bytes(header[..8].try_into().expect("8 bytes"));
        let size = u32::from_le_bytes(header[8..12].try_into().expect("4 bytes"));
        let header_sum = u32::from_le_bytes(header[12..16].try_into().expect("4 bytes"));
        let sum = u64::from_le_bytes(header[16..].try_into().expect("8 bytes"));
        if header_checksum(number, size, sum) != header_sum {
            if self.holds_unwritten_sector(file, offset, length)? {
                return Ok(Read::Torn("the record never reached the disk"));
            }
            return Err(damaged("the record's header fails its checksum"));
        }
        let next = offset + RECORD_HEADER_BYTES as u64 + u64::from(size);
        if next > length {
            return Ok(Read::Torn("the record is cut short"));
        }
        let mut payload = vec![0; size as usize];
        file.read_exact_at(&mut payload, offset + RECORD_HEADER_BYTES as u64).map_err(StateError::io("read", &path))?;
        if xxh3_64(&payload) != sum {
            if next == length && self.holds_unwritten_sector(file, offset, length)? {
                return Ok(Read::Torn("part of the record never reached the disk"));
            }
            return Err(damaged("the record fails its checksum"));
        }
        Ok(Read::Record { number, payload, next })
    }

    /// Whether a sector between `offset` and `length` is all zeros, as one
    /// that was allocated but not written when the power went.
    fn holds_unwritten_sector(&self, file: &dyn DiskFile, offset: u64, length: u64) -> Result<bool, StateError> {
        let mut at = offset;
        while at < length {
            let end = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(length);
            let mut sector = vec![0; usize::try_from(end - at).unwrap_or(0)];
            file.read_exact_at(&mut sector, at).map_err(StateError::io("read", self.directory.as_path()))?;
            if sector.len() >= 8 && sector.iter().all(|byte| *byte == 0) {
                return Ok(true);
            }
            at = end;
        }
        Ok(false)
    }

    fn list(&self) -> Result<Vec<u64>, StateError> {
        let mut firsts = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(StateError::io("list", &self.directory))? {
            let name = entry.map_err(StateError::io("list", &self.directory))?.file_name();
            let first =
                name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|name| name.parse::<u64>().ok());
            firsts.extend(first);
        }
        firsts.sort_unstable();
        Ok(firsts)
    }

    fn segment_header(&self) -> [u8; SEGMENT_HEADER_BYTES as usize] {
        let mut header = [0; SEGMENT_HEADER_BYTES as usize];
        header[..8].copy_from_slice(MAGIC);
        header[8..].copy_from_slice(self.genesis.as_slice());
        header
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.directory.join(format!("{segment:020}.log"))
    }
}

fn encode_record(number: u64, payload: &[u8]) -> Option<Vec<u8>> {
    let size = u32::try_from(payload.len()).ok()?;
    let sum = xxh3_64(payload);
    let mut record = Vec::with_capacity(RECORD_HEADER_BYTES + payload.len());
    record.extend_from_slice(&number.to_le_bytes());
    record.extend_from_slice(&size.to_le_bytes());
    record.extend_from_slice(&header_checksum(number, size, sum).to_le_bytes());
    record.extend_from_slice(&sum.to_le_bytes());
    record.extend_from_slice(payload);
    Some(record)
}

fn header_checksum(number: u64, size: u32, sum: u64) -> u32 {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8..12].copy_from_slice(&size.to_le_bytes());
    bytes[12..].copy_from_slice(&sum.to_le_bytes());
    // The low half of XXH3 is as good as the high one.
    (xxh3_64(&bytes) & 0xffff_ffff) as u32
}

/// Makes the creation of a file in `directory` durable.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), StateError> {
    fs::File::open(directory).and_then(|file| file.sync_all()).map_err(StateError::io("sync", directory))
}
