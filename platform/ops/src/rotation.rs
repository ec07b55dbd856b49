//! Exchanges of the house's own key, as the log has them.
//!
//! They are made while the house is stopped. What their transactions cause is no alert: each is in the log, by its hash,
//! before it is sent.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use platform_index::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::records::{Records, Unit};
use crate::signal::Signal;

const KIND: &str = "rotation";
const SUBJECT: &str = "house/key";

/// An exchange of the house's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyExchange {
    /// Whose rights go.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// Which roles.
    pub roles: Vec<u64>,
    /// The transactions, signed by the old key. None is sent that is not here.
    pub transactions: Vec<B256>,
}

#[derive(Serialize, Deserialize)]
struct Noted {
    state: String,
    #[serde(flatten)]
    exchange: KeyExchange,
}

impl KeyExchange {
    /// Writes into the log what is about to be sent.
    ///
    /// # Errors
    /// A store error: then nothing may be sent.
    pub async fn announce(&self, store: Store) -> Result<(), StoreError> {
        self.write(store, "announced").await
    }

    /// Writes into the log that it is made.
    ///
    /// # Errors
    /// A store error.
    pub async fn made(&self, store: Store) -> Result<(), StoreError> {
        self.write(store, "made").await
    }

    async fn write(&self, store: Store, state: &str) -> Result<(), StoreError> {
        let mut records = Records::open(store).await?;
        let mut unit = Unit::default();
        self.note(&records, &mut unit, state);
        records.write(unit).await
    }

    fn note(&self, records: &Records, unit: &mut Unit, state: &str) {
        let by = self.from.to_checksum(None);
        let body = json!(Noted { state: state.to_owned(), exchange: self.clone() });
        records.note(unit, KIND, SUBJECT, &by, body);
    }
}

/// The transactions that exchanged the house's key, and who signed them.
#[derive(Debug, Default)]
pub(crate) struct Exchanges(BTreeMap<B256, Address>);

impl Exchanges {
    /// Reads the log. An exchange that a kill kept from being written down as made is, once its new key acts for the house.
    pub(crate) async fn of(records: &Records, unit: &mut Unit, operator: Option<Address>) -> Result<Self, StoreError> {
        let entries = records.log("WHERE subject = $1 ORDER BY seq", vec![SUBJECT.to_owned().into()]).await?;
        let mut all = BTreeMap::new();
        let mut announced = None;
        let mut made = BTreeSet::new();
        for entry in entries.into_iter().filter(|entry| entry.kind == KIND) {
            let Ok(Noted { state, exchange }) = serde_json::from_value(entry.body) else { continue };
            all.extend(exchange.transactions.iter().map(|transaction| (*transaction, exchange.from)));
            if state == "made" {
                made.insert(exchange.to);
            } else {
                announced = Some(exchange);
            }
        }
        if let Some(exchange) = announced.filter(|one| Some(one.to) == operator && !made.contains(&one.to)) {
            exchange.note(records, unit, "made");
        }
        Ok(Self(all))
    }

    /// Whether a signal is of one of these transactions.
    pub(crate) fn caused(&self, signal: &Signal) -> bool {
        self.0.get(&signal.transaction) == Some(&signal.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Address = Address::repeat_byte(1);
    const NEW: Address = Address::repeat_byte(2);

    async fn store(directory: &tempfile::TempDir) -> Store {
        Store::open(&format!("sqlite:{}", directory.path().join("log.db").display())).await.unwrap()
    }

    fn exchange() -> KeyExchange {
        KeyExchange { from: OLD, to: NEW, roles: vec![0, 2], transactions: vec![B256::repeat_byte(7)] }
    }

    fn signal(transaction: u8, from: Address) -> Signal {
        Signal { transaction: B256::repeat_byte(transaction), from, ..Signal::default() }
    }

    /// What the log says of exchanges, after the watch was opened with a key.
    async fn opened(store: &Store, operator: Address) -> (Exchanges, Vec<String>) {
        let mut records = Records::open(store.clone()).await.unwrap();
        let mut unit = Unit::default();
        let exchanges = Exchanges::of(&records, &mut unit, Some(operator)).await.unwrap();
        records.write(unit).await.unwrap();
        assert!(records.log_is_intact().await.unwrap());
        let entries = records.log("ORDER BY seq", vec![]).await.unwrap();
        let said = entries.iter().map(|entry| entry.body["state"].as_str().unwrap().to_owned()).collect();
        (exchanges, said)
    }

    #[tokio::test]
    async fn only_what_was_announced_is_known_and_only_by_the_old_key() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        let (before, _) = opened(&store, OLD).await;
        assert!(!before.caused(&signal(7, OLD)), "nothing was announced");
        exchange().announce(store.clone()).await.unwrap();
        let (known, _) = opened(&store, OLD).await;
        assert!(known.caused(&signal(7, OLD)));
        assert!(!known.caused(&signal(8, OLD)), "another transaction of the same key");
        assert!(!known.caused(&signal(7, NEW)));
    }

    #[tokio::test]
    async fn what_a_kill_kept_from_being_written_is_written_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        exchange().announce(store.clone()).await.unwrap();
        assert_eq!(opened(&store, OLD).await.1, ["announced"], "the old key still acts: it was not made");
        assert_eq!(opened(&store, NEW).await.1, ["announced", "made"]);
        assert_eq!(opened(&store, NEW).await.1, ["announced", "made"]);
    }

    #[tokio::test]
    async fn what_was_written_as_made_is_not_written_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        exchange().announce(store.clone()).await.unwrap();
        exchange().made(store.clone()).await.unwrap();
        assert_eq!(opened(&store, NEW).await.1, ["announced", "made"]);
    }
}
