//! Reviews of incidents for those who write them, and published reports for everybody.

use axum::Json;
use axum::extract::{Path, Query, State};
use platform_api::{Problem, SignedIn, SteppedUp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ACTORS, Desk, LIST_MAX, READERS, conflict, incident_at, require};
use crate::review::{Findings, ReviewState};
use crate::view::{ReportQuery, ReportSummary, ReportView, ReviewView};

const LIST: u64 = 50;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(review, write))
        .routes(routes!(approve))
        .routes(routes!(publish))
        .routes(routes!(reports))
        .routes(routes!(report))
}

/// Shows the review of an incident; an empty draft where nobody began one.
#[utoipa::path(get, path = "/ops/incidents/{id}/review", tag = "ops", operation_id = "ops_review",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = ReviewView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn review(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<ReviewView>, Problem> {
    require(&session, READERS)?;
    incident_at(&watch, id).await?;
    Ok(Json(watch.review(id).await?.into()))
}

/// Writes the draft of a review. What was approved before is not any more.
#[utoipa::path(put, path = "/ops/incidents/{id}/review", tag = "ops", operation_id = "ops_write_review",
    params(("id" = u64, Path, description = "The incident's number")), request_body = Findings,
    responses((status = 200, body = ReviewView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn write(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(findings): Json<Findings>,
) -> Result<Json<ReviewView>, Problem> {
    require(&session, READERS)?;
    incident_at(&watch, id).await?;
    if let Some(fault) = findings.fault() {
        return Err(super::sentence(&fault, Problem::invalid));
    }
    let by = session.address.to_checksum(None);
    Ok(Json(watch.write_review(id, findings, &by).await.map_err(conflict)?.into()))
}

/// Agrees to every word of a review. None of its authors can.
#[utoipa::path(post, path = "/ops/incidents/{id}/review/approval", tag = "ops", operation_id = "ops_approve_review",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = ReviewView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn approve(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
) -> Result<Json<ReviewView>, Problem> {
    require(&session, READERS)?;
    incident_at(&watch, id).await?;
    let by = session.address.to_checksum(None);
    Ok(Json(watch.approve_review(id, &by).await.map_err(conflict)?.into()))
}

/// Publishes an approved review: the world can read it, and its hash is put on the chain.
#[utoipa::path(post, path = "/ops/incidents/{id}/review/publication", tag = "ops", operation_id = "ops_publish_review",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = ReviewView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn publish(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
) -> Result<Json<ReviewView>, Problem> {
    require(&session, ACTORS)?;
    incident_at(&watch, id).await?;
    let by = session.address.to_checksum(None);
    Ok(Json(watch.publish_review(id, &by).await.map_err(conflict)?.into()))
}

/// Lists published incident reports, the newest first. Everybody may read them.
#[utoipa::path(get, path = "/incident-reports", tag = "ops", operation_id = "incident_reports", params(ReportQuery),
    responses((status = 200, body = Vec<ReportSummary>), (status = 400, body = Problem)))]
async fn reports(
    State(watch): State<Desk>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Vec<ReportSummary>>, Problem> {
    let limit = query.limit.unwrap_or(LIST);
    if limit == 0 || limit > LIST_MAX {
        return Err(Problem::invalid(format!("limit is 1 to {LIST_MAX}, not {limit}.")));
    }
    let mut list = Vec::new();
    for review in watch.published(limit).await? {
        if let Some(incident) = watch.incident(review.incident).await? {
            list.push(ReportSummary::of(&review, incident));
        }
    }
    Ok(Json(list))
}

/// Shows a published incident report. Everybody may read it, and check it against the chain.
#[utoipa::path(get, path = "/incident-reports/{id}", tag = "ops", operation_id = "incident_report",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn report(State(watch): State<Desk>, Path(id): Path<u64>) -> Result<Json<ReportView>, Problem> {
    let missing = || Problem::not_found(format!("published report on incident {id}"));
    if i64::try_from(id).is_err() {
        return Err(missing());
    }
    let review = watch.review(id).await?;
    let published = (review.state == ReviewState::Published).then_some(review);
    Ok(Json(published.and_then(ReportView::of).ok_or_else(missing)?))
}
