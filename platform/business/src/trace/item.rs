//! An item in front of somebody: its way, its readings, and what is proven of it.

use std::collections::BTreeMap;

use platform_api::Problem;
use serde_json::{Map, Value as Json};

use super::error::Refusal;
use super::gs1::DigitalLink;
use super::query::StoredEvent;
use super::scan;
use super::view::{DetailView, ErrorView, ItemView, PointView, ReadingsView, StepView};
use super::vocabulary::{BIZ_STEP, DISPOSITION, ERROR_REASON, MEASUREMENT, Vocabulary};
use super::way::{self, Relation, Way};
use super::{master, proof, time};
use crate::context::App;

/// Readings shown of one kind; more are thinned out.
const POINTS_MAX: usize = 400;

/// Reads a label's link: a GTIN with what follows it.
pub(super) fn read_link(text: &str) -> Result<DigitalLink, Problem> {
    let link = DigitalLink::parse(text).filter(|link| link.ai == "01");
    link.ok_or_else(|| {
        Problem::invalid(format!("{text:?} is no GS1 Digital Link of a product: /01/{{gtin}}/21/{{serial}}."))
    })
}

pub(super) async fn view(app: &App, link: &DigitalLink) -> Result<ItemView, Refusal> {
    let way = way::of(&app.store, link).await?;
    let known = way.iter().any(|(relation, _)| matches!(relation, Relation::Item))
        || (link.qualifier("21").is_none() && !way.is_empty());
    let (mut steps, mut trees) = (Vec::new(), proof::Trees::new());
    let mut readings = BTreeMap::new();
    for (relation, stored) in &way {
        steps.push(step(app, *relation, stored, &mut trees).await?);
        if !stored.event.contains_key("errorDeclaration") {
            gather(&stored.event, &mut readings);
        }
    }
    let own: Vec<&StepView> = steps.iter().filter(|step| step.error.is_none() && step.about != "ingredient").collect();
    let disposition = own.iter().rev().find_map(|step| step.disposition.clone());
    let says = |words: &[&str]| {
        let said = |said: &Option<String>| said.as_deref().is_some_and(|word| words.contains(&word));
        own.iter().any(|step| said(&step.disposition) || said(&step.biz_step))
    };
    let recalled = says(&["recalled"]);
    let sold = says(&["retail_sold", "retail_selling", "dispensed"]);
    let item = link.canonical();
    let lot = link.qualifier("10").or_else(|| lot_of_way(&way));
    Ok(ItemView {
        gtin: link.key.clone(),
        lot,
        serial: link.qualifier("21"),
        checked: link.is_checked(),
        known,
        product: master::product(&app.store, &link.key).await?,
        disposition,
        recalled,
        sold,
        readings: readings.into_iter().map(finish).collect(),
        scans: scan::count(&app.store, &item).await?,
        alerts: scan::alerts_of(&app.store, &item).await?,
        claimed: scan::is_claimed(&app.store, &item).await?,
        anchoring: app.manifest.trace.is_some(),
        link: item,
        steps,
    })
}

fn lot_of_way(way: &Way) -> Option<String> {
    let own = way.iter().filter(|(relation, _)| *relation == Relation::Item);
    own.filter_map(|(_, stored)| way::lot_of(&stored.event)).next().map(str::to_owned)
}

