//! What waits for whoever is signed in.

use axum::Json;
use axum::extract::State;
use platform_api::{Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ACTORS, Desk, READERS, problem, require};
use crate::inbox::{Me, WaitingView};

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(inbox))
}

/// Lists what waits for whoever asks: what ends first, then what has waited longest.
#[utoipa::path(get, path = "/ops/inbox", tag = "ops", operation_id = "ops_inbox",
    responses((status = 200, body = Vec<WaitingView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn inbox(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<WaitingView>>, Problem> {
    require(&session, READERS)?;
    let address = session.address.to_checksum(None);
    let me = Me { address: &address, acts: require(&session, ACTORS).is_ok() };
    Ok(Json(watch.inbox(me).await.map_err(problem)?.into_iter().map(Into::into).collect()))
}
