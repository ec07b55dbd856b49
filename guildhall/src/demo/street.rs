//! What the town sees of its own orders: a fold over the market's events.

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolEvent;
use ledger_node::StoredBlock;
use platform_business::Overdue;
use platform_protocol::contracts::{Aftersales, Market};
use std::collections::BTreeMap;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Where an open order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Funded,
    Accepted,
    Shipped,
    Delivered,
    /// Late: the seller is to prove that it arrived.
    Contested,
    /// The buyer wants part of the money back.
    Disputed,
    /// A visitor's return, or arbiters have it.
    Apart,
}

impl Stage {
    /// What anyone may do once the deadline has passed.
    pub(super) const fn overdue(self) -> Overdue {
        match self {
            Self::Funded | Self::Accepted | Self::Contested => Overdue::Refund,
            Self::Shipped => Overdue::Contest,
            Self::Delivered => Overdue::Release,
            Self::Disputed | Self::Apart => Overdue::Conclude,
        }
    }
}

/// An open order.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenOrder {
    pub(super) buyer: Address,
    pub(super) seller: Address,
    pub(super) stage: Stage,
    /// When it came to this stage, in seconds since 1970.
    pub(super) since: u64,
    pub(super) placed: u64,
    pub(super) deadline: u64,
    pub(super) amount: U256,
}

/// What somebody does with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Accept,
    Decline,
    Cancel,
    Ship,
    Confirm,
    Release,
    /// The buyer asks for half of the money.
    Dispute,
    /// The seller gives it.
    Agree,
    /// Anyone ends an order whose deadline passed.
    End,
}

/// Open orders, by number.
#[derive(Debug, Default)]
pub(super) struct Street {
    pub(super) open: BTreeMap<u64, OpenOrder>,
    /// Ended well, and not thought of again yet: who bought, and when it ended.
    pub(super) enjoyed: BTreeMap<u64, (Address, u64)>,
    next_block: u64,
}

impl Street {
    /// The first block that was not looked at yet.
    pub(super) const fn next_block(&self) -> u64 {
        self.next_block
    }

    /// Takes in one block's events of the market.
    pub(super) fn see(&mut self, block: &StoredBlock, market: Address) {
        let now = block.block.header.timestamp;
        self.next_block = block.number() + 1;
        for (_, log) in block.logs().filter(|(_, log)| log.address == market) {
            if let Ok(event) = Market::OrderFunded::decode_log(log) {
                let order = OpenOrder {
                    buyer: event.buyer,
                    seller: event.seller,
                    stage: Stage::Funded,
                    since: now,
                    placed: now,
                    deadline: event.acceptBy,
                    amount: event.amount,
                };
                self.open.insert(event.orderId.saturating_to(), order);
            } else if let Ok(event) = Market::OrderAccepted::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Accepted, now, event.shipBy);
            } else if let Ok(event) = Market::OrderShipped::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Shipped, now, event.deliverBy);
            } else if let Ok(event) = Market::OrderDelivered::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Delivered, now, event.inspectBy);
            } else if let Ok(event) = Aftersales::OrderContested::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Contested, now, event.proveBy);
            } else if let Ok(event) = Aftersales::OrderDisputed::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Disputed, now, event.answerBy);
            } else if let Ok(event) = Aftersales::ReturnRequested::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Apart, now, u64::MAX);
            } else if let Ok(event) = Aftersales::OrderEscalated::decode_log(log) {
                self.enter(event.orderId.saturating_to(), Stage::Apart, now, u64::MAX);
            } else if let Ok(event) = Aftersales::OrderSettled::decode_log(log) {
                self.open.remove(&event.orderId.saturating_to());
            } else if let Ok(event) = Market::OrderReleased::decode_log(log) {
                let number = event.orderId.saturating_to();
                if let Some(order) = self.open.remove(&number) {
                    self.enjoyed.insert(number, (order.buyer, now));
                }
            } else if let Ok(event) = Market::OrderRefunded::decode_log(log) {
                self.open.remove(&event.orderId.saturating_to());
            }
        }
    }

    fn enter(&mut self, order: u64, stage: Stage, now: u64, deadline: u64) {
        if let Some(open) = self.open.get_mut(&order) {
            (open.stage, open.since, open.deadline) = (stage, now, deadline);
        }
    }
}

/// What happens next to an order at `now`, if anything. `live` orders move in
/// seconds instead of days, so that a visitor sees them move.
pub(super) fn next_move(number: u64, order: &OpenOrder, now: u64, live: bool) -> Option<Move> {
    if now > order.deadline {
        return Some(Move::End);
    }
    let chance = keccak256(number.to_be_bytes());
    let fate = chance[0];
    let (action, least, most) = match order.stage {
        // A few are forgotten: they refund themselves after their deadline.
        Stage::Funded if fate < 8 => return None,
        Stage::Funded if fate < 15 => (Move::Cancel, HOUR, 10 * HOUR),
        Stage::Funded if fate < 20 => (Move::Decline, HOUR, 20 * HOUR),
        Stage::Funded => (Move::Accept, HOUR / 2, 20 * HOUR),
        Stage::Accepted if fate < 28 => return None,
        Stage::Accepted => (Move::Ship, 4 * HOUR, 60 * HOUR),
        Stage::Shipped if fate < 31 => return None,
        Stage::Shipped => (Move::Confirm, DAY, 6 * DAY),
        Stage::Delivered if fate < 36 && !order.amount.is_zero() => (Move::Dispute, 2 * HOUR, 5 * DAY),
        Stage::Delivered if fate < 45 => return None,
        Stage::Delivered => (Move::Release, HOUR, 4 * DAY),
        Stage::Disputed if fate < 34 => (Move::Agree, 6 * HOUR, 60 * HOUR),
        Stage::Contested | Stage::Disputed | Stage::Apart => return None,
    };
    let stage = order.stage as usize + 1;
    let spread = u64::from(chance[stage]) * (most - least) / 255;
    let wait = if live { 15 + u64::from(chance[stage]) / 3 } else { least + spread };
    (now >= order.since + wait).then_some(action)
}

/// The stars a buyer gives an order, and which of the texts for them; most give none.
pub(super) fn stars(number: u64) -> Option<(u8, usize)> {
    let chance = keccak256([number.to_be_bytes().as_slice(), b"stars"].concat());
    let stars = [5, 5, 5, 5, 4, 4, 4, 3, 2, 1][usize::from(chance[1]) % 10];
    (chance[0] < 90).then(|| (stars, usize::from(chance[2])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_ends_whatever_its_fate() {
        for number in 0..400 {
            let mut order = OpenOrder {
                buyer: Address::ZERO,
                seller: Address::ZERO,
                stage: Stage::Funded,
                since: 0,
                placed: 0,
                deadline: 2 * DAY,
                amount: U256::ZERO,
            };
            let mut now = 0;
            loop {
                now += HOUR;
                let (stage, within) = match next_move(number, &order, now, false) {
                    None => continue,
                    Some(Move::Accept) => (Stage::Accepted, 5 * DAY),
                    Some(Move::Ship) => (Stage::Shipped, 24 * DAY),
                    Some(Move::Confirm) => (Stage::Delivered, 7 * DAY),
                    Some(Move::Dispute) => (Stage::Disputed, 3 * DAY),
                    Some(Move::End) if order.stage == Stage::Shipped => (Stage::Contested, 3 * DAY),
                    Some(_) => break,
                };
                (order.stage, order.since, order.deadline) = (stage, now, now + within);
            }
            assert!(now < 60 * DAY, "order {number} took {} days", now / DAY);
        }
    }
}
