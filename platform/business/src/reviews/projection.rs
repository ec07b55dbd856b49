//! Reviews, and the market's events that say what they weigh, folded into rows.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolEvent, SolEventInterface};
use async_trait::async_trait;
use platform_index::{Batch, Block, IndexError, Log, Projection, Table, Transaction, Value};
use platform_protocol::contracts::Reviews::ReviewsEvents as Event;
use platform_protocol::contracts::{Aftersales, Market};
use serde_json::json;

use super::model::{PURCHASE, REVIEW};

/// Reviews of one market's orders.
pub(super) struct ReviewProjection {
    pub(super) reviews: Address,
    pub(super) market: Address,
}

/// An event that does not follow from those before it.
#[derive(Debug, thiserror::Error)]
enum FoldError {
    #[error("the event {0} of the reviews cannot be decoded: the contract is newer than this program")]
    UnknownEvent(B256),
    #[error("there is no review of order {0} for this event")]
    NoReview(U256),
}

#[async_trait]
impl Projection for ReviewProjection {
    fn name(&self) -> &'static str {
        "reviews"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[PURCHASE, REVIEW]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                for log in &transaction.logs {
                    if log.address == self.market {
                        purchase(block, log, batch).await?;
                    } else if log.address == self.reviews {
                        review(block, transaction, log, batch).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What the market says of an order: who bought of whom, and that it ended well.
async fn purchase(block: &Block, log: &Log, batch: &mut Batch<'_>) -> Result<(), IndexError> {
    let topics = || log.topics.iter().copied();
    let first = log.topics.first().copied().unwrap_or_default();
    if first == Market::OrderFunded::SIGNATURE_HASH {
        let Ok(e) = Market::OrderFunded::decode_raw_log(topics(), &log.data) else { return Ok(()) };
        batch.put(
            &PURCHASE,
            vec![
                number(e.orderId).into(),
                e.buyer.into(),
                e.seller.into(),
                e.token.into(),
                U256::ZERO.into(),
                0_u64.into(),
            ],
        );
    } else if first == Market::OrderReleased::SIGNATURE_HASH {
        let Ok(e) = Market::OrderReleased::decode_raw_log(topics(), &log.data) else { return Ok(()) };
        ended(batch, e.orderId, e.fee, block.timestamp).await?;
    } else if first == Aftersales::OrderSettled::SIGNATURE_HASH {
        let Ok(e) = Aftersales::OrderSettled::decode_raw_log(topics(), &log.data) else { return Ok(()) };
        ended(batch, e.orderId, e.fee, block.timestamp).await?;
    }
    Ok(())
}

async fn ended(batch: &mut Batch<'_>, order: U256, fee: U256, at: u64) -> Result<(), IndexError> {
    if let Some(mut row) = batch.get(&PURCHASE, vec![number(order).into()]).await? {
        (row[4], row[5]) = (fee.into(), at.into());
        batch.put(&PURCHASE, row);
    }
    Ok(())
}

async fn review(block: &Block, transaction: &Transaction, log: &Log, batch: &mut Batch<'_>) -> Result<(), IndexError> {
    let failed =
        |what: FoldError| IndexError::Projection { projection: "reviews", number: block.number, what: Box::new(what) };
    let Ok(event) = Event::decode_raw_log(&log.topics, &log.data) else {
        return Err(failed(FoldError::UnknownEvent(log.topics.first().copied().unwrap_or_default())));
    };
    let order = match event {
        Event::ReviewWritten(e) => {
            let row = vec![
                number(e.orderId).into(),
                number(e.offerId).into(),
                e.seller.into(),
                e.buyer.into(),
                u32::from(e.rating).into(),
                e.contentHash.into(),
                block.timestamp.into(),
                transaction.hash.into(),
                Value::NoBlob,
                0_u64.into(),
            ];
            batch.get(&REVIEW, vec![number(e.orderId).into()]).await?;
            batch.put(&REVIEW, row);
            e.orderId
        }
        Event::ReviewReplied(e) => {
            let row = batch.get(&REVIEW, vec![number(e.orderId).into()]).await?;
            let mut row = row.ok_or_else(|| failed(FoldError::NoReview(e.orderId)))?;
            (row[8], row[9]) = (e.replyHash.into(), block.timestamp.into());
            batch.put(&REVIEW, row);
            e.orderId
        }
        _ => return Ok(()),
    };
    batch.notify("review", || json!({ "order_id": number(order) }));
    Ok(())
}

/// The market numbers orders and offers in 64 bits.
fn number(id: U256) -> u64 {
    id.saturating_to()
}
