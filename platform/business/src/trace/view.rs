//! What the console and the public page show.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::master::{PlaceView, ProductView};
use super::proof::ProofView;

/// Which item.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// A GS1 Digital Link, whole or from its path on: `/01/{gtin}/10/{lot}/21/{serial}`.
    pub(super) link: String,
}

/// An item, and everything that is known of its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceItem)]
pub(crate) struct ItemView {
    /// The item's canonical link.
    pub(crate) link: String,
    /// The product's number.
    pub(crate) gtin: String,
    /// The lot.
    pub(crate) lot: Option<String>,
    /// The serial.
    pub(crate) serial: Option<String>,
    /// Whether the number's check digit is right.
    pub(crate) checked: bool,
    /// Whether any event names the item itself or its lot.
    pub(crate) known: bool,
    /// What is known of the product.
    pub(crate) product: ProductView,
    /// What the newest event that says one says of the item: a disposition of the CBV.
    pub(crate) disposition: Option<String>,
    /// Whether it was recalled.
    pub(crate) recalled: bool,
    /// Whether it was sold to a consumer.
    pub(crate) sold: bool,
    /// The events, oldest first.
    pub(crate) steps: Vec<StepView>,
    /// Readings of sensors on the way, by what they measure.
    pub(crate) readings: Vec<ReadingsView>,
    /// How often it was scanned.
    pub(crate) scans: u64,
    /// What looks wrong with it.
    pub(crate) alerts: Vec<AlertView>,
    /// Whether somebody claimed to own it.
    pub(crate) claimed: bool,
    /// Whether events are anchored on chain in this house.
    pub(crate) anchoring: bool,
}

/// An event of an item's way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceStep)]
pub(crate) struct StepView {
    /// Its id.
    pub(crate) event_id: String,
    /// Its type.
    pub(crate) event_type: String,
    /// When it happened (RFC 3339).
    pub(crate) at: String,
    /// The offset of the place where it happened.
    pub(crate) offset: String,
    /// When it was captured here.
    pub(crate) captured_at: String,
    /// `item`, `lot`, `ingredient` or `container`: what of the way it is about.
    pub(crate) about: String,
    /// `ADD`, `OBSERVE` or `DELETE`.
    pub(crate) action: Option<String>,
    /// The business step, as a word of the CBV where it is one.
    pub(crate) biz_step: Option<String>,
    /// The disposition, as a word of the CBV where it is one.
    pub(crate) disposition: Option<String>,
    /// Where.
    pub(crate) place: Option<PlaceView>,
    /// Where to.
    pub(crate) destination: Option<PlaceView>,
    /// What was said of the lot or the instance.
    pub(crate) details: Vec<DetailView>,
    /// The declaration that this event was wrong.
    pub(crate) error: Option<ErrorView>,
    /// What it can be proven by.
    pub(crate) proof: ProofView,
}

/// Something said of a lot or an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TraceDetail)]
pub(crate) struct DetailView {
    /// What it is about, such as `bestBeforeDate`.
    pub(crate) name: String,
    /// What was said.
    pub(crate) value: String,
}

/// A declaration that an event was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TraceError)]
pub(crate) struct ErrorView {
    /// When it was declared.
    pub(crate) at: String,
    /// `did_not_occur`, `incorrect_data` or an address.
    pub(crate) reason: Option<String>,
    /// The events that are right instead.
    pub(crate) corrected_by: Vec<String>,
}

/// Readings of one kind of sensor.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TraceReadings)]
pub(crate) struct ReadingsView {
    /// What is measured, such as `Temperature`.
    pub(crate) measures: String,
    /// In which unit (UN/ECE Recommendation 20).
    pub(crate) unit: String,
    /// The readings, oldest first.
    pub(crate) points: Vec<PointView>,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TracePoint)]
pub(crate) struct PointView {
    /// When.
    pub(crate) at: String,
    /// What was read, or the mean of it.
    pub(crate) value: f64,
    /// The least of the period.
    pub(crate) least: Option<f64>,
    /// The most of the period.
    pub(crate) most: Option<f64>,
    /// Whether the sensor told an alarm.
    pub(crate) alarm: bool,
}

/// Something that looks wrong. It is a sign of a copied label or of an error in the records, never a proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceAlert)]
pub(crate) struct AlertView {
    /// Its id.
    pub(crate) id: String,
    /// The item's canonical link.
    pub(crate) item: String,
    /// `unknown_serial`, `scan_after_sale`, `impossible_travel`, `off_path`, `scan_outlier` or `second_claim`.
    pub(crate) kind: String,
    /// When it was noticed.
    pub(crate) at: String,
    /// The scan or claim that showed it, and what it was compared with.
    #[schema(value_type = Object)]
    pub(crate) evidence: serde_json::Value,
}

