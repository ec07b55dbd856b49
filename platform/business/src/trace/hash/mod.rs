//! The hash of an event after CBV 2.0, section 8.9: a canonical string of the event, and its SHA-256.
//!
//! Two documents that say the same about the same goods have the same hash, whatever their syntax, order of fields,
//! prefixes, offsets or the form of their identifiers. `eventID`, `recordTime`, `errorDeclaration`,
//! `certificationInfo` and comments are not part of it. The strings are those of the reference implementation
//! (`epcis-event-hash-generator`) for CBV 2.0.

mod canonical;
mod tree;

use alloy_primitives::{B256, hex};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::namespaces::Namespaces;

/// The canonical string of an event.
pub(super) fn pre_hash(event: &Map<String, Json>, namespaces: &Namespaces) -> String {
    tree::pre_hash(event, namespaces)
}

/// The hash of a canonical string.
pub(super) fn of_pre_hash(pre_hash: &str) -> B256 {
    B256::from_slice(&Sha256::digest(pre_hash.as_bytes()))
}

/// The hash of an event.
pub(super) fn event_hash(event: &Map<String, Json>, namespaces: &Namespaces) -> B256 {
    of_pre_hash(&pre_hash(event, namespaces))
}

/// The hash as an event id (RFC 6920).
pub(super) fn event_id(hash: B256) -> String {
    format!("ni:///sha-256;{}?ver=CBV2.0", hex::encode(hash))
}

#[cfg(test)]
mod tests;
