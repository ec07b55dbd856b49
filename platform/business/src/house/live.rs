//! What happens now, as server-sent events: `block`, `order` and `offer`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use platform_index::Notice;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where notices come from.
pub(crate) type Live = Arc<dyn Fn() -> Receiver<Notice> + Send + Sync>;

pub(crate) fn routes() -> OpenApiRouter<Live> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Streams what happens: `block` {number, hash, timestamp, tx_count}, `order` {id, state, buyer, seller}, `offer` {id}.
#[utoipa::path(get, path = "/events", tag = "house", operation_id = "events",
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
async fn events(State(live): State<Live>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = unfold(live(), |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(notice) => {
                    let event = Event::default().event(notice.topic).data(notice.data.to_string());
                    return Some((Ok(event), receiver));
                }
                // A slow listener has missed some; what it shows is fresh again with the next block.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
