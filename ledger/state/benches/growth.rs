//! A store as it grows: for each number of accounts one JSON line a kind of
//! transaction, with commits a second, memory, time to open again and bytes a
//! transaction, table by table.
//!
//! ```sh
//! cargo bench -p ledger-state --bench growth -- 1000 1000000 10000000
//! ```
//! `--keep DIR` leaves the filled stores there and begins from them the next time, for a profiler: filling ten million
//! takes a quarter of an hour.
//!
//! Transactions are made up and not executed: what is measured is storage.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use alloy_consensus::{Eip658Value, Header, Receipt, ReceiptEnvelope, SignableTransaction, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, B256, Bytes, Log, Signature, U256, keccak256};
use ledger_chain::{Block, ChainSpec, block_receipts_root};
use ledger_state::{AccountChange, AccountData, SlotChange, StateDiff, Store, StoreOptions, StoredBlock};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

const GENESIS: &str =
    r#"{"config":{"chainId":7,"londonBlock":0},"gasLimit":"0x1c9c380","difficulty":"0x0","alloc":{}}"#;
const ACCOUNTS_A_BLOCK: u64 = 20_000;
const TRANSACTIONS_A_BLOCK: u64 = 2_000;
const BLOCKS: u64 = 100;
const TOKEN: Address = Address::repeat_byte(0x70);

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Native,
    Erc20,
}

fn main() {
    let mut counts: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if counts.is_empty() {
        counts = vec![1_000, 100_000];
    }
    let kept = std::env::args().skip_while(|argument| argument != "--keep").nth(1).map(PathBuf::from);
    for accounts in counts {
        let temporary = tempfile::tempdir().unwrap();
        let kept = kept.as_ref().map(|kept| kept.join(accounts.to_string()));
        let directory = kept.as_deref().unwrap_or(temporary.path());
        let mut store = Store::open(options(directory)).unwrap();
        if store.head().number() == 0 {
            fill(&store, accounts);
        }
        for kind in [Kind::Native, Kind::Erc20] {
            store = measure(store, directory, accounts, kind);
        }
    }
}

fn options(directory: &Path) -> StoreOptions {
    StoreOptions::new(directory, Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).unwrap()))
}

fn account(index: u64) -> Address {
    Address::from_slice(&keccak256(index.to_be_bytes())[12..])
}

/// Balance and token balance of every account.
fn fill(store: &Store, accounts: u64) {
    let data = |nonce| AccountData { nonce, balance: U256::from(10).pow(U256::from(20)), ..AccountData::default() };
    let mut token = None;
    for first in (0..accounts).step_by(ACCOUNTS_A_BLOCK as usize) {
        let mut diff = StateDiff::default();
        let mut storage = Vec::new();
        for index in first..(first + ACCOUNTS_A_BLOCK).min(accounts) {
            let address = account(index);
            diff.accounts.push(AccountChange { address, old: None, new: Some(data(0)), storage: Vec::new() });
            storage.push(SlotChange { slot: slot(address), old: U256::ZERO, new: U256::from(1_000_000_000u64) });
        }
        diff.accounts.push(AccountChange { address: TOKEN, old: token, new: Some(data(1)), storage });
        token = Some(data(1));
        commit(store, Vec::new(), Vec::new(), &diff);
    }
    store.checkpoint().unwrap();
}

fn slot(address: Address) -> U256 {
    keccak256([B256::left_padding_from(address.as_slice()).0, [0; 32]].concat()).into()
}

fn commit(store: &Store, transactions: Vec<(TxEnvelope, Address)>, receipts: Vec<ReceiptEnvelope>, diff: &StateDiff) {
    let head = store.head();
    let (transactions, senders): (Vec<_>, Vec<_>) = transactions.into_iter().unzip();
    let (receipts_root, logs_bloom) = block_receipts_root(&receipts);
    let header = Header {
        number: head.number() + 1,
        parent_hash: head.block.hash,
        timestamp: head.block.header.timestamp + 1,
        state_root: store.stage(diff).unwrap(),
        receipts_root,
        logs_bloom,
        ..Header::default()
    };
    let hash = header.hash_slow();
    let block = Block { hash, header, transactions, senders, ommers: Vec::new(), withdrawals: None };
    store.commit(StoredBlock::new(block, receipts, Bytes::from(vec![0x5a; 110])), diff).unwrap();
}

fn transaction(kind: Kind, from: Address, to: Address, nonce: u64, random: &mut StdRng) -> (TxEnvelope, Address) {
    let input = match kind {
        Kind::Native => Vec::new(),
        Kind::Erc20 => [&[0xa9, 0x05, 0x9c, 0xbb][..], &[0; 12], to.as_slice(), &[0; 28], &[0, 0, 0, 9]].concat(),
    };
    let unsigned = TxEip1559 {
        chain_id: 7,
        nonce,
        gas_limit: 60_000,
        to: if kind == Kind::Native { to.into() } else { TOKEN.into() },
        value: U256::from(u64::from(kind == Kind::Native) * 1_000_000_007),
        input: input.into(),
        ..TxEip1559::default()
    };
    let signature = Signature::new(word(random), word(random), true);
    (unsigned.into_signed(signature).into(), from)
}

