//! A notifier over a store in a directory of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform_api::Seal;
use platform_index::Store;
use platform_notify::{
    Channel, Delivery, Language, Message, NewChannel, Notifier, NotifierOptions, Reach, Status, Words,
};

/// Some moment, in milliseconds since 1970. Rounds are told what time it is.
pub(crate) const NOON: u64 = 1_800_000_000_000;
pub(crate) const MINUTE: u64 = 60_000;

pub(crate) struct Site {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) notifier: Arc<Notifier>,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let notifier = notifier(directory.path(), true).await;
        Self { directory, notifier }
    }

    /// As after a kill: nothing of the old notifier is left but the store.
    pub(crate) async fn reopened(mut self) -> Self {
        self.notifier = notifier(self.directory.path(), true).await;
        self
    }

    pub(crate) async fn channel(&self, kind: &str, fields: &[(&str, &str)]) -> Channel {
        self.notifier.add(new(kind, kind, fields)).await.unwrap().0
    }

    /// Writes a message as whoever has something to tell does.
    pub(crate) async fn write(&self, message: &Message) {
        let (table, row) = message.row();
        self.notifier.store().write(vec![(table, vec![row])]).await.unwrap();
    }

    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        let limit = platform_api::Limit::of(Some(200));
        let page = self.notifier.deliveries(None, None, None, limit).await.unwrap();
        page.items.into_iter().map(|(delivery, _)| delivery).rev().collect()
    }
}

pub(crate) async fn notifier(directory: &std::path::Path, private: bool) -> Arc<Notifier> {
    let store = Store::open(&format!("sqlite:{}", directory.join("store.db").display())).await.unwrap();
    let options = NotifierOptions {
        store,
        seal: Seal::new([7; 32]),
        reach: Reach::new(private).unwrap(),
        customers: Reach::new(private).unwrap(),
        house: "Tea House".into(),
        site: "https://tea.example".into(),
    };
    Arc::new(Notifier::open(options).await.unwrap())
}

pub(crate) fn new(kind: &str, name: &str, fields: &[(&str, &str)]) -> NewChannel {
    NewChannel {
        kind: kind.into(),
        name: name.into(),
        customers: false,
        language: Language::En,
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        severity: 2,
        owners: Vec::new(),
        wait_minutes: 0,
        by: "a test".into(),
    }
}

/// A message about an incident, the `place`-th that was written.
pub(crate) fn message(place: u64, subject: &str, status: Status, severity: u8) -> Message {
    Message {
        id: format!("msg_{place:016x}"),
        subject: subject.into(),
        status,
        severity,
        rule: "supply-breach".into(),
        owner: "operator".into(),
        group: "StableToken".into(),
        title: Words::new("More money was issued than is allowed", "增发超过上限"),
        text: Words::new("Stop issuing & compare <the books>.", "停止增发，核对账目。"),
        labels: BTreeMap::from([("contract".into(), "StableToken".into())]),
        link: "/office/incidents/3".into(),
        at_ms: NOON,
        always: false,
        to: None,
        recipient: None,
    }
}
