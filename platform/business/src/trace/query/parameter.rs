//! Names and values of query parameters, read into filters. What is not understood is refused by name.

use serde_json::{Map, Value as Json};

use super::filter::{Compare, Filter, Scope};
use crate::trace::gs1;
use crate::trace::namespaces::Namespaces;
use crate::trace::time;
use crate::trace::validate::{Check, Violation};
use crate::trace::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION, COMPONENT, DISPOSITION, ERROR_REASON, MEASUREMENT, SENSOR_ALERT, SOURCE_DESTINATION,
    Vocabulary,
};

/// Events on a page where nothing else is asked for, and at most.
const PER_PAGE: usize = 30;
pub(super) const PER_PAGE_MAX: usize = 1_000;

/// A field by which events are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::trace) enum Target {
    /// When it happened.
    #[default]
    EventTime,
    /// When it was captured.
    RecordTime,
}

impl Target {
    pub(in crate::trace) const fn column(self) -> &'static str {
        match self {
            Self::EventTime => "event_time",
            Self::RecordTime => "record_time",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::trace) struct Asked {
    pub(in crate::trace) filters: Vec<Filter>,
    pub(in crate::trace) order_by: Target,
    pub(in crate::trace) ascending: bool,
    pub(in crate::trace) event_count_limit: Option<usize>,
    pub(in crate::trace) max_event_count: Option<usize>,
    pub(in crate::trace) per_page: Option<usize>,
    pub(in crate::trace) page_token: Option<String>,
}

impl Asked {
    /// Reads the parameters of a query's address. Values of a list are separated by `|`.
    pub(in crate::trace) fn of_address(query: &str, namespaces: &Namespaces) -> Result<Self, Vec<Violation>> {
        let mut body = Map::new();
        let plus = |text: &str| gs1::percent_decoded(&text.replace('+', "%20"));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A plus of an instant's offset that nobody wrote out arrives as a space otherwise.
            let name = plus(name);
            let value =
                if name.to_ascii_lowercase().contains("time") { gs1::percent_decoded(value) } else { plus(value) };
            let values = value.split('|').map(Json::from);
            match body.entry(name).or_insert_with(|| Json::Array(Vec::new())) {
                Json::Array(list) => list.extend(values),
                _ => unreachable!("every entry is a list"),
            }
        }
        Self::read(&body, namespaces)
    }

    /// Reads the parameters of a query that was sent as JSON.
    pub(in crate::trace) fn of_body(query: &Map<String, Json>) -> Result<Self, Vec<Violation>> {
        let namespaces = Namespaces::of(query.get("@context").unwrap_or(&Json::Null));
        Self::read(query, &namespaces)
    }

    fn read(query: &Map<String, Json>, namespaces: &Namespaces) -> Result<Self, Vec<Violation>> {
        let mut asked = Self::default();
        let mut check = Check::default();
        for (name, value) in query.iter().filter(|(name, _)| *name != "@context") {
            check.at(name, |check| {
                if let Err((rule, message)) = asked.parameter(name, &Given { name, value }, namespaces) {
                    check.fault(rule, message);
                }
            });
        }
        if asked.event_count_limit.is_some() && asked.max_event_count.is_some() {
            check.fault("query.conflict", "eventCountLimit and maxEventCount exclude each other.");
        }
        let found = check.finish();
        if found.is_empty() { Ok(asked) } else { Err(found) }
    }

    /// Events on a page.
    pub(in crate::trace) fn page_size(&self) -> usize {
        self.per_page.unwrap_or(PER_PAGE).clamp(1, PER_PAGE_MAX)
    }

    fn parameter(&mut self, name: &str, given: &Given<'_>, namespaces: &Namespaces) -> Result<(), Fault> {
        match name {
            "orderBy" => {
                self.order_by = match given.one()?.as_str() {
                    "eventTime" => Target::EventTime,
                    "recordTime" => Target::RecordTime,
                    other => return Err(given.bad(format!("events can't be ordered by {other:?}"))),
                }
            }
            "orderDirection" => {
                self.ascending = match given.one()?.as_str() {
                    "ASC" => true,
                    "DESC" => false,
                    other => return Err(given.bad(format!("{other:?} is neither ASC nor DESC"))),
                }
            }
            "eventCountLimit" => self.event_count_limit = Some(given.count()?),
            "maxEventCount" => self.max_event_count = Some(given.count()?),
            "perPage" => self.per_page = Some(given.count()?),
            "nextPageToken" => self.page_token = Some(given.one()?),
            _ => self.filters.push(filter(name, given, namespaces)?),
        }
        Ok(())
    }
}

