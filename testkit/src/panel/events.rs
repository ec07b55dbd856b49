//! The panel's events.

use super::{Delivery, Dispute, Panel, Phase, Round};
use crate::terms::Money;
use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::SolEvent;
use platform_protocol::contracts::ArbiterPanel;

/// What an event did, or why it should not have been.
type Noted = Result<Option<Delivery>, &'static str>;

fn id(number: U256) -> u64 {
    number.to()
}

fn money(number: U256) -> Money {
    number.to()
}

impl Panel {
    /// Takes one event in.
    pub(crate) fn note(&mut self, log: &Log, now: u64) -> Noted {
        let Some(topic) = log.topics().first() else { return Ok(None) };
        macro_rules! events {
            ($($kind:ident => |$event:ident| $work:expr),* $(,)?) => {
                $(if *topic == ArbiterPanel::$kind::SIGNATURE_HASH {
                    let $event = ArbiterPanel::$kind::decode_log_data(&log.data).map_err(|_| "an event that is none")?;
                    return $work;
                })*
            };
        }
        events! {
            ArbiterCertified => |e| self.member(e.arbiter, |member| member.certified = e.certified),
            ArbiterStaked => |e| self.member(e.arbiter, |member| {
                member.stake += money(e.amount);
                member.there = true;
            }),
            ArbiterLeaving => |e| self.member(e.arbiter, |member| member.leaving_at = Some(now)),
            ArbiterWithdrawn => |e| self.withdrawn(e.arbiter, money(e.amount)),
            ArbiterSlashed => |e| {
                self.slashed += money(e.amount);
                self.member(e.arbiter, |member| member.stake -= money(e.amount))
            },
            ArbiterRewarded => |e| self.rewarded(id(e.disputeId), e.arbiter, money(e.fee), money(e.stake)),
            RoundOpened => |e| {
                self.open(id(e.disputeId), e.size, money(e.fee), [e.firstParty, e.secondParty], now)
            },
            BeaconSet => |e| self.round(id(e.disputeId), e.round, |round| round.beacon_set = true),
            SeedCommitted => |e| self.round(id(e.disputeId), e.round, |round| { round.seeds.insert(e.arbiter); }),
            SeedRevealed => |e| self.seed_opened(id(e.disputeId), e.round, e.arbiter),
            SeedForfeited => |e| self.round(id(e.disputeId), e.round, |round| { round.seeds.remove(&e.arbiter); }),
            PanelDrawn => |e| self.drawn(id(e.disputeId), e.panel, e.commitBy),
            VoteRevealed => |e| self.round(id(e.disputeId), e.round, |round| round.votes.push(e.choice)),
            RoundTallied => |e| self.tallied(id(e.disputeId), e.ruling, e.appealBy),
            DisputeSolved => |e| self.solved(id(e.disputeId), e.ruling),
            DisputeFailed => |e| self.failed(id(e.disputeId), money(e.refund)),
            RulingDelivered => |e| Ok(Some(Delivery { dispute: id(e.disputeId), taken: e.taken })),
            FeeReclaimed => |e| {
                self.coin_out += money(e.amount);
                self.change(id(e.disputeId), |dispute| dispute.refund = 0)
            },
            FeesWithdrawn => |e| {
                self.coin_out += money(e.amount);
                let owed = self.fees.remove(&e.account).unwrap_or(0);
                if owed == money(e.amount) { Ok(None) } else { Err("fees paid are not fees earned") }
            },
            PricingSet => |e| {
                (self.floor, self.price_bps) = (money(e.floor), e.priceBps);
                Ok(None)
            },
        }
        Ok(None)
    }

    /// After a transaction: what nobody earned of disputes that are over is the treasury's.
    pub(crate) fn sweep(&mut self, dispute: u64) {
        let Some(found) = self.dispute_mut(dispute).filter(|found| found.phase == Phase::Solved) else { return };
        let rest: Money = found.rounds.iter_mut().map(|round| std::mem::take(&mut round.held)).sum();
        if rest > 0 {
            *self.fees.entry(self.treasury).or_default() += rest;
        }
    }

    fn member(&mut self, account: Address, change: impl FnOnce(&mut super::Member)) -> Noted {
        change(self.members.entry(account).or_default());
        Ok(None)
    }

    fn change(&mut self, dispute: u64, change: impl FnOnce(&mut Dispute)) -> Noted {
        change(self.dispute_mut(dispute).ok_or("an unknown dispute")?);
        Ok(None)
    }

    fn round(&mut self, dispute: u64, round: u8, change: impl FnOnce(&mut Round)) -> Noted {
        let found = self.dispute_mut(dispute).and_then(|found| found.rounds.get_mut(usize::from(round)));
        change(found.ok_or("an unknown round")?);
        Ok(None)
    }

    fn withdrawn(&mut self, account: Address, amount: Money) -> Noted {
        let member = self.members.entry(account).or_default();
        if member.stake != amount {
            return Err("stake paid out is not stake held");
        }
        (member.stake, member.there, member.leaving_at) = (0, false, None);
        Ok(None)
    }

