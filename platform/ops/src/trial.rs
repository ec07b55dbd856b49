//! Trying a rule: its own tests, and what it would have said to blocks of the past.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform_index::{BlockSource, SourceError};

use crate::monitor::{Alert, AlertState, Monitor};
use crate::rule::{Compiled, On};
use crate::sensor::Sensor;
use crate::{Register, RegisterError};

/// Findings that are kept of a backtest; the others are only counted.
const FOUND_MAX: usize = 100;

/// One of a rule's tests, and what came of it.
#[derive(Clone, Debug)]
pub struct Tested {
    /// `firing`, `quiet` or `reorg`.
    pub kind: &'static str,
    /// What it shows, in words.
    pub shows: String,
    /// What came out instead; nothing where it passed.
    pub fault: Option<String>,
}

/// What a rule would have said.
#[derive(Clone, Debug, Default)]
pub struct Backtest {
    /// The first block that was judged.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Whether its time was up before the last block that was asked for.
    pub cut: bool,
    /// How often it would have fired.
    pub fired: u64,
    /// The first hundred of them.
    pub found: Vec<Alert>,
    /// Why it stopped: an expression that gives no answer.
    pub fault: Option<String>,
}

/// A backtest that can't be made.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// A view of the rule does not read, or its contract is not in this house.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The chain did not answer.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl Compiled {
    /// Runs the rule's own tests.
    #[must_use]
    pub fn tested(&self) -> Vec<Tested> {
        let run = |test: &crate::Fixture| Tested {
            kind: test.kind(),
            shows: test.shows.clone(),
            fault: test.run(self).err(),
        };
        self.rule.tests.iter().map(run).collect()
    }

    /// Whether past blocks can say anything about it: the vitals of a house are not kept.
    #[must_use]
    pub fn can_be_backtested(&self) -> bool {
        !matches!(self.rule.on, On::Time)
    }
}

/// Judges blocks of the past by one rule, until `limit` is over.
///
/// # Errors
/// [`BacktestError`].
pub async fn backtest(
    rule: &Compiled,
    register: Arc<Register>,
    source: &dyn BlockSource,
    (from, to): (u64, u64),
    limit: Option<Duration>,
    judged: &(dyn Fn(u64) + Send + Sync),
) -> Result<Backtest, BacktestError> {
    let (sensor, absent) = Sensor::new(register, [rule])?;
    if let Some(read) = rule.rule.reads.values().next().filter(|_| !absent.is_empty()) {
        return Err(RegisterError::Unknown(read.contract.clone()).into());
    }
    let began = Instant::now();
    let mut monitor = Monitor::default();
    let mut outcome = Backtest { from, to: from, ..Backtest::default() };
    for number in from..=to {
        if limit.is_some_and(|limit| began.elapsed() > limit) {
            outcome.cut = true;
            break;
        }
        let Some(block) = source.block(number).await? else { break };
        let observation = sensor.observe(&block, source).await?;
        let changed = monitor.observe(&[rule], &observation, &|_| false);
        outcome.to = number;
        if let Some(fault) = monitor.faults().first() {
            outcome.fault = Some(format!("block {number}: {fault}"));
            break;
        }
        for alert in changed.into_iter().filter(|alert| alert.state == AlertState::Firing && alert.count == 1) {
            outcome.fired += 1;
            if outcome.found.len() < FOUND_MAX {
                outcome.found.push(alert);
            }
        }
        judged(number);
    }
    Ok(outcome)
}
