//! What an event can be proven by.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use alloy_primitives::B256;
use platform_api::calendar::rfc3339;
use platform_index::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::batch::{self, Anchored};
use super::error::Refusal;
use super::hash;
use super::merkle::{self, Tree, root_of};
use super::namespaces::Namespaces;
use super::query::{self, StoredEvent};
use super::validate;
use crate::context::{App, Context};
use crate::wire::show;

/// How far an event has come on its way into a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TraceProofState)]
pub(crate) enum ProofState {
    /// It waits to be put into a batch.
    Waiting,
    /// Its batch has a root, which is not in a block yet.
    Sealed,
    /// The root is in a block.
    Anchored,
    /// This house has no anchor: nothing is proven.
    Off,
}

/// What an event can be proven by: its hash, the way to the root, and where the root stands on chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceProof)]
pub(crate) struct ProofView {
    /// The event's id.
    #[serde(rename = "eventID")]
    pub(crate) event_id: String,
    /// How far it has come.
    pub(crate) state: ProofState,
    /// The canonical string whose SHA-256 is the hash (CBV 2.0, section 8.9).
    pub(crate) pre_hash: String,
    /// The event's hash.
    pub(crate) event_hash: String,
    /// The leaf: the hash of the hash, twice.
    pub(crate) leaf: String,
    /// The hashes that lead from the leaf to the root, each pair in ascending order.
    pub(crate) path: Vec<String>,
    /// The root.
    pub(crate) root: Option<String>,
    /// The contract that keeps the roots.
    pub(crate) contract: Option<String>,
    /// The chain it is on.
    pub(crate) chain_id: u64,
    /// The contract's number of the batch.
    pub(crate) batch_id: Option<u64>,
    /// The transaction that anchored the root.
    pub(crate) transaction_hash: Option<String>,
    /// The block it is in.
    pub(crate) block_number: Option<u64>,
    /// The block's time.
    pub(crate) block_time: Option<String>,
}

/// The proof of the event under an id; of the newest where several share it.
pub(super) async fn of_event(app: &App, id: &str) -> Result<Option<ProofView>, Refusal> {
    let Some(stored) = query::by_id(&app.store, id).await?.pop() else {
        return Ok(None);
    };
    Ok(Some(of_stored(app, &stored, &mut Trees::new()).await?))
}

/// Trees that were made for one answer, and where their roots stand, by the number of their batch.
pub(super) type Trees = HashMap<u64, Option<(Tree, Option<Anchored>)>>;

pub(super) async fn of_stored(app: &Context, stored: &StoredEvent, trees: &mut Trees) -> Result<ProofView, Refusal> {
    let contract = app.manifest.trace.as_ref().map(|trace| trace.address);
    let mut view = ProofView {
        event_id: stored.event_id.clone(),
        state: if contract.is_some() { ProofState::Waiting } else { ProofState::Off },
        pre_hash: hash::pre_hash(&stored.event, &stored.namespaces),
        event_hash: stored.hash.to_string(),
        leaf: merkle::leaf(stored.hash).to_string(),
        path: Vec::new(),
        root: None,
        contract: contract.map(show),
        chain_id: app.manifest.chain_id,
        batch_id: None,
        transaction_hash: None,
        block_number: None,
        block_time: None,
    };
    if contract.is_none() || stored.batch == 0 {
        return Ok(view);
    }
    let tree = match trees.entry(stored.batch) {
        Entry::Occupied(made) => made.into_mut(),
        Entry::Vacant(place) => place.insert(sealed(app, stored.batch).await?),
    };
    let Some((tree, anchored)) = tree else {
        return Ok(view);
    };
    view.state = ProofState::Sealed;
    view.root = Some(tree.root().to_string());
    view.path = tree.path(stored.hash).unwrap_or_default().iter().map(B256::to_string).collect();
    if let Some(anchored) = anchored {
        view.state = ProofState::Anchored;
        view.batch_id = Some(anchored.batch_id);
        view.transaction_hash = Some(anchored.transaction.to_string());
        view.block_number = Some(anchored.block_number);
        view.block_time = Some(rfc3339(anchored.timestamp));
    }
    Ok(view)
}

