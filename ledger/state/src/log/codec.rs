//! Payloads as they stand in records: compressed where that makes them
//! shorter. Blooms, prefixes and the hash of no code repeat in every receipt
//! and every account.

use super::frame;
use crate::error::StateError;
use std::path::Path;

/// As it is.
const PLAIN: u8 = 0;
/// Its length as a little-endian u32, then a Zstandard frame.
const ZSTANDARD: u8 = 1;
/// The fastest of the usual levels: a block waits for it.
const LEVEL: i32 = 1;
/// Shorter ones gain nothing.
const COMPRESSED_BYTES_MIN: usize = 128;

/// The bytes of a record at `offset`; `None` for a payload of 4 GiB or more.
pub(crate) fn encode(number: u64, payload: &[u8], offset: u64) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len()).ok()?;
    if payload.len() >= COMPRESSED_BYTES_MIN
        && let Ok(frame) = zstd::bulk::compress(payload, LEVEL)
        && frame.len() + 4 < payload.len()
    {
        let mut packed = length.to_le_bytes().to_vec();
        packed.extend_from_slice(&frame);
        return frame::encode(number, ZSTANDARD, &packed, offset);
    }
    frame::encode(number, PLAIN, payload, offset)
}

/// The payload of a record of `path` at `offset`, whose checksum was right.
pub(crate) fn decode(codec: u8, payload: Vec<u8>, path: &Path, offset: u64) -> Result<Vec<u8>, StateError> {
    let damaged = |reason| StateError::Damaged { path: path.to_owned(), offset, reason };
    match codec {
        PLAIN => Ok(payload),
        ZSTANDARD => {
            let (length, frame) = payload.split_first_chunk().ok_or_else(|| damaged("the record is too short"))?;
            let length = u32::from_le_bytes(*length) as usize;
            let plain = zstd::bulk::decompress(frame, length);
            plain
                .ok()
                .filter(|plain| plain.len() == length)
                .ok_or_else(|| damaged("the record's payload can't be unpacked"))
        }
        _ => Err(damaged("the record is packed in a way that this program doesn't know")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What stands in a record, without its frame.
    fn packed(payload: &[u8]) -> (u8, Vec<u8>) {
        let record = encode(1, payload, 40).unwrap();
        let mask = record[1];
        let body = &record[frame::RECORD_HEADER_BYTES..record.len() - 1];
        (record[2], body.iter().map(|byte| byte ^ mask).collect())
    }

    proptest! {
        #[test]
        fn payloads_come_back(payload in proptest::collection::vec(0u8..4, 0..2_000)) {
            let (codec, body) = packed(&payload);
            prop_assert_eq!(decode(codec, body, Path::new("segment"), 40).unwrap(), payload);
        }

        #[test]
        fn any_bytes_unpack_or_fail(codec: u8, mut payload: Vec<u8>) {
            // The length that is claimed is allocated: keep it small here.
            if let Some(length) = payload.get_mut(2..4) {
                length.fill(0);
            }
            let _ = decode(codec, payload, Path::new("segment"), 40);
        }
    }

    #[test]
    fn repetition_is_packed_and_noise_is_not() {
        assert!(packed(&[7; 1_000]).1.len() < 100);
        assert_eq!(packed(&[7; 100]), (PLAIN, vec![7; 100]));
    }
}
