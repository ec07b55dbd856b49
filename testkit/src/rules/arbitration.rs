//! How arbiters are called, heard and paid.

use super::ends::{halves, winner};
use super::{Caller, Rules, Verdict, before, side};
use crate::{
    effects::Effect,
    panel::Phase,
    terms::{State, Token},
};

impl Rules {
    pub(super) fn raise(&mut self, order: u64, by: Caller) -> Verdict {
        let o = self.in_state(order, State::Escalated)?;
        let deadline = o.deadline;
        let case = self.case_mut(order)?;
        if !case.defended {
            return Err("NotDefended");
        }
        if case.dispute.is_some() {
            return Err("AlreadyRaised");
        }
        before(by.now, deadline)?;
        let mut effects = Vec::new();
        if by.value > 0 {
            self.case_mut(order)?.pot += by.value;
            effects.push(Effect::ToppedUp { order, amount: by.value });
        }
        self.ask_arbiters(order, &mut effects);
        Ok(effects)
    }

    /// The arbiters take a dispute on if the pot pays them and three are there who are not parties.
    pub(super) fn ask_arbiters(&mut self, order: u64, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order) else { return };
        let cost = self.panel.price(o.token, o.amount);
        let enough = self.panel.available(o.buyer, o.seller) >= 3;
        let dispute = self.panel.disputes.len() as u64 + 1;
        let Ok(case) = self.case_mut(order) else { return };
        if cost > case.pot || !enough {
            effects.push(Effect::NotRaised { order });
            return;
        }
        case.pot -= cost;
        case.dispute = Some(dispute);
        effects.push(Effect::Raised { order, dispute, cost });
    }

    pub(super) fn note_ruling(&mut self, order: u64, now: u64) -> Verdict {
        self.in_state(order, State::Escalated)?;
        let (dispute, appealed) = self.case_mut(order).map(|case| (case.dispute, case.appealed_by.is_some()))?;
        let known = dispute.and_then(|dispute| self.panel.dispute(dispute)).ok_or("NotRuled")?;
        let (phase, ruling, appeal_by) = (known.phase, known.ruling, known.appeal_by);
        if phase != Phase::Solved && (phase != Phase::Appealable || appealed) {
            return Err("NotRuled");
        }
        let mut effects = Vec::new();
        self.ruled(order, ruling, phase == Phase::Solved, appeal_by, now, &mut effects);
        Ok(effects)
    }

    /// The panel tells the market. The error is the panel's to swallow.
    pub(crate) fn rule(&mut self, dispute: u64, now: u64) -> Verdict {
        let known = self.panel.dispute(dispute).ok_or("UnknownDispute")?;
        let (order, ruling) = (known.order, known.ruling);
        let o = self.order(order).ok_or("UnknownDispute")?;
        let is_final = o.case.as_ref().is_some_and(|case| case.is_final);
        if o.state != State::Escalated && (o.state != State::Ruled || is_final) {
            return Err("WrongState");
        }
        let mut effects = Vec::new();
        self.ruled(order, ruling, true, now, now, &mut effects);
        Ok(effects)
    }

    fn ruled(&mut self, order: u64, ruling: u8, is_final: bool, appeal_by: u64, now: u64, effects: &mut Vec<Effect>) {
        let Some(o) = self.order(order) else { return };
        let own = self.limits(o).appeal;
        let within = if is_final { 0 } else { appeal_by.saturating_sub(now).min(own) };
        if let Ok(case) = self.case_mut(order) {
            (case.ruling, case.is_final) = (ruling, is_final);
        }
        self.shift(order, State::Ruled, now + within, effects);
    }

    pub(super) fn appeal(&mut self, order: u64, by: Caller) -> Verdict {
        let o = self.in_state(order, State::Ruled)?;
        before(by.now, o.deadline)?;
        let me = side(o, by.account)?;
        let (buyer, seller, rule_by) = (o.buyer, o.seller, by.now + self.limits(o).arbiter);
        let cost = 2 * self.panel.price(o.token, o.amount);
        let case = self.case_mut(order)?;
        if case.is_final || case.appealed_by.is_some() || winner(case) == Some(me) {
            return Err("NotAppealable");
        }
        let dispute = case.dispute;
        let short = by.value < cost && self.credit_of(by.account, Token::Coin) < cost - by.value;
        if short {
            return Err("InsufficientDeposit");
        }
        let known = dispute.and_then(|dispute| self.panel.dispute(dispute)).ok_or("UnknownDispute")?;
        if known.phase != Phase::Appealable {
            return Err("WrongPhase");
        }
        if by.now > known.appeal_by {
            return Err("TooLate");
        }
        if self.panel.available(buyer, seller) < 7 {
            return Err("TooFewArbiters");
        }
        let mut effects = Vec::new();
        self.collect_deposit(cost, by, &mut effects)?;
        self.case_mut(order)?.appealed_by = Some(me);
        self.shift(order, State::Escalated, rule_by, &mut effects);
        effects.push(Effect::Appealed { order, cost });
        Ok(effects)
    }

    pub(super) fn reclaim(&mut self, order: u64) -> Verdict {
        let o = self.order(order).ok_or("UnknownOrder")?;
        let (buyer, seller, over) = (o.buyer, o.seller, o.state.over());
        let Some(case) = o.case.as_ref().filter(|case| over && !case.reclaimed) else {
            return Err("NothingReclaimed");
        };
        let payer = case.appealed_by;
        let back = case.dispute.and_then(|dispute| self.panel.dispute(dispute)).map_or(0, |known| known.refund);
        if back == 0 {
            return Err("NothingReclaimed");
        }
        self.case_mut(order)?.reclaimed = true;
        let (to_buyer, to_seller) = halves(back, payer);
        let mut effects = vec![Effect::Reclaimed { order, to_buyer, to_seller }];
        self.credit(buyer, Token::Coin, to_buyer, &mut effects);
        self.credit(seller, Token::Coin, to_seller, &mut effects);
        Ok(effects)
    }
}
