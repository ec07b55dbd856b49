//! Reviews at the watch: written, approved by somebody else, published with their hash on the chain.

use platform_index::StoreError;
use serde_json::json;

use super::{Watch, WatchError};
use crate::playbook::Act;
use crate::records::{IncidentState, Unit};
use crate::review::{Facts, Findings, Review, ReviewState, report};

impl Watch {
    /// The review of an incident; an empty draft where nobody began one.
    ///
    /// # Errors
    /// A store error.
    pub async fn review(&self, incident: u64) -> Result<Review, StoreError> {
        let state = self.state.lock().await;
        let found = state.records.reviews("WHERE incident = $1", vec![incident.into()]).await?.pop();
        Ok(found.unwrap_or_else(|| Review::of(incident)))
    }

    /// Published reviews, newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn published(&self, most: u64) -> Result<Vec<Review>, StoreError> {
        let state = self.state.lock().await;
        let published = "WHERE state = 'published' ORDER BY incident DESC LIMIT $1";
        state.records.reviews(published, vec![most.into()]).await
    }

    /// Writes a draft. Whatever was approved before is not any more.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is published or does not read; a store error.
    pub async fn write_review(&self, incident: u64, findings: Findings, by: &str) -> Result<Review, WatchError> {
        if let Some(fault) = findings.fault() {
            return Err(WatchError::Refused(fault));
        }
        self.change_review(incident, by, |review| {
            if review.state == ReviewState::Published {
                return Err("this review is published, and stays as it is".to_owned());
            }
            if review.findings == findings {
                return Ok(());
            }
            (review.findings, review.state, review.approved_by) = (findings, ReviewState::Draft, None);
            if !review.authors.iter().any(|author| author == by) {
                review.authors.push(by.to_owned());
            }
            Ok(())
        })
        .await
    }

    /// Somebody who wrote none of it agrees to all of it.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where they may not or something is missing; a store error.
    pub async fn approve_review(&self, incident: u64, by: &str) -> Result<Review, WatchError> {
        self.change_review(incident, by, |review| {
            if review.state != ReviewState::Draft {
                return Err(format!("this review is {}", review.state.name()));
            }
            if let Some(missing) = review.findings.missing() {
                return Err(format!("{missing} is missing in one of the languages"));
            }
            if review.authors.iter().any(|author| author == by) {
                return Err("whoever wrote on a review does not approve it".to_owned());
            }
            (review.state, review.approved_by) = (ReviewState::Approved, Some(by.to_owned()));
            Ok(())
        })
        .await
    }

    /// Publishes an approved review: the report is fixed to the letter, and its hash sent to the chain.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is not approved, the incident is not resolved, or the chain refuses.
    pub async fn publish_review(&self, incident: u64, by: &str) -> Result<Review, WatchError> {
        let refused = |said: &str| WatchError::Refused(said.to_owned());
        let mut review = self.review(incident).await?;
        if review.state != ReviewState::Approved {
            return Err(WatchError::Refused(format!("this review is {}, not approved", review.state.name())));
        }
        let about = self.incident(incident).await?.ok_or_else(|| refused("there is no such incident"))?;
        if about.state < IncidentState::Resolved {
            return Err(refused("an incident is resolved before its review is published"));
        }
        // A report that was fixed before a stop is sent again as it was: its hash may be on the chain already.
        if review.report.is_none() {
            let (alerts, runs) = (self.alerts_of(incident).await?, self.runs(Some(incident)).await?);
            let log = self.log(Some(incident)).await?;
            let operator = self.register().address("Operator").unwrap_or_default().to_checksum(None);
            let facts =
                Facts { incident: &about, alerts: &alerts, runs: &runs, log: &log, chain_id: self.chain_id, operator };
            review.report = Some(report(&review, &facts).to_string());
            let mut state = self.state.lock().await;
            let mut unit = Unit::default();
            unit.review(&review);
            state.records.write(unit).await?;
        }
        let digest = review.digest().ok_or_else(|| refused("there is no report"))?;
        let to = self.register().address("Operator").ok_or_else(|| refused("nobody acts for this house"))?;
        let act = Act { to, input: digest.into() };
        let (transaction, block) = self.actor.act(&act).await.map_err(WatchError::Refused)?;
        let at = self.source.block(block).await?.map(|block| block.timestamp);
        (review.transaction, review.block, review.published) = (Some(transaction), Some(block), at);
        review.state = ReviewState::Published;
        let mut state = self.state.lock().await;
        let mut unit = Unit::default();
        unit.review(&review);
        let mut about = about;
        about.state = IncidentState::Reviewed;
        unit.incident(&about);
        let body = json!({ "review": "published", "digest": digest, "transaction": transaction, "block": block });
        state.records.note(&mut unit, "review", &format!("incident/{incident}"), by, body);
        state.records.write(unit).await?;
        Ok(review)
    }

    async fn change_review(
        &self,
        incident: u64,
        by: &str,
        change: impl FnOnce(&mut Review) -> Result<(), String>,
    ) -> Result<Review, WatchError> {
        let mut state = self.state.lock().await;
        let found = state.records.reviews("WHERE incident = $1", vec![incident.into()]).await?.pop();
        let before = found.unwrap_or_else(|| Review::of(incident));
        let mut review = before.clone();
        change(&mut review).map_err(WatchError::Refused)?;
        if review == before {
            return Ok(review);
        }
        // The report is of the words that were approved.
        review.report = None;
        let mut unit = Unit::default();
        unit.review(&review);
        let body = json!({ "review": review.state.name() });
        state.records.note(&mut unit, "review", &format!("incident/{incident}"), by, body);
        state.records.write(unit).await?;
        Ok(review)
    }
}
