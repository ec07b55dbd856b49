//! The database behind the platform: SQLite by default, PostgreSQL by its address.

use alloy_primitives::{Address, B256, U256};
use sqlx::any::{AnyPoolOptions, AnyRow, install_default_drivers};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, AssertSqlSafe, Executor, Row as _};

use crate::value::AnyQuery;
use crate::{Column, StoreError, Table, Type, Value};

/// Which engine a store speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.24 or later.
    Sqlite,
    /// PostgreSQL 12 or later.
    Postgres,
}

impl Dialect {
    pub(crate) const fn type_name(self, ty: Type) -> &'static str {
        match (ty, self) {
            (Type::Int, _) => "BIGINT",
            (Type::Text, _) => "TEXT",
            (Type::Blob, Self::Sqlite) => "BLOB",
            (Type::Blob, Self::Postgres) => "BYTEA",
        }
    }

    /// SQLite keeps the rows of a table with a compound key in the key's own tree.
    pub(crate) const fn table_suffix(self, key: usize) -> &'static str {
        match self {
            Self::Sqlite if key > 1 => " WITHOUT ROWID",
            _ => "",
        }
    }

    /// SQLite looks named parameters up one by one, so long inserts use its nameless ones.
    pub(crate) fn push_placeholder(self, sql: &mut String, number: usize) {
        match self {
            Self::Sqlite => sql.push('?'),
            Self::Postgres => {
                sql.push('$');
                sql.push_str(&number.to_string());
            }
        }
    }
}

/// A pool of connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
}

impl Store {
    /// Opens the database at `url` (`sqlite:path` or `postgres://…`), making a SQLite file that is not there yet.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        install_default_drivers();
        let (dialect, address) = match url.split_once(':') {
            Some(("sqlite", path)) => (Dialect::Sqlite, sqlite_address(path)),
            Some(("postgres" | "postgresql", _)) => (Dialect::Postgres, url.to_owned()),
            _ => {
                return Err(StoreError::UnknownEngine { url: url.split('@').next_back().unwrap_or(url).to_owned() });
            }
        };
        let options = AnyPoolOptions::new().max_connections(8).after_connect(move |connection, _| {
            Box::pin(async move {
                if dialect == Dialect::Sqlite {
                    connection.execute(PRAGMAS).await?;
                }
                Ok(())
            })
        });
        Ok(Self { pool: options.connect(&address).await?, dialect })
    }

    /// Which engine this is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The connections.
    pub(crate) const fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Makes the tables that are not there.
    pub async fn create(&self, tables: &[Table]) -> Result<(), StoreError> {
        for statement in tables.iter().flat_map(|table| table.create(self.dialect)) {
            self.execute(&statement, vec![]).await?;
        }
        Ok(())
    }

    /// Runs a statement and says how many rows it touched. Parameters are `$1`, `$2` ….
    pub async fn execute(&self, sql: &str, args: Vec<Value>) -> Result<u64, StoreError> {
        Ok(prepare(sql, args).execute(&self.pool).await?.rows_affected())
    }

    /// All rows of a query.
    pub async fn rows(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        Ok(prepare(sql, args).fetch_all(&self.pool).await?.into_iter().map(Row).collect())
    }

    /// The first row of a query.
    pub async fn row(&self, sql: &str, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(prepare(sql, args).fetch_optional(&self.pool).await?.map(Row))
    }

    /// The one integer a query returns, such as a count. Zero where it returns nothing.
    pub async fn int(&self, sql: &str, args: Vec<Value>) -> Result<i64, StoreError> {
        self.row(sql, args).await?.map_or(Ok(0), |row| row.int(0))
    }

    /// Writes one row of a table, replacing the row of the same key.
    pub async fn put(&self, table: &Table, row: Vec<Value>) -> Result<(), StoreError> {
        self.execute(&table.insert(1, Dialect::Postgres), row).await.map(|_| ())
    }

    /// Writes rows of several tables in one transaction: all of them or, after an error, none. Rows of a key that is
    /// there are replaced.
    pub async fn write(&self, rows: Vec<(&Table, Vec<Vec<Value>>)>) -> Result<(), StoreError> {
        let mut unit = self.writer().await?;
        unit.begin().await?;
        let written = unit.write(rows).await;
        if written.is_err() {
            let _ = unit.rollback().await;
        }
        written
    }

    /// A connection kept for writing, so that its prepared statements stay warm.
    pub(crate) async fn writer(&self) -> Result<Unit, StoreError> {
        Ok(Unit { connection: self.pool.acquire().await?, dialect: self.dialect })
    }
}

