//! What the tables of reviews are asked. Rows stay in here; views come out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::{B256, keccak256};
use platform_api::calendar::rfc3339;
use platform_api::{Cursor, Limit, Page, Problem};
use platform_index::Value;

use super::model::{DELAY, REVIEW_SELECT, Review, TEXT};
use super::score;
use super::suspicion::{Fact, Sale, Sign, Suspicions};
use super::view::{
    KeptView, LeftOut, ReplyView, ReviewQuery, ReviewView, ScoreQuery, ScoreView, SuspicionView, SuspicionsView,
};
use crate::context::Context;
use crate::wire::address_or_none;

const TEXT_MAX: usize = 4_000;

/// What was found when the last review was looked at. Reviews of the past weigh against sales of the past, so nothing
/// changes until another one is written.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Option<(Key, Arc<Suspicions>)>>);

type Key = (i64, i64, i64);

/// What looks made up among all reviews.
async fn suspicions(app: &Context) -> Result<(Arc<Suspicions>, i64), Problem> {
    require_reviews(app)?;
    let sql = "SELECT COUNT(*), COALESCE(MAX(written_at), 0), COALESCE(MAX(order_id), 0) FROM review_review";
    let row = app.store.row(sql, vec![]).await?;
    let key = row.map(|row| Ok::<_, Problem>((row.int(0)?, row.int(1)?, row.int(2)?))).transpose()?.unwrap_or_default();
    if let Some((known, found)) = &*app.suspicions.0.lock().unwrap_or_else(PoisonError::into_inner)
        && *known == key
    {
        return Ok((Arc::clone(found), key.0));
    }
    let mut facts = Vec::new();
    let sql = "SELECT order_id, buyer, seller, rating, written_at FROM review_review";
    for row in app.store.rows(sql, vec![]).await? {
        facts.push(Fact {
            order: row.number(0)?,
            buyer: row.address(1)?,
            seller: row.address(2)?,
            rating: u8::try_from(row.int(3)?).unwrap_or(0),
            at: row.number(4)?,
        });
    }
    let mut sales = Vec::new();
    if !facts.is_empty() {
        let sql = "SELECT seller, ended_at FROM review_purchase WHERE ended_at > 0 AND ended_at <= $1";
        for row in app.store.rows(sql, vec![key.1.into()]).await? {
            sales.push(Sale { seller: row.address(0)?, at: row.number(1)? });
        }
    }
    let found = Arc::new(Suspicions::of(&facts, &sales));
    *app.suspicions.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(&found)));
    Ok((found, key.0))
}

/// A house from before there were reviews has none.
fn require_reviews(app: &Context) -> Result<(), Problem> {
    let there = app.manifest.reviews.is_some();
    there.then_some(()).ok_or_else(|| Problem::not_found("review in this house; run `guildhall upgrade`"))
}

fn left_out(review: &Review, signs: &HashMap<u64, Sign>, now: u64) -> Option<LeftOut> {
    if review.appears_at() > now {
        return Some(LeftOut::Pending);
    }
    signs.get(&review.order).map(|sign| match sign {
        Sign::Burst => LeftOut::Burst,
        Sign::Ring => LeftOut::Ring,
    })
}

pub(super) async fn reviews(app: &Context, query: &ReviewQuery) -> Result<Page<ReviewView>, Problem> {
    require_reviews(app)?;
    let limit = Limit::of(query.limit);
    let now = app.indexed().timestamp;
    let mut args: Vec<Value> = vec![limit.rows().into()];
    let mut conditions = Vec::new();
    let mut and = |condition: &str, value: Value| {
        args.push(value);
        conditions.push(condition.replace("{}", &format!("${}", args.len())));
    };
    if let Some(offer) = query.offer {
        and("r.offer_id = {}", offer.into());
    }
    if let Some(seller) = address_or_none(query.seller.as_deref())? {
        and("r.seller = {}", seller.into());
    }
    let buyer = address_or_none(query.buyer.as_deref())?;
    if let Some(buyer) = buyer {
        and("r.buyer = {}", buyer.into());
    }
    if let Some(order) = query.order {
        and("r.order_id = {}", order.into());
    }
    if buyer.is_none() && query.order.is_none() {
        and("p.ended_at <= {}", now.saturating_sub(DELAY).into());
    }
    if let Some(text) = query.cursor.as_deref().filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(text, 2)?;
        let (at, order) = (cursor.int(0)?, cursor.int(1)?);
        args.push(at.into());
        args.push(order.into());
        conditions.push(format!("(r.written_at, r.order_id) < (${}, ${})", args.len() - 1, args.len()));
    }
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let sql = format!("{REVIEW_SELECT}{filter} ORDER BY r.written_at DESC, r.order_id DESC LIMIT $1");
    let rows = app.store.rows(&sql, args).await?;
    let found = rows.iter().map(Review::read).collect::<Result<Vec<_>, _>>()?;
    let page = Page::cut(found, limit, |review| Cursor(vec![review.written_at.to_string(), review.order.to_string()]));
    let signs = suspicions(app).await?.0.signs();
    let mut items = Vec::with_capacity(page.items.len());
    for review in &page.items {
        items.push(view(app, review, left_out(review, &signs, now)).await?);
    }
    Ok(Page { items, next: page.next })
}

