//! Every transaction held against the rules, and booked by what it announced.

use crate::{
    book::Fault,
    calls::{Call, Judging},
    effects::{self, Effect},
    rules::{Caller, Verdict},
    world::{Sent, World},
};
use alloy_consensus::Transaction as _;
use alloy_primitives::{Log, U256};
use ledger_node::StoredBlock;
use platform_protocol::contracts;
use std::collections::BTreeSet;

impl World {
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
