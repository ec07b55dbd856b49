//! Sealed addresses: who may leave one, who gets which, and how they go.

use alloy_primitives::{Address, B256, hex};
use platform_api::{Problem, calendar};
use platform_index::Value;

use super::model::{BOX, ERASED};
use super::view::{BoxAsked, DeliveryView};
use crate::context::Context;
use crate::sales;
use crate::wire::{address, hash, show};

/// Largest box, in bytes: a name, an address, a telephone number and a note.
const BOX_BYTES_MAX: usize = 4_096;
const BOXES_MAX: usize = 40;
/// Boxes that somebody has left for orders that are not placed yet.
const WAITING_MAX: i64 = 200;
/// How long a box waits for its order.
const WAITING_SECONDS: u64 = 86_400;
const DAY: u64 = 86_400;

/// Keeps boxes of somebody who is about to order, or who has.
pub(super) async fn keep(app: &Context, sender: Address, boxes: &[BoxAsked]) -> Result<(), Problem> {
    if boxes.is_empty() || boxes.len() > BOXES_MAX {
        return Err(Problem::invalid(format!("{} boxes were sent; 1 to {BOXES_MAX} are taken.", boxes.len())));
    }
    let mut rows = Vec::with_capacity(boxes.len());
    for asked in boxes {
        let (delivery, recipient) = (hash(&asked.delivery_hash)?, address(&asked.recipient)?);
        let sealed = hex::decode(&asked.sealed).map_err(|_| Problem::invalid("A box is no hexadecimal number."))?;
        // Encapsulated key, tag, and at least a letter between.
        if sealed.len() <= 48 || sealed.len() > BOX_BYTES_MAX {
            let found = sealed.len();
            return Err(Problem::invalid(format!("A box has {found} bytes; 49 to {BOX_BYTES_MAX} can be meant.")));
        }
        may_leave(app, sender, delivery, recipient).await?;
        rows.push(vec![delivery.into(), recipient.into(), sender.into(), sealed.into(), app.now().into()]);
    }
    Ok(app.store.write(vec![(&BOX, rows)]).await?)
}

/// Before the order, only whoever left a box may replace it; after, the two sides leave boxes for each other and, once
/// arbiters have their dispute, for these.
async fn may_leave(app: &Context, sender: Address, delivery: B256, recipient: Address) -> Result<(), Problem> {
    let erased = "SELECT 1 FROM delivery_erased WHERE delivery_hash = $1";
    if app.store.row(erased, vec![delivery.into()]).await?.is_some() {
        return Err(Problem::invalid("What was kept for this delivery has been erased, and that is for good."));
    }
    let Some(order) = sales::order_of_delivery(app, delivery).await? else {
        let sql = "SELECT 1 FROM delivery_box WHERE delivery_hash = $1 AND sender <> $2";
        let others = app.store.row(sql, vec![delivery.into(), sender.into()]).await?.is_some();
        let waiting = "SELECT COUNT(*) FROM delivery_box b LEFT JOIN market_order o \
                       ON o.delivery_hash = b.delivery_hash WHERE b.sender = $1 AND o.order_id IS NULL";
        if others || app.store.int(waiting, vec![sender.into()]).await? >= WAITING_MAX {
            return Err(Problem::forbidden("Too many boxes wait for orders, or this one is somebody else's."));
        }
        return Ok(());
    };
    if sender != order.buyer && sender != order.seller {
        return Err(Problem::forbidden(format!("Order {} is not {}'s.", order.id, show(sender))));
    }
    let side = recipient == order.buyer || recipient == order.seller;
    if side || sales::panel(app, &order).await?.contains(&recipient) {
        return Ok(());
    }
    let detail = format!("{} is no side of order {}, and no arbiter of it now.", show(recipient), order.id);
    Err(Problem::forbidden(detail))
}

/// What is kept for an order, as `viewer` may see it.
pub(super) async fn of_order(app: &Context, id: u64, viewer: Address) -> Result<DeliveryView, Problem> {
    let order = sales::order(app, id).await?.ok_or_else(|| Problem::not_found(format!("order {id}")))?;
    let panel = sales::panel(app, &order).await?;
    if viewer != order.buyer && viewer != order.seller && !panel.contains(&viewer) {
        return Err(Problem::forbidden(format!("Order {id} is between others.")));
    }
    let delivery = order.delivery_hash;
    let own = "SELECT sealed FROM delivery_box WHERE delivery_hash = $1 AND recipient = $2 AND sender IN ($3, $4)";
    let args = vec![delivery.into(), viewer.into(), order.buyer.into(), order.seller.into()];
    let sealed = app.store.row(own, args).await?.map(|row| row.blob(0)).transpose()?;
    let mut recipients = Vec::new();
    let all = "SELECT recipient FROM delivery_box WHERE delivery_hash = $1 ORDER BY at";
    for row in app.store.rows(all, vec![delivery.into()]).await? {
        recipients.push(app.party(row.address(0)?));
    }
    let erased = "SELECT why, at FROM delivery_erased WHERE delivery_hash = $1";
    let erased = app.store.row(erased, vec![delivery.into()]).await?;
    let (erased_by, erased_at) = match erased {
        Some(row) => (Some(row.text(0)?), Some(calendar::rfc3339(row.number(1)?))),
        None => (None, None),
    };
    let erases =
        (!recipients.is_empty() && !order.is_open).then(|| order.updated_at + u64::from(app.delivery_days) * DAY);
    Ok(DeliveryView {
        delivery_hash: delivery.to_string(),
        sealed: sealed.map(hex::encode),
        recipients,
        panel: panel.into_iter().map(|arbiter| app.party(arbiter)).collect(),
        erased_at,
        erased_by,
        erases_at: erases.map(calendar::rfc3339),
        days_kept: app.delivery_days,
    })
}

