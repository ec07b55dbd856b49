//! What other businesses may know of the market: offers as they stand, and the two sides of an order.
//!
//! Businesses never import each other; what they share of the market goes through here.

use alloy_primitives::{Address, B256, U256};
use platform_api::Problem;

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
