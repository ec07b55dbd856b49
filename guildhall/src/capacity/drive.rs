//! Sending to a copy, and counting what is safe in its blocks.

use super::machine;
use crate::{
    fork::{DRILL_CHAIN_ID, Fork},
    house::House,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::HashMap};
use alloy_sol_types::SolCall;
use anyhow::{Context, bail, ensure};
use ledger_node::{Sealing, StoredBlock};
use parking_lot::Mutex;
use platform_ops::{LoadControl, LoadMeasure, LoadPlan, LoadProgress, Phase};
use platform_protocol::{
    Signer, Submit, TransactionRequest,
    contracts::{Erc20, StableToken},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Accounts that send, each with money of its own.
const ACCOUNTS: usize = 100;
/// What each gets, in the token's smallest unit: more than it can send.
const MONEY: u64 = 1_000_000_000;
/// What giving it may take. One transaction may not take more than 2^24.
const MINT_GAS: u64 = 16_000_000;
/// What a transfer may take.
const TRANSFER_GAS: u64 = 200_000;
/// Transactions that may wait, where blocks are made as soon as there are any: enough to fill the next one.
const WAITING_INSTANT: u64 = 2_000;
/// The same where there is one a second at least: a second's worth and another.
const WAITING_INTERVAL: u64 = 40_000;
/// How long to wait for what was sent, when sending is over.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same when the test was cancelled.
const PATIENCE_CANCELLED: Duration = Duration::from_secs(1);
/// How often to look for blocks where nobody tells of any.
const LOOK: Duration = Duration::from_millis(100);
/// How long a sender that is ahead of its time or of the copy waits.
const PAUSE: Duration = Duration::from_millis(1);

/// A test that is driven.
pub(super) struct Drive<'a> {
    house: &'a Arc<House>,
    plan: LoadPlan,
    control: &'a LoadControl,
    directory: &'a Path,
}

/// Between senders and whoever counts.
struct Traffic {
    start: Instant,
    sent_at: Mutex<HashMap<B256, Instant>>,
    sent: AtomicU64,
    committed: AtomicU64,
    stop: AtomicBool,
    /// Whether a sender had to wait for the copy.
    held_back: AtomicBool,
    fault: Mutex<Option<String>>,
}

/// What was counted.
#[derive(Default)]
struct Count {
    measure: LoadMeasure,
    gas: u64,
    waited: Vec<Duration>,
}

impl<'a> Drive<'a> {
    pub(super) fn over(fork: &'a Fork, plan: LoadPlan, control: &'a LoadControl, directory: &'a Path) -> Self {
        Self { house: fork.house(), plan, control, directory }
    }

    /// Sends for as long as the plan says, or until it is cancelled.
    pub(super) async fn run(self) -> anyhow::Result<LoadMeasure> {
        self.control.show(LoadProgress { phase: Phase::Preparing, ..LoadProgress::default() });
        let accounts = self.prepare().await?;
        let blocks = self.house.ledger.driver().subscribe();
        let next = self.house.ledger.ledger().store().head().number() + 1;
        let traffic = Arc::new(Traffic {
            start: Instant::now(),
            sent_at: Mutex::default(),
            sent: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
            fault: Mutex::default(),
        });
        let senders = self.start(accounts, &traffic)?;
        let counted = self.follow(&traffic, &senders, blocks, next).await;
        traffic.stop.store(true, Ordering::Relaxed);
        for sender in senders {
            ensure!(sender.join().is_ok(), "a sender broke off: the program's log says why");
        }
        let count = counted?;
        if let Some(fault) = traffic.fault.lock().take() {
            bail!("the copy refused a transaction: {fault}");
        }
        let held_back = traffic.held_back.load(Ordering::Relaxed);
        Ok(LoadMeasure { held_back, ..count.finish(traffic.sent.load(Ordering::Relaxed)) })
    }

