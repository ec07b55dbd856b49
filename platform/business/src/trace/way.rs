//! The way of an item: the events that name it, those of what it was made from, and those of what it was packed in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use platform_index::{Store, StoreError};
use serde_json::{Map, Value as Json};

use super::facts::{EPC_LISTS, QUANTITY_LISTS, comparable};
use super::gs1::DigitalLink;
use super::query::{StoredEvent, of_item};

/// Identifiers followed on one way, and events shown of it.
const IDENTIFIERS_MAX: usize = 60;
const EVENTS_MAX: usize = 300;

/// How an event concerns the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// It names the item itself.
    Item,
    /// It is about the lot or the kind of the item.
    Lot,
    /// It is about what the item was made from.
    Ingredient,
    /// It is about what the item was packed in.
    Container,
}

/// Events with how they concern the item.
pub(super) type Way = Vec<(Relation, StoredEvent)>;

/// When an item was in a container, in milliseconds since 1970.
type Window = (i64, i64);

struct Step {
    identifier: String,
    relation: Relation,
    window: Window,
}

const ALWAYS: Window = (i64::MIN, i64::MAX);

/// The way of an item, oldest event first. `lot` is there where the label or an event says it.
pub(super) async fn of(store: &Store, link: &DigitalLink) -> Result<Way, StoreError> {
    let mut found: BTreeMap<i64, (Relation, StoredEvent)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting: VecDeque<Step> = beginnings(link);
    while let Some(step) = waiting.pop_front() {
        if seen.len() >= IDENTIFIERS_MAX || !seen.insert(step.identifier.clone()) {
            continue;
        }
        let facts = [("epc", step.identifier.clone()), ("class", step.identifier.clone())];
        for event in of_item(store, &facts, 200).await? {
            if event.event_time < step.window.0 || event.event_time > step.window.1 || found.len() >= EVENTS_MAX {
                continue;
            }
            follow(&step, &event, link, &mut waiting);
            found.entry(event.seq).or_insert((step.relation, event));
        }
        close_windows(&mut waiting, found.values().map(|(_, event)| event));
    }
    let mut way: Way = found.into_values().collect();
    way.sort_by_key(|(_, event)| (event.event_time, event.seq));
    Ok(way)
}

/// The item itself, and its lot where the label names it.
fn beginnings(link: &DigitalLink) -> VecDeque<Step> {
    let class = |qualifier: &str| {
        let value = link.qualifiers.iter().find(|(ai, _)| *ai == qualifier).map(|(_, value)| value)?;
        Some(format!("https://id.gs1.org/{}/{}/{qualifier}/{value}", link.ai, link.key))
    };
    let mut steps = VecDeque::from([Step { identifier: link.canonical(), relation: Relation::Item, window: ALWAYS }]);
    if let Some(lot) = class("10") {
        steps.push_back(Step { identifier: lot, relation: Relation::Lot, window: ALWAYS });
    }
    steps
}

/// What an event leads to: what the item was made from, what it was packed in, and the lot its master data name.
fn follow(step: &Step, event: &StoredEvent, link: &DigitalLink, waiting: &mut VecDeque<Step>) {
    let body = &event.event;
    let kind = body.get("type").and_then(Json::as_str).unwrap_or_default();
    let mut go = |identifier: String, relation, window| waiting.push_back(Step { identifier, relation, window });
    if kind == "TransformationEvent" && names(body, &["outputEPCList"], &["outputQuantityList"], &step.identifier) {
        for input in identifiers(body, &["inputEPCList"], &["inputQuantityList"]) {
            go(input, Relation::Ingredient, (i64::MIN, event.event_time));
        }
    }
    let packed = kind == "AggregationEvent" && body.get("action").is_some_and(|action| action == "ADD");
    if packed
        && names(body, &["childEPCs"], &["childQuantityList"], &step.identifier)
        && let Some(parent) = body.get("parentID").and_then(Json::as_str)
    {
        go(comparable(parent), Relation::Container, (event.event_time, step.window.1));
    }
    if step.relation == Relation::Item
        && let Some(lot) = lot_of(body)
    {
        go(format!("https://id.gs1.org/{}/{}/10/{lot}", link.ai, link.key), Relation::Lot, ALWAYS);
    }
}

/// An item that was taken out of a container no longer goes where that goes.
fn close_windows<'a>(waiting: &mut VecDeque<Step>, events: impl Iterator<Item = &'a StoredEvent>) {
    let unpacked: Vec<(String, i64)> = events
        .filter(|event| event.event.get("type").is_some_and(|kind| kind == "AggregationEvent"))
        .filter(|event| event.event.get("action").is_some_and(|action| action == "DELETE"))
        .filter_map(|event| Some((comparable(event.event.get("parentID")?.as_str()?), event.event_time)))
        .collect();
    for step in waiting.iter_mut().filter(|step| step.relation == Relation::Container) {
        let end = unpacked.iter().filter(|(parent, at)| *parent == step.identifier && *at >= step.window.0);
        if let Some(end) = end.map(|(_, at)| *at).min() {
            step.window.1 = step.window.1.min(end);
        }
    }
}

/// The lot that an event's instance master data name.
pub(super) fn lot_of(event: &Map<String, Json>) -> Option<&str> {
    let ilmd = event.get("ilmd")?.as_object()?;
    let lot = ilmd.iter().find(|(name, _)| name.ends_with(":lotNumber") || name.ends_with("#lotNumber"));
    lot.and_then(|(_, value)| value.as_str())
}

fn names(event: &Map<String, Json>, epcs: &[&str], quantities: &[&str], identifier: &str) -> bool {
    identifiers(event, epcs, quantities).iter().any(|found| found == identifier)
}

fn identifiers(event: &Map<String, Json>, epcs: &[&str], quantities: &[&str]) -> Vec<String> {
    debug_assert!(epcs.iter().all(|list| EPC_LISTS.contains(list)), "lists of the standard");
    debug_assert!(quantities.iter().all(|list| QUANTITY_LISTS.contains(list)), "lists of the standard");
    let list = |name: &&str| event.get(*name).and_then(Json::as_array).into_iter().flatten();
    let plain = epcs.iter().flat_map(list).filter_map(Json::as_str);
    let classes = quantities.iter().flat_map(list).filter_map(|element| element.get("epcClass")?.as_str());
    plain.chain(classes).map(comparable).collect()
}
