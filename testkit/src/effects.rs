//! What the market says it did: its events, in the words of the rules.

use crate::{
    calls::Places,
    terms::{Money, State, Token},
};
use alloy_primitives::{Address, B256, Log, U256};
use alloy_sol_types::SolEvent;
use platform_protocol::contracts::{Aftersales, CouponVault, Market};

/// One thing that happened to money or to an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    Funded { order: u64, buyer: Address, seller: Address, token: Token, amount: Money, bond: Money, fee_bps: u16 },
    Moved { order: u64, state: State, deadline: u64 },
    Escrowed { order: u64, deposit: Money },
    Ended { order: u64, state: State, to_buyer: Money, to_seller: Money, fee: Money },
    Credited(Address, Token, Money),
    Deposited(Address, Token, Money),
    Withdrawn(Address, Token, Money),
    Spent(Address, Money),
    Coupon { order: u64, campaign: u64, nullifier: B256, amount: Money },
    CouponEnded { order: u64, campaign: u64, vested: Money, returned: Money },
    Raised { order: u64, dispute: u64, cost: Money },
    NotRaised { order: u64 },
    Appealed { order: u64, cost: Money },
    PotPaid { order: u64, to_buyer: Money, to_seller: Money },
    ToppedUp { order: u64, amount: Money },
    Reclaimed { order: u64, to_buyer: Money, to_seller: Money },
    AffiliatePaid { order: u64, account: Address, amount: Money },
    CampaignOpened(u64),
    CampaignFunded(u64, Money),
    Leftover(u64, u64, Money),
}

impl Effect {
    /// The order that credits after this one come from.
    pub(crate) const fn order(&self) -> Option<u64> {
        match self {
            Self::Funded { order, .. }
            | Self::Moved { order, .. }
            | Self::Escrowed { order, .. }
            | Self::Ended { order, .. }
            | Self::Coupon { order, .. }
            | Self::CouponEnded { order, .. }
            | Self::Raised { order, .. }
            | Self::NotRaised { order }
            | Self::Appealed { order, .. }
            | Self::PotPaid { order, .. }
            | Self::ToppedUp { order, .. }
            | Self::Reclaimed { order, .. }
            | Self::AffiliatePaid { order, .. } => Some(*order),
            _ => None,
        }
    }
}

fn id(number: U256) -> u64 {
    number.to()
}

fn money(number: U256) -> Money {
    number.to()
}

fn moved(order: U256, state: State, deadline: u64) -> Effect {
    Effect::Moved { order: id(order), state, deadline }
}

