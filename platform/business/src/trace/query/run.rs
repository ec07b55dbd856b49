//! Running a query: candidates from the tables, each looked at with every filter, in pages.

use alloy_primitives::B256;
use platform_api::{Cursor, Problem};
use platform_index::{Row, Store, StoreError, Value};
use serde_json::{Map, Value as Json, json};

use super::filter::{Filter, Pattern, Seen};
use super::parameter::{Asked, PER_PAGE_MAX};
use crate::trace::capture::now;
use crate::trace::error::Refusal;
use crate::trace::namespaces::{Gathered, Namespaces};
use crate::trace::time;

/// Events read from the tables at a time.
const CHUNK: u32 = 256;

/// Events looked at for one page. A query that finds nothing among so many has to be narrowed.
const LOOKED_AT_MAX: usize = 200_000;

/// A stored event.
#[derive(Clone, Debug)]
pub(in crate::trace) struct StoredEvent {
    pub(in crate::trace) seq: i64,
    pub(in crate::trace) event_id: String,
    pub(in crate::trace) hash: B256,
    pub(in crate::trace) event_time: i64,
    pub(in crate::trace) record_time: i64,
    pub(in crate::trace) batch: u64,
    pub(in crate::trace) namespaces: Namespaces,
    pub(in crate::trace) event: Map<String, Json>,
}

const COLUMNS: &str = "e.seq, e.event_id, e.event_hash, e.event_time, e.record_time, e.batch, e.namespaces, e.body";

pub(in crate::trace) fn read_event(row: &Row) -> Result<StoredEvent, StoreError> {
    let kept: Json = serde_json::from_str(&row.text(6)?).unwrap_or_default();
    let namespaces = Namespaces {
        prefixes: serde_json::from_value(kept["prefixes"].clone()).unwrap_or_default(),
        others: serde_json::from_value(kept["others"].clone()).unwrap_or_default(),
    };
    Ok(StoredEvent {
        seq: row.int(0)?,
        event_id: row.text(1)?,
        hash: row.hash(2)?,
        event_time: row.int(3)?,
        record_time: row.int(4)?,
        batch: row.number(5)?,
        namespaces,
        event: serde_json::from_str(&row.text(7)?).unwrap_or_default(),
    })
}

/// A page of events.
#[derive(Debug)]
pub(in crate::trace) struct Answer {
    pub(in crate::trace) events: Vec<StoredEvent>,
    /// Where the next page begins, if there is one.
    pub(in crate::trace) next: Option<String>,
}

impl Answer {
    /// The answer as an `EPCISQueryDocument`.
    pub(in crate::trace) fn document(self, query_name: &str) -> Json {
        let mut gathered = Gathered::default();
        let mut events = Vec::with_capacity(self.events.len());
        for stored in self.events {
            let StoredEvent { mut event, namespaces, record_time, .. } = stored;
            event.entry("recordTime").or_insert_with(|| Json::from(time::text(record_time)));
            gathered.take(&mut event, &namespaces);
            events.push(Json::Object(event));
        }
        json!({
            "@context": gathered.context(),
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": time::text(i64::try_from(now()).unwrap_or(i64::MAX)),
            "epcisBody": {
                "queryResults": { "queryName": query_name, "resultsBody": { "eventList": events } },
            },
        })
    }
}

/// Events under an id. An event and the declaration that it was wrong share one.
pub(in crate::trace) async fn by_id(store: &Store, id: &str) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM trace_event e WHERE e.event_id = $1 ORDER BY e.seq");
    store.rows(&sql, vec![id.into()]).await?.iter().map(read_event).collect()
}

/// Every event that names an item or one of these classes, oldest first, at most so many.
pub(in crate::trace) async fn of_item(
    store: &Store,
    facts: &[(&str, String)],
    most: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let mut args: Vec<Value> = Vec::new();
    let mut parts = Vec::new();
    for (field, value) in facts {
        parts.push(format!("(f.field = ${} AND f.value = ${})", args.len() + 1, args.len() + 2));
        args.extend([Value::from(*field), Value::from(value.as_str())]);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT DISTINCT {COLUMNS} FROM trace_event e JOIN trace_fact f ON f.seq = e.seq WHERE {} \
         ORDER BY e.event_time, e.seq LIMIT {most}",
        parts.join(" OR ")
    );
    store.rows(&sql, args).await?.iter().map(read_event).collect()
}

