//! `guildhall keys`: the keys of a business: which there are, and another one
//! for the house itself.

mod list;
mod rotate;
mod surroundings;

use crate::cli::DataArguments;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with the house's keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List the keys with their addresses, files and roles.
    List(ListArguments),
    /// Exchange the house's own key for a new one, while the house is
    /// stopped.
    Rotate(RotateArguments),
}

/// Flags of `guildhall keys list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  guildhall keys list --data-dir ./shop")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
    /// A file that holds the passphrase of the keys.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Flags of `guildhall keys rotate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall keys rotate --data-dir ./shop --check\n  guildhall keys rotate --data-dir ./shop\n\nStop the house first. Killed at any moment, it can be run again."
)]
pub(crate) struct RotateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Only say what would be done, and change nothing.
    #[arg(long)]
    check: bool,
    /// A file that holds the passphrase of the keys; the new one gets the
    /// same.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Dies after a step, as a kill there would. For tests.
    #[arg(long, hide = true, value_enum, value_name = "STEP")]
    die_after: Option<Step>,
}

/// The steps of an exchange, each of which a kill may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    Drawn,
    Announced,
    Moved,
    Switched,
    Noted,
}

pub(crate) fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::List(arguments) => list::run(&arguments),
        KeysCommand::Rotate(arguments) => rotate::run(&arguments),
    }
}