async fn sealed(app: &Context, batch: u64) -> Result<Option<(Tree, Option<Anchored>)>, StoreError> {
    let Some(tree) = batch::tree(&app.store, batch).await? else { return Ok(None) };
    let anchored = batch::anchored(&app.store, tree.root()).await?;
    Ok(Some((tree, anchored)))
}

/// An event of a file, hashed again by whoever wants to check it.
#[derive(Clone, Debug)]
pub struct HashedEvent {
    /// Its id, where it has one.
    pub event_id: Option<String>,
    /// Its hash.
    pub hash: B256,
    /// Its hash as an event id.
    pub hash_id: String,
    /// The canonical string that was hashed.
    pub pre_hash: String,
}

/// What a file of events cannot be read for.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not JSON.
    #[error("this is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It breaks rules of the standard.
    #[error("{path}: {message} ({rule})")]
    Invalid {
        /// Where.
        path: String,
        /// Which rule.
        rule: String,
        /// What is wrong.
        message: String,
    },
}

/// Hashes the events of a file: a document, an answer to a query, or a single event.
pub fn hash_file(text: &str) -> Result<Vec<HashedEvent>, FileError> {
    let json: Json = serde_json::from_str(text)?;
    let kind = json["type"].as_str().unwrap_or_default();
    let read = match kind {
        "EPCISDocument" | "EPCISQueryDocument" => validate::document(&json),
        _ => validate::single_event(&json),
    };
    if let Some(first) = read.all_violations().into_iter().next() {
        return Err(FileError::Invalid { path: first.path, rule: first.rule, message: first.message });
    }
    let hashed = |event: &serde_json::Map<String, Json>, namespaces: &Namespaces| {
        let pre_hash = hash::pre_hash(event, namespaces);
        let hash = hash::of_pre_hash(&pre_hash);
        let event_id = event.get("eventID").and_then(Json::as_str).map(str::to_owned);
        HashedEvent { event_id, hash, hash_id: hash::event_id(hash), pre_hash }
    };
    Ok(read.events.iter().map(|pending| hashed(&pending.event, &pending.namespaces)).collect())
}

/// A proof, read from a file, as far as it is checked without the one who gave it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The hash it is about.
    pub event_hash: B256,
    /// The root that its path leads to. Whether it is on chain is another question.
    pub root: B256,
    /// The contract that is said to keep it.
    pub contract: Option<alloy_primitives::Address>,
    /// The chain it is said to be on.
    pub chain_id: u64,
    /// The block it is said to be in.
    pub block_number: Option<u64>,
    /// The transaction it is said to be in.
    pub transaction_hash: Option<B256>,
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It cannot be read.
    #[error("the proof cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A hash in it is none.
    #[error("the proof's {0} is no hash")]
    Hash(&'static str),
    /// It has no root.
    #[error("the event waits to be sealed: the proof has no root yet")]
    NoRoot,
    /// It leads elsewhere.
    #[error("the path leads to {found}, the proof says {said}: it proves nothing")]
    OtherRoot {
        /// Where it leads.
        found: B256,
        /// Where it is said to lead.
        said: B256,
    },
}

/// Reads a proof and follows its path.
pub fn check_proof(text: &str) -> Result<Proof, ProofError> {
    let view: ProofView = serde_json::from_str(text)?;
    let hash = |text: &str, name| text.parse::<B256>().map_err(|_| ProofError::Hash(name));
    let event_hash = hash(&view.event_hash, "eventHash")?;
    let said = hash(view.root.as_deref().ok_or(ProofError::NoRoot)?, "root")?;
    let path: Vec<B256> = view.path.iter().map(|step| hash(step, "path")).collect::<Result<_, _>>()?;
    let found = root_of(event_hash, &path);
    if found != said {
        return Err(ProofError::OtherRoot { found, said });
    }
    Ok(Proof {
        event_hash,
        root: said,
        contract: view.contract.and_then(|contract| contract.parse().ok()),
        chain_id: view.chain_id,
        block_number: view.block_number,
        transaction_hash: view.transaction_hash.and_then(|hash| hash.parse().ok()),
    })
}
