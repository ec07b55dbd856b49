//! `guildhall verify`: is the ledger what it says it is?

use crate::{
    care::{self, Bar},
    cli::DataArguments,
};
use anyhow::bail;
use clap::Args;
use ledger_state::{Fault, VerifyReport};
use serde_json::{Value, json};
use std::{io::Write, path::PathBuf};

/// Flags of `guildhall verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall verify --data-dir ./shop\n  guildhall verify --data-dir ./chain --genesis genesis.json --json"
)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The chain's genesis; that of the data directory without it.
    #[arg(long, env = "GUILDHALL_GENESIS", value_name = "FILE")]
    pub(crate) genesis: Option<PathBuf>,
    /// Print what was found as JSON.
    #[arg(long, env = "GUILDHALL_JSON")]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: VerifyArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    let options = care::store(directory, arguments.genesis.as_deref())?;
    let bar = Bar::new()?;
    let report = ledger_state::verify(&options, &mut |progress| bar.show(progress))?;
    drop(bar);
    let mut out = std::io::stdout();
    if arguments.json {
        writeln!(out, "{:#}", as_json(&report))?;
    } else {
        write!(out, "{}", summary(&report))?;
    }
    if let Some(first) = report.faults.first() {
        bail!(
            "the ledger in {} is damaged: {}{}; mend it with `guildhall restore --repair BACKUP --data-dir {0}`",
            directory.display(),
            place(first),
            first.reason
        );
    }
    Ok(())
}

fn place(fault: &Fault) -> String {
    match fault.offset {
        Some(offset) => format!("{} at offset {offset}: ", fault.path.display()),
        None => format!("{}: ", fault.path.display()),
    }
}

pub(crate) fn summary(report: &VerifyReport) -> String {
    let block = |block: Option<(u64, alloy_primitives::B256)>| {
        block.map_or_else(|| "none".to_owned(), |(number, hash)| format!("{number} {hash}"))
    };
    let mut text = format!(
        "head        {}\ncheckpoint  {}\nlog         {} blocks, {} transactions, {} bytes in {} segments\nstate       {} accounts, {} storage slots, {} trie nodes\n",
        block(report.head),
        block(report.checkpoint),
        report.blocks,
        report.transactions,
        report.log_bytes,
        report.segments,
        report.accounts,
        report.slots,
        report.trie_nodes,
    );
    if let Some(torn) = &report.torn {
        text += &format!("unfinished  {}{}; the next start sets it aside\n", place(torn), torn.reason);
    }
    for fault in &report.faults {
        text += &format!("DAMAGED     {}{}\n", place(fault), fault.reason);
    }
    if report.is_sound() {
        text += "Everything is as it should be.\n";
    }
    text
}

fn as_json(report: &VerifyReport) -> Value {
    let block = |block: Option<(u64, alloy_primitives::B256)>| {
        block.map(|(number, hash)| json!({ "number": number, "hash": hash }))
    };
    let fault = |fault: &Fault| json!({ "file": fault.path, "offset": fault.offset, "reason": fault.reason });
    json!({
        "sound": report.is_sound(),
        "head": block(report.head),
        "checkpoint": block(report.checkpoint),
        "segments": report.segments,
        "logBytes": report.log_bytes,
        "blocks": report.blocks,
        "transactions": report.transactions,
        "accounts": report.accounts,
        "slots": report.slots,
        "trieNodes": report.trie_nodes,
        "unfinished": report.torn.as_ref().map(fault),
        "faults": report.faults.iter().map(fault).collect::<Vec<_>>(),
    })
}
