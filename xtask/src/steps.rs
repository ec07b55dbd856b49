//! What the commands run, step by step, with the time each took.

use crate::{
    fuzz, tidy,
    tools::{
        cargo, cargo_tool, chromium, npm_packages, output, root, run, run_with, schemathesis_python, target,
        web3_python,
    },
};
use anyhow::{bail, ensure};
use std::{path::PathBuf, time::Instant};

type Step = (&'static str, fn() -> anyhow::Result<()>);

/// Runs every step, also after one that failed, and sums up.
fn all(steps: &[Step]) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    let mut summary = Vec::new();
    for (name, step) in steps {
        eprintln!("\n=== {name}");
        let started = Instant::now();
        let result = step();
        let seconds = started.elapsed().as_secs_f64();
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        summary.push(format!("{word:>7}  {seconds:7.1} s  {name}"));
        if let Err(error) = result {
            eprintln!("xtask: {name}: {error:#}");
            failed.push(*name);
        }
    }
    eprintln!("\n{}", summary.join("\n"));
    eprintln!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The quick checks.
pub(crate) fn check() -> anyhow::Result<()> {
    all(&[("formatting", formatting), ("tidy", tidy::run), ("lints", lints), ("console types", console_types)])
}

/// Everything.
pub(crate) fn test() -> anyhow::Result<()> {
    all(&[
        ("formatting", formatting),
        ("tidy", tidy::run),
        ("contracts", contracts),
        ("console types", console_types),
        ("console tests", console_tests),
        ("console build", console),
        ("lints", lints),
        ("tests", rust_tests),
        ("fuzz targets", fuzz::step),
        ("doc tests", || cargo(&["test", "--workspace", "--doc", "--quiet"])),
        ("generated files", drift),
        ("licences and sources", deny),
        ("audit", audit),
        ("clients", clients),
        ("api contract", || api_contract(&[])),
        ("browser", browser),
    ])
}

/// Writes generated files again.
pub(crate) fn codegen() -> anyhow::Result<()> {
    npm_packages("contracts")?;
    run("contracts", "npm", &["run", "artifacts"])?;
    run(".", &program()?.to_string_lossy(), &["audit", "--contracts", "contracts", "--write-layouts"])?;
    std::fs::write(root().join("web/openapi.json"), openapi()?)?;
    npm_packages("web")?;
    run("web", "npm", &["run", "codegen"])
}

/// Builds the console into `web/dist`.
pub(crate) fn console() -> anyhow::Result<()> {
    npm_packages("web")?;
    run("web", "npm", &["run", "build"])
}

/// Runs the benchmarks.
pub(crate) fn bench() -> anyhow::Result<()> {
    cargo(&["bench", "--package", "ledger-state", "--bench", "trie"])
}

fn formatting() -> anyhow::Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    npm_packages("contracts")?;
    run("contracts", "npx", &["forge", "fmt", "--check"])
}

fn lints() -> anyhow::Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
}

fn rust_tests() -> anyhow::Result<()> {
    let nextest = cargo_tool("cargo-nextest", "0.9.143")?;
    run(".", &nextest.to_string_lossy(), &["nextest", "run", "--workspace", "--status-level", "slow"])
}

fn contracts() -> anyhow::Result<()> {
    npm_packages("contracts")?;
    run("contracts", "npx", &["forge", "test"])?;
    run("contracts", "npm", &["run", "snapshot:check"])?;
    run("contracts", "npm", &["run", "artifacts:check"])
}

fn console_types() -> anyhow::Result<()> {
    npm_packages("web")?;
    run("web", "npm", &["run", "check"])
}

fn console_tests() -> anyhow::Result<()> {
    npm_packages("web")?;
    run("web", "npm", &["run", "test"])
}

/// The program's own OpenAPI document.
fn openapi() -> anyhow::Result<String> {
    let program = program()?;
    output(".", &program.to_string_lossy(), &["openapi"])
}

/// Committed generated files must be what the sources give.
fn drift() -> anyhow::Result<()> {
    let committed = std::fs::read_to_string(root().join("web/openapi.json"))?;
    ensure!(committed == openapi()?, "web/openapi.json is not what the program gives: run `cargo xtask codegen`");
    Ok(())
}

fn deny() -> anyhow::Result<()> {
    let deny = cargo_tool("cargo-deny", "0.20.2")?;
    run(".", &deny.to_string_lossy(), &["--offline", "check", "licenses", "bans", "sources"])
}

/// Builds the program for tests and says where it is.
fn program() -> anyhow::Result<PathBuf> {
    cargo(&["build", "--package", "guildhall", "--quiet"])?;
    Ok(target().join("debug/guildhall"))
}

fn clients() -> anyhow::Result<()> {
    npm_packages("contracts")?;
    npm_packages("examples")?;
    let program = program()?;
    run_with("examples", "node", &["run.mjs"], &[("GUILDHALL_BIN", &program.to_string_lossy())])?;
    npm_packages("clients")?;
    let python = web3_python()?;
    let environment = [("GUILDHALL_BIN", &*program.to_string_lossy()), ("WEB3_PYTHON", &*python.to_string_lossy())];
    run_with("clients", "node", &["run.mjs"], &environment)
}

/// Our own contracts must have no finding above LOW that nobody has decided
/// about.
fn audit() -> anyhow::Result<()> {
    npm_packages("contracts")?;
    run(".", &program()?.to_string_lossy(), &["audit", "--contracts", "contracts"])
}

/// Every endpoint must answer as the OpenAPI document says, and never with a
/// server error.
pub(crate) fn api_contract(arguments: &[String]) -> anyhow::Result<()> {
    npm_packages("contracts")?;
    let (program, python) = (program()?, schemathesis_python()?);
    let mut command = vec!["contract.py"];
    command.extend(arguments.iter().map(String::as_str));
    run_with("clients/api", &python.to_string_lossy(), &command, &[("GUILDHALL_BIN", &program.to_string_lossy())])
}

fn browser() -> anyhow::Result<()> {
    npm_packages("web")?;
    let (program, chromium) = (program()?, chromium()?);
    run_with("web", "npm", &["run", "e2e"], &[("GUILDHALL_BIN", &program.to_string_lossy()), ("CHROMIUM", &chromium)])
}
