//! The marketplace: offers, orders and the money between them, as the chain tells it.

mod content;
mod dashboard;
mod error;
mod finding;
mod metrics;
mod model;
mod parts;
mod projection;
mod query;
mod routes;
mod steps;
mod view;
mod words;

use std::sync::Arc;

use alloy_primitives::B256;
use async_trait::async_trait;
use platform_api::Problem;
use platform_index::{Projection, Store, Table};
use platform_protocol::Manifest;
use utoipa_axum::router::OpenApiRouter;

pub use content::{Attribute, CATEGORIES, Category, Metadata};

use crate::context::{App, Context};
use crate::registry::{Business, Found};
use crate::wire::show;
use steps::Action;

/// What anyone may do with an order whose deadline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// Inspection is over: the seller is paid.
    Release,
    /// The buyer is refunded.
    Refund,
    /// The parcel is late: the seller must prove its delivery.
    Contest,
    /// A return, dispute or ruling ends as it does when nobody says more.
    Conclude,
}

/// The marketplace.
pub(crate) struct MarketPlace;

#[async_trait]
impl Business for MarketPlace {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(projection::MarketProjection { market: manifest.market.address })]
    }

    fn tables(&self) -> &'static [Table] {
        &[content::METADATA, content::MEDIA]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    async fn search(&self, app: &App, text: &str) -> Result<Vec<Found>, Problem> {
        let mut found = Vec::new();
        if let Ok(id) = text.trim_start_matches('#').parse::<u64>()
            && query::order_exists(app, id).await?
        {
            found.push(find("order", format!("#{id}"), String::new(), format!("/orders/{id}")));
        }
        found.extend(sellers(app, text).await?);
        for offer in query::found_offers(app, text).await? {
            let seller = offer.seller.name.unwrap_or(offer.seller.address);
            let title = both(offer.title.en, offer.title.zh);
            found.push(find("offer", title, seller, format!("/offers/{}", offer.id)));
        }
        Ok(found)
    }
}

async fn sellers(app: &Context, text: &str) -> Result<Vec<Found>, Problem> {
    let mut found = Vec::new();
    for (address, name) in
        app.names.find(8, |name| name.to_lowercase().contains(&text.to_lowercase()) || finding::is_named(name, text))
    {
        if query::is_seller(app, address).await? {
            found.push(find("seller", name, show(address), format!("/sellers/{}", show(address))));
        }
    }
    Ok(found)
}

/// A title in both languages, once where they are the same.
fn both(en: String, zh: String) -> String {
    if en == zh { en } else { format!("{en} · {zh}") }
}

fn find(kind: &str, title: String, subtitle: String, href: String) -> Found {
    Found { kind: kind.to_owned(), title, subtitle, href }
}

/// Keeps a description that the program itself wrote, as a demonstration does.
pub(crate) async fn keep_metadata(store: &Store, metadata: &Metadata) -> Result<B256, Problem> {
    content::keep_metadata(store, metadata).await
}

/// Keeps a drawing that the program itself made.
pub(crate) async fn keep_drawing(store: &Store, svg: String) -> Result<B256, Problem> {
    content::keep_drawing(store, svg).await
}

/// Open orders whose deadline passed before `now`, and what anyone may do with each.
pub(crate) async fn overdue(app: &App, now: u64, most: u64) -> Result<Vec<(u64, Overdue)>, Problem> {
    let known = |(order, action)| {
        let turn = match action {
            Action::Release => Overdue::Release,
            Action::RefundExpired => Overdue::Refund,
            Action::Contest => Overdue::Contest,
            Action::Conclude => Overdue::Conclude,
            _ => return None,
        };
        Some((order, turn))
    };
    Ok(query::overdue(app, now, most).await?.into_iter().filter_map(known).collect())
}

/// Keeps a picture that the program itself drew.
pub(crate) async fn keep_media(store: &Store, bytes: Vec<u8>) -> Result<B256, Problem> {
    content::keep_media(store, bytes).await
}

/// Figures of a range of time in the stable token, as JSON.
pub(crate) async fn figures(app: &Context, from: u64, to: u64) -> Result<serde_json::Value, Problem> {
    let token = app.token(app.manifest.stable_token.address).await?;
    let view = metrics::metrics(&app.store, &token, from, to).await?;
    serde_json::to_value(view).map_err(|error| Problem::internal(&error))
}
