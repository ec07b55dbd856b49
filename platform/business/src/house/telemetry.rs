//! Figures for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::context::App;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    method: String,
    status: u16,
}

/// The figures, and what they are read from.
pub(crate) struct Telemetry {
    app: App,
    registry: Registry,
    answers: Family<Answer, Counter>,
    head: Gauge<u64, AtomicU64>,
    indexed: Gauge<u64, AtomicU64>,
    lag: Gauge<u64, AtomicU64>,
    head_time: Gauge<u64, AtomicU64>,
}

impl Telemetry {
    pub(crate) fn new(app: App) -> Arc<Self> {
        let mut registry = Registry::with_prefix("guildhall");
        let answers = Family::<Answer, Counter>::default();
        registry.register("http_requests", "Requests answered", answers.clone());
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::<u64, AtomicU64>::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let head = gauge("chain_head_block", "Newest block of the chain");
        let indexed = gauge("index_block", "Newest indexed block");
        let lag = gauge("index_lag_blocks", "Blocks the index is behind");
        let head_time = gauge("chain_head_timestamp_seconds", "Time of the newest block");
        Arc::new(Self { app, registry, answers, head, indexed, lag, head_time })
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let position = *self.app.position.borrow();
        let (head, indexed) = (position.head.map_or(0, |h| h.number), position.indexed.map_or(0, |h| h.number));
        self.head.set(head);
        self.indexed.set(indexed);
        self.lag.set(head.saturating_sub(indexed));
        self.head_time.set(position.head.map_or(0, |h| h.timestamp));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// The endpoint Prometheus asks.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new().route("/metrics", get(read)).with_state(Arc::clone(self))
    }
}

async fn read(State(telemetry): State<Arc<Telemetry>>) -> Response {
    match telemetry.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => platform_api::Problem::internal(&error).into_response(),
    }
}

/// Counts an answer.
pub(crate) async fn count(State(telemetry): State<Arc<Telemetry>>, request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let answer = Answer { method, status: response.status().as_u16() };
    telemetry.answers.get_or_create(&answer).inc();
    response
}
