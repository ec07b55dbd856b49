//! The endpoints of capacity, below `/api/v1/ops`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn, SteppedUp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::{BeginError, CapacityDesk};
use super::range::LoadPlan;
use super::view::{CapacityView, LoadTestView, LoadTestsView};
use crate::routes::{ACTORS, READERS, require};

type Desk = CapacityDesk;

/// The routes.
#[must_use]
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(capacity)).routes(routes!(tests, begin)).routes(routes!(cancel))
}

fn problem(error: BeginError) -> Problem {
    match error {
        BeginError::Plan(reason) => Problem::invalid(reason),
        BeginError::Refused(reason) => Problem::conflict(reason),
        BeginError::Store(error) => error.into(),
        error @ BeginError::Machine(_) => Problem::internal(&error),
    }
}

/// Says what the house can do, how much of it is used, and what follows.
#[utoipa::path(get, path = "/ops/capacity", tag = "ops", operation_id = "ops_capacity",
    responses((status = 200, body = CapacityView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn capacity(State(desk): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<CapacityView>, Problem> {
    require(&session, READERS)?;
    Ok(Json(CapacityView::of(&desk).await.map_err(problem)?))
}

/// Lists the last load tests, and the one that runs with how far it is.
#[utoipa::path(get, path = "/ops/load-tests", tag = "ops", operation_id = "ops_load_tests",
    responses((status = 200, body = LoadTestsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn tests(State(desk): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<LoadTestsView>, Problem> {
    require(&session, READERS)?;
    Ok(Json(LoadTestsView::of(&desk).await.map_err(problem)?))
}

/// Begins a load test on a copy of the chain. One runs at a time.
#[utoipa::path(post, path = "/ops/load-tests", tag = "ops", operation_id = "ops_begin_load_test",
    request_body = LoadPlan,
    responses((status = 201, body = LoadTestView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn begin(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(plan): Json<LoadPlan>,
) -> Result<(StatusCode, Json<LoadTestView>), Problem> {
    require(&session, ACTORS)?;
    let by = session.address.to_checksum(None);
    let test = desk.begin(plan, &by).await.map_err(problem)?;
    let id = test.id;
    Ok((StatusCode::CREATED, Json(LoadTestView::of(test, Some(id)))))
}

/// Ends the load test that runs. What was measured until then is kept.
#[utoipa::path(delete, path = "/ops/load-tests/running", tag = "ops", operation_id = "ops_cancel_load_test",
    responses((status = 202, body = LoadTestView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn cancel(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
) -> Result<(StatusCode, Json<LoadTestView>), Problem> {
    require(&session, ACTORS)?;
    let by = session.address.to_checksum(None);
    let test = desk.cancel(&by).await?.ok_or_else(|| Problem::not_found("load test that runs"))?;
    let id = test.id;
    Ok((StatusCode::ACCEPTED, Json(LoadTestView::of(test, Some(id)))))
}
