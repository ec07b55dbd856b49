//! The endpoints of reviews.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use platform_api::{Page, Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query;
use super::view::{KeptView, ReviewQuery, ReviewView, ScoreQuery, ScoreView, SuspicionsView, TextView};
use crate::context::App;

const STAFF: &str = "operator";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reviews))
        .routes(routes!(score))
        .routes(routes!(keep_text))
        .routes(routes!(suspected))
}

/// Lists reviews, the newest first. They appear a day after their order ended.
#[utoipa::path(get, path = "/reviews", tag = "reviews", operation_id = "reviews", params(ReviewQuery),
    responses((status = 200, body = Page<ReviewView>), (status = 400, body = Problem)))]
async fn reviews(State(app): State<App>, Query(asked): Query<ReviewQuery>) -> Result<Json<Page<ReviewView>>, Problem> {
    Ok(Json(query::reviews(&app, &asked).await?))
}

/// Tells the score of an offer or a seller, weighted by fees, without reviews that look made up.
#[utoipa::path(get, path = "/review-scores", tag = "reviews", operation_id = "review_scores", params(ScoreQuery),
    responses((status = 200, body = ScoreView), (status = 400, body = Problem)))]
async fn score(State(app): State<App>, Query(asked): Query<ScoreQuery>) -> Result<Json<ScoreView>, Problem> {
    Ok(Json(query::score(&app, &asked).await?))
}

/// Keeps the text of a review or a reply and gives the hash to write it with.
#[utoipa::path(post, path = "/review-texts", tag = "reviews", operation_id = "keep_review_text", request_body = TextView,
    responses((status = 201, body = KeptView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn keep_text(
    State(app): State<App>,
    _: SignedIn,
    Json(given): Json<TextView>,
) -> Result<(StatusCode, Json<KeptView>), Problem> {
    Ok((StatusCode::CREATED, Json(query::keep(&app, &given.text).await?)))
}

/// Lists reviews that look made up, and why. For staff.
#[utoipa::path(get, path = "/suspected-reviews", tag = "reviews", operation_id = "suspected_reviews",
    responses((status = 200, body = SuspicionsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn suspected(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<SuspicionsView>, Problem> {
    session.require(STAFF)?;
    Ok(Json(query::suspected(&app).await?))
}
