//! A ledger with the platform on top: what `up` serves and `replay` fills.

use crate::{chain::write_new, cli::StorageArguments, embedded::Embedded, keys, keystore, solc::Solc};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use anyhow::{Context, ensure};
use ledger_chain::{BaseFeePolicy, ChainSpec};
use ledger_consensus::ValidatorKey;
use ledger_node::{LedgerNode, Sealing};
use platform_business::{ChainInfo, Compiler, DemoHooks, Names, Platform, PlatformConfig};
use platform_index::IndexerConfig;
use platform_notify::Notifier;
use platform_protocol::{
    Manifest, Mined, Plan, Signer, Standing, Submit, TransactionRequest, Upgrade, deploy, is_administrator, verify,
    view,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

/// What stands where.
const MANIFEST: &str = "manifest.json";
/// Enough for coin sent to an account, or to a contract that takes it.
const TRANSFER_GAS: u64 = 100_000;
/// What will, once an upgrade is made.
const NEXT_MANIFEST: &str = "manifest.next.json";

/// How to open a house.
pub(crate) struct HouseOptions {
    pub(crate) directory: PathBuf,
    pub(crate) spec: Arc<ChainSpec>,
    pub(crate) validator: ValidatorKey,
    /// Deploys the contracts and holds every role at the start.
    pub(crate) operator: Signer,
    /// Acts instead of the operator once the chain says so: an exchange of keys began.
    pub(crate) next_operator: Option<Signer>,
    /// Sign coupons of campaigns from before the house exchanged its key.
    pub(crate) former_issuers: Vec<Signer>,
    pub(crate) sealing: Sealing,
    /// Keys that the RPC signs with; `None` outside development.
    pub(crate) dev_keys: Option<Vec<B256>>,
    /// Where the chain's clock begins, on development chains.
    pub(crate) start_time: Option<u64>,
    pub(crate) storage: StorageArguments,
    pub(crate) name: String,
    pub(crate) rpc_url: String,
    pub(crate) demo: bool,
    /// Days after an order's end before its delivery address is erased.
    pub(crate) delivery_days: u32,
    /// A Solidity compiler, for verifying contracts.
    pub(crate) solc: Option<PathBuf>,
}

/// The parts, running.
pub(crate) struct House {
    pub(crate) ledger: Arc<LedgerNode>,
    pub(crate) embedded: Embedded,
    pub(crate) manifest: Manifest,
    pub(crate) operator: Signer,
    /// Whom the operator took the place of, while their keystores still say otherwise.
    pub(crate) former_operator: Option<Address>,
    former_issuers: Vec<Signer>,
    /// Whose key makes the blocks.
    pub(crate) validator: Address,
    pub(crate) names: Names,
    /// Held from reading the operator's nonce to sending with it.
    pub(crate) operator_nonce: tokio::sync::Mutex<()>,
    /// Whether the house sends nothing by itself until a person lifts the hold.
    pub(crate) held: watch::Sender<bool>,
    directory: PathBuf,
    chain: ChainInfo,
    solc: Option<Solc>,
    delivery_days: u32,
    cancel: watch::Sender<bool>,
}

impl House {
    /// Opens the ledger and puts the contracts on it where they are missing.
    pub(crate) async fn open(options: HouseOptions) -> anyhow::Result<Self> {
        let chain = ChainInfo {
            name: options.name,
            rpc_url: options.rpc_url,
            demo: options.demo,
            dev: options.dev_keys.is_some(),
            gas_free: options.spec.base_fee_policy() == BaseFeePolicy::Zero,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let validator = options.validator.address();
        let ledger = crate::node::start(
            &options.directory,
            options.spec,
            options.validator,
            // Deploying waits for blocks; the sealing asked for comes after.
            Sealing::Instant,
            options.dev_keys,
            options.start_time,
            options.storage,
        )?;
        let embedded = Embedded::new(&ledger);
        let manifest = contracts(&options.directory, &embedded, &options.operator, chain.dev).await?;
        ledger.driver().set_sealing(options.sealing);
        let (mut operator, mut former_operator) = (options.operator, None);
        let mut former_issuers = options.former_issuers;
        if let Some(next) = options.next_operator {
            if acts_instead(&embedded, &manifest, operator.address(), next.address()).await? {
                former_issuers.push(keystore::coupon_issuer(&operator));
                former_operator = Some(operator.address());
                operator = next;
            } else {
                tracing::warn!(
                    "an exchange of the house's key was begun and not made: `guildhall keys rotate` ends it"
                );
            }
        }
        Ok(Self {
            ledger: Arc::new(ledger),
            embedded,
            manifest,
            operator,
            former_operator,
            former_issuers,
            validator,
            names: Names::default(),
            operator_nonce: tokio::sync::Mutex::new(()),
            held: watch::Sender::new(false),
            directory: options.directory,
            chain,
            solc: Solc::find(options.solc),
            delivery_days: options.delivery_days,
            cancel: watch::Sender::new(false),
        })
    }

    /// Opens the platform over it.
    pub(crate) async fn platform(
        &self,
        demo: Option<Arc<dyn DemoHooks>>,
        notifier: Option<Arc<Notifier>>,
    ) -> anyhow::Result<Platform> {
        let config = PlatformConfig {
            store_url: store_url(&self.directory),
            chain: self.chain.clone(),
            manifest: self.manifest.clone(),
            source: Arc::new(self.embedded.clone()),
            demo,
            names: self.names.clone(),
            indexer: IndexerConfig::default(),
            compiler: self.solc.clone().map(|solc| Arc::new(solc) as Arc<dyn Compiler>),
            delivery_days: self.delivery_days,
            seal: keys::sealing_key(&self.directory)?,
            notifier,
            issuers: self.coupon_issuers(),
        };
        Platform::new(config).await.context("can't open the index")
    }

    /// The key that signs coupons of new campaigns.
    pub(crate) fn coupon_issuer(&self) -> Signer {
        keystore::coupon_issuer(&self.operator)
    }

    /// The keys that sign coupons, the present one first. Contracts from before there were coupons take none.
    fn coupon_issuers(&self) -> Vec<Signer> {
        if self.manifest.market_parts.is_empty() {
            return Vec::new();
        }
        std::iter::once(self.coupon_issuer()).chain(self.former_issuers.iter().cloned()).collect()
    }

    /// Makes the data directory say what the chain does: that another key acts for the house.
    pub(crate) fn keep_operator(&mut self) -> anyhow::Result<()> {
        let Some(former) = self.former_operator.take() else { return Ok(()) };
        if self.manifest.treasury == former {
            self.manifest.treasury = self.operator.address();
            keep(&self.directory, &self.manifest)?;
        }
        keystore::keep_former(&self.directory, former)?;
        keystore::adopt_next(&self.directory)?;
        tracing::info!(from = %former, to = %self.operator.address(), "the house's key was exchanged");
        Ok(())
    }

    /// Brings the contracts to those of this version, and the directory's
    /// manifest with them.
    pub(crate) async fn upgrade(&self) -> anyhow::Result<Upgrade> {
        let next = self.directory.join(NEXT_MANIFEST);
        let mut announce = |manifest: &Manifest| {
            let json = manifest.to_json().map_err(std::io::Error::other)?;
            write_new(&next, json.as_bytes())
        };
        let floor = arbitration_floor(self.chain.dev);
        let version = env!("CARGO_PKG_VERSION");
        let (chain, operator) = (&self.embedded, &self.operator);
        let upgrade =
            platform_protocol::upgrade(chain, operator, &self.manifest, floor, version, &mut announce).await?;
        keep(&self.directory, &upgrade.manifest)?;
        Ok(upgrade)
    }

    /// The Solidity compiler, where there is one.
    pub(crate) const fn solc(&self) -> Option<&Solc> {
        self.solc.as_ref()
    }

    /// Writes down the code that a contract will run, before it does.
    pub(crate) fn announce_code(&self, contract: &str, next: &Standing) -> anyhow::Result<()> {
        let path = self.directory.join(MANIFEST);
        // Not the one that this house was opened with: code may have been changed since.
        let manifest = read_manifest(&path)?.with_context(|| format!("{} is gone", path.display()))?;
        let next = manifest.with_code(contract, next).with_context(|| format!("{contract} has no code to change"))?;
        let path = self.directory.join(NEXT_MANIFEST);
        write_new(&path, next.to_json()?.as_bytes()).with_context(|| format!("can't write {}", path.display()))
    }

    /// Makes the announced manifest the directory's where it came true, and forgets it else.
    pub(crate) async fn settle_code(&self) -> anyhow::Result<()> {
        let path = self.directory.join(NEXT_MANIFEST);
        let Some(next) = read_manifest(&path)? else { return Ok(()) };
        match verify(&self.embedded, &next).await {
            Ok(()) => keep(&self.directory, &next),
            Err(error) => {
                tracing::warn!(%error, "a change of code did not come true");
                std::fs::remove_file(&path).with_context(|| format!("can't forget {}", path.display()))
            }
        }
    }

    /// What a view of a contract answers at the head.
    pub(crate) async fn view<C: SolCall>(&self, contract: Address, call: C) -> anyhow::Result<C::Return> {
        view(&self.embedded, contract, call).await.context("a call to the chain failed")
    }

    /// Sends a call as the operator and waits until it is mined.
    pub(crate) async fn act(&self, to: Address, input: Vec<u8>, gas_limit: u64) -> anyhow::Result<Mined> {
        self.send(Some(to), U256::ZERO, input.into(), gas_limit).await
    }

    /// Creates a contract as the operator and waits until it is mined.
    pub(crate) async fn create(&self, creation: Bytes, gas_limit: u64) -> anyhow::Result<Mined> {
        self.send(None, U256::ZERO, creation, gas_limit).await
    }

    /// Sends coin as the operator and waits until it is mined.
    pub(crate) async fn pay(&self, to: Address, value: U256) -> anyhow::Result<Mined> {
        self.send(Some(to), value, Bytes::new(), TRANSFER_GAS).await
    }

    async fn send(&self, to: Option<Address>, value: U256, input: Bytes, gas_limit: u64) -> anyhow::Result<Mined> {
        let (chain, operator) = (&self.embedded, &self.operator);
        // Until it is taken, nobody else may read the same nonce.
        let _order = self.operator_nonce.lock().await;
        let request = TransactionRequest {
            chain_id: self.manifest.chain_id,
            nonce: Submit::nonce(chain, operator.address()).await?,
            to,
            value,
            input,
            gas_limit,
            gas_price: Submit::gas_price(chain).await?,
        };
        let hash = chain.send_raw(operator.sign_transaction(request)).await.context("the operator's transaction")?;
        chain.wait(hash).await.context("the operator's transaction")
    }

    /// Sends transactions, makes blocks at `time` (or the head's, if later)
    /// until all are in, and checks that each succeeded. For chains that make
    /// blocks only when told to.
    pub(crate) async fn mine_at(&self, time: u64, transactions: &[Bytes]) -> anyhow::Result<()> {
        let node = self.ledger.node();
        for transaction in transactions {
            node.submit_raw(transaction)
                .map_err(|error| anyhow::anyhow!("a transaction was refused: {}", error.message))?;
        }
        let mut left = transactions.len();
        while left > 0 {
            let head = node.ledger.store().head().block.header.timestamp;
            node.driver.clock().set_next(time.max(head), head)?;
            let block = node.driver.mine().await?;
            ensure!(!block.block.transactions.is_empty(), "{left} transactions can't be put into a block");
            for (receipt, transaction) in block.receipts.iter().zip(&block.block.transactions) {
                let hash = transaction.tx_hash();
                ensure!(receipt.status(), "a transaction failed in block {}: {hash}", block.number());
            }
            left = left.saturating_sub(block.block.transactions.len());
        }
        Ok(())
    }

    /// Whether this is a demonstration.
    pub(crate) const fn is_demo(&self) -> bool {
        self.chain.demo
    }

    /// Turns true when the house closes.
    pub(crate) fn cancel(&self) -> watch::Receiver<bool> {
        self.cancel.subscribe()
    }

    /// Tells everything that follows [`House::cancel`] to stop.
    pub(crate) fn stop_followers(&self) {
        self.cancel.send_replace(true);
    }

    /// Stops making blocks and writes a checkpoint.
    pub(crate) async fn close(&self) -> anyhow::Result<()> {
        self.stop_followers();
        let ledger = Arc::clone(&self.ledger);
        tokio::task::spawn_blocking(move || ledger.stop()).await??;
        Ok(())
    }
}

/// Where the platform's tables are.
pub(crate) fn store_url(directory: &Path) -> String {
    format!("sqlite:{}", directory.join("index.sqlite").display())
}

/// Whether the rights of `operator` were handed to `next`.
async fn acts_instead(
    embedded: &Embedded,
    manifest: &Manifest,
    operator: Address,
    next: Address,
) -> anyhow::Result<bool> {
    let is_administrator = async |account| is_administrator(embedded, manifest, account).await;
    Ok(is_administrator(next).await? && !is_administrator(operator).await?)
}

/// Recognises the deployment that the directory's manifest tells of, or makes
/// one.
async fn contracts(directory: &Path, embedded: &Embedded, operator: &Signer, dev: bool) -> anyhow::Result<Manifest> {
    let Some(manifest) = read_manifest(&directory.join(MANIFEST))? else {
        let plan = Plan {
            arbitration_floor: arbitration_floor(dev),
            ..Plan::standard(operator.address(), env!("CARGO_PKG_VERSION"))
        };
        let manifest = deploy(embedded, operator, &plan).await.context("can't deploy the contracts")?;
        keep(directory, &manifest)?;
        return Ok(manifest);
    };
    let Err(error) = verify(embedded, &manifest).await else { return Ok(manifest) };
    // An upgrade may have been killed before it could say that it was done.
    if let Some(next) = read_manifest(&directory.join(NEXT_MANIFEST))?
        && verify(embedded, &next).await.is_ok()
    {
        keep(directory, &next)?;
        return Ok(next);
    }
    Err(error).context("the contracts on chain are not those of the manifest")
}

/// What a directory's manifest says stands where.
pub(crate) fn kept_manifest(directory: &Path) -> anyhow::Result<Option<Manifest>> {
    read_manifest(&directory.join(MANIFEST))
}

fn read_manifest(path: &Path) -> anyhow::Result<Option<Manifest>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Manifest::from_json(&text).map(Some).with_context(|| format!("{} is not usable", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

/// Makes a manifest the directory's, and forgets one that was announced.
fn keep(directory: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let path = directory.join(MANIFEST);
    write_new(&path, manifest.to_json()?.as_bytes()).with_context(|| format!("can't write {}", path.display()))?;
    match std::fs::remove_file(directory.join(NEXT_MANIFEST)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context("can't forget a manifest"),
        _ => Ok(()),
    }
}

/// The least fee of a dispute. Nobody has native coin on a business's own
/// chain unless its founder gave some out, so there arbiters cost nothing
/// until the operator sets a price.
fn arbitration_floor(dev: bool) -> U256 {
    if dev { U256::from(10).pow(U256::from(16)) } else { U256::ZERO }
}
