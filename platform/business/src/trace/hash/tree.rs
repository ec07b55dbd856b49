//! The canonical string: standard fields in the order of the standard, then what is left, sorted.

use serde_json::{Map, Value as Json};

use super::canonical;
use crate::trace::namespaces::Namespaces;
use crate::trace::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION, COMPONENT, DISPOSITION, MEASUREMENT, SENSOR_ALERT, SOURCE_DESTINATION, Vocabulary,
};

/// Standard fields of an event in the order of CBV 2.0, table 8-2, and how each is written.
const EVENT: &[(&str, Shape)] = &[
    ("eventTime", Shape::Text),
    ("eventTimeZoneOffset", Shape::Text),
    ("epcList", Shape::List("epc")),
    ("parentID", Shape::Text),
    ("inputEPCList", Shape::List("epc")),
    ("childEPCs", Shape::List("epc")),
    ("quantityList", Shape::Elements("quantityElement", QUANTITY)),
    ("childQuantityList", Shape::Elements("quantityElement", QUANTITY)),
    ("inputQuantityList", Shape::Elements("quantityElement", QUANTITY)),
    ("outputEPCList", Shape::List("epc")),
    ("outputQuantityList", Shape::Elements("quantityElement", QUANTITY)),
    ("action", Shape::Text),
    ("transformationID", Shape::Text),
    ("bizStep", Shape::Word(&BIZ_STEP)),
    ("disposition", Shape::Word(&DISPOSITION)),
    ("persistentDisposition", Shape::Object(PERSISTENT)),
    ("readPoint", Shape::Object(PLACE)),
    ("bizLocation", Shape::Object(PLACE)),
    ("bizTransactionList", Shape::Elements("", TRANSACTION)),
    ("sourceList", Shape::Elements("", SOURCE)),
    ("destinationList", Shape::Elements("", DESTINATION)),
    ("sensorElementList", Shape::Unwrapped("sensorElement", SENSOR)),
];

const QUANTITY: &[(&str, Shape)] = &[("epcClass", Shape::Text), ("quantity", Shape::Text), ("uom", Shape::Text)];
const PERSISTENT: &[(&str, Shape)] = &[("set", Shape::Words(&DISPOSITION)), ("unset", Shape::Words(&DISPOSITION))];
const PLACE: &[(&str, Shape)] = &[("id", Shape::Text)];
const TRANSACTION: &[(&str, Shape)] = &[("type", Shape::Word(&BIZ_TRANSACTION)), ("bizTransaction", Shape::Text)];
const SOURCE: &[(&str, Shape)] = &[("type", Shape::Word(&SOURCE_DESTINATION)), ("source", Shape::Text)];
const DESTINATION: &[(&str, Shape)] = &[("type", Shape::Word(&SOURCE_DESTINATION)), ("destination", Shape::Text)];
const SENSOR: &[(&str, Shape)] =
    &[("sensorMetadata", Shape::Object(SENSOR_METADATA)), ("sensorReport", Shape::Repeated(SENSOR_REPORT))];
const SENSOR_METADATA: &[(&str, Shape)] = &[
    ("time", Shape::Text),
    ("startTime", Shape::Text),
    ("endTime", Shape::Text),
    ("deviceID", Shape::Text),
    ("deviceMetadata", Shape::Text),
    ("rawData", Shape::Text),
    ("dataProcessingMethod", Shape::Text),
    ("bizRules", Shape::Text),
];
const SENSOR_REPORT: &[(&str, Shape)] = &[
    ("type", Shape::Word(&MEASUREMENT)),
    ("exception", Shape::Word(&SENSOR_ALERT)),
    ("deviceID", Shape::Text),
    ("deviceMetadata", Shape::Text),
    ("rawData", Shape::Text),
    ("dataProcessingMethod", Shape::Text),
    ("time", Shape::Text),
    ("microorganism", Shape::Text),
    ("chemicalSubstance", Shape::Text),
    ("value", Shape::Text),
    ("component", Shape::Word(&COMPONENT)),
    ("stringValue", Shape::Text),
    ("booleanValue", Shape::Text),
    ("hexBinaryValue", Shape::Text),
    ("uriValue", Shape::Text),
    ("minValue", Shape::Text),
    ("maxValue", Shape::Text),
    ("meanValue", Shape::Text),
    ("sDev", Shape::Text),
    ("percRank", Shape::Text),
    ("percValue", Shape::Text),
    ("uom", Shape::Text),
    ("coordinateReferenceSystem", Shape::Text),
];

/// Fields that never are part of the hash.
const IGNORED: &[&str] =
    &["@context", "certificationInfo", "comment", "errorDeclaration", "eventID", "rdfs:comment", "recordTime", "type"];

