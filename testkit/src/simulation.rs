//! From the first order until every unit is back with people.

use crate::{
    calls::{Call, Many},
    cast::STRANGER,
    summary::Summary,
    terms::{DAY, HOUR, State},
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
}

/// What ends or moves an order of this state once its deadline has passed.
pub(crate) const fn turn_of(state: State) -> Many {
    match state {
        State::Funded | State::Accepted | State::Contested => Many::RefundExpired,
        State::Shipped => Many::Contest,
        State::Delivered => Many::Release,
        _ => Many::Conclude,
    }
}
