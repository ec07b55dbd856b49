//! Whether an event is one of those asked for.

use serde_json::{Map, Value as Json};

use super::parameter::Target;
use crate::trace::facts::comparable;
use crate::trace::namespaces::Namespaces;
use crate::trace::time;
use crate::trace::vocabulary::{DISPOSITION, ERROR_REASON, Vocabulary};

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::trace) enum Compare {
    Equal,
    Greater,
    AtLeast,
    Less,
    AtMost,
}

impl Compare {
    pub(super) fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "EQ" => Self::Equal,
            "GT" => Self::Greater,
            "GE" => Self::AtLeast,
            "LT" => Self::Less,
            "LE" => Self::AtMost,
            _ => return None,
        })
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}

/// Where an extension is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::trace) enum Scope {
    Event,
    Ilmd,
    ErrorDeclaration,
    SensorElement,
    SensorMetadata,
    SensorReport,
    ReadPoint,
    BizLocation,
}

/// An identifier, or a pattern of identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trace) enum Pattern {
    /// This one, in the form in which identifiers are compared.
    Exactly(String),
    /// Those whose URN begins so, and those whose canonical link begins so.
    Beginning(String, Option<String>),
}

impl Pattern {
    pub(super) fn of(text: &str) -> Self {
        let beginning = text.strip_prefix("urn:epc:idpat:").and_then(|rest| rest.strip_suffix('*'));
        match beginning {
            Some(rest) => {
                let class = crate::trace::gs1::canonical(text).map(|link| format!("{link}/"));
                Self::Beginning(format!("urn:epc:id:{}", rest.trim_end_matches(".*").trim_end_matches('*')), class)
            }
            None => Self::Exactly(comparable(text)),
        }
    }

    fn matches(&self, identifier: &str) -> bool {
        match self {
            Self::Exactly(wanted) => *wanted == comparable(identifier),
            Self::Beginning(urn, link) => {
                identifier.starts_with(urn)
                    || link.as_ref().is_some_and(|link| comparable(identifier).starts_with(link.as_str()))
                    // A pattern also names the class itself.
                    || link.as_ref().is_some_and(|link| comparable(identifier) == link.trim_end_matches('/'))
            }
        }
    }
}

type Comparison = (Compare, Vec<String>);

