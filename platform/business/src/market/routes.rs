//! The market's endpoints.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use platform_api::{Page, Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::content::{self, Metadata, media_url};
use super::metrics::{self, MetricsQuery, MetricsView};
use super::view::{
    AccountView, CategoryView, DashboardView, HashView, MediaView, OfferCard, OfferQuery, OfferView, OrderCard,
    OrderQuery, OrderView, RelatedView, SellerView, SolvencyView,
};
use super::{dashboard, finding, query};
use crate::context::App;
use crate::wire::{address, address_or_none, hash};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(categories))
        .routes(routes!(offers))
        .routes(routes!(offer))
        .routes(routes!(related))
        .routes(routes!(keep_metadata))
        .routes(routes!(metadata))
        .routes(routes!(keep_media))
        .routes(routes!(media))
        .routes(routes!(seller))
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(account))
        .routes(routes!(solvency))
        .routes(routes!(figures))
        .routes(routes!(overview))
}

/// Lists the categories.
#[utoipa::path(get, path = "/market/categories", tag = "market", operation_id = "market_categories",
    responses((status = 200, body = Vec<CategoryView>)))]
async fn categories(State(app): State<App>) -> Result<Json<Vec<CategoryView>>, Problem> {
    Ok(Json(query::categories(&app).await?))
}

/// Lists offers.
#[utoipa::path(get, path = "/market/offers", tag = "market", operation_id = "market_offers", params(OfferQuery),
    responses((status = 200, body = Page<OfferCard>), (status = 400, body = Problem)))]
async fn offers(State(app): State<App>, Query(asked): Query<OfferQuery>) -> Result<Json<Page<OfferCard>>, Problem> {
    Ok(Json(query::offers(&app, &asked).await?))
}

/// Shows an offer.
#[utoipa::path(get, path = "/market/offers/{id}", tag = "market", operation_id = "market_offer",
    params(("id" = u64, Path, description = "Number of the offer")),
    responses((status = 200, body = OfferView), (status = 404, body = Problem)))]
async fn offer(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<OfferView>, Problem> {
    Ok(Json(query::offer(&app, id).await?))
}

/// Lists offers that go with another, and why.
#[utoipa::path(get, path = "/market/offers/{id}/related", tag = "market", operation_id = "market_related",
    params(("id" = u64, Path, description = "Number of the offer")),
    responses((status = 200, body = Vec<RelatedView>), (status = 404, body = Problem)))]