fn word(random: &mut StdRng) -> U256 {
    U256::from_be_bytes::<32>(random.random())
}

fn receipt(kind: Kind, from: Address, to: Address, gas: u64) -> ReceiptEnvelope {
    let word = |address: Address| B256::left_padding_from(address.as_slice());
    let logs = match kind {
        Kind::Native => Vec::new(),
        Kind::Erc20 => {
            let topics = vec![keccak256("Transfer(address,address,uint256)"), word(from), word(to)];
            vec![Log::new_unchecked(TOKEN, topics, B256::with_last_byte(9).into())]
        }
    };
    let receipt = Receipt { status: Eip658Value::Eip658(true), cumulative_gas_used: gas, logs };
    ReceiptEnvelope::Eip1559(receipt.with_bloom())
}

/// A block of transfers between random accounts.
fn transfers(store: &Store, accounts: u64, kind: Kind, random: &mut StdRng) -> Duration {
    let view = store.view();
    let mut changes: BTreeMap<Address, AccountChange> = BTreeMap::new();
    let mut tokens: BTreeMap<U256, SlotChange> = BTreeMap::new();
    let (mut transactions, mut receipts) = (Vec::new(), Vec::new());
    for index in 0..TRANSACTIONS_A_BLOCK {
        let (from, to) = (account(random.random_range(0..accounts)), account(random.random_range(0..accounts)));
        let mut change = |address: Address, nonce: u64, amount: i64| {
            let change = changes.entry(address).or_insert_with(|| {
                let old = view.account(&address).unwrap();
                AccountChange { address, old, new: old, storage: Vec::new() }
            });
            let data = change.new.as_mut().unwrap();
            data.nonce += nonce;
            data.balance = if amount < 0 {
                data.balance - U256::from(amount.unsigned_abs())
            } else {
                data.balance + U256::from(amount.unsigned_abs())
            };
            data.nonce
        };
        let value = if kind == Kind::Native { 1_000_000_007 } else { 0 };
        let nonce = change(from, 1, -value);
        if kind == Kind::Native {
            change(to, 0, value);
        } else {
            for (owner, sign) in [(from, -1i64), (to, 1)] {
                let slot = slot(owner);
                let entry = tokens.entry(slot).or_insert_with(|| {
                    let old = view.slot(TOKEN, slot).unwrap();
                    SlotChange { slot, old, new: old }
                });
                entry.new = if sign < 0 { entry.new - U256::from(9) } else { entry.new + U256::from(9) };
            }
        }
        transactions.push(transaction(kind, from, to, nonce, random));
        receipts.push(receipt(kind, from, to, 21_000 * (index + 1)));
    }
    let mut diff = StateDiff { accounts: changes.into_values().collect(), codes: Vec::new() };
    if !tokens.is_empty() {
        let token = view.account(&TOKEN).unwrap();
        let storage = tokens.into_values().collect();
        diff.accounts.push(AccountChange { address: TOKEN, old: token, new: token, storage });
    }
    let started = Instant::now();
    commit(store, transactions, receipts, &diff);
    started.elapsed()
}

fn measure(store: Store, directory: &Path, accounts: u64, kind: Kind) -> Store {
    let mut random = StdRng::seed_from_u64(accounts);
    let before: BTreeMap<_, _> = store.sizes().unwrap().into_iter().collect();
    let mut times: Vec<Duration> = (0..BLOCKS).map(|_| transfers(&store, accounts, kind, &mut random)).collect();
    let total: Duration = times.iter().sum();
    times.sort();
    drop(store);
    let started = Instant::now();
    let store = Store::open(options(directory)).unwrap();
    let reopen = started.elapsed();
    store.checkpoint().unwrap();
    let count = BLOCKS * TRANSACTIONS_A_BLOCK;
    let mut bytes = 0.0;
    let mut parts = String::new();
    for (name, size) in store.sizes().unwrap() {
        let grown = (size as f64 - before[name] as f64) / count as f64;
        bytes += grown;
        parts += &format!(",\"{name}\":{grown:.1}");
    }
    let name = if kind == Kind::Native { "native" } else { "erc20" };
    println!(
        "{{\"accounts\":{accounts},\"kind\":\"{name}\",\"transactions\":{count},\"committed_per_second\":{:.0},\"block_ms_p50\":{:.2},\"block_ms_max\":{:.2},\"resident_mib\":{},\"reopen_ms\":{:.0},\"bytes_per_transaction\":{bytes:.1}{parts}}}",
        count as f64 / total.as_secs_f64(),
        times[times.len() / 2].as_secs_f64() * 1e3,
        times[times.len() - 1].as_secs_f64() * 1e3,
        resident_mib(),
        reopen.as_secs_f64() * 1e3,
    );
    store
}

fn resident_mib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    (pages * 4_096) >> 20
}
