//! The world's machinery: people, plans and time.

use crate::{
    book::Book,
    calls::{Call, Places},
    cast::{Cast, OPERATOR, TREASURY},
    chain::{Chain, GENESIS_TIME},
    dice::Dice,
    panel::{Panel, Phase},
    rules::Rules,
    summary::Summary,
    terms::{Money, Token},
    violation::Violation,
};
use alloy_primitives::{Address, B256, U256};
use platform_protocol::Plan;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many orders are placed.
    pub orders: u64,
    /// What decides everything.
    pub seed: u64,
    /// After how many blocks everything is compared with the chain.
    pub check_every: u64,
    /// What to get wrong on purpose.
    pub sabotage: Option<Sabotage>,
}

/// A fault put in to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Somebody's credit grows by a unit in the market's storage.
    Credit,
    /// The market's record of what it owes grows by a unit.
    Liabilities,
    /// An event credits the buyer with a unit more than the order held.
    Event,
    /// The rules ask for a fee that is a unit too high.
    Rule,
    /// A person's voucher is announced twice.
    Voucher,
    /// An ended order is announced to end again.
    SecondEnd,
    /// A refund is announced with a fee.
    Fee,
    /// An order is placed while the market is paused.
    Pause,
    /// An open order loses its deadline in the market's storage.
    Deadline,
    /// An open order gets another fee than it was signed for, in the market's storage.
    Signed,
}

/// When a plan is still good.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guard {
    Always,
    Order(u64, u32),
    Dispute(u64, Phase, u8),
}

/// What somebody has in mind.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    Send { from: usize, call: Call, value: Money, guard: Guard },
    Crank(u64, u32),
    Shop,
    Race,
    Tinker,
    Bank,
    Govern(u64),
    Beacon(u64, u8),
    Seeds(u64, u8),
    Leftovers(u64),
}

/// A transaction in the queue.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) from: usize,
    pub(crate) call: Call,
    pub(crate) value: Money,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) chain: Chain,
    pub(crate) places: Places,
    pub(crate) cast: Cast,
    pub(crate) rules: Rules,
    pub(crate) book: Book,
    pub(crate) dice: Dice,
    pub(crate) summary: Summary,
    pub(crate) now: u64,
    /// Orders and disputes that changed since plans were made.
    pub(crate) touched: BTreeSet<u64>,
    pub(crate) called: BTreeSet<u64>,
    /// Orders that changed since the last check.
    pub(crate) unchecked: BTreeSet<u64>,
    /// The phase and round that plans were made for.
    pub(crate) planned: BTreeMap<u64, (Phase, u8)>,
    pub(crate) wash: BTreeSet<u64>,
    tasks: BTreeMap<(u64, u64), Task>,
    sequence: u64,
    pub(crate) sent: HashMap<B256, Sent>,
    pub(crate) step: u64,
    pub(crate) spoilt: bool,
}

impl World {
    pub(crate) fn new(options: Options) -> anyhow::Result<Self> {
        let mut dice = Dice::new(options.seed);
        let cast = Cast::new(options.orders, options.seed, &mut dice);
        let accounts: Vec<Address> = cast.people.iter().map(crate::cast::Person::address).collect();
        let plan = Plan {
            arbitration_floor: U256::from(10_u64.pow(16)),
            carriers: cast.carriers.clone().map(|place| accounts[place]).collect(),
            ..Plan::standard(accounts[TREASURY], "simulation")
        };
        let coin = U256::from(10_u64.pow(15)) * U256::from(10_u64.pow(15));
        let chain = Chain::start(&cast.people[OPERATOR].signer, &accounts, coin, &plan)?;
        let places = Places::of(&chain.manifest);
        let treasury = accounts[TREASURY];
        let panel = Panel { treasury, floor: 10_u128.pow(16), price_bps: 500, ..Panel::default() };
        let rules = Rules {
            places: places.clone(),
            chain_id: chain.manifest.chain_id,
            operator: accounts[OPERATOR],
            treasury,
            carriers: plan.carriers.iter().copied().chain([accounts[OPERATOR]]).collect(),
            offers: Vec::new(),
            orders: Vec::new(),
            campaigns: Vec::new(),
            credit: BTreeMap::new(),
            fee_bps: plan.fee_bps,
            bond_bps: plan.bond_bps,
            affiliate_bps: 0,
            paused: false,
            panel,
            mutant: false,
        };
        let book = Book { treasury, ..Book::default() };
        Ok(Self {
            summary: Summary::new(&options),
            options,
            now: chain.now().max(GENESIS_TIME) + 60,
            chain,
            places,
            cast,
            rules,
            book,
            dice,
            touched: BTreeSet::new(),
            called: BTreeSet::new(),
            unchecked: BTreeSet::new(),
            planned: BTreeMap::new(),
            wash: BTreeSet::new(),
            tasks: BTreeMap::new(),
            sequence: 0,
            sent: HashMap::new(),
            step: 0,
            spoilt: false,
        })
    }

    pub(crate) fn at(&mut self, time: u64, task: Task) {
        self.sequence += 1;
        self.tasks.insert((time.max(self.now + 1), self.sequence), task);
    }

    /// The next task that is due by `time`.
    pub(crate) fn due(&mut self, time: u64) -> Option<Task> {
        let entry = self.tasks.first_entry()?;
        if entry.key().0 <= time { Some(entry.remove()) } else { None }
    }

    pub(crate) fn next_time(&self) -> Option<u64> {
        self.tasks.keys().next().map(|(time, _)| *time)
    }

    pub(crate) fn forget_plans(&mut self) {
        self.tasks.clear();
    }

    pub(crate) fn send(&mut self, from: usize, call: Call, value: Money) -> anyhow::Result<()> {
        let (to, input) = self.places.write(&call);
        let signer = self.cast.people[from].signer.clone();
        let hash = self.chain.send(&signer, to, value, input)?;
        self.sent.insert(hash, Sent { from, call, value });
        Ok(())
    }

    pub(crate) fn violation(&self, invariant: &'static str, order: Option<u64>, what: String) -> anyhow::Error {
        Violation { invariant, order, seed: self.options.seed, step: self.step, what }.into()
    }

    /// Sends a call that is no part of the simulation, such as an approval.
    pub(crate) fn prepare(&mut self, from: usize, to: Address, input: Vec<u8>) -> anyhow::Result<()> {
        let signer = self.cast.people[from].signer.clone();
        self.chain.send(&signer, to, 0, input.into())?;
        Ok(())
    }

    /// Coin that a deposit or budget must bring along.
    pub(crate) const fn value_of(token: Token, amount: Money) -> Money {
        match token {
            Token::Stable => 0,
            Token::Coin => amount,
        }
    }
}
