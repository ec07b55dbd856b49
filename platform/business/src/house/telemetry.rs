//! Figures for Prometheus. Those of any Ethereum node have the names of EIP-2159, all others begin with `guildhall_`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::context::App;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    method: String,
    status: u16,
}

/// Seconds by which answers are sorted: from what a person doesn't notice to what they won't wait for.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Figures that the program around the platform knows: of its disk, its backups, its peers.
#[derive(Debug, Default)]
pub struct Figures {
    known: Mutex<BTreeMap<&'static str, (&'static str, i64)>>,
}

impl Figures {
    /// Says how much something is now. `name` is without the prefix, and ends in its unit.
    pub fn set(&self, name: &'static str, help: &'static str, value: i64) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (help, value));
    }

    /// The figures as they are now.
    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("guildhall");
        for (name, (help, value)) in self.known.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let gauge = Gauge::<i64, AtomicI64>::default();
            gauge.set(*value);
            registry.register(*name, *help, gauge);
        }
        registry
    }
}

/// The figures, and what they are read from.
pub(crate) struct Telemetry {
    app: App,
    registry: Registry,
    standard: Registry,
    figures: Arc<Figures>,
    answers: Family<Answer, Counter>,
    seconds: Histogram,
    height: Gauge<u64, AtomicU64>,
    best_known: Gauge<u64, AtomicU64>,
    head: Gauge<u64, AtomicU64>,
    indexed: Gauge<u64, AtomicU64>,
    lag: Gauge<u64, AtomicU64>,
    head_time: Gauge<u64, AtomicU64>,
}

impl Telemetry {
    pub(crate) fn new(app: App, figures: Arc<Figures>) -> Arc<Self> {
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
        let seconds = Histogram::new(SECONDS);
        registry.register("http_request_seconds", "How long answers took", seconds.clone());
        let mut standard = Registry::default();
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::<u64, AtomicU64>::default();
            standard.register(name, help, gauge.clone());
            gauge
        };
        let height = gauge("ethereum_blockchain_height", "Newest block of the canonical chain");
        let best_known = gauge("ethereum_best_known_block_number", "Newest block that is known of");
        // A house is one validator, and has no peers: both stay zero.
        gauge("ethereum_peer_count", "Peers connected");
        gauge("ethereum_peer_limit", "Peers connected at most");
        Arc::new(Self {
            app,
            registry,
            standard,
            figures,
            answers,
            seconds,
            height,
            best_known,
            head,
            indexed,
            lag,
            head_time,
        })
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let position = *self.app.position.borrow();
        let (head, indexed) = (position.head.map_or(0, |h| h.number), position.indexed.map_or(0, |h| h.number));
        self.head.set(head);
        self.indexed.set(indexed);
        self.lag.set(head.saturating_sub(indexed));
        self.head_time.set(position.head.map_or(0, |h| h.timestamp));
        let mut text = String::new();
        self.height.set(head);
        self.best_known.set(head);
        for registry in [&self.standard, &self.registry, &self.figures.registry()] {
            encode_registry(&mut text, registry)?;
        }
        encode_eof(&mut text)?;
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
    let began = Instant::now();
    let response = next.run(request).await;
    telemetry.seconds.observe(began.elapsed().as_secs_f64());
    let answer = Answer { method, status: response.status().as_u16() };
    telemetry.answers.get_or_create(&answer).inc();
    response
}
