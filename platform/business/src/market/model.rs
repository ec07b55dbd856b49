//! Offers and orders as rows: what the tables hold, and nothing of how it is asked or shown.

use alloy_primitives::{Address, B256, U256};
use platform_index::{Column, Kind, Row, StoreError, Table, Value};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use crate::fields::Fields;

pub(super) const OFFER: Table = Table {
    name: "market_offer",
    kind: Kind::State,
    columns: &[
        Column::int("offer_id"),
        Column::blob("seller"),
        Column::int("version"),
        Column::int("active"),
        Column::int("stock"),
        Column::int("sold"),
        Column::blob("token"),
        // The price with leading zeros, so that the order of the text is the order of the numbers.
        Column::text("price_key"),
        Column::blob("metadata"),
        Column::int("published_at"),
    ],
    key: 1,
    indexes: &[
        ("market_offer_seller", "seller, offer_id"),
        ("market_offer_price", "price_key, offer_id"),
        ("market_offer_sold", "sold, offer_id"),
        ("market_offer_metadata", "metadata"),
    ],
};

pub(super) const VERSION: Table = Table {
    name: "market_offer_version",
    kind: Kind::Append,
    columns: &[
        Column::int("offer_id"),
        Column::int("version"),
        Column::int("block_number"),
        Column::int("at"),
        Column::blob("tx_hash"),
        Column::blob("token"),
        Column::text("unit_price"),
        Column::text("shipping_price"),
        Column::int("accept_within"),
        Column::int("ship_within"),
        Column::int("deliver_within"),
        Column::int("inspect_within"),
        Column::int("digital"),
        Column::blob("metadata"),
    ],
    key: 2,
    indexes: &[("market_offer_version_block", "block_number")],
};

pub(super) const ORDER: Table = Table {
    name: "market_order",
    kind: Kind::State,
    columns: &[
        Column::int("order_id"),
        Column::int("offer_id"),
        Column::int("version"),
        Column::blob("buyer"),
        Column::blob("seller"),
        Column::int("quantity"),
        Column::blob("token"),
        Column::text("amount"),
        Column::text("bond"),
        Column::int("fee_bps"),
        Column::int("state"),
        Column::int("deadline"),
        Column::int("placed_at"),
        Column::int("updated_at"),
        Column::int("shipped_at"),
        Column::text("fee"),
        Column::int("reason").or_null(),
        Column::blob("delivery_hash"),
        Column::blob("tracking").or_null(),
        Column::int("rules"),
        Column::text("subsidy"),
        Column::blob("affiliate").or_null(),
        Column::text("to_buyer"),
        Column::int("returnable"),
        Column::int("return_step"),
        Column::int("claimant"),
        Column::int("awaited"),
        Column::int("escalated_by"),
        Column::int("appealed_by"),
        Column::int("defended"),
        Column::int("raised"),
        Column::int("final"),
        Column::int("ruling"),
        Column::text("buyer_claim"),
        Column::text("seller_claim"),
        Column::text("deposit"),
        Column::text("pot"),
        Column::text("dispute_id"),
        Column::int("disputed_at"),
        Column::int("delivered_at"),
    ],
    key: 1,
    indexes: &[
        ("market_order_buyer", "buyer, order_id"),
        ("market_order_seller", "seller, order_id"),
        ("market_order_offer", "offer_id, order_id"),
        ("market_order_state", "state, deadline"),
        ("market_order_state_id", "state, order_id"),
        ("market_order_placed", "placed_at"),
        ("market_order_delivered", "delivered_at"),
    ],
};

pub(super) const EVENT: Table = Table {
    name: "market_event",
    kind: Kind::Append,
    columns: &[
        Column::int("order_id"),
        Column::int("block_number"),
        Column::int("log_index"),
        Column::int("at"),
        Column::blob("tx_hash"),
        Column::blob("sender"),
        Column::blob("topics"),
        Column::blob("data"),
    ],
    key: 3,
    indexes: &[("market_event_block", "block_number")],
};

