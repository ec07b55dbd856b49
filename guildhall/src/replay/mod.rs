//! `guildhall replay cdnow`: real purchases as real orders.
//!
//! Every line of the file becomes an order that is placed, accepted, shipped,
//! delivered and released at its date, each step signed by the key of whoever
//! takes it. Lines are replayed in a fixed order, so the number of orders on
//! chain says how far a replay has come: an interrupted one goes on from
//! there without a duplicate.

mod plan;
mod purchases;
mod shop;

use crate::{
    cli::{CdnowArguments, StorageArguments, UsageError},
    house::{House, HouseOptions},
    keys, node,
    profile::{Kind, Profile},
    shutdown, up,
};
use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolCall;
use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_node::Sealing;
use plan::{Chunk, Planner, Stage, Standing};
use platform_business::Platform;
use platform_protocol::{
    Submit,
    contracts::{Market, StableToken},
};
use purchases::Purchases;
use serde::{Deserialize, Serialize};
use shop::Shop;
use std::{path::Path, sync::Arc, time::Instant};
use tokio::sync::{mpsc, watch};

/// Midnight UTC of 1996-12-31: when the chain's clock begins.
const START: u64 = 851_990_400;
/// Days prepared ahead of the chain.
const DAYS_AHEAD: usize = 8;

/// `replay.json`: which file this directory replays, and the seed of its
/// customers' keys.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    file_hash: B256,
    seed: B256,
}

pub(crate) fn run(arguments: CdnowArguments) -> anyhow::Result<()> {
    let bytes = std::fs::read(&arguments.file).with_context(|| format!("can't read {}", arguments.file.display()))?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{} is not text", arguments.file.display()))?;
    let purchases = Purchases::parse(text).with_context(|| arguments.file.display().to_string())?;
    ensure!(purchases.all[0].day >= START, "the first purchase is before 1996-12-31, when the chain's clock begins");
    let directory = &arguments.data.data_dir;
    let record = record(directory, keccak256(&bytes))?;
    node::runtime()?.block_on(replay(directory, Arc::new(purchases), record.seed))
}

/// The record of `directory`; made in an empty one.
fn record(directory: &Path, file_hash: B256) -> anyhow::Result<Record> {
    let path = directory.join("replay.json");
    match Profile::read(directory)? {
        Some(profile) if profile.kind == Kind::Replay => {
            let json = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
            let record: Record =
                serde_json::from_slice(&json).with_context(|| format!("{} is not usable", path.display()))?;
            if record.file_hash != file_hash {
                let reason = format!("{} replays another file; choose another --data-dir", directory.display());
                return Err(UsageError(reason).into());
            }
            Ok(record)
        }
        Some(_) => {
            let reason =
                format!("{} holds a business that is not a replay; choose another --data-dir", directory.display());
            Err(UsageError(reason).into())
        }
        None => {
            std::fs::create_dir_all(directory)
                .with_context(|| format!("can't create the data directory {}", directory.display()))?;
            let record = Record { file_hash, seed: B256::from(rand::random::<[u8; 32]>()) };
            keys::write_secret(&path, &serde_json::to_vec_pretty(&record)?)
                .with_context(|| format!("can't write {}", path.display()))?;
            Profile { kind: Kind::Replay, name: "CDNOW".into() }.write(directory)?;
            Ok(record)
        }
    }
}

async fn replay(directory: &Path, purchases: Arc<Purchases>, seed: B256) -> anyhow::Result<()> {
    let started = Instant::now();
    let dev_keys = keys::dev_keys(0, 20)?;
    let house = House::open(HouseOptions {
        directory: directory.to_owned(),
        spec: node::dev_spec(directory, 31_337, Some(START))?,
        validator: crate::chain::dev_validator(),
        operator: up::dev_operator()?,
        next_operator: None,
        former_issuers: Vec::new(),
        sealing: Sealing::Manual,
        dev_keys: Some(dev_keys),
        start_time: Some(START),
        name: "CDNOW".into(),
        rpc_url: "http://127.0.0.1:8545".into(),
        demo: false,
        solc: None,
        delivery_days: 30,
        storage: StorageArguments::default(),
    })
    .await?;
    let house = Arc::new(house);
    let platform = Arc::new(house.platform(None, None).await?);
    let metadata = describe_all(&platform, &purchases).await?;
    let indexer = {
        let (platform, cancel) = (Arc::clone(&platform), house.cancel());
        tokio::spawn(async move { platform.run_index(cancel).await })
    };
    let mut runner = Runner { house: Arc::clone(&house), purchases: Arc::clone(&purchases), seed };
    let outcome = tokio::select! {
        outcome = runner.run(Arc::new(metadata)) => outcome,
        () = shutdown::requested() => {
            house.close().await?;
            bail!("interrupted; start it again with the same file and --data-dir to go on");
        }
    };
    if let Err(error) = outcome {
        house.close().await?;
        return Err(error);
    }
    wait_for_index(&house, &platform).await?;
    let report = report(&platform, &purchases).await;
    house.stop_followers();
    let _ = indexer.await;
    house.close().await?;
    print_report(&report?)?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("Replayed {} purchases in {seconds:.1} s, index included.", purchases.all.len());
    eprintln!("Look at them: guildhall up --data-dir {}", directory.display());
    Ok(())
}

