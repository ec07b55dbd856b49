//! Carries what is on its way.

mod desk;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use platform_api::{Pace, Seal};
use platform_index::{Store, StoreError, Value};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::carriers::{self, Carrier, Parcel, Trouble};
use crate::channel::{self, Channel, ChannelError};
use crate::outbox::COLUMNS;
use crate::recipient::RecipientKind;
use crate::{ChannelState, Delivery, DeliveryState, Message, Reach, TABLES, now_ms, routing};

/// How often it is looked for what became due.
const PERIOD: Duration = Duration::from_secs(1);
/// After which pauses a message is tried again, in seconds: the schedule that Standard Webhooks advises, and once
/// more after half a minute. Over three days in all.
const PAUSES: [u64; 10] = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Messages that one channel is given in one round.
const BATCH: i64 = 50;
/// How long a channel is left alone after a try that failed, in milliseconds.
const REST_MS: u64 = 2_000;
/// How long what is over is kept for staff to look up, in milliseconds: 90 days.
const KEPT_MS: u64 = 90 * 86_400_000;

/// What a notifier is made of.
#[derive(Debug)]
pub struct NotifierOptions {
    /// Where the outbox is.
    pub store: Store,
    /// What secrets are sealed with.
    pub seal: Seal,
    /// The way to the house's own channels.
    pub reach: Reach,
    /// The way to addresses that customers gave.
    pub customers: Reach,
    /// What the house is called.
    pub house: String,
    /// Where its console is, such as `https://shop.example`.
    pub site: String,
}

/// Tells people.
pub struct Notifier {
    store: Store,
    seal: Seal,
    reach: Reach,
    customers: Reach,
    house: String,
    site: String,
    wake: Notify,
    paces: Mutex<HashMap<String, Pace>>,
    busy: Mutex<HashSet<String>>,
    resting: Mutex<HashMap<String, u64>>,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notifier").field("house", &self.house).finish_non_exhaustive()
    }
}

impl Notifier {
    /// A notifier over a store, with its tables.
    ///
    /// # Errors
    /// A store error.
    pub async fn open(options: NotifierOptions) -> Result<Self, StoreError> {
        options.store.create(TABLES).await?;
        Ok(Self {
            store: options.store,
            seal: options.seal,
            reach: options.reach,
            customers: options.customers,
            house: options.house,
            site: options.site.trim_end_matches('/').to_owned(),
            wake: Notify::new(),
            paces: Mutex::default(),
            busy: Mutex::default(),
            resting: Mutex::default(),
        })
    }

    /// What secrets are sealed with.
    #[must_use]
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Where the outbox is.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Where the console is.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// What the house is called.
    #[must_use]
    pub fn house(&self) -> &str {
        &self.house
    }

