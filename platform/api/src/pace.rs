//! How fast somebody may ask.

use std::time::Instant;

/// A bucket that fills steadily, up to `burst`, and is emptied by requests.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    left: f64,
    at: Instant,
    burst: f64,
    per_second: f64,
}

impl Pace {
    /// A full bucket.
    #[must_use]
    pub fn new(burst: f64, per_second: f64, at: Instant) -> Self {
        Self { left: burst, at, burst, per_second }
    }

    /// Takes one request from it. False where it is empty.
    pub fn take(&mut self, at: Instant) -> bool {
        self.left = (self.left + at.duration_since(self.at).as_secs_f64() * self.per_second).min(self.burst);
        self.at = at;
        let has_one = self.left >= 1.0;
        if has_one {
            self.left -= 1.0;
        }
        has_one
    }

    /// When somebody last asked.
    #[must_use]
    pub fn asked_at(&self) -> Instant {
        self.at
    }
}
