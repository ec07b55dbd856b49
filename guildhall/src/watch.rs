//! The watch over a house: who acts for it, what its vitals are, and which rules it follows.

use crate::{
    backups::Standing,
    house::{House, store_url},
    outside::Outlook,
    workshop::HouseWorkshop,
};
use alloy_primitives::{Address, B256, Bytes, U256};
use anyhow::Context;
use async_trait::async_trait;
use ledger_execution::simulate::CallError;
use ledger_txpool::Hold;
use platform_api::calendar::rfc3339;
use platform_business::Figures;
use platform_index::{BlockSource, Head, Store};
use platform_ops::{Act, Actor, Compiled, Register, Rehearsal, Vitals, Watch, WatchOptions, playbooks, rules};
use platform_protocol::Call;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    time::Instant,
};
use tokio::sync::watch;

/// The folder of a data directory that holds its own rules.
pub(crate) const RULES_FOLDER: &str = "rules";
/// Figures of looking at the house from outside.
const OUTSIDE: [(&str, &str); 3] = [
    ("site_reachable", "Whether the public address answered when it was last looked at"),
    ("site_drift", "Files of the console that people get otherwise than this program holds them"),
    ("certificate_days", "Whole days until the certificate of the public address ends"),
];
/// What a step of a playbook may take.
const GAS_LIMIT: u64 = 3_000_000;

/// Acts with the operator's key.
pub(crate) struct Operator {
    house: Arc<House>,
    held: watch::Sender<bool>,
}

impl Operator {
    pub(crate) fn new(house: Arc<House>) -> Self {
        let held = house.held.clone();
        Self { house, held }
    }
}

#[async_trait]
impl Actor for Operator {
    async fn ask(&self, act: &Act) -> Result<Bytes, String> {
        let call =
            Call { from: self.house.operator.address(), to: act.to, value: U256::ZERO, input: act.input.clone() };
        self.house.embedded.call_next(call).await.map_err(|error| match error {
            CallError::Reverted(data) => format!("it would revert with 0x{}", alloy_primitives::hex::encode(&data)),
            error => error.to_string(),
        })
    }

    async fn act(&self, act: &Act) -> Result<(B256, u64), String> {
        let mined = self.house.act(act.to, act.input.to_vec(), GAS_LIMIT).await;
        let mined = mined.map_err(|error| format!("{error:#}"))?;
        if mined.success { Ok((mined.hash, mined.block_number)) } else { Err(format!("{} failed", mined.hash)) }
    }

    async fn hold(&self, what: &str, held: bool) -> Result<(), String> {
        if what != "house" {
            return Err(format!("{what} can't be held"));
        }
        self.held.send_replace(held);
        Ok(())
    }

    async fn block_fault(&self, account: Address) -> Option<String> {
        let house = &self.house;
        if [house.operator.address(), house.coupon_issuer().address()].contains(&account) {
            return Some("this is the house's own key, with which it acts: it can't be blocked".to_owned());
        }
        if account == house.validator {
            return Some("this is the key that makes the house's blocks: it can't be blocked".to_owned());
        }
        let (contract, ..) = house.manifest.standings().into_iter().find(|(_, address, _)| *address == account)?;
        Some(format!("this is the contract {contract}, which sends nothing by itself: pause it instead"))
    }

    async fn block(&self, account: Address, until: u64) -> Result<(), String> {
        if let Some(fault) = self.block_fault(account).await {
            return Err(fault);
        }
        let end = rfc3339(until);
        let notice = format!("this house takes no transactions of {account} until {end}; ask its staff about it");
        let hold = Hold { until, notice: notice.into() };
        let dropped = self.house.ledger.node().pool.hold(account, hold).map_err(|error| error.to_string())?;
        tracing::info!(%account, until = end, dropped, "an account is blocked");
        Ok(())
    }

    async fn unblock(&self, account: Address) -> Result<(), String> {
        self.house.ledger.node().pool.lift_hold(&account);
        tracing::info!(%account, "an account is not blocked any more");
        Ok(())
    }

    async fn blocked(&self, account: Address) -> Result<Option<u64>, String> {
        Ok(self.house.ledger.node().pool.hold_of(&account).map(|hold| hold.until))
    }
}

/// The vitals of a running house.
pub(crate) struct HouseVitals {
    house: Arc<House>,
    indexed: Box<dyn Fn() -> u64 + Send + Sync>,
    directory: PathBuf,
    rules: BTreeMap<String, B256>,
    /// The newest block when it was last looked at, and since when it is the newest.
    newest: Mutex<(u64, Instant)>,
    figures: Arc<Figures>,
    backups: Arc<Standing>,
    outlook: Arc<Outlook>,
}

impl HouseVitals {
    pub(crate) fn new(
        house: Arc<House>,
        directory: &Path,
        indexed: Box<dyn Fn() -> u64 + Send + Sync>,
        figures: Arc<Figures>,
        backups: Arc<Standing>,
        outlook: Arc<Outlook>,
    ) -> Self {
        let rules = own_rules(directory).map(|files| digests(&files)).unwrap_or_default();
        let newest = Mutex::new((0, Instant::now()));
        Self { house, indexed, directory: directory.to_owned(), rules, newest, figures, backups, outlook }
    }

    /// Seconds for which there has been no new block, by a clock that nobody sets: the chain's own may be moved by days
    /// in a demo, and the machine's may be wrong.
    fn seconds_since_block(&self, head: u64) -> u64 {
        let Ok(mut newest) = self.newest.lock() else { return 0 };
        if newest.0 != head {
            *newest = (head, Instant::now());
        }
        newest.1.elapsed().as_secs()
    }

