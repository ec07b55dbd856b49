//! Channels: by which ways this house tells people, and how well they work.

use std::collections::BTreeMap;

use platform_api::Seal;
use platform_index::{Column, Kind, Row, Store, StoreError, Table, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::carriers::{self, Carrier};
use crate::{Language, now_ms};

pub(crate) const CHANNEL: Table = Table {
    name: "notify_channel",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::text("kind"),
        Column::text("name"),
        Column::int("customers"),
        Column::text("language"),
        // Fields that may be shown, as JSON.
        Column::text("settings"),
        // Fields that may not, as sealed JSON.
        Column::blob("secrets"),
        // The signing secret before the last rotation, sealed, and until when it counts.
        Column::blob("previous").or_null(),
        Column::int("previous_until_ms"),
        Column::int("severity"),
        Column::text("owners"),
        Column::int("wait_minutes"),
        Column::text("state"),
        Column::int("created_ms"),
        Column::text("created_by"),
        Column::int("delivered_ms").or_null(),
        Column::int("failed_ms").or_null(),
        Column::text("fault"),
    ],
    key: 1,
    indexes: &[],
};

const COLUMNS: &str = "id, kind, name, customers, language, settings, secrets, previous, previous_until_ms, severity, \
                       owners, wait_minutes, state, created_ms, created_by, delivered_ms, failed_ms, fault";

/// Channels a house may have.
const CHANNELS_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 64;
/// Longest wait for somebody to acknowledge: a day.
const WAIT_MINUTES_MAX: u32 = 1_440;
/// How long messages are signed with the old secret too, in milliseconds: a day.
const ROTATION_MS: u64 = 86_400_000;

/// Whether a channel is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It is.
    On,
    /// A person switched it off. What waits for it stays.
    Off,
    /// The receiver said that it is gone (410).
    Gone,
}

impl ChannelState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Gone => "gone",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::On, Self::Off, Self::Gone].into_iter().find(|state| state.name() == name)
    }
}

/// What a person says of a channel.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Of which kind.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Whether it carries customers' mail, not alerts.
    pub customers: bool,
    /// In which language.
    pub language: Language,
    /// Fields by name, secret ones too. An empty one is one that was not given.
    pub fields: BTreeMap<String, String>,
    /// The least severity it wants, from 1, which is the gravest, to 5, which is everything.
    pub severity: u8,
    /// The roles whose alerts it wants; all where there are none.
    pub owners: Vec<String>,
    /// For how many minutes nobody must have acknowledged before it is told; zero for at once.
    pub wait_minutes: u32,
    /// Who says so.
    pub by: String,
}

/// A channel, with what it needs to be used.
#[derive(Clone)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Of which kind.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Whether it carries customers' mail, not alerts.
    pub customers: bool,
    /// In which language.
    pub language: Language,
    /// Fields that may be shown.
    pub settings: BTreeMap<String, String>,
    /// The least severity it wants.
    pub severity: u8,
    /// The roles whose alerts it wants; all where there are none.
    pub owners: Vec<String>,
    /// For how many minutes nobody must have acknowledged before it is told.
    pub wait_minutes: u32,
    /// Whether it is used.
    pub state: ChannelState,
    /// Since when, in milliseconds since 1970.
    pub created_ms: u64,
    /// Who made it.
    pub created_by: String,
    /// How it went.
    pub health: Health,
    secrets: Vec<u8>,
    previous: Option<Vec<u8>>,
    previous_until_ms: u64,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// How it went lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// When something was last delivered, in milliseconds since 1970.
    pub delivered_ms: Option<u64>,
    /// When something last failed.
    pub failed_ms: Option<u64>,
    /// What was said of it.
    pub fault: String,
}

