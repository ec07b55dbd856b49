//! The console, embedded in the program.

use axum::{
    Router,
    body::Body,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use platform_business::Platform;
use rust_embed::RustEmbed;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Console;

/// The API under its paths, and the console everywhere else.
pub(crate) fn router(platform: &Platform, rpc_url: &str) -> Router {
    let api = platform.router();
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
    Router::new()
        .route_service("/api/{*rest}", api.clone())
        .route_service("/metrics", ByMethod { prometheus: api.clone() }.into_router())
        .route_service("/healthz", api.clone())
        .route_service("/readyz", api)
        .fallback_service(console)
        .layer(CompressionLayer::new())
}

/// `/metrics` is Prometheus' path and a page of the console: a browser, which
/// asks for HTML, gets the page.
struct ByMethod {
    prometheus: Router,
}

impl ByMethod {
    fn into_router(self) -> Router {
        let prometheus = self.prometheus;
        Router::new().fallback(move |request: axum::extract::Request| {
            let prometheus = prometheus.clone();
            async move {
                let wants_page = request
                    .headers()
                    .get(header::ACCEPT)
                    .and_then(|accept| accept.to_str().ok())
                    .is_some_and(|accept| accept.contains("text/html"));
                if wants_page {
                    return asset(Uri::from_static("/")).await;
                }
                use tower::ServiceExt;
                prometheus.oneshot(request).await.into_response()
            }
        })
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
            let text = "This program was built without its console. Build it with `make build`; the API is at /api/v1.\n";
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}
