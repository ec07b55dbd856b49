//! What the chain itself does, by the machine's clock: whether a load test beside it disturbed it.

use crate::house::House;
use alloy_primitives::{B256, map::HashMap};
use parking_lot::Mutex;
use platform_ops::Pace;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::error::RecvError;

/// Blocks and transactions that are remembered.
const KEPT: usize = 20_000;

/// Remembers when blocks were made and how long transactions waited for them.
pub(super) struct Follower {
    since: Instant,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// When a block was committed, and its transactions.
    blocks: VecDeque<(Instant, u64)>,
    /// When a transaction was committed, and how long it had waited.
    waits: VecDeque<(Instant, Duration)>,
    waiting: HashMap<B256, Instant>,
}

impl Follower {
    /// Starts to follow a house's chain. Must be called in a runtime.
    pub(super) fn start(house: &Arc<House>) -> Arc<Self> {
        let follower = Arc::new(Self { since: Instant::now(), seen: Mutex::default() });
        let node = house.ledger.node();
        let (mut arrivals, mut blocks) = (node.pool.subscribe(), node.driver.subscribe());
        let task = Arc::clone(&follower);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    // A transaction that arrived before its block is known before it.
                    biased;
                    arrived = arrivals.recv() => match arrived {
                        Ok(hash) => task.seen.lock().arrive(hash, Instant::now()),
                        Err(RecvError::Lagged(_)) => {}
                        Err(RecvError::Closed) => return,
                    },
                    made = blocks.recv() => match made {
                        Ok(block) => {
                            let hashes = block.block.transactions.iter().map(|transaction| *transaction.tx_hash());
                            task.seen.lock().commit(hashes, Instant::now());
                        }
                        Err(RecvError::Lagged(_)) => {}
                        Err(RecvError::Closed) => return,
                    },
                }
            }
        });
        follower
    }

    /// What happened from `from` to `to`, as far as it was followed.
    pub(super) fn span(&self, from: Instant, to: Instant) -> Pace {
        self.seen.lock().span(from.max(self.since).min(to), to)
    }
}

impl Seen {
    fn arrive(&mut self, hash: B256, at: Instant) {
        // Some never come into a block.
        if self.waiting.len() >= KEPT {
            self.waiting.clear();
        }
        self.waiting.insert(hash, at);
    }

    fn commit(&mut self, hashes: impl Iterator<Item = B256>, at: Instant) {
        let mut count = 0;
        for hash in hashes {
            count += 1;
            let Some(arrived) = self.waiting.remove(&hash) else { continue };
            self.waits.push_back((at, at - arrived));
        }
        self.blocks.push_back((at, count));
        while self.blocks.len() > KEPT {
            self.blocks.pop_front();
        }
        while self.waits.len() > KEPT {
            self.waits.pop_front();
        }
    }

    fn span(&self, from: Instant, to: Instant) -> Pace {
        let within = |at: &Instant| (from..=to).contains(at);
        let blocks: Vec<_> = self.blocks.iter().filter(|(at, _)| within(at)).collect();
        let gaps = blocks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let waits = self.waits.iter().filter(|(at, _)| within(at)).map(|(_, wait)| *wait).collect();
        let (gap_median_ms, gap_longest_ms) = spread(gaps);
        let (wait_median_ms, wait_longest_ms) = spread(waits);
        Pace {
            seconds: (to - from).as_secs_f64(),
            blocks: blocks.len() as u64,
            transactions: blocks.iter().map(|(_, count)| count).sum(),
            gap_median_ms,
            gap_longest_ms,
            wait_median_ms,
            wait_longest_ms,
        }
    }
}

/// Median and longest, in milliseconds.
fn spread(mut spans: Vec<Duration>) -> (Option<f64>, Option<f64>) {
    spans.sort_unstable();
    let millis = |span: &Duration| span.as_secs_f64() * 1_000.0;
    (spans.get(spans.len() / 2).map(millis), spans.last().map(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_waits_are_of_the_span_that_is_asked_for() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let hash = |number| B256::with_last_byte(number);
        let mut seen = Seen::default();
        seen.arrive(hash(1), at(90));
        seen.commit([hash(1), hash(9)].into_iter(), at(100));
        seen.commit(std::iter::empty(), at(200));
        seen.arrive(hash(2), at(210));
        seen.commit(std::iter::once(hash(2)), at(500));
        seen.commit(std::iter::empty(), at(900));
        let pace = seen.span(at(0), at(600));
        assert_eq!((pace.blocks, pace.transactions), (3, 3));
        assert_eq!((pace.gap_median_ms, pace.gap_longest_ms), (Some(300.0), Some(300.0)));
        assert_eq!((pace.wait_median_ms, pace.wait_longest_ms), (Some(290.0), Some(290.0)));
        let first = seen.span(at(0), at(250));
        assert_eq!((first.blocks, first.gap_longest_ms, first.wait_longest_ms), (2, Some(100.0), Some(10.0)));
        assert_eq!(seen.span(at(1_000), at(2_000)), Pace { seconds: 1.0, ..Pace::default() });
    }
}
