//! The town's arbiters: certified, staked, and at work, so that an order that
//! is escalated really gets a panel.

use super::town::Town;
use crate::keys;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use anyhow::Context;
use platform_protocol::{
    Call, Signer, Submit,
    contracts::{Aftersales, ArbiterPanel, GuildToken, Market, arbiter_panel::IArbiterPanel::DisputeView},
};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Seven sit on an appeal, two may be parties, and some resign.
pub(super) const ARBITERS: &[(&str, &str)] = &[
    ("Ester Quill", "卷宗先生"),
    ("Tobias Scale", "秤师傅"),
    ("Mina Lantern", "提灯娘子"),
    ("Ruben Oak", "橡木老人"),
    ("Sefa Inkwell", "墨池夫人"),
    ("Joris Bell", "钟楼管事"),
    ("Wen Bridge", "桥头文先生"),
    ("Clara Ledger", "账房先生"),
    ("Ilmari Stone", "石匠会首"),
    ("Noor Candle", "烛台姑娘"),
    ("Pavel Seal", "印章师傅"),
];

/// Each arbiter's stake, twice the least: 2,000 votes.
fn stake() -> U256 {
    U256::from(2_000) * U256::from(10).pow(U256::from(18))
}

/// Coin that somebody before the arbiters needs for deposits.
pub(super) fn purse() -> U256 {
    U256::from(10).pow(U256::from(18))
}

/// What a panel stands at, as far as the town's arbiters care.
const EVIDENCE: u8 = 1;
const VOTING: u8 = 2;
const APPEALABLE: u8 = 3;

const HOUR: u64 = 3_600;
/// Arbiters of the past take this long to vote once they are drawn.
const DELIBERATION: u64 = 4 * HOUR;
const SEEDING: u64 = 36 * HOUR;
const COMMITTING: u64 = 48 * HOUR;

/// The arbiters, and which of them a visitor can be.
pub(super) struct Court {
    pub(super) arbiters: Vec<Signer>,
    pub(super) first_index: u32,
    visitor: AtomicUsize,
    /// Cases below this number are over.
    first_open: AtomicU64,
}

impl Court {
    /// The keys that follow those of the town's other people.
    pub(super) fn new(first_index: u32) -> anyhow::Result<Self> {
        let keys = keys::dev_keys(first_index, u32::try_from(ARBITERS.len())?)?;
        let arbiters = keys.iter().map(Signer::from_bytes).collect::<Result<_, _>>();
        let arbiters = arbiters.context("can't use an arbiter's key")?;
        Ok(Self { arbiters, first_index, visitor: AtomicUsize::new(0), first_open: AtomicU64::new(1) })
    }

    /// The arbiter a visitor can be: their place among all, who votes by hand.
    pub(super) fn visitor(&self) -> usize {
        self.visitor.load(Ordering::Relaxed)
    }

    fn signer(&self, account: Address) -> Option<&Signer> {
        self.arbiters.iter().find(|signer| signer.address() == account)
    }
}

impl Town {
    pub(super) fn panel(&self) -> Option<Address> {
        self.house.manifest.arbiter_panel.as_ref().map(|panel| panel.address)
    }

    /// Certifies the town's arbiters and lets them stake, where there are
    /// none. Blocks must be made by hand.
    pub(super) async fn seat_arbiters(&self, time: u64) -> anyhow::Result<()> {
        let Some(panel) = self.panel() else { return Ok(()) };
        if !self.house.view(panel, ArbiterPanel::activeArbitersCall {}).await?.is_zero() {
            return Ok(());
        }
        let (operator, token) = (&self.house.operator, self.house.manifest.guild_token.address);
        let mut nonce = Submit::nonce(&self.house.embedded, operator.address()).await?;
        let mut transactions = Vec::new();
        for arbiter in &self.court.arbiters {
            let who = arbiter.address();
            let certify = ArbiterPanel::setCertifiedCall { account: who, certified: true }.abi_encode();
            let give = GuildToken::transferCall { to: who, value: stake() }.abi_encode();
            transactions.push(self.sign(operator, nonce, panel, certify));
            transactions.push(self.sign(operator, nonce + 1, token, give));
            nonce += 2;
        }
        self.house.mine_at(time, &transactions).await?;
        let (mut allow, mut join) = (Vec::new(), Vec::new());
        for arbiter in &self.court.arbiters {
            let nonce = Submit::nonce(&self.house.embedded, arbiter.address()).await?;
            let approve = GuildToken::approveCall { spender: panel, value: U256::MAX }.abi_encode();
            allow.push(self.sign(arbiter, nonce, token, approve));
            let stake = ArbiterPanel::stakeCall { amount: stake() }.abi_encode();
            join.push(self.sign(arbiter, nonce + 1, panel, stake));
        }
        self.house.mine_at(time, &allow).await?;
        self.house.mine_at(time, &join).await
    }

