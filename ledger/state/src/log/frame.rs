//! How a record stands in a segment, and what a crash can leave of it.
//!
//! ```text
//! marker 0xb1 | mask u8 | codec u8 | 0 | number u64 | length u32 | header checksum u32 | payload checksum u64
//! payload, each byte xor mask | marker 0xe7
//! ```
//!
//! Checksums are XXH3 seeded with the record's offset, so that a record in
//! the wrong place is no record. The markers are not zero, and the mask is
//! chosen so that no whole sector of the record is zero. So a sector of a
//! record that is all zeros was never written, and only the loss of power can
//! explain it; a flipped bit can't.

use crate::{disk::DiskFile, error::StateError};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(crate) const RECORD_HEADER_BYTES: usize = 28;
const START: u8 = 0xb1;
const END: u8 = 0xe7;
const SECTOR_BYTES: u64 = 512;

/// What stands at an offset.
pub(crate) enum Found {
    /// A whole record.
    Record {
        number: u64,
        codec: u8,
        payload: Vec<u8>,
        /// Where the next one starts.
        next: u64,
    },
    /// Nothing: the segment ends here.
    End,
    /// What a crash leaves; only allowed at the very end of the log.
    Torn(&'static str),
}

/// The bytes of a record at `offset`; `None` for a payload of 4 GiB or more.
pub(crate) fn encode(number: u64, codec: u8, payload: &[u8], offset: u64) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len()).ok()?;
    let mut record = vec![0; RECORD_HEADER_BYTES];
    record.reserve_exact(payload.len() + 1);
    record.extend_from_slice(payload);
    record.push(END);
    let mask = (0..=u8::MAX).find(|mask| !holds_sector_of(&record, offset, *mask))?;
    if mask != 0 {
        let end = record.len() - 1;
        record[RECORD_HEADER_BYTES..end].iter_mut().for_each(|byte| *byte ^= mask);
    }
    let header = Header { mask, codec, number, length, sum: xxh3_64_with_seed(payload, offset) };
    record[..RECORD_HEADER_BYTES].copy_from_slice(&header.encode(offset));
    Some(record)
}

/// Reads the record at `offset`.
pub(crate) fn read(path: &Path, file: &dyn DiskFile, offset: u64) -> Result<Found, StateError> {
    let io = || StateError::io("read", path);
    let damaged = |reason| StateError::Damaged { path: path.to_owned(), offset, reason };
    let length = file.length().map_err(io())?;
    let left = length.saturating_sub(offset);
    if left == 0 {
        return Ok(Found::End);
    }
    if left < RECORD_HEADER_BYTES as u64 {
        return Ok(Found::Torn("the record's header is cut short"));
    }
    let mut header = [0; RECORD_HEADER_BYTES];
    file.read_exact_at(&mut header, offset).map_err(io())?;
    let Some(header) = Header::decode(&header, offset) else {
        if unwritten_sector(path, file, offset, length)? && !holds_record_after(path, file, offset, length)? {
            return Ok(Found::Torn("the record never reached the disk"));
        }
        return Err(damaged("the record's header fails its checksum"));
    };
    let start = offset + RECORD_HEADER_BYTES as u64;
    let next = start + u64::from(header.length) + 1;
    if next > length {
        return Ok(Found::Torn("the record is cut short"));
    }
    let mut payload = vec![0; header.length as usize + 1];
    file.read_exact_at(&mut payload, start).map_err(io())?;
    let whole = payload.pop() == Some(END);
    if header.mask != 0 {
        payload.iter_mut().for_each(|byte| *byte ^= header.mask);
    }
    if whole && xxh3_64_with_seed(&payload, offset) == header.sum {
        return Ok(Found::Record { number: header.number, codec: header.codec, payload, next });
    }
    if next == length && unwritten_sector(path, file, offset, length)? {
        return Ok(Found::Torn("part of the record never reached the disk"));
    }
    Err(damaged("the record fails its checksum"))
}

struct Header {
    mask: u8,
    codec: u8,
    number: u64,
    length: u32,
    sum: u64,
}

impl Header {
    fn encode(&self, offset: u64) -> [u8; RECORD_HEADER_BYTES] {
        let mut bytes = [0; RECORD_HEADER_BYTES];
        bytes[0] = START;
        bytes[1] = self.mask;
        bytes[2] = self.codec;
        bytes[4..12].copy_from_slice(&self.number.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[20..].copy_from_slice(&self.sum.to_le_bytes());
        let sum = checksum(&bytes, offset);
        bytes[16..20].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; RECORD_HEADER_BYTES], offset: u64) -> Option<Self> {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        if bytes[0] != START || word(16) != checksum(bytes, offset) {
            return None;
        }
        Some(Self { mask: bytes[1], codec: bytes[2], number: long(4), length: word(12), sum: long(20) })
    }
}

/// Over all of a header but its own place.
fn checksum(header: &[u8; RECORD_HEADER_BYTES], offset: u64) -> u32 {
    let mut bytes = *header;
    bytes[16..20].fill(0);
    // The low half of XXH3 is as good as the high one.
    (xxh3_64_with_seed(&bytes, offset) & 0xffff_ffff) as u32
}