    /// Accounts that nobody else has, with money on the copy.
    async fn prepare(&self) -> anyhow::Result<Vec<Signer>> {
        let price = Submit::gas_price(&self.house.embedded).await?;
        ensure!(price == 0, "transactions cost coin on this chain, which a test's accounts don't have");
        let accounts: Vec<Signer> = (0..ACCOUNTS)
            .map(|number| self.house.operator.derive(&format!("load test {}", keccak256(number.to_be_bytes()))))
            .collect();
        let to = accounts.iter().map(Signer::address).collect();
        let mint = StableToken::mintBatchCall { to, amount: vec![U256::from(MONEY); ACCOUNTS] };
        let token = self.house.manifest.stable_token.address;
        let minted = self.house.act(token, mint.abi_encode(), MINT_GAS).await?;
        ensure!(
            minted.success,
            "the operator could not issue the stable token on the copy: is the token paused, or issuing not theirs?"
        );
        Ok(accounts)
    }

    /// Half of the processors send: the other half is for making blocks.
    fn start(&self, accounts: Vec<Signer>, traffic: &Arc<Traffic>) -> anyhow::Result<Vec<JoinHandle<()>>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2).min(ACCOUNTS);
        let recipients: Vec<Address> = accounts.iter().map(Signer::address).collect();
        let waiting_max = match self.house.ledger.driver().sealing() {
            Sealing::Instant | Sealing::Manual => WAITING_INSTANT,
            Sealing::Interval(_) => WAITING_INTERVAL,
        };
        let mut lanes: Vec<Vec<(Signer, u64)>> = (0..threads).map(|_| Vec::new()).collect();
        for (place, account) in accounts.into_iter().enumerate() {
            lanes[place % threads].push((account, 0));
        }
        let lanes = lanes.into_iter().map(|accounts| {
            let sender = Sender {
                node: Arc::clone(self.house.ledger.node()),
                token: self.house.manifest.stable_token.address,
                recipients: recipients.clone(),
                accounts,
                traffic: Arc::clone(traffic),
                lasts: Duration::from_secs(self.plan.seconds),
                rate: self.plan.rate.map(|rate| rate as f64 / threads as f64),
                waiting_max,
            };
            let thread = std::thread::Builder::new().name("load-test".into());
            thread.spawn(move || sender.run()).context("a sender can't have a thread")
        });
        lanes.collect()
    }

    /// Counts what is in blocks until all that was sent is, or nothing more is to be waited for.
    async fn follow(
        &self,
        traffic: &Traffic,
        senders: &[JoinHandle<()>],
        mut blocks: tokio::sync::broadcast::Receiver<Arc<StoredBlock>>,
        mut next: u64,
    ) -> anyhow::Result<Count> {
        let ledger = &self.house.ledger;
        let (mut count, mut over, mut looked) = (Count::default(), None, Instant::now());
        loop {
            // What woke it does not matter: all blocks up to the head are read.
            let _ = tokio::time::timeout(LOOK, blocks.recv()).await;
            let store = ledger.ledger().store();
            let head = store.head().number();
            while next <= head {
                let block = store.block(next)?.context("a block of the copy is missing")?;
                count.add(&block, traffic);
                next += 1;
            }
            if let Some(failure) = ledger.driver().failure() {
                bail!("the copy stopped to make blocks: {failure}");
            }
            if looked.elapsed() > Duration::from_secs(1) {
                looked = Instant::now();
                machine::ensure_room(&machine::disk(self.directory)?)?;
            }
            if self.control.is_cancelled() {
                traffic.stop.store(true, Ordering::Relaxed);
            }
            let sending = senders.iter().any(|sender| !sender.is_finished());
            self.show(traffic, sending);
            if sending {
                continue;
            }
            let patience = if self.control.is_cancelled() { PATIENCE_CANCELLED } else { PATIENCE };
            let all = traffic.committed.load(Ordering::Relaxed) == traffic.sent.load(Ordering::Relaxed);
            if all || over.get_or_insert_with(Instant::now).elapsed() > patience {
                return Ok(count);
            }
        }
    }

    fn show(&self, traffic: &Traffic, sending: bool) {
        self.control.show(LoadProgress {
            phase: if sending { Phase::Sending } else { Phase::Settling },
            elapsed_ms: u64::try_from(traffic.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            sent: traffic.sent.load(Ordering::Relaxed),
            committed: traffic.committed.load(Ordering::Relaxed),
        });
    }
}

