//! Sending: signed beforehand, one thread a connection.

use super::{
    arguments::LoadArguments,
    ask::Fault,
    figures::micros,
    prepare::{Sender, Stage},
    wire::{Connection, Endpoint, WireError},
};
use alloy_primitives::{B256, hex, map::HashMap};
use memchr::memmem;
use parking_lot::Mutex;
use serde::Deserialize;
use std::{
    fmt::Write,
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// How long to wait before offering what a full pool turned away.
const FULL_PAUSE: Duration = Duration::from_millis(20);

/// A request as it goes over the wire, and the transactions in it.
pub(super) struct Request {
    body: String,
    first: u32,
    count: u32,
}

/// Everything to be sent: a list of requests a connection.
pub(super) struct Load {
    pub(super) lanes: Vec<Vec<Request>>,
    /// The place of each transaction by its hash.
    pub(super) places: HashMap<B256, u32>,
}

impl Load {
    /// Signs everything, on all cores.
    pub(super) fn sign(stage: &Stage, arguments: &LoadArguments) -> Self {
        let lanes = arguments.connections.min(arguments.accounts);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicU32::new(0);
        let signed = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let lane = next.fetch_add(1, Ordering::Relaxed);
                        if lane >= lanes {
                            return;
                        }
                        let done = sign_lane(stage, arguments, lane, lanes);
                        signed.lock().push((lane, done));
                    }
                });
            }
        });
        let mut signed = signed.into_inner();
        signed.sort_unstable_by_key(|(lane, _)| *lane);
        let mut places = HashMap::default();
        places.reserve(arguments.transactions as usize);
        let mut all = Vec::with_capacity(signed.len());
        for (_, (requests, hashes)) in signed {
            places.extend(hashes);
            all.push(requests);
        }
        Self { lanes: all, places }
    }

    /// How many transactions there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

type Lane = (Vec<Request>, Vec<(B256, u32)>);

/// The part of the load that goes over connection `lane` of `lanes`. Its
/// senders take turns, so that nonces arrive in order and a batch holds many
/// senders.
fn sign_lane(stage: &Stage, arguments: &LoadArguments, lane: u32, lanes: u32) -> Lane {
    let senders: Vec<&Sender> = stage.senders.iter().skip(lane as usize).step_by(lanes as usize).collect();
    let total = u64::from(arguments.transactions);
    let bound = |lane: u32| u32::try_from(total * u64::from(lane) / u64::from(lanes)).unwrap_or(u32::MAX);
    let (start, end) = (bound(lane), bound(lane + 1));
    let mut hashes = Vec::with_capacity((end - start) as usize);
    let mut requests = Vec::new();
    let mut first = start;
    while first < end {
        let count = arguments.batch.min(end - first);
        let mut body = String::with_capacity(count as usize * 512);
        for place in first..first + count {
            let own = (place - start) as usize;
            let sender = senders[own % senders.len()];
            let nonce = sender.nonce + (own / senders.len()) as u64;
            let signed = stage.sign(u64::from(place), sender, nonce);
            hashes.push((signed.hash, place));
            body.push(if place == first { '[' } else { ',' });
            push_call(&mut body, place - first, &signed.raw);
        }
        if arguments.batch == 1 {
            body.remove(0);
        } else {
            body.push(']');
        }
        requests.push(Request { body, first, count });
        first += count;
    }
    (requests, hashes)
}

