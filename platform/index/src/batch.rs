//! The rows a few consecutive blocks add and change, gathered in memory and written at once.
//!
//! State rows are read once, changed in memory as often as the blocks ask, and written once. Where the blocks may
//! still be replaced, the row as it was is written beside it.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::store::{Dialect, Unit};
use crate::{IndexError, Kind, Notice, StoreError, Table, Value};

/// Values in one insert. Enough that the fixed cost of a statement no longer shows; SQLite takes 32,766.
const VALUES_PER_INSERT: usize = 1_800;

/// Notices kept of one batch. A batch with more is a backfill nobody watches row by row.
const NOTICES_MAX: usize = 256;

type Key = Vec<Value>;

#[derive(Debug)]
struct Entry {
    before: Option<Vec<Value>>,
    now: Option<Vec<Value>>,
    changed: bool,
}

#[derive(Debug, Default)]
struct Pending {
    rows: HashMap<Key, Entry>,
    appended: Vec<Vec<Value>>,
}

/// The view a projection has of its tables while blocks are applied.
#[derive(Debug)]
pub struct Batch<'u> {
    unit: &'u mut Unit,
    tables: Vec<(&'static Table, Pending)>,
    undo: Option<u64>,
    notices: Vec<Notice>,
    live: bool,
}

impl<'u> Batch<'u> {
    /// `undo` is the number of the one block this batch holds when that block may still be replaced.
    pub(crate) fn new(unit: &'u mut Unit, undo: Option<u64>, live: bool) -> Self {
        Self { unit, tables: Vec::new(), undo, notices: Vec::new(), live }
    }

    /// The row of a state table under this key, as the blocks so far have left it.
    pub async fn get(&mut self, table: &'static Table, key: Vec<Value>) -> Result<Option<Vec<Value>>, StoreError> {
        debug_assert_eq!(table.kind, Kind::State, "only state tables are read back");
        let slot = self.slot(table);
        if let Some(entry) = self.tables[slot].1.rows.get(&key) {
            return Ok(entry.now.clone());
        }
        let now = self.load(table, key.clone()).await?;
        self.tables[slot].1.rows.insert(key, Entry { before: now.clone(), now: now.clone(), changed: false });
        Ok(now)
    }

    /// Writes a row of a state table. Its first values are the key. A key that was not asked for with [`Self::get`]
    /// is taken to be new.
    pub fn put(&mut self, table: &'static Table, row: Vec<Value>) {
        debug_assert_eq!(row.len(), table.columns.len(), "a row has the columns its table declares");
        let key = row[..table.key].to_vec();
        let slot = self.slot(table);
        let entry = self.tables[slot].1.rows.entry(key).or_insert(Entry { before: None, now: None, changed: false });
        entry.now = Some(row);
        entry.changed = true;
    }

    /// Adds a row to an append table.
    pub fn append(&mut self, table: &'static Table, row: Vec<Value>) {
        debug_assert_eq!(table.kind, Kind::Append, "only append tables take rows without reading them");
        debug_assert_eq!(row.len(), table.columns.len(), "a row has the columns its table declares");
        let slot = self.slot(table);
        self.tables[slot].1.appended.push(row);
    }

    /// Tells those who listen live, once the batch is committed. Not called in a backfill.
    pub fn notify(&mut self, topic: &'static str, data: impl FnOnce() -> Json) {
        if self.live && self.notices.len() < NOTICES_MAX {
            self.notices.push(Notice { topic, data: data() });
        }
    }

    /// Writes everything and gives the notices.
    pub(crate) async fn flush(mut self) -> Result<Vec<Notice>, IndexError> {
        for (table, pending) in std::mem::take(&mut self.tables) {
            let mut rows = pending.appended;
            // Keys are written in order, so that two runs over the same blocks write the same statements.
            let mut changed: Vec<_> = pending.rows.into_iter().filter(|(_, entry)| entry.changed).collect();
            changed.sort_by(|a, b| order(&a.0, &b.0));
            for (key, entry) in changed {
                if let Some(number) = self.undo {
                    self.unit.keep_image(number, table, &key, entry.before.as_deref()).await?;
                }
                rows.extend(entry.now);
            }
            self.unit.insert(table, rows).await?;
        }
        Ok(self.notices)
    }

    fn slot(&mut self, table: &'static Table) -> usize {
        if let Some(slot) = self.tables.iter().position(|(known, _)| known.name == table.name) {
            return slot;
        }
        self.tables.push((table, Pending::default()));
        self.tables.len() - 1
    }

    async fn load(&mut self, table: &Table, key: Key) -> Result<Option<Vec<Value>>, StoreError> {
        let sql = format!("SELECT {} FROM {} WHERE {}", table.column_list(), table.name, table.key_condition());
        let rows = self.unit.rows(&sql, key).await?;
        rows.first().map(|row| row.values(table.columns)).transpose()
    }
}

fn order(a: &[Value], b: &[Value]) -> std::cmp::Ordering {
    let rank = |value: &Value| match value {
        Value::Int(value) => (0, *value, Vec::new()),
        Value::Text(value) => (1, 0, value.as_bytes().to_vec()),
        Value::Blob(value) => (2, 0, value.clone()),
        Value::NoInt | Value::NoText | Value::NoBlob => (3, 0, Vec::new()),
    };
    a.iter().map(rank).cmp(b.iter().map(rank))
}

impl Unit {
    /// Inserts rows, many to a statement. Only two shapes of statement are kept prepared: the full one, and one row.
    pub(crate) async fn insert(&mut self, table: &Table, mut rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let dialect: Dialect = self.dialect();
        let full = (VALUES_PER_INSERT / table.columns.len()).max(1);
        while !rows.is_empty() {
            let rest = rows.split_off(full.min(rows.len()));
            let sql = table.insert(rows.len(), dialect);
            let count = rows.len();
            let args = rows.into_iter().flatten().collect();
            if count == full || count == 1 {
                self.execute(&sql, args).await?;
            } else {
                self.execute_once(&sql, args).await?;
            }
            rows = rest;
        }
        Ok(())
    }
}
