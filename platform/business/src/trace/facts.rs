//! By what an event can be found: the values of its identifying fields.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::gs1;
use super::vocabulary::{BIZ_STEP, DISPOSITION};

/// Lists of identifiers of single objects.
pub(super) const EPC_LISTS: &[&str] = &["epcList", "childEPCs", "inputEPCList", "outputEPCList"];

/// Lists of quantities of a class.
pub(super) const QUANTITY_LISTS: &[&str] =
    &["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

/// Field and value pairs of an event. `epc` and `class` are in canonical form, so that a URN and a Digital Link of one
/// object are found by each other; `epc_said` is as the event says it.
pub(super) fn facts(event: &Map<String, Json>) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for epc in epcs(event) {
        found.insert(("epc", comparable(epc)));
        found.insert(("epc_said", epc.to_owned()));
    }
    for class in classes(event) {
        found.insert(("class", comparable(class)));
    }
    for (field, said) in [("readPoint", "readPoint_said"), ("bizLocation", "bizLocation_said")] {
        if let Some(id) = event.get(field).and_then(|place| place.get("id")?.as_str()) {
            found.insert((field, comparable(id)));
            found.insert((said, id.to_owned()));
        }
    }
    let text = |name: &str| event.get(name).and_then(Json::as_str);
    if let Some(step) = text("bizStep") {
        found.insert(("bizStep", BIZ_STEP.canonical(step)));
        found.insert(("bizStep_said", step.to_owned()));
    }
    if let Some(disposition) = text("disposition") {
        found.insert(("disposition", DISPOSITION.canonical(disposition)));
        found.insert(("disposition_said", disposition.to_owned()));
    }
    if let Some(kind) = text("type") {
        found.insert(("type", kind.to_owned()));
        found.insert(("type_said", kind.to_owned()));
    }
    found
}

/// Identifiers of single objects an event names, its parent among them.
pub(super) fn epcs(event: &Map<String, Json>) -> impl Iterator<Item = &str> {
    let listed = EPC_LISTS.iter().filter_map(|list| event.get(*list)?.as_array()).flatten().filter_map(Json::as_str);
    listed.chain(event.get("parentID").and_then(Json::as_str))
}

/// Classes of objects an event names quantities of.
pub(super) fn classes(event: &Map<String, Json>) -> impl Iterator<Item = &str> {
    let lists = QUANTITY_LISTS.iter().filter_map(|list| event.get(*list)?.as_array()).flatten();
    lists.filter_map(|element| element.get("epcClass")?.as_str())
}

/// An identifier in the form in which it is compared.
pub(super) fn comparable(identifier: &str) -> String {
    gs1::canonical(identifier).unwrap_or_else(|| identifier.to_owned())
}
