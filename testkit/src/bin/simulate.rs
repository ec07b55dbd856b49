//! `simulate [--orders N] [--seed S]`: the market under adversarial people.

use anyhow::{Context, bail};
use std::{io::Write, process::ExitCode};
use testkit::{Options, simulate};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut options = Options { orders: 50_000, seed: 1, check_every: 100, sabotage: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{argument} needs a number"))?;
        let number: u64 = value.parse().with_context(|| format!("{value} is no number"))?;
        match argument.as_str() {
            "--orders" => options.orders = number,
            "--seed" => options.seed = number,
            other => bail!("{other} is no flag of simulate: use --orders N, --seed S"),
        }
    }
    let summary = simulate(options)?;
    writeln!(std::io::stdout(), "{summary}")?;
    Ok(())
}
