//! Traceability: where goods have been, what of it can be proven, and what looks wrong.
//!
//! Machines send supply-chain events after EPCIS 2.0 to `/epcis`; they are checked against the standard, hashed after
//! CBV 2.0, kept as they were sent, and found again by the standard's queries. Their hashes are sealed into Merkle
//! trees whose roots are anchored on chain, so that nobody, the house included, can change an event afterwards without
//! it being seen. Whoever scans a GS1 Digital Link sees the way of the item in front of them.
//!
//! **Invariants:** an event is answered as it was captured. A proof never needs the house to be believed. Scans hold
//! no personal data: a place only by consent, and then rounded. Alerts detect; nothing here prevents a copied label.

mod batch;
mod capture;
mod desk;
mod epcis;
mod error;
mod facts;
mod gs1;
mod hash;
mod item;
mod master;
mod merkle;
mod model;
mod namespaces;
mod negotiate;
mod proof;
mod qr;
mod query;
mod routes;
mod scan;
mod time;
mod validate;
mod view;
mod vocabulary;
mod way;

use std::sync::Arc;

use async_trait::async_trait;
use platform_api::Problem;
use platform_index::{Projection, Table};
use platform_protocol::Manifest;
use utoipa_axum::router::OpenApiRouter;

pub use batch::OpenBatch;
pub use proof::{FileError, HashedEvent, Proof, ProofError, check_proof, hash_file};

use crate::context::{App, Context};
use crate::registry::Business;

/// Traceability.
pub(crate) struct Traceability;

#[async_trait]
impl Business for Traceability {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        // Without a contract the table stays, and stays empty.
        let trace = manifest.trace.as_ref().map_or(alloy_primitives::Address::ZERO, |trace| trace.address);
        vec![Arc::new(batch::Anchors { trace })]
    }

    fn tables(&self) -> &'static [Table] {
        model::TABLES
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    fn standard_routes(&self) -> Option<(&'static str, OpenApiRouter<App>)> {
        Some(("/epcis", epcis::routes()))
    }
}

/// Takes a document in that the program made itself, by the rules everyone's are taken by.
pub(crate) async fn take_document(app: &Context, document: &serde_json::Value) -> Result<(), Problem> {
    let read = validate::document(document);
    let taken = capture::take(&app.store, read, capture::Behaviour::Rollback, "").await;
    taken.map(|_| ()).map_err(|refusal| match refusal.errors.first() {
        Some(first) => Problem::invalid(format!("{}: {}", first.path, first.message)),
        None => refusal.problem,
    })
}

/// Seals what waits and gives the batches that are to be anchored.
pub(crate) async fn open_batches(app: &Context) -> Result<Vec<OpenBatch>, Problem> {
    Ok(batch::open(&app.store).await?)
}
