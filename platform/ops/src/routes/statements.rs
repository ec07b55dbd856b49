//! What the house says to everybody.

use axum::Json;
use axum::extract::State;
use platform_api::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Desk, problem};
use crate::view::StatementView;

/// How many are shown.
const LIST: u64 = 20;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(statements))
}

/// Lists public statements, the newest first. Everybody may read them; those that stand now say so.
#[utoipa::path(get, path = "/ops/statements", tag = "ops", operation_id = "ops_statements",
    responses((status = 200, body = Vec<StatementView>)))]
async fn statements(State(watch): State<Desk>) -> Result<Json<Vec<StatementView>>, Problem> {
    let (list, now) = watch.statements(LIST).await.map_err(problem)?;
    Ok(Json(list.into_iter().map(|statement| StatementView::of(statement, now)).collect()))
}
