//! Each kind of channel, against a receiver on loopback that checks what the real one does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use platform_notify::{DeliveryState, Status};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::receiver::Receiver;
use crate::site::{MINUTE, NOON, Site, message, new};

/// A site with one channel of a kind, to which one alert was sent.
async fn told(kind: &str, fields: &[(&str, &str)]) -> Site {
    let site = Site::open().await;
    site.channel(kind, fields).await;
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON).await.unwrap();
    site
}

async fn states(site: &Site) -> Vec<DeliveryState> {
    site.deliveries().await.iter().map(|delivery| delivery.state).collect()
}

fn hmac(key: &str, text: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_webhook_is_signed_so_that_the_standards_own_library_takes_it() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    let (channel, drawn) = site.notifier.add(new("webhook", "hook", &[("url", &receiver.url)])).await.unwrap();
    let first = drawn.expect("a secret is drawn where none is given");
    let verifies = |secret: &str| {
        let got = receiver.last();
        standardwebhooks::Webhook::new(secret).unwrap().verify(&got.body, &got.headers).is_ok()
    };
    let now = platform_notify::now_ms();
    let at = |place| platform_notify::Message { at_ms: now, ..message(place, "incident/3", Status::Firing, 1) };
    site.write(&at(1)).await;
    site.notifier.round(now).await.unwrap();
    assert!(verifies(&first));
    let got = receiver.last();
    assert_eq!(got.header("webhook-id"), "msg_0000000000000001");
    assert_eq!(got.header("webhook-timestamp"), (now / 1_000).to_string());
    let body = got.json();
    assert_eq!((&body["type"], &body["data"]["severity"]), (&json!("incident.firing"), &json!("P1")));
    assert_eq!(body["data"]["title"]["zh"], "增发超过上限");
    assert_eq!(body["data"]["link"], "https://tea.example/office/incidents/3");

    assert!(!verifies("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "a stranger's secret does not fit");

    // After a rotation the new one fits.
    let (_, second) = site.notifier.rotate(&channel.id).await.unwrap();
    site.write(&platform_notify::Message { subject: "incident/4".into(), ..at(2) }).await;
    site.notifier.round(now).await.unwrap();
    assert_eq!(receiver.got().len(), 2);
    assert!(verifies(&second));
}

#[tokio::test]
async fn both_signatures_are_there_until_the_rotation_is_over() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    let (channel, first) = site.notifier.add(new("webhook", "hook", &[("url", &receiver.url)])).await.unwrap();
    site.notifier.rotate(&channel.id).await.unwrap();
    assert!(site.notifier.test(&channel.id).await.unwrap().is_ok());
    let got = receiver.last();
    let signatures: Vec<&str> = got.header("webhook-signature").split(' ').collect();
    assert_eq!(signatures.len(), 2);
    assert!(signatures.iter().all(|signature| signature.starts_with("v1,")));
    let old = standardwebhooks::Webhook::new(&first.unwrap()).unwrap();
    assert!(old.verify(&got.body, &got.headers).is_ok(), "who has not changed it yet still verifies");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_asked_again() {
    let receiver = Receiver::open("").await;
    receiver.next(410, "");
    let site = told("webhook", &[("url", &receiver.url)]).await;
    assert_eq!(states(&site).await, [DeliveryState::Dead]);
    site.write(&message(2, "incident/4", Status::Firing, 1)).await;
    site.notifier.round(NOON + MINUTE).await.unwrap();
    assert_eq!(receiver.got().len(), 1);
    assert_eq!(site.notifier.channels().await.unwrap()[0].state, platform_notify::ChannelState::Gone);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::open("").await, Receiver::open("").await);
    receiver.next_with(307, "location", &elsewhere.url);
    let site = told("webhook", &[("url", &receiver.url)]).await;
    assert_eq!(states(&site).await, [DeliveryState::Waiting]);
    assert!(elsewhere.got().is_empty());
}

#[tokio::test]
async fn slack_gets_escaped_text_and_says_when_to_come_back() {
    let receiver = Receiver::open("ok").await;
    receiver.next_with(429, "retry-after", "90");
    let site = told("slack", &[("url", &format!("{}/services/T0/B0/secret-part", receiver.url))]).await;
    assert_eq!(states(&site).await, [DeliveryState::Waiting]);
    site.notifier.round(NOON + 60_000).await.unwrap();
    assert_eq!(receiver.got().len(), 1, "it asked for 90 seconds");
    site.notifier.round(NOON + 91_000).await.unwrap();
    assert_eq!(states(&site).await, [DeliveryState::Delivered]);
    let text = receiver.last().json()["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("*[P1] Alert: More money was issued than is allowed*"), "{text}");
    assert!(
        text.contains("&amp; compare &lt;the books&gt;") && text.contains("https://tea.example/office/incidents/3")
    );
}

#[tokio::test]
async fn telegram_is_believed_only_when_it_says_ok() {
    let receiver = Receiver::open(r#"{"ok":true,"result":{}}"#).await;
    receiver.next(429, r#"{"ok":false,"error_code":429,"parameters":{"retry_after":45}}"#);
    receiver.next(403, r#"{"ok":false,"error_code":403,"description":"bot was kicked"}"#);
    let fields = [("chat_id", "-100123"), ("token", "77:planted-token"), ("api", receiver.url.as_str())];
    let site = told("telegram", &fields).await;
    assert_eq!(site.deliveries().await[0].due_ms, NOON + 45_000);
    site.notifier.round(NOON + 45_000).await.unwrap();
    let delivery = site.deliveries().await.remove(0);
    assert!(delivery.reason.contains("bot was kicked") && !delivery.reason.contains("planted-token"));
    site.notifier.round(NOON + 10 * MINUTE).await.unwrap();
    assert_eq!(states(&site).await, [DeliveryState::Delivered]);
    let got = receiver.last();
    assert_eq!(got.uri.path(), "/bot77:planted-token/sendMessage");
    assert_eq!(got.json()["chat_id"], "-100123");
}

#[tokio::test]
async fn feishu_is_signed_with_nothing_under_the_text() {
    let receiver = Receiver::open(r#"{"code":0,"msg":"success"}"#).await;
    receiver.next(200, r#"{"code":19021,"msg":"sign match fail"}"#);
    let site = told("feishu", &[("url", &receiver.url), ("signing_secret", "demo-sign")]).await;
    assert_eq!(states(&site).await, [DeliveryState::Waiting], "200 is not success here");
    site.notifier.round(NOON + MINUTE).await.unwrap();
    assert_eq!(states(&site).await, [DeliveryState::Delivered]);
    let body = receiver.last().json();
    let at = body["timestamp"].as_str().unwrap();
    assert_eq!(body["sign"], hmac(&format!("{at}\ndemo-sign"), ""));
    assert_eq!(body["msg_type"], "text");
}

#[tokio::test]
async fn dingtalk_is_signed_in_the_address() {
    let receiver = Receiver::open(r#"{"errcode":0,"errmsg":"ok"}"#).await;
    let url = format!("{}/robot/send?access_token=tok", receiver.url);
    let site = told("dingtalk", &[("url", &url), ("signing_secret", "SECabc")]).await;
    assert_eq!(states(&site).await, [DeliveryState::Delivered]);
    let got = receiver.last();
    let url = reqwest::Url::parse(&format!("http://x{}", got.uri)).unwrap();
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!((query["access_token"].as_str(), query["timestamp"].as_str()), ("tok", NOON.to_string().as_str()));
    assert_eq!(query["sign"], hmac("SECabc", &format!("{NOON}\nSECabc")));
    assert_eq!(got.json()["msgtype"], "text");
}

#[tokio::test]
async fn wecom_gets_no_more_bytes_than_it_takes() {
    let receiver = Receiver::open(r#"{"errcode":0,"errmsg":"ok"}"#).await;
    receiver.next(200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#);
    let site = Site::open().await;
    site.channel("wecom", &[("url", &format!("{}/cgi-bin/webhook/send?key=k", receiver.url))]).await;
    let mut long = message(1, "incident/3", Status::Firing, 1);
    long.text.en = "长".repeat(3_000);
    site.write(&long).await;
    site.notifier.round(NOON).await.unwrap();
    assert_eq!(states(&site).await, [DeliveryState::Waiting]);
    site.notifier.round(NOON + 2 * MINUTE).await.unwrap();
    assert_eq!(states(&site).await, [DeliveryState::Delivered]);
    let text = receiver.last().json()["text"]["content"].as_str().unwrap().to_owned();
    assert!(text.len() <= 2_048 && text.ends_with('…'));
}

#[tokio::test]
async fn pagerduty_opens_acknowledges_and_resolves_one_incident() {
    let receiver = Receiver::open(r#"{"status":"success"}"#).await;
    let site = told("pagerduty", &[("routing_key", "R0"), ("endpoint", &receiver.url)]).await;
    site.write(&message(2, "incident/3", Status::Acknowledged, 1)).await;
    site.write(&message(3, "incident/3", Status::Resolved, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    site.notifier.round(NOON + 2).await.unwrap();
    let events: Vec<Value> = receiver.got().iter().map(|got| got.json()).collect();
    let actions: Vec<_> = events.iter().map(|event| event["event_action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["trigger", "acknowledge", "resolve"]);
    assert!(events.iter().all(|event| event["dedup_key"] == "Tea House/incident/3" && event["routing_key"] == "R0"));
    assert_eq!(events[0]["payload"]["severity"], "critical");

    // What it calls invalid is not sent again.
    receiver.next(400, r#"{"status":"invalid event"}"#);
    site.write(&message(4, "incident/5", Status::Firing, 1)).await;
    site.notifier.round(NOON + 3).await.unwrap();
    assert_eq!(states(&site).await.last(), Some(&DeliveryState::Dead));
}

#[tokio::test]
async fn alertmanagers_receivers_get_version_four() {
    let receiver = Receiver::open("").await;
    let site = told("alertmanager", &[("url", &receiver.url), ("bearer", "tok")]).await;
    site.write(&message(2, "incident/3", Status::Resolved, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    let got = receiver.got();
    assert_eq!(got[0].header("authorization"), "Bearer tok");
    let (firing, resolved) = (got[0].json(), got[1].json());
    assert_eq!((&firing["version"], &firing["status"]), (&json!("4"), &json!("firing")));
    assert_eq!(firing["alerts"][0]["labels"]["alertname"], "supply-breach");
    assert_eq!(firing["alerts"][0]["endsAt"], "0001-01-01T00:00:00Z");
    assert_eq!(resolved["alerts"][0]["status"], "resolved");
    assert_eq!(firing["alerts"][0]["fingerprint"], resolved["alerts"][0]["fingerprint"]);
    assert_eq!(firing["groupKey"], resolved["groupKey"]);
}

#[tokio::test]
async fn what_leads_inside_is_refused_when_it_is_set_and_when_it_is_used() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    let (channel, _) = site.notifier.add(new("webhook", "inside", &[("url", &receiver.url)])).await.unwrap();
    // A house that may not reach inside, over the same channels.
    let strict = crate::site::notifier(site.directory.path(), false).await;
    let refused = strict.add(new("webhook", "other", &[("url", "https://127.0.0.1/x")])).await;
    assert!(refused.unwrap_err().to_string().contains("private address"));
    let fault = strict.test(&channel.id).await.unwrap().unwrap_err();
    assert!(fault.contains("private address"), "{fault}");
    // A name that leads inside is found out when it is looked up.
    let port = receiver.url.rsplit(':').next().unwrap();
    let named = new("webhook", "inside", &[("url", &format!("http://localhost:{port}/"))]);
    site.notifier.change(&channel.id, named).await.unwrap();
    let fault = strict.test(&channel.id).await.unwrap().unwrap_err();
    assert!(fault.contains("private address"), "{fault}");
    assert!(receiver.got().is_empty());
}
