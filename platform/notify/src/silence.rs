//! Silences: a person keeps messages back for a while, and says why.

use platform_index::{Column, Kind, Row, StoreError, Table, Value};

use crate::Message;

pub(crate) const SILENCE: Table = Table {
    name: "notify_silence",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        // Empty for every rule.
        Column::text("rule"),
        Column::text("author"),
        Column::text("reason"),
        Column::int("from_ms"),
        Column::int("until_ms"),
    ],
    key: 1,
    indexes: &[("notify_silence_until", "until_ms")],
};

/// A silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Its id.
    pub id: String,
    /// The rule it is about; every rule where there is none.
    pub rule: Option<String>,
    /// Who wants it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub from_ms: u64,
    /// Until when.
    pub until_ms: u64,
}

impl Silence {
    /// Whether it keeps a message back at a moment.
    #[must_use]
    pub fn covers(&self, message: &Message, now_ms: u64) -> bool {
        let about = self.rule.as_ref().is_none_or(|rule| *rule == message.rule);
        about && !message.always && (self.from_ms..self.until_ms).contains(&now_ms)
    }

    pub(crate) fn values(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.rule.clone().unwrap_or_default().into(),
            self.author.as_str().into(),
            self.reason.as_str().into(),
            self.from_ms.into(),
            self.until_ms.into(),
        ]
    }

    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text(0)?,
            rule: Some(row.text(1)?).filter(|rule| !rule.is_empty()),
            author: row.text(2)?,
            reason: row.text(3)?,
            from_ms: row.number(4)?,
            until_ms: row.number(5)?,
        })
    }
}
