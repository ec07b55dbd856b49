//! Who may do what, asked by anyone: roles are on chain.

use axum::Json;
use axum::extract::{Path, State};
use platform_api::{Identity, Problem};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ChainIdentity;
use crate::context::App;
use crate::wire::{address, show};

/// What an account may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roles)]
struct RolesView {
    /// Whose.
    address: String,
    /// Names of the roles, such as `operator` or `carrier`.
    roles: Vec<String>,
}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(roles))
}

/// Lists the roles an account holds by the authority's contract.
#[utoipa::path(get, path = "/roles/{address}", tag = "access", operation_id = "roles",
    params(("address" = String, Path, description = "Address of the account")),
    responses((status = 200, body = RolesView), (status = 400, body = Problem)))]
async fn roles(State(app): State<App>, Path(text): Path<String>) -> Result<Json<RolesView>, Problem> {
    let account = address(&text)?;
    let identity = ChainIdentity { store: app.store.clone(), source: Arc::clone(&app.source) };
    Ok(Json(RolesView { address: show(account), roles: identity.roles(account).await? }))
}
