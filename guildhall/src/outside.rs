//! How the house looks from outside: whether people get the console that this
//! program holds, or what somebody between made of it, and for how long the
//! site's certificate is good.

use crate::{backups::period, chain, cli::UsageError, web};
use anyhow::Context;
use clap::Args;
use platform_index::Cancel;
use reqwest::{Client, Url, redirect::Policy};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use x509_cert::{Certificate, der::Decode};

const PAGE: &str = "index.html";
/// A site that is just being exchanged shows both versions for a moment.
const SECOND_LOOK: Duration = Duration::from_secs(3);
const TIMEOUT: Duration = Duration::from_secs(20);
/// Largest file that is read.
const FILE_BYTES_MAX: usize = 8 << 20;
const DAY: u64 = 86_400;

/// Flags of looking at the house from outside.
#[derive(Debug, Clone, Args)]
pub(crate) struct LookPlan {
    /// Look at --public-url this often, as 5m or 1h: whether people get the
    /// console of this program, and how long its certificate is good.
    #[arg(long, env = "GUILDHALL_LOOK_EVERY", value_name = "TIME", default_value = "5m", value_parser = period)]
    pub(crate) look_every: Duration,
}

/// What was last seen, as vitals: nothing before the first look.
#[derive(Debug, Default)]
pub(crate) struct Outlook(Mutex<BTreeMap<&'static str, i64>>);

impl Outlook {
    pub(crate) fn facts(&self) -> BTreeMap<&'static str, i64> {
        self.0.lock().map(|facts| facts.clone()).unwrap_or_default()
    }

    fn set(&self, facts: BTreeMap<&'static str, i64>) {
        if let Ok(mut kept) = self.0.lock() {
            *kept = facts;
        }
    }
}

/// Looks at a site.
pub(crate) struct Outside {
    client: Client,
    site: Url,
    every: Duration,
    outlook: Arc<Outlook>,
    /// Files beyond those of the first page, one a look.
    turn: usize,
}

/// What one look saw.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Files that are not this program's.
    drifted: Vec<String>,
    /// Days until the certificate ends; less than none when it has. Nothing
    /// without TLS.
    certificate_days: Option<i64>,
}

impl Outside {
    /// Looks at the address that people outside are told, if they are told one.
    pub(crate) fn planned(
        plan: &LookPlan,
        public_url: Option<&str>,
        outlook: &Arc<Outlook>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(public_url) = public_url else { return Ok(None) };
        let site = Url::parse(public_url).map_err(|error| UsageError(format!("--public-url {public_url}: {error}")))?;
        let client = client().build().context("can't set up TLS")?;
        Ok(Some(Self { client, site, every: plan.look_every, outlook: Arc::clone(outlook), turn: 0 }))
    }

    /// Looks again and again until `cancel` turns true.
    pub(crate) async fn run(mut self, mut cancel: Cancel) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.look().await,
                () = async { drop(cancel.wait_for(|stopped| *stopped).await) } => return,
            }
        }
    }

    async fn look(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        let mut outcome = self.see().await;
        if outcome.as_ref().map_or(true, |seen| !seen.drifted.is_empty()) {
            tokio::time::sleep(SECOND_LOOK).await;
            outcome = self.see().await;
        }
        let mut facts = BTreeMap::from([("site_reachable", i64::from(outcome.is_ok()))]);
        match outcome {
            Ok(seen) => {
                if !seen.drifted.is_empty() {
                    let files = seen.drifted.join(", ");
                    tracing::error!(site = %self.site, files, "people get other files than this program holds");
                }
                facts.insert("site_drift", i64::try_from(seen.drifted.len()).unwrap_or(i64::MAX));
                facts.extend(seen.certificate_days.map(|days| ("certificate_days", days)));
            }
            Err(error) => {
                tracing::warn!(site = %self.site, error = format!("{error:#}"), "the site can't be looked at")
            }
        }
        self.outlook.set(facts);
    }

    async fn see(&self) -> anyhow::Result<Seen> {
        let mut seen = Seen { drifted: Vec::new(), certificate_days: None };
        for file in self.files() {
            let address = if file == PAGE { self.site.join("/") } else { self.site.join(&format!("/{file}")) };
            let answer = self.client.get(address?).send().await.with_context(|| format!("can't get {file}"))?;
            if let Some(info) = answer.extensions().get::<reqwest::tls::TlsInfo>()
                && let Some(der) = info.peer_certificate()
            {
                seen.certificate_days = Some(days_left(der, chain::now())?);
            }
            anyhow::ensure!(!answer.status().is_server_error(), "{file}: {}", answer.status());
            let theirs = read(answer).await.with_context(|| format!("can't read {file}"))?;
            if web::file(&file).is_some_and(|ours| ours != theirs) {
                seen.drifted.push(file);
            }
        }
        Ok(seen)
    }

    /// The first page, all it begins with, and one other file in its turn.
    fn files(&self) -> BTreeSet<String> {
        let page = web::file(PAGE).unwrap_or_default();
        let page = String::from_utf8_lossy(&page);
        let mut files: BTreeSet<String> =
            page.split('"').filter_map(|part| part.strip_prefix('/')).map(str::to_owned).collect();
        files.insert(PAGE.to_owned());
        let others: Vec<_> = web::files().filter(|file| !files.contains(file)).collect();
        if !others.is_empty() {
            files.insert(others[self.turn % others.len()].clone());
        }
        files
    }
}

fn client() -> reqwest::ClientBuilder {
    // Elsewhere somebody may have installed one before, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        // What is somewhere else is not the site that people are told.
        .redirect(Policy::none())
        .no_proxy()
        .tls_info(true)
        .timeout(TIMEOUT)
        .user_agent(concat!("guildhall/", env!("CARGO_PKG_VERSION")))
}

async fn read(mut answer: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        bytes.extend_from_slice(&part);
        anyhow::ensure!(bytes.len() <= FILE_BYTES_MAX, "it has more than {FILE_BYTES_MAX} bytes");
    }
    Ok(bytes)
}

/// Whole days from `now`, in seconds since 1970, until a certificate ends.
fn days_left(der: &[u8], now: u64) -> anyhow::Result<i64> {
    let certificate = Certificate::from_der(der).context("the site's certificate does not read")?;
    let ends = certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs();
    let days = |seconds: u64| i64::try_from(seconds / DAY).unwrap_or(i64::MAX);
    Ok(if ends >= now { days(ends - now) } else { -days(now - ends) - 1 })
}

#[cfg(test)]
mod tests;