pub(super) const CREDIT: Table = Table {
    name: "market_credit",
    kind: Kind::State,
    columns: &[Column::blob("account"), Column::blob("token"), Column::text("amount")],
    key: 2,
    indexes: &[],
};

/// What the market owes and holds, by token and hour. The newest hour is the present.
pub(super) const TOTAL: Table = Table {
    name: "market_total",
    kind: Kind::State,
    columns: &[
        Column::blob("token"),
        Column::int("hour"),
        Column::text("locked"),
        Column::text("bonds"),
        Column::text("credits"),
        Column::text("held"),
        Column::text("deposits"),
        Column::text("budgets"),
    ],
    key: 2,
    indexes: &[],
};

/// What orders are signed for beside price and delivery: a rule set, or with an offer's number the limits of one
/// version of it.
pub(super) const LIMITS: Table = Table {
    name: "market_limits",
    kind: Kind::State,
    columns: &[
        Column::int("offer_id"),
        Column::int("version"),
        Column::blob("arbitrator").or_null(),
        Column::int("contest_within"),
        Column::int("answer_within"),
        Column::int("return_within"),
        Column::int("confirm_within"),
        Column::int("negotiate_within"),
        Column::int("appeal_within"),
        Column::int("arbiter_within"),
        Column::int("returnable"),
    ],
    key: 2,
    indexes: &[],
};

/// The newest hour in which a token's totals changed.
pub(super) const TOTAL_HEAD: Table = Table {
    name: "market_total_head",
    kind: Kind::State,
    columns: &[Column::blob("token"), Column::int("hour")],
    key: 1,
    indexes: &[],
};

/// How many orders of a token are in a state, and what they are worth together.
pub(super) const STATE_TOTAL: Table = Table {
    name: "market_state_total",
    kind: Kind::State,
    columns: &[Column::blob("token"), Column::int("state"), Column::int("orders"), Column::text("worth")],
    key: 2,
    indexes: &[],
};

pub(super) const SETTING: Table = Table {
    name: "market_setting",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::text("value")],
    key: 1,
    indexes: &[],
};

/// Where an order stands, numbered as the contract does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderState {
    /// Paid; the seller has not answered.
    Funded,
    /// Taken on; not shipped.
    Accepted,
    /// On its way.
    Shipped,
    /// Arrived; under inspection.
    Delivered,
    /// Ended: the seller is paid.
    Released,
    /// Ended: the buyer has the money back.
    Refunded,
    /// Late: the seller must prove that it arrived.
    Contested,
    /// The buyer sends the goods back.
    Return,
    /// The two sides talk about a split.
    Disputed,
    /// Arbiters were called.
    Escalated,
    /// Arbiters have decided; the loser may appeal.
    Ruled,
    /// Ended: the money was split.
    Settled,
}

/// States that have not ended, for SQL.
pub(super) const OPEN_STATES: &str = "(1, 2, 3, 4, 7, 8, 9, 10, 11)";

impl OrderState {
    /// All, in order.
    pub(crate) const ALL: [Self; 12] = [
        Self::Funded,
        Self::Accepted,
        Self::Shipped,
        Self::Delivered,
        Self::Released,
        Self::Refunded,
        Self::Contested,
        Self::Return,
        Self::Disputed,
        Self::Escalated,
        Self::Ruled,
        Self::Settled,
    ];

    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Funded => 1,
            Self::Accepted => 2,
            Self::Shipped => 3,
            Self::Delivered => 4,
            Self::Released => 5,
            Self::Refunded => 6,
            Self::Contested => 7,
            Self::Return => 8,
            Self::Disputed => 9,
            Self::Escalated => 10,
            Self::Ruled => 11,
            Self::Settled => 12,
        }
    }

    pub(crate) fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Funded => "funded",
            Self::Accepted => "accepted",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Released => "released",
            Self::Refunded => "refunded",
            Self::Contested => "contested",
            Self::Return => "return",
            Self::Disputed => "disputed",
            Self::Escalated => "escalated",
            Self::Ruled => "ruled",
            Self::Settled => "settled",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::Released | Self::Refunded | Self::Settled)
    }
}

