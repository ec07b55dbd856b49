//! The endpoints of operations, below `/api/v1/ops`. All but published reports and statements are for staff.

mod audits;
mod code;
mod drills;
mod handovers;
mod inbox;
mod reviews;
mod rules;
mod statements;
mod tickets;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use platform_api::{Problem, Session, SignedIn, SteppedUp, calendar};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::monitor::AlertState;
use crate::operating::OperatingReport;
use crate::records::{Incident, IncidentState};
use crate::rule::RuleError;
use crate::view::{
    AlertQuery, AlertView, EntryView, IncidentView, NoteBody, OverviewView, PlaybookView, RoomView, RunBody, RunView,
    SpanQuery, count,
};
use crate::watch::{Watch, WatchError};

type Desk = Arc<Watch>;

/// Who may look.
pub(crate) const READERS: &[&str] = &["operator", "pauser", "admin"];
/// Who may act on the chain for the house.
pub(crate) const ACTORS: &[&str] = &["pauser", "admin"];
/// Who does what in an incident.
const ROLES: &[&str] = &["leader", "scribe", "communications", "expert", "decision_maker"];
const NOTE_MAX: usize = 4_000;
const LIST_MAX: u64 = 200;
/// The longest span of a report, in seconds.
const SPAN_MAX: u64 = 366 * 86_400;

/// The routes.
#[must_use]
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(alerts))
        .routes(routes!(acknowledge))
        .routes(routes!(resolve))
        .routes(routes!(incidents))
        .routes(routes!(incident))
        .routes(routes!(note))
        .routes(routes!(playbooks))
        .routes(routes!(runs, run))
        .routes(routes!(roll_back))
        .routes(routes!(confirm))
        .routes(routes!(log))
        .routes(routes!(operating_report))
        .routes(routes!(crate::external::take))
        .merge(audits::routes())
        .merge(drills::routes())
        .merge(rules::routes())
        .merge(handovers::routes())
        .merge(inbox::routes())
        .merge(tickets::routes())
        .merge(code::routes())
        .merge(reviews::routes())
        .merge(statements::routes())
}

pub(crate) fn require(session: &Session, any_of: &[&str]) -> Result<(), Problem> {
    if any_of.iter().any(|role| session.roles.iter().any(|held| held == role)) {
        return Ok(());
    }
    Err(Problem::forbidden(format!("This takes one of the roles {}.", any_of.join(", "))))
}

fn problem(error: WatchError) -> Problem {
    match error {
        WatchError::Playbook(reason) | WatchError::Refused(reason) => sentence(&reason, Problem::invalid),
        // The file that it names is the request.
        WatchError::Rule(RuleError::Unreadable { reason, .. }) => {
            Problem::invalid(reason.trim_start_matches("error: "))
        }
        WatchError::Source(error) => error.into(),
        error => Problem::internal(&error),
    }
}

/// A reason as a sentence.
fn sentence(reason: &str, problem: impl FnOnce(String) -> Problem) -> Problem {
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    problem(format!("{first}{}.", letters.as_str().trim_end_matches('.')))
}

/// As [`problem`], but what may not be now is a conflict.
fn conflict(error: WatchError) -> Problem {
    match error {
        WatchError::Refused(reason) => sentence(&reason, Problem::conflict),
        error => problem(error),
    }
}

/// An incident that an address names.
async fn incident_at(watch: &Watch, id: u64) -> Result<Incident, Problem> {
    find_incident(watch, id).await?.ok_or_else(|| Problem::not_found(format!("incident {id}")))
}

/// Refuses a body that names an incident which is not there.
async fn known_incident(watch: &Watch, incident: Option<u64>) -> Result<(), Problem> {
    let Some(id) = incident else { return Ok(()) };
    let found = find_incident(watch, id).await?;
    found.map(drop).ok_or_else(|| Problem::invalid(format!("There is no incident {id}.")))
}

/// Numbers of the database end before those of the address.
async fn find_incident(watch: &Watch, id: u64) -> Result<Option<Incident>, Problem> {
    Ok(if i64::try_from(id).is_ok() { watch.incident(id).await? } else { None })
}

