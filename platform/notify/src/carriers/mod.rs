//! The kinds of channel, behind one trait: what each must be told, and how it carries a message.

mod alertmanager;
mod chat;
mod mail;
mod pagerduty;
mod telegram;
mod webhook;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use platform_api::mac;

use crate::reach::Answer;
use crate::{Field, Language, Message, Reach, Status};

pub(crate) use webhook::Webhook;

/// A kind of channel.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Its name.
    fn kind(&self) -> &'static str;

    /// What a channel of it must be told.
    fn fields(&self) -> &'static [Field];

    /// How many messages its receivers take at once, and how many more each second.
    fn pace(&self) -> (f64, f64);

    /// What is wrong with fields that are right one by one.
    fn fault(&self, _fields: &BTreeMap<String, String>) -> Option<String> {
        None
    }

    /// Whether it signs with a secret that this house draws.
    fn signs(&self) -> bool {
        false
    }

    /// Whether it can carry messages to customers.
    fn carries_customers(&self) -> bool {
        false
    }

    /// Carries a message, and returns once the receiver has it.
    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble>;
}

/// A message with all that carrying it takes.
#[derive(Clone)]
pub struct Parcel {
    /// The message.
    pub message: Message,
    /// In which language.
    pub language: Language,
    /// The channel's fields, secret ones too.
    pub fields: BTreeMap<String, String>,
    /// The signing secret before, while both count.
    pub previous: Option<String>,
    /// What the house is called.
    pub house: String,
    /// Where its console is, such as `https://shop.example`, without a slash at the end.
    pub site: String,
    /// How many messages were put together in this one.
    pub merged: u64,
    /// When it is carried, in milliseconds since 1970.
    pub now_ms: u64,
    /// The customer's mail address, where it goes to one.
    pub to: Option<String>,
    /// Where the customer can end this with one click.
    pub unsubscribe: Option<String>,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parcel").field("message", &self.message.id).finish_non_exhaustive()
    }
}

impl Parcel {
    /// A field, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Where the console shows it.
    pub(crate) fn link(&self) -> String {
        format!("{}{}", self.site, self.message.link)
    }

    /// What it says, in a line.
    pub(crate) fn headline(&self) -> String {
        let title = self.message.title.r#in(self.language);
        match self.message.status {
            Status::Notice => title.to_owned(),
            status => {
                let colon = if self.language == Language::Zh { "：" } else { ": " };
                format!("[P{}] {}{colon}{title}", self.message.severity, status.words(self.language))
            }
        }
    }

    /// What it says, in full, without the headline.
    pub(crate) fn body(&self) -> String {
        let mut lines = vec![self.message.text.r#in(self.language).to_owned()];
        if self.merged > 1 {
            lines.push(match self.language {
                Language::En => format!("{} more of the same, put together in this message.", self.merged - 1),
                Language::Zh => format!("另有 {} 条同类告警合并在这条消息里。", self.merged - 1),
            });
        }
        lines.extend(self.message.labels.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(self.link());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// When it was written, after RFC 3339.
    pub(crate) fn at(&self) -> String {
        platform_api::calendar::rfc3339(self.message.at_ms / 1_000)
    }

    /// The same text with every secret of the channel left out.
    pub(crate) fn scrub(&self, text: String) -> String {
        let carrier = all().iter().flat_map(|carrier| carrier.fields()).filter(|field| field.secret);
        let mut scrubbed = text;
        let mut leave_out = |secret: &str| {
            if secret.len() >= 4 {
                scrubbed = scrubbed.replace(secret, "…");
            }
        };
        for field in carrier {
            leave_out(self.field(field.name));
        }
        for secret in self.previous.iter().chain(&self.to) {
            leave_out(secret);
        }
        scrubbed
    }
}

/// Why a message was not carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It may go another time.
    Later {
        /// What went wrong.
        what: String,
        /// When the receiver wants to be asked again.
        after: Option<Duration>,
    },
    /// It will not go: sending it again as it is makes no sense.
    Never {
        /// What went wrong.
        what: String,
    },
    /// The receiver is gone and asks not to be told any more.
    Gone,
}

impl Trouble {
    pub(crate) fn later(what: impl Into<String>) -> Self {
        Self::Later { what: what.into(), after: None }
    }

    pub(crate) fn never(what: impl Into<String>) -> Self {
        Self::Never { what: what.into() }
    }

    /// What went wrong.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Later { what, .. } | Self::Never { what } => what,
            Self::Gone => "the receiver says that it is gone (410)",
        }
    }
}

/// Every kind.
#[must_use]
pub fn all() -> &'static [&'static dyn Carrier] {
    const ALL: &[&dyn Carrier] = &[
        &webhook::Webhook,
        &mail::Mail,
        &chat::Slack,
        &telegram::Telegram,
        &chat::Feishu,
        &chat::DingTalk,
        &chat::WeCom,
        &pagerduty::PagerDuty,
        &alertmanager::Alertmanager,
    ];
    ALL
}

/// The kind of a name.
#[must_use]
pub fn of(kind: &str) -> Option<&'static dyn Carrier> {
    all().iter().find(|carrier| carrier.kind() == kind).copied()
}

/// What an HTTP status means where the receiver says no more.
pub(crate) fn by_status(answer: &Answer) -> Result<(), Trouble> {
    match answer.status {
        200..=299 => Ok(()),
        410 => Err(Trouble::Gone),
        429 | 503 => Err(Trouble::Later { what: format!("it answered {}", answer.status), after: answer.retry_after }),
        // What is misconfigured today may be mended tomorrow.
        status => Err(Trouble::later(format!("it answered {status}{}", said(&answer.body)))),
    }
}

/// The beginning of what a receiver said, for people.
pub(crate) fn said(body: &str) -> String {
    const CHARS_MAX: usize = 160;
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(CHARS_MAX).collect();
    if line.is_empty() { line } else { format!(": {line}") }
}

/// A text of at most so many bytes, cut between characters.
pub(crate) fn clipped(text: &str, bytes_max: usize) -> String {
    const MORE: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let mut end = bytes_max.saturating_sub(MORE.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MORE}", &text[..end])
}
