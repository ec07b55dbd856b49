//! How far the watch is behind under load, and what it loses when the house is killed: a house of the program itself,
//! `guildhall load` at a fixed rate beside it, and a right given every second, each of which is one alert.

use crate::tools::{cargo, target};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The first well-known development account: the demo's operator.
const OPERATOR: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
/// `grantRole(uint64,address,uint32)`.
const GRANT_ROLE: &str = "25c471a0";
/// The role that is given: carriers can only say that parcels arrived.
const CARRIER: u64 = 5;
/// A block each half second: what a business would use, and short enough to fall behind.
const BLOCK_MS: &str = "500";
const PATIENCE: Duration = Duration::from_secs(180);
/// The goal: an alert is there before the second block after its cause.
const DELAY_BLOCKS_MAX: u64 = 1;

/// A house that is killed when this is dropped.
struct House {
    child: Child,
    http: u16,
    rpc: u16,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl House {
    fn open(program: &Path, directory: &Path) -> anyhow::Result<Self> {
        let free = || anyhow::Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
        let (http, rpc) = (free()?, free()?);
        let child = Command::new(program)
            .args(["up", "--demo", "--block-time", BLOCK_MS, "--data-dir"])
            .arg(directory)
            .args(["--http", &format!("127.0.0.1:{http}"), "--rpc", &format!("127.0.0.1:{rpc}")])
            .stderr(Stdio::null())
            .spawn()
            .context("can't start the house")?;
        let house = Self { child, http, rpc };
        let since = Instant::now();
        while post(house.http, "GET /readyz", "").is_none_or(|answer| !answer.contains(" 200 ")) {
            ensure!(since.elapsed() < PATIENCE, "the house did not open");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(house)
    }

    fn call(&self, method: &str, params: &Value) -> Option<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer = post(self.rpc, "POST /", &body)?;
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
        answer.get("result").filter(|result| !result.is_null()).cloned()
    }
}

/// Flags: `--rate N` transactions a second (5,000), `--seconds N` of load (60).
pub(crate) fn run(flags: &[String]) -> anyhow::Result<()> {
    let (mut rate, mut seconds) = (5_000_u64, 60_u64);
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().and_then(|text| text.parse().ok());
        match (flag.as_str(), value) {
            ("--rate", Some(value)) => rate = value,
            ("--seconds", Some(value)) if (20..=3_600).contains(&value) => seconds = value,
            _ => bail!("watch-load takes --rate N and --seconds N, 20 to 3600"),
        }
    }
    cargo(&["build", "--release", "--package", "guildhall", "--quiet"])?;
    let target = target();
    let program = target.join("release/guildhall");
    // Beside the build, so that it is on a disk; /tmp may be in memory.
    let directory = target.join("watch-load-data");
    let _ = std::fs::remove_dir_all(&directory);
    let outcome = measure(&program, &directory, rate, seconds);
    let _ = std::fs::remove_dir_all(&directory);
    let outcome = outcome?;
    writeln!(std::io::stdout(), "{outcome}")?;
    ensure!(outcome["lost"] == 0, "signals were lost");
    ensure!(outcome["twice"] == 0, "signals were told twice");
    ensure!(
        outcome["delay_blocks_most"].as_u64().is_some_and(|most| most <= DELAY_BLOCKS_MAX),
        "an alert came more than {DELAY_BLOCKS_MAX} block after its cause"
    );
    Ok(())
}

