//! The append-only, segmented block log: the commit point of the ledger.
//!
//! A segment is named by the number of its first block and starts with a
//! 40-byte header (magic, genesis hash). Then one record a block, framed as
//! `frame` says. A block is durable when its record is written and the file
//! synced, and only then.
//!
//! # Damage
//! A crash leaves a *short* last record, or one with a sector of zeros that
//! never reached the disk. Such a tail was never acknowledged: it is copied
//! aside and cut. Anything else (a bad checksum in a complete record, or any
//! fault before the tail) can't be the work of a crash: the log refuses to
//! open and says where.

mod codec;
mod frame;
pub(crate) mod rewind;
pub(crate) mod walk;

use crate::{
    disk::{Disk, DiskFile},
    error::StateError,
};
use alloy_primitives::B256;
use frame::Found;
use parking_lot::RwLock;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// The version of everything under the data directory's `ledger`.
pub(crate) const FORMAT: u32 = 2;
const MAGIC: &[u8; 8] = b"GHLOG\x00\x00\x02";
/// Where the first record of a segment stands.
pub(crate) const SEGMENT_HEADER_BYTES: u64 = 40;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    /// The first block number of the segment.
    pub(crate) segment: u64,
    /// The record's offset in it.
    pub(crate) offset: u64,
}

/// Where and how a log is kept.
#[derive(Debug, Clone)]
pub(crate) struct LogOptions {
    pub(crate) directory: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) genesis: B256,
    /// A segment is closed once it is longer than this.
    pub(crate) segment_bytes: u64,
    /// At a start, this much of the log before the checkpoint is checked too.
    /// Longer logs are checked by reading, and in full on demand.
    pub(crate) check_bytes: u64,
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Log {
    options: LogOptions,
    segments: RwLock<BTreeMap<u64, Arc<dyn DiskFile>>>,
    /// Length of the last segment: where the next record goes.
    end: u64,
    /// Why nothing more may be written.
    failed: Option<String>,
}

impl Log {
    /// Opens the log and hands every record from `from` on (or from the
    /// first, without `from`) to `visit`, in order.
    pub(crate) fn open(
        options: LogOptions,
        from: Option<Location>,
        visit: &mut dyn FnMut(Location, u64, Vec<u8>) -> Result<(), StateError>,
    ) -> Result<Self, StateError> {
        options.disk.create_directory(&options.directory).map_err(StateError::io("create", &options.directory))?;
        let mut log = Self { options, segments: RwLock::default(), end: 0, failed: None };
        let firsts = log.options.segments()?;
        let start =
            from.unwrap_or(Location { segment: firsts.first().copied().unwrap_or(0), offset: SEGMENT_HEADER_BYTES });
        if from.is_some() && !firsts.contains(&start.segment) {
            return Err(StateError::Damaged {
                path: log.path(start.segment),
                offset: start.offset,
                reason: "the segment that the checkpoint names is missing",
            });
        }
        let mut unchecked = log.options.check_bytes;
        for (position, first) in firsts.iter().enumerate().rev() {
            let next = firsts.get(position + 1).copied();
            let file = log.open_segment(*first, next.is_none())?;
            let length = file.length().map_err(StateError::io("read", log.path(*first)))?;
            log.segments.write().insert(*first, file);
            if *first > start.segment {
                continue;
            }
            if length <= unchecked {
                unchecked -= length;
                log.check_before(*first, start, next)?;
            } else {
                unchecked = 0;
            }
        }
        for (position, first) in firsts.iter().enumerate().filter(|(_, first)| **first >= start.segment) {
            let last = position + 1 == firsts.len();
            let offset = if *first == start.segment { start.offset } else { SEGMENT_HEADER_BYTES };
            let kept = from.filter(|from| from.segment == *first).map_or(0, |from| from.offset + 1);
            let file = log.segments.read().get(first).cloned();
            if let Some(file) = file {
                log.end = log.scan(Location { segment: *first, offset }, file.as_ref(), last.then_some(kept), visit)?;
            }
        }
        Ok(log)
    }