/// Why a channel can't be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// What was said of it can't be meant; in words for whoever said it.
    #[error("{0}")]
    Invalid(String),
    /// There is none.
    #[error("there is no channel {0}")]
    Missing(String),
    /// Its secrets don't open with this house's key.
    #[error("the secrets of channel {0} can't be opened with this house's key: enter them again")]
    Sealed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Channel {
    /// What it is checked and carried by.
    #[must_use]
    pub fn carrier(&self) -> Option<&'static dyn Carrier> {
        carriers::of(&self.kind)
    }

    /// Every field, secret ones too.
    ///
    /// # Errors
    /// [`ChannelError::Sealed`].
    pub fn fields(&self, seal: &Seal) -> Result<BTreeMap<String, String>, ChannelError> {
        let sealed = || ChannelError::Sealed(self.id.clone());
        let plain = seal.open(&owner(&self.id), &self.secrets).ok_or_else(sealed)?;
        let secrets: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|_| sealed())?;
        Ok(self.settings.clone().into_iter().chain(secrets).collect())
    }

    /// The signing secret before the last rotation, while it still counts.
    #[must_use]
    pub fn previous(&self, seal: &Seal, now_ms: u64) -> Option<String> {
        let sealed = self.previous.as_ref().filter(|_| now_ms < self.previous_until_ms)?;
        String::from_utf8(seal.open(&owner(&self.id), sealed)?).ok()
    }

    /// Until when the secret before the last rotation counts, in milliseconds since 1970.
    #[must_use]
    pub fn rotates_until(&self, now_ms: u64) -> Option<u64> {
        (self.previous.is_some() && now_ms < self.previous_until_ms).then_some(self.previous_until_ms)
    }

    /// By which people recognise its secrets: a fingerprint for each that is set.
    #[must_use]
    pub fn fingerprints(&self, seal: &Seal) -> BTreeMap<String, String> {
        let Some(carrier) = self.carrier() else { return BTreeMap::new() };
        let fields = self.fields(seal).unwrap_or_default();
        let secret = carrier.fields().iter().filter(|field| field.secret);
        let known =
            secret.filter_map(|field| Some((field.name, fields.get(field.name).filter(|text| !text.is_empty())?)));
        known.map(|(name, text)| (name.to_owned(), seal.fingerprint(text))).collect()
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.kind.as_str().into(),
            self.name.as_str().into(),
            self.customers.into(),
            self.language.tag().into(),
            serde_json::to_string(&self.settings).unwrap_or_default().into(),
            Value::Blob(self.secrets.clone()),
            self.previous.clone().map_or(Value::NoBlob, Value::Blob),
            self.previous_until_ms.into(),
            u64::from(self.severity).into(),
            self.owners.join(" ").into(),
            self.wait_minutes.into(),
            self.state.name().into(),
            self.created_ms.into(),
            self.created_by.as_str().into(),
            self.health.delivered_ms.map_or(Value::NoInt, Into::into),
            self.health.failed_ms.map_or(Value::NoInt, Into::into),
            self.health.fault.as_str().into(),
        ]
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let shape = |what| StoreError::Shape { table: "notify_channel", what };
        let moment = |column| Ok::<_, StoreError>(row.int_or_null(column)?.and_then(|at| u64::try_from(at).ok()));
        let previous = row.blob(7).ok();
        Ok(Self {
            id: row.text(0)?,
            kind: row.text(1)?,
            name: row.text(2)?,
            customers: row.int(3)? != 0,
            language: Language::of(&row.text(4)?).unwrap_or_default(),
            settings: serde_json::from_str(&row.text(5)?).map_err(|_| shape("settings do not read"))?,
            secrets: row.blob(6)?,
            previous: previous.filter(|sealed| !sealed.is_empty()),
            previous_until_ms: row.number(8)?,
            severity: u8::try_from(row.int(9)?).map_err(|_| shape("a severity is none"))?,
            owners: row.text(10)?.split_whitespace().map(str::to_owned).collect(),
            wait_minutes: u32::try_from(row.int(11)?).map_err(|_| shape("a wait is none"))?,
            state: ChannelState::of(&row.text(12)?).ok_or_else(|| shape("a state is not one of ours"))?,
            created_ms: row.number(13)?,
            created_by: row.text(14)?,
            health: Health { delivered_ms: moment(15)?, failed_ms: moment(16)?, fault: row.text(17)? },
        })
    }
}

/// Every channel, oldest first.
///
/// # Errors
/// A store error.
pub async fn list(store: &Store) -> Result<Vec<Channel>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notify_channel ORDER BY created_ms, id");
    store.rows(&sql, vec![]).await?.iter().map(Channel::read).collect()
}

/// A channel.
///
/// # Errors
/// [`ChannelError::Missing`]; a store error.
pub async fn get(store: &Store, id: &str) -> Result<Channel, ChannelError> {
    let sql = format!("SELECT {COLUMNS} FROM notify_channel WHERE id = $1");
    let row = store.row(&sql, vec![id.into()]).await?.ok_or_else(|| ChannelError::Missing(id.to_owned()))?;
    Ok(Channel::read(&row)?)
}

