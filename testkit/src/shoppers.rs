//! Buying: baskets, vouchers, races for the last of a budget, and attempts that must fail.

use crate::{
    calls::{self, Call},
    cast::{ISSUER, STRANGER, Vice},
    rules::{Campaign, worth},
    terms::{DAY, HOUR, Line, Money, Token, Voucher},
    world::{Task, World},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;

const VOUCHER: &str =
    "Voucher(uint256 campaignId,bytes32 nullifier,address buyer,uint256 offerId,bytes32 category,uint64 expiresAt)";
const DOMAIN: &str = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

impl World {
    /// Many shop in one block, and more will in the next.
    pub(crate) fn shop(&mut self) -> anyhow::Result<()> {
        let missing = self.options.orders.saturating_sub(self.rules.orders.len() as u64);
        if missing > 0 {
            self.at(self.now + 1, Task::Shop);
        }
        let most = missing.min(self.pace());
        for _ in 0..self.dice.between(0, most) {
            self.shop_once()?;
        }
        Ok(())
    }

    fn shop_once(&mut self) -> anyhow::Result<()> {
        let buyer = self.cast.buyers.start + self.dice.place(self.cast.buyers.len());
        let wash = self.dice.chance(4);
        if wash && let Some((alter, offer)) = self.washer() {
            let line = self.line(offer);
            return self.buy(alter, vec![line], vec![Vec::new()], Address::ZERO);
        }
        let count = if self.dice.chance(85) { 1 } else { 2 + self.dice.place(2) };
        let mut lines = Vec::new();
        for _ in 0..count {
            let offer = 1 + self.dice.below(self.rules.offers.len() as u64);
            lines.push(self.line(offer));
        }
        let vouchers = lines.clone().iter().map(|line| self.vouchers(buyer, line)).collect();
        let affiliate = match self.dice.below(100) {
            0..20 => self.cast.address(self.cast.affiliates.start + self.dice.place(self.cast.affiliates.len())),
            20 => self.cast.address(buyer),
            _ => Address::ZERO,
        };
        if self.dice.chance(5) {
            return self.buy_wrongly(buyer, lines, vouchers, affiliate);
        }
        self.buy(buyer, lines, vouchers, affiliate)
    }

    /// Orders an hour.
    pub(crate) fn pace(&self) -> u64 {
        (self.options.orders / 1_500).clamp(4, 60)
    }

    fn washer(&mut self) -> Option<(usize, u64)> {
        let washers: Vec<usize> =
            self.cast.sellers.clone().filter(|place| self.cast.people[*place].vice == Vice::Washer).collect();
        let seller = *washers.get(self.dice.place(washers.len()))?;
        let account = self.cast.address(seller);
        let offer = self.rules.offers.iter().position(|offer| offer.seller == account)?;
        Some((self.cast.alters.start + seller - self.cast.sellers.start, offer as u64 + 1))
    }

    fn line(&mut self, offer: u64) -> Line {
        let quantity = 1 + u32::try_from(self.dice.below(3)).unwrap_or(0);
        let found = self.rules.offer(offer);
        let (version, hash) =
            found.map_or((1, B256::ZERO), |found| (found.version(), found.versions[found.versions.len() - 1].1));
        Line { offer, version, quantity, terms_hash: hash }
    }

    fn buy(
        &mut self,
        from: usize,
        lines: Vec<Line>,
        vouchers: Vec<Vec<Voucher>>,
        affiliate: Address,
    ) -> anyhow::Result<()> {
        let value = self.coin(&lines, &vouchers);
        self.send(from, Call::Place { lines, vouchers, affiliate }, value)
    }

    fn buy_wrongly(
        &mut self,
        from: usize,
        mut lines: Vec<Line>,
        vouchers: Vec<Vec<Voucher>>,
        affiliate: Address,
    ) -> anyhow::Result<()> {
        let mut from = from;
        let mut extra = 0;
        match self.dice.below(6) {
            0 => lines[0].terms_hash = self.dice.hash(),
            1 => lines[0].version += 1,
            2 => lines[0].quantity = 0,
            3 => lines[0].offer += 100_000,
            4 => from = self.rules.offer(lines[0].offer).and_then(|offer| self.cast.find(offer.seller)).unwrap_or(from),
            _ => extra = 1,
        }
        let value = self.coin(&lines, &vouchers) + extra;
        self.send(from, Call::Place { lines, vouchers, affiliate }, value)
    }

    /// What a buyer sends along in coin, worked out as a buyer would.
    fn coin(&self, lines: &[Line], vouchers: &[Vec<Voucher>]) -> Money {
        let mut sum = 0;
        for (line, vouchers) in lines.iter().zip(vouchers) {
            let Some(offer) = self.rules.offer(line.offer) else { continue };
            let terms = &offer.versions[offer.versions.len() - 1].0;
            if terms.token == Token::Coin {
                let amount = terms.unit_price * Money::from(line.quantity) + terms.shipping;
                let campaigns = vouchers.iter().filter_map(|voucher| self.rules.campaign(voucher.campaign));
                let off: Money = campaigns.map(|campaign| worth(campaign, amount)).sum();
                sum += amount.saturating_sub(off);
            }
        }
        sum
    }

    fn vouchers(&mut self, buyer: usize, line: &Line) -> Vec<Voucher> {
        if !self.dice.chance(35) || self.rules.campaigns.is_empty() {
            return Vec::new();
        }
        let fitting: Vec<u64> = (1..)
            .zip(&self.rules.campaigns)
            .filter(|(_, campaign)| {
                self.rules.offer(line.offer).is_some_and(|offer| {
                    fits(campaign, offer.seller, offer.versions[offer.versions.len() - 1].0.token, self.now)
                })
            })
            .map(|(number, _)| number)
            .collect();
        if fitting.is_empty() || self.dice.chance(6) {
            let campaign = 1 + self.dice.below(self.rules.campaigns.len() as u64 + 1);
            return vec![self.voucher(buyer, campaign, line.offer)];
        }
        let count = if self.dice.chance(75) { 1 } else { 2 + self.dice.place(3) };
        let start = self.dice.place(fitting.len());
        let chosen: Vec<u64> = fitting.iter().cycle().skip(start).take(count).copied().collect();
        chosen.into_iter().map(|campaign| self.voucher(buyer, campaign, line.offer)).collect()
    }

    /// A voucher, mostly good: some are others', old, forged, or for something else.
    fn voucher(&mut self, buyer: usize, campaign: u64, offer: u64) -> Voucher {
        let account = self.cast.address(buyer);
        let category = self.rules.campaign(campaign).map_or(B256::ZERO, |found| found.terms.category);
        // A person has a few accounts' worth of tries at most, so that many come back with a used one.
        let nullifier = keccak256((account, self.dice.below(3)).abi_encode());
        let mut voucher = Voucher {
            campaign,
            nullifier,
            buyer: account,
            offer: if category.is_zero() { 0 } else { offer },
            category,
            expires_at: self.now + DAY,
            signature: Default::default(),
            genuine: true,
        };
        match self.dice.below(40) {
            0 => voucher.buyer = self.cast.address(self.cast.buyers.start),
            1 => voucher.expires_at = self.now.saturating_sub(HOUR),
            2 => voucher.genuine = false,
            3 => voucher.offer = offer + 1,
            4 => voucher.category = self.dice.hash(),
            _ => {}
        }
        let by = if voucher.genuine { ISSUER } else { STRANGER };
        let signature = self.cast.people[by].signer.sign_hash(&self.voucher_hash(&voucher));
        voucher.signature = signature.as_bytes().into();
        voucher
    }

    fn voucher_hash(&self, voucher: &Voucher) -> B256 {
        let domain = (
            keccak256(DOMAIN),
            keccak256("Guildhall Market"),
            keccak256("1"),
            U256::from(self.rules.chain_id),
            self.places.market,
        );
        let domain = keccak256(domain.abi_encode());
        let body = keccak256((keccak256(VOUCHER), calls::voucher(voucher)).abi_encode());
        keccak256([&[0x19, 0x01], domain.as_slice(), body.as_slice()].concat())
    }

    /// Many run for what is left of one budget, in one block, some of them twice.
    pub(crate) fn race(&mut self) -> anyhow::Result<()> {
        if (self.rules.orders.len() as u64) < self.options.orders {
            self.at(self.now + 6 * HOUR, Task::Race);
        }
        let now = self.now;
        let mut prizes: Vec<(Money, u64)> = (1..)
            .zip(&self.rules.campaigns)
            .filter(|(_, campaign)| campaign.available > 0 && campaign.terms.ends_at > now)
            .map(|(number, campaign)| (campaign.available, number))
            .collect();
        prizes.sort_unstable();
        prizes.truncate(6);
        if prizes.is_empty() {
            return Ok(());
        }
        let (_, prize) = *self.dice.pick(&prizes);
        let Some(campaign) = self.rules.campaign(prize).cloned() else { return Ok(()) };
        let offers: Vec<u64> = (1..)
            .zip(&self.rules.offers)
            .filter(|(_, offer)| fits(&campaign, offer.seller, offer.versions[offer.versions.len() - 1].0.token, now))
            .map(|(number, _)| number)
            .collect();
        if offers.is_empty() {
            return Ok(());
        }
        for _ in 0..10 {
            let buyer = self.cast.buyers.start + self.dice.place(self.cast.buyers.len());
            let offer = *self.dice.pick(&offers);
            let line = self.line(offer);
            let voucher = self.voucher(buyer, prize, line.offer);
            for _ in 0..1 + self.dice.place(2) {
                self.buy(buyer, vec![line.clone()], vec![vec![voucher.clone()]], Address::ZERO)?;
            }
        }
        Ok(())
    }
}

fn fits(campaign: &Campaign, seller: Address, token: Token, now: u64) -> bool {
    let terms = &campaign.terms;
    terms.token == token && (terms.seller.is_zero() || terms.seller == seller) && terms.ends_at > now
}
