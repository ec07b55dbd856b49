//! What the campaigns' endpoints take and answer with.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::money::Money;
use crate::wire::{Bilingual, Party};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CampaignStanding)]
pub(crate) enum Standing {
    /// Opened on chain; the house has not said yet whom it is for.
    Unfinished,
    /// Begins later.
    Scheduled,
    /// Hands out coupons.
    Running,
    /// Runs, and its budget is used up for now.
    Exhausted,
    /// Hands out none for now.
    Paused,
    /// Hands out none any more; what is left goes back after its period.
    Closed,
    /// Its period is over.
    Ended,
}

/// Who paid a campaign's budget, and which part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Funder {
    /// Who.
    pub(crate) party: Party,
    /// What they paid in.
    pub(crate) paid: Money,
    /// What they got back.
    pub(crate) given_back: Money,
    /// Their part of the budget, in basis points, rounded down.
    pub(crate) share_bps: u32,
}

/// A campaign's money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Budget {
    /// Paid in.
    pub(crate) contributed: Money,
    /// Left, and promised to nobody on chain.
    pub(crate) available: Money,
    /// Of what is left: promised to people at the checkout just now.
    pub(crate) reserved: Money,
    /// In orders that are open.
    pub(crate) locked: Money,
    /// Used for good.
    pub(crate) spent: Money,
    /// Given back to the funders.
    pub(crate) withdrawn: Money,
}

/// A campaign.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    /// Number.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) standing: Standing,
    /// Name. None until the house has given it one.
    pub(crate) name: Option<Bilingual>,
    /// Part of an order it pays, in basis points; zero where it is an amount.
    pub(crate) percent_bps: u16,
    /// Amount it pays of an order. None where it is a percentage.
    pub(crate) amount: Option<Money>,
    /// Most it pays of one order.
    pub(crate) subsidy_max: Money,
    /// Least worth of an order.
    pub(crate) spend_min: Money,
    /// First second.
    pub(crate) starts_at: String,
    /// Last second.
    pub(crate) ends_at: String,
    /// The only seller it is for.
    pub(crate) seller: Option<Party>,
    /// Slug of the only category it is for.
    pub(crate) category: Option<String>,
    /// Whether it may meet others on one order.
    pub(crate) stackable: bool,
    /// Whether it is for the first order of a person only.
    pub(crate) first_order: bool,
    /// How often a person may use it.
    pub(crate) per_person: u32,
    /// Whether it takes a code. Where it takes none it is offered by itself.
    pub(crate) needs_code: bool,
    /// The code. For staff only.
    pub(crate) code: Option<String>,
    /// Part of the people it is kept from, to compare with, in basis points. For staff only.
    pub(crate) holdout_bps: Option<u32>,
    /// Its money.
    pub(crate) budget: Budget,
    /// Who paid it, in the order in which they did.
    pub(crate) funders: Vec<Funder>,
    /// Orders it paid a part of.
    pub(crate) redemptions: u64,
    /// Who opened it.
    pub(crate) creator: Party,
    /// Whether this house signs its coupons.
    pub(crate) issued_here: bool,
    /// When it was opened.
    pub(crate) opened_at: String,
    /// Transaction that opened it.
    pub(crate) tx_hash: String,
}

/// Which campaigns to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignQuery {
    /// `current` for those that can be used now.
    pub(crate) standing: Option<String>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// Which rows behind a figure to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsQuery {
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// What the house says of a campaign beside its terms on chain.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = CampaignDetails)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsView {
    /// Name, in one language at least.
    pub(crate) name: Bilingual,
    /// Code that people enter: 4 to 24 letters, digits and hyphens. Empty where it is offered by itself.
    #[serde(default)]
    pub(crate) code: String,
    /// Whether it is for the first order of a person only.
    #[serde(default)]
    pub(crate) first_order: bool,
    /// How often a person may use it, 1 to 100.
    pub(crate) per_person: u32,
    /// Part of the people it is kept from, in basis points, up to 5000. Zero where it takes a code.
    #[serde(default)]
    pub(crate) holdout_bps: u32,
}

/// What is to become of a campaign.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = CampaignMove)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveView {
    /// `running`, `paused`, or `closed` for good.
    pub(crate) state: String,
}

/// Who signs this house's coupons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CouponIssuer)]
pub(crate) struct IssuerView {
    /// Address that a campaign must name as its issuer. None where this house signs none.
    pub(crate) address: Option<String>,
}

/// A line of a basket.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = QuoteLine)]
pub(crate) struct LineAsked {
    /// Number of the offer.
    pub(crate) offer_id: String,
    /// Pieces.
    pub(crate) quantity: u32,
}

/// A basket and who would buy it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = QuoteAsked)]
pub(crate) struct QuoteAsked {
    /// Who would buy.
    pub(crate) buyer: String,
    /// What.
    pub(crate) lines: Vec<LineAsked>,
    /// A code they entered.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Numbers of campaigns they do not want.
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

/// A coupon on a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuotedCoupon)]
pub(crate) struct CouponView {
    /// Number of the campaign.
    pub(crate) campaign_id: String,
    /// Name.
    pub(crate) name: Bilingual,
    /// What it pays.
    pub(crate) saved: Money,
    /// Who pays it.
    pub(crate) funders: Vec<FunderShare>,
    /// Whether it is for first orders.
    pub(crate) first_order: bool,
    /// Until when the campaign runs.
    pub(crate) ends_at: String,
}

/// Who pays a coupon, and which part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FunderShare {
    /// Who.
    pub(crate) party: Party,
    /// Which part, in basis points, rounded down.
    pub(crate) share_bps: u32,
}

