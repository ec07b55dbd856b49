//! The coupon vault's events, folded into rows.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEventInterface;
use async_trait::async_trait;
use platform_index::{Batch, Block, IndexError, Log, Projection, StoreError, Table, Transaction, Value};
use platform_protocol::contracts::Aftersales::AftersalesEvents as After;
use platform_protocol::contracts::CouponVault::{CampaignOpened, CouponVaultEvents as Coupon};
use platform_protocol::contracts::Market::MarketEvents as Event;
use serde_json::json;

use super::model::{CAMPAIGN, CONTRIBUTION, Campaign, NULLIFIER, ORDER, REDEMPTION};
use crate::fields::Fields;

/// Campaigns, what is in them and what they paid for.
pub(super) struct Campaigns {
    pub(super) market: Address,
}

#[async_trait]
impl Projection for Campaigns {
    fn name(&self) -> &'static str {
        "campaigns"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[CAMPAIGN, CONTRIBUTION, REDEMPTION, NULLIFIER, ORDER]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                for log in transaction.logs.iter().filter(|log| log.address == self.market) {
                    fold(block, transaction, log, batch).await?;
                }
            }
        }
        Ok(())
    }
}

async fn fold(block: &Block, transaction: &Transaction, log: &Log, batch: &mut Batch<'_>) -> Result<(), IndexError> {
    // An event is in the interface of every part that emits it, so what is wanted is asked for by name.
    match Event::decode_raw_log(&log.topics, &log.data) {
        Ok(Event::OrderFunded(e)) => {
            let (id, at) = (number(e.orderId), block.timestamp);
            batch.put(&ORDER, order_row(id, e.buyer, e.token, e.amount, e.amount, at));
            return Ok(());
        }
        Ok(Event::OrderRefunded(e)) => return Ok(back(batch, e.orderId, U256::MAX).await?),
        _ => {}
    }
    if let Ok(After::OrderSettled(e)) = After::decode_raw_log(&log.topics, &log.data) {
        return Ok(back(batch, e.orderId, e.buyerAmount).await?);
    }
    match Coupon::decode_raw_log(&log.topics, &log.data) {
        Ok(event) => coupon(block, transaction.hash, event, batch).await,
        Err(_) => Ok(()),
    }
}

async fn coupon(block: &Block, hash: B256, event: Coupon, batch: &mut Batch<'_>) -> Result<(), IndexError> {
    let at = block.timestamp;
    match event {
        Coupon::CampaignOpened(e) => batch.put(&CAMPAIGN, opened(&e, at, hash).row()),
        Coupon::CampaignFunded(e) => {
            let id = number(e.campaignId);
            let nothing = U256::ZERO;
            let row = vec![id.into(), number(e.contribution).into(), e.funder.into(), e.amount.into(), nothing.into()];
            batch.put(&CONTRIBUTION, [row, vec![at.into()]].concat());
            change(batch, id, |campaign| {
                campaign.contributed = campaign.contributed.saturating_add(e.amount);
                campaign.available = campaign.available.saturating_add(e.amount);
            })
            .await?;
        }
        Coupon::CouponApplied(e) => {
            let (id, order) = (number(e.campaignId), number(e.orderId));
            let nothing = U256::ZERO;
            let row = vec![id.into(), order.into(), e.buyer.into(), e.nullifier.into(), e.amount.into()];
            batch.put(&REDEMPTION, [row, vec![nothing.into(), nothing.into(), false.into(), at.into()]].concat());
            mark(batch, id, e.nullifier, true).await?;
            change(batch, id, |campaign| {
                campaign.available = campaign.available.saturating_sub(e.amount);
                campaign.locked = campaign.locked.saturating_add(e.amount);
            })
            .await?;
        }
        Coupon::CouponSettled(e) => {
            let (id, order) = (number(e.campaignId), number(e.orderId));
            if let Some(row) = batch.get(&REDEMPTION, vec![id.into(), order.into()]).await? {
                let nullifier = Fields { table: REDEMPTION.name, row: &row }.hash(3)?;
                let ended = vec![e.vested.into(), e.returned.into(), true.into(), row[8].clone()];
                batch.put(&REDEMPTION, [row[..5].to_vec(), ended].concat());
                mark(batch, id, nullifier, !e.vested.is_zero()).await?;
            }
            back(batch, e.orderId, e.returned).await?;
            change(batch, id, |campaign| {
                campaign.locked = campaign.locked.saturating_sub(e.vested.saturating_add(e.returned));
                campaign.spent = campaign.spent.saturating_add(e.vested);
                campaign.available = campaign.available.saturating_add(e.returned);
            })
            .await?;
        }
        Coupon::LeftoverCredited(e) => {
            let id = number(e.campaignId);
            if let Some(mut row) = batch.get(&CONTRIBUTION, vec![id.into(), number(e.contribution).into()]).await? {
                let before = Fields { table: CONTRIBUTION.name, row: &row }.amount(4)?;
                row[4] = before.saturating_add(e.amount).into();
                batch.put(&CONTRIBUTION, row);
            }
            change(batch, id, |campaign| {
                campaign.available = campaign.available.saturating_sub(e.amount);
                campaign.withdrawn = campaign.withdrawn.saturating_add(e.amount);
            })
            .await?;
        }
        _ => {}
    }
    Ok(())
}

