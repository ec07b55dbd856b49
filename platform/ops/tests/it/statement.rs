//! What the house says to everybody has a beginning, an end, and somebody who said it.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform_index::Store;
use platform_ops::{
    IncidentState, NoRehearsal, NoWorkshop, Register, Run, Statement, Watch, WatchError, WatchOptions, playbooks, rules,
};

use crate::house::{Facts, HEAD, Idle, Still, rule};

const HOUR: u64 = 3_600;
const BOOK: &str = "publish-statement";

struct House {
    watch: Watch,
    chain: Arc<Still>,
    directory: tempfile::TempDir,
}

async fn watch(chain: &Arc<Still>, directory: &tempfile::TempDir) -> Watch {
    let url = format!("sqlite:{}", directory.path().join("house.db").display());
    let options = WatchOptions {
        store: Store::open(&url).await.unwrap(),
        source: Arc::clone(chain) as _,
        actor: Arc::new(Idle),
        rehearsal: Arc::new(NoRehearsal),
        workshop: Arc::new(NoWorkshop),
        register: Register::default(),
        rules: rules(&[rule("vault", "P2")])
            .unwrap()
            .into_iter()
            .filter(|rule| rule.rule.id == "vault-leaks")
            .map(Arc::new)
            .collect(),
        playbooks: playbooks().unwrap(),
        from: HEAD,
        known_code: Vec::new(),
        deployed: 0,
        chain_id: 1,
    };
    Watch::open(options).await.unwrap()
}

impl House {
    async fn open() -> Self {
        let (chain, directory) = (Arc::new(Still::new()), tempfile::tempdir().unwrap());
        Self { watch: watch(&chain, &directory).await, chain, directory }
    }

    async fn say(&self, en: &str, zh: &str) -> Result<Run, WatchError> {
        self.say_about(None, en, zh).await
    }

    async fn say_about(&self, incident: Option<u64>, en: &str, zh: &str) -> Result<Run, WatchError> {
        let with = [("text_en", en), ("text_zh", zh)].map(|(name, text)| (name.to_owned(), text.to_owned()));
        self.watch.run_playbook(BOOK, with.into(), incident, "0xada").await
    }

    async fn said(&self) -> Vec<Statement> {
        self.watch.statements(20).await.unwrap().0
    }

    /// The texts that everybody sees now.
    async fn shown(&self) -> Vec<String> {
        let (list, now) = self.watch.statements(20).await.unwrap();
        list.into_iter().filter(|statement| statement.is_current(now)).map(|statement| statement.text.en).collect()
    }

    async fn state_of(&self, run: u64) -> String {
        self.watch.runs(None).await.unwrap().into_iter().find(|one| one.id == run).unwrap().state
    }

