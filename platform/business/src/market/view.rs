//! What the market's endpoints answer with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::content::Attribute;
use super::model::{OrderState, ReturnStep, Side};
use super::steps::{Action, Actor, Awaited};
use crate::money::Money;
use crate::wire::{Bilingual, BlockRef, Party};

/// A category and how much is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Category)]
pub(crate) struct CategoryView {
    /// Word in addresses.
    pub(crate) slug: String,
    /// Name.
    pub(crate) name: Bilingual,
    /// Active offers.
    pub(crate) offers: u64,
}

/// How offers are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferSort {
    /// The last published first.
    #[default]
    Newest,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
    /// The most sold first.
    Popular,
    /// The best answer to `q` first; what a search does by itself.
    Relevance,
}

/// Which offers to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfferQuery {
    /// Words of title, description, attributes or seller. Mistakes of a letter or two are forgiven.
    pub(crate) q: Option<String>,
    /// Slug of a category.
    pub(crate) category: Option<String>,
    /// Seller.
    pub(crate) seller: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub(crate) sort: Option<OfferSort>,
    /// Only offers that are, or are not, on the market. Without it: those that are, or all of a seller's.
    pub(crate) active: Option<bool>,
    /// Least price of a piece, in the smallest unit of its token.
    pub(crate) price_min: Option<String>,
    /// Highest price of a piece, in the smallest unit of its token.
    pub(crate) price_max: Option<String>,
    /// Only what is, or is not, shipped as a file.
    pub(crate) digital: Option<bool>,
    /// Only what is there.
    pub(crate) in_stock: Option<bool>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// An offer in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OfferCard {
    /// Number.
    pub(crate) id: String,
    /// Version of its terms.
    pub(crate) version: u32,
    /// Title.
    pub(crate) title: Bilingual,
    /// Slug of its category; empty without a description.
    pub(crate) category: String,
    /// Seller.
    pub(crate) seller: Party,
    /// Price of one piece.
    pub(crate) price: Money,
    /// Price of shipping an order.
    pub(crate) shipping: Money,
    /// Pieces left.
    pub(crate) stock: u64,
    /// Whether nothing is shipped.
    pub(crate) digital: bool,
    /// Whether it is on the market.
    pub(crate) active: bool,
    /// First picture.
    pub(crate) picture_url: Option<String>,
    /// Pieces sold and not refunded.
    pub(crate) sold: i64,
    /// When it was first published.
    pub(crate) published_at: String,
}

/// Why an offer is shown beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RelatedReason {
    /// People who bought the one bought the other too.
    BoughtTogether,
    /// It is of the same category and sells.
    Category,
}

/// An offer that goes with another.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RelatedOffer)]
pub(crate) struct RelatedView {
    /// The offer.
    pub(crate) offer: OfferCard,
    /// Why it is shown.
    pub(crate) reason: RelatedReason,
    /// How many people bought both, in orders that are finished. Zero for another reason.
    pub(crate) buyers: u64,
}

/// Time limits, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OfferTerms)]
pub(crate) struct TermsView {
    /// For the seller to accept.
    pub(crate) accept_within: u32,
    /// For the seller to ship.
    pub(crate) ship_within: u32,
    /// For the goods to arrive.
    pub(crate) deliver_within: u32,
    /// For the buyer to inspect.
    pub(crate) inspect_within: u32,
}

/// A version of an offer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferVersion)]
pub(crate) struct VersionView {
    /// Version.
    pub(crate) version: u32,
    /// Price of one piece.
    pub(crate) price: Money,
    /// When.
    pub(crate) at: String,
    /// Transaction.
    pub(crate) tx_hash: String,
}