/// One condition. Values of a list are alternatives.
#[derive(Clone, Debug)]
pub(in crate::trace) enum Filter {
    Type(Vec<String>),
    Since(Target, i64),
    Before(Target, i64),
    Text(&'static str, Vec<String>),
    Word(&'static str, &'static Vocabulary, Vec<String>),
    Persistent(&'static str, Vec<String>),
    /// A place, and whether places within it count too.
    Place(&'static str, Vec<String>, bool),
    Identifier(&'static str, Vec<String>),
    /// Fields with identifiers, or with quantities of classes.
    Match(&'static [&'static str], bool, Vec<Pattern>),
    Exists(&'static str),
    ErrorTime(bool, i64),
    ErrorReason(Vec<String>),
    Corrective(Vec<String>),
    Typed {
        list: &'static str,
        inner: &'static str,
        vocabulary: &'static Vocabulary,
        kind: String,
        values: Vec<String>,
    },
    Quantity(Comparison, Option<String>),
    SensorTime(String, bool, i64),
    SensorWord(&'static str, &'static Vocabulary, Vec<String>),
    SensorIdentifier(String, Vec<String>),
    SensorText(String, Vec<String>),
    SensorNumber(String, Comparison, Option<String>),
    Extension {
        scope: Scope,
        inner: bool,
        field: String,
        compare: Option<Comparison>,
    },
}

/// An event as filters see it.
pub(super) struct Seen<'a> {
    pub(super) event: &'a Map<String, Json>,
    pub(super) namespaces: &'a Namespaces,
    pub(super) event_time: i64,
    pub(super) record_time: i64,
}

impl Filter {
    pub(super) fn holds(&self, seen: &Seen<'_>) -> bool {
        let event = seen.event;
        let text = |name: &str| event.get(name).and_then(Json::as_str);
        let among = |name: &str, values: &[String]| text(name).is_some_and(|found| values.iter().any(|v| v == found));
        match self {
            Self::Type(types) => among("type", types),
            Self::Since(target, at) => seen.time(*target) >= *at,
            Self::Before(target, at) => seen.time(*target) < *at,
            Self::Text(name, values) => among(name, values),
            Self::Word(name, vocabulary, values) => {
                text(name).is_some_and(|word| values.contains(&vocabulary.canonical(word)))
            }
            Self::Persistent(name, values) => {
                let words = event.get("persistentDisposition").and_then(|both| both.get(*name)?.as_array());
                let mut words = words.into_iter().flatten().filter_map(Json::as_str);
                words.any(|word| values.contains(&DISPOSITION.canonical(word)))
            }
            Self::Place(name, values, _) => event
                .get(*name)
                .and_then(|place| place.get("id")?.as_str())
                .is_some_and(|id| values.contains(&comparable(id))),
            Self::Identifier(name, values) => text(name).is_some_and(|id| values.contains(&comparable(id))),
            Self::Match(fields, classes, patterns) => named(event, fields, *classes)
                .any(|identifier| patterns.iter().any(|pattern| pattern.matches(identifier))),
            Self::Exists(name) => event.contains_key(*name),
            Self::ErrorTime(since, at) => error(event, "declarationTime")
                .and_then(Json::as_str)
                .and_then(time::instant)
                .is_some_and(|found| if *since { found >= *at } else { found < *at }),
            Self::ErrorReason(reasons) => error(event, "reason")
                .and_then(Json::as_str)
                .is_some_and(|reason| reasons.contains(&ERROR_REASON.canonical(reason))),
            Self::Corrective(ids) => error(event, "correctiveEventIDs")
                .and_then(Json::as_array)
                .is_some_and(|found| found.iter().filter_map(Json::as_str).any(|id| ids.iter().any(|i| i == id))),
            Self::Typed { list, inner, vocabulary, kind, values } => items(event, list).any(|item| {
                let of_kind = item.get("type").and_then(Json::as_str).map(|found| vocabulary.canonical(found));
                of_kind.as_ref() == Some(kind)
                    && item.get(*inner).and_then(Json::as_str).is_some_and(|id| values.contains(&comparable(id)))
            }),
            Self::Quantity(comparison, unit) => crate::trace::facts::QUANTITY_LISTS
                .iter()
                .flat_map(|list| items(event, list))
                .any(|element| measured(element, "quantity", comparison, unit.as_deref())),
            _ => self.holds_for_sensors(seen),
        }
    }

    fn holds_for_sensors(&self, seen: &Seen<'_>) -> bool {
        let event = seen.event;
        let among = |found: &Json, values: &[String]| plain(found).is_some_and(|text| values.contains(&text));
        match self {
            Self::SensorTime(name, since, at) => sensor_parts(event).any(|part| {
                let found = part.get(name.as_str()).and_then(Json::as_str).and_then(time::instant);
                found.is_some_and(|found| if *since { found >= *at } else { found < *at })
            }),
            Self::SensorWord(name, vocabulary, values) => sensor_parts(event).any(|part| {
                let word = part.get(*name).and_then(Json::as_str);
                word.is_some_and(|word| values.contains(&vocabulary.canonical(word)))
            }),
            Self::SensorIdentifier(name, values) => sensor_parts(event).any(|part| {
                part.get(name.as_str()).and_then(Json::as_str).is_some_and(|id| values.contains(&comparable(id)))
            }),
            Self::SensorText(name, values) => {
                sensor_parts(event).any(|part| part.get(name.as_str()).is_some_and(|found| among(found, values)))
            }
            Self::SensorNumber(name, comparison, unit) => {
                sensor_parts(event).any(|part| measured(part, name, comparison, unit.as_deref()))
            }
            Self::Extension { scope, inner, field, compare } => scope
                .places(event)
                .into_iter()
                .any(|place| extension(place, field, *inner, compare.as_ref(), seen.namespaces, true)),
            _ => true,
        }
    }
}

impl Seen<'_> {
    fn time(&self, target: Target) -> i64 {
        match target {
            Target::EventTime => self.event_time,
            Target::RecordTime => self.record_time,
        }
    }
}

impl Scope {
    fn places(self, event: &Map<String, Json>) -> Vec<&Map<String, Json>> {
        let object = |name: &str| event.get(name).and_then(Json::as_object).into_iter().collect();
        let elements = || items(event, "sensorElementList").filter_map(Json::as_object);
        match self {
            Self::Event => vec![event],
            Self::Ilmd => object("ilmd"),
            Self::ErrorDeclaration => object("errorDeclaration"),
            Self::ReadPoint => object("readPoint"),
            Self::BizLocation => object("bizLocation"),
            Self::SensorElement => elements().collect(),
            Self::SensorMetadata => {
                elements().filter_map(|element| element.get("sensorMetadata")?.as_object()).collect()
            }
            Self::SensorReport => {
                let reports = elements().filter_map(|element| element.get("sensorReport")?.as_array());
                reports.flatten().filter_map(Json::as_object).collect()
            }
        }
    }
}

/// Whether an extension of this name is here or, where asked for, below another extension.
fn extension(
    place: &Map<String, Json>,
    field: &str,
    inner: bool,
    compare: Option<&Comparison>,
    namespaces: &Namespaces,
    top: bool,
) -> bool {
    place.iter().filter(|(name, _)| name.contains(':') || !top).any(|(name, value)| {
        let here = (!inner || !top) && full_name(name, namespaces) == field;
        if here && compare.is_none_or(|comparison| each(value).any(|item| compares(item, comparison))) {
            return true;
        }
        inner
            && each(value)
                .filter_map(Json::as_object)
                .any(|object| extension(object, field, inner, compare, namespaces, false))
    })
}

fn full_name(name: &str, namespaces: &Namespaces) -> String {
    let expanded =
        name.split_once(':').and_then(|(prefix, local)| Some(format!("{}{local}", namespaces.namespace(prefix)?)));
    expanded.unwrap_or_else(|| name.to_owned())
}

fn error<'a>(event: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    event.get("errorDeclaration")?.get(name)
}

fn items<'a>(event: &'a Map<String, Json>, list: &str) -> impl Iterator<Item = &'a Json> {
    event.get(list).and_then(Json::as_array).into_iter().flatten()
}