    /// What the log says of statements, oldest first.
    async fn log(&self) -> Vec<String> {
        let entries = self.watch.log(None).await.unwrap();
        let own = entries.iter().rev().filter(|entry| entry.kind == "statement");
        own.map(|entry| entry.body["statement"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_statement_is_published_kept_and_taken_back() {
    let house = House::open().await;
    let run = house.say("  We look into it.  ", "我们正在查。").await.unwrap();
    assert_eq!((run.state.as_str(), run.expires), ("verified", Some(HEAD.timestamp + 12 * HOUR)));
    assert!(run.done.iter().all(|step| step.verified && !step.already), "{run:?}");
    assert_eq!(house.shown().await, ["We look into it."]);
    let said = house.said().await.remove(0);
    assert_eq!((said.begins, said.ends, said.withdrawn), (HEAD.timestamp, HEAD.timestamp + 12 * HOUR, false));

    // A stop forgets nothing of it.
    let House { chain, directory, .. } = house;
    let house = House { watch: watch(&chain, &directory).await, chain, directory };
    assert_eq!(house.shown().await, ["We look into it."]);

    house.chain.pass(HOUR);
    let back = house.watch.roll_back(run.id, "0xben").await.unwrap();
    assert_eq!((back.state.as_str(), house.shown().await.len()), ("rolled_back", 0));
    let said = house.said().await.remove(0);
    assert_eq!((said.ends, said.withdrawn), (HEAD.timestamp + HOUR, true));
    assert_eq!(house.log().await, ["published", "withdrawn"]);
    assert!(house.watch.log_is_intact().await.unwrap());
}

#[tokio::test]
async fn a_statement_ends_by_itself_unless_somebody_confirms_it() {
    let house = House::open().await;
    let (left, kept) = (house.say("left", "一").await.unwrap(), house.say("kept", "二").await.unwrap());
    house.chain.pass(11 * HOUR);
    assert_eq!(house.shown().await, ["kept", "left"]);
    let confirmed = house.watch.confirm(kept.id, "0xben").await.unwrap().unwrap();
    assert_eq!(confirmed.expires, Some(HEAD.timestamp + 23 * HOUR));
    house.chain.pass(HOUR);
    assert_eq!(house.shown().await, ["kept"]);
    house.watch.pass_time(&Facts::default()).await;
    let states = (house.state_of(left.id).await, house.state_of(kept.id).await);
    assert_eq!(states, ("rolled_back".to_owned(), "verified".to_owned()));
    assert!(house.watch.confirm(left.id, "0xben").await.is_err(), "it is over");
    assert!(house.watch.confirm(99, "0xben").await.unwrap().is_none());
    house.chain.pass(11 * HOUR);
    assert_eq!(house.shown().await, Vec::<String>::new());
    let confirmations = house.watch.log(None).await.unwrap();
    assert_eq!(confirmations.iter().filter(|entry| entry.kind == "confirmation").count(), 1);
}

#[tokio::test]
async fn what_is_said_of_an_incident_is_in_its_timeline_and_contains_nothing() {
    let (house, facts) = (House::open().await, Facts::default());
    facts.set(&[("vault", 1)]);
    house.watch.pass_time(&facts).await;
    let incident = house.watch.incidents(1).await.unwrap().remove(0);
    let run = house.say_about(Some(incident.id), "We look into it.", "我们正在查。").await.unwrap();
    assert_eq!((run.state.as_str(), run.incident), ("verified", Some(incident.id)));
    let after = house.watch.incident(incident.id).await.unwrap().unwrap();
    assert_eq!(after.state, IncidentState::Declared, "to say something stops no harm");
    let timeline = house.watch.log(Some(incident.id)).await.unwrap();
    let said = timeline.iter().find(|entry| entry.kind == "statement").unwrap();
    assert_eq!((said.actor.as_str(), said.body["text"]["zh"].as_str()), ("0xada", Some("我们正在查。")));
}

#[tokio::test]
async fn what_is_confirmed_before_it_was_taken_back_is_shown_again() {
    let house = House::open().await;
    let run = house.say("late", "晚").await.unwrap();
    house.chain.pass(12 * HOUR);
    assert!(house.shown().await.is_empty());
    house.watch.confirm(run.id, "0xben").await.unwrap();
    assert_eq!(house.shown().await, ["late"]);
    house.watch.roll_back(run.id, "0xben").await.unwrap();
    assert!(house.shown().await.is_empty());
    assert!(house.watch.confirm(run.id, "0xben").await.is_err(), "what was withdrawn stays so");
}

#[tokio::test]
async fn a_stop_between_a_statement_and_its_run_gives_its_number_to_nobody_else() {
    let house = House::open().await;
    let first = house.say("before the stop", "停机之前").await.unwrap();
    let url = format!("sqlite:{}", house.directory.path().join("house.db").display());
    Store::open(&url).await.unwrap().execute("DELETE FROM ops_run", vec![]).await.unwrap();
    let House { chain, directory, .. } = house;
    let house = House { watch: watch(&chain, &directory).await, chain, directory };
    let second = house.say("after it", "停机之后").await.unwrap();
    assert!(second.id > first.id);
    assert_eq!(house.said().await.len(), 2);
}

#[tokio::test]
async fn what_can_not_be_published_is_refused_and_leaves_nothing() {
    let house = House::open().await;
    for (en, zh, why) in [("x", " ", "Chinese"), ("", "x", "English"), (&*"x".repeat(501), "x", "500")] {
        let refused = house.say(en, zh).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(house.watch.run_playbook(BOOK, BTreeMap::new(), None, "0xada").await.is_err());
    assert!(house.said().await.is_empty() && house.watch.runs(None).await.unwrap().is_empty());
    assert!(house.log().await.is_empty());
}

#[test]
fn a_statement_without_an_end_is_no_playbook() {
    let good = std::fs::read_to_string("../../playbooks/publish-statement.yaml").unwrap();
    let read = |text: &str| platform_ops::Playbook::read("own.yaml", text);
    let book = read(&good).unwrap();
    assert!(!book.contains(), "saying something stops no harm");
    let reversible = |id: &str| playbooks().unwrap().iter().find(|book| book.id == id).unwrap().reversible();
    assert!(reversible(BOOK) && reversible("hold-payouts") && !reversible("cancel-proposal"));
    assert_eq!(book.statement().unwrap().zh, "text_zh");
    assert!(read(&good.replace("expires: 43200\n", "")).unwrap_err().contains("expires"));
    let twice = format!("{good}  - statement: {{ en: a, zh: b }}\n");
    assert!(read(&twice).unwrap_err().contains("one statement"));
}