/// Distinct values of a field, in order, from one on.
pub(in crate::trace) async fn collection(
    store: &Store,
    field: &str,
    after: &str,
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let sql = format!(
        "SELECT DISTINCT value FROM trace_fact WHERE field = $1 AND value > $2 ORDER BY value LIMIT {}",
        most.saturating_add(1)
    );
    store.rows(&sql, vec![field.into(), after.into()]).await?.iter().map(|row| row.text(0)).collect()
}

/// A page of the events asked for.
pub(in crate::trace) async fn run(store: &Store, asked: &Asked) -> Result<Answer, Refusal> {
    let mut asked = asked.clone();
    widen(store, &mut asked).await?;
    let (mut place, mut given) = begin(&asked)?;
    let limit = asked.event_count_limit.unwrap_or(usize::MAX);
    // Who sets a most wants everything or an error, not a page.
    let page = asked.max_event_count.map_or_else(|| asked.page_size(), |most| most.min(PER_PAGE_MAX * 10) + 1);
    let mut events: Vec<StoredEvent> = Vec::new();
    let mut looked_at = 0;
    loop {
        let rows = candidates(store, &asked, place).await?;
        let last = rows.len() < CHUNK as usize;
        for row in &rows {
            let stored = read_event(row)?;
            looked_at += 1;
            if given >= limit {
                return Ok(Answer { events, next: None });
            }
            if events.len() >= page && matches(&asked, &stored) {
                return Ok(Answer { events, next: Some(token(place, given)) });
            }
            place = Some((time_of(&asked, &stored), stored.seq));
            if matches(&asked, &stored) {
                given += 1;
                if asked.max_event_count.is_some_and(|most| given > most) {
                    return Err(too_many(&asked));
                }
                events.push(stored);
            }
        }
        if last {
            return Ok(Answer { events, next: None });
        }
        if looked_at >= LOOKED_AT_MAX {
            return Err(Refusal::new(
                axum::http::StatusCode::PAYLOAD_TOO_LARGE,
                "QueryTooComplexException",
                "The query looks at too many events. Narrow it by time, identifier or place.",
            ));
        }
        tokio::task::yield_now().await;
    }
}

/// Events looked for under `maxEventCount` are counted before the first page is answered.
fn too_many(asked: &Asked) -> Refusal {
    let most = asked.max_event_count.unwrap_or_default();
    Refusal::new(
        axum::http::StatusCode::PAYLOAD_TOO_LARGE,
        "QueryTooLargeException",
        format!("More than maxEventCount = {most} events match."),
    )
}

type Place = Option<(i64, i64)>;

fn begin(asked: &Asked) -> Result<(Place, usize), Refusal> {
    let Some(token) = &asked.page_token else {
        return Ok((None, 0));
    };
    let cursor = Cursor::decode(token, 3).map_err(|_| bad_token())?;
    let part = |place| cursor.int(place).map_err(|_: Problem| bad_token());
    Ok((Some((part(0)?, part(1)?)), usize::try_from(part(2)?).unwrap_or(0)))
}

fn bad_token() -> Refusal {
    Refusal::new(
        axum::http::StatusCode::BAD_REQUEST,
        "QueryParameterException",
        "nextPageToken is not one that this query gave. Begin again without it.",
    )
}

fn token(place: Place, given: usize) -> String {
    let (time, seq) = place.unwrap_or_default();
    Cursor(vec![time.to_string(), seq.to_string(), given.to_string()]).encode()
}

fn time_of(asked: &Asked, stored: &StoredEvent) -> i64 {
    match asked.order_by.column() {
        "record_time" => stored.record_time,
        _ => stored.event_time,
    }
}

