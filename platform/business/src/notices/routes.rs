//! The notices' endpoints.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use platform_api::{Limit, Page, Problem, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query::{self, Reader, UNREAD_MAX};
use crate::context::App;
use crate::wire::Party;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(notices)).routes(routes!(unread, read_all)).routes(routes!(settings, set))
}

/// Something that somebody else did in one of one's orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notice)]
pub(super) struct NoticeView {
    /// Where it stands on the chain.
    pub(super) id: String,
    /// Number of the order.
    pub(super) order_id: String,
    /// What happened: the name of the contract's event.
    pub(super) event: String,
    /// `buying` or `selling`: one's own side.
    pub(super) side: String,
    /// Who did it.
    pub(super) by: Party,
    /// When.
    pub(super) at: String,
    /// Whether it came after the last time everything was marked as read.
    pub(super) unread: bool,
}

/// How many notices are unread.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Unread)]
struct UnreadView {
    /// How many, up to `most`.
    count: u64,
    /// Where counting ends.
    most: u64,
}

/// Which notices somebody wants.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NoticeSettings)]
struct SettingsView {
    /// Orders placed, accepted, shipped, arrived, completed, refunded.
    orders: bool,
    /// Doubts about a delivery, returns, disputes and rulings.
    aftersales: bool,
}

/// Which page of notices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Most items.
    limit: Option<u32>,
}

/// Lists what others did in one's orders in the last 60 days, the newest first.
#[utoipa::path(get, path = "/notices", tag = "notices", operation_id = "notices", params(ListQuery),
    responses((status = 200, body = Page<NoticeView>), (status = 400, body = Problem), (status = 401, body = Problem)))]
async fn notices(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Query(asked): Query<ListQuery>,
) -> Result<Json<Page<NoticeView>>, Problem> {
    let limit = Limit::of(asked.limit);
    Ok(Json(query::list(&app, session.address, asked.cursor.as_deref(), limit).await?))
}

/// Counts what is unread.
#[utoipa::path(get, path = "/notices/unread", tag = "notices", operation_id = "notices_unread",
    responses((status = 200, body = UnreadView), (status = 401, body = Problem)))]
async fn unread(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<UnreadView>, Problem> {
    let count = query::unread(&app, session.address).await?;
    Ok(Json(UnreadView { count, most: UNREAD_MAX.unsigned_abs() }))
}

/// Marks everything so far as read.
#[utoipa::path(delete, path = "/notices/unread", tag = "notices", operation_id = "notices_read",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn read_all(State(app): State<App>, SignedIn(session): SignedIn) -> Result<StatusCode, Problem> {
    query::read_all(&app, session.address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says which notices one wants.
#[utoipa::path(get, path = "/notices/settings", tag = "notices", operation_id = "notice_settings",
    responses((status = 200, body = SettingsView), (status = 401, body = Problem)))]
async fn settings(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<SettingsView>, Problem> {
    let Reader { orders, aftersales, .. } = query::reader(&app, session.address).await?;
    Ok(Json(SettingsView { orders, aftersales }))
}

/// Sets which notices one wants.
#[utoipa::path(put, path = "/notices/settings", tag = "notices", operation_id = "notice_settings_set", request_body = SettingsView,
    responses((status = 200, body = SettingsView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn set(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<SettingsView>,
) -> Result<Json<SettingsView>, Problem> {
    let before = query::reader(&app, session.address).await?;
    let SettingsView { orders, aftersales } = asked;
    query::keep(&app, session.address, Reader { orders, aftersales, ..before }).await?;
    Ok(Json(asked))
}
