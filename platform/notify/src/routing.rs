//! Who is told of what, and when.
//!
//! A message about a subject goes to the channels that want its severity and its owner. From there on the subject
//! decides: channels that wait are told only if nobody acknowledged meanwhile, silences and something graver in the
//! same group hold messages back, and what is over before it was told is not told at all. Whoever was told that
//! something began is told how it ends.

use std::collections::{BTreeMap, HashMap, HashSet};

use platform_index::{Store, StoreError, Value};

use crate::outbox::{COLUMNS, DELIVERY, MESSAGE, SUBJECT};
use crate::{Channel, Delivery, DeliveryState, Message, Silence, Status, channel};

/// Further findings on a subject that was told of are put together for this long, in milliseconds.
pub const GROUP_MS: u64 = 300_000;
/// How soon it is looked again whether something graver is over, in milliseconds.
const INHIBITED_MS: u64 = 5_000;
/// Messages and deliveries that one round looks at.
const ROUND_MAX: i64 = 500;

/// What is known of a subject.
#[derive(Clone, Debug)]
struct Subject {
    state: &'static str,
    severity: u8,
    group: String,
    told_ms: u64,
}

const OPEN: &str = "open";
const ACKNOWLEDGED: &str = "acknowledged";
const CLOSED: &str = "closed";

/// Decides about everything that is new, and again about what is held.
///
/// # Errors
/// A store error; what was decided is kept.
pub async fn route(store: &Store, now_ms: u64) -> Result<(), StoreError> {
    let sql = "SELECT body FROM notify_message WHERE state = 'new' AND due_ms <= $1 ORDER BY at_ms, id LIMIT $2";
    let rows = store.rows(sql, vec![now_ms.into(), ROUND_MAX.into()]).await?;
    if !rows.is_empty() {
        let channels = channel::list(store).await?;
        let mut merged = HashSet::new();
        for row in rows {
            let message = Message::read(&row, 0)?;
            if !merged.contains(&message.id) {
                one(store, &channels, &message, &mut merged, now_ms).await?;
            }
        }
    }
    look_again(store, now_ms).await
}

async fn one(
    store: &Store,
    channels: &[Channel],
    message: &Message,
    merged: &mut HashSet<String>,
    now_ms: u64,
) -> Result<(), StoreError> {
    if let Some(only) = &message.to {
        let delivery = delivery(message, only, now_ms);
        let rows = vec![(&MESSAGE, vec![message.values("routed", now_ms)]), (&DELIVERY, vec![delivery.values()])];
        return store.write(rows).await;
    }
    let known = subject(store, &message.subject).await?;
    let is_open = known.as_ref().is_some_and(|subject| subject.state != CLOSED);
    let mut next = known.clone().unwrap_or_else(|| Subject {
        state: CLOSED,
        severity: message.severity,
        group: message.group.clone(),
        told_ms: 0,
    });
    let mut rows = vec![(&MESSAGE, vec![message.values("routed", now_ms)])];
    let mut deliveries = Vec::new();
    match message.status {
        Status::Firing if is_open && now_ms < next.told_ms + GROUP_MS => {
            // Told of it just now: the next message about it says how many there were.
            let sql = "UPDATE notify_message SET due_ms = $1 WHERE id = $2";
            store.execute(sql, vec![(next.told_ms + GROUP_MS).into(), message.id.as_str().into()]).await?;
            return Ok(());
        }
        Status::Firing => {
            let others = waiting_firings(store, message).await?;
            rows[0].1.extend(others.iter().map(|other| other.values("merged", now_ms)));
            let count = 1 + others.len() as u64;
            merged.extend(others.into_iter().map(|other| other.id));
            let told = told(store, &message.subject).await?;
            for channel in channels.iter().filter(|channel| wants(channel, message)) {
                // Something that goes on is no news for those who only come in when nobody cares.
                if is_open && !told.contains(&channel.id) {
                    continue;
                }
                let mut delivery = delivery(message, &channel.id, now_ms);
                delivery.merged = count;
                if !is_open && channel.wait_minutes > 0 {
                    delivery.state = DeliveryState::Held;
                    "escalation".clone_into(&mut delivery.reason);
                    delivery.due_ms = message.at_ms + u64::from(channel.wait_minutes) * 60_000;
                }
                deliveries.push(delivery);
            }
            if !is_open {
                next.state = OPEN;
                next.severity = message.severity;
                next.group.clone_from(&message.group);
            }
            next.told_ms = now_ms;
        }
        Status::Acknowledged | Status::Update | Status::Resolved => {
            if message.status == Status::Resolved {
                next.state = CLOSED;
                // Firings that waited to be told are over as well.
                let others = waiting_firings(store, message).await?;
                rows[0].1.extend(others.iter().map(|other| other.values("merged", now_ms)));
                merged.extend(others.into_iter().map(|other| other.id));
            } else if message.status == Status::Acknowledged && is_open {
                next.state = ACKNOWLEDGED;
            }
            let told = told(store, &message.subject).await?;
            let worth = is_open || message.status == Status::Update;
            let to = channels.iter().filter(|channel| worth && told.contains(&channel.id));
            deliveries.extend(to.map(|channel| delivery(message, &channel.id, now_ms)));
        }
        // They name the one channel that they are for.
        Status::Test | Status::Notice => {}
    }
    let state: Vec<Value> = vec![
        message.subject.as_str().into(),
        next.state.into(),
        u64::from(next.severity).into(),
        next.group.as_str().into(),
        next.told_ms.into(),
    ];
    rows.push((&SUBJECT, vec![state]));
    // Before anything is on its way, silences and graver things have their say.
    let silences = silences(store, now_ms).await?;
    let graver = graver(store).await?;
    for delivery in &mut deliveries {
        if delivery.state == DeliveryState::Waiting {
            hold(delivery, message, &next, &silences, &graver, now_ms);
        }
    }
    if !deliveries.is_empty() {
        rows.push((&DELIVERY, deliveries.iter().map(Delivery::values).collect()));
    }
    store.write(rows).await
}

