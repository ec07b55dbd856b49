//! `guildhall apikey`: keys for machines, also while the business is open.

use crate::{
    chain,
    cli::{DataArguments, UsageError},
    house::store_url,
    node,
    profile::Profile,
};
use anyhow::Context;
use clap::{Args, Subcommand};
use platform_api::{ApiKeys, NewKey, calendar};
use platform_index::Store;
use std::io::Write;

/// What keys can be used for.
const GRANTS: [&str; 3] = ["epcis:capture", "epcis:query", platform_ops::EXTERNAL_GRANT];
const NAME_CHARS_MAX: usize = 64;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// Make a key and print it, once: only its hash is kept.
    Create(CreateArguments),
    /// List the keys, without the keys themselves.
    List(ListArguments),
    /// End a key.
    Revoke(RevokeArguments),
}

/// Flags of `guildhall apikey create`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall apikey create --grant epcis:capture --grant epcis:query\n  guildhall apikey create --grant epcis:capture --name \"Dock 4\" --expires 90d --data-dir ./shop"
)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// What the key may be used for; may be given more than once.
    #[arg(long = "grant", required = true, value_name = "GRANT", value_parser = GRANTS, value_delimiter = ',')]
    grants: Vec<String>,
    /// What people call it.
    #[arg(long, default_value = "", value_name = "NAME")]
    name: String,
    /// When it ends: a day, as 2027-01-31, or a number of days, as 90d.
    #[arg(long, value_name = "DAY|Nd")]
    expires: Option<Expiry>,
}

/// Flags of `guildhall apikey list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Flags of `guildhall apikey revoke`.
#[derive(Debug, Args)]
pub(crate) struct RevokeArguments {
    /// The key's id, as `apikey list` shows it.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    data: DataArguments,
}

/// When a key ends, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Expiry(u64);

impl std::str::FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()) {
            return Ok(Self(chain::now().saturating_add(days.saturating_mul(calendar::DAY))));
        }
        let mut parts = text.split('-').map(|part| part.parse::<u64>().ok());
        let day = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
        match day {
            (Some(year), Some(month), Some(day)) if parts.next().is_none() => {
                calendar::midnight(year, month, day).map(Self).ok_or_else(|| "there is no such day".into())
            }
            _ => Err("must be a day, as 2027-01-31, or a number of days, as 90d".into()),
        }
    }
}

pub(crate) fn run(command: ApiKeyCommand) -> anyhow::Result<()> {
    node::runtime()?.block_on(async {
        match command {
            ApiKeyCommand::Create(arguments) => create(arguments).await,
            ApiKeyCommand::List(arguments) => list(&keys(&arguments.data).await?).await,
            ApiKeyCommand::Revoke(arguments) => revoke(&keys(&arguments.data).await?, &arguments.id).await,
        }
    })
}

/// The directory's keys. The store takes several processes; the ledger, which does not, is left alone.
async fn keys(data: &DataArguments) -> anyhow::Result<ApiKeys> {
    let directory = &data.data_dir;
    Profile::of(directory)?;
    let store = Store::open(&store_url(directory)).await.context("can't open the platform's store")?;
    ApiKeys::open(store).await.context("can't open the keys")
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    if arguments.name.chars().count() > NAME_CHARS_MAX || arguments.name.chars().any(char::is_control) {
        return Err(UsageError(format!("a key's name has at most {NAME_CHARS_MAX} characters")).into());
    }
    let keys = keys(&arguments.data).await?;
    let mut grants = arguments.grants;
    grants.sort_unstable();
    grants.dedup();
    let expires_at = arguments.expires.map(|Expiry(at)| at);
    let (text, key) = keys.create(NewKey { name: arguments.name, grants, expires_at }).await?;
    eprintln!("Key {} may {}. It is shown this once; keep it as you keep a password.", key.id, key.grants.join(", "));
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

async fn list(keys: &ApiKeys) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for key in keys.list().await? {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", calendar::rfc3339(at)),
            (None, Some(at)) if at <= chain::now() => format!("expired {}", calendar::rfc3339(at)),
            (None, Some(at)) => format!("until {}", calendar::rfc3339(at)),
            (None, None) => "without an end".into(),
        };
        let made = calendar::rfc3339(key.created_at);
        writeln!(out, "{}  {made}  {state}  {}  {}", key.id, key.grants.join(","), key.name)?;
    }
    Ok(())
}

async fn revoke(keys: &ApiKeys, id: &str) -> anyhow::Result<()> {
    if keys.revoke(id).await? {
        eprintln!("Key {id} no longer counts.");
        return Ok(());
    }
    Err(UsageError(format!("there is no key {id} that was not revoked before; see `guildhall apikey list`")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_day_or_a_number_of_days() {
        assert_eq!("2027-01-31".parse(), Ok(Expiry(1_801_353_600)));
        let Expiry(soon) = "90d".parse().unwrap();
        assert!(soon.abs_diff(chain::now() + 90 * 86_400) < 5);
        for text in ["", "soon", "2027-02-30", "2027-01", "d", "-3d"] {
            assert!(text.parse::<Expiry>().is_err(), "{text}");
        }
    }
}
