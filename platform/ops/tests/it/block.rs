//! An address that is blocked is blocked for a while, for a reason, and never longer than somebody wants it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, B256, Bytes};
use async_trait::async_trait;
use platform_index::Store;
use platform_ops::{
    Act, Actor, NoRehearsal, NoWorkshop, Playbook, Register, Run, Watch, WatchError, WatchOptions, playbooks,
};

use crate::house::{Facts, HEAD, Still};

const HOUR: u64 = 3_600;
const BOOK: &str = "block-account";
const ANA: Address = Address::repeat_byte(0xaa);
const BEN: Address = Address::repeat_byte(0xbb);
const OWN: Address = Address::repeat_byte(0xee);

/// Whoever takes transactions: remembers nothing over a stop.
#[derive(Default)]
struct Gate {
    blocked: Mutex<BTreeMap<Address, u64>>,
    held: Mutex<BTreeSet<String>>,
}

impl Gate {
    fn until(&self, account: Address) -> Option<u64> {
        self.blocked.lock().unwrap().get(&account).copied()
    }

    fn holds(&self) -> bool {
        self.held.lock().unwrap().contains("house")
    }
}

#[async_trait]
impl Actor for Gate {
    async fn ask(&self, _: &Act) -> Result<Bytes, String> {
        Err("nothing is asked here".to_owned())
    }

    async fn act(&self, _: &Act) -> Result<(B256, u64), String> {
        Err("nobody acts here".to_owned())
    }

    async fn hold(&self, what: &str, held: bool) -> Result<(), String> {
        let mut all = self.held.lock().unwrap();
        if held {
            all.insert(what.to_owned())
        } else {
            all.remove(what)
        };
        Ok(())
    }

    async fn block_fault(&self, account: Address) -> Option<String> {
        (account == OWN).then(|| "this is the house's own key".to_owned())
    }

    async fn block(&self, account: Address, until: u64) -> Result<(), String> {
        self.blocked.lock().unwrap().insert(account, until);
        Ok(())
    }

    async fn unblock(&self, account: Address) -> Result<(), String> {
        self.blocked.lock().unwrap().remove(&account);
        Ok(())
    }

    async fn blocked(&self, account: Address) -> Result<Option<u64>, String> {
        Ok(self.until(account))
    }
}

struct House {
    watch: Watch,
    gate: Arc<Gate>,
    chain: Arc<Still>,
    directory: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        Self::at(Arc::new(Still::new()), tempfile::tempdir().unwrap()).await
    }

    async fn at(chain: Arc<Still>, directory: tempfile::TempDir) -> Self {
        let url = format!("sqlite:{}", directory.path().join("house.db").display());
        let gate = Arc::new(Gate::default());
        let options = WatchOptions {
            store: Store::open(&url).await.unwrap(),
            source: Arc::clone(&chain) as _,
            actor: Arc::clone(&gate) as _,
            rehearsal: Arc::new(NoRehearsal),
            workshop: Arc::new(NoWorkshop),
            register: Register::default(),
            rules: Vec::new(),
            playbooks: playbooks().unwrap(),
            from: HEAD,
            known_code: Vec::new(),
            deployed: 0,
            chain_id: 1,
        };
        let watch = Watch::open(options).await.unwrap();
        watch.restore_measures().await.unwrap();
        Self { watch, gate, chain, directory }
    }

    /// The same house after a stop: its gate is new.
    async fn again(self) -> Self {
        Self::at(self.chain, self.directory).await
    }

    async fn block(&self, account: &str) -> Result<Run, WatchError> {
        let with = BTreeMap::from([("account".to_owned(), account.to_owned())]);
        self.watch.run_playbook(BOOK, with, None, "0xada").await
    }

    async fn hold(&self) -> Run {
        self.watch.run_playbook("hold-payouts", BTreeMap::new(), None, "0xada").await.unwrap()
    }

    async fn pass(&self, seconds: u64) {
        self.chain.pass(seconds);
        self.watch.pass_time(&Facts::default()).await;
    }

    async fn state_of(&self, run: u64) -> String {
        self.watch.runs(None).await.unwrap().into_iter().find(|one| one.id == run).unwrap().state
    }
}

