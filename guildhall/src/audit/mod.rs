//! `guildhall audit`: findings in contracts, in what they depend on, and in
//! who holds which rights of a house.

mod dependencies;
mod keep;
pub(crate) mod layouts;
mod report;
mod rights;
mod slither;
pub(crate) mod sources;

use crate::{chain, cli::UsageError, node, solc::Solc};
use alloy_primitives::B256;
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use platform_api::calendar;
use platform_audit::{Finding, Program, Triage, detectors, findings, sarif};
use platform_business::Compiler;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

/// The language of what is printed for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

/// Flags of `guildhall audit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 1 when a finding above LOW has no decision in the triage file, an acceptance has expired, or something mended is found again.\n\nExamples:\n  guildhall audit                                     the contracts in ./contracts\n  guildhall audit --contracts ./mine --sarif > audit.sarif\n  guildhall audit --contracts ./mine --write-layouts  after an upgrade was made\n  guildhall audit --data-dir ./shop                   who holds which rights in a house\n  guildhall audit --import slither.sarif --json\n  guildhall audit --list"
)]
pub(crate) struct AuditArguments {
    /// The folder of the Solidity sources, in its src/ or in itself;
    /// ./contracts without it.
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    /// A house whose rights are looked at, and whose console shows the result;
    /// it may be open.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// What people decided; audit/triage.yaml of the contracts' folder
    /// without it.
    #[arg(long, value_name = "FILE")]
    triage: Option<PathBuf>,
    /// What another tool found, as SARIF 2.1.0; may be given more than once.
    #[arg(long = "import", value_name = "FILE")]
    imports: Vec<PathBuf>,
    /// The Solidity compiler; script/solc of the contracts' folder, or the
    /// solc on the path without.
    #[arg(long, env = "GUILDHALL_SOLC", value_name = "FILE")]
    solc: Option<PathBuf>,
    /// Write what upgradeable contracts keep where into artifacts/layouts of
    /// the contracts' folder, which later audits compare with.
    #[arg(long)]
    write_layouts: bool,
    /// Leave a detector out; may be given more than once.
    #[arg(long, value_name = "DETECTOR")]
    without: Vec<String>,
    /// As JSON.
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// As SARIF 2.1.0, for code scanners.
    #[arg(long)]
    sarif: bool,
    /// The language of the report for people.
    #[arg(long, value_enum, default_value = "en", value_name = "en|zh")]
    lang: Language,
    /// List the detectors and what they look for.
    #[arg(long, conflicts_with_all = ["json", "sarif", "contracts", "data_dir"])]
    list: bool,
}

/// What was looked at, found, and left out.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    findings: Vec<Finding>,
    checked: Vec<String>,
    /// What could not be looked at, and why.
    unchecked: Vec<String>,
    /// Other tools that were asked, by the names they give themselves.
    tools: BTreeSet<String>,
    /// Of the sources that were compiled.
    digest: Option<B256>,
}

impl Audit {
    /// Takes in what another tool found.
    fn import(&mut self, name: &str, found: Vec<Finding>) {
        self.checked.push(format!("{name} ({} findings)", found.len()));
        self.tools.extend(found.iter().filter_map(|finding| Some(finding.detector.split_once('/')?.0.to_owned())));
        self.findings.extend(found);
    }
}

pub(crate) fn run(arguments: AuditArguments) -> anyhow::Result<()> {
    if arguments.list {
        return report::list(arguments.lang);
    }
    let known = |name: &String| detectors().iter().any(|detector| detector.id == name);
    if let Some(unknown) = arguments.without.iter().find(|name| !known(name)) {
        return Err(UsageError(format!("there is no detector {unknown}: see guildhall audit --list")).into());
    }
    let contracts = folder(&arguments)?;
    let mut audit = Audit::default();
    if let Some(contracts) = &contracts {
        audit.sources(contracts, &arguments)?;
    }
    if let Some(directory) = &arguments.data_dir {
        audit.findings.extend(node::runtime()?.block_on(rights::review(directory))?);
        audit.checked.push(format!("rights in {}", directory.display()));
    }
    for file in &arguments.imports {
        let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
        let found = sarif::read(&text).map_err(|error| UsageError(format!("{}: {error}", file.display())))?;
        audit.import(&file.display().to_string(), found);
    }
    audit.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let triage = triage(&arguments, contracts.as_deref())?;
    let today = calendar::rfc3339(chain::now());
    let mut gone = triage.no_longer_found(&audit.findings);
    gone.retain(|verdict| looked_for(&arguments, contracts.is_some(), &audit, &verdict.detector));
    let judged = triage.judge(std::mem::take(&mut audit.findings), &today[..10]);
    let faults = judged.iter().filter(|judged| judged.fault.is_some()).count();
    report::print(&arguments, &audit, &judged, &gone)?;
    if let Some(directory) = &arguments.data_dir {
        let kept = node::runtime()?.block_on(keep::keep(directory, &audit, &judged, &gone));
        if let Err(error) = kept {
            eprintln!("The result could not be kept for the console: {error:#}");
        }
    }
    match faults {
        0 => Ok(()),
        1 => bail!("1 finding needs a decision: mend it, or write why not into the triage file"),
        faults => bail!("{faults} findings need a decision: mend them, or write why not into the triage file"),
    }
}

