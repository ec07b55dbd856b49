//! What every answer gets: a request id, an entity tag, limits, and headers that keep browsers from guessing.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::Instrument;

use crate::Problem;

/// Largest request body, in bytes. Pictures are the largest thing anyone sends.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024 + 64 * 1024;

/// Answers up to this size get an entity tag.
const TAGGED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Puts the kit around a router.
pub fn harden(router: Router) -> Router {
    router
        .layer(from_fn(entity_tag))
        .layer(from_fn(plain_errors_become_problems))
        .layer(from_fn(request_id))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
}

/// Gives each request an id, or keeps a sensible one the caller sent, and returns it.
async fn request_id(request: Request, next: Next) -> Response {
    const NAME: HeaderName = HeaderName::from_static("x-request-id");
    let sent = request.headers().get(&NAME).filter(|id| id.len() <= 64).cloned();
    let id = sent.unwrap_or_else(|| HeaderValue::from(rand::random::<u64>()));
    let span = span_of(&request, &id);
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    response.headers_mut().insert(NAME, id);
    response
}

/// A request in a trace, after OpenTelemetry's conventions. It has the route and never the address, which may hold what is
/// secret.
fn span_of(request: &Request, id: &HeaderValue) -> tracing::Span {
    let method = request.method().as_str();
    let route = request.extensions().get::<MatchedPath>().map_or("no route", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        request.id = id.to_str().unwrap_or_default(),
    )
}

/// Rejections of axum's own extractors are plain text; callers get the same sentence as a problem.
async fn plain_errors_become_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let plain =
        response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let mut answer = in_words(status, &String::from_utf8_lossy(&text)).into_response();
    // What the answer says besides its text stays, such as which methods there are.
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// What axum's own sentences mean, and what to do about it.
fn in_words(status: StatusCode, text: &str) -> Problem {
    const FOREIGN: &[(&str, &str)] = &[
        ("Failed to deserialize the JSON body into the target type: ", "The body has not the fields it needs: "),
        ("Failed to parse the request body as JSON: ", "The body is no JSON: "),
        ("Failed to deserialize query string: ", "The query can't be read: "),
        ("Invalid URL: ", "The address can't be read: "),
    ];
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(format!("The body is larger than {BODY_BYTES_MAX} bytes.")),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method", "This endpoint has no such method; see /api/v1/openapi.json.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(status, "media-type", "Send JSON, and say so: Content-Type: application/json.")
        }
        _ if text.is_empty() => Problem::new(status, "invalid", status.to_string()),
        _ => {
            let ours = FOREIGN.iter().find_map(|(theirs, ours)| Some(format!("{ours}{}", text.strip_prefix(theirs)?)));
            Problem::new(status, "invalid", ours.unwrap_or_else(|| text.to_owned()))
        }
    }
}

/// Tags JSON answers by their content, and answers 304 to those who have it already.
async fn entity_tag(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !reads || response.status() != StatusCode::OK || !json {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED_BYTES_MAX).await else {
        return Problem::unavailable("The answer is too large. Ask for a smaller page.").into_response();
    };
    let tag = format!("W/\"{}\"", alloy_primitives::hex::encode(&alloy_primitives::keccak256(&bytes)[..12]));
    let Ok(tag) = HeaderValue::from_str(&tag) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.insert(header::ETAG, tag.clone());
    if known.is_some_and(|known| known == tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
