//! What can be done with an order next, by whom, from when until when, and where the money goes.
//!
//! The same rules as the contract's, told ahead: the console shows them before anyone signs.

use alloy_primitives::U256;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Order, OrderState};

/// What somebody can do with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// The buyer changes their mind.
    Cancel,
    /// The seller takes the order on.
    Accept,
    /// The seller turns it down.
    Decline,
    /// The seller hands the goods over.
    Ship,
    /// The buyer has them, or a carrier says so.
    ConfirmDelivery,
    /// The seller is paid.
    Release,
    /// A deadline has passed; the buyer is paid back.
    RefundExpired,
}

/// Who can do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Actor {
    /// The order's buyer.
    Buyer,
    /// The order's seller.
    Seller,
    /// Anyone with the carrier's role.
    Carrier,
    /// Anyone at all.
    Anyone,
}

/// A next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) who: Actor,
    /// The first second in which it can be done.
    pub(super) available_at: u64,
    /// The last second in which it can be done, if there is one.
    pub(super) until: Option<u64>,
    pub(super) to_buyer: U256,
    pub(super) to_seller: U256,
    pub(super) fee: U256,
}

/// The steps open from where an order stands.
pub(super) fn next(order: &Order) -> Vec<Step> {
    let at = order.updated_at;
    let until = Some(order.deadline);
    match order.state {
        OrderState::Funded => vec![
            nothing_moves(Action::Accept, Actor::Seller, at, until),
            refund(order, Action::Decline, Actor::Seller, at, false),
            refund(order, Action::Cancel, Actor::Buyer, at, false),
            refund(order, Action::RefundExpired, Actor::Anyone, order.deadline + 1, false),
        ],
        OrderState::Accepted => vec![
            nothing_moves(Action::Ship, Actor::Seller, at, until),
            refund(order, Action::RefundExpired, Actor::Anyone, order.deadline + 1, true),
        ],
        OrderState::Shipped => vec![
            nothing_moves(Action::ConfirmDelivery, Actor::Buyer, at, None),
            nothing_moves(Action::ConfirmDelivery, Actor::Carrier, at, until),
            refund(order, Action::RefundExpired, Actor::Anyone, order.deadline + 1, false),
        ],
        OrderState::Delivered => {
            vec![release(order, Actor::Buyer, at), release(order, Actor::Anyone, order.deadline + 1)]
        }
        OrderState::Released | OrderState::Refunded => Vec::new(),
    }
}

/// What happens once the deadline has passed and somebody says so.
pub(super) const fn at_deadline(state: OrderState) -> Option<Action> {
    match state {
        OrderState::Funded | OrderState::Accepted | OrderState::Shipped => Some(Action::RefundExpired),
        OrderState::Delivered => Some(Action::Release),
        OrderState::Released | OrderState::Refunded => None,
    }
}

/// Fee of an order, rounded down as the contract does.
pub(super) fn fee(amount: U256, fee_bps: u16) -> U256 {
    // An order's amount has 128 bits, so the product cannot wrap.
    amount.wrapping_mul(U256::from(fee_bps)) / U256::from(10_000)
}

/// Bond of an order, rounded up as the contract does.
pub(super) fn bond(amount: U256, bond_bps: u16) -> U256 {
    amount.wrapping_mul(U256::from(bond_bps)).div_ceil(U256::from(10_000))
}

const fn nothing_moves(action: Action, who: Actor, available_at: u64, until: Option<u64>) -> Step {
    Step { action, who, available_at, until, to_buyer: U256::ZERO, to_seller: U256::ZERO, fee: U256::ZERO }
}

fn refund(order: &Order, action: Action, who: Actor, available_at: u64, bond_to_buyer: bool) -> Step {
    let (to_buyer, to_seller) =
        if bond_to_buyer { (order.amount.saturating_add(order.bond), U256::ZERO) } else { (order.amount, order.bond) };
    Step { action, who, available_at, until: None, to_buyer, to_seller, fee: U256::ZERO }
}

fn release(order: &Order, who: Actor, available_at: u64) -> Step {
    let fee = fee(order.amount, order.fee_bps);
    let to_seller = order.amount.saturating_sub(fee).saturating_add(order.bond);
    Step { action: Action::Release, who, available_at, until: None, to_buyer: U256::ZERO, to_seller, fee }
}
