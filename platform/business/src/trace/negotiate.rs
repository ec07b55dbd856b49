//! Headers of the EPCIS interfaces: versions, formats, and what a client may ask for.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;

use super::capture::{Behaviour, EVENTS_MAX};
use super::error::Refusal;

/// Largest document, in bytes.
pub(super) const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

const LD_JSON: &str = "application/ld+json";

/// Says in every answer which standard is spoken, and answers `OPTIONS` and what cannot be served.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let options = request.method() == Method::OPTIONS;
    let mut response = match acceptable(request.headers()) {
        Err(refusal) if !options => refusal.into_response(),
        _ => next.run(request).await,
    };
    if options && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // The router knows what this address takes, and writes it into `Allow` on the way out.
        response = StatusCode::NO_CONTENT.into_response();
    }
    let headers = response.headers_mut();
    for (name, value) in [
        ("gs1-epcis-version", "2.0.0"),
        ("gs1-cbv-version", "2.0.0"),
        ("gs1-epcis-min", "2.0.0"),
        ("gs1-epcis-max", "2.0.0"),
        ("gs1-cbv-min", "2.0.0"),
        ("gs1-cbv-max", "2.0.0"),
        ("gs1-vendor-version", env!("CARGO_PKG_VERSION")),
        ("gs1-epc-format", "Never_Translates"),
        ("gs1-cbv-xml-format", "Never_Translates"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(HeaderName::from_static("gs1-epcis-capture-limit"), HeaderValue::from(EVENTS_MAX));
    headers.insert(HeaderName::from_static("gs1-epcis-capture-file-size-limit"), HeaderValue::from(DOCUMENT_BYTES_MAX));
    response
}

/// Refuses translations and versions that are not offered.
fn acceptable(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let not = |detail: String| Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptableException", detail));
    for name in ["gs1-epc-format", "gs1-cbv-xml-format"] {
        if let Some(format) = text(name)
            && !["never_translates", "no_preference"].contains(&format.to_ascii_lowercase().as_str())
        {
            return not(format!("{name}: {format} is not offered. Events are answered as captured: Never_Translates."));
        }
    }
    for (name, least) in
        [("gs1-epcis-min", true), ("gs1-cbv-min", true), ("gs1-epcis-max", false), ("gs1-cbv-max", false)]
    {
        let Some(asked) = text(name) else {
            continue;
        };
        let order = numbers(asked).cmp(&vec![2, 0, 0]);
        if (least && order.is_gt()) || (!least && order.is_lt()) {
            return not(format!("{name}: {asked} excludes version 2.0.0, which is spoken here."));
        }
    }
    let accepted = text("accept").is_none_or(|accept| {
        let kinds = accept.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
        kinds.into_iter().any(|kind| {
            matches!(kind, "*/*" | "application/*" | "application/json" | LD_JSON | "application/problem+json" | "")
        })
    });
    if accepted { Ok(()) } else { not("Answers are application/json or application/ld+json.".to_owned()) }
}

fn numbers(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    numbers.resize(3, 0);
    numbers
}

/// Refuses what is sent in another format than JSON.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if matches!(kind.as_str(), "application/json" | LD_JSON) {
        return Ok(());
    }
    let detail = format!("{kind} is not understood: send application/json or application/ld+json.");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException", detail))
}

/// What to do with a document of which some events are not valid.
pub(super) fn behaviour(headers: &HeaderMap) -> Result<Behaviour, Refusal> {
    let asked = headers.get("gs1-epcis-capture-error-behaviour").or_else(|| headers.get("gs1-capture-error-behaviour"));
    match asked.and_then(|value| value.to_str().ok()).map(str::trim) {
        None => Ok(Behaviour::Rollback),
        Some(word) if word.eq_ignore_ascii_case("rollback") => Ok(Behaviour::Rollback),
        Some(word) if word.eq_ignore_ascii_case("proceed") => Ok(Behaviour::Proceed),
        Some(word) => {
            let detail = format!("GS1-EPCIS-Capture-Error-Behaviour: {word:?} is neither rollback nor proceed.");
            Err(Refusal::new(StatusCode::BAD_REQUEST, "ValidationException", detail))
        }
    }
}

/// Prefixes that a query's header declares: `GS1-Extensions: prefix=namespace`.
pub(super) fn extensions(headers: &HeaderMap) -> Json {
    let lines = headers.get_all("gs1-extensions").iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(',')).filter_map(|pair| pair.trim().split_once('='));
    Json::Object(pairs.map(|(prefix, namespace)| (prefix.to_owned(), Json::from(namespace))).collect())
}

/// JSON under the type that was asked for.
pub(super) fn answer(headers: &HeaderMap, body: &Json) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = if accept.contains(LD_JSON) { LD_JSON } else { "application/json" };
    ([(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}