/// Tells how the watch stands.
#[utoipa::path(get, path = "/ops/overview", tag = "ops", operation_id = "ops_overview",
    responses((status = 200, body = OverviewView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn overview(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<OverviewView>, Problem> {
    require(&session, READERS)?;
    let open = watch.alerts(true, LIST_MAX).await?;
    let incidents = watch.incidents(LIST_MAX).await?;
    let runs = watch.runs(None).await?;
    Ok(Json(OverviewView {
        judged: watch.judged().await,
        firing: count(&open, AlertState::Firing),
        acknowledged: count(&open, AlertState::Acknowledged),
        incidents: incidents.iter().filter(|incident| incident.state < IncidentState::Resolved).count() as u64,
        rules: watch.rules().iter().filter(|(_, applies)| *applies).count() as u64,
        measures: runs.iter().filter(|run| run.state == "verified" && run.expires.is_some()).count() as u64,
        log_intact: watch.log_is_intact().await?,
    }))
}

/// Lists alerts, the newest first.
#[utoipa::path(get, path = "/ops/alerts", tag = "ops", operation_id = "ops_alerts", params(AlertQuery),
    responses((status = 200, body = Vec<AlertView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn alerts(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Query(query): Query<AlertQuery>,
) -> Result<Json<Vec<AlertView>>, Problem> {
    require(&session, READERS)?;
    let rules = watch.rules();
    let alerts = watch.alerts(query.open, LIST_MAX).await?;
    Ok(Json(alerts.into_iter().map(|kept| AlertView::of(kept, &rules)).collect()))
}

/// Says that somebody looks after an alert.
#[utoipa::path(post, path = "/ops/alerts/{id}/acknowledgement", tag = "ops", operation_id = "ops_acknowledge",
    params(("id" = String, Path, description = "The alert's id")),
    responses((status = 200, body = AlertView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn acknowledge(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, Problem> {
    set(&watch, &session, &id, AlertState::Acknowledged).await
}

/// Says that an alert is over.
#[utoipa::path(post, path = "/ops/alerts/{id}/resolution", tag = "ops", operation_id = "ops_resolve",
    params(("id" = String, Path, description = "The alert's id")),
    responses((status = 200, body = AlertView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn resolve(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, Problem> {
    set(&watch, &session, &id, AlertState::Resolved).await
}

async fn set(watch: &Watch, session: &Session, id: &str, to: AlertState) -> Result<Json<AlertView>, Problem> {
    require(session, READERS)?;
    let by = session.address.to_checksum(None);
    let kept = watch.set_alert(id, to, &by).await.map_err(problem)?;
    let kept = kept.ok_or_else(|| Problem::not_found(format!("alert {id}")))?;
    Ok(Json(AlertView::of(kept, &watch.rules())))
}

/// Lists incidents, the newest first.
#[utoipa::path(get, path = "/ops/incidents", tag = "ops", operation_id = "ops_incidents",
    responses((status = 200, body = Vec<IncidentView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn incidents(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<IncidentView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.incidents(LIST_MAX).await?.into_iter().map(Into::into).collect()))
}

/// Shows an incident with its alerts, its measures and its timeline.
#[utoipa::path(get, path = "/ops/incidents/{id}", tag = "ops", operation_id = "ops_incident",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = RoomView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn incident(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<RoomView>, Problem> {
    require(&session, READERS)?;
    room(&watch, id).await
}

async fn room(watch: &Watch, id: u64) -> Result<Json<RoomView>, Problem> {
    let incident = incident_at(watch, id).await?;
    let rules = watch.rules();
    let alerts = watch.alerts_of(id).await?;
    let runs = watch.runs(Some(id)).await?;
    Ok(Json(RoomView {
        incident: incident.into(),
        alerts: alerts.into_iter().map(|kept| AlertView::of(kept, &rules)).collect(),
        runs: runs.into_iter().map(|run| RunView::of(run, watch.playbooks())).collect(),
        timeline: watch.log(Some(id)).await?.into_iter().map(EntryView::from).collect(),
    }))
}

/// Writes into an incident's timeline, moves it on, or takes a role in it.
#[utoipa::path(post, path = "/ops/incidents/{id}/entries", tag = "ops", operation_id = "ops_note",
    params(("id" = u64, Path, description = "The incident's number")), request_body = NoteBody,
    responses((status = 200, body = RoomView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn note(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(body): Json<NoteBody>,
) -> Result<Json<RoomView>, Problem> {
    require(&session, READERS)?;
    let note = body.note.trim();
    if note.chars().count() > NOTE_MAX {
        return Err(Problem::invalid(format!("A note has up to {NOTE_MAX} characters.")));
    }
    if note.is_empty() && body.state.is_none() && body.role.is_none() {
        return Err(Problem::invalid("Say something: a note, a state or a role."));
    }
    if let Some(role) = body.role.as_deref().filter(|role| !ROLES.contains(role)) {
        return Err(Problem::invalid(format!("{role:?} is none of the roles {}.", ROLES.join(", "))));
    }
    let by = session.address.to_checksum(None);
    let role = body.role.map(|role| (role, by.clone()));
    if i64::try_from(id).is_ok() {
        watch.move_incident(id, body.state, role, note, &by).await.map_err(problem)?;
    }
    room(&watch, id).await
}

/// Lists the playbooks.
#[utoipa::path(get, path = "/ops/playbooks", tag = "ops", operation_id = "ops_playbooks",
    responses((status = 200, body = Vec<PlaybookView>), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn playbooks(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<PlaybookView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.playbooks().iter().map(PlaybookView::from).collect()))
}

/// Lists what was done, the newest first.
#[utoipa::path(get, path = "/ops/runs", tag = "ops", operation_id = "ops_runs",
    responses((status = 200, body = Vec<RunView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn runs(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<RunView>>, Problem> {
    require(&session, READERS)?;
    let runs = watch.runs(None).await?;
    Ok(Json(runs.into_iter().map(|run| RunView::of(run, watch.playbooks())).collect()))
}

/// Runs a playbook. Each step is simulated, sent with the house's key, and verified on the chain.
#[utoipa::path(post, path = "/ops/runs", tag = "ops", operation_id = "ops_run", request_body = RunBody,
    responses((status = 201, body = RunView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn run(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<RunBody>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    require(&session, ACTORS)?;
    known_incident(&watch, body.incident).await?;
    let by = session.address.to_checksum(None);
    let run = watch.run_playbook(&body.playbook, body.with, body.incident, &by).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(RunView::of(run, watch.playbooks()))))
}

/// Takes back what a playbook did.
#[utoipa::path(post, path = "/ops/runs/{id}/rollback", tag = "ops", operation_id = "ops_roll_back",
    params(("id" = u64, Path, description = "The run's number")),
    responses((status = 200, body = RunView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn roll_back(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
) -> Result<Json<RunView>, Problem> {
    require(&session, ACTORS)?;
    if i64::try_from(id).is_err() {
        return Err(Problem::invalid(format!("There is no run {id}.")));
    }
    let by = session.address.to_checksum(None);
    let run = watch.roll_back(id, &by).await.map_err(problem)?;
    Ok(Json(RunView::of(run, watch.playbooks())))
}

/// Confirms a measure in force: it is taken back only after its whole time has passed once more.
#[utoipa::path(post, path = "/ops/runs/{id}/confirmation", tag = "ops", operation_id = "ops_confirm",
    params(("id" = u64, Path, description = "The run's number")),
    responses((status = 200, body = RunView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn confirm(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
) -> Result<Json<RunView>, Problem> {
    require(&session, ACTORS)?;
    let by = session.address.to_checksum(None);
    // Numbers of the database end before those of the address.
    let run = if i64::try_from(id).is_ok() { watch.confirm(id, &by).await.map_err(conflict)? } else { None };
    let run = run.ok_or_else(|| Problem::not_found(format!("run {id}")))?;
    Ok(Json(RunView::of(run, watch.playbooks())))
}

/// Lists the newest entries of the log.
#[utoipa::path(get, path = "/ops/log", tag = "ops", operation_id = "ops_log",
    responses((status = 200, body = Vec<EntryView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn log(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<EntryView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.log(None).await?.into_iter().map(EntryView::from).collect()))
}

/// Says what the watch did in a span of time, reckoned from its log.
#[utoipa::path(get, path = "/ops/operating-report", tag = "ops", operation_id = "ops_operating_report", params(SpanQuery),
    responses((status = 200, body = OperatingReport), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn operating_report(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Query(query): Query<SpanQuery>,
) -> Result<Json<OperatingReport>, Problem> {
    require(&session, READERS)?;
    let read = |text: &str| {
        calendar::parse(text).ok_or_else(|| {
            Problem::invalid(format!("{text:?} is no time: write 2026-01-01, 2026-01-01T00:00:00Z or seconds."))
        })
    };
    let (from, to) = (read(&query.from)?, read(&query.to)?);
    if from > to || to - from > SPAN_MAX {
        return Err(Problem::invalid("The span must end after it begins, and be 366 days at most."));
    }
    Ok(Json(watch.operating(from, to).await?))
}