/// Looks again at what is held and due.
async fn look_again(store: &Store, now_ms: u64) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, m.body FROM notify_delivery d JOIN notify_message m ON m.id = d.message \
         WHERE d.state = 'held' AND d.due_ms <= $1 ORDER BY d.at_ms, d.message LIMIT $2"
    );
    let held = store.rows(&sql, vec![now_ms.into(), ROUND_MAX.into()]).await?;
    if held.is_empty() {
        return Ok(());
    }
    let silences = silences(store, now_ms).await?;
    let graver = graver(store).await?;
    let mut subjects: HashMap<String, Option<Subject>> = HashMap::new();
    let late: HashSet<String> = channel::list(store)
        .await?
        .into_iter()
        .filter(|channel| channel.wait_minutes > 0)
        .map(|channel| channel.id)
        .collect();
    let mut rows = Vec::new();
    for row in held {
        let mut delivery = Delivery::read(&row)?;
        let message = Message::read(&row, 12)?;
        if !subjects.contains_key(&delivery.subject) {
            subjects.insert(delivery.subject.clone(), subject(store, &delivery.subject).await?);
        }
        let Some(Some(subject)) = subjects.get(&delivery.subject) else { continue };
        let drop = |delivery: &mut Delivery, reason: &str| {
            delivery.state = DeliveryState::Dropped;
            reason.clone_into(&mut delivery.reason);
            delivery.done_ms = Some(now_ms);
        };
        if subject.state == CLOSED {
            drop(&mut delivery, "over");
        } else if subject.state == ACKNOWLEDGED && late.contains(&delivery.channel) {
            // Whatever held it last: who comes in only when nobody answers is not needed any more.
            drop(&mut delivery, "acknowledged");
        } else {
            delivery.state = DeliveryState::Waiting;
            delivery.reason = String::new();
            delivery.due_ms = now_ms;
            hold(&mut delivery, &message, subject, &silences, &graver, now_ms);
        }
        rows.push(delivery.values());
    }
    store.write(vec![(&DELIVERY, rows)]).await
}