/// A connection in whose transactions the index writes.
#[derive(Debug)]
pub struct Unit {
    connection: PoolConnection<Any>,
    dialect: Dialect,
}

impl Unit {
    /// Which engine this is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction. A transaction that an earlier failure or cancellation left open is rolled back first.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        let _ = self.connection.execute("ROLLBACK").await;
        // A writer that begins as a reader can lose the race to become one, so say at once that this one writes.
        let begin = if self.dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.connection.execute(begin).await?;
        Ok(())
    }

    async fn write(&mut self, rows: Vec<(&Table, Vec<Vec<Value>>)>) -> Result<(), StoreError> {
        for (table, rows) in rows {
            self.insert(table, rows).await?;
        }
        self.commit().await
    }

    async fn rollback(&mut self) -> Result<(), StoreError> {
        self.connection.execute("ROLLBACK").await?;
        Ok(())
    }

    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.execute("COMMIT").await?;
        Ok(())
    }

    /// Runs a statement.
    pub async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64, StoreError> {
        Ok(prepare(sql, args).execute(&mut *self.connection).await?.rows_affected())
    }

    /// Runs a statement that will hardly come again in this shape.
    pub(crate) async fn execute_once(&mut self, sql: &str, args: Vec<Value>) -> Result<(), StoreError> {
        prepare(sql, args).persistent(false).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// All rows of a query.
    pub async fn rows(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        Ok(prepare(sql, args).fetch_all(&mut *self.connection).await?.into_iter().map(Row).collect())
    }
}

/// A row of a query.
pub struct Row(AnyRow);

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({} columns)", self.0.len())
    }
}

impl Row {
    pub(crate) const fn new(row: AnyRow) -> Self {
        Self(row)
    }

    /// An integer.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// An integer, or nothing.
    pub fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// An integer that is never negative.
    pub fn number(&self, column: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| shape("a number is negative"))
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// Text, or nothing.
    pub fn text_or_null(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// An address, kept as its 20 bytes.
    pub fn address(&self, column: usize) -> Result<Address, StoreError> {
        Address::try_from(self.blob(column)?.as_slice()).map_err(|_| shape("an address is not 20 bytes"))
    }

    /// An address, or nothing.
    pub fn address_or_null(&self, column: usize) -> Result<Option<Address>, StoreError> {
        let bytes: Option<Vec<u8>> = self.0.try_get(column)?;
        bytes
            .map(|bytes| Address::try_from(bytes.as_slice()).map_err(|_| shape("an address is not 20 bytes")))
            .transpose()
    }

    /// A hash, kept as its 32 bytes.
    pub fn hash(&self, column: usize) -> Result<B256, StoreError> {
        B256::try_from(self.blob(column)?.as_slice()).map_err(|_| shape("a hash is not 32 bytes"))
    }

    /// A 256-bit integer, kept as its decimal digits.
    pub fn amount(&self, column: usize) -> Result<U256, StoreError> {
        U256::from_str_radix(&self.text(column)?, 10).map_err(|_| shape("an amount is not a decimal number"))
    }

    /// The row as values, by the columns a table declares.
    pub fn values(&self, columns: &[Column]) -> Result<Vec<Value>, StoreError> {
        columns.iter().enumerate().map(|(i, column)| self.value(i, column.ty)).collect()
    }

    fn value(&self, column: usize, ty: Type) -> Result<Value, StoreError> {
        Ok(match ty {
            Type::Int => self.0.try_get::<Option<i64>, _>(column)?.map_or(Value::NoInt, Value::Int),
            Type::Text => self.0.try_get::<Option<String>, _>(column)?.map_or(Value::NoText, Value::Text),
            Type::Blob => self.0.try_get::<Option<Vec<u8>>, _>(column)?.map_or(Value::NoBlob, Value::Blob),
        })
    }
}

const fn shape(what: &'static str) -> StoreError {
    StoreError::Shape { table: "(query)", what }
}

/// The address of a SQLite file, made if it is not there. Signs that mean something in an address are written out.
fn sqlite_address(path: &str) -> String {
    let path = path.trim_start_matches("//").replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{path}?mode=rwc")
}

const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 30000; \
                       PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; \
                       PRAGMA secure_delete = FAST; PRAGMA mmap_size = 268435456";

// Every statement is made of our own table and column names; what people give travels in `args`.
pub(crate) fn prepare(sql: &str, args: Vec<Value>) -> AnyQuery<'static> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    args.into_iter().fold(query, |query, value| value.bind(query))
}
