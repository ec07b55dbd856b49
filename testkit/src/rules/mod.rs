//! The market's rules, written a second time: what each call should do, decided without the chain.
//!
//! [`Rules::apply`] says what a call changes or by which error it is refused. It reads nothing that the contracts
//! computed but what arbiters decided, which no rule can know. Whatever the contracts do otherwise is a fault of one of
//! the two, and the simulation stops there.

mod arbitration;
mod cases;
mod coupons;
mod ends;
mod orders;
mod placing;
mod settings;

pub(crate) use coupons::leftover;
pub(crate) use ends::winner;
pub(crate) use placing::worth;

use crate::{
    calls::{Call, Places},
    effects::Effect,
    panel::Panel,
    terms::{CampaignTerms, Limits, Money, OfferTerms, ReturnStep, STANDARD, Side, State, Token},
};
use alloy_primitives::{Address, B256};
use std::collections::{BTreeMap, BTreeSet};

/// What a call did, or the name of the error it was refused by.
pub(crate) type Verdict = Result<Vec<Effect>, &'static str>;

/// Who calls, when, and with how much coin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) account: Address,
    pub(crate) value: Money,
    pub(crate) now: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) seller: Address,
    pub(crate) versions: Vec<(OfferTerms, B256)>,
    pub(crate) active: bool,
    pub(crate) stock: u64,
}

impl Offer {
    pub(crate) fn version(&self) -> u32 {
        u32::try_from(self.versions.len()).unwrap_or(u32::MAX)
    }
}

/// A dispute of an order, and how it stands between the two.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) claimant: Side,
    pub(crate) awaited: Option<Side>,
    pub(crate) buyer_claim: Money,
    pub(crate) seller_claim: Money,
    pub(crate) escalated_by: Option<Side>,
    pub(crate) appealed_by: Option<Side>,
    pub(crate) defended: bool,
    pub(crate) dispute: Option<u64>,
    pub(crate) is_final: bool,
    pub(crate) reclaimed: bool,
    pub(crate) ruling: u8,
    pub(crate) deposit: Money,
    pub(crate) pot: Money,
}

#[derive(Clone, Debug)]
pub(crate) struct Subsidy {
    pub(crate) campaign: u64,
    pub(crate) amount: Money,
    pub(crate) nullifier: B256,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) buyer: Address,
    pub(crate) seller: Address,
    pub(crate) offer: u64,
    pub(crate) version: u32,
    pub(crate) quantity: u32,
    pub(crate) token: Token,
    pub(crate) amount: Money,
    pub(crate) bond: Money,
    pub(crate) fee_bps: u16,
    pub(crate) bond_bps: u16,
    pub(crate) state: State,
    pub(crate) deadline: u64,
    pub(crate) returning: Option<ReturnStep>,
    pub(crate) case: Option<Box<Case>>,
    pub(crate) affiliate: Option<(Address, u16)>,
    pub(crate) subsidies: Vec<Subsidy>,
    /// Grows with every change, so that a plan made for an earlier one is known to be old.
    pub(crate) revision: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Contribution {
    pub(crate) funder: Address,
    pub(crate) start: Money,
    pub(crate) amount: Money,
    pub(crate) withdrawn: Money,
}

#[derive(Clone, Debug)]
pub(crate) struct Campaign {
    pub(crate) terms: CampaignTerms,
    pub(crate) contributed: Money,
    pub(crate) available: Money,
    pub(crate) locked: Money,
    pub(crate) withdrawn: Money,
    pub(crate) parts: Vec<Contribution>,
    pub(crate) used: BTreeSet<B256>,
}

/// The whole market as it should be.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) places: Places,
    pub(crate) chain_id: u64,
    pub(crate) operator: Address,
    pub(crate) treasury: Address,
    pub(crate) carriers: Vec<Address>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) orders: Vec<Order>,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) credit: BTreeMap<(Address, Token), Money>,
    pub(crate) fee_bps: u16,
    pub(crate) bond_bps: u16,
    pub(crate) affiliate_bps: u16,
    pub(crate) paused: bool,
    pub(crate) panel: Panel,
    /// A rule got wrong on purpose, to see that it is noticed.
    pub(crate) mutant: bool,
}

