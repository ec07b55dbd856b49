//! The node's benchmarks: each row starts a fresh node, loads it with
//! `guildhall load`, and gives one line of JSON.

use crate::tools::{cargo, npm_packages, root, target};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How anvil is fastest at transactions: blocks on a timer, no bound on their
/// gas, no history, first come first served, no fees.
const ANVIL_BLOCKS: &[&str] = &["--block-time", "1"];
const ANVIL: &[&str] = &[
    "--disable-block-gas-limit",
    "--prune-history",
    "--order",
    "fifo",
    "--disable-pool-balance-checks",
    "--block-base-fee-per-gas",
    "0",
    "--gas-price",
    "0",
    "--no-cors",
    "--silent",
    "--accounts",
    "1",
];
const PATIENCE: Duration = Duration::from_secs(30);

/// What is measured.
struct Row {
    name: &'static str,
    /// Flags of `guildhall load`.
    flags: &'static [&'static str],
    /// Whether anvil makes a block a transaction for this one.
    instant: bool,
    /// What the goal says, for the table.
    goal: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        name: "ERC-20 transfers, batches of 100",
        flags: &["--transactions", "40000", "--accounts", "200", "--connections", "8", "--batch", "100"],
        instant: false,
        goal: "26,000/s, 2.2 × anvil",
    },
    Row {
        name: "ERC-20 transfers, one a request",
        flags: &["--transactions", "40000", "--accounts", "200", "--connections", "32", "--batch", "1"],
        instant: false,
        goal: "14,000/s",
    },
    Row {
        name: "native transfers, batches of 100",
        flags: &["--traffic", "native", "--transactions", "40000", "--connections", "8", "--batch", "100"],
        instant: false,
        goal: "450 bytes each",
    },
    Row {
        name: "marketplace orders, batches of 100",
        flags: &["--traffic", "market", "--transactions", "20000", "--connections", "8", "--batch", "100"],
        instant: false,
        goal: "",
    },
    Row {
        name: "send to receipt, one at a time",
        flags: &["--latency", "--transactions", "500", "--accounts", "20"],
        instant: true,
        goal: "p50 0.6 ms, p99 5 ms",
    },
    Row {
        name: "eth_call, 64 connections, one a request",
        flags: &["--reads", "--connections", "64", "--batch", "1", "--duration", "8"],
        instant: true,
        goal: "3 × anvil",
    },
    Row {
        name: "eth_call, 64 connections, batches of 100",
        flags: &["--reads", "--connections", "64", "--batch", "100", "--duration", "8"],
        instant: true,
        goal: "3 × anvil",
    },
];

/// The row that is only run on demand: it takes a minute.
const MILLION: Row = Row {
    name: "a million native transfers to a million accounts",
    flags: &["--traffic", "native", "--transactions", "1000000", "--recipients", "1000000", "--batch", "100"],
    instant: false,
    goal: "memory flat, 600 MB",
};

/// What runs the row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// This node on a disk.
    Durable,
    /// This node in memory, to tell the disk's part.
    Memory,
    /// anvil, which has only memory.
    Anvil,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::Durable => "guildhall, durable",
            Self::Memory => "guildhall, in memory",
            Self::Anvil => "anvil, in memory",
        }
    }
}

