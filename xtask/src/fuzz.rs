//! `cargo xtask fuzz`: each target for a while, two at a time.

use crate::tools::{cargo_tool, find_tool, root};
use anyhow::{Context, bail, ensure};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const TARGETS: &[&str] = &["block", "transaction", "certificate", "record", "log", "rpc"];
const VERSION: &str = "0.13.2";
/// More than any target needs; memory that grows with hostile input does not
/// fit.
const MEMORY_MIB_MAX: u32 = 1_024;

/// Runs what `arguments` ask for, installing cargo-fuzz where it is missing.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (mut seconds, mut target) = (60, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = rest.next().with_context(|| format!("{argument} needs a value"))?;
        match argument.as_str() {
            "--seconds" => seconds = value.parse().with_context(|| format!("{value} is not a number of seconds"))?,
            "--target" if TARGETS.contains(&value.as_str()) => target = Some(value.as_str()),
            "--target" => bail!("there is no target {value}; there are {}", TARGETS.join(", ")),
            other => bail!("{other} is not a flag of fuzz: use --seconds N, --target NAME"),
        }
    }
    ensure!(has_nightly(), "fuzzing needs nightly Rust: rustup toolchain install nightly");
    let targets: Vec<&str> =
        TARGETS.iter().copied().filter(|name| target.is_none_or(|wanted| wanted == *name)).collect();
    fuzz(&cargo_tool("cargo-fuzz", VERSION)?, &targets, seconds)
}

/// A minute each, where the tools are there.
pub(crate) fn step() -> anyhow::Result<()> {
    match find_tool("cargo-fuzz") {
        Some(program) if has_nightly() => fuzz(&program, TARGETS, 60),
        _ => {
            eprintln!("skipped: no nightly Rust or no cargo-fuzz here; `cargo xtask fuzz` installs the latter");
            Ok(())
        }
    }
}

fn has_nightly() -> bool {
    let version = Command::new("rustup").args(["run", "nightly", "rustc", "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

fn fuzz(program: &Path, targets: &[&str], seconds: u32) -> anyhow::Result<()> {
    for target in targets {
        let status = command(program, &["build", target]).status().context("can't run cargo-fuzz")?;
        ensure!(status.success(), "the fuzz target {target} does not build");
    }
    for pair in targets.chunks(2) {
        let running: Vec<(&str, Child)> =
            pair.iter().map(|target| Ok((*target, start(program, target, seconds)?))).collect::<anyhow::Result<_>>()?;
        for (target, child) in running {
            let output = child.wait_with_output().context("can't wait for cargo-fuzz")?;
            let said = String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                eprintln!("{said}");
                bail!("the fuzz target {target} failed; what it failed on is in fuzz/artifacts/{target}");
            }
            let done = said.lines().rev().find(|line| line.starts_with("Done"));
            eprintln!("{target}: {}", done.unwrap_or("done"));
        }
    }
    Ok(())
}

fn start(program: &Path, target: &str, seconds: u32) -> anyhow::Result<Child> {
    let found = root().join("fuzz/corpus").join(target);
    std::fs::create_dir_all(&found).context("can't make a place for the corpus")?;
    let (found, seeds) = (found.to_string_lossy().into_owned(), format!("fuzz/seeds/{target}"));
    let (time, memory) = (format!("-max_total_time={seconds}"), format!("-rss_limit_mb={MEMORY_MIB_MAX}"));
    command(program, &["run", target, &found, &seeds, "--", &time, &memory, "-timeout=10"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("can't run cargo-fuzz")
}

/// The code is safe Rust: a sanitizer finds nothing that a panic does not.
fn command(program: &Path, arguments: &[&str]) -> Command {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("fuzz/target"), PathBuf::from);
    let mut command = Command::new(program);
    command.arg(arguments[0]).args(["--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"]);
    command.arg(target.join("fuzz")).args(&arguments[1..]);
    command.current_dir(root()).env("RUSTUP_TOOLCHAIN", "nightly").env_remove("CARGO").env_remove("RUSTC");
    command
}
