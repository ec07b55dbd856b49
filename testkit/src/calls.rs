//! What people can do, and how it is written for the chain.

mod written;

use crate::terms::{CampaignTerms, Limits, Line, Money, OfferTerms, Token, Voucher};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use platform_protocol::{
    Manifest,
    contracts::{CouponVault, ICouponVault, IMarket, Market, RuleBook, coupon_vault, rule_book},
};

/// What is done to many orders in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    Accept,
    Ship,
    Confirm,
    Attest,
    Release,
    RefundExpired,
    Contest,
    Conclude,
}

/// What is done to one order; the amount is the buyer's part where a call has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum One {
    Cancel,
    Decline,
    RequestReturn,
    ApproveReturn,
    SendReturn,
    ConfirmReturn,
    DropReturn,
    Dispute,
    Propose,
    AcceptSplit,
    Escalate,
    Defend,
    Raise,
    NoteRuling,
    Appeal,
    ReclaimFee,
}

/// What is done at the panel. The numbers are those of disputes.
#[derive(Clone, Debug)]
pub(crate) enum Judging {
    Certify(Address, bool),
    Price(Money),
    Stake(Money),
    Resign,
    WithdrawStake,
    WithdrawFees(Address),
    CommitSeed(u64, B256),
    SetBeacon(u64),
    RevealSeed(u64, B256),
    ForfeitSeed(u64, u8, Address),
    Draw(u64),
    CommitVote(u64, B256),
    RevealVote(u64, u8, B256),
    Tally(u64),
    Execute(u64),
    Deliver(u64),
    Fail(u64),
}

/// A call of the market or its panel.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Place { lines: Vec<Line>, vouchers: Vec<Vec<Voucher>>, affiliate: Address },
    Many(Many, Vec<u64>),
    One(One, u64, Money),
    Deposit(Token, Money),
    Withdraw(Token),
    OpenCampaign(Box<CampaignTerms>, Money),
    FundCampaign(u64, Money),
    CreditLeftover(u64, u64),
    Publish(Box<OfferTerms>, u64),
    Revise(u64, Box<OfferTerms>),
    SetStock(u64, u64),
    SetActive(u64, bool),
    SetFees(u16, u16),
    SetAffiliateShare(u16),
    Pause,
    Unpause,
    Judge(Judging),
}

/// Addresses that calls are written with.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) market: Address,
    pub(crate) panel: Address,
    pub(crate) stable: Address,
    pub(crate) guild: Address,
}

