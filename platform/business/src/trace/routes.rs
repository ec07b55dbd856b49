//! The endpoints of the public page and of the console, below `/api/v1/trace`.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform_api::{Cursor, Limit, Pace, Page, Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Refusal;
use super::item::{self, read_link};
use super::view::{
    AlertView, BatchView, ClaimView, Claiming, EventCard, ItemView, LinkQuery, ListQuery, OverviewView, QrQuery,
    RoughPlace, ScanView, Scanned, SerialsAsked, SerialsView,
};
use super::{desk, gs1, qr, scan};
use crate::context::App;

/// Who may look behind the public page.
const STAFF: &str = "operator";
const SERIALS_MAX: u32 = 500;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(item_of_link))
        .routes(routes!(record_scan))
        .routes(routes!(place_scan))
        .routes(routes!(claim))
        .routes(routes!(code))
        .routes(routes!(overview))
        .routes(routes!(batches))
        .routes(routes!(events))
        .routes(routes!(alerts))
        .routes(routes!(serials))
}

/// Shows the way of an item.
#[utoipa::path(get, path = "/trace/item", tag = "trace", operation_id = "trace_item", params(LinkQuery),
    responses((status = 200, body = ItemView), (status = 400, body = Problem)))]
async fn item_of_link(State(app): State<App>, Query(asked): Query<LinkQuery>) -> Result<Json<ItemView>, Refusal> {
    Ok(Json(item::view(&app, &read_link(&asked.link)?).await?))
}

/// Records that a label was scanned. Holds no personal data: a place only where one is sent, and then rounded.
#[utoipa::path(post, path = "/trace/scans", tag = "trace", operation_id = "trace_scan", request_body = Scanned,
    responses((status = 201, body = ScanView), (status = 400, body = Problem), (status = 429, body = Problem)))]
async fn record_scan(
    State(app): State<App>,
    Json(scanned): Json<Scanned>,
) -> Result<(StatusCode, Json<ScanView>), Refusal> {
    keep_pace()?;
    let view = scan::record(&app, &read_link(&scanned.link)?, scanned.place).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Adds a rough place to a scan, within an hour.
#[utoipa::path(put, path = "/trace/scans/{id}/place", tag = "trace", operation_id = "trace_scan_place",
    params(("id" = String, Path, description = "The scan's id")), request_body = RoughPlace,
    responses((status = 200, body = ScanView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn place_scan(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(place): Json<RoughPlace>,
) -> Result<Json<ScanView>, Refusal> {
    keep_pace()?;
    Ok(Json(scan::add_place(&app, &id, place).await?))
}

/// Claims to own an item.
#[utoipa::path(post, path = "/trace/claims", tag = "trace", operation_id = "trace_claim", request_body = Claiming,
    responses((status = 201, body = ClaimView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn claim(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(claiming): Json<Claiming>,
) -> Result<(StatusCode, Json<ClaimView>), Refusal> {
    let link = read_link(&claiming.link)?;
    if link.qualifier("21").is_none() {
        return Err(Problem::invalid("Only an item with a serial can be claimed.").into());
    }
    Ok((StatusCode::CREATED, Json(scan::claim(&app, &link, session.address).await?)))
}

/// Draws the QR code of a Digital Link.
#[utoipa::path(get, path = "/trace/qr", tag = "trace", operation_id = "trace_qr", params(QrQuery),
    responses((status = 200, description = "The code", content_type = "image/svg+xml", body = String),
        (status = 400, body = Problem)))]
async fn code(headers: HeaderMap, Query(asked): Query<QrQuery>) -> Result<Response, Problem> {
    let link = read_link(&asked.link)?;
    if !link.is_checked() {
        return Err(Problem::invalid(format!("The check digit of {} is wrong: look at the number again.", link.key)));
    }
    let text = if asked.link.starts_with('/') {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("id.gs1.org");
        let scheme = if host.starts_with("127.") || host.starts_with("localhost") { "http" } else { "https" };
        format!("{scheme}://{host}{}", asked.link)
    } else {
        asked.link
    };
    match asked.format.as_deref().unwrap_or("svg") {
        "svg" => Ok(([(header::CONTENT_TYPE, "image/svg+xml")], qr::as_svg(&text)?).into_response()),
        "png" => {
            let scale = asked.scale.unwrap_or(8).clamp(1, 40) as usize;
            Ok(([(header::CONTENT_TYPE, "image/png")], qr::as_png(&text, scale)?).into_response())
        }
        other => Err(Problem::invalid(format!("{other:?} is neither svg nor png."))),
    }
}

/// Tells how the business stands with its traceability.
#[utoipa::path(get, path = "/trace/overview", tag = "trace", operation_id = "trace_overview",
    responses((status = 200, body = OverviewView)))]
async fn overview(State(app): State<App>) -> Result<Json<OverviewView>, Problem> {
    Ok(Json(desk::overview(&app).await?))
}

/// Lists anchored batches, the newest first.
#[utoipa::path(get, path = "/trace/batches", tag = "trace", operation_id = "trace_batches", params(ListQuery),
    responses((status = 200, body = Page<BatchView>), (status = 400, body = Problem)))]
