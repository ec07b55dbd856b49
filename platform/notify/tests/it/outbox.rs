//! Nothing is lost, nothing is sent twice on purpose, and no secret comes out.

use std::collections::BTreeMap;

use platform_notify::{DeliveryState, Status};

use crate::receiver::Receiver;
use crate::site::{MINUTE, NOON, Site, message, new};

const DAY: u64 = 86_400_000;

#[tokio::test]
async fn a_message_is_tried_over_days_then_left_to_staff_who_send_it_again_with_its_id() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    let channel = site.channel("webhook", &[("url", &receiver.url)]).await;
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    let (mut now, mut pauses) = (NOON + 1, Vec::new());
    for _ in 0..11 {
        receiver.next(500, "down");
        site.notifier.round(now).await.unwrap();
        let delivery = site.deliveries().await.remove(0);
        if delivery.state == DeliveryState::Dead {
            break;
        }
        pauses.push(delivery.due_ms - now);
        now = delivery.due_ms;
    }
    let dead = site.deliveries().await.remove(0);
    assert_eq!((dead.state, receiver.got().len()), (DeliveryState::Dead, 11));
    assert!(dead.reason.contains("500"));
    let all: u64 = pauses.iter().sum();
    assert!((2 * DAY..5 * DAY).contains(&all), "{pauses:?}");
    let base = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(|seconds| seconds * 1_000);
    for (pause, base) in pauses.iter().zip(base) {
        assert!((base * 4 / 5..=base * 6 / 5).contains(pause), "{pause} of {base}");
    }
    // Nothing happens by itself any more.
    site.notifier.round(now + DAY).await.unwrap();
    assert_eq!(receiver.got().len(), 11);
    assert!(site.notifier.send_again(&dead.message, &channel.id).await.unwrap());
    site.notifier.round(now + DAY).await.unwrap();
    assert_eq!(site.deliveries().await[0].state, DeliveryState::Delivered);
    let ids: std::collections::HashSet<_> =
        receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1, "whoever has it can drop a repeat");
    assert!(!site.notifier.send_again(&dead.message, &channel.id).await.unwrap(), "what arrived is not sent again");
}

