//! What the market's tables are asked. Rows stay in here; views come out.

use alloy_primitives::{Address, B256, U256};
use platform_api::{Cursor, Limit, Page, Problem};
use platform_index::{BlockTag, CallRequest, Row, Value};
use platform_protocol::contracts::{Aftersales, Market};

use alloy_sol_types::SolCall;

use super::content::{self, CATEGORIES, media_url};
use super::finding;
use super::model::{OPEN_STATES, ORDER, Offer, Order, OrderState};
use super::steps::{self, Action, Step, bond};
use super::view::{
    AccountView, AfterSalesView, CaseView, CategoryView, EffectView, OfferCard, OfferQuery, OfferRef, OfferSort,
    OfferView, OrderCard, OrderQuery, OrderView, SellerView, SolvencyPoint, SolvencyToken, SolvencyView, StepView,
    TermsView, TimelineView, VersionView,
};
use crate::context::Context;
use crate::money::Token;
use crate::wire::{Bilingual, BlockRef, address_or_none, show};
use platform_api::calendar;

/// Conditions of a query, with their parameters.
#[derive(Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    pub(super) args: Vec<Value>,
}

impl Filter {
    /// Adds a condition; each `{}` in it takes the next value.
    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let mut text = condition.to_owned();
        for value in values {
            self.args.push(value);
            text = text.replacen("{}", &format!("${}", self.args.len()), 1);
        }
        self.conditions.push(text);
    }

    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!(" WHERE {}", self.conditions.join(" AND ")) }
    }
}

const OFFER_CARD: &str = "SELECT o.offer_id, o.seller, o.version, o.active, o.stock, o.sold, o.token, o.price_key, \
     o.metadata, o.published_at, v.unit_price, v.shipping_price, v.digital, m.title_en, m.title_zh, m.category, \
     m.picture FROM market_offer o \
     JOIN market_offer_version v ON v.offer_id = o.offer_id AND v.version = o.version \
     LEFT JOIN market_metadata m ON m.hash = o.metadata";

pub(super) async fn categories(app: &Context) -> Result<Vec<CategoryView>, Problem> {
    let sql = "SELECT m.category, COUNT(*) FROM market_offer o JOIN market_metadata m ON m.hash = o.metadata \
               WHERE o.active = 1 GROUP BY m.category";
    let mut counts = std::collections::HashMap::new();
    for row in app.store.rows(sql, vec![]).await? {
        counts.insert(row.text(0)?, row.number(1)?);
    }
    let view = |category: &content::Category| CategoryView {
        slug: category.slug.to_owned(),
        name: Bilingual::new(category.en, category.zh),
        offers: counts.get(category.slug).copied().unwrap_or(0),
    };
    Ok(CATEGORIES.iter().map(view).collect())
}

pub(super) async fn offers(app: &Context, query: &OfferQuery) -> Result<Page<OfferCard>, Problem> {
    let mut filter = Filter::default();
    let seller = address_or_none(query.seller.as_deref())?;
    if let Some(active) = query.active.or(seller.is_none().then_some(true)) {
        filter.and("o.active = {}", [active.into()]);
    }
    if let Some(seller) = seller {
        filter.and("o.seller = {}", [seller.into()]);
    }
    if let Some(category) = query.category.as_deref().filter(|category| !category.is_empty()) {
        filter.and("m.category = {}", [category.into()]);
    }
    for (price, condition) in [(&query.price_min, "o.price_key >= {}"), (&query.price_max, "o.price_key <= {}")] {
        if let Some(price) = price.as_deref().filter(|price| !price.is_empty()) {
            let amount: u128 = price.parse().map_err(|_| Problem::invalid(format!("{price:?} is no amount.")))?;
            filter.and(condition, [Offer::price_key(amount).into()]);
        }
    }
    if let Some(digital) = query.digital {
        filter.and("v.digital = {}", [digital.into()]);
    }
    if query.in_stock == Some(true) {
        filter.and("o.stock > {}", [0_i64.into()]);
    }
    let limit = Limit::of(query.limit);
    let found = finding::found(app, query.q.as_deref().unwrap_or_default()).await?;
    if let Some(found) = &found {
        let places = vec!["{}"; found.len()].join(", ");
        let list = if found.is_empty() { "NULL" } else { places.as_str() };
        filter.and(&format!("o.offer_id IN ({list})"), found.iter().map(|(offer, _)| (*offer).into()));
        if query.sort.is_none_or(|sort| sort == OfferSort::Relevance) {
            return by_relevance(app, filter, found, limit, query.cursor.as_deref()).await;
        }
    }
    let sort = query.sort.unwrap_or_default();
    let order = sorted(sort, &mut filter, query.cursor.as_deref())?;
    filter.args.push(limit.rows().into());
    let sql = format!("{OFFER_CARD}{}{order} LIMIT ${}", filter.sql(), filter.args.len());
    let rows = app.store.rows(&sql, filter.args).await?;
    let page = Page::cut(rows, limit, |row| cursor(sort, row));
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(offer_card(app, row).await?);
    }
    Ok(Page { items, next: page.next })
}