    /// Walks the records before `until`, which a checkpoint covers: they are
    /// not replayed, but damage there must not go unnoticed. `next` is the
    /// first block of the segment that follows.
    fn check_before(&self, segment: u64, until: Location, next: Option<u64>) -> Result<(), StateError> {
        let file = self.segments.read().get(&segment).cloned();
        let Some(file) = file else { return Ok(()) };
        let path = self.path(segment);
        let mut offset = SEGMENT_HEADER_BYTES;
        let mut expected = segment;
        while segment < until.segment || offset < until.offset {
            let damaged = |reason| StateError::Damaged { path: path.clone(), offset, reason };
            match frame::read(&path, file.as_ref(), offset)? {
                Found::Record { number, next, .. } if number == expected => {
                    offset = next;
                    expected += 1;
                }
                Found::Record { .. } => {
                    return Err(damaged("the record is of another block than the one that follows"));
                }
                Found::End if next == Some(expected) => return Ok(()),
                Found::End if next.is_some() => return Err(damaged("the segment that follows is missing")),
                Found::End => return Err(damaged("the log ends before the block of the checkpoint")),
                Found::Torn(reason) => return Err(damaged(reason)),
            }
        }
        Ok(())
    }

    /// Writes one record and syncs it. On an error nothing more is accepted.
    pub(crate) fn append(&mut self, number: u64, payload: &[u8]) -> Result<Location, StateError> {
        self.check_writable()?;
        let result = self.try_append(number, payload);
        if let Err(error) = &result {
            self.failed = Some(error.to_string());
        }
        result
    }

