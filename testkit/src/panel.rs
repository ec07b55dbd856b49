//! The arbiters' panel, kept from its events alone: stakes, fees, seats and rulings.
//!
//! Whom a hash draws and how people vote no rule can say. What must hold is checked as it happens: who sits, that the
//! ruling is what most votes say, and that coin and stakes are never made or lost.

mod events;

use crate::terms::{Money, Token, share};
use alloy_primitives::Address;
use std::collections::{BTreeMap, BTreeSet};

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Evidence,
    Voting,
    Appealable,
    Solved,
    Failed,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) certified: bool,
    pub(crate) stake: Money,
    /// Staked and not withdrawn.
    pub(crate) there: bool,
    pub(crate) leaving_at: Option<u64>,
}

/// One panel's work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    pub(crate) size: u8,
    pub(crate) opened_at: u64,
    pub(crate) commit_by: u64,
    /// What is left of the fee.
    pub(crate) held: Money,
    pub(crate) seed_fee: Money,
    pub(crate) seeds_paid: u8,
    pub(crate) beacon_set: bool,
    /// Secrets that were committed and not opened.
    pub(crate) seeds: BTreeSet<Address>,
    pub(crate) panel: Vec<Address>,
    pub(crate) votes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    pub(crate) order: u64,
    pub(crate) parties: [Address; 2],
    pub(crate) phase: Phase,
    pub(crate) rounds: Vec<Round>,
    pub(crate) ruling: u8,
    pub(crate) appeal_by: u64,
    pub(crate) refund: Money,
}

impl Dispute {
    pub(crate) fn round(&self) -> u8 {
        u8::try_from(self.rounds.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }

    pub(crate) fn current(&self) -> &Round {
        &self.rounds[self.rounds.len() - 1]
    }
}

/// What the panel did that the market's rules must know of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) dispute: u64,
    pub(crate) taken: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Panel {
    pub(crate) members: BTreeMap<Address, Member>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) fees: BTreeMap<Address, Money>,
    pub(crate) treasury: Address,
    pub(crate) floor: Money,
    pub(crate) price_bps: u16,
    pub(crate) rates: [u128; 2],
    /// Coin that came in and went out.
    pub(crate) coin_in: Money,
    pub(crate) coin_out: Money,
    /// Stake that was lost to the treasury.
    pub(crate) slashed: Money,
}

impl Panel {
    /// What the arbiters ask for a dispute about this amount. Rates are coin per unit, times 10^18.
    pub(crate) fn price(&self, token: Token, amount: Money) -> Money {
        const UNIT: u128 = 1_000_000_000_000_000_000;
        let worth = share(amount, self.rates[token.index()], UNIT);
        share(worth, self.price_bps.into(), 10_000).max(self.floor)
    }

    pub(crate) fn dispute(&self, dispute: u64) -> Option<&Dispute> {
        self.disputes.get(usize::try_from(dispute).ok()?.checked_sub(1)?)
    }

    fn dispute_mut(&mut self, dispute: u64) -> Option<&mut Dispute> {
        self.disputes.get_mut(usize::try_from(dispute).ok()?.checked_sub(1)?)
    }

    /// Ties a dispute to the order that it is about.
    pub(crate) fn belongs_to(&mut self, dispute: u64, order: u64) {
        if let Some(found) = self.dispute_mut(dispute) {
            found.order = order;
        }
    }

    /// How many could be drawn beside these two.
    pub(crate) fn available(&self, first: Address, second: Address) -> usize {
        let active = |member: &Member| member.certified && member.there && member.leaving_at.is_none();
        self.members
            .iter()
            .filter(|(account, member)| active(member) && **account != first && **account != second)
            .count()
    }

    /// Coin the panel owes: fees earned, fees waiting, refunds.
    pub(crate) fn coin_owed(&self) -> Money {
        let waiting = |dispute: &Dispute| dispute.refund + dispute.rounds.iter().map(|round| round.held).sum::<Money>();
        self.fees.values().sum::<Money>() + self.disputes.iter().map(waiting).sum::<Money>()
    }

    pub(crate) fn stakes(&self) -> Money {
        self.members.values().map(|member| member.stake).sum()
    }
}
