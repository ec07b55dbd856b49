//! What time it is on the chain.

use parking_lot::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// The chain's clock: the system's, moved by an offset. Only development
/// chains move it.
#[derive(Debug, Default)]
pub struct ChainClock(Mutex<Moved>);

#[derive(Debug, Default)]
struct Moved {
    offset: i64,
    next: Option<u64>,
}

/// Why the clock was not moved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Blocks can't go back in time.
    #[error("Timestamp error: {given} is lower than or equal to previous block's timestamp {head}")]
    Backwards {
        /// The timestamp asked for.
        given: u64,
        /// The head's.
        head: u64,
    },
    /// The moment is beyond what a clock can hold.
    #[error("the clock can't be moved that far")]
    Range,
}

impl ChainClock {
    /// Seconds since 1970 on this chain.
    pub fn now(&self) -> u64 {
        self.0.lock().now()
    }

    /// Moves the clock forward by `seconds` and returns the whole offset.
    ///
    /// # Errors
    /// [`ClockError::Range`].
    pub fn increase(&self, seconds: u64) -> Result<i64, ClockError> {
        let mut moved = self.0.lock();
        let seconds = i64::try_from(seconds).map_err(|_| ClockError::Range)?;
        moved.offset = moved.offset.checked_add(seconds).ok_or(ClockError::Range)?;
        Ok(moved.offset)
    }

    /// Gives the next block exactly this timestamp; time goes on from there.
    ///
    /// # Errors
    /// [`ClockError::Backwards`] before `earliest`.
    pub fn set_next(&self, timestamp: u64, earliest: u64) -> Result<(), ClockError> {
        if timestamp < earliest {
            return Err(ClockError::Backwards { given: timestamp, head: earliest });
        }
        self.set_now(timestamp)?;
        self.0.lock().next = Some(timestamp);
        Ok(())
    }

    /// Makes it `timestamp` now.
    ///
    /// # Errors
    /// [`ClockError::Range`].
    pub fn set_now(&self, timestamp: u64) -> Result<(), ClockError> {
        let mut moved = self.0.lock();
        let to = i64::try_from(timestamp).map_err(|_| ClockError::Range)?;
        let system = i64::try_from(system_seconds()).map_err(|_| ClockError::Range)?;
        moved.offset = to - system;
        Ok(())
    }

    /// How far the clock is moved, in seconds.
    pub fn offset(&self) -> i64 {
        self.0.lock().offset
    }

    /// Moves the clock to this offset from the system's, forgetting a
    /// timestamp that was set for the next block.
    pub fn set_offset(&self, offset: i64) {
        *self.0.lock() = Moved { offset, next: None };
    }

    /// The timestamp for a block that may not come before `earliest`.
    /// `consume` takes a timestamp that was set for the next block.
    pub(crate) fn for_block(&self, earliest: u64, consume: bool) -> u64 {
        let mut moved = self.0.lock();
        let timestamp = moved.next.unwrap_or_else(|| moved.now());
        if consume {
            moved.next = None;
        }
        timestamp.max(earliest)
    }
}

impl Moved {
    fn now(&self) -> u64 {
        system_seconds().saturating_add_signed(self.offset)
    }
}

fn system_seconds() -> u64 {
    // A clock before 1970 reads as 1970; blocks then follow their parents.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_timestamp_is_used_once_and_time_goes_on_from_it() {
        let clock = ChainClock::default();
        clock.set_next(1_000, 900).unwrap();
        assert_eq!(clock.for_block(900, false), 1_000);
        assert_eq!(clock.for_block(900, true), 1_000);
        assert!((1_000..1_003).contains(&clock.now()));
        assert_eq!(clock.for_block(5_000, true), 5_000);
        assert!(matches!(clock.set_next(10, 20), Err(ClockError::Backwards { .. })));
        assert!(clock.increase(u64::MAX).is_err());
    }
}
