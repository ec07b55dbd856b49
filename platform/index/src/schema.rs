//! Tables, declared once: their DDL, their inserts and their undoing all derive from the declaration.

use crate::store::Dialect;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// 64-bit integer.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// Whether it may hold nothing.
    pub nullable: bool,
}

impl Column {
    /// An integer column.
    #[must_use]
    pub const fn int(name: &'static str) -> Self {
        Self { name, ty: Type::Int, nullable: false }
    }

    /// A text column.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self { name, ty: Type::Text, nullable: false }
    }

    /// A column of bytes.
    #[must_use]
    pub const fn blob(name: &'static str) -> Self {
        Self { name, ty: Type::Blob, nullable: false }
    }

    /// The same column, which may hold nothing.
    #[must_use]
    pub const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// How rows of a table come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows are added once and belong to a block: there is a column `block_number`. Undone by deleting them.
    Append,
    /// Rows are replaced as the chain goes on. Undone from images. The key is the first `key` columns.
    State,
}

/// A table of a projection.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name.
    pub name: &'static str,
    /// How rows come and go.
    pub kind: Kind,
    /// Columns.
    pub columns: &'static [Column],
    /// How many of the first columns are the primary key.
    pub key: usize,
    /// Further indexes: name and columns.
    pub indexes: &'static [(&'static str, &'static str)],
}

impl Table {
    /// The statements that make the table if it is not there.
    #[must_use]
    pub fn create(&self, dialect: Dialect) -> Vec<String> {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let null = if column.nullable { "" } else { " NOT NULL" };
                format!("{} {}{null}", column.name, dialect.type_name(column.ty))
            })
            .collect();
        let table = format!(
            "CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({})){}",
            self.name,
            columns.join(", "),
            self.key_columns().join(", "),
            dialect.table_suffix(self.key),
        );
        let indexes = self
            .indexes
            .iter()
            .map(|(name, columns)| format!("CREATE INDEX IF NOT EXISTS {name} ON {} ({columns})", self.name));
        std::iter::once(table).chain(indexes).collect()
    }

    /// Names of the key columns.
    #[must_use]
    pub fn key_columns(&self) -> Vec<&'static str> {
        self.columns.iter().take(self.key).map(|column| column.name).collect()
    }

    /// Names of all columns, separated by commas.
    #[must_use]
    pub fn column_list(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// An insert of `rows` rows at once, which replaces rows of the same key.
    #[must_use]
    pub(crate) fn insert(&self, rows: usize, dialect: Dialect) -> String {
        let width = self.columns.len();
        let mut sql = format!("INSERT INTO {} ({}) VALUES ", self.name, self.column_list());
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..width {
                if column > 0 {
                    sql.push(',');
                }
                dialect.push_placeholder(&mut sql, row * width + column + 1);
            }
            sql.push(')');
        }
        sql.push_str(&format!(" ON CONFLICT ({}) DO ", self.key_columns().join(", ")));
        let rest: Vec<String> =
            self.columns.iter().skip(self.key).map(|column| format!("{0} = excluded.{0}", column.name)).collect();
        sql.push_str(&if rest.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", rest.join(", ")) });
        sql
    }

    /// The condition that picks one row by its key.
    #[must_use]
    pub(crate) fn key_condition(&self) -> String {
        let parts: Vec<String> =
            self.key_columns().iter().enumerate().map(|(i, name)| format!("{name} = ${}", i + 1)).collect();
        parts.join(" AND ")
    }
}