fn push_call(body: &mut String, id: u32, raw: &[u8]) {
    let raw = hex::encode(raw);
    // Writing into a string can't fail.
    let _ = write!(body, r#"{{"jsonrpc":"2.0","id":{id},"method":"eth_sendRawTransaction","params":["0x{raw}"]}}"#);
}

/// What senders and watcher share while a load runs.
pub(super) struct Progress<'a> {
    pub(super) start: Instant,
    /// Microseconds from the start to the sending of each transaction; zero
    /// for those not sent.
    pub(super) sent_at: Vec<AtomicU32>,
    pub(super) acknowledged: AtomicUsize,
    pub(super) committed: AtomicUsize,
    pub(super) senders_left: AtomicUsize,
    /// Turned away by a full pool and offered again.
    pub(super) retried: AtomicUsize,
    pub(super) stop: &'a AtomicBool,
    /// Why sending ended early.
    pub(super) failure: Mutex<Option<anyhow::Error>>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(load: &Load, stop: &'a AtomicBool) -> Self {
        let mut sent_at = Vec::new();
        sent_at.resize_with(load.len(), AtomicU32::default);
        Self {
            start: Instant::now(),
            sent_at,
            acknowledged: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
            senders_left: AtomicUsize::new(load.lanes.len()),
            retried: AtomicUsize::new(0),
            stop,
            failure: Mutex::new(None),
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.failure.lock().is_some()
    }
}

/// Sends one connection's requests and returns how long each took to be
/// answered, in microseconds.
pub(super) fn run_lane(
    progress: &Progress<'_>,
    endpoint: &Endpoint,
    arguments: &LoadArguments,
    requests: &[Request],
    lane: usize,
    lanes: usize,
) -> Vec<u32> {
    let mut took = Vec::with_capacity(requests.len());
    if let Err(error) = try_lane(progress, endpoint, arguments, requests, (lane, lanes), &mut took) {
        progress.failure.lock().get_or_insert(error);
    }
    progress.senders_left.fetch_sub(1, Ordering::Relaxed);
    took
}

fn try_lane(
    progress: &Progress<'_>,
    endpoint: &Endpoint,
    arguments: &LoadArguments,
    requests: &[Request],
    (lane, lanes): (usize, usize),
    took: &mut Vec<u32>,
) -> anyhow::Result<()> {
    let mut connection = endpoint.connect()?;
    // In an open loop requests are due at a fixed pace, whoever is late.
    let pace = arguments.rate.map(|rate| {
        let seconds = f64::from(arguments.batch) / f64::from(rate);
        (seconds * lane as f64, seconds * lanes as f64)
    });
    for (number, request) in requests.iter().enumerate() {
        let mut due = Instant::now();
        if let Some((offset, step)) = pace {
            due = progress.start + Duration::from_secs_f64(step.mul_add(number as f64, offset));
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        while !progress.stopped() && waiting(progress) >= arguments.in_flight as usize {
            std::thread::sleep(Duration::from_millis(1));
        }
        if progress.stopped() {
            return Ok(());
        }
        if arguments.rate.is_none() {
            due = Instant::now();
        }
        let at = micros(due.saturating_duration_since(progress.start)).max(1);
        for place in request.first..request.first + request.count {
            progress.sent_at[place as usize].store(at, Ordering::Relaxed);
        }
        send(progress, &mut connection, request, arguments)?;
        took.push(micros(due.elapsed()));
    }
    Ok(())
}

fn waiting(progress: &Progress<'_>) -> usize {
    let acknowledged = progress.acknowledged.load(Ordering::Relaxed);
    acknowledged.saturating_sub(progress.committed.load(Ordering::Relaxed))
}

/// Sends a request until every transaction in it was taken.
fn send(
    progress: &Progress<'_>,
    connection: &mut Connection,
    request: &Request,
    arguments: &LoadArguments,
) -> anyhow::Result<()> {
    let mut turned_away = offer(connection, &request.body)?;
    let deadline = Instant::now() + Duration::from_secs(u64::from(arguments.patience));
    progress.acknowledged.fetch_add(request.count as usize - turned_away.len(), Ordering::Relaxed);
    while !turned_away.is_empty() {
        for (_, fault) in &turned_away {
            if !is_full(fault) || Instant::now() >= deadline {
                return Err(refusal(fault));
            }
        }
        if progress.stopped() {
            return Ok(());
        }
        progress.retried.fetch_add(turned_away.len(), Ordering::Relaxed);
        std::thread::sleep(FULL_PAUSE);
        let body = only(&request.body, &turned_away)?;
        let left = offer(connection, &body)?;
        progress.acknowledged.fetch_add(turned_away.len() - left.len(), Ordering::Relaxed);
        turned_away = left;
    }
    Ok(())
}

/// The calls of `body` with the ids of `turned_away`.
fn only(body: &str, turned_away: &[(u32, Fault)]) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Id {
        id: u32,
    }
    if !body.starts_with('[') {
        return Ok(body.to_owned());
    }
    let calls: Vec<&serde_json::value::RawValue> = serde_json::from_str(body)?;
    let again: Vec<&str> = calls
        .iter()
        .map(|call| call.get())
        .filter(|call| {
            serde_json::from_str::<Id>(call).is_ok_and(|call| turned_away.iter().any(|(id, _)| *id == call.id))
        })
        .collect();
    Ok(format!("[{}]", again.join(",")))
}

/// Sends `body` and returns what was not taken, with its id.
fn offer(connection: &mut Connection, body: &str) -> Result<Vec<(u32, Fault)>, WireError> {
    #[derive(Deserialize)]
    struct Reply {
        id: Option<u32>,
        error: Option<Fault>,
    }
    let answer = connection.ask(body)?;
    // The usual answer holds hashes only and need not be parsed.
    if memmem::find(answer, b"\"error\"").is_none() && memmem::find(answer, b"\"result\"").is_some() {
        return Ok(Vec::new());
    }
    let replies: Vec<Reply> = if answer.first() == Some(&b'[') {
        serde_json::from_slice(answer)
    } else {
        serde_json::from_slice(answer).map(|reply| vec![reply])
    }
    .unwrap_or_else(|_| {
        let message =
            format!("the answer is not JSON-RPC: {}", String::from_utf8_lossy(&answer[..answer.len().min(200)]));
        vec![Reply { id: None, error: Some(Fault { code: 0, message }) }]
    });
    let refused = replies.into_iter().filter_map(|reply| Some((reply.id.unwrap_or(0), reply.error?)));
    Ok(refused.filter(|(_, fault)| !is_known(fault)).collect())
}

/// The node has it already: as good as taken.
fn is_known(fault: &Fault) -> bool {
    let message = fault.message.to_ascii_lowercase();
    message.contains("already known") || message.contains("already imported")
}

/// The pool is full for now.
fn is_full(fault: &Fault) -> bool {
    let message = fault.message.to_ascii_lowercase();
    ["full", "limit exceeded", "too many", "overflow", "busy"].iter().any(|word| message.contains(word))
}

fn refusal(fault: &Fault) -> anyhow::Error {
    let Fault { code, message } = fault;
    let lower = message.to_ascii_lowercase();
    let hint = if is_full(fault) {
        "its pool stayed full: lower --in-flight or raise the node's pool limits"
    } else if lower.contains("insufficient funds") {
        "the accounts ran out of coins: fund the key with more, or send fewer --transactions"
    } else if lower.contains("chain id") || lower.contains("chainid") {
        "the node is of another chain than it says"
    } else if lower.contains("nonce") {
        "something else sends from these accounts: let only one load run with a key at a time"
    } else {
        "its words say why"
    };
    anyhow::anyhow!("the node refused a transaction: {message} (code {code}); {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_turned_away_is_sent_again() {
        let mut body = String::from("[");
        for id in 0..3 {
            if id > 0 {
                body.push(',');
            }
            push_call(&mut body, id, &[id as u8]);
        }
        body.push(']');
        let fault = Fault { code: -32003, message: "txpool is full".into() };
        let again: Vec<serde_json::Value> = serde_json::from_str(&only(&body, &[(1, fault.clone())]).unwrap()).unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!(again[0]["params"][0], "0x01");
        assert!(is_full(&fault));
        assert!(refusal(&fault).to_string().contains("--in-flight"));
        let poor = Fault { code: -32003, message: "Insufficient funds for gas * price + value".into() };
        assert!(!is_full(&poor) && refusal(&poor).to_string().contains("ran out of coins"));
    }
}
