//! The campaigns' endpoints.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use platform_api::{Pace, Page, Problem, SignedIn, Viewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{
    ArmOrderView, ArmQuery, CampaignQuery, CampaignView, DetailsView, FiguresView, IssuerView, MoveView,
    OrderCouponView, QuoteAsked, QuoteView, RedemptionView, RowsQuery, VouchersAsked, VouchersView,
};
use super::{checkout, details, figures, query};
use crate::context::App;
use crate::wire::{address, show};

const STAFF: &str = "operator";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(issuer))
        .routes(routes!(campaigns))
        .routes(routes!(campaign, keep))
        .routes(routes!(change_state))
        .routes(routes!(redemptions))
        .routes(routes!(figures_of))
        .routes(routes!(orders))
        .routes(routes!(of_order))
        .routes(routes!(quote))
        .routes(routes!(vouchers))
}

/// Says who signs this house's coupons.
#[utoipa::path(get, path = "/coupon-issuer", tag = "campaigns", operation_id = "coupon_issuer",
    responses((status = 200, body = IssuerView)))]
async fn issuer(State(app): State<App>) -> Json<IssuerView> {
    Json(IssuerView { address: app.issuer().map(|issuer| show(issuer.address())) })
}

/// Lists campaigns, the newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", operation_id = "campaigns", params(CampaignQuery),
    responses((status = 200, body = Page<CampaignView>), (status = 400, body = Problem)))]
async fn campaigns(
    State(app): State<App>,
    viewer: Viewer,
    Query(asked): Query<CampaignQuery>,
) -> Result<Json<Page<CampaignView>>, Problem> {
    Ok(Json(query::campaigns(&app, &asked, is_staff(&viewer)).await?))
}

/// Shows a campaign.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", operation_id = "campaign",
    params(("id" = u64, Path, description = "Number of the campaign")),
    responses((status = 200, body = CampaignView), (status = 404, body = Problem)))]
async fn campaign(State(app): State<App>, viewer: Viewer, Path(id): Path<u64>) -> Result<Json<CampaignView>, Problem> {
    Ok(Json(query::campaign(&app, id, is_staff(&viewer)).await?))
}

/// Says what a campaign is called and whom it is for, once it is open on chain. For staff.
#[utoipa::path(put, path = "/campaigns/{id}", tag = "campaigns", operation_id = "campaign_keep", request_body = DetailsView,
    params(("id" = u64, Path, description = "Number of the campaign")),
    responses((status = 200, body = CampaignView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn keep(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(asked): Json<DetailsView>,
) -> Result<Json<CampaignView>, Problem> {
    session.require(STAFF)?;
    let sound = details::check(&asked)?;
    let campaign = query::on_chain(&app, id).await?;
    details::keep(&app, &campaign, sound).await?;
    Ok(Json(query::campaign(&app, id, true).await?))
}

/// Pauses, resumes or closes a campaign. For staff.
#[utoipa::path(put, path = "/campaigns/{id}/state", tag = "campaigns", operation_id = "campaign_state", request_body = MoveView,
    params(("id" = u64, Path, description = "Number of the campaign")),
    responses((status = 200, body = CampaignView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn change_state(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(asked): Json<MoveView>,
) -> Result<Json<CampaignView>, Problem> {
    session.require(STAFF)?;
    details::change_state(&app, id, &asked.state).await?;
    Ok(Json(query::campaign(&app, id, true).await?))
}

/// Lists the orders that a campaign paid a part of, the newest first.
#[utoipa::path(get, path = "/campaigns/{id}/redemptions", tag = "campaigns", operation_id = "campaign_redemptions",
    params(("id" = u64, Path, description = "Number of the campaign"), RowsQuery),
    responses((status = 200, body = Page<RedemptionView>), (status = 404, body = Problem)))]
async fn redemptions(
    State(app): State<App>,
    Path(id): Path<u64>,
    Query(asked): Query<RowsQuery>,
) -> Result<Json<Page<RedemptionView>>, Problem> {
    Ok(Json(query::redemptions(&app, id, &asked).await?))
}

/// Says what a campaign brought beside those it was kept from. For staff.
#[utoipa::path(get, path = "/campaigns/{id}/figures", tag = "campaigns", operation_id = "campaign_figures",
    params(("id" = u64, Path, description = "Number of the campaign")),
    responses((status = 200, body = FiguresView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn figures_of(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<FiguresView>, Problem> {
    session.require(STAFF)?;
    Ok(Json(figures::figures(&app, id).await?))
}

/// Lists the orders behind a campaign's comparison, the newest first. For staff.
#[utoipa::path(get, path = "/campaigns/{id}/orders", tag = "campaigns", operation_id = "campaign_orders",
    params(("id" = u64, Path, description = "Number of the campaign"), ArmQuery),
    responses((status = 200, body = Page<ArmOrderView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn orders(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Query(asked): Query<ArmQuery>,
) -> Result<Json<Page<ArmOrderView>>, Problem> {
    session.require(STAFF)?;
    Ok(Json(figures::orders(&app, id, &asked).await?))
}

/// Lists the coupons on an order.
#[utoipa::path(get, path = "/orders/{id}/coupons", tag = "campaigns", operation_id = "order_coupons",
    params(("id" = u64, Path, description = "Number of the order")),
    responses((status = 200, body = Vec<OrderCouponView>)))]
async fn of_order(State(app): State<App>, Path(id): Path<u64>) -> Result<Json<Vec<OrderCouponView>>, Problem> {
    Ok(Json(query::of_order(&app, id).await?))
}

/// Says what a basket would cost less, and who pays for it. Nothing is kept for anyone.
#[utoipa::path(post, path = "/coupon-quotes", tag = "campaigns", operation_id = "coupon_quote", request_body = QuoteAsked,
    responses((status = 200, body = QuoteView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 429, body = Problem)))]
async fn quote(State(app): State<App>, Json(asked): Json<QuoteAsked>) -> Result<Json<QuoteView>, Problem> {
    keep_pace()?;
    let buyer = address(&asked.buyer)?;
    let basket = checkout::basket(&app, buyer, &asked.lines, asked.code.as_deref(), &asked.without, app.now()).await?;
    Ok(Json(checkout::quote(&app, &basket).await?))
}

/// Gives vouchers for a basket, and keeps their part of the budgets for the person signed in until they run out.
#[utoipa::path(post, path = "/coupon-vouchers", tag = "campaigns", operation_id = "coupon_vouchers", request_body = VouchersAsked,
    responses((status = 200, body = VouchersView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn vouchers(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<VouchersAsked>,
) -> Result<Json<VouchersView>, Problem> {
    let code = asked.code.as_deref();
    let basket = checkout::basket(&app, session.address, &asked.lines, code, &asked.without, app.now()).await?;
    Ok(Json(checkout::vouchers(&app, &basket).await?))
}

fn is_staff(viewer: &Viewer) -> bool {
    viewer.0.as_ref().is_some_and(|session| session.require(STAFF).is_ok())
}

/// Anyone may ask, and codes can be guessed: so many quotes a second over the whole site.
fn keep_pace() -> Result<(), Problem> {
    static PACE: Mutex<Option<Pace>> = Mutex::new(None);
    let now = Instant::now();
    let mut pace = PACE.lock().unwrap_or_else(PoisonError::into_inner);
    if pace.get_or_insert_with(|| Pace::new(200.0, 20.0, now)).take(now) {
        return Ok(());
    }
    let detail = "Too many baskets are reckoned at once. Try again in a moment.";
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail))
}
