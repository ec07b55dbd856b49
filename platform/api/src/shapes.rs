//! What is sent and what is answered are not the same shape: in an answer every field is there, also one that holds
//! nothing; in a request those with a default may be left out. One Rust type often stands for both, so the document
//! gets a second schema for requests where the two differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use utoipa::openapi::{OpenApi, RefOr, Schema};

use crate::answers::operations;

const SCHEMAS: &str = "#/components/schemas/";

/// What the schema of a request is called, where its type is also answered.
const SENT: &str = "Sent";

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Requires every field of what is answered, and gives requests schemas of their own where they may say less.
pub(crate) fn tell_apart(document: &mut OpenApi) {
    let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            sent.extend(references(&operation.request_body));
            answered.extend(references(&operation.responses));
        }
    }
    let Some(components) = document.components.as_mut() else { return };
    answered.extend(references(&components.responses));
    let (sent, answered) = (reached(sent, &components.schemas), reached(answered, &components.schemas));
    let asked = components.schemas.clone();
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| answered.contains(*name)) {
        require_all(schema);
    }
    let both = sent.intersection(&answered).cloned().collect();
    let apart = differing(&asked, &components.schemas, both);
    for name in &apart {
        if let Some(schema) = asked.get(name).and_then(|schema| renamed(schema, &apart)) {
            components.schemas.insert(format!("{name}{SENT}"), schema);
        }
    }
    let only_sent: Vec<String> = sent.difference(&answered).cloned().collect();
    for name in only_sent {
        if let Some(schema) = asked.get(&name).and_then(|schema| renamed(schema, &apart)) {
            components.schemas.insert(name, schema);
        }
    }
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            if let Some(body) = operation.request_body.as_ref().and_then(|body| renamed(body, &apart)) {
                operation.request_body = Some(body);
            }
        }
    }
}

/// Those of `both` that a request may send with fewer fields, or that hold one of them.
fn differing(asked: &Schemas, answered: &Schemas, both: BTreeSet<String>) -> BTreeSet<String> {
    let mut apart: BTreeSet<String> =
        both.iter().filter(|name| asked.get(*name) != answered.get(*name)).cloned().collect();
    loop {
        let holds = |name: &&String| asked.get(*name).is_some_and(|schema| !references(schema).is_disjoint(&apart));
        let more: Vec<String> = both.iter().filter(|name| !apart.contains(*name)).filter(holds).cloned().collect();
        if more.is_empty() {
            return apart;
        }
        apart.extend(more);
    }
}

/// A field that may hold nothing is still always there, and the document says so.
fn require_all(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required = object.properties.keys().cloned().collect(),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(require_all),
        _ => {}
    }
}

/// Names of the schemas that `names` refer to, over any number of steps, and of themselves.
fn reached(names: BTreeSet<String>, schemas: &Schemas) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<String> = names.into_iter().collect();
    while let Some(name) = waiting.pop() {
        if let Some(schema) = schemas.get(&name) {
            waiting.extend(references(schema).into_iter().filter(|name| !reached.contains(name)));
        }
        reached.insert(name);
    }
    reached
}

/// Names of the schemas that a part of the document refers to itself.
fn references(part: &impl serde::Serialize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut json = serde_json::to_value(part).unwrap_or_default();
    each_reference(&mut json, &mut |place| names.extend(place.strip_prefix(SCHEMAS).map(str::to_owned)));
    names
}

/// The same part with references to what requests send apart.
fn renamed<T: serde::Serialize + serde::de::DeserializeOwned>(part: &T, apart: &BTreeSet<String>) -> Option<T> {
    let mut json = serde_json::to_value(part).ok()?;
    each_reference(&mut json, &mut |place| {
        if place.strip_prefix(SCHEMAS).is_some_and(|name| apart.contains(name)) {
            place.push_str(SENT);
        }
    });
    serde_json::from_value(json).ok()
}

fn each_reference(json: &mut Value, see: &mut impl FnMut(&mut String)) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(place) if name == "$ref" => see(place),
                    value => each_reference(value, see),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, see)),
        _ => {}
    }
}
