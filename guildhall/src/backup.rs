//! `guildhall backup`: a copy as of one moment, also of a running program.

use crate::{
    care::{self, BACKUP_FILE, Bar, Fresh},
    chain,
    cli::DataArguments,
};
use anyhow::Context;
use clap::Args;
use ledger_state::{BackupReport, Progress};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Flags of `guildhall backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "The program may go on running.\n\nExamples:\n  guildhall backup --data-dir ./shop /mnt/backup/shop-monday\n  guildhall backup --data-dir ./chain --genesis genesis.json ./copy"
)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The chain's genesis; that of the data directory without it.
    #[arg(long, env = "GUILDHALL_GENESIS", value_name = "FILE")]
    pub(crate) genesis: Option<PathBuf>,
    /// Where the copy goes: a directory that is empty or not there yet.
    #[arg(value_name = "TO")]
    pub(crate) to: PathBuf,
}

pub(crate) fn run(arguments: BackupArguments) -> anyhow::Result<()> {
    let bar = Bar::new()?;
    let genesis = arguments.genesis.as_deref();
    let report = copy(&arguments.data.data_dir, genesis, &arguments.to, &mut |progress| bar.show(progress))?;
    drop(bar);
    let (number, hash) = report.head;
    eprintln!(
        "Backed up to {} and checked: block {number} {hash}, {} bytes of log",
        arguments.to.display(),
        report.bytes
    );
    Ok(())
}

/// Copies a data directory as of one moment, and checks the copy.
pub(crate) fn copy(
    directory: &Path,
    genesis: Option<&Path>,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<BackupReport> {
    let options = care::store(directory, genesis)?;
    let fresh = Fresh::claim(to)?;
    // The index before the ledger: it may be behind the chain, never ahead.
    care::copy_beside(directory, &fresh.filling)?;
    let ledger = fresh.filling.join(chain::LEDGER_FOLDER);
    let report = ledger_state::backup(&options, &ledger, progress)?;
    let (number, hash) = report.head;
    let about = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "chainId": options.spec.chain_id(),
        "genesis": options.spec.genesis_hash(),
        "head": { "number": number, "hash": hash },
        "madeAt": chain::now(),
    });
    std::fs::write(fresh.filling.join(BACKUP_FILE), format!("{about:#}\n"))
        .with_context(|| format!("can't write {BACKUP_FILE}"))?;
    fresh.finish()?;
    Ok(report)
}
