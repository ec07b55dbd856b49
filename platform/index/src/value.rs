//! The three kinds of value both databases share.

use alloy_primitives::{Address, B256, U256, hex};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyArguments;
use sqlx::{Any, query::Query};

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// A 64-bit integer.
    Int(i64),
    /// Text. 256-bit integers travel as their decimal digits.
    Text(String),
    /// Bytes.
    #[serde(with = "hex")]
    Blob(Vec<u8>),
    /// Nothing, in a column of integers.
    NoInt,
    /// Nothing, in a column of text.
    NoText,
    /// Nothing, in a column of bytes.
    NoBlob,
}

pub(crate) type AnyQuery<'q> = Query<'q, Any, AnyArguments>;

impl Value {
    pub(crate) fn bind(self, query: AnyQuery<'_>) -> AnyQuery<'_> {
        match self {
            Self::Int(value) => query.bind(value),
            Self::Text(value) => query.bind(value),
            Self::Blob(value) => query.bind(value),
            Self::NoInt => query.bind(None::<i64>),
            Self::NoText => query.bind(None::<String>),
            Self::NoBlob => query.bind(None::<Vec<u8>>),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

/// Heights, times, counts and gas stay far below 2^63; anything larger is held at the largest a column can store.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<U256> for Value {
    fn from(value: U256) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Address> for Value {
    fn from(value: Address) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<B256> for Value {
    fn from(value: B256) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<Option<Address>> for Value {
    fn from(value: Option<Address>) -> Self {
        value.map_or(Self::NoBlob, Self::from)
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NoInt, Self::Int)
    }
}
