//! What Alertmanager reports to this house, version 4 of its webhook
//! (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use platform_api::{Machine, Problem};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::records::KeptAlert;
use crate::signal::Signal;
use crate::watch::Watch;

/// What a key must be good for.
pub const EXTERNAL_GRANT: &str = "ops:signal";

/// What its signals are said to come from.
const CONTRACT: &str = "Alertmanager";
const RULES: [&str; 3] = ["external-critical", "external-warning", "external-info"];
/// Alerts in one request.
const ALERTS_MAX: usize = 500;
const TEXT_CHARS_MAX: usize = 500;

/// What another system says of one of its alerts.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether it is over.
    pub over: bool,
    /// What it says.
    pub signal: Signal,
}

impl Report {
    /// Whether it is about an alert that is kept.
    pub(crate) fn is_of(&self, kept: &KeptAlert) -> bool {
        let fingerprint = self.signal.args.get("fingerprint").and_then(serde_json::Value::as_str);
        RULES.contains(&kept.alert.rule.as_str())
            && kept.alert.labels.get("fingerprint").map(String::as_str) == fingerprint
    }
}

/// What a person wants to know of an alert from elsewhere, besides what it is told apart by.
pub(crate) fn said(signal: &Signal) -> impl Iterator<Item = (&'static str, &str)> {
    let names: &[&'static str] =
        if signal.contract == CONTRACT { &["instance", "job", "service", "summary"] } else { &[] };
    names.iter().filter_map(|name| Some((*name, signal.args.get(*name)?.as_str()?)))
}

/// What Alertmanager sends.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AlertmanagerReport)]
pub(crate) struct Webhook {
    /// `4`.
    version: String,
    /// Its alerts.
    alerts: Vec<Alert>,
}

/// One of its alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AlertmanagerAlert)]
pub(crate) struct Alert {
    /// `firing` or `resolved`.
    status: String,
    /// What it is told apart by; `alertname` and `severity` among them.
    labels: BTreeMap<String, String>,
    /// What it says.
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    /// Its fingerprint; made from the labels where there is none.
    #[serde(default)]
    fingerprint: String,
}

impl Alert {
    fn report(&self) -> Result<Report, Problem> {
        let over = match self.status.as_str() {
            "firing" => false,
            "resolved" => true,
            other => {
                return Err(Problem::invalid(format!("The status {:?} is neither firing nor resolved.", clip(other))));
            }
        };
        let label = |name: &str| self.labels.get(name).map_or("", String::as_str);
        let severity = match label("severity").to_ascii_lowercase().as_str() {
            "critical" | "page" | "emergency" | "p1" | "p2" => "critical",
            "warning" | "error" | "major" | "p3" => "warning",
            _ => "info",
        };
        let fingerprint = if self.fingerprint.is_empty() {
            let labels = serde_json::to_vec(&self.labels).unwrap_or_default();
            alloy_primitives::keccak256(labels).to_string()[2..18].to_owned()
        } else {
            clip(&self.fingerprint)
        };
        let mut args = BTreeMap::from([
            ("alertname".to_owned(), json!(clip(label("alertname")))),
            ("severity".to_owned(), json!(severity)),
            ("fingerprint".to_owned(), json!(fingerprint)),
        ]);
        for name in ["instance", "job", "service"] {
            if !label(name).is_empty() {
                args.insert(name.to_owned(), json!(clip(label(name))));
            }
        }
        for name in ["summary", "description"] {
            if let Some(text) = self.annotations.get(name) {
                args.insert(name.to_owned(), json!(clip(text)));
            }
        }
        let signal = Signal { contract: CONTRACT.into(), name: "ExternalAlert".into(), args, ..Signal::default() };
        Ok(Report { over, signal })
    }
}

fn clip(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// Takes in alerts of another monitoring system, as Alertmanager sends them to a webhook. The key needs the grant
/// `ops:signal`.
#[utoipa::path(post, path = "/ops/signals/alertmanager", tag = "ops", operation_id = "ops_take_alerts",
    request_body = Webhook, security(("key" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub(crate) async fn take(
    State(watch): State<Arc<Watch>>,
    machine: Machine,
    Json(body): Json<Webhook>,
) -> Result<StatusCode, Problem> {
    machine.require(EXTERNAL_GRANT)?;
    if body.version != "4" {
        return Err(Problem::invalid(format!("Version {:?} of the webhook is not 4.", clip(&body.version))));
    }
    if body.alerts.len() > ALERTS_MAX {
        return Err(Problem::too_large(format!(
            "At most {ALERTS_MAX} alerts at once: set max_alerts in Alertmanager."
        )));
    }
    let reports = body.alerts.iter().map(Alert::report).collect::<Result<Vec<_>, _>>()?;
    let by = format!("key {}", machine.0.id);
    watch.take_in(reports, &by).await.map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
