//! Watching blocks until everything that was sent is in one.

use super::{
    ask::{AskError, Asker},
    drive::{Load, Progress},
    figures::{Second, micros},
};
use alloy_primitives::{B256, U64};
use indicatif::ProgressBar;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// How long to wait before asking again for a block that was not there.
const POLL: Duration = Duration::from_millis(5);
/// How long a run that was interrupted waits for what it sent.
const GRACE: Duration = Duration::from_secs(3);

/// Receipts looked at after a run, at most, and for how long.
const CHECKED_MAX: usize = 1_000;
const CHECK_TIME: Duration = Duration::from_secs(3);

/// What was seen in blocks.
#[derive(Default)]
pub(super) struct Seen {
    /// From sending to the sight of the block, in microseconds.
    pub(super) took: Vec<u32>,
    pub(super) series: Vec<Second>,
    /// Transactions of ours, in the order of blocks.
    pub(super) hashes: Vec<B256>,
    /// How many blocks held any.
    pub(super) blocks: usize,
    /// The gas that those used.
    pub(super) gas: u64,
    /// From the start to the sight of the last of them.
    pub(super) elapsed: Duration,
}

/// Follows the chain from block `next` on until all is committed, nothing
/// moves any more, or the run is interrupted.
pub(super) fn follow(
    asker: &mut Asker,
    mut next: u64,
    load: &Load,
    progress: &Progress<'_>,
    patience: Duration,
    bar: &ProgressBar,
) -> Result<Seen, AskError> {
    let mut seen = Seen { took: Vec::with_capacity(load.len()), ..Seen::default() };
    let mut moved = Instant::now();
    loop {
        let Some(block) = asker.block(next)? else {
            if is_over(progress, load, moved, patience) {
                break;
            }
            std::thread::sleep(POLL);
            continue;
        };
        let now = progress.start.elapsed();
        let at = micros(now);
        let before = seen.took.len();
        for hash in &block.transactions {
            let Some(place) = load.places.get(hash) else { continue };
            seen.took.push(at.saturating_sub(progress.sent_at[*place as usize].load(Ordering::Relaxed)));
            seen.hashes.push(*hash);
        }
        let count = seen.took.len() - before;
        if count > 0 {
            let second = usize::try_from(now.as_secs()).unwrap_or(0);
            seen.series.resize(seen.series.len().max(second + 1), Second::default());
            seen.series[second].committed += u32::try_from(count).unwrap_or(u32::MAX);
            seen.blocks += 1;
            seen.gas += block.gas_used.to::<u64>();
            seen.elapsed = now;
            moved = Instant::now();
            bar.set_position(seen.took.len() as u64);
            progress.committed.store(seen.took.len(), Ordering::Relaxed);
        }
        if seen.took.len() == load.len() {
            break;
        }
        next = block.number.to::<u64>() + 1;
    }
    for sent in &progress.sent_at {
        let sent = sent.load(Ordering::Relaxed);
        if sent > 0 {
            let second = (sent / 1_000_000) as usize;
            seen.series.resize(seen.series.len().max(second + 1), Second::default());
            seen.series[second].sent += 1;
        }
    }
    Ok(seen)
}

fn is_over(progress: &Progress<'_>, load: &Load, moved: Instant, patience: Duration) -> bool {
    let sending = progress.senders_left.load(Ordering::Relaxed) > 0;
    let cut_short = progress.stop.load(Ordering::Relaxed) || progress.failure.lock().is_some();
    let committed = progress.committed.load(Ordering::Relaxed);
    let all = progress.acknowledged.load(Ordering::Relaxed).min(load.len());
    if cut_short {
        return !sending && (committed >= all || moved.elapsed() > GRACE);
    }
    !sending && moved.elapsed() > patience
}

/// Looks at receipts of ours, evenly spread, for as long as [`CHECK_TIME`]
/// allows (some nodes search a whole block for one), and returns how many
/// were looked at and how many of those failed.
pub(super) fn check_receipts(asker: &mut Asker, load: &Load, seen: &[B256]) -> Result<(usize, usize), AskError> {
    let until = Instant::now() + CHECK_TIME;
    let (mut checked, mut failed) = (0, 0);
    for hash in seen.iter().step_by(seen.len().div_ceil(CHECKED_MAX).max(1)) {
        if Instant::now() >= until {
            break;
        }
        let Some(receipt) = asker.receipt(hash)? else { continue };
        checked += 1;
        failed +=
            usize::from(receipt.status == Some(U64::ZERO) || !load.places.contains_key(&receipt.transaction_hash));
    }
    Ok((checked, failed))
}
