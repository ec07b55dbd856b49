//! Notices: what others did in somebody's orders, said to them in the page.
//!
//! Nothing is written when something happens: notices are read from the orders' own history. What is kept of a person
//! is how far they have read and which kinds they do not want.

mod query;
mod routes;
mod ways;

pub(crate) use ways::tell_customers;

use alloy_primitives::Address;
use async_trait::async_trait;
use platform_api::Problem;
use platform_index::{Column, Kind, Table};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::context::App;
use crate::registry::{Business, Holding};

/// How far somebody has read, and which kinds they want: one for those they do.
const READER: Table = Table {
    name: "notice_reader",
    kind: Kind::State,
    columns: &[
        Column::blob("account"),
        Column::int("seen_block"),
        Column::int("seen_log"),
        Column::int("orders"),
        Column::int("aftersales"),
    ],
    key: 1,
    indexes: &[],
};

/// Notices.
pub(crate) struct Notices;

#[async_trait]
impl Business for Notices {
    fn tables(&self) -> &'static [Table] {
        &[READER, ways::WAY, ways::CODE_COUNT, ways::CURSOR]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes().merge(ways::routes())
    }

    async fn holdings(&self, app: &App, person: Address) -> Result<Vec<Holding>, Problem> {
        let kept = "SELECT 1 FROM notice_reader WHERE account = $1";
        let mut items = Vec::new();
        if app.store.row(kept, vec![person.into()]).await?.is_some() {
            let reader = query::reader(app, person).await?;
            items.push(json!({ "orders": reader.orders, "aftersales": reader.aftersales }));
        }
        let ways = ways::holding(app, person).await?;
        Ok(vec![
            Holding { kind: "notice_settings".into(), erasable: true, items },
            Holding { kind: "notice_ways".into(), erasable: true, items: ways },
        ])
    }

    async fn forget(&self, app: &App, person: Address, kind: &str) -> Result<(), Problem> {
        if kind == "notice_settings" {
            app.store.execute("DELETE FROM notice_reader WHERE account = $1", vec![person.into()]).await?;
        }
        if kind == "notice_ways" {
            ways::forget(app, person).await?;
        }
        Ok(())
    }
}
