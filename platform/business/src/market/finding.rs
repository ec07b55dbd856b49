//! Offers by what somebody typed, and offers that go with another.

use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::Address;
use platform_api::Problem;

use super::query::offer_cards;
use super::view::{RelatedReason, RelatedView};
use super::words::{Question, Text};
use crate::context::Context;

/// Most offers that one search finds.
const FOUND_MAX: usize = 500;
/// Orders of an offer that are looked at for what else their buyers bought, the newest.
const ORDERS_MAX: i64 = 2_000;
/// Fewer buyers than this say more about themselves than about the goods.
const BUYERS_MIN: i64 = 2;
const RELATED_MAX: usize = 4;

struct Entry {
    offer: u64,
    sold: i64,
    seller: Address,
    title: Text,
    rest: Text,
}

/// Every described offer, prepared for being searched, and what it was prepared from.
struct Prepared {
    stamp: (usize, i64, i64, i64, i64),
    entries: Vec<Entry>,
}

static PREPARED: Mutex<Option<Arc<Prepared>>> = Mutex::new(None);

/// The offers as they are now. They are prepared anew when any was published, revised or taken off.
async fn prepared(app: &Context) -> Result<Arc<Prepared>, Problem> {
    let sql = "SELECT COUNT(*), COALESCE(SUM(o.offer_id * o.version), 0), COALESCE(SUM(o.active), 0), \
               COUNT(m.hash) FROM market_offer o LEFT JOIN market_metadata m ON m.hash = o.metadata";
    let row = app.store.row(sql, vec![]).await?;
    let stamp = match row {
        // One process may serve several houses, as tests do.
        Some(row) => (std::ptr::from_ref(app).addr(), row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?),
        None => (0, 0, 0, 0, 0),
    };
    let known = PREPARED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|known| known.stamp == stamp) {
        return Ok(known);
    }
    let sql = "SELECT o.offer_id, o.sold, o.seller, m.title_en, m.title_zh, m.search FROM market_offer o \
               JOIN market_metadata m ON m.hash = o.metadata";
    let mut entries = Vec::new();
    for row in app.store.rows(sql, vec![]).await? {
        entries.push(Entry {
            offer: row.number(0)?,
            sold: row.int(1)?,
            seller: row.address(2)?,
            title: Text::new(&format!("{} {}", row.text(3)?, row.text(4)?)),
            rest: Text::new(&row.text(5)?),
        });
    }
    let fresh = Arc::new(Prepared { stamp, entries });
    *PREPARED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
    Ok(fresh)
}

/// Offers that answer a text, the best first: number and score. None where the text asks for nothing.
pub(super) async fn found(app: &Context, text: &str) -> Result<Option<Vec<(u64, u32)>>, Problem> {
    let Some(question) = Question::new(text) else { return Ok(None) };
    let all = prepared(app).await?;
    let mut found: Vec<(u64, u32, i64)> = Vec::new();
    for entry in &all.entries {
        let mut score = question.score(&entry.title, &entry.rest);
        if score == 0
            && let Some(name) = app.names.get(entry.seller)
        {
            // Whoever types a stall's name wants to see what is on it, after what is called so.
            score = question.score(&Text::default(), &Text::new(&name));
        }
        if score > 0 {
            found.push((entry.offer, score, entry.sold));
        }
    }
    found.sort_by_key(|(offer, score, rank)| std::cmp::Reverse((*score, *rank, *offer)));
    found.truncate(FOUND_MAX);
    Ok(Some(found.into_iter().map(|(offer, score, _)| (offer, score)).collect()))
}

/// Whether a name answers a text.
pub(super) fn is_named(name: &str, text: &str) -> bool {
    Question::new(text).is_some_and(|question| question.score(&Text::new(name), &Text::default()) >= 12)
}

/// What goes with an offer: what its buyers bought besides, by the cosine of the two sets of buyers over finished
/// orders; where that is little, what else of its category sells.
pub(super) async fn related(app: &Context, offer: u64) -> Result<Vec<RelatedView>, Problem> {
    let mut chosen: Vec<(u64, RelatedReason, u64)> = Vec::new();
    for (other, buyers) in bought_besides(app, offer).await? {
        chosen.push((other, RelatedReason::BoughtTogether, buyers));
    }
    chosen.truncate(RELATED_MAX);
    if chosen.len() < RELATED_MAX {
        let sql = "SELECT o.offer_id FROM market_offer o JOIN market_metadata m ON m.hash = o.metadata \
                   WHERE o.active = 1 AND o.stock > 0 AND o.offer_id <> $1 AND m.category = (SELECT m2.category \
                   FROM market_offer o2 JOIN market_metadata m2 ON m2.hash = o2.metadata WHERE o2.offer_id = $2) \
                   ORDER BY o.sold DESC, o.offer_id DESC LIMIT 12";
        for row in app.store.rows(sql, vec![offer.into(), offer.into()]).await? {
            let other = row.number(0)?;
            if chosen.len() < RELATED_MAX && !chosen.iter().any(|(known, ..)| *known == other) {
                chosen.push((other, RelatedReason::Category, 0));
            }
        }
    }
    let ids: Vec<u64> = chosen.iter().map(|(other, ..)| *other).collect();
    let cards = offer_cards(app, &ids).await?;
    let view = |(other, reason, buyers): (u64, RelatedReason, u64)| {
        let offer = cards.iter().find(|card| card.id == other.to_string())?.clone();
        Some(RelatedView { offer, reason, buyers })
    };
    Ok(chosen.into_iter().filter_map(view).collect())
}

async fn bought_besides(app: &Context, offer: u64) -> Result<Vec<(u64, u64)>, Problem> {
    let together = format!(
        "SELECT o.offer_id, COUNT(DISTINCT o.buyer) FROM market_order o JOIN market_offer f ON f.offer_id = o.offer_id \
         WHERE o.state IN (5, 12) AND o.offer_id <> $1 AND f.active = 1 AND f.stock > 0 AND o.buyer IN \
         (SELECT buyer FROM market_order WHERE offer_id = $2 AND state IN (5, 12) ORDER BY order_id DESC LIMIT {ORDERS_MAX}) \
         GROUP BY o.offer_id HAVING COUNT(DISTINCT o.buyer) >= {BUYERS_MIN} ORDER BY 2 DESC, 1 LIMIT 40"
    );
    let mut besides = Vec::new();
    for row in app.store.rows(&together, vec![offer.into(), offer.into()]).await? {
        let (other, both) = (row.number(0)?, row.number(1)?);
        let alone = "SELECT COUNT(DISTINCT buyer) FROM market_order WHERE offer_id = $1 AND state IN (5, 12)";
        let buyers = app.store.int(alone, vec![other.into()]).await?.unsigned_abs().max(1);
        besides.push((other, both, buyers));
    }
    // both² ÷ buyers orders as the cosine does, without leaving the integers: the offer's own buyers are the same for all.
    besides.sort_by(|a, b| (b.1 * b.1 * a.2, a.0).cmp(&(a.1 * a.1 * b.2, b.0)));
    Ok(besides.into_iter().map(|(other, both, _)| (other, both)).collect())
}
