//! Queries with a name.

use platform_index::{Store, StoreError};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::parameter::Asked;
use crate::trace::capture::now;
use crate::trace::model::QUERY;
use crate::trace::time;
use crate::trace::validate::Violation;

/// A query that was given a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceQuery)]
pub(crate) struct NamedQueryView {
    /// Its name.
    pub(crate) name: String,
    /// When it was named.
    pub(crate) created_at: String,
    /// Its parameters.
    #[schema(value_type = Object)]
    pub(crate) query: Json,
}

/// Keeps a query. False where the name is taken by another.
pub(in crate::trace) async fn save(store: &Store, name: &str, query: &Map<String, Json>) -> Result<bool, StoreError> {
    if let Some(known) = load(store, name).await? {
        return Ok(known.query == Json::Object(query.clone()));
    }
    let body = Json::Object(query.clone()).to_string();
    store.put(&QUERY, vec![name.into(), body.into(), now().into()]).await?;
    Ok(true)
}

/// A query by its name.
pub(in crate::trace) async fn load(store: &Store, name: &str) -> Result<Option<NamedQueryView>, StoreError> {
    let row = store.row("SELECT name, body, created FROM trace_query WHERE name = $1", vec![name.into()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// Every named query.
pub(in crate::trace) async fn list(store: &Store) -> Result<Vec<NamedQueryView>, StoreError> {
    store.rows("SELECT name, body, created FROM trace_query ORDER BY name", vec![]).await?.iter().map(read).collect()
}

/// Forgets a query. False where there was none.
pub(in crate::trace) async fn delete(store: &Store, name: &str) -> Result<bool, StoreError> {
    Ok(store.execute("DELETE FROM trace_query WHERE name = $1", vec![name.into()]).await? == 1)
}

fn read(row: &platform_index::Row) -> Result<NamedQueryView, StoreError> {
    Ok(NamedQueryView {
        name: row.text(0)?,
        query: serde_json::from_str(&row.text(1)?).unwrap_or_default(),
        created_at: time::text(i64::try_from(row.number(2)?).unwrap_or(i64::MAX)),
    })
}

impl NamedQueryView {
    /// What it asks for.
    pub(in crate::trace) fn asked(&self) -> Result<Asked, Vec<Violation>> {
        let empty = Map::new();
        Asked::of_body(self.query.as_object().unwrap_or(&empty))
    }
}
