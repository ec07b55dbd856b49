//! What waits for somebody at the watch, read from its records.

use std::collections::HashMap;

use super::statements::clock;
use super::{Watch, WatchError};
use crate::inbox::{Me, Standing, Waiting, waiting};
use crate::records::now_ms;
use crate::revision::revisions;

/// Rows of each kind that are looked at.
const MOST: u64 = 200;

impl Watch {
    /// What waits for somebody.
    ///
    /// # Errors
    /// The chain or the store did not answer.
    pub(crate) async fn inbox(&self, me: Me<'_>) -> Result<Vec<Waiting>, WatchError> {
        let house_time = clock(self.source.head().await?);
        let most = || vec![MOST.into()];
        let state = self.state.lock().await;
        let records = &state.records;
        let open = "WHERE state IN ('proposed', 'approved') ORDER BY id DESC LIMIT $1";
        let tickets = records.tickets(open, most()).await?;
        let unresolved = "WHERE state IN ('declared', 'triaged', 'contained', 'mitigated') ORDER BY id DESC LIMIT $1";
        let incidents = records.incidents(unresolved, most()).await?;
        let in_force = "WHERE state = 'verified' AND expires IS NOT NULL ORDER BY expires LIMIT $1";
        let runs = records.runs(in_force, most()).await?;
        let unpublished = "WHERE state IN ('draft', 'approved') ORDER BY incident DESC LIMIT $1";
        let reviews = records.reviews(unpublished, most()).await?;
        let about = "WHERE id IN (SELECT incident FROM ops_review WHERE state IN ('draft', 'approved'))";
        let about = records.incidents(about, vec![]).await?;
        let changes = records.log("WHERE kind = 'review' ORDER BY seq DESC LIMIT $1", most()).await?;
        let open = "WHERE state IN ('backtested', 'shadow') ORDER BY id";
        let written = revisions(records.store(), open, vec![]).await?;
        drop(state);
        // The newest entry of each comes first, and is the one that stays.
        let mut changed: HashMap<String, u64> = HashMap::new();
        for entry in changes {
            changed.entry(entry.subject).or_insert(entry.at_ms / 1_000);
        }
        let reviews = reviews.into_iter().filter_map(|review| {
            let incident = about.iter().find(|incident| incident.id == review.incident)?.clone();
            let since = changed.get(&format!("incident/{}", incident.id)).copied().unwrap_or(incident.opened);
            Some((review, incident, since))
        });
        let standing = Standing {
            tickets,
            reviews: reviews.collect(),
            revisions: written,
            runs,
            incidents,
            house_time,
            now_ms: now_ms(),
        };
        Ok(waiting(&standing, &self.playbooks, me))
    }
}