fn each(value: &Json) -> std::slice::Iter<'_, Json> {
    match value {
        Json::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// Identifiers in these fields: plain ones, or classes of quantities.
fn named<'a>(
    event: &'a Map<String, Json>,
    fields: &'a [&str],
    classes: bool,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    let values = fields.iter().filter_map(|field| event.get(*field)).flat_map(each);
    if classes {
        return Box::new(values.filter_map(|element| element.get("epcClass")?.as_str()));
    }
    Box::new(values.filter_map(Json::as_str))
}

/// Sensor metadata and reports of an event.
fn sensor_parts<'a>(event: &'a Map<String, Json>) -> Box<dyn Iterator<Item = &'a Json> + 'a> {
    Box::new(items(event, "sensorElementList").flat_map(|element| {
        let reports = element.get("sensorReport").and_then(Json::as_array).into_iter().flatten();
        reports.chain(element.get("sensorMetadata"))
    }))
}

fn measured(part: &Json, name: &str, comparison: &Comparison, unit: Option<&str>) -> bool {
    let in_unit = unit.is_none_or(|unit| part.get("uom").and_then(Json::as_str) == Some(unit));
    in_unit && part.get(name).is_some_and(|value| compares(value, comparison))
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Compares as numbers where both are, else as instants where both are, else as text.
fn compares(value: &Json, (compare, wanted): &Comparison) -> bool {
    let Some(found) = plain(value) else {
        return false;
    };
    wanted.iter().any(|wanted| {
        let numbers = found.parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
        if let Some((found, wanted)) = numbers {
            return found.partial_cmp(&wanted).is_some_and(|order| compare.holds(order));
        }
        let order = match (time::instant(&found), time::instant(wanted)) {
            (Some(found), Some(wanted)) => found.cmp(&wanted),
            _ => found.as_str().cmp(wanted.as_str()),
        };
        compare.holds(order)
    })
}
