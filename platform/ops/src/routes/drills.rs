//! The board of drills.

use axum::Json;
use axum::extract::State;
use platform_api::{Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Desk, READERS, require};
use crate::board::DrillView;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(drills))
}

/// Lists the drills, and how they went when they were played.
#[utoipa::path(get, path = "/ops/drills", tag = "ops", operation_id = "ops_drills",
    responses((status = 200, body = Vec<DrillView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn drills(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<DrillView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.drills().await?))
}
