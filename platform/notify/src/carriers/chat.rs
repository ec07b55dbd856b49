//! Rooms that take messages at an address that is itself the secret: Slack, Feishu (Lark), DingTalk, WeCom.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Carrier, Parcel, Trouble, by_status, clipped, mac, said};
use crate::reach::Answer;
use crate::{Check, Field, Reach};

const ADDRESS: Field = Field::new("url", Check::Url).sealed();
const SIGNING: Field = Field::new("signing_secret", Check::Text).sealed().optional();

/// Slack, and what takes the same: Mattermost, Rocket.Chat
/// (<https://api.slack.com/messaging/webhooks>).
pub(crate) struct Slack;

#[async_trait]
impl Carrier for Slack {
    fn kind(&self) -> &'static str {
        "slack"
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[ADDRESS];
        FIELDS
    }

    fn pace(&self) -> (f64, f64) {
        (5.0, 1.0)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text = clipped(&format!("*{}*\n{}", escape(&parcel.headline()), escape(&parcel.body())), 30_000);
        let answer = reach.post(parcel.field("url"), &[], json!({ "text": text }).to_string()).await?;
        match answer.status {
            400 | 413 => Err(Trouble::never(format!("it refused the message{}", said(&answer.body)))),
            _ => by_status(&answer),
        }
    }
}

/// Feishu and Lark (<https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>).
pub(crate) struct Feishu;

#[async_trait]
impl Carrier for Feishu {
    fn kind(&self) -> &'static str {
        "feishu"
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[ADDRESS, SIGNING];
        FIELDS
    }

    /// 100 a minute and five a second.
    fn pace(&self) -> (f64, f64) {
        (5.0, 1.5)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let text = clipped(&format!("{}\n{}", parcel.headline(), parcel.body()), 18_000);
        let mut body = json!({ "msg_type": "text", "content": { "text": text } });
        let secret = parcel.field("signing_secret");
        if !secret.is_empty() {
            let at = (parcel.now_ms / 1_000).to_string();
            // The key is the text, and nothing is signed with it: so the platform has it.
            let sign = STANDARD.encode(mac(format!("{at}\n{secret}").as_bytes(), b""));
            body["timestamp"] = at.into();
            body["sign"] = sign.into();
        }
        let answer = reach.post(parcel.field("url"), &[], body.to_string()).await?;
        by_code(&answer, &["code", "StatusCode"], "msg", &[9_499, 11_232])
    }
}

/// `DingTalk` (<https://open.dingtalk.com/document/robots/custom-robot-access>).
pub(crate) struct DingTalk;

#[async_trait]
impl Carrier for DingTalk {
    fn kind(&self) -> &'static str {
        "dingtalk"
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[ADDRESS, SIGNING];
        FIELDS
    }

    /// 20 a minute; who sends more is shut out for ten.
    fn pace(&self) -> (f64, f64) {
        (5.0, 0.25)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let text = clipped(&format!("{}\n{}", parcel.headline(), parcel.body()), 18_000);
        let body = json!({ "msgtype": "text", "text": { "content": text } });
        let mut url =
            reqwest::Url::parse(parcel.field("url")).map_err(|_| Trouble::never("its address can't be read"))?;
        let secret = parcel.field("signing_secret");
        if !secret.is_empty() {
            let at = parcel.now_ms.to_string();
            let sign = STANDARD.encode(mac(secret.as_bytes(), format!("{at}\n{secret}").as_bytes()));
            url.query_pairs_mut().append_pair("timestamp", &at).append_pair("sign", &sign);
        }
        let answer = reach.post(url.as_str(), &[], body.to_string()).await?;
        by_code(&answer, &["errcode"], "errmsg", &[130_101, 410_100, -1])
    }
}

/// `WeCom` (<https://developer.work.weixin.qq.com/document/path/91770>).
pub(crate) struct WeCom;

#[async_trait]
impl Carrier for WeCom {
    fn kind(&self) -> &'static str {
        "wecom"
    }

    fn fields(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[ADDRESS];
        FIELDS
    }

    /// 20 a minute.
    fn pace(&self) -> (f64, f64) {
        (5.0, 0.25)
    }

    async fn carry(&self, parcel: &Parcel, reach: &Reach) -> Result<(), Trouble> {
        let text = clipped(&format!("{}\n{}", parcel.headline(), parcel.body()), 2_048);
        let body = json!({ "msgtype": "text", "text": { "content": text } });
        let answer = reach.post(parcel.field("url"), &[], body.to_string()).await?;
        by_code(&answer, &["errcode"], "errmsg", &[45_009, -1])
    }
}

/// These platforms answer 200 whatever happened, and say it in the body: zero for success. `busy` are the codes that
/// ask for patience.
fn by_code(answer: &Answer, names: &[&str], text: &str, busy: &[i64]) -> Result<(), Trouble> {
    by_status(answer)?;
    let reply: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = names.iter().find_map(|name| reply[*name].as_i64());
    let reason = reply[text].as_str().unwrap_or_default();
    match code {
        Some(0) => Ok(()),
        Some(code) if busy.contains(&code) => Err(Trouble::Later {
            what: format!("it wants to be asked less often ({code})"),
            after: Some(std::time::Duration::from_secs(60)),
        }),
        // A wrong signature or key word is mended in the settings, and the message can go then.
        Some(code) => Err(Trouble::later(format!("it answered with error {code}{}", said(reason)))),
        None => Err(Trouble::later("it answered something else than expected")),
    }
}
