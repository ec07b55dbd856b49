//! Commands and flags. Every flag can also be set as `GUILDHALL_…`.

use crate::backups::BackupPlan;
use crate::outside::LookPlan;
use crate::traces::TraceFlags;
use crate::{
    alerts, apikey, audit, backup, channels, drill, import, init, keyring, load, node, replay, restore, rules, trace,
    up, upgrade, verify, web,
};
use clap::{Args, CommandFactory, Parser, Subcommand};
use ledger_chain::ChainSpec;
use ledger_state::StoreOptions;
use std::{io::Write, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// Run a blockchain business from one program.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    propagate_version = true,
    after_help = "Examples:\n  guildhall up --demo                     open a demo town at http://127.0.0.1:8080\n  guildhall init && guildhall up          start a business of your own\n  guildhall replay cdnow FILE             replay real purchases as orders\n  guildhall node --dev                    the ledger alone, for developers\n  guildhall load                          measure a node"
)]
pub(crate) struct Arguments {
    /// Say more on standard error; twice for everything.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Log in JSON, one object a line, for programs that collect logs.
    #[arg(long, global = true, env = "GUILDHALL_LOG_JSON")]
    pub(crate) log_json: bool,
    #[command(flatten)]
    pub(crate) traces: TraceFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the business: ledger, index, console and APIs.
    Up(UpArguments),
    /// Make keys, genesis and configuration of a new business.
    Init(InitArguments),
    /// Replay real records as transactions on a development chain.
    #[command(subcommand)]
    Replay(ReplayCommand),
    /// Print the OpenAPI document of the REST API.
    Openapi,
    /// Run the ledger alone.
    Node(NodeArguments),
    /// Import an Ethereum chain from a file of RLP blocks.
    Import(ImportArguments),
    /// Check the whole ledger: checksums, hashes, roots and indices.
    Verify(verify::VerifyArguments),
    /// Copy a data directory as of one moment, also while it is in use.
    Backup(backup::BackupArguments),
    /// Make a data directory from a backup, or mend a damaged one with it.
    Restore(restore::RestoreArguments),
    /// Bring the contracts to those of this version, with all open orders.
    Upgrade(upgrade::UpgradeArguments),
    /// The business's own keys: list them, and exchange that of the house.
    #[command(subcommand)]
    Keys(keyring::KeysCommand),
    /// Keys for machines: make, list and revoke them.
    #[command(subcommand, name = "apikey")]
    ApiKey(apikey::ApiKeyCommand),
    /// By which ways the house tells people: list, add, test and remove them.
    #[command(subcommand)]
    Channels(channels::ChannelsCommand),
    /// Supply-chain events: check what proves them, without a house.
    #[command(subcommand)]
    Trace(trace::TraceCommand),
    /// What is watched for: list, test and backtest the rules.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Attacks, played on a fork of the chain: what finds them, and what they
    /// cost.
    #[command(subcommand)]
    Drill(drill::DrillCommand),
    /// What the watch found.
    Alerts(alerts::AlertsArguments),
    /// Look for faults in contracts, and for rights that are too wide.
    Audit(audit::AuditArguments),
    /// Measure how fast an Ethereum JSON-RPC node is.
    Load(load::LoadArguments),
    /// Print a completion script for your shell.
    ///
    /// For example: guildhall completions bash > /etc/bash_completion.d/guildhall
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What can be replayed.
#[derive(Debug, Subcommand)]
enum ReplayCommand {
    /// Purchases of the CDNOW data set, as orders from funding to release.
    ///
    /// Each line is `customer date CDs dollars`. An interrupted replay goes on
    /// where it stopped when it is started again.
    Cdnow(CdnowArguments),
}

/// Flags of `guildhall replay cdnow`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall replay cdnow CDNOW_master.txt --data-dir ./cdnow\n  guildhall up --data-dir ./cdnow"
)]
pub(crate) struct CdnowArguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
}

