//! The first day: money for everyone, offers, campaigns, arbiters.

use crate::{
    calls::{Call, Judging},
    cast::{ISSUER, OPERATOR, TREASURY, Vice},
    terms::{CampaignTerms, DAY, HOUR, Limits, Money, OfferTerms, STANDARD, Token},
    world::{Guard, Task, World},
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use platform_protocol::contracts::{Erc20, StableToken};

/// Everyone's stable tokens at the beginning: a thousand million.
pub(crate) const WALLET: Money = 1_000_000_000_000_000;
const GUILD: Money = 1_000_000_000_000_000_000;

impl World {
    /// Sets everything up and makes the first plans.
    pub(crate) fn set_up(&mut self) -> anyhow::Result<()> {
        self.give_money()?;
        self.stock_shelves()?;
        self.hire()?;
        let campaigns = (self.options.orders / 500).clamp(8, 100);
        for _ in 0..campaigns {
            self.launch()?;
        }
        self.now += 60;
        self.seal()?;
        for campaign in 1..=self.rules.campaigns.len() as u64 {
            self.join(campaign)?;
        }
        self.send(OPERATOR, Call::SetAffiliateShare(2_500), 0)?;
        self.now += 60;
        self.seal()?;
        for (delay, task) in [(1, Task::Shop), (6 * HOUR, Task::Race), (HOUR, Task::Tinker), (2 * HOUR, Task::Bank)] {
            self.at(self.now + delay, task);
        }
        let span = self.options.orders * HOUR / self.pace();
        for part in 1..10 {
            self.at(self.now + span * part / 10, Task::Govern(part));
        }
        Ok(())
    }

    fn give_money(&mut self) -> anyhow::Result<()> {
        let everyone: Vec<Address> = self.cast.people.iter().map(crate::cast::Person::address).collect();
        for group in everyone.chunks(100) {
            let mint = StableToken::mintBatchCall { to: group.to_vec(), amount: vec![U256::from(WALLET); group.len()] };
            self.prepare(OPERATOR, self.places.stable, mint.abi_encode())?;
        }
        for place in 0..everyone.len() {
            let approve = Erc20::approveCall { spender: self.places.market, value: U256::MAX };
            self.prepare(place, self.places.stable, approve.abi_encode())?;
        }
        self.seal()
    }

    fn stock_shelves(&mut self) -> anyhow::Result<()> {
        for place in self.cast.sellers.clone() {
            let poor = self.cast.people[place].vice == Vice::Poor;
            for token in Token::ALL {
                let amount = if poor { self.unit(token) } else { self.unit(token) * 20_000 };
                self.send(place, Call::Deposit(token, amount), Self::value_of(token, amount))?;
            }
            for _ in 0..2 + self.dice.below(3) {
                let token = if self.dice.chance(60) { Token::Stable } else { Token::Coin };
                let terms = self.offer(token);
                let stock = 50 + self.dice.below(self.options.orders);
                self.send(place, Call::Publish(Box::new(terms), stock), 0)?;
            }
        }
        self.now += 60;
        self.seal()
    }

    /// About a dollar, or a thousandth of a coin.
    pub(crate) const fn unit(&self, token: Token) -> Money {
        match token {
            Token::Stable => 1_000_000,
            Token::Coin => 1_000_000_000_000_000,
        }
    }

    pub(crate) fn offer(&mut self, token: Token) -> OfferTerms {
        let unit = self.unit(token);
        let price = match self.dice.below(30) {
            0 => 0,
            1 => 1,
            _ => unit / 1_000 * Money::from(self.dice.between(500, 90_000)) + Money::from(self.dice.below(977)),
        };
        let own = self.dice.chance(25).then(|| Limits {
            contest: self.dice.between(24, 72) * HOUR,
            negotiate: self.dice.between(24, 72) * HOUR,
            appeal: self.dice.between(24, 96) * HOUR,
            arbiter: self.dice.between(14, 20) * DAY,
            returnable: self.dice.chance(60),
            ..STANDARD
        });
        OfferTerms {
            token,
            unit_price: price,
            shipping: Money::from(self.dice.below(3)) * unit / 7,
            accept: self.dice.between(1, 72) * HOUR,
            ship: self.dice.between(1, 10) * DAY,
            deliver: self.dice.between(2, 21) * DAY,
            inspect: self.dice.between(24, 14 * 24) * HOUR,
            own,
        }
    }

    fn hire(&mut self) -> anyhow::Result<()> {
        for (index, place) in self.cast.arbiters.clone().into_iter().enumerate() {
            let votes = if index % 7 == 6 { 1_000 } else { 20_000 + 10_000 * index as u128 };
            let amount = votes * GUILD;
            let to = self.cast.address(place);
            let transfer = Erc20::transferCall { to, value: U256::from(amount) };
            self.prepare(TREASURY, self.places.guild, transfer.abi_encode())?;
            let approve = Erc20::approveCall { spender: self.places.panel, value: U256::MAX };
            self.prepare(place, self.places.guild, approve.abi_encode())?;
            self.send(OPERATOR, Call::Judge(Judging::Certify(to, true)), 0)?;
        }
        self.now += 60;
        self.seal()?;
        for (index, place) in self.cast.arbiters.clone().into_iter().enumerate() {
            let votes = if index % 7 == 6 { 1_000 } else { 20_000 + 10_000 * index as u128 };
            self.send(place, Call::Judge(Judging::Stake(votes * GUILD)), 0)?;
        }
        Ok(())
    }

    /// A partner opens a campaign.
    pub(crate) fn launch(&mut self) -> anyhow::Result<()> {
        let token = if self.dice.chance(60) { Token::Stable } else { Token::Coin };
        let unit = self.unit(token);
        let percent = self.dice.chance(60);
        let category = if self.dice.chance(20) { B256::repeat_byte(9) } else { B256::ZERO };
        let seller = self.cast.sellers.start + self.dice.place(self.cast.sellers.len());
        let seller = if self.dice.chance(25) { self.cast.address(seller) } else { Address::ZERO };
        let terms = CampaignTerms {
            token,
            issuer: self.cast.address(ISSUER),
            percent_bps: if percent { u16::try_from(self.dice.between(100, 4_000)).unwrap_or(100) } else { 0 },
            amount: if percent { 0 } else { unit * Money::from(self.dice.between(1, 20)) / 3 },
            subsidy_max: unit * Money::from(self.dice.between(1, 30)),
            spend_min: unit * Money::from(self.dice.below(5)),
            starts_at: self.now,
            ends_at: self.now + self.dice.between(2, 40) * DAY,
            seller,
            category,
            stackable: self.dice.chance(60),
        };
        let budget = unit * Money::from(self.dice.between(20, 600)) + Money::from(self.dice.below(997));
        let from = self.cast.partners.start + self.dice.place(self.cast.partners.len());
        for delay in [HOUR, 9 * DAY] {
            let next = self.rules.campaigns.len() as u64 + 1;
            self.at(terms.ends_at + delay, Task::Leftovers(next));
        }
        self.send(from, Call::OpenCampaign(Box::new(terms), budget), Self::value_of(token, budget))
    }

    /// Others pay into it too.
    pub(crate) fn join(&mut self, campaign: u64) -> anyhow::Result<()> {
        let Some(token) = self.rules.campaign(campaign).map(|found| found.terms.token) else { return Ok(()) };
        for _ in 0..self.dice.below(4) {
            let from = self.cast.partners.start + self.dice.place(self.cast.partners.len());
            let amount = self.unit(token) * Money::from(self.dice.between(5, 200)) / 7 + 1;
            self.send(from, Call::FundCampaign(campaign, amount), Self::value_of(token, amount))?;
        }
        Ok(())
    }

    /// Anyone credits what a campaign left over; before its end that is refused.
    pub(crate) fn leftovers(&mut self, campaign: u64) -> anyhow::Result<()> {
        let parts = self.rules.campaign(campaign).map_or(0, |found| found.parts.len() as u64);
        for part in 0..=parts {
            let call = Call::CreditLeftover(campaign, part);
            self.at(self.now + 1, Task::Send { from: crate::cast::STRANGER, call, value: 0, guard: Guard::Always });
        }
        Ok(())
    }
}
