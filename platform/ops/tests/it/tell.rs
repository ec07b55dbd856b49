//! What the watch finds leaves the house: nothing of it is lost, kept back unseen, or left with nobody.

use platform_api::Limit;
use platform_notify::{Delivery, DeliveryState, Message, now_ms, routing};
use platform_ops::{AlertState, IncidentState};

use crate::house::House;

const MINUTE: u64 = 60_000;

impl House {
    /// Messages on their way, oldest first.
    async fn deliveries(&self) -> Vec<(Delivery, Message)> {
        let page = self.notifier.deliveries(None, None, None, Limit::of(Some(200))).await.unwrap();
        page.items.into_iter().rev().collect()
    }

    async fn states(&self) -> Vec<(DeliveryState, String)> {
        self.deliveries().await.into_iter().map(|(delivery, _)| (delivery.state, delivery.reason)).collect()
    }
}

#[tokio::test]
async fn what_begins_and_ends_at_once_is_told_each_for_itself() {
    let house = House::open().await;
    house.channel("night", 0).await;
    house.pass(&[("roof", 1), ("cellar", 1)]).await;
    house.pass(&[("roof", 0), ("cellar", 0)]).await;
    let mut told: Vec<_> =
        house.deliveries().await.into_iter().map(|(one, message)| (message.rule, one.status)).collect();
    told.sort();
    let expected = [("cellar", "firing"), ("cellar", "resolved"), ("roof", "firing"), ("roof", "resolved")];
    assert_eq!(told, expected.map(|(fact, status)| (format!("{fact}-leaks"), status.to_owned())));
}

#[tokio::test]
async fn a_silence_mutes_messages_and_never_the_record() {
    let house = House::open().await;
    house.channel("night", 0).await;
    let until = now_ms() + 60 * MINUTE;
    let silence = house.notifier.silence(Some("vault-leaks".into()), "we dig", until, "0xabc".into()).await.unwrap();
    house.pass(&[("vault", 1)]).await;
    assert_eq!(house.states().await, [(DeliveryState::Held, format!("silence {}", silence.id))]);
    let alerts = house.watch.alerts(true, 10).await.unwrap();
    assert_eq!((alerts.len(), alerts[0].alert.state), (1, AlertState::Firing));
    let incident = alerts[0].incident.expect("a P2 is an incident");
    assert_eq!(house.watch.incident(incident).await.unwrap().unwrap().state, IncidentState::Declared);
    let log = house.watch.log(Some(incident)).await.unwrap();
    assert!(log.iter().any(|entry| entry.kind == "alert" && entry.body["state"] == "firing"), "{log:?}");
    assert!(house.watch.log_is_intact().await.unwrap());
    // What is still so when the silence is over is told.
    routing::route(house.notifier.store(), until + 1).await.unwrap();
    assert_eq!(house.states().await, [(DeliveryState::Waiting, String::new())]);
}

#[tokio::test]
async fn what_nobody_answers_goes_to_those_who_come_in_later() {
    let house = House::open().await;
    house.channel("boss", 10).await;
    house.pass(&[("vault", 1)]).await;
    let held = [(DeliveryState::Held, "escalation".to_owned())];
    assert_eq!(house.states().await, held);
    routing::route(house.notifier.store(), now_ms() + 9 * MINUTE).await.unwrap();
    assert_eq!(house.states().await, held, "not before its time");
    routing::route(house.notifier.store(), now_ms() + 11 * MINUTE).await.unwrap();
    assert_eq!(house.states().await, [(DeliveryState::Waiting, String::new())]);
}

#[tokio::test]
async fn an_answer_in_any_way_keeps_them_out() {
    for way in ["the alert", "a role", "the incident"] {
        let house = House::open().await;
        house.channel("boss", 10).await;
        house.pass(&[("vault", 1)]).await;
        let alert = house.watch.alerts(true, 10).await.unwrap().remove(0);
        let incident = alert.incident.unwrap();
        match way {
            "the alert" => drop(house.watch.set_alert(&alert.id, AlertState::Acknowledged, "0xabc").await.unwrap()),
            "a role" => {
                let role = Some(("leader".to_owned(), "0xabc".to_owned()));
                house.watch.move_incident(incident, None, role, "", "0xabc").await.unwrap();
            }
            _ => {
                let to = Some(IncidentState::Triaged);
                house.watch.move_incident(incident, to, None, "", "0xabc").await.unwrap();
            }
        }
        routing::route(house.notifier.store(), now_ms() + 1).await.unwrap();
        routing::route(house.notifier.store(), now_ms() + 11 * MINUTE).await.unwrap();
        assert_eq!(house.states().await, [(DeliveryState::Dropped, "acknowledged".to_owned())], "{way}");
    }
}
