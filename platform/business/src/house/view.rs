//! What the house's endpoints answer with.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::money::TokenView;
use crate::registry::Found;
use crate::wire::BlockRef;

/// Where the contracts stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContractsView {
    /// The marketplace.
    pub(crate) market: String,
    /// The money of account.
    pub(crate) stable_token: String,
    /// The voting token.
    pub(crate) guild_token: String,
    /// The single authority.
    pub(crate) authority: String,
    /// Reviews of finished purchases; none in houses from before there were any.
    pub(crate) reviews: Option<String>,
}

/// The coin of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NativeView {
    /// Symbol.
    pub(crate) symbol: String,
    /// Decimals.
    pub(crate) decimals: u8,
}

/// The chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Chain)]
pub(crate) struct ChainView {
    /// EIP-155 chain id.
    pub(crate) chain_id: u64,
    /// What people call it.
    pub(crate) name: String,
    /// Where wallets reach its JSON-RPC.
    pub(crate) rpc_url: String,
    /// Whether this is a demonstration with public keys.
    pub(crate) demo: bool,
    /// Whether it takes development methods.
    pub(crate) dev: bool,
    /// Version of the program.
    pub(crate) version: String,
    /// Hash of the first block.
    pub(crate) genesis_hash: String,
    /// Newest indexed block.
    pub(crate) head: BlockRef,
    /// Contracts.
    pub(crate) contracts: ContractsView,
    /// Tokens the market takes; the zero address is the coin.
    pub(crate) tokens: Vec<TokenView>,
    /// Coin.
    pub(crate) native: NativeView,
    /// Whether transactions cost nothing.
    pub(crate) gas_free: bool,
}

/// How the house is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Health {
    /// All is well.
    Ok,
    /// The index is catching up.
    Syncing,
    /// The chain cannot be read.
    Degraded,
}

/// How far chain and index are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusView {
    /// In a word.
    pub(crate) state: Health,
    /// Newest block of the chain; zero while it cannot be read.
    pub(crate) head: u64,
    /// Newest indexed block; zero before anything is indexed.
    pub(crate) indexed: u64,
    /// Blocks between them.
    pub(crate) lag_blocks: u64,
    /// How old the newest block is by this machine's clock; negative on a chain whose clock is ahead.
    pub(crate) head_age_seconds: i64,
    /// Version of the program.
    pub(crate) version: String,
    /// How long it has been running.
    pub(crate) uptime_seconds: u64,
}

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, a number, an address or a hash.
    #[serde(default)]
    pub(crate) q: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Search)]
pub(crate) struct FoundView {
    /// In the order they fit.
    pub(crate) items: Vec<Found>,
}