/// One of the two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// Who bought.
    Buyer,
    /// Who sold.
    Seller,
}

impl Side {
    /// As the contract numbers sides; zero is neither.
    pub(super) const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Buyer),
            2 => Some(Self::Seller),
            _ => None,
        }
    }

    pub(super) const fn number(side: Option<Self>) -> i64 {
        match side {
            None => 0,
            Some(Self::Buyer) => 1,
            Some(Self::Seller) => 2,
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Seller,
            Self::Seller => Self::Buyer,
        }
    }
}

/// Where a return stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReturnStep {
    /// The seller is to answer.
    Requested,
    /// The buyer is to send.
    Approved,
    /// The seller is to confirm.
    Sent,
}

impl ReturnStep {
    pub(super) const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Requested),
            2 => Some(Self::Approved),
            3 => Some(Self::Sent),
            _ => None,
        }
    }

    pub(super) const fn number(step: Option<Self>) -> i64 {
        match step {
            None => 0,
            Some(Self::Requested) => 1,
            Some(Self::Approved) => 2,
            Some(Self::Sent) => 3,
        }
    }
}

/// What arbiters chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// Half-way between the claims, as when they refuse.
    Middle,
    /// One side's claim.
    For(Side),
}

impl Ruling {
    /// What the chain's number means: one for the buyer's claim, two for the seller's, zero for the middle.
    pub(super) fn told(number: u8) -> Self {
        Side::of(number.into()).map_or(Self::Middle, Self::For)
    }

    /// Its name in answers.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Middle => "split",
            Self::For(Side::Buyer) => "buyer",
            Self::For(Side::Seller) => "seller",
        }
    }

    const fn of(number: i64) -> Option<Self> {
        match (number, Side::of(number)) {
            (_, Some(side)) => Some(Self::For(side)),
            (3, None) => Some(Self::Middle),
            _ => None,
        }
    }

    const fn number(ruling: Option<Self>) -> i64 {
        match ruling {
            None => 0,
            Some(Self::For(Side::Buyer)) => 1,
            Some(Self::For(Side::Seller)) => 2,
            Some(Self::Middle) => 3,
        }
    }
}

/// A return or dispute. Claims are what the buyer should get by each side; deposits are native coin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) return_step: Option<ReturnStep>,
    pub(super) claimant: Option<Side>,
    pub(super) awaited: Option<Side>,
    pub(super) escalated_by: Option<Side>,
    pub(super) appealed_by: Option<Side>,
    pub(super) defended: bool,
    pub(super) raised: bool,
    pub(super) is_final: bool,
    /// None until arbiters have ruled.
    pub(super) ruling: Option<Ruling>,
    pub(super) buyer_claim: U256,
    pub(super) seller_claim: U256,
    pub(super) deposit: U256,
    pub(super) pot: U256,
    pub(super) dispute_id: U256,
    /// When it was first disputed; zero if never.
    pub(super) disputed_at: u64,
}

impl Case {
    fn row(&self) -> Vec<Value> {
        vec![
            ReturnStep::number(self.return_step).into(),
            Side::number(self.claimant).into(),
            Side::number(self.awaited).into(),
            Side::number(self.escalated_by).into(),
            Side::number(self.appealed_by).into(),
            self.defended.into(),
            self.raised.into(),
            self.is_final.into(),
            Ruling::number(self.ruling).into(),
            self.buyer_claim.into(),
            self.seller_claim.into(),
            self.deposit.into(),
            self.pot.into(),
            self.dispute_id.into(),
            self.disputed_at.into(),
        ]
    }

