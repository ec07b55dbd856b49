//! The way in for the program that assembles everything.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use platform_api::{ApiKeys, Problem, Seal, Sessions, auth_routes, describe_answers, harden};
use platform_index::{
    BlockSource, Cancel, IndexError, Indexer, IndexerConfig, Position, Progress, SourceError, Store, StoreError,
};
use platform_notify::Notifier;
use platform_protocol::contracts::ICouponVault::SignedVoucher;
use platform_protocol::{Decoder, Manifest, Signer};
use tokio::sync::watch;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

use crate::access::ChainIdentity;
use crate::arbitration::{self, CaseTurn};
use crate::campaigns::{self, CampaignNote};
use crate::context::{App, ChainInfo, Context, Names, Parts};
use crate::delivery;
use crate::explorer::{Compiler, Verified};
use crate::house::{self, DemoHooks, Figures, Hooks, Live, Telemetry};
use crate::market::{self, Metadata, Overdue};
use crate::notices;
use crate::registry::businesses;
use crate::reviews;
use crate::support;
use crate::trace::{self, OpenBatch};

/// What the platform needs to run.
pub struct PlatformConfig {
    /// Where its tables are: `sqlite:path` or `postgres://…`.
    pub store_url: String,
    /// What the console must know of the chain.
    pub chain: ChainInfo,
    /// What stands where.
    pub manifest: Manifest,
    /// The chain to read.
    pub source: Arc<dyn BlockSource>,
    /// The demonstration, where there is one.
    pub demo: Option<Arc<dyn DemoHooks>>,
    /// Names of addresses. More can be set later through any clone.
    pub names: Names,
    /// How much one SQL transaction takes in.
    pub indexer: IndexerConfig,
    /// A Solidity compiler, for verifying contracts.
    pub compiler: Option<Arc<dyn Compiler>>,
    /// The keys that sign coupons, where the house hands out any: the present one first, then those of campaigns from
    /// before.
    pub issuers: Vec<Signer>,
    /// How many days after an order's end its delivery address is erased.
    pub delivery_days: u32,
    /// What secrets at rest are sealed with.
    pub seal: Seal,
    /// Tells people outside the page, where somebody does.
    pub notifier: Option<Arc<Notifier>>,
}

impl std::fmt::Debug for PlatformConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The store's address may hold a password.
        f.debug_struct("PlatformConfig").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// A platform that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The chain failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The chain has no first block.
    #[error("the chain has no block 0")]
    NoGenesis,
    /// A committed ABI cannot be read.
    #[error("a committed ABI cannot be read: {0}")]
    Abi(#[from] serde_json::Error),
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Guildhall",
    description = "Everything the console can do. Amounts are decimal digits of a token's smallest unit; times are \
                   RFC 3339, but `timestamp`, which is seconds since 1970. Errors are problems (RFC 9457). Writes with a session carry x-csrf-token.",
    license(name = "Apache-2.0 OR MIT")
))]
struct Api;

/// The running platform.
pub struct Platform {
    app: App,
    sessions: Arc<Sessions>,
    keys: Arc<ApiKeys>,
    indexer: Arc<Indexer>,
    demo: Option<Arc<dyn DemoHooks>>,
    figures: Arc<Figures>,
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("indexer", &self.indexer).finish_non_exhaustive()
    }
}

impl Platform {
    /// Opens the store and stands ready to index and to serve.
    pub async fn new(config: PlatformConfig) -> Result<Self, PlatformError> {
        let store = Store::open(&config.store_url).await?;
        let genesis = config.source.block(0).await?.ok_or(PlatformError::NoGenesis)?;
        let mut projections = Vec::new();
        for business in businesses() {
            store.create(business.tables()).await?;
            projections.extend(business.projections(&config.manifest));
        }
        let indexer = Indexer::open(store.clone(), Arc::clone(&config.source), projections, config.indexer).await?;
        let identity = ChainIdentity { store: store.clone(), source: Arc::clone(&config.source) };
        let sessions = Sessions::open(store.clone(), Arc::new(identity), config.seal, config.manifest.chain_id).await?;
        let keys = Arc::new(ApiKeys::open(store.clone()).await?);
        let decoder = Decoder::new(&config.manifest)?;
        let verified = Verified::open(&store).await?;
        let app = Context::new(Parts {
            store,
            source: config.source,
            chain: config.chain,
            manifest: config.manifest,
            decoder,
            names: config.names,
            genesis_hash: genesis.hash,
            position: indexer.position(),
            compiler: config.compiler,
            verified,
            issuers: config.issuers,
            delivery_days: config.delivery_days,
            notifier: config.notifier,
        });
        let (app, sessions, indexer) = (Arc::new(app), Arc::new(sessions), Arc::new(indexer));
        Ok(Self { app, sessions, keys, indexer, demo: config.demo, figures: Arc::default() })
    }

