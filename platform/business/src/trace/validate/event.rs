//! The five types of events, and what each must say (EPCIS 2.0, section 7.4).

use serde_json::{Map, Value as Json};

use super::check::{Check, is_uri};
use super::parts;
use super::sensor;
use crate::trace::namespaces::Namespaces;
use crate::trace::time;
use crate::trace::vocabulary::{BIZ_STEP, DISPOSITION, ERROR_REASON};

/// The types of the standard.
pub(in crate::trace) const TYPES: [&str; 5] =
    ["ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"];

/// Fields of every type.
const EVERY: &[&str] = &[
    "@context",
    "type",
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "errorDeclaration",
    "certificationInfo",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "sensorElementList",
];

pub(super) fn event(check: &mut Check, value: &Json, namespaces: &Namespaces) {
    let Some(event) = check.object(value) else {
        return;
    };
    let kind = event.get("type").and_then(Json::as_str);
    check.required(event, "type", |check, kind| {
        if let Some(kind) = check.text(kind)
            && !TYPES.contains(&kind)
            && !is_uri(kind)
        {
            check.fault("event.type", format!("{kind:?} is no type of event: it is none of {}.", TYPES.join(", ")));
        }
    });
    what_when_where(check, event, namespaces);
    let own: &[&str] = match kind {
        Some("ObjectEvent") => object(check, event, namespaces),
        Some("AggregationEvent") => aggregation(check, event, namespaces, false),
        Some("AssociationEvent") => aggregation(check, event, namespaces, true),
        Some("TransactionEvent") => transaction(check, event, namespaces),
        Some("TransformationEvent") => transformation(check, event, namespaces),
        // An event of a type of one's own, or of none that can be told: its fields are not known.
        _ => return,
    };
    let names: Vec<&str> = EVERY.iter().chain(own).copied().collect();
    check.names(event, &names, namespaces);
}

/// What every type has.
fn what_when_where(check: &mut Check, event: &Map<String, Json>, namespaces: &Namespaces) {
    check.required(event, "eventTime", Check::instant);
    check.required(event, "eventTimeZoneOffset", |check, offset| {
        if let Some(text) = check.text(offset)
            && !time::is_offset(text)
        {
            check.fault("format.time-zone", format!("{text:?} is no offset from UTC, such as +02:00."));
        }
    });
    check.field(event, "recordTime", Check::instant);
    check.field(event, "eventID", Check::uri);
    check.field(event, "action", |check, action| check.one_of(action, "event.action", &["ADD", "OBSERVE", "DELETE"]));
    check.field(event, "bizStep", |check, step| check.word(step, &BIZ_STEP));
    check.field(event, "disposition", |check, disposition| check.word(disposition, &DISPOSITION));
    check.field(event, "persistentDisposition", |check, both| persistent(check, both, namespaces));
    check.field(event, "certificationInfo", parts::certification);
    check.field(event, "errorDeclaration", |check, error| error_declaration(check, error, namespaces));
    check.field(event, "readPoint", |check, place| parts::place(check, place, namespaces));
    check.field(event, "bizLocation", |check, place| parts::place(check, place, namespaces));
    check.field(event, "bizTransactionList", |check, list| {
        check.list(list, |check, item| parts::transaction(check, item, namespaces));
    });
    for (list, name) in [("sourceList", "source"), ("destinationList", "destination")] {
        check.field(event, list, |check, list| {
            check.list(list, |check, item| parts::party(check, item, name, namespaces));
        });
    }
    check.field(event, "sensorElementList", |check, list| {
        check.list(list, |check, element| sensor::element(check, element, namespaces));
    });
}

fn object(check: &mut Check, event: &Map<String, Json>, namespaces: &Namespaces) -> &'static [&'static str] {
    action(check, event);
    check.field(event, "epcList", parts::identifiers);
    check.field(event, "quantityList", |check, list| parts::quantities(check, list, namespaces));
    ilmd(check, event, namespaces);
    let adds = event.get("action").is_none_or(|action| action == "ADD");
    if event.contains_key("ilmd") && !adds {
        check.at("ilmd", |check| check.fault("event.ilmd", "Instance or lot master data go with the action ADD only."));
    }
    let sensed = has(event, "sensorElementList") && event.contains_key("readPoint");
    if !has(event, "epcList") && !has(event, "quantityList") && !sensed {
        check.missing("epcList", ": name the objects in epcList or quantityList, or sensor readings with a readPoint");
    }
    &["action", "epcList", "quantityList", "ilmd"]
}