/// An offer in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferDetail)]
pub(crate) struct OfferView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) card: OfferCard,
    /// Description.
    pub(crate) description: Bilingual,
    /// Pictures.
    pub(crate) pictures: Vec<String>,
    /// Hashes of the pictures, in the same order.
    pub(crate) picture_hashes: Vec<String>,
    /// Properties.
    pub(crate) attributes: Vec<Attribute>,
    /// Time limits.
    pub(crate) terms: TermsView,
    /// Time limits of returns and disputes that an order of it is signed for; none in houses from before there were any.
    pub(crate) after_sales: Option<AfterSalesView>,
    /// What a buyer's line must carry.
    pub(crate) terms_hash: String,
    /// Hash of the description.
    pub(crate) metadata_hash: String,
    /// Versions, the newest first.
    pub(crate) versions: Vec<VersionView>,
    /// Whether the seller's credit covers the bond of one piece.
    pub(crate) bond_ok: bool,
}

/// The hash of something kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hash)]
pub(crate) struct HashView {
    /// Keccak-256 of the content.
    pub(crate) hash: String,
}

/// A picture kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Media)]
pub(crate) struct MediaView {
    /// Keccak-256 of its bytes.
    pub(crate) hash: String,
    /// Where it is had.
    pub(crate) url: String,
}

/// A seller, from facts on chain alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seller)]
pub(crate) struct SellerView {
    /// Address.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: Option<String>,
    /// When they published first.
    pub(crate) since: Option<String>,
    /// Active offers.
    pub(crate) offers: u64,
    /// Orders they got.
    pub(crate) orders: u64,
    /// Orders released.
    pub(crate) released: u64,
    /// Orders refunded, for whatever reason.
    pub(crate) refunded: u64,
    /// Orders still open.
    pub(crate) open: u64,
    /// Shipped in time among those that were due to ship, as a share of one.
    pub(crate) on_time_rate: Option<String>,
}

/// Which orders to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderQuery {
    /// Buyer.
    pub(crate) buyer: Option<String>,
    /// Seller.
    pub(crate) seller: Option<String>,
    /// Buyer or seller.
    pub(crate) participant: Option<String>,
    /// Offer.
    pub(crate) offer: Option<u64>,
    /// States, separated by commas; `open` stands for all that have not ended.
    pub(crate) state: Option<String>,
    /// Only open orders whose deadline is before this time.
    pub(crate) deadline_before: Option<String>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// What an order is of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderOffer)]
pub(crate) struct OfferRef {
    /// Number.
    pub(crate) id: String,
    /// Title.
    pub(crate) title: Bilingual,
    /// First picture.
    pub(crate) picture_url: Option<String>,
    /// Version the order was signed for.
    pub(crate) version: u32,
}

/// Where money goes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Effect)]
pub(crate) struct EffectView {
    /// Credited to the buyer.
    pub(crate) to_buyer: Money,
    /// Credited to the seller.
    pub(crate) to_seller: Money,
    /// Credited to the guild.
    pub(crate) fee: Money,
}

/// A next step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NextAction)]
pub(crate) struct StepView {
    /// What.
    pub(crate) action: Action,
    /// By whom.
    pub(crate) who: Actor,
    /// First second in which it can be done.
    pub(crate) available_at: String,
    /// Last second in which it can be done.
    pub(crate) until: Option<String>,
    /// Where the money goes.
    pub(crate) effect: EffectView,
    /// Native coin that has to be put in, in wei.
    pub(crate) deposit: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderCard {
    /// Number.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) state: OrderState,
    /// What it is of.
    pub(crate) offer: OfferRef,
    /// Buyer.
    pub(crate) buyer: Party,
    /// Seller.
    pub(crate) seller: Party,
    /// Pieces.
    pub(crate) quantity: u32,
    /// Goods and shipping.
    pub(crate) total: Money,
    /// What coupons pay of it.
    pub(crate) subsidy: Money,
    /// Seller's bond.
    pub(crate) bond: Money,
    /// Whose move it is.
    pub(crate) awaited: Option<Awaited>,
    /// Fee in basis points.
    pub(crate) fee_bps: u16,
    /// When it was placed.
    pub(crate) placed_at: String,
    /// When it last moved.
    pub(crate) updated_at: String,
    /// Last second before anyone may end it.
    pub(crate) deadline: Option<String>,
    /// What anyone may do then.
    pub(crate) deadline_action: Option<Action>,
    /// Why it was refunded.
    pub(crate) refund_reason: Option<String>,
    /// What can be done next.
    pub(crate) next: Vec<StepView>,
}

/// A step that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct TimelineView {
    /// Event.
    pub(crate) event: String,
    /// When.
    pub(crate) at: String,
    /// By whom.
    pub(crate) by: String,
    /// Transaction.
    pub(crate) tx_hash: String,
    /// Block.
    pub(crate) block_number: u64,
    /// The event's arguments.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) data: BTreeMap<String, serde_json::Value>,
}