    /// Two customers' quarrel, from the purchase to the arbiters. Blocks are
    /// made by hand, a minute apart.
    pub(super) async fn quarrel(&self, time: u64, buyer: &Signer, offer: u64, reason: &str) -> anyhow::Result<()> {
        if self.panel().is_none() {
            return Ok(());
        }
        let market = self.house.manifest.market.address;
        let sold = self.offers.lock().await.iter().find(|on_sale| on_sale.number == offer).copied();
        let seller = self.by_address.get(&sold.context("the offer is not on sale")?.seller).context("a stranger")?;
        let (place, id) = self.place_order(buyer, offer).await?;
        let order = U256::from(id);
        self.house.mine_at(time, &[place]).await?;
        let amount = self.house.view(market, order_call(order)).await?.amount;
        let (all, part) = (U256::from(amount), U256::from(amount) / U256::from(4));
        let shipped = keccak256(format!("TOWN-{id:06}"));
        let calm: [(&Signer, Vec<u8>); 4] = [
            (seller, Market::acceptCall { orderIds: vec![order] }.abi_encode()),
            (seller, ship(order, shipped)),
            (buyer, Market::confirmDeliveryCall { orderIds: vec![order] }.abi_encode()),
            (
                buyer,
                Aftersales::disputeCall { orderId: order, buyerAmount: all, reasonHash: keccak256(reason) }
                    .abi_encode(),
            ),
        ];
        let mut minute = time;
        for (who, input) in calm {
            minute += 60;
            self.step(minute, who, market, U256::ZERO, input).await?;
        }
        // Whoever calls the arbiters, and whoever answers, puts their price in.
        for who in [buyer, seller] {
            let nonce = Submit::nonce(&self.house.embedded, self.house.operator.address()).await?;
            let coin = self.sign_with(&self.house.operator, nonce, who.address(), purse(), Vec::new());
            self.house.mine_at(minute, &[coin]).await?;
        }
        let deposit = self.house.view(market, Aftersales::depositNeededCall { orderId: order }).await?;
        let escalate = Aftersales::escalateCall { orderId: order, buyerAmount: all }.abi_encode();
        self.step(minute + 60, buyer, market, deposit, escalate).await?;
        let defend = Aftersales::defendCall { orderId: order, buyerAmount: part }.abi_encode();
        self.step(minute + 120, seller, market, deposit, defend).await
    }

    async fn step(&self, time: u64, who: &Signer, to: Address, value: U256, input: Vec<u8>) -> anyhow::Result<()> {
        let nonce = Submit::nonce(&self.house.embedded, who.address()).await?;
        self.house.mine_at(time, &[self.sign_with(who, nonce, to, value, input)]).await
    }