/// Whether a whole sector within the record, which starts at `offset`, holds
/// nothing but `value`.
fn holds_sector_of(record: &[u8], offset: u64, value: u8) -> bool {
    let first = usize::try_from(offset.next_multiple_of(SECTOR_BYTES) - offset).unwrap_or(usize::MAX);
    record
        .get(first..)
        .is_some_and(|rest| rest.chunks_exact(SECTOR_BYTES as usize).any(|sector| sector.iter().all(|b| *b == value)))
}

/// Whether what stands between `offset` and `length` in one sector is all
/// zeros, as in one that was allocated but not written when the power went.
fn unwritten_sector(path: &Path, file: &dyn DiskFile, offset: u64, length: u64) -> Result<bool, StateError> {
    let mut at = offset;
    let mut sector = [0; SECTOR_BYTES as usize];
    while at < length {
        let end = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(length);
        let sector = &mut sector[..usize::try_from(end - at).unwrap_or(0)];
        file.read_exact_at(sector, at).map_err(StateError::io("read", path))?;
        if sector.iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        at = end;
    }
    Ok(false)
}

/// Whether a whole record stands anywhere after `offset`: then what is at
/// `offset` was once acknowledged.
fn holds_record_after(path: &Path, file: &dyn DiskFile, offset: u64, length: u64) -> Result<bool, StateError> {
    let mut rest = vec![0; usize::try_from(length - offset).unwrap_or(0)];
    file.read_exact_at(&mut rest, offset).map_err(StateError::io("read", path))?;
    for start in 1..rest.len() {
        let Some(header) = rest[start..].first_chunk().filter(|header| header[0] == START) else { continue };
        let at = offset + start as u64;
        let Some(header) = Header::decode(header, at) else { continue };
        let payload = start + RECORD_HEADER_BYTES..start + RECORD_HEADER_BYTES + header.length as usize;
        let Some(payload) = rest.get(payload) else { continue };
        let plain: Vec<u8> = payload.iter().map(|byte| byte ^ header.mask).collect();
        if xxh3_64_with_seed(&plain, at) == header.sum {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Disk, OsDisk};

    fn at(offset: u64, payload: &[u8]) -> (tempfile::TempDir, Box<dyn DiskFile>, u64) {
        let directory = tempfile::tempdir().unwrap();
        let file = OsDisk.open(&directory.path().join("segment")).unwrap();
        let record = encode(7, 0, payload, offset).unwrap();
        file.write_all_at(&record, offset).unwrap();
        (directory, file, offset + record.len() as u64)
    }

    #[test]
    fn zeros_are_masked_and_come_back() {
        for size in [0, 1, 511, 512, 2_000, 70_000] {
            let payload = vec![0; size];
            let (_directory, file, end) = at(500, &payload);
            match read(Path::new("segment"), file.as_ref(), 500).unwrap() {
                Found::Record { number: 7, codec: 0, payload: found, next } => {
                    assert_eq!((found, next), (payload, end));
                }
                _ => panic!("no record of {size} bytes"),
            }
            assert!(!unwritten_sector(Path::new("segment"), file.as_ref(), 500, end).unwrap());
        }
    }

    #[test]
    fn a_lost_sector_is_torn_at_the_tail_and_damage_before_it() {
        for offset in (480..=540).chain([40]) {
            let payload: Vec<u8> = (0..1_500u32).map(|value| (value % 251) as u8).collect();
            let (_directory, file, end) = at(offset, &payload);
            let mut whole = vec![0; (end - offset) as usize];
            file.read_exact_at(&mut whole, offset).unwrap();
            for sector in offset / 512..=(end - 1) / 512 {
                let (from, to) = ((sector * 512).max(offset), ((sector + 1) * 512).min(end));
                file.write_all_at(&vec![0; (to - from) as usize], from).unwrap();
                let found = read(Path::new("segment"), file.as_ref(), offset).unwrap();
                assert!(matches!(found, Found::Torn(_)), "sector {sector} of a record at {offset}");
                file.write_all_at(&encode(8, 0, b"next", end).unwrap(), end).unwrap();
                let followed = read(Path::new("segment"), file.as_ref(), offset);
                assert!(matches!(followed, Err(StateError::Damaged { .. })), "acknowledged blocks are not cut");
                file.set_len(end).unwrap();
                file.write_all_at(&whole, offset).unwrap();
            }
        }
    }

    #[test]
    fn a_record_in_another_place_is_none() {
        let (_directory, file, end) = at(40, b"payload");
        let mut record = vec![0; (end - 40) as usize];
        file.read_exact_at(&mut record, 40).unwrap();
        file.write_all_at(&record, 48).unwrap();
        file.set_len(end + 8).unwrap();
        assert!(matches!(read(Path::new("segment"), file.as_ref(), 48), Err(StateError::Damaged { .. })));
    }
}
