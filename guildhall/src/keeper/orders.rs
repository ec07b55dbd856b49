//! Overdue orders.

use super::Keeper;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use platform_business::Overdue;
use platform_protocol::contracts::{Aftersales, Market};
use std::collections::BTreeMap;

/// Orders ended with one transaction.
const ORDERS_PER_CALL: u64 = 100;

impl Keeper {
    /// Does with every order that is overdue what anyone may do with it, and
    /// returns how many there were.
    pub(super) async fn end_overdue(&self, now: u64) -> anyhow::Result<usize> {
        let overdue = self.platform.overdue(now, ORDERS_PER_CALL).await;
        let overdue = overdue.map_err(|problem| anyhow::anyhow!("can't read the index: {problem:?}"))?;
        let mut turns: BTreeMap<Overdue, Vec<U256>> = BTreeMap::new();
        for (order, turn) in &overdue {
            turns.entry(*turn).or_default().push(U256::from(*order));
        }
        let market = self.house.manifest.market.address;
        for (turn, orders) in turns {
            // The index may be a block behind: one order that was ended
            // meanwhile must not keep the others waiting.
            if !self.send(market, call(turn, orders.clone())).await? && orders.len() > 1 {
                for order in orders {
                    self.send(market, call(turn, vec![order])).await?;
                }
            }
        }
        Ok(overdue.len())
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