impl Rules {
    /// What a call to the market does. Calls of the panel are not decided here.
    pub(crate) fn apply(&mut self, call: &Call, by: Caller) -> Verdict {
        match call {
            Call::Place { lines, vouchers, affiliate } => self.place(lines, vouchers, *affiliate, by),
            Call::Many(what, orders) => self.many(*what, orders, by),
            Call::One(what, order, amount) => self.one(*what, *order, *amount, by),
            Call::OpenCampaign(terms, amount) => self.open_campaign(terms, *amount, by),
            Call::FundCampaign(campaign, amount) => self.fund_campaign(*campaign, *amount, by),
            Call::CreditLeftover(campaign, part) => self.credit_leftover(*campaign, *part, by.now),
            call => self.set(call, by),
        }
    }

    pub(crate) fn order(&self, order: u64) -> Option<&Order> {
        self.orders.get(usize::try_from(order).ok()?.checked_sub(1)?)
    }

    fn order_mut(&mut self, order: u64) -> Option<&mut Order> {
        self.orders.get_mut(usize::try_from(order).ok()?.checked_sub(1)?)
    }

    pub(crate) fn offer(&self, offer: u64) -> Option<&Offer> {
        self.offers.get(usize::try_from(offer).ok()?.checked_sub(1)?)
    }

    pub(crate) fn campaign(&self, campaign: u64) -> Option<&Campaign> {
        self.campaigns.get(usize::try_from(campaign).ok()?.checked_sub(1)?)
    }

    fn campaign_mut(&mut self, campaign: u64) -> Option<&mut Campaign> {
        self.campaigns.get_mut(usize::try_from(campaign).ok()?.checked_sub(1)?)
    }

    pub(crate) fn terms(&self, order: &Order) -> &OfferTerms {
        let versions = &self.offers[usize::try_from(order.offer).unwrap_or(1) - 1].versions;
        &versions[order.version as usize - 1].0
    }

    pub(crate) fn limits(&self, order: &Order) -> Limits {
        self.terms(order).own.clone().unwrap_or(STANDARD)
    }

    pub(crate) fn credit_of(&self, account: Address, token: Token) -> Money {
        self.credit.get(&(account, token)).copied().unwrap_or(0)
    }

    fn credit(&mut self, account: Address, token: Token, amount: Money, effects: &mut Vec<Effect>) {
        if amount > 0 {
            *self.credit.entry((account, token)).or_default() += amount;
            effects.push(Effect::Credited(account, token, amount));
        }
    }

    /// The order in this state, or the contract's refusal.
    fn in_state(&self, order: u64, state: State) -> Result<&Order, &'static str> {
        let found = self.order(order).ok_or("UnknownOrder")?;
        if found.state == state { Ok(found) } else { Err("WrongState") }
    }

    /// Moves an order and says so.
    fn shift(&mut self, order: u64, state: State, deadline: u64, effects: &mut Vec<Effect>) {
        if let Some(found) = self.order_mut(order) {
            (found.state, found.deadline) = (state, deadline);
            found.revision += 1;
            effects.push(Effect::Moved { order, state, deadline });
        }
    }
}

/// The deadline has not passed.
fn before(now: u64, deadline: u64) -> Result<(), &'static str> {
    if now > deadline { Err("DeadlinePassed") } else { Ok(()) }
}

/// The deadline has passed.
fn past(now: u64, deadline: u64) -> Result<(), &'static str> {
    if now <= deadline { Err("DeadlineNotPassed") } else { Ok(()) }
}

/// Who of the two the caller is.
fn side(order: &Order, account: Address) -> Result<Side, &'static str> {
    if account == order.buyer {
        Ok(Side::Buyer)
    } else if account == order.seller {
        Ok(Side::Seller)
    } else {
        Err("NotParty")
    }
}
