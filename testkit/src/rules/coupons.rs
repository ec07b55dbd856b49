//! How budgets are locked, and given back to who paid them.

use super::{Caller, Campaign, Contribution, Rules, Verdict};
use crate::{
    effects::Effect,
    terms::{CampaignTerms, DAY, Money, Token, share},
};

impl Rules {
    pub(super) fn open_campaign(&mut self, terms: &CampaignTerms, amount: Money, by: Caller) -> Verdict {
        let period = terms.starts_at < terms.ends_at && by.now < terms.ends_at && terms.ends_at <= by.now + 730 * DAY;
        let value = (terms.percent_bps == 0) != (terms.amount == 0) && terms.percent_bps <= 10_000;
        if !period || !value || terms.subsidy_max == 0 || terms.issuer.is_zero() {
            return Err("InvalidCampaign");
        }
        let needed = if terms.token == Token::Coin { amount } else { 0 };
        if by.value != needed {
            return Err("WrongValue");
        }
        self.campaigns.push(Campaign {
            terms: terms.clone(),
            contributed: 0,
            available: 0,
            locked: 0,
            withdrawn: 0,
            parts: Vec::new(),
            used: Default::default(),
        });
        let campaign = self.campaigns.len() as u64;
        let mut effects = vec![Effect::CampaignOpened(campaign)];
        if amount > 0 {
            self.contribute(campaign, amount, by, &mut effects);
        }
        Ok(effects)
    }

    pub(super) fn fund_campaign(&mut self, campaign: u64, amount: Money, by: Caller) -> Verdict {
        if amount == 0 {
            return Err("ZeroAmount");
        }
        let found = self.campaign(campaign).ok_or("UnknownCampaign")?;
        if by.now > found.terms.ends_at {
            return Err("CampaignNotRunning");
        }
        let needed = if found.terms.token == Token::Coin { amount } else { 0 };
        if by.value != needed {
            return Err("WrongValue");
        }
        let mut effects = Vec::new();
        self.contribute(campaign, amount, by, &mut effects);
        Ok(effects)
    }

    fn contribute(&mut self, campaign: u64, amount: Money, by: Caller, effects: &mut Vec<Effect>) {
        let Some(found) = self.campaign_mut(campaign) else { return };
        found.parts.push(Contribution { funder: by.account, start: found.contributed, amount, withdrawn: 0 });
        found.contributed += amount;
        found.available += amount;
        effects.push(Effect::CampaignFunded(campaign, amount));
    }

    pub(super) fn credit_leftover(&mut self, campaign: u64, part: u64, now: u64) -> Verdict {
        let found = self.campaign_mut(campaign).ok_or("UnknownCampaign")?;
        if now <= found.terms.ends_at {
            return Err("CampaignRunning");
        }
        let place = usize::try_from(part).unwrap_or(usize::MAX);
        let amount = leftover(found, place).ok_or("UnknownContribution")?;
        if amount == 0 {
            return Err("NoLeftover");
        }
        found.available -= amount;
        found.withdrawn += amount;
        found.parts[place].withdrawn += amount;
        let (funder, token) = (found.parts[place].funder, found.terms.token);
        let mut effects = vec![Effect::Leftover(campaign, part, amount)];
        self.credit(funder, token, amount, &mut effects);
        Ok(effects)
    }
}

/// A contribution's part of what is left: the difference of two roundings, so that all parts are the whole.
pub(crate) fn leftover(campaign: &Campaign, place: usize) -> Option<Money> {
    let part = campaign.parts.get(place)?;
    let whole = campaign.available + campaign.withdrawn;
    let upto = |end| share(whole, end, campaign.contributed);
    let due = upto(part.start + part.amount) - upto(part.start);
    Some(due.saturating_sub(part.withdrawn).min(campaign.available))
}
