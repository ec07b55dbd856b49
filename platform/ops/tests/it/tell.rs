//! What the watch finds leaves the house: nothing of it is lost, kept back unseen, or left with nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, B256, Bytes, U256};
use async_trait::async_trait;
use platform_api::{Limit, Seal};
use platform_index::{Block, BlockSource, BlockTag, CallRequest, Head, SourceError, Store};
use platform_notify::{
    Delivery, DeliveryState, Language, Message, NewChannel, Notifier, NotifierOptions, Reach, now_ms, routing,
};
use platform_ops::{Act, Actor, AlertState, IncidentState, NoRehearsal, Register, Vitals, Watch, WatchOptions, rules};
use tokio::sync::watch;

const MINUTE: u64 = 60_000;
const HEAD: Head = Head { number: 5, hash: B256::repeat_byte(5), timestamp: 1_800_000_000 };

/// A chain on which nothing happens.
struct Still;

#[async_trait]
impl BlockSource for Still {
    async fn head(&self) -> Result<Head, SourceError> {
        Ok(HEAD)
    }

    async fn finalized(&self) -> Result<u64, SourceError> {
        Ok(HEAD.number)
    }

    async fn block(&self, _: u64) -> Result<Option<Block>, SourceError> {
        Ok(None)
    }

    async fn block_number(&self, _: B256) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }

    async fn call(&self, _: CallRequest, _: BlockTag) -> Result<Bytes, SourceError> {
        Ok(Bytes::new())
    }

    async fn balance(&self, _: Address, _: BlockTag) -> Result<U256, SourceError> {
        Ok(U256::ZERO)
    }

    async fn nonce(&self, _: Address, _: BlockTag) -> Result<u64, SourceError> {
        Ok(0)
    }

    async fn code(&self, _: Address, _: BlockTag) -> Result<Bytes, SourceError> {
        Ok(Bytes::new())
    }

    async fn storage(&self, _: Address, _: B256, _: BlockTag) -> Result<B256, SourceError> {
        Ok(B256::ZERO)
    }

    fn heads(&self) -> watch::Receiver<Head> {
        watch::channel(HEAD).1
    }
}

/// Nobody acts here.
struct Idle;

#[async_trait]
impl Actor for Idle {
    async fn ask(&self, _: &Act) -> Result<Bytes, String> {
        Err("nobody acts here".to_owned())
    }

    async fn act(&self, _: &Act) -> Result<(B256, u64), String> {
        Err("nobody acts here".to_owned())
    }

    async fn hold(&self, _: &str, _: bool) -> Result<(), String> {
        Err("nobody acts here".to_owned())
    }
}

/// Facts that a test sets.
#[derive(Default)]
struct Facts(Mutex<BTreeMap<String, i64>>);

impl Facts {
    fn set(&self, facts: &[(&str, i64)]) {
        self.0.lock().unwrap().extend(facts.iter().map(|(name, value)| ((*name).to_owned(), *value)));
    }
}

impl Vitals for Facts {
    fn sample(&self) -> BTreeMap<String, i64> {
        self.0.lock().unwrap().clone()
    }
}

/// A rule about one fact.
fn rule(fact: &str, severity: &str) -> (String, String) {
    let text = format!(
        "id: {fact}-leaks\nversion: 1\ntitle: {{ en: The {fact} leaks, zh: 泄漏 }}\nseverity: {severity}\n\
         owner: operator\non: time\nexpr: vitals.{fact} > 0\nrunbook: {{ en: Mend it., zh: 修好它。 }}\ntests:\n\
         \x20 - {{ expect: firing, shows: a leak, given: [{{ vitals: {{ {fact}: 1 }} }}] }}\n\
         \x20 - {{ expect: quiet, shows: none, given: [{{ vitals: {{ {fact}: 0 }} }}] }}\n\
         \x20 - {{ expect: reorg, shows: a leak, given: [{{ after: 1 }}, {{ vitals: {{ {fact}: 1 }} }}] }}\n"
    );
    (format!("{fact}.yaml"), text)
}

struct House {
    watch: Watch,
    notifier: Arc<Notifier>,
    facts: Facts,
    _directory: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("house.db").display());
        let own = [rule("roof", "P3"), rule("cellar", "P3"), rule("vault", "P2")];
        let options = WatchOptions {
            store: Store::open(&url).await.unwrap(),
            source: Arc::new(Still),
            actor: Arc::new(Idle),
            rehearsal: Arc::new(NoRehearsal),
            register: Register::default(),
            rules: rules(&own).unwrap().into_iter().filter(|rule| rule.rule.id.ends_with("-leaks")).collect(),
            playbooks: Vec::new(),
            from: HEAD,
            known_code: Vec::new(),
            deployed: 0,
            chain_id: 1,
        };
        let outside = NotifierOptions {
            store: Store::open(&url).await.unwrap(),
            seal: Seal::new([7; 32]),
            reach: Reach::new(true).unwrap(),
            customers: Reach::new(true).unwrap(),
            house: "Tea House".into(),
            site: "https://tea.example".into(),
        };
        Self {
            watch: Watch::open(options).await.unwrap(),
            notifier: Arc::new(Notifier::open(outside).await.unwrap()),
            facts: Facts::default(),
            _directory: directory,
        }
    }

    async fn channel(&self, name: &str, wait_minutes: u32) {
        let new = NewChannel {
            kind: "webhook".into(),
            name: name.into(),
            customers: false,
            language: Language::En,
            fields: BTreeMap::from([("url".into(), "http://127.0.0.1:9/".into())]),
            severity: 5,
            owners: Vec::new(),
            wait_minutes,
            by: "a test".into(),
        };
        self.notifier.add(new).await.unwrap();
    }

    /// The house looks at its facts, and decides who is told.
    async fn pass(&self, facts: &[(&str, i64)]) {
        self.facts.set(facts);
        self.watch.pass_time(&self.facts).await;
        routing::route(self.notifier.store(), now_ms() + 1).await.unwrap();
    }

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
