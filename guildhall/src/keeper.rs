//! The keeper: ends orders whose awaited party let its deadline pass.
//!
//! Anyone may do that on chain; the business does it for its customers, so
//! that an order left alone refunds itself without anybody noticing first.

use crate::house::House;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use anyhow::Context;
use platform_business::Platform;
use platform_protocol::{Submit, TransactionRequest, contracts::Market};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// How often overdue orders are looked for.
const PERIOD: Duration = Duration::from_secs(5);
/// Orders ended with one transaction.
const ORDERS_PER_CALL: u64 = 100;

/// Ends overdue orders with the operator's key.
pub(crate) struct Keeper {
    house: Arc<House>,
    platform: Arc<Platform>,
    /// One round at a time: two would use the same nonce.
    round: Mutex<()>,
}

impl Keeper {
    pub(crate) fn new(house: Arc<House>, platform: Arc<Platform>) -> Self {
        Self { house, platform, round: Mutex::new(()) }
    }

    /// Looks for overdue orders until the house closes.
    pub(crate) async fn run(&self) {
        let mut cancel = self.house.cancel();
        loop {
            if let Err(error) = self.end_overdue().await {
                tracing::warn!(error = format!("{error:#}"), "overdue orders could not be ended; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Releases or refunds every order that is overdue by the newest block's
    /// time, and returns how many.
    pub(crate) async fn end_overdue(&self) -> anyhow::Result<usize> {
        let _round = self.round.lock().await;
        let head = self.house.ledger.ledger().store().head();
        let overdue = self.platform.overdue(head.block.header.timestamp, ORDERS_PER_CALL).await;
        let overdue = overdue.map_err(|problem| anyhow::anyhow!("can't read the index: {problem:?}"))?;
        let numbers = |delivered: bool| -> Vec<U256> {
            overdue.iter().filter(|(_, done)| *done == delivered).map(|(order, _)| U256::from(*order)).collect()
        };
        let (release, refund) = (numbers(true), numbers(false));
        if !release.is_empty() {
            self.send(Market::releaseCall { orderIds: release }.abi_encode()).await?;
        }
        if !refund.is_empty() {
            self.send(Market::refundExpiredCall { orderIds: refund }.abi_encode()).await?;
        }
        Ok(overdue.len())
    }

    async fn send(&self, input: Vec<u8>) -> anyhow::Result<()> {
        let (chain, operator) = (&self.house.embedded, &self.house.operator);
        let call = platform_protocol::Call {
            from: operator.address(),
            to: self.house.manifest.market.address,
            value: U256::ZERO,
            input: input.clone().into(),
        };
        // The index may be a block behind: what was ended meanwhile would
        // revert, and is simply looked at again in the next round.
        if Submit::call(chain, call).await.is_err() {
            return Ok(());
        }
        let _order = self.house.operator_nonce.lock().await;
        let request = TransactionRequest {
            chain_id: self.house.manifest.chain_id,
            nonce: Submit::nonce(chain, operator.address()).await?,
            to: Some(self.house.manifest.market.address),
            value: U256::ZERO,
            input: input.into(),
            gas_limit: 14_000_000,
            gas_price: Submit::gas_price(chain).await?,
        };
        let hash = chain.send_raw(operator.sign_transaction(request)).await.context("the keeper's transaction")?;
        chain.wait(hash).await.context("the keeper's transaction")?;
        Ok(())
    }
}
