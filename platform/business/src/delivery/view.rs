//! What the deliveries' endpoints take and answer with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::Party;

/// A key that something can be sealed for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DeliveryKey)]
pub(crate) struct KeyView {
    /// Whose.
    pub(crate) address: String,
    /// X25519 public key, 64 hex digits.
    pub(crate) public_key: String,
    /// Their wallet's signature over `statement`, so that nobody can slip in another key, the house included.
    pub(crate) signature: String,
    /// What they signed.
    pub(crate) statement: String,
    /// When.
    pub(crate) at: String,
}

/// A key to publish.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = DeliveryKeyAsked)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAsked {
    /// X25519 public key, 64 hex digits.
    pub(crate) public_key: String,
    /// The wallet's signature over the statement that names the key.
    pub(crate) signature: String,
}

/// A sealed box for one recipient.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = DeliveryBox)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoxAsked {
    /// Hash that the order carries on chain.
    pub(crate) delivery_hash: String,
    /// For whom.
    pub(crate) recipient: String,
    /// Encapsulated key and ciphertext of HPKE (RFC 9180), hex.
    pub(crate) sealed: String,
}

/// Boxes to keep.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = DeliveryBoxes)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoxesAsked {
    /// Boxes, at most 40.
    pub(crate) boxes: Vec<BoxAsked>,
}

/// What is kept for an order's delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryView {
    /// Hash that the order carries on chain.
    pub(crate) delivery_hash: String,
    /// The box for whoever asks, hex. None where there is none.
    pub(crate) sealed: Option<String>,
    /// For whom something is kept.
    pub(crate) recipients: Vec<Party>,
    /// Who else may be given it now: the arbiters of its dispute.
    pub(crate) panel: Vec<Party>,
    /// When it was erased.
    pub(crate) erased_at: Option<String>,
    /// Who erased it: `buyer`, or `retention` where its time had come.
    pub(crate) erased_by: Option<String>,
    /// When it erases itself, once the order has ended.
    pub(crate) erases_at: Option<String>,
    /// How many days after its order's end it erases itself.
    pub(crate) days_kept: u32,
}
