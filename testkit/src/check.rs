//! Everything compared: rules, book and chain.

use crate::{
    terms::{Money, State, Token},
    world::{Sabotage, World},
};
use alloy_primitives::{Address, U256};
use platform_protocol::contracts::{Aftersales, ArbiterPanel, CouponVault, Erc20, Market};
use std::collections::BTreeSet;

impl World {
    /// Compares all money, and the orders that changed since the last time.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        self.summary.checks += 1;
        self.spoil_state()?;
        self.check_money()?;
        self.check_credits()?;
        self.check_campaigns()?;
        self.check_panel()?;
        for order in std::mem::take(&mut self.unchecked) {
            self.check_order(order)?;
        }
        Ok(())
    }

    fn fail<T>(&self, invariant: &'static str, order: Option<u64>, what: String) -> anyhow::Result<T> {
        Err(self.violation(invariant, order, what))
    }

    /// What a contract holds of a token.
    pub(crate) fn held(&self, account: Address, token: Token) -> anyhow::Result<Money> {
        match token {
            Token::Coin => self.chain.coin_of(account),
            Token::Stable => Ok(self.chain.view(self.places.stable, Erc20::balanceOfCall { account })?.to()),
        }
    }

    /// 1: the market holds what it owes, by its own account, by the book's parts, and by what went in and out.
    fn check_money(&self) -> anyhow::Result<()> {
        for token in Token::ALL {
            let (market, name) = (self.places.market, token.name());
            let held = self.held(market, token)?;
            let call = Market::liabilitiesCall { token: self.places.token(token) };
            let owes: Money = self.chain.view(market, call)?.to();
            let parts = self.book.owed(token);
            let inside = self.book.inside(token);
            if held != owes || owes != parts || inside != Some(parts) {
                let what = format!(
                    "{name}: the market holds {held}, says it owes {owes}, owes {parts}, and {inside:?} came in and stayed"
                );
                return self.fail("1", None, what);
            }
        }
        Ok(())
    }

    /// 1: everybody's credit is what rules and book say.
    fn check_credits(&self) -> anyhow::Result<()> {
        let keys: BTreeSet<_> = self.book.credit.keys().chain(self.rules.credit.keys()).copied().collect();
        for (account, token) in keys {
            let call = Market::creditOfCall { account, token: self.places.token(token) };
            let chain: Money = self.chain.view(self.places.market, call)?.to();
            let book = self.book.credit.get(&(account, token)).copied().unwrap_or(0);
            let rules = self.rules.credit_of(account, token);
            if chain != book || book != rules {
                let what = format!(
                    "{account} has a credit of {chain} in {}, by the events {book}, by the rules {rules}",
                    token.name()
                );
                return self.fail("1", None, what);
            }
        }
        Ok(())
    }

    /// 7: no campaign gave more than it had, and each unit of it is somewhere.
    fn check_campaigns(&self) -> anyhow::Result<()> {
        for (number, (budget, rules)) in (1_u64..).zip(self.book.budgets.iter().zip(&self.rules.campaigns)) {
            let call = CouponVault::campaignCall { campaignId: U256::from(number) };
            let c = self.chain.view(self.places.market, call)?;
            let chain = [c.contributed, c.available, c.locked, c.spent, c.withdrawn];
            let book = [budget.contributed, budget.available, budget.locked, budget.spent, budget.withdrawn];
            let spent = rules.contributed - rules.available - rules.locked - rules.withdrawn;
            let rules = [rules.contributed, rules.available, rules.locked, spent, rules.withdrawn];
            if chain != book || book != rules || book[0] != book[1..].iter().sum::<Money>() {
                let what =
                    format!("campaign {number} is {chain:?} on chain, {book:?} by its events, {rules:?} by the rules");
                return self.fail("7", None, what);
            }
        }
        Ok(())
    }

    /// The panel's coin and stakes are all there.
    fn check_panel(&self) -> anyhow::Result<()> {
        let panel = &self.rules.panel;
        let coin = self.chain.coin_of(self.places.panel)?;
        if coin != panel.coin_owed() || panel.coin_in != panel.coin_out + coin {
            let what = format!(
                "the panel holds {coin} coin, owes {}, got {} and paid {}",
                panel.coin_owed(),
                panel.coin_in,
                panel.coin_out
            );
            return self.fail("panel", None, what);
        }
        let call = Erc20::balanceOfCall { account: self.places.panel };
        let votes: Money = self.chain.view(self.places.guild, call)?.to();
        if votes != panel.stakes() {
            return self.fail("panel", None, format!("the panel holds {votes} votes and owes {}", panel.stakes()));
        }
        for account in panel.fees.keys() {
            let owed: Money = self.chain.view(self.places.panel, ArbiterPanel::feesOfCall { account: *account })?.to();
            if Some(&owed) != panel.fees.get(account) {
                return self.fail(
                    "panel",
                    None,
                    format!("{account} is owed {owed}, by the events {:?}", panel.fees.get(account)),
                );
            }
        }
        Ok(())
    }

    /// 3 and 4: an order is where the rules have it, and is what was signed. 5: it has a deadline until it has ended.
    pub(crate) fn check_order(&self, number: u64) -> anyhow::Result<()> {
        let (market, id) = (self.places.market, U256::from(number));
        let Some(order) = self.rules.order(number) else { return Ok(()) };
        let o = self.chain.view(market, Market::orderCall { orderId: id })?;
        let signed =
            (o.buyer, o.seller, o.token, o.offerId, o.version, o.quantity, o.amount, o.bond, o.feeBps, o.bondBps);
        let token = self.places.token(order.token);
        let offer = U256::from(order.offer);
        let expected = (
            order.buyer,
            order.seller,
            token,
            offer,
            order.version,
            order.quantity,
            order.amount,
            order.bond,
            order.fee_bps,
            order.bond_bps,
        );
        if signed != expected {
            return self.fail("4", Some(number), format!("it was signed as {expected:?} and is {signed:?}"));
        }
        let (rules, limits, _) = {
            let r = self.chain.view(market, Aftersales::rulesOfCall { orderId: id })?;
            (r.rules, r.afterSales, r.arbitrator)
        };
        let own = self.rules.limits(order);
        let same = u64::from(limits.contestWithin) == own.contest
            && u64::from(limits.negotiateWithin) == own.negotiate
            && u64::from(limits.arbiterWithin) == own.arbiter
            && limits.returnable == own.returnable;
        if rules != 1 || !same {
            return self.fail("4", Some(number), format!("its limits were {own:?} and are {limits:?}"));
        }
        let state = o.state;
        let ended = self.book.orders[usize::try_from(number)? - 1].ended;
        if state != order.state as u8 || ended != order.state.over().then_some(order.state) {
            let what = format!("it is in state {state} and {ended:?} by its events, by the rules {:?}", order.state);
            return self.fail("3", Some(number), what);
        }
        if o.deadline != order.deadline || order.state.over() != (o.deadline == 0) {
            return self.fail(
                "5",
                Some(number),
                format!("its deadline is {} and should be {}", o.deadline, order.deadline),
            );
        }
        Ok(())
    }

    /// Counts ends by state.
    pub(crate) fn count_ends(&mut self) {
        for order in &self.rules.orders {
            let name = match order.state {
                State::Released => "released",
                State::Refunded => "refunded",
                State::Settled => "settled",
                _ => "open",
            };
            *self.summary.ends.entry(name).or_default() += 1;
        }
    }

    /// Puts a fault into the chain's own state, where one was asked for.
    fn spoil_state(&mut self) -> anyhow::Result<()> {
        let wanted = matches!(
            self.options.sabotage,
            Some(Sabotage::Credit | Sabotage::Liabilities | Sabotage::Deadline | Sabotage::Signed)
        );
        if self.spoilt || !wanted || self.rules.orders.len() < 20 {
            return Ok(());
        }
        self.spoilt = true;
        crate::sabotage::spoil(self)
    }
}