fn matches(asked: &Asked, stored: &StoredEvent) -> bool {
    let seen = Seen {
        event: &stored.event,
        namespaces: &stored.namespaces,
        event_time: stored.event_time,
        record_time: stored.record_time,
    };
    asked.filters.iter().all(|filter| filter.holds(&seen))
}

/// The next rows that may match: those which times and identifiers leave, after the last one.
async fn candidates(store: &Store, asked: &Asked, place: Place) -> Result<Vec<Row>, StoreError> {
    let mut args: Vec<Value> = Vec::new();
    let mut parts = Vec::new();
    for filter in &asked.filters {
        if let Some(part) = prefilter(filter, &mut args) {
            parts.push(part);
        }
    }
    let (column, after, order) = match (asked.order_by.column(), asked.ascending) {
        (column, true) => (column, ">", "ASC"),
        (column, false) => (column, "<", "DESC"),
    };
    if let Some((time, seq)) = place {
        let (first, second) = (args.len() + 1, args.len() + 2);
        parts.push(format!("(e.{column} {after} ${first} OR (e.{column} = ${first} AND e.seq {after} ${second}))"));
        args.extend([Value::from(time), Value::from(seq)]);
    }
    let condition = if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" AND ") };
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_event e WHERE {condition} ORDER BY e.{column} {order}, e.seq {order} LIMIT {CHUNK}"
    );
    store.rows(&sql, args).await
}

/// What a filter says that the tables know. It may let more through than the filter does.
fn prefilter(filter: &Filter, args: &mut Vec<Value>) -> Option<String> {
    let mut bind = |value: Value| {
        args.push(value);
        format!("${}", args.len())
    };
    Some(match filter {
        Filter::Since(target, at) => format!("e.{} >= {}", target.column(), bind((*at).into())),
        Filter::Before(target, at) => format!("e.{} < {}", target.column(), bind((*at).into())),
        Filter::Type(values) => one_of("e.type", values.iter().map(|value| bind(value.as_str().into())).collect()),
        Filter::Text("eventID", values) => {
            one_of("e.event_id", values.iter().map(|value| bind(value.as_str().into())).collect())
        }
        Filter::Word(field @ ("bizStep" | "disposition"), _, values) | Filter::Place(field, values, _) => {
            let field = bind((*field).into());
            fact(&field, values.iter().map(|value| bind(value.as_str().into())).collect())
        }
        Filter::Match(_, classes, patterns) => {
            let exact: Option<Vec<&str>> = patterns
                .iter()
                .map(|pattern| match pattern {
                    Pattern::Exactly(value) => Some(value.as_str()),
                    Pattern::Beginning(..) => None,
                })
                .collect();
            let field = bind(if *classes { "class" } else { "epc" }.into());
            match exact {
                Some(values) => fact(&field, values.into_iter().map(|value| bind(value.into())).collect()),
                None => format!("EXISTS (SELECT 1 FROM trace_fact f WHERE f.seq = e.seq AND f.field = {field})"),
            }
        }
        _ => return None,
    })
}

fn one_of(column: &str, places: Vec<String>) -> String {
    format!("{column} IN ({})", places.join(", "))
}

fn fact(field: &str, places: Vec<String>) -> String {
    format!("e.seq IN (SELECT f.seq FROM trace_fact f WHERE f.field = {field} AND f.value IN ({}))", places.join(", "))
}

/// Adds the places within a place, as master data tell them.
async fn widen(store: &Store, asked: &mut Asked) -> Result<(), Refusal> {
    for filter in &mut asked.filters {
        let Filter::Place(_, values, true) = filter else {
            continue;
        };
        let mut waiting = values.clone();
        while let Some(value) = waiting.pop() {
            for child in children(store, &value).await? {
                if !values.contains(&child) && values.len() < 1_000 {
                    values.push(child.clone());
                    waiting.push(child);
                }
            }
        }
    }
    Ok(())
}

async fn children(store: &Store, id: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT value FROM trace_fact WHERE field = $1";
    let rows = store.rows(sql, vec![format!("within:{id}").into()]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}
