//! The house's endpoints.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use alloy_primitives::Address;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use platform_api::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{ChainView, ContractsView, FoundView, Health, NativeView, SearchQuery, StatusView};
use crate::context::{App, Context};
use crate::registry::businesses;
use crate::wire::{BlockRef, show};

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The index is said to be catching up when it is more blocks behind than this.
const LAG_MAX: u64 = 8;

pub(super) fn routes() -> OpenApiRouter<App> {
    LazyLock::force(&BEGAN);
    OpenApiRouter::new().routes(routes!(chain)).routes(routes!(status)).routes(routes!(search))
}

/// Liveness and readiness, for whoever supervises the process.
pub(crate) fn probes(app: App) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(app)
}

/// Says which chain this is and where the contracts stand.
#[utoipa::path(get, path = "/chain", tag = "house", operation_id = "chain", responses((status = 200, body = ChainView)))]
async fn chain(State(app): State<App>) -> Result<Json<ChainView>, Problem> {
    let mut tokens = Vec::new();
    for token in [app.manifest.stable_token.address, Address::ZERO] {
        tokens.push(app.token(token).await?.view());
    }
    let native = app.token(Address::ZERO).await?;
    Ok(Json(ChainView {
        chain_id: app.manifest.chain_id,
        name: app.chain.name.clone(),
        rpc_url: app.chain.rpc_url.clone(),
        demo: app.chain.demo,
        dev: app.chain.dev,
        version: app.chain.version.clone(),
        genesis_hash: app.genesis_hash.to_string(),
        head: BlockRef::of(app.indexed()),
        contracts: ContractsView {
            market: show(app.manifest.market.address),
            stable_token: show(app.manifest.stable_token.address),
            guild_token: show(app.manifest.guild_token.address),
            authority: show(app.manifest.authority.address),
            reviews: app.manifest.reviews.as_ref().map(|reviews| show(reviews.address)),
        },
        tokens,
        native: NativeView { symbol: native.symbol, decimals: native.decimals },
        gas_free: app.chain.gas_free,
    }))
}

/// Says how the house is doing.
#[utoipa::path(get, path = "/status", tag = "house", operation_id = "status", responses((status = 200, body = StatusView)))]
async fn status(State(app): State<App>) -> Json<StatusView> {
    Json(look(&app).await)
}

async fn look(app: &Context) -> StatusView {
    let head = app.source.head().await;
    let indexed = app.position.borrow().indexed;
    let lag_blocks = match (&head, indexed) {
        (Ok(head), Some(indexed)) => head.number.saturating_sub(indexed.number),
        (Ok(head), None) => head.number + 1,
        (Err(_), _) => 0,
    };
    let state = match head {
        Err(_) => Health::Degraded,
        Ok(_) if lag_blocks > LAG_MAX => Health::Syncing,
        Ok(_) => Health::Ok,
    };
    let head = head.ok();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    StatusView {
        state,
        head: head.map_or(0, |head| head.number),
        indexed: indexed.map_or(0, |indexed| indexed.number),
        lag_blocks,
        head_age_seconds: head.map_or(0, |head| now.cast_signed() - head.timestamp.cast_signed()),
        version: app.chain.version.clone(),
        uptime_seconds: BEGAN.elapsed().as_secs(),
    }
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let status = look(&app).await;
    match status.state {
        Health::Ok => (StatusCode::OK, "ready\n".to_owned()),
        Health::Syncing => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("the index is {} blocks behind\n", status.lag_blocks))
        }
        Health::Degraded => (StatusCode::SERVICE_UNAVAILABLE, "the chain does not answer\n".to_owned()),
    }
}

/// Longest text that is searched for.
const QUERY_MAX: usize = 100;

/// Finds offers, orders, sellers, addresses, transactions, blocks and tokens.
#[utoipa::path(get, path = "/search", tag = "house", operation_id = "search", params(SearchQuery),
    responses((status = 200, body = FoundView)))]
async fn search(State(app): State<App>, Query(query): Query<SearchQuery>) -> Result<Json<FoundView>, Problem> {
    let text: String = query.q.trim().chars().take(QUERY_MAX).collect();
    let mut items = Vec::new();
    if !text.is_empty() {
        for business in businesses() {
            items.extend(business.search(&app, &text).await?);
        }
    }
    items.truncate(20);
    Ok(Json(FoundView { items }))
}
