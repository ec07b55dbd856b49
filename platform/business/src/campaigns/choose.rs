//! Which coupons go on which lines of a basket: the most that the rules allow, found greedily and the same every time.

use alloy_primitives::{Address, B256, U256};

use super::model::Campaign;

/// Most coupons on one order; the contract's `COUPONS_MAX`.
const COUPONS_MAX: usize = 3;

/// A line of a basket.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) offer: u64,
    pub(super) seller: Address,
    pub(super) token: Address,
    /// Keccak-256 of the offer's category.
    pub(super) category: B256,
    /// Goods and shipping.
    pub(super) amount: U256,
}

/// A campaign that a person may use.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) campaign: Campaign,
    /// How often the person may still use it.
    pub(super) uses_left: u32,
    /// What is in it and promised to nobody else.
    pub(super) left: U256,
}

/// A coupon on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    pub(super) line: usize,
    pub(super) candidate: usize,
    pub(super) amount: U256,
}

/// Why a campaign does not apply to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    OutOfScope,
    SpendTooLow,
    Exhausted,
}

/// What a campaign would put into a line by itself.
pub(super) fn worth(campaign: &Campaign, left: U256, line: &Line) -> Result<U256, Obstacle> {
    let seller = campaign.seller.is_zero() || campaign.seller == line.seller;
    let category = campaign.category.is_zero() || campaign.category == line.category;
    if !seller || !category || campaign.token != line.token {
        return Err(Obstacle::OutOfScope);
    }
    if line.amount < campaign.spend_min {
        return Err(Obstacle::SpendTooLow);
    }
    let worth = campaign.worth(line.amount).min(line.amount);
    if worth.is_zero() {
        return Err(Obstacle::OutOfScope);
    }
    if worth > left { Err(Obstacle::Exhausted) } else { Ok(worth) }
}

/// The coupons that save the most.
pub(super) fn choose(candidates: &[Candidate], lines: &[Line]) -> Vec<Pick> {
    let all = greedy(candidates, lines, |_| true);
    let stackable = greedy(candidates, lines, |campaign| campaign.stackable);
    let saved = |picks: &[Pick]| picks.iter().fold(U256::ZERO, |sum, pick| sum.saturating_add(pick.amount));
    if saved(&stackable) > saved(&all) { stackable } else { all }
}

fn greedy(candidates: &[Candidate], lines: &[Line], may: impl Fn(&Campaign) -> bool) -> Vec<Pick> {
    let mut options: Vec<Pick> = Vec::new();
    for (candidate, one) in candidates.iter().enumerate().filter(|(_, one)| may(&one.campaign)) {
        for (line, wanted) in lines.iter().enumerate() {
            if let Ok(amount) = worth(&one.campaign, one.left, wanted) {
                options.push(Pick { line, candidate, amount });
            }
        }
    }
    // The largest first; of equal ones the older campaign and the earlier line.
    options.sort_by(|a, b| b.amount.cmp(&a.amount).then((a.candidate, a.line).cmp(&(b.candidate, b.line))));
    let mut uses: Vec<u32> = candidates.iter().map(|one| one.uses_left).collect();
    let mut left: Vec<U256> = candidates.iter().map(|one| one.left).collect();
    let mut picks: Vec<Pick> = Vec::new();
    for option in options {
        let Pick { line, candidate, .. } = option;
        let here: Vec<&Pick> = picks.iter().filter(|pick| pick.line == line).collect();
        let stacks = |candidate: usize| candidates[candidate].campaign.stackable;
        let meets = here.is_empty() || (stacks(candidate) && here.iter().all(|pick| stacks(pick.candidate)));
        if uses[candidate] == 0 || !meets || here.len() == COUPONS_MAX {
            continue;
        }
        let paid = here.iter().fold(U256::ZERO, |sum, pick| sum.saturating_add(pick.amount));
        let amount = option.amount.min(lines[line].amount.saturating_sub(paid));
        if amount.is_zero() || amount > left[candidate] {
            continue;
        }
        uses[candidate] -= 1;
        left[candidate] -= amount;
        picks.push(Pick { amount, ..option });
    }
    picks.sort_by_key(|pick| (pick.line, pick.candidate));
    picks
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::tenth;
    use super::*;

    fn line(offer: u64, amount: u64) -> Line {
        let category = crate::sales::category_hash("tea");
        Line {
            offer,
            seller: Address::repeat_byte(9),
            token: Address::repeat_byte(2),
            category,
            amount: U256::from(amount),
        }
    }

    fn may(campaign: Campaign, uses_left: u32) -> Candidate {
        let left = campaign.available;
        Candidate { campaign, uses_left, left }
    }

    fn saved(candidates: &[Candidate], lines: &[Line]) -> Vec<(usize, usize, u64)> {
        choose(candidates, lines).iter().map(|pick| (pick.line, pick.candidate, pick.amount.to())).collect()
    }

    #[test]
    fn one_use_goes_where_it_saves_most() {
        assert_eq!(saved(&[may(tenth(1), 1)], &[line(1, 20), line(2, 40)]), [(1, 0, 4)]);
        assert_eq!(saved(&[may(tenth(1), 2)], &[line(1, 20), line(2, 40)]), [(0, 0, 2), (1, 0, 4)]);
        assert_eq!(saved(&[may(tenth(1), 1)], &[line(1, 19)]), [], "the spend is too low");
    }

    #[test]
    fn scope_and_budget_hold() {
        let elsewhere = Campaign { seller: Address::repeat_byte(8), ..tenth(1) };
        assert_eq!(worth(&elsewhere, U256::from(99), &line(1, 40)), Err(Obstacle::OutOfScope));
        let pottery = Campaign { category: crate::sales::category_hash("ceramics"), ..tenth(1) };
        assert_eq!(worth(&pottery, U256::from(99), &line(1, 40)), Err(Obstacle::OutOfScope));
        assert_eq!(worth(&tenth(1), U256::from(3), &line(1, 40)), Err(Obstacle::Exhausted));
        assert_eq!(worth(&tenth(1), U256::from(3), &line(1, 10)), Err(Obstacle::SpendTooLow));
        let last = Candidate { left: U256::from(5), ..may(tenth(1), 9) };
        assert_eq!(saved(&[last], &[line(1, 40), line(2, 30), line(3, 20)]), [(0, 0, 4)], "5 are left, not 3 more");
    }

    #[test]
    fn only_stackable_coupons_meet() {
        let stack = |id| may(Campaign { stackable: true, ..tenth(id) }, 1);
        assert_eq!(saved(&[stack(1), stack(2)], &[line(1, 30)]), [(0, 0, 3), (0, 1, 3)]);
        let alone = may(Campaign { percent_bps: 1_500, subsidy_max: U256::from(9), ..tenth(3) }, 1);
        // Alone it saves 4, the two that stack save 6 together.
        assert_eq!(saved(&[stack(1), stack(2), alone.clone()], &[line(1, 30)]), [(0, 0, 3), (0, 1, 3)]);
        assert_eq!(saved(&[stack(1), alone], &[line(1, 30)]), [(0, 1, 4)]);
        assert_eq!(choose(&[stack(1), stack(2), stack(3), stack(4)], &[line(1, 30)]).len(), COUPONS_MAX);
    }

    #[test]
    fn no_line_is_paid_more_than_it_costs() {
        let most = |id| {
            let campaign = Campaign { percent_bps: 8_000, subsidy_max: U256::from(99), stackable: true, ..tenth(id) };
            may(campaign, 1)
        };
        assert_eq!(saved(&[most(1), most(2)], &[line(1, 30)]), [(0, 0, 24), (0, 1, 6)]);
    }
}
