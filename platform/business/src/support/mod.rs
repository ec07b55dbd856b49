//! Support: questions that carry their order, and staff who answer with it in front of them.
//!
//! A ticket is open while staff are to answer, waiting while the customer is, solved when one of them says so, and
//! closed when it has been quiet for a week after that. Whoever asks is told by when they are answered; the promise is
//! kept beside the ticket, and what becomes of it is counted.
//!
//! **Invariants:** a ticket is its opener's and staff's; to others it is not there. Notes among staff never leave them.

mod answers;
mod desk;
mod hours;
mod model;
mod routes;
mod view;

use alloy_primitives::Address;
use async_trait::async_trait;
use platform_api::Problem;
use platform_index::Table;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use crate::context::{App, Context};
use crate::registry::{Business, Holding};

/// Support.
pub(crate) struct Support;

#[async_trait]
impl Business for Support {
    fn tables(&self) -> &'static [Table] {
        &[model::TICKET, model::MESSAGE, model::SETTING, model::ANSWER]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }

    async fn holdings(&self, app: &App, person: Address) -> Result<Vec<Holding>, Problem> {
        let item = |ticket: &view::TicketCard| json!({ "ticket": ticket.id, "subject": ticket.subject, "order_id": ticket.order_id, "at": ticket.created_at });
        let items = desk::own(app, person).await?.iter().map(item).collect();
        Ok(vec![Holding { kind: "support_tickets".into(), erasable: true, items }])
    }

    async fn forget(&self, app: &App, person: Address, kind: &str) -> Result<(), Problem> {
        if kind == "support_tickets" { desk::forget(app, person).await } else { Ok(()) }
    }
}

/// Closes solved tickets that have been quiet long enough at `now`, in seconds since 1970.
pub(crate) async fn close_quiet(app: &Context, now: u64) -> Result<u64, Problem> {
    desk::close_quiet(app, now).await
}
