//! The world's machinery: time, blocks, and every transaction held against the rules.

use crate::{
    book::{Book, Fault},
    calls::{Call, Judging, Places},
    cast::{Cast, OPERATOR, TREASURY},
    chain::{Chain, GENESIS_TIME},
    dice::Dice,
    effects::{self, Effect},
    panel::{Panel, Phase},
    rules::{Caller, Rules, Verdict},
    summary::Summary,
    terms::{Money, Token},
    violation::Violation,
};
use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Log, U256};
use ledger_node::StoredBlock;
use platform_protocol::{Plan, contracts};
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
struct Sent {
    from: usize,
    call: Call,
    value: Money,
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
    sent: HashMap<B256, Sent>,
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

    /// Makes a block of what was sent and holds each transaction against the rules.
    pub(crate) fn seal(&mut self) -> anyhow::Result<()> {
        let block = self.chain.seal(self.now)?;
        self.now = block.block.header.timestamp;
        self.summary.blocks += 1;
        for (index, receipt) in block.receipts.iter().enumerate() {
            let transaction = &block.block.transactions[index];
            self.step += 1;
            self.summary.transactions += 1;
            let Some(sent) = self.sent.remove(transaction.tx_hash()) else {
                anyhow::ensure!(receipt.status(), "a preparation failed: {:?}", self.error(&block, index));
                continue;
            };
            let error = if receipt.status() { None } else { Some(self.error(&block, index)) };
            self.hold(&sent, receipt.logs(), error)?;
            debug_assert_eq!(transaction.value(), U256::from(sent.value));
        }
        Ok(())
    }

