//! What happened in somebody's orders.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use platform_api::{Cursor, Limit, Page, Problem, calendar};
use platform_index::Value;
use platform_protocol::contracts::{Aftersales, Market};

use super::READER;
use super::routes::NoticeView;
use crate::context::Context;

/// Older events are history, not news, in seconds.
const NEWS_SECONDS: u64 = 60 * 86_400;
/// Unread notices are counted up to here.
pub(super) const UNREAD_MAX: i64 = 99;

/// How far somebody has read, and what they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) seen_block: i64,
    pub(super) seen_log: i64,
    pub(super) orders: bool,
    pub(super) aftersales: bool,
}

/// The steps of an order that goes well, or ends.
pub(super) const ORDERS: [B256; 6] = [
    Market::OrderFunded::SIGNATURE_HASH,
    Market::OrderAccepted::SIGNATURE_HASH,
    Market::OrderShipped::SIGNATURE_HASH,
    Market::OrderDelivered::SIGNATURE_HASH,
    Market::OrderReleased::SIGNATURE_HASH,
    Market::OrderRefunded::SIGNATURE_HASH,
];

/// What comes after a sale: doubts, returns, disputes, rulings.
pub(super) const AFTERSALES: [B256; 14] = [
    Aftersales::OrderContested::SIGNATURE_HASH,
    Aftersales::ReturnRequested::SIGNATURE_HASH,
    Aftersales::ReturnApproved::SIGNATURE_HASH,
    Aftersales::ReturnSent::SIGNATURE_HASH,
    Aftersales::ReturnDropped::SIGNATURE_HASH,
    Aftersales::OrderDisputed::SIGNATURE_HASH,
    Aftersales::SplitProposed::SIGNATURE_HASH,
    Aftersales::OrderEscalated::SIGNATURE_HASH,
    Aftersales::EscalationDefended::SIGNATURE_HASH,
    Aftersales::DisputeRaised::SIGNATURE_HASH,
    Aftersales::OrderRuled::SIGNATURE_HASH,
    Aftersales::OrderAppealed::SIGNATURE_HASH,
    Aftersales::OrderSettled::SIGNATURE_HASH,
    Aftersales::Evidence::SIGNATURE_HASH,
];

pub(super) async fn reader(app: &Context, person: Address) -> Result<Reader, Problem> {
    let sql = "SELECT seen_block, seen_log, orders, aftersales FROM notice_reader WHERE account = $1";
    let Some(row) = app.store.row(sql, vec![person.into()]).await? else {
        return Ok(Reader { seen_block: 0, seen_log: -1, orders: true, aftersales: true });
    };
    Ok(Reader {
        seen_block: row.int(0)?,
        seen_log: row.int(1)?,
        orders: row.int(2)? != 0,
        aftersales: row.int(3)? != 0,
    })
}

pub(super) async fn keep(app: &Context, person: Address, reader: Reader) -> Result<(), Problem> {
    let row = vec![
        person.into(),
        reader.seen_block.into(),
        reader.seen_log.into(),
        reader.orders.into(),
        reader.aftersales.into(),
    ];
    Ok(app.store.put(&READER, row).await?)
}

/// Events of others in somebody's orders that they want to hear of, for SQL, with the parameters so far.
fn concerning(app: &Context, person: Address, reader: Reader) -> (String, Vec<Value>) {
    let mut args: Vec<Value> = vec![person.into(), person.into(), person.into()];
    args.push(app.now().saturating_sub(NEWS_SECONDS).into());
    let mut wanted = Vec::new();
    let kinds = [(reader.orders, ORDERS.as_slice()), (reader.aftersales, AFTERSALES.as_slice())];
    for topic in kinds.into_iter().filter(|(wants, _)| *wants).flat_map(|(_, topics)| topics) {
        args.push(Value::Blob(topic.to_vec()));
        wanted.push(format!("${}", args.len()));
    }
    // Topics are kept end to end, 32 bytes each; the first is the event's own.
    let list = if wanted.is_empty() { "NULL".to_owned() } else { wanted.join(", ") };
    let sql = format!(
        "FROM market_event e JOIN market_order o ON o.order_id = e.order_id \
         WHERE (o.buyer = $1 OR o.seller = $2) AND e.sender <> $3 AND e.at > $4 AND substr(e.topics, 1, 32) IN ({list})"
    );
    (sql, args)
}

pub(super) async fn unread(app: &Context, person: Address) -> Result<u64, Problem> {
    let reader = reader(app, person).await?;
    let (from, mut args) = concerning(app, person, reader);
    args.extend([reader.seen_block.into(), reader.seen_log.into(), UNREAD_MAX.into()]);
    let (block, log, most) = (args.len() - 2, args.len() - 1, args.len());
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 AS one {from} AND (e.block_number, e.log_index) > (${block}, ${log}) LIMIT ${most}) u"
    );
    Ok(app.store.int(&sql, args).await?.unsigned_abs())
}

pub(super) async fn list(
    app: &Context,
    person: Address,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<NoticeView>, Problem> {
    let reader = reader(app, person).await?;
    let (from, mut args) = concerning(app, person, reader);
    let mut before = String::new();
    if let Some(text) = cursor.filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(text, 2)?;
        args.extend([cursor.int(0)?.into(), cursor.int(1)?.into()]);
        before = format!(" AND (e.block_number, e.log_index) < (${}, ${})", args.len() - 1, args.len());
    }
    let sql = format!(
        "SELECT e.block_number, e.log_index, e.order_id, e.at, e.sender, e.topics, e.data, o.buyer {from}{before} \
         ORDER BY e.block_number DESC, e.log_index DESC LIMIT {}",
        limit.rows()
    );
    let rows = app.store.rows(&sql, args).await?;
    let place = |row: &platform_index::Row| (row.int(0).unwrap_or_default(), row.int(1).unwrap_or_default());
    let page = Page::cut(rows, limit, |row| {
        let (block, log) = place(row);
        Cursor(vec![block.to_string(), log.to_string()])
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let topics: Vec<B256> = row.blob(5)?.chunks_exact(32).map(B256::from_slice).collect();
        let event = app.decoder.event(app.manifest.market.address, &topics, &row.blob(6)?);
        let side = if row.address(7)? == person { "buying" } else { "selling" };
        let (block, log) = place(row);
        items.push(NoticeView {
            id: format!("{block}-{log}"),
            order_id: row.number(2)?.to_string(),
            event: event.map(|event| event.event).unwrap_or_default(),
            side: side.to_owned(),
            by: app.party(row.address(4)?),
            at: calendar::rfc3339(row.number(3)?),
            unread: (block, log) > (reader.seen_block, reader.seen_log),
        });
    }
    Ok(Page { items, next: page.next })
}

/// Marks everything up to the newest indexed block as read.
pub(super) async fn read_all(app: &Context, person: Address) -> Result<(), Problem> {
    let before = reader(app, person).await?;
    let block = i64::try_from(app.indexed().number).unwrap_or(i64::MAX);
    keep(app, person, Reader { seen_block: block, seen_log: i64::MAX, ..before }).await
}
