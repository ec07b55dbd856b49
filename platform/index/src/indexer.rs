//! The loop that keeps tables and chain together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use tokio::sync::{Mutex, broadcast, watch};
use tracing::Instrument;

use crate::reorg::UNDO;
use crate::store::Unit;
use crate::{
    Batch, Block, BlockSource, Blocks, Column, Head, IndexError, Kind, Notice, Projection, Store, StoreError, Table,
    Value,
};

const CURSOR: Table = Table {
    name: "index_cursor",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::int("version"), Column::int("number"), Column::blob("hash")],
    key: 1,
    indexes: &[],
};

/// A signal to stop: it holds `true` once the work should end.
pub type Cancel = watch::Receiver<bool>;

/// How much one SQL transaction takes in.
#[derive(Clone, Copy, Debug)]
pub struct IndexerConfig {
    /// Most blocks in one transaction.
    pub blocks_max: u64,
    /// Transactions after which a batch is closed.
    pub transactions_max: usize,
    /// How long to wait before asking again when the source fails.
    pub retry: Duration,
}

impl Default for IndexerConfig {
    fn default() -> Self {
        Self { blocks_max: 2_000, transactions_max: 8_000, retry: Duration::from_secs(1) }
    }
}

/// How far the index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The newest block whose rows are committed, if any.
    pub indexed: Option<Head>,
    /// The newest block of the chain.
    pub head: Option<Head>,
}

/// What a backfill has done so far.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The last block committed.
    pub block: u64,
    /// The block it works towards.
    pub head: u64,
    /// Transactions indexed since it began.
    pub transactions: u64,
    /// Time since it began.
    pub elapsed: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Cursor {
    number: u64,
    hash: B256,
}

/// Drives projections over a chain.
pub struct Indexer {
    store: Store,
    source: Arc<dyn BlockSource>,
    projections: Vec<Arc<dyn Projection>>,
    config: IndexerConfig,
    writer: Mutex<Unit>,
    position: watch::Sender<Position>,
    notices: broadcast::Sender<Notice>,
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indexer").field("position", &*self.position.borrow()).finish_non_exhaustive()
    }
}

impl Indexer {
    /// Makes the tables, rebuilds what another version left, and stands ready at the stored cursor.
    pub async fn open(
        store: Store,
        source: Arc<dyn BlockSource>,
        projections: Vec<Arc<dyn Projection>>,
        config: IndexerConfig,
    ) -> Result<Self, IndexError> {
        let mut all: Vec<Arc<dyn Projection>> = vec![Arc::new(Blocks)];
        all.extend(projections);
        store.create(&[CURSOR, UNDO]).await?;
        let writer = Mutex::new(store.writer().await?);
        let (position, _) = watch::channel(Position { indexed: None, head: None });
        let (notices, _) = broadcast::channel(1_024);
        let indexer = Self { store, source, projections: all, config, writer, position, notices };
        indexer.prepare().await?;
        Ok(indexer)
    }

    /// A view of how far the index has come.
    #[must_use]
    pub fn position(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }

    /// What happens from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Indexes up to the present head and returns.
    pub async fn backfill(&self, cancel: &Cancel, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), IndexError> {
        let began = Instant::now();
        let mut transactions = 0_u64;
        let mut fetched: Option<Vec<Block>> = None;
        let mut writer = self.writer.lock().await;
        loop {
            let head = self.source.head().await?;
            let finalized = self.source.finalized().await?;
            self.note_head(head);
            self.drop_replaced(&mut writer, head).await?;
            let Some(step) = self.next_step(head, finalized).await? else {
                return Ok(());
            };
            if *cancel.borrow() {
                return Ok(());
            }
            let blocks = match fetched.take() {
                Some(blocks) if step.takes(&blocks) => blocks,
                _ => self.fetch(step.first, step.last).await?,
            };
            let next = blocks.last().map_or(step.last, |block| block.number) + 1;
            let (applied, ahead) = tokio::join!(
                self.apply(&mut writer, &step, &blocks, finalized, head).instrument(tracing::info_span!(
                    "index blocks",
                    first = step.first,
                    count = blocks.len()
                )),
                self.fetch_ahead(next, step.ahead(next, self.config.blocks_max)),
            );
            if !applied? {
                continue;
            }
            fetched = ahead;
            transactions += blocks.iter().map(|block| block.transactions.len() as u64).sum::<u64>();
            progress(Progress { block: next - 1, head: head.number, transactions, elapsed: began.elapsed() });
        }
    }

    /// Follows the chain until told to stop. Failures of the source are waited out; others end it.
    pub async fn run(&self, mut cancel: Cancel) -> Result<(), IndexError> {
        let mut heads = self.source.heads();
        while !*cancel.borrow() {
            heads.mark_unchanged();
            let wait = match self.backfill(&cancel, &|_| ()).await {
                Ok(()) => None,
                Err(IndexError::Source(error)) => {
                    tracing::warn!(%error, "the chain cannot be read; trying again");
                    Some(self.config.retry)
                }
                Err(error) => return Err(error),
            };
            tokio::select! {
                _ = cancel.changed() => {}
                () = tokio::time::sleep(wait.unwrap_or(Duration::from_secs(5))) => {}
                changed = heads.changed(), if wait.is_none() => if changed.is_err() {
                    tokio::time::sleep(self.config.retry).await;
                },
            }
        }
        Ok(())
    }

