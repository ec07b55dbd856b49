//! `guildhall channels`: by which ways the house tells people, also while it
//! is open.

use crate::{
    cli::{DataArguments, UsageError},
    node, notify,
    profile::Profile,
};
use anyhow::Context;
use clap::{Args, Subcommand};
use platform_api::calendar;
use platform_notify::{ChannelError, DeliveryState, Language, NewChannel, Notifier, carriers};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// A file of secrets is no longer than this.
const SECRETS_BYTES_MAX: u64 = 64 * 1024;

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelsCommand {
    /// List the channels and how they work, without their secrets.
    List(ListArguments),
    /// Add a channel.
    Add(AddArguments),
    /// Send a test to a channel and say how it went.
    Test(OneArguments),
    /// Remove a channel with its secrets; what waits for it is dropped.
    Remove(OneArguments),
}

/// Flags of `guildhall channels list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Flags of `guildhall channels add`.
#[derive(Debug, Args)]
#[command(
    after_help = "Secrets never go on the command line. --secret-file FILE, or - for standard input, holds either the one secret\nof the kind, or lines `field=value` for each.\n\nExamples:\n  guildhall channels add webhook --set url=https://pager.example/hook\n  guildhall channels add slack --secret-file slack-url.txt --severity P3\n  guildhall channels add telegram --set chat_id=-100123 --secret-file - < token.txt\n  guildhall channels add mail --set host=smtp.example --set from=a@example --set to=b@example --set user=a --secret-file pw"
)]
pub(crate) struct AddArguments {
    /// webhook, mail, slack, telegram, feishu, dingtalk, wecom, pagerduty or
    /// alertmanager.
    #[arg(value_name = "KIND")]
    kind: String,
    #[command(flatten)]
    data: DataArguments,
    /// What people call it; the kind without.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A field that is no secret; may be given more than once.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// A file that holds what is secret; - for standard input.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The least severity it wants: P1 the gravest only, P5 everything.
    #[arg(long, default_value = "P2", value_name = "P1..P5", value_parser = severity)]
    severity: u8,
    /// A role whose alerts it wants; may be given more than once. All without.
    #[arg(long = "owner", value_name = "ROLE")]
    owners: Vec<String>,
    /// For how many minutes nobody must have acknowledged before it is told.
    #[arg(long, default_value_t = 0, value_name = "MINUTES")]
    wait: u32,
    /// The language it tells in.
    #[arg(long, default_value = "en", value_name = "en|zh", value_parser = language)]
    language: Language,
    /// Let it carry customers' mail instead of alerts.
    #[arg(long)]
    customers: bool,
    /// Let it lead to private and loopback addresses.
    #[arg(long, env = "GUILDHALL_PRIVATE_CHANNELS")]
    private_channels: bool,
}

/// Which channel.
#[derive(Debug, Args)]
pub(crate) struct OneArguments {
    /// The channel's id or name, as `channels list` shows it.
    #[arg(value_name = "CHANNEL")]
    channel: String,
    #[command(flatten)]
    data: DataArguments,
    /// Let it lead to private and loopback addresses.
    #[arg(long, env = "GUILDHALL_PRIVATE_CHANNELS")]
    private_channels: bool,
}

fn severity(text: &str) -> Result<u8, String> {
    let digit = text.strip_prefix(['P', 'p']).and_then(|digit| digit.parse().ok());
    digit.filter(|digit| (1..=5).contains(digit)).ok_or_else(|| "must be P1, P2, P3, P4 or P5".into())
}

fn language(text: &str) -> Result<Language, String> {
    Language::of(text).ok_or_else(|| "must be en or zh".into())
}

pub(crate) fn run(command: ChannelsCommand) -> anyhow::Result<()> {
    node::runtime()?.block_on(async {
        match command {
            ChannelsCommand::List(arguments) => list(&open(&arguments.data, false).await?).await,
            ChannelsCommand::Add(arguments) => add(arguments).await,
            ChannelsCommand::Test(arguments) => {
                let notifier = open(&arguments.data, arguments.private_channels).await?;
                let (id, name) = find(&notifier, &arguments.channel).await?;
                match notifier.test(&id).await.map_err(said)? {
                    Ok(()) => eprintln!("{name} has it."),
                    Err(fault) => anyhow::bail!("{name} did not get it: {fault}"),
                }
                Ok(())
            }
            ChannelsCommand::Remove(arguments) => {
                let notifier = open(&arguments.data, arguments.private_channels).await?;
                let (id, name) = find(&notifier, &arguments.channel).await?;
                notifier.remove(&id).await.map_err(said)?;
                eprintln!("{name} is removed.");
                Ok(())
            }
        }
    })
}

