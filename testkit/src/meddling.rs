//! The operator, sellers who change their minds, and people who move money about.

use crate::{
    calls::{Call, Judging},
    cast::{OPERATOR, STRANGER, Vice},
    terms::{DAY, HOUR, Token},
    world::{Guard, Task, World},
};

impl World {
    /// The operator's settings change while orders are open.
    pub(crate) fn govern(&mut self, part: u64) -> anyhow::Result<()> {
        match part {
            1 | 5 => {
                self.send(OPERATOR, Call::Pause, 0)?;
                self.send(OPERATOR, Call::Pause, 0)?;
                let time = self.now + 3 * HOUR;
                self.at(time, Task::Send { from: OPERATOR, call: Call::Unpause, value: 0, guard: Guard::Always });
            }
            2 => self.send(OPERATOR, Call::SetFees(500, 1_000), 0)?,
            3 => self.send(OPERATOR, Call::Judge(Judging::Price(3 * 10_u128.pow(16))), 0)?,
            4 => {
                self.send(OPERATOR, Call::SetFees(137, 0), 0)?;
                self.send(OPERATOR, Call::SetFees(501, 0), 0)?;
            }
            6 => self.send(OPERATOR, Call::SetAffiliateShare(5_000), 0)?,
            7 => self.send(OPERATOR, Call::SetFees(333, 777), 0)?,
            8 => self.send(OPERATOR, Call::SetAffiliateShare(5_001), 0)?,
            _ => self.send(OPERATOR, Call::SetFees(0, 500), 0)?,
        }
        // Somebody else tries the same.
        for call in [Call::Pause, Call::Unpause, Call::SetFees(0, 0), Call::SetAffiliateShare(1)] {
            self.send(STRANGER, call, 0)?;
        }
        Ok(())
    }

    /// A seller changes an offer, now and then one that is not theirs; an arbiter comes or goes.
    pub(crate) fn tinker(&mut self) -> anyhow::Result<()> {
        if (self.rules.orders.len() as u64) < self.options.orders {
            self.at(self.now + 2 * HOUR, Task::Tinker);
        }
        let offer = 1 + self.dice.below(self.rules.offers.len() as u64);
        let owner = self.rules.offer(offer).and_then(|found| self.cast.find(found.seller)).unwrap_or(STRANGER);
        let from = if self.dice.chance(90) { owner } else { STRANGER };
        let call = match self.dice.below(4) {
            0 => {
                let token = self.rules.offer(offer).map_or(Token::Stable, |found| found.versions[0].0.token);
                let terms = self.offer(token);
                Call::Revise(offer, Box::new(terms))
            }
            1 => Call::SetStock(offer, self.dice.below(self.options.orders)),
            2 => Call::SetActive(offer, false),
            _ => Call::SetActive(offer, true),
        };
        self.send(from, call, 0)?;
        if self.dice.chance(70) {
            let again = Call::SetActive(offer, true);
            let time = self.now + 4 * HOUR;
            self.at(time, Task::Send { from: owner, call: again, value: 0, guard: Guard::Always });
        }
        if self.dice.chance(12) {
            self.launch()?;
        }
        if self.dice.chance(4) {
            let place = *self.dice.pick(&self.cast.arbiters.clone());
            let account = self.cast.address(place);
            match self.dice.below(3) {
                0 => self.send(place, Call::Judge(Judging::Resign), 0)?,
                _ => {
                    self.send(OPERATOR, Call::Judge(Judging::Certify(account, false)), 0)?;
                    let call = Call::Judge(Judging::Certify(account, true));
                    let time = self.now + 2 * DAY;
                    self.at(time, Task::Send { from: OPERATOR, call, value: 0, guard: Guard::Always });
                }
            }
        }
        Ok(())
    }

    /// People withdraw, some of them twice; sellers put bonds in again.
    pub(crate) fn bank(&mut self) -> anyhow::Result<()> {
        if (self.rules.orders.len() as u64) < self.options.orders {
            self.at(self.now + 2 * HOUR, Task::Bank);
        }
        for _ in 0..self.pace() / 2 {
            let from = self.cast.buyers.start + self.dice.place(self.cast.buyers.len());
            let token = *self.dice.pick(&Token::ALL);
            for _ in 0..1 + self.dice.below(2) {
                self.send(from, Call::Withdraw(token), 0)?;
            }
        }
        for _ in 0..=self.pace() / 20 {
            self.save()?;
        }
        let arbiter = *self.dice.pick(&self.cast.arbiters.clone());
        let to = self.cast.address(arbiter);
        self.send(arbiter, Call::Judge(Judging::WithdrawFees(to)), 0)
    }

    fn save(&mut self) -> anyhow::Result<()> {
        let seller = self.cast.sellers.start + self.dice.place(self.cast.sellers.len());
        let token = *self.dice.pick(&Token::ALL);
        self.send(seller, Call::Withdraw(token), 0)?;
        let amount = match self.cast.people[seller].vice {
            Vice::Poor => self.unit(token) * 5,
            _ => self.unit(token) * 20_000,
        };
        self.send(seller, Call::Deposit(token, amount), Self::value_of(token, amount))?;
        if self.dice.chance(10) {
            self.send(seller, Call::Deposit(token, 0), 0)?;
        }
        Ok(())
    }
}
