//! How orders end, and who gets what.

use super::{Case, Rules};
use crate::{
    effects::Effect,
    terms::{Money, Reason, ReturnStep, Side, State, Token, share},
};

impl Rules {
    pub(super) fn release(&mut self, order: u64, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order).cloned() else { return };
        let fee = self.fee(o.amount, o.fee_bps);
        let to_seller = o.amount - fee + o.bond;
        effects.push(Effect::Ended { order, state: State::Released, to_buyer: 0, to_seller, fee });
        self.credit(o.seller, o.token, to_seller, effects);
        self.pay_fee(order, fee, effects);
        self.end_coupons(order, 0, effects);
        self.end(order, State::Released);
    }

    pub(super) fn refund(&mut self, order: u64, reason: Reason, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order).cloned() else { return };
        if reason < Reason::DeliverExpired
            && let Some(shelf) = usize::try_from(o.offer).ok().and_then(|offer| self.offers.get_mut(offer - 1))
        {
            shelf.stock = shelf.stock.saturating_add(o.quantity.into());
        }
        let kept = o.amount - self.end_coupons(order, o.amount, effects);
        let late = reason == Reason::ShipExpired;
        let (to_buyer, to_seller) = if late { (kept + o.bond, 0) } else { (kept, o.bond) };
        effects.push(Effect::Ended { order, state: State::Refunded, to_buyer, to_seller, fee: 0 });
        self.credit(o.buyer, o.token, to_buyer, effects);
        self.credit(o.seller, o.token, to_seller, effects);
        self.end(order, State::Refunded);
    }

    pub(super) fn settle(&mut self, order: u64, for_buyer: Money, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order).cloned() else { return };
        let sold = o.amount - for_buyer;
        let fee = self.fee(sold, o.fee_bps);
        let to_buyer = for_buyer - self.end_coupons(order, for_buyer, effects);
        let to_seller = sold - fee + o.bond;
        effects.push(Effect::Ended { order, state: State::Settled, to_buyer, to_seller, fee });
        self.credit(o.buyer, o.token, to_buyer, effects);
        self.credit(o.seller, o.token, to_seller, effects);
        self.pay_fee(order, fee, effects);
        self.end(order, State::Settled);
    }

    /// Whoever is awaited and silent gets what the other side last asked for.
    pub(super) fn conclude(&mut self, order: u64, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order).cloned() else { return };
        if o.state == State::Return {
            match o.returning {
                Some(ReturnStep::Approved) => self.release(order, effects),
                Some(ReturnStep::Requested) => self.refund(order, Reason::ReturnUnanswered, effects),
                _ => self.refund(order, Reason::ReturnUnconfirmed, effects),
            }
            return;
        }
        let Some(case) = o.case else { return };
        match o.state {
            State::Disputed => {
                let winner = case.awaited.unwrap_or(case.claimant.other()).other();
                self.settle(order, claim_of(&case, winner), effects);
            }
            State::Escalated if !case.defended => {
                let winner = case.escalated_by.unwrap_or(Side::Buyer);
                self.pay_pot(order, Some(winner), effects);
                self.settle(order, claim_of(&case, winner), effects);
            }
            State::Escalated if case.appealed_by.is_none() => {
                self.pay_pot(order, None, effects);
                self.refund(order, Reason::ArbiterSilent, effects);
            }
            _ => {
                self.pay_pot(order, winner(&case), effects);
                self.settle(order, ruled(&case), effects);
            }
        }
    }

    /// The winner takes what both put in; without one it is halved, the odd unit to the buyer.
    pub(super) fn pay_pot(&mut self, order: u64, winner: Option<Side>, effects: &mut Vec<Effect>) {
        let Some(o) = self.order_mut(order) else { return };
        let (buyer, seller) = (o.buyer, o.seller);
        let pot = o.case.as_mut().map_or(0, |case| std::mem::take(&mut case.pot));
        if pot == 0 {
            return;
        }
        let (to_buyer, to_seller) = halves(pot, winner);
        effects.push(Effect::PotPaid { order, to_buyer, to_seller });
        self.credit(buyer, Token::Coin, to_buyer, effects);
        self.credit(seller, Token::Coin, to_seller, effects);
    }

    fn fee(&self, amount: Money, bps: u16) -> Money {
        let fee = share(amount, bps.into(), 10_000);
        if self.mutant { fee + 1 } else { fee }
    }

    fn pay_fee(&mut self, order: u64, fee: Money, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order) else { return };
        let (token, affiliate, treasury) = (o.token, o.affiliate, self.treasury);
        let mut part = 0;
        if let Some((account, bps)) = affiliate {
            part = share(fee, bps.into(), 10_000);
            effects.push(Effect::AffiliatePaid { order, account, amount: part });
            self.credit(account, token, part, effects);
        }
        self.credit(treasury, token, fee - part, effects);
    }

    /// Campaigns get their part of what the buyer gets back; the rest of a subsidy was used for good.
    fn end_coupons(&mut self, order: u64, for_buyer: Money, effects: &mut Vec<Effect>) -> Money {
        let Some(o) = self.order(order) else { return 0 };
        let (amount, subsidies) = (o.amount, o.subsidies.clone());
        let mut sum = 0;
        for subsidy in subsidies {
            let returned = share(subsidy.amount, for_buyer, amount);
            let vested = subsidy.amount - returned;
            if let Some(campaign) = self.campaign_mut(subsidy.campaign) {
                campaign.locked -= subsidy.amount;
                campaign.available += returned;
                if vested == 0 {
                    campaign.used.remove(&subsidy.nullifier);
                }
            }
            effects.push(Effect::CouponEnded { order, campaign: subsidy.campaign, vested, returned });
            sum += returned;
        }
        sum
    }

    fn end(&mut self, order: u64, state: State) {
        if let Some(o) = self.order_mut(order) {
            (o.state, o.deadline) = (state, 0);
            o.revision += 1;
        }
    }
}

pub(super) const fn claim_of(case: &Case, side: Side) -> Money {
    match side {
        Side::Buyer => case.buyer_claim,
        Side::Seller => case.seller_claim,
    }
}

/// Who a ruling is for.
pub(crate) const fn winner(case: &Case) -> Option<Side> {
    match case.ruling {
        1 => Some(Side::Buyer),
        2 => Some(Side::Seller),
        _ => None,
    }
}

/// What a ruling gives the buyer; the middle rounds up.
fn ruled(case: &Case) -> Money {
    winner(case).map_or_else(|| (case.buyer_claim + case.seller_claim).div_ceil(2), |side| claim_of(case, side))
}

/// To the buyer and to the seller.
pub(super) const fn halves(sum: Money, winner: Option<Side>) -> (Money, Money) {
    let to_seller = match winner {
        Some(Side::Seller) => sum,
        Some(Side::Buyer) => 0,
        None => sum / 2,
    };
    (sum - to_seller, to_seller)
}