/// A page of what was found, the best answer first.
async fn by_relevance(
    app: &Context,
    filter: Filter,
    found: &[(u64, u32)],
    limit: Limit,
    cursor: Option<&str>,
) -> Result<Page<OfferCard>, Problem> {
    let rows = app.store.rows(&format!("{OFFER_CARD}{}", filter.sql()), filter.args).await?;
    let mut by_id = std::collections::HashMap::new();
    for row in rows {
        by_id.insert(row.number(0)?, row);
    }
    let mut ranked: Vec<(u64, u32)> = found.iter().copied().filter(|(offer, _)| by_id.contains_key(offer)).collect();
    if let Some(text) = cursor.filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(text, 2)?;
        let last = u64::try_from(cursor.int(1)?).unwrap_or_default();
        let score = u32::try_from(cursor.int(0)?).unwrap_or_default();
        // After the last one shown; should it have gone meanwhile, after whatever answered better.
        let after = ranked.iter().position(|(offer, _)| *offer == last).map(|place| place + 1);
        let after = after.unwrap_or_else(|| ranked.iter().take_while(|(_, other)| *other >= score).count());
        ranked.drain(..after);
    }
    let page = Page::cut(ranked, limit, |(offer, score)| Cursor(vec![score.to_string(), offer.to_string()]));
    let mut items = Vec::with_capacity(page.items.len());
    for (offer, _) in &page.items {
        if let Some(row) = by_id.get(offer) {
            items.push(offer_card(app, row).await?);
        }
    }
    Ok(Page { items, next: page.next })
}

/// Cards of offers by their numbers, in no order.
pub(super) async fn offer_cards(app: &Context, ids: &[u64]) -> Result<Vec<OfferCard>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::default();
    let places = vec!["{}"; ids.len()].join(", ");
    filter.and(&format!("o.offer_id IN ({places})"), ids.iter().map(|id| (*id).into()));
    let mut cards = Vec::with_capacity(ids.len());
    for row in app.store.rows(&format!("{OFFER_CARD}{}", filter.sql()), filter.args).await? {
        cards.push(offer_card(app, &row).await?);
    }
    Ok(cards)
}

fn sorted(sort: OfferSort, filter: &mut Filter, cursor: Option<&str>) -> Result<&'static str, Problem> {
    let (key, before, order) = match sort {
        OfferSort::Newest | OfferSort::Relevance => ("", '<', " ORDER BY o.offer_id DESC"),
        OfferSort::PriceAsc => ("o.price_key", '>', " ORDER BY o.price_key, o.offer_id"),
        OfferSort::PriceDesc => ("o.price_key", '<', " ORDER BY o.price_key DESC, o.offer_id DESC"),
        OfferSort::Popular => ("o.sold", '<', " ORDER BY o.sold DESC, o.offer_id DESC"),
    };
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
        return Ok(order);
    };
    let cursor = Cursor::decode(cursor, 2)?;
    let id = cursor.int(1)?.into();
    match sort {
        OfferSort::Newest | OfferSort::Relevance => filter.and("o.offer_id < {}", [id]),
        OfferSort::Popular => {
            filter.and(&format!("({key}, o.offer_id) {before} ({{}}, {{}})"), [cursor.int(0)?.into(), id])
        }
        OfferSort::PriceAsc | OfferSort::PriceDesc => {
            filter.and(&format!("({key}, o.offer_id) {before} ({{}}, {{}})"), [cursor.0[0].as_str().into(), id]);
        }
    }
    Ok(order)
}

