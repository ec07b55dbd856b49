//! Wire types of channels.

use std::collections::{BTreeMap, HashMap};

use platform_api::{Seal, calendar::rfc3339};
use platform_notify::carriers::Carrier;
use platform_notify::{
    Channel, ChannelState, Check, Delivery, DeliveryState, Language, Message, NewChannel, Silence, now_ms,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::words::Words;

/// A kind of channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsChannelKind)]
pub(crate) struct KindView {
    /// Its name.
    kind: String,
    /// What a channel of it must be told.
    fields: Vec<FieldView>,
    /// Whether its secret is drawn by the house, and can be drawn anew.
    signs: bool,
    /// Whether it can carry customers' messages.
    carries_customers: bool,
}

/// A field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsChannelField)]
struct FieldView {
    /// Its name.
    name: String,
    /// Whether it is sealed and never shown again.
    secret: bool,
    /// Whether a channel works without.
    optional: bool,
    /// What it is where nothing is said.
    default: String,
    /// The words it must be one of; any text where there are none.
    words: Vec<String>,
    /// Whether it has several lines.
    lines: bool,
}

impl From<&dyn Carrier> for KindView {
    fn from(carrier: &dyn Carrier) -> Self {
        let fields = carrier.fields().iter().map(|field| FieldView {
            name: field.name.to_owned(),
            secret: field.secret,
            optional: field.optional,
            default: field.default.to_owned(),
            words: match field.check {
                Check::OneOf(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                _ => Vec::new(),
            },
            lines: field.check == Check::Pem,
        });
        Self {
            kind: carrier.kind().to_owned(),
            fields: fields.collect(),
            signs: carrier.signs(),
            carries_customers: carrier.carries_customers(),
        }
    }
}

/// A channel. Its secrets are known by their fingerprints only.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsChannel)]
pub(crate) struct ChannelView {
    /// Its id.
    pub(crate) id: String,
    /// Of which kind.
    kind: String,
    /// What people call it.
    name: String,
    /// Whether it carries customers' mail, not alerts.
    customers: bool,
    /// In which language it tells.
    language: Language,
    /// Its fields, without secret ones.
    settings: BTreeMap<String, String>,
    /// By which people recognise each of its secrets.
    fingerprints: BTreeMap<String, String>,
    /// The least severity it wants, from `P1` to `P5`.
    severity: String,
    /// The roles whose alerts it wants; all where there are none.
    owners: Vec<String>,
    /// For how many minutes nobody must have acknowledged before it is told; 0 for at once.
    wait_minutes: u32,
    /// Whether it is used.
    state: ChannelState,
    /// Until when messages are signed with the secret before the last rotation too.
    rotates_until: Option<String>,
    /// Since when.
    created_at: String,
    /// Who made it.
    created_by: String,
    /// When something was last delivered.
    delivered_at: Option<String>,
    /// When something last failed.
    failed_at: Option<String>,
    /// What was said of it; empty where the last message arrived.
    fault: String,
    /// Messages that are kept back.
    held: u64,
    /// Messages on their way.
    waiting: u64,
    /// Messages that were given up.
    failed: u64,
}

pub(crate) type Backlog = HashMap<(String, DeliveryState), u64>;

impl ChannelView {
    pub(crate) fn of(channel: Channel, seal: &Seal, backlog: &Backlog) -> Self {
        let count = |state| backlog.get(&(channel.id.clone(), state)).copied().unwrap_or(0);
        Self {
            fingerprints: channel.fingerprints(seal),
            rotates_until: channel.rotates_until(now_ms()).map(at),
            held: count(DeliveryState::Held),
            waiting: count(DeliveryState::Waiting),
            failed: count(DeliveryState::Dead),
            id: channel.id,
            kind: channel.kind,
            name: channel.name,
            customers: channel.customers,
            language: channel.language,
            settings: channel.settings,
            severity: format!("P{}", channel.severity),
            owners: channel.owners,
            wait_minutes: channel.wait_minutes,
            state: channel.state,
            created_at: at(channel.created_ms),
            created_by: channel.created_by,
            delivered_at: channel.health.delivered_ms.map(at),
            failed_at: channel.health.failed_ms.map(at),
            fault: channel.health.fault,
        }
    }
}

/// What a person says of a channel.
#[derive(Deserialize, ToSchema)]
#[schema(as = OpsChannelBody)]
pub(crate) struct ChannelBody {
    /// Of which kind. It can't change.
    kind: String,
    /// What people call it.
    name: String,
    /// Whether it carries customers' mail, not alerts.
    #[serde(default)]
    customers: bool,
    /// In which language it tells.
    language: Language,
    /// Fields by name, secret ones too. A secret one that is left out stays as it is.
    fields: BTreeMap<String, String>,
    /// The least severity it wants, from `P1` to `P5`.
    severity: String,
    /// The roles whose alerts it wants; all where there are none.
    #[serde(default)]
    owners: Vec<String>,
    /// For how many minutes nobody must have acknowledged before it is told; 0 for at once.
    #[serde(default)]
    wait_minutes: u32,
}

impl std::fmt::Debug for ChannelBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelBody").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl ChannelBody {
    pub(crate) fn new_channel(self, by: String) -> NewChannel {
        let severity = self.severity.strip_prefix('P').and_then(|digit| digit.parse().ok()).unwrap_or(0);
        NewChannel {
            kind: self.kind,
            name: self.name,
            customers: self.customers,
            language: self.language,
            fields: self.fields,
            severity,
            owners: self.owners,
            wait_minutes: self.wait_minutes,
            by,
        }
    }
}

/// A channel and a secret that was drawn for it, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = OpsChannelMade)]
pub(crate) struct MadeView {
    /// The channel.
    pub(crate) channel: ChannelView,
    /// The secret that the receiver checks signatures with, where one was drawn.
    pub(crate) secret: Option<String>,
}

/// Whether a channel is used.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsChannelSwitch)]
pub(crate) struct SwitchBody {
    /// Whether it is.
    pub(crate) on: bool,
}

/// How a test went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsChannelTest)]
pub(crate) struct TestView {
    /// Whether the receiver has it.
    pub(crate) delivered: bool,
    /// What went wrong.
    pub(crate) fault: Option<String>,
}

/// A message on its way to a channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsDelivery)]
pub(crate) struct DeliveryView {
    /// Its id.
    id: String,
    /// The channel's id.
    channel: String,
    /// What it is about, such as `incident/3`.
    subject: String,
    /// What it says about it: `firing`, `acknowledged`, `update` or `resolved`.
    status: String,
    /// From `P1` to `P5`.
    severity: String,
    /// In a line.
    title: Words,
    /// Where the console shows what it is about.
    link: String,
    /// When it was written.
    at: String,
    /// Where it is in its life.
    state: DeliveryState,
    /// Why it is held, was dropped, or failed.
    reason: String,
    /// How often it was tried.
    tries: u64,
    /// When it is tried next, or looked at again.
    next_at: Option<String>,
    /// When it was over.
    done_at: Option<String>,
    /// How many messages were put together in it.
    count: u64,
}

impl From<(Delivery, Message)> for DeliveryView {
    fn from((delivery, message): (Delivery, Message)) -> Self {
        let open = matches!(delivery.state, DeliveryState::Held | DeliveryState::Waiting);
        Self {
            id: format!("{}~{}", delivery.message, delivery.channel),
            next_at: open.then(|| at(delivery.due_ms)),
            done_at: delivery.done_ms.map(at),
            channel: delivery.channel,
            subject: delivery.subject,
            status: delivery.status,
            severity: format!("P{}", message.severity),
            title: Words { en: message.title.en, zh: message.title.zh },
            link: message.link,
            at: at(delivery.at_ms),
            state: delivery.state,
            reason: delivery.reason,
            tries: delivery.tries,
            count: delivery.merged,
        }
    }
}

/// Which deliveries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    /// Of one channel only.
    pub(crate) channel: Option<String>,
    /// In one state only: `held`, `waiting`, `delivered`, `dead` or `dropped`.
    pub(crate) state: Option<String>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// A silence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsSilence)]
pub(crate) struct SilenceView {
    /// Its id.
    id: String,
    /// The rule it is about; every rule where there is none.
    rule: Option<String>,
    /// Who wants it.
    author: String,
    /// Why.
    reason: String,
    /// Since when.
    from: String,
    /// Until when.
    until: String,
    /// Whether it is in force.
    active: bool,
}

impl From<Silence> for SilenceView {
    fn from(silence: Silence) -> Self {
        Self {
            active: silence.until_ms > now_ms(),
            id: silence.id,
            rule: silence.rule,
            author: silence.author,
            reason: silence.reason,
            from: at(silence.from_ms),
            until: at(silence.until_ms),
        }
    }
}

/// What to keep back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsSilenceBody)]
pub(crate) struct SilenceBody {
    /// The rule; every rule where there is none. `monitoring-blind` is never kept back.
    pub(crate) rule: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// For how many minutes.
    pub(crate) minutes: u32,
}

fn at(ms: u64) -> String {
    rfc3339(ms / 1_000)
}
