//! The market's events, folded into rows.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolEvent, SolEventInterface};
use async_trait::async_trait;
use platform_index::{Batch, Block, IndexError, Log, Projection, Table, Transaction, Value};
use platform_protocol::contracts::Market::MarketEvents as Event;
use platform_protocol::contracts::{Erc20, IMarket, Market};
use serde_json::json;

use super::model::{
    CREDIT, Case, EVENT, LIMITS, OFFER, ORDER, Offer, Order, OrderState, SETTING, STATE_TOTAL, TOTAL, TOTAL_HEAD,
    VERSION,
};
use crate::fields::Fields;

/// After the delivery deadline a carrier may still attest for this long; the contract's `ATTEST_GRACE`.
const ATTEST_GRACE: u64 = 72 * 3_600;

const HOUR: u64 = 3_600;

/// Refund reason: delivery expired. From this one on the goods have left, so nothing returns to stock by itself.
const DELIVER_EXPIRED: i64 = 4;

/// Offers, orders, credits and totals of one market.
pub(super) struct MarketProjection {
    pub(super) market: Address,
}

/// An event that does not follow from those before it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FoldError {
    #[error("the event {0} of the market cannot be decoded: the contract is newer than this program")]
    UnknownEvent(B256),
    #[error("there is no offer {0} for this event")]
    NoOffer(U256),
    #[error("there is no order {0} for this event")]
    NoOrder(U256),
    #[error("a total would fall below zero")]
    Negative,
}

/// Where an event stands.
pub(super) struct Place<'b> {
    pub(super) block: &'b Block,
    pub(super) transaction: &'b Transaction,
    pub(super) log: &'b Log,
}

