//! What can be done with an order next, by whom, from when until when, and where the money goes.
//!
//! The same rules as the contract's, told ahead: the console shows them before anyone signs.

use alloy_primitives::U256;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Order, OrderState, ReturnStep, Side};

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
    /// The delivery is late; the seller must prove it.
    Contest,
    /// The buyer wants to send the goods back.
    RequestReturn,
    /// The seller takes them back.
    ApproveReturn,
    /// The buyer has sent them.
    SendReturn,
    /// The seller has them again.
    ConfirmReturn,
    /// The buyer keeps them after all.
    DropReturn,
    /// Something is wrong: a first proposal of how to split.
    Dispute,
    /// Another proposal.
    Propose,
    /// The other side's proposal is taken.
    AcceptSplit,
    /// Arbiters are to decide between two final offers.
    Escalate,
    /// The other final offer, and the same deposit.
    Defend,
    /// Arbiters who could not be called are called again.
    Raise,
    /// The loser asks a larger panel.
    Appeal,
    /// What happens when the awaited party lets its time pass, or the ruling is carried out.
    Conclude,
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

/// Whose move it is: who loses by silence, or is the one to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Awaited {
    /// The buyer.
    Buyer,
    /// The seller.
    Seller,
    /// The arbiters.
    Arbiters,
    /// Anyone: nothing is left to decide, only to be carried out.
    Anyone,
}

impl Awaited {
    const fn side(side: Side) -> Self {
        match side {
            Side::Buyer => Self::Buyer,
            Side::Seller => Self::Seller,
        }
    }
}

/// Whose move an order waits for; none once it has ended.
pub(super) fn awaited(order: &Order) -> Option<Awaited> {
    let case = &order.case;
    Some(match order.state {
        OrderState::Funded | OrderState::Accepted | OrderState::Contested => Awaited::Seller,
        OrderState::Shipped | OrderState::Delivered => Awaited::Buyer,
        OrderState::Return if case.return_step == Some(ReturnStep::Approved) => Awaited::Buyer,
        OrderState::Return => Awaited::Seller,
        OrderState::Disputed => case.awaited.map_or(Awaited::Anyone, Awaited::side),
        OrderState::Escalated => case.awaited.map_or(Awaited::Arbiters, Awaited::side),
        OrderState::Ruled if case.is_final || case.appealed_by.is_some() => Awaited::Anyone,
        // Where the middle was chosen, both may appeal.
        OrderState::Ruled => case.winner().map_or(Awaited::Anyone, |winner| Awaited::side(winner.other())),
        OrderState::Released | OrderState::Refunded | OrderState::Settled => return None,
    })
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
    /// Native coin that has to be put in.
    pub(super) deposit: U256,
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
        OrderState::Shipped if order.rules == 0 => vec![
            nothing_moves(Action::ConfirmDelivery, Actor::Buyer, at, None),
            nothing_moves(Action::ConfirmDelivery, Actor::Carrier, at, until),
            refund(order, Action::RefundExpired, Actor::Anyone, order.deadline + 1, false),
        ],
        OrderState::Shipped => vec![
            nothing_moves(Action::ConfirmDelivery, Actor::Buyer, at, None),
            nothing_moves(Action::ConfirmDelivery, Actor::Carrier, at, None),
            nothing_moves(Action::Dispute, Actor::Buyer, at, None),
            nothing_moves(Action::Dispute, Actor::Seller, order.deadline + 1, None),
            nothing_moves(Action::Contest, Actor::Anyone, order.deadline + 1, None),
        ],
        OrderState::Contested => vec![
            nothing_moves(Action::ConfirmDelivery, Actor::Buyer, at, None),
            nothing_moves(Action::ConfirmDelivery, Actor::Carrier, at, until),
            refund(order, Action::RefundExpired, Actor::Anyone, order.deadline + 1, false),
        ],
        OrderState::Delivered => delivered(order),
        OrderState::Return => returning(order),
        OrderState::Disputed => disputed(order),
        OrderState::Escalated => escalated(order),
        OrderState::Ruled => ruled(order),
        OrderState::Released | OrderState::Refunded | OrderState::Settled => Vec::new(),
    }
}

fn delivered(order: &Order) -> Vec<Step> {
    let (at, until) = (order.updated_at, Some(order.deadline));
    let mut steps = vec![release(order, Action::Release, Actor::Buyer, at)];
    if order.rules != 0 && order.returnable {
        steps.push(nothing_moves(Action::RequestReturn, Actor::Buyer, at, until));
    }
    if order.rules != 0 {
        steps.extend(both(|who| nothing_moves(Action::Dispute, who, at, until)));
    }
    steps.push(release(order, Action::Release, Actor::Anyone, order.deadline + 1));
    steps
}

/// The seller's silence refunds, the buyer's pays.
fn returning(order: &Order) -> Vec<Step> {
    let (at, until, late) = (order.updated_at, Some(order.deadline), order.deadline + 1);
    let (own, silence) = match order.case.return_step {
        Some(ReturnStep::Approved) => (
            nothing_moves(Action::SendReturn, Actor::Buyer, at, until),
            release(order, Action::Conclude, Actor::Anyone, late),
        ),
        Some(ReturnStep::Sent) => {
            let confirmed = refund(order, Action::ConfirmReturn, Actor::Seller, at, false);
            (Step { until, ..confirmed }, refund(order, Action::Conclude, Actor::Anyone, late, false))
        }
        Some(ReturnStep::Requested) | None => (
            nothing_moves(Action::ApproveReturn, Actor::Seller, at, until),
            refund(order, Action::Conclude, Actor::Anyone, late, false),
        ),
    };
    let mut steps = vec![own, release(order, Action::DropReturn, Actor::Buyer, at)];
    steps.extend(both(|who| nothing_moves(Action::Dispute, who, at, until)));
    steps.push(silence);
    steps
}