    /// Everything under `/api/v1`, what the program puts `beside` it there, and where standards want it, and `/metrics`, `/healthz`, `/readyz`.
    pub fn router(&self, beside: OpenApiRouter) -> Router {
        let indexer = Arc::clone(&self.indexer);
        let live: Live = Arc::new(move || indexer.notices());
        let api = endpoints(&self.app, Arc::clone(&self.sessions), live, self.demo.clone());
        let (beside, described) = beside.split_for_parts();
        let json = Self::openapi(described);
        let json_route = axum::routing::get(move || {
            let json = json.clone();
            async move { ([(axum::http::header::CONTENT_TYPE, "application/json")], json) }
        });
        let telemetry = Telemetry::new(Arc::clone(&self.app), Arc::clone(&self.figures));
        let mut standards = Router::new();
        for (place, routes) in businesses().iter().filter_map(|business| business.standard_routes()) {
            standards = standards.nest(place, routes.with_state(Arc::clone(&self.app)).split_for_parts().0);
        }
        let api = standards
            .nest("/api/v1", beside.merge(api))
            .route("/api/v1/openapi.json", json_route)
            .merge(telemetry.router())
            .merge(house::probes(Arc::clone(&self.app)))
            .layer(Extension(Arc::clone(&self.sessions)))
            .layer(Extension(Arc::clone(&self.keys)));
        harden(api).layer(from_fn_with_state(telemetry, house::count))
    }

    /// Indexes up to the present head and returns, telling how far it is.
    pub async fn backfill(&self, cancel: &Cancel, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), PlatformError> {
        Ok(self.indexer.backfill(cancel, progress).await?)
    }

    /// Follows the chain until told to stop.
    pub async fn run_index(&self, cancel: Cancel) -> Result<(), PlatformError> {
        Ok(self.indexer.run(cancel).await?)
    }

    /// How far the index has come, as it changes.
    #[must_use]
    pub fn position(&self) -> watch::Receiver<Position> {
        self.indexer.position()
    }

    /// Keeps a description the program wrote itself and gives its hash.
    pub async fn keep_metadata(&self, metadata: &Metadata) -> Result<B256, Problem> {
        market::keep_metadata(&self.app.store, metadata).await
    }

    /// Keeps a picture the program drew itself and gives its hash.
    pub async fn keep_media(&self, bytes: Vec<u8>) -> Result<B256, Problem> {
        market::keep_media(&self.app.store, bytes).await
    }

    /// Keeps a drawing (SVG) the program made itself and gives its hash.
    pub async fn keep_drawing(&self, svg: String) -> Result<B256, Problem> {
        market::keep_drawing(&self.app.store, svg).await
    }

    /// Numbers of open orders whose deadline passed before `now` (seconds since 1970), at most `most`, and what anyone
    /// may do with each.
    pub async fn overdue(&self, now: u64, most: u64) -> Result<Vec<(u64, Overdue)>, Problem> {
        market::overdue(&self.app, now, most).await
    }

    /// Keeps the text of a review or reply that the program wrote itself and gives its hash.
    pub async fn keep_review_text(&self, text: &str) -> Result<B256, Problem> {
        reviews::keep_text(&self.app, text).await
    }

    /// What anyone may do with arbiters' cases at `now` (seconds since 1970), at most `most`.
    pub async fn due_in_arbitration(&self, now: u64, most: usize) -> Result<Vec<CaseTurn>, Problem> {
        arbitration::due(&self.app, now, most).await
    }

    /// Takes in a document of supply-chain events (EPCIS 2.0) that the program made itself.
    pub async fn take_events(&self, document: &serde_json::Value) -> Result<(), Problem> {
        trace::take_document(&self.app, document).await
    }

