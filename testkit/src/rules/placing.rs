//! How a basket becomes orders: every line, then the money, or nothing of it.

use super::{Caller, Campaign, Order, Rules, Subsidy, Verdict};
use crate::{
    effects::Effect,
    terms::{Line, Money, State, Token, Voucher, bond_of, share},
};
use alloy_primitives::Address;

/// What a basket changed so far, to be put back if it fails.
#[derive(Default)]
struct Undo {
    stock: Vec<(usize, u64)>,
    credit: Vec<((Address, Token), Money)>,
    budgets: Vec<(u64, Voucher, Money)>,
}

impl Rules {
    pub(super) fn place(
        &mut self,
        lines: &[Line],
        vouchers: &[Vec<Voucher>],
        affiliate: Address,
        by: Caller,
    ) -> Verdict {
        if self.paused {
            return Err("EnforcedPause");
        }
        if lines.is_empty() {
            return Err("NothingToDo");
        }
        let (orders, mut undo, mut effects) = (self.orders.len(), Undo::default(), Vec::new());
        let outcome = self.place_all(lines, vouchers, affiliate, by, &mut undo, &mut effects);
        if let Err(error) = outcome {
            self.take_back(orders, undo);
            return Err(error);
        }
        Ok(effects)
    }

    fn place_all(
        &mut self,
        lines: &[Line],
        vouchers: &[Vec<Voucher>],
        affiliate: Address,
        by: Caller,
        undo: &mut Undo,
        effects: &mut Vec<Effect>,
    ) -> Result<(), &'static str> {
        let mut coin = 0;
        for (line, vouchers) in lines.iter().zip(vouchers) {
            self.fund(line, by, undo, effects)?;
            let mut order = self.orders.pop().ok_or("UnknownOrder")?;
            let applied = self.dress(&mut order, vouchers, affiliate, by, undo, effects);
            let (token, unpaid) = (order.token, order.amount - applied.as_ref().copied().unwrap_or(0));
            self.orders.push(order);
            applied?;
            if token == Token::Coin {
                coin += unpaid;
            }
        }
        if by.value == coin { Ok(()) } else { Err("WrongValue") }
    }

    fn take_back(&mut self, orders: usize, undo: Undo) {
        self.orders.truncate(orders);
        for (offer, stock) in undo.stock.into_iter().rev() {
            self.offers[offer].stock = stock;
        }
        for (key, amount) in undo.credit.into_iter().rev() {
            self.credit.insert(key, amount);
        }
        for (campaign, voucher, amount) in undo.budgets.into_iter().rev() {
            if let Some(campaign) = self.campaign_mut(campaign) {
                campaign.available += amount;
                campaign.locked -= amount;
                campaign.used.remove(&voucher.nullifier);
            }
        }
    }

    fn fund(
        &mut self,
        line: &Line,
        by: Caller,
        undo: &mut Undo,
        effects: &mut Vec<Effect>,
    ) -> Result<(), &'static str> {
        let place = usize::try_from(line.offer).ok().and_then(|offer| offer.checked_sub(1)).ok_or("UnknownOffer")?;
        let offer = self.offers.get(place).ok_or("UnknownOffer")?;
        if !offer.active {
            return Err("OfferNotActive");
        }
        if offer.version() != line.version {
            return Err("StaleTerms");
        }
        let (terms, hash) = &offer.versions[line.version as usize - 1];
        if *hash != line.terms_hash {
            return Err("TermsMismatch");
        }
        if line.quantity == 0 {
            return Err("ZeroQuantity");
        }
        if offer.stock < line.quantity.into() {
            return Err("InsufficientStock");
        }
        if offer.seller == by.account {
            return Err("SelfPurchase");
        }
        let amount = terms.unit_price * Money::from(line.quantity) + terms.shipping;
        let (seller, token, accept_by) = (offer.seller, terms.token, by.now + terms.accept);
        let bond = bond_of(amount, self.bond_bps);
        let free = self.credit_of(seller, token);
        if free < bond {
            return Err("InsufficientBond");
        }
        undo.stock.push((place, offer.stock));
        undo.credit.push(((seller, token), free));
        self.offers[place].stock -= u64::from(line.quantity);
        self.credit.insert((seller, token), free - bond);
        let order = self.orders.len() as u64 + 1;
        self.orders.push(Order {
            buyer: by.account,
            seller,
            offer: line.offer,
            version: line.version,
            quantity: line.quantity,
            token,
            amount,
            bond,
            fee_bps: self.fee_bps,
            bond_bps: self.bond_bps,
            state: State::Funded,
            deadline: accept_by,
            returning: None,
            case: None,
            affiliate: None,
            subsidies: Vec::new(),
            revision: 0,
        });
        let fee_bps = self.fee_bps;
        effects.push(Effect::Funded { order, buyer: by.account, seller, token, amount, bond, fee_bps });
        effects.push(Effect::Moved { order, state: State::Funded, deadline: accept_by });
        Ok(())
    }

    /// Puts affiliate and vouchers on a fresh order and returns what campaigns pay of it.
    fn dress(
        &mut self,
        order: &mut Order,
        vouchers: &[Voucher],
        affiliate: Address,
        by: Caller,
        undo: &mut Undo,
        effects: &mut Vec<Effect>,
    ) -> Result<Money, &'static str> {
        if !affiliate.is_zero() {
            if affiliate == order.buyer || affiliate == order.seller {
                return Err("AffiliateIsParty");
            }
            order.affiliate = Some((affiliate, self.affiliate_bps));
        }
        if vouchers.len() > 3 {
            return Err("NotStackable");
        }
        let number = self.orders.len() as u64 + 1;
        let mut sum = 0;
        for voucher in vouchers {
            let campaign = self.campaign(voucher.campaign).ok_or("UnknownCampaign")?;
            let met = order.subsidies.iter().any(|subsidy| subsidy.campaign == voucher.campaign);
            if met || (vouchers.len() > 1 && !campaign.terms.stackable) {
                return Err("NotStackable");
            }
            valid(campaign, voucher, order, by)?;
            let amount = worth(campaign, order.amount).min(order.amount - sum);
            if amount == 0 {
                return Err("NothingToSubsidise");
            }
            let campaign = self.campaign_mut(voucher.campaign).ok_or("UnknownCampaign")?;
            if campaign.available < amount {
                return Err("CampaignExhausted");
            }
            campaign.available -= amount;
            campaign.locked += amount;
            campaign.used.insert(voucher.nullifier);
            undo.budgets.push((voucher.campaign, voucher.clone(), amount));
            order.subsidies.push(Subsidy { campaign: voucher.campaign, amount, nullifier: voucher.nullifier });
            let (campaign, nullifier) = (voucher.campaign, voucher.nullifier);
            effects.push(Effect::Coupon { order: number, campaign, nullifier, amount });
            sum += amount;
        }
        Ok(sum)
    }
}