    /// Reads the columns from `first` on.
    fn of(row: &Fields<'_>, first: usize) -> Result<Self, StoreError> {
        let side = |place: usize| row.int(first + place).map(Side::of);
        let yes = |place: usize| row.int(first + place).map(|value| value != 0);
        Ok(Self {
            return_step: ReturnStep::of(row.int(first)?),
            claimant: side(1)?,
            awaited: side(2)?,
            escalated_by: side(3)?,
            appealed_by: side(4)?,
            defended: yes(5)?,
            raised: yes(6)?,
            is_final: yes(7)?,
            ruling: Ruling::of(row.int(first + 8)?),
            buyer_claim: row.amount(first + 9)?,
            seller_claim: row.amount(first + 10)?,
            deposit: row.amount(first + 11)?,
            pot: row.amount(first + 12)?,
            dispute_id: row.amount(first + 13)?,
            disputed_at: row.number(first + 14)?,
        })
    }

    /// What a side says the buyer should get.
    pub(super) const fn claim(&self, side: Side) -> U256 {
        match side {
            Side::Buyer => self.buyer_claim,
            Side::Seller => self.seller_claim,
        }
    }

    /// What the buyer gets by the ruling; the middle is rounded up.
    pub(super) fn ruled(&self) -> U256 {
        match self.winner() {
            Some(side) => self.claim(side),
            None => self.buyer_claim.saturating_add(self.seller_claim).div_ceil(U256::from(2)),
        }
    }

    /// Whose claim arbiters chose; none in the middle, and before they ruled.
    pub(super) const fn winner(&self) -> Option<Side> {
        match self.ruling {
            Some(Ruling::For(side)) => Some(side),
            Some(Ruling::Middle) | None => None,
        }
    }
}

/// A row of [`OFFER`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) id: u64,
    pub(super) seller: Address,
    pub(super) version: u32,
    pub(super) active: bool,
    pub(super) stock: u64,
    pub(super) sold: i64,
    pub(super) token: Address,
    pub(super) price_key: String,
    pub(super) metadata: B256,
    pub(super) published_at: u64,
}

impl Offer {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.seller.into(),
            self.version.into(),
            self.active.into(),
            self.stock.into(),
            self.sold.into(),
            self.token.into(),
            self.price_key.as_str().into(),
            self.metadata.into(),
            self.published_at.into(),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: OFFER.name, row };
        Ok(Self {
            id: row.number(0)?,
            seller: row.address(1)?,
            version: row.small(2)?,
            active: row.number(3)? != 0,
            stock: row.number(4)?,
            sold: row.int(5)?,
            token: row.address(6)?,
            price_key: row.text(7)?,
            metadata: row.hash(8)?,
            published_at: row.number(9)?,
        })
    }

    /// The sort key of a price: 39 digits hold every 128-bit number.
    pub(super) fn price_key(price: u128) -> String {
        format!("{price:039}")
    }
}

/// A row of [`ORDER`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) offer_id: u64,
    pub(super) version: u32,
    pub(super) buyer: Address,
    pub(super) seller: Address,
    pub(super) quantity: u32,
    pub(super) token: Address,
    pub(super) amount: U256,
    pub(super) bond: U256,
    pub(super) fee_bps: u16,
    pub(super) state: OrderState,
    /// The last second before anyone may end the order; zero once it has ended.
    pub(super) deadline: u64,
    pub(super) placed_at: u64,
    pub(super) updated_at: u64,
    pub(super) shipped_at: u64,
    pub(super) fee: U256,
    pub(super) reason: Option<i64>,
    pub(super) delivery_hash: B256,
    pub(super) tracking: Option<B256>,
    /// The rule set it was signed for; zero is the market without contests, returns and disputes.
    pub(super) rules: u8,
    /// What coupons pay of the amount.
    pub(super) subsidy: U256,
    pub(super) affiliate: Option<Address>,
    /// What the buyer got at the end.
    pub(super) to_buyer: U256,
    pub(super) returnable: bool,
    pub(super) case: Case,
    /// When it was first said to have arrived; zero if never.
    pub(super) delivered_at: u64,
}

