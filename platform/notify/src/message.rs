//! What is told, before anybody decided to whom.

use std::collections::BTreeMap;

use platform_index::{Row, StoreError, Table, Value};
use serde::{Deserialize, Serialize};

use crate::outbox::MESSAGE;
use crate::{Language, Words};

/// What a message says about its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It began, or another of its kind joined it.
    Firing,
    /// Somebody looks after it.
    Acknowledged,
    /// It went on.
    Update,
    /// It is over.
    Resolved,
    /// Somebody wants to see whether a channel works.
    Test,
    /// Something a customer wants to hear of.
    Notice,
}

impl Status {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Update => "update",
            Self::Resolved => "resolved",
            Self::Test => "test",
            Self::Notice => "notice",
        }
    }

    /// What a person reads before the title.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Firing, Language::En) => "Alert",
            (Self::Firing, Language::Zh) => "告警",
            (Self::Acknowledged, Language::En) => "Taken care of",
            (Self::Acknowledged, Language::Zh) => "已有人处理",
            (Self::Update, Language::En) => "Update",
            (Self::Update, Language::Zh) => "进展",
            (Self::Resolved, Language::En) => "Over",
            (Self::Resolved, Language::Zh) => "已解除",
            (Self::Test, Language::En) => "Test",
            (Self::Test, Language::Zh) => "测试",
            (Self::Notice, _) => "",
        }
    }
}

/// A message. Its id is made where it is written and never again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id, `msg_` and letters and digits. Ids of one subject written in one millisecond sort by their order.
    pub id: String,
    /// What it is about, such as `incident/3`. Receivers keep messages of one subject together by it.
    pub subject: String,
    /// What it says about it.
    pub status: Status,
    /// From 1, which wakes people up, to 5.
    pub severity: u8,
    /// What found it.
    pub rule: String,
    /// Which role looks after it.
    pub owner: String,
    /// What it happened to. Something grave there keeps lesser things of the same group back.
    pub group: String,
    /// In a line.
    pub title: Words,
    /// In a few.
    pub text: Words,
    /// What it is told apart by.
    pub labels: BTreeMap<String, String>,
    /// The page of the console that shows it, as a path.
    pub link: String,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whether no silence may keep it back.
    pub always: bool,
    /// The only channel it is for, where it is not for all that want it.
    pub to: Option<String>,
    /// The customer it is for, by the id of their delivery.
    pub recipient: Option<String>,
}

impl Message {
    /// The row to write in the transaction in which it happened.
    #[must_use]
    pub fn row(&self) -> (&'static Table, Vec<Value>) {
        (&MESSAGE, self.values("new", self.at_ms))
    }

    pub(crate) fn values(&self, state: &str, due_ms: u64) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.subject.as_str().into(),
            state.into(),
            self.at_ms.into(),
            due_ms.into(),
            serde_json::to_string(self).unwrap_or_default().into(),
        ]
    }

    pub(crate) fn read(row: &Row, column: usize) -> Result<Self, StoreError> {
        let shape = StoreError::Shape { table: "notify_message", what: "a message does not read" };
        serde_json::from_str(&row.text(column)?).map_err(|_| shape)
    }
}