/// What became of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CodeVerdict)]
pub(crate) struct CodeView {
    /// The code, as it was read.
    pub(crate) code: String,
    /// `applied`, or why not: `unknown`, `not_started`, `ended`, `paused`, `out_of_scope`, `spend_too_low`, `used`,
    /// `exhausted`, `not_first`, `another_is_better`.
    pub(crate) verdict: String,
    /// What an order has to be worth, where it is too small.
    pub(crate) spend_min: Option<String>,
}

/// A line with its coupons.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuotedLine)]
pub(crate) struct QuotedLine {
    /// Number of the offer.
    pub(crate) offer_id: String,
    /// Coupons on it.
    pub(crate) coupons: Vec<CouponView>,
}

/// What a basket would cost less.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub(crate) struct QuoteView {
    /// Lines, in the order asked.
    pub(crate) lines: Vec<QuotedLine>,
    /// What is saved, by token.
    pub(crate) saved: Vec<Money>,
    /// What became of the code.
    pub(crate) code: Option<CodeView>,
}

/// A basket that the person signed in is about to pay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = VouchersAsked)]
pub(crate) struct VouchersAsked {
    /// What.
    pub(crate) lines: Vec<LineAsked>,
    /// A code they entered.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Numbers of campaigns they do not want.
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

/// A voucher as the contract takes it, signed after EIP-712.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SignedVoucher)]
pub(crate) struct VoucherView {
    /// Number of the campaign.
    pub(crate) campaign_id: String,
    /// The person's use of it.
    pub(crate) nullifier: String,
    /// Who may use it.
    pub(crate) buyer: String,
    /// For which offer.
    pub(crate) offer_id: String,
    /// Hash of the category, or zero.
    pub(crate) category: String,
    /// Last second, in seconds since 1970.
    pub(crate) expires_at: u64,
    /// The issuer's signature.
    pub(crate) signature: String,
}

/// A line with its vouchers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = VoucherLine)]
pub(crate) struct VoucherLine {
    /// Number of the offer.
    pub(crate) offer_id: String,
    /// What they pay together, for the quantity asked.
    pub(crate) saved: Money,
    /// The coupons in words.
    pub(crate) coupons: Vec<CouponView>,
    /// Vouchers, in the order in which the contract is to take them.
    pub(crate) vouchers: Vec<VoucherView>,
}

/// Vouchers for a basket. The budget behind them is kept for the person until then.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Vouchers)]
pub(crate) struct VouchersView {
    /// Lines, in the order asked.
    pub(crate) lines: Vec<VoucherLine>,
    /// What is saved, by token.
    pub(crate) saved: Vec<Money>,
    /// Until when they can be used.
    pub(crate) expires_at: String,
}

/// An order that a campaign paid a part of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Redemption)]
pub(crate) struct RedemptionView {
    /// Number of the order.
    pub(crate) order_id: String,
    /// Who bought.
    pub(crate) buyer: Party,
    /// What the order was worth.
    pub(crate) worth: Money,
    /// What the campaign put in.
    pub(crate) amount: Money,
    /// `open`, `spent`, `returned`, or `shared` where a part came back.
    pub(crate) outcome: String,
    /// When.
    pub(crate) at: String,
}

/// A coupon on an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderCoupon)]
pub(crate) struct OrderCouponView {
    /// Number of the campaign.
    pub(crate) campaign_id: String,
    /// Its name. None where the house has given it none.
    pub(crate) name: Option<Bilingual>,
    /// What it pays of the order.
    pub(crate) amount: Money,
    /// `open`, `spent`, `returned`, or `shared` where a part came back.
    pub(crate) outcome: String,
    /// Who pays it.
    pub(crate) funders: Vec<FunderShare>,
}

/// One of the two groups of a comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CampaignArm)]
pub(crate) struct ArmView {
    /// People who came to a checkout where the campaign applied.
    pub(crate) people: u64,
    /// Those of them who then ordered before it ended.
    pub(crate) buyers: u64,
    /// What they ordered, less refunds.
    pub(crate) nmv: Money,
}

/// What a campaign brought.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CampaignFigures)]
pub(crate) struct FiguresView {
    /// People it was offered to.
    pub(crate) offered: ArmView,
    /// People it was kept from.
    pub(crate) held: ArmView,
    /// What it cost: subsidies in orders that were not refunded.
    pub(crate) cost: Money,
    /// What those it was offered to ordered beyond what as many of the held did. Negative where they ordered less;
    /// none without anyone held.
    pub(crate) incremental: Option<Money>,
    /// (incremental − cost) ÷ cost, to four places, rounded down. None without anyone held or without cost.
    pub(crate) roi: Option<String>,
}

/// Which orders behind a comparison to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArmQuery {
    /// `offered` or `held`.
    pub(crate) arm: Option<String>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// An order behind a comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArmOrder)]
pub(crate) struct ArmOrderView {
    /// Number of the order.
    pub(crate) order_id: String,
    /// Who bought.
    pub(crate) buyer: Party,
    /// What it is worth.
    pub(crate) worth: Money,
    /// What it is worth less refunds.
    pub(crate) net: Money,
    /// When.
    pub(crate) at: String,
}