    async fn prepare(&self) -> Result<(), IndexError> {
        let mut writer = self.writer.lock().await;
        for projection in &self.projections {
            let rows = self
                .store
                .rows("SELECT version FROM index_cursor WHERE name = $1", vec![projection.name().into()])
                .await?;
            let version = rows.first().map(|row| row.number(0)).transpose()?;
            if version.is_some_and(|version| version != u64::from(projection.version())) {
                tracing::info!(projection = projection.name(), "the tables have another version; rebuilding them");
                writer.begin().await?;
                reset(&mut writer, projection.as_ref()).await?;
                writer.commit().await?;
            }
            // After another version's tables are gone: an index of this one may be over columns that those don't have.
            self.store.create(projection.tables()).await?;
        }
        let indexed = self.indexed().await?;
        let genesis = self.source.block(0).await?.map(|block| block.hash);
        if let (Some(found), Some(indexed)) = (genesis, self.store.indexed_hash(0).await?)
            && found != indexed
        {
            return Err(IndexError::OtherChain { indexed, found });
        }
        self.position.send_modify(|position| position.indexed = indexed);
        Ok(())
    }

    /// The newest block every projection has.
    async fn indexed(&self) -> Result<Option<Head>, IndexError> {
        let mut least: Option<Cursor> = None;
        for projection in &self.projections {
            let Some(cursor) = self.cursor(projection.as_ref()).await? else {
                return Ok(None);
            };
            least = Some(least.filter(|least| least.number <= cursor.number).unwrap_or(cursor));
        }
        let Some(cursor) = least else { return Ok(None) };
        let row = self
            .store
            .row("SELECT timestamp FROM index_block WHERE block_number = $1", vec![cursor.number.into()])
            .await?;
        let timestamp = row.map_or(Ok(0), |row| row.number(0))?;
        Ok(Some(Head { number: cursor.number, hash: cursor.hash, timestamp }))
    }

    async fn cursor(&self, projection: &dyn Projection) -> Result<Option<Cursor>, StoreError> {
        let sql = "SELECT number, hash FROM index_cursor WHERE name = $1";
        let row = self.store.row(sql, vec![projection.name().into()]).await?;
        row.map(|row| Ok(Cursor { number: row.number(0)?, hash: row.hash(1)? })).transpose()
    }

    fn note_head(&self, head: Head) {
        self.position.send_if_modified(|position| {
            let changed = position.head != Some(head);
            position.head = Some(head);
            changed
        });
    }

    /// The projections that are furthest behind, and the blocks they can take in one go.
    async fn next_step(&self, head: Head, finalized: u64) -> Result<Option<Step>, IndexError> {
        let mut cursors = Vec::with_capacity(self.projections.len());
        for projection in &self.projections {
            cursors.push(self.cursor(projection.as_ref()).await?);
        }
        let next = |cursor: &Option<Cursor>| cursor.map_or(0, |cursor| cursor.number + 1);
        let Some(first) = cursors.iter().map(next).min().filter(|first| *first <= head.number) else {
            return Ok(None);
        };
        // Those ahead are met where they stand, so that from there on all go together.
        let ahead = cursors.iter().map(next).filter(|next| *next > first).min();
        let bound = ahead.map_or(head.number, |ahead| ahead - 1);
        // A block that may still be replaced is applied alone, since its images are kept by block.
        let last = if first > finalized { first } else { bound.min(finalized).min(first + self.config.blocks_max - 1) };
        let parent = cursors.iter().find(|cursor| next(cursor) == first).copied().flatten().map(|cursor| cursor.hash);
        let members = (0..cursors.len()).filter(|i| next(&cursors[*i]) == first).collect();
        Ok(Some(Step { first, last, limit: bound.min(finalized), parent, members }))
    }

    async fn fetch(&self, first: u64, last: u64) -> Result<Vec<Block>, IndexError> {
        let blocks = self.source.blocks(first, last, self.config.transactions_max).await?;
        if blocks.first().is_none_or(|block| block.number != first) {
            return Err(IndexError::MissingBlock { number: first });
        }
        Ok(blocks)
    }

    /// The next blocks, had while the present ones are being written. Nothing is lost where they cannot be had yet.
    async fn fetch_ahead(&self, first: u64, last: Option<u64>) -> Option<Vec<Block>> {
        let last = last?;
        let source = Arc::clone(&self.source);
        let most = self.config.transactions_max;
        tokio::spawn(async move { source.blocks(first, last, most).await.ok() }).await.ok().flatten()
    }