    /// Seals captured supply-chain events that wait, and gives the batches whose roots are not known to be on chain,
    /// oldest first.
    pub async fn open_batches(&self) -> Result<Vec<OpenBatch>, Problem> {
        trace::open_batches(&self.app).await
    }

    /// Says what a campaign is called and whom it is for, once it is indexed.
    pub async fn keep_campaign(&self, id: u64, note: CampaignNote) -> Result<(), Problem> {
        campaigns::keep(&self.app, id, note).await
    }

    /// Vouchers for what `buyer` is about to order at `now` (seconds since 1970), given as offers and quantities: for
    /// each line those that the contract is to take. Their part of the budgets is kept for the buyer.
    pub async fn vouchers(
        &self,
        buyer: Address,
        lines: &[(u64, u32)],
        now: u64,
    ) -> Result<Vec<Vec<SignedVoucher>>, Problem> {
        campaigns::vouchers(&self.app, buyer, lines, now).await
    }

    /// Publishes the key that delivery addresses can be sealed with for `account`, which its wallet signed for.
    pub async fn publish_delivery_key(
        &self,
        account: Address,
        public_key: String,
        signature: String,
    ) -> Result<(), Problem> {
        delivery::publish_key(&self.app, account, public_key, signature).await
    }

    /// What `account` has to sign to publish a delivery key.
    #[must_use]
    pub fn delivery_key_statement(&self, account: Address, public_key: &str) -> String {
        delivery::key_statement(&self.app, account, public_key)
    }

    /// Erases delivery addresses that have been kept long enough by the business's clock and closes tickets that have
    /// been solved and quiet for a week. Says for how many deliveries.
    pub async fn tidy_up(&self) -> Result<usize, Problem> {
        let now = self.app.now();
        support::close_quiet(&self.app, now).await?;
        delivery::erase_expired(&self.app, now).await
    }

    /// Writes messages to customers about what happened in their orders since the last time. Says whether there may be
    /// more.
    pub async fn tell_customers(&self) -> Result<bool, Problem> {
        notices::tell_customers(&self.app).await
    }

    /// What the program around the platform adds to `/metrics`.
    #[must_use]
    pub fn figures(&self) -> Arc<Figures> {
        Arc::clone(&self.figures)
    }

    /// Names an address.
    pub fn name(&self, address: Address, name: impl Into<String>) {
        self.app.names.set(address, name);
    }

    /// The market's figures for orders placed in `[from, to)`, in seconds since 1970, in the stable token, as the
    /// JSON the endpoint answers with.
    pub async fn metrics(&self, from: u64, to: u64) -> Result<serde_json::Value, Problem> {
        market::figures(&self.app, from, to).await
    }

    /// The OpenAPI document of every endpoint, those `beside` included, indented.
    #[must_use]
    pub fn openapi(beside: Document) -> String {
        let mut text = document(beside).to_pretty_json().unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Every endpoint, and what it is answered by.
fn endpoints(app: &App, sessions: Arc<Sessions>, live: Live, demo: Hooks) -> Router {
    let mut router = auth_routes().with_state(sessions);
    router = router.merge(house::live_routes().with_state(live)).merge(house::demo_routes().with_state(demo));
    for business in businesses() {
        router = router.merge(business.routes().with_state(Arc::clone(app)));
    }
    let missing = || async { Problem::not_found("such endpoint; see /api/v1/openapi.json") };
    router.split_for_parts().0.fallback(missing)
}

/// Every endpoint, described. Routes describe themselves before they are given a state.
fn document(beside: Document) -> Document {
    let mut all = OpenApiRouter::<()>::new().into_openapi();
    all.merge(beside);
    all.merge(auth_routes().into_openapi());
    all.merge(house::live_routes().into_openapi());
    all.merge(house::demo_routes().into_openapi());
    for business in businesses() {
        all.merge(business.routes().into_openapi());
    }
    let mut document = Api::openapi().nest("/api/v1", all);
    for (place, routes) in businesses().iter().filter_map(|business| business.standard_routes()) {
        document = document.nest(place, routes.into_openapi());
    }
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    describe_answers(&mut document);
    document
}