fn cursor(sort: OfferSort, row: &Row) -> Cursor {
    let id = row.int(0).unwrap_or_default().to_string();
    let key = match sort {
        OfferSort::Newest | OfferSort::Relevance => String::new(),
        OfferSort::Popular => row.int(5).unwrap_or_default().to_string(),
        OfferSort::PriceAsc | OfferSort::PriceDesc => row.text(7).unwrap_or_default(),
    };
    Cursor(vec![key, id])
}

async fn offer_card(app: &Context, row: &Row) -> Result<OfferCard, Problem> {
    let token = app.token(row.address(6)?).await?;
    let id = row.number(0)?;
    Ok(OfferCard {
        id: id.to_string(),
        version: row.number(2)?.try_into().unwrap_or(u32::MAX),
        title: title(id, row.text_or_null(13)?, row.text_or_null(14)?),
        category: row.text_or_null(15)?.unwrap_or_default(),
        seller: app.party(row.address(1)?),
        price: token.money(row.amount(10)?),
        shipping: token.money(row.amount(11)?),
        stock: row.number(4)?,
        digital: row.int(12)? != 0,
        active: row.int(3)? != 0,
        picture_url: picture(row.text_or_null(16)?),
        sold: row.int(5)?,
        published_at: calendar::rfc3339(row.number(9)?),
    })
}

/// A title in both languages, whichever was given; a number where nobody described the offer.
fn title(id: u64, en: Option<String>, zh: Option<String>) -> Bilingual {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (given(en), given(zh)) {
        (Some(en), Some(zh)) => Bilingual { en, zh },
        (Some(one), None) | (None, Some(one)) => Bilingual { en: one.clone(), zh: one },
        (None, None) => Bilingual::new(format!("Offer {id}"), format!("商品 {id}")),
    }
}

fn picture(hash: Option<String>) -> Option<String> {
    hash.filter(|hash| !hash.is_empty()).map(|hash| media_url(&hash))
}

pub(super) async fn offer(app: &Context, id: u64) -> Result<OfferView, Problem> {
    let sql = format!("{OFFER_CARD} WHERE o.offer_id = $1");
    let row = app.store.row(&sql, vec![id.into()]).await?.ok_or_else(|| Problem::not_found(format!("offer {id}")))?;
    let card = offer_card(app, &row).await?;
    let (token, seller, metadata_hash) = (row.address(6)?, row.address(1)?, row.hash(8)?);
    let price = row.amount(10)?.saturating_add(row.amount(11)?);
    let metadata = content::metadata(&app.store, metadata_hash).await?.unwrap_or_default();
    let versions = versions(app, id).await?;
    let (terms, version) = (terms(app, id, card.version).await?, card.version);
    let asked = Market::termsHashCall { offerId: U256::from(id) };
    let terms_hash: B256 = app.ask(app.manifest.market.address, asked).await?.unwrap_or_default();
    let needed = bond(price, setting(app, "bond_bps").await?.parse().unwrap_or(0));
    Ok(OfferView {
        description: metadata.description,
        pictures: metadata.pictures.iter().map(|hash| media_url(hash)).collect(),
        picture_hashes: metadata.pictures,
        attributes: metadata.attributes,
        terms,
        after_sales: limits(app, id, version, newest_rules(app).await?).await?,
        terms_hash: terms_hash.to_string(),
        metadata_hash: metadata_hash.to_string(),
        versions,
        bond_ok: credit(app, seller, token).await? >= needed,
        card,
    })
}

async fn versions(app: &Context, id: u64) -> Result<Vec<VersionView>, Problem> {
    let sql = "SELECT version, token, unit_price, at, tx_hash FROM market_offer_version WHERE offer_id = $1 \
               ORDER BY version DESC LIMIT 100";
    let mut versions = Vec::new();
    for row in app.store.rows(sql, vec![id.into()]).await? {
        versions.push(VersionView {
            version: row.number(0)?.try_into().unwrap_or(u32::MAX),
            price: app.money(row.address(1)?, row.amount(2)?).await?,
            at: calendar::rfc3339(row.number(3)?),
            tx_hash: row.hash(4)?.to_string(),
        });
    }
    Ok(versions)
}

