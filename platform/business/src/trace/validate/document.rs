//! The envelope: documents, answers to queries, and single events.

use serde_json::{Map, Value as Json};

use super::check::{Check, Violation};
use super::event;
use crate::trace::namespaces::Namespaces;

/// An event of a document, with what it means and what is wrong with it.
#[derive(Debug)]
pub(in crate::trace) struct Pending {
    /// The event as it was sent.
    pub(in crate::trace) event: Map<String, Json>,
    /// What its prefixes mean.
    pub(in crate::trace) namespaces: Namespaces,
    /// What is wrong with it.
    pub(in crate::trace) violations: Vec<Violation>,
}

/// What a document tells of a place, a party or a product.
#[derive(Clone, Debug)]
pub(in crate::trace) struct Master {
    pub(in crate::trace) id: String,
    pub(in crate::trace) kind: String,
    pub(in crate::trace) attributes: Json,
    /// Places within it.
    pub(in crate::trace) children: Vec<String>,
}

/// A document, read.
#[derive(Debug, Default)]
pub(in crate::trace) struct Document {
    /// Its events.
    pub(in crate::trace) events: Vec<Pending>,
    /// Master data in its header.
    pub(in crate::trace) master: Vec<Master>,
    /// What is wrong with the envelope.
    pub(in crate::trace) violations: Vec<Violation>,
}

impl Document {
    /// Everything that is wrong anywhere.
    pub(in crate::trace) fn all_violations(&self) -> Vec<Violation> {
        let inner = self.events.iter().flat_map(|pending| pending.violations.iter().cloned());
        self.violations.iter().cloned().chain(inner).collect()
    }
}

/// Reads an `EPCISDocument`, or an `EPCISQueryDocument` with the events of an answer.
pub(in crate::trace) fn document(value: &Json) -> Document {
    let mut read = Document::default();
    let mut check = Check::default();
    if let Some(object) = check.object(value) {
        envelope(&mut check, object, &mut read);
    }
    read.violations = check.finish();
    read
}

/// Reads an event that stands alone, with its own `@context`.
pub(in crate::trace) fn single_event(value: &Json) -> Document {
    let mut read = Document::default();
    let mut check = Check::default();
    if let Some(object) = check.object(value) {
        let namespaces = context(&mut check, object);
        pending(&mut check, value, &namespaces, &mut read.events);
        // The context goes with the answer, not with the event.
        for pending in &mut read.events {
            pending.event.remove("@context");
        }
    }
    read.violations = check.finish();
    read
}

fn envelope(check: &mut Check, object: &Map<String, Json>, read: &mut Document) {
    let namespaces = context(check, object);
    check.required(object, "type", |check, kind| {
        check.one_of(kind, "document.type", &["EPCISDocument", "EPCISQueryDocument"]);
    });
    let is_query = object.get("type").and_then(Json::as_str) == Some("EPCISQueryDocument");
    if !is_query || object.contains_key("schemaVersion") {
        check.required(object, "schemaVersion", schema_version);
    }
    if !is_query || object.contains_key("creationDate") {
        check.required(object, "creationDate", Check::instant);
    }
    check.field(object, "id", Check::uri);
    for name in ["instanceIdentifier", "sender", "receiver"] {
        check.field(object, name, |check, value| {
            check.text(value);
        });
    }
    check.field(object, "epcisHeader", |check, header| master_data(check, header, &mut read.master));
    check.required(object, "epcisBody", |check, body| {
        if is_query {
            query_body(check, body, &namespaces, &mut read.events);
        } else {
            capture_body(check, body, &namespaces, &mut read.events);
        }
    });
}

fn context(check: &mut Check, object: &Map<String, Json>) -> Namespaces {
    let Some(context) = object.get("@context") else {
        check.missing("@context", ": it says what the words of the document mean");
        return Namespaces::default();
    };
    check.at("@context", |check| match context {
        Json::Array(parts) if parts.is_empty() => check.fault("context", "The list of contexts is empty."),
        Json::Array(parts) => {
            for (place, part) in parts.iter().enumerate() {
                check.at(place, |check| context_part(check, part));
            }
        }
        part => context_part(check, part),
    });
    Namespaces::of(context)
}

