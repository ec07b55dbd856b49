//! Lists for those who run the business.

use platform_api::Problem;
use platform_api::calendar::rfc3339;
use platform_index::StoreError;
use serde_json::Value as Json;

use super::facts::{classes, epcs};
use super::gs1;
use super::item::bare;
use super::query::read_event;
use super::view::{BatchView, EventCard, OverviewView};
use super::vocabulary::BIZ_STEP;
use super::{master, time};
use crate::context::App;
use crate::wire::show;

pub(super) async fn overview(app: &App) -> Result<OverviewView, Problem> {
    let count = async |sql: &str| -> Result<u64, StoreError> {
        Ok(u64::try_from(app.store.int(sql, vec![]).await?).unwrap_or(0))
    };
    let anchored = "SELECT COUNT(*) FROM trace_event WHERE batch IN \
                    (SELECT b.number FROM trace_batch b JOIN trace_anchor a ON a.root = b.root)";
    Ok(OverviewView {
        anchoring: app.manifest.trace.is_some(),
        contract: app.manifest.trace.as_ref().map(|trace| show(trace.address)),
        events: count("SELECT COUNT(*) FROM trace_event").await?,
        anchored: count(anchored).await?,
        batches: count("SELECT COUNT(*) FROM trace_anchor").await?,
        scans: count("SELECT COUNT(*) FROM trace_scan").await?,
        alerts: count("SELECT COUNT(*) FROM trace_alert").await?,
    })
}

pub(super) async fn batches(app: &App, before: i64, most: i64) -> Result<Vec<BatchView>, Problem> {
    let sql = format!(
        "SELECT batch_id, root, leaves, block_number, transaction_hash, timestamp FROM trace_anchor \
         WHERE batch_id < $1 ORDER BY batch_id DESC LIMIT {most}"
    );
    let rows = app.store.rows(&sql, vec![before.into()]).await?;
    let read = rows.iter().map(|row| {
        Ok(BatchView {
            batch_id: row.number(0)?,
            root: row.hash(1)?.to_string(),
            leaves: row.number(2)?,
            block_number: row.number(3)?,
            transaction_hash: row.hash(4)?.to_string(),
            at: rfc3339(row.number(5)?),
        })
    });
    Ok(read.collect::<Result<_, StoreError>>()?)
}

/// Events with their numbers, the newest first.
pub(super) async fn events(app: &App, before: i64, most: i64) -> Result<Vec<(i64, EventCard)>, Problem> {
    let sql = format!(
        "SELECT e.seq, e.event_id, e.event_hash, e.event_time, e.record_time, e.batch, e.namespaces, e.body, \
         (SELECT COUNT(*) FROM trace_batch b JOIN trace_anchor a ON a.root = b.root WHERE b.number = e.batch) \
         FROM trace_event e WHERE e.seq < $1 ORDER BY e.seq DESC LIMIT {most}"
    );
    let mut cards = Vec::new();
    for row in app.store.rows(&sql, vec![before.into()]).await? {
        let stored = read_event(&row)?;
        let text = |name: &str| stored.event.get(name).and_then(Json::as_str);
        let place = stored.event.get("readPoint").and_then(|place| place.get("id")?.as_str());
        let place = match place {
            Some(id) => Some(master::place(&app.store, id).await?),
            None => None,
        };
        let named: Vec<&str> = epcs(&stored.event).chain(classes(&stored.event)).collect();
        let page = |id: &&str| gs1::canonical(id).filter(|link| master::gtin(link).is_some());
        let href = named.iter().find_map(page).map(|link| link.trim_start_matches("https://id.gs1.org").to_owned());
        let card = EventCard {
            event_id: stored.event_id.clone(),
            event_type: text("type").unwrap_or_default().to_owned(),
            at: time::text(stored.event_time),
            captured_at: time::text(stored.record_time),
            biz_step: text("bizStep").map(|word| bare(&BIZ_STEP, word)),
            place,
            about: named.iter().take(5).map(|id| (*id).to_owned()).collect(),
            href,
            anchored: row.int(8)? > 0,
        };
        cards.push((stored.seq, card));
    }
    Ok(cards)
}
