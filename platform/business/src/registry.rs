//! The businesses, one line each. Tables, routes, documents and search all derive from here.

use std::sync::Arc;

use alloy_primitives::Address;
use async_trait::async_trait;
use platform_api::Problem;
use platform_index::{Projection, Table};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::context::App;
use crate::{
    access, arbitration, campaigns, delivery, explorer, house, market, notices, reviews, support, trace, wishes,
};
use platform_protocol::Manifest;

/// A business: what it derives from the chain, what it keeps besides, and how it is asked.
#[async_trait]
pub(crate) trait Business: Send + Sync {
    /// What it derives from the chain.
    fn projections(&self, _manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        Vec::new()
    }

    /// Tables of what does not come from the chain.
    fn tables(&self) -> &'static [Table] {
        &[]
    }

    /// Its endpoints below `/api/v1`.
    fn routes(&self) -> OpenApiRouter<App>;

    /// Endpoints whose addresses a standard fixes, beside `/api/v1`: where, and what is there.
    fn standard_routes(&self) -> Option<(&'static str, OpenApiRouter<App>)> {
        None
    }

    /// What it keeps about a person besides what anyone can read on the chain.
    async fn holdings(&self, _app: &App, _person: Address) -> Result<Vec<Holding>, Problem> {
        Ok(Vec::new())
    }

    /// Erases one kind of what it keeps about a person. A kind of another business is none of its affairs.
    async fn forget(&self, _app: &App, _person: Address, _kind: &str) -> Result<(), Problem> {
        Ok(())
    }

    /// What it finds for a text somebody typed.
    async fn search(&self, _app: &App, _text: &str) -> Result<Vec<Found>, Problem> {
        Ok(Vec::new())
    }
}

/// What is kept about a person, of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Holding {
    /// Kind, which names it to [`Business::forget`].
    pub(crate) kind: String,
    /// Whether the person may erase it.
    pub(crate) erasable: bool,
    /// The entries themselves, without what only the person can read.
    #[schema(value_type = Vec<Object>)]
    pub(crate) items: Vec<serde_json::Value>,
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchItem)]
pub(crate) struct Found {
    /// `offer`, `order`, `seller`, `address`, `transaction`, `block` or `token`.
    pub(crate) kind: String,
    /// What to show.
    pub(crate) title: String,
    /// What to show below.
    pub(crate) subtitle: String,
    /// Where the console shows it.
    pub(crate) href: String,
}

/// Every business of this guild.
pub(crate) fn businesses() -> Vec<Box<dyn Business>> {
    vec![
        Box::new(house::House),
        Box::new(access::Access),
        Box::new(market::MarketPlace),
        Box::new(arbitration::Arbitration),
        Box::new(reviews::ReviewBook),
        Box::new(explorer::Explorer),
        Box::new(trace::Traceability),
        Box::new(campaigns::Promotions),
        Box::new(delivery::Deliveries),
        Box::new(support::Support),
        Box::new(wishes::Wishes),
        Box::new(notices::Notices),
    ]
}