/// Flags: `--against-anvil`, `--quick` (a tenth of the work), `--million`.
pub(crate) fn run(flags: &[String]) -> anyhow::Result<()> {
    let known = ["--against-anvil", "--quick", "--million"];
    if let Some(flag) = flags.iter().find(|flag| !known.contains(&flag.as_str())) {
        bail!("{flag} is no flag of bench; there are {}", known.join(", "));
    }
    let has = |name: &str| flags.iter().any(|flag| flag == name);
    cargo(&["build", "--release", "--package", "guildhall", "--quiet"])?;
    let target = target();
    let program = target.join("release/guildhall");
    // Beside the build, so that it is on a disk; /tmp may be in memory.
    let disk = target.join("bench-data");
    let mut subjects = vec![Subject::Durable, Subject::Memory];
    if has("--against-anvil") {
        npm_packages("contracts")?;
        subjects.push(Subject::Anvil);
    }
    let mut results = Vec::new();
    for row in ROWS.iter().chain(has("--million").then_some(&MILLION)) {
        for subject in &subjects {
            let outcome = measure(row, *subject, &program, &disk, has("--quick"))?;
            print(&outcome.to_string())?;
            results.push((row, *subject, outcome));
        }
    }
    let reopened = reopen(&program, &disk)?;
    print(&reopened.to_string())?;
    print(&table(&results, &reopened))
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// A process that is gone when this is.
struct Running {
    child: Child,
    address: SocketAddr,
    directory: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(directory) = &self.directory {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

fn measure(row: &Row, subject: Subject, program: &Path, disk: &Path, quick: bool) -> anyhow::Result<Value> {
    eprintln!("--- {} · {}", row.name, subject.name());
    let running = match subject {
        Subject::Durable => start_node(program, disk)?,
        Subject::Memory => start_node(program, Path::new("/dev/shm/guildhall-bench"))?,
        Subject::Anvil => start_anvil(row.instant)?,
    };
    let url = format!("http://{}", running.address);
    let pid = running.child.id().to_string();
    let mut flags: Vec<String> = row.flags.iter().map(ToString::to_string).collect();
    if quick {
        shorten(&mut flags);
    }
    let mut command = Command::new(program);
    command.arg("load").args(["--rpc", &url, "--pid", &pid, "--label", subject.name(), "--json"]).args(&flags);
    if let Some(directory) = &running.directory {
        command.arg("--data-dir").arg(directory);
    }
    let output = command.stderr(Stdio::inherit()).output().context("can't run guildhall load")?;
    ensure!(output.status.success(), "the row was not measured to its end");
    let mut outcome: Value = serde_json::from_slice(&output.stdout)?;
    outcome["row"] = row.name.into();
    outcome["command"] = format!("guildhall load {}", flags.join(" ")).into();
    Ok(outcome)
}

/// A tenth of the work.
fn shorten(flags: &mut [String]) {
    let places: Vec<usize> = (1..flags.len()).filter(|at| flags[at - 1] == "--transactions").collect();
    for at in places {
        flags[at] =
            flags[at].parse::<u64>().map_or_else(|_| flags[at].clone(), |count| (count / 10).max(1).to_string());
    }
}

fn start_node(program: &Path, directory: &Path) -> anyhow::Result<Running> {
    let _ = std::fs::remove_dir_all(directory);
    std::fs::create_dir_all(directory).with_context(|| format!("can't create {}", directory.display()))?;
    open_node(program, directory)
}

fn open_node(program: &Path, directory: &Path) -> anyhow::Result<Running> {
    let mut child = Command::new(program)
        .args(["node", "--dev", "--rpc", "127.0.0.1:0", "--data-dir"])
        .arg(directory)
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start the node")?;
    let errors = child.stderr.take().context("the node has no standard error")?;
    let mut lines = BufReader::new(errors).lines();
    let mut said = String::new();
    for line in &mut lines {
        said = line?;
        if let Some(address) = said.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next()) {
            let address = address.parse().with_context(|| format!("the node listens at {address}"))?;
            // Keep reading, so that the node never waits for its log.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(Running { child, address, directory: Some(directory.to_owned()) });
        }
    }
    bail!("the node did not start: {said}")
}

fn start_anvil(instant: bool) -> anyhow::Result<Running> {
    let packages = root().join("contracts/node_modules/@foundry-rs");
    let folders = std::fs::read_dir(&packages).with_context(|| format!("{} is missing", packages.display()))?;
    // The package of the platform; `anvil` itself is a script around it.
    let program = folders.flatten().map(|entry| entry.path().join("bin/anvil")).find(|path| {
        path.parent().and_then(Path::parent).is_some_and(|folder| folder.to_string_lossy().contains("anvil-"))
            && path.exists()
    });
    let program = program.context("anvil is not among the npm packages of this platform")?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let blocks = if instant { &[] } else { ANVIL_BLOCKS };
    let child = Command::new(&program)
        .args(["--port", &address.port().to_string()])
        .args(ANVIL)
        .args(blocks)
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("can't start {}", program.display()))?;
    let running = Running { child, address, directory: None };
    wait_for(address)?;
    Ok(running)
}

fn wait_for(address: SocketAddr) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        ensure!(Instant::now() < deadline, "nothing listens at {address}");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// How long a node takes to answer again after it was killed under load.
fn reopen(program: &Path, disk: &Path) -> anyhow::Result<Value> {
    eprintln!("--- reopening after kill -9 under load");
    let mut running = start_node(program, disk)?;
    let mut load = Command::new(program)
        .args(["load", "--rpc", &format!("http://{}", running.address), "--traffic", "native"])
        .args(["--transactions", "300000", "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let filled = wait_for_blocks(disk);
    let killed = running.child.kill().context("can't kill the node");
    let _ = running.child.wait();
    let _ = load.wait();
    filled.and(killed)?;
    let started = Instant::now();
    let again = open_node(program, disk)?;
    wait_for(again.address)?;
    let seconds = started.elapsed().as_secs_f64();
    running.directory = None;
    Ok(json!({ "row": "reopen after kill -9 under load", "kind": "reopen", "seconds": seconds }))
}

/// Waits until the load has filled the log for a while.
fn wait_for_blocks(disk: &Path) -> anyhow::Result<()> {
    const LOG_BYTES: u64 = 20 << 20;
    let deadline = Instant::now() + PATIENCE * 2;
    let size = || -> u64 {
        let files = std::fs::read_dir(disk.join("ledger/log")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
    };
    while size() < LOG_BYTES {
        ensure!(Instant::now() < deadline, "the log did not grow under load");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// All results as a table in Markdown.
fn table(results: &[(&Row, Subject, Value)], reopened: &Value) -> String {
    let mut lines = vec![
        "| work | goal | node | a second | ms p50 / p99 | processor us each: node, load | memory MB | disk bytes each | fsync ms p50 / p99 |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    for (row, subject, outcome) in results {
        let number = |name: &str, digits: usize| {
            outcome[name].as_f64().map_or_else(|| "–".into(), |value| format!("{value:.digits$}"))
        };
        let spread = |name: &str, digits: usize| match (outcome[name]["p50"].as_f64(), outcome[name]["p99"].as_f64()) {
            (Some(p50), Some(p99)) => format!("{p50:.digits$} / {p99:.digits$}"),
            _ => "–".into(),
        };
        let latency = match outcome["kind"].as_str() {
            Some("latency") => format!("poll {}, sync {}", spread("commit_ms", 2), spread("sync_ms", 2)),
            Some("reads") => spread("answer_ms", 2),
            _ => spread("commit_ms", 0),
        };
        lines.push(format!(
            "| {} | {} | {} | {} | {latency} | {}, {} | {} | {} | {} |",
            row.name,
            row.goal,
            subject.name(),
            number("per_second", 0),
            number("node_cpu_us", 1),
            number("generator_cpu_us", 1),
            number("memory_peak_mb", 0),
            number("disk_bytes", 0),
            spread("fsync_ms", 2),
        ));
    }
    lines.push(format!(
        "| reopen after kill -9 under load | 2 s | guildhall, durable | – | {:.0} | – | – | – | – |",
        reopened["seconds"].as_f64().unwrap_or(f64::NAN) * 1_000.0
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_does_a_tenth() {
        let mut flags: Vec<String> = ROWS[0].flags.iter().map(ToString::to_string).collect();
        shorten(&mut flags);
        assert_eq!(flags[1], "4000");
        assert_eq!(flags[2..], ROWS[0].flags[2..]);
    }

    #[test]
    fn the_table_has_a_line_a_result() {
        let outcome = json!({ "kind": "load", "per_second": 26_000.4, "commit_ms": { "p50": 1.0, "p99": 2.0 } });
        let text = table(&[(&ROWS[0], Subject::Durable, outcome)], &json!({ "seconds": 0.25 }));
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("| 26000 | 1 / 2 |") && text.contains("| 250 |"), "{text}");
    }
}
