//! Who is told of what, and when.

use platform_notify::{Channel, DeliveryState, Message, Status};

use crate::receiver::Receiver;
use crate::site::{MINUTE, NOON, Site, message, new};

async fn channel(
    site: &Site,
    receiver: &Receiver,
    name: &str,
    severity: u8,
    wait_minutes: u32,
    owners: &[&str],
) -> Channel {
    let mut channel = new("webhook", name, &[("url", &format!("{}/{name}", receiver.url))]);
    channel.severity = severity;
    channel.wait_minutes = wait_minutes;
    channel.owners = owners.iter().map(|owner| (*owner).to_owned()).collect();
    site.notifier.add(channel).await.unwrap().0
}

/// What came, as `channel subject status`.
fn came(receiver: &Receiver) -> Vec<String> {
    let mut all: Vec<_> = receiver
        .got()
        .iter()
        .map(|got| {
            let body = got.json();
            let status = body["type"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            format!("{} {} {status}", got.uri.path().trim_start_matches('/'), body["data"]["subject"].as_str().unwrap())
        })
        .collect();
    all.sort();
    all
}

async fn after(site: &Site, at: u64, messages: &[Message]) {
    for message in messages {
        site.write(message).await;
    }
    site.notifier.round(at).await.unwrap();
}

#[tokio::test]
async fn severity_and_owner_decide() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "all", 5, 0, &[]).await;
    channel(&site, &receiver, "grave", 2, 0, &[]).await;
    channel(&site, &receiver, "security", 5, 0, &["security"]).await;
    let mut other = message(2, "incident/2", Status::Firing, 4);
    other.group = "Market".into();
    other.owner = "security".into();
    after(&site, NOON + 9, &[message(1, "incident/1", Status::Firing, 2), other]).await;
    let expected =
        ["all incident/1 firing", "all incident/2 firing", "grave incident/1 firing", "security incident/2 firing"];
    assert_eq!(came(&receiver), expected);
}

#[tokio::test]
async fn more_of_the_same_is_put_together_and_the_end_is_told_once() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "a", 2, 0, &[]).await;
    after(&site, NOON + 1, &[message(1, "incident/1", Status::Firing, 2)]).await;
    let more: Vec<_> = (2..6).map(|place| message(place, "incident/1", Status::Firing, 2)).collect();
    after(&site, NOON + MINUTE, &more).await;
    site.notifier.round(NOON + 2 * MINUTE).await.unwrap();
    assert_eq!(receiver.got().len(), 1, "not within five minutes");
    site.notifier.round(NOON + 6 * MINUTE).await.unwrap();
    assert_eq!(receiver.got().len(), 2);
    assert_eq!(receiver.last().json()["data"]["count"], 4);
    after(&site, NOON + 7 * MINUTE, &[message(7, "incident/1", Status::Resolved, 2)]).await;
    after(&site, NOON + 8 * MINUTE, &[message(8, "incident/1", Status::Resolved, 2)]).await;
    assert_eq!(receiver.got().len(), 3);
    // What begins anew is told at once.
    after(&site, NOON + 8 * MINUTE + 1, &[message(9, "incident/1", Status::Firing, 2)]).await;
    assert_eq!(receiver.got().len(), 4);
}

#[tokio::test]
async fn whoever_comes_in_when_nobody_cares_is_told_only_then() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "first", 2, 0, &[]).await;
    channel(&site, &receiver, "boss", 2, 10, &[]).await;
    after(&site, NOON + 9, &[message(1, "incident/1", Status::Firing, 1), message(2, "incident/2", Status::Firing, 1)])
        .await;
    assert_eq!(came(&receiver), ["first incident/1 firing", "first incident/2 firing"]);
    // Somebody looks after the first.
    after(&site, NOON + 5 * MINUTE, &[message(3, "incident/1", Status::Acknowledged, 1)]).await;
    site.notifier.round(NOON + 9 * MINUTE).await.unwrap();
    assert!(!came(&receiver).iter().any(|one| one.starts_with("boss")));
    let site = site.reopened().await;
    site.notifier.round(NOON + 11 * MINUTE).await.unwrap();
    let boss: Vec<_> = came(&receiver).into_iter().filter(|one| one.starts_with("boss")).collect();
    assert_eq!(boss, ["boss incident/2 firing"], "a restart does not forget the timer");
    // Who was told that it began is told that it ended; who was not, is not.
    let ends = [message(4, "incident/1", Status::Resolved, 1), message(5, "incident/2", Status::Resolved, 1)];
    after(&site, NOON + 12 * MINUTE, &ends).await;
    let boss: Vec<_> = came(&receiver).into_iter().filter(|one| one.starts_with("boss")).collect();
    assert_eq!(boss, ["boss incident/2 firing", "boss incident/2 resolved"]);
}

