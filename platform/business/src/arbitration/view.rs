//! What the endpoints of arbitration answer with and take.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Phase;
use super::steps::{Action, Actor};
use crate::money::{Money, TokenView};
use crate::wire::Party;

/// Which arbiters to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ArbiterQuery {
    /// Only those who hold a certificate, or only those who don't.
    pub(super) certified: Option<bool>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Most items.
    pub(super) limit: Option<u32>,
}

/// How an arbiter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ArbiterState {
    /// Certified and staked: can be drawn.
    Active,
    /// Certified, and has not staked.
    Invited,
    /// Has resigned; the stake waits for its time.
    Leaving,
    /// Has no certificate.
    Uncertified,
}

/// An arbiter.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Arbiter)]
pub(crate) struct ArbiterView {
    /// Who.
    #[serde(flatten)]
    pub(crate) party: Party,
    /// How they stand.
    pub(crate) state: ArbiterState,
    /// Whether they hold a certificate.
    pub(crate) certified: bool,
    /// What they stand to lose.
    pub(crate) stake: Money,
    /// The part of it behind open seats and secrets.
    pub(crate) locked: Money,
    /// Since when they can be drawn.
    pub(crate) since: Option<String>,
    /// From when on a stake that leaves can be taken out.
    pub(crate) withdrawable_at: Option<String>,
    /// Seats and secrets that are open.
    pub(crate) engagements: u64,
    /// Panels they were drawn for.
    pub(crate) seats: u64,
    /// Votes they opened.
    pub(crate) votes: u64,
    /// How often they were paid for voting with the ruling.
    pub(crate) rewarded: u64,
    /// How often they lost a slice: another vote, none, or a secret not opened.
    pub(crate) slashed: u64,
    /// Fees earned by rulings.
    pub(crate) earned: Money,
    /// Lost of the stake.
    pub(crate) lost: Money,
}

/// An arbiter, and what waits for them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbiterDetail)]
pub(crate) struct ArbiterDetailView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) arbiter: ArbiterView,
    /// Fees that can be taken out now.
    pub(crate) fees: Money,
    /// What the wallet holds of the token that is staked.
    pub(crate) balance: Money,
}

/// What holds for every case and arbiter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationSettings)]
pub(crate) struct SettingsView {
    /// The panel's contract.
    pub(crate) panel: String,
    /// What is staked.
    pub(crate) stake_token: TokenView,
    /// The least stake.
    pub(crate) stake_min: Money,
    /// What is lost of it at once.
    pub(crate) slice: Money,
    /// The least price of a case.
    pub(crate) floor: Money,
    /// The price in basis points of what is disputed.
    pub(crate) price_bps: u32,
    /// How many arbiters can be drawn.
    pub(crate) active: u64,
    /// Arbiters of a first panel.
    pub(crate) panel_size: u8,
    /// Arbiters of an appeal.
    pub(crate) appeal_size: u8,
}

/// Which cases to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CaseQuery {
    /// Phases, separated by commas; `open` stands for those that are not over.
    pub(super) phase: Option<String>,
    /// Cases in which this arbiter has a seat or a secret.
    pub(super) arbiter: Option<String>,
    /// Cases in which this account is a party.
    pub(super) participant: Option<String>,
    /// The case of this order.
    pub(super) order: Option<u64>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Most items.
    pub(super) limit: Option<u32>,
}

/// A next step of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationStep)]
pub(crate) struct StepView {
    /// What.
    pub(crate) action: Action,
    /// By whom.
    pub(crate) who: Actor,
    /// First second in which it can be done.
    pub(crate) available_at: String,
    /// Last second in which it can be done.
    pub(crate) until: Option<String>,
}

/// A case in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Arbitration)]
pub(crate) struct CaseCard {
    /// Number.
    pub(crate) id: String,
    /// The order it is about.
    pub(crate) order_id: Option<String>,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// One, or two after an appeal.
    pub(crate) round: u8,
    /// Arbiters of this round.
    pub(crate) panel_size: u8,
    /// The buyer.
    pub(crate) first_party: Party,
    /// The seller.
    pub(crate) second_party: Party,
    /// When the arbiters were called.
    pub(crate) opened_at: String,
    /// When it last moved.
    pub(crate) updated_at: String,
    /// When this phase ends.
    pub(crate) deadline: Option<String>,
    /// For whom it was decided: `buyer`, `seller` or `split`.
    pub(crate) ruling: Option<String>,
    /// Fee of this round.
    pub(crate) fee: Money,
    /// What can be done next.
    pub(crate) next: Vec<StepView>,
}

