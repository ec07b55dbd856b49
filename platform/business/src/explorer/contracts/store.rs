//! Sources that were found to give the code on chain.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use alloy_json_abi::JsonAbi;
use alloy_primitives::Address;
use platform_api::Problem;
use platform_index::{Column, Kind, Row, Store, StoreError, Table, Value};
use platform_protocol::Decoder;
use serde_json::Value as Json;

use super::compare::Match;

pub(crate) const SOURCES: Table = Table {
    name: "contract_sources",
    kind: Kind::State,
    columns: &[
        Column::blob("address"),
        Column::text("name"),
        Column::text("compiler"),
        Column::text("matched"),
        Column::text("settings"),
        Column::text("sources"),
        Column::text("abi"),
        Column::int("verified_at"),
    ],
    key: 1,
    indexes: &[],
};

/// The sources of a contract.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    pub(super) name: String,
    pub(super) compiler: String,
    pub(super) matched: Match,
    pub(super) settings: Json,
    pub(super) sources: Json,
    pub(super) abi: JsonAbi,
    /// Seconds since 1970.
    pub(super) verified_at: u64,
}

/// The interfaces of verified contracts, for decoding.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    known: RwLock<HashMap<Address, Arc<(String, Decoder)>>>,
    /// Held while a compiler runs.
    pub(super) compiling: tokio::sync::Mutex<()>,
}

impl Verified {
    /// Reads what was verified before.
    pub(crate) async fn open(store: &Store) -> Result<Self, StoreError> {
        let verified = Self::default();
        for row in store.rows("SELECT address, name, abi FROM contract_sources", Vec::new()).await? {
            // What an earlier version wrote and this one can't read only decodes less.
            if let Ok(abi) = serde_json::from_str(&row.text(2)?) {
                verified.insert(row.address(0)?, row.text(1)?, abi);
            }
        }
        Ok(verified)
    }

    pub(super) fn learn(&self, address: Address, sources: &Sources) {
        self.insert(address, sources.name.clone(), sources.abi.clone());
    }

    fn insert(&self, address: Address, name: String, abi: JsonAbi) {
        let entry = Arc::new((name, Decoder::of(abi)));
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(address, entry);
    }

    /// The name and interface of a verified contract.
    pub(crate) fn get(&self, address: Address) -> Option<Arc<(String, Decoder)>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned()
    }
}

pub(super) async fn keep(store: &Store, address: Address, sources: &Sources) -> Result<(), Problem> {
    let text = |json: &Json| Value::from(json.to_string());
    let abi = serde_json::to_string(&sources.abi).map_err(|error| Problem::internal(&error))?;
    let matched = serde_json::to_string(&sources.matched).map_err(|error| Problem::internal(&error))?;
    let row = vec![
        Value::from(address),
        Value::from(sources.name.clone()),
        Value::from(sources.compiler.clone()),
        Value::from(matched),
        text(&sources.settings),
        text(&sources.sources),
        Value::from(abi),
        Value::from(i64::try_from(sources.verified_at).unwrap_or(i64::MAX)),
    ];
    store.put(&SOURCES, row).await?;
    Ok(())
}

pub(super) async fn load(store: &Store, address: Address) -> Result<Option<Sources>, Problem> {
    let sql =
        "SELECT name, compiler, matched, settings, sources, abi, verified_at FROM contract_sources WHERE address = ?";
    match store.row(sql, vec![Value::from(address)]).await? {
        Some(row) => Ok(Some(read(&row)?)),
        None => Ok(None),
    }
}

fn read(row: &Row) -> Result<Sources, Problem> {
    fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
        serde_json::from_str(text).map_err(|error| Problem::internal(&error))
    }
    Ok(Sources {
        name: row.text(0)?,
        compiler: row.text(1)?,
        matched: parsed(&row.text(2)?)?,
        settings: parsed(&row.text(3)?)?,
        sources: parsed(&row.text(4)?)?,
        abi: parsed(&row.text(5)?)?,
        verified_at: row.number(6)?,
    })
}
