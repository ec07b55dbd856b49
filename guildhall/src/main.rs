//! `guildhall`: the command line, configuration and wiring.
//!
//! The only crate that reads files of configuration or the environment, and
//! the only place where the ledger and the platform meet.

mod alerts;
mod anchor;
mod apikey;
mod audit;
mod backup;
mod backups;
mod capacity;
mod care;
mod chain;
mod channels;
mod cli;
mod demo;
mod drill;
mod embedded;
mod fork;
mod house;
mod import;
mod init;
mod keeper;
mod keyring;
mod keys;
mod keystore;
mod load;
mod node;
mod notify;
mod outside;
mod profile;
mod replay;
mod restore;
mod retention;
mod rules;
mod shutdown;
mod solc;
mod trace;
mod traces;
mod up;
mod upgrade;
mod verify;
mod watch;
mod web;
mod workshop;

use clap::Parser;
use std::process::ExitCode;

/// The system's allocator gives memory back to the kernel after every EVM
/// call, which interrupts all cores; `docs/benchmarks.md` has the profile.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Wrong usage exits with 2; clap does so by itself.
    let arguments = cli::Arguments::parse();
    let outcome = traces::begin(arguments.verbose, arguments.log_json, &arguments.traces);
    // The guard ends last: what is left is sent then.
    let (_guard, outcome) = match outcome {
        Ok(guard) => (Some(guard), cli::run(arguments)),
        Err(error) => (None, Err(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guildhall: {error:#}");
            ExitCode::from(cli::exit_code(&error))
        }
    }
}
