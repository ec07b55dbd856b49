//! Signed webhooks after [Standard Webhooks](https://www.standardwebhooks.com).

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;

use super::{Carrier, Parcel, Trouble, by_status};
use crate::{Check, Field, Language, Reach};

/// A webhook.
pub(crate) struct Webhook;

const FIELDS: &[Field] = &[Field::new("url", Check::Url), Field::new("secret", Check::Whsec).sealed().optional()];

#[async_trait]
impl Carrier for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn pace(&self) -> (f64, f64) {
        (20.0, 5.0)
    }

    fn signs(&self) -> bool {
        true
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let body = body(parcel).to_string();
        let at = i64::try_from(parcel.now_ms / 1_000).unwrap_or(i64::MAX);
        let mut signatures = Vec::new();
        for secret in std::iter::once(parcel.field("secret")).chain(parcel.previous.as_deref()) {
            let signer =
                standardwebhooks::Webhook::new(secret).map_err(|_| Trouble::never("its secret can't be used"))?;
            let signed = signer.sign(&parcel.message.id, at, body.as_bytes());
            signatures.push(signed.map_err(|_| Trouble::never("it can't be signed"))?);
        }
        let headers = [
            ("webhook-id", parcel.message.id.clone()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        by_status(&reach.post(parcel.field("url"), &headers, body).await?)
    }
}

/// What is sent: `type`, `timestamp` and `data`, in both languages.
fn body(parcel: &Parcel) -> serde_json::Value {
    let message = &parcel.message;
    let both = |words: &crate::Words| -> BTreeMap<&str, String> {
        [Language::En, Language::Zh].iter().map(|language| (language.tag(), words.r#in(*language).to_owned())).collect()
    };
    json!({
        "type": format!("{}.{}", message.subject.split('/').next().unwrap_or_default(), message.status.name()),
        "timestamp": parcel.at(),
        "data": {
            "subject": message.subject,
            "severity": format!("P{}", message.severity),
            "rule": message.rule,
            "title": both(&message.title),
            "text": both(&message.text),
            "labels": message.labels,
            "count": parcel.merged,
            "house": parcel.house,
            "link": parcel.link(),
        },
    })
}
