//! Taking events in: all of a document or, if asked to, those of it that are valid.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{B256, hex};
use platform_index::{Row, Store, StoreError, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::error::Refusal;
use super::facts::{comparable, facts};
use super::hash;
use super::model::{CAPTURE, EVENT, FACT, MASTER};
use super::namespaces::Namespaces;
use super::time;
use super::validate::{Document, Master, Pending, Violation};

/// Most events of one document.
pub(super) const EVENTS_MAX: usize = 1_000;

/// One capture at a time: events are numbered in the order in which they were taken.
static TAKING: Mutex<()> = Mutex::const_new(());

/// What to do with a document of which some events are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Take nothing.
    Rollback,
    /// Take the valid ones.
    Proceed,
}

impl Behaviour {
    const fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Proceed => "proceed",
        }
    }
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceCapture)]
pub(crate) struct CaptureView {
    /// Its id.
    #[serde(rename = "captureID")]
    pub(crate) capture_id: String,
    /// When it was sent.
    pub(crate) created_at: String,
    /// When it was done with.
    pub(crate) finished_at: String,
    /// Whether it is still worked on. Captures are done when they are answered.
    pub(crate) running: bool,
    /// Whether everything in it was taken.
    pub(crate) success: bool,
    /// `rollback` or `proceed`.
    pub(crate) capture_error_behaviour: String,
    /// How many events were taken.
    pub(crate) captured: u64,
    /// How many were there already.
    pub(crate) known: u64,
    /// What was wrong with those not taken.
    #[schema(value_type = Vec<Object>)]
    pub(crate) errors: Vec<Json>,
}

/// An event that was taken, or was there already.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) event_id: String,
    pub(super) is_new: bool,
}

/// An event ready to be stored.
struct Prepared {
    event: Map<String, Json>,
    namespaces: Namespaces,
    hash: B256,
    event_id: String,
    has_own_id: bool,
    /// What the hash leaves out.
    beside: String,
}

impl Prepared {
    /// Whether this is the event that is known under an id. An event that comes without an id is the one that is
    /// there, whatever id that has.
    fn is_same(&self, hash: B256, id: &str, beside: &str) -> bool {
        hash == self.hash && beside == self.beside && (!self.has_own_id || id == self.event_id)
    }
}

/// What is told of a capture.
struct Report<'a> {
    errors: Vec<Violation>,
    created: u64,
    behaviour: Behaviour,
    by: &'a str,
}

/// Takes a document in. An error says everything that is wrong with it.
pub(super) async fn take(
    store: &Store,
    document: Document,
    behaviour: Behaviour,
    by: &str,
) -> Result<(CaptureView, Vec<Taken>), Refusal> {
    let whole_is_sound = document.violations.is_empty();
    let sound = whole_is_sound && document.events.iter().all(|pending| pending.violations.is_empty());
    if !sound && (behaviour == Behaviour::Rollback || !whole_is_sound) {
        return Err(Refusal::invalid("The document", document.all_violations()));
    }
    if document.events.len() > EVENTS_MAX {
        let found = document.events.len();
        return Err(Refusal::too_large(format!("The document has {found} events, {EVENTS_MAX} is the most at once.")));
    }
    let errors: Vec<Violation> = document.events.iter().flat_map(|pending| pending.violations.clone()).collect();
    let created = now();
    let mut prepared = Vec::new();
    for (place, pending) in document.events.into_iter().filter(|pending| pending.violations.is_empty()).enumerate() {
        prepared.push(prepare(pending));
        // Hashing a large document takes a while: let others run.
        if place % 64 == 63 {
            tokio::task::yield_now().await;
        }
    }
    let report = Report { errors, created, behaviour, by };
    store_all(store, prepared, document.master, report).await
}

fn prepare(pending: Pending) -> Prepared {
    let Pending { mut event, namespaces, .. } = pending;
    let hash = hash::event_hash(&event, &namespaces);
    let own = event.get("eventID").and_then(Json::as_str).map(str::to_owned);
    let event_id = own.clone().unwrap_or_else(|| hash::event_id(hash));
    event.entry("eventID").or_insert_with(|| Json::from(event_id.as_str()));
    let left_out = ["errorDeclaration", "certificationInfo", "rdfs:comment", "comment"];
    let left_out = left_out.iter().filter_map(|name| Some(((*name).to_owned(), event.get(*name)?.clone())));
    let left_out = Map::from_iter(left_out);
    let beside = if left_out.is_empty() { String::new() } else { Json::Object(left_out).to_string() };
    Prepared { event, namespaces, hash, event_id, has_own_id: own.is_some(), beside }
}

