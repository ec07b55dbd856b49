//! Sensor readings (EPCIS 2.0, section 7.3.7).

use serde_json::Value as Json;

use super::check::Check;
use crate::trace::namespaces::Namespaces;
use crate::trace::vocabulary::{COMPONENT, SENSOR_ALERT};

const METADATA: &[&str] = &[
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
    "bizrules",
];

const REPORT: &[&str] = &[
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "time",
    "microorganism",
    "chemicalSubstance",
    "value",
    "component",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "coordinateReferenceSystem",
];

const NUMBERS: &[&str] = &["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"];

const ADDRESSES: &[&str] = &[
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
    "microorganism",
    "chemicalSubstance",
    "uriValue",
    "coordinateReferenceSystem",
];

/// What is said of a whole element may be said of one report too, and the other way round.
fn both() -> Vec<&'static str> {
    METADATA.iter().chain(REPORT).copied().collect()
}

pub(super) fn element(check: &mut Check, element: &Json, namespaces: &Namespaces) {
    let Some(element) = check.object(element) else {
        return;
    };
    check.field(element, "sensorMetadata", |check, metadata| {
        let Some(metadata) = check.object(metadata) else {
            return;
        };
        for name in ["time", "startTime", "endTime"] {
            check.field(metadata, name, Check::instant);
        }
        for name in ADDRESSES {
            check.field(metadata, name, Check::uri);
        }
        check.names(metadata, &both(), namespaces);
    });
    check.required(element, "sensorReport", |check, reports| {
        if reports.as_array().is_some_and(Vec::is_empty) {
            check.fault("required", "A sensor element has at least one report.");
        }
        check.list(reports, |check, item| report(check, item, namespaces));
    });
    check.names(element, &["sensorMetadata", "sensorReport"], namespaces);
}

/// What is measured. The list of the web vocabulary grows with every release of it, and the standard's own examples
/// use words that are not on it: a word is enough.
fn measured(check: &mut Check, kind: &Json) {
    if let Some(kind) = check.text(kind)
        && (kind.is_empty() || kind.chars().any(char::is_whitespace))
    {
        check.fault("cbv.measurementType", format!("{kind:?} is no word for what is measured."));
    }
}

fn report(check: &mut Check, report: &Json, namespaces: &Namespaces) {
    let Some(report) = check.object(report) else {
        return;
    };
    if !report.contains_key("exception") {
        check.required(report, "type", |_, _| ());
    }
    check.field(report, "type", measured);
    check.field(report, "exception", |check, alert| check.word(alert, &SENSOR_ALERT));
    check.field(report, "component", |check, component| check.word(component, &COMPONENT));
    check.field(report, "time", Check::instant);
    for name in NUMBERS {
        check.field(report, name, Check::number);
    }
    for name in ADDRESSES {
        check.field(report, name, Check::uri);
    }
    for name in ["stringValue", "uom"] {
        check.field(report, name, |check, value| {
            check.text(value);
        });
    }
    check.field(report, "booleanValue", Check::boolean);
    check.field(report, "hexBinaryValue", |check, value| {
        if let Some(text) = check.text(value)
            && (text.is_empty() || !text.bytes().all(|sign| sign.is_ascii_hexdigit()))
        {
            check.fault("format.hex", format!("{text:?} is not written in hexadecimal digits."));
        }
    });
    check.names(report, &both(), namespaces);
}