/// An order in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderDetail)]
pub(crate) struct OrderView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) card: OrderCard,
    /// What happened, the oldest first.
    pub(crate) timeline: Vec<TimelineView>,
    /// Who is paid a part of the fee for bringing the buyer.
    pub(crate) affiliate: Option<Party>,
    /// Time limits it was signed for.
    pub(crate) terms: TermsView,
    /// Salted hash of the delivery address.
    pub(crate) delivery_hash: String,
    /// Hash of the tracking number.
    pub(crate) tracking: Option<String>,
    /// Time limits of returns and disputes; none for orders from before there were any.
    pub(crate) after_sales: Option<AfterSalesView>,
    /// Its return or dispute.
    pub(crate) case: Option<CaseView>,
}

/// Time limits of returns and disputes, in seconds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AfterSales)]
pub(crate) struct AfterSalesView {
    /// The seller proves a delivery that is contested.
    pub(crate) contest_within: u32,
    /// The seller answers a return.
    pub(crate) answer_within: u32,
    /// The buyer sends it.
    pub(crate) return_within: u32,
    /// The seller confirms it.
    pub(crate) confirm_within: u32,
    /// Each side answers a proposal or an escalation.
    pub(crate) negotiate_within: u32,
    /// The loser appeals.
    pub(crate) appeal_within: u32,
    /// Arbiters decide.
    pub(crate) arbiter_within: u32,
    /// Whether goods may be sent back.
    pub(crate) returnable: bool,
}

/// A return or dispute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub(crate) struct CaseView {
    /// Where a return stands or stood.
    pub(crate) return_step: Option<ReturnStep>,
    /// Who disputed.
    pub(crate) claimant: Option<Side>,
    /// Who loses by silence.
    pub(crate) awaited: Option<Side>,
    /// Who called the arbiters.
    pub(crate) escalated_by: Option<Side>,
    /// Who appealed.
    pub(crate) appealed_by: Option<Side>,
    /// Whether the other side has answered the escalation.
    pub(crate) defended: bool,
    /// Whether arbiters have it.
    pub(crate) with_arbiters: bool,
    /// For whom they decided: `buyer`, `seller` or `split`.
    pub(crate) ruling: Option<String>,
    /// Whether nobody can appeal any more.
    pub(crate) is_final: bool,
    /// What the buyer should get by the buyer's last proposal.
    pub(crate) buyer_claim: Option<Money>,
    /// What the buyer should get by the seller's last proposal.
    pub(crate) seller_claim: Option<Money>,
    /// What the buyer gets by the ruling.
    pub(crate) ruled: Option<Money>,
    /// What each side put in for the arbiters.
    pub(crate) deposit: Option<Money>,
    /// What is still here of it.
    pub(crate) pot: Money,
    /// The arbiters' number of it.
    pub(crate) dispute_id: Option<String>,
    /// What calling the arbiters, or appealing, takes now.
    pub(crate) deposit_needed: Option<Money>,
}

/// An account and its money.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    /// Address.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: Option<String>,
    /// What it holds.
    pub(crate) balances: Vec<Money>,
    /// What it can withdraw from the market.
    pub(crate) credits: Vec<Money>,
    /// What is bound in bonds of open orders.
    pub(crate) bonded: Vec<Money>,
    /// Orders as a buyer.
    pub(crate) orders_buying: u64,
    /// Orders as a seller.
    pub(crate) orders_selling: u64,
    /// Transactions sent.
    pub(crate) nonce: u64,
}

