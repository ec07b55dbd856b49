//! What other businesses may know of the market: offers as they stand, and the two sides of an order.
//!
//! Businesses never import each other; what they share of the market goes through here.

use alloy_primitives::{Address, B256, U256};
use platform_api::Problem;
use platform_index::{Row, StoreError};
use platform_protocol::contracts::ArbiterPanel;

use crate::context::Context;
pub(crate) use crate::market::CATEGORIES;

/// An offer as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) seller: Address,
    pub(crate) token: Address,
    pub(crate) unit_price: U256,
    pub(crate) shipping: U256,
    /// Slug; empty where nobody described the offer.
    pub(crate) category: String,
}

impl Offer {
    /// What `quantity` pieces come to with shipping.
    pub(crate) fn amount(&self, quantity: u32) -> U256 {
        self.unit_price.saturating_mul(U256::from(quantity)).saturating_add(self.shipping)
    }
}

/// An offer by its number.
pub(crate) async fn offer(app: &Context, id: u64) -> Result<Option<Offer>, Problem> {
    let sql = "SELECT o.seller, o.token, v.unit_price, v.shipping_price, m.category FROM market_offer o \
               JOIN market_offer_version v ON v.offer_id = o.offer_id AND v.version = o.version \
               LEFT JOIN market_metadata m ON m.hash = o.metadata WHERE o.offer_id = $1";
    let Some(row) = app.store.row(sql, vec![id.into()]).await? else { return Ok(None) };
    Ok(Some(Offer {
        seller: row.address(0)?,
        token: row.address(1)?,
        unit_price: row.amount(2)?,
        shipping: row.amount(3)?,
        category: row.text_or_null(4)?.unwrap_or_default(),
    }))
}

/// The category behind the hash that contracts know it by.
pub(crate) fn category_of(hash: B256) -> Option<&'static str> {
    CATEGORIES.iter().map(|category| category.slug).find(|slug| category_hash(slug) == hash)
}

/// What contracts know a category by: Keccak-256 of its slug.
pub(crate) fn category_hash(slug: &str) -> B256 {
    alloy_primitives::keccak256(slug.as_bytes())
}

/// States of orders that have ended, for SQL.
pub(crate) const ENDED_STATES: &str = "(5, 6, 12)";
/// States in which arbiters have an order, for reading.
const BEFORE_ARBITERS: [i64; 2] = [10, 11];

/// An order's two sides and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) buyer: Address,
    pub(crate) seller: Address,
    /// Salted hash of the delivery address.
    pub(crate) delivery_hash: B256,
    pub(crate) is_open: bool,
    /// When it last moved, in seconds since 1970.
    pub(crate) updated_at: u64,
    /// The dispute that arbiters have, where they do.
    dispute: Option<U256>,
}

const ORDER: &str =
    "SELECT order_id, buyer, seller, delivery_hash, state, updated_at, raised, dispute_id FROM market_order";

fn read_order(row: &Row) -> Result<Order, StoreError> {
    let state = row.int(4)?;
    let before_arbiters = BEFORE_ARBITERS.contains(&state) && row.int(6)? != 0;
    Ok(Order {
        id: row.number(0)?,
        buyer: row.address(1)?,
        seller: row.address(2)?,
        delivery_hash: row.hash(3)?,
        is_open: ![5, 6, 12].contains(&state),
        updated_at: row.number(5)?,
        dispute: if before_arbiters { Some(row.amount(7)?) } else { None },
    })
}

/// An order by its number.
pub(crate) async fn order(app: &Context, id: u64) -> Result<Option<Order>, Problem> {
    let row = app.store.row(&format!("{ORDER} WHERE order_id = $1"), vec![id.into()]).await?;
    Ok(row.as_ref().map(read_order).transpose()?)
}

/// The order that carries a hash of a delivery address. Every address has its own salt, so there is one at most.
pub(crate) async fn order_of_delivery(app: &Context, hash: B256) -> Result<Option<Order>, Problem> {
    let row = app.store.row(&format!("{ORDER} WHERE delivery_hash = $1 LIMIT 1"), vec![hash.into()]).await?;
    Ok(row.as_ref().map(read_order).transpose()?)
}

/// The guild's arbiters who have an order's dispute now, as their contract says. Nobody where another arbitrator does.
pub(crate) async fn panel(app: &Context, order: &Order) -> Result<Vec<Address>, Problem> {
    let (Some(dispute), Some(panel)) = (order.dispute, &app.manifest.arbiter_panel) else { return Ok(Vec::new()) };
    let asked = ArbiterPanel::disputeOfCall { disputeId: dispute };
    let found = app.ask(panel.address, asked).await?;
    Ok(found
        .filter(|found| found.arbitrable == app.manifest.market.address)
        .map(|found| found.panel)
        .unwrap_or_default())
}
