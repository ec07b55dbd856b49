//! Where load tests are played, and what is measured there.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

/// For how long a test may send, in seconds.
const SECONDS: RangeInclusive<u64> = 5..=30;
/// What a test may ask for, in transactions a second.
const RATE: RangeInclusive<u64> = 100..=20_000;

/// The part of the disk, in percent, that stays free.
pub(super) const DISK_FREE_PERCENT: f64 = 10.0;

/// What a load test is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpsLoadPlan)]
pub struct LoadPlan {
    /// For how long to send, in seconds: 5 to 30.
    pub seconds: u64,
    /// Transactions a second, 100 to 20,000; as many as the copy takes where there is none.
    pub rate: Option<u64>,
}

impl LoadPlan {
    /// What is wrong with it, if anything is.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if !SECONDS.contains(&self.seconds) {
            return Some(format!("A load test takes {} to {} seconds.", SECONDS.start(), SECONDS.end()));
        }
        let outside = self.rate.is_some_and(|rate| !RATE.contains(&rate));
        outside.then(|| format!("Ask for {} to {} transactions a second.", RATE.start(), RATE.end()))
    }
}

/// How far a load test is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsLoadPhase)]
pub enum Phase {
    /// The chain is copied.
    #[default]
    Copying,
    /// Accounts on the copy get money to send.
    Preparing,
    /// Transactions are sent.
    Sending,
    /// What was sent is waited for.
    Settling,
}

/// What is known of a load test while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OpsLoadProgress)]
pub struct LoadProgress {
    /// How far it is.
    pub phase: Phase,
    /// Milliseconds since sending began.
    pub elapsed_ms: u64,
    /// Transactions that were sent.
    pub sent: u64,
    /// Transactions in blocks that are safe on the disk.
    pub committed: u64,
}

/// Between whoever follows a load test and whatever plays it.
#[derive(Debug, Default)]
pub struct LoadControl {
    progress: watch::Sender<LoadProgress>,
    cancelled: watch::Sender<bool>,
}

impl LoadControl {
    /// Says how far it is.
    pub fn show(&self, progress: LoadProgress) {
        self.progress.send_replace(progress);
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> LoadProgress {
        self.progress.borrow().clone()
    }

    /// Asks it to end.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Completes once it is asked to end.
    pub async fn cancelled(&self) {
        // The sender lives as long as this does.
        let _ = self.cancelled.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

/// What the chain itself did in a span of time, by the machine's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpsChainPace)]
pub struct Pace {
    /// How long the span is, in seconds.
    pub seconds: f64,
    /// Blocks that were made in it.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// The median time between two blocks, in milliseconds.
    pub gap_median_ms: Option<f64>,
    /// The longest.
    pub gap_longest_ms: Option<f64>,
    /// The median time that a transaction waited for its block, in milliseconds.
    pub wait_median_ms: Option<f64>,
    /// The longest.
    pub wait_longest_ms: Option<f64>,
}

/// What a load test measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpsLoadMeasure)]
pub struct LoadMeasure {
    /// From the first transaction sent to the last one committed, in seconds.
    pub seconds: f64,
    /// Transactions that the copy took.
    pub sent: u64,
    /// Transactions in its blocks.
    pub committed: u64,
    /// Those among them that failed.
    pub failed: u64,
    /// The blocks that held them.
    pub blocks: u64,
    /// Committed transactions a second that did not fail.
    pub per_second: f64,
    /// Gas a second.
    pub gas_per_second: f64,
    /// The median time from sending to committed, in milliseconds.
    pub median_ms: Option<f64>,
    /// The time that 99 of 100 were committed in, in milliseconds.
    pub p99_ms: Option<f64>,
    /// Whether the senders had to wait for the copy: where they never had to, it could have taken more.
    #[serde(default)]
    pub held_back: bool,
    /// Transactions that were committed in each second.
    pub each_second: Vec<u64>,
    /// Memory of this process before the copy was made, in bytes.
    pub memory_before_bytes: Option<u64>,
    /// At the end, the copy still open.
    pub memory_after_bytes: Option<u64>,
    /// What the chain itself did before, in a span as long.
    pub chain_before: Pace,
    /// What it did meanwhile.
    pub chain_meanwhile: Pace,
}

/// What there is of a machine, and what is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The disk of the data directory, in bytes, as `df` counts: without what only the superuser may fill.
    pub disk_bytes: u64,
    /// What is free of it.
    pub disk_free_bytes: u64,
    /// What the data directory takes, in bytes.
    pub directory_bytes: u64,
    /// Resident memory of this process, in bytes.
    pub process_bytes: Option<u64>,
    /// The memory that this process may have, in bytes.
    pub memory_bytes: Option<u64>,
    /// What programs may still take of it, in bytes.
    pub memory_free_bytes: Option<u64>,
    /// Processors.
    pub processors: u64,
}

impl Machine {
    /// The part of the disk that is free, in percent.
    #[must_use]
    pub fn disk_free_percent(&self) -> f64 {
        if self.disk_bytes == 0 { 0.0 } else { self.disk_free_bytes as f64 * 100.0 / self.disk_bytes as f64 }
    }

    /// Whether less than a tenth of the disk is free: then no load test begins or goes on.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.disk_free_percent() < DISK_FREE_PERCENT
    }
}

/// Plays load tests on copies of a house's chain, and knows the machine.
#[async_trait]
pub trait LoadRange: Send + Sync {
    /// Plays one, and says what was measured. One that is cancelled says what was measured until then.
    ///
    /// # Errors
    /// Why it could not be played, for whoever reads.
    async fn play(&self, plan: LoadPlan, control: Arc<LoadControl>) -> Result<LoadMeasure, String>;

    /// The machine. This reads a directory: not for threads that others wait for.
    ///
    /// # Errors
    /// What could not be read.
    fn machine(&self) -> std::io::Result<Machine>;

    /// The chain's clock, in seconds since 1970.
    fn now(&self) -> u64;
}
