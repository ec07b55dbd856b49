//! What several types of events have in common: identifiers, quantities, places, parties, certificates.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::check::{Check, is_uri};
use crate::trace::namespaces::Namespaces;
use crate::trace::time;
use crate::trace::vocabulary::{BIZ_TRANSACTION, SOURCE_DESTINATION};

/// A list of identifiers, each once.
pub(super) fn identifiers(check: &mut Check, list: &Json) {
    check.list(list, Check::uri);
    let mut seen = HashSet::new();
    for (place, item) in list.as_array().into_iter().flatten().enumerate() {
        if let Some(text) = item.as_str()
            && !seen.insert(text)
        {
            check.at(place, |check| check.fault("unique", format!("{text} is in the list twice.")));
        }
    }
}

pub(super) fn quantities(check: &mut Check, list: &Json, namespaces: &Namespaces) {
    check.list(list, |check, element| {
        let Some(element) = check.object(element) else {
            return;
        };
        check.required(element, "epcClass", Check::uri);
        check.field(element, "quantity", Check::number);
        check.field(element, "uom", unit);
        check.names(element, &["epcClass", "quantity", "uom"], namespaces);
    });
}

/// A unit of measure of UN/ECE Recommendation 20.
fn unit(check: &mut Check, value: &Json) {
    if let Some(unit) = check.text(value)
        && !(matches!(unit.len(), 2 | 3) && unit.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit()))
    {
        check.fault("format.uom", format!("{unit:?} is no unit of UN/ECE Recommendation 20, such as KGM."));
    }
}

pub(super) fn place(check: &mut Check, place: &Json, namespaces: &Namespaces) {
    let Some(place) = check.object(place) else {
        return;
    };
    check.required(place, "id", Check::uri);
    check.names(place, &["id"], namespaces);
}

pub(super) fn transaction(check: &mut Check, item: &Json, namespaces: &Namespaces) {
    let Some(item) = check.object(item) else {
        return;
    };
    check.field(item, "type", |check, kind| check.word(kind, &BIZ_TRANSACTION));
    check.required(item, "bizTransaction", Check::uri);
    check.names(item, &["type", "bizTransaction"], namespaces);
}

/// A source or a destination.
pub(super) fn party(check: &mut Check, item: &Json, name: &str, namespaces: &Namespaces) {
    let Some(item) = check.object(item) else {
        return;
    };
    check.required(item, "type", |check, kind| check.word(kind, &SOURCE_DESTINATION));
    check.required(item, name, Check::uri);
    check.names(item, &["type", name], namespaces);
}

/// The address of a certificate, its details, or a list of either.
pub(super) fn certification(check: &mut Check, value: &Json) {
    match value {
        Json::Array(_) => check.list(value, certificate),
        one => certificate(check, one),
    }
}

fn certificate(check: &mut Check, value: &Json) {
    match value {
        Json::String(text) if is_uri(text) => {}
        Json::Object(details) => {
            if details.is_empty() {
                check.fault("certificationInfo", "The details of the certificate are empty.");
            }
            for (name, value) in details {
                check.at(name, |check| detail(check, name, value));
            }
        }
        _ => check.fault("certificationInfo", "A certificate is the URI of one, or an object with its details."),
    }
}

/// Details of the GS1 web vocabulary: what is called a date is one, and what is called a URI is one.
fn detail(check: &mut Check, name: &str, value: &Json) {
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                check.at(name, |check| detail(check, name, value));
            }
        }
        Json::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                check.at(place, |check| detail(check, name, item));
            }
        }
        Json::String(text) if name.ends_with("Date") && !time::is_date(text) => {
            check.fault("format.date", format!("{text:?} is no date, such as 2026-07-22."));
        }
        Json::String(text) if (name.ends_with("URI") || name == "id") && !is_uri(text) => {
            check.fault("format.uri", format!("{text:?} is no URI."));
        }
        Json::Number(_) | Json::Bool(_) if name.ends_with("Date") => {
            check.fault("format.date", "A date is text, such as 2026-07-22.");
        }
        _ => {}
    }
}
