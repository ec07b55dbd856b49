//! Tables are a function of the chain: however the blocks arrived, the rows are the same.

use std::sync::Arc;

use alloy_primitives::B256;
use platform_index::{IndexerConfig, Row, Store};

use crate::chain::MemoryChain;
use crate::town::{DAY, Sale, buyer, index, opening, platform, store};

const START: u64 = 852_076_800;

const TABLES: [(&str, &str); 28] = [
    ("index_block", "block_number"),
    ("index_cursor", "name"),
    ("access_role", "account, role"),
    ("market_offer", "offer_id"),
    ("market_offer_version", "offer_id, version"),
    ("market_order", "order_id"),
    ("market_event", "order_id, block_number, log_index"),
    ("market_credit", "account, token"),
    ("market_total", "token, hour"),
    ("market_total_head", "token"),
    ("market_state_total", "token, state"),
    ("market_setting", "name"),
    ("explorer_transaction", "block_number, place"),
    ("explorer_touched", "account, block_number, place"),
    ("explorer_transfer", "block_number, log_index"),
    ("explorer_holding", "token, holder"),
    ("explorer_token", "token"),
    ("arbitration_arbiter", "account"),
    ("arbitration_case", "dispute_id"),
    ("arbitration_round", "dispute_id, round"),
    ("arbitration_seat", "dispute_id, round, account"),
    ("arbitration_seed", "dispute_id, round, account"),
    ("arbitration_order", "order_id"),
    ("arbitration_event", "dispute_id, block_number, log_index"),
    ("arbitration_evidence", "order_id, block_number, log_index"),
    ("arbitration_setting", "name"),
    ("review_purchase", "order_id"),
    ("review_review", "order_id"),
];

/// Every row of every derived table, as text.
async fn dump(url: &str) -> Vec<String> {
    let store = Store::open(url).await.unwrap();
    let mut rows = Vec::new();
    for (table, order) in TABLES {
        for row in store.rows(&format!("SELECT * FROM {table} ORDER BY {order}"), vec![]).await.unwrap() {
            rows.push(format!("{table} {}", show(&row)));
        }
    }
    rows
}

fn show(row: &Row) -> String {
    let mut cells = Vec::new();
    for column in 0..48 {
        if let Ok(number) = row.int_or_null(column) {
            cells.push(format!("{number:?}"));
        } else if let Ok(text) = row.text_or_null(column) {
            cells.push(format!("{text:?}"));
        } else if let Ok(bytes) = row.blob(column) {
            cells.push(alloy_primitives::hex::encode(bytes));
        } else {
            break;
        }
    }
    cells.join(" ")
}

/// A small history with every kind of end.
fn history(chain: &MemoryChain) {
    chain.mine(START, 0, opening(B256::ZERO));
    let sale = |id, person, amount| Sale { id, buyer: buyer(person), amount, at: START };
    let sales = [sale(1, 1, 11_770_000), sale(2, 2, 12_000_001), sale(3, 1, 0), sale(4, 3, 77_000_000)];
    chain.mine(START + 1, 0, sales.iter().map(|sale| sale.fund()).collect());
    chain.mine(START + 4_000, 0, vec![sales[0].accept(), sales[2].accept(), sales[3].cancel()]);
    chain.mine(START + DAY, 0, vec![sales[0].ship(), sales[2].ship()]);
    chain.mine(START + 2 * DAY, 0, vec![sales[0].deliver(), sales[2].deliver(), sales[0].release()]);
    chain.mine(START + 3 * DAY, 0, vec![sales[2].release(), Sale::withdraw(buyer(3), 77_000_000)]);
    crate::court::history(chain, START + 3 * DAY + 1);
    chain.mine(START + 30 * DAY, 0, crate::reviews::written(1, buyer(1), 5));
    chain.mine(START + 31 * DAY, 0, crate::reviews::replied(1));
}

fn batches(blocks_max: u64) -> IndexerConfig {
    IndexerConfig { blocks_max, ..IndexerConfig::default() }
}

async fn fresh(chain: &Arc<MemoryChain>, config: IndexerConfig) -> Vec<String> {
    let (_directory, url) = store();
    index(&platform(chain, url.clone(), config).await).await;
    dump(&url).await
}