async fn terms(app: &Context, offer: u64, version: u32) -> Result<TermsView, Problem> {
    let sql = "SELECT accept_within, ship_within, deliver_within, inspect_within FROM market_offer_version \
               WHERE offer_id = $1 AND version = $2";
    let row = app.store.row(sql, vec![offer.into(), version.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("version {version} of offer {offer}")))?;
    let seconds = |place| row.number(place).map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    Ok(TermsView {
        accept_within: seconds(0)?,
        ship_within: seconds(1)?,
        deliver_within: seconds(2)?,
        inspect_within: seconds(3)?,
    })
}

pub(super) async fn setting(app: &Context, name: &str) -> Result<String, Problem> {
    let row = app.store.row("SELECT value FROM market_setting WHERE name = $1", vec![name.into()]).await?;
    Ok(row.map(|row| row.text(0)).transpose()?.unwrap_or_default())
}

async fn credit(app: &Context, account: Address, token: Address) -> Result<U256, Problem> {
    let sql = "SELECT amount FROM market_credit WHERE account = $1 AND token = $2";
    let row = app.store.row(sql, vec![account.into(), token.into()]).await?;
    Ok(row.map(|row| row.amount(0)).transpose()?.unwrap_or_default())
}

pub(super) async fn seller(app: &Context, seller: Address) -> Result<SellerView, Problem> {
    let offers = "SELECT COUNT(*) FROM market_offer WHERE seller = $1 AND active = 1";
    let since = "SELECT published_at FROM market_offer WHERE seller = $1 ORDER BY offer_id LIMIT 1";
    let states = "SELECT state, CASE WHEN reason = 3 THEN 1 ELSE 0 END, CASE WHEN shipped_at > 0 THEN 1 ELSE 0 END, \
                  COUNT(*) FROM market_order WHERE seller = $1 GROUP BY 1, 2, 3";
    let mut view = SellerView {
        address: show(seller),
        name: app.names.get(seller),
        since: app
            .store
            .row(since, vec![seller.into()])
            .await?
            .map(|row| row.number(0))
            .transpose()?
            .map(calendar::rfc3339),
        offers: app.store.int(offers, vec![seller.into()]).await?.unsigned_abs(),
        orders: 0,
        released: 0,
        refunded: 0,
        open: 0,
        on_time_rate: None,
    };
    let (mut shipped, mut late) = (0_u64, 0_u64);
    for row in app.store.rows(states, vec![seller.into()]).await? {
        let count = row.number(3)?;
        view.orders += count;
        match OrderState::of(row.int(0)?) {
            Some(OrderState::Released | OrderState::Settled) => view.released += count,
            Some(OrderState::Refunded) => view.refunded += count,
            _ => view.open += count,
        }
        late += count * row.number(1)?;
        shipped += count * row.number(2)?;
    }
    view.on_time_rate = coverage(U256::from(shipped), U256::from(shipped + late));
    Ok(view)
}

fn order_select() -> String {
    let columns: Vec<String> = ORDER.columns.iter().map(|column| format!("o.{}", column.name)).collect();
    format!(
        "SELECT {}, m.title_en, m.title_zh, m.picture FROM market_order o \
         LEFT JOIN market_offer_version v ON v.offer_id = o.offer_id AND v.version = o.version \
         LEFT JOIN market_metadata m ON m.hash = v.metadata",
        columns.join(", ")
    )
}

pub(super) async fn orders(app: &Context, query: &OrderQuery) -> Result<Page<OrderCard>, Problem> {
    let mut filter = Filter::default();
    for (column, text) in [("o.buyer = {}", &query.buyer), ("o.seller = {}", &query.seller)] {
        if let Some(person) = address_or_none(text.as_deref())? {
            filter.and(column, [person.into()]);
        }
    }
    if let Some(person) = address_or_none(query.participant.as_deref())? {
        filter.and("(o.buyer = {} OR o.seller = {})", [person.into(), person.into()]);
    }
    if let Some(offer) = query.offer {
        filter.and("o.offer_id = {}", [offer.into()]);
    }
    states(query.state.as_deref(), &mut filter)?;
    let by_deadline = before(query.deadline_before.as_deref(), &mut filter)?;
    let limit = Limit::of(query.limit);
    if let Some(text) = query.cursor.as_deref().filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(text, 2)?;
        let (deadline, id) = (cursor.int(0)?.into(), cursor.int(1)?.into());
        if by_deadline {
            filter.and("(o.deadline, o.order_id) > ({}, {})", [deadline, id]);
        } else {
            filter.and("o.order_id < {}", [id]);
        }
    }
    let order = if by_deadline { " ORDER BY o.deadline, o.order_id" } else { " ORDER BY o.order_id DESC" };
    filter.args.push(limit.rows().into());
    let sql = format!("{}{}{order} LIMIT ${}", order_select(), filter.sql(), filter.args.len());
    let rows = app.store.rows(&sql, filter.args).await?;
    let page = Page::cut(rows, limit, |row| {
        Cursor(vec![row.int(11).unwrap_or_default().to_string(), row.int(0).unwrap_or_default().to_string()])
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(order_card(app, row).await?);
    }
    Ok(Page { items, next: page.next })
}