impl Order {
    pub(super) fn row(&self) -> Vec<Value> {
        let plain = vec![
            self.id.into(),
            self.offer_id.into(),
            self.version.into(),
            self.buyer.into(),
            self.seller.into(),
            self.quantity.into(),
            self.token.into(),
            self.amount.into(),
            self.bond.into(),
            u32::from(self.fee_bps).into(),
            self.state.number().into(),
            self.deadline.into(),
            self.placed_at.into(),
            self.updated_at.into(),
            self.shipped_at.into(),
            self.fee.into(),
            self.reason.into(),
            self.delivery_hash.into(),
            self.tracking.map_or(Value::NoBlob, Value::from),
            u32::from(self.rules).into(),
            self.subsidy.into(),
            self.affiliate.map_or(Value::NoBlob, Value::from),
            self.to_buyer.into(),
            self.returnable.into(),
        ];
        [plain, self.case.row(), vec![self.delivered_at.into()]].concat()
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: ORDER.name, row };
        Ok(Self {
            id: row.number(0)?,
            offer_id: row.number(1)?,
            version: row.small(2)?,
            buyer: row.address(3)?,
            seller: row.address(4)?,
            quantity: row.small(5)?,
            token: row.address(6)?,
            amount: row.amount(7)?,
            bond: row.amount(8)?,
            fee_bps: row.small(9)?,
            state: OrderState::of(row.int(10)?).ok_or(row.shape("an order is in no known state"))?,
            deadline: row.number(11)?,
            placed_at: row.number(12)?,
            updated_at: row.number(13)?,
            shipped_at: row.number(14)?,
            fee: row.amount(15)?,
            reason: row.int_or_null(16)?,
            delivery_hash: row.hash(17)?,
            tracking: row.hash_or_null(18)?,
            rules: row.small(19)?,
            subsidy: row.amount(20)?,
            affiliate: row.address_or_null(21)?,
            to_buyer: row.amount(22)?,
            returnable: row.int(23)? != 0,
            case: Case::of(&row, 24)?,
            delivered_at: row.number(39)?,
        })
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Self::of(&row.values(ORDER.columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let order = Order {
            id: 7,
            offer_id: 3,
            version: 2,
            buyer: Address::repeat_byte(1),
            seller: Address::repeat_byte(2),
            quantity: 4,
            token: Address::ZERO,
            amount: U256::MAX,
            bond: U256::from(5),
            fee_bps: 200,
            state: OrderState::Shipped,
            deadline: 9,
            placed_at: 1,
            updated_at: 2,
            shipped_at: 2,
            fee: U256::ZERO,
            reason: None,
            delivery_hash: B256::repeat_byte(3),
            tracking: Some(B256::repeat_byte(4)),
            rules: 1,
            subsidy: U256::from(9),
            affiliate: Some(Address::repeat_byte(5)),
            to_buyer: U256::from(10),
            returnable: true,
            case: Case {
                return_step: Some(ReturnStep::Sent),
                claimant: Some(Side::Seller),
                awaited: Some(Side::Buyer),
                escalated_by: None,
                appealed_by: Some(Side::Buyer),
                defended: true,
                raised: false,
                is_final: true,
                ruling: Some(Ruling::For(Side::Seller)),
                buyer_claim: U256::from(11),
                seller_claim: U256::from(4),
                deposit: U256::from(13),
                pot: U256::from(14),
                dispute_id: U256::from(15),
                disputed_at: 16,
            },
            delivered_at: 17,
        };
        assert_eq!(order.case.ruled(), U256::from(4));
        assert_eq!(
            Case { ruling: Some(Ruling::Middle), ..order.case.clone() }.ruled(),
            U256::from(8),
            "the middle, rounded up"
        );
        assert_eq!(Order::of(&order.row()).unwrap(), order);
        assert_eq!(order.row().len(), ORDER.columns.len());
        assert!(Offer::of(&order.row()).is_err());
        assert!(Offer::price_key(9) < Offer::price_key(10));
    }
}