fn valid(campaign: &Campaign, voucher: &Voucher, order: &Order, by: Caller) -> Result<(), &'static str> {
    let terms = &campaign.terms;
    if by.now < terms.starts_at || by.now > terms.ends_at {
        return Err("CampaignNotRunning");
    }
    if voucher.buyer != by.account {
        return Err("VoucherNotYours");
    }
    if by.now > voucher.expires_at {
        return Err("VoucherExpired");
    }
    if campaign.used.contains(&voucher.nullifier) {
        return Err("VoucherUsed");
    }
    if !voucher.genuine {
        return Err("VoucherNotSigned");
    }
    let for_offer = voucher.offer == order.offer || (voucher.offer == 0 && terms.category.is_zero());
    let for_seller = terms.seller.is_zero() || terms.seller == order.seller;
    let for_category = terms.category.is_zero() || terms.category == voucher.category;
    if !for_offer || !for_seller || !for_category || terms.token != order.token {
        return Err("VoucherOutOfScope");
    }
    if order.amount < terms.spend_min { Err("SpendTooLow") } else { Ok(()) }
}

/// What a campaign gives to an order of this amount.
pub(crate) fn worth(campaign: &Campaign, amount: Money) -> Money {
    let terms = &campaign.terms;
    let promised = if terms.percent_bps == 0 { terms.amount } else { share(amount, terms.percent_bps.into(), 10_000) };
    promised.min(terms.subsidy_max)
}