fn measure(program: &Path, directory: &Path, rate: u64, seconds: u64) -> anyhow::Result<Value> {
    let mut given = BTreeMap::new();
    let mut loaded = Value::Null;
    for part in 0..2_u64 {
        let house = House::open(program, directory)?;
        // The last of the parts ends by itself; the first is killed in the middle of its load.
        let load = under_load(program, &house, rate, seconds / 2, part, &mut given)?;
        if part == 0 {
            drop(house);
            let _ = load.wait_with_output();
        } else {
            let output = load.wait_with_output()?;
            loaded = serde_json::from_slice(&output.stdout).context("guildhall load did not end well")?;
            wait_until_told(program, directory, &given)?;
        }
    }
    let told = alerts(program, directory)?;
    let mut delays = Vec::new();
    let (mut lost, mut twice) = (0, 0);
    for (account, block) in &given {
        let of: Vec<&Value> = told.iter().filter(|alert| is_of(alert, account)).collect();
        twice += usize::from(of.len() > 1);
        match of.first() {
            Some(alert) => {
                ensure!(alert["block"] == *block, "an alert names another block than the receipt: {alert}, {block}");
                delays.push(alert["head"].as_u64().unwrap_or(u64::MAX).saturating_sub(*block));
            }
            None => lost += 1,
        }
    }
    delays.sort_unstable();
    ensure!(!delays.is_empty(), "nothing was found at all");
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    Ok(json!({
        "row": "the watch under load", "rate": rate, "seconds": seconds, "block_ms": BLOCK_MS.parse::<u64>()?,
        "committed_per_second": loaded["per_second"],
        "signals": given.len(), "lost": lost, "twice": twice,
        "delay_blocks_p50": at(50), "delay_blocks_p99": at(99), "delay_blocks_most": delays.last(),
    }))
}

/// Loads the house and gives a right each second for as long. What is acknowledged by a receipt counts.
fn under_load(
    program: &Path,
    house: &House,
    rate: u64,
    seconds: u64,
    part: u64,
    given: &mut BTreeMap<String, u64>,
) -> anyhow::Result<Child> {
    let authority = authority(house)?;
    let load = Command::new(program)
        .args(["load", "--rpc", &format!("http://127.0.0.1:{}", house.rpc), "--traffic", "native", "--json"])
        .args(["--rate", &rate.to_string(), "--transactions", &(rate * seconds).to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("can't run guildhall load")?;
    let began = Instant::now();
    // The first part is killed before its load is over.
    let until = Duration::from_secs(seconds.saturating_sub(if part == 0 { 3 } else { 0 }));
    for number in 0.. {
        if began.elapsed() >= until {
            break;
        }
        let account = format!("0x{:040x}", (part + 1) << 32 | number);
        let data = format!("0x{GRANT_ROLE}{CARRIER:064x}{:0>64}{:064x}", &account[2..], 0);
        let sent = house.call("eth_sendTransaction", &json!([{ "from": OPERATOR, "to": authority, "data": data }]));
        let hash = sent.context("a right could not be given")?;
        let since = Instant::now();
        let receipt = loop {
            if let Some(receipt) = house.call("eth_getTransactionReceipt", &json!([hash])) {
                break receipt;
            }
            ensure!(since.elapsed() < Duration::from_secs(30), "no receipt for {hash}");
            std::thread::sleep(Duration::from_millis(20));
        };
        ensure!(receipt["status"] == "0x1", "a right could not be given: {receipt}");
        let block = quantity(&receipt["blockNumber"]).context("a receipt without a block")?;
        given.insert(account, block);
        std::thread::sleep(Duration::from_secs(1).saturating_sub(since.elapsed()));
    }
    Ok(load)
}

fn authority(house: &House) -> anyhow::Result<String> {
    let answer = post(house.http, "GET /api/v1/chain", "").context("the house does not answer")?;
    let json: Value = serde_json::from_str(answer.split_once("\r\n\r\n").context("no answer")?.1)?;
    json["contracts"]["authority"].as_str().map(str::to_owned).context("the house names no authority")
}

fn wait_until_told(program: &Path, directory: &Path, given: &BTreeMap<String, u64>) -> anyhow::Result<()> {
    let since = Instant::now();
    loop {
        let told = alerts(program, directory)?;
        if given.keys().all(|account| told.iter().any(|alert| is_of(alert, account)))
            || since.elapsed() > Duration::from_secs(60)
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn is_of(alert: &Value, account: &str) -> bool {
    alert["labels"]["account"].as_str().is_some_and(|label| label.eq_ignore_ascii_case(account))
}

/// Every alert as it began to fire, as the program tells it.
fn alerts(program: &Path, directory: &Path) -> anyhow::Result<Vec<Value>> {
    let output = Command::new(program).args(["alerts", "--json", "--data-dir"]).arg(directory).output()?;
    ensure!(output.status.success(), "guildhall alerts: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

fn post(port: u16, request: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    // HTTP/1.0: nothing comes in chunks.
    let head = format!(
        "{request} HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