/// Reads one of the market's events; most say one thing, some say two, some none about money.
pub(crate) fn read(places: &Places, log: &Log) -> anyhow::Result<Vec<Effect>> {
    let Some(topic) = log.topics().first() else { return Ok(Vec::new()) };
    let token = |address: Address| {
        places.token_at(address).ok_or_else(|| anyhow::anyhow!("an event names the unknown token {address}"))
    };
    macro_rules! events {
        ($($kind:ty => |$event:ident| $effects:expr),* $(,)?) => {
            $(if *topic == <$kind>::SIGNATURE_HASH {
                let $event = <$kind>::decode_log_data(&log.data)?;
                return Ok(Vec::from($effects));
            })*
        };
    }
    events! {
        Market::OrderFunded => |e| [Effect::Funded {
            order: id(e.orderId), buyer: e.buyer, seller: e.seller, token: token(e.token)?, amount: money(e.amount),
            bond: money(e.bond), fee_bps: e.feeBps,
        }, moved(e.orderId, State::Funded, e.acceptBy)],
        Market::OrderAccepted => |e| [moved(e.orderId, State::Accepted, e.shipBy)],
        Market::OrderShipped => |e| [moved(e.orderId, State::Shipped, e.deliverBy)],
        Market::OrderDelivered => |e| [moved(e.orderId, State::Delivered, e.inspectBy)],
        Market::OrderReleased => |e| [Effect::Ended {
            order: id(e.orderId), state: State::Released, to_buyer: 0, to_seller: money(e.sellerAmount + e.bond),
            fee: money(e.fee),
        }],
        Market::OrderRefunded => |e| [Effect::Ended {
            order: id(e.orderId), state: State::Refunded, to_buyer: money(e.buyerAmount),
            to_seller: money(e.sellerAmount), fee: 0,
        }],
        Aftersales::OrderSettled => |e| [Effect::Ended {
            order: id(e.orderId), state: State::Settled, to_buyer: money(e.buyerAmount),
            to_seller: money(e.sellerAmount + e.bond), fee: money(e.fee),
        }],
        Market::Credited => |e| [Effect::Credited(e.account, token(e.token)?, money(e.amount))],
        Market::BondDeposited => |e| [Effect::Deposited(e.account, token(e.token)?, money(e.amount))],
        Market::Withdrawn => |e| [Effect::Withdrawn(e.account, token(e.token)?, money(e.amount))],
        Aftersales::CreditSpent => |e| [Effect::Spent(e.account, money(e.amount))],
        Aftersales::OrderContested => |e| [moved(e.orderId, State::Contested, e.proveBy)],
        Aftersales::ReturnRequested => |e| [moved(e.orderId, State::Return, e.answerBy)],
        Aftersales::ReturnApproved => |e| [moved(e.orderId, State::Return, e.sendBy)],
        Aftersales::ReturnSent => |e| [moved(e.orderId, State::Return, e.confirmBy)],
        Aftersales::OrderDisputed => |e| [moved(e.orderId, State::Disputed, e.answerBy)],
        Aftersales::SplitProposed => |e| [moved(e.orderId, State::Disputed, e.deadline)],
        Aftersales::OrderEscalated => |e| [
            moved(e.orderId, State::Escalated, e.defendBy),
            Effect::Escrowed { order: id(e.orderId), deposit: money(e.deposit) },
        ],
        Aftersales::EscalationDefended => |e| [
            moved(e.orderId, State::Escalated, e.ruleBy),
            Effect::Escrowed { order: id(e.orderId), deposit: money(e.deposit) },
        ],
        Aftersales::DisputeRaised => |e| [Effect::Raised {
            order: id(e.orderId), dispute: id(e.disputeId), cost: money(e.cost),
        }],
        Aftersales::DisputeNotRaised => |e| [Effect::NotRaised { order: id(e.orderId) }],
        Aftersales::OrderRuled => |e| [moved(e.orderId, State::Ruled, e.appealBy)],
        Aftersales::OrderAppealed => |e| [
            moved(e.orderId, State::Escalated, e.ruleBy),
            Effect::Appealed { order: id(e.orderId), cost: money(e.cost) },
        ],
        Aftersales::DepositsPaid => |e| [Effect::PotPaid {
            order: id(e.orderId), to_buyer: money(e.buyerAmount), to_seller: money(e.sellerAmount),
        }],
        Aftersales::PotToppedUp => |e| [Effect::ToppedUp { order: id(e.orderId), amount: money(e.amount) }],
        Aftersales::ArbitrationFeeReclaimed => |e| [Effect::Reclaimed {
            order: id(e.orderId), to_buyer: money(e.buyerAmount), to_seller: money(e.sellerAmount),
        }],
        CouponVault::CampaignOpened => |e| [Effect::CampaignOpened(id(e.campaignId))],
        CouponVault::CampaignFunded => |e| [Effect::CampaignFunded(id(e.campaignId), money(e.amount))],
        CouponVault::CouponApplied => |e| [Effect::Coupon {
            order: id(e.orderId), campaign: id(e.campaignId), nullifier: e.nullifier, amount: money(e.amount),
        }],
        CouponVault::CouponSettled => |e| [Effect::CouponEnded {
            order: id(e.orderId), campaign: id(e.campaignId), vested: money(e.vested), returned: money(e.returned),
        }],
        CouponVault::LeftoverCredited => |e| [Effect::Leftover(id(e.campaignId), id(e.contribution), money(e.amount))],
        CouponVault::AffiliatePaid => |e| [Effect::AffiliatePaid {
            order: id(e.orderId), account: e.affiliate, amount: money(e.amount),
        }],
    }
    Ok(Vec::new())
}
