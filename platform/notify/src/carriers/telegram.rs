//! A chat on Telegram, by a bot (<https://core.telegram.org/bots/api#sendmessage>).

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Carrier, Parcel, Trouble, by_status, clipped, said};
use crate::{Check, Field, Reach};

/// Telegram.
pub(crate) struct Telegram;

const FIELDS: &[Field] = &[
    Field::new("chat_id", Check::Text),
    Field::new("token", Check::Text).sealed(),
    // A Bot API server of one's own speaks the same.
    Field::new("api", Check::Url).or("https://api.telegram.org"),
];

#[async_trait]
impl Carrier for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// One message a second and twenty a minute to one group.
    fn pace(&self) -> (f64, f64) {
        (5.0, 0.33)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let api = parcel.field("api").trim_end_matches('/');
        let url = format!("{api}/bot{}/sendMessage", parcel.field("token"));
        let text = clipped(&format!("{}\n{}", parcel.headline(), parcel.body()), 4_096);
        let body = json!({
            "chat_id": parcel.field("chat_id"), "text": text, "link_preview_options": { "is_disabled": true },
        });
        let answer = reach.post(&url, &[], body.to_string()).await?;
        let reply: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match answer.status {
            200 if reply["ok"] == true => Ok(()),
            200 => Err(Trouble::later(format!("it did not say that it has it{}", said(&answer.body)))),
            429 => {
                let seconds = reply["parameters"]["retry_after"].as_u64();
                let after = seconds.map(Duration::from_secs).or(answer.retry_after);
                Err(Trouble::Later { what: "it wants to be asked less often (429)".into(), after })
            }
            // A group that was left or a token that was revoked: 410 would end a channel, these may be mended.
            status if status != 410 => {
                let reason = reply["description"].as_str().unwrap_or_default();
                Err(Trouble::later(format!("it answered {status}{}", said(reason))))
            }
            _ => by_status(&answer),
        }
    }
}
