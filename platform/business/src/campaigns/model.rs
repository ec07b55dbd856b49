//! Campaigns as rows: what follows from the chain, and what the house keeps besides.

use alloy_primitives::{Address, B256, U256};
use platform_index::{Column, Kind, StoreError, Table, Value};

use crate::fields::Fields;

/// Campaigns and the money in them. `contributed` = `available` + `locked` + `spent` + `withdrawn`.
pub(super) const CAMPAIGN: Table = Table {
    name: "campaign",
    kind: Kind::State,
    columns: &[
        Column::int("campaign_id"),
        Column::blob("creator"),
        Column::blob("token"),
        Column::blob("issuer"),
        Column::int("percent_bps"),
        Column::text("amount"),
        Column::text("subsidy_max"),
        Column::text("spend_min"),
        Column::int("starts_at"),
        Column::int("ends_at"),
        Column::blob("seller"),
        Column::blob("category"),
        Column::int("stackable"),
        Column::text("contributed"),
        Column::text("available"),
        Column::text("locked"),
        Column::text("spent"),
        Column::text("withdrawn"),
        Column::int("opened_at"),
        Column::blob("tx_hash"),
    ],
    key: 1,
    indexes: &[("campaign_ends", "ends_at")],
};

/// Who paid into a campaign, and how much of it went back.
pub(super) const CONTRIBUTION: Table = Table {
    name: "campaign_contribution",
    kind: Kind::State,
    columns: &[
        Column::int("campaign_id"),
        Column::int("number"),
        Column::blob("funder"),
        Column::text("amount"),
        Column::text("withdrawn"),
        Column::int("at"),
    ],
    key: 2,
    indexes: &[],
};

/// What a campaign put into an order. `settled` is zero while the order is open.
pub(super) const REDEMPTION: Table = Table {
    name: "campaign_redemption",
    kind: Kind::State,
    columns: &[
        Column::int("campaign_id"),
        Column::int("order_id"),
        Column::blob("buyer"),
        Column::blob("nullifier"),
        Column::text("amount"),
        Column::text("vested"),
        Column::text("returned"),
        Column::int("settled"),
        Column::int("at"),
    ],
    key: 2,
    indexes: &[("campaign_redemption_order", "order_id")],
};

/// Whether a person's use of a campaign is taken, as the contract has it.
pub(super) const NULLIFIER: Table = Table {
    name: "campaign_nullifier",
    kind: Kind::State,
    columns: &[Column::int("campaign_id"), Column::blob("nullifier"), Column::int("used")],
    key: 2,
    indexes: &[],
};

/// What figures need of an order: `net` is its worth less what went back to the buyer and to campaigns.
pub(super) const ORDER: Table = Table {
    name: "campaign_order",
    kind: Kind::State,
    columns: &[
        Column::int("order_id"),
        Column::blob("buyer"),
        Column::blob("token"),
        Column::text("amount"),
        Column::text("net"),
        Column::int("at"),
    ],
    key: 1,
    indexes: &[("campaign_order_buyer", "buyer, at")],
};

/// What the chain does not hold of a campaign.
pub(super) const DETAILS: Table = Table {
    name: "campaign_details",
    kind: Kind::State,
    columns: &[
        Column::int("campaign_id"),
        Column::text("name_en"),
        Column::text("name_zh"),
        // In capitals; empty where the campaign is offered by itself.
        Column::text("code"),
        Column::int("first_order"),
        Column::int("per_person"),
        Column::int("holdout_bps"),
        // `running`, `paused` or `closed`.
        Column::text("state"),
        Column::int("changed_at"),
    ],
    key: 1,
    indexes: &[("campaign_details_code", "code")],
};

/// Uses that are promised and not yet seen on chain. A row is replaced when the promise has lapsed.
pub(super) const RESERVATION: Table = Table {
    name: "campaign_reservation",
    kind: Kind::State,
    columns: &[
        Column::int("campaign_id"),
        Column::blob("nullifier"),
        Column::blob("buyer"),
        Column::int("offer_id"),
        Column::text("amount"),
        Column::int("expires_at"),
    ],
    key: 2,
    indexes: &[("campaign_reservation_buyer", "buyer")],
};

/// Who came to a checkout where a campaign applied. `held` is one for those it was kept from, to compare with.
pub(super) const PERSON: Table = Table {
    name: "campaign_person",
    kind: Kind::State,
    columns: &[Column::int("campaign_id"), Column::blob("account"), Column::int("held"), Column::int("first_at")],
    key: 2,
    indexes: &[("campaign_person_account", "account")],
};

