//! Who may do what, asked by anyone: roles are on chain.

use axum::Json;
use axum::extract::{Path, State};
use platform_api::{Identity, Problem, calendar::rfc3339};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ChainIdentity, role_name};
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

/// A role that somebody holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRole)]
struct HeldView {
    /// Who.
    address: String,
    /// The role's name, such as `operator` or `carrier`.
    role: String,
    /// From when on.
    since: String,
    /// Seconds between announcing something and doing it; 0 acts at once.
    delay_seconds: u64,
}

/// Roles that are listed, at most.
const HELD_MAX: u64 = 1_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(held)).routes(routes!(roles))
}

/// Lists who holds which role by the authority's contract, the first 1,000, by role.
#[utoipa::path(get, path = "/roles", tag = "access", operation_id = "held_roles",
    responses((status = 200, body = Vec<HeldView>)))]
async fn held(State(app): State<App>) -> Result<Json<Vec<HeldView>>, Problem> {
    let sql = "SELECT account, role, since, delay FROM access_role WHERE since > 0 ORDER BY role, account LIMIT $1";
    let rows = app.store.rows(sql, vec![HELD_MAX.into()]).await?;
    let read = |row: &platform_index::Row| {
        Ok::<_, Problem>(HeldView {
            address: show(row.address(0)?),
            role: role_name(row.number(1)?),
            since: rfc3339(row.number(2)?),
            delay_seconds: row.number(3)?,
        })
    };
    Ok(Json(rows.iter().map(read).collect::<Result<_, _>>()?))
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
