//! Handovers: what whoever leaves the watch says to whoever comes, with what was open at that moment.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Desk, LIST_MAX, NOTE_MAX, READERS, count, require};
use crate::monitor::AlertState;
use crate::records::IncidentState;
use crate::view::{HandoverBody, HandoverView};
use crate::watch::Watch;

/// How many are shown.
const LIST: u64 = 20;
const KIND: &str = "handover";

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(handovers, hand_over))
}

/// Lists the handovers, the newest first.
#[utoipa::path(get, path = "/ops/handovers", tag = "ops", operation_id = "ops_handovers",
    responses((status = 200, body = Vec<HandoverView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn handovers(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<HandoverView>>, Problem> {
    require(&session, READERS)?;
    list(&watch).await
}

/// Hands the watch over with a note. What is open at that moment is written down beside it.
#[utoipa::path(post, path = "/ops/handovers", tag = "ops", operation_id = "ops_hand_over", request_body = HandoverBody,
    responses((status = 201, body = Vec<HandoverView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn hand_over(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Json(body): Json<HandoverBody>,
) -> Result<(StatusCode, Json<Vec<HandoverView>>), Problem> {
    require(&session, READERS)?;
    let note = body.note.trim();
    if note.is_empty() || note.chars().count() > NOTE_MAX {
        return Err(Problem::invalid(format!("A handover says something, in up to {NOTE_MAX} characters.")));
    }
    let open = watch.alerts(true, LIST_MAX).await?;
    let incidents = watch.incidents(LIST_MAX).await?;
    let unresolved = incidents.iter().filter(|incident| incident.state < IncidentState::Resolved);
    let standing = json!({
        "note": note,
        "firing": count(&open, AlertState::Firing),
        "acknowledged": count(&open, AlertState::Acknowledged),
        "incidents": unresolved.map(|incident| incident.id).collect::<Vec<_>>(),
    });
    watch.record(KIND, "watch", &session.address.to_checksum(None), standing).await?;
    Ok((StatusCode::CREATED, list(&watch).await?))
}

async fn list(watch: &Watch) -> Result<Json<Vec<HandoverView>>, Problem> {
    let entries = watch.log_of_kind(KIND, LIST).await?;
    Ok(Json(entries.into_iter().map(HandoverView::from).collect()))
}
