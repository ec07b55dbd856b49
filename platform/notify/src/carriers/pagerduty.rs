//! PagerDuty, Events API v2 (<https://developer.pagerduty.com/docs/events-api-v2-overview>).

use async_trait::async_trait;
use serde_json::json;

use super::{Carrier, Parcel, Trouble, by_status, clipped, said};
use crate::{Check, Field, Reach, Status};

/// `PagerDuty`.
pub(crate) struct PagerDuty;

const FIELDS: &[Field] = &[
    Field::new("routing_key", Check::Text).sealed(),
    Field::new("endpoint", Check::Url).or("https://events.pagerduty.com/v2/enqueue"),
];

#[async_trait]
impl Carrier for PagerDuty {
    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn pace(&self) -> (f64, f64) {
        (20.0, 2.0)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let message = &parcel.message;
        let action = match message.status {
            Status::Acknowledged => "acknowledge",
            Status::Resolved => "resolve",
            Status::Firing | Status::Update | Status::Test | Status::Notice => "trigger",
        };
        let severity = match message.severity {
            1 => "critical",
            2 => "error",
            3 => "warning",
            _ => "info",
        };
        let mut details = serde_json::Map::new();
        details.insert("text".into(), message.text.r#in(parcel.language).into());
        details.insert("message".into(), message.id.as_str().into());
        details.extend(message.labels.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
        let body = json!({
            "routing_key": parcel.field("routing_key"),
            "event_action": action,
            "dedup_key": format!("{}/{}", parcel.house, message.subject),
            "client": parcel.house,
            "client_url": parcel.link(),
            "links": [{ "href": parcel.link(), "text": parcel.headline() }],
            "payload": {
                "summary": clipped(&parcel.headline(), 1_024),
                "source": parcel.house,
                "severity": severity,
                "timestamp": parcel.at(),
                "component": message.group,
                "group": message.owner,
                "class": message.rule,
                "custom_details": details,
            },
        });
        let answer = reach.post(parcel.field("endpoint"), &[], body.to_string()).await?;
        match answer.status {
            // It names what is wrong with the event: the same event is wrong again.
            400 => Err(Trouble::never(format!("it refused the event (400){}", said(&answer.body)))),
            _ => by_status(&answer),
        }
    }
}