    /// The name of the error a refused transaction was refused by, as far as it shows on the states around the block.
    fn error(&self, block: &StoredBlock, index: usize) -> Vec<&'static str> {
        let transaction = &block.block.transactions[index];
        let from = block.block.senders[index];
        let to = transaction.to().unwrap_or_default();
        let states = [block.number() - 1, block.number()];
        states
            .into_iter()
            .filter_map(|state| self.chain.revert_of(block, state, from, to, transaction.value(), transaction.input()))
            .map(|data| error_name(&data))
            .collect()
    }

    fn hold(&mut self, sent: &Sent, logs: &[Log], errors: Option<Vec<&'static str>>) -> anyhow::Result<()> {
        let by = Caller { account: self.cast.address(sent.from), value: sent.value, now: self.now };
        let judging = matches!(sent.call, Call::Judge(_));
        let orders = self.rules.orders.len() as u64;
        let verdict = if judging { Ok(Vec::new()) } else { self.rules.apply(&sent.call, by) };
        match (verdict, errors) {
            (Err(expected), Some(errors)) => {
                self.refused(expected, &errors);
                Ok(())
            }
            (Ok(_), Some(errors)) if judging => {
                self.refused(errors.first().copied().unwrap_or("race"), &errors);
                Ok(())
            }
            (Ok(expected), None) => {
                if let Call::Judge(Judging::WithdrawFees(_) | Judging::WithdrawStake) = sent.call {
                    self.summary.panel_payouts += 1;
                }
                self.summary.accepted += 1;
                self.happened(sent, expected, logs, orders)
            }
            (Ok(_), Some(errors)) => {
                let what =
                    format!("{:?} of {} was refused with {errors:?}, and should not have been", sent.call, by.account);
                Err(self.violation("rules", order_of(&sent.call), what))
            }
            (Err(expected), None) => {
                let what = format!("{:?} was accepted, and should have been refused with {expected}", sent.call);
                Err(self.violation("rules", order_of(&sent.call), what))
            }
        }
    }

    fn refused(&mut self, expected: &'static str, errors: &[&'static str]) {
        *self.summary.refusals.entry(expected).or_default() += 1;
        if errors.contains(&expected) {
            self.summary.reasons_seen += 1;
        } else {
            *self.summary.reasons_unseen.entry(expected).or_default() += 1;
        }
    }

    fn happened(&mut self, sent: &Sent, mut expected: Vec<Effect>, logs: &[Log], orders: u64) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let mut disputes = BTreeSet::new();
        for log in logs {
            if log.address == self.places.market {
                seen.extend(effects::read(&self.places, log)?);
            } else if log.address == self.places.panel {
                self.panel_log(log, &mut expected, &mut disputes)?;
            }
        }
        for dispute in &disputes {
            self.rules.panel.sweep(*dispute);
        }
        self.spoil_pause(&seen);
        let paused = self.rules.paused && seen.iter().any(|effect| matches!(effect, Effect::Funded { .. }));
        if paused {
            return Err(self.violation(
                "6",
                Some(orders + 1),
                "an order was placed while the market was paused".into(),
            ));
        }
        let (mut left, mut right) = (expected, seen.clone());
        left.sort();
        right.sort();
        if left != right {
            let odd: Vec<_> = left.iter().filter(|effect| !right.contains(effect)).collect();
            let other: Vec<_> = right.iter().filter(|effect| !left.contains(effect)).collect();
            let what = format!("{:?} should have done {odd:?} and did {other:?}", sent.call);
            return Err(self.violation("rules", order_of(&sent.call), what));
        }
        self.spoil_events(&mut seen);
        let campaign = match &sent.call {
            Call::OpenCampaign(terms, _) => Some(terms.token),
            _ => None,
        };
        let booked = self.book.note(&seen, sent.value, campaign);
        booked.map_err(|Fault { invariant, order, what }| self.violation(invariant, order, what))?;
        self.follow(sent, &seen);
        self.called.extend(disputes);
        Ok(())
    }

    fn panel_log(&mut self, log: &Log, expected: &mut Vec<Effect>, disputes: &mut BTreeSet<u64>) -> anyhow::Result<()> {
        let noted = self.rules.panel.note(log, self.now);
        let delivery = noted.map_err(|what| {
            let invariant = if what.starts_with('8') { "8" } else { "panel" };
            self.violation(invariant, None, what.into())
        })?;
        if let Some(topic) = log.topics().get(1)
            && let Ok(dispute) = u64::try_from(U256::from_be_bytes(topic.0))
            && dispute <= self.rules.panel.disputes.len() as u64
        {
            disputes.insert(dispute);
        }
        let Some(delivery) = delivery else { return Ok(()) };
        let verdict: Verdict = self.rules.rule(delivery.dispute, self.now);
        if verdict.is_ok() != delivery.taken {
            let order = self.rules.panel.dispute(delivery.dispute).map(|dispute| dispute.order);
            return Err(self.violation("rules", order, format!("a ruling was taken: {}", delivery.taken)));
        }
        expected.extend(verdict.unwrap_or_default());
        Ok(())
    }

    /// Counts what happened and remembers what changed.
    fn follow(&mut self, sent: &Sent, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Raised { order, dispute, .. } = effect {
                self.rules.panel.belongs_to(*dispute, *order);
            }
            if let Effect::Funded { order, .. } = effect
                && self.cast.alters.contains(&sent.from)
            {
                self.wash.insert(*order);
            }
            if let Some(order) = effect.order() {
                self.touched.insert(order);
                self.unchecked.insert(order);
            }
            self.summary.count(effect);
        }
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

/// The order a call is about, for a report.
fn order_of(call: &Call) -> Option<u64> {
    match call {
        Call::Many(_, orders) => orders.first().copied(),
        Call::One(_, order, _) => Some(*order),
        _ => None,
    }
}

/// The selector of Solidity's own `Panic(uint256)`.
const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

fn error_name(data: &[u8]) -> &'static str {
    let Some(selector) = data.first_chunk::<4>().copied() else { return "without a reason" };
    contracts::market::Market::MarketErrors::name_by_selector(selector)
        .or_else(|| contracts::aftersales::Aftersales::AftersalesErrors::name_by_selector(selector))
        .or_else(|| contracts::coupon_vault::CouponVault::CouponVaultErrors::name_by_selector(selector))
        .or_else(|| contracts::arbiter_panel::ArbiterPanel::ArbiterPanelErrors::name_by_selector(selector))
        .or_else(|| contracts::stable_token::StableToken::StableTokenErrors::name_by_selector(selector))
        .or_else(|| (selector == PANIC).then_some("Panic"))
        .unwrap_or("an unknown error")
}