/// A rule, and what to say.
type Fault = (&'static str, String);

/// The values given for a parameter.
struct Given<'a> {
    name: &'a str,
    value: &'a Json,
}

impl Given<'_> {
    fn bad(&self, why: impl std::fmt::Display) -> Fault {
        ("query.value", format!("{}: {why}.", self.name))
    }

    fn unknown(&self) -> Fault {
        ("query.unknown-parameter", format!("{} is no parameter of the simple event query.", self.name))
    }

    /// Every value as text.
    fn all(&self) -> Result<Vec<String>, Fault> {
        let plain = |value: &Json| match value {
            Json::String(text) => Ok(text.clone()),
            Json::Number(number) => Ok(number.to_string()),
            Json::Bool(truth) => Ok(truth.to_string()),
            _ => Err(self.bad("values are text or numbers")),
        };
        let values: Vec<String> = match self.value {
            Json::Array(values) => values.iter().map(plain).collect::<Result<_, _>>()?,
            one => vec![plain(one)?],
        };
        if values.is_empty() || values.iter().any(String::is_empty) {
            return Err(self.bad("a value is missing"));
        }
        Ok(values)
    }

    fn one(&self) -> Result<String, Fault> {
        let mut values = self.all()?;
        if values.len() > 1 {
            return Err(self.bad("one value is expected"));
        }
        values.pop().ok_or_else(|| self.bad("a value is missing"))
    }

    fn count(&self) -> Result<usize, Fault> {
        self.one()?.parse().ok().filter(|count| *count > 0).ok_or_else(|| self.bad("a number from 1 on is expected"))
    }

    fn instant(&self) -> Result<i64, Fault> {
        let text = self.one()?;
        time::instant(&text).ok_or_else(|| self.bad(format!("{text:?} is no ISO 8601 date and time with an offset")))
    }

    fn words(&self, vocabulary: &Vocabulary) -> Result<Vec<String>, Fault> {
        Ok(self.all()?.iter().map(|word| vocabulary.canonical(word)).collect())
    }

    fn comparisons(&self, compare: Compare) -> Result<Filter2, Fault> {
        let values = if compare == Compare::Equal { self.all()? } else { vec![self.one()?] };
        Ok((compare, values))
    }

    fn numbers(&self, compare: Compare) -> Result<Filter2, Fault> {
        let (compare, values) = self.comparisons(compare)?;
        if let Some(bad) = values.iter().find(|value| value.parse::<f64>().is_err()) {
            return Err(self.bad(format!("{bad:?} is no number")));
        }
        Ok((compare, values))
    }
}

type Filter2 = (Compare, Vec<String>);

