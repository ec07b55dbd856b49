//! What staff and customers ask of whoever carries: channels, what is on its way on them, silences, and where customers
//! want to be told.

use std::collections::HashMap;
use std::sync::PoisonError;

use platform_api::{Cursor, Limit, Page, Problem};
use platform_index::{StoreError, Value};

use super::{Notifier, Unready};
use crate::channel::{self, Channel, ChannelError, NewChannel};
use crate::outbox::COLUMNS;
use crate::recipient::Recipient;
use crate::{Delivery, DeliveryState, Message, Silence, Status, Words, now_ms};

/// How long a silence may last, in milliseconds: 30 days.
const SILENCE_MS_MAX: u64 = 30 * 86_400_000;
const REASON_CHARS_MAX: usize = 500;

impl Notifier {
    /// Every channel, oldest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        channel::list(&self.store).await
    }

    /// A channel.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn channel(&self, id: &str) -> Result<Channel, ChannelError> {
        channel::get(&self.store, id).await
    }

    /// Makes a channel; see [`channel::create`].
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn add(&self, new: NewChannel) -> Result<(Channel, Option<String>), ChannelError> {
        channel::create(&self.store, &self.seal, self.reach.is_private(), new).await
    }

    /// Changes a channel; a secret that is not given stays.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn change(&self, id: &str, new: NewChannel) -> Result<Channel, ChannelError> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        channel::change(&self.store, &self.seal, self.reach.is_private(), id, new).await
    }

    /// Draws a new signing secret. For a day messages carry signatures of both.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn rotate(&self, id: &str) -> Result<(Channel, String), ChannelError> {
        channel::rotate(&self.store, &self.seal, id).await
    }

    /// Switches a channel on or off.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn switch(&self, id: &str, on: bool) -> Result<Channel, ChannelError> {
        let channel = channel::switch(&self.store, id, on).await?;
        self.wake();
        Ok(channel)
    }

    /// Removes a channel, its secrets, and what waited for it.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn remove(&self, id: &str) -> Result<(), ChannelError> {
        channel::remove(&self.store, id).await
    }

    /// Sends a test to a channel at once, beside everything that waits. The error is what went wrong, in words.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn test(&self, id: &str) -> Result<Result<(), String>, ChannelError> {
        let channel = channel::get(&self.store, id).await?;
        let now = now_ms();
        let ready = self.own(&channel, test_message(now), 1, now);
        let (mut parcel, carrier, reach) = match ready {
            Ok(loaded) => loaded,
            Err(Unready::Dead(reason) | Unready::Drop(reason)) => return Ok(Err(reason.to_owned())),
            Err(Unready::Wait) => return Ok(Err("it is switched off".to_owned())),
        };
        if parcel.field("to").is_empty() && channel.customers {
            // Customers' mail has no reader of its own: its sender gets the test.
            parcel.to = Some(parcel.field("from").to_owned());
        }
        if !self.keeps_pace(id, carrier) {
            return Ok(Err("too much was sent on it just now; wait a moment".to_owned()));
        }
        let outcome = carrier.carry(&parcel, reach).await.map_err(|trouble| parcel.scrub(trouble.what().to_owned()));
        let said = match &outcome {
            Ok(()) => Ok(()),
            Err(what) => Err(what.as_str()),
        };
        channel::mark(&self.store, id, said, now).await?;
        Ok(outcome)
    }

    /// How many deliveries of each channel are in each state of those that matter: held, waiting, dead.
    ///
    /// # Errors
    /// A store error.
    pub async fn backlog(&self) -> Result<HashMap<(String, DeliveryState), u64>, StoreError> {
        let sql = "SELECT channel, state, COUNT(*) FROM notify_delivery WHERE state IN ('held', 'waiting', 'dead') \
                   GROUP BY channel, state";
        let mut counts = HashMap::new();
        for row in self.store.rows(sql, vec![]).await? {
            if let Some(state) = DeliveryState::of(&row.text(1)?) {
                counts.insert((row.text(0)?, state), row.number(2)?);
            }
        }
        Ok(counts)
    }

    /// Deliveries to the house's own channels with their messages, newest first.
    ///
    /// # Errors
    /// A problem where the cursor is not one of ours; a store error.
    pub async fn deliveries(
        &self,
        channel: Option<&str>,
        state: Option<DeliveryState>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<(Delivery, Message)>, Problem> {
        let mut sql = format!(
            "SELECT {COLUMNS}, m.body FROM notify_delivery d JOIN notify_message m ON m.id = d.message \
             WHERE d.recipient IS NULL"
        );
        let mut args: Vec<Value> = Vec::new();
        if let Some(channel) = channel {
            args.push(channel.into());
            sql.push_str(&format!(" AND d.channel = ${}", args.len()));
        }
        if let Some(state) = state {
            args.push(state.name().into());
            sql.push_str(&format!(" AND d.state = ${}", args.len()));
        }
        if let Some(text) = cursor.filter(|text| !text.is_empty()) {
            let cursor = Cursor::decode(text, 3)?;
            args.extend([cursor.int(0)?.into(), cursor.0[1].as_str().into(), cursor.0[2].as_str().into()]);
            let at = args.len() - 2;
            sql.push_str(&format!(" AND (d.at_ms, d.message, d.channel) < (${at}, ${}, ${})", at + 1, at + 2));
        }
        sql.push_str(&format!(" ORDER BY d.at_ms DESC, d.message DESC, d.channel DESC LIMIT {}", limit.rows()));
        let rows = self.store.rows(&sql, args).await?;
        let all = rows.iter().map(|row| Ok((Delivery::read(row)?, Message::read(row, 12)?)));
        let all = all.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Page::cut(all, limit, |(delivery, _)| {
            Cursor(vec![delivery.at_ms.to_string(), delivery.message.clone(), delivery.channel.clone()])
        }))
    }

    /// Sends a dead or waiting delivery again at once, with its id. False where there is none.
    ///
    /// # Errors
    /// A store error.
    pub async fn send_again(&self, message: &str, channel: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE notify_delivery SET state = 'waiting', due_ms = $1, tries = 0, done_ms = NULL \
                   WHERE message = $2 AND channel = $3 AND state IN ('dead', 'waiting') AND recipient IS NULL";
        let touched = self.store.execute(sql, vec![now_ms().into(), message.into(), channel.into()]).await?;
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).remove(channel);
        self.wake();
        Ok(touched == 1)
    }

    /// Silences that are not over, and those that lately were, the longest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn silences(&self) -> Result<Vec<Silence>, StoreError> {
        let sql =
            "SELECT id, rule, author, reason, from_ms, until_ms FROM notify_silence ORDER BY until_ms DESC LIMIT 100";
        self.store.rows(sql, vec![]).await?.iter().map(Silence::read).collect()
    }

    /// Keeps alerts of a rule back, or of all, until a moment.
    ///
    /// # Errors
    /// [`ChannelError::Invalid`] with what is wrong, in words.
    pub async fn silence(
        &self,
        rule: Option<String>,
        reason: &str,
        until_ms: u64,
        author: String,
    ) -> Result<Silence, ChannelError> {
        let now = now_ms();
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
            let said = format!("Say why, in one line of 1 to {REASON_CHARS_MAX} characters.");
            return Err(ChannelError::Invalid(said));
        }
        if until_ms <= now || until_ms > now + SILENCE_MS_MAX {
            return Err(ChannelError::Invalid("A silence ends in the future, within 30 days.".into()));
        }
        let id = format!("si_{:016x}", rand::random::<u64>());
        let silence = Silence { id, rule, author, reason: reason.to_owned(), from_ms: now, until_ms };
        self.store.put(&crate::silence::SILENCE, silence.values()).await?;
        Ok(silence)
    }

    /// Ends a silence now; what it held back goes out if it is still true. None where there is none.
    ///
    /// # Errors
    /// A store error.
    pub async fn end_silence(&self, id: &str) -> Result<Option<Silence>, StoreError> {
        let now = now_ms();
        let sql = "UPDATE notify_silence SET until_ms = $1 WHERE id = $2 AND until_ms > $1";
        self.store.execute(sql, vec![now.into(), id.into()]).await?;
        let sql = "UPDATE notify_delivery SET due_ms = $1 WHERE state = 'held' AND reason = $2";
        self.store.execute(sql, vec![now.into(), format!("silence {id}").into()]).await?;
        self.wake();
        let sql = "SELECT id, rule, author, reason, from_ms, until_ms FROM notify_silence WHERE id = $1";
        self.store.row(sql, vec![id.into()]).await?.map(|row| Silence::read(&row)).transpose()
    }

    /// Keeps where a customer wants to be told, sealed.
    ///
    /// # Errors
    /// A store error.
    pub async fn keep_recipient(&self, recipient: &Recipient) -> Result<(), StoreError> {
        self.store.put(&crate::recipient::RECIPIENT, recipient.values(&self.seal)).await
    }

    /// Where a customer wants to be told.
    ///
    /// # Errors
    /// A store error.
    pub async fn recipient(&self, id: &str) -> Result<Option<Recipient>, StoreError> {
        let sql = "SELECT id, kind, language, sealed FROM notify_recipient WHERE id = $1";
        let row = self.store.row(sql, vec![id.into()]).await?;
        row.map_or(Ok(None), |row| Recipient::read(&row, &self.seal))
    }

    /// Erases where a customer wanted to be told, and every message that was for them.
    ///
    /// # Errors
    /// A store error.
    pub async fn forget(&self, recipient: &str) -> Result<(), StoreError> {
        self.store.execute("DELETE FROM notify_recipient WHERE id = $1", vec![recipient.into()]).await?;
        let sql = "DELETE FROM notify_message WHERE id IN (SELECT message FROM notify_delivery WHERE recipient = $1)";
        self.store.execute(sql, vec![recipient.into()]).await?;
        self.store.execute("DELETE FROM notify_delivery WHERE recipient = $1", vec![recipient.into()]).await?;
        Ok(())
    }

    /// Checks an address on the web that a customer gave. The error is what is wrong with it, in words.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_customers_url(&self, url: &str) -> Result<(), String> {
        let field = crate::Field::new("address", crate::Check::Url);
        field.fault(url, self.customers.is_private()).map_or(Ok(()), Err)
    }

    /// Draws a signing secret of Standard Webhooks.
    #[must_use]
    pub fn draw_secret(&self) -> String {
        channel::draw()
    }
}

fn test_message(now_ms: u64) -> Message {
    Message {
        id: format!("msg_{:016x}{:08x}", now_ms, rand::random::<u32>()),
        subject: format!("test/{:08x}", rand::random::<u32>()),
        status: Status::Test,
        severity: 5,
        rule: String::new(),
        owner: String::new(),
        group: String::new(),
        title: Words::new("This channel works", "这个通知渠道可以使用"),
        text: Words::new(
            "Nothing happened. Somebody wanted to see whether messages arrive here.",
            "没有发生任何事。有人想确认消息能否送达这里。",
        ),
        labels: std::collections::BTreeMap::new(),
        link: "/office/channels".to_owned(),
        at_ms: now_ms,
        always: true,
        to: None,
        recipient: None,
    }
}