async fn describe_all(platform: &Platform, purchases: &Purchases) -> anyhow::Result<Vec<B256>> {
    let mut hashes = Vec::with_capacity(purchases.bundles.len());
    for bundle in &purchases.bundles {
        let kept = platform.keep_metadata(&shop::describe(*bundle)).await;
        hashes.push(kept.map_err(|problem| anyhow::anyhow!("can't keep a description: {problem:?}"))?);
    }
    Ok(hashes)
}

struct Runner {
    house: Arc<House>,
    purchases: Arc<Purchases>,
    seed: B256,
}

impl Runner {
    async fn run(&mut self, metadata: Arc<Vec<B256>>) -> anyhow::Result<()> {
        let mut shop = self.shop().await?;
        self.house.names.set(shop.merchant.address(), "CDNOW");
        self.pay_bond(&shop).await?;
        let standing = self.standing(&mut shop).await?;
        let bar = progress_bar(self.purchases.all.len(), standing.orders - standing.open.len())?;
        let (sender, mut chunks) = mpsc::channel::<anyhow::Result<Vec<Chunk>>>(DAYS_AHEAD);
        let purchases = Arc::clone(&self.purchases);
        // Signing runs on a thread of its own, ahead of the chain.
        let signer = std::thread::Builder::new().name("signer".into()).spawn(move || {
            let mut planner = Planner { purchases: &purchases, shop, metadata: &metadata, standing };
            for day in purchases.days() {
                if day.end <= planner.standing.orders
                    && !day.clone().any(|order| planner.standing.open.contains_key(&order))
                {
                    continue;
                }
                if sender.blocking_send(planner.day(day)).is_err() {
                    return;
                }
            }
        })?;
        while let Some(day) = chunks.recv().await {
            for chunk in day? {
                self.house.mine_at(chunk.timestamp, &chunk.transactions).await?;
                bar.inc(chunk.completes);
            }
        }
        signer.join().map_err(|_| anyhow::anyhow!("the signing thread panicked"))?;
        bar.finish_and_clear();
        Ok(())
    }

    async fn shop(&self) -> anyhow::Result<Shop> {
        let manifest = &self.house.manifest;
        let token = manifest.stable_token.address;
        let domain = self.house.view(token, StableToken::DOMAIN_SEPARATORCall {}).await?;
        Shop::new(manifest, domain, self.house.operator.clone(), self.seed)
    }

    /// Gives the merchant the credit that backs the bonds of its busiest day.
    async fn pay_bond(&self, shop: &Shop) -> anyhow::Result<()> {
        let merchant = shop.merchant.address();
        let credit =
            self.house.view(shop.market, Market::creditOfCall { account: merchant, token: shop.token }).await?;
        let busiest = self
            .purchases
            .days()
            .map(|day| self.purchases.all[day].iter().map(|purchase| purchase.amount.div_ceil(20) + 1).sum::<u128>());
        let needed = U256::from(busiest.max().unwrap_or(0));
        let counts = self.house.view(shop.market, Market::countsCall {}).await?;
        if credit >= needed || counts.orders > 0 {
            return Ok(());
        }
        let missing = needed - credit;
        let nonce = Submit::nonce(&self.house.embedded, shop.operator.address()).await?;
        let amount = u128::try_from(missing).context("the bonds are too large")?;
        let mint = Shop::mint(vec![merchant], vec![amount]);
        let first = Submit::nonce(&self.house.embedded, merchant).await?;
        let approve = StableToken::approveCall { spender: shop.market, value: missing }.abi_encode();
        let deposit = Market::depositBondCall { token: shop.token, amount: missing }.abi_encode();
        let transactions = vec![
            shop.sign(&shop.operator, nonce, shop.token, mint, 300_000),
            shop.sign(&shop.merchant, first, shop.token, approve, 200_000),
            shop.sign(&shop.merchant, first + 1, shop.market, deposit, 300_000),
        ];
        self.house.mine_at(START, &transactions).await
    }

