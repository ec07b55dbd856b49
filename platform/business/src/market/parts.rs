//! The events of the market's further parts: what comes after a sale, coupons and rule sets.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEventInterface;
use platform_index::{Batch, IndexError, Value};
use platform_protocol::contracts::Aftersales::AftersalesEvents as After;
use platform_protocol::contracts::CouponVault::CouponVaultEvents as Coupon;
use platform_protocol::contracts::RuleBook::RuleBookEvents as Rule;
use platform_protocol::contracts::rule_book::IAftersales::AfterSales;

use super::model::{Case, LIMITS, Order, OrderState, ReturnStep, Ruling, Side};
use super::projection::{Change, MarketProjection, Place, number, set};
use crate::fields::Fields;

const COIN: Address = Address::ZERO;

impl MarketProjection {
    /// Folds an event of a further part; `false` where none of them has it.
    pub(super) async fn fold_part(&self, place: &Place<'_>, batch: &mut Batch<'_>) -> Result<bool, IndexError> {
        let (topics, data) = (&place.log.topics, &place.log.data);
        // Every part's interface has the events of all the code it shares, so a part is asked for its own by name.
        if let Ok(
            event @ (Coupon::CampaignOpened(_)
            | Coupon::CampaignFunded(_)
            | Coupon::CouponApplied(_)
            | Coupon::CouponSettled(_)
            | Coupon::LeftoverCredited(_)
            | Coupon::AffiliateSet(_)),
        ) = Coupon::decode_raw_log(topics, data)
        {
            self.coupon(place, batch, event).await?;
        } else if let Ok(event) = After::decode_raw_log(topics, data) {
            self.after(place, batch, event).await?;
        } else if Coupon::decode_raw_log(topics, data).is_ok() {
            // Told by other events already.
        } else if let Ok(event) = Rule::decode_raw_log(topics, data) {
            self.rule(batch, event).await?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    async fn after(&self, place: &Place<'_>, batch: &mut Batch<'_>, event: After) -> Result<(), IndexError> {
        let at = place.block.timestamp;
        match event {
            After::OrderContested(e) => {
                self.step(place, batch, e.orderId, OrderState::Contested, e.proveBy, |_| {}).await
            }
            After::ReturnRequested(e) => {
                let change = |case: &mut Case| case.return_step = Some(ReturnStep::Requested);
                self.step(place, batch, e.orderId, OrderState::Return, e.answerBy, change).await
            }
            After::ReturnApproved(e) => {
                let change = |case: &mut Case| case.return_step = Some(ReturnStep::Approved);
                self.step(place, batch, e.orderId, OrderState::Return, e.sendBy, change).await
            }
            After::ReturnSent(e) => {
                let change = |case: &mut Case| case.return_step = Some(ReturnStep::Sent);
                self.step(place, batch, e.orderId, OrderState::Return, e.confirmBy, change).await
            }
            After::ReturnDropped(e) => self.change_order(place, batch, e.orderId, |_| {}).await.map(drop),
            After::OrderDisputed(e) => {
                let claimant = Side::of(e.claimant.into());
                let change = |order: &mut Order| {
                    (order.state, order.deadline) = (OrderState::Disputed, e.answerBy);
                    let case = &mut order.case;
                    (case.buyer_claim, case.seller_claim) = (order.amount, U256::ZERO);
                    claim(case, claimant, e.buyerAmount);
                    case.claimant = claimant;
                    case.awaited = claimant.map(Side::other);
                    case.disputed_at = at;
                };
                self.change_order(place, batch, e.orderId, change).await.map(drop)
            }
            After::SplitProposed(e) => {
                let change = |case: &mut Case| {
                    claim(case, Side::of(e.by.into()), e.buyerAmount);
                    case.awaited = Side::of(e.awaited.into());
                };
                self.step(place, batch, e.orderId, OrderState::Disputed, e.deadline, change).await
            }
            After::OrderEscalated(e) => {
                let by = Side::of(e.by.into());
                let change = |case: &mut Case| {
                    claim(case, by, e.buyerAmount);
                    (case.escalated_by, case.awaited) = (by, by.map(Side::other));
                    (case.deposit, case.pot) = (e.deposit, e.deposit);
                };
                self.step(place, batch, e.orderId, OrderState::Escalated, e.defendBy, change).await?;
                self.deposit(place, batch, e.deposit).await
            }
            After::EscalationDefended(e) => {
                let change = |case: &mut Case| {
                    claim(case, Side::of(e.by.into()), e.buyerAmount);
                    (case.defended, case.awaited) = (true, None);
                    case.pot = case.pot.saturating_add(e.deposit);
                };
                self.step(place, batch, e.orderId, OrderState::Escalated, e.ruleBy, change).await?;
                self.deposit(place, batch, e.deposit).await
            }
            After::PotToppedUp(e) => {
                let change = |order: &mut Order| order.case.pot = order.case.pot.saturating_add(e.amount);
                self.change_order(place, batch, e.orderId, change).await?;
                self.deposit(place, batch, e.amount).await
            }
            After::DisputeRaised(e) => {
                let change = |order: &mut Order| {
                    order.case.raised = true;
                    order.case.dispute_id = e.disputeId;
                    order.case.pot = order.case.pot.saturating_sub(e.cost);
                };
                self.change_order(place, batch, e.orderId, change).await?;
                self.total(place, batch, COIN, |total| {
                    total.deposits = total.deposits.wrapping_sub(e.cost);
                    total.pay_coin(COIN, e.cost);
                })
                .await
            }
            After::DisputeNotRaised(e) => self.change_order(place, batch, e.orderId, |_| {}).await.map(drop),
            After::OrderRuled(e) => {
                let change = |case: &mut Case| (case.ruling, case.is_final) = (Some(Ruling::told(e.ruling)), e.isFinal);
                self.step(place, batch, e.orderId, OrderState::Ruled, e.appealBy, change).await
            }
            After::OrderAppealed(e) => {
                let change = |case: &mut Case| case.appealed_by = Side::of(e.by.into());
                // The price goes straight on to the arbitrator.
                self.step(place, batch, e.orderId, OrderState::Escalated, e.ruleBy, change).await
            }
            After::OrderSettled(e) => {
                let change = |order: &mut Order| {
                    (order.state, order.deadline) = (OrderState::Settled, 0);
                    (order.fee, order.to_buyer) = (e.fee, e.buyerAmount);
                };
                let order = self.change_order(place, batch, e.orderId, change).await?;
                self.unlock(place, batch, &order).await
            }
            After::DepositsPaid(e) => {
                let paid = e.buyerAmount.saturating_add(e.sellerAmount);
                let change = |order: &mut Order| order.case.pot = order.case.pot.saturating_sub(paid);
                self.change_order(place, batch, e.orderId, change).await?;
                self.total(place, batch, COIN, |total| total.deposits = total.deposits.wrapping_sub(paid)).await
            }
            After::CreditSpent(e) => {
                self.credit(place, batch, e.account, e.token, Change::Subtract(e.amount)).await?;
                // What an event says was deposited includes this, which came in before.
                self.total(place, batch, e.token, |total| {
                    total.credits = total.credits.wrapping_sub(e.amount);
                    total.pay_coin(e.token, e.amount);
                })
                .await
            }
            After::ArbitrationFeeReclaimed(e) => {
                self.change_order(place, batch, e.orderId, |_| {}).await?;
                let back = e.buyerAmount.saturating_add(e.sellerAmount);
                self.total(place, batch, COIN, |total| total.receive_coin(COIN, back)).await
            }
            After::OrderRulesSet(e) => self.under_rules(place, batch, e.orderId, e.rules).await,
            After::Evidence(e) => self.change_order(place, batch, e._evidenceGroupID, |_| {}).await.map(drop),
            // Told by other events already, or by the market's own.
            _ => Ok(()),
        }
    }

    /// Moves an order to a state with a deadline.
    async fn step(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: U256,
        state: OrderState,
        deadline: u64,
        change: impl FnOnce(&mut Case),
    ) -> Result<(), IndexError> {
        let all = |order: &mut Order| {
            (order.state, order.deadline) = (state, deadline);
            change(&mut order.case);
        };
        self.change_order(place, batch, id, all).await.map(drop)
    }

    async fn deposit(&self, place: &Place<'_>, batch: &mut Batch<'_>, amount: U256) -> Result<(), IndexError> {
        self.total(place, batch, COIN, |total| {
            total.deposits = total.deposits.wrapping_add(amount);
            total.receive_coin(COIN, amount);
        })
        .await
    }

    /// The rule set an order was signed for, or its offer's own limits.
    async fn under_rules(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: U256,
        rules: u8,
    ) -> Result<(), IndexError> {
        let order = self.order(place, batch, id).await?;
        let own = batch.get(&LIMITS, vec![order.offer_id.into(), order.version.into()]).await?;
        let row = match own {
            Some(row) => Some(row),
            None => batch.get(&LIMITS, vec![0_u64.into(), u32::from(rules).into()]).await?,
        };
        let returnable =
            row.is_some_and(|row| Fields { table: LIMITS.name, row: &row }.int(10).is_ok_and(|yes| yes != 0));
        let change = |order: &mut Order| (order.rules, order.returnable) = (rules, returnable);
        self.note_order(place, batch, id, change).await.map(drop)
    }

    async fn coupon(&self, place: &Place<'_>, batch: &mut Batch<'_>, event: Coupon) -> Result<(), IndexError> {
        match event {
            Coupon::CampaignFunded(e) => self.funded_campaign(place, batch, e.campaignId, e.amount).await,
            Coupon::CouponApplied(e) => {
                let change = |order: &mut Order| order.subsidy = order.subsidy.saturating_add(e.amount);
                let order = self.note_order(place, batch, e.orderId, change).await?;
                // The order's own event counted the whole amount as coming in.
                self.total(place, batch, order.token, |total| {
                    total.budgets = total.budgets.wrapping_sub(e.amount);
                    total.pay_coin(order.token, e.amount);
                })
                .await
            }
            Coupon::CouponSettled(e) => {
                let order = self.order(place, batch, e.orderId).await?;
                self.total(place, batch, order.token, |total| {
                    total.budgets = total.budgets.wrapping_add(e.returned);
                })
                .await
            }
            Coupon::LeftoverCredited(e) => {
                let token = self.campaign_token(batch, e.campaignId).await?;
                self.total(place, batch, token, |total| total.budgets = total.budgets.wrapping_sub(e.amount)).await
            }
            Coupon::AffiliateSet(e) => {
                self.note_order(place, batch, e.orderId, |order| order.affiliate = Some(e.affiliate)).await.map(drop)
            }
            Coupon::CampaignOpened(e) => {
                set(batch, &campaign_setting(e.campaignId), e.terms.token.to_checksum(None)).await
            }
            _ => Ok(()),
        }
    }

    async fn funded_campaign(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        campaign: U256,
        amount: U256,
    ) -> Result<(), IndexError> {
        let token = self.campaign_token(batch, campaign).await?;
        self.total(place, batch, token, |total| {
            total.budgets = total.budgets.wrapping_add(amount);
            total.receive_coin(token, amount);
        })
        .await
    }

    async fn campaign_token(&self, batch: &mut Batch<'_>, campaign: U256) -> Result<Address, IndexError> {
        let row = batch.get(&super::model::SETTING, vec![campaign_setting(campaign).as_str().into()]).await?;
        let text = row.map(|row| Fields { table: "market_setting", row: &row }.text(1)).transpose()?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    async fn rule(&self, batch: &mut Batch<'_>, event: Rule) -> Result<(), IndexError> {
        match event {
            Rule::RulesAdded(e) => {
                let key = [0_u64.into(), u32::from(e.rules).into()];
                put_limits(batch, key, Some(e.arbitrator), &e.afterSales).await
            }
            Rule::AfterSalesSet(e) => {
                let key = [number(e.offerId).into(), e.version.into()];
                put_limits(batch, key, None, &e.afterSales).await
            }
            _ => Ok(()),
        }
    }
}

fn claim(case: &mut Case, side: Option<Side>, amount: U256) {
    match side {
        Some(Side::Buyer) => case.buyer_claim = amount,
        Some(Side::Seller) => case.seller_claim = amount,
        None => {}
    }
}

/// Under which name the settings keep a campaign's token.
fn campaign_setting(campaign: U256) -> String {
    format!("campaign_{campaign}")
}

async fn put_limits(
    batch: &mut Batch<'_>,
    key: [Value; 2],
    arbitrator: Option<Address>,
    limits: &AfterSales,
) -> Result<(), IndexError> {
    batch.get(&LIMITS, key.to_vec()).await?;
    let values = vec![
        arbitrator.map_or(Value::NoBlob, Value::from),
        limits.contestWithin.into(),
        limits.answerWithin.into(),
        limits.returnWithin.into(),
        limits.confirmWithin.into(),
        limits.negotiateWithin.into(),
        limits.appealWithin.into(),
        limits.arbiterWithin.into(),
        limits.returnable.into(),
    ];
    batch.put(&LIMITS, [key.to_vec(), values].concat());
    Ok(())
}