fn aggregation(
    check: &mut Check,
    event: &Map<String, Json>,
    namespaces: &Namespaces,
    always_with_parent: bool,
) -> &'static [&'static str] {
    action(check, event);
    check.field(event, "parentID", Check::uri);
    check.field(event, "childEPCs", parts::identifiers);
    check.field(event, "childQuantityList", |check, list| parts::quantities(check, list, namespaces));
    let action = event.get("action").and_then(Json::as_str);
    if !event.contains_key("parentID") && (always_with_parent || matches!(action, Some("ADD" | "DELETE"))) {
        check.missing("parentID", if always_with_parent { "" } else { " unless the action is OBSERVE" });
    }
    if !has(event, "childEPCs") && !has(event, "childQuantityList") && action != Some("DELETE") {
        check
            .missing("childEPCs", ": name the children in childEPCs or childQuantityList, unless the action is DELETE");
    }
    &["action", "parentID", "childEPCs", "childQuantityList"]
}

fn transaction(check: &mut Check, event: &Map<String, Json>, namespaces: &Namespaces) -> &'static [&'static str] {
    action(check, event);
    check.field(event, "parentID", Check::uri);
    check.field(event, "epcList", parts::identifiers);
    check.field(event, "quantityList", |check, list| parts::quantities(check, list, namespaces));
    if !has(event, "bizTransactionList") {
        check.missing("bizTransactionList", ": a TransactionEvent names at least one business transaction");
    }
    let deletes = event.get("action").is_some_and(|action| action == "DELETE");
    let named = has(event, "epcList") || has(event, "quantityList") || event.contains_key("parentID");
    if !named && !deletes && !has(event, "sensorElementList") {
        check.missing("epcList", ": name the objects in epcList or quantityList, unless the action is DELETE");
    }
    &["action", "parentID", "epcList", "quantityList"]
}

fn transformation(check: &mut Check, event: &Map<String, Json>, namespaces: &Namespaces) -> &'static [&'static str] {
    for name in ["inputEPCList", "outputEPCList"] {
        check.field(event, name, parts::identifiers);
    }
    for name in ["inputQuantityList", "outputQuantityList"] {
        check.field(event, name, |check, list| parts::quantities(check, list, namespaces));
    }
    check.field(event, "transformationID", Check::uri);
    ilmd(check, event, namespaces);
    let input = has(event, "inputEPCList") || has(event, "inputQuantityList");
    let output = has(event, "outputEPCList") || has(event, "outputQuantityList");
    if event.contains_key("transformationID") {
        if !input && !output {
            check.missing("inputEPCList", ": name inputs or outputs");
        }
    } else {
        if !input {
            check.missing("inputEPCList", ": name inputs, unless a transformationID joins several events");
        }
        if !output {
            check.missing("outputEPCList", ": name outputs, unless a transformationID joins several events");
        }
    }
    &["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd"]
}

fn action(check: &mut Check, event: &Map<String, Json>) {
    if !event.contains_key("action") {
        check.missing("action", ": it is ADD, OBSERVE or DELETE");
    }
}

fn ilmd(check: &mut Check, event: &Map<String, Json>, namespaces: &Namespaces) {
    check.field(event, "ilmd", |check, ilmd| {
        if let Some(ilmd) = check.object(ilmd) {
            check.names(ilmd, &[], namespaces);
        }
    });
}

fn persistent(check: &mut Check, both: &Json, namespaces: &Namespaces) {
    let Some(both) = check.object(both) else {
        return;
    };
    for name in ["set", "unset"] {
        check.field(both, name, |check, list| check.list(list, |check, word| check.word(word, &DISPOSITION)));
    }
    if !has(both, "set") && !has(both, "unset") {
        check.fault("required", "A persistent disposition sets or unsets something.");
    }
    check.names(both, &["set", "unset"], namespaces);
}

fn error_declaration(check: &mut Check, error: &Json, namespaces: &Namespaces) {
    let Some(error) = check.object(error) else {
        return;
    };
    check.required(error, "declarationTime", Check::instant);
    check.field(error, "reason", |check, reason| check.word(reason, &ERROR_REASON));
    check.field(error, "correctiveEventIDs", |check, ids| check.list(ids, Check::uri));
    check.names(error, &["declarationTime", "reason", "correctiveEventIDs"], namespaces);
}

/// Whether a list is there with something in it.
fn has(object: &Map<String, Json>, name: &str) -> bool {
    object.get(name).and_then(Json::as_array).is_some_and(|items| !items.is_empty())
}