/// Whether what a detector finds would have been found this time: what nobody
/// looked for is not gone.
fn looked_for(arguments: &AuditArguments, sources: bool, audit: &Audit, detector: &str) -> bool {
    if let Some((tool, _)) = detector.split_once('/') {
        return audit.tools.contains(tool);
    }
    if [dependencies::DETECTOR, layouts::BROKEN, layouts::STALE].contains(&detector)
        || detectors().iter().any(|known| known.id == detector)
    {
        return sources && !arguments.without.iter().any(|left_out| left_out == detector);
    }
    arguments.data_dir.is_some()
}

/// The contracts' folder: that which was named, or ./contracts when nothing
/// was.
fn folder(arguments: &AuditArguments) -> anyhow::Result<Option<PathBuf>> {
    let usual = Path::new("contracts");
    let chosen = match &arguments.contracts {
        Some(folder) => Some(folder.clone()),
        None if arguments.data_dir.is_none() && arguments.imports.is_empty() => Some(usual.to_owned()),
        None => None,
    };
    match chosen {
        Some(folder) if !folder.is_dir() => {
            let reason = format!("{} is no folder: say where the contracts are with --contracts DIR", folder.display());
            Err(UsageError(reason).into())
        }
        chosen => Ok(chosen),
    }
}

fn triage(arguments: &AuditArguments, contracts: Option<&Path>) -> anyhow::Result<Triage> {
    let usual = contracts.unwrap_or(Path::new("contracts")).join("audit/triage.yaml");
    let file = arguments.triage.clone().unwrap_or_else(|| usual.clone());
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let read = Triage::read(&text).map_err(|error| UsageError(format!("{}: {error}", file.display())))?;
            Ok(read)
        }
        // Whoever has decided nothing needs no file.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && arguments.triage.is_none() => {
            Ok(Triage::default())
        }
        Err(error) => Err(error).with_context(|| format!("can't read {}", file.display())),
    }
}

impl Audit {
    /// Compiles a folder's sources and asks every detector, and Slither where
    /// it is installed; then the licences of what the sources build on.
    fn sources(&mut self, folder: &Path, arguments: &AuditArguments) -> anyhow::Result<()> {
        let sources = sources::read(folder)?;
        if sources.own.is_empty() {
            let reason = format!("{} holds no Solidity files, in src/ or in itself", folder.display());
            return Err(UsageError(reason).into());
        }
        let own = folder.join("script/solc");
        self.digest = Some(keep::digest(&sources.texts));
        let named = arguments.solc.clone().or_else(|| own.is_file().then_some(own));
        let Some(solc) = Solc::find(named) else {
            let reason = "there is no Solidity compiler: name one with --solc FILE".to_owned();
            return Err(UsageError(reason).into());
        };
        let bar = ProgressBar::new_spinner().with_message(format!("compiling {} files", sources.texts.len()));
        bar.enable_steady_tick(Duration::from_millis(100));
        let runtime = node::runtime()?;
        let answer = runtime.block_on(solc.compile(sources::input(&sources.texts)));
        let answer = answer.map_err(|error| anyhow::anyhow!("the compiler failed: {error}"))?;
        let answer: serde_json::Value = serde_json::from_str(&answer).context("the compiler's answer")?;
        let program = Program::read(&answer, &sources.texts, |path| sources.own.contains(path))?;
        bar.set_message("looking");
        let asked = |id: &str| !arguments.without.iter().any(|left_out| left_out == id);
        self.findings.extend(findings(&program, |detector| asked(detector.id)));
        let number = detectors().iter().filter(|detector| asked(detector.id)).count();
        self.checked.push(format!("{} files with {number} detectors", sources.own.len()));
        bar.set_message("storage");
        let (all, write) = ((&sources.texts, &sources.own), arguments.write_layouts);
        runtime.block_on(layouts::review(folder, all, &answer, &solc, write, self))?;
        bar.set_message("Slither");
        slither::run(folder, self);
        bar.finish_and_clear();
        dependencies::review(folder, self)
    }
}
