//! `cargo xtask simulate`: a market of adversarial people, on the real ledger with the real contracts.

use crate::tools::cargo;

/// Flags: `--orders N`, `--seed S`.
pub(crate) fn run(flags: &[String]) -> anyhow::Result<()> {
    let mut arguments = vec!["run", "--release", "--quiet", "--package", "testkit", "--bin", "simulate", "--"];
    arguments.extend(flags.iter().map(String::as_str));
    cargo(&arguments)
}
