//! Reviews, and the purchases they are about, as rows.

use alloy_primitives::{Address, B256, U256};
use platform_index::{Column, Kind, Row, StoreError, Table};

/// Purchases: who bought of whom, and once they ended well, what fee was paid and when.
pub(super) const PURCHASE: Table = Table {
    name: "review_purchase",
    kind: Kind::State,
    columns: &[
        Column::int("order_id"),
        Column::blob("buyer"),
        Column::blob("seller"),
        Column::blob("token"),
        Column::text("fee"),
        Column::int("ended_at"),
    ],
    key: 1,
    indexes: &[("review_purchase_seller", "seller, ended_at")],
};

pub(super) const REVIEW: Table = Table {
    name: "review_review",
    kind: Kind::State,
    columns: &[
        Column::int("order_id"),
        Column::int("offer_id"),
        Column::blob("seller"),
        Column::blob("buyer"),
        Column::int("rating"),
        Column::blob("content"),
        Column::int("written_at"),
        Column::blob("tx_hash"),
        Column::blob("reply").or_null(),
        Column::int("replied_at"),
    ],
    key: 1,
    indexes: &[
        ("review_review_seller", "seller, order_id"),
        ("review_review_offer", "offer_id, order_id"),
        ("review_review_buyer", "buyer, order_id"),
    ],
};

/// Texts of reviews and replies under their hashes.
pub(super) const TEXT: Table = Table {
    name: "review_text",
    kind: Kind::State,
    columns: &[Column::blob("hash"), Column::text("text")],
    key: 1,
    indexes: &[],
};

/// A review appears and counts this long after its order ended, so that nobody is judged in the heat of the moment.
pub(super) const DELAY: u64 = 86_400;

/// A review with what its order says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Review {
    pub(super) order: u64,
    pub(super) offer: u64,
    pub(super) seller: Address,
    pub(super) buyer: Address,
    pub(super) rating: u8,
    pub(super) content: B256,
    pub(super) written_at: u64,
    pub(super) tx_hash: B256,
    pub(super) reply: Option<B256>,
    pub(super) replied_at: u64,
    pub(super) token: Address,
    pub(super) fee: U256,
    pub(super) ended_at: u64,
}

/// What [`Review::read`] reads.
pub(super) const REVIEW_SELECT: &str = "SELECT r.order_id, r.offer_id, r.seller, r.buyer, r.rating, r.content, \
     r.written_at, r.tx_hash, r.reply, r.replied_at, p.token, p.fee, p.ended_at FROM review_review r \
     JOIN review_purchase p ON p.order_id = r.order_id";

impl Review {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            order: row.number(0)?,
            offer: row.number(1)?,
            seller: row.address(2)?,
            buyer: row.address(3)?,
            rating: u8::try_from(row.int(4)?).unwrap_or(0),
            content: row.hash(5)?,
            written_at: row.number(6)?,
            tx_hash: row.hash(7)?,
            // Nothing there is no hash.
            reply: row.hash(8).ok(),
            replied_at: row.number(9)?,
            token: row.address(10)?,
            fee: row.amount(11)?,
            ended_at: row.number(12)?,
        })
    }

    /// When it appears and begins to count.
    pub(super) fn appears_at(&self) -> u64 {
        self.written_at.max(self.ended_at.saturating_add(DELAY))
    }
}
