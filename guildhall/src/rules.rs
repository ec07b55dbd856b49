//! `guildhall rules`: what is watched for, and whether it works.

use crate::{
    chain::{LEDGER_FOLDER, write_new},
    cli::{DataArguments, StorageArguments, UsageError},
    house::{House, kept_manifest},
    node,
    profile::Profile,
    up::{Opening, house_options},
    watch::{RULES_FOLDER, register, rules_of},
};
use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use ledger_state::DirectoryLock;
use platform_index::BlockSource;
use platform_ops::{Compiled, Register, Severity};
use serde_json::json;
use std::{collections::BTreeSet, io::Write, path::PathBuf, sync::Arc};

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules: those that ship, and those in the data directory's
    /// folder `rules`.
    List(ListArguments),
    /// Run every rule's own tests.
    #[command(
        after_help = "Examples:\n  guildhall rules test\n  guildhall rules test escrow-short\n  guildhall rules test --data-dir ./shop     with the rules in ./shop/rules"
    )]
    Test(TestArguments),
    /// Judge the chain's past by a rule, and tell what it would have said.
    #[command(
        after_help = "The business must not be running.\n\nExamples:\n  guildhall rules backtest supply-breach --data-dir ./shop\n  guildhall rules backtest supply-breach --from 1000 --to 2000 --json"
    )]
    Backtest(BacktestArguments),
    /// Make rules of the monitor files of OpenZeppelin Monitor.
    #[command(
        after_help = "Conditions on events of the house's contracts become rules in the data directory's folder `rules`, with tests\nmade up from their expressions, which are run before anything is written. What has no counterpart is named.\nThe business must not be running; it reads the rules at its next start.\n\nExamples:\n  guildhall rules import monitors/*.json --data-dir ./shop --print\n  guildhall rules import monitors/large_transfer.json --data-dir ./shop --severity P2\n  guildhall rules test --data-dir ./shop"
    )]
    Import(ImportArguments),
}

/// Flags of `guildhall rules import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Monitor files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// How grave what they find is.
    #[arg(long, default_value = "P3", value_name = "P1..P5", value_parser = severity)]
    severity: Severity,
    /// Print the rules, and write nothing.
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    data: DataArguments,
}

fn severity(text: &str) -> Result<Severity, String> {
    serde_json::from_value(json!(text)).map_err(|_| "one of P1, P2, P3, P4 and P5".to_owned())
}

/// Flags of `guildhall rules list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Flags of `guildhall rules test`.
#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// Only this rule.
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    #[command(flatten)]
    data: DataArguments,
}

/// Flags of `guildhall rules backtest`.
#[derive(Debug, Args)]
pub(crate) struct BacktestArguments {
    /// The rule.
    #[arg(value_name = "RULE")]
    rule: String,
    /// The first block; that after the contracts were put in place without it.
    #[arg(long, value_name = "BLOCK")]
    from: Option<u64>,
    /// The last block; the newest without it.
    #[arg(long, value_name = "BLOCK")]
    to: Option<u64>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// A file that holds the passphrase of the keys.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    storage: StorageArguments,
}

pub(crate) fn run(command: RulesCommand) -> anyhow::Result<()> {
    match command {
        RulesCommand::List(arguments) => list(&arguments),
        RulesCommand::Test(arguments) => test(&arguments),
        RulesCommand::Backtest(arguments) => backtest(arguments),
        RulesCommand::Import(arguments) => import(&arguments),
    }
}

fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let rules = rules_of(&arguments.data.data_dir)?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let all: Vec<_> = rules
            .iter()
            .map(|rule| {
                let response = rule.rule.response.as_ref().map(|response| response.playbook.clone());
                json!({
                    "id": rule.rule.id, "version": rule.rule.version, "severity": rule.rule.severity.name(),
                    "owner": rule.rule.owner, "title": rule.rule.title, "expr": rule.rule.expr, "response": response,
                    "digest": rule.digest, "shadow": rule.rule.shadow, "tests": rule.rule.tests.len(),
                })
            })
            .collect();
        writeln!(out, "{:#}", json!(all))?;
        return Ok(());
    }
    for rule in rules {
        let Compiled { rule, .. } = rule;
        let response = rule.response.as_ref().map_or("tells", |response| response.playbook.as_str());
        writeln!(out, "{} {:22} {:18} {}", rule.severity.name(), rule.id, response, rule.title.en)?;
    }
    Ok(())
}

fn one(rules: Vec<Compiled>, id: &str) -> anyhow::Result<Compiled> {
    let known: Vec<String> = rules.iter().map(|rule| rule.rule.id.clone()).collect();
    let found = rules.into_iter().find(|rule| rule.rule.id == id);
    found.ok_or_else(|| UsageError(format!("there is no rule {id}; there are {}", known.join(", "))).into())
}