    /// Shows Prometheus what only this program knows.
    fn show(&self, disk_free_percent: i64, pending: i64, blocked: i64) {
        let succeeded_at = i64::try_from(self.backups.succeeded_at.load(Relaxed)).unwrap_or(i64::MAX);
        let figures = [
            ("disk_free_percent", "Free space on the disk of the data directory", disk_free_percent),
            ("pool_transactions", "Transactions that wait for a block", pending),
            ("accounts_blocked", "Addresses of which the house takes no transactions", blocked),
            (
                "backup_success_timestamp_seconds",
                "When the newest restorable backup was made; 0 for none",
                succeeded_at,
            ),
            ("backup_failed", "Whether the last scheduled backup failed", self.backups.failed.load(Relaxed)),
        ];
        for (name, help, value) in figures {
            self.figures.set(name, help, value);
        }
    }
}

impl Vitals for HouseVitals {
    fn sample(&self) -> BTreeMap<String, i64> {
        let head = self.house.ledger.ledger().store().head();
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let pool = &self.house.ledger.node().pool;
        let (pending, blocked) = (pool.status().0, pool.held_accounts());
        // Whoever changes a rule while the watch runs wants it unnoticed, or must start it anew.
        let rules = own_rules(&self.directory).map(|files| digests(&files));
        let intact = rules.is_ok_and(|rules| rules == self.rules);
        let (disk_free, pending) = (disk_free_percent(&self.directory), whole(pending as u64));
        self.show(disk_free, pending, whole(blocked as u64));
        let facts = [
            ("pending", pending),
            ("seconds_since_block", whole(self.seconds_since_block(head.number()))),
            ("index_lag", whole(head.number().saturating_sub((self.indexed)()))),
            ("disk_free_percent", disk_free),
            ("backup_failed", self.backups.failed.load(Relaxed)),
            ("rules_intact", i64::from(intact)),
        ];
        let outside = self.outlook.facts();
        for (name, help) in OUTSIDE {
            if let Some(value) = outside.get(name) {
                self.figures.set(name, help, *value);
            }
        }
        facts.into_iter().chain(outside).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn disk_free_percent(directory: &Path) -> i64 {
    let Ok(disk) = rustix::fs::statvfs(directory) else { return 100 };
    // As df counts: what only the superuser may fill is neither used nor free.
    let (used, free) = (u128::from(disk.f_blocks.saturating_sub(disk.f_bfree)), u128::from(disk.f_bavail));
    let percent = free * 100 / (used + free).max(1);
    i64::try_from(percent).unwrap_or(100)
}

/// Rules that a data directory has of its own: file names and texts.
pub(crate) fn own_rules(directory: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let folder = directory.join(RULES_FOLDER);
    let mut files = Vec::new();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(error).with_context(|| format!("can't list {}", folder.display())),
    };
    for entry in entries {
        let path = entry.with_context(|| format!("can't list {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

fn digests(files: &[(String, String)]) -> BTreeMap<String, B256> {
    files.iter().map(|(file, text)| (file.clone(), alloy_primitives::keccak256(text))).collect()
}

/// The rules of a data directory: those that ship, and its own.
pub(crate) fn rules_of(directory: &Path) -> anyhow::Result<Vec<Compiled>> {
    rules(&own_rules(directory)?).map_err(|error| crate::cli::UsageError(error.to_string()).into())
}

/// The rules that a house is watched by: those of its files, and what its people made of them in the console.
pub(crate) async fn rules_in_force(directory: &Path) -> anyhow::Result<Vec<Arc<Compiled>>> {
    let base = rules_of(directory)?;
    let store = Store::open(&store_url(directory)).await.context("can't open the watch's records")?;
    Ok(platform_ops::rules_in_force(&store, base).await?)
}

/// What stands where in a house.
pub(crate) fn register(house: &House) -> anyhow::Result<Register> {
    Ok(Register::of(&house.manifest, house.operator.address())?)
}

/// Opens the watch over a house. One that is new to it is watched from its newest block on.
pub(crate) async fn open(house: &Arc<House>, directory: &Path, rehearsal: Arc<dyn Rehearsal>) -> anyhow::Result<Watch> {
    let from: Head = BlockSource::head(&house.embedded).await?;
    let manifest = &house.manifest;
    let later = [&manifest.arbiter_panel, &manifest.reviews, &manifest.trace];
    let first = [&manifest.guild_token, &manifest.stable_token, &manifest.market];
    let known_code: Vec<Address> = first
        .into_iter()
        .chain(later.into_iter().filter_map(Option::as_ref))
        .map(|proxied| proxied.implementation.address)
        .collect();
    let options = WatchOptions {
        store: Store::open(&store_url(directory)).await.context("can't open the watch's records")?,
        source: Arc::new(house.embedded.clone()),
        actor: Arc::new(Operator::new(Arc::clone(house))),
        rehearsal,
        workshop: Arc::new(HouseWorkshop::new(Arc::clone(house))),
        register: register(house)?,
        rules: rules_of(directory)?.into_iter().map(Arc::new).collect(),
        playbooks: playbooks().map_err(anyhow::Error::msg)?,
        from,
        known_code,
        deployed: manifest.block,
        chain_id: manifest.chain_id,
    };
    Watch::open(options).await.context("can't open the watch")
}