#[tokio::test]
async fn a_silence_holds_back_and_what_is_still_true_comes_after_it() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "a", 5, 0, &[]).await;
    let now = platform_notify::now_ms();
    let until = now + 60 * MINUTE;
    let silence =
        site.notifier.silence(Some("supply-breach".into()), "planned issue", until, "0xabc".into()).await.unwrap();
    let at = |place, subject, status| Message { at_ms: now + 1, ..message(place, subject, status, 2) };
    let mut always = at(3, "incident/3", Status::Firing);
    always.always = true;
    let mut other = at(4, "incident/4", Status::Firing);
    other.rule = "code-change".into();
    let (first, second) = (at(1, "incident/1", Status::Firing), at(2, "incident/2", Status::Firing));
    after(&site, now + MINUTE, &[first, second, always, other]).await;
    assert_eq!(came(&receiver), ["a incident/3 firing", "a incident/4 firing"]);
    let held: Vec<_> = site.deliveries().await.into_iter().filter(|one| one.state == DeliveryState::Held).collect();
    assert!(held.len() == 2 && held.iter().all(|one| one.reason == format!("silence {}", silence.id)), "staff see it");
    // One ends meanwhile: nobody was told, so nobody is told.
    after(&site, now + 2 * MINUTE, &[at(5, "incident/1", Status::Resolved)]).await;
    site.notifier.round(until + 1).await.unwrap();
    assert_eq!(came(&receiver), ["a incident/2 firing", "a incident/3 firing", "a incident/4 firing"]);
    let over: Vec<_> = site.deliveries().await.into_iter().filter(|one| one.state == DeliveryState::Dropped).collect();
    assert_eq!((over.len(), over[0].reason.as_str()), (1, "over"));
}

#[tokio::test]
async fn a_silence_needs_a_reason_and_an_end_and_can_be_taken_back() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "a", 5, 0, &[]).await;
    let now = platform_notify::now_ms();
    for (reason, until) in [("", now + MINUTE), ("why", now), ("why", now + 40 * 1_440 * MINUTE)] {
        assert!(site.notifier.silence(None, reason, until, "0xabc".into()).await.is_err(), "{reason} {until}");
    }
    let silence = site.notifier.silence(None, "why", now + 60 * MINUTE, "0xabc".into()).await.unwrap();
    after(&site, now + 1, &[Message { at_ms: now, ..message(1, "incident/1", Status::Firing, 1) }]).await;
    assert!(receiver.got().is_empty());
    site.notifier.end_silence(&silence.id).await.unwrap().unwrap();
    site.notifier.round(platform_notify::now_ms() + 1).await.unwrap();
    assert_eq!(came(&receiver), ["a incident/1 firing"]);
    assert!(site.notifier.end_silence("si_none").await.unwrap().is_none());
}

#[tokio::test]
async fn something_graver_in_the_group_holds_lesser_things_back() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "a", 5, 0, &[]).await;
    let mut elsewhere = message(3, "alert/elsewhere", Status::Firing, 3);
    elsewhere.group = "Market".into();
    let lesser = message(2, "alert/lesser", Status::Firing, 3);
    after(&site, NOON + 9, &[message(1, "incident/1", Status::Firing, 1), lesser, elsewhere]).await;
    assert_eq!(came(&receiver), ["a alert/elsewhere firing", "a incident/1 firing"]);
    site.notifier.round(NOON + MINUTE).await.unwrap();
    assert_eq!(receiver.got().len(), 2, "as long as it lasts");
    after(&site, NOON + 2 * MINUTE, &[message(4, "incident/1", Status::Resolved, 1)]).await;
    site.notifier.round(NOON + 3 * MINUTE).await.unwrap();
    assert_eq!(came(&receiver).len(), 4);
    assert!(came(&receiver).contains(&"a alert/lesser firing".to_owned()), "it is still true");
}

#[tokio::test]
async fn an_answer_keeps_latecomers_out_also_of_what_something_graver_held_back() {
    let (site, receiver) = (Site::open().await, Receiver::open("").await);
    channel(&site, &receiver, "boss", 5, 10, &[]).await;
    let begins = [message(1, "incident/1", Status::Firing, 1), message(2, "alert/lesser", Status::Firing, 3)];
    after(&site, NOON + 9, &begins).await;
    site.notifier.round(NOON + 11 * MINUTE).await.unwrap();
    assert_eq!(came(&receiver), ["boss incident/1 firing"]);
    after(&site, NOON + 12 * MINUTE, &[message(3, "alert/lesser", Status::Acknowledged, 3)]).await;
    after(&site, NOON + 13 * MINUTE, &[message(4, "incident/1", Status::Resolved, 1)]).await;
    site.notifier.round(NOON + 14 * MINUTE).await.unwrap();
    assert_eq!(came(&receiver), ["boss incident/1 firing", "boss incident/1 resolved"]);
}
