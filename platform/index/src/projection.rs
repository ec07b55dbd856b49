//! What turns blocks into rows.

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::{Batch, Block, Column, IndexError, Kind, Table, Value};

/// Something that happened in a block just committed, for those who listen live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about: `block`, or a word of the projection that gave it.
    pub topic: &'static str,
    /// What happened.
    pub data: Json,
}

/// A function of the chain into tables. It reads and writes only its own tables, and only through [`Batch`], which
/// undoes for it.
#[async_trait]
pub trait Projection: Send + Sync {
    /// Name of its cursor.
    fn name(&self) -> &'static str;

    /// Changes whenever tables or rows change. A stored index of another version is dropped and rebuilt.
    fn version(&self) -> u32;

    /// The tables it fills.
    fn tables(&self) -> &'static [Table];

    /// Adds what these consecutive blocks bring.
    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError>;
}

/// The blocks themselves: what reorganisations are recognised by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocks;

const BLOCKS: Table = Table {
    name: "index_block",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::blob("hash"),
        Column::blob("parent_hash"),
        Column::blob("state_root"),
        Column::int("timestamp"),
        Column::blob("beneficiary"),
        Column::int("gas_used"),
        Column::int("gas_limit"),
        Column::text("base_fee"),
        Column::int("size"),
        Column::int("transactions"),
    ],
    key: 1,
    indexes: &[("index_block_hash", "hash"), ("index_block_timestamp", "timestamp")],
};

#[async_trait]
impl Projection for Blocks {
    fn name(&self) -> &'static str {
        "blocks"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[BLOCKS]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            batch.append(&BLOCKS, row(block));
            batch.notify("block", || {
                json!({
                    "number": block.number,
                    "hash": block.hash,
                    "timestamp": block.timestamp,
                    "tx_count": block.transactions.len(),
                })
            });
        }
        Ok(())
    }
}

fn row(block: &Block) -> Vec<Value> {
    vec![
        block.number.into(),
        block.hash.into(),
        block.parent_hash.into(),
        block.state_root.into(),
        block.timestamp.into(),
        block.beneficiary.into(),
        block.gas_used.into(),
        block.gas_limit.into(),
        block.base_fee.to_string().into(),
        block.size.into(),
        block.transactions.len().into(),
    ]
}