/// Open orders whose deadline passed before `now`, the longest overdue first, and what anyone may do with each.
pub(super) async fn overdue(app: &Context, now: u64, most: u64) -> Result<Vec<(u64, Action)>, Problem> {
    let sql = format!(
        "SELECT order_id, state, rules FROM market_order WHERE state IN {OPEN_STATES} AND deadline < $1 \
         ORDER BY deadline LIMIT $2"
    );
    let mut overdue = Vec::new();
    for row in app.store.rows(&sql, vec![now.into(), most.into()]).await? {
        let rules = u8::try_from(row.int(2)?).unwrap_or(u8::MAX);
        if let Some(action) = OrderState::of(row.int(1)?).and_then(|state| steps::at_deadline(state, rules)) {
            overdue.push((row.number(0)?, action));
        }
    }
    Ok(overdue)
}

fn states(text: Option<&str>, filter: &mut Filter) -> Result<(), Problem> {
    let mut wanted: Vec<Value> = Vec::new();
    for word in text.unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        if word == "open" {
            wanted.extend(OrderState::ALL.iter().filter(|state| state.is_open()).map(|state| state.number().into()));
            continue;
        }
        let state = OrderState::parse(word).ok_or_else(|| {
            let known: Vec<&str> = OrderState::ALL.iter().map(|state| state.word()).collect();
            Problem::invalid(format!("There is no state {word:?}. There are: open, {}.", known.join(", ")))
        })?;
        wanted.push(state.number().into());
    }
    if !wanted.is_empty() {
        let places = vec!["{}"; wanted.len()].join(", ");
        filter.and(&format!("o.state IN ({places})"), wanted);
    }
    Ok(())
}

fn before(text: Option<&str>, filter: &mut Filter) -> Result<bool, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(false);
    };
    let before = calendar::parse(text).ok_or_else(|| Problem::invalid(format!("{text:?} is no time.")))?;
    filter.and(&format!("o.state IN {OPEN_STATES} AND o.deadline < {{}}"), [before.into()]);
    Ok(true)
}

async fn order_card(app: &Context, row: &Row) -> Result<OrderCard, Problem> {
    let order = Order::read(row)?;
    let columns = ORDER.columns.len();
    let token = app.token(order.token).await?;
    Ok(OrderCard {
        id: order.id.to_string(),
        state: order.state,
        offer: OfferRef {
            id: order.offer_id.to_string(),
            title: title(order.offer_id, row.text_or_null(columns)?, row.text_or_null(columns + 1)?),
            picture_url: picture(row.text_or_null(columns + 2)?),
            version: order.version,
        },
        buyer: app.party(order.buyer),
        seller: app.party(order.seller),
        quantity: order.quantity,
        total: token.money(order.amount),
        subsidy: token.money(order.subsidy),
        bond: token.money(order.bond),
        awaited: steps::awaited(&order),
        fee_bps: order.fee_bps,
        placed_at: calendar::rfc3339(order.placed_at),
        updated_at: calendar::rfc3339(order.updated_at),
        deadline: Some(order.deadline).filter(|deadline| *deadline > 0).map(calendar::rfc3339),
        deadline_action: steps::at_deadline(order.state, order.rules),
        refund_reason: order.reason.map(|reason| reason_word(reason).to_owned()),
        next: steps::next(&order).iter().map(|step| step_view(step, &token)).collect(),
    })
}

const fn reason_word(reason: i64) -> &'static str {
    match reason {
        0 => "cancelled",
        1 => "declined",
        2 => "accept_expired",
        3 => "ship_expired",
        4 => "deliver_expired",
        5 => "returned",
        6 => "return_unanswered",
        7 => "return_unconfirmed",
        _ => "arbiter_silent",
    }
}

