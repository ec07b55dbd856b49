//! The deliveries' endpoints.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{BoxesAsked, DeliveryView, KeyAsked, KeyView};
use super::{boxes, keys};
use crate::context::App;
use crate::wire::address;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(key))
        .routes(routes!(publish, withdraw))
        .routes(routes!(keep))
        .routes(routes!(delivery, erase))
}

/// Gives the key that a delivery address can be sealed with for somebody.
#[utoipa::path(get, path = "/delivery-keys/{address}", tag = "delivery", operation_id = "delivery_key",
    params(("address" = String, Path, description = "Whose key")),
    responses((status = 200, body = KeyView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn key(State(app): State<App>, Path(text): Path<String>) -> Result<Json<KeyView>, Problem> {
    Ok(Json(keys::of(&app, address(&text)?).await?))
}

/// Publishes the key of whoever is signed in.
#[utoipa::path(put, path = "/delivery-key", tag = "delivery", operation_id = "delivery_key_publish", request_body = KeyAsked,
    responses((status = 200, body = KeyView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn publish(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<KeyAsked>,
) -> Result<Json<KeyView>, Problem> {
    Ok(Json(keys::publish(&app, session.address, &asked).await?))
}

/// Takes the key of whoever is signed in back.
#[utoipa::path(delete, path = "/delivery-key", tag = "delivery", operation_id = "delivery_key_withdraw",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn withdraw(State(app): State<App>, SignedIn(session): SignedIn) -> Result<StatusCode, Problem> {
    keys::withdraw(&app, session.address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps sealed addresses until their orders have ended.
#[utoipa::path(post, path = "/delivery-boxes", tag = "delivery", operation_id = "delivery_boxes", request_body = BoxesAsked,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn keep(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<BoxesAsked>,
) -> Result<StatusCode, Problem> {
    boxes::keep(&app, session.address, &asked.boxes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what is kept for an order's delivery to its two sides, and to the arbiters of its dispute.
#[utoipa::path(get, path = "/orders/{id}/delivery", tag = "delivery", operation_id = "delivery",
    params(("id" = u64, Path, description = "Number of the order")),
    responses((status = 200, body = DeliveryView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn delivery(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<DeliveryView>, Problem> {
    Ok(Json(boxes::of_order(&app, id, session.address).await?))
}

/// Erases what is kept for an order's delivery, for good. For its buyer.
#[utoipa::path(delete, path = "/orders/{id}/delivery", tag = "delivery", operation_id = "delivery_erase",
    params(("id" = u64, Path, description = "Number of the order")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn erase(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<StatusCode, Problem> {
    boxes::erase_order(&app, id, session.address).await?;
    Ok(StatusCode::NO_CONTENT)
}