fn disputed(order: &Order) -> Vec<Step> {
    let (at, until) = (order.updated_at, Some(order.deadline));
    let mut steps = Vec::from(both(|who| accept(order, who)));
    steps.extend(both(|who| nothing_moves(Action::Propose, who, at, until)));
    steps.extend(both(|who| nothing_moves(Action::Escalate, who, at, until)));
    if let Some(awaited) = order.case.awaited {
        let claim = order.case.claim(awaited.other());
        steps.push(split(order, Action::Conclude, Actor::Anyone, order.deadline + 1, claim));
    }
    steps
}

fn escalated(order: &Order) -> Vec<Step> {
    let (at, until, late) = (order.updated_at, Some(order.deadline), order.deadline + 1);
    let case = &order.case;
    match case.escalated_by {
        Some(by) if !case.defended => {
            let defend = nothing_moves(Action::Defend, actor(by.other()), at, until);
            let mut steps = vec![Step { deposit: case.deposit, ..defend }];
            steps.extend(both(|who| accept(order, who)));
            steps.push(split(order, Action::Conclude, Actor::Anyone, late, case.claim(by)));
            steps
        }
        _ => {
            let silence = match case.appealed_by {
                Some(_) => split(order, Action::Conclude, Actor::Anyone, late, case.ruled()),
                None => refund(order, Action::Conclude, Actor::Anyone, late, false),
            };
            let raise = (!case.raised).then(|| nothing_moves(Action::Raise, Actor::Anyone, at, until));
            raise.into_iter().chain([silence]).collect()
        }
    }
}

fn ruled(order: &Order) -> Vec<Step> {
    let case = &order.case;
    let open = !case.is_final && case.appealed_by.is_none();
    let from = if case.is_final { order.updated_at } else { order.deadline + 1 };
    let appeal = |side: Side| nothing_moves(Action::Appeal, actor(side), order.updated_at, Some(order.deadline));
    let losers = [Side::Buyer, Side::Seller].into_iter().filter(|side| open && case.winner() != Some(*side));
    losers.map(appeal).chain([split(order, Action::Conclude, Actor::Anyone, from, case.ruled())]).collect()
}

const fn actor(side: Side) -> Actor {
    match side {
        Side::Buyer => Actor::Buyer,
        Side::Seller => Actor::Seller,
    }
}

fn both(step: impl Fn(Actor) -> Step) -> [Step; 2] {
    [step(Actor::Buyer), step(Actor::Seller)]
}

/// Taking what the other side proposes.
fn accept(order: &Order, who: Actor) -> Step {
    let claim = order.case.claim(if who == Actor::Buyer { Side::Seller } else { Side::Buyer });
    Step { until: Some(order.deadline), ..split(order, Action::AcceptSplit, who, order.updated_at, claim) }
}

/// `buyer_amount` to the buyer and the rest to the seller, whose part alone bears the fee. Coupons get their part of
/// the buyer's back.
fn split(order: &Order, action: Action, who: Actor, available_at: u64, buyer_amount: U256) -> Step {
    let rest = order.amount.saturating_sub(buyer_amount);
    let fee = fee(rest, order.fee_bps);
    let returned = order.subsidy.saturating_mul(buyer_amount).checked_div(order.amount).unwrap_or_default();
    Step {
        action,
        who,
        available_at,
        until: None,
        to_buyer: buyer_amount.saturating_sub(returned),
        to_seller: rest.saturating_sub(fee).saturating_add(order.bond),
        fee,
        deposit: U256::ZERO,
    }
}

/// What happens once the deadline has passed and somebody says so.
pub(super) const fn at_deadline(state: OrderState, rules: u8) -> Option<Action> {
    match state {
        OrderState::Shipped if rules != 0 => Some(Action::Contest),
        OrderState::Funded | OrderState::Accepted | OrderState::Shipped | OrderState::Contested => {
            Some(Action::RefundExpired)
        }
        OrderState::Delivered => Some(Action::Release),
        OrderState::Return | OrderState::Disputed | OrderState::Escalated | OrderState::Ruled => Some(Action::Conclude),
        OrderState::Released | OrderState::Refunded | OrderState::Settled => None,
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
    let none = U256::ZERO;
    Step { action, who, available_at, until, to_buyer: none, to_seller: none, fee: none, deposit: none }
}

fn refund(order: &Order, action: Action, who: Actor, available_at: u64, bond_to_buyer: bool) -> Step {
    // What coupons paid goes back to their campaigns.
    let paid = order.amount.saturating_sub(order.subsidy);
    let (to_buyer, to_seller) =
        if bond_to_buyer { (paid.saturating_add(order.bond), U256::ZERO) } else { (paid, order.bond) };
    Step { action, who, available_at, until: None, to_buyer, to_seller, fee: U256::ZERO, deposit: U256::ZERO }
}

fn release(order: &Order, action: Action, who: Actor, available_at: u64) -> Step {
    split(order, action, who, available_at, U256::ZERO)
}
