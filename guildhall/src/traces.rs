//! What the program says of itself while it runs: lines on standard error, and
//! traces for a collector of OpenTelemetry.

use crate::cli::UsageError;
use anyhow::Context;
use async_trait::async_trait;
use axum::{
    body::Bytes,
    http::{Request, Response},
};
use clap::Args;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Crates whose spans are worth telling; what libraries say of themselves is
/// not.
const OURS: [&str; 5] = ["guildhall", "ledger_consensus", "platform_api", "platform_index", "platform_ops"];

/// Flags of what is said.
#[derive(Debug, Clone, Args)]
pub(crate) struct TraceFlags {
    /// Send traces of blocks and requests to this collector of OpenTelemetry
    /// (OTLP over HTTP), such as http://127.0.0.1:4318.
    #[arg(long, global = true, env = "GUILDHALL_OTLP", value_name = "URL")]
    pub(crate) otlp: Option<String>,
    /// How many traces of a hundred are sent.
    #[arg(long, global = true, env = "GUILDHALL_OTLP_SAMPLE", value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) otlp_sample: u8,
}

/// Sends what is left when the program ends.
pub(crate) struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take() {
            // A collector that is gone must not keep the program.
            let _ = provider.shutdown_with_timeout(Duration::from_secs(3));
        }
    }
}

/// Begins to say something.
///
/// # Errors
/// A collector's address that is none.
pub(crate) fn begin(verbose: u8, json: bool, flags: &TraceFlags) -> anyhow::Result<Guard> {
    let level = match verbose {
        0 => "warn,guildhall=info",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("GUILDHALL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if json {
        // Programs want to know where a line comes from; people don't.
        lines.json().flatten_event(true).with_target(true).with_filter(filter).boxed()
    } else {
        lines.with_target(false).with_filter(filter).boxed()
    };
    let provider = flags.otlp.as_deref().map(|address| provider(address, flags.otlp_sample)).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        let ours = Targets::new().with_targets(OURS.map(|name| (name, LevelFilter::INFO)));
        tracing_opentelemetry::layer().with_tracer(provider.tracer("guildhall")).with_filter(ours)
    });
    tracing_subscriber::registry().with(lines).with(spans).init();
    Ok(Guard(provider))
}

fn provider(address: &str, percent: u8) -> anyhow::Result<SdkTracerProvider> {
    let wrong = |why: String| UsageError(format!("--otlp {address}: {why}"));
    let url = reqwest::Url::parse(address).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with http:// or https://".into()).into());
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Courier::new()?)
        .with_endpoint(format!("{}/v1/traces", address.trim_end_matches('/')))
        .with_timeout(TIMEOUT)
        .build()
        .context("can't set up the exporter of traces")?;
    let resource = Resource::builder_empty()
        .with_service_name("guildhall")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(f64::from(percent) / 100.0)));
    Ok(SdkTracerProvider::builder().with_resource(resource).with_sampler(sampler).with_batch_exporter(exporter).build())
}

/// Carries traces on a thread of its own: it must go on while the program's
/// runtime is not there yet, busy, or gone.
#[derive(Debug)]
struct Courier {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl Courier {
    fn new() -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().context("can't set up TLS")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new()
            .name("traces".into())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
        Ok(Self { client, runtime: handle })
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let carried = self.runtime.spawn(async move {
            let answer = client.execute(reqwest::Request::try_from(request)?).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = Response::new(answer.bytes().await?);
            (*response.status_mut(), *response.headers_mut()) = (status, headers);
            Ok::<_, reqwest::Error>(response)
        });
        Ok(carried.await??)
    }
}
