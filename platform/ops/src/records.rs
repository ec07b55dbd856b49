//! What is kept: signals, alerts, incidents, runs of playbooks, tickets, and the log that chains every step to the one
//! before it. None of it can be derived from the chain, so none of it is thrown away.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use platform_index::{Column, Kind, Row, Store, StoreError, Table, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::audits::AUDIT;
use crate::board::DRILL;
use crate::code::{CODE, NewCode};
use crate::monitor::Alert;
use crate::playbook::Done;
use crate::review::Review;
use crate::revision::REVISION;
use crate::rule::Severity;
use crate::signal::{Observation, Signal};
use crate::statement::STATEMENT;
use crate::ticket::Ticket;
use crate::words::Words;

const CURSOR: Table = Table {
    name: "ops_cursor",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::int("number"), Column::blob("hash")],
    key: 1,
    indexes: &[],
};

const SIGNAL: Table = Table {
    name: "ops_signal",
    kind: Kind::State,
    columns: &[
        Column::blob("block_hash"),
        Column::int("place"),
        Column::int("block_number"),
        Column::int("timestamp"),
        Column::text("state"),
        Column::text("body"),
    ],
    key: 2,
    indexes: &[("ops_signal_number", "block_number")],
};

const ALERT: Table = Table {
    name: "ops_alert",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::text("rule"),
        Column::text("severity"),
        Column::text("state"),
        Column::int("since_number"),
        Column::int("since_time"),
        Column::int("seen_ms"),
        Column::int("incident").or_null(),
        Column::int("answered"),
        Column::text("body"),
    ],
    key: 1,
    indexes: &[("ops_alert_since", "since_time"), ("ops_alert_incident", "incident")],
};

const INCIDENT: Table = Table {
    name: "ops_incident",
    kind: Kind::State,
    columns: &[
        Column::int("id"),
        Column::text("severity"),
        Column::text("state"),
        Column::int("opened"),
        Column::text("body"),
    ],
    key: 1,
    indexes: &[],
};

const RUN: Table = Table {
    name: "ops_run",
    kind: Kind::State,
    columns: &[
        Column::int("id"),
        Column::text("playbook"),
        Column::text("state"),
        Column::int("incident").or_null(),
        Column::int("expires").or_null(),
        Column::text("body"),
    ],
    key: 1,
    indexes: &[("ops_run_incident", "incident")],
};

const LOG: Table = Table {
    name: "ops_log",
    kind: Kind::State,
    columns: &[
        Column::int("seq"),
        Column::int("at_ms"),
        Column::text("kind"),
        Column::text("subject"),
        Column::text("actor"),
        Column::text("body"),
        Column::blob("hash"),
    ],
    key: 1,
    indexes: &[("ops_log_subject", "subject")],
};

const TICKET: Table = Table {
    name: "ops_ticket",
    kind: Kind::State,
    columns: &[Column::int("id"), Column::text("state"), Column::text("body")],
    key: 1,
    indexes: &[],
};

const REVIEW: Table = Table {
    name: "ops_review",
    kind: Kind::State,
    columns: &[Column::int("incident"), Column::text("state"), Column::text("body")],
    key: 1,
    indexes: &[],
};

const TABLES: &[Table] =
    &[CURSOR, SIGNAL, ALERT, INCIDENT, RUN, LOG, TICKET, CODE, REVIEW, AUDIT, DRILL, STATEMENT, REVISION];

/// Where an incident is in its life. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Somebody or a rule said so.
    Declared,
    /// Its severity and leader are settled.
    Triaged,
    /// It does no more harm.
    Contained,
    /// Its cause is gone.
    Mitigated,
    /// Customers have what is theirs.
    Resolved,
    /// What was learnt is written down.
    Reviewed,
}

impl IncidentState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Triaged => "triaged",
            Self::Contained => "contained",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
            Self::Reviewed => "reviewed",
        }
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: u64,
    /// What it is about.
    pub title: Words,
    /// How bad.
    pub severity: Severity,
    /// Where it is in its life.
    pub state: IncidentState,
    /// When it was declared, in seconds since 1970.
    pub opened: u64,
    /// Who does what: leader, scribe, communications, expert, decision maker.
    pub roles: BTreeMap<String, String>,
}

