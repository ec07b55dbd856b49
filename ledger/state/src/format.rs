//! The log's format, for programs that look at a log or make one up.

use crate::{
    diff::StateDiff,
    error::StateError,
    log,
    record::{self, StoredBlock},
};
use alloy_primitives::B256;

/// Decodes the payload of a record.
///
/// # Errors
/// An RLP error.
pub fn decode_record(payload: &[u8]) -> Result<(StoredBlock, StateDiff), StateError> {
    record::decode(payload)
}

/// A record as it stands at `offset` of a segment; `None` for a payload of 4 GiB
/// or more.
pub fn encode_record(number: u64, payload: &[u8], offset: u64) -> Option<Vec<u8>> {
    log::encode_record(number, payload, offset)
}

/// The header of a segment.
pub fn segment_header(genesis: B256) -> Vec<u8> {
    log::segment_header(genesis).to_vec()
}
