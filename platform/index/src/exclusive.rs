//! Several statements that nobody else's writes come between.

use sqlx::Any;

use crate::store::{Dialect, prepare};
use crate::{Row, Store, StoreError, Table, Value};

/// A transaction that writes. On SQLite it is the only one that does; on PostgreSQL it excludes others from the rows it
/// has locked. Dropped without [`Exclusive::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Exclusive {
    inner: sqlx::Transaction<'static, Any>,
    dialect: Dialect,
}

impl Store {
    /// Begins a transaction that writes.
    pub async fn exclusive(&self) -> Result<Exclusive, StoreError> {
        let dialect = self.dialect();
        // A writer that begins as a reader can lose the race to become one, so say at once that this one writes.
        let begin = if dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        Ok(Exclusive { inner: self.pool().begin_with(begin).await?, dialect })
    }
}

impl Exclusive {
    /// Locks a row until the end. `false` where there is none, and then nothing is locked.
    pub async fn lock(&mut self, table: &Table, key: Vec<Value>) -> Result<bool, StoreError> {
        let lock = if self.dialect == Dialect::Sqlite { "" } else { " FOR UPDATE" };
        let first = table.columns[0].name;
        let sql = format!("SELECT {first} FROM {} WHERE {}{lock}", table.name, table.key_condition());
        Ok(!self.rows(&sql, key).await?.is_empty())
    }

    /// Writes one row, replacing the row of the same key.
    pub async fn put(&mut self, table: &Table, row: Vec<Value>) -> Result<(), StoreError> {
        self.execute(&table.insert(1, Dialect::Postgres), row).await.map(|_| ())
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, StoreError> {
        Ok(prepare(sql, args).execute(&mut *self.inner).await?.rows_affected())
    }

    /// All rows of a query.
    pub async fn rows(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        Ok(prepare(sql, args).fetch_all(&mut *self.inner).await?.into_iter().map(Row::new).collect())
    }

    /// The first row of a query.
    pub async fn row(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Makes what was written last.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}
