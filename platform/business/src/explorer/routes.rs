//! The explorer's endpoints.

use axum::Json;
use axum::extract::{Path, Query, State};
use platform_api::{Page, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::contracts::{self, ContractView, VerificationRequest};
use super::query;
use super::trace::TraceView;
use super::view::{
    AddressView, BlockView, PageQuery, TokenCard, TokenPage, TransactionCard, TransactionQuery, TransactionView,
};
use crate::context::App;
use crate::wire::hash;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(blocks))
        .routes(routes!(block))
        .routes(routes!(transactions))
        .routes(routes!(transaction))
        .routes(routes!(trace))
        .routes(routes!(contract, verify_contract))
        .routes(routes!(address))
        .routes(routes!(tokens))
        .routes(routes!(token))
}

/// Lists blocks, the newest first.
#[utoipa::path(get, path = "/explorer/blocks", tag = "explorer", operation_id = "explorer_blocks", params(PageQuery),
    responses((status = 200, body = Page<BlockView>), (status = 400, body = Problem)))]
async fn blocks(State(app): State<App>, Query(asked): Query<PageQuery>) -> Result<Json<Page<BlockView>>, Problem> {
    Ok(Json(query::blocks(&app, &asked).await?))
}

/// Shows a block.
#[utoipa::path(get, path = "/explorer/blocks/{id}", tag = "explorer", operation_id = "explorer_block",
    params(("id" = String, Path, description = "Number or hash")),
    responses((status = 200, body = BlockView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn block(State(app): State<App>, Path(id): Path<String>) -> Result<Json<BlockView>, Problem> {
    Ok(Json(query::block(&app, &id).await?))
}

/// Lists transactions, the newest first.
#[utoipa::path(get, path = "/explorer/transactions", tag = "explorer", operation_id = "explorer_transactions",
    params(TransactionQuery), responses((status = 200, body = Page<TransactionCard>), (status = 400, body = Problem)))]
async fn transactions(
    State(app): State<App>,
    Query(asked): Query<TransactionQuery>,
) -> Result<Json<Page<TransactionCard>>, Problem> {
    Ok(Json(query::transactions(&app, &asked).await?))
}

/// Shows a transaction in words.
#[utoipa::path(get, path = "/explorer/transactions/{hash}", tag = "explorer", operation_id = "explorer_transaction",
    params(("hash" = String, Path, description = "Hash")),
    responses((status = 200, body = TransactionView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn transaction(State(app): State<App>, Path(text): Path<String>) -> Result<Json<TransactionView>, Problem> {
    Ok(Json(super::transaction::transaction(&app, hash(&text)?).await?))
}

/// Shows what a transaction did inside: calls between contracts, and state that changed.
#[utoipa::path(get, path = "/explorer/transactions/{hash}/trace", tag = "explorer", operation_id = "explorer_trace",
    params(("hash" = String, Path, description = "Hash")),
    responses((status = 200, body = TraceView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
async fn trace(State(app): State<App>, Path(text): Path<String>) -> Result<Json<TraceView>, Problem> {
    Ok(Json(super::trace::trace(&app, hash(&text)?).await?))
}

/// Shows a contract and its verified sources.
#[utoipa::path(get, path = "/explorer/contracts/{address}", tag = "explorer", operation_id = "explorer_contract",
    params(("address" = String, Path, description = "Address")),
    responses((status = 200, body = ContractView), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn contract(State(app): State<App>, Path(text): Path<String>) -> Result<Json<ContractView>, Problem> {
    Ok(Json(contracts::contract(&app, crate::wire::address(&text)?).await?))
}

/// Compiles sources and compares them with the code on chain. Sources that give that code are kept and shown to
/// everyone; anyone may send them, since the code proves them.
#[utoipa::path(post, path = "/explorer/contracts/{address}", tag = "explorer", operation_id = "verify_contract",
    params(("address" = String, Path, description = "Address")), request_body = VerificationRequest,
    responses((status = 200, body = ContractView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
async fn verify_contract(
    State(app): State<App>,
    Path(text): Path<String>,
    Json(request): Json<VerificationRequest>,
) -> Result<Json<ContractView>, Problem> {
    Ok(Json(contracts::verify(&app, crate::wire::address(&text)?, request).await?))
}

/// Shows an address.
#[utoipa::path(get, path = "/explorer/addresses/{address}", tag = "explorer", operation_id = "explorer_address",
    params(("address" = String, Path, description = "Address")),
    responses((status = 200, body = AddressView), (status = 400, body = Problem)))]
async fn address(State(app): State<App>, Path(text): Path<String>) -> Result<Json<AddressView>, Problem> {
    Ok(Json(query::address(&app, crate::wire::address(&text)?).await?))
}

/// Lists tokens that have moved, the oldest first.
#[utoipa::path(get, path = "/explorer/tokens", tag = "explorer", operation_id = "explorer_tokens", params(PageQuery),
    responses((status = 200, body = Page<TokenCard>), (status = 400, body = Problem)))]
async fn tokens(State(app): State<App>, Query(asked): Query<PageQuery>) -> Result<Json<Page<TokenCard>>, Problem> {
    Ok(Json(query::tokens(&app, &asked).await?))
}

/// Shows a token, its largest holders and a page of its transfers.
#[utoipa::path(get, path = "/explorer/tokens/{address}", tag = "explorer", operation_id = "explorer_token",
    params(("address" = String, Path, description = "Contract"), PageQuery),
    responses((status = 200, body = TokenPage), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn token(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(asked): Query<PageQuery>,
) -> Result<Json<TokenPage>, Problem> {
    Ok(Json(query::token(&app, crate::wire::address(&text)?, &asked).await?))
}
