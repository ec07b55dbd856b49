//! What can go wrong between a chain and its tables.

use alloy_primitives::{B256, Bytes};

/// A failure of the chain behind a [`crate::BlockSource`].
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The call reverted.
    #[error("the call reverted with {} bytes of data", data.len())]
    Reverted {
        /// What the contract returned.
        data: Bytes,
    },
    /// The chain has no state for that block any more or yet.
    #[error("the chain has no state for block {number}")]
    NoState {
        /// The block asked for.
        number: u64,
    },
    /// The chain could not be asked.
    #[error("the chain did not answer: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database names no engine we speak.
    #[error("{url}: a store address begins with sqlite: or postgres:")]
    UnknownEngine {
        /// The address without its credentials.
        url: String,
    },
    /// The engine refused.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    /// A row does not have the shape its table declares.
    #[error("table {table}: {what}")]
    Shape {
        /// Table.
        table: &'static str,
        /// What does not fit.
        what: &'static str,
    },
    /// A stored image cannot be read back.
    #[error("a stored row image cannot be read: {0}")]
    Image(#[from] serde_json::Error),
}

/// A failure of indexing.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The chain failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The tables were made from another chain.
    #[error("the index was made from the chain with genesis {indexed}, this one has {found}: use another store")]
    OtherChain {
        /// Genesis the tables were made from.
        indexed: B256,
        /// Genesis of the source.
        found: B256,
    },
    /// A block the source announced could not be had.
    #[error("the chain announced block {number} and does not have it")]
    MissingBlock {
        /// Its number.
        number: u64,
    },
    /// A projection could not make sense of a block.
    #[error("projection {projection}, block {number}: {what}")]
    Projection {
        /// Which projection.
        projection: &'static str,
        /// At which block.
        number: u64,
        /// What it met.
        what: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<sqlx::Error> for IndexError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::Database(error))
    }
}
