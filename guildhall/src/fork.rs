//! A fork of a house: its whole chain as of one moment, in a place of its own, under another chain id.

use crate::{
    care,
    chain::{GENESIS_FILE, LEDGER_FOLDER},
    cli::StorageArguments,
    house::{House, HouseOptions},
    watch::{Operator, register},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use anyhow::Context;
use async_trait::async_trait;
use ledger_chain::ChainSpec;
use ledger_consensus::ValidatorKey;
use ledger_node::Sealing;
use platform_index::{BlockSource, Store};
use platform_ops::{
    Act, Actor, Observation, Played, Range, Register, Rehearsal, Rehearsed, Sensor, Sent, delay, schedule,
};
use platform_protocol::{Signer, Submit, TransactionRequest};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The chain id of every fork. What is signed for it is good nowhere else.
pub(crate) const DRILL_CHAIN_ID: u64 = 20_220_417;
/// What a transaction of a drill may take.
const GAS_LIMIT: u64 = 8_000_000;
/// Forks are kept in memory where there is room for files in it.
const MEMORY: &str = "/dev/shm";
/// Chains up to this size are forked in memory, in bytes.
const MEMORY_MAX: u64 = 2 << 30;

/// A copy of a chain as of one moment, from which forks are made.
pub(crate) struct Trunk {
    directory: tempfile::TempDir,
}

/// A fork, running. Nothing of it is left when it is dropped.
pub(crate) struct Fork {
    house: Arc<House>,
    store: Store,
    register: Register,
    _directory: tempfile::TempDir,
}

impl Trunk {
    /// Copies the chain of a data directory, also while it is in use.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        let size = folder_bytes(&care::store(directory, None)?.directory)?;
        Self::filled(directory, place(size)?)
    }

    /// Copies the chain of a data directory into `place`, also while it is in use.
    fn filled(directory: &Path, place: tempfile::TempDir) -> anyhow::Result<Self> {
        let options = care::store(directory, None)?;
        ledger_state::backup(&options, &place.path().join(LEDGER_FOLDER), &mut |_| {})
            .context("can't copy the chain")?;
        for file in [GENESIS_FILE, "manifest.json"] {
            let path = directory.join(file);
            let text = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
            let mut json: Value =
                serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
            if file == GENESIS_FILE {
                json["config"]["chainId"] = DRILL_CHAIN_ID.into();
            } else {
                json["chain_id"] = DRILL_CHAIN_ID.into();
            }
            std::fs::write(place.path().join(file), json.to_string()).context("can't write the fork")?;
        }
        Ok(Self { directory: place })
    }

    /// Makes a fork, with the operator's key of `options`.
    pub(crate) async fn fork(&self, options: HouseOptions) -> anyhow::Result<Fork> {
        let directory = place(folder_bytes(self.directory.path())?)?;
        copy(self.directory.path(), directory.path()).context("can't copy the chain")?;
        Self { directory }.open(options).await
    }

    /// Makes this copy itself the fork, with the operator's key of `options`.
    async fn open(self, options: HouseOptions) -> anyhow::Result<Fork> {
        let directory = self.directory;
        let genesis = std::fs::read(directory.path().join(GENESIS_FILE)).context("can't read the fork")?;
        let spec = Arc::new(ChainSpec::from_json(&genesis).context("the fork's genesis is damaged")?);
        let house = House::open(HouseOptions {
            directory: directory.path().to_owned(),
            spec,
            // The fork's clock is moved; a business's is not.
            dev_keys: Some(Vec::new()),
            start_time: Some(0),
            ..options
        });
        let house = Arc::new(house.await?);
        let store = Store::open(&format!("sqlite:{}", directory.path().join("drill.sqlite").display())).await?;
        let register = register(&house)?;
        Ok(Fork { house, store, register, _directory: directory })
    }
}

/// Rehearses changes on copies of a house's chain.
pub(crate) struct Rehearser {
    directory: PathBuf,
    validator: ValidatorKey,
    operator: Signer,
    storage: StorageArguments,
    /// One copy at a time: each takes as much room as the chain.
    one: tokio::sync::Mutex<()>,
}

impl Rehearser {
    /// For the house that `options` open.
    pub(crate) fn of(options: &HouseOptions) -> Self {
        Self {
            directory: options.directory.clone(),
            validator: options.validator.clone(),
            operator: options.operator.clone(),
            storage: options.storage,
            one: tokio::sync::Mutex::default(),
        }
    }

    /// The same with the key that turned out to act for the house.
    pub(crate) fn acting_as(self, operator: Signer) -> Self {
        Self { operator, ..self }
    }

    async fn fork(&self) -> anyhow::Result<Fork> {
        let directory = self.directory.clone();
        let trunk = tokio::task::spawn_blocking(move || Trunk::of(&directory)).await??;
        let options = self.options(&trunk, Sealing::Instant)?;
        trunk.fork(options).await
    }

    /// A fork in `place`, which makes blocks as `sealing` says.
    pub(crate) async fn fork_in(&self, place: tempfile::TempDir, sealing: Sealing) -> anyhow::Result<Fork> {
        let directory = self.directory.clone();
        let trunk = tokio::task::spawn_blocking(move || Trunk::filled(&directory, place)).await??;
        let options = self.options(&trunk, sealing)?;
        trunk.open(options).await
    }

