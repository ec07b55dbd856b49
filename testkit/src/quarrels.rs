//! What two sides plan who don't agree.

use crate::{
    calls::{Call, One},
    cast::{STRANGER, Vice},
    rules::{Case, Order, winner},
    terms::{Money, Side, State},
    world::World,
};

impl World {
    pub(crate) fn plan_case(&mut self, number: u64, order: &Order, case: &Case) {
        match order.state {
            State::Disputed => self.plan_talk(number, order, case),
            State::Escalated if !case.defended => self.plan_defence(number, order, case),
            State::Escalated if case.dispute.is_none() && self.dice.chance(70) => {
                let value = self.rules.panel.price(order.token, order.amount);
                self.intend_with(number, order, STRANGER, Call::One(One::Raise, number, 0), value, false);
            }
            State::Ruled if !case.is_final => {
                let loser = winner(case).map_or(Side::Buyer, Side::other);
                let (from, vice) = self.person(order, loser);
                if self.dice.chance(if vice == Vice::Liar { 60 } else { 25 }) {
                    let value = 2 * self.rules.panel.price(order.token, order.amount);
                    self.intend_with(number, order, from, Call::One(One::Appeal, number, 0), value, false);
                }
            }
            _ => {}
        }
    }

    fn plan_talk(&mut self, number: u64, order: &Order, case: &Case) {
        let awaited = case.awaited.unwrap_or(case.claimant.other());
        let (from, _) = self.person(order, awaited);
        let amount = self.middle(case, awaited);
        match self.dice.below(100) {
            0..30 => self.intend(number, order, from, Call::One(One::Propose, number, amount), false),
            30..50 => {
                let theirs = self.claim(case, awaited.other());
                self.intend(number, order, from, Call::One(One::AcceptSplit, number, theirs), false);
            }
            50..82 => self.escalate(number, order, case, awaited),
            82..88 => self.escalate(number, order, case, awaited.other()),
            _ => {}
        }
    }

    fn escalate(&mut self, number: u64, order: &Order, case: &Case, side: Side) {
        let (from, _) = self.person(order, side);
        let amount = self.middle(case, side);
        let value = self.deposit(self.rules.panel.price(order.token, order.amount));
        self.intend_with(number, order, from, Call::One(One::Escalate, number, amount), value, false);
    }

    fn plan_defence(&mut self, number: u64, order: &Order, case: &Case) {
        let side = case.awaited.unwrap_or(Side::Buyer);
        let (from, _) = self.person(order, side);
        match self.dice.below(100) {
            0..72 => {
                let (amount, value) = (self.middle(case, side), self.deposit(case.deposit));
                self.intend_with(number, order, from, Call::One(One::Defend, number, amount), value, false);
            }
            72..80 => {
                let theirs = self.claim(case, side.other());
                self.intend(number, order, from, Call::One(One::AcceptSplit, number, theirs), false);
            }
            _ => {}
        }
    }

    /// Mostly the price; sometimes nothing, which credit must cover, and sometimes too much.
    fn deposit(&mut self, price: Money) -> Money {
        match self.dice.below(20) {
            0 | 1 => 0,
            2 => price + 1_000,
            3 => price / 2,
            _ => price,
        }
    }

    /// An offer between the two claims; sometimes one that is out of bounds.
    fn middle(&mut self, case: &Case, side: Side) -> Money {
        let span = case.buyer_claim.saturating_sub(case.seller_claim);
        if self.dice.chance(4) {
            return case.buyer_claim + 1;
        }
        let step = self.dice.share(span.saturating_sub(1));
        match side {
            Side::Buyer => case.buyer_claim - step,
            Side::Seller => case.seller_claim + step,
        }
    }

    fn claim(&mut self, case: &Case, side: Side) -> Money {
        let claim = if side == Side::Buyer { case.buyer_claim } else { case.seller_claim };
        if self.dice.chance(6) { claim + 1 } else { claim }
    }
}