/// A playbook that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: u64,
    /// Which.
    pub playbook: String,
    /// With what.
    pub with: BTreeMap<String, String>,
    /// `verified`, `failed` or `rolled_back`.
    pub state: String,
    /// The incident it belongs to.
    pub incident: Option<u64>,
    /// When it is taken back by itself, in seconds since 1970.
    pub expires: Option<u64>,
    /// Who approved it: a rule or an address.
    pub approved_by: String,
    /// What became of its steps.
    pub done: Vec<Done>,
}

/// An alert with what is known of it besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAlert {
    /// Its name.
    pub id: String,
    /// What it found.
    pub alert: Alert,
    /// How bad.
    pub severity: Severity,
    /// When it was seen, in milliseconds since 1970 by the machine's clock.
    pub seen_ms: u64,
    /// The incident it belongs to.
    pub incident: Option<u64>,
    /// Whether its response was run.
    pub answered: bool,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What kind of step: `alert`, `incident`, `run`, `note`, `rules` ….
    pub kind: String,
    /// What it is about, such as `incident/3`.
    pub subject: String,
    /// Who did it: `guildhall`, a rule, or an address.
    pub actor: String,
    /// The rest.
    pub body: Json,
    /// Keccak-256 of the entry before and this one.
    pub hash: B256,
}

impl Entry {
    fn digest(&self, before: B256) -> B256 {
        let parts = json!([self.seq, self.at_ms, self.kind, self.subject, self.actor, self.body]);
        keccak256([before.as_slice(), parts.to_string().as_bytes()].concat())
    }
}

/// Alerts as the log has them when they began to fire, oldest first: what was found, in which block, and how far the chain
/// was by then. Also while the house is open.
///
/// # Errors
/// A store error, also where there are no records yet.
pub async fn fired(store: &Store) -> Result<Vec<Json>, StoreError> {
    let rows = store.rows("SELECT at_ms, body FROM ops_log WHERE kind = 'alert' ORDER BY seq", vec![]).await?;
    let mut fired = Vec::new();
    for row in rows {
        let mut body: Json = body(&row, 1, "ops_log")?;
        if body["state"] == "firing" && body["labels"].is_object() {
            body["seen_ms"] = row.number(0)?.into();
            fired.push(body);
        }
    }
    Ok(fired)
}

/// Incidents of a store, by the end of a query.
pub(crate) async fn incidents(store: &Store, condition: &str, args: Vec<Value>) -> Result<Vec<Incident>, StoreError> {
    let rows = store.rows(&format!("SELECT body FROM ops_incident {condition}"), args).await?;
    rows.iter().map(|row| body(row, 0, "ops_incident")).collect()
}

/// Entries of a store's log, by the end of a query.
pub(crate) async fn log(store: &Store, condition: &str, args: Vec<Value>) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("SELECT seq, at_ms, kind, subject, actor, body, hash FROM ops_log {condition}");
    store.rows(&sql, args).await?.iter().map(entry).collect()
}

/// The records, with what must be known to go on writing them.
#[derive(Debug)]
pub(crate) struct Records {
    store: Store,
    head: (u64, B256),
    incidents: u64,
    runs: u64,
    tickets: u64,
    codes: u64,
    revisions: u64,
    sweep: Sweep,
}

/// A round over the log that is spread over many looks, since the log only grows.
#[derive(Debug, Default)]
struct Sweep {
    /// The last entry that was looked at in this round.
    at: (u64, B256),
    /// Whether an entry of the last round did not fit.
    broken: bool,
}

/// What following a part of the log gave.
enum Followed {
    /// It fits up to here, and there may be more.
    Fits((u64, B256)),
    /// It fits, and this is its end.
    Whole,
    /// An entry does not fit, or the end is not the one written last.
    Broken,
}

/// Rows on their way into the store: all of them or none.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    rows: Vec<(&'static Table, Vec<Vec<Value>>)>,
    head: Option<(u64, B256)>,
    messages: u16,
}