#[async_trait]
impl Projection for MarketProjection {
    fn name(&self) -> &'static str {
        "market"
    }

    fn version(&self) -> u32 {
        5
    }

    fn tables(&self) -> &'static [Table] {
        &[OFFER, VERSION, ORDER, EVENT, CREDIT, TOTAL, TOTAL_HEAD, STATE_TOTAL, SETTING, LIMITS]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                for log in &transaction.logs {
                    let place = Place { block, transaction, log };
                    if log.address == self.market {
                        self.fold(&place, batch).await?;
                    } else {
                        self.hold(&place, batch).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl MarketProjection {
    async fn fold(&self, place: &Place<'_>, batch: &mut Batch<'_>) -> Result<(), IndexError> {
        let Ok(event) = Event::decode_raw_log(&place.log.topics, &place.log.data) else {
            if self.fold_part(place, batch).await? {
                return Ok(());
            }
            // An unknown event is refused rather than skipped.
            return Err(place.error(FoldError::UnknownEvent(place.log.topics.first().copied().unwrap_or_default())));
        };
        match event {
            Event::OfferPublished(e) => {
                let id = e.offerId;
                self.terms(
                    place,
                    batch,
                    Published {
                        id,
                        seller: e.seller,
                        version: e.version,
                        terms: e.terms,
                        stock: e.stock,
                        metadata: e.metadata,
                    },
                )
                .await
            }
            Event::OfferRevised(e) => {
                let id = e.offerId;
                self.terms(
                    place,
                    batch,
                    Published {
                        id,
                        seller: e.seller,
                        version: e.version,
                        terms: e.terms,
                        stock: e.stock,
                        metadata: e.metadata,
                    },
                )
                .await
            }
            Event::OfferStockSet(e) => self.change_offer(place, batch, e.offerId, |offer| offer.stock = e.stock).await,
            Event::OfferActiveSet(e) => {
                self.change_offer(place, batch, e.offerId, |offer| offer.active = e.active).await
            }
            Event::OrderFunded(e) => self.funded(place, batch, e).await,
            Event::OrderAccepted(e) => {
                let change = |order: &mut Order| (order.state, order.deadline) = (OrderState::Accepted, e.shipBy);
                self.change_order(place, batch, e.orderId, change).await.map(|_| ())
            }
            Event::OrderShipped(e) => self.shipped(place, batch, e).await,
            Event::OrderDelivered(e) => {
                let at = place.block.timestamp;
                let change = |order: &mut Order| {
                    (order.state, order.deadline) = (OrderState::Delivered, e.inspectBy);
                    order.delivered_at = at;
                };
                self.change_order(place, batch, e.orderId, change).await.map(|_| ())
            }
            Event::OrderReleased(e) => self.released(place, batch, e).await,
            Event::OrderRefunded(e) => self.refunded(place, batch, e).await,
            Event::Credited(e) => {
                self.credit(place, batch, e.account, e.token, Change::Add(e.amount)).await?;
                self.total(place, batch, e.token, |total| total.credits += e.amount).await
            }
            Event::BondDeposited(e) => {
                self.credit(place, batch, e.account, e.token, Change::Add(e.amount)).await?;
                self.total(place, batch, e.token, |total| {
                    total.credits += e.amount;
                    total.receive_coin(e.token, e.amount);
                })
                .await
            }
            Event::Withdrawn(e) => {
                self.credit(place, batch, e.account, e.token, Change::Subtract(e.amount)).await?;
                self.total(place, batch, e.token, |total| {
                    total.credits = total.credits.wrapping_sub(e.amount);
                    total.pay_coin(e.token, e.amount);
                })
                .await
            }
            Event::FeeScheduleSet(e) => {
                set(batch, "fee_bps", e.feeBps.to_string()).await?;
                set(batch, "bond_bps", e.bondBps.to_string()).await
            }
            Event::TreasurySet(e) => set(batch, "treasury", e.treasury.to_checksum(None)).await,
            Event::Paused(_) => set(batch, "paused", "1".to_owned()).await,
            Event::Unpaused(_) => set(batch, "paused", "0".to_owned()).await,
            // Told where the market's further parts are.
            Event::AffiliatePaid(_) | Event::CouponSettled(_) | Event::OrderRulesSet(_) => {
                self.fold_part(place, batch).await.map(drop)
            }
            Event::TokenAllowed(_) | Event::AuthorityUpdated(_) | Event::Initialized(_) | Event::Upgraded(_) => Ok(()),
        }
    }

    /// Tokens that move in or out of the market are counted from the tokens' own events, so that what the market
    /// holds and what it owes come from different witnesses.
    async fn hold(&self, place: &Place<'_>, batch: &mut Batch<'_>) -> Result<(), IndexError> {
        if place.log.topics.first() != Some(&Erc20::Transfer::SIGNATURE_HASH) {
            return Ok(());
        }
        let Ok(moved) = Erc20::Transfer::decode_raw_log(place.log.topics.iter().copied(), &place.log.data) else {
            return Ok(());
        };
        let (market, token) = (self.market, place.log.address);
        if moved.to == market {
            self.total(place, batch, token, |total| total.held += moved.value).await
        } else if moved.from == market {
            self.total(place, batch, token, |total| total.held = total.held.wrapping_sub(moved.value)).await
        } else {
            Ok(())
        }
    }

    async fn terms(&self, place: &Place<'_>, batch: &mut Batch<'_>, e: Published) -> Result<(), IndexError> {
        let id = number(e.id);
        let known = batch.get(&OFFER, vec![id.into()]).await?.map(|row| Offer::of(&row)).transpose()?;
        let (active, sold, published_at) =
            known.map_or((true, 0, place.block.timestamp), |known| (known.active, known.sold, known.published_at));
        let offer = Offer {
            id,
            seller: e.seller,
            version: e.version,
            active,
            stock: e.stock,
            sold,
            token: e.terms.token,
            price_key: Offer::price_key(e.terms.unitPrice),
            metadata: e.metadata,
            published_at,
        };
        batch.put(&OFFER, offer.row());
        batch.append(&VERSION, version_row(place, id, &e));
        batch.notify("offer", || json!({ "id": id }));
        Ok(())
    }

    async fn change_offer(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: U256,
        change: impl FnOnce(&mut Offer),
    ) -> Result<(), IndexError> {
        let row = batch.get(&OFFER, vec![number(id).into()]).await?;
        let mut offer = Offer::of(&row.ok_or_else(|| place.error(FoldError::NoOffer(id)))?)?;
        change(&mut offer);
        batch.put(&OFFER, offer.row());
        batch.notify("offer", || json!({ "id": offer.id }));
        Ok(())
    }

    async fn funded(&self, place: &Place<'_>, batch: &mut Batch<'_>, e: Market::OrderFunded) -> Result<(), IndexError> {
        let order = Order {
            id: number(e.orderId),
            offer_id: number(e.offerId),
            version: e.version,
            buyer: e.buyer,
            seller: e.seller,
            quantity: e.quantity,
            token: e.token,
            amount: e.amount,
            bond: e.bond,
            fee_bps: e.feeBps,
            state: OrderState::Funded,
            deadline: e.acceptBy,
            placed_at: place.block.timestamp,
            updated_at: place.block.timestamp,
            shipped_at: 0,
            fee: U256::ZERO,
            reason: None,
            delivery_hash: e.deliveryHash,
            tracking: None,
            rules: 0,
            subsidy: U256::ZERO,
            affiliate: None,
            to_buyer: U256::ZERO,
            returnable: false,
            case: Case::default(),
            delivered_at: 0,
        };
        batch.put(&ORDER, order.row());
        record(place, batch, &order);
        count(batch, &order, 1).await?;
        self.change_offer(place, batch, e.offerId, |offer| {
            offer.stock = offer.stock.saturating_sub(u64::from(e.quantity));
            offer.sold += i64::from(e.quantity);
        })
        .await?;
        self.credit(place, batch, e.seller, e.token, Change::Subtract(e.bond)).await?;
        self.total(place, batch, e.token, |total| {
            total.locked += e.amount;
            total.bonds += e.bond;
            total.credits = total.credits.wrapping_sub(e.bond);
            total.receive_coin(e.token, e.amount);
        })
        .await
    }

    async fn shipped(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        e: Market::OrderShipped,
    ) -> Result<(), IndexError> {
        let at = place.block.timestamp;
        let change = |order: &mut Order| {
            order.state = OrderState::Shipped;
            // Under rules somebody contests first, which starts the seller's time to prove the delivery.
            order.deadline = if order.rules == 0 { e.deliverBy + ATTEST_GRACE } else { e.deliverBy };
            order.shipped_at = at;
            order.tracking = Some(e.trackingHash);
        };
        self.change_order(place, batch, e.orderId, change).await.map(|_| ())
    }

    async fn released(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        e: Market::OrderReleased,
    ) -> Result<(), IndexError> {
        let change = |order: &mut Order| {
            order.state = OrderState::Released;
            order.deadline = 0;
            order.fee = e.fee;
        };
        let order = self.change_order(place, batch, e.orderId, change).await?;
        self.unlock(place, batch, &order).await
    }

    async fn refunded(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        e: Market::OrderRefunded,
    ) -> Result<(), IndexError> {
        let reason = i64::from(e.reason);
        let change = |order: &mut Order| {
            order.state = OrderState::Refunded;
            order.deadline = 0;
            order.reason = Some(reason);
            order.to_buyer = e.buyerAmount;
        };
        let order = self.change_order(place, batch, e.orderId, change).await?;
        self.change_offer(place, batch, U256::from(order.offer_id), |offer| {
            offer.sold -= i64::from(order.quantity);
            if reason < DELIVER_EXPIRED {
                offer.stock = offer.stock.saturating_add(u64::from(order.quantity));
            }
        })
        .await?;
        self.unlock(place, batch, &order).await
    }

    /// What an order held leaves its lock. The credits it becomes have events of their own.
    pub(super) async fn unlock(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        order: &Order,
    ) -> Result<(), IndexError> {
        self.total(place, batch, order.token, |total| {
            total.locked = total.locked.wrapping_sub(order.amount);
            total.bonds = total.bonds.wrapping_sub(order.bond);
        })
        .await
    }

    pub(super) async fn change_order(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: U256,
        change: impl FnOnce(&mut Order),
    ) -> Result<Order, IndexError> {
        let order = self.note_order(place, batch, id, change).await?;
        record(place, batch, &order);
        Ok(order)
    }

    /// An order as it stands.
    pub(super) async fn order(&self, place: &Place<'_>, batch: &mut Batch<'_>, id: U256) -> Result<Order, IndexError> {
        let row = batch.get(&ORDER, vec![number(id).into()]).await?;
        Ok(Order::of(&row.ok_or_else(|| place.error(FoldError::NoOrder(id)))?)?)
    }

    /// Changes an order by an event that its timeline does not tell.
    pub(super) async fn note_order(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: U256,
        change: impl FnOnce(&mut Order),
    ) -> Result<Order, IndexError> {
        let mut order = self.order(place, batch, id).await?;
        count(batch, &order, -1).await?;
        change(&mut order);
        count(batch, &order, 1).await?;
        order.updated_at = place.block.timestamp;
        batch.put(&ORDER, order.row());
        Ok(order)
    }

    pub(super) async fn credit(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        account: Address,
        token: Address,
        change: Change,
    ) -> Result<(), IndexError> {
        if matches!(change, Change::Add(U256::ZERO) | Change::Subtract(U256::ZERO)) {
            return Ok(());
        }
        let key = vec![account.into(), token.into()];
        let before = match batch.get(&CREDIT, key).await? {
            Some(row) => Fields { table: CREDIT.name, row: &row }.amount(2)?,
            None => U256::ZERO,
        };
        let after = match change {
            Change::Add(amount) => before.checked_add(amount),
            Change::Subtract(amount) => before.checked_sub(amount),
        };
        let after = after.ok_or_else(|| place.error(FoldError::Negative))?;
        batch.put(&CREDIT, vec![account.into(), token.into(), after.into()]);
        Ok(())
    }

    pub(super) async fn total(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        token: Address,
        change: impl FnOnce(&mut Total),
    ) -> Result<(), IndexError> {
        let hour = place.block.timestamp / HOUR;
        let newest = match batch.get(&TOTAL_HEAD, vec![token.into()]).await? {
            Some(row) => Some(Fields { table: TOTAL_HEAD.name, row: &row }.number(1)?),
            None => None,
        };
        let mut total = match newest {
            Some(newest) => Total::of(batch.get(&TOTAL, vec![token.into(), newest.into()]).await?)?,
            None => Total::default(),
        };
        change(&mut total);
        if newest != Some(hour) {
            batch.put(&TOTAL_HEAD, vec![token.into(), hour.into()]);
        }
        batch.put(
            &TOTAL,
            vec![
                token.into(),
                hour.into(),
                total.locked.into(),
                total.bonds.into(),
                total.credits.into(),
                total.held.into(),
                total.deposits.into(),
                total.budgets.into(),
            ],
        );
        Ok(())
    }
}

impl Place<'_> {
    pub(super) fn error(&self, what: FoldError) -> IndexError {
        IndexError::Projection { projection: "market", number: self.block.number, what: Box::new(what) }
    }
}

/// Terms that were published or revised.
struct Published {
    id: U256,
    seller: Address,
    version: u32,
    terms: IMarket::Terms,
    stock: u64,
    metadata: B256,
}

pub(super) enum Change {
    Add(U256),
    Subtract(U256),
}

/// What the market owes in a token, and what it holds. Within one transaction a part may be ahead of its counterpart,
/// so subtraction wraps and comes back.
#[derive(Default)]
pub(super) struct Total {
    pub(super) locked: U256,
    pub(super) bonds: U256,
    pub(super) credits: U256,
    pub(super) held: U256,
    /// For arbitration.
    pub(super) deposits: U256,
    /// Of campaigns.
    pub(super) budgets: U256,
}

impl Total {
    fn of(row: Option<Vec<Value>>) -> Result<Self, IndexError> {
        let Some(row) = row else {
            return Ok(Self::default());
        };
        let row = Fields { table: TOTAL.name, row: &row };
        Ok(Self {
            locked: row.amount(2)?,
            bonds: row.amount(3)?,
            credits: row.amount(4)?,
            held: row.amount(5)?,
            deposits: row.amount(6)?,
            budgets: row.amount(7)?,
        })
    }

    /// The native coin has no transfer events; the market's own say what came in.
    pub(super) fn receive_coin(&mut self, token: Address, amount: U256) {
        if token == Address::ZERO {
            self.held += amount;
        }
    }

    pub(super) fn pay_coin(&mut self, token: Address, amount: U256) {
        if token == Address::ZERO {
            self.held = self.held.wrapping_sub(amount);
        }
    }
}

/// The contract numbers offers and orders in 64 bits.
pub(super) fn number(id: U256) -> u64 {
    id.saturating_to()
}

fn record(place: &Place<'_>, batch: &mut Batch<'_>, order: &Order) {
    let topics: Vec<u8> = place.log.topics.iter().flat_map(|topic| topic.0).collect();
    batch.append(
        &EVENT,
        vec![
            order.id.into(),
            place.block.number.into(),
            place.log.index.into(),
            place.block.timestamp.into(),
            place.transaction.hash.into(),
            place.transaction.from.into(),
            topics.into(),
            place.log.data.to_vec().into(),
        ],
    );
    batch.notify("order", || {
        json!({
            "id": order.id,
            "state": order.state.word(),
            "buyer": order.buyer.to_checksum(None),
            "seller": order.seller.to_checksum(None),
        })
    });
}

/// Counts an order in, or with a negative number out of, the totals of its state.
async fn count(batch: &mut Batch<'_>, order: &Order, orders: i64) -> Result<(), IndexError> {
    let key: Vec<Value> = vec![order.token.into(), order.state.number().into()];
    let (counted, worth) = match batch.get(&STATE_TOTAL, key.clone()).await? {
        Some(row) => {
            let row = Fields { table: STATE_TOTAL.name, row: &row };
            (row.int(2)?, row.amount(3)?)
        }
        None => (0, U256::ZERO),
    };
    let worth = if orders < 0 { worth.wrapping_sub(order.amount) } else { worth.wrapping_add(order.amount) };
    let row = [key, vec![(counted + orders).into(), worth.into()]].concat();
    batch.put(&STATE_TOTAL, row);
    Ok(())
}

pub(super) async fn set(batch: &mut Batch<'_>, name: &str, value: String) -> Result<(), IndexError> {
    batch.get(&SETTING, vec![name.into()]).await?;
    batch.put(&SETTING, vec![name.into(), value.into()]);
    Ok(())
}

fn version_row(place: &Place<'_>, id: u64, e: &Published) -> Vec<Value> {
    vec![
        id.into(),
        e.version.into(),
        place.block.number.into(),
        place.block.timestamp.into(),
        place.transaction.hash.into(),
        e.terms.token.into(),
        U256::from(e.terms.unitPrice).into(),
        U256::from(e.terms.shippingPrice).into(),
        e.terms.acceptWithin.into(),
        e.terms.shipWithin.into(),
        e.terms.deliverWithin.into(),
        e.terms.inspectWithin.into(),
        e.terms.digital.into(),
        e.metadata.into(),
    ]
}