impl Count {
    /// Counts what of a block was sent here. It is on the disk by now: before, it is not the head.
    fn add(&mut self, block: &StoredBlock, traffic: &Traffic) {
        let now = Instant::now();
        let mut ours = 0;
        let mut sent_at = traffic.sent_at.lock();
        for (transaction, receipt) in block.block.transactions.iter().zip(&block.receipts) {
            let Some(sent) = sent_at.remove(transaction.tx_hash()) else { continue };
            ours += 1;
            self.measure.failed += u64::from(!receipt.status());
            self.waited.push(now - sent);
        }
        drop(sent_at);
        if ours == 0 {
            return;
        }
        let since = now - traffic.start;
        let second = usize::try_from(since.as_secs()).unwrap_or(usize::MAX);
        let series = &mut self.measure.each_second;
        series.resize(series.len().max(second + 1), 0);
        series[second] += ours;
        self.measure.committed += ours;
        self.measure.blocks += 1;
        self.measure.seconds = since.as_secs_f64();
        self.gas += block.block.header.gas_used;
        traffic.committed.fetch_add(ours, Ordering::Relaxed);
    }

    fn finish(mut self, sent: u64) -> LoadMeasure {
        self.waited.sort_unstable();
        let at = |percent: usize| {
            let place = self.waited.len().checked_sub(1)? * percent / 100;
            Some(self.waited[place].as_secs_f64() * 1_000.0)
        };
        let (median_ms, p99_ms) = (at(50), at(99));
        let measure = self.measure;
        let a_second = |whole: u64| if measure.seconds > 0.0 { whole as f64 / measure.seconds } else { 0.0 };
        LoadMeasure {
            sent,
            per_second: a_second(measure.committed - measure.failed),
            gas_per_second: a_second(self.gas),
            median_ms,
            p99_ms,
            ..measure
        }
    }
}

/// A thread that sends.
struct Sender {
    node: Arc<ledger_rpc::Node>,
    token: Address,
    recipients: Vec<Address>,
    /// Each with its next nonce.
    accounts: Vec<(Signer, u64)>,
    traffic: Arc<Traffic>,
    lasts: Duration,
    /// Transactions a second of this thread.
    rate: Option<f64>,
    waiting_max: u64,
}

impl Sender {
    fn run(mut self) {
        let mut sent: usize = 0;
        loop {
            let traffic = &self.traffic;
            let elapsed = traffic.start.elapsed();
            if elapsed >= self.lasts || traffic.stop.load(Ordering::Relaxed) {
                return;
            }
            let early = self.rate.is_some_and(|rate| sent as f64 >= elapsed.as_secs_f64() * rate);
            let waiting =
                traffic.sent.load(Ordering::Relaxed).saturating_sub(traffic.committed.load(Ordering::Relaxed));
            let held_back = !early && waiting >= self.waiting_max;
            if held_back {
                traffic.held_back.store(true, Ordering::Relaxed);
            }
            if early || held_back {
                std::thread::sleep(PAUSE);
                continue;
            }
            if let Err(fault) = self.send(sent) {
                self.traffic.fault.lock().get_or_insert(fault);
                self.traffic.stop.store(true, Ordering::Relaxed);
                return;
            }
            sent += 1;
        }
    }

    /// Sends the transaction of place `number`: one unit of the token to somebody else.
    fn send(&mut self, number: usize) -> Result<(), String> {
        let place = number % self.accounts.len();
        let to = self.recipients[number.wrapping_mul(31) % self.recipients.len()];
        let (signer, nonce) = &mut self.accounts[place];
        let request = TransactionRequest {
            chain_id: DRILL_CHAIN_ID,
            nonce: *nonce,
            to: Some(self.token),
            value: U256::ZERO,
            input: Bytes::from(Erc20::transferCall { to, value: U256::from(1) }.abi_encode()),
            gas_limit: TRANSFER_GAS,
            gas_price: 0,
        };
        let raw = signer.sign_transaction(request);
        // Known before it is sent: its block may be there before the answer is.
        let hash = keccak256(&raw);
        self.traffic.sent_at.lock().insert(hash, Instant::now());
        self.traffic.sent.fetch_add(1, Ordering::Relaxed);
        match self.node.submit_raw(&raw) {
            Ok(_) => {
                *nonce += 1;
                Ok(())
            }
            Err(error) => {
                self.traffic.sent_at.lock().remove(&hash);
                self.traffic.sent.fetch_sub(1, Ordering::Relaxed);
                Err(error.message)
            }
        }
    }
}
