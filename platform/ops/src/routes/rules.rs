//! Rules: looked at, tried, written anew, put in force by a second person, and paused.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn, SteppedUp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ACTORS, Desk, LIST_MAX, READERS, conflict, problem, require};
use crate::revision::RevisionState;
use crate::view::{PauseBody, RevisionBody, RevisionStateBody, RevisionView, RuleView, TrialBody, TrialView};

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(rules))
        .routes(routes!(try_rule))
        .routes(routes!(pause))
        .routes(routes!(revisions, propose))
        .routes(routes!(move_on))
}

/// Lists the rules that are asked just now.
#[utoipa::path(get, path = "/ops/rules", tag = "ops", operation_id = "ops_rules",
    responses((status = 200, body = Vec<RuleView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn rules(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<RuleView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.rules().iter().map(|(rule, applies)| RuleView::of(rule, applies)).collect()))
}

/// Tries a rule: runs its own tests, and lets it judge past blocks. Nothing is kept.
#[utoipa::path(post, path = "/ops/rule-trials", tag = "ops", operation_id = "ops_try_rule", request_body = TrialBody,
    responses((status = 200, body = TrialView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn try_rule(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Json(body): Json<TrialBody>,
) -> Result<Json<TrialView>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.try_rule(&body.text, body.from, body.to).await.map_err(problem)?.into()))
}

/// Stops asking a rule, at once.
#[utoipa::path(post, path = "/ops/rules/{id}/pause", tag = "ops", operation_id = "ops_pause_rule", request_body = PauseBody,
    params(("id" = String, Path, description = "The rule's name")),
    responses((status = 201, body = RevisionView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn pause(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
    Json(body): Json<PauseBody>,
) -> Result<(StatusCode, Json<RevisionView>), Problem> {
    require(&session, ACTORS)?;
    let by = session.address.to_checksum(None);
    let revision = watch.pause_rule(&id, &body.reason, &by).await.map_err(conflict)?;
    let revision = revision.ok_or_else(|| Problem::not_found(format!("rule {id}")))?;
    Ok((StatusCode::CREATED, Json(revision.into())))
}

/// Lists what people wrote, the newest first.
#[utoipa::path(get, path = "/ops/rule-revisions", tag = "ops", operation_id = "ops_revisions",
    responses((status = 200, body = Vec<RevisionView>), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn revisions(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<RevisionView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.revisions(LIST_MAX).await?.into_iter().map(Into::into).collect()))
}

/// Keeps a rule that somebody wrote. It must pass its tests, and is tried on past blocks; it is not asked yet.
#[utoipa::path(post, path = "/ops/rule-revisions", tag = "ops", operation_id = "ops_propose_rule", request_body = RevisionBody,
    responses((status = 201, body = RevisionView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn propose(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<RevisionBody>,
) -> Result<(StatusCode, Json<RevisionView>), Problem> {
    require(&session, READERS)?;
    let by = session.address.to_checksum(None);
    let revision = watch.propose_rule(&body.text, &body.reason, &by).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(revision.into())))
}

/// Moves a revision on: on trial, in force, paused, retired or withdrawn. Whoever wrote it does not put it in force.
#[utoipa::path(put, path = "/ops/rule-revisions/{id}/state", tag = "ops", operation_id = "ops_move_revision",
    params(("id" = u64, Path, description = "The revision's number")), request_body = RevisionStateBody,
    responses((status = 200, body = RevisionView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn move_on(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
    Json(body): Json<RevisionStateBody>,
) -> Result<Json<RevisionView>, Problem> {
    // Trials tell nobody and stop nothing; what changes what is told takes those who may act for the house.
    let trial = matches!(body.state, RevisionState::Shadow | RevisionState::Withdrawn);
    require(&session, if trial { READERS } else { ACTORS })?;
    let by = session.address.to_checksum(None);
    // Numbers of the database end before those of the address.
    let known = i64::try_from(id).is_ok();
    let moved = if known { watch.move_revision(id, body.state, &by).await.map_err(conflict)? } else { None };
    Ok(Json(moved.ok_or_else(|| Problem::not_found(format!("revision {id}")))?.into()))
}