fn context_part(check: &mut Check, part: &Json) {
    match part {
        Json::String(_) => check.uri(part),
        Json::Object(_) => {}
        _ => check.fault("context", "A context is the address of one, or an object of prefixes."),
    }
}

fn schema_version(check: &mut Check, value: &Json) {
    if let Some(version) = check.text(value)
        && version != "2"
        && !version.starts_with("2.")
    {
        check.fault("document.version", format!("{version:?} is not understood here: send EPCIS 2.0."));
    }
}

fn capture_body(check: &mut Check, body: &Json, namespaces: &Namespaces, events: &mut Vec<Pending>) {
    let Some(body) = check.object(body) else {
        return;
    };
    if body.contains_key("event") && !body.contains_key("eventList") {
        return check.field(body, "event", |check, event| pending(check, event, namespaces, events));
    }
    check.names(body, &["eventList"], namespaces);
    check.required(body, "eventList", |check, list| event_list(check, list, namespaces, events));
}

fn query_body(check: &mut Check, body: &Json, namespaces: &Namespaces, events: &mut Vec<Pending>) {
    let Some(body) = check.object(body) else {
        return;
    };
    check.required(body, "queryResults", |check, results| {
        let Some(results) = check.object(results) else {
            return;
        };
        check.required(results, "queryName", |check, name| {
            check.text(name);
        });
        check.field(results, "subscriptionID", |check, id| {
            check.text(id);
        });
        check.required(results, "resultsBody", |check, body| {
            let Some(body) = check.object(body) else {
                return;
            };
            if !body.contains_key("vocabularyList") || body.contains_key("eventList") {
                check.required(body, "eventList", |check, list| event_list(check, list, namespaces, events));
            }
        });
    });
}

fn event_list(check: &mut Check, list: &Json, namespaces: &Namespaces, events: &mut Vec<Pending>) {
    match list.as_array() {
        Some(items) => {
            for (place, item) in items.iter().enumerate() {
                check.at(place, |check| pending(check, item, namespaces, events));
            }
        }
        None => check.list(list, |_, _| ()),
    }
}

fn pending(check: &mut Check, value: &Json, namespaces: &Namespaces, events: &mut Vec<Pending>) {
    let before = check.count();
    let namespaces = namespaces.with(value.get("@context"));
    event::event(check, value, &namespaces);
    let event = value.as_object().cloned().unwrap_or_default();
    // What is wrong with an event is told with the event, so that the others can still be taken.
    events.push(Pending { event, namespaces, violations: check.take_since(before) });
}

fn master_data(check: &mut Check, header: &Json, found: &mut Vec<Master>) {
    let Some(header) = check.object(header) else {
        return;
    };
    check.field(header, "epcisMasterData", |check, data| {
        let Some(data) = check.object(data) else {
            return;
        };
        check.field(data, "vocabularyList", |check, list| {
            check.list(list, vocabulary);
            for vocabulary in list.as_array().into_iter().flatten() {
                collect(vocabulary, found);
            }
        });
    });
}

fn vocabulary(check: &mut Check, vocabulary: &Json) {
    let Some(vocabulary) = check.object(vocabulary) else {
        return;
    };
    check.required(vocabulary, "type", Check::uri);
    check.field(vocabulary, "vocabularyElementList", |check, list| {
        check.list(list, |check, element| {
            let Some(element) = check.object(element) else {
                return;
            };
            check.required(element, "id", Check::uri);
            check.field(element, "children", |check, children| check.list(children, Check::uri));
            check.field(element, "attributes", |check, attributes| {
                check.list(attributes, |check, attribute| {
                    if let Some(attribute) = check.object(attribute) {
                        check.required(attribute, "id", Check::uri);
                    }
                });
            });
        });
    });
}

fn collect(vocabulary: &Json, found: &mut Vec<Master>) {
    let kind = vocabulary["type"].as_str().unwrap_or_default();
    for element in vocabulary["vocabularyElementList"].as_array().into_iter().flatten() {
        if let Some(id) = element["id"].as_str() {
            let children = element["children"].as_array().into_iter().flatten().filter_map(Json::as_str);
            found.push(Master {
                id: id.to_owned(),
                kind: kind.to_owned(),
                attributes: element["attributes"].clone(),
                children: children.map(str::to_owned).collect(),
            });
        }
    }
}
