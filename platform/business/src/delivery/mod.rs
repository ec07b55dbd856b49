//! Delivery addresses that only their recipients can read.
//!
//! A seller's wallet signs for a key; a buyer's browser seals name, address and telephone number for it (HPKE, RFC
//! 9180) and leaves the box here, under the salted hash that the order carries on chain. Arbiters get boxes of their
//! own, and only while they have the dispute. Boxes go when the buyer says so, and by themselves some days after the
//! order's end.
//!
//! **Invariants:** nothing here can be read with what the house has. A box is given to its recipient alone. What was
//! erased can't be left again.

mod boxes;
mod keys;
mod model;
mod routes;
mod view;

use alloy_primitives::Address;
use async_trait::async_trait;
use platform_api::{Problem, calendar};
use platform_index::Table;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::context::{App, Context};
use crate::registry::{Business, Holding};

/// Deliveries.
pub(crate) struct Deliveries;

#[async_trait]
impl Business for Deliveries {
    fn tables(&self) -> &'static [Table] {
        &[model::KEY, model::BOX, model::ERASED]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    async fn holdings(&self, app: &App, person: Address) -> Result<Vec<Holding>, Problem> {
        let left = boxes::left_by(app, person).await?;
        let left = left.into_iter().map(|(order, at, copies)| {
            json!({ "order_id": order.map(|id| id.to_string()), "at": calendar::rfc3339(at), "copies": copies })
        });
        let key = keys::of(app, person).await.ok().map(|key| json!({ "public_key": key.public_key, "at": key.at }));
        Ok(vec![
            Holding { kind: "delivery_addresses".into(), erasable: true, items: left.collect() },
            Holding { kind: "delivery_key".into(), erasable: true, items: key.into_iter().collect() },
        ])
    }

    async fn forget(&self, app: &App, person: Address, kind: &str) -> Result<(), Problem> {
        match kind {
            "delivery_addresses" => boxes::erase_all(app, person).await,
            "delivery_key" => keys::withdraw(app, person).await,
            _ => Ok(()),
        }
    }
}

/// Erases what has been kept long enough at `now`, in seconds since 1970, and says for how many deliveries.
pub(crate) async fn erase_expired(app: &Context, now: u64) -> Result<usize, Problem> {
    boxes::erase_expired(app, now).await
}

/// Publishes a key that the program itself made, by the rules everyone's are published by.
pub(crate) async fn publish_key(
    app: &Context,
    account: Address,
    public_key: String,
    signature: String,
) -> Result<(), Problem> {
    keys::publish(app, account, &view::KeyAsked { public_key, signature }).await.map(drop)
}

/// What an account has to sign to publish a key.
pub(crate) fn key_statement(app: &Context, account: Address, public_key: &str) -> String {
    keys::statement(app, account, public_key)
}