fn step_view(step: &Step, token: &Token) -> StepView {
    StepView {
        action: step.action,
        who: step.who,
        available_at: calendar::rfc3339(step.available_at),
        until: step.until.map(calendar::rfc3339),
        effect: EffectView {
            to_buyer: token.money(step.to_buyer),
            to_seller: token.money(step.to_seller),
            fee: token.money(step.fee),
        },
        deposit: (!step.deposit.is_zero()).then(|| step.deposit.to_string()),
    }
}

pub(super) async fn order(app: &Context, id: u64) -> Result<OrderView, Problem> {
    let sql = format!("{} WHERE o.order_id = $1", order_select());
    let row = app.store.row(&sql, vec![id.into()]).await?.ok_or_else(|| Problem::not_found(format!("order {id}")))?;
    let order = Order::read(&row)?;
    Ok(OrderView {
        card: order_card(app, &row).await?,
        timeline: timeline(app, id).await?,
        affiliate: order.affiliate.map(|affiliate| app.party(affiliate)),
        terms: terms(app, order.offer_id, order.version).await?,
        delivery_hash: order.delivery_hash.to_string(),
        tracking: order.tracking.map(|tracking| tracking.to_string()),
        after_sales: limits(app, order.offer_id, order.version, order.rules).await?,
        case: case(app, &order).await?,
    })
}

/// The rule set that orders placed now are signed for; zero if there is none.
async fn newest_rules(app: &Context) -> Result<u8, Problem> {
    let sql = "SELECT COALESCE(MAX(version), 0) FROM market_limits WHERE offer_id = 0";
    Ok(u8::try_from(app.store.int(sql, vec![]).await?).unwrap_or(u8::MAX))
}

/// The limits of an offer's version, or those of a rule set.
async fn limits(app: &Context, offer: u64, version: u32, rules: u8) -> Result<Option<AfterSalesView>, Problem> {
    if rules == 0 {
        return Ok(None);
    }
    let sql = "SELECT contest_within, answer_within, return_within, confirm_within, negotiate_within, appeal_within, \
               arbiter_within, returnable FROM market_limits WHERE (offer_id = $1 AND version = $2) \
               OR (offer_id = 0 AND version = $3) ORDER BY offer_id DESC LIMIT 1";
    let args = vec![offer.into(), version.into(), u32::from(rules).into()];
    let Some(row) = app.store.row(sql, args).await? else { return Ok(None) };
    let seconds = |place| row.number(place).map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    Ok(Some(AfterSalesView {
        contest_within: seconds(0)?,
        answer_within: seconds(1)?,
        return_within: seconds(2)?,
        confirm_within: seconds(3)?,
        negotiate_within: seconds(4)?,
        appeal_within: seconds(5)?,
        arbiter_within: seconds(6)?,
        returnable: row.int(7)? != 0,
    }))
}

/// The return or dispute of an order that had one.
async fn case(app: &Context, order: &Order) -> Result<Option<CaseView>, Problem> {
    let case = &order.case;
    if case.return_step.is_none() && case.claimant.is_none() {
        return Ok(None);
    }
    let token = app.token(order.token).await?;
    let coin = app.token(Address::ZERO).await?;
    let disputed = case.claimant.is_some();
    Ok(Some(CaseView {
        return_step: case.return_step,
        claimant: case.claimant,
        awaited: case.awaited,
        escalated_by: case.escalated_by,
        appealed_by: case.appealed_by,
        defended: case.defended,
        with_arbiters: case.raised,
        ruling: case.ruling.map(|ruling| ruling.name().to_owned()),
        is_final: case.is_final,
        buyer_claim: disputed.then(|| token.money(case.buyer_claim)),
        seller_claim: disputed.then(|| token.money(case.seller_claim)),
        ruled: case.ruling.map(|_| token.money(case.ruled())),
        deposit: (!case.deposit.is_zero()).then(|| coin.money(case.deposit)),
        pot: coin.money(case.pot),
        dispute_id: case.raised.then(|| case.dispute_id.to_string()),
        deposit_needed: deposit_needed(app, order).await?.map(|amount| coin.money(amount)),
    }))
}

