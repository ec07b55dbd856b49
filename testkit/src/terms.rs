//! Words that people and rules share: money, states, terms.

use alloy_primitives::{Address, B256, Bytes, U256};

/// The smallest units of a token.
pub(crate) type Money = u128;

/// What is paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    Stable,
    Coin,
}

impl Token {
    pub(crate) const ALL: [Self; 2] = [Self::Stable, Self::Coin];

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Stable => 0,
            Self::Coin => 1,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable token",
            Self::Coin => "native coin",
        }
    }
}

/// The market's states, numbered as the contract numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum State {
    Funded = 1,
    Accepted,
    Shipped,
    Delivered,
    Released,
    Refunded,
    Contested,
    Return,
    Disputed,
    Escalated,
    Ruled,
    Settled,
}

impl State {
    pub(crate) const fn over(self) -> bool {
        matches!(self, Self::Released | Self::Refunded | Self::Settled)
    }
}

/// A party of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Buyer,
    Seller,
}

impl Side {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Seller,
            Self::Seller => Self::Buyer,
        }
    }
}

/// Where a return stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReturnStep {
    Requested,
    Approved,
    Sent,
}

/// Why an order was refunded, numbered as the contract numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Reason {
    Cancelled,
    Declined,
    AcceptExpired,
    ShipExpired,
    DeliverExpired,
    Returned,
    ReturnUnanswered,
    ReturnUnconfirmed,
    ArbiterSilent,
}

pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Time limits after the sale, in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) contest: u64,
    pub(crate) answer: u64,
    pub(crate) send_back: u64,
    pub(crate) confirm: u64,
    pub(crate) negotiate: u64,
    pub(crate) appeal: u64,
    pub(crate) arbiter: u64,
    pub(crate) returnable: bool,
}

/// What the deployment's first rule set says.
pub(crate) const STANDARD: Limits = Limits {
    contest: 72 * HOUR,
    answer: 72 * HOUR,
    send_back: 7 * DAY,
    confirm: 5 * DAY,
    negotiate: 72 * HOUR,
    appeal: 72 * HOUR,
    arbiter: 14 * DAY,
    returnable: true,
};

/// One version of an offer. `own` are limits in place of the rule set's.
#[derive(Clone, Debug)]
pub(crate) struct OfferTerms {
    pub(crate) token: Token,
    pub(crate) unit_price: Money,
    pub(crate) shipping: Money,
    pub(crate) accept: u64,
    pub(crate) ship: u64,
    pub(crate) deliver: u64,
    pub(crate) inspect: u64,
    pub(crate) own: Option<Limits>,
}

/// One line of a basket.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) offer: u64,
    pub(crate) version: u32,
    pub(crate) quantity: u32,
    pub(crate) terms_hash: B256,
}

/// What a campaign promises.
#[derive(Clone, Debug)]
pub(crate) struct CampaignTerms {
    pub(crate) token: Token,
    pub(crate) issuer: Address,
    pub(crate) percent_bps: u16,
    pub(crate) amount: Money,
    pub(crate) subsidy_max: Money,
    pub(crate) spend_min: Money,
    pub(crate) starts_at: u64,
    pub(crate) ends_at: u64,
    pub(crate) seller: Address,
    pub(crate) category: B256,
    pub(crate) stackable: bool,
}

/// A voucher; `genuine` is whether the campaign's issuer signed it.
#[derive(Clone, Debug)]
pub(crate) struct Voucher {
    pub(crate) campaign: u64,
    pub(crate) nullifier: B256,
    pub(crate) buyer: Address,
    pub(crate) offer: u64,
    pub(crate) category: B256,
    pub(crate) expires_at: u64,
    pub(crate) signature: Bytes,
    pub(crate) genuine: bool,
}

/// `amount × part ÷ whole`, rounded down, without overflow on the way.
pub(crate) fn share(amount: Money, part: Money, whole: Money) -> Money {
    let wide = U256::from(amount) * U256::from(part) / U256::from(whole.max(1));
    wide.to()
}

/// A seller's bond, rounded up.
pub(crate) fn bond_of(amount: Money, bps: u16) -> Money {
    let rest = amount % 10_000 * Money::from(bps);
    share(amount, bps.into(), 10_000) + Money::from(!rest.is_multiple_of(10_000))
}
