//! Images of rows, by which blocks that were replaced are undone.

use alloy_primitives::B256;

use crate::store::{Store, Unit};
use crate::{Column, Kind, StoreError, Table, Value};

pub(crate) const UNDO: Table = Table {
    name: "index_undo",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::text("table_name"),
        Column::text("row_key"),
        Column::text("image").or_null(),
    ],
    key: 3,
    indexes: &[],
};

/// The table name under which a block says that all its images are there.
const COMPLETE: &str = "";

impl Unit {
    pub(crate) async fn keep_image(
        &mut self,
        number: u64,
        table: &Table,
        key: &[Value],
        before: Option<&[Value]>,
    ) -> Result<(), StoreError> {
        let image = before.map(serde_json::to_string).transpose()?.map_or(Value::NoText, Value::Text);
        let key = serde_json::to_string(key)?;
        self.insert(&UNDO, vec![vec![number.into(), table.name.into(), key.into(), image]]).await
    }

    /// Says that a projection's images of a block are all there.
    pub(crate) async fn seal_images(&mut self, number: u64, projection: &str) -> Result<(), StoreError> {
        self.insert(&UNDO, vec![vec![number.into(), COMPLETE.into(), projection.into(), Value::NoText]]).await
    }

    /// Forgets images of blocks that can no longer be replaced.
    pub(crate) async fn forget_images(&mut self, finalized: u64) -> Result<(), StoreError> {
        self.execute("DELETE FROM index_undo WHERE block_number <= $1", vec![finalized.into()]).await.map(|_| ())
    }

    /// Whether every block in `(after, upto]` has the images of a projection.
    pub(crate) async fn has_images(&mut self, projection: &str, after: u64, upto: u64) -> Result<bool, StoreError> {
        let rows = self
            .rows(
                "SELECT COUNT(*) FROM index_undo WHERE table_name = $1 AND row_key = $2 \
                 AND block_number > $3 AND block_number <= $4",
                vec![COMPLETE.into(), projection.into(), after.into(), upto.into()],
            )
            .await?;
        let count = rows.first().map_or(Ok(0), |row| row.number(0))?;
        Ok(count == upto - after)
    }

    /// Puts a table back to what it was after block `after`.
    pub(crate) async fn undo(&mut self, table: &Table, after: u64) -> Result<(), StoreError> {
        if table.kind == Kind::Append {
            let sql = format!("DELETE FROM {} WHERE block_number > $1", table.name);
            return self.execute(&sql, vec![after.into()]).await.map(|_| ());
        }
        let images = self
            .rows(
                "SELECT row_key, image FROM index_undo WHERE table_name = $1 AND block_number > $2 \
                 ORDER BY block_number DESC",
                vec![table.name.into(), after.into()],
            )
            .await?;
        for image in images {
            let key: Vec<Value> = serde_json::from_str(&image.text(0)?)?;
            match image.text_or_null(1)? {
                Some(row) => self.insert(table, vec![serde_json::from_str(&row)?]).await?,
                None => {
                    let sql = format!("DELETE FROM {} WHERE {}", table.name, table.key_condition());
                    self.execute(&sql, key).await?;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn forget_images_after(&mut self, after: u64) -> Result<(), StoreError> {
        self.execute("DELETE FROM index_undo WHERE block_number > $1", vec![after.into()]).await.map(|_| ())
    }
}

impl Store {
    /// The hash of an indexed block.
    pub(crate) async fn indexed_hash(&self, number: u64) -> Result<Option<B256>, StoreError> {
        let row = self.row("SELECT hash FROM index_block WHERE block_number = $1", vec![number.into()]).await?;
        row.map(|row| row.hash(0)).transpose()
    }
}
