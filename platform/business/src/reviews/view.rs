//! What the endpoints of reviews answer with and take.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::money::Money;
use crate::wire::Party;

/// Which reviews to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReviewQuery {
    /// Of this offer.
    pub(super) offer: Option<u64>,
    /// Of this seller.
    pub(super) seller: Option<String>,
    /// By this buyer; those that have not appeared yet too.
    pub(super) buyer: Option<String>,
    /// Of this order; where it has not appeared yet too.
    pub(super) order: Option<u64>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Most items.
    pub(super) limit: Option<u32>,
}

/// Whose score.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ScoreQuery {
    /// Of this offer.
    pub(super) offer: Option<u64>,
    /// Of this seller.
    pub(super) seller: Option<String>,
}

/// A seller's reply.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewReply)]
pub(crate) struct ReplyView {
    /// Text, where it is kept here.
    pub(crate) text: Option<String>,
    /// When.
    pub(crate) at: String,
}

/// Why a review is not in the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeftOut {
    /// It appears a day after its order ended.
    Pending,
    /// It came with far more reviews than usual.
    Burst,
    /// It is among accounts that review each other and hardly anyone else.
    Ring,
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub(crate) struct ReviewView {
    /// The order it is of.
    pub(crate) order_id: String,
    /// The offer that was bought.
    pub(crate) offer_id: String,
    /// Who is reviewed.
    pub(crate) seller: Party,
    /// Who wrote it.
    pub(crate) buyer: Party,
    /// One to five.
    pub(crate) rating: u8,
    /// Text, where there is one and it is kept here.
    pub(crate) text: Option<String>,
    /// Keccak-256 of the text.
    pub(crate) text_hash: String,
    /// When it was written.
    pub(crate) written_at: String,
    /// When it appears and begins to count.
    pub(crate) appears_at: String,
    /// Fee its order paid, which is what it weighs.
    pub(crate) weight: Money,
    /// Why it is not in the score.
    pub(crate) left_out: Option<LeftOut>,
    /// The seller's reply.
    pub(crate) reply: Option<ReplyView>,
    /// Transaction.
    pub(crate) tx_hash: String,
}

/// A score and what it is made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewScore)]
pub(crate) struct ScoreView {
    /// Mean of the ratings, each weighted by its order's fee, to two places; none without any that weighs something.
    pub(crate) score: Option<String>,
    /// Reviews in it.
    pub(crate) counted: u64,
    /// How many of those gave one, two, three, four and five.
    pub(crate) ratings: Vec<u64>,
    /// Reviews left out as a burst.
    pub(crate) bursts: u64,
    /// Reviews left out as a ring.
    pub(crate) rings: u64,
    /// Reviews that have not appeared yet.
    pub(crate) pending: u64,
}

/// A text to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReviewText)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextView {
    /// What is said, at most 4,000 characters.
    pub(crate) text: String,
}

/// Where a text is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewTextKept)]
pub(crate) struct KeptView {
    /// Keccak-256 of it.
    pub(crate) hash: String,
}

/// Reviews that look made up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspicion)]
pub(crate) struct SuspicionView {
    /// `burst` or `ring`.
    pub(crate) kind: LeftOut,
    /// The seller of a burst, or the members of a ring.
    pub(crate) accounts: Vec<Party>,
    /// Orders whose reviews are left out.
    pub(crate) order_ids: Vec<String>,
    /// When a burst began.
    pub(crate) from: Option<String>,
    /// When it ended.
    pub(crate) to: Option<String>,
    /// Reviews of its densest week.
    pub(crate) count: Option<u64>,
    /// Reviews that were to be expected in that week, to one place.
    pub(crate) expected: Option<String>,
    /// Reviews that a ring's members wrote of others.
    pub(crate) outside: Option<u64>,
}

/// Everything that looks made up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspicions)]
pub(crate) struct SuspicionsView {
    /// What was found, the newest burst first, then rings.
    pub(crate) items: Vec<SuspicionView>,
    /// Reviews that were looked at.
    pub(crate) looked_at: u64,
}
