//! Sealing captured events into batches, whose roots are then anchored on chain.
//!
//! Sealing is one statement: every event that waits gets the number of the batch, which is that of the newest of them.
//! The root follows from the events alone. Whoever is stopped halfway therefore seals and anchors the same batch
//! again, and the contract takes a root only once.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use async_trait::async_trait;
use platform_index::{Batch as Rows, Block, Column, IndexError, Kind, Projection, Store, StoreError, Table};
use platform_protocol::contracts::Trace;

use super::capture::now;
use super::merkle::Tree;
use super::model::BATCH;

/// Events sealed at once. A proof makes the tree of its batch again, which has to stay quick.
const EVENTS_PER_BATCH_MAX: u32 = 4_096;

/// Roots on chain.
const ANCHOR: Table = Table {
    name: "trace_anchor",
    kind: Kind::Append,
    columns: &[
        Column::blob("root"),
        Column::int("batch_id"),
        Column::int("leaves"),
        Column::int("block_number"),
        Column::blob("transaction_hash"),
        Column::int("timestamp"),
    ],
    key: 1,
    indexes: &[("trace_anchor_batch", "batch_id")],
};

/// Roots by the contract's events.
pub(super) struct Anchors {
    pub(super) trace: Address,
}

#[async_trait]
impl Projection for Anchors {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[ANCHOR]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Rows<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                for log in transaction.logs.iter().filter(|log| log.address == self.trace) {
                    let topics = log.topics.iter().copied();
                    let Ok(event) = Trace::BatchAnchored::decode_raw_log(topics, &log.data) else {
                        continue;
                    };
                    batch.append(
                        &ANCHOR,
                        vec![
                            event.root.into(),
                            event.batchId.into(),
                            event.count.into(),
                            block.number.into(),
                            transaction.hash.into(),
                            block.timestamp.into(),
                        ],
                    );
                }
            }
        }
        Ok(())
    }
}

/// A batch that is not on chain yet, as far as is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenBatch {
    /// Its number: that of its newest event.
    pub number: u64,
    /// Its root.
    pub root: B256,
    /// How many different event hashes are in it.
    pub leaves: u64,
}

/// Seals what waits, and gives the batches that are not known to be anchored, oldest first.
pub(super) async fn open(store: &Store) -> Result<Vec<OpenBatch>, StoreError> {
    let sql = format!(
        "SELECT COALESCE(MAX(w.seq), 0) FROM \
         (SELECT seq FROM trace_event WHERE batch = 0 ORDER BY seq LIMIT {EVENTS_PER_BATCH_MAX}) w"
    );
    let newest = store.int(&sql, vec![]).await?;
    if newest > 0 {
        let sql = "UPDATE trace_event SET batch = $1 WHERE batch = 0 AND seq <= $1";
        store.execute(sql, vec![newest.into()]).await?;
    }
    let sql = "SELECT DISTINCT e.batch FROM trace_event e WHERE e.batch > 0 \
               AND e.batch NOT IN (SELECT number FROM trace_batch) ORDER BY e.batch";
    for row in store.rows(sql, vec![]).await? {
        seal(store, row.number(0)?).await?;
    }
    let sql = "SELECT number, root, leaves FROM trace_batch \
               WHERE root NOT IN (SELECT root FROM trace_anchor) ORDER BY number";
    let rows = store.rows(sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok(OpenBatch { number: row.number(0)?, root: row.hash(1)?, leaves: row.number(2)? }))
        .collect()
}

async fn seal(store: &Store, number: u64) -> Result<(), StoreError> {
    if let Some(tree) = tree(store, number).await? {
        let row = vec![number.into(), tree.root().into(), tree.leaves().into(), now().into()];
        store.put(&BATCH, row).await?;
    }
    Ok(())
}

/// The tree of a batch, made again from its events.
pub(super) async fn tree(store: &Store, number: u64) -> Result<Option<Tree>, StoreError> {
    let sql = "SELECT DISTINCT event_hash FROM trace_event WHERE batch = $1";
    let rows = store.rows(sql, vec![number.into()]).await?;
    let hashes: Vec<B256> = rows.iter().map(|row| row.hash(0)).collect::<Result<_, _>>()?;
    Ok(Tree::of(&hashes))
}

/// Where a root stands on chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchored {
    pub(super) batch_id: u64,
    pub(super) block_number: u64,
    pub(super) transaction: B256,
    pub(super) timestamp: u64,
}

/// Where a root stands on chain, if it does.
pub(super) async fn anchored(store: &Store, root: B256) -> Result<Option<Anchored>, StoreError> {
    let sql = "SELECT batch_id, block_number, transaction_hash, timestamp FROM trace_anchor WHERE root = $1";
    let row = store.row(sql, vec![root.into()]).await?;
    row.map(|row| {
        Ok(Anchored {
            batch_id: row.number(0)?,
            block_number: row.number(1)?,
            transaction: row.hash(2)?,
            timestamp: row.number(3)?,
        })
    })
    .transpose()
}
