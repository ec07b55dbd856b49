//! A second account of everything, kept from the market's events alone.
//!
//! [`Book::note`] takes one transaction's effects in the order they were announced and says which invariant they
//! break. Its sums are what the market must hold.

use crate::{
    effects::Effect,
    terms::{Money, State, Token},
};
use alloy_primitives::{Address, B256};
use std::collections::BTreeMap;

/// A fault: the invariant's number or name, the order, and what is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) invariant: &'static str,
    pub(crate) order: Option<u64>,
    pub(crate) what: String,
}

fn fault(invariant: &'static str, order: Option<u64>, what: impl Into<String>) -> Fault {
    Fault { invariant, order, what: what.into() }
}

/// One order's money: what went in and out of each token.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) token: Token,
    pub(crate) ended: Option<State>,
    pub(crate) locked: Money,
    pub(crate) pot: Money,
    paid_in: [Money; 2],
    paid_out: [Money; 2],
    fee: Money,
}

/// A campaign's money.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    pub(crate) token: Option<Token>,
    pub(crate) contributed: Money,
    pub(crate) available: Money,
    pub(crate) locked: Money,
    pub(crate) spent: Money,
    pub(crate) withdrawn: Money,
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) orders: Vec<Account>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) credit: BTreeMap<(Address, Token), Money>,
    /// What people put into the market, and what they took out.
    pub(crate) people_in: [Money; 2],
    pub(crate) people_out: [Money; 2],
    /// What the market paid arbiters, and what it got back from them.
    pub(crate) arbiters_in: Money,
    pub(crate) arbiters_out: Money,
    pub(crate) fees: [Money; 2],
    pub(crate) redeemed: BTreeMap<(u64, B256), u64>,
    pub(crate) nullifier: BTreeMap<(u64, u64), B256>,
    pub(crate) treasury: Address,
}

impl Book {
    /// Books one transaction. `value` is the coin that came with it, `campaign` the token of a campaign it opens.
    pub(crate) fn note(&mut self, effects: &[Effect], value: Money, campaign: Option<Token>) -> Result<(), Fault> {
        let (mut context, mut ended) = (None, Vec::new());
        self.people_in[Token::Coin.index()] += value;
        for effect in effects {
            context = effect.order().or(context);
            self.book(effect, context, campaign)?;
            if let Effect::Ended { order, .. } = effect {
                ended.push(*order);
            }
        }
        ended.extend(context);
        ended.into_iter().try_for_each(|order| self.balanced(order))
    }

    /// What the market must hold of a token.
    pub(crate) fn owed(&self, token: Token) -> Money {
        let credits: Money = self.credit.iter().filter(|((_, own), _)| *own == token).map(|(_, amount)| amount).sum();
        let orders = self.orders.iter().map(|order| {
            let locked = if order.token == token { order.locked } else { 0 };
            locked + if token == Token::Coin { order.pot } else { 0 }
        });
        let budgets = self.budgets.iter().filter(|budget| budget.token == Some(token)).map(|budget| budget.available);
        credits + orders.sum::<Money>() + budgets.sum::<Money>()
    }

    /// What came in and did not go out again.
    pub(crate) fn inside(&self, token: Token) -> Option<Money> {
        let at = token.index();
        let (more, less) = if token == Token::Coin { (self.arbiters_in, self.arbiters_out) } else { (0, 0) };
        (self.people_in[at] + more).checked_sub(self.people_out[at] + less)
    }

    fn account(&mut self, order: u64) -> Result<&mut Account, Fault> {
        let place = usize::try_from(order).ok().and_then(|order| order.checked_sub(1));
        let found = place.and_then(|place| self.orders.get_mut(place));
        found.ok_or_else(|| fault("3", Some(order), "an event names an order that nobody placed"))
    }

    fn budget(&mut self, campaign: u64) -> Result<&mut Budget, Fault> {
        let place = usize::try_from(campaign).ok().and_then(|campaign| campaign.checked_sub(1));
        let found = place.and_then(|place| self.budgets.get_mut(place));
        found.ok_or_else(|| fault("7", None, format!("an event names campaign {campaign}, which nobody opened")))
    }

    fn balanced(&mut self, order: u64) -> Result<(), Fault> {
        let account = self.account(order)?;
        if account.ended.is_some() && account.paid_in != account.paid_out {
            let what = format!("{:?} went in and {:?} came out", account.paid_in, account.paid_out);
            return Err(fault("2", Some(order), what));
        }
        Ok(())
    }

