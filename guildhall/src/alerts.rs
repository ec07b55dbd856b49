//! `guildhall alerts`: what the watch found, also while the business is open.

use crate::{cli::DataArguments, house::store_url, node, profile::Profile};
use anyhow::Context;
use clap::Args;
use platform_index::Store;
use serde_json::{Value, json};
use std::io::Write;

/// Flags of `guildhall alerts`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall alerts --data-dir ./shop\n  guildhall alerts --data-dir ./shop --json | jq '.[] | {rule, block, behind: (.head - .block)}'"
)]
pub(crate) struct AlertsArguments {
    #[command(flatten)]
    data: DataArguments,
    /// As JSON: rule, labels, the block of the cause, and the newest block when it was found.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &AlertsArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    Profile::of(directory)?;
    let fired = node::runtime()?.block_on(async {
        let store = Store::open(&store_url(directory)).await.context("can't open the platform's store")?;
        platform_ops::fired(&store).await.context("this directory has no records of a watch: open the house once")
    })?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{:#}", json!(fired))?;
        return Ok(());
    }
    if fired.is_empty() {
        writeln!(out, "The watch has found nothing.")?;
    }
    for alert in fired {
        let labels = alert["labels"].as_object().into_iter().flatten();
        let labels: Vec<String> =
            labels.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
        let text = |name: &str| match &alert[name] {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        writeln!(out, "block {:>9}  {:22} {}", text("block"), text("rule"), labels.join(" "))?;
    }
    Ok(())
}