impl Records {
    pub(crate) async fn open(store: Store) -> Result<Self, StoreError> {
        store.create(TABLES).await?;
        store.create(platform_notify::TABLES).await?;
        let last = store.row("SELECT seq, hash FROM ops_log ORDER BY seq DESC LIMIT 1", vec![]).await?;
        let head = last.map_or(Ok((0, B256::ZERO)), |row| Ok::<_, StoreError>((row.number(0)?, row.hash(1)?)))?;
        let most = async |sql: &str| store.int(sql, vec![]).await.map(|most| u64::try_from(most).unwrap_or(0));
        let incidents = most("SELECT COALESCE(MAX(id), 0) FROM ops_incident").await?;
        // A stop may have come between a statement and the record of its run.
        let said = most("SELECT COALESCE(MAX(run), 0) FROM ops_statement").await?;
        let runs = most("SELECT COALESCE(MAX(id), 0) FROM ops_run").await?.max(said);
        let tickets = most("SELECT COALESCE(MAX(id), 0) FROM ops_ticket").await?;
        let codes = most("SELECT COALESCE(MAX(id), 0) FROM ops_code").await?;
        let revisions = most("SELECT COALESCE(MAX(id), 0) FROM ops_rule").await?;
        Ok(Self { store, head, incidents, runs, tickets, codes, revisions, sweep: Sweep::default() })
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) const fn next_incident(&mut self) -> u64 {
        self.incidents += 1;
        self.incidents
    }

    pub(crate) const fn next_run(&mut self) -> u64 {
        self.runs += 1;
        self.runs
    }

    pub(crate) const fn next_code(&mut self) -> u64 {
        self.codes += 1;
        self.codes
    }

    pub(crate) const fn next_ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    pub(crate) const fn next_revision(&mut self) -> u64 {
        self.revisions += 1;
        self.revisions
    }

    /// The last block that was judged.
    pub(crate) async fn cursor(&self) -> Result<Option<(u64, B256)>, StoreError> {
        let row = self.store.row("SELECT number, hash FROM ops_cursor WHERE name = 'block'", vec![]).await?;
        row.map(|row| Ok((row.number(0)?, row.hash(1)?))).transpose()
    }

    pub(crate) async fn alerts(&self, condition: &str, args: Vec<Value>) -> Result<Vec<KeptAlert>, StoreError> {
        let sql = format!("SELECT id, seen_ms, incident, answered, body FROM ops_alert {condition}");
        self.store.rows(&sql, args).await?.iter().map(alert).collect()
    }

    pub(crate) async fn incidents(&self, condition: &str, args: Vec<Value>) -> Result<Vec<Incident>, StoreError> {
        incidents(&self.store, condition, args).await
    }

    pub(crate) async fn runs(&self, condition: &str, args: Vec<Value>) -> Result<Vec<Run>, StoreError> {
        let rows = self.store.rows(&format!("SELECT body FROM ops_run {condition}"), args).await?;
        rows.iter().map(|row| body(row, 0, "ops_run")).collect()
    }

    pub(crate) async fn codes(&self, condition: &str, args: Vec<Value>) -> Result<Vec<NewCode>, StoreError> {
        let rows = self.store.rows(&format!("SELECT body FROM ops_code {condition}"), args).await?;
        rows.iter().map(|row| body(row, 0, "ops_code")).collect()
    }

    pub(crate) async fn tickets(&self, condition: &str, args: Vec<Value>) -> Result<Vec<Ticket>, StoreError> {
        let rows = self.store.rows(&format!("SELECT body FROM ops_ticket {condition}"), args).await?;
        rows.iter().map(|row| body(row, 0, "ops_ticket")).collect()
    }

    pub(crate) async fn reviews(&self, condition: &str, args: Vec<Value>) -> Result<Vec<Review>, StoreError> {
        let rows = self.store.rows(&format!("SELECT body FROM ops_review {condition}"), args).await?;
        rows.iter().map(|row| body(row, 0, "ops_review")).collect()
    }

    pub(crate) async fn log(&self, condition: &str, args: Vec<Value>) -> Result<Vec<Entry>, StoreError> {
        log(&self.store, condition, args).await
    }

