//! Customers who want to be told elsewhere: where to, sealed.

use platform_api::Seal;
use platform_index::{Column, Kind, Row, StoreError, Table, Value};
use serde::{Deserialize, Serialize};

use crate::Language;

pub(crate) const RECIPIENT: Table = Table {
    name: "notify_recipient",
    kind: Kind::State,
    columns: &[Column::text("id"), Column::text("kind"), Column::text("language"), Column::blob("sealed")],
    key: 1,
    indexes: &[],
};

/// By which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientKind {
    /// By the house's mail channel for customers.
    Mail,
    /// To an address of their own.
    Webhook,
}

impl RecipientKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    /// What stands for the channel in deliveries of this kind.
    #[must_use]
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Mail => "customers-mail",
            Self::Webhook => "customers-webhook",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Mail, Self::Webhook].into_iter().find(|kind| kind.name() == name)
    }
}

/// A customer's delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its id, which says nothing about the person.
    pub id: String,
    /// By which way.
    pub kind: RecipientKind,
    /// In which language.
    pub language: Language,
    /// A mail address, or an address on the web.
    pub address: String,
    /// What messages to an address on the web are signed with.
    pub secret: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    address: String,
    secret: String,
}

impl Recipient {
    pub(crate) fn values(&self, seal: &Seal) -> Vec<Value> {
        let sealed = Sealed { address: self.address.clone(), secret: self.secret.clone() };
        let sealed = serde_json::to_vec(&sealed).unwrap_or_default();
        vec![
            self.id.as_str().into(),
            self.kind.name().into(),
            self.language.tag().into(),
            Value::Blob(seal.seal(&owner(&self.id), &sealed)),
        ]
    }

    /// Columns id, kind, language, sealed. None where the house's key does not open it.
    pub(crate) fn read(row: &Row, seal: &Seal) -> Result<Option<Self>, StoreError> {
        let id = row.text(0)?;
        let Some(kind) = RecipientKind::of(&row.text(1)?) else { return Ok(None) };
        let opened = seal.open(&owner(&id), &row.blob(3)?);
        let Some(Sealed { address, secret }) = opened.and_then(|plain| serde_json::from_slice(&plain).ok()) else {
            return Ok(None);
        };
        let language = Language::of(&row.text(2)?).unwrap_or_default();
        Ok(Some(Self { id, kind, language, address, secret }))
    }
}

fn owner(id: &str) -> String {
    format!("recipient/{id}")
}
