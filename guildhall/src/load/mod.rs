//! `guildhall load`: how fast is an Ethereum JSON-RPC node?
//!
//! Everything is signed before the clock starts. A thread a connection sends;
//! one more follows the blocks until all that was sent is in one, so that
//! what counts is what was committed, not what was taken. The generator is
//! meant to cost little beside the node, since the two share a machine: plain
//! sockets, bodies serialised beforehand, answers not parsed where they hold
//! no error.

mod arguments;
mod ask;
mod drive;
mod figures;
mod prepare;
mod process;
mod report;
mod single;
mod watch;
mod wire;

pub(crate) use arguments::LoadArguments;
pub(crate) use ask::Asker;
pub(crate) use process::{disk_bytes, memory_mb};
pub(crate) use wire::Endpoint;

use crate::{cli::UsageError, keys, shutdown};
use alloy_primitives::B256;
use anyhow::Context;
use arguments::Traffic;
use drive::{Load, Progress};
use figures::{Outcome, Spread};
use indicatif::{ProgressBar, ProgressStyle};
use prepare::Stage;
use serde_json::json;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

pub(crate) fn run(mut arguments: LoadArguments) -> anyhow::Result<()> {
    if arguments.reads && arguments.traffic != Traffic::Erc20 {
        return Err(UsageError("--reads asks a token for balances: leave --traffic at erc20".into()).into());
    }
    if arguments.latency {
        arguments.accounts = arguments.accounts.min(arguments.transactions);
        (arguments.connections, arguments.batch) = (1, 1);
    }
    arguments.connections = arguments.connections.min(if arguments.reads { 400 } else { arguments.accounts });
    let key = funding_key(&arguments)?;
    let endpoints = arguments.rpc.iter().map(|url| Endpoint::parse(url)).collect::<Result<Vec<_>, _>>();
    let endpoints = endpoints.map_err(|error| UsageError(error.to_string()))?;
    let stop = shutdown::flag("Stopping: what was sent is waited for a moment.")?;
    let mut outcomes = Vec::new();
    let mut failure = None;
    for (number, endpoint) in endpoints.iter().enumerate() {
        let mut subject = Subject {
            arguments: &arguments,
            endpoint,
            key: &key,
            label: arguments.label.get(number).cloned(),
            pid: arguments.pid.get(number).copied(),
            directory: arguments.data_dir.get(number).cloned(),
            stop: &stop,
        };
        let (outcome, ended) = subject.measure()?;
        if arguments.json {
            report::line(&outcome)?;
        }
        outcomes.push(outcome);
        if let Some(error) = ended {
            failure = Some(error.context(format!("{} was not measured to the end", endpoint.url())));
            break;
        }
        if stop.load(Ordering::Relaxed) {
            failure = Some(anyhow::anyhow!("interrupted; the figures are of what was done until then"));
            break;
        }
    }
    if !arguments.json {
        report::table(&outcomes)?;
    }
    if let Some(path) = &arguments.report {
        std::fs::write(path, report::html(&outcomes)).with_context(|| format!("can't write {}", path.display()))?;
    }
    if let Some(path) = &arguments.report_json {
        let json = report::json(&outcomes)?;
        std::fs::write(path, json).with_context(|| format!("can't write {}", path.display()))?;
    }
    failure.map_or(Ok(()), Err)
}

/// The key that pays for everything. Secrets come from files or the
/// environment, never from the command line, where every process reads them.
fn funding_key(arguments: &LoadArguments) -> anyhow::Result<B256> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        anyhow::Ok(text.trim().to_owned())
    };
    if let Some(path) = &arguments.mnemonic_file {
        return keys::first_key(&read(path)?)
            .map_err(|_| UsageError(format!("{} holds no mnemonic", path.display())).into());
    }
    let (text, place) = match (&arguments.key_file, std::env::var("GUILDHALL_LOAD_KEY")) {
        (Some(path), _) => (read(path)?, path.display().to_string()),
        (None, Ok(text)) => (text, "GUILDHALL_LOAD_KEY".to_owned()),
        (None, Err(_)) => return keys::first_key(keys::DEV_MNEMONIC),
    };
    text.parse().map_err(|_| UsageError(format!("{place} holds no key of 32 bytes in hex")).into())
}

