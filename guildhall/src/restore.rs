//! `guildhall restore`: a data directory from a backup, or a damaged one
//! mended with it.

use crate::{
    care::{self, BACKUP_FILE, Bar, Fresh},
    chain::{GENESIS_FILE, LEDGER_FOLDER},
    cli::{DataArguments, UsageError},
    node::read_genesis,
    verify::summary,
};
use anyhow::ensure;
use clap::Args;
use ledger_state::{Progress, StoreOptions, VerifyReport};
use std::path::{Path, PathBuf};

/// Flags of `guildhall restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --repair the data directory stays, with every block that is newer than the backup: only what is damaged is replaced, and kept beside it as *.damaged.\n\nExamples:\n  guildhall restore /mnt/backup/shop-monday --data-dir ./shop\n  guildhall restore --repair /mnt/backup/shop-monday --data-dir ./shop"
)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The chain's genesis; that of the backup without it.
    #[arg(long, env = "GUILDHALL_GENESIS", value_name = "FILE")]
    pub(crate) genesis: Option<PathBuf>,
    /// Mend the ledger in the data directory instead of making a new one.
    #[arg(long, env = "GUILDHALL_REPAIR")]
    pub(crate) repair: bool,
    /// The backup.
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
}

pub(crate) fn run(arguments: RestoreArguments) -> anyhow::Result<()> {
    if arguments.repair { repair(&arguments) } else { restore(&arguments) }
}

fn restore(arguments: &RestoreArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    let bar = Bar::new()?;
    let report = make(&arguments.from, arguments.genesis.as_deref(), directory, &mut |progress| bar.show(progress))?;
    drop(bar);
    eprint!("{}", summary(&report));
    eprintln!("Restored to {}.", directory.display());
    Ok(())
}

/// Makes a data directory from a backup, and checks all of it.
pub(crate) fn make(
    from: &Path,
    genesis: Option<&Path>,
    directory: &Path,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<VerifyReport> {
    let backup = care::store(from, genesis)?;
    let fresh = Fresh::claim(directory)?;
    care::copy_beside(from, &fresh.filling)?;
    let options = StoreOptions { directory: fresh.filling.join(LEDGER_FOLDER), ..backup.clone() };
    let report = ledger_state::restore(&backup.directory, &options, progress)?;
    fresh.finish()?;
    Ok(report)
}

fn repair(arguments: &RestoreArguments) -> anyhow::Result<()> {
    let (from, directory) = (&arguments.from, &arguments.data.data_dir);
    let candidates = [arguments.genesis.clone(), Some(directory.join(GENESIS_FILE)), Some(from.join(GENESIS_FILE))];
    let Some(genesis) = candidates.into_iter().flatten().find(|path| path.exists()) else {
        let reason = format!("there is no genesis in {}: say which chain it is with --genesis FILE", from.display());
        return Err(UsageError(reason).into());
    };
    let ledger = from.join(LEDGER_FOLDER);
    if !ledger.join("log").exists() {
        let hint = if from.join(BACKUP_FILE).exists() { "its ledger is missing" } else { "it is not a backup" };
        return Err(UsageError(format!("can't use {}: {hint}", from.display())).into());
    }
    let options = StoreOptions::new(directory.join(LEDGER_FOLDER), read_genesis(&genesis)?);
    let bar = Bar::new()?;
    let report = ledger_state::mend(&ledger, &options, &mut |progress| bar.show(progress))?;
    drop(bar);
    eprint!("{}", summary(&report.verified));
    ensure!(
        report.verified.is_sound(),
        "{} can't be mended with this backup: restore the whole of it into another directory",
        directory.display()
    );
    match (report.records, report.checkpoint) {
        (0, false) => eprintln!("Nothing was damaged."),
        (0, true) => eprintln!("The checkpoint was damaged and has been made again from the log."),
        (records, _) => eprintln!("{records} records came from the backup; what they replaced is kept as *.damaged."),
    }
    Ok(())
}