    /// Whether every entry of the log follows from the one before, up to the one written last.
    pub(crate) async fn log_is_intact(&self) -> Result<bool, StoreError> {
        let mut at = (0, B256::ZERO);
        loop {
            match self.follow_log(at).await? {
                Followed::Fits(next) => at = next,
                Followed::Whole => return Ok(true),
                Followed::Broken => return Ok(false),
            }
        }
    }

    /// Looks at the next thousand entries. A log of up to a thousand is looked at whole each time; a longer one in
    /// rounds, and what was found in the last round stands until a whole round finds nothing.
    pub(crate) async fn sweep_log(&mut self) -> Result<bool, StoreError> {
        match self.follow_log(self.sweep.at).await? {
            Followed::Fits(next) if next.0 < self.head.0 => self.sweep.at = next,
            Followed::Fits(next) => {
                self.sweep = Sweep { at: (0, B256::ZERO), broken: next != self.head };
            }
            Followed::Whole => self.sweep = Sweep::default(),
            Followed::Broken => self.sweep = Sweep { at: (0, B256::ZERO), broken: true },
        }
        Ok(!self.sweep.broken)
    }

    /// Follows up to a thousand entries of the log from the one after `at`.
    async fn follow_log(&self, (mut seq, mut hash): (u64, B256)) -> Result<Followed, StoreError> {
        let page = self.log("WHERE seq > $1 ORDER BY seq LIMIT 1000", vec![Value::from(seq)]).await;
        // What can't be read was not written by this program.
        let Ok(page) = page else { return Ok(Followed::Broken) };
        if page.is_empty() {
            return Ok(if (seq, hash) == self.head { Followed::Whole } else { Followed::Broken });
        }
        for entry in page {
            if entry.seq != seq + 1 || entry.digest(hash) != entry.hash {
                return Ok(Followed::Broken);
            }
            (seq, hash) = (entry.seq, entry.hash);
        }
        Ok(Followed::Fits((seq, hash)))
    }

    pub(crate) async fn write(&mut self, unit: Unit) -> Result<(), StoreError> {
        self.store.write(unit.rows).await?;
        self.head = unit.head.unwrap_or(self.head);
        Ok(())
    }

    /// Adds an entry to the log.
    pub(crate) fn note(&self, unit: &mut Unit, kind: &str, subject: &str, actor: &str, body: Json) {
        let (seq, before) = unit.head.unwrap_or(self.head);
        let mut entry = Entry {
            seq: seq + 1,
            at_ms: now_ms(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            actor: actor.to_owned(),
            body,
            hash: B256::ZERO,
        };
        entry.hash = entry.digest(before);
        unit.head = Some((entry.seq, entry.hash));
        let row = vec![
            entry.seq.into(),
            entry.at_ms.into(),
            entry.kind.into(),
            entry.subject.into(),
            entry.actor.into(),
            entry.body.to_string().into(),
            entry.hash.into(),
        ];
        unit.rows.push((&LOG, vec![row]));
    }
}

impl Unit {
    /// The id of the next message. The newest entry of the log, as it will be, tells it from those of other units and
    /// puts it in order; its place among them from the others of this one.
    pub(crate) fn message_id(&self, records: &Records) -> String {
        let (seq, hash) = self.head.unwrap_or(records.head);
        let mark: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("msg_{seq:012x}{:04x}{mark}", self.messages)
    }

    /// Something to tell people outside the house, in the transaction in which it happens.
    pub(crate) fn message(&mut self, message: &platform_notify::Message) {
        let (table, row) = message.row();
        self.rows.push((table, vec![row]));
        self.messages = self.messages.saturating_add(1);
    }

    pub(crate) fn cursor(&mut self, number: u64, hash: B256) {
        self.rows.push((&CURSOR, vec![vec!["block".to_owned().into(), number.into(), hash.into()]]));
    }