#[tokio::test]
async fn a_block_survives_a_stop_and_ends_by_itself() {
    let house = House::open().await;
    let run = house.block(&ANA.to_string()).await.unwrap();
    let end = HEAD.timestamp + 12 * HOUR;
    assert_eq!((run.state.as_str(), run.expires, house.gate.until(ANA)), ("verified", Some(end), Some(end)));
    assert!(run.done.iter().all(|step| step.verified && !step.already), "{run:?}");
    let house = house.again().await;
    assert_eq!(house.gate.until(ANA), Some(end));
    house.pass(12 * HOUR - 1).await;
    assert_eq!(house.gate.until(ANA), Some(end), "not before its time");
    house.pass(1).await;
    assert_eq!((house.gate.until(ANA), house.state_of(run.id).await.as_str()), (None, "rolled_back"));
    assert_eq!(house.again().await.gate.until(ANA), None);
}

#[tokio::test]
async fn a_block_whose_time_ended_while_the_house_was_closed_is_not_put_back() {
    let house = House::open().await;
    let run = house.block(&ANA.to_string()).await.unwrap();
    house.chain.pass(13 * HOUR);
    let house = house.again().await;
    assert_eq!(house.gate.until(ANA), None);
    house.pass(1).await;
    assert_eq!(house.state_of(run.id).await, "rolled_back");
}

#[tokio::test]
async fn a_block_that_is_confirmed_lasts_as_long_again() {
    let house = House::open().await;
    let run = house.block(&ANA.to_string()).await.unwrap();
    house.chain.pass(11 * HOUR);
    house.watch.confirm(run.id, "0xben").await.unwrap();
    let end = HEAD.timestamp + 23 * HOUR;
    assert_eq!(house.gate.until(ANA), Some(end));
    assert_eq!(house.again().await.gate.until(ANA), Some(end));
}

#[tokio::test]
async fn taking_one_block_back_does_not_lift_another() {
    let house = House::open().await;
    let first = house.block(&ANA.to_string()).await.unwrap();
    house.chain.pass(HOUR);
    let second = house.block(&ANA.to_string().to_lowercase()).await.unwrap();
    let other = house.block(&BEN.to_string()).await.unwrap();
    let end = HEAD.timestamp + 13 * HOUR;
    assert_eq!(house.gate.until(ANA), Some(end));
    let back = house.watch.roll_back(second.id, "0xben").await.unwrap();
    assert_eq!(back.state, "rolled_back");
    assert_eq!(house.gate.until(ANA), Some(end - HOUR), "the first one still blocks it, until its own end");
    house.watch.roll_back(first.id, "0xben").await.unwrap();
    assert_eq!((house.gate.until(ANA), house.gate.until(BEN)), (None, Some(end)));
    house.watch.roll_back(other.id, "0xben").await.unwrap();
    assert_eq!(house.gate.until(BEN), None);
}

#[tokio::test]
async fn what_can_not_be_blocked_is_refused_and_leaves_nothing() {
    let house = House::open().await;
    let wrong = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1beAed";
    for (account, why) in [("alice", "no address"), (wrong, "checksum"), (&OWN.to_string(), "own key")] {
        let refused = house.block(account).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(house.watch.runs(None).await.unwrap().is_empty());
    assert!(house.gate.blocked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_hold_survives_a_stop_until_somebody_lifts_the_last_of_them() {
    let house = House::open().await;
    let (first, second) = (house.hold().await, house.hold().await);
    let house = house.again().await;
    assert!(house.gate.holds(), "the house must not send after a stop what it may not send before");
    house.watch.roll_back(first.id, "0xben").await.unwrap();
    assert!(house.gate.holds(), "the second one still holds it");
    house.watch.roll_back(second.id, "0xben").await.unwrap();
    assert!(!house.gate.holds());
    assert!(!house.again().await.gate.holds());
}

#[test]
fn a_block_without_an_end_is_no_playbook() {
    let good = std::fs::read_to_string("../../playbooks/block-account.yaml").unwrap();
    let book = Playbook::read("own.yaml", &good).unwrap();
    assert!(book.contains() && book.reversible());
    assert!(Playbook::read("own.yaml", &good.replace("expires: 43200\n", "")).unwrap_err().contains("expires"));
}