fn test(arguments: &TestArguments) -> anyhow::Result<()> {
    let mut rules = rules_of(&arguments.data.data_dir)?;
    if let Some(id) = &arguments.rule {
        rules = vec![one(rules, id)?];
    }
    let mut out = std::io::stdout().lock();
    let (mut passed, mut failed) = (0, 0);
    for rule in &rules {
        for test in &rule.rule.tests {
            match test.run(rule) {
                Ok(()) => passed += 1,
                Err(fault) => {
                    failed += 1;
                    writeln!(out, "{}: {}: {fault}", rule.rule.id, test.shows)?;
                }
            }
        }
    }
    writeln!(out, "{} rules, {passed} tests passed, {failed} failed", rules.len())?;
    ensure!(failed == 0, "{failed} tests failed");
    Ok(())
}

fn import(arguments: &ImportArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    Profile::of(directory)?;
    let manifest = kept_manifest(directory)?
        .ok_or_else(|| UsageError("this house has no contracts yet: open it once with `guildhall up`".to_owned()))?;
    // A watch that runs takes a rule that changes beneath it for an attack.
    let _lock = if arguments.print { None } else { Some(DirectoryLock::acquire(&directory.join(LEDGER_FOLDER))?) };
    let register = Register::of(&manifest, manifest.deployer)?;
    let mut made = Vec::new();
    for file in &arguments.files {
        let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
        let import = platform_ops::import(&text, &register, arguments.severity)
            .map_err(|reason| UsageError(format!("{}: {reason}", file.display())))?;
        for reason in &import.left_out {
            eprintln!("{}: left out: {reason}", file.display());
        }
        made.extend(import.rules);
    }
    let folder = directory.join(RULES_FOLDER);
    let known: BTreeSet<String> = rules_of(directory)?.into_iter().map(|rule| rule.rule.id).collect();
    let mut names = BTreeSet::new();
    for (name, _) in &made {
        if known.contains(name) || !names.insert(name) {
            let reason = format!(
                "there is a rule {name} already: rename the monitor, or remove the rule first; nothing was written"
            );
            return Err(UsageError(reason).into());
        }
    }
    if arguments.print {
        let mut out = std::io::stdout().lock();
        for (_, text) in &made {
            writeln!(out, "---\n{text}")?;
        }
        return Ok(());
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("can't create {}", folder.display()))?;
    for (name, text) in &made {
        let path = folder.join(format!("{name}.yaml"));
        write_new(&path, text.as_bytes()).with_context(|| format!("can't write {}", path.display()))?;
        eprintln!("{}", path.display());
    }
    Ok(())
}

fn backtest(arguments: BacktestArguments) -> anyhow::Result<()> {
    let directory = arguments.data.data_dir.clone();
    let profile = Profile::of(&directory)?;
    let rule = one(rules_of(&directory)?, &arguments.rule)?;
    let opening = Opening {
        passphrase_file: arguments.passphrase_file.clone(),
        storage: arguments.storage,
        ..Opening::default()
    };
    let options = house_options(&profile, &directory, opening)?;
    node::runtime()?.block_on(async {
        let house = House::open(options).await?;
        let outcome = judge(&house, rule, &arguments).await;
        // What went wrong first is what there is to say.
        let closed = house.close().await;
        outcome?;
        closed
    })
}

async fn judge(house: &House, rule: Compiled, arguments: &BacktestArguments) -> anyhow::Result<()> {
    let register = Arc::new(register(house)?);
    let timed = !rule.can_be_backtested();
    ensure!(!timed, "{} looks at the vitals of the house, which are not kept: past blocks say nothing", arguments.rule);
    let head = BlockSource::head(&house.embedded).await?;
    let (from, to) = (arguments.from.unwrap_or(house.manifest.block + 1), arguments.to.unwrap_or(head.number));
    ensure!(to <= head.number, "the newest block is {}: choose --to up to it", head.number);
    let bar = indicatif::ProgressBar::new(to.saturating_sub(from) + 1);
    let outcome = platform_ops::backtest(&rule, register, &house.embedded, (from, to), None, &|_| bar.inc(1)).await?;
    bar.finish_and_clear();
    if let Some(fault) = outcome.fault {
        anyhow::bail!("{fault}");
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let report = json!({
            "rule": arguments.rule, "from": from, "to": to, "blocks": (to + 1).saturating_sub(from),
            "fired": outcome.fired, "alerts": outcome.found,
        });
        writeln!(out, "{report:#}")?;
        return Ok(());
    }
    for alert in &outcome.found {
        let labels: Vec<_> = alert.labels.iter().map(|(name, value)| format!("{name} {value}")).collect();
        writeln!(out, "block {:>8}  {}", alert.since.number, labels.join(", "))?;
    }
    writeln!(out, "{} would have fired {} times in blocks {from} to {to}.", arguments.rule, outcome.fired)?;
    Ok(())
}