fn opened(e: &CampaignOpened, at: u64, tx_hash: B256) -> Campaign {
    let terms = &e.terms;
    Campaign {
        id: number(e.campaignId),
        creator: e.creator,
        token: terms.token,
        issuer: terms.issuer,
        percent_bps: terms.percentBps,
        amount: U256::from(terms.amount),
        subsidy_max: U256::from(terms.subsidyMax),
        spend_min: U256::from(terms.spendMin),
        starts_at: terms.startsAt,
        ends_at: terms.endsAt,
        seller: terms.seller,
        category: terms.category,
        stackable: terms.stackable,
        contributed: U256::ZERO,
        available: U256::ZERO,
        locked: U256::ZERO,
        spent: U256::ZERO,
        withdrawn: U256::ZERO,
        opened_at: at,
        tx_hash,
    }
}

async fn change(batch: &mut Batch<'_>, id: u64, change: impl FnOnce(&mut Campaign)) -> Result<(), StoreError> {
    let Some(row) = batch.get(&CAMPAIGN, vec![id.into()]).await? else { return Ok(()) };
    let mut campaign = Campaign::of(&row)?;
    change(&mut campaign);
    batch.put(&CAMPAIGN, campaign.row());
    batch.notify("campaign", || json!({ "id": id }));
    Ok(())
}

async fn mark(batch: &mut Batch<'_>, campaign: u64, nullifier: B256, used: bool) -> Result<(), StoreError> {
    batch.get(&NULLIFIER, vec![campaign.into(), nullifier.into()]).await?;
    batch.put(&NULLIFIER, vec![campaign.into(), nullifier.into(), used.into()]);
    Ok(())
}

/// What went back to the buyer or to a campaign no longer counts.
async fn back(batch: &mut Batch<'_>, order: U256, amount: U256) -> Result<(), StoreError> {
    let Some(mut row) = batch.get(&ORDER, vec![number(order).into()]).await? else { return Ok(()) };
    let before = Fields { table: ORDER.name, row: &row }.amount(4)?;
    row[4] = before.saturating_sub(amount).into();
    batch.put(&ORDER, row);
    Ok(())
}

fn order_row(id: u64, buyer: Address, token: Address, amount: U256, net: U256, at: u64) -> Vec<Value> {
    vec![id.into(), buyer.into(), token.into(), amount.into(), net.into(), at.into()]
}

/// The contract numbers campaigns and orders in 64 bits.
fn number(id: U256) -> u64 {
    id.saturating_to()
}
