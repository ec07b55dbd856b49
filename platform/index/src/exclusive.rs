//! Several statements that nobody else's writes come between.

use std::time::Duration;

use sqlx::{Any, Connection, Executor};

use crate::store::{Dialect, prepare};
use crate::{Row, Store, StoreError, Table, Value};

/// How often, and how far apart, the log is tried to be emptied after an erasure.
const LOG_TRIES: u32 = 20;
const LOG_PAUSE: Duration = Duration::from_millis(50);

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

impl Store {
    /// Runs statements that remove what nobody may find again, all or none, and says how many rows they touched. On
    /// SQLite the bytes are overwritten, and the log in which they may still stand is emptied; on PostgreSQL the table
    /// is vacuumed. What a backup or a replica holds is beyond reach from here.
    pub async fn shred(&self, table: &Table, statements: Vec<(&str, Vec<Value>)>) -> Result<u64, StoreError> {
        let mut connection = self.pool().acquire().await?;
        let sqlite = self.dialect() == Dialect::Sqlite;
        if sqlite {
            connection.execute("PRAGMA secure_delete = ON").await?;
        }
        let mut touched = 0;
        let mut unit = connection.begin_with(if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }).await?;
        for (sql, args) in statements {
            touched += prepare(sql, args).execute(&mut *unit).await?.rows_affected();
        }
        unit.commit().await?;
        if sqlite {
            self.empty_log().await?;
            connection.execute("PRAGMA secure_delete = FAST").await?;
        } else {
            prepare(&format!("VACUUM {}", table.name), vec![]).persistent(false).execute(&mut *connection).await?;
        }
        Ok(touched)
    }

    /// Moves SQLite's write-ahead log into the database and empties it. Readers of an older state keep it from being
    /// emptied; then it is tried again, and in the end left to the next time.
    async fn empty_log(&self) -> Result<(), StoreError> {
        for _ in 0..LOG_TRIES {
            let busy = self.int("PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await?;
            if busy == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOG_PAUSE).await;
        }
        tracing::warn!("the database's log could not be emptied after an erasure; it will be at the next one");
        Ok(())
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