/// Makes a channel. Gives it with the signing secret that was drawn for it, where one was: it cannot be had again.
///
/// # Errors
/// [`ChannelError`].
pub async fn create(
    store: &Store,
    seal: &Seal,
    private: bool,
    new: NewChannel,
) -> Result<(Channel, Option<String>), ChannelError> {
    let all = list(store).await?;
    if all.len() >= CHANNELS_MAX {
        return Err(ChannelError::Invalid(format!("There are {CHANNELS_MAX} channels already; remove one first.")));
    }
    let mut channel = Channel {
        id: format!("ch_{:016x}", rand::random::<u64>()),
        kind: new.kind.clone(),
        name: String::new(),
        customers: new.customers,
        language: new.language,
        settings: BTreeMap::new(),
        severity: 2,
        owners: Vec::new(),
        wait_minutes: 0,
        state: ChannelState::On,
        created_ms: now_ms(),
        created_by: new.by.clone(),
        health: Health::default(),
        secrets: Vec::new(),
        previous: None,
        previous_until_ms: 0,
    };
    let drawn = fill(&mut channel, seal, private, new, BTreeMap::new())?;
    unique(&channel, &all)?;
    store.put(&CHANNEL, channel.values()).await?;
    Ok((channel, drawn))
}

/// Changes a channel. A secret field that is not given stays as it is; a kind never changes.
///
/// # Errors
/// [`ChannelError`].
pub async fn change(
    store: &Store,
    seal: &Seal,
    private: bool,
    id: &str,
    new: NewChannel,
) -> Result<Channel, ChannelError> {
    let mut channel = get(store, id).await?;
    let kept = channel.fields(seal).unwrap_or_default();
    if new.kind != channel.kind {
        return Err(ChannelError::Invalid("A channel's kind can't change; add another channel.".into()));
    }
    fill(&mut channel, seal, private, new, kept)?;
    unique(&channel, &list(store).await?)?;
    store.put(&CHANNEL, channel.values()).await?;
    Ok(channel)
}

/// Draws a new signing secret, or takes the one given. For a day messages are signed with the one before too.
///
/// # Errors
/// [`ChannelError`].
pub async fn rotate(store: &Store, seal: &Seal, id: &str) -> Result<(Channel, String), ChannelError> {
    let mut channel = get(store, id).await?;
    let mut fields = channel.fields(seal)?;
    let signs = channel.carrier().is_some_and(|carrier| carrier.signs());
    let Some(before) = fields.get("secret").filter(|_| signs).cloned() else {
        let reason = "Only webhooks have a secret of ours that can be drawn anew; enter another with a change.";
        return Err(ChannelError::Invalid(reason.into()));
    };
    let drawn = draw();
    fields.insert("secret".into(), drawn.clone());
    keep_secrets(&mut channel, seal, &fields);
    channel.previous = Some(seal.seal(&owner(id), before.as_bytes()));
    channel.previous_until_ms = now_ms() + ROTATION_MS;
    store.put(&CHANNEL, channel.values()).await?;
    Ok((channel, drawn))
}

/// Switches a channel on or off.
///
/// # Errors
/// [`ChannelError`].
pub async fn switch(store: &Store, id: &str, on: bool) -> Result<Channel, ChannelError> {
    let mut channel = get(store, id).await?;
    channel.state = if on { ChannelState::On } else { ChannelState::Off };
    let sql = "UPDATE notify_channel SET state = $1 WHERE id = $2";
    store.execute(sql, vec![channel.state.name().into(), id.into()]).await?;
    Ok(channel)
}

/// Removes a channel, its secrets, and what waited for it.
///
/// # Errors
/// [`ChannelError`].
pub async fn remove(store: &Store, id: &str) -> Result<(), ChannelError> {
    if store.execute("DELETE FROM notify_channel WHERE id = $1", vec![id.into()]).await? == 0 {
        return Err(ChannelError::Missing(id.to_owned()));
    }
    let sql = "UPDATE notify_delivery SET state = 'dropped', reason = 'removed' WHERE channel = $1 AND state IN ('held', 'waiting')";
    store.execute(sql, vec![id.into()]).await?;
    Ok(())
}

pub(crate) async fn mark(store: &Store, id: &str, outcome: Result<(), &str>, now_ms: u64) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => {
            let sql = "UPDATE notify_channel SET delivered_ms = $1, fault = '' WHERE id = $2";
            store.execute(sql, vec![now_ms.into(), id.into()]).await?;
        }
        Err(fault) => {
            let sql = "UPDATE notify_channel SET failed_ms = $1, fault = $2 WHERE id = $3";
            store.execute(sql, vec![now_ms.into(), fault.into(), id.into()]).await?;
        }
    }
    Ok(())
}

