//! What arbiters do, and those who turn the panel's cranks.

use crate::{
    calls::{Call, Judging, One},
    cast::STRANGER,
    panel::{Dispute, Phase},
    terms::{DAY, HOUR},
    world::{Guard, Task, World},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;

impl World {
    /// Makes plans for every dispute that moved.
    pub(crate) fn plan_disputes(&mut self) {
        for number in std::mem::take(&mut self.called) {
            let Some(dispute) = self.rules.panel.dispute(number).cloned() else { continue };
            let mark = (number, dispute.phase, dispute.round());
            if self.planned.insert(number, (mark.1, mark.2)) == Some((mark.1, mark.2)) {
                continue;
            }
            match dispute.phase {
                Phase::Evidence => self.plan_evidence(number, &dispute),
                Phase::Voting => self.plan_votes(number, &dispute),
                Phase::Appealable => {
                    if self.dice.chance(85) {
                        let call = Call::One(One::NoteRuling, dispute.order, 0);
                        self.judge_at(self.now + 1, STRANGER, call, number, &dispute);
                    }
                    let after = dispute.appeal_by + 1 + self.dice.below(4 * HOUR);
                    self.judge_at(after, STRANGER, Call::Judge(Judging::Execute(number)), number, &dispute);
                }
                Phase::Solved | Phase::Failed => {
                    let time = self.now + self.dice.below(20 * DAY);
                    let call = Call::One(One::ReclaimFee, dispute.order, 0);
                    self.at(time, Task::Send { from: STRANGER, call, value: 0, guard: Guard::Always });
                    if self.dice.chance(20) {
                        let call = Call::Judge(Judging::Deliver(number));
                        self.at(time, Task::Send { from: STRANGER, call, value: 0, guard: Guard::Always });
                    }
                }
            }
        }
    }

    fn judge_at(&mut self, time: u64, from: usize, call: Call, number: u64, dispute: &Dispute) {
        let guard = Guard::Dispute(number, dispute.phase, dispute.round());
        self.at(time, Task::Send { from, call, value: 0, guard });
    }

    fn plan_evidence(&mut self, number: u64, dispute: &Dispute) {
        let (round, opened) = (dispute.round(), dispute.current().opened_at);
        for place in self.cast.arbiters.clone() {
            if self.dice.chance(16) {
                let commitment = seed(number, round, self.cast.address(place));
                let time = opened + 1 + self.dice.below(37 * HOUR);
                let call = Call::Judge(Judging::CommitSeed(number, commitment.1));
                self.judge_at(time, place, call, number, dispute);
            }
        }
        let beacon = opened + 36 * HOUR + 1 + self.dice.below(2 * HOUR);
        self.at(beacon, Task::Beacon(number, round));
        self.at(opened + 41 * HOUR, Task::Seeds(number, round));
        let draw = opened + 72 * HOUR + 1 + self.dice.below(5 * HOUR);
        self.judge_at(draw, STRANGER, Call::Judge(Judging::Draw(number)), number, dispute);
        self.judge_at(draw + 2 * DAY, STRANGER, Call::Judge(Judging::Draw(number)), number, dispute);
        let fail = opened + 10 * DAY + 1;
        self.judge_at(fail, STRANGER, Call::Judge(Judging::Fail(number)), number, dispute);
        self.at(opened + 73 * HOUR, Task::Seeds(number, round));
    }

    /// Fixes the beacon, and keeps its hash soon after.
    pub(crate) fn beacon(&mut self, number: u64, round: u8) -> anyhow::Result<()> {
        let Some(dispute) = self.rules.panel.dispute(number) else { return Ok(()) };
        if dispute.round() == round && dispute.phase == Phase::Evidence && !dispute.current().beacon_set {
            self.send(STRANGER, Call::Judge(Judging::SetBeacon(number)), 0)?;
            self.at(self.now + HOUR, Task::Beacon(number, round));
        }
        Ok(())
    }

    /// Secrets are opened while there is time, some are withheld, and what was withheld is forfeited.
    pub(crate) fn seeds(&mut self, number: u64, round: u8) -> anyhow::Result<()> {
        let Some(dispute) = self.rules.panel.dispute(number).cloned() else { return Ok(()) };
        let Some(current) = dispute.rounds.get(usize::from(round)) else { return Ok(()) };
        let closes = current.opened_at + 72 * HOUR;
        for account in current.seeds.clone() {
            let Some(place) = self.cast.find(account) else { continue };
            if self.now > closes {
                self.send(STRANGER, Call::Judge(Judging::ForfeitSeed(number, round, account)), 0)?;
            } else if self.dice.chance(80) {
                let time = self.now + self.dice.below(closes - self.now);
                let call = Call::Judge(Judging::RevealSeed(number, seed(number, round, account).0));
                self.at(time, Task::Send { from: place, call, value: 0, guard: Guard::Always });
            }
        }
        Ok(())
    }

    fn plan_votes(&mut self, number: u64, dispute: &Dispute) {
        let (round, current) = (dispute.round(), dispute.current().clone());
        let truth = 1 + u8::from(keccak256(number.to_be_bytes())[0] & 1 == 1);
        for account in current.panel {
            let Some(place) = self.cast.find(account) else { continue };
            let choice = match self.dice.below(100) {
                0..5 => 0,
                5..75 => truth,
                _ => 3 - truth,
            };
            let salt = self.dice.hash();
            if self.dice.chance(10) {
                continue;
            }
            let commitment = keccak256(
                (U256::from(number), U256::from(round), account, U256::from(choice), salt).abi_encode_params(),
            );
            let time = self.now + 1 + self.dice.below(49 * HOUR);
            let call = Call::Judge(Judging::CommitVote(number, commitment));
            self.judge_at(time, place, call, number, dispute);
            if self.dice.chance(10) {
                continue;
            }
            let time = current.commit_by + 1 + self.dice.below(25 * HOUR);
            let choice = if self.dice.chance(2) { 3 - choice } else { choice };
            let call = Call::Judge(Judging::RevealVote(number, choice, salt));
            self.judge_at(time, place, call, number, dispute);
        }
        let tally = current.commit_by + 24 * HOUR + 1 + self.dice.below(3 * HOUR);
        self.judge_at(tally, STRANGER, Call::Judge(Judging::Tally(number)), number, dispute);
    }
}

/// An arbiter's secret for a round, and what is committed of it.
fn seed(number: u64, round: u8, account: Address) -> (B256, B256) {
    let (id, round) = (U256::from(number), U256::from(round));
    let secret = keccak256((id, round, account).abi_encode());
    (secret, keccak256((id, round, account, secret).abi_encode_params()))
}
