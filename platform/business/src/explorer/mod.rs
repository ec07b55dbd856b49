//! The chain for everyone to look at: blocks, transactions in words, addresses, tokens.

mod contracts;
mod projection;
mod query;
mod routes;
mod trace;
mod transaction;
mod view;

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use async_trait::async_trait;
use platform_api::Problem;
use platform_index::{Projection, Table};
use platform_protocol::Manifest;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::contracts::Verified;
pub use self::contracts::{Compiler, CompilerError};
use crate::context::App;
use crate::registry::{Business, Found};
use crate::wire::show;

/// The explorer.
pub(crate) struct Explorer;

#[async_trait]
impl Business for Explorer {
    fn projections(&self, _: &Manifest) -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(projection::ExplorerProjection)]
    }

    fn tables(&self) -> &'static [Table] {
        &[contracts::SOURCES]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    async fn search(&self, app: &App, text: &str) -> Result<Vec<Found>, Problem> {
        let mut found = Vec::new();
        if let Ok(address) = text.parse::<Address>() {
            let name = app.names.get(address).unwrap_or_else(|| show(address));
            found.push(find("address", name, show(address), format!("/explorer/address/{}", show(address))));
        }
        if let Ok(hash) = text.parse::<B256>() {
            if query::place(app, hash).await?.is_some() {
                found.push(find("transaction", hash.to_string(), String::new(), format!("/explorer/tx/{hash}")));
            }
            if query::block_number(app, hash).await?.is_some() {
                found.push(find("block", hash.to_string(), String::new(), format!("/explorer/blocks/{hash}")));
            }
        }
        if let Ok(number) = text.parse::<u64>()
            && number <= app.indexed().number
        {
            found.push(find("block", number.to_string(), String::new(), format!("/explorer/blocks/{number}")));
        }
        for address in app.house_tokens() {
            let token = app.token(address).await?;
            let lower = text.to_lowercase();
            if address != Address::ZERO
                && (token.symbol.to_lowercase().contains(&lower) || token.name.to_lowercase().contains(&lower))
            {
                let href = format!("/explorer/tokens/{}", show(address));
                found.push(find("token", token.symbol, token.name, href));
            }
        }
        Ok(found)
    }
}

fn find(kind: &str, title: String, subtitle: String, href: String) -> Found {
    Found { kind: kind.to_owned(), title, subtitle, href }
}
