//! Reviews of finished purchases: weighted by the fee that was paid, shown a day after, and left out where they look
//! made up.

mod model;
mod projection;
mod query;
mod routes;
mod score;
mod suspicion;
mod view;

use std::sync::Arc;

use alloy_primitives::B256;
use platform_api::Problem;
use platform_index::{Projection, Table};
use platform_protocol::Manifest;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use query::Cache;

use crate::context::{App, Context};
use crate::registry::Business;

/// Reviews.
pub(crate) struct ReviewBook;

impl Business for ReviewBook {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        let market = manifest.market.address;
        let reviews = manifest.reviews.as_ref();
        reviews
            .map(|reviews| {
                Arc::new(projection::ReviewProjection { reviews: reviews.address, market }) as Arc<dyn Projection>
            })
            .into_iter()
            .collect()
    }

    fn tables(&self) -> &'static [Table] {
        &[model::TEXT]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }
}

/// Keeps a text that the program itself wrote, as a demonstration does, and gives its hash.
pub(crate) async fn keep_text(app: &Context, text: &str) -> Result<B256, Problem> {
    let kept = query::keep(app, text).await?;
    crate::wire::hash(&kept.hash)
}
