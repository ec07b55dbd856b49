//! Everything that is not a plain POST from a program: browsers (CORS, DNS
//! rebinding), WebSockets, and requests that are wrong.

use crate::{
    dispatch::{self, Stateless},
    error::RpcError,
    node::Node,
    subscriptions::Subscriptions,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, Extension, FromRequestParts, Request, State,
        rejection::BytesRejection,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::{SinkExt, StreamExt};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How many messages may wait for a slow WebSocket client before it is
/// dropped.
const OUTBOX: usize = 1_024;

/// Who may talk to the server.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Host names accepted besides loopback names and plain addresses. CORS
    /// does not stop DNS rebinding; this does.
    pub hosts: Vec<String>,
    /// Web origins accepted besides those on loopback.
    pub origins: Vec<String>,
}

/// A place among the connections, given back once the last holder is gone: a
/// WebSocket keeps that of the connection it was.
pub(crate) type Place = Arc<OwnedSemaphorePermit>;

#[derive(Debug, Clone)]
struct Shared {
    node: Arc<Node>,
    options: Arc<ServerOptions>,
}

/// The routes of the JSON-RPC. Requests carry their connection's [`Place`].
pub(crate) fn router(node: Arc<Node>, options: Arc<ServerOptions>) -> Router {
    let shared = Shared { options, node };
    let origins = Arc::clone(&shared.options);
    let cors = CorsLayer::new()
        .allow_methods([Method::POST, Method::GET])
        .allow_headers([header::CONTENT_TYPE])
        .max_age(Duration::from_secs(3_600))
        .allow_origin(AllowOrigin::predicate(move |origin, _| allowed_origin(&origins, origin)));
    Router::new()
        .route("/", post(posted).get(upgrade))
        .layer(DefaultBodyLimit::max(shared.node.limits.request_bytes))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared.node), check_length))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared.options), check_host))
        .layer(cors)
        .with_state(shared)
}

/// Refuses a body that says it is too long before any of it is read.
async fn check_length(State(node): State<Arc<Node>>, request: Request<Body>, next: Next) -> Response {
    let limit = node.limits.request_bytes;
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if said.is_some_and(|length: usize| length > limit) {
        let message = format!("the request body is too long; at most {limit} bytes are accepted");
        return json(StatusCode::PAYLOAD_TOO_LARGE, failure(RpcError::request(message)));
    }
    next.run(request).await
}

async fn posted(State(shared): State<Shared>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let limit = shared.node.limits.request_bytes;
            let message = format!("request body can't be read ({error}); at most {limit} bytes are accepted");
            return json(error.status(), failure(RpcError::request(message)));
        }
    };
    if !is_json(&headers) {
        let message = "the Content-Type must be application/json";
        return json(StatusCode::UNSUPPORTED_MEDIA_TYPE, failure(RpcError::request(message)));
    }
    match dispatch::handle(&shared.node, &Stateless, &body).await {
        Some(answer) => json(StatusCode::OK, answer),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn upgrade(State(shared): State<Shared>, Extension(place): Extension<Place>, request: Request<Body>) -> Response {
    let (mut parts, _) = request.into_parts();
    let origin = parts.headers.get(header::ORIGIN).cloned();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        let text = "This is an Ethereum JSON-RPC endpoint: POST JSON to it, or connect by WebSocket.\n";
        return (StatusCode::OK, text).into_response();
    };
    if origin.is_some_and(|origin| !allowed_origin(&shared.options, &origin)) {
        return (StatusCode::FORBIDDEN, "this web origin is not allowed here\n").into_response();
    }
    let limit = shared.node.limits.request_bytes;
    upgrade.max_message_size(limit).max_frame_size(limit).on_upgrade(move |socket| async move {
        converse(shared.node, socket).await;
        drop(place);
    })
}

/// One WebSocket conversation.
async fn converse(node: Arc<Node>, socket: WebSocket) {
    let (mut sender, mut receiver) = socket.split();
    let (out, mut outbox) = mpsc::channel::<Vec<u8>>(OUTBOX);
    let subscriptions = Subscriptions::new(Arc::clone(&node), out.clone());
    let writer = tokio::spawn(async move {
        while let Some(message) = outbox.recv().await {
            // Everything that is put here was serialised from text.
            let Ok(text) = String::from_utf8(message) else { continue };
            if sender.send(Message::Text(text.into())).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = receiver.next().await {
        let body = match message {
            Message::Text(text) => text.as_bytes().to_vec(),
            Message::Binary(bytes) => bytes.to_vec(),
            Message::Close(_) => break,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        if let Some(answer) = dispatch::handle(&node, &subscriptions, &body).await
            && out.send(answer).await.is_err()
        {
            break;
        }
    }
    drop(subscriptions);
    writer.abort();
}

async fn check_host(State(options): State<Arc<ServerOptions>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    if allowed_host(&options, host) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this Host is not allowed here; add it with --rpc-host\n").into_response()
}

pub(crate) fn allowed_host(options: &ServerOptions, host: &str) -> bool {
    let name = strip_port(host);
    // A plain address can't be rebound by DNS.
    name.is_empty()
        || name == "localhost"
        || name.parse::<std::net::IpAddr>().is_ok()
        || options.hosts.iter().any(|allowed| allowed == name || allowed == "*")
}

fn allowed_origin(options: &ServerOptions, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let name = strip_port(authority);
    name == "localhost"
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        || options.origins.iter().any(|allowed| allowed == origin || allowed == "*")
}

/// `host:port` or `[::1]:port` without the port and brackets.
fn strip_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or("");
    }
    host.split(':').next().unwrap_or("")
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value.to_str().is_ok_and(|value| value.starts_with("application/json")))
}

fn failure(error: RpcError) -> Vec<u8> {
    dispatch::failure(None, error)
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rebinding_hosts_and_foreign_origins_are_refused() {
        let options = ServerOptions { hosts: vec!["node.example".into()], origins: vec!["https://app.example".into()] };
        for host in ["localhost:8545", "127.0.0.1:8545", "[::1]:8545", "10.0.0.7", "node.example:80"] {
            assert!(allowed_host(&options, host), "{host}");
        }
        assert!(!allowed_host(&options, "attacker.example:8545"));
        let origin = |origin: &str| allowed_origin(&options, &HeaderValue::from_str(origin).unwrap());
        assert!(origin("http://127.0.0.1:8080") && origin("http://localhost:5173") && origin("https://app.example"));
        assert!(!origin("https://attacker.example") && !origin("null") && !origin("http://10.0.0.7"));
    }
}