    pub(crate) fn signals(&mut self, observation: &Observation) {
        let head = observation.head;
        let row = |signal: &Signal| -> Vec<Value> {
            vec![
                head.hash.into(),
                signal.index.into(),
                head.number.into(),
                head.timestamp.into(),
                "final".to_owned().into(),
                text(signal).into(),
            ]
        };
        if !observation.signals.is_empty() {
            self.rows.push((&SIGNAL, observation.signals.iter().map(row).collect()));
        }
    }

    pub(crate) fn alert(&mut self, kept: &KeptAlert) {
        let row = vec![
            kept.id.clone().into(),
            kept.alert.rule.clone().into(),
            kept.severity.name().to_owned().into(),
            kept.alert.state.name().to_owned().into(),
            kept.alert.since.number.into(),
            kept.alert.since.timestamp.into(),
            kept.seen_ms.into(),
            number(kept.incident),
            u64::from(kept.answered).into(),
            text(&(&kept.alert, kept.severity)).into(),
        ];
        self.rows.push((&ALERT, vec![row]));
    }

    pub(crate) fn incident(&mut self, incident: &Incident) {
        let row = vec![
            incident.id.into(),
            incident.severity.name().to_owned().into(),
            incident.state.name().to_owned().into(),
            incident.opened.into(),
            text(incident).into(),
        ];
        self.rows.push((&INCIDENT, vec![row]));
    }

    pub(crate) fn run(&mut self, run: &Run) {
        let row = vec![
            run.id.into(),
            run.playbook.clone().into(),
            run.state.clone().into(),
            number(run.incident),
            number(run.expires),
            text(run).into(),
        ];
        self.rows.push((&RUN, vec![row]));
    }
}

impl Unit {
    pub(crate) fn code(&mut self, code: &NewCode) {
        let placed = code.placed.as_ref().map(|placed| placed.address.to_checksum(None));
        let row = vec![code.id.into(), placed.map_or(Value::NoText, Into::into), text(code).into()];
        self.rows.push((&CODE, vec![row]));
    }

    pub(crate) fn ticket(&mut self, ticket: &Ticket) {
        let row = vec![ticket.id.into(), ticket.state.name().to_owned().into(), text(ticket).into()];
        self.rows.push((&TICKET, vec![row]));
    }

    pub(crate) fn row(&mut self, table: &'static Table, row: Vec<Value>) {
        self.rows.push((table, vec![row]));
    }

    pub(crate) fn review(&mut self, review: &Review) {
        let row = vec![review.incident.into(), review.state.name().to_owned().into(), text(review).into()];
        self.rows.push((&REVIEW, vec![row]));
    }
}

/// The name of an alert: its finding and its first block.
pub(crate) fn alert_id(alert: &Alert) -> String {
    let since = alert.since;
    keccak256([alert.fingerprint.as_slice(), since.hash.as_slice(), &since.timestamp.to_be_bytes()].concat())
        .to_string()[2..14]
        .to_owned()
}

/// What an entry of the log is about: the incident that something belongs to, or the thing itself.
pub(crate) fn subject(incident: Option<u64>, kind: &str, id: impl std::fmt::Display) -> String {
    incident.map_or_else(|| format!("{kind}/{id}"), |incident| format!("incident/{incident}"))
}

pub(crate) fn now_ms() -> u64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

fn number(value: Option<u64>) -> Value {
    value.map_or(Value::NoInt, Into::into)
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn body<T: for<'de> Deserialize<'de>>(row: &Row, column: usize, table: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(&row.text(column)?).map_err(|_| StoreError::Shape { table, what: "a body does not read" })
}

fn alert(row: &Row) -> Result<KeptAlert, StoreError> {
    let (alert, severity) = body(row, 4, "ops_alert")?;
    let incident = row.int_or_null(2)?.and_then(|id| u64::try_from(id).ok());
    Ok(KeptAlert { id: row.text(0)?, alert, severity, seen_ms: row.number(1)?, incident, answered: row.int(3)? > 0 })
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        seq: row.number(0)?,
        at_ms: row.number(1)?,
        kind: row.text(2)?,
        subject: row.text(3)?,
        actor: row.text(4)?,
        body: body(row, 5, "ops_log")?,
        hash: row.hash(6)?,
    })
}
