//! How two sides argue, and what the arbiters' word does.

use super::ends::claim_of;
use super::{Caller, Case, Order, Rules, Verdict, before, past, side};
use crate::{
    calls::One,
    effects::Effect,
    terms::{Money, Reason, ReturnStep, Side, State, Token},
};
use alloy_primitives::Address;

impl Rules {
    pub(super) fn one(&mut self, what: One, order: u64, amount: Money, by: Caller) -> Verdict {
        match what {
            One::Cancel => self.give_up(order, State::Funded, Reason::Cancelled, by),
            One::Decline => self.give_up(order, State::Funded, Reason::Declined, by),
            One::DropReturn => self.give_up(order, State::Return, Reason::Cancelled, by),
            One::RequestReturn => self.step_return(order, None, by),
            One::ApproveReturn => self.step_return(order, Some(ReturnStep::Requested), by),
            One::SendReturn => self.step_return(order, Some(ReturnStep::Approved), by),
            One::ConfirmReturn => self.step_return(order, Some(ReturnStep::Sent), by),
            One::Dispute => self.dispute(order, amount, by),
            One::Propose => self.propose(order, amount, by),
            One::AcceptSplit => self.accept_split(order, amount, by),
            One::Escalate => self.escalate(order, amount, by),
            One::Defend => self.defend(order, amount, by),
            One::Raise => self.raise(order, by),
            One::NoteRuling => self.note_ruling(order, by.now),
            One::Appeal => self.appeal(order, by),
            One::ReclaimFee => self.reclaim(order),
        }
    }

    fn dispute(&mut self, order: u64, amount: Money, by: Caller) -> Verdict {
        let o = self.order(order).ok_or("UnknownOrder")?;
        let me = side(o, by.account)?;
        match o.state {
            State::Shipped if me == Side::Seller => past(by.now, o.deadline)?,
            State::Shipped => {}
            State::Delivered | State::Return => before(by.now, o.deadline)?,
            _ => return Err("WrongState"),
        }
        let mut case = Case {
            claimant: me,
            awaited: Some(me.other()),
            buyer_claim: o.amount,
            seller_claim: 0,
            escalated_by: None,
            appealed_by: None,
            defended: false,
            dispute: None,
            is_final: false,
            reclaimed: false,
            ruling: 0,
            deposit: 0,
            pot: 0,
        };
        claim(&mut case, me, amount)?;
        let answer_by = by.now + self.limits(o).negotiate;
        let mut effects = Vec::new();
        self.order_mut(order).ok_or("UnknownOrder")?.case = Some(Box::new(case));
        self.shift(order, State::Disputed, answer_by, &mut effects);
        Ok(effects)
    }

    fn propose(&mut self, order: u64, amount: Money, by: Caller) -> Verdict {
        let o = self.in_state(order, State::Disputed)?;
        before(by.now, o.deadline)?;
        let me = side(o, by.account)?;
        let mut deadline = o.deadline;
        let renewed = by.now + self.limits(o).negotiate;
        let case = self.case_mut(order)?;
        claim(case, me, amount)?;
        if me != case.claimant && case.awaited == Some(me) {
            case.awaited = Some(case.claimant);
            deadline = renewed;
        }
        let mut effects = Vec::new();
        self.shift(order, State::Disputed, deadline, &mut effects);
        Ok(effects)
    }

    fn accept_split(&mut self, order: u64, amount: Money, by: Caller) -> Verdict {
        let o = self.order(order).ok_or("UnknownOrder")?;
        let defended = o.case.as_ref().is_some_and(|case| case.defended);
        if o.state != State::Disputed && (o.state != State::Escalated || defended) {
            return Err("WrongState");
        }
        before(by.now, o.deadline)?;
        let me = side(o, by.account)?;
        let case = self.case_mut(order)?;
        let (proposed, escalated_by) = (claim_of(case, me.other()), case.escalated_by);
        if proposed != amount {
            return Err("ProposalMismatch");
        }
        let mut effects = Vec::new();
        self.pay_pot(order, escalated_by, &mut effects);
        self.settle(order, proposed, &mut effects);
        Ok(effects)
    }

    fn escalate(&mut self, order: u64, amount: Money, by: Caller) -> Verdict {
        let o = self.in_state(order, State::Disputed)?;
        before(by.now, o.deadline)?;
        let me = side(o, by.account)?;
        let (needed, defend_by) = (self.panel.price(o.token, o.amount), by.now + self.limits(o).negotiate);
        let mut case = self.case_mut(order)?.clone();
        claim(&mut case, me, amount)?;
        let mut effects = Vec::new();
        self.collect_deposit(needed, by, &mut effects)?;
        (case.escalated_by, case.awaited, case.deposit, case.pot) = (Some(me), Some(me.other()), needed, needed);
        *self.case_mut(order)? = case;
        self.shift(order, State::Escalated, defend_by, &mut effects);
        effects.push(Effect::Escrowed { order, deposit: needed });
        Ok(effects)
    }

    fn defend(&mut self, order: u64, amount: Money, by: Caller) -> Verdict {
        let o = self.in_state(order, State::Escalated)?;
        before(by.now, o.deadline)?;
        let me = side(o, by.account)?;
        let rule_by = by.now + self.limits(o).arbiter;
        let mut case = self.case_mut(order)?.clone();
        if case.defended || case.escalated_by == Some(me) {
            return Err("AlreadyDeposited");
        }
        claim(&mut case, me, amount)?;
        let mut effects = Vec::new();
        self.collect_deposit(case.deposit, by, &mut effects)?;
        (case.defended, case.awaited) = (true, None);
        case.pot += case.deposit;
        let deposit = case.deposit;
        *self.case_mut(order)? = case;
        self.shift(order, State::Escalated, rule_by, &mut effects);
        effects.push(Effect::Escrowed { order, deposit });
        self.ask_arbiters(order, &mut effects);
        Ok(effects)
    }

    /// Coin sent counts first, the rest comes out of credit, and what is too much becomes credit.
    pub(super) fn collect_deposit(
        &mut self,
        needed: Money,
        by: Caller,
        effects: &mut Vec<Effect>,
    ) -> Result<(), &'static str> {
        if by.value >= needed {
            self.credit(by.account, Token::Coin, by.value - needed, effects);
            return Ok(());
        }
        let short = needed - by.value;
        self.spend(by.account, Token::Coin, short).ok_or("InsufficientDeposit")?;
        effects.push(Effect::Spent(by.account, short));
        Ok(())
    }

    /// Takes money out of a credit that holds enough.
    pub(super) fn spend(&mut self, account: Address, token: Token, amount: Money) -> Option<()> {
        let credit = self.credit.entry((account, token)).or_default();
        *credit = credit.checked_sub(amount)?;
        Some(())
    }

    pub(super) fn case_mut(&mut self, order: u64) -> Result<&mut Case, &'static str> {
        let found: Option<&mut Order> = self.order_mut(order);
        found.and_then(|order| order.case.as_deref_mut()).ok_or("NothingReclaimed")
    }
}

/// A claim stays or gives way, and never meets the other side's.
fn claim(case: &mut Case, side: Side, amount: Money) -> Result<(), &'static str> {
    let (low, high) = (case.seller_claim, case.buyer_claim);
    let good = match side {
        Side::Buyer => low < amount && amount <= high,
        Side::Seller => low <= amount && amount < high,
    };
    if !good {
        return Err("ProposalOutOfRange");
    }
    match side {
        Side::Buyer => case.buyer_claim = amount,
        Side::Seller => case.seller_claim = amount,
    }
    Ok(())
}
