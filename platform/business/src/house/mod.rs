//! The house itself: which chain this is, how it is doing, what happens now, search, and the demonstration.

mod demo;
mod live;
mod privacy;
mod routes;
mod telemetry;
mod view;

pub use demo::{DemoHooks, DemoInfo, DemoPersona, DemoTraffic};
pub(crate) use demo::{Hooks, routes as demo_routes};
pub(crate) use live::{Live, routes as live_routes};
pub(crate) use routes::probes;
pub use telemetry::Figures;
pub(crate) use telemetry::{Telemetry, count};

use platform_api::Problem;
use utoipa_axum::router::OpenApiRouter;

use crate::context::App;
use crate::registry::Business;

/// The house.
pub(crate) struct House;

impl Business for House {
    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes().merge(privacy::routes())
    }
}

/// A demonstration's endpoints exist everywhere, so that the document is one; outside it they are not found.
pub(crate) fn not_a_demo() -> Problem {
    Problem::not_found("demonstration here: start with --demo")
}