async fn related(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<Vec<RelatedView>>, Problem> {
    if query::offer_cards(&app, &[id]).await?.is_empty() {
        return Err(Problem::not_found(format!("offer {id}")));
    }
    Ok(Json(finding::related(&app, id).await?))
}

/// Keeps the description of an offer and gives the hash to publish it with.
#[utoipa::path(post, path = "/market/metadata", tag = "market", operation_id = "market_keep_metadata", request_body = Metadata,
    responses((status = 200, body = HashView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn keep_metadata(
    State(app): State<App>,
    _: SignedIn,
    Json(metadata): Json<Metadata>,
) -> Result<Json<HashView>, Problem> {
    let hash = content::keep_metadata(&app.store, &metadata).await?;
    Ok(Json(HashView { hash: hash.to_string() }))
}

/// Gives a description by its hash.
#[utoipa::path(get, path = "/market/metadata/{hash}", tag = "market", operation_id = "market_metadata",
    params(("hash" = String, Path, description = "Keccak-256 of the canonical JSON")),
    responses((status = 200, body = Metadata), (status = 404, body = Problem)))]
async fn metadata(State(app): State<App>, Path(text): Path<String>) -> Result<Json<Metadata>, Problem> {
    let found = content::metadata(&app.store, hash(&text)?).await?;
    found.map(Json).ok_or_else(|| Problem::not_found(format!("description {text}")))
}

/// Keeps a picture: PNG, JPEG or WebP, up to 2 MB.
#[utoipa::path(post, path = "/media", tag = "market", operation_id = "keep_media",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = MediaView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem)))]
async fn keep_media(State(app): State<App>, _: SignedIn, body: Bytes) -> Result<Json<MediaView>, Problem> {
    let hash = content::keep_media(&app.store, body.to_vec()).await?.to_string();
    Ok(Json(MediaView { url: media_url(&hash), hash }))
}

/// Gives a picture by its hash.
#[utoipa::path(get, path = "/media/{hash}", tag = "market", operation_id = "media",
    params(("hash" = String, Path, description = "Keccak-256 of the bytes")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/*"), (status = 404, body = Problem)))]
async fn media(State(app): State<App>, Path(text): Path<String>) -> Result<impl IntoResponse, Problem> {
    let found = content::media(&app.store, hash(&text)?).await?;
    let (mime, bytes) = found.ok_or_else(|| Problem::not_found(format!("picture {text}")))?;
    let forever = "public, max-age=31536000, immutable".to_owned();
    Ok(([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, forever)], bytes))
}

/// Shows a seller.
#[utoipa::path(get, path = "/market/sellers/{address}", tag = "market", operation_id = "market_seller",
    params(("address" = String, Path, description = "Address of the seller")),
    responses((status = 200, body = SellerView), (status = 400, body = Problem)))]
async fn seller(State(app): State<App>, Path(text): Path<String>) -> Result<Json<SellerView>, Problem> {
    Ok(Json(query::seller(&app, address(&text)?).await?))
}

/// Lists orders.
#[utoipa::path(get, path = "/market/orders", tag = "market", operation_id = "market_orders", params(OrderQuery),
    responses((status = 200, body = Page<OrderCard>), (status = 400, body = Problem)))]
async fn orders(State(app): State<App>, Query(asked): Query<OrderQuery>) -> Result<Json<Page<OrderCard>>, Problem> {
    Ok(Json(query::orders(&app, &asked).await?))
}

/// Shows an order.
#[utoipa::path(get, path = "/market/orders/{id}", tag = "market", operation_id = "market_order",
    params(("id" = u64, Path, description = "Number of the order")),
    responses((status = 200, body = OrderView), (status = 404, body = Problem)))]
async fn order(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<OrderView>, Problem> {
    Ok(Json(query::order(&app, id).await?))
}

/// Shows an account and its money.
#[utoipa::path(get, path = "/market/accounts/{address}", tag = "market", operation_id = "market_account",
    params(("address" = String, Path, description = "Address of the account")),
    responses((status = 200, body = AccountView), (status = 400, body = Problem)))]
async fn account(State(app): State<App>, Path(text): Path<String>) -> Result<Json<AccountView>, Problem> {
    Ok(Json(query::account(&app, address(&text)?).await?))
}

/// Shows what the market holds beside what it owes.
#[utoipa::path(get, path = "/market/solvency", tag = "market", operation_id = "market_solvency",
    responses((status = 200, body = SolvencyView)))]
async fn solvency(State(app): State<App>) -> Result<Json<SolvencyView>, Problem> {
    Ok(Json(query::solvency(&app).await?))
}

/// Gives the market's figures for a range of time.
#[utoipa::path(get, path = "/market/metrics", tag = "market", operation_id = "market_metrics", params(MetricsQuery),
    responses((status = 200, body = MetricsView), (status = 400, body = Problem)))]
async fn figures(State(app): State<App>, Query(asked): Query<MetricsQuery>) -> Result<Json<MetricsView>, Problem> {
    let (from, to) = metrics::range(&asked, app.indexed().timestamp)?;
    let token = address_or_none(asked.token.as_deref())?.unwrap_or(app.manifest.stable_token.address);
    Ok(Json(metrics::metrics(&app.store, &app.token(token).await?, from, to).await?))
}

/// Shows staff what matters now.
#[utoipa::path(get, path = "/market/dashboard", tag = "market", operation_id = "market_dashboard",
    responses((status = 200, body = DashboardView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn overview(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<DashboardView>, Problem> {
    session.require("operator")?;
    Ok(Json(dashboard::dashboard(&app).await?))
}