/// Flags of `guildhall up`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall up --demo\n  guildhall up --data-dir ./shop --http 127.0.0.1:9000\n  guildhall up --data-dir ./shop --passphrase-file /run/secrets/guildhall"
)]
pub(crate) struct UpArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) storage: StorageArguments,
    /// Where to serve the console and the REST API.
    #[arg(long, env = "GUILDHALL_HTTP", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub(crate) http: SocketAddr,
    /// Where to serve JSON-RPC, by HTTP and WebSocket.
    #[arg(long, env = "GUILDHALL_RPC", default_value = "127.0.0.1:8545", value_name = "ADDR")]
    pub(crate) rpc: SocketAddr,
    /// "instant", or milliseconds between blocks.
    #[arg(long, env = "GUILDHALL_BLOCK_TIME", default_value = "instant", value_name = "instant|MS")]
    pub(crate) block_time: BlockTime,
    /// Chain id of a new demo.
    #[arg(long, env = "GUILDHALL_CHAIN_ID", default_value_t = 31_337, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) chain_id: u64,
    /// Fill an empty directory with a lively small town. Its keys are known
    /// to everyone.
    #[arg(long, env = "GUILDHALL_DEMO")]
    pub(crate) demo: bool,
    /// A file that holds the passphrase of the keys.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// A Solidity compiler, so that sources of contracts can be verified; the
    /// solc on the path without.
    #[arg(long, env = "GUILDHALL_SOLC", value_name = "FILE")]
    pub(crate) solc: Option<PathBuf>,
    /// Days after an order's end before its sealed delivery address is
    /// erased.
    #[arg(long, env = "GUILDHALL_DELIVERY_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) delivery_days: u32,
    /// Where people outside find the console, for links in messages, such as
    /// https://shop.example; the address of --http without.
    #[arg(long, env = "GUILDHALL_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    #[command(flatten)]
    pub(crate) look: LookPlan,
    /// Let the house's channels lead to private and loopback addresses, such as
    /// an Alertmanager beside it.
    #[arg(long, env = "GUILDHALL_PRIVATE_CHANNELS")]
    pub(crate) private_channels: bool,
    #[command(flatten)]
    pub(crate) backups: BackupPlan,
    /// A host name that JSON-RPC clients may use, besides loopback and plain
    /// addresses.
    #[arg(long = "rpc-host", env = "GUILDHALL_RPC_HOST", value_name = "NAME", value_delimiter = ',')]
    pub(crate) hosts: Vec<String>,
    /// A web origin whose pages may use the JSON-RPC, besides those on
    /// loopback.
    #[arg(long = "rpc-origin", env = "GUILDHALL_RPC_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub(crate) origins: Vec<String>,
}

/// Flags of `guildhall init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall init\n  guildhall init --name \"Tea House\" --chain-id 8118 --data-dir ./tea"
)]
pub(crate) struct InitArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// What people call the business.
    #[arg(long, env = "GUILDHALL_NAME", default_value = "Guildhall", value_name = "NAME")]
    pub(crate) name: String,
    /// Chain id; choose one that no other chain uses.
    #[arg(long, env = "GUILDHALL_CHAIN_ID", default_value_t = 31_338, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) chain_id: u64,
    /// A file that holds the passphrase of the new keys; asked for without.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArguments {
    /// The data directory; one process at a time.
    #[arg(long, env = "GUILDHALL_DATA_DIR", default_value = "guildhall-data", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// How the ledger is stored.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct StorageArguments {
    /// How many blocks before the newest the state can be read at: "all", or a
    /// number. Blocks and receipts are kept in any case.
    #[arg(long, env = "GUILDHALL_HISTORY", default_value = "all", value_name = "all|N")]
    history: History,
    /// Changed values in memory that start a checkpoint. Small ones put the
    /// machinery to the test.
    #[arg(long, env = "GUILDHALL_CHECKPOINT_VALUES", value_name = "N", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    checkpoint_values: Option<u32>,
    /// The length after which a segment of the log is closed.
    #[arg(long, env = "GUILDHALL_SEGMENT_BYTES", value_name = "BYTES", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    segment_bytes: Option<u64>,
}