    /// Whether [`Log::append`] would be let in.
    pub(crate) fn check_writable(&self) -> Result<(), StateError> {
        match &self.failed {
            Some(reason) => Err(StateError::ReadOnly { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// The bytes of all segments.
    pub(crate) fn size(&self) -> Result<u64, StateError> {
        let lengths = self.segments.read();
        let lengths =
            lengths.iter().map(|(first, file)| file.length().map_err(StateError::io("read", self.path(*first))));
        lengths.sum()
    }

    /// Stops all further writes, giving `reason` to whoever tries.
    pub(crate) fn fail(&mut self, reason: String) {
        self.failed.get_or_insert(reason);
    }

    /// Reads the payload of the record of block `number` at `location`.
    pub(crate) fn read(&self, location: Location, number: u64) -> Result<Vec<u8>, StateError> {
        let file = self.segments.read().get(&location.segment).cloned();
        let file = file.ok_or_else(|| StateError::Damaged {
            path: self.path(location.segment),
            offset: location.offset,
            reason: "the segment is missing",
        })?;
        self.options.read_from(file.as_ref(), location, number)
    }

    fn try_append(&mut self, number: u64, payload: &[u8]) -> Result<Location, StateError> {
        let open = self.segments.read().last_key_value().map(|(first, file)| (*first, Arc::clone(file)));
        let (segment, file) = match open {
            Some(last) if self.end < self.options.segment_bytes => last,
            _ => self.start_segment(number)?,
        };
        let path = self.path(segment);
        let record = encode_record(number, payload, self.end).ok_or_else(|| StateError::Damaged {
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
        let file = self.options.disk.open(&path).map_err(StateError::io("create", &path))?;
        file.write_all_at(&segment_header(self.options.genesis), 0).map_err(StateError::io("write", &path))?;
        file.sync_data().map_err(StateError::io("sync", &path))?;
        self.options
            .disk
            .sync_directory(&self.options.directory)
            .map_err(StateError::io("sync", &self.options.directory))?;
        let file: Arc<dyn DiskFile> = file.into();
        self.segments.write().insert(first, Arc::clone(&file));
        self.end = SEGMENT_HEADER_BYTES;
        Ok((first, file))
    }

    fn open_segment(&self, first: u64, last: bool) -> Result<Arc<dyn DiskFile>, StateError> {
        let path = self.path(first);
        let file = self.options.disk.open(&path).map_err(StateError::io("open", &path))?;
        let length = file.length().map_err(StateError::io("read", &path))?;
        let mut header = [0; SEGMENT_HEADER_BYTES as usize];
        let complete = length >= SEGMENT_HEADER_BYTES;
        if complete {
            file.read_exact_at(&mut header, 0).map_err(StateError::io("read", &path))?;
        }
        if last && length <= SEGMENT_HEADER_BYTES && (!complete || header == [0; SEGMENT_HEADER_BYTES as usize]) {
            // The crash came while the segment was made: no block is in it.
            file.write_all_at(&segment_header(self.options.genesis), 0).map_err(StateError::io("write", &path))?;
            file.sync_data().map_err(StateError::io("sync", &path))?;
            return Ok(file.into());
        }
        walk::check_header(&self.options, path, &header)?;
        Ok(file.into())
    }

    /// Visits the records of one segment and returns where they end. A torn
    /// tail may be cut from `cut` on, and nowhere without it.
    fn scan(
        &self,
        from: Location,
        file: &dyn DiskFile,
        cut: Option<u64>,
        visit: &mut dyn FnMut(Location, u64, Vec<u8>) -> Result<(), StateError>,
    ) -> Result<u64, StateError> {
        let Location { segment, mut offset } = from;
        let path = self.path(segment);
        loop {
            match frame::read(&path, file, offset)? {
                Found::Record { number, codec, payload, next } => {
                    let payload = codec::decode(codec, payload, &path, offset)?;
                    visit(Location { segment, offset }, number, payload)?;
                    offset = next;
                }
                Found::End => return Ok(offset),
                Found::Torn(reason) if cut.is_some_and(|cut| offset >= cut) => {
                    self.cut_tail(segment, file, offset, reason)?;
                    return Ok(offset);
                }
                Found::Torn(reason) => return Err(StateError::Damaged { path, offset, reason }),
            }
        }
    }

    /// Copies an unacknowledged tail aside, then cuts it.
    fn cut_tail(&self, segment: u64, file: &dyn DiskFile, offset: u64, reason: &str) -> Result<(), StateError> {
        let path = self.path(segment);
        let length = file.length().map_err(StateError::io("read", &path))?;
        let mut tail = vec![0; usize::try_from(length - offset).unwrap_or(0)];
        file.read_exact_at(&mut tail, offset).map_err(StateError::io("read", &path))?;
        let aside = self.options.directory.join(format!("{segment:020}.{offset}.torn"));
        let write_aside = || {
            let copy = self.options.disk.open(&aside)?;
            copy.set_len(0)?;
            copy.write_all_at(&tail, 0)?;
            copy.sync_data()
        };
        write_aside().map_err(StateError::io("write", &aside))?;
        file.set_len(offset).map_err(StateError::io("cut", &path))?;
        file.sync_data().map_err(StateError::io("sync", &path))?;
        tracing::warn!(
            segment = %path.display(), offset, bytes = tail.len(), reason, kept = %aside.display(),
            "the last record was never acknowledged and has been set aside"
        );
        Ok(())
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.options.path(segment)
    }
}

impl LogOptions {
    /// The first block number of every segment, in order.
    pub(crate) fn segments(&self) -> Result<Vec<u64>, StateError> {
        let names = self.disk.list(&self.directory).map_err(StateError::io("list", &self.directory))?;
        let mut firsts: Vec<u64> =
            names.iter().filter_map(|name| name.strip_suffix(".log")?.parse::<u64>().ok()).collect();
        firsts.sort_unstable();
        Ok(firsts)
    }

    /// Reads one record without the log being open.
    pub(crate) fn read(&self, location: Location, number: u64) -> Result<Vec<u8>, StateError> {
        let path = self.path(location.segment);
        let file = self.disk.open(&path).map_err(StateError::io("open", &path))?;
        self.read_from(file.as_ref(), location, number)
    }

    fn read_from(&self, file: &dyn DiskFile, location: Location, number: u64) -> Result<Vec<u8>, StateError> {
        let path = self.path(location.segment);
        let reason = match frame::read(&path, file, location.offset)? {
            Found::Record { number: found, codec, payload, .. } if found == number => {
                return codec::decode(codec, payload, &path, location.offset);
            }
            Found::Record { .. } => "the record is of another block",
            Found::End => "the log ends before the record",
            Found::Torn(reason) => reason,
        };
        Err(StateError::Damaged { path, offset: location.offset, reason })
    }

    pub(crate) fn path(&self, segment: u64) -> PathBuf {
        self.directory.join(format!("{segment:020}.log"))
    }
}

/// What a segment begins with.
pub(crate) fn segment_header(genesis: B256) -> [u8; SEGMENT_HEADER_BYTES as usize] {
    let mut header = [0; SEGMENT_HEADER_BYTES as usize];
    header[..8].copy_from_slice(MAGIC);
    header[8..].copy_from_slice(genesis.as_slice());
    header
}

/// A record as it stands at `offset`; `None` where the payload is too large.
pub(crate) fn encode_record(number: u64, payload: &[u8], offset: u64) -> Option<Vec<u8>> {
    codec::encode(number, payload, offset)
}
