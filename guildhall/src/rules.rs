//! `guildhall rules`: what is watched for, and whether it works.

use crate::{
    cli::{DataArguments, StorageArguments, UsageError},
    house::House,
    node,
    profile::Profile,
    up::{Opening, house_options},
    watch::{register, rules_of},
};
use anyhow::ensure;
use clap::{Args, Subcommand};
use platform_index::BlockSource;
use platform_ops::Compiled;
use serde_json::json;
use std::{io::Write, path::PathBuf, sync::Arc};

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
