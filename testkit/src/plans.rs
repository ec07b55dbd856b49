//! What people plan when an order of theirs has moved.

use crate::{
    calls::{Call, Many, One},
    cast::{STRANGER, Vice},
    rules::Order,
    terms::{DAY, HOUR, Money, ReturnStep, Side, State},
    world::{Guard, Task, World},
};

impl World {
    /// Makes plans for every order that moved.
    pub(crate) fn plan(&mut self) {
        for number in std::mem::take(&mut self.touched) {
            let Some(order) = self.rules.order(number).cloned() else { continue };
            if self.dice.chance(9) {
                self.prank(number, &order);
            }
            if order.state.over() {
                continue;
            }
            let later = order.deadline + 1 + self.dice.below(8 * HOUR);
            self.at(later, Task::Crank(number, order.revision));
            self.plan_order(number, &order);
        }
    }

    fn plan_order(&mut self, number: u64, order: &Order) {
        match order.state {
            State::Funded => self.plan_funded(number, order),
            State::Accepted => self.plan_accepted(number, order),
            State::Shipped | State::Contested => self.plan_underway(number, order),
            State::Delivered => self.plan_delivered(number, order),
            State::Return => self.plan_return(number, order),
            State::Disputed | State::Escalated | State::Ruled => {
                if let Some(case) = order.case.clone() {
                    self.plan_case(number, order, &case);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn person(&self, order: &Order, side: Side) -> (usize, Vice) {
        let account = if side == Side::Buyer { order.buyer } else { order.seller };
        let place = self.cast.find(account).unwrap_or(STRANGER);
        (place, self.cast.people[place].vice)
    }

    /// At some time before the deadline, or after it for those who are late.
    pub(crate) fn intend(&mut self, number: u64, order: &Order, from: usize, call: Call, late: bool) {
        self.intend_with(number, order, from, call, 0, late);
    }

    pub(crate) fn intend_with(
        &mut self,
        number: u64,
        order: &Order,
        from: usize,
        call: Call,
        value: Money,
        late: bool,
    ) {
        let window = order.deadline.saturating_sub(self.now).max(2);
        let time = if late {
            order.deadline + self.dice.below(6 * HOUR)
        } else if self.dice.chance(6) {
            // The very last second.
            order.deadline
        } else {
            self.now + 1 + self.dice.below(window * 3 / 4)
        };
        let guard = if self.dice.chance(92) { Guard::Order(number, order.revision) } else { Guard::Always };
        self.at(time, Task::Send { from, call, value, guard });
    }

    fn plan_funded(&mut self, number: u64, order: &Order) {
        let (seller, selling) = self.person(order, Side::Seller);
        let (buyer, buying) = self.person(order, Side::Buyer);
        if buying == Vice::Fickle && self.dice.chance(45) || self.dice.chance(2) {
            self.intend(number, order, buyer, Call::One(One::Cancel, number, 0), false);
        }
        match selling {
            Vice::Silent if self.dice.chance(60) => {}
            Vice::Fickle if self.dice.chance(40) => {
                self.intend(number, order, seller, Call::One(One::Decline, number, 0), false);
            }
            _ => {
                let late = self.dice.chance(3);
                self.intend(number, order, seller, Call::Many(Many::Accept, vec![number]), late);
            }
        }
    }

    fn plan_accepted(&mut self, number: u64, order: &Order) {
        let (seller, selling) = self.person(order, Side::Seller);
        let lazy = selling == Vice::Late && self.dice.chance(60);
        if lazy && self.dice.chance(50) || self.dice.chance(2) {
            return;
        }
        self.intend(number, order, seller, Call::Many(Many::Ship, vec![number]), lazy);
    }

    fn plan_underway(&mut self, number: u64, order: &Order) {
        let (buyer, buying) = self.person(order, Side::Buyer);
        let (seller, selling) = self.person(order, Side::Seller);
        let carrier = self.cast.carriers.start + self.dice.place(self.cast.carriers.len());
        let amount = self.dice.share(order.amount);
        if buying == Vice::Liar && self.dice.chance(15) {
            self.intend(number, order, buyer, Call::One(One::Dispute, number, amount), false);
        } else if selling == Vice::Liar && self.dice.chance(25) {
            self.intend(number, order, seller, Call::One(One::Dispute, number, amount), true);
        }
        match self.dice.below(100) {
            0..45 if buying != Vice::Silent => {
                self.intend(number, order, buyer, Call::Many(Many::Confirm, vec![number]), false);
            }
            0..88 => {
                let late = self.dice.chance(8);
                self.intend(number, order, carrier, Call::Many(Many::Attest, vec![number]), late);
            }
            88..92 => self.intend(number, order, seller, Call::Many(Many::Attest, vec![number]), false),
            _ => {}
        }
    }

    fn plan_delivered(&mut self, number: u64, order: &Order) {
        let (buyer, buying) = self.person(order, Side::Buyer);
        let (seller, selling) = self.person(order, Side::Seller);
        let amount = self.dice.share(order.amount);
        let roll = self.dice.below(100);
        if selling == Vice::Liar && self.dice.chance(8) {
            self.intend(number, order, seller, Call::One(One::Dispute, number, amount), false);
        }
        let call = match buying {
            Vice::Abuser if roll < 60 => Call::One(One::RequestReturn, number, 0),
            Vice::Liar if roll < 45 => Call::One(One::Dispute, number, amount),
            Vice::Silent => return,
            _ if roll < 60 => Call::Many(Many::Release, vec![number]),
            _ if roll < 70 => Call::One(One::RequestReturn, number, 0),
            _ if roll < 75 => Call::One(One::Dispute, number, amount),
            _ => return,
        };
        self.intend(number, order, buyer, call, false);
    }

    fn plan_return(&mut self, number: u64, order: &Order) {
        let (buyer, buying) = self.person(order, Side::Buyer);
        let (seller, selling) = self.person(order, Side::Seller);
        let roll = self.dice.below(100);
        if roll < 8 {
            self.intend(number, order, buyer, Call::One(One::DropReturn, number, 0), false);
        } else if roll < 18 {
            let amount = self.dice.share(order.amount);
            let from = if roll < 13 { buyer } else { seller };
            self.intend(number, order, from, Call::One(One::Dispute, number, amount), false);
        }
        let mute = matches!(selling, Vice::Silent | Vice::Late) && self.dice.chance(60);
        let keeps = matches!(buying, Vice::Abuser | Vice::Late) && self.dice.chance(55);
        let late = self.dice.chance(5);
        match order.returning {
            Some(ReturnStep::Approved) if !keeps => {
                self.intend(number, order, buyer, Call::One(One::SendReturn, number, 0), late);
            }
            Some(ReturnStep::Requested) if !mute => {
                self.intend(number, order, seller, Call::One(One::ApproveReturn, number, 0), late);
            }
            Some(ReturnStep::Sent) if !mute => {
                self.intend(number, order, seller, Call::One(One::ConfirmReturn, number, 0), late);
            }
            _ => {}
        }
    }

    /// Something that is not theirs to do, or not now, or not again.
    fn prank(&mut self, number: u64, order: &Order) {
        let single = [
            One::Cancel,
            One::Decline,
            One::RequestReturn,
            One::ApproveReturn,
            One::SendReturn,
            One::ConfirmReturn,
            One::DropReturn,
            One::Dispute,
            One::Propose,
            One::AcceptSplit,
            One::Escalate,
            One::Defend,
            One::Raise,
            One::NoteRuling,
            One::Appeal,
            One::ReclaimFee,
        ];
        let listed = [
            Many::Accept,
            Many::Ship,
            Many::Confirm,
            Many::Attest,
            Many::Release,
            Many::RefundExpired,
            Many::Contest,
            Many::Conclude,
        ];
        for _ in 0..=self.dice.below(3) {
            let from = match self.dice.below(4) {
                0 => self.person(order, Side::Buyer).0,
                1 => self.person(order, Side::Seller).0,
                2 => STRANGER,
                _ => self.cast.buyers.start + self.dice.place(self.cast.buyers.len()),
            };
            let call = if self.dice.chance(60) {
                Call::One(*self.dice.pick(&single), number, self.dice.share(order.amount))
            } else {
                let twice = if self.dice.chance(30) { vec![number, number] } else { vec![number] };
                Call::Many(*self.dice.pick(&listed), twice)
            };
            let payable = matches!(call, Call::One(One::Escalate | One::Defend | One::Appeal | One::Raise, ..));
            let value = if payable { self.rules.panel.price(order.token, order.amount) } else { 0 };
            let soon = if self.dice.chance(70) { 2 * DAY } else { 20 * DAY };
            let time = self.now + self.dice.below(soon);
            self.at(time, Task::Send { from, call, value, guard: Guard::Always });
        }
    }
}
