//! Scans and claims, and the six signs that a label was copied or records are wrong. They detect; they prevent
//! nothing: whoever can print can copy a code.

use alloy_primitives::{Address, hex};
use platform_api::Problem;
use platform_index::{Row, Store, StoreError, Value};
use serde_json::{Value as Json, json};

use super::capture::now;
use super::error::Refusal;
use super::gs1::DigitalLink;
use super::model::{ALERT, CLAIM, SCAN};
use super::view::{AlertView, ClaimView, RoughPlace, ScanView};
use super::way::{self, Relation, Way};
use super::{master, time};
use crate::context::App;
use crate::trace::vocabulary::{BIZ_STEP, DISPOSITION};

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// Faster than an airliner, with the rounding of two places taken off.
const KILOMETRES_PER_HOUR_MAX: f64 = 1_000.0;
const ROUNDING_KILOMETRES: f64 = 25.0;

/// Farther from every place of its way than a buyer usually carries a thing.
const OFF_PATH_KILOMETRES: f64 = 800.0;

/// Scans of one item within a day that are too many.
const SCANS_A_DAY_MAX: u64 = 20;

/// A label in a buyer's hands is scanned on the way home. Later than this after the sale, it is worth a look.
const AFTER_SALE: u64 = 2 * DAY;

/// The same sign of the same item is told once in this time.
const QUIET: u64 = DAY;

/// Scans by which a place is compared.
const COMPARED_MAX: u32 = 20;

/// Records a scan and looks for what is wrong.
pub(super) async fn record(app: &App, link: &DigitalLink, place: Option<RoughPlace>) -> Result<ScanView, Refusal> {
    let place = place.map(rounded).transpose()?;
    let id = hex::encode(rand::random::<[u8; 16]>());
    let (item, at) = (link.canonical(), now());
    let row = row(&id, &item, at, place);
    app.store.put(&SCAN, row).await?;
    let mut found = Vec::new();
    // Only an item with a serial has a way of its own.
    if link.qualifier("21").is_some() {
        let way = way::of(&app.store, link).await?;
        found.extend(signs_of_item(app, &item, &way, &id, at).await?);
        found.extend(signs_of_place(app, &item, &way, &id, at, place).await?);
    }
    told(&app.store, &item, at, found).await?;
    view(&app.store, id, &item).await
}

/// Adds a place to a scan that was recorded without one.
pub(super) async fn add_place(app: &App, id: &str, place: RoughPlace) -> Result<ScanView, Refusal> {
    let place = rounded(place)?;
    let sql = "SELECT item, at FROM trace_scan WHERE id = $1 AND latitude IS NULL AND at >= $2";
    // Who scanned has the id; an hour later it is history.
    let args = vec![id.into(), now().saturating_sub(HOUR).into()];
    let Some(found) = app.store.row(sql, args).await? else {
        return Err(Refusal::missing("scan that waits for a place"));
    };
    let (item, at) = (found.text(0)?, found.number(1)?);
    app.store.put(&SCAN, row(id, &item, at, Some(place))).await?;
    let Some(link) = DigitalLink::parse(&item) else {
        return Err(Refusal::missing("scan of an item"));
    };
    let found = if link.qualifier("21").is_some() {
        let way = way::of(&app.store, &link).await?;
        signs_of_place(app, &item, &way, id, at, Some(place)).await?
    } else {
        Vec::new()
    };
    told(&app.store, &item, at, found).await?;
    view(&app.store, id.to_owned(), &item).await
}

/// Records that somebody claims to own an item.
pub(super) async fn claim(app: &App, link: &DigitalLink, account: Address) -> Result<ClaimView, Refusal> {
    let (item, at) = (link.canonical(), now());
    let sql = "SELECT account, at FROM trace_claim WHERE item = $1 ORDER BY at, account";
    let before = app.store.rows(sql, vec![item.as_str().into()]).await?;
    let mut others = Vec::new();
    let mut again = false;
    for row in &before {
        let (other, since) = (row.address(0)?, row.number(1)?);
        again |= other == account;
        if other != account {
            others.push(json!({ "account": other.to_checksum(None), "at": text(since) }));
        }
    }
    if !again {
        app.store.put(&CLAIM, vec![item.as_str().into(), account.into(), at.into()]).await?;
    }
    if !again && !others.is_empty() {
        let evidence = json!({ "claim": { "account": account.to_checksum(None), "at": text(at) }, "earlier": others });
        told(&app.store, &item, at, vec![("second_claim", evidence)]).await?;
    }
    Ok(ClaimView { first: others.is_empty(), alerts: alerts_of(&app.store, &item).await? })
}