fn filter(name: &str, given: &Given<'_>, namespaces: &Namespaces) -> Result<Filter, Fault> {
    Ok(match name {
        "eventType" => Filter::Type(given.all()?),
        "GE_eventTime" => Filter::Since(Target::EventTime, given.instant()?),
        "LT_eventTime" => Filter::Before(Target::EventTime, given.instant()?),
        "GE_recordTime" => Filter::Since(Target::RecordTime, given.instant()?),
        "LT_recordTime" => Filter::Before(Target::RecordTime, given.instant()?),
        "EQ_action" => Filter::Text("action", given.all()?),
        "EQ_bizStep" => Filter::Word("bizStep", &BIZ_STEP, given.words(&BIZ_STEP)?),
        "EQ_disposition" => Filter::Word("disposition", &DISPOSITION, given.words(&DISPOSITION)?),
        "EQ_persistentDisposition_set" => Filter::Persistent("set", given.words(&DISPOSITION)?),
        "EQ_persistentDisposition_unset" => Filter::Persistent("unset", given.words(&DISPOSITION)?),
        "EQ_readPoint" => Filter::Place("readPoint", comparable(given)?, false),
        "WD_readPoint" => Filter::Place("readPoint", comparable(given)?, true),
        "EQ_bizLocation" => Filter::Place("bizLocation", comparable(given)?, false),
        "WD_bizLocation" => Filter::Place("bizLocation", comparable(given)?, true),
        "EQ_transformationID" => Filter::Identifier("transformationID", comparable(given)?),
        "EQ_eventID" | "eventID" => Filter::Text("eventID", given.all()?),
        "MATCH_epc" => Filter::Match(&["epcList", "childEPCs"], false, patterns(given)?),
        "MATCH_parentID" => Filter::Match(&["parentID"], false, patterns(given)?),
        "MATCH_inputEPC" => Filter::Match(&["inputEPCList"], false, patterns(given)?),
        "MATCH_outputEPC" => Filter::Match(&["outputEPCList"], false, patterns(given)?),
        "MATCH_anyEPC" => Filter::Match(
            &["epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID"],
            false,
            patterns(given)?,
        ),
        "MATCH_epcClass" => Filter::Match(&["quantityList", "childQuantityList"], true, patterns(given)?),
        "MATCH_inputEPCClass" => Filter::Match(&["inputQuantityList"], true, patterns(given)?),
        "MATCH_outputEPCClass" => Filter::Match(&["outputQuantityList"], true, patterns(given)?),
        "MATCH_anyEPCClass" => Filter::Match(
            &["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"],
            true,
            patterns(given)?,
        ),
        "EXISTS_errorDeclaration" => Filter::Exists("errorDeclaration"),
        "GE_errorDeclarationTime" | "GE_errorDeclaration_Time" => Filter::ErrorTime(true, given.instant()?),
        "LT_errorDeclarationTime" | "LT_errorDeclaration_Time" => Filter::ErrorTime(false, given.instant()?),
        "EQ_errorReason" => Filter::ErrorReason(given.words(&ERROR_REASON)?),
        "EQ_correctiveEventID" => Filter::Corrective(given.all()?),
        "EXISTS_sensorElementList" => Filter::Exists("sensorElementList"),
        "EXISTS_ilmd" => Filter::Exists("ilmd"),
        _ => return composed(name, given, namespaces),
    })
}

/// Parameters whose name says more than the field: an operator, and a type, a unit or an extension.
fn composed(name: &str, given: &Given<'_>, namespaces: &Namespaces) -> Result<Filter, Fault> {
    if let Some(field) = name.strip_prefix("EXISTS_") {
        let (scope, inner, field) = extension(field, namespaces).ok_or_else(|| given.unknown())?;
        return Ok(Filter::Extension { scope, inner, field, compare: None });
    }
    let (operator, field) = name.split_once('_').ok_or_else(|| given.unknown())?;
    let compare = Compare::of(operator).ok_or_else(|| given.unknown())?;
    for (prefix, list, inner, vocabulary) in [
        ("bizTransaction_", "bizTransactionList", "bizTransaction", &BIZ_TRANSACTION),
        ("source_", "sourceList", "source", &SOURCE_DESTINATION),
        ("destination_", "destinationList", "destination", &SOURCE_DESTINATION),
    ] {
        if let (Compare::Equal, Some(kind)) = (compare, field.strip_prefix(prefix)) {
            let kind = vocabulary.canonical(kind);
            return Ok(Filter::Typed { list, inner, vocabulary, kind, values: comparable(given)? });
        }
    }
    if let Some(rest) = field.strip_prefix("quantity")
        && let Some(unit) = unit(rest)
    {
        return Ok(Filter::Quantity(given.numbers(compare)?, unit));
    }
    if let Some(filter) = sensor(field, compare, given)? {
        return Ok(filter);
    }
    let (scope, inner, field) = extension(field, namespaces).ok_or_else(|| given.unknown())?;
    Ok(Filter::Extension { scope, inner, field, compare: Some(given.comparisons(compare)?) })
}