async fn step(
    app: &App,
    relation: Relation,
    stored: &StoredEvent,
    trees: &mut proof::Trees,
) -> Result<StepView, Refusal> {
    let event = &stored.event;
    let text = |name: &str| event.get(name).and_then(Json::as_str);
    let id_of = |name: &str| event.get(name).and_then(|place| place.get("id")?.as_str());
    let place = match id_of("readPoint").or_else(|| id_of("bizLocation")) {
        Some(id) => Some(master::place(&app.store, id).await?),
        None => None,
    };
    let destination = event.get("destinationList").and_then(Json::as_array).into_iter().flatten().find_map(|item| {
        let kind = item.get("type").and_then(Json::as_str)?;
        (kind.ends_with("location")).then(|| item.get("destination")?.as_str()).flatten()
    });
    let destination = match destination {
        Some(id) => Some(master::place(&app.store, id).await?),
        None => None,
    };
    Ok(StepView {
        event_id: stored.event_id.clone(),
        event_type: text("type").unwrap_or_default().to_owned(),
        at: time::text(stored.event_time),
        offset: text("eventTimeZoneOffset").unwrap_or("+00:00").to_owned(),
        captured_at: time::text(stored.record_time),
        about: match relation {
            Relation::Item => "item",
            Relation::Lot => "lot",
            Relation::Ingredient => "ingredient",
            Relation::Container => "container",
        }
        .to_owned(),
        action: text("action").map(str::to_owned),
        biz_step: text("bizStep").map(|word| bare(&BIZ_STEP, word)),
        disposition: text("disposition").map(|word| bare(&DISPOSITION, word)),
        place,
        destination,
        details: details(event),
        error: event.get("errorDeclaration").and_then(Json::as_object).map(error),
        proof: proof::of_stored(app, stored, trees).await?,
    })
}

/// A word of a vocabulary without its address.
pub(super) fn bare(vocabulary: &Vocabulary, word: &str) -> String {
    vocabulary.word(word).unwrap_or(word).to_owned()
}

fn error(declared: &Map<String, Json>) -> ErrorView {
    let text = |name: &str| declared.get(name).and_then(Json::as_str);
    let ids = declared.get("correctiveEventIDs").and_then(Json::as_array).into_iter().flatten();
    ErrorView {
        at: text("declarationTime").unwrap_or_default().to_owned(),
        reason: text("reason").map(|word| bare(&ERROR_REASON, word)),
        corrected_by: ids.filter_map(Json::as_str).map(str::to_owned).collect(),
    }
}

/// Plain values of the master data that come with a lot or an instance.
fn details(event: &Map<String, Json>) -> Vec<DetailView> {
    let ilmd = event.get("ilmd").and_then(Json::as_object).into_iter().flatten();
    let plain = ilmd.filter_map(|(name, value)| {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        let name = name.rsplit([':', '#', '/']).next().unwrap_or(name).to_owned();
        Some(DetailView { name, value: value.chars().take(200).collect() })
    });
    plain.take(20).collect()
}

type Gathered = BTreeMap<(String, String), Vec<PointView>>;

/// Adds the readings of an event.
fn gather(event: &Map<String, Json>, readings: &mut Gathered) {
    let elements = event.get("sensorElementList").and_then(Json::as_array).into_iter().flatten();
    for element in elements {
        let metadata = |name: &str| element.get("sensorMetadata").and_then(|data| data.get(name)?.as_str());
        for report in element.get("sensorReport").and_then(Json::as_array).into_iter().flatten() {
            let number = |name: &str| report.get(name).and_then(Json::as_f64);
            let at =
                report.get("time").and_then(Json::as_str).or_else(|| metadata("time")).or_else(|| metadata("endTime"));
            let at = at.or_else(|| event.get("eventTime").and_then(Json::as_str)).and_then(time::instant);
            let (least, most) = (number("minValue"), number("maxValue"));
            let middle = || Some(f64::midpoint(least?, most?));
            let value = number("value").or_else(|| number("meanValue")).or_else(middle);
            let (Some(at), Some(value), Some(kind)) = (at, value, report.get("type").and_then(Json::as_str)) else {
                continue;
            };
            let unit = report.get("uom").and_then(Json::as_str).unwrap_or_default().to_owned();
            let alarm = report.get("exception").is_some();
            let point = PointView { at: time::text(at), value, least, most, alarm };
            readings.entry((bare(&MEASUREMENT, kind), unit)).or_default().push(point);
        }
    }
}

fn finish(((measures, unit), mut points): ((String, String), Vec<PointView>)) -> ReadingsView {
    points.sort_by(|a, b| a.at.cmp(&b.at));
    let every = points.len().div_ceil(POINTS_MAX);
    let mut place = 0;
    points.retain(|point| {
        place += 1;
        point.alarm || (place - 1) % every.max(1) == 0
    });
    ReadingsView { measures, unit, points }
}
