//! Credits, offers, and what only the operator may do.

use super::{Caller, Offer, Rules, Verdict};
use crate::{
    calls::{self, Call},
    effects::Effect,
    terms::{Money, OfferTerms, Token},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;

impl Rules {
    pub(super) fn set(&mut self, call: &Call, by: Caller) -> Verdict {
        match call {
            Call::Deposit(token, amount) => self.deposit(*token, *amount, by),
            Call::Withdraw(token) => self.withdraw(*token, by.account),
            Call::Publish(terms, stock) => self.publish(terms, *stock, by.account),
            Call::Revise(offer, terms) => self.revise(*offer, terms, by.account),
            Call::SetStock(offer, stock) => {
                self.own(*offer, by.account)?.stock = *stock;
                Ok(Vec::new())
            }
            Call::SetActive(offer, active) => {
                self.own(*offer, by.account)?.active = *active;
                Ok(Vec::new())
            }
            call => self.govern(call, by.account),
        }
    }

    fn govern(&mut self, call: &Call, account: Address) -> Verdict {
        if account != self.operator {
            return Err("AccessManagedUnauthorized");
        }
        match call {
            Call::SetFees(fee, bond) if *fee > 500 || *bond > 1_000 => return Err("RateTooHigh"),
            Call::SetFees(fee, bond) => (self.fee_bps, self.bond_bps) = (*fee, *bond),
            Call::SetAffiliateShare(share) if *share > 5_000 => return Err("RateTooHigh"),
            Call::SetAffiliateShare(share) => self.affiliate_bps = *share,
            Call::Pause if self.paused => return Err("EnforcedPause"),
            Call::Unpause if !self.paused => return Err("ExpectedPause"),
            Call::Pause => self.paused = true,
            Call::Unpause => self.paused = false,
            _ => {}
        }
        Ok(Vec::new())
    }

    fn deposit(&mut self, token: Token, amount: Money, by: Caller) -> Verdict {
        if amount == 0 {
            return Err("ZeroAmount");
        }
        let needed = if token == Token::Coin { amount } else { 0 };
        if by.value != needed {
            return Err("WrongValue");
        }
        *self.credit.entry((by.account, token)).or_default() += amount;
        Ok(vec![Effect::Deposited(by.account, token, amount)])
    }

    fn withdraw(&mut self, token: Token, account: Address) -> Verdict {
        match self.credit.remove(&(account, token)) {
            None | Some(0) => Err("NoCredit"),
            Some(amount) => Ok(vec![Effect::Withdrawn(account, token, amount)]),
        }
    }

    fn publish(&mut self, terms: &OfferTerms, stock: u64, seller: Address) -> Verdict {
        let hash = self.terms_hash(self.offers.len() as u64 + 1, 1, seller, terms);
        self.offers.push(Offer { seller, versions: vec![(terms.clone(), hash)], active: true, stock });
        Ok(Vec::new())
    }

    fn revise(&mut self, offer: u64, terms: &OfferTerms, seller: Address) -> Verdict {
        let version = self.own(offer, seller)?.version() + 1;
        let hash = self.terms_hash(offer, version, seller, terms);
        self.own(offer, seller)?.versions.push((terms.clone(), hash));
        Ok(Vec::new())
    }

    /// What buyers sign: this market, this chain, offer, version, seller, terms, description, limits.
    fn terms_hash(&self, offer: u64, version: u32, seller: Address, terms: &OfferTerms) -> B256 {
        let (chain, market) = (U256::from(self.chain_id), self.places.market);
        let (offer, version) = (U256::from(offer), U256::from(version));
        let written = self.places.terms(terms);
        let base = (chain, market, offer, version, seller, written, B256::ZERO);
        match &terms.own {
            None => keccak256(base.abi_encode_params()),
            Some(own) => {
                let (a, b, c, d, e, f, g) = base;
                keccak256((a, b, c, d, e, f, g, calls::limits(own)).abi_encode_params())
            }
        }
    }

    fn own(&mut self, offer: u64, account: Address) -> Result<&mut Offer, &'static str> {
        let place = usize::try_from(offer).ok().and_then(|offer| offer.checked_sub(1)).ok_or("UnknownOffer")?;
        let found = self.offers.get_mut(place).ok_or("UnknownOffer")?;
        if found.seller == account { Ok(found) } else { Err("NotSeller") }
    }
}