    /// What arbiters and passers-by did with the cases by `time`, while the
    /// town's past is made.
    pub(super) async fn attend_cases(&self, time: u64) -> anyhow::Result<()> {
        let Some(panel) = self.panel() else { return Ok(()) };
        let market = self.house.manifest.market.address;
        for (id, case) in self.open_cases().await? {
            let dispute = U256::from(id);
            let operator = &self.house.operator;
            match case.phase {
                EVIDENCE if case.entropy.is_zero() && time > case.openedAt + SEEDING => {
                    for _ in 0..2 {
                        let turn = ArbiterPanel::setBeaconCall { disputeId: dispute }.abi_encode();
                        self.step(time, operator, panel, U256::ZERO, turn).await?;
                    }
                }
                EVIDENCE if !case.entropy.is_zero() && time > case.deadline => {
                    let turn = ArbiterPanel::drawCall { disputeId: dispute }.abi_encode();
                    self.step(time, operator, panel, U256::ZERO, turn).await?;
                }
                VOTING if time > case.commitBy - COMMITTING + DELIBERATION => {
                    for (n, arbiter) in case.panel.iter().enumerate() {
                        let Some(signer) = self.court.signer(*arbiter) else { continue };
                        let sealed = seal(dispute, case.round, *arbiter, spoken(n));
                        let turn = ArbiterPanel::commitVoteCall { disputeId: dispute, commitment: sealed.0 };
                        self.step(time, signer, panel, U256::ZERO, turn.abi_encode()).await?;
                    }
                    for (n, arbiter) in case.panel.iter().enumerate() {
                        let Some(signer) = self.court.signer(*arbiter) else { continue };
                        let choice = spoken(n);
                        let salt = seal(dispute, case.round, *arbiter, choice).1;
                        let turn = ArbiterPanel::revealVoteCall { disputeId: dispute, choice, salt };
                        self.step(time, signer, panel, U256::ZERO, turn.abi_encode()).await?;
                    }
                    let turn = ArbiterPanel::tallyCall { disputeId: dispute }.abi_encode();
                    self.step(time, operator, panel, U256::ZERO, turn).await?;
                    let order = self.order_of(dispute).await?;
                    let turn = Aftersales::noteRulingCall { orderId: order }.abi_encode();
                    self.step(time, operator, market, U256::ZERO, turn).await?;
                }
                APPEALABLE if time > case.deadline => {
                    let order = self.order_of(dispute).await?;
                    let turn = ArbiterPanel::executeCall { disputeId: dispute }.abi_encode();
                    self.step(time, operator, panel, U256::ZERO, turn).await?;
                    let turn = Aftersales::concludeCall { orderIds: vec![order] }.abi_encode();
                    self.step(time, operator, market, U256::ZERO, turn).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn order_of(&self, dispute: U256) -> anyhow::Result<U256> {
        let arbitrator = self.panel().unwrap_or_default();
        let call = Aftersales::orderOfDisputeCall { arbitrator, disputeId: dispute };
        self.house.view(self.house.manifest.market.address, call).await
    }

    /// Cases that are not over, with where they stand.
    async fn open_cases(&self) -> anyhow::Result<Vec<(u64, DisputeView)>> {
        let Some(panel) = self.panel() else { return Ok(Vec::new()) };
        let (mut open, mut first) = (Vec::new(), None);
        let mut id = self.court.first_open.load(Ordering::Relaxed);
        // A number that no case has yet is the end of them.
        while let Ok(case) = self.house.view(panel, ArbiterPanel::disputeOfCall { disputeId: U256::from(id) }).await {
            if (EVIDENCE..=APPEALABLE).contains(&case.phase) {
                first.get_or_insert(id);
                open.push((id, case));
            }
            id += 1;
        }
        self.court.first_open.store(first.unwrap_or(id), Ordering::Relaxed);
        Ok(open)
    }

    /// Lets a visitor be an arbiter who has something to do, where there is
    /// one.
    pub(super) async fn choose_visiting_arbiter(&self) -> anyhow::Result<()> {
        let cases = self.open_cases().await?;
        let voting = cases.iter().rev().find(|(_, case)| case.phase == VOTING);
        let sits = voting.and_then(|(_, case)| case.panel.first().copied());
        let place = sits.and_then(|who| self.court.arbiters.iter().position(|signer| signer.address() == who));
        self.court.visitor.store(place.unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }

    /// Votes of the town's arbiters that can be sealed or opened now; the
    /// visitor's are their own.
    pub(super) async fn votes(&self) -> anyhow::Result<Vec<Bytes>> {
        let Some(panel) = self.panel() else { return Ok(Vec::new()) };
        let visitor = self.court.arbiters[self.court.visitor()].address();
        let mut transactions = Vec::new();
        for (id, case) in self.open_cases().await? {
            if case.phase != VOTING {
                continue;
            }
            let dispute = U256::from(id);
            for arbiter in case.panel.iter().filter(|arbiter| **arbiter != visitor) {
                let Some(signer) = self.court.signer(*arbiter) else { continue };
                let choice = leaning(dispute, case.round, *arbiter);
                let (commitment, salt) = seal(dispute, case.round, *arbiter, choice);
                let commit = ArbiterPanel::commitVoteCall { disputeId: dispute, commitment }.abi_encode();
                let reveal = ArbiterPanel::revealVoteCall { disputeId: dispute, choice, salt }.abi_encode();
                for input in [commit, reveal] {
                    let call = Call { from: *arbiter, to: panel, value: U256::ZERO, input: Bytes::from(input.clone()) };
                    if self.house.embedded.would_succeed(call).await {
                        let nonce = Submit::nonce(&self.house.embedded, *arbiter).await?;
                        transactions.push(self.sign(signer, nonce, panel, input));
                        break;
                    }
                }
            }
        }
        Ok(transactions)
    }
}

const fn order_call(order: U256) -> Market::orderCall {
    Market::orderCall { orderId: order }
}

fn ship(order: U256, hash: B256) -> Vec<u8> {
    Market::shipCall { orderIds: vec![order], trackingHashes: vec![hash] }.abi_encode()
}

/// In the past two of three were for the buyer.
const fn spoken(seat: usize) -> u8 {
    if seat % 3 == 2 { 2 } else { 1 }
}

/// What an arbiter thinks of a case: mostly what the others do.
fn leaning(dispute: U256, round: u8, arbiter: Address) -> u8 {
    let case = keccak256((dispute, U256::from(round)).abi_encode());
    let own = keccak256((dispute, U256::from(round), arbiter).abi_encode());
    let common = 1 + (case[0] & 1);
    if own[0] < 40 { 3 - common } else { common }
}

/// A sealed vote and the salt that opens it.
fn seal(dispute: U256, round: u8, arbiter: Address, choice: u8) -> (B256, B256) {
    let salt = keccak256((dispute, U256::from(round), arbiter, "vote".to_owned()).abi_encode());
    let sealed = keccak256((dispute, U256::from(round), arbiter, U256::from(choice), salt).abi_encode());
    (sealed, salt)
}

#[cfg(test)]
mod tests;
