//! From the first order until every unit is back with people.

use crate::{
    calls::{Call, Judging, Many, One},
    cast::{STRANGER, TREASURY},
    panel::Phase,
    rules::leftover,
    setting::WALLET,
    summary::{Flow, Summary},
    terms::{DAY, HOUR, State, Token},
    world::{Guard, Options, Task, World},
};

/// Blocks are made at most this often, in seconds.
const SLOT: u64 = 30 * 60;
/// How many orders a crank turns at once.
const BATCH: usize = 12;

/// Simulates, and says what came of it.
///
/// # Errors
/// [`crate::Violation`] for a broken invariant, or whatever stops the ledger.
pub fn simulate(options: Options) -> anyhow::Result<Summary> {
    let mut world = World::new(options)?;
    let start = world.now;
    world.set_up()?;
    world.trade()?;
    world.leave()?;
    world.pay_out()?;
    let last = world.rules.orders.len() as u64;
    (1..=last).try_for_each(|order| world.check_order(order))?;
    world.summary.days = (world.now - start) / DAY;
    world.summary.stop();
    Ok(world.summary)
}

impl World {
    /// People do as they please until all orders are placed, and for some days after.
    fn trade(&mut self) -> anyhow::Result<()> {
        let mut closing = None;
        let mut next_check = self.summary.blocks + self.options.check_every;
        while let Some(next) = self.next_time() {
            if self.rules.orders.len() as u64 >= self.options.orders {
                // In a large run every state was seen before; in a small one disputes need their time.
                let patience = if self.options.orders < 2_000 { 25 * DAY } else { 6 * DAY };
                let end = *closing.get_or_insert(self.now + patience);
                if next > end {
                    break;
                }
            }
            self.now = next.div_ceil(SLOT) * SLOT;
            self.act()?;
            self.seal()?;
            self.plan();
            self.plan_disputes();
            if self.summary.blocks >= next_check {
                next_check = self.summary.blocks + self.options.check_every;
                self.check()?;
            }
        }
        self.check()
    }

    /// Does all that is due now.
    fn act(&mut self) -> anyhow::Result<()> {
        let mut cranks: Vec<(Many, Vec<u64>)> = Vec::new();
        while let Some(task) = self.due(self.now) {
            match task {
                Task::Send { from, call, value, guard } => {
                    if self.good(guard) {
                        self.send(from, call, value)?;
                    }
                }
                Task::Crank(order, revision) => self.crank(order, revision, &mut cranks),
                Task::Shop => self.shop()?,
                Task::Race => self.race()?,
                Task::Tinker => self.tinker()?,
                Task::Bank => self.bank()?,
                Task::Govern(part) => self.govern(part)?,
                Task::Beacon(dispute, round) => self.beacon(dispute, round)?,
                Task::Seeds(dispute, round) => self.seeds(dispute, round)?,
                Task::Leftovers(campaign) => self.leftovers(campaign)?,
            }
        }
        self.turn(cranks)
    }

    fn good(&self, guard: Guard) -> bool {
        match guard {
            Guard::Always => true,
            Guard::Order(order, revision) => {
                self.rules.order(order).is_some_and(|found| found.revision == revision && !found.state.over())
            }
            Guard::Dispute(dispute, phase, round) => {
                let found = self.rules.panel.dispute(dispute);
                found.is_some_and(|found| found.phase == phase && found.round() == round)
            }
        }
    }

    fn crank(&mut self, order: u64, revision: u32, cranks: &mut Vec<(Many, Vec<u64>)>) {
        if !self.good(Guard::Order(order, revision)) {
            return;
        }
        let Some(found) = self.rules.order(order) else { return };
        let what = turn_of(found.state);
        match cranks.iter_mut().find(|(other, _)| *other == what) {
            Some((_, list)) => list.push(order),
            None => cranks.push((what, vec![order])),
        }
        // A batch fails as a whole if one order of it was quicker.
        let pause = self.dice.between(1, 5) * HOUR;
        self.at(self.now + pause, Task::Crank(order, revision));
    }

    fn turn(&mut self, cranks: Vec<(Many, Vec<u64>)>) -> anyhow::Result<()> {
        for (what, orders) in cranks {
            for batch in orders.chunks(BATCH) {
                self.send(STRANGER, Call::Many(what, batch.to_vec()), 0)?;
            }
        }
        Ok(())
    }

    /// 5: everybody has gone, and a stranger ends all that is open.
    fn leave(&mut self) -> anyhow::Result<()> {
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
    fn pay_out(&mut self) -> anyhow::Result<()> {
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

/// What ends or moves an order of this state once its deadline has passed.
const fn turn_of(state: State) -> Many {
    match state {
        State::Funded | State::Accepted | State::Contested => Many::RefundExpired,
        State::Shipped => Many::Contest,
        State::Delivered => Many::Release,
        _ => Many::Conclude,
    }
}