/// The directory's outbox. Its store takes several processes; the ledger,
/// which does not, is left alone.
async fn open(data: &DataArguments, private: bool) -> anyhow::Result<Notifier> {
    let profile = Profile::of(&data.data_dir)?;
    let outside = notify::Outside { house: profile.name, site: String::new(), private };
    notify::open(&data.data_dir, outside).await
}

fn said(error: ChannelError) -> anyhow::Error {
    match error {
        ChannelError::Invalid(reason) => UsageError(reason).into(),
        error => error.into(),
    }
}

async fn find(notifier: &Notifier, wanted: &str) -> anyhow::Result<(String, String)> {
    let all = notifier.channels().await?;
    let found = all.into_iter().find(|channel| channel.id == wanted || channel.name == wanted);
    let missing = || UsageError(format!("there is no channel {wanted:?}; see `guildhall channels list`"));
    found.map(|channel| (channel.id, channel.name)).ok_or_else(|| missing().into())
}

async fn list(notifier: &Notifier) -> anyhow::Result<()> {
    let backlog = notifier.backlog().await?;
    let mut out = std::io::stdout().lock();
    for channel in notifier.channels().await? {
        let count = |state| backlog.get(&(channel.id.clone(), state)).copied().unwrap_or(0);
        let delivered = channel.health.delivered_ms.map_or("never".into(), |at| calendar::rfc3339(at / 1_000));
        let marks: Vec<_> = channel.fingerprints(notifier.seal()).into_values().collect();
        writeln!(
            out,
            "{}  {}  {}  P{}  delivered {delivered}, {} waiting, {} held, {} failed  {}  {}",
            channel.id,
            channel.kind,
            channel.state.name(),
            channel.severity,
            count(DeliveryState::Waiting),
            count(DeliveryState::Held),
            count(DeliveryState::Dead),
            marks.join(","),
            channel.name,
        )?;
    }
    Ok(())
}

async fn add(arguments: AddArguments) -> anyhow::Result<()> {
    let mut fields = BTreeMap::new();
    for pair in &arguments.fields {
        let (name, value) = pair.split_once('=').ok_or_else(|| UsageError("--set takes FIELD=VALUE".into()))?;
        let carrier = carriers::of(&arguments.kind);
        if carrier.is_some_and(|carrier| carrier.fields().iter().any(|field| field.secret && field.name == name)) {
            let reason = format!("{name} is secret and must not be on the command line: use --secret-file");
            return Err(UsageError(reason).into());
        }
        fields.insert(name.to_owned(), value.to_owned());
    }
    if let Some(file) = &arguments.secret_file {
        fields.extend(secrets(&arguments.kind, file)?);
    }
    let notifier = open(&arguments.data, arguments.private_channels).await?;
    let new = NewChannel {
        name: arguments.name.unwrap_or_else(|| arguments.kind.clone()),
        kind: arguments.kind,
        customers: arguments.customers,
        language: arguments.language,
        fields,
        severity: arguments.severity,
        owners: arguments.owners,
        wait_minutes: arguments.wait,
        by: "guildhall channels".into(),
    };
    let (channel, secret) = notifier.add(new).await.map_err(said)?;
    eprintln!("{} is added as {}. Try it: guildhall channels test {}", channel.name, channel.id, channel.id);
    if let Some(secret) = secret {
        eprintln!(
            "Its receiver checks signatures with this secret. It is shown this once; keep it as you keep a password."
        );
        writeln!(std::io::stdout(), "{secret}")?;
    }
    Ok(())
}

/// Secrets of a file: the one that the kind has, or lines `field=value`.
fn secrets(kind: &str, file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(SECRETS_BYTES_MAX).read_to_string(&mut text).context("can't read standard input")?;
    } else {
        let file = std::fs::File::open(file).with_context(|| format!("can't read {}", file.display()))?;
        file.take(SECRETS_BYTES_MAX).read_to_string(&mut text).context("can't read the secrets")?;
    }
    let Some(carrier) = carriers::of(kind) else { return Ok(BTreeMap::new()) };
    let names: Vec<_> = carrier.fields().iter().filter(|field| field.secret).map(|field| field.name).collect();
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let pairs: Option<BTreeMap<_, _>> = lines
        .iter()
        .map(|line| {
            let (name, value) = line.split_once('=')?;
            names.contains(&name.trim()).then(|| (name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect();
    match (pairs, lines.as_slice(), names.as_slice()) {
        (Some(pairs), [_, ..], _) => Ok(pairs),
        // Without a name it is the first of the kind's secrets.
        (None, [only], [first, ..]) => Ok(BTreeMap::from([((*first).to_owned(), (*only).to_owned())])),
        _ => {
            let reason =
                format!("the secrets must be one line, or lines FIELD=VALUE with the fields {}", names.join(", "));
            Err(UsageError(reason).into())
        }
    }
}
