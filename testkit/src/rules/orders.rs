//! How orders go on when all is well, when a party is silent, and when goods go back.

use super::{Caller, Order, Rules, Verdict, before, past};
use crate::{
    calls::Many,
    effects::Effect,
    terms::{Reason, ReturnStep, State},
};

impl Rules {
    /// A list succeeds or fails as a whole. Nothing that is done to one order changes what may be done to another, but
    /// the same one twice is refused the second time.
    pub(super) fn many(&mut self, what: Many, orders: &[u64], by: Caller) -> Verdict {
        if what == Many::Attest && !self.carriers.contains(&by.account) {
            return Err("AccessManagedUnauthorized");
        }
        for (place, order) in orders.iter().enumerate() {
            self.may(what, *order, by)?;
            if orders[..place].contains(order) {
                return Err("WrongState");
            }
        }
        let mut effects = Vec::new();
        for order in orders {
            self.go(what, *order, by, &mut effects);
        }
        Ok(effects)
    }

    fn may(&self, what: Many, order: u64, by: Caller) -> Result<(), &'static str> {
        let now = by.now;
        match what {
            Many::Accept | Many::Ship => {
                let state = if what == Many::Accept { State::Funded } else { State::Accepted };
                let found = self.in_state(order, state)?;
                seller(found, by)?;
                before(now, found.deadline)
            }
            Many::Confirm => buyer(self.underway(order)?, by),
            Many::Attest => {
                let found = self.underway(order)?;
                if found.state == State::Contested { before(now, found.deadline) } else { Ok(()) }
            }
            Many::Release => {
                let found = self.in_state(order, State::Delivered)?;
                if found.buyer == by.account { Ok(()) } else { past(now, found.deadline) }
            }
            Many::RefundExpired => {
                let found = self.order(order).ok_or("UnknownOrder")?;
                expiry(found)?;
                past(now, found.deadline)
            }
            Many::Contest => past(now, self.in_state(order, State::Shipped)?.deadline),
            Many::Conclude => {
                let found = self.order(order).ok_or("UnknownOrder")?;
                let settled = found.state == State::Ruled && found.case.as_ref().is_some_and(|case| case.is_final);
                if !settled {
                    past(now, found.deadline)?;
                }
                match found.state {
                    State::Return | State::Disputed | State::Ruled | State::Escalated => Ok(()),
                    _ => Err("WrongState"),
                }
            }
        }
    }

    fn go(&mut self, what: Many, order: u64, by: Caller, effects: &mut Vec<Effect>) {
        let Some(found) = self.order(order) else { return };
        let (terms, limits, now) = (self.terms(found), self.limits(found), by.now);
        match what {
            Many::Accept => self.shift(order, State::Accepted, now + terms.ship, effects),
            Many::Ship => self.shift(order, State::Shipped, now + terms.deliver, effects),
            Many::Confirm | Many::Attest => self.shift(order, State::Delivered, now + terms.inspect, effects),
            Many::Release => self.release(order, effects),
            Many::RefundExpired => {
                if let Ok(reason) = expiry(found) {
                    self.refund(order, reason, effects);
                }
            }
            Many::Contest => self.shift(order, State::Contested, now + limits.contest, effects),
            Many::Conclude => self.conclude(order, effects),
        }
    }

    /// Requested, approved, sent: each in its turn and by its side. `None` asks for a return.
    pub(super) fn step_return(&mut self, order: u64, from: Option<ReturnStep>, by: Caller) -> Verdict {
        let mut effects = Vec::new();
        let Some(from) = from else {
            let found = self.in_state(order, State::Delivered)?;
            buyer(found, by)?;
            before(by.now, found.deadline)?;
            let limits = self.limits(found);
            if !limits.returnable {
                return Err("NotReturnable");
            }
            self.returning(order, ReturnStep::Requested, by.now + limits.answer, &mut effects);
            return Ok(effects);
        };
        let found = self.in_state(order, State::Return)?;
        if found.returning != Some(from) {
            return Err("WrongReturnStep");
        }
        before(by.now, found.deadline)?;
        let limits = self.limits(found);
        match from {
            ReturnStep::Requested => {
                seller(found, by)?;
                self.returning(order, ReturnStep::Approved, by.now + limits.send_back, &mut effects);
            }
            ReturnStep::Approved => {
                buyer(found, by)?;
                self.returning(order, ReturnStep::Sent, by.now + limits.confirm, &mut effects);
            }
            ReturnStep::Sent => {
                seller(found, by)?;
                self.refund(order, Reason::Returned, &mut effects);
            }
        }
        Ok(effects)
    }

    fn returning(&mut self, order: u64, step: ReturnStep, deadline: u64, effects: &mut Vec<Effect>) {
        if let Some(found) = self.order_mut(order) {
            found.returning = Some(step);
        }
        self.shift(order, State::Return, deadline, effects);
    }

    /// The buyer takes the order or the return back, or the seller declines.
    pub(super) fn give_up(&mut self, order: u64, state: State, reason: Reason, by: Caller) -> Verdict {
        let found = self.in_state(order, state)?;
        if reason == Reason::Declined {
            seller(found, by)?
        } else {
            buyer(found, by)?
        }
        let mut effects = Vec::new();
        if state == State::Return {
            self.release(order, &mut effects)
        } else {
            self.refund(order, reason, &mut effects)
        }
        Ok(effects)
    }

    fn underway(&self, order: u64) -> Result<&Order, &'static str> {
        let found = self.order(order).ok_or("UnknownOrder")?;
        if matches!(found.state, State::Shipped | State::Contested) { Ok(found) } else { Err("WrongState") }
    }
}

fn buyer(order: &Order, by: Caller) -> Result<(), &'static str> {
    if order.buyer == by.account { Ok(()) } else { Err("NotBuyer") }
}

fn seller(order: &Order, by: Caller) -> Result<(), &'static str> {
    if order.seller == by.account { Ok(()) } else { Err("NotOrderSeller") }
}

const fn expiry(order: &Order) -> Result<Reason, &'static str> {
    match order.state {
        State::Funded => Ok(Reason::AcceptExpired),
        State::Accepted => Ok(Reason::ShipExpired),
        State::Contested => Ok(Reason::DeliverExpired),
        _ => Err("WrongState"),
    }
}
