//! What came of a run.

use crate::{
    effects::Effect,
    terms::{Money, State, Token},
    world::Options,
};
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    time::Instant,
};

/// One token's way: every unit that people put in, and where it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Put into the market by people.
    pub put_in: Money,
    /// Given back to the market by arbiters.
    pub from_arbiters: Money,
    /// Taken out by people, without the treasury.
    pub taken_out: Money,
    /// Taken out by the treasury.
    pub treasury: Money,
    /// Paid to arbiters.
    pub to_arbiters: Money,
    /// Still in the market.
    pub left: Money,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    seed: u64,
    started: Instant,
    /// Orders placed.
    pub orders: u64,
    /// Orders by end state.
    pub ends: BTreeMap<&'static str, u64>,
    /// Blocks made.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Of those held against the rules, the accepted ones.
    pub accepted: u64,
    /// The refused ones, by the error's name.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Refusals whose error was seen on the chain.
    pub reasons_seen: u64,
    /// Refusals whose error does not show on the states around their block.
    pub reasons_unseen: BTreeMap<&'static str, u64>,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// Withdrawals from the panel.
    pub panel_payouts: u64,
    /// Orders that sellers placed with themselves.
    pub wash: u64,
    /// Orders that a stranger alone ended, after everybody had gone.
    pub orphans: u64,
    /// Full comparisons with the chain.
    pub checks: u64,
    /// The stable token and the native coin.
    pub flows: [Flow; 2],
    /// The panel's coin: in, out, left.
    pub panel: [Money; 3],
    /// Simulated days.
    pub days: u64,
    /// Seconds it took.
    pub seconds: f64,
}

impl Summary {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            seed: options.seed,
            started: Instant::now(),
            orders: 0,
            ends: BTreeMap::new(),
            blocks: 0,
            transactions: 0,
            accepted: 0,
            refusals: BTreeMap::new(),
            reasons_seen: 0,
            reasons_unseen: BTreeMap::new(),
            counts: BTreeMap::new(),
            panel_payouts: 0,
            wash: 0,
            orphans: 0,
            checks: 0,
            flows: Default::default(),
            panel: [0; 3],
            days: 0,
            seconds: 0.0,
        }
    }

    pub(crate) fn stop(&mut self) {
        self.seconds = self.started.elapsed().as_secs_f64();
    }

    pub(crate) fn count(&mut self, effect: &Effect) {
        let name = match effect {
            Effect::Funded { .. } => "orders placed",
            Effect::Moved { state: State::Disputed, .. } => "disputes opened or answered",
            Effect::Moved { state: State::Contested, .. } => "deliveries contested",
            Effect::Moved { state: State::Return, .. } => "steps of returns",
            Effect::Moved { state: State::Ruled, .. } => "rulings",
            Effect::Escrowed { .. } => "arbitration deposits",
            Effect::Raised { .. } => "panels called",
            Effect::NotRaised { .. } => "panels that could not be called",
            Effect::Appealed { .. } => "appeals",
            Effect::Reclaimed { .. } => "arbitration fees given back",
            Effect::Coupon { .. } => "coupons redeemed",
            Effect::CouponEnded { vested: 0, .. } => "coupons given back",
            Effect::CouponEnded { .. } => "coupons used for good",
            Effect::Leftover(..) => "leftovers credited",
            Effect::AffiliatePaid { .. } => "affiliates paid",
            Effect::Withdrawn(..) => "withdrawals",
            Effect::CampaignOpened(_) => "campaigns",
            _ => return,
        };
        *self.counts.entry(name).or_default() += 1;
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let refused: u64 = self.refusals.values().sum();
        let rate = self.orders as f64 / self.seconds.max(0.001);
        writeln!(f, "seed {}: {} orders in {:.1} s, {rate:.0} orders/s", self.seed, self.orders, self.seconds)?;
        writeln!(
            f,
            "{} blocks over {} days, {} transactions, {} full checks",
            self.blocks, self.days, self.transactions, self.checks
        )?;
        list(f, "ends", &self.ends)?;
        writeln!(f, "  wash trades {}, ended by a stranger after everybody had gone {}", self.wash, self.orphans)?;
        list(f, "events", &self.counts)?;
        list(
            f,
            &format!("refused as the rules say: {refused}, reason seen on chain for {}", self.reasons_seen),
            &self.refusals,
        )?;
        for token in Token::ALL {
            let flow = &self.flows[token.index()];
            let Flow { put_in, from_arbiters, taken_out, treasury, to_arbiters, left } = flow;
            let equal = if put_in + from_arbiters == taken_out + treasury + to_arbiters + left { "=" } else { "≠" };
            writeln!(f, "{}: {put_in} by people + {from_arbiters} by arbiters", token.name())?;
            writeln!(
                f,
                "  {equal} {taken_out} to people + {treasury} to the treasury + {to_arbiters} to arbiters + {left} left"
            )?;
        }
        let [coin_in, coin_out, left] = self.panel;
        write!(f, "panel: {coin_in} coin in = {coin_out} out + {left} left")
    }
}

fn list(f: &mut Formatter<'_>, title: &str, counts: &BTreeMap<&'static str, u64>) -> fmt::Result {
    let items: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    writeln!(f, "{title}")?;
    items.chunks(6).try_for_each(|line| writeln!(f, "  {}", line.join(", ")))
}
