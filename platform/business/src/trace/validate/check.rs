//! A walk through a document that remembers where it is and what it found.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use crate::trace::namespaces::Namespaces;
use crate::trace::time;
use crate::trace::vocabulary::Vocabulary;

/// Faults told of one document. A document with more is not worth reading further.
const VIOLATIONS_MAX: usize = 200;

/// A rule that a document breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TraceViolation)]
pub(crate) struct Violation {
    /// Where, as a JSON pointer (RFC 6901).
    pub(crate) path: String,
    /// Which rule, as a stable word.
    pub(crate) rule: String,
    /// What is wrong, and what is expected.
    pub(crate) message: String,
}

/// The walk.
#[derive(Debug, Default)]
pub(in crate::trace) struct Check {
    path: String,
    found: Vec<Violation>,
}

impl Check {
    /// Everything found.
    pub(in crate::trace) fn finish(self) -> Vec<Violation> {
        self.found
    }

    /// How much was found so far.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Takes out what was found since then.
    pub(super) fn take_since(&mut self, count: usize) -> Vec<Violation> {
        self.found.split_off(count.min(self.found.len()))
    }

    /// Goes one step down for a while.
    pub(in crate::trace) fn at<T>(&mut self, step: impl std::fmt::Display, walk: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        self.path.push('/');
        self.path.push_str(&step.to_string().replace('~', "~0").replace('/', "~1"));
        let result = walk(self);
        self.path.truncate(before);
        result
    }

    /// Notes a fault here.
    pub(in crate::trace) fn fault(&mut self, rule: impl Into<String>, message: impl Into<String>) {
        if self.found.len() < VIOLATIONS_MAX {
            self.found.push(Violation { path: self.path.clone(), rule: rule.into(), message: message.into() });
        }
    }

    /// Notes that a field is missing, at the place where it should be.
    pub(super) fn missing(&mut self, name: &str, why: &str) {
        self.at(name, |check| check.fault("required", format!("{name} is required{why}.")));
    }

    /// Checks a field where it is there.
    pub(super) fn field(&mut self, object: &Map<String, Json>, name: &str, rule: impl FnOnce(&mut Self, &Json)) {
        if let Some(value) = object.get(name) {
            self.at(name, |check| rule(check, value));
        }
    }

    /// Checks a field that must be there.
    pub(super) fn required(&mut self, object: &Map<String, Json>, name: &str, rule: impl FnOnce(&mut Self, &Json)) {
        if object.contains_key(name) {
            self.field(object, name, rule);
        } else {
            self.missing(name, "");
        }
    }

    pub(super) fn object<'a>(&mut self, value: &'a Json) -> Option<&'a Map<String, Json>> {
        let object = value.as_object();
        if object.is_none() {
            self.fault("type.object", format!("An object is expected, not {}.", kind(value)));
        }
        object
    }

    /// Checks each item of a list.
    pub(super) fn list(&mut self, value: &Json, rule: impl Fn(&mut Self, &Json)) {
        match value.as_array() {
            Some(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.at(place, |check| rule(check, item));
                }
            }
            None => self.fault("type.array", format!("A list is expected, not {}.", kind(value))),
        }
    }

    pub(super) fn text<'a>(&mut self, value: &'a Json) -> Option<&'a str> {
        let text = value.as_str();
        if text.is_none() {
            self.fault("type.string", format!("Text is expected, not {}.", kind(value)));
        }
        text
    }

    pub(super) fn number(&mut self, value: &Json) {
        if !value.is_number() {
            self.fault("type.number", format!("A number is expected, not {}.", kind(value)));
        }
    }

    pub(super) fn boolean(&mut self, value: &Json) {
        if !value.is_boolean() {
            self.fault("type.boolean", format!("true or false is expected, not {}.", kind(value)));
        }
    }

    pub(super) fn uri(&mut self, value: &Json) {
        if let Some(text) = self.text(value)
            && !is_uri(text)
        {
            self.fault("format.uri", format!("{text:?} is no URI: it needs a scheme, such as urn: or https:."));
        }
    }

    pub(super) fn instant(&mut self, value: &Json) {
        if let Some(text) = self.text(value)
            && time::instant(text).is_none()
        {
            self.fault(
                "format.date-time",
                format!("{text:?} is no ISO 8601 date and time with an offset, such as 2026-07-22T06:45:00+02:00."),
            );
        }
    }

    pub(super) fn one_of(&mut self, value: &Json, rule: &str, allowed: &[&str]) {
        if let Some(text) = self.text(value)
            && !allowed.contains(&text)
        {
            self.fault(rule, format!("{text:?} is none of {}.", allowed.join(", ")));
        }
    }

    /// A word of a vocabulary, or an address of one's own.
    pub(super) fn word(&mut self, value: &Json, vocabulary: &Vocabulary) {
        let Some(text) = self.text(value) else {
            return;
        };
        let rule = format!("cbv.{}", vocabulary.name);
        let near = vocabulary.near(text).map(|word| format!(" Did you mean {word}?")).unwrap_or_default();
        if is_uri(text) {
            // The web vocabulary holds more than the words of one list.
            let foreign = vocabulary.web.contains("/cbv/").then(|| vocabulary.word(text)).flatten();
            if let Some(word) = foreign.filter(|word| !vocabulary.has(word)) {
                self.fault(
                    rule,
                    format!("The Core Business Vocabulary 2.0 has no {} {word:?}.{near}", vocabulary.name),
                );
            }
        } else if !vocabulary.has(text) {
            let name = vocabulary.name;
            self.fault(
                rule,
                format!(
                    "{text:?} is no {name} of the Core Business Vocabulary 2.0; words of your own need a URI.{near}"
                ),
            );
        }
    }

    /// Checks the names of an object's fields: those of the standard, or extensions in a declared namespace.
    pub(super) fn names(&mut self, object: &Map<String, Json>, standard: &[&str], namespaces: &Namespaces) {
        for name in object.keys().filter(|name| !standard.contains(&name.as_str())) {
            match name.split_once(':') {
                None => self.at(name, |check| {
                    check.fault(
                        "unknown-field",
                        format!(
                            "{name} is no field of the standard here; extensions need a namespace, as in prefix:{name}."
                        ),
                    );
                }),
                Some((prefix, _)) if is_declared(prefix, namespaces) => {}
                Some((prefix, _)) => self.at(name, |check| {
                    check.fault("namespace.undeclared", format!("The prefix {prefix} is not declared in @context."));
                }),
            }
        }
    }
}

/// Whole addresses need no prefix.
fn is_declared(prefix: &str, namespaces: &Namespaces) -> bool {
    matches!(prefix, "http" | "https" | "urn") || namespaces.is_open() || namespaces.namespace(prefix).is_some()
}

/// Whether text is an absolute URI or a compact one: a scheme or prefix, and something without spaces after it.
pub(in crate::trace) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut signs = scheme.chars();
    signs.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && signs.all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.' | '_'))
        && !rest.is_empty()
        && !rest.chars().any(|sign| sign.is_whitespace() || sign.is_control() || "<>\"{}|\\^`".contains(sign))
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