/// How a standard field is written.
#[derive(Clone, Copy)]
enum Shape {
    /// `name=value`.
    Text,
    /// `name=value` of a vocabulary.
    Word(&'static Vocabulary),
    /// `name=value` for each of a list.
    Words(&'static Vocabulary),
    /// `name` and then each value under one inner name.
    List(&'static str),
    /// `name` and its fields.
    Object(&'static [(&'static str, Shape)]),
    /// `name` and its fields, for each of a list.
    Repeated(&'static [(&'static str, Shape)]),
    /// `name` and then each element under one inner name.
    Elements(&'static str, &'static [(&'static str, Shape)]),
    /// Each element under one inner name, without the name of the list.
    Unwrapped(&'static str, &'static [(&'static str, Shape)]),
}

pub(super) fn pre_hash(event: &Map<String, Json>, namespaces: &Namespaces) -> String {
    let kind = event.get("type").and_then(Json::as_str).unwrap_or_default();
    let left = rest(event, EVENT, namespaces).concat();
    format!("eventType={kind}{}{left}", ordered(event, EVENT))
}

/// The standard fields, in order.
fn ordered(object: &Map<String, Json>, fields: &[(&str, Shape)]) -> String {
    fields.iter().filter_map(|(name, shape)| Some(field(name, *shape, object.get(*name)?))).collect()
}

fn field(name: &str, shape: Shape, value: &Json) -> String {
    let each = |write: &dyn Fn(&Json) -> String| -> String { sorted(items(value).map(write).collect()).concat() };
    let named = |name: &str, inner: String| if inner.is_empty() { inner } else { format!("{name}{inner}") };
    match shape {
        Shape::Text => text(name, value),
        Shape::Word(vocabulary) => word(name, vocabulary, value),
        Shape::Words(vocabulary) => each(&|item| word(name, vocabulary, item)),
        Shape::List(inner) => named(name, each(&|item| text(inner, item))),
        Shape::Object(fields) => {
            named(name, value.as_object().map(|object| ordered(object, fields)).unwrap_or_default())
        }
        Shape::Repeated(fields) => each(&|item| element(name, fields, item)),
        Shape::Elements(inner, fields) => named(name, each(&|item| element(inner, fields, item))),
        Shape::Unwrapped(inner, fields) => each(&|item| element(inner, fields, item)),
    }
}

fn element(name: &str, fields: &[(&str, Shape)], item: &Json) -> String {
    let inner = item.as_object().map(|object| ordered(object, fields)).unwrap_or_default();
    if inner.is_empty() { inner } else { format!("{name}{inner}") }
}

fn word(name: &str, vocabulary: &Vocabulary, value: &Json) -> String {
    value.as_str().map_or_else(String::new, |word| format!("{name}={}", vocabulary.canonical(word.trim())))
}

fn text(name: &str, value: &Json) -> String {
    let Some(plain) = scalar(value) else {
        return String::new();
    };
    let lower = name.to_ascii_lowercase();
    let text = if lower.contains("time") && !lower.contains("offset") {
        canonical::instant(plain.trim())
    } else {
        canonical::value(&plain)
    };
    if text.is_empty() { text } else { format!("{name}={text}") }
}

/// A plain value as text.
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The items of a list; what is no list is the one item.
fn items(value: &Json) -> std::slice::Iter<'_, Json> {
    match value {
        Json::Array(items) => items.iter(),
        other => std::slice::from_ref(other).iter(),
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// What the order does not name: extensions, and the paths down to them. Sorted.
fn rest(object: &Map<String, Json>, known: &[(&str, Shape)], namespaces: &Namespaces) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in object.iter().filter(|(name, _)| !IGNORED.contains(&name.as_str())) {
        match known.iter().find(|(standard, _)| standard == name) {
            Some((name, Shape::Object(fields) | Shape::Repeated(fields))) => {
                lines.extend(items(value).filter_map(|item| inner(name, item, fields, namespaces)));
            }
            Some((_, Shape::Elements(name, fields) | Shape::Unwrapped(name, fields))) => {
                lines.extend(items(value).filter_map(|item| inner(name, item, fields, namespaces)));
            }
            Some(_) => {}
            None => {
                let name = full_name(name, namespaces);
                lines.extend(items(value).map(|item| extension(&name, item, namespaces)));
            }
        }
    }
    sorted(lines)
}

fn inner(name: &str, item: &Json, fields: &[(&str, Shape)], namespaces: &Namespaces) -> Option<String> {
    let lines = rest(item.as_object()?, fields, namespaces);
    (!lines.is_empty()).then(|| format!("{name}{}", lines.concat()))
}

/// An extension with everything in it.
fn extension(name: &str, value: &Json, namespaces: &Namespaces) -> String {
    match value {
        Json::Object(object) => {
            let mut lines = Vec::new();
            for (name, value) in object.iter().filter(|(name, _)| !matches!(name.as_str(), "comment" | "rdfs:comment"))
            {
                let name = full_name(name, namespaces);
                lines.extend(items(value).map(|item| extension(&name, item, namespaces)));
            }
            format!("{name}{}", sorted(lines).concat())
        }
        Json::Array(items) => {
            let lines = items.iter().map(|item| extension(name, item, namespaces)).collect();
            sorted(lines).concat()
        }
        plain => {
            let text = scalar(plain).map(|text| canonical::value(&text)).unwrap_or_default();
            if text.is_empty() { name.to_owned() } else { format!("{name}={text}") }
        }
    }
}

/// `{namespace}name`, where the prefix is declared.
fn full_name(name: &str, namespaces: &Namespaces) -> String {
    let Some((prefix, local)) = name.split_once(':') else {
        return name.to_owned();
    };
    namespaces.namespace(prefix).map_or_else(|| name.to_owned(), |namespace| format!("{{{namespace}}}{local}"))
}