/// One node and what to do to it.
struct Subject<'a> {
    arguments: &'a LoadArguments,
    endpoint: &'a Endpoint,
    key: &'a B256,
    label: Option<String>,
    pid: Option<u32>,
    directory: Option<PathBuf>,
    stop: &'a AtomicBool,
}

/// What a process had used at one moment.
#[derive(Clone, Copy)]
struct Used {
    node: Option<f64>,
    own: f64,
    disk: Option<u64>,
}

impl Subject<'_> {
    /// Measures the node. The error, if any, is why it ended early; the
    /// figures hold what was measured until then.
    fn measure(&mut self) -> anyhow::Result<(Outcome, Option<anyhow::Error>)> {
        let mut asker = Asker::connect(self.endpoint)?;
        let client: String = asker.ask("web3_clientVersion", json!([]))?;
        eprintln!("{}: {client}", self.endpoint.url());
        let stage = Stage::set(self.arguments, self.endpoint, self.key)?;
        let probe_stop = AtomicBool::new(false);
        let (measured, probed) = std::thread::scope(|scope| {
            let probe =
                self.directory.as_ref().map(|directory| scope.spawn(|| process::probe_disk(directory, &probe_stop)));
            let measured = self.measure_kind(&mut asker, &stage, client);
            probe_stop.store(true, Ordering::Relaxed);
            (measured, probe.and_then(|probe| probe.join().ok()).transpose())
        });
        let (mut outcome, ended) = measured?;
        outcome.fsync_ms = probed?.and_then(Spread::of);
        Ok((outcome, ended))
    }

    fn measure_kind(
        &self,
        asker: &mut Asker,
        stage: &Stage,
        client: String,
    ) -> anyhow::Result<(Outcome, Option<anyhow::Error>)> {
        if self.arguments.reads {
            return Ok((self.reads(stage, client)?, None));
        }
        if self.arguments.latency {
            return Ok((self.latency(stage, client)?, None));
        }
        self.load(asker, stage, client)
    }

    fn load(
        &self,
        asker: &mut Asker,
        stage: &Stage,
        client: String,
    ) -> anyhow::Result<(Outcome, Option<anyhow::Error>)> {
        eprintln!("Signing {} transactions.", self.arguments.transactions);
        let load = Load::sign(stage, self.arguments);
        let bar = self.bar(load.len() as u64)?;
        let first = asker.head()?.number.to::<u64>() + 1;
        let patience = Duration::from_secs(u64::from(self.arguments.patience));
        let before = self.used()?;
        let progress = Progress::new(&load, self.stop);
        let lanes = load.lanes.len();
        let (seen, answers) = std::thread::scope(|scope| {
            let senders: Vec<_> = load
                .lanes
                .iter()
                .enumerate()
                .map(|(lane, requests)| {
                    let (progress, arguments, endpoint) = (&progress, self.arguments, self.endpoint);
                    scope.spawn(move || drive::run_lane(progress, endpoint, arguments, requests, lane, lanes))
                })
                .collect();
            let seen = watch::follow(asker, first, &load, &progress, patience, &bar);
            if seen.is_err() {
                // Nobody watches any more: the senders need not go on.
                progress.failure.lock().get_or_insert_with(|| anyhow::anyhow!("blocks can't be followed"));
            }
            let answers: Vec<u32> = senders.into_iter().filter_map(|sender| sender.join().ok()).flatten().collect();
            (seen, answers)
        });
        let after = self.used()?;
        bar.finish_and_clear();
        let seen = seen?;
        let mut ended = progress.failure.lock().take();
        let acknowledged = progress.acknowledged.load(Ordering::Relaxed);
        let committed = seen.took.len();
        if ended.is_none() && committed < acknowledged && !self.stop.load(Ordering::Relaxed) {
            let lost = acknowledged - committed;
            ended = Some(anyhow::anyhow!("the node took {lost} transactions that it did not mine in time"));
        }
        let (checked, failed) = watch::check_receipts(asker, &load, &seen.hashes)?;
        let mut outcome = self.outcome(client, "load", committed, seen.elapsed, before, after);
        outcome.transactions = acknowledged;
        outcome.retried = progress.retried.load(Ordering::Relaxed);
        outcome.blocks = seen.blocks;
        (outcome.checked, outcome.failed) = (checked, failed);
        outcome.gas_per_second = Some(seen.gas as f64 / seen.elapsed.as_secs_f64().max(1e-9));
        outcome.answer_ms = Spread::of(answers);
        outcome.commit_ms = Spread::of(seen.took);
        outcome.series = seen.series;
        Ok((outcome, ended))
    }

    fn latency(&self, stage: &Stage, client: String) -> anyhow::Result<Outcome> {
        let bar = self.bar(u64::from(self.arguments.transactions) * 2)?;
        let before = self.used()?;
        let measured = single::latency(stage, self.arguments, self.endpoint, self.stop, &bar)?;
        let after = self.used()?;
        bar.finish_and_clear();
        let committed = measured.receipt.len() + measured.sync.len();
        let mut outcome = self.outcome(client, "latency", committed, measured.elapsed, before, after);
        outcome.blocks = committed;
        outcome.answer_ms = Spread::of(measured.answer);
        outcome.commit_ms = Spread::of(measured.receipt);
        outcome.sync_ms = Spread::of(measured.sync);
        Ok(outcome)
    }

    fn reads(&self, stage: &Stage, client: String) -> anyhow::Result<Outcome> {
        let before = self.used()?;
        let (took, elapsed) = single::reads(stage, self.arguments, self.endpoint, self.stop)?;
        let after = self.used()?;
        let reads = took.len() * self.arguments.batch as usize;
        let mut outcome = self.outcome(client, "reads", reads, elapsed, before, after);
        outcome.answer_ms = Spread::of(took);
        Ok(outcome)
    }

    fn used(&self) -> anyhow::Result<Used> {
        Ok(Used {
            node: self.pid.map(process::cpu_seconds).transpose()?,
            own: process::cpu_seconds(std::process::id())?,
            disk: self.directory.as_deref().map(process::disk_bytes),
        })
    }

    /// The figures that every kind of run has.
    fn outcome(
        &self,
        client: String,
        kind: &'static str,
        committed: usize,
        elapsed: Duration,
        before: Used,
        after: Used,
    ) -> Outcome {
        let arguments = self.arguments;
        let each = |whole: f64| whole / committed.max(1) as f64;
        let memory = self.pid.and_then(process::memory_mb);
        let growth = before.disk.zip(after.disk).filter(|_| kind == "load");
        Outcome {
            label: self.label.clone().unwrap_or_else(|| self.endpoint.url().to_owned()),
            client,
            url: self.endpoint.url().to_owned(),
            kind,
            traffic: arguments.traffic.name(),
            transport: match (self.endpoint.is_socket(), arguments.batch > 1) {
                (false, false) => "http",
                (false, true) => "http batch",
                (true, false) => "websocket",
                (true, true) => "websocket batch",
            },
            pacing: if arguments.rate.is_some() { "open" } else { "closed" },
            batch: arguments.batch,
            connections: arguments.connections,
            accounts: arguments.accounts,
            transactions: committed,
            committed,
            checked: 0,
            failed: 0,
            retried: 0,
            blocks: 0,
            seconds: elapsed.as_secs_f64(),
            per_second: committed as f64 / elapsed.as_secs_f64().max(1e-9),
            gas_per_second: None,
            answer_ms: None,
            commit_ms: None,
            sync_ms: None,
            node_cpu_us: before.node.zip(after.node).map(|(before, after)| each((after - before) * 1e6)),
            generator_cpu_us: each((after.own - before.own) * 1e6),
            memory_mb: memory.map(|(now, _)| now),
            memory_peak_mb: memory.map(|(_, peak)| peak),
            disk_bytes: growth.map(|(before, after)| each(after.saturating_sub(before) as f64)),
            fsync_ms: None,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            series: Vec::new(),
        }
    }

    fn bar(&self, length: u64) -> anyhow::Result<ProgressBar> {
        let bar = if self.arguments.json { ProgressBar::hidden() } else { ProgressBar::new(length) };
        bar.set_style(ProgressStyle::with_template("{wide_bar} {pos} of {len}  {per_sec}")?);
        Ok(bar)
    }
}