#[tokio::test]
async fn a_kill_before_or_after_routing_loses_nothing_and_repeats_nothing_that_was_kept() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    site.channel("webhook", &[("url", &receiver.url)]).await;
    // Written, and nobody looked yet.
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    let site = site.reopened().await;
    // Routed, and nobody carried it yet.
    platform_notify::routing::route(site.notifier.store(), NOON + 1).await.unwrap();
    let site = site.reopened().await;
    site.notifier.round(NOON + 2).await.unwrap();
    let site = site.reopened().await;
    for later in 3..6 {
        site.notifier.round(NOON + later).await.unwrap();
    }
    assert_eq!(receiver.got().len(), 1);
    // Written again as after a transaction that was repeated: it is the same message.
    site.notifier.round(NOON + DAY).await.unwrap();
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn of_one_subject_nothing_overtakes_and_others_do_not_wait() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    site.channel("webhook", &[("url", &receiver.url)]).await;
    receiver.next(500, "");
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    site.notifier.round(NOON + 1).await.unwrap();
    site.write(&message(2, "incident/3", Status::Resolved, 1)).await;
    site.write(&message(3, "incident/9", Status::Firing, 1)).await;
    site.notifier.round(NOON + 3_000).await.unwrap();
    let subjects = |from: usize| -> Vec<String> {
        receiver.got()[from..].iter().map(|got| got.json()["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(1), ["incident.firing"], "the other subject's, while the first one waits");
    site.notifier.round(NOON + MINUTE).await.unwrap();
    site.notifier.round(NOON + MINUTE + 1).await.unwrap();
    assert_eq!(subjects(2), ["incident.firing", "incident.resolved"]);
}

#[tokio::test]
async fn a_channel_takes_no_more_than_its_pace() {
    let receiver = Receiver::open(r#"{"errcode":0}"#).await;
    let site = Site::open().await;
    site.channel("dingtalk", &[("url", &receiver.url)]).await;
    for place in 0..30 {
        site.write(&message(place, &format!("incident/{place}"), Status::Firing, 1)).await;
    }
    site.notifier.round(NOON + 100).await.unwrap();
    assert!((5..=6).contains(&receiver.got().len()), "{}", receiver.got().len());
    let waiting = site.deliveries().await.iter().filter(|one| one.state == DeliveryState::Waiting).count();
    assert!(waiting >= 24, "the others wait and are not lost");
}

#[tokio::test]
async fn a_channel_switched_off_keeps_what_waits() {
    let receiver = Receiver::open("").await;
    let site = Site::open().await;
    let channel = site.channel("webhook", &[("url", &receiver.url)]).await;
    site.write(&message(1, "incident/3", Status::Firing, 1)).await;
    platform_notify::routing::route(site.notifier.store(), NOON + 1).await.unwrap();
    site.notifier.switch(&channel.id, false).await.unwrap();
    site.notifier.round(NOON + 2).await.unwrap();
    assert!(receiver.got().is_empty());
    site.notifier.switch(&channel.id, true).await.unwrap();
    site.notifier.round(NOON + 3).await.unwrap();
    assert_eq!(receiver.got().len(), 1);
    site.notifier.remove(&channel.id).await.unwrap();
    assert!(site.notifier.channels().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_channel_is_said_and_no_secret_is_kept_or_shown() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let site = Site::open().await;
    let cases: [Case; 8] = [
        ("carrier-pigeon", &[], "none of the kinds"),
        ("webhook", &[], "url is missing"),
        ("webhook", &[("url", "https://a.example"), ("secret", "planted-hunter2")], "whsec_"),
        ("webhook", &[("url", "https://a.example"), ("colour", "red")], "no field \"colour\""),
        ("slack", &[("url", "nonsense")], "https://"),
        ("telegram", &[("token", "planted-1")], "chat_id is missing"),
        ("mail", &[("host", "a.example"), ("from", "x"), ("to", "y@b.example")], "from must be a mail address"),
        (
            "mail",
            &[("host", "a.example"), ("from", "x@b.example"), ("to", "y@b.example"), ("user", "u")],
            "go together",
        ),
    ];
    for (kind, fields, said) in cases {
        let error = site.notifier.add(new(kind, "x", fields)).await.unwrap_err().to_string();
        assert!(error.contains(said), "{kind}: {error}");
        assert!(!error.contains("planted"), "{error}");
    }
    let secrets = [("url", "https://hooks.example/planted-path"), ("signing_secret", "planted-sign")];
    let channel = site.channel("feishu", &secrets).await;
    assert!(channel.settings.is_empty() && !format!("{channel:?}").contains("planted"));
    let fingerprints = channel.fingerprints(site.notifier.seal());
    assert_eq!(fingerprints.len(), 2);
    assert!(fingerprints.values().all(|mark| mark.len() == 8));
    // A change that leaves a secret out keeps it; one that gives it replaces it.
    site.notifier.change(&channel.id, new("feishu", "renamed", &[])).await.unwrap();
    let kept = site.notifier.channel(&channel.id).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.fingerprints(site.notifier.seal())), ("renamed", fingerprints.clone()));
    site.notifier.change(&channel.id, new("feishu", "renamed", &[("signing_secret", "planted-other")])).await.unwrap();
    let changed = site.notifier.channel(&channel.id).await.unwrap().fingerprints(site.notifier.seal());
    assert_eq!(changed["url"], fingerprints["url"]);
    assert_ne!(changed["signing_secret"], fingerprints["signing_secret"]);
    for file in std::fs::read_dir(site.directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"planted"), "a secret is readable on disk");
    }
    let same_name = site.notifier.add(new("slack", "renamed", &[("url", "https://a.example")])).await;
    assert!(same_name.unwrap_err().to_string().contains("already"));
    let _: BTreeMap<String, String> = changed;
}
