//! `@context`: which prefixes a document declares, and what an answer must declare so that its events keep their
//! meaning.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// The context of the standard itself.
pub(super) const STANDARD: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Prefixes that the standard's own context declares.
const DECLARED: &[(&str, &str)] = &[
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("gs1", "https://ref.gs1.org/voc/"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// What a `@context` declares beside the standard's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Namespaces {
    /// Prefix and namespace.
    pub(super) prefixes: BTreeMap<String, String>,
    /// Addresses of further contexts.
    pub(super) others: Vec<String>,
}

impl Namespaces {
    /// Reads a context: an address, an object, or a list of both. What is neither declares nothing.
    pub(super) fn of(context: &Json) -> Self {
        let mut found = Self::default();
        found.add(context);
        found
    }

    /// The same with what an inner context adds or says anew.
    pub(super) fn with(&self, inner: Option<&Json>) -> Self {
        let mut both = self.clone();
        if let Some(context) = inner {
            both.add(context);
        }
        both
    }

    fn add(&mut self, context: &Json) {
        match context {
            Json::String(address) if !is_standard(address) && !self.others.contains(address) => {
                self.others.push(address.clone());
            }
            Json::Array(parts) => parts.iter().for_each(|part| self.add(part)),
            Json::Object(terms) => {
                for (prefix, meaning) in terms.iter().filter(|(prefix, _)| !prefix.starts_with('@')) {
                    let namespace = meaning.as_str().or_else(|| meaning.get("@id").and_then(Json::as_str));
                    if let Some(namespace) = namespace {
                        self.prefixes.insert(prefix.clone(), namespace.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    /// The namespace of a prefix, declared here or by the standard.
    pub(super) fn namespace(&self, prefix: &str) -> Option<&str> {
        let own = self.prefixes.get(prefix).map(String::as_str);
        own.or_else(|| DECLARED.iter().find(|(known, _)| *known == prefix).map(|(_, namespace)| *namespace))
    }

    /// Whether a further context, which is not looked up, could declare anything.
    pub(super) fn is_open(&self) -> bool {
        !self.others.is_empty()
    }
}

fn is_standard(address: &str) -> bool {
    address.ends_with("epcis-context.jsonld")
}

/// Gathers the contexts of the events of one answer. Where two events mean different things by one prefix, the later
/// one carries its own context.
#[derive(Debug, Default)]
pub(super) struct Gathered(Namespaces);

impl Gathered {
    /// Takes an event's context in, and puts on the event what it cannot share with those before it.
    pub(super) fn take(&mut self, event: &mut Map<String, Json>, own: &Namespaces) {
        let mut apart = Map::new();
        for (prefix, namespace) in &own.prefixes {
            let shared = self.0.prefixes.entry(prefix.clone()).or_insert_with(|| namespace.clone());
            if shared != namespace {
                apart.insert(prefix.clone(), Json::String(namespace.clone()));
            }
        }
        for other in &own.others {
            if !self.0.others.contains(other) {
                self.0.others.push(other.clone());
            }
        }
        if !apart.is_empty() && !event.contains_key("@context") {
            event.insert("@context".to_owned(), json!([apart]));
        }
    }

    /// The context of the whole answer.
    pub(super) fn context(&self) -> Json {
        let mut parts = vec![Json::from(STANDARD)];
        parts.extend(self.0.others.iter().map(|other| Json::from(other.as_str())));
        if !self.0.prefixes.is_empty() {
            parts.push(json!(self.0.prefixes));
        }
        Json::Array(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_found_wherever_they_are_declared() {
        let context = json!([
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            "https://example.com/own.jsonld",
            { "a": "urn:a:", "b": { "@id": "https://b/" }, "@vocab": "x" },
        ]);
        let found = Namespaces::of(&context).with(Some(&json!({ "a": "urn:other:" })));
        assert_eq!((found.namespace("a"), found.namespace("b")), (Some("urn:other:"), Some("https://b/")));
        assert_eq!(found.others, ["https://example.com/own.jsonld"]);
        assert_eq!((found.namespace("gs1"), found.namespace("c")), (Some("https://ref.gs1.org/voc/"), None));
    }

    #[test]
    fn events_that_mean_different_things_by_one_prefix_are_kept_apart() {
        let mut gathered = Gathered::default();
        let (mut first, mut second) = (Map::new(), Map::new());
        gathered.take(&mut first, &Namespaces::of(&json!({ "e": "urn:one:", "f": "urn:f:" })));
        gathered.take(&mut second, &Namespaces::of(&json!({ "e": "urn:two:", "f": "urn:f:" })));
        assert!(first.is_empty());
        assert_eq!(Json::Object(second), json!({ "@context": [{ "e": "urn:two:" }] }));
        assert_eq!(gathered.context(), json!([STANDARD, { "e": "urn:one:", "f": "urn:f:" }]));
    }
}