fn sensor(field: &str, compare: Compare, given: &Given<'_>) -> Result<Option<Filter>, Fault> {
    let field = field.strip_prefix("SENSORMETADATA_").or_else(|| field.strip_prefix("SENSORREPORT_")).unwrap_or(field);
    let equal = compare == Compare::Equal;
    let timed = matches!(compare, Compare::AtLeast | Compare::Less);
    Ok(Some(match field {
        "time" | "startTime" | "endTime" if timed => {
            Filter::SensorTime(field.to_owned(), compare == Compare::AtLeast, given.instant()?)
        }
        "type" if equal => Filter::SensorWord("type", &MEASUREMENT, given.words(&MEASUREMENT)?),
        "exception" if equal => Filter::SensorWord("exception", &SENSOR_ALERT, given.words(&SENSOR_ALERT)?),
        "component" if equal => Filter::SensorWord("component", &COMPONENT, given.words(&COMPONENT)?),
        "deviceID"
        | "deviceMetadata"
        | "rawData"
        | "dataProcessingMethod"
        | "bizRules"
        | "microorganism"
        | "chemicalSubstance"
        | "uriValue"
        | "coordinateReferenceSystem"
            if equal =>
        {
            Filter::SensorIdentifier(field.to_owned(), comparable(given)?)
        }
        "stringValue" | "booleanValue" | "hexBinaryValue" if equal => {
            Filter::SensorText(field.to_owned(), given.all()?)
        }
        "percRank" => Filter::SensorNumber(field.to_owned(), given.numbers(compare)?, None),
        _ => {
            let measured = ["value", "minValue", "maxValue", "meanValue", "sDev", "percValue"];
            let found = measured.iter().find_map(|name| Some((*name, unit(field.strip_prefix(name)?)?)));
            match found {
                Some((name, unit)) => Filter::SensorNumber(name.to_owned(), given.numbers(compare)?, unit),
                None => return Ok(None),
            }
        }
    }))
}

/// `_KGM` at the end of a name, or nothing.
#[expect(clippy::option_option, reason = "no unit, and a tail that is no unit, are two things")]
fn unit(tail: &str) -> Option<Option<String>> {
    if tail.is_empty() {
        return Some(None);
    }
    let unit = tail.strip_prefix('_')?;
    let fits =
        (2..=4).contains(&unit.len()) && unit.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit());
    fits.then(|| Some(unit.to_owned()))
}

/// Where an extension is looked for, whether below others, and its full name. None for what has no namespace.
fn extension(field: &str, namespaces: &Namespaces) -> Option<(Scope, bool, String)> {
    let (inner, rest) = field.strip_prefix("INNER_").map_or((false, field), |rest| (true, rest));
    let scopes = [
        ("ILMD_", Scope::Ilmd),
        ("ERROR_DECLARATION_", Scope::ErrorDeclaration),
        ("SENSORELEMENT_", Scope::SensorElement),
        ("SENSORMETADATA_", Scope::SensorMetadata),
        ("SENSORREPORT_", Scope::SensorReport),
        ("readPoint_", Scope::ReadPoint),
        ("bizLocation_", Scope::BizLocation),
    ];
    let (scope, name) = scopes
        .iter()
        .find_map(|(prefix, scope)| Some((*scope, rest.strip_prefix(prefix)?)))
        .unwrap_or((Scope::Event, rest));
    let address = name.contains("://") || name.starts_with("urn:");
    let (prefix, local) = name.split_once(':')?;
    if local.is_empty() || prefix.is_empty() {
        return None;
    }
    let full = match namespaces.namespace(prefix) {
        Some(namespace) if !address => format!("{namespace}{local}"),
        _ => name.to_owned(),
    };
    Some((scope, inner, full))
}

fn comparable(given: &Given<'_>) -> Result<Vec<String>, Fault> {
    Ok(given.all()?.iter().map(|id| crate::trace::facts::comparable(id)).collect())
}

fn patterns(given: &Given<'_>) -> Result<Vec<super::filter::Pattern>, Fault> {
    Ok(given.all()?.iter().map(|text| super::filter::Pattern::of(text)).collect())
}