type Sign = (&'static str, Json);

/// Signs that need no place: a serial nobody made, a scan long after the sale, too many scans.
async fn signs_of_item(app: &App, item: &str, way: &Way, scan: &str, at: u64) -> Result<Vec<Sign>, Refusal> {
    let mut found = Vec::new();
    let own: Vec<_> = way.iter().filter(|(relation, _)| *relation == Relation::Item).map(|(_, event)| event).collect();
    if own.is_empty() {
        let lot_events = way.len();
        found.push(("unknown_serial", json!({ "scan": scan, "at": text(at), "events_of_lot": lot_events })));
    }
    let sale = own.iter().find(|event| {
        let said = |name: &str| event.event.get(name).and_then(Json::as_str).unwrap_or_default();
        DISPOSITION.canonical(said("disposition")).ends_with("Disp-retail_sold")
            || BIZ_STEP.canonical(said("bizStep")).ends_with("BizStep-retail_selling")
    });
    if let Some(sale) = sale {
        let sold = u64::try_from(sale.event_time).unwrap_or(0);
        if at > sold.saturating_add(AFTER_SALE) && !is_claimed(&app.store, item).await? {
            let evidence = json!({ "scan": scan, "at": text(at), "sold": text(sold), "event": sale.event_id });
            found.push(("scan_after_sale", evidence));
        }
    }
    let sql = "SELECT COUNT(*) FROM trace_scan WHERE item = $1 AND at > $2";
    let today = app.store.int(sql, vec![item.into(), at.saturating_sub(DAY).into()]).await?;
    if today > i64::try_from(SCANS_A_DAY_MAX).unwrap_or(i64::MAX) {
        found.push((
            "scan_outlier",
            json!({ "scan": scan, "at": text(at), "scans_in_a_day": today, "usual_at_most": SCANS_A_DAY_MAX }),
        ));
    }
    Ok(found)
}

/// Signs of a place: farther than one can travel since the scan before, and far from where the item was sent.
async fn signs_of_place(
    app: &App,
    item: &str,
    way: &Way,
    scan: &str,
    at: u64,
    place: Option<(i64, i64)>,
) -> Result<Vec<Sign>, Refusal> {
    let Some(here) = place.map(degrees) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let sql = "SELECT id, at, latitude, longitude FROM trace_scan WHERE item = $1 AND id <> $2 AND latitude IS NOT NULL \
               AND at <= $3 ORDER BY at DESC LIMIT $4";
    let args: Vec<Value> = vec![item.into(), scan.into(), at.into(), COMPARED_MAX.into()];
    for row in app.store.rows(sql, args).await? {
        let there = degrees((row.int(2)?, row.int(3)?));
        let before = row.number(1)?;
        let apart = kilometres(here, there) - ROUNDING_KILOMETRES;
        let hours = (at.saturating_sub(before) as f64 / HOUR as f64).max(1.0 / 60.0);
        if apart > 0.0 && apart / hours > KILOMETRES_PER_HOUR_MAX {
            found.push((
                "impossible_travel",
                json!({
                    "scan": scan, "at": text(at), "place": rough(here),
                    "earlier": { "scan": row.text(0)?, "at": text(before), "place": rough(there) },
                    "kilometres": apart.round(), "hours": (hours * 10.0).round() / 10.0,
                }),
            ));
            break;
        }
    }
    let ids: Vec<String> = way
        .iter()
        .filter(|(relation, _)| matches!(relation, Relation::Item | Relation::Container))
        .flat_map(|(_, event)| places(&event.event))
        .collect();
    let known = master::coordinates(&app.store, &ids).await?;
    let nearest = known.iter().map(|there| kilometres(here, *there)).min_by(f64::total_cmp);
    if let Some(nearest) = nearest.filter(|nearest| *nearest > OFF_PATH_KILOMETRES) {
        let evidence = json!({
            "scan": scan, "at": text(at), "place": rough(here),
            "kilometres_to_nearest": nearest.round(), "places_of_way": known.len(),
        });
        found.push(("off_path", evidence));
    }
    Ok(found)
}

/// Every place an event names.
fn places(event: &serde_json::Map<String, Json>) -> Vec<String> {
    let single = ["readPoint", "bizLocation"].into_iter().filter_map(|name| event.get(name)?.get("id")?.as_str());
    let ends = [("sourceList", "source"), ("destinationList", "destination")].into_iter().flat_map(|(list, name)| {
        let items = event.get(list).and_then(Json::as_array).into_iter().flatten();
        items.filter_map(move |item| item.get(name)?.as_str())
    });
    single.chain(ends).map(str::to_owned).collect()
}

/// Keeps signs, each once in a while.
async fn told(store: &Store, item: &str, at: u64, signs: Vec<Sign>) -> Result<(), StoreError> {
    for (kind, evidence) in signs {
        let sql = "SELECT COUNT(*) FROM trace_alert WHERE item = $1 AND kind = $2 AND at > $3";
        let args = vec![item.into(), kind.into(), at.saturating_sub(QUIET).into()];
        if store.int(sql, args).await? > 0 {
            continue;
        }
        let id = hex::encode(rand::random::<[u8; 12]>());
        store.put(&ALERT, vec![id.into(), item.into(), kind.into(), at.into(), evidence.to_string().into()]).await?;
    }
    Ok(())
}

async fn view(store: &Store, id: String, item: &str) -> Result<ScanView, Refusal> {
    Ok(ScanView { id, scans: count(store, item).await?, alerts: alerts_of(store, item).await? })
}

/// How often an item was scanned.
pub(super) async fn count(store: &Store, item: &str) -> Result<u64, StoreError> {
    let count = store.int("SELECT COUNT(*) FROM trace_scan WHERE item = $1", vec![item.into()]).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Whether somebody claimed to own an item.
pub(super) async fn is_claimed(store: &Store, item: &str) -> Result<bool, StoreError> {
    Ok(store.int("SELECT COUNT(*) FROM trace_claim WHERE item = $1", vec![item.into()]).await? > 0)
}

const COLUMNS: &str = "id, item, kind, at, evidence";

/// What looks wrong with an item, the newest first.
pub(super) async fn alerts_of(store: &Store, item: &str) -> Result<Vec<AlertView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM trace_alert WHERE item = $1 ORDER BY at DESC, id LIMIT 50");
    store.rows(&sql, vec![item.into()]).await?.iter().map(read).collect()
}

/// What looks wrong anywhere, the newest first, before a time.
pub(super) async fn alerts(store: &Store, before: (i64, &str), most: i64) -> Result<Vec<(i64, AlertView)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_alert WHERE at < $1 OR (at = $1 AND id > $2) ORDER BY at DESC, id LIMIT {most}"
    );
    let rows = store.rows(&sql, vec![before.0.into(), before.1.into()]).await?;
    rows.iter().map(|row| Ok((row.int(3)?, read(row)?))).collect()
}

