//! The endpoints of arbitration.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use platform_api::{Page, Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{
    ArbiterDetailView, ArbiterQuery, ArbiterView, CaseCard, CaseQuery, CaseView, EvidenceCard, EvidenceView, KeptView,
    SettingsView,
};
use super::{evidence, query};
use crate::context::App;
use crate::wire::{address, hash};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(settings))
        .routes(routes!(arbiters))
        .routes(routes!(arbiter))
        .routes(routes!(cases))
        .routes(routes!(case))
        .routes(routes!(evidence_of_order))
        .routes(routes!(keep_evidence))
        .routes(routes!(read_evidence))
}

/// Tells what arbitration costs and what arbiters stake.
#[utoipa::path(get, path = "/arbitration-settings", tag = "arbitration", operation_id = "arbitration_settings",
    responses((status = 200, body = SettingsView), (status = 404, body = Problem)))]
async fn settings(State(app): State<App>) -> Result<Json<SettingsView>, Problem> {
    Ok(Json(query::settings(&app).await?))
}

/// Lists arbiters, those who joined first before others.
#[utoipa::path(get, path = "/arbiters", tag = "arbitration", operation_id = "arbiters", params(ArbiterQuery),
    responses((status = 200, body = Page<ArbiterView>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn arbiters(
    State(app): State<App>,
    Query(asked): Query<ArbiterQuery>,
) -> Result<Json<Page<ArbiterView>>, Problem> {
    Ok(Json(query::arbiters(&app, &asked).await?))
}

/// Shows an arbiter.
#[utoipa::path(get, path = "/arbiters/{address}", tag = "arbitration", operation_id = "arbiter",
    params(("address" = String, Path, description = "Address of the arbiter")),
    responses((status = 200, body = ArbiterDetailView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn arbiter(State(app): State<App>, Path(text): Path<String>) -> Result<Json<ArbiterDetailView>, Problem> {
    Ok(Json(query::arbiter(&app, address(&text)?).await?))
}

/// Lists cases, the newest first.
#[utoipa::path(get, path = "/arbitrations", tag = "arbitration", operation_id = "arbitrations", params(CaseQuery),
    responses((status = 200, body = Page<CaseCard>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn cases(State(app): State<App>, Query(asked): Query<CaseQuery>) -> Result<Json<Page<CaseCard>>, Problem> {
    Ok(Json(query::cases(&app, &asked).await?))
}

/// Shows a case.
#[utoipa::path(get, path = "/arbitrations/{id}", tag = "arbitration", operation_id = "arbitration",
    params(("id" = u64, Path, description = "Number of the case")),
    responses((status = 200, body = CaseView), (status = 404, body = Problem)))]
async fn case(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<CaseView>, Problem> {
    Ok(Json(query::case(&app, id).await?))
}

/// Lists the evidence given in an order's dispute, the oldest first; its content is for those whom it concerns.
#[utoipa::path(get, path = "/market/orders/{id}/evidence", tag = "arbitration", operation_id = "order_evidence",
    params(("id" = u64, Path, description = "Number of the order")),
    responses((status = 200, body = Vec<EvidenceCard>), (status = 404, body = Problem)))]
async fn evidence_of_order(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<Vec<EvidenceCard>>, Problem> {
    Ok(Json(query::evidence(&app, i64::try_from(id).unwrap_or(i64::MAX)).await?))
}

/// Keeps evidence and gives what to submit on chain. For the parties of its order.
#[utoipa::path(post, path = "/evidence", tag = "arbitration", operation_id = "keep_evidence", request_body = EvidenceView,
    responses((status = 201, body = KeptView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem)))]
async fn keep_evidence(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(given): Json<EvidenceView>,
) -> Result<(StatusCode, Json<KeptView>), Problem> {
    Ok((StatusCode::CREATED, Json(evidence::keep(&app, &session, given).await?)))
}

/// Gives evidence by its hash. For the parties of its order, the arbiters of the case, and staff.
#[utoipa::path(get, path = "/evidence/{hash}", tag = "arbitration", operation_id = "evidence",
    params(("hash" = String, Path, description = "Keccak-256 of its JSON")),
    responses((status = 200, body = EvidenceView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn read_evidence(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(text): Path<String>,
) -> Result<Json<EvidenceView>, Problem> {
    Ok(Json(evidence::read(&app, &session, hash(&text)?).await?))
}
