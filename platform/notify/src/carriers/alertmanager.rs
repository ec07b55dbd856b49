//! What Alertmanager sends to its webhook receivers, version 4
//! (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>), for whatever understands that.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;

use super::{Carrier, Parcel, Trouble, by_status, mac};
use crate::{Check, Field, Reach, Status};

/// A receiver of Alertmanager's webhooks.
pub(crate) struct Alertmanager;

const FIELDS: &[Field] = &[Field::new("url", Check::Url), Field::new("bearer", Check::Text).sealed().optional()];

#[async_trait]
impl Carrier for Alertmanager {
    fn kind(&self) -> &'static str {
        "alertmanager"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn pace(&self) -> (f64, f64) {
        (20.0, 5.0)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let message = &parcel.message;
        let resolved = message.status == Status::Resolved;
        let status = if resolved { "resolved" } else { "firing" };
        let mut labels: BTreeMap<&str, String> =
            message.labels.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        labels.insert("alertname", if message.rule.is_empty() { "Guildhall".into() } else { message.rule.clone() });
        labels.insert("severity", format!("P{}", message.severity));
        labels.insert("subject", message.subject.clone());
        let annotations = json!({
            "summary": message.title.r#in(parcel.language), "description": message.text.r#in(parcel.language),
        });
        // What has not ended, ends at the zero of Go's clock.
        let ends = if resolved { parcel.at() } else { "0001-01-01T00:00:00Z".to_owned() };
        let fingerprint: String =
            mac(b"fingerprint", message.subject.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let body = json!({
            "version": "4",
            "groupKey": format!("{{}}:{{subject={:?}}}", message.subject),
            "truncatedAlerts": 0,
            "status": status,
            "receiver": parcel.house,
            "groupLabels": { "subject": message.subject },
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": parcel.site,
            "alerts": [{
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": parcel.at(),
                "endsAt": ends,
                "generatorURL": parcel.link(),
                "fingerprint": fingerprint,
            }],
        });
        let bearer = parcel.field("bearer");
        let headers: Vec<(&str, String)> = if bearer.is_empty() {
            vec![("webhook-id", message.id.clone())]
        } else {
            vec![("webhook-id", message.id.clone()), ("authorization", format!("Bearer {bearer}"))]
        };
        by_status(&reach.post(parcel.field("url"), &headers, body.to_string()).await?)
    }
}
