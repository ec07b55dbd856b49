//! The end: a stranger ends what is open, and everybody takes everything.

use crate::{
    calls::{Call, Judging, Many, One},
    cast::{STRANGER, TREASURY},
    panel::Phase,
    rules::leftover,
    setting::WALLET,
    simulation::turn_of,
    summary::Flow,
    terms::{DAY, Token},
    world::World,
};

impl World {
    /// 5: everybody has gone, and a stranger ends all that is open.
    pub(crate) fn leave(&mut self) -> anyhow::Result<()> {
        self.forget_plans();
        let open = |world: &Self| world.rules.orders.iter().filter(|order| !order.state.over()).count();
        self.summary.orphans = open(self) as u64;
        for _ in 0..12 {
            self.now += 40 * DAY;
            self.end_disputes()?;
            let orders: Vec<(u64, Many)> = (1..)
                .zip(&self.rules.orders)
                .filter(|(_, order)| !order.state.over())
                .map(|(number, order)| (number, turn_of(order.state)))
                .collect();
            if orders.is_empty() {
                break;
            }
            for (order, what) in orders {
                self.send(STRANGER, Call::Many(what, vec![order]), 0)?;
            }
            self.seal()?;
        }
        if let Some(order) = self.rules.orders.iter().position(|order| !order.state.over()) {
            let what = "a stranger could not end it in any time".to_owned();
            return Err(self.violation("5", Some(order as u64 + 1), what));
        }
        self.touched.clear();
        self.check()
    }

    /// A stranger brings every dispute of the panel to its end.
    fn end_disputes(&mut self) -> anyhow::Result<()> {
        let disputes: Vec<(u64, crate::panel::Dispute)> = (1..).zip(self.rules.panel.disputes.clone()).collect();
        for (number, dispute) in disputes {
            for (round, seeds) in (0_u8..).zip(dispute.rounds.iter().map(|round| round.seeds.clone())) {
                for account in seeds {
                    self.send(STRANGER, Call::Judge(Judging::ForfeitSeed(number, round, account)), 0)?;
                }
            }
            let judging = match dispute.phase {
                Phase::Evidence => Judging::Fail(number),
                Phase::Voting => Judging::Tally(number),
                Phase::Appealable => Judging::Execute(number),
                Phase::Solved | Phase::Failed => continue,
            };
            self.send(STRANGER, Call::Judge(judging), 0)?;
        }
        self.seal()
    }

    /// Everybody takes everything; nothing may be left.
    pub(crate) fn pay_out(&mut self) -> anyhow::Result<()> {
        self.now += 40 * DAY;
        for dispute in self.rules.panel.disputes.clone() {
            if dispute.refund > 0 {
                self.send(STRANGER, Call::One(One::ReclaimFee, dispute.order, 0), 0)?;
            }
        }
        let longest = self.rules.campaigns.iter().map(|campaign| campaign.terms.ends_at).max().unwrap_or(0);
        self.now = self.now.max(longest + 1);
        self.seal()?;
        while self.give_leftovers()? {}
        for place in self.cast.arbiters.clone() {
            let account = self.cast.address(place);
            let member = self.rules.panel.members.get(&account).cloned().unwrap_or_default();
            if member.there && member.leaving_at.is_none() {
                self.send(place, Call::Judge(Judging::Resign), 0)?;
            }
        }
        self.seal()?;
        self.now += 40 * DAY;
        for place in 0..self.cast.people.len() {
            self.take_all(place)?;
        }
        self.seal()?;
        self.check()?;
        self.count_ends();
        self.reckon()
    }

    fn give_leftovers(&mut self) -> anyhow::Result<bool> {
        let mut given = false;
        for campaign in 1..=self.rules.campaigns.len() as u64 {
            let Some(found) = self.rules.campaign(campaign) else { continue };
            let due = (0..found.parts.len()).filter(|part| leftover(found, *part).is_some_and(|amount| amount > 0));
            for part in due.collect::<Vec<_>>() {
                self.send(STRANGER, Call::CreditLeftover(campaign, part as u64), 0)?;
                given = true;
            }
        }
        self.seal()?;
        Ok(given)
    }

    fn take_all(&mut self, place: usize) -> anyhow::Result<()> {
        let account = self.cast.address(place);
        for token in Token::ALL {
            if self.rules.credit_of(account, token) > 0 {
                self.send(place, Call::Withdraw(token), 0)?;
                self.send(place, Call::Withdraw(token), 0)?;
            }
        }
        if self.rules.panel.fees.contains_key(&account) {
            self.send(place, Call::Judge(Judging::WithdrawFees(account)), 0)?;
        }
        if self.rules.panel.members.get(&account).is_some_and(|member| member.there) {
            self.send(place, Call::Judge(Judging::WithdrawStake), 0)?;
        }
        Ok(())
    }

    /// Nothing is left in the contracts, and everybody's wallets together hold what they held at first.
    fn reckon(&mut self) -> anyhow::Result<()> {
        let treasury = self.cast.address(TREASURY);
        for token in Token::ALL {
            let (left, panel) = (self.held(self.places.market, token)?, self.held(self.places.panel, token)?);
            if left != 0 || panel != 0 {
                let what = format!("{left} {} is left in the market and {panel} in the panel", token.name());
                return Err(self.violation("1", None, what));
            }
            let mut wallets = 0;
            for place in 0..self.cast.people.len() {
                wallets += self.held(self.cast.address(place), token)?;
            }
            let each = if token == Token::Coin { 10_u128.pow(30) } else { WALLET };
            let first = each * self.cast.people.len() as u128;
            if wallets != first {
                let what = format!("people had {first} {} and have {wallets}", token.name());
                return Err(self.violation("1", None, what));
            }
            let at = token.index();
            let (put_in, taken) = (self.book.people_in[at], self.book.people_out[at]);
            let (from_arbiters, to_arbiters) =
                if token == Token::Coin { (self.book.arbiters_in, self.book.arbiters_out) } else { (0, 0) };
            let fees = self.book.fees[at];
            let flow = Flow { put_in, from_arbiters, taken_out: taken - fees, treasury: fees, to_arbiters, left };
            self.summary.flows[at] = flow;
        }
        let stakes = self.rules.panel.stakes();
        if stakes != 0 || self.rules.credit_of(treasury, Token::Stable) != 0 {
            return Err(self.violation("panel", None, format!("{stakes} votes are left in the panel")));
        }
        self.summary.panel = [self.rules.panel.coin_in, self.rules.panel.coin_out, 0];
        self.summary.orders = self.rules.orders.len() as u64;
        self.summary.wash = self.wash.len() as u64;
        Ok(())
    }
}
