//! A house in which nothing happens but what a test says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, B256, Bytes, U256};
use async_trait::async_trait;
use platform_api::Seal;
use platform_index::{Block, BlockSource, BlockTag, CallRequest, Head, SourceError, Store};
use platform_notify::{Language, NewChannel, Notifier, NotifierOptions, Reach, now_ms, routing};
use platform_ops::{Act, Actor, NoRehearsal, NoWorkshop, Register, Vitals, Watch, WatchOptions, rules};
use tokio::sync::watch;

/// Shipped rules that are asked here too.
const HOUSE_RULES: &[&str] = &["rule-changed", "monitoring-blind"];

pub(crate) const HEAD: Head = Head { number: 5, hash: B256::repeat_byte(5), timestamp: 1_800_000_000 };

/// A chain on which nothing happens but that time passes.
pub(crate) struct Still(AtomicU64);

impl Still {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(HEAD.timestamp))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl BlockSource for Still {
    async fn head(&self) -> Result<Head, SourceError> {
        Ok(Head { timestamp: self.0.load(Ordering::Relaxed), ..HEAD })
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
pub(crate) struct Idle;

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

    async fn block_fault(&self, _: Address) -> Option<String> {
        None
    }

    async fn block(&self, _: Address, _: u64) -> Result<(), String> {
        Err("nobody acts here".to_owned())
    }

    async fn unblock(&self, _: Address) -> Result<(), String> {
        Err("nobody acts here".to_owned())
    }

    async fn blocked(&self, _: Address) -> Result<Option<u64>, String> {
        Err("nobody acts here".to_owned())
    }
}

/// Facts that a test sets.
#[derive(Default)]
pub(crate) struct Facts(Mutex<BTreeMap<String, i64>>);

impl Facts {
    pub(crate) fn set(&self, facts: &[(&str, i64)]) {
        self.0.lock().unwrap().extend(facts.iter().map(|(name, value)| ((*name).to_owned(), *value)));
    }
}

impl Vitals for Facts {
    fn sample(&self) -> BTreeMap<String, i64> {
        self.0.lock().unwrap().clone()
    }
}

/// A rule about one fact.
pub(crate) fn rule(fact: &str, severity: &str) -> (String, String) {
    let text = format!(
        "id: {fact}-leaks\nversion: 1\ntitle: {{ en: The {fact} leaks, zh: 泄漏 }}\nseverity: {severity}\n\
         owner: operator\non: time\nexpr: vitals.{fact} > 0\nrunbook: {{ en: Mend it., zh: 修好它。 }}\ntests:\n\
         \x20 - {{ expect: firing, shows: a leak, given: [{{ vitals: {{ {fact}: 1 }} }}] }}\n\
         \x20 - {{ expect: quiet, shows: none, given: [{{ vitals: {{ {fact}: 0 }} }}] }}\n\
         \x20 - {{ expect: reorg, shows: a leak, given: [{{ after: 1 }}, {{ vitals: {{ {fact}: 1 }} }}] }}\n"
    );
    (format!("{fact}.yaml"), text)
}

pub(crate) struct House {
    pub(crate) watch: Watch,
    pub(crate) notifier: Arc<Notifier>,
    facts: Facts,
    pub(crate) store: Store,
    pub(crate) directory: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::of(tempfile::tempdir().unwrap()).await
    }

    /// The same house, opened anew.
    pub(crate) async fn again(self) -> Self {
        Self::of(self.directory).await
    }

    async fn of(directory: tempfile::TempDir) -> Self {
        let url = format!("sqlite:{}", directory.path().join("house.db").display());
        let own = [rule("roof", "P3"), rule("cellar", "P3"), rule("vault", "P2")];
        let options = WatchOptions {
            store: Store::open(&url).await.unwrap(),
            source: Arc::new(Still::new()),
            actor: Arc::new(Idle),
            rehearsal: Arc::new(NoRehearsal),
            workshop: Arc::new(NoWorkshop),
            register: Register::default(),
            rules: rules(&own)
                .unwrap()
                .into_iter()
                .filter(|rule| rule.rule.id.ends_with("-leaks") || HOUSE_RULES.contains(&rule.rule.id.as_str()))
                .map(Arc::new)
                .collect(),
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
        let facts = Facts::default();
        facts.set(&[("rules_intact", 1)]);
        Self {
            watch: Watch::open(options).await.unwrap(),
            notifier: Arc::new(Notifier::open(outside).await.unwrap()),
            facts,
            store: Store::open(&url).await.unwrap(),
            directory,
        }
    }

    pub(crate) async fn channel(&self, name: &str, wait_minutes: u32) {
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
    pub(crate) async fn pass(&self, facts: &[(&str, i64)]) {
        self.facts.set(facts);
        self.watch.pass_time(&self.facts).await;
        routing::route(self.notifier.store(), now_ms() + 1).await.unwrap();
    }
}