async fn batches(State(app): State<App>, Query(asked): Query<ListQuery>) -> Result<Json<Page<BatchView>>, Problem> {
    let (limit, before) = (Limit::of(asked.limit), first_part(&asked, 1, i64::MAX)?);
    let found = desk::batches(&app, before, limit.rows()).await?;
    Ok(Json(Page::cut(found, limit, |batch| Cursor(vec![batch.batch_id.to_string()]))))
}

/// Lists captured events, the newest first. For staff.
#[utoipa::path(get, path = "/trace/events", tag = "trace", operation_id = "trace_events", params(ListQuery),
    responses((status = 200, body = Page<EventCard>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn events(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Query(asked): Query<ListQuery>,
) -> Result<Json<Page<EventCard>>, Problem> {
    session.require(STAFF)?;
    let (limit, before) = (Limit::of(asked.limit), first_part(&asked, 1, i64::MAX)?);
    let found = desk::events(&app, before, limit.rows()).await?;
    Ok(Json(Page::cut(found, limit, |(seq, _)| Cursor(vec![seq.to_string()])).map(|(_, card)| card)))
}

/// Lists signs that something is wrong, the newest first. For staff.
#[utoipa::path(get, path = "/trace/alerts", tag = "trace", operation_id = "trace_alerts", params(ListQuery),
    responses((status = 200, body = Page<AlertView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn alerts(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Query(asked): Query<ListQuery>,
) -> Result<Json<Page<AlertView>>, Problem> {
    session.require(STAFF)?;
    let limit = Limit::of(asked.limit);
    let cursor = asked.cursor.as_deref().map(|text| Cursor::decode(text, 2)).transpose()?;
    let before = cursor.as_ref().map_or(Ok(i64::MAX), |cursor| cursor.int(0))?;
    let after = cursor.and_then(|cursor| cursor.0.into_iter().nth(1)).unwrap_or_default();
    let found = scan::alerts(&app.store, (before, &after), limit.rows()).await?;
    let page = Page::cut(found, limit, |(at, alert)| Cursor(vec![at.to_string(), alert.id.clone()]));
    Ok(Json(page.map(|(_, alert)| alert)))
}

/// Draws new serials for labels, each with 80 random bits. For staff.
#[utoipa::path(post, path = "/trace/serials", tag = "trace", operation_id = "trace_serials", request_body = SerialsAsked,
    responses((status = 200, body = SerialsView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn serials(SignedIn(session): SignedIn, Json(asked): Json<SerialsAsked>) -> Result<Json<SerialsView>, Problem> {
    session.require(STAFF)?;
    let base = match asked.lot.as_deref().filter(|lot| !lot.is_empty()) {
        Some(lot) => format!("/01/{}/10/{}", asked.gtin, super::epcis::encoded(lot)),
        None => format!("/01/{}", asked.gtin),
    };
    let link = read_link(&base)?;
    if !link.is_checked() {
        return Err(Problem::invalid(format!("The check digit of {} is wrong: look at the number again.", asked.gtin)));
    }
    let count = asked.count.clamp(1, SERIALS_MAX);
    let links = (0..count).map(|_| format!("{base}/21/{}", gs1::random_serial())).collect();
    Ok(Json(SerialsView { links, random_bits: 80 }))
}

fn first_part(asked: &ListQuery, parts: usize, otherwise: i64) -> Result<i64, Problem> {
    asked.cursor.as_deref().map_or(Ok(otherwise), |text| Cursor::decode(text, parts)?.int(0))
}

/// Anyone may scan, so that what anyone can make of it is bounded: so many scans a second over the whole site.
fn keep_pace() -> Result<(), Problem> {
    static PACE: Mutex<Option<Pace>> = Mutex::new(None);
    let now = Instant::now();
    let mut pace = PACE.lock().unwrap_or_else(PoisonError::into_inner);
    if pace.get_or_insert_with(|| Pace::new(300.0, 50.0, now)).take(now) {
        return Ok(());
    }
    let detail = "Too many labels are scanned at once. Try again in a moment.";
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail))
}