    fn book(&mut self, effect: &Effect, context: Option<u64>, campaign: Option<Token>) -> Result<(), Fault> {
        let coin = Token::Coin.index();
        match *effect {
            Effect::Funded { order, seller, token, amount, bond, .. } => {
                self.fund(order, seller, token, amount, bond)?
            }
            Effect::Moved { order, state, .. } => {
                if self.account(order)?.ended.is_some() {
                    return Err(fault("3", Some(order), format!("it moved to {state:?} after its end")));
                }
            }
            Effect::Ended { order, state, fee, .. } => self.end(order, state, fee)?,
            Effect::Credited(account, token, amount) => self.credited(account, token, amount, context)?,
            Effect::Deposited(account, token, amount) => {
                self.came_in(token, amount);
                *self.credit.entry((account, token)).or_default() += amount;
            }
            Effect::Withdrawn(account, token, amount) => {
                self.people_out[token.index()] += amount;
                self.take(account, token, amount)?;
            }
            Effect::Spent(account, amount) => self.take(account, Token::Coin, amount)?,
            Effect::Escrowed { order, deposit } | Effect::ToppedUp { order, amount: deposit } => {
                let account = self.account(order)?;
                account.pot += deposit;
                account.paid_in[coin] += deposit;
            }
            Effect::Raised { order, cost, .. } => {
                self.arbiters_out += cost;
                let account = self.account(order)?;
                account.paid_out[coin] += cost;
                account.pot = less(account.pot, cost, "1", Some(order))?;
            }
            Effect::Appealed { cost, .. } => self.arbiters_out += cost,
            Effect::PotPaid { order, to_buyer, to_seller } => {
                let account = self.account(order)?;
                account.pot = less(account.pot, to_buyer + to_seller, "1", Some(order))?;
            }
            Effect::Reclaimed { order, to_buyer, to_seller } => {
                self.arbiters_in += to_buyer + to_seller;
                self.account(order)?.paid_in[coin] += to_buyer + to_seller;
            }
            Effect::Coupon { order, campaign, nullifier, amount } => self.redeem(order, campaign, nullifier, amount)?,
            Effect::CouponEnded { order, campaign, vested, returned } => {
                self.end_coupon(order, campaign, vested, returned)?;
            }
            Effect::CampaignOpened(_) => self.budgets.push(Budget { token: campaign, ..Budget::default() }),
            Effect::CampaignFunded(campaign, amount) => {
                let budget = self.budget(campaign)?;
                budget.contributed += amount;
                budget.available += amount;
                if let Some(token) = budget.token {
                    self.came_in(token, amount);
                }
            }
            Effect::Leftover(campaign, _, amount) => {
                let budget = self.budget(campaign)?;
                budget.available = less(budget.available, amount, "7", None)?;
                budget.withdrawn += amount;
            }
            Effect::AffiliatePaid { order, .. } => {
                if !matches!(self.account(order)?.ended, Some(State::Released | State::Settled)) {
                    return Err(fault("9", Some(order), "an affiliate was paid without a sale"));
                }
            }
            Effect::NotRaised { .. } => {}
        }
        Ok(())
    }

    /// Coin was counted as it came with its transaction.
    fn came_in(&mut self, token: Token, amount: Money) {
        if token == Token::Stable {
            self.people_in[token.index()] += amount;
        }
    }

    fn take(&mut self, account: Address, token: Token, amount: Money) -> Result<(), Fault> {
        let credit = self.credit.entry((account, token)).or_default();
        *credit = less(*credit, amount, "1", None)?;
        Ok(())
    }

    fn fund(&mut self, order: u64, seller: Address, token: Token, amount: Money, bond: Money) -> Result<(), Fault> {
        self.came_in(token, amount);
        self.take(seller, token, bond)?;
        if order != self.orders.len() as u64 + 1 {
            return Err(fault("3", Some(order), "orders are not numbered one after the other"));
        }
        let mut paid_in = [0; 2];
        paid_in[token.index()] = amount + bond;
        let (locked, pot, paid_out) = (amount + bond, 0, [0; 2]);
        self.orders.push(Account { token, ended: None, locked, pot, paid_in, paid_out, fee: 0 });
        Ok(())
    }

    fn end(&mut self, order: u64, state: State, fee: Money) -> Result<(), Fault> {
        let account = self.account(order)?;
        if let Some(before) = account.ended {
            return Err(fault("3", Some(order), format!("it ended as {state:?} after it had ended as {before:?}")));
        }
        (account.ended, account.locked, account.fee) = (Some(state), 0, fee);
        if fee > 0 && state == State::Refunded {
            return Err(fault("9", Some(order), "a refund charged a fee"));
        }
        Ok(())
    }

    fn credited(&mut self, account: Address, token: Token, amount: Money, context: Option<u64>) -> Result<(), Fault> {
        *self.credit.entry((account, token)).or_default() += amount;
        let Some(order) = context else { return Ok(()) };
        let treasury = self.treasury;
        let book = self.account(order)?;
        book.paid_out[token.index()] += amount;
        if account == treasury {
            if !matches!(book.ended, Some(State::Released | State::Settled)) || amount > book.fee {
                return Err(fault("9", Some(order), format!("the treasury got {amount} without a sale that owes it")));
            }
            self.fees[token.index()] += amount;
        }
        Ok(())
    }

    fn redeem(&mut self, order: u64, campaign: u64, nullifier: B256, amount: Money) -> Result<(), Fault> {
        if let Some(first) = self.redeemed.insert((campaign, nullifier), order) {
            return Err(fault("7", Some(order), format!("order {first} redeemed campaign {campaign} for this person")));
        }
        self.nullifier.insert((order, campaign), nullifier);
        let token = self.account(order)?.token;
        if token == Token::Stable {
            self.people_in[token.index()] = less(self.people_in[token.index()], amount, "7", Some(order))?;
        }
        let budget = self.budget(campaign)?;
        budget.available = less(budget.available, amount, "7", Some(order))?;
        budget.locked += amount;
        Ok(())
    }

    fn end_coupon(&mut self, order: u64, campaign: u64, vested: Money, returned: Money) -> Result<(), Fault> {
        let account = self.account(order)?;
        let at = account.token.index();
        account.paid_out[at] += returned;
        let budget = self.budget(campaign)?;
        budget.locked = less(budget.locked, vested + returned, "7", Some(order))?;
        budget.available += returned;
        budget.spent += vested;
        if vested == 0
            && let Some(nullifier) = self.nullifier.get(&(order, campaign))
        {
            self.redeemed.remove(&(campaign, *nullifier));
        }
        Ok(())
    }
}

fn less(from: Money, amount: Money, invariant: &'static str, order: Option<u64>) -> Result<Money, Fault> {
    from.checked_sub(amount).ok_or_else(|| fault(invariant, order, format!("{amount} left where only {from} was")))
}
