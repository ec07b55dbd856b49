//! The board of audits.

use axum::Json;
use axum::extract::State;
use platform_api::{Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Desk, READERS, require};
use crate::audits::AuditView;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(audit))
}

/// Shows the last audit of this house; where it looked at no code, the last that did beside it.
#[utoipa::path(get, path = "/ops/audit", tag = "ops", operation_id = "ops_audit",
    responses((status = 200, body = Vec<AuditView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn audit(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<AuditView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.audits().await?))
}
