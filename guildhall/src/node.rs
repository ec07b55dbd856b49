//! `guildhall node`: the ledger alone.

use crate::{
    chain::{self, GenesisPlan},
    cli::{BlockTime, NodeArguments, StorageArguments, UsageError},
    keys, shutdown,
};
use alloy_primitives::{Address, B256, U256};
use anyhow::Context;
use ledger_chain::ChainSpec;
use ledger_consensus::ValidatorKey;
use ledger_node::{LedgerNode, NodeOptions, RpcServer, Sealing, ServerOptions};
use ledger_rpc::Limits;
use std::{net::SocketAddr, path::Path, sync::Arc};

/// How many well-known accounts a development chain funds, as Hardhat and
/// Anvil do.
const DEV_ACCOUNTS: u32 = 20;

impl BlockTime {
    pub(crate) fn sealing(self) -> Sealing {
        self.0.map_or(Sealing::Instant, Sealing::Interval)
    }
}

pub(crate) fn run(arguments: NodeArguments) -> anyhow::Result<()> {
    if arguments.dev {
        require_loopback(arguments.rpc)?;
    }
    let directory = &arguments.data.data_dir;
    let spec = match &arguments.genesis {
        Some(path) => read_genesis(path)?,
        None if arguments.dev => dev_spec(directory, arguments.chain_id, None)?,
        None => {
            return Err(UsageError("say which chain: --genesis FILE, or --dev for a development chain".into()).into());
        }
    };
    let runtime = runtime()?;
    runtime.block_on(async {
        let dev_keys = arguments.dev.then(|| keys::dev_keys(0, DEV_ACCOUNTS)).transpose()?;
        let validator = if arguments.dev { chain::dev_validator() } else { keys::node_key(directory)? };
        let ledger =
            start(directory, spec, validator, arguments.block_time.sealing(), dev_keys, None, arguments.storage)?;
        let options = ServerOptions { hosts: arguments.hosts, origins: Vec::new() };
        let server = bind(arguments.rpc, &ledger, options).await?;
        let address = server.local_addr()?;
        eprintln!("JSON-RPC  http://{address}  ws://{address}  (chain id {})", ledger.ledger().spec().chain_id());
        if !ledger.seals() {
            eprintln!("This chain was imported: it is served as it is, and no blocks are made on it.");
        }
        eprintln!("Stop with Ctrl-C.");
        let outcome = tokio::select! {
            served = server.serve(shutdown::requested()) => served.map_err(anyhow::Error::from),
            error = failed(&ledger) => Err(error),
        };
        // What went wrong first is what there is to say.
        let stopped = ledger.stop();
        outcome?;
        Ok(stopped?)
    })
}

/// Reads a geth-format genesis file.
pub(crate) fn read_genesis(path: &Path) -> anyhow::Result<Arc<ChainSpec>> {
    let json = std::fs::read(path).with_context(|| format!("can't read the genesis {}", path.display()))?;
    let spec = ChainSpec::from_json(&json).map_err(|error| UsageError(format!("{}: {error}", path.display())))?;
    Ok(Arc::new(spec))
}

/// Completes with the reason when block production fails, such as on a full
/// disk.
pub(crate) async fn failed(ledger: &LedgerNode) -> anyhow::Error {
    loop {
        if let Some(failure) = ledger.driver().failure() {
            return anyhow::anyhow!("{failure}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// A runtime for all commands that serve. It has more threads than cores:
/// some calls run on them, and must not hold up the rest.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores * 2)
        .enable_all()
        .build()
        .context("can't start the runtime")
}

/// Starts a ledger in `directory/ledger`.
pub(crate) fn start(
    directory: &Path,
    spec: Arc<ChainSpec>,
    validator: ValidatorKey,
    sealing: Sealing,
    dev_keys: Option<Vec<B256>>,
    start_time: Option<u64>,
    storage: StorageArguments,
) -> anyhow::Result<LedgerNode> {
    let gas_limit = spec.genesis().gas_limit;
    let options = NodeOptions {
        store: storage.store(directory.join(chain::LEDGER_FOLDER), spec),
        validator,
        beneficiary: None,
        sealing,
        gas_limit,
        limits: Limits::default(),
        dev_keys,
        start_time,
    };
    Ok(LedgerNode::start(options)?)
}

pub(crate) async fn bind(
    address: SocketAddr,
    ledger: &LedgerNode,
    options: ServerOptions,
) -> anyhow::Result<RpcServer> {
    RpcServer::bind(address, Arc::clone(ledger.node()), options).await.with_context(|| {
        format!("can't listen on {address}: is another program using the port? Choose another with --rpc")
    })
}

/// The development chain of `directory`.
pub(crate) fn dev_spec(directory: &Path, chain_id: u64, timestamp: Option<u64>) -> anyhow::Result<Arc<ChainSpec>> {
    let keys = keys::dev_keys(0, DEV_ACCOUNTS)?;
    let balance = U256::from(10_000) * U256::from(10).pow(U256::from(18));
    let balances = keys
        .iter()
        .filter_map(ValidatorKey::from_bytes)
        .map(|key| -> (Address, U256) { (key.address(), balance) })
        .collect();
    let plan = GenesisPlan {
        chain_id,
        timestamp: timestamp.unwrap_or_else(chain::now),
        validator: chain::dev_validator().address(),
        balances,
    };
    chain::open_or_create(directory, || chain::genesis(&plan))
}

/// Well-known keys must not be reachable from outside.
pub(crate) fn require_loopback(address: SocketAddr) -> anyhow::Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let reason = format!(
        "{address} is not a loopback address: development and demo chains have keys that everyone knows and are only served on this machine"
    );
    Err(UsageError(reason).into())
}