impl Places {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        Self {
            market: manifest.market.address,
            panel: manifest.arbiter_panel.as_ref().map(|panel| panel.address).unwrap_or_default(),
            stable: manifest.stable_token.address,
            guild: manifest.guild_token.address,
        }
    }

    pub(crate) const fn token(&self, token: Token) -> Address {
        match token {
            Token::Stable => self.stable,
            Token::Coin => Address::ZERO,
        }
    }

    pub(crate) fn token_at(&self, address: Address) -> Option<Token> {
        Token::ALL.into_iter().find(|token| self.token(*token) == address)
    }

    /// Where a call goes, and its data.
    pub(crate) fn write(&self, call: &Call) -> (Address, Bytes) {
        match call {
            Call::Judge(judging) => (self.panel, written::judge(judging)),
            call => (self.market, self.trade(call)),
        }
    }

    fn trade(&self, call: &Call) -> Bytes {
        let data = match call {
            Call::Place { lines, vouchers, affiliate } => return self.place(lines, vouchers, *affiliate),
            Call::Many(what, orders) => return written::many(*what, orders),
            Call::One(what, order, amount) => return written::one(*what, U256::from(*order), U256::from(*amount)),
            Call::Deposit(token, amount) => {
                Market::depositBondCall { token: self.token(*token), amount: U256::from(*amount) }.abi_encode()
            }
            Call::Withdraw(token) => Market::withdrawCall { token: self.token(*token) }.abi_encode(),
            Call::OpenCampaign(terms, amount) => {
                CouponVault::openCampaignCall { terms: self.campaign(terms), amount: U256::from(*amount) }.abi_encode()
            }
            Call::FundCampaign(campaign, amount) => {
                CouponVault::fundCampaignCall { campaignId: U256::from(*campaign), amount: U256::from(*amount) }
                    .abi_encode()
            }
            Call::CreditLeftover(campaign, contribution) => CouponVault::creditLeftoverCall {
                campaignId: U256::from(*campaign),
                contribution: U256::from(*contribution),
            }
            .abi_encode(),
            Call::Publish(terms, stock) => self.publish(terms, *stock),
            Call::Revise(offer, terms) => self.revise(U256::from(*offer), terms),
            Call::SetStock(offer, stock) => {
                Market::setStockCall { offerId: U256::from(*offer), stock: *stock }.abi_encode()
            }
            Call::SetActive(offer, active) => {
                Market::setOfferActiveCall { offerId: U256::from(*offer), active: *active }.abi_encode()
            }
            Call::SetFees(fee, bond) => Market::setFeeScheduleCall { feeBps: *fee, bondBps: *bond }.abi_encode(),
            Call::SetAffiliateShare(share) => CouponVault::setAffiliateShareCall { shareBps: *share }.abi_encode(),
            Call::Pause => Market::pauseCall {}.abi_encode(),
            Call::Unpause => Market::unpauseCall {}.abi_encode(),
            Call::Judge(_) => Vec::new(),
        };
        data.into()
    }

    fn place(&self, lines: &[Line], vouchers: &[Vec<Voucher>], affiliate: Address) -> Bytes {
        if affiliate.is_zero() && vouchers.iter().all(Vec::is_empty) {
            let lines = lines.iter().map(|line| IMarket::Line {
                offerId: U256::from(line.offer),
                version: line.version,
                quantity: line.quantity,
                termsHash: line.terms_hash,
                deliveryHash: B256::ZERO,
            });
            return Market::placeOrdersCall { lines: lines.collect() }.abi_encode().into();
        }
        let lines = lines.iter().map(|line| coupon_vault::IMarket::Line {
            offerId: U256::from(line.offer),
            version: line.version,
            quantity: line.quantity,
            termsHash: line.terms_hash,
            deliveryHash: B256::ZERO,
        });
        let vouchers = vouchers.iter().map(|list| list.iter().map(signed).collect());
        CouponVault::placeOrdersWithCall { lines: lines.collect(), vouchers: vouchers.collect(), affiliate }
            .abi_encode()
            .into()
    }

    fn campaign(&self, terms: &CampaignTerms) -> ICouponVault::CampaignTerms {
        ICouponVault::CampaignTerms {
            token: self.token(terms.token),
            issuer: terms.issuer,
            percentBps: terms.percent_bps,
            amount: terms.amount,
            subsidyMax: terms.subsidy_max,
            spendMin: terms.spend_min,
            startsAt: terms.starts_at,
            endsAt: terms.ends_at,
            seller: terms.seller,
            category: terms.category,
            stackable: terms.stackable,
        }
    }

    /// Terms as the rule book takes them; the market's own type has the same layout.
    pub(crate) fn terms(&self, terms: &OfferTerms) -> rule_book::IMarket::Terms {
        rule_book::IMarket::Terms {
            token: self.token(terms.token),
            unitPrice: terms.unit_price,
            shippingPrice: terms.shipping,
            acceptWithin: seconds(terms.accept),
            shipWithin: seconds(terms.ship),
            deliverWithin: seconds(terms.deliver),
            inspectWithin: seconds(terms.inspect),
            digital: false,
        }
    }

    fn plain(&self, terms: &OfferTerms) -> IMarket::Terms {
        let terms = self.terms(terms);
        IMarket::Terms {
            token: terms.token,
            unitPrice: terms.unitPrice,
            shippingPrice: terms.shippingPrice,
            acceptWithin: terms.acceptWithin,
            shipWithin: terms.shipWithin,
            deliverWithin: terms.deliverWithin,
            inspectWithin: terms.inspectWithin,
            digital: terms.digital,
        }
    }

    fn publish(&self, terms: &OfferTerms, stock: u64) -> Vec<u8> {
        let metadata = B256::ZERO;
        match &terms.own {
            None => Market::publishOfferCall { terms: self.plain(terms), stock, metadata }.abi_encode(),
            Some(own) => {
                RuleBook::publishOfferWithCall { terms: self.terms(terms), afterSales: limits(own), stock, metadata }
                    .abi_encode()
            }
        }
    }

    fn revise(&self, offer: U256, terms: &OfferTerms) -> Vec<u8> {
        let metadata = B256::ZERO;
        match &terms.own {
            None => Market::reviseOfferCall { offerId: offer, terms: self.plain(terms), metadata }.abi_encode(),
            Some(own) => RuleBook::reviseOfferWithCall {
                offerId: offer,
                terms: self.terms(terms),
                afterSales: limits(own),
                metadata,
            }
            .abi_encode(),
        }
    }
}

fn seconds(time: u64) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}

/// Limits as the rule book takes them.
pub(crate) fn limits(own: &Limits) -> rule_book::IAftersales::AfterSales {
    rule_book::IAftersales::AfterSales {
        contestWithin: seconds(own.contest),
        answerWithin: seconds(own.answer),
        returnWithin: seconds(own.send_back),
        confirmWithin: seconds(own.confirm),
        negotiateWithin: seconds(own.negotiate),
        appealWithin: seconds(own.appeal),
        arbiterWithin: seconds(own.arbiter),
        returnable: own.returnable,
    }
}

/// A voucher as its issuer signs it.
pub(crate) fn voucher(voucher: &Voucher) -> ICouponVault::Voucher {
    ICouponVault::Voucher {
        campaignId: U256::from(voucher.campaign),
        nullifier: voucher.nullifier,
        buyer: voucher.buyer,
        offerId: U256::from(voucher.offer),
        category: voucher.category,
        expiresAt: voucher.expires_at,
    }
}

fn signed(signed: &Voucher) -> ICouponVault::SignedVoucher {
    ICouponVault::SignedVoucher { voucher: voucher(signed), signature: signed.signature.clone() }
}
