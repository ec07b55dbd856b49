//! What several views share, and how they read what people send.

use alloy_primitives::{Address, B256};
use platform_api::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in the languages of the guild. One may be empty; the other then stands for both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Localized)]
pub struct Bilingual {
    /// English.
    #[serde(default)]
    pub en: String,
    /// Chinese.
    #[serde(default)]
    pub zh: String,
}

impl Bilingual {
    /// A text in both languages.
    #[must_use]
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

/// An address, with a name where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Party {
    /// Checksummed address.
    pub(crate) address: String,
    /// What people call it.
    pub(crate) name: Option<String>,
}

/// A block in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Head)]
pub(crate) struct BlockRef {
    /// Height.
    pub(crate) number: u64,
    /// Hash.
    pub(crate) hash: String,
    /// Seconds since 1970.
    pub(crate) timestamp: u64,
}

impl BlockRef {
    pub(crate) fn of(head: platform_index::Head) -> Self {
        Self { number: head.number, hash: head.hash.to_string(), timestamp: head.timestamp }
    }
}

/// An address as it travels.
pub(crate) fn show(address: Address) -> String {
    address.to_checksum(None)
}

/// Reads an address of any letter case.
pub(crate) fn address(text: &str) -> Result<Address, Problem> {
    text.parse().map_err(|_| Problem::invalid(format!("{text:?} is no address: it needs 0x and 40 hex digits.")))
}

/// Reads an address that may be absent or empty.
pub(crate) fn address_or_none(text: Option<&str>) -> Result<Option<Address>, Problem> {
    text.filter(|text| !text.is_empty()).map(address).transpose()
}

/// Reads a 32-byte hash.
pub(crate) fn hash(text: &str) -> Result<B256, Problem> {
    text.parse().map_err(|_| Problem::invalid(format!("{text:?} is no hash: it needs 0x and 64 hex digits.")))
}