pub(crate) async fn mark_gone(store: &Store, id: &str) -> Result<(), StoreError> {
    store.execute("UPDATE notify_channel SET state = 'gone' WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Puts what a person said into a channel, or says what is wrong with it.
fn fill(
    channel: &mut Channel,
    seal: &Seal,
    private: bool,
    new: NewChannel,
    kept: BTreeMap<String, String>,
) -> Result<Option<String>, ChannelError> {
    let invalid = |text: String| Err(ChannelError::Invalid(text));
    let Some(carrier) = carriers::of(&new.kind) else {
        let known: Vec<_> = carriers::all().iter().map(|carrier| carrier.kind()).collect();
        return invalid(format!("{:?} is none of the kinds {}.", new.kind, known.join(", ")));
    };
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return invalid(format!("Give the channel a name of 1 to {NAME_CHARS_MAX} characters."));
    }
    if !(1..=5).contains(&new.severity) {
        return invalid("severity must be 1 (the gravest only) to 5 (everything).".into());
    }
    if new.wait_minutes > WAIT_MINUTES_MAX {
        return invalid(format!("wait_minutes must be at most {WAIT_MINUTES_MAX}, a day."));
    }
    if new.owners.iter().any(|owner| owner.is_empty() || owner.len() > 64 || owner.contains(char::is_whitespace)) {
        return invalid("owners must be names of roles, as rules have them.".into());
    }
    if new.customers && !carrier.carries_customers() {
        return invalid("Only a mail channel can carry customers' messages.".into());
    }
    if let Some(unknown) = new.fields.keys().find(|name| carrier.fields().iter().all(|field| field.name != *name)) {
        let known: Vec<_> = carrier.fields().iter().map(|field| field.name).collect();
        return invalid(format!("{} has no field {unknown:?}; it has {}.", new.kind, known.join(", ")));
    }
    let mut fields = BTreeMap::new();
    let mut drawn = None;
    for field in carrier.fields() {
        let given = new.fields.get(field.name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let before = kept.get(field.name).filter(|_| field.secret).cloned();
        let mut value = given.clone().or(before).unwrap_or_else(|| field.default.to_owned());
        if value.is_empty() && carrier.signs() && field.name == "secret" {
            value = draw();
            drawn = Some(value.clone());
        }
        if value.is_empty() {
            // Customers' mail has no reader of its own.
            if field.optional || (new.customers && field.name == "to") {
                continue;
            }
            return invalid(format!("{} is missing.", field.name));
        }
        if let Some(fault) = field.fault(&value, private) {
            return invalid(fault);
        }
        fields.insert(field.name.to_owned(), value);
    }
    if let Some(fault) = carrier.fault(&fields) {
        return invalid(fault);
    }
    let shown = carrier.fields().iter().filter(|field| !field.secret);
    channel.settings =
        shown.filter_map(|field| Some((field.name.to_owned(), fields.get(field.name)?.clone()))).collect();
    keep_secrets(channel, seal, &fields);
    channel.name = name.to_owned();
    channel.customers = new.customers;
    channel.language = new.language;
    channel.severity = new.severity;
    channel.owners = new.owners;
    channel.wait_minutes = new.wait_minutes;
    Ok(drawn)
}

fn keep_secrets(channel: &mut Channel, seal: &Seal, fields: &BTreeMap<String, String>) {
    let secret = channel.carrier().into_iter().flat_map(|carrier| carrier.fields()).filter(|field| field.secret);
    let secrets: BTreeMap<_, _> = secret.filter_map(|field| Some((field.name, fields.get(field.name)?))).collect();
    let plain = serde_json::to_vec(&secrets).unwrap_or_default();
    channel.secrets = seal.seal(&owner(&channel.id), &plain);
}

fn unique(channel: &Channel, all: &[Channel]) -> Result<(), ChannelError> {
    let taken = all.iter().any(|other| other.id != channel.id && other.name == channel.name);
    if taken {
        return Err(ChannelError::Invalid(format!("Another channel is called {:?} already.", channel.name)));
    }
    let second = channel.customers && all.iter().any(|other| other.id != channel.id && other.customers);
    if second {
        return Err(ChannelError::Invalid("Customers' mail has a channel already; change that one.".into()));
    }
    Ok(())
}

/// A signing secret of Standard Webhooks, of 32 random bytes.
pub(crate) fn draw() -> String {
    use base64::Engine as _;
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 32]>()))
}

fn owner(id: &str) -> String {
    format!("channel/{id}")
}