/// A row of [`CAMPAIGN`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Campaign {
    pub(super) id: u64,
    pub(super) creator: Address,
    pub(super) token: Address,
    pub(super) issuer: Address,
    pub(super) percent_bps: u16,
    pub(super) amount: U256,
    pub(super) subsidy_max: U256,
    pub(super) spend_min: U256,
    pub(super) starts_at: u64,
    pub(super) ends_at: u64,
    /// The zero address is every seller.
    pub(super) seller: Address,
    /// Keccak-256 of a category's slug; zero is every category.
    pub(super) category: B256,
    pub(super) stackable: bool,
    pub(super) contributed: U256,
    pub(super) available: U256,
    pub(super) locked: U256,
    pub(super) spent: U256,
    pub(super) withdrawn: U256,
    pub(super) opened_at: u64,
    pub(super) tx_hash: B256,
}

impl Campaign {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.creator.into(),
            self.token.into(),
            self.issuer.into(),
            u32::from(self.percent_bps).into(),
            self.amount.into(),
            self.subsidy_max.into(),
            self.spend_min.into(),
            self.starts_at.into(),
            self.ends_at.into(),
            self.seller.into(),
            self.category.into(),
            self.stackable.into(),
            self.contributed.into(),
            self.available.into(),
            self.locked.into(),
            self.spent.into(),
            self.withdrawn.into(),
            self.opened_at.into(),
            self.tx_hash.into(),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: CAMPAIGN.name, row };
        Ok(Self {
            id: row.number(0)?,
            creator: row.address(1)?,
            token: row.address(2)?,
            issuer: row.address(3)?,
            percent_bps: row.small(4)?,
            amount: row.amount(5)?,
            subsidy_max: row.amount(6)?,
            spend_min: row.amount(7)?,
            starts_at: row.number(8)?,
            ends_at: row.number(9)?,
            seller: row.address(10)?,
            category: row.hash(11)?,
            stackable: row.int(12)? != 0,
            contributed: row.amount(13)?,
            available: row.amount(14)?,
            locked: row.amount(15)?,
            spent: row.amount(16)?,
            withdrawn: row.amount(17)?,
            opened_at: row.number(18)?,
            tx_hash: row.hash(19)?,
        })
    }

    /// What it puts into an order of `amount`, as the contract reckons: percentages round down.
    pub(super) fn worth(&self, amount: U256) -> U256 {
        let promised = if self.percent_bps == 0 {
            self.amount
        } else {
            amount.saturating_mul(U256::from(self.percent_bps)) / U256::from(10_000)
        };
        promised.min(self.subsidy_max)
    }
}

/// A row of [`DETAILS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) name_en: String,
    pub(super) name_zh: String,
    pub(super) code: String,
    pub(super) first_order: bool,
    pub(super) per_person: u32,
    pub(super) holdout_bps: u32,
    pub(super) state: Offered,
}

/// Whether the house hands out a campaign's coupons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    Running,
    Paused,
    /// For good.
    Closed,
}

impl Offered {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Closed].into_iter().find(|state| state.word() == word)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A campaign of 10 % up to 5, for orders from 20 on, with 100 in it.
    pub(in crate::campaigns) fn tenth(id: u64) -> Campaign {
        Campaign {
            id,
            creator: Address::repeat_byte(1),
            token: Address::repeat_byte(2),
            issuer: Address::repeat_byte(3),
            percent_bps: 1_000,
            amount: U256::ZERO,
            subsidy_max: U256::from(5),
            spend_min: U256::from(20),
            starts_at: 100,
            ends_at: 200,
            seller: Address::ZERO,
            category: B256::ZERO,
            stackable: false,
            contributed: U256::from(100),
            available: U256::from(100),
            locked: U256::ZERO,
            spent: U256::ZERO,
            withdrawn: U256::ZERO,
            opened_at: 90,
            tx_hash: B256::repeat_byte(4),
        }
    }

    #[test]
    fn rows_come_back() {
        let campaign = tenth(7);
        assert_eq!(Campaign::of(&campaign.row()).unwrap(), campaign);
        assert_eq!(campaign.row().len(), CAMPAIGN.columns.len());
        assert_eq!(Offered::parse(Offered::Closed.word()), Some(Offered::Closed));
    }

    #[test]
    fn worth_is_rounded_down_and_bounded() {
        let campaign = tenth(1);
        assert_eq!(campaign.worth(U256::from(29)), U256::from(2));
        assert_eq!(campaign.worth(U256::from(900)), U256::from(5));
        let fixed = Campaign { percent_bps: 0, amount: U256::from(3), ..campaign };
        assert_eq!(fixed.worth(U256::from(900)), U256::from(3));
    }
}