#[tokio::test]
async fn batches_of_any_size_give_the_same_rows() {
    let chain = Arc::new(MemoryChain::new(START - 1));
    history(&chain);
    let whole = fresh(&chain, batches(1_000)).await;
    assert!(whole.len() > 50, "{}", whole.len());
    assert_eq!(fresh(&chain, batches(1)).await, whole);
    assert_eq!(fresh(&chain, batches(2)).await, whole);
}

#[tokio::test]
async fn an_index_that_was_interrupted_goes_on_without_a_duplicate() {
    let chain = Arc::new(MemoryChain::new(START - 1));
    history(&chain);
    let whole = fresh(&chain, batches(1_000)).await;
    let (_directory, url) = store();
    // A run that stops after each committed batch, as a killed process would, and begins again from the store.
    for _ in 0..24 {
        let platform = platform(&chain, url.clone(), batches(1)).await;
        let (stop, cancel) = tokio::sync::watch::channel(false);
        let progress = move |_| {
            stop.send_replace(true);
        };
        platform.backfill(&cancel, &progress).await.unwrap();
    }
    assert_eq!(dump(&url).await, whole);
}

#[tokio::test]
async fn blocks_that_were_replaced_leave_no_trace() {
    let chain = Arc::new(MemoryChain::new(START - 1));
    chain.finalize(2);
    history(&chain);
    let (_directory, url) = store();
    let platform = platform(&chain, url.clone(), IndexerConfig::default()).await;
    index(&platform).await;

    // From height 3 on, everything went differently.
    chain.cut(3);
    let other = Sale { id: 5, buyer: buyer(9), amount: 5_000_000, at: START + 9_000 };
    chain.mine(START + 9_000, 1, vec![other.fund()]);
    chain.mine(START + 9_001, 1, vec![other.accept()]);
    chain.mine(START + 9_002, 1, vec![other.ship()]);
    chain.mine(START + 9_003, 1, vec![other.deliver(), other.release()]);
    index(&platform).await;
    assert_eq!(dump(&url).await, fresh(&chain, IndexerConfig::default()).await);

    // A chain that became shorter is followed too.
    chain.cut(4);
    index(&platform).await;
    assert_eq!(dump(&url).await, fresh(&chain, IndexerConfig::default()).await);
}

#[tokio::test]
async fn a_replacement_below_the_images_rebuilds_the_tables() {
    let chain = Arc::new(MemoryChain::new(START - 1));
    history(&chain);
    let (_directory, url) = store();
    let platform = platform(&chain, url.clone(), IndexerConfig::default()).await;
    index(&platform).await;
    // The source had called everything final and replaces it all the same.
    chain.cut(1);
    chain.finalize(1);
    let other = Sale { id: 1, buyer: buyer(9), amount: 5_000_000, at: START + 9_000 };
    chain.mine(START + 9_000, 1, vec![other.fund()]);
    index(&platform).await;
    assert_eq!(dump(&url).await, fresh(&chain, IndexerConfig::default()).await);
}

#[tokio::test]
async fn another_chain_is_refused() {
    let chain = Arc::new(MemoryChain::new(START - 1));
    history(&chain);
    let (_directory, url) = store();
    index(&platform(&chain, url.clone(), IndexerConfig::default()).await).await;
    let store = Store::open(&url).await.unwrap();
    let foreign = vec![B256::repeat_byte(1).into()];
    store.execute("UPDATE index_block SET hash = $1 WHERE block_number = 0", foreign).await.unwrap();
    let refused = crate::town::try_platform(&chain, url, IndexerConfig::default()).await;
    assert!(refused.unwrap_err().to_string().contains("use another store"));
}

#[tokio::test]
async fn postgres_holds_the_same_rows() {
    let Ok(url) = std::env::var("GUILDHALL_TEST_POSTGRES") else {
        eprintln!("skipped: set GUILDHALL_TEST_POSTGRES=postgres://… to an empty database to run this test");
        return;
    };
    let chain = Arc::new(MemoryChain::new(START - 1));
    chain.finalize(2);
    history(&chain);
    let platform = platform(&chain, url.clone(), IndexerConfig::default()).await;
    index(&platform).await;
    chain.cut(4);
    index(&platform).await;
    chain.finalize(4);
    assert_eq!(dump(&url).await, fresh(&chain, IndexerConfig::default()).await);
}
