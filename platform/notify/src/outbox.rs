//! The tables behind it all, and the life of a delivery.

use platform_index::{Column, Kind, Row, StoreError, Table, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) const MESSAGE: Table = Table {
    name: "notify_message",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::text("subject"),
        // new, routed, or merged into a later one.
        Column::text("state"),
        Column::int("at_ms"),
        Column::int("due_ms"),
        Column::text("body"),
    ],
    key: 1,
    indexes: &[("notify_message_due", "state, due_ms"), ("notify_message_subject", "subject")],
};

pub(crate) const SUBJECT: Table = Table {
    name: "notify_subject",
    kind: Kind::State,
    columns: &[
        Column::text("subject"),
        // open, acknowledged or closed.
        Column::text("state"),
        Column::int("severity"),
        Column::text("grouped"),
        Column::int("told_ms"),
    ],
    key: 1,
    indexes: &[("notify_subject_open", "state, grouped")],
};

pub(crate) const DELIVERY: Table = Table {
    name: "notify_delivery",
    kind: Kind::State,
    columns: &[
        Column::text("message"),
        Column::text("channel"),
        Column::text("subject"),
        Column::text("status"),
        Column::text("recipient").or_null(),
        Column::int("at_ms"),
        Column::text("state"),
        // Why it is held, was dropped, or failed.
        Column::text("reason"),
        Column::int("due_ms"),
        Column::int("tries"),
        Column::int("done_ms").or_null(),
        // How many messages were put together in this one.
        Column::int("merged"),
    ],
    key: 2,
    indexes: &[
        ("notify_delivery_due", "state, due_ms"),
        ("notify_delivery_subject", "channel, subject"),
        ("notify_delivery_at", "at_ms"),
        ("notify_delivery_recipient", "recipient"),
    ],
};

/// Every table.
pub const TABLES: &[Table] =
    &[MESSAGE, SUBJECT, DELIVERY, crate::channel::CHANNEL, crate::silence::SILENCE, crate::recipient::RECIPIENT];

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Kept back: by a silence, by something graver, or until it is clear that nobody acknowledges.
    Held,
    /// On its way; tried again until it arrives.
    Waiting,
    /// The receiver said that it has it.
    Delivered,
    /// Given up after the last try, or refused for good. A person may send it again.
    Dead,
    /// No longer worth telling.
    Dropped,
}

impl DeliveryState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Held, Self::Waiting, Self::Delivered, Self::Dead, Self::Dropped]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A message on its way to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The message.
    pub message: String,
    /// The channel.
    pub channel: String,
    /// What it is about.
    pub subject: String,
    /// What it says about it.
    pub status: String,
    /// The customer it is for.
    pub recipient: Option<String>,
    /// When the message was written, in milliseconds since 1970.
    pub at_ms: u64,
    /// Where it is in its life.
    pub state: DeliveryState,
    /// Why it is held, was dropped, or failed.
    pub reason: String,
    /// When it is tried next, in milliseconds since 1970.
    pub due_ms: u64,
    /// How often it was tried.
    pub tries: u64,
    /// When it was over, in milliseconds since 1970.
    pub done_ms: Option<u64>,
    /// How many messages were put together in this one; 1 for a message alone.
    pub merged: u64,
}

impl Delivery {
    pub(crate) fn values(&self) -> Vec<Value> {
        vec![
            self.message.as_str().into(),
            self.channel.as_str().into(),
            self.subject.as_str().into(),
            self.status.as_str().into(),
            self.recipient.clone().map_or(Value::NoText, Value::Text),
            self.at_ms.into(),
            self.state.name().into(),
            self.reason.as_str().into(),
            self.due_ms.into(),
            self.tries.into(),
            self.done_ms.map_or(Value::NoInt, Into::into),
            self.merged.into(),
        ]
    }

    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let shape = StoreError::Shape { table: "notify_delivery", what: "a state is not one of ours" };
        Ok(Self {
            message: row.text(0)?,
            channel: row.text(1)?,
            subject: row.text(2)?,
            status: row.text(3)?,
            recipient: row.text_or_null(4)?,
            at_ms: row.number(5)?,
            state: DeliveryState::of(&row.text(6)?).ok_or(shape)?,
            reason: row.text(7)?,
            due_ms: row.number(8)?,
            tries: row.number(9)?,
            done_ms: row.int_or_null(10)?.and_then(|at| u64::try_from(at).ok()),
            merged: row.number(11)?,
        })
    }
}

/// The columns of a delivery, as [`Delivery::read`] wants them, of a table called `d`.
pub(crate) const COLUMNS: &str = "d.message, d.channel, d.subject, d.status, d.recipient, d.at_ms, d.state, d.reason, d.due_ms, d.tries, \
     d.done_ms, d.merged";
