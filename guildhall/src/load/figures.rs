//! What was measured, as numbers.

use serde::Serialize;
use std::time::Duration;

/// A duration in whole microseconds, as many as fit.
pub(super) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// A distribution in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Spread {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
    /// Every percentile from 0 to 100, for plots.
    #[serde(skip)]
    pub(super) curve: Vec<f64>,
}

impl Spread {
    /// The distribution of `samples`, in microseconds; none of nothing.
    pub(super) fn of(mut samples: Vec<u32>) -> Option<Self> {
        samples.sort_unstable();
        let last = samples.len().checked_sub(1)?;
        let at = |percent: usize| f64::from(samples[(last * percent).div_ceil(100)]) / 1_000.0;
        Some(Self { p50: at(50), p90: at(90), p99: at(99), max: at(100), curve: (0..=100).map(at).collect() })
    }
}

/// One second of a run.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Second {
    pub(super) sent: u32,
    pub(super) committed: u32,
}

/// One node's figures. What could not be measured is left out.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    /// What the node is called here.
    pub(super) label: String,
    /// `web3_clientVersion`.
    pub(super) client: String,
    pub(super) url: String,
    /// `load`, `latency` or `reads`.
    pub(super) kind: &'static str,
    pub(super) traffic: &'static str,
    /// `http`, `http batch`, `websocket` or `websocket batch`.
    pub(super) transport: &'static str,
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub(super) pacing: &'static str,
    pub(super) batch: u32,
    pub(super) connections: u32,
    pub(super) accounts: u32,
    /// Sent and taken by the node.
    pub(super) transactions: usize,
    /// Found in blocks (for reads: answered).
    pub(super) committed: usize,
    /// Receipts looked at afterwards, and how many of them failed.
    pub(super) checked: usize,
    pub(super) failed: usize,
    pub(super) retried: usize,
    pub(super) blocks: usize,
    /// From the first request to the sight of the last block.
    pub(super) seconds: f64,
    /// Committed transactions (or reads) a second.
    pub(super) per_second: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gas_per_second: Option<f64>,
    /// From a request to its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer_ms: Option<Spread>,
    /// From sending to the sight of the block, or to the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit_ms: Option<Spread>,
    /// With `eth_sendRawTransactionSync`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sync_ms: Option<Spread>,
    /// Processor time of the node a transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_cpu_us: Option<f64>,
    /// Processor time of this program a transaction.
    pub(super) generator_cpu_us: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_peak_mb: Option<f64>,
    /// Growth of the data directory a transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk_bytes: Option<f64>,
    /// A 4 KiB write and fdatasync on the node's disk, during the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fsync_ms: Option<Spread>,
    pub(super) cores: usize,
    #[serde(skip)]
    pub(super) series: Vec<Second>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_samples() {
        let spread = Spread::of((1..=1_000).rev().map(|value| value * 1_000).collect()).unwrap();
        assert_eq!((spread.p50, spread.p99, spread.max), (501.0, 991.0, 1_000.0));
        assert_eq!((spread.curve[0], spread.curve.len()), (1.0, 101));
        assert!(Spread::of(Vec::new()).is_none());
    }
}
