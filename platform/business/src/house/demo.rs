//! The demonstration: personas with public keys, traffic one can stop, a clock one can move.

use std::sync::Arc;

use alloy_primitives::Address;
use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use platform_api::Problem;
use platform_index::Head;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::not_a_demo;
use crate::wire::{Bilingual, BlockRef, address};

/// Somebody to be with one click.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Persona)]
pub struct DemoPersona {
    /// `buyer`, `seller`, `arbiter`, `operator`, `oncall` or `security`.
    pub role: String,
    /// Name.
    pub name: Bilingual,
    /// Address.
    pub address: String,
    /// Last number of the key's derivation path.
    pub derivation_index: u32,
}

/// Traffic of the town.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Traffic)]
pub struct DemoTraffic {
    /// Whether people are buying by themselves.
    pub running: bool,
    /// How many orders they place in a minute.
    pub orders_per_minute: u32,
    /// Whether the house does by itself what anyone may do with overdue orders and cases.
    pub keeper: bool,
}

/// The demonstration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Demo)]
pub struct DemoInfo {
    /// The mnemonic every Ethereum tool knows.
    pub mnemonic: String,
    /// Who one can be.
    pub personas: Vec<DemoPersona>,
    /// Traffic.
    pub traffic: DemoTraffic,
}

/// What a demonstration can do. The program implements it; elsewhere there is none.
#[async_trait]
pub trait DemoHooks: Send + Sync {
    /// The demonstration as it stands.
    async fn info(&self) -> Result<DemoInfo, Problem>;

    /// Starts or stops the traffic.
    async fn set_traffic(&self, running: bool) -> Result<(), Problem>;

    /// Lets the house do what anyone may do with overdue orders and cases, or leaves it to visitors.
    async fn set_keeper(&self, running: bool) -> Result<(), Problem>;

    /// Gives an address coin and stable tokens.
    async fn faucet(&self, account: Address) -> Result<(), Problem>;

    /// Moves the chain's clock forward, makes a block and gives it.
    async fn advance_clock(&self, seconds: u64) -> Result<Head, Problem>;
}

/// Whether traffic shall run.
#[derive(Debug, Deserialize, ToSchema)]
struct TrafficRequest {
    running: bool,
    /// Whether the house ends what is overdue by itself. Left as it is where absent.
    #[serde(default)]
    keeper: Option<bool>,
}

/// Who shall be given money.
#[derive(Debug, Deserialize, ToSchema)]
struct FaucetRequest {
    address: String,
}

/// How far the clock shall move.
#[derive(Debug, Deserialize, ToSchema)]
struct ClockRequest {
    seconds: u64,
}

pub(crate) type Hooks = Option<Arc<dyn DemoHooks>>;

/// Furthest the clock moves at once: two months, longer than any deadline of an order.
const SECONDS_MAX: u64 = 62 * 86_400;

pub(crate) fn routes() -> OpenApiRouter<Hooks> {
    OpenApiRouter::new().routes(routes!(info)).routes(routes!(traffic)).routes(routes!(faucet)).routes(routes!(clock))
}

/// Shows the demonstration.
#[utoipa::path(get, path = "/demo", tag = "demo", operation_id = "demo",
    responses((status = 200, body = DemoInfo), (status = 404, body = Problem)))]
async fn info(State(hooks): State<Hooks>) -> Result<Json<DemoInfo>, Problem> {
    Ok(Json(hooks.ok_or_else(not_a_demo)?.info().await?))
}

/// Starts or stops the traffic.
#[utoipa::path(post, path = "/demo/traffic", tag = "demo", operation_id = "demo_traffic", request_body = TrafficRequest,
    responses((status = 200, body = DemoTraffic), (status = 404, body = Problem)))]
async fn traffic(State(hooks): State<Hooks>, Json(body): Json<TrafficRequest>) -> Result<Json<DemoTraffic>, Problem> {
    let hooks = hooks.ok_or_else(not_a_demo)?;
    hooks.set_traffic(body.running).await?;
    if let Some(keeper) = body.keeper {
        hooks.set_keeper(keeper).await?;
    }
    Ok(Json(hooks.info().await?.traffic))
}

/// Gives an address coin and stable tokens.
#[utoipa::path(post, path = "/demo/faucet", tag = "demo", operation_id = "demo_faucet", request_body = FaucetRequest,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn faucet(State(hooks): State<Hooks>, Json(body): Json<FaucetRequest>) -> Result<StatusCode, Problem> {
    let hooks = hooks.ok_or_else(not_a_demo)?;
    hooks.faucet(address(&body.address)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves the chain's clock forward and makes a block.
#[utoipa::path(post, path = "/demo/clock", tag = "demo", operation_id = "demo_clock", request_body = ClockRequest,
    responses((status = 200, body = BlockRef), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn clock(State(hooks): State<Hooks>, Json(body): Json<ClockRequest>) -> Result<Json<BlockRef>, Problem> {
    let hooks = hooks.ok_or_else(not_a_demo)?;
    if !(1..=SECONDS_MAX).contains(&body.seconds) {
        return Err(Problem::invalid(format!("The clock moves by 1 to {SECONDS_MAX} seconds at once.")));
    }
    Ok(Json(BlockRef::of(hooks.advance_clock(body.seconds).await?)))
}
