//! Anchoring: puts the roots of sealed supply-chain events on chain.
//!
//! The batch and its root are in the platform's store before anything is
//! sent, and the contract takes a root once. Whoever is killed in between
//! looks at the chain first and goes on where it was.

use crate::house::House;
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use anyhow::ensure;
use platform_business::{OpenBatch, Platform};
use platform_protocol::contracts::Trace;
use std::{sync::Arc, time::Duration};

/// How often events that wait are sealed and anchored.
const PERIOD: Duration = Duration::from_secs(3);
/// Batches anchored in one round.
const BATCHES_PER_ROUND: usize = 16;
const GAS_LIMIT: u64 = 300_000;

/// Anchors batches with the operator's key.
pub(crate) struct Anchor {
    house: Arc<House>,
    platform: Arc<Platform>,
}

impl Anchor {
    pub(crate) fn new(house: Arc<House>, platform: Arc<Platform>) -> Self {
        Self { house, platform }
    }

    /// Anchors what waits until the house closes. A house that was founded
    /// before there was a contract for it says so, and keeps events unproven.
    pub(crate) async fn run(&self) {
        let Some(trace) = self.house.manifest.trace.as_ref().map(|trace| trace.address) else {
            tracing::warn!(
                "this house was founded without the Trace contract: events are kept, and none of them is anchored"
            );
            return;
        };
        let mut cancel = self.house.cancel();
        loop {
            if *self.house.held.borrow() {
                tracing::debug!("held: events wait");
            } else if let Err(error) = self.round(trace).await {
                tracing::warn!(error = format!("{error:#}"), "events could not be anchored; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    async fn round(&self, trace: Address) -> anyhow::Result<()> {
        let open = self.platform.open_batches().await;
        let open = open.map_err(|problem| anyhow::anyhow!("can't seal events: {problem:?}"))?;
        for batch in open.into_iter().take(BATCHES_PER_ROUND) {
            // The index may be behind the chain: what counts is the contract.
            let known = self.house.view(trace, Trace::batchCall { root: batch.root }).await?;
            if known.id == 0 {
                self.send(trace, batch).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, trace: Address, batch: OpenBatch) -> anyhow::Result<()> {
        let input = Trace::anchorCall { root: batch.root, count: batch.leaves }.abi_encode();
        let mined = self.house.act(trace, input, GAS_LIMIT).await?;
        ensure!(mined.success, "the contract refused root {} in transaction {}", batch.root, mined.hash);
        tracing::debug!(batch = batch.number, events = batch.leaves, root = %batch.root, "anchored");
        Ok(())
    }
}