async fn view(app: &Context, review: &Review, left_out: Option<LeftOut>) -> Result<ReviewView, Problem> {
    let reply = match review.reply {
        Some(hash) => Some(ReplyView { text: text(app, hash).await?, at: rfc3339(review.replied_at) }),
        None => None,
    };
    Ok(ReviewView {
        order_id: review.order.to_string(),
        offer_id: review.offer.to_string(),
        seller: app.party(review.seller),
        buyer: app.party(review.buyer),
        rating: review.rating,
        text: text(app, review.content).await?,
        text_hash: review.content.to_string(),
        written_at: rfc3339(review.written_at),
        appears_at: rfc3339(review.appears_at()),
        weight: app.money(review.token, review.fee).await?,
        left_out,
        reply,
        tx_hash: review.tx_hash.to_string(),
    })
}

async fn text(app: &Context, hash: B256) -> Result<Option<String>, Problem> {
    if hash.is_zero() {
        return Ok(None);
    }
    let row = app.store.row("SELECT text FROM review_text WHERE hash = $1", vec![hash.into()]).await?;
    Ok(row.map(|row| row.text(0)).transpose()?)
}

pub(super) async fn score(app: &Context, query: &ScoreQuery) -> Result<ScoreView, Problem> {
    require_reviews(app)?;
    let seller = address_or_none(query.seller.as_deref())?;
    let (condition, value): (&str, Value) = match (query.offer, seller) {
        (Some(offer), None) => ("r.offer_id = $1", offer.into()),
        (None, Some(seller)) => ("r.seller = $1", seller.into()),
        _ => return Err(Problem::invalid("Say whose score: give either `offer` or `seller`.")),
    };
    let rows = app.store.rows(&format!("{REVIEW_SELECT} WHERE {condition}"), vec![value]).await?;
    let all = rows.iter().map(Review::read).collect::<Result<Vec<_>, _>>()?;
    let signs = suspicions(app).await?.0.signs();
    let now = app.indexed().timestamp;
    let mut counted = Vec::new();
    let (mut ratings, mut bursts, mut rings, mut pending) = (vec![0; 5], 0, 0, 0);
    for review in &all {
        match left_out(review, &signs, now) {
            Some(LeftOut::Pending) => pending += 1,
            Some(LeftOut::Burst) => bursts += 1,
            Some(LeftOut::Ring) => rings += 1,
            None => {
                if let Some(count) = ratings.get_mut(usize::from(review.rating.saturating_sub(1))) {
                    *count += 1;
                }
                counted.push(review);
            }
        }
    }
    Ok(ScoreView {
        score: score::hundredths(&counted).map(score::text),
        counted: counted.len() as u64,
        ratings,
        bursts,
        rings,
        pending,
    })
}

/// Keeps a text and gives its hash.
pub(super) async fn keep(app: &Context, given: &str) -> Result<KeptView, Problem> {
    let given = given.trim();
    if given.is_empty() {
        return Err(Problem::invalid("The text is empty: say something, or review without a text."));
    }
    let found = given.chars().count();
    if found > TEXT_MAX {
        return Err(Problem::invalid(format!("The text has {found} characters, {TEXT_MAX} is the most.")));
    }
    let hash = keccak256(given.as_bytes());
    app.store.put(&TEXT, vec![hash.into(), given.into()]).await?;
    Ok(KeptView { hash: hash.to_string() })
}

pub(super) async fn suspected(app: &Context) -> Result<SuspicionsView, Problem> {
    let (found, looked_at) = suspicions(app).await?;
    let mut bursts: Vec<_> = found.bursts.iter().collect();
    bursts.sort_by_key(|burst| std::cmp::Reverse(burst.to));
    let ids = |orders: &std::collections::BTreeSet<u64>| orders.iter().map(u64::to_string).collect::<Vec<_>>();
    let bursts = bursts.into_iter().map(|burst| SuspicionView {
        kind: LeftOut::Burst,
        accounts: vec![app.party(burst.seller)],
        order_ids: ids(&burst.orders),
        from: Some(rfc3339(burst.from)),
        to: Some(rfc3339(burst.to)),
        count: Some(burst.count as u64),
        expected: Some(format!("{:.1}", burst.expected)),
        outside: None,
    });
    let rings = found.rings.iter().map(|ring| SuspicionView {
        kind: LeftOut::Ring,
        accounts: ring.members.iter().map(|member| app.party(*member)).collect(),
        order_ids: ids(&ring.orders),
        from: None,
        to: None,
        count: None,
        expected: None,
        outside: Some(ring.outside as u64),
    });
    Ok(SuspicionsView { items: bursts.chain(rings).collect(), looked_at: looked_at.unsigned_abs() })
}
