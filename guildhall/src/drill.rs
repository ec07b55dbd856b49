//! `guildhall drill`: attacks played on a fork of the chain, and scored.

use crate::{
    chain,
    cli::{DataArguments, StorageArguments, UsageError},
    fork::{Fork, Trunk},
    house::store_url,
    node,
    profile::Profile,
    up::{Opening, house_options},
    watch::rules_in_force,
};
use anyhow::ensure;
use clap::{Args, Subcommand};
use platform_index::Store;
use platform_ops::{Scenario, Score, keep_scores, scenarios};
use serde_json::json;
use std::{io::Write, path::PathBuf};

/// What can be done with drills.
#[derive(Debug, Subcommand)]
pub(crate) enum DrillCommand {
    /// List the drills.
    List(ListArguments),
    /// Play drills on a fork of the chain. The chain itself may be in use, and
    /// nothing happens to it.
    #[command(
        after_help = "Exits with 1 when an attack is missed or not contained.\n\nExamples:\n  guildhall drill run all --data-dir ./shop\n  guildhall drill run flash-vote reentrancy --json"
    )]
    Run(RunArguments),
}

/// Flags of `guildhall drill list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Flags of `guildhall drill run`.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Which drills, or "all".
    #[arg(value_name = "DRILL", required = true)]
    drills: Vec<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Switch a rule off, to see that its drills are missed without it.
    #[arg(long, value_name = "RULE")]
    without_rule: Vec<String>,
    /// A file that holds the passphrase of the keys.
    #[arg(long, env = "GUILDHALL_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    storage: StorageArguments,
}

pub(crate) fn run(command: DrillCommand) -> anyhow::Result<()> {
    match command {
        DrillCommand::List(arguments) => list(&arguments),
        DrillCommand::Run(arguments) => play(&arguments),
    }
}

fn shipped() -> anyhow::Result<Vec<Scenario>> {
    scenarios().map_err(anyhow::Error::msg)
}

fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let all = shipped()?;
    if arguments.json {
        let all: Vec<_> = all
            .iter()
            .map(|drill| json!({ "name": drill.id, "title": drill.title, "story": drill.story, "rule": drill.rule }))
            .collect();
        writeln!(out, "{:#}", json!(all))?;
        return Ok(());
    }
    for drill in all {
        writeln!(out, "{:20} {}\n{:20} found by {}", drill.id, drill.title.en, "", drill.rule)?;
    }
    Ok(())
}

/// The drills that are asked for, in the order of the list.
fn chosen(names: &[String]) -> anyhow::Result<Vec<Scenario>> {
    let all = shipped()?;
    let known: Vec<String> = all.iter().map(|drill| drill.id.clone()).collect();
    if let Some(unknown) = names.iter().find(|name| *name != "all" && !known.contains(name)) {
        return Err(UsageError(format!("there is no drill {unknown}; there are {}", known.join(", "))).into());
    }
    let every = names.iter().any(|name| name == "all");
    Ok(all.into_iter().filter(|drill| every || names.contains(&drill.id)).collect())
}

fn play(arguments: &RunArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    let profile = Profile::of(directory)?;
    let drills = chosen(&arguments.drills)?;
    let runtime = node::runtime()?;
    let rules = runtime.block_on(rules_in_force(directory))?;
    for id in &arguments.without_rule {
        ensure!(rules.iter().any(|rule| rule.rule.id == *id), "there is no rule {id}");
    }
    let trunk = Trunk::of(directory)?;
    let fork = async || -> anyhow::Result<Fork> {
        let opening = Opening {
            passphrase_file: arguments.passphrase_file.clone(),
            storage: arguments.storage,
            ..Opening::default()
        };
        trunk.fork(house_options(&profile, directory, opening)?).await
    };
    let bar = indicatif::ProgressBar::new(drills.len() as u64);
    bar.set_style(indicatif::ProgressStyle::with_template("{msg:20} {bar:30} {pos} of {len}")?);
    let mut scores = Vec::new();
    for drill in &drills {
        bar.set_message(drill.id.clone());
        let mut rules = rules.clone();
        rules.retain(|rule| !arguments.without_rule.contains(&rule.rule.id));
        let score = runtime.block_on(async {
            let (unguarded, guarded) = (fork().await?, fork().await?);
            let score = drill.play(&unguarded, &guarded, rules).await;
            unguarded.close().await?;
            guarded.close().await?;
            Ok::<_, anyhow::Error>(score?)
        })?;
        scores.push(score);
        bar.inc(1);
    }
    bar.finish_and_clear();
    // What is missed because a rule was switched off says nothing of this house.
    if arguments.without_rule.is_empty() {
        let kept = runtime.block_on(async {
            let store = Store::open(&store_url(directory)).await?;
            keep_scores(&store, &scores, chain::now()).await
        });
        if let Err(error) = kept {
            eprintln!("The results could not be kept for the console: {error}");
        }
    }
    show(&scores, arguments.json)?;
    let missed: Vec<_> =
        scores.iter().filter(|score| !score.detected || !score.contained).map(|score| score.name.as_str()).collect();
    ensure!(missed.is_empty(), "missed or not contained: {}", missed.join(", "));
    Ok(())
}

fn show(scores: &[Score], as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{:#}", json!(scores))?;
        return Ok(());
    }
    writeln!(
        out,
        "{:20} {:22} {:>7} {:>9} {:>9} {:>14} {:>14}",
        "drill", "found by", "blocks", "seconds", "contained", "lost without", "lost with"
    )?;
    for score in scores {
        let seconds = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        writeln!(
            out,
            "{:20} {:22} {:>7} {:>9} {:>9} {:>14.2} {:>14.2}",
            score.name,
            score.rule.as_deref().unwrap_or("nothing"),
            score.blocks_to_detect.map_or_else(|| "-".to_owned(), |blocks| blocks.to_string()),
            seconds(score.seconds_to_detect),
            if score.contained { seconds(score.seconds_to_contain) } else { "no".to_owned() },
            score.loss_without,
            score.loss_with,
        )?;
    }
    Ok(())
}
