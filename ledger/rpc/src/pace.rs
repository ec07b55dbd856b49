//! Which calls may run on the thread that serves the connection.
//!
//! Handing a call to a blocking thread and waking up for its result costs
//! several times what a typical `eth_call` does. So a call of a function that
//! was quick when it last ran is run in place; one that is new, or was slow,
//! goes to the blocking threads and is measured there. A function that turns
//! slow is slow in place once.
//!
//! **Invariant**: at most one call a core runs in place, and the runtime has
//! more threads than cores, so that slow calls never hold up everyone.

use alloy_primitives::Address;
use lru::LruCache;
use parking_lot::Mutex;
use std::{num::NonZeroUsize, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The longest that a call may have taken to count as quick: about what two
/// changes of threads cost on a busy machine.
const QUICK: Duration = Duration::from_micros(200);
/// Functions remembered.
const FUNCTIONS: NonZeroUsize = NonZeroUsize::new(4_096).expect("4096 is not zero");

/// A contract and the first four bytes of the input.
pub(crate) type Function = (Address, [u8; 4]);

/// The functions that are quick.
#[derive(Debug)]
pub(crate) struct Pace {
    quick: Mutex<LruCache<Function, ()>>,
    in_place: Semaphore,
}

impl Default for Pace {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { quick: Mutex::new(LruCache::new(FUNCTIONS)), in_place: Semaphore::new(cores) }
    }
}

impl Pace {
    /// Leave to run `function` in place, if it is quick and there is room.
    pub(crate) fn enter(&self, function: &Function) -> Option<SemaphorePermit<'_>> {
        self.quick.lock().get(function)?;
        self.in_place.try_acquire().ok()
    }

    /// Notes how long `function` took.
    pub(crate) fn note(&self, function: Function, took: Duration) {
        let mut quick = self.quick.lock();
        if took <= QUICK {
            quick.put(function, ());
        } else {
            quick.pop(&function);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_quick_runs_in_place_and_only_so_many() {
        let pace = Pace::default();
        let function = (Address::ZERO, [1, 2, 3, 4]);
        assert!(pace.enter(&function).is_none());
        pace.note(function, Duration::from_micros(20));
        let permits: Vec<_> = std::iter::from_fn(|| pace.enter(&function)).take(10_000).collect();
        assert_eq!(permits.len(), std::thread::available_parallelism().unwrap().get());
        drop(permits);
        pace.note(function, Duration::from_millis(3));
        assert!(pace.enter(&function).is_none());
    }
}
