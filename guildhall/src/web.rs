//! The console, embedded in the program.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use platform_business::Platform;
use platform_notify::Notifier;
use platform_ops::{CapacityDesk, ChannelDesk, Watch};
use rust_embed::RustEmbed;
use std::sync::Arc;
use tower::ServiceExt;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Console;

/// A file of the console, as this program holds it.
pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    Console::get(name).map(|file| file.data.into_owned())
}

/// The names of all files of the console.
pub(crate) fn files() -> impl Iterator<Item = String> {
    Console::iter().map(std::borrow::Cow::into_owned)
}

/// The API under its paths, and the console everywhere else.
pub(crate) fn router(
    platform: &Platform,
    watch: Arc<Watch>,
    notifier: Arc<Notifier>,
    capacity: CapacityDesk,
    rpc_url: &str,
) -> Router {
    let websocket = rpc_url.replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'self'; connect-src 'self' {rpc_url} {websocket}; img-src 'self' data: blob:; \
         style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
    );
    let header = |name: header::HeaderName, value: &str| {
        let value = header::HeaderValue::from_str(value).unwrap_or(header::HeaderValue::from_static(""));
        SetResponseHeaderLayer::if_not_present(name, value)
    };
    let console = Router::new()
        .fallback(asset)
        .layer(header(header::CONTENT_SECURITY_POLICY, &policy))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"));
    let channels = platform_ops::channel_routes().with_state(ChannelDesk { watch: Arc::clone(&watch), notifier });
    let capacity = platform_ops::capacity_routes().with_state(capacity);
    let ops = platform_ops::routes().with_state(watch).merge(channels).merge(capacity);
    let doors = Doors { api: platform.router(ops), console };
    Router::new().fallback(enter).with_state(doors).layer(CompressionLayer::new())
}

/// The OpenAPI document of every endpoint.
pub(crate) fn openapi() -> String {
    let mut described = platform_ops::routes().into_openapi();
    described.merge(platform_ops::channel_routes().into_openapi());
    described.merge(platform_ops::capacity_routes().into_openapi());
    Platform::openapi(described)
}

#[derive(Clone)]
struct Doors {
    api: Router,
    console: Router,
}

/// Sends a request to the API or to the console.
async fn enter(State(doors): State<Doors>, request: Request) -> Response {
    let door = if is_for_api(&request) { doors.api } else { doors.console };
    door.oneshot(request).await.into_response()
}

fn is_for_api(request: &Request) -> bool {
    match request.uri().path() {
        "/healthz" | "/readyz" => true,
        // Prometheus' path is also a page of the console: a browser, which
        // asks for HTML, gets the page.
        "/metrics" => {
            let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
            !accept.is_some_and(|accept| accept.contains("text/html"))
        }
        path => path.starts_with("/api/") || path == "/epcis" || path.starts_with("/epcis/"),
    }
}

async fn asset(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Console::get(path) {
        // Vite puts a hash into the name of everything under assets/.
        let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        let mime = file.metadata.mimetype().to_owned();
        return ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, cache.to_owned())], Body::from(file.data))
            .into_response();
    }
    if path.starts_with("assets/") {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    }
    match Console::get("index.html") {
        // Every other path is a page of the console's own router.
        Some(page) => {
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
            (headers, Body::from(page.data)).into_response()
        }
        None => {
            let text =
                "This program was built without its console. Build it with `make build`; the API is at /api/v1.\n";
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}