/// A seat of a panel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationSeat)]
pub(crate) struct SeatView {
    /// Who sits on it.
    pub(crate) arbiter: Party,
    /// When the vote was sealed.
    pub(crate) committed_at: Option<String>,
    /// The transaction that carries the sealed vote.
    pub(crate) commit_tx: Option<String>,
    /// When it was opened.
    pub(crate) revealed_at: Option<String>,
    /// The vote: `buyer`, `seller` or `split`.
    pub(crate) choice: Option<String>,
    /// Fee earned by it.
    pub(crate) reward: Option<Money>,
    /// Lost of the stake by it.
    pub(crate) lost: Option<Money>,
}

/// A secret for the draw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationSecret)]
pub(crate) struct SecretView {
    /// Whose.
    pub(crate) arbiter: Party,
    /// `sealed`, `opened` or `forfeited`.
    pub(crate) state: String,
}

/// A round of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationRound)]
pub(crate) struct RoundView {
    /// One, or two for an appeal.
    pub(crate) round: u8,
    /// Arbiters.
    pub(crate) size: u8,
    /// What they are paid together.
    pub(crate) fee: Money,
    /// When it began.
    pub(crate) opened_at: String,
    /// Last second in which a secret is taken.
    pub(crate) secrets_by: String,
    /// Last second before the draw.
    pub(crate) evidence_by: String,
    /// Whether the block of the draw is known.
    pub(crate) beacon: bool,
    /// When the panel was drawn.
    pub(crate) drawn_at: Option<String>,
    /// Last second in which a vote is taken.
    pub(crate) commit_by: Option<String>,
    /// Last second in which a vote can be opened.
    pub(crate) reveal_by: Option<String>,
    /// What it decided: `buyer`, `seller` or `split`.
    pub(crate) ruling: Option<String>,
    /// Whether as many votes stood against as for it.
    pub(crate) tied: bool,
    /// Whether the arbiters did not decide.
    pub(crate) failed: bool,
    /// The panel.
    pub(crate) seats: Vec<SeatView>,
    /// Secrets for the draw.
    pub(crate) secrets: Vec<SecretView>,
}

/// Evidence as it was submitted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceCard)]
pub(crate) struct EvidenceCard {
    /// By whom.
    pub(crate) by: Party,
    /// When.
    pub(crate) at: String,
    /// Where the content is, as the chain says it.
    pub(crate) uri: String,
    /// Its hash where it is kept here.
    pub(crate) hash: Option<String>,
    /// Transaction.
    pub(crate) tx_hash: String,
}

/// Something that happened in a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationEntry)]
pub(crate) struct EntryView {
    /// Event.
    pub(crate) event: String,
    /// When.
    pub(crate) at: String,
    /// By whom.
    pub(crate) by: Party,
    /// Transaction.
    pub(crate) tx_hash: String,
    /// The event's arguments.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) data: BTreeMap<String, serde_json::Value>,
}

/// A case in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArbitrationDetail)]
pub(crate) struct CaseView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) card: CaseCard,
    /// Its rounds, the first one first.
    pub(crate) rounds: Vec<RoundView>,
    /// Evidence, the oldest first.
    pub(crate) evidence: Vec<EvidenceCard>,
    /// What happened, the oldest first.
    pub(crate) timeline: Vec<EntryView>,
    /// A fee that waits to be given back.
    pub(crate) refund: Option<Money>,
}

/// A picture among evidence.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvidenceFile)]
pub(crate) struct FileView {
    /// What it is called.
    pub(crate) name: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub(crate) mime: String,
    /// Its bytes in base64.
    pub(crate) data: String,
}

/// Evidence to be kept. Its hash is that of its JSON with sorted keys and no spaces.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Evidence)]
pub(crate) struct EvidenceView {
    /// The order it is about.
    pub(crate) order_id: u64,
    /// What it is, in a line.
    pub(crate) name: String,
    /// What it shows.
    pub(crate) description: String,
    /// Pictures, at most three.
    #[serde(default)]
    pub(crate) files: Vec<FileView>,
    /// Random text, so that the hash on chain says nothing.
    pub(crate) salt: String,
}

/// Where evidence is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceKept)]
pub(crate) struct KeptView {
    /// Keccak-256 of it.
    pub(crate) hash: String,
    /// What to submit to the market's contract.
    pub(crate) uri: String,
}