async fn store_all(
    store: &Store,
    prepared: Vec<Prepared>,
    master: Vec<Master>,
    Report { errors, created, behaviour, by }: Report<'_>,
) -> Result<(CaptureView, Vec<Taken>), Refusal> {
    let id = hex::encode(rand::random::<[u8; 16]>());
    let _taking = TAKING.lock().await;
    let mut seq = store.int("SELECT COALESCE(MAX(seq), 0) FROM trace_event", vec![]).await?;
    let (mut events, mut found_by, mut taken) = (Vec::new(), Vec::new(), Vec::<Taken>::new());
    let (mut fresh, mut reworded) = (Vec::<(B256, String, String)>::new(), Vec::new());
    for mut event in prepared {
        let twin = fresh.iter().find(|(hash, id, beside)| event.is_same(*hash, id, beside));
        if let Some((_, event_id, _)) = twin {
            taken.push(Taken { event_id: event_id.clone(), is_new: false });
            continue;
        }
        let is_new = match known(store, &event).await? {
            Some((at, event_id)) => {
                event.event.insert("eventID".to_owned(), Json::from(event_id.as_str()));
                event.event_id = event_id;
                reworded.push((at, namespaces(&event), Json::Object(event.event.clone()).to_string()));
                found_by.extend(facts_of(&event.event, at));
                false
            }
            None => {
                seq += 1;
                found_by.extend(facts_of(&event.event, seq));
                true
            }
        };
        taken.push(Taken { event_id: event.event_id.clone(), is_new });
        fresh.push((event.hash, event.event_id.clone(), event.beside.clone()));
        if is_new {
            events.push(row(seq, event, created, &id));
        }
    }
    found_by.extend(master.iter().flat_map(within));
    let master = master
        .into_iter()
        .map(|about| vec![comparable(&about.id).into(), about.kind.into(), about.attributes.to_string().into()]);
    let master: Vec<Vec<Value>> = master.collect();
    let count = |new: bool| u64::try_from(taken.iter().filter(|taken| taken.is_new == new).count()).unwrap_or(u64::MAX);
    let view = CaptureView {
        capture_id: id.clone(),
        created_at: time::text(milliseconds(created)),
        finished_at: time::text(milliseconds(now())),
        running: false,
        success: errors.is_empty(),
        capture_error_behaviour: behaviour.word().to_owned(),
        captured: count(true),
        known: count(false),
        errors: errors.iter().map(fault).collect(),
    };
    let job = vec![
        id.into(),
        created.into(),
        now().into(),
        view.success.into(),
        behaviour.word().into(),
        view.captured.into(),
        view.known.into(),
        Json::from(view.errors.clone()).to_string().into(),
        by.into(),
    ];
    store.write(vec![(&EVENT, events), (&FACT, found_by), (&MASTER, master), (&CAPTURE, vec![job])]).await?;
    // The same event in other words is answered in its newest ones: everything that is hashed says the same in both.
    for (at, namespaces, body) in reworded {
        let sql = "UPDATE trace_event SET namespaces = $1, body = $2 WHERE seq = $3";
        store.execute(sql, vec![namespaces.into(), body.into(), at.into()]).await?;
    }
    Ok((view, taken))
}

/// Which places are within a place. No event is number zero.
fn within(about: &Master) -> Vec<Vec<Value>> {
    let field = format!("within:{}", comparable(&about.id));
    about.children.iter().map(|child| vec![field.as_str().into(), comparable(child).into(), 0_u64.into()]).collect()
}

/// A fault as capture jobs tell it: a problem of its own.
fn fault(violation: &Violation) -> Json {
    json!({
        "type": "epcisException:ValidationException",
        "title": "ValidationException",
        "status": 400,
        "detail": violation.message,
        "path": violation.path,
        "rule": violation.rule,
    })
}

/// The number and id under which the same event is there already.
async fn known(store: &Store, event: &Prepared) -> Result<Option<(i64, String)>, StoreError> {
    let sql = "SELECT seq, event_id, beside FROM trace_event WHERE event_hash = $1 ORDER BY seq";
    for row in store.rows(sql, vec![event.hash.into()]).await? {
        let (seq, id, beside) = (row.int(0)?, row.text(1)?, row.text(2)?);
        if event.is_same(event.hash, &id, &beside) {
            return Ok(Some((seq, id)));
        }
    }
    Ok(None)
}

fn facts_of(event: &Map<String, Json>, seq: i64) -> impl Iterator<Item = Vec<Value>> {
    facts(event).into_iter().map(move |(field, value)| vec![field.into(), value.into(), seq.into()])
}

fn namespaces(event: &Prepared) -> String {
    json!({ "prefixes": event.namespaces.prefixes, "others": event.namespaces.others }).to_string()
}

fn row(seq: i64, event: Prepared, created: u64, capture: &str) -> Vec<Value> {
    let text = |name: &str| event.event.get(name).and_then(Json::as_str).unwrap_or_default();
    let event_time = time::instant(text("eventTime")).unwrap_or(0);
    let kind = text("type").to_owned();
    let namespaces = namespaces(&event);
    vec![
        seq.into(),
        event.event_id.into(),
        event.hash.into(),
        kind.into(),
        event_time.into(),
        milliseconds(created).into(),
        event.beside.into(),
        capture.into(),
        0_u64.into(),
        namespaces.into(),
        Json::Object(event.event).to_string().into(),
    ]
}

/// A capture job by its id.
pub(super) async fn job(store: &Store, id: &str) -> Result<Option<CaptureView>, StoreError> {
    let sql = format!("SELECT {JOB} FROM trace_capture WHERE id = $1");
    store.row(&sql, vec![id.into()]).await?.as_ref().map(read_job).transpose()
}

/// Capture jobs, the newest first.
pub(super) async fn jobs(store: &Store, most: u32) -> Result<Vec<CaptureView>, StoreError> {
    let sql = format!("SELECT {JOB} FROM trace_capture ORDER BY created DESC, id LIMIT $1");
    store.rows(&sql, vec![most.into()]).await?.iter().map(read_job).collect()
}

const JOB: &str = "id, created, finished, success, behaviour, taken, known, errors";

fn read_job(row: &Row) -> Result<CaptureView, StoreError> {
    Ok(CaptureView {
        capture_id: row.text(0)?,
        created_at: time::text(milliseconds(row.number(1)?)),
        finished_at: time::text(milliseconds(row.number(2)?)),
        running: false,
        success: row.int(3)? == 1,
        capture_error_behaviour: row.text(4)?,
        captured: row.number(5)?,
        known: row.number(6)?,
        errors: serde_json::from_str(&row.text(7)?).unwrap_or_default(),
    })
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(0))
}

fn milliseconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