    /// Reads from the chain how far the replay has come.
    async fn standing(&self, shop: &mut Shop) -> anyhow::Result<Standing> {
        let counts = self.house.view(shop.market, Market::countsCall {}).await?;
        let mut standing = Standing {
            offers: usize::try_from(counts.offers)?,
            orders: usize::try_from(counts.orders)?,
            ..Standing::default()
        };
        ensure!(
            standing.orders <= self.purchases.all.len() && standing.offers <= self.purchases.bundles.len(),
            "the chain holds more orders than the file: it is not of this replay"
        );
        // Only the last day can be half done.
        let day = self.purchases.days().find(|day| day.contains(&standing.orders.saturating_sub(1)));
        let next = self.purchases.days().find(|day| day.contains(&standing.orders));
        for order in day.into_iter().flatten().filter(|order| *order < standing.orders) {
            let view = self.house.view(shop.market, Market::orderCall { orderId: U256::from(order + 1) }).await?;
            let stage = stage_of(view.state).with_context(|| format!("order {} was refunded", order + 1))?;
            if stage != Stage::Released {
                standing.open.insert(order, stage);
            }
        }
        for account in [shop.operator.address(), shop.merchant.address()] {
            standing.nonces.insert(account, Submit::nonce(&self.house.embedded, account).await?);
        }
        let seen = self.purchases.all[..standing.orders].iter().map(|purchase| purchase.customer);
        let soon = next.into_iter().flatten().map(|order| self.purchases.all[order].customer);
        let customers: std::collections::BTreeSet<u32> = seen.chain(soon).collect();
        for customer in customers {
            let address = shop.customer(customer)?.address();
            let nonce = Submit::nonce(&self.house.embedded, address).await?;
            if nonce > 0 {
                standing.nonces.insert(address, nonce);
                continue;
            }
            if !self.house.view(shop.token, StableToken::balanceOfCall { account: address }).await?.is_zero() {
                standing.funded.insert(customer);
            }
        }
        Ok(standing)
    }
}

/// The stage that a state of `IMarket.State` means; `None` for a refund,
/// which a replay never makes.
const fn stage_of(state: u8) -> Option<Stage> {
    match state {
        1 => Some(Stage::Funded),
        2 => Some(Stage::Accepted),
        3 => Some(Stage::Shipped),
        4 => Some(Stage::Delivered),
        5 => Some(Stage::Released),
        _ => None,
    }
}

fn progress_bar(total: usize, done: usize) -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new(total as u64).with_position(done as u64);
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos} of {len} orders  {per_sec}  {eta} left")?);
    bar.reset_eta();
    Ok(bar)
}

/// Waits until the index has everything, showing how far it is.
async fn wait_for_index(house: &House, platform: &Platform) -> anyhow::Result<()> {
    let head = house.ledger.ledger().store().head().number();
    let mut position: watch::Receiver<_> = platform.position();
    let bar = ProgressBar::new(head);
    bar.set_style(ProgressStyle::with_template("indexing {wide_bar} block {pos} of {len}  {eta} left")?);
    loop {
        let indexed = position.borrow_and_update().indexed.map_or(0, |indexed| indexed.number);
        bar.set_position(indexed);
        if indexed >= head {
            bar.finish_and_clear();
            return Ok(());
        }
        position.changed().await.context("the index stopped")?;
    }
}

async fn report(platform: &Platform, purchases: &Purchases) -> anyhow::Result<serde_json::Value> {
    let last = purchases.all.last().map_or(START, |purchase| purchase.day) + 86_400;
    let figures = platform.metrics(START, last).await;
    figures.map_err(|problem| anyhow::anyhow!("can't compute the metrics: {problem:?}"))
}

fn print_report(figures: &serde_json::Value) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, figures)?;
    writeln!(out)?;
    Ok(())
}