/// Erases what is kept for an order, at its buyer's wish.
pub(super) async fn erase_order(app: &Context, id: u64, viewer: Address) -> Result<(), Problem> {
    let order = sales::order(app, id).await?.ok_or_else(|| Problem::not_found(format!("order {id}")))?;
    if viewer != order.buyer {
        return Err(Problem::forbidden(format!("Only the buyer of order {id} may erase its delivery address.")));
    }
    erase(app, &[order.delivery_hash], "buyer").await
}

/// Erases whatever somebody has left for anyone.
pub(super) async fn erase_all(app: &Context, sender: Address) -> Result<(), Problem> {
    let sql = "SELECT DISTINCT b.delivery_hash FROM delivery_box b LEFT JOIN market_order o \
               ON o.delivery_hash = b.delivery_hash WHERE b.sender = $1 AND (o.buyer IS NULL OR o.buyer = $1)";
    let found = app.store.rows(sql, vec![sender.into()]).await?;
    let hashes = found.iter().map(|row| row.hash(0)).collect::<Result<Vec<_>, _>>()?;
    erase(app, &hashes, "buyer").await
}

/// Erases what was kept for orders that ended so many days ago, and what waits for orders that never came.
pub(super) async fn erase_expired(app: &Context, now: u64) -> Result<usize, Problem> {
    let ended = format!(
        "SELECT DISTINCT b.delivery_hash FROM delivery_box b JOIN market_order o ON o.delivery_hash = b.delivery_hash \
         WHERE o.state IN {} AND o.updated_at < $1 LIMIT 500",
        sales::ENDED_STATES
    );
    let before = now.saturating_sub(u64::from(app.delivery_days) * DAY);
    let mut hashes = Vec::new();
    for row in app.store.rows(&ended, vec![before.into()]).await? {
        hashes.push(row.hash(0)?);
    }
    let lost = "SELECT DISTINCT b.delivery_hash FROM delivery_box b LEFT JOIN market_order o \
                ON o.delivery_hash = b.delivery_hash WHERE o.order_id IS NULL AND b.at < $1 LIMIT 500";
    for row in app.store.rows(lost, vec![now.saturating_sub(WAITING_SECONDS).into()]).await? {
        hashes.push(row.hash(0)?);
    }
    erase(app, &hashes, "retention").await?;
    Ok(hashes.len())
}

async fn erase(app: &Context, hashes: &[B256], why: &str) -> Result<(), Problem> {
    if hashes.is_empty() {
        return Ok(());
    }
    let mut statements: Vec<(&str, Vec<Value>)> = Vec::new();
    for delivery in hashes {
        statements.push(("DELETE FROM delivery_box WHERE delivery_hash = $1", vec![(*delivery).into()]));
    }
    app.store.shred(&BOX, statements).await?;
    let at = app.now();
    let rows = hashes.iter().map(|delivery| vec![(*delivery).into(), why.into(), at.into()]).collect();
    Ok(app.store.write(vec![(&ERASED, rows)]).await?)
}

/// Orders for which somebody has left an address: order, when it was left, and for how many.
pub(super) async fn left_by(app: &Context, sender: Address) -> Result<Vec<(Option<u64>, u64, u64)>, Problem> {
    let sql = "SELECT o.order_id, MIN(b.at), COUNT(*) FROM delivery_box b LEFT JOIN market_order o \
               ON o.delivery_hash = b.delivery_hash WHERE b.sender = $1 AND (o.buyer IS NULL OR o.buyer = $1) \
               GROUP BY b.delivery_hash, o.order_id ORDER BY 2 DESC";
    let mut left = Vec::new();
    for row in app.store.rows(sql, vec![sender.into()]).await? {
        let order = row.int_or_null(0)?.and_then(|id| u64::try_from(id).ok());
        left.push((order, row.number(1)?, row.number(2)?));
    }
    Ok(left)
}