impl StorageArguments {
    /// The store in `directory`.
    pub(crate) fn store(self, directory: PathBuf, spec: Arc<ChainSpec>) -> StoreOptions {
        let mut options = StoreOptions::new(directory, spec);
        if let Some(values) = self.checkpoint_values {
            options.checkpoint_values = values as usize;
        }
        options.segment_bytes = self.segment_bytes.unwrap_or(options.segment_bytes);
        options.history = self.history.0;
        options
    }
}

/// How many blocks of history are kept; `None` for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct History(Option<u64>);

impl std::str::FromStr for History {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(blocks) => Ok(Self(Some(blocks))),
            Err(_) if text == "all" => Ok(Self(None)),
            Err(_) => Err("must be \"all\" or a number of blocks".into()),
        }
    }
}

/// When blocks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockTime(pub(crate) Option<Duration>);

impl std::str::FromStr for BlockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "instant" {
            return Ok(Self(None));
        }
        match text.parse::<u64>() {
            Ok(milliseconds @ 10..=3_600_000) => Ok(Self(Some(Duration::from_millis(milliseconds)))),
            _ => Err("must be \"instant\" or 10 to 3600000 milliseconds".into()),
        }
    }
}

/// Flags of `guildhall node`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall node --dev\n  guildhall node --genesis genesis.json --data-dir ./chain --rpc 127.0.0.1:8545"
)]
pub(crate) struct NodeArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) storage: StorageArguments,
    /// A geth-format genesis file; a development chain without one.
    #[arg(long, env = "GUILDHALL_GENESIS", value_name = "FILE")]
    pub(crate) genesis: Option<PathBuf>,
    /// Where to serve JSON-RPC, by HTTP and WebSocket.
    #[arg(long, env = "GUILDHALL_RPC", default_value = "127.0.0.1:8545", value_name = "ADDR")]
    pub(crate) rpc: SocketAddr,
    /// Development mode: well-known funded keys, moving time, mining on demand.
    #[arg(long, env = "GUILDHALL_DEV")]
    pub(crate) dev: bool,
    /// "instant", or milliseconds between blocks.
    #[arg(long, env = "GUILDHALL_BLOCK_TIME", default_value = "instant", value_name = "instant|MS")]
    pub(crate) block_time: BlockTime,
    /// Chain id of a new development chain.
    #[arg(long, env = "GUILDHALL_CHAIN_ID", default_value_t = 31_337, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) chain_id: u64,
    /// A host name that clients may use, besides loopback and plain addresses.
    #[arg(long = "rpc-host", env = "GUILDHALL_RPC_HOST", value_name = "NAME", value_delimiter = ',')]
    pub(crate) hosts: Vec<String>,
}

/// Flags of `guildhall import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall import --genesis genesis.json --data-dir ./chain chain.rlp\n  guildhall node --genesis genesis.json --data-dir ./chain"
)]
pub(crate) struct ImportArguments {
    /// The chain's geth-format genesis file.
    #[arg(long, env = "GUILDHALL_GENESIS", value_name = "FILE")]
    pub(crate) genesis: PathBuf,
    /// Blocks in RLP, one after another, as geth's export writes them.
    #[arg(value_name = "CHAIN.rlp")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
}

/// Wrong usage or configuration that clap could not see.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// 2 for wrong usage or configuration, 1 for a failure while running.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<UsageError>() { 2 } else { 1 }
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Up(arguments) => up::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Replay(ReplayCommand::Cdnow(arguments)) => replay::run(arguments),
        Command::Openapi => {
            std::io::stdout().write_all(web::openapi().as_bytes())?;
            Ok(())
        }
        Command::Node(arguments) => node::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Backup(arguments) => backup::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Upgrade(arguments) => upgrade::run(arguments),
        Command::Keys(command) => keyring::run(command),
        Command::ApiKey(command) => apikey::run(command),
        Command::Channels(command) => channels::run(command),
        Command::Trace(command) => trace::run(command),
        Command::Rules(command) => rules::run(command),
        Command::Drill(command) => drill::run(command),
        Command::Alerts(arguments) => alerts::run(&arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::Load(arguments) => load::run(arguments),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "guildhall", &mut std::io::stdout());
            Ok(())
        }
    }
}