    /// Looks at once, not at the next second.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Tells people until `cancel` turns true. What is on its way then is tried again at the next start, with its id.
    pub async fn run(self: Arc<Self>, mut cancel: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut swept = Instant::now();
        if let Err(error) = self.sweep(now_ms()).await {
            tracing::warn!(%error, "old deliveries could not be cleared away");
        }
        loop {
            if let Err(error) = self.start(now_ms()).await {
                tracing::error!(%error, "messages could not be sent; trying again");
            }
            if swept.elapsed() > Duration::from_secs(3_600) {
                swept = Instant::now();
                if let Err(error) = self.sweep(now_ms()).await {
                    tracing::warn!(%error, "old deliveries could not be cleared away");
                }
            }
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.wake.notified() => {}
                () = async { drop(cancel.wait_for(|stopped| *stopped).await) } => return,
            }
        }
    }

    /// Decides about everything new and carries everything due, once. Returns when all of it was tried.
    ///
    /// # Errors
    /// A store error.
    pub async fn round(self: &Arc<Self>, now_ms: u64) -> Result<(), StoreError> {
        for channel in self.start(now_ms).await? {
            // A channel that broke off is tried again in the next round.
            let _ = channel.await;
        }
        Ok(())
    }

    /// Decides, and starts one task for each channel that something is due for.
    async fn start(self: &Arc<Self>, now_ms: u64) -> Result<Vec<JoinHandle<()>>, StoreError> {
        routing::route(&self.store, now_ms).await?;
        let sql = "SELECT DISTINCT channel FROM notify_delivery WHERE state = 'waiting' AND due_ms <= $1";
        let due = self.store.rows(sql, vec![now_ms.into()]).await?;
        let mut tasks = Vec::new();
        for row in due {
            let channel = row.text(0)?;
            let rests = self.resting.lock().unwrap_or_else(PoisonError::into_inner).get(&channel).copied();
            if rests.is_some_and(|until| now_ms < until) {
                continue;
            }
            if !self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.clone()) {
                continue;
            }
            let notifier = Arc::clone(self);
            tasks.push(tokio::spawn(async move {
                let _free = Free { notifier: &notifier, channel: &channel };
                if let Err(error) = notifier.serve(&channel, now_ms).await {
                    tracing::error!(%error, channel, "a channel could not be served; trying again");
                }
            }));
        }
        Ok(tasks)
    }

    /// Carries what is due on one channel, one after the other.
    async fn serve(&self, channel: &str, now_ms: u64) -> Result<(), StoreError> {
        // Of one subject nothing overtakes what was written before it. Ids of one moment sort by their order.
        let sql = format!(
            "SELECT {COLUMNS}, m.body FROM notify_delivery d JOIN notify_message m ON m.id = d.message \
             WHERE d.channel = $1 AND d.state = 'waiting' AND d.due_ms <= $2 AND NOT EXISTS \
             (SELECT 1 FROM notify_delivery e WHERE e.channel = d.channel AND e.subject = d.subject \
              AND COALESCE(e.recipient, '') = COALESCE(d.recipient, '') AND e.state = 'waiting' AND (e.at_ms, e.message) < (d.at_ms, d.message)) \
             ORDER BY d.at_ms, d.message LIMIT $3"
        );
        for row in self.store.rows(&sql, vec![channel.into(), now_ms.into(), BATCH.into()]).await? {
            let delivery = Delivery::read(&row)?;
            let message = Message::read(&row, 12)?;
            if !self.attempt(delivery, message, now_ms).await? {
                break;
            }
        }
        Ok(())
    }

    /// Tries one delivery. False where its channel should be left alone for a while.
    async fn attempt(&self, delivery: Delivery, message: Message, now_ms: u64) -> Result<bool, StoreError> {
        let (parcel, carrier, reach) = match self.parcel(&delivery, message, now_ms).await? {
            Ok(ready) => ready,
            Err(Unready::Wait) => return Ok(false),
            Err(Unready::Dead(reason)) => {
                self.settle(&delivery, DeliveryState::Dead, reason, now_ms).await?;
                return Ok(true);
            }
            Err(Unready::Drop(reason)) => {
                self.settle(&delivery, DeliveryState::Dropped, reason, now_ms).await?;
                return Ok(true);
            }
        };
        if !self.keeps_pace(&delivery.channel, carrier) {
            return Ok(false);
        }
        let outcome = carrier.carry(&parcel, reach).await;
        let own = delivery.recipient.is_none();
        match outcome {
            Ok(()) => {
                self.settle(&delivery, DeliveryState::Delivered, "", now_ms).await?;
                if own {
                    channel::mark(&self.store, &delivery.channel, Ok(()), now_ms).await?;
                }
                Ok(true)
            }
            Err(trouble) => {
                let what = parcel.scrub(trouble.what().to_owned());
                // Neither the receiver's address nor what was said goes to the log.
                tracing::warn!(
                    channel = delivery.channel,
                    message = delivery.message,
                    what,
                    "a message did not arrive"
                );
                if own {
                    channel::mark(&self.store, &delivery.channel, Err(&what), now_ms).await?;
                }
                self.failed(&delivery, &trouble, &what, now_ms).await
            }
        }
    }

    async fn failed(
        &self,
        delivery: &Delivery,
        trouble: &Trouble,
        what: &str,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        let pause = usize::try_from(delivery.tries).ok().and_then(|tries| PAUSES.get(tries));
        match (trouble, pause) {
            (Trouble::Later { after, .. }, Some(pause)) => {
                let asked = after.map_or(0, |after| after.as_secs());
                let pause_ms = jitter(pause * 1_000).max(asked.min(86_400) * 1_000);
                let sql = "UPDATE notify_delivery SET tries = tries + 1, due_ms = $1, reason = $2 \
                           WHERE message = $3 AND channel = $4 AND state = 'waiting'";
                let due = now_ms + pause_ms;
                let args =
                    vec![due.into(), what.into(), delivery.message.as_str().into(), delivery.channel.as_str().into()];
                self.store.execute(sql, args).await?;
                if delivery.recipient.is_none() {
                    let rest = now_ms + REST_MS.max(asked.min(3_600) * 1_000);
                    self.resting.lock().unwrap_or_else(PoisonError::into_inner).insert(delivery.channel.clone(), rest);
                    return Ok(false);
                }
                Ok(true)
            }
            (Trouble::Gone, _) if delivery.recipient.is_none() => {
                channel::mark_gone(&self.store, &delivery.channel).await?;
                self.settle(delivery, DeliveryState::Dead, what, now_ms).await?;
                Ok(false)
            }
            (Trouble::Gone, _) => {
                // A customer's receiver that says so is not asked again.
                self.forget(delivery.recipient.as_deref().unwrap_or_default()).await?;
                Ok(true)
            }
            _ => {
                self.settle(delivery, DeliveryState::Dead, what, now_ms).await?;
                Ok(true)
            }
        }
    }

    async fn settle(&self, delivery: &Delivery, to: DeliveryState, why: &str, now_ms: u64) -> Result<(), StoreError> {
        let sql = "UPDATE notify_delivery SET state = $1, reason = $2, done_ms = $3, tries = tries + 1 \
                   WHERE message = $4 AND channel = $5";
        let args = vec![
            to.name().into(),
            why.into(),
            now_ms.into(),
            delivery.message.as_str().into(),
            delivery.channel.as_str().into(),
        ];
        self.store.execute(sql, args).await?;
        Ok(())
    }

    /// Everything that carrying a delivery takes.
    async fn parcel(&self, delivery: &Delivery, message: Message, now_ms: u64) -> Result<Ready<'_>, StoreError> {
        if let Some(recipient) = &delivery.recipient {
            return self.parcel_for(recipient, message, now_ms).await;
        }
        let channel = match channel::get(&self.store, &delivery.channel).await {
            Ok(channel) => channel,
            Err(ChannelError::Store(error)) => return Err(error),
            Err(_) => return Ok(Err(Unready::Drop("removed"))),
        };
        if channel.state != ChannelState::On {
            return Ok(Err(Unready::Wait));
        }
        Ok(self.own(&channel, message, delivery.merged, now_ms))
    }

    fn own(&self, channel: &Channel, message: Message, merged: u64, now_ms: u64) -> Result<Loaded<'_>, Unready> {
        const UNSEALED: &str = "its secrets can't be opened with this house's key: enter them again";
        let carrier = channel.carrier().ok_or(Unready::Dead("this version knows no such kind of channel"))?;
        let fields = channel.fields(&self.seal).map_err(|_| Unready::Dead(UNSEALED))?;
        let parcel = Parcel {
            message,
            language: channel.language,
            fields,
            previous: channel.previous(&self.seal, now_ms),
            house: self.house.clone(),
            site: self.site.clone(),
            merged,
            now_ms,
            to: None,
            unsubscribe: None,
        };
        Ok((parcel, carrier, &self.reach))
    }

    async fn parcel_for(&self, recipient: &str, message: Message, now_ms: u64) -> Result<Ready<'_>, StoreError> {
        let Some(recipient) = self.recipient(recipient).await? else { return Ok(Err(Unready::Drop("removed"))) };
        if recipient.kind == RecipientKind::Webhook {
            let fields =
                [("url".to_owned(), recipient.address.clone()), ("secret".to_owned(), recipient.secret.clone())];
            let parcel = Parcel {
                message,
                language: recipient.language,
                fields: fields.into(),
                previous: None,
                house: self.house.clone(),
                site: self.site.clone(),
                merged: 1,
                now_ms,
                to: None,
                unsubscribe: None,
            };
            return Ok(Ok((parcel, &carriers::Webhook, &self.customers)));
        }
        let Some(channel) = self.customers_mail().await? else { return Ok(Err(Unready::Wait)) };
        let loaded = self.own(&channel, message, 1, now_ms);
        Ok(loaded.map(|(mut parcel, carrier, reach)| {
            parcel.language = recipient.language;
            parcel.unsubscribe = Some(self.unsubscribe_address(&recipient.id));
            parcel.to = Some(recipient.address);
            (parcel, carrier, reach)
        }))
    }

    /// Where a customer ends their mails with one click, without signing in.
    #[must_use]
    pub fn unsubscribe_address(&self, recipient: &str) -> String {
        format!(
            "{}/api/v1/notices/unsubscribe/{recipient}.{}",
            self.site,
            self.seal.token(&format!("unsubscribe {recipient}"))
        )
    }

    /// The recipient that a token of [`Notifier::unsubscribe_address`] names.
    #[must_use]
    pub fn unsubscribes<'a>(&self, token: &'a str) -> Option<&'a str> {
        let (recipient, proof) = token.split_once('.')?;
        (self.seal.token(&format!("unsubscribe {recipient}")) == proof).then_some(recipient)
    }

    /// The channel that carries customers' mail, where there is one that works.
    ///
    /// # Errors
    /// A store error.
    pub async fn customers_mail(&self) -> Result<Option<Channel>, StoreError> {
        let all = channel::list(&self.store).await?;
        Ok(all.into_iter().find(|channel| channel.customers && channel.state == ChannelState::On))
    }

    /// Takes one message from the channel's bucket. False where it is empty.
    fn keeps_pace(&self, channel: &str, carrier: &dyn Carrier) -> bool {
        let at = Instant::now();
        let (burst, per_second) = carrier.pace();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.entry(channel.to_owned()).or_insert_with(|| Pace::new(burst, per_second, at)).take(at)
    }

    /// Clears away what has been over for long.
    async fn sweep(&self, now_ms: u64) -> Result<(), StoreError> {
        let before = Value::from(now_ms.saturating_sub(KEPT_MS));
        for sql in [
            "DELETE FROM notify_delivery WHERE state IN ('delivered', 'dropped', 'dead') AND at_ms < $1",
            "DELETE FROM notify_message WHERE state <> 'new' AND at_ms < $1 AND NOT EXISTS \
             (SELECT 1 FROM notify_delivery d WHERE d.message = notify_message.id)",
            "DELETE FROM notify_silence WHERE until_ms < $1",
        ] {
            self.store.execute(sql, vec![before.clone()]).await?;
        }
        Ok(())
    }
}

type Loaded<'a> = (Parcel, &'static dyn Carrier, &'a Reach);
type Ready<'a> = Result<Loaded<'a>, Unready>;

/// Why a delivery can't be tried.
enum Unready {
    /// Its channel is switched off: it waits.
    Wait,
    /// It can't be sent as things are; a person may mend that and send it again.
    Dead(&'static str),
    /// Nobody wants it any more.
    Drop(&'static str),
}

/// Frees a channel when its task ends, however that is.
struct Free<'a> {
    notifier: &'a Notifier,
    channel: &'a str,
}

impl Drop for Free<'_> {
    fn drop(&mut self) {
        self.notifier.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(self.channel);
    }
}

/// A pause, a fifth longer or shorter at random: receivers that come back are not met by all at once.
fn jitter(pause_ms: u64) -> u64 {
    let fifth = pause_ms / 5;
    pause_ms - fifth + rand::random_range(0..=2 * fifth)
}
