//! The keeper: moves orders on whose awaited party let its deadline pass.
//!
//! Anyone may do that on chain; the business does it for its customers, so
//! that an order left alone refunds itself without anybody noticing first.

use crate::house::House;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use platform_business::{Overdue, Platform};
use platform_protocol::{
    Call, Submit,
    contracts::{Aftersales, Market},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// How often overdue orders are looked for.
const PERIOD: Duration = Duration::from_secs(5);
/// Orders ended with one transaction.
const ORDERS_PER_CALL: u64 = 100;
/// What so many orders may take.
const GAS_LIMIT: u64 = 14_000_000;

/// Ends overdue orders with the operator's key.
pub(crate) struct Keeper {
    house: Arc<House>,
    platform: Arc<Platform>,
    /// One round at a time: two would end the same orders.
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
            if *self.house.held.borrow() {
                tracing::debug!("held: overdue orders wait");
            } else if let Err(error) = self.end_overdue().await {
                tracing::warn!(error = format!("{error:#}"), "overdue orders could not be ended; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Does with every order that is overdue by the newest block's time what
    /// anyone may do with it, and returns how many there were.
    pub(crate) async fn end_overdue(&self) -> anyhow::Result<usize> {
        let _round = self.round.lock().await;
        let head = self.house.ledger.ledger().store().head();
        let overdue = self.platform.overdue(head.block.header.timestamp, ORDERS_PER_CALL).await;
        let overdue = overdue.map_err(|problem| anyhow::anyhow!("can't read the index: {problem:?}"))?;
        let mut turns: BTreeMap<Overdue, Vec<U256>> = BTreeMap::new();
        for (order, turn) in &overdue {
            turns.entry(*turn).or_default().push(U256::from(*order));
        }
        for (turn, orders) in turns {
            // The index may be a block behind: one order that was ended
            // meanwhile must not keep the others waiting.
            if !self.send(call(turn, orders.clone())).await? && orders.len() > 1 {
                for order in orders {
                    self.send(call(turn, vec![order])).await?;
                }
            }
        }
        Ok(overdue.len())
    }

    /// Sends a call to the market, unless it would revert: then `false`.
    async fn send(&self, input: Vec<u8>) -> anyhow::Result<bool> {
        let call = Call {
            from: self.house.operator.address(),
            to: self.house.manifest.market.address,
            value: U256::ZERO,
            input: input.clone().into(),
        };
        if Submit::call(&self.house.embedded, call.clone()).await.is_err() {
            return Ok(false);
        }
        Ok(self.house.act(call.to, input, GAS_LIMIT).await?.success)
    }
}

/// What anyone may do with overdue orders, as a call to the market.
pub(crate) fn call(turn: Overdue, orders: Vec<U256>) -> Vec<u8> {
    match turn {
        Overdue::Release => Market::releaseCall { orderIds: orders }.abi_encode(),
        Overdue::Refund => Market::refundExpiredCall { orderIds: orders }.abi_encode(),
        Overdue::Contest => Aftersales::contestCall { orderIds: orders }.abi_encode(),
        Overdue::Conclude => Aftersales::concludeCall { orderIds: orders }.abi_encode(),
    }
}
