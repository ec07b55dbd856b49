//! The keeper: does what anyone may do once somebody who is awaited has let
//! their deadline pass.
//!
//! Anyone may do that on chain; the business does it for its customers, so
//! that an order left alone refunds itself, and a panel of arbiters is drawn
//! and its votes counted, without anybody noticing first.

mod cases;
mod orders;

use crate::house::House;
use alloy_primitives::{Address, U256};
use platform_business::Platform;
use platform_protocol::Call;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

pub(crate) use orders::call;

/// How often the keeper looks.
const PERIOD: Duration = Duration::from_secs(5);
/// What a turn may take.
const GAS_LIMIT: u64 = 14_000_000;

/// Takes due turns with the operator's key, which has no right in them that
/// others lack.
pub(crate) struct Keeper {
    house: Arc<House>,
    platform: Arc<Platform>,
    /// Cleared while visitors of a demo want to take the turns themselves.
    running: Arc<AtomicBool>,
    /// One round at a time: two would take the same turns.
    round: Mutex<()>,
}

impl Keeper {
    pub(crate) fn new(house: Arc<House>, platform: Arc<Platform>, running: Arc<AtomicBool>) -> Self {
        Self { house, platform, running, round: Mutex::new(()) }
    }

    /// Looks for due turns until the house closes.
    pub(crate) async fn run(&self) {
        let mut cancel = self.house.cancel();
        loop {
            let idle = *self.house.held.borrow() || !self.running.load(Ordering::Relaxed);
            if !idle && let Err(error) = self.take_turns().await {
                tracing::warn!(error = format!("{error:#}"), "due turns could not be taken; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Takes every turn that is due now, and returns how many there were.
    pub(crate) async fn take_turns(&self) -> anyhow::Result<usize> {
        let _round = self.round.lock().await;
        let now = self.now();
        // Rulings first: an order that has one is not ended for want of it.
        let cases = self.take_case_turns(now).await?;
        Ok(cases + self.end_overdue(now).await?)
    }

    /// Seconds since 1970 that the next block will carry at least.
    fn now(&self) -> u64 {
        let head = self.house.ledger.ledger().store().head().block.header.timestamp;
        self.house.ledger.driver().clock().now().max(head)
    }

    /// Sends a call, unless it would revert: then `false`.
    async fn send(&self, to: Address, input: Vec<u8>) -> anyhow::Result<bool> {
        let call = Call { from: self.house.operator.address(), to, value: U256::ZERO, input: input.clone().into() };
        if !self.house.embedded.would_succeed(call).await {
            return Ok(false);
        }
        Ok(self.house.act(to, input, GAS_LIMIT).await?.success)
    }
}