    fn options(&self, trunk: &Trunk, sealing: Sealing) -> anyhow::Result<HouseOptions> {
        let genesis = std::fs::read(trunk.directory.path().join(GENESIS_FILE)).context("can't read the copy")?;
        Ok(HouseOptions {
            directory: self.directory.clone(),
            spec: Arc::new(ChainSpec::from_json(&genesis).context("the copy's genesis is damaged")?),
            validator: self.validator.clone(),
            operator: self.operator.clone(),
            next_operator: None,
            former_issuers: Vec::new(),
            sealing,
            dev_keys: None,
            start_time: None,
            storage: self.storage,
            name: "Rehearsal".to_owned(),
            rpc_url: String::new(),
            demo: false,
            delivery_days: 0,
            solc: None,
        })
    }
}

#[async_trait]
impl Rehearsal for Rehearser {
    async fn rehearse(&self, acts: &[Act], sensor: &Sensor) -> Result<Rehearsed, String> {
        let _one = self.one.lock().await;
        let said = |error: anyhow::Error| format!("the copy to rehearse on could not be made: {error:#}");
        let fork = self.fork().await.map_err(said)?;
        let outcome = fork.rehearse(acts, sensor).await;
        fork.close().await.map_err(said)?;
        outcome
    }
}

impl Fork {
    /// What runs on it.
    pub(crate) const fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Stops it.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.house.close().await
    }

    async fn rehearse(&self, acts: &[Act], sensor: &Sensor) -> Result<Rehearsed, String> {
        let (actor, source) = (self.actor(), self.source());
        let see = async |number: u64| -> Result<Observation, String> {
            let block = source.block(number).await.map_err(|error| error.to_string())?;
            let block = block.ok_or_else(|| format!("block {number} of the copy is gone"))?;
            sensor.observe(&block, source.as_ref()).await.map_err(|error| error.to_string())
        };
        let head = source.head().await.map_err(|error| error.to_string())?;
        let before = see(head.number).await?;
        let mut calls = Vec::new();
        for (place, act) in (1..).zip(acts) {
            let failed = |why: String| format!("call {place} fails in the rehearsal: {why}");
            let delay = delay(actor.as_ref(), &self.register, act).await.map_err(failed)?;
            let scheduled = if delay > 0 {
                let say = schedule(&self.register, act)?;
                let (_, block) = actor.act_if_it_succeeds(&say).await.map_err(failed)?;
                self.warp(delay).await?;
                Some((delay, see(block).await?))
            } else {
                None
            };
            let (_, block) = actor.act_if_it_succeeds(act).await.map_err(failed)?;
            calls.push(Played { scheduled, done: see(block).await? });
        }
        Ok(Rehearsed { before, calls })
    }

    fn signer(&self, name: &str) -> Signer {
        if name == "operator" {
            return self.house.operator.clone();
        }
        // Known to everyone, and worth nothing: the fork is gone in a moment.
        let key = keccak256(format!("a guildhall drill's {name}"));
        Signer::from_bytes(&key).unwrap_or_else(|_| self.house.operator.clone())
    }
}

#[async_trait]
impl Range for Fork {
    fn source(&self) -> Arc<dyn BlockSource> {
        Arc::new(self.house.embedded.clone())
    }

    fn actor(&self) -> Arc<dyn Actor> {
        Arc::new(Operator::new(Arc::clone(&self.house)))
    }

    fn register(&self) -> Register {
        self.register.clone()
    }

    fn store(&self) -> Store {
        self.store.clone()
    }

    fn person(&self, name: &str) -> Address {
        self.signer(name).address()
    }

    async fn send(&self, by: &str, to: Option<Address>, input: Bytes) -> Result<Sent, String> {
        let signer = self.signer(by);
        let chain = &self.house.embedded;
        let said = |error: platform_protocol::SubmitError| error.to_string();
        let request = TransactionRequest {
            chain_id: DRILL_CHAIN_ID,
            nonce: Submit::nonce(chain, signer.address()).await.map_err(said)?,
            to,
            value: U256::ZERO,
            input,
            gas_limit: GAS_LIMIT,
            gas_price: Submit::gas_price(chain).await.map_err(said)?,
        };
        let hash: B256 = chain.send_raw(signer.sign_transaction(request)).await.map_err(said)?;
        let mined = chain.wait(hash).await.map_err(said)?;
        Ok(Sent { block: mined.block_number, success: mined.success, created: mined.created })
    }

    async fn warp(&self, seconds: u64) -> Result<(), String> {
        let driver = self.house.ledger.driver();
        driver.clock().increase(seconds).map_err(|error| error.to_string())?;
        driver.mine().await.map_err(|error| error.to_string())?;
        Ok(())
    }
}

fn place(bytes: u64) -> anyhow::Result<tempfile::TempDir> {
    let memory = PathBuf::from(MEMORY);
    let room = rustix::fs::statvfs(&memory).map(|disk| disk.f_bavail * disk.f_frsize).unwrap_or(0);
    let mut builder = tempfile::Builder::new();
    builder.prefix("guildhall-fork-");
    let made = if bytes <= MEMORY_MAX && room > bytes.saturating_mul(4) {
        builder.tempdir_in(&memory)
    } else {
        builder.tempdir()
    };
    made.context("can't make a place for the fork")
}

fn folder_bytes(directory: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory).with_context(|| format!("can't list {}", directory.display()))? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { folder_bytes(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.metadata()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