/// What escalating or appealing would take of native coin now.
async fn deposit_needed(app: &Context, order: &Order) -> Result<Option<U256>, Problem> {
    let times = match order.state {
        OrderState::Disputed => 1_u64,
        // The guild's arbiters ask twice as much for the larger panel.
        OrderState::Ruled if !order.case.is_final => 2,
        _ => return Ok(None),
    };
    let asked = Aftersales::depositNeededCall { orderId: U256::from(order.id) };
    let needed: Option<U256> = app.ask(app.manifest.market.address, asked).await?;
    Ok(needed.map(|needed| needed.saturating_mul(U256::from(times))))
}

async fn timeline(app: &Context, id: u64) -> Result<Vec<TimelineView>, Problem> {
    let sql = "SELECT block_number, at, tx_hash, sender, topics, data FROM market_event WHERE order_id = $1 \
               ORDER BY block_number, log_index";
    let mut timeline = Vec::new();
    for row in app.store.rows(sql, vec![id.into()]).await? {
        let topics: Vec<B256> = row.blob(4)?.chunks_exact(32).map(B256::from_slice).collect();
        let event = app.decoder.event(app.manifest.market.address, &topics, &row.blob(5)?);
        let (name, args) = event.map_or_else(Default::default, |event| (event.event, event.args));
        timeline.push(TimelineView {
            event: name,
            block_number: row.number(0)?,
            at: calendar::rfc3339(row.number(1)?),
            tx_hash: row.hash(2)?.to_string(),
            by: show(row.address(3)?),
            data: args.into_iter().map(|argument| (argument.name, argument.value)).collect(),
        });
    }
    Ok(timeline)
}

pub(super) async fn account(app: &Context, account: Address) -> Result<AccountView, Problem> {
    let mut balances = Vec::new();
    for token in app.house_tokens() {
        balances.push(app.money(token, app.balance(token, account, BlockTag::Latest).await?).await?);
    }
    let mut credits = Vec::new();
    let sql = "SELECT token, amount FROM market_credit WHERE account = $1 AND amount <> '0' ORDER BY token";
    for row in app.store.rows(sql, vec![account.into()]).await? {
        credits.push(app.money(row.address(0)?, row.amount(1)?).await?);
    }
    let mut bonds = std::collections::BTreeMap::<Address, U256>::new();
    let sql = format!("SELECT token, bond FROM market_order WHERE seller = $1 AND state IN {OPEN_STATES}");
    for row in app.store.rows(&sql, vec![account.into()]).await? {
        let sum = bonds.entry(row.address(0)?).or_default();
        *sum = sum.saturating_add(row.amount(1)?);
    }
    let mut bonded = Vec::new();
    for (token, amount) in bonds {
        bonded.push(app.money(token, amount).await?);
    }
    let buying = "SELECT COUNT(*) FROM market_order WHERE buyer = $1";
    let selling = "SELECT COUNT(*) FROM market_order WHERE seller = $1";
    Ok(AccountView {
        address: show(account),
        name: app.names.get(account),
        balances,
        credits,
        bonded,
        orders_buying: app.store.int(buying, vec![account.into()]).await?.unsigned_abs(),
        orders_selling: app.store.int(selling, vec![account.into()]).await?.unsigned_abs(),
        nonce: app.source.nonce(account, BlockTag::Latest).await?,
    })
}

/// How many hours of the past the solvency page shows.
const HISTORY_HOURS: i64 = 336;

pub(super) async fn solvency(app: &Context) -> Result<SolvencyView, Problem> {
    let block = app.indexed();
    let sql = "SELECT t.token, t.locked, t.bonds, t.credits, t.deposits, t.budgets FROM market_total t \
               JOIN market_total_head h ON h.token = t.token AND h.hour = t.hour ORDER BY t.token";
    let mut tokens = Vec::new();
    for row in app.store.rows(sql, vec![]).await? {
        let parts = [row.amount(1)?, row.amount(2)?, row.amount(3)?, row.amount(4)?, row.amount(5)?];
        if let Some(token) = solvency_token(app, row.address(0)?, parts, block.number).await? {
            tokens.push(token);
        }
    }
    let sql = "SELECT token, hour, locked, bonds, credits, held, deposits, budgets FROM market_total \
               ORDER BY hour DESC LIMIT $1";
    let mut history = Vec::new();
    for row in app.store.rows(sql, vec![HISTORY_HOURS.into()]).await? {
        let mut owed = U256::ZERO;
        for part in [2, 3, 4, 6, 7] {
            owed = owed.saturating_add(row.amount(part)?);
        }
        history.push(SolvencyPoint {
            token: show(row.address(0)?),
            at: calendar::rfc3339(row.number(1)? * 3_600),
            balance: row.amount(5)?.to_string(),
            liabilities: owed.to_string(),
        });
    }
    history.reverse();
    let open = format!("SELECT COUNT(*) FROM market_order WHERE state IN {OPEN_STATES}");
    let open_orders_count = app.store.int(&open, vec![]).await?.unsigned_abs();
    Ok(SolvencyView { block: BlockRef::of(block), tokens, open_orders_count, history })
}