fn read(row: &Row) -> Result<AlertView, StoreError> {
    Ok(AlertView {
        id: row.text(0)?,
        item: row.text(1)?,
        kind: row.text(2)?,
        at: text(row.number(3)?),
        evidence: serde_json::from_str(&row.text(4)?).unwrap_or_default(),
    })
}

fn row(id: &str, item: &str, at: u64, place: Option<(i64, i64)>) -> Vec<Value> {
    let (latitude, longitude) = place.unzip();
    vec![id.into(), item.into(), at.into(), latitude.into(), longitude.into()]
}

fn text(milliseconds: u64) -> String {
    time::text(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// Tenths of a degree: about ten kilometres. Nothing finer is kept.
fn rounded(place: RoughPlace) -> Result<(i64, i64), Problem> {
    let RoughPlace { latitude, longitude } = place;
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(Problem::invalid("A place has a latitude of -90 to 90 and a longitude of -180 to 180 degrees."));
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be within 1,800 tenths")]
    let tenths = |degrees: f64| (degrees * 10.0).round() as i64;
    Ok((tenths(latitude), tenths(longitude)))
}

fn degrees((latitude, longitude): (i64, i64)) -> (f64, f64) {
    (latitude as f64 / 10.0, longitude as f64 / 10.0)
}

fn rough((latitude, longitude): (f64, f64)) -> Json {
    json!({ "latitude": latitude, "longitude": longitude })
}

/// Kilometres between two places on a sphere (haversine).
fn kilometres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (north, east) = ((b.0 - a.0).to_radians(), (b.1 - a.1).to_radians());
    let (from, to) = (a.0.to_radians(), b.0.to_radians());
    let chord = (north / 2.0).sin().powi(2) + from.cos() * to.cos() * (east / 2.0).sin().powi(2);
    2.0 * 6_371.0 * chord.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        let (hangzhou, london) = ((30.3, 120.2), (51.5, -0.1));
        assert!((kilometres(hangzhou, london) - 9_200.0).abs() < 120.0);
        assert!(kilometres(hangzhou, hangzhou).abs() < 1e-9);
    }

    #[test]
    fn a_place_is_kept_to_a_tenth_of_a_degree() {
        let place = |latitude, longitude| rounded(RoughPlace { latitude, longitude });
        assert_eq!(place(30.274_15, 120.155_1).unwrap(), (303, 1_202));
        assert!(place(91.0, 0.0).is_err() && place(0.0, f64::NAN).is_err());
    }
}