/// What the market holds and owes in a token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SolvencyToken {
    /// Contract.
    pub(crate) token: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// Decimals.
    pub(crate) decimals: u8,
    /// What the market's account holds on chain.
    pub(crate) balance: String,
    /// Locked in open orders, by the index.
    pub(crate) open_orders: String,
    /// Bound in bonds, by the index.
    pub(crate) bonds: String,
    /// Waiting to be withdrawn, by the index.
    pub(crate) credits: String,
    /// Deposited for arbitration.
    pub(crate) deposits: String,
    /// Locked by campaigns.
    pub(crate) budgets: String,
    /// Sum of the three, by the index.
    pub(crate) liabilities: String,
    /// What the contract itself says it owes.
    pub(crate) contract_liabilities: String,
    /// Whether index and contract agree.
    pub(crate) agrees: bool,
    /// Balance divided by liabilities, cut after four places; nothing where nothing is owed.
    pub(crate) coverage: Option<String>,
    /// Whether the balance covers the liabilities.
    pub(crate) covered: bool,
}

/// A moment of the past.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SolvencyPoint {
    /// Beginning of the hour.
    pub(crate) at: String,
    /// Token.
    pub(crate) token: String,
    /// What the market held, by the tokens' own events.
    pub(crate) balance: String,
    /// What it owed, by its own events.
    pub(crate) liabilities: String,
}

/// Whether the market can pay everyone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Solvency)]
pub(crate) struct SolvencyView {
    /// At which block.
    pub(crate) block: BlockRef,
    /// By token.
    pub(crate) tokens: Vec<SolvencyToken>,
    /// Orders that have not ended.
    pub(crate) open_orders_count: u64,
    /// Up to now, the oldest first.
    pub(crate) history: Vec<SolvencyPoint>,
}

/// Orders in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateCount {
    /// State.
    pub(crate) state: OrderState,
    /// Orders.
    pub(crate) count: u64,
    /// Their worth in the stable token.
    pub(crate) value: Money,
}

/// An amount of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AmountPoint {
    /// Beginning of the day.
    pub(crate) at: String,
    /// Smallest units.
    pub(crate) amount: String,
    /// Orders.
    pub(crate) orders: u64,
}

/// Transactions of a while.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThroughputPoint {
    /// Beginning.
    pub(crate) at: String,
    /// Transactions.
    pub(crate) transactions: u64,
}

/// The present day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Today {
    /// Orders placed.
    pub(crate) orders: u64,
    /// Their worth.
    pub(crate) gmv: Money,
    /// Buyers who had never bought before.
    pub(crate) new_buyers: u64,
}

/// A seller among the largest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopSeller {
    /// Who.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: Option<String>,
    /// Orders of the last thirty days.
    pub(crate) orders: u64,
    /// Their worth.
    pub(crate) gmv: Money,
}

/// What staff look at first. Money is in the stable token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dashboard)]
pub(crate) struct DashboardView {
    /// Orders by state.
    pub(crate) orders_by_state: Vec<StateCount>,
    /// Worth of the orders of each of the last thirty days.
    pub(crate) gmv_series: Vec<AmountPoint>,
    /// Transactions of each of the last sixty minutes.
    pub(crate) throughput: Vec<ThroughputPoint>,
    /// Open orders, the nearest deadline first.
    pub(crate) deadlines: Vec<OrderCard>,
    /// Today, in UTC.
    pub(crate) today: Today,
    /// Largest sellers of the last thirty days.
    pub(crate) sellers_top: Vec<TopSeller>,
    /// Newest block of the chain.
    pub(crate) head: BlockRef,
    /// Blocks the index is behind.
    pub(crate) index_lag: u64,
    /// Whether new orders are stopped.
    pub(crate) paused: bool,
}