    fn open(&mut self, dispute: u64, size: u8, fee: Money, parties: [Address; 2], now: u64) -> Noted {
        self.coin_in += fee;
        let round = Round { size, opened_at: now, held: fee, seed_fee: fee / 100, ..Round::default() };
        if let Some(found) = self.dispute_mut(dispute) {
            found.rounds.push(round);
            found.phase = Phase::Evidence;
            return Ok(None);
        }
        let (phase, rounds) = (Phase::Evidence, vec![round]);
        self.disputes.push(Dispute { order: 0, parties, phase, rounds, ruling: 0, appeal_by: 0, refund: 0 });
        Ok(None)
    }

    fn seed_opened(&mut self, dispute: u64, round: u8, account: Address) -> Noted {
        let mut paid = 0;
        self.round(dispute, round, |round| {
            round.seeds.remove(&account);
            if round.seeds_paid < 10 {
                round.seeds_paid += 1;
                round.held -= round.seed_fee;
                paid = round.seed_fee;
            }
        })?;
        if paid > 0 {
            *self.fees.entry(account).or_default() += paid;
        }
        Ok(None)
    }

    fn rewarded(&mut self, dispute: u64, account: Address, fee: Money, stake: Money) -> Noted {
        let found = self.dispute_mut(dispute).ok_or("an unknown dispute")?;
        // The rounds are paid in their order, each of them whole.
        let mut left = fee;
        for round in &mut found.rounds {
            let part = left.min(round.held);
            round.held -= part;
            left -= part;
        }
        if left > 0 {
            return Err("arbiters were paid more than the fee");
        }
        if fee > 0 {
            *self.fees.entry(account).or_default() += fee;
        }
        self.slashed = self.slashed.checked_sub(stake).ok_or("arbiters were given more than others lost")?;
        self.member(account, |member| member.stake += stake)
    }

    /// Nobody sits twice, or in their own case, or uncertified.
    fn drawn(&mut self, dispute: u64, panel: Vec<Address>, commit_by: u64) -> Noted {
        let found = self.dispute(dispute).ok_or("an unknown dispute")?;
        if panel.iter().any(|account| found.parties.contains(account)) {
            return Err("8: a party sits on the panel");
        }
        let certified = |account: &Address| self.members.get(account).is_some_and(|member| member.certified);
        let distinct: std::collections::BTreeSet<_> = panel.iter().collect();
        if distinct.len() != usize::from(found.current().size) || !panel.iter().all(certified) {
            return Err("8: the panel is not of certified arbiters, each once");
        }
        self.change(dispute, |found| {
            found.phase = Phase::Voting;
            if let Some(round) = found.rounds.last_mut() {
                (round.panel, round.commit_by) = (panel, commit_by);
            }
        })
    }

    /// Most votes win; a tie decides nothing.
    fn tallied(&mut self, dispute: u64, ruling: u8, appeal_by: u64) -> Noted {
        let found = self.dispute_mut(dispute).ok_or("an unknown dispute")?;
        let round = found.current();
        let votes = |choice: u8| round.votes.iter().filter(|vote| **vote == choice).count();
        let counted = [votes(0), votes(1), votes(2)];
        let most = counted.into_iter().max().unwrap_or(0);
        let winners: Vec<u8> = (0..3).filter(|choice| votes(*choice) == most).collect();
        let expected = if winners.len() == 1 { winners[0] } else { 0 };
        if round.votes.len() * 2 <= usize::from(round.size) || expected != ruling {
            return Err("the ruling is not what most votes say");
        }
        (found.ruling, found.appeal_by, found.phase) = (ruling, appeal_by, Phase::Appealable);
        Ok(None)
    }

    fn solved(&mut self, dispute: u64, ruling: u8) -> Noted {
        self.change(dispute, |found| (found.phase, found.ruling) = (Phase::Solved, ruling))
    }

    fn failed(&mut self, dispute: u64, refund: Money) -> Noted {
        let found = self.dispute_mut(dispute).ok_or("an unknown dispute")?;
        let held = found.rounds.last_mut().map_or(0, |round| std::mem::take(&mut round.held));
        (found.refund, found.phase) = (refund, Phase::Failed);
        if held == refund { Ok(None) } else { Err("a failed round gives back another fee than was left") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A panel of three strangers and one of which a party is part.
    #[test]
    fn a_party_on_the_panel_is_found() {
        let [first, second, one, two, three] = [1, 2, 3, 4, 5].map(Address::repeat_byte);
        let drawn = |panel: Vec<Address>| {
            let mut book = Panel::default();
            for account in [first, second, one, two, three] {
                book.members.entry(account).or_default().certified = true;
            }
            book.open(1, 3, 10, [first, second], 0)?;
            let (id, round) = (U256::from(1), 0);
            let event = ArbiterPanel::PanelDrawn { disputeId: id, round, panel, commitBy: 1, revealBy: 2 };
            book.note(&Log { address: Address::ZERO, data: event.encode_log_data() }, 0).map(|_| ())
        };
        assert_eq!(drawn(vec![one, two, three]), Ok(()));
        assert!(drawn(vec![one, two, second]).is_err_and(|what| what.starts_with('8')));
        assert!(drawn(vec![one, one, two]).is_err_and(|what| what.starts_with('8')));
    }
}
