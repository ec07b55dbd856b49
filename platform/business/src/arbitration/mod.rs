//! Arbiters and the cases they decide, as the panel's contract tells it. Orders are known here by number alone; what
//! is disputed in them is the market's to tell.

mod evidence;
mod model;
mod projection;
mod query;
mod routes;
mod steps;
mod view;

use std::sync::Arc;

use alloy_primitives::Address;
use platform_api::Problem;
use platform_index::{Projection, Table};
use platform_protocol::Manifest;
use utoipa_axum::router::OpenApiRouter;

use crate::context::App;
use crate::registry::Business;
use query::Due;
use steps::Action;

/// Arbitration.
pub(crate) struct Arbitration;

impl Business for Arbitration {
    fn projections(&self, manifest: &Manifest) -> Vec<Arc<dyn Projection>> {
        let market = manifest.market.address;
        let panel = manifest.arbiter_panel.as_ref();
        panel
            .map(|panel| Arc::new(projection::Panel { panel: panel.address, market }) as Arc<dyn Projection>)
            .into_iter()
            .collect()
    }

    fn tables(&self) -> &'static [Table] {
        &[evidence::CONTENT]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        routes::routes()
    }
}

/// Something that anyone may do with a case whose time for it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseTurn {
    /// The block of the draw is chosen, or its hash kept.
    SetBeacon {
        /// The case.
        case: u64,
    },
    /// The panel is drawn.
    Draw(u64),
    /// The votes are counted.
    Tally(u64),
    /// The order, named here, learns of a ruling.
    NoteRuling(u64),
    /// A ruling becomes final.
    Execute(u64),
    /// The order is told again.
    Deliver(u64),
    /// A round without a panel ends.
    Fail(u64),
    /// The parties of the order, named here, get the fee back.
    ReclaimFee(u64),
    /// A secret was not opened in time.
    Forfeit {
        /// The case.
        case: u64,
        /// Its round.
        round: u8,
        /// Whose secret.
        account: Address,
    },
}

/// What anyone may do with cases at `now` (seconds since 1970), at most `most`.
pub(crate) async fn due(app: &App, now: u64, most: usize) -> Result<Vec<CaseTurn>, Problem> {
    if app.manifest.arbiter_panel.is_none() {
        return Ok(Vec::new());
    }
    Ok(query::due(&app.store, now, most).await?.into_iter().filter_map(turn).collect())
}

fn turn(due: Due) -> Option<CaseTurn> {
    let (case, order, action) = match due {
        Due::Forfeit { case, round, account } => return Some(CaseTurn::Forfeit { case, round, account }),
        Due::Step { case, order, action } => (case, order, action),
    };
    Some(match action {
        Action::SetBeacon => CaseTurn::SetBeacon { case },
        Action::Draw => CaseTurn::Draw(case),
        Action::Tally => CaseTurn::Tally(case),
        Action::Execute => CaseTurn::Execute(case),
        Action::Deliver => CaseTurn::Deliver(case),
        Action::Fail => CaseTurn::Fail(case),
        Action::NoteRuling => CaseTurn::NoteRuling(order?),
        Action::ReclaimFee => CaseTurn::ReclaimFee(order?),
        Action::CommitSeed | Action::RevealSeed | Action::CommitVote | Action::RevealVote => return None,
    })
}
