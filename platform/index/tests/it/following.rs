use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::Address;
use platform_index::{Indexer, IndexerConfig, Store, StoreError};
use proptest::prelude::*;
use tokio::sync::watch;

use crate::purse::{Chain, Purse};

struct Shelf {
    _directory: tempfile::TempDir,
    store: Store,
}

async fn shelf() -> Shelf {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", directory.path().join("index.db").display())).await.unwrap();
    Shelf { _directory: directory, store }
}

async fn open(shelf: &Shelf, chain: &Arc<Chain>, version: u32) -> Indexer {
    let config = IndexerConfig { blocks_max: 3, transactions_max: 4, ..IndexerConfig::default() };
    let purse = Arc::new(Purse { version });
    Indexer::open(shelf.store.clone(), Arc::<Chain>::clone(chain), vec![purse], config).await.unwrap()
}

async fn backfill(indexer: &Indexer) {
    let (_keep, cancel) = watch::channel(false);
    indexer.backfill(&cancel, &|_| ()).await.unwrap();
}

/// Sums by sender, as the tables have them.
async fn sums(shelf: &Shelf) -> BTreeMap<Address, i64> {
    let rows = shelf.store.rows("SELECT sender, amount FROM purse_sum", vec![]).await.unwrap();
    rows.iter().map(|row| (row.address(0).unwrap(), row.int(1).unwrap())).collect()
}

async fn listed(shelf: &Shelf) -> i64 {
    shelf.store.int("SELECT COUNT(*) FROM purse_list", vec![]).await.unwrap()
}

#[tokio::test]
async fn a_new_version_is_rebuilt_while_blocks_stay() {
    let (shelf, chain) = (shelf().await, Arc::new(Chain::new()));
    for height in 1..=7 {
        chain.mine(0, &[(1, height), (2, 1)]);
    }
    backfill(&open(&shelf, &chain, 1).await).await;
    let before = sums(&shelf).await;
    assert_eq!(before[&Address::repeat_byte(1)], 28);
    // Something else wrote into the tables; the next version does not inherit it.
    shelf.store.execute("UPDATE purse_sum SET amount = 0", vec![]).await.unwrap();
    backfill(&open(&shelf, &chain, 2).await).await;
    assert_eq!(sums(&shelf).await, before);
    assert_eq!(listed(&shelf).await, 14);
}

#[tokio::test]
async fn a_follower_keeps_up_and_stops_when_told() {
    let (shelf, chain) = (shelf().await, Arc::new(Chain::new()));
    let indexer = Arc::new(open(&shelf, &chain, 1).await);
    let (stop, cancel) = watch::channel(false);
    let mut position = indexer.position();
    let mut notices = indexer.notices();
    let follower = tokio::spawn({
        let indexer = Arc::clone(&indexer);
        async move { indexer.run(cancel).await }
    });
    chain.mine(0, &[(1, 5)]);
    chain.mine(0, &[(1, 6)]);
    position.wait_for(|position| position.indexed.is_some_and(|head| head.number == 2)).await.unwrap();
    assert_eq!(sums(&shelf).await[&Address::repeat_byte(1)], 11);
    assert_eq!(notices.recv().await.unwrap().topic, "block");
    stop.send_replace(true);
    follower.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_file_may_have_any_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("100% #1? 账本.db");
    let store = Store::open(&format!("sqlite:{}", path.display())).await.unwrap();
    assert_eq!(store.int("SELECT 1", vec![]).await.unwrap(), 1);
    assert!(path.exists());
}

#[tokio::test]
async fn a_store_that_names_no_engine_is_refused_without_its_password() {
    let refused = Store::open("mysql://me:secret@host/db").await.unwrap_err();
    assert!(matches!(refused, StoreError::UnknownEngine { .. }));
    assert!(!refused.to_string().contains("secret"));
}

/// What people do to a chain: add blocks, or replace the last few.
#[derive(Clone, Debug)]
enum Turn {
    Mine(Vec<(u8, u64)>),
    Replace(usize),
    Finalize,
    Index,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let sends = proptest::collection::vec((1_u8..4, 0_u64..9), 0..3);
    let turn = prop_oneof![
        4 => sends.prop_map(Turn::Mine),
        2 => (1_usize..4).prop_map(Turn::Replace),
        1 => Just(Turn::Finalize),
        3 => Just(Turn::Index),
    ];
    proptest::collection::vec(turn, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever was mined and replaced in between, the tables end as if only the last chain had ever been.
    #[test]
    fn tables_are_a_function_of_the_last_chain(turns in turns()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (followed, replayed) = (shelf().await, shelf().await);
            let chain = Arc::new(Chain::new());
            *chain.finalized.lock().unwrap() = 0;
            let indexer = open(&followed, &chain, 1).await;
            let (mut height, mut last, mut salt) = (0, 0, 0);
            for turn in turns {
                salt += 1;
                match turn {
                    Turn::Mine(sends) => {
                        chain.mine(salt, &sends);
                        height += 1;
                    }
                    Turn::Replace(depth) if height > last + depth => {
                        height -= depth;
                        chain.cut(height);
                        chain.mine(salt, &[(3, u64::from(salt))]);
                        height += 1;
                    }
                    Turn::Replace(_) => {}
                    Turn::Finalize => {
                        last = height;
                        *chain.finalized.lock().unwrap() = height as u64;
                    }
                    Turn::Index => backfill(&indexer).await,
                }
            }
            backfill(&indexer).await;
            backfill(&open(&replayed, &chain, 1).await).await;
            prop_assert_eq!(sums(&followed).await, sums(&replayed).await);
            prop_assert_eq!(listed(&followed).await, listed(&replayed).await);
            Ok(())
        })?;
    }
}