/// Holds a delivery where a silence or something graver says so.
fn hold(
    delivery: &mut Delivery,
    message: &Message,
    subject: &Subject,
    silences: &[Silence],
    graver: &BTreeMap<String, String>,
    now_ms: u64,
) {
    // Whoever knows that it began is told that it ended.
    if delivery.status != Status::Firing.name() {
        return;
    }
    if let Some(silence) = silences.iter().find(|silence| silence.covers(message, now_ms)) {
        delivery.state = DeliveryState::Held;
        delivery.reason = format!("silence {}", silence.id);
        delivery.due_ms = silence.until_ms;
        return;
    }
    let over = graver.get(&subject.group).filter(|other| **other != delivery.subject);
    if let Some(other) = over.filter(|_| message.severity > 1 && !message.always && !subject.group.is_empty()) {
        delivery.state = DeliveryState::Held;
        delivery.reason = format!("inhibited {other}");
        delivery.due_ms = now_ms + INHIBITED_MS;
    }
}

fn delivery(message: &Message, channel: &str, now_ms: u64) -> Delivery {
    Delivery {
        message: message.id.clone(),
        channel: channel.to_owned(),
        subject: message.subject.clone(),
        status: message.status.name().to_owned(),
        recipient: message.recipient.clone(),
        at_ms: message.at_ms,
        state: DeliveryState::Waiting,
        reason: String::new(),
        due_ms: now_ms,
        tries: 0,
        done_ms: None,
        merged: 1,
    }
}

fn wants(channel: &Channel, message: &Message) -> bool {
    let owned = channel.owners.is_empty() || channel.owners.contains(&message.owner);
    // A channel that is switched off or gone would pile up what nobody will want once it is back.
    let used = channel.state == crate::ChannelState::On;
    !channel.customers && used && owned && message.severity <= channel.severity
}

async fn subject(store: &Store, name: &str) -> Result<Option<Subject>, StoreError> {
    let sql = "SELECT state, severity, grouped, told_ms FROM notify_subject WHERE subject = $1";
    let Some(row) = store.row(sql, vec![name.into()]).await? else { return Ok(None) };
    let state = match row.text(0)?.as_str() {
        OPEN => OPEN,
        ACKNOWLEDGED => ACKNOWLEDGED,
        _ => CLOSED,
    };
    let severity = u8::try_from(row.int(1)?).unwrap_or(5);
    Ok(Some(Subject { state, severity, group: row.text(2)?, told_ms: row.number(3)? }))
}

/// Channels that know, or will, that a subject began.
async fn told(store: &Store, subject: &str) -> Result<HashSet<String>, StoreError> {
    let sql = "SELECT DISTINCT channel FROM notify_delivery WHERE subject = $1 AND status = 'firing' \
               AND state IN ('waiting', 'delivered', 'dead')";
    let rows = store.rows(sql, vec![subject.into()]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Other firings of the same subject that were not told of yet.
async fn waiting_firings(store: &Store, message: &Message) -> Result<Vec<Message>, StoreError> {
    let sql = "SELECT body FROM notify_message WHERE subject = $1 AND state = 'new' AND id <> $2 LIMIT $3";
    let args = vec![message.subject.as_str().into(), message.id.as_str().into(), ROUND_MAX.into()];
    let rows = store.rows(sql, args).await?;
    let all = rows.iter().map(|row| Message::read(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let earlier = |other: &Message| message.status != Status::Resolved || other.at_ms <= message.at_ms;
    Ok(all.into_iter().filter(|other| other.status == Status::Firing && earlier(other)).collect())
}

async fn silences(store: &Store, now_ms: u64) -> Result<Vec<Silence>, StoreError> {
    let sql = "SELECT id, rule, author, reason, from_ms, until_ms FROM notify_silence WHERE until_ms > $1";
    store.rows(sql, vec![now_ms.into()]).await?.iter().map(Silence::read).collect()
}

/// Subjects of the gravest severity that are not over, by their group.
async fn graver(store: &Store) -> Result<BTreeMap<String, String>, StoreError> {
    let sql = "SELECT grouped, subject FROM notify_subject WHERE state <> 'closed' AND severity = 1";
    store.rows(sql, vec![]).await?.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}