/// One token's page. None for a token somebody merely sent to the market, which owes nothing in it.
async fn solvency_token(
    app: &Context,
    address: Address,
    parts: [U256; 5],
    block: u64,
) -> Result<Option<SolvencyToken>, Problem> {
    let at = BlockTag::Number(block);
    let call = CallRequest {
        to: Some(app.manifest.market.address),
        input: Market::liabilitiesCall { token: address }.abi_encode().into(),
        ..CallRequest::default()
    };
    let output = app.source.call(call, at).await?;
    let contract = Market::liabilitiesCall::abi_decode_returns(&output).map_err(|error| Problem::internal(&error))?;
    let [locked, bonds, credits, deposits, budgets] = parts;
    let liabilities = parts.into_iter().fold(U256::ZERO, U256::saturating_add);
    let house = app.house_tokens().contains(&address);
    if liabilities.is_zero() && contract.is_zero() && !house {
        return Ok(None);
    }
    let token = app.token(address).await?;
    let balance = app.balance(address, app.manifest.market.address, at).await?;
    Ok(Some(SolvencyToken {
        token: show(address),
        symbol: token.symbol,
        decimals: token.decimals,
        balance: balance.to_string(),
        open_orders: locked.to_string(),
        bonds: bonds.to_string(),
        credits: credits.to_string(),
        deposits: deposits.to_string(),
        budgets: budgets.to_string(),
        liabilities: liabilities.to_string(),
        contract_liabilities: contract.to_string(),
        agrees: contract == liabilities,
        coverage: coverage(balance, liabilities),
        covered: balance >= liabilities.max(contract),
    }))
}

/// A ratio to four places, never rounded up: a hole must not be rounded away.
fn coverage(balance: U256, liabilities: U256) -> Option<String> {
    let scaled = balance.saturating_mul(U256::from(10_000)).checked_div(liabilities)?;
    let (whole, places) = scaled.div_rem(U256::from(10_000));
    Some(format!("{whole}.{:04}", places.saturating_to::<u64>()))
}

/// Offers and orders for the search box.
pub(super) async fn found_offers(app: &Context, text: &str) -> Result<Vec<OfferCard>, Problem> {
    let query = OfferQuery { q: Some(text.to_owned()), limit: Some(6), ..OfferQuery::default() };
    Ok(offers(app, &query).await?.items)
}

pub(super) async fn is_seller(app: &Context, account: Address) -> Result<bool, Problem> {
    Ok(app.store.int("SELECT COUNT(*) FROM market_offer WHERE seller = $1", vec![account.into()]).await? > 0)
}

pub(super) async fn order_exists(app: &Context, id: u64) -> Result<bool, Problem> {
    Ok(app.store.int("SELECT COUNT(*) FROM market_order WHERE order_id = $1", vec![id.into()]).await? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_never_rounded_up() {
        let ratio = |a: u64, b: u64| coverage(U256::from(a), U256::from(b));
        assert_eq!(ratio(10, 10).as_deref(), Some("1.0000"));
        assert_eq!(ratio(99_999, 100_000).as_deref(), Some("0.9999"));
        assert_eq!(ratio(3, 2).as_deref(), Some("1.5000"));
        assert_eq!(ratio(1, 0), None);
    }

    #[test]
    fn a_title_in_one_language_stands_for_both() {
        assert_eq!(title(3, Some(String::new()), Some("灯".into())), Bilingual::new("灯", "灯"));
        assert_eq!(title(3, None, None).en, "Offer 3");
    }
}