/// A place, as coarse as somebody wants to give it.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = TraceRoughPlace)]
pub(super) struct RoughPlace {
    /// Degrees north. Rounded to a tenth of a degree, about ten kilometres, before it is kept.
    pub(super) latitude: f64,
    /// Degrees east. Rounded likewise.
    pub(super) longitude: f64,
}

/// A label was scanned.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TraceScanned)]
pub(super) struct Scanned {
    /// The label's Digital Link.
    pub(super) link: String,
    /// Where, if the person agreed to say so.
    #[serde(default)]
    pub(super) place: Option<RoughPlace>,
}

/// A scan that was recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceScan)]
pub(crate) struct ScanView {
    /// Its id: whoever has it may add a place.
    pub(crate) id: String,
    /// How often the item was scanned, this time included.
    pub(crate) scans: u64,
    /// What looks wrong with it.
    pub(crate) alerts: Vec<AlertView>,
}

/// A claim to own an item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TraceClaiming)]
pub(super) struct Claiming {
    /// The label's Digital Link.
    pub(super) link: String,
}

/// A claim that was recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceClaim)]
pub(crate) struct ClaimView {
    /// Whether nobody else claimed it before.
    pub(crate) first: bool,
    /// What looks wrong with it.
    pub(crate) alerts: Vec<AlertView>,
}

/// New serials.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TraceSerialsAsked)]
pub(super) struct SerialsAsked {
    /// The product.
    pub(super) gtin: String,
    /// The lot, where the labels name it.
    #[serde(default)]
    pub(super) lot: Option<String>,
    /// How many, 500 at most.
    pub(super) count: u32,
}

/// New labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceSerials)]
pub(crate) struct SerialsView {
    /// Paths of their Digital Links.
    pub(crate) links: Vec<String>,
    /// Random bits in each serial.
    pub(crate) random_bits: u32,
}

/// Which code, and how it is drawn.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct QrQuery {
    /// What the code says: a Digital Link, whole or from its path on.
    pub(super) link: String,
    /// `svg` or `png`.
    #[serde(default)]
    pub(super) format: Option<String>,
    /// Dots of a module in a PNG, 1 to 40.
    #[serde(default)]
    pub(super) scale: Option<u32>,
}

/// How a business stands with its traceability.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceOverview)]
pub(crate) struct OverviewView {
    /// Whether events are anchored on chain here.
    pub(crate) anchoring: bool,
    /// The contract that keeps the roots.
    pub(crate) contract: Option<String>,
    /// Events captured.
    pub(crate) events: u64,
    /// Events whose batch is in a block.
    pub(crate) anchored: u64,
    /// Batches in a block.
    pub(crate) batches: u64,
    /// Scans of labels.
    pub(crate) scans: u64,
    /// Signs that something is wrong.
    pub(crate) alerts: u64,
}

/// An event in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceEventCard)]
pub(crate) struct EventCard {
    /// Its id.
    pub(crate) event_id: String,
    /// Its type.
    pub(crate) event_type: String,
    /// When it happened.
    pub(crate) at: String,
    /// When it was captured.
    pub(crate) captured_at: String,
    /// The business step.
    pub(crate) biz_step: Option<String>,
    /// Where.
    pub(crate) place: Option<PlaceView>,
    /// Identifiers it names, at most five.
    pub(crate) about: Vec<String>,
    /// The console's page of the first of them that has one.
    pub(crate) href: Option<String>,
    /// Whether it is in a block.
    pub(crate) anchored: bool,
}

/// Paging.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Where the page before ended.
    #[serde(default)]
    pub(super) cursor: Option<String>,
    /// How many.
    #[serde(default)]
    pub(super) limit: Option<u32>,
}

/// An anchored batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceBatch)]
pub(crate) struct BatchView {
    /// The contract's number.
    pub(crate) batch_id: u64,
    /// The root.
    pub(crate) root: String,
    /// How many event hashes are in it.
    pub(crate) leaves: u64,
    /// The block it is in.
    pub(crate) block_number: u64,
    /// The transaction that anchored it.
    pub(crate) transaction_hash: String,
    /// The block's time.
    pub(crate) at: String,
}