    /// Writes blocks and cursors in one transaction. False if the blocks do not follow what is indexed.
    async fn apply(
        &self,
        writer: &mut Unit,
        step: &Step,
        blocks: &[Block],
        finalized: u64,
        head: Head,
    ) -> Result<bool, IndexError> {
        let Some(last) = blocks.last() else {
            return Ok(true);
        };
        if step.parent.is_some_and(|parent| blocks.first().is_some_and(|block| block.parent_hash != parent)) {
            self.roll_back(writer, step.first - 1).await?;
            return Ok(false);
        }
        let undo = Some(last.number).filter(|number| *number > finalized);
        let live = head.number.saturating_sub(step.first) < 64;
        let mut notices = Vec::new();
        writer.begin().await?;
        for projection in step.members.iter().map(|i| &self.projections[*i]) {
            let mut batch = Batch::new(writer, undo, live);
            projection.apply(blocks, &mut batch).await?;
            notices.extend(batch.flush().await?);
            if let Some(number) = undo {
                writer.seal_images(number, projection.name()).await?;
            }
            let cursor =
                vec![projection.name().into(), projection.version().into(), last.number.into(), last.hash.into()];
            writer.insert(&CURSOR, vec![cursor]).await?;
        }
        if undo.is_some() {
            writer.forget_images(finalized).await?;
        }
        writer.commit().await?;
        if step.members.len() == self.projections.len() {
            self.position.send_modify(|position| position.indexed = Some(last.head()));
        }
        for notice in notices {
            // Nobody listening is no failure.
            let _ = self.notices.send(notice);
        }
        Ok(true)
    }

    /// Undoes what the chain has replaced since, also when it has become shorter.
    async fn drop_replaced(&self, writer: &mut Unit, head: Head) -> Result<(), IndexError> {
        let Some(tip) = self.cursor(self.projections[0].as_ref()).await? else {
            return Ok(());
        };
        let replaced = if tip.number > head.number {
            true
        } else if tip.number == head.number {
            tip.hash != head.hash
        } else {
            false
        };
        if replaced { self.roll_back(writer, tip.number).await } else { Ok(()) }
    }

    /// Finds the last block both sides agree on, from `from` downwards, and undoes everything after it.
    async fn roll_back(&self, writer: &mut Unit, from: u64) -> Result<(), IndexError> {
        let mut common = Some(from);
        while let Some(number) = common {
            let indexed = self.store.indexed_hash(number).await?;
            let found = self.source.block(number).await?.map(|block| block.hash);
            if indexed.is_some() && indexed == found {
                break;
            }
            common = number.checked_sub(1);
        }
        tracing::warn!(?common, "the chain has been reorganised; undoing what was replaced");
        let cursor = match common {
            Some(number) => self.store.indexed_hash(number).await?.map(|hash| Cursor { number, hash }),
            None => None,
        };
        writer.begin().await?;
        for projection in &self.projections {
            self.undo(writer, projection.as_ref(), cursor).await?;
        }
        if let Some(cursor) = cursor {
            writer.forget_images_after(cursor.number).await?;
        }
        writer.commit().await?;
        for projection in &self.projections {
            self.store.create(projection.tables()).await?;
        }
        let indexed = self.indexed().await?;
        self.position.send_modify(|position| position.indexed = indexed);
        Ok(())
    }

    async fn undo(&self, writer: &mut Unit, projection: &dyn Projection, to: Option<Cursor>) -> Result<(), IndexError> {
        let Some(at) = self.cursor(projection).await? else {
            return Ok(());
        };
        let Some(to) = to else {
            return Ok(reset(writer, projection).await?);
        };
        if at.number <= to.number {
            return Ok(());
        }
        let whole = projection.tables().iter().all(|table| table.kind == Kind::Append);
        if !whole && !writer.has_images(projection.name(), to.number, at.number).await? {
            return Ok(reset(writer, projection).await?);
        }
        for table in projection.tables() {
            writer.undo(table, to.number).await?;
        }
        let cursor = vec![projection.name().into(), projection.version().into(), to.number.into(), to.hash.into()];
        Ok(writer.insert(&CURSOR, vec![cursor]).await?)
    }
}

#[derive(Debug)]
struct Step {
    first: u64,
    last: u64,
    limit: u64,
    parent: Option<B256>,
    members: Vec<usize>,
}

impl Step {
    fn takes(&self, blocks: &[Block]) -> bool {
        blocks.first().is_some_and(|block| block.number == self.first)
            && blocks.last().is_some_and(|block| block.number <= self.last.max(self.limit))
            && (self.first <= self.limit || blocks.len() == 1)
    }

    /// Up to where to read ahead from `next`, if there is anything final left.
    fn ahead(&self, next: u64, blocks_max: u64) -> Option<u64> {
        (next <= self.limit).then(|| self.limit.min(next + blocks_max - 1))
    }
}

/// Drops a projection's tables and forgets how far it had come.
async fn reset(writer: &mut Unit, projection: &dyn Projection) -> Result<(), StoreError> {
    for table in projection.tables() {
        writer.execute(&format!("DROP TABLE IF EXISTS {}", table.name), vec![]).await?;
    }
    let forget: Vec<Value> = vec![projection.name().into()];
    writer.execute("DELETE FROM index_cursor WHERE name = $1", forget).await?;
    Ok(())
}
