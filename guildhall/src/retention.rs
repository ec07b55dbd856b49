//! Retention: erases what was kept about people once its time has come.

use crate::house::House;
use platform_business::Platform;
use std::{sync::Arc, time::Duration};

/// How often is looked for what has been kept long enough.
const PERIOD: Duration = Duration::from_secs(10 * 60);
/// The same in a demo.
const SOON: Duration = Duration::from_secs(5);

/// Erases delivery addresses some days after their orders have ended.
pub(crate) struct Retention {
    house: Arc<House>,
    platform: Arc<Platform>,
    period: Duration,
}

impl Retention {
    pub(crate) fn new(house: Arc<House>, platform: Arc<Platform>) -> Self {
        // A demo's clock can be moved by days at a press.
        let period = if house.is_demo() { SOON } else { PERIOD };
        Self { house, platform, period }
    }

    /// Looks at once and then again and again until the house closes.
    pub(crate) async fn run(&self) {
        let mut cancel = self.house.cancel();
        loop {
            match self.platform.tidy_up().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "delivery addresses were erased, as their time had come"),
                Err(problem) => tracing::warn!(?problem, "delivery addresses could not be erased; trying again"),
            }
            tokio::select! {
                () = tokio::time::sleep(self.period) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
        }
    }
}
