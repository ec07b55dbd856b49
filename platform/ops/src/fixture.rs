//! What shows that a rule works: moments made up for it, and what it must say to them.

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use platform_index::Head;
use serde::Deserialize;

use crate::monitor::{AlertState, Monitor};
use crate::rule::Compiled;
use crate::signal::{Observation, Signal};

/// A moment comes so often at most.
const REPEAT_MAX: u32 = 1_000;

/// A test of a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What must come out.
    pub expect: Expected,
    /// What it shows, in words.
    pub shows: String,
    /// The moments, one after another.
    pub given: Vec<Moment>,
}

/// What must come out of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// The rule fires, and not before the last moment.
    Firing,
    /// It does not.
    Quiet,
    /// It fires, and takes that back when the last block is replaced.
    Reorg,
}

/// A moment of a test.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// How often it comes, one after another.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// Seconds since the moment before.
    #[serde(default)]
    pub after: u64,
    /// What the block brings.
    #[serde(default)]
    pub signals: Vec<Signal>,
    /// What the rule's views answer, in decimal digits.
    #[serde(default)]
    pub reads: BTreeMap<String, String>,
    /// The house's vitals: then it is no block, but the passing of time.
    #[serde(default)]
    pub vitals: Option<BTreeMap<String, i64>>,
    /// Whether an approved change ticket covers what happens.
    #[serde(default)]
    pub ticketed: bool,
}

impl Fixture {
    pub(crate) const fn kind(&self) -> &'static str {
        match self.expect {
            Expected::Firing => "firing",
            Expected::Quiet => "quiet",
            Expected::Reorg => "reorg",
        }
    }

    /// Runs the test.
    ///
    /// # Errors
    /// What came out instead, in words.
    pub fn run(&self, rule: &Compiled) -> Result<(), String> {
        let mut monitor = Monitor::default();
        let mut head = Head { number: 100, hash: B256::with_last_byte(100), timestamp: 1_700_000_000 };
        let mut fired_at = None;
        let moments: Vec<&Moment> = self
            .given
            .iter()
            .flat_map(|moment| std::iter::repeat_n(moment, moment.repeat.unwrap_or(1).min(REPEAT_MAX) as usize))
            .collect();
        for (place, moment) in moments.iter().enumerate() {
            head.timestamp += moment.after;
            if moment.vitals.is_none() {
                head.number += 1;
                head.hash = B256::from(U256::from(head.number));
            }
            let observation = moment.observation(rule, head)?;
            let changes = monitor.observe(&[rule], &observation, &|_| moment.ticketed);
            if let Some(fault) = monitor.faults().first() {
                return Err(format!("moment {}: {fault}", place + 1));
            }
            if changes.iter().any(|alert| alert.state == AlertState::Firing) {
                fired_at.get_or_insert(place);
            }
        }
        let last = moments.len().saturating_sub(1);
        match (self.expect, fired_at) {
            (Expected::Quiet, None) => Ok(()),
            (Expected::Quiet, Some(place)) => Err(format!("it fired at moment {} and should not have", place + 1)),
            (_, None) => Err("it did not fire".to_owned()),
            (Expected::Firing, Some(place)) if place == last => Ok(()),
            (Expected::Firing, Some(place)) => Err(format!("it fired at moment {} already", place + 1)),
            (Expected::Reorg, Some(_)) => {
                let taken_back = monitor.rewind(head.number - 1);
                let all = taken_back.iter().any(|alert| alert.state == AlertState::Retracted);
                if all && monitor.firing() == 0 { Ok(()) } else { Err("it stayed when its block went".to_owned()) }
            }
        }
    }
}

impl Moment {
    fn observation(&self, rule: &Compiled, head: Head) -> Result<Observation, String> {
        let mut reads = BTreeMap::new();
        for (name, digits) in &self.reads {
            let amount = U256::from_str_radix(digits, 10).map_err(|_| format!("{name} is not a whole number"))?;
            reads.insert((rule.rule.id.clone(), name.clone()), amount);
        }
        let signals = (0..).zip(&self.signals).map(|(index, signal)| Signal { index, ..signal.clone() }).collect();
        Ok(Observation { head, signals, reads, vitals: self.vitals.clone() })
    }
}
