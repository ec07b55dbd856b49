//! Flags of `guildhall load`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Flags of `guildhall load`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  guildhall load --rpc http://127.0.0.1:8545
  guildhall load --traffic native --transactions 100000 --accounts 200 --json
  guildhall load --batch 1 --connections 32 --pid 4711 --data-dir ./guildhall-data
  guildhall load --rpc http://127.0.0.1:8545 --rpc http://127.0.0.1:9545 --report side-by-side.html
  guildhall load --latency --transactions 500
  guildhall load --reads --connections 64 --batch 1 --duration 10

The key that pays is the first of the public development mnemonic, unless
--key-file, --mnemonic-file or the variable GUILDHALL_LOAD_KEY gives another.")]
pub(crate) struct LoadArguments {
    /// A node to measure, http:// or ws://. Give it again for another one,
    /// measured after it with the same load.
    #[arg(
        long,
        env = "GUILDHALL_LOAD_RPC",
        default_value = "http://127.0.0.1:8545",
        value_name = "URL",
        value_delimiter = ','
    )]
    pub(crate) rpc: Vec<String>,
    /// What the transactions do.
    #[arg(long, env = "GUILDHALL_LOAD_TRAFFIC", value_enum, default_value_t = Traffic::Erc20)]
    pub(crate) traffic: Traffic,
    /// How many transactions.
    #[arg(long, env = "GUILDHALL_LOAD_TRANSACTIONS", default_value_t = 20_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    pub(crate) transactions: u32,
    /// How many accounts send.
    #[arg(long, env = "GUILDHALL_LOAD_ACCOUNTS", default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) accounts: u32,
    /// How many accounts receive; as many as send where not given.
    #[arg(long, env = "GUILDHALL_LOAD_RECIPIENTS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub(crate) recipients: Option<u32>,
    /// Connections, each with one request in flight.
    #[arg(long, env = "GUILDHALL_LOAD_CONNECTIONS", default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=400))]
    pub(crate) connections: u32,
    /// Transactions or reads in a JSON-RPC batch; 1 sends them one by one.
    #[arg(long, env = "GUILDHALL_LOAD_BATCH", default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) batch: u32,
    /// Transactions a second, whatever the node does (an open loop). Without
    /// it each connection sends as soon as its last request was answered.
    #[arg(long, env = "GUILDHALL_LOAD_RATE", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: Option<u32>,
    /// The most transactions that may wait to be mined before sending pauses.
    #[arg(long, env = "GUILDHALL_LOAD_IN_FLIGHT", default_value_t = 50_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) in_flight: u32,
    /// Measure one transaction at a time from sending to its receipt.
    #[arg(long, env = "GUILDHALL_LOAD_LATENCY", conflicts_with_all = ["reads", "rate"])]
    pub(crate) latency: bool,
    /// Measure eth_call instead of transactions.
    #[arg(long, env = "GUILDHALL_LOAD_READS", conflicts_with = "rate")]
    pub(crate) reads: bool,
    /// Seconds that --reads goes on.
    #[arg(long, env = "GUILDHALL_LOAD_DURATION", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) duration: u32,
    /// Seconds without a new block of ours after which a run is given up.
    #[arg(long, env = "GUILDHALL_LOAD_PATIENCE", default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) patience: u32,
    /// A file with the secret key, in hex, of a funded account.
    #[arg(long, env = "GUILDHALL_LOAD_KEY_FILE", value_name = "FILE", conflicts_with = "mnemonic_file")]
    pub(crate) key_file: Option<PathBuf>,
    /// A file with a mnemonic whose first account is funded.
    #[arg(long, env = "GUILDHALL_LOAD_MNEMONIC_FILE", value_name = "FILE")]
    pub(crate) mnemonic_file: Option<PathBuf>,
    /// The chain id that the node must have, so that nothing is sent to the
    /// wrong chain.
    #[arg(long, env = "GUILDHALL_LOAD_CHAIN_ID", value_name = "N")]
    pub(crate) chain_id: Option<u64>,
    /// The node's process, for its processor time and memory; once a node.
    #[arg(long, env = "GUILDHALL_LOAD_PID", value_name = "PID", value_delimiter = ',')]
    pub(crate) pid: Vec<u32>,
    /// The node's data directory, for bytes a transaction and the disk's
    /// latency; once a node.
    #[arg(long, env = "GUILDHALL_LOAD_DATA_DIR", value_name = "DIR", value_delimiter = ',')]
    pub(crate) data_dir: Vec<PathBuf>,
    /// What to call the node in reports; once a node.
    #[arg(long, env = "GUILDHALL_LOAD_LABEL", value_name = "NAME", value_delimiter = ',')]
    pub(crate) label: Vec<String>,
    /// Print one line of JSON a node instead of a table.
    #[arg(long, env = "GUILDHALL_LOAD_JSON")]
    pub(crate) json: bool,
    /// Write a report with plots: one HTML file that needs nothing else.
    #[arg(long, env = "GUILDHALL_LOAD_REPORT", value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write everything measured, series included, as JSON.
    #[arg(long, env = "GUILDHALL_LOAD_REPORT_JSON", value_name = "FILE")]
    pub(crate) report_json: Option<PathBuf>,
}

/// What transactions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Traffic {
    /// Move the native coin.
    Native,
    /// Move a token with votes (ERC-20, behind its proxy).
    Erc20,
    /// Buy on the marketplace: one order a transaction.
    Market,
}

impl Traffic {
    /// Its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Erc20 => "erc20",
            Self::Market => "market",
        }
    }
}
