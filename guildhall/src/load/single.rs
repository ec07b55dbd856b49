//! One request at a time, or one kind of request: latency and reads.

use super::{arguments::LoadArguments, ask::Asker, figures::micros, prepare::Stage, wire::Endpoint};
use alloy_primitives::hex;
use anyhow::{bail, ensure};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Latencies in microseconds.
#[derive(Default)]
pub(super) struct Latency {
    /// Sending until the node took it.
    pub(super) answer: Vec<u32>,
    /// Sending until a poll gave the receipt.
    pub(super) receipt: Vec<u32>,
    /// The same in one call, where the node has it (EIP-7966).
    pub(super) sync: Vec<u32>,
    pub(super) elapsed: Duration,
}

/// Sends one transaction after another, each once the last one's receipt is
/// there: half by polling, half by `eth_sendRawTransactionSync`.
pub(super) fn latency(
    stage: &Stage,
    arguments: &LoadArguments,
    endpoint: &Endpoint,
    stop: &AtomicBool,
    bar: &ProgressBar,
) -> anyhow::Result<Latency> {
    let mut asker = Asker::connect(endpoint)?;
    let mut measured = Latency::default();
    let count = u64::from(arguments.transactions);
    let mut nonces: Vec<u64> = stage.senders.iter().map(|sender| sender.nonce).collect();
    let start = Instant::now();
    let mut has_sync = true;
    for index in 0..count * 2 {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let polling = index < count;
        if !polling && !has_sync {
            break;
        }
        let which = usize::try_from(index).unwrap_or(0) % nonces.len();
        let signed = stage.sign(index, &stage.senders[which], nonces[which]);
        let sent = Instant::now();
        if polling {
            asker.send(&signed.raw)?;
            measured.answer.push(micros(sent.elapsed()));
            let patience = Duration::from_secs(u64::from(arguments.patience));
            while asker.receipt(&signed.hash)?.is_none() {
                ensure!(sent.elapsed() < patience, "transaction {} was taken but never mined", signed.hash);
            }
            measured.receipt.push(micros(sent.elapsed()));
        } else {
            match asker.ask::<Value>("eth_sendRawTransactionSync", json!([hex::encode_prefixed(&signed.raw)])) {
                Ok(_) => measured.sync.push(micros(sent.elapsed())),
                Err(error) if error.is_unknown_method() => {
                    has_sync = false;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        }
        nonces[which] += 1;
        bar.set_position(index + 1);
    }
    measured.elapsed = start.elapsed();
    Ok(measured)
}

/// Calls a contract from every connection for a while and returns how long
/// each call took, in microseconds.
pub(super) fn reads(
    stage: &Stage,
    arguments: &LoadArguments,
    endpoint: &Endpoint,
    stop: &AtomicBool,
) -> anyhow::Result<(Vec<u32>, Duration)> {
    const BODIES: u64 = 256;
    let call = |index| {
        let (to, input) = stage.read(index);
        json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{ "to": to, "input": input }, "latest"] })
    };
    let batch = u64::from(arguments.batch);
    let body = |number: u64| match batch {
        1 => call(number).to_string(),
        _ => Value::from_iter((0..batch).map(|place| call(number * batch + place))).to_string(),
    };
    let bodies: Vec<String> = (0..BODIES).map(body).collect();
    let start = Instant::now();
    let until = start + Duration::from_secs(u64::from(arguments.duration));
    let lanes: Vec<anyhow::Result<Vec<u32>>> = std::thread::scope(|scope| {
        let bodies = &bodies;
        let lane = |lane: u32| {
            move || {
                let mut connection = endpoint.connect()?;
                let mut took = Vec::new();
                for number in lane as usize.. {
                    if stop.load(Ordering::Relaxed) || Instant::now() >= until {
                        break;
                    }
                    let sent = Instant::now();
                    let answer = connection.ask(&bodies[number % bodies.len()])?;
                    took.push(micros(sent.elapsed()));
                    check_reads(answer, arguments.batch as usize)?;
                }
                Ok(took)
            }
        };
        let threads: Vec<_> = (0..arguments.connections).map(|number| scope.spawn(lane(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a thread panicked"))).collect()
    });
    let elapsed = start.elapsed();
    let mut all = Vec::new();
    for lane in lanes {
        all.extend(lane?);
    }
    Ok((all, elapsed))
}

/// A balance is a word; anything else is no answer to count.
fn check_reads(answer: &[u8], count: usize) -> anyhow::Result<()> {
    const WORD_HEX: usize = 66;
    let word = |at: usize| answer[at..].split(|byte| *byte == b'"').nth(3).is_some_and(|value| value.len() == WORD_HEX);
    let results = memchr::memmem::find_iter(answer, b"\"result\":");
    let words = results.filter(|at| word(*at)).count();
    ensure!(
        words == count,
        "eth_call gave {words} of {count} balances: {}",
        String::from_utf8_lossy(&answer[..answer.len().min(300)])
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_counts_as_a_read() {
        let word = format!(r#"{{"jsonrpc":"2.0","id":1,"result":"0x{}"}}"#, "0".repeat(64));
        assert!(check_reads(word.as_bytes(), 1).is_ok());
        assert!(check_reads(format!("[{word},{word}]").as_bytes(), 2).is_ok());
        assert!(check_reads(format!("[{word}]").as_bytes(), 2).is_err());
        assert!(check_reads(br#"{"jsonrpc":"2.0","id":1,"result":"0x"}"#, 1).is_err());
        assert!(check_reads(br#"{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"no"}}"#, 1).is_err());
    }
}
