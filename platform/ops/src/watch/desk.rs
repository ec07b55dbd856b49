//! What people do at the watch, and what they look at.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use platform_index::{Head, Store, StoreError};
use serde_json::{Value as Json, json};
use tokio::sync::broadcast;

use super::{Watch, WatchError};
use crate::audits::{AuditView, audits};
use crate::board::{DrillView, board};
use crate::external::Report;
use crate::monitor::AlertState;
use crate::operating::{self, OperatingReport};
use crate::playbook::Playbook;
use crate::records::{self, Entry, Incident, IncidentState, KeptAlert, Run, Unit, now_ms, subject};
use crate::ruleset::Ruleset;
use crate::signal::Observation;
use crate::{Register, tell};

impl Watch {
    /// A person acknowledges or resolves an alert.
    ///
    /// # Errors
    /// A store error.
    pub async fn set_alert(&self, id: &str, to: AlertState, by: &str) -> Result<Option<KeptAlert>, WatchError> {
        let mut state = self.state.lock().await;
        let Some(mut kept) = state.records.alerts("WHERE id = $1", vec![id.to_owned().into()]).await?.pop() else {
            return Ok(None);
        };
        if !kept.alert.state.is_open() {
            return Ok(Some(kept));
        }
        let fingerprint = kept.alert.fingerprint;
        state.monitor.set(&fingerprint, to);
        kept.alert.state = to;
        let mut unit = Unit::default();
        unit.alert(&kept);
        let subject = subject(kept.incident, "alert", id);
        let body = json!({ "alert": id, "rule": kept.alert.rule, "state": to.name() });
        state.records.note(&mut unit, "alert", &subject, by, body);
        if to.is_open() {
            tell::acknowledged(&state.records, &mut unit, &self.rules(), &kept, by);
        } else {
            tell::closed(&state.records, &mut unit, &self.rules(), std::slice::from_ref(&kept), by).await?;
        }
        state.records.write(unit).await?;
        Ok(Some(kept))
    }

    /// A person moves an incident on, or writes into its timeline.
    ///
    /// # Errors
    /// [`WatchError::Playbook`] where it would go backwards; a store error.
    pub async fn move_incident(
        &self,
        id: u64,
        to: Option<IncidentState>,
        role: Option<(String, String)>,
        note: &str,
        by: &str,
    ) -> Result<Option<Incident>, WatchError> {
        let mut state = self.state.lock().await;
        let Some(mut incident) = state.records.incidents("WHERE id = $1", vec![id.into()]).await?.pop() else {
            return Ok(None);
        };
        let before = incident.state;
        if let Some(to) = to {
            if to < incident.state {
                let said = format!("incident {id} is {} already: it only goes forward", incident.state.name());
                return Err(WatchError::Playbook(said));
            }
            incident.state = to;
        }
        if let Some((role, who)) = &role {
            incident.roles.insert(role.clone(), who.clone());
        }
        let mut unit = Unit::default();
        unit.incident(&incident);
        let body = json!({ "state": to.map(IncidentState::name), "role": role, "note": note });
        state.records.note(&mut unit, "note", &format!("incident/{id}"), by, body);
        tell::moved(&state.records, &mut unit, &incident, before, role.is_some(), by);
        state.records.write(unit).await?;
        Ok(Some(incident))
    }

    /// Takes in what another monitoring system says, as signals of its own kind, and ends what it says is over.
    ///
    /// # Errors
    /// [`WatchError`].
    pub async fn take_in(&self, reports: Vec<Report>, by: &str) -> Result<(), WatchError> {
        let head = self.source.head().await?;
        let now = Head { timestamp: head.timestamp.max(now_ms() / 1_000), ..head };
        let (over, signals): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| report.over);
        let mut state = self.state.lock().await;
        let signals = signals.into_iter().map(|report| report.signal).collect();
        let observation = Observation { head: now, signals, reads: BTreeMap::new(), vitals: None };
        let answers = self.judge_observation(&mut state, &observation, Unit::default()).await?;
        let open = state.records.alerts("WHERE state IN ('pending', 'firing', 'acknowledged')", vec![]).await?;
        drop(state);
        for kept in open.iter().filter(|kept| over.iter().any(|report| report.is_of(kept))) {
            self.set_alert(&kept.id, AlertState::Resolved, by).await?;
        }
        for answer in answers {
            self.answer(answer).await;
        }
        Ok(())
    }

    /// Keeps in the log that somebody changed how the watch tells people.
    ///
    /// # Errors
    /// A store error.
    pub async fn record(&self, kind: &str, subject: &str, by: &str, body: Json) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let mut unit = Unit::default();
        state.records.note(&mut unit, kind, subject, by, body);
        state.records.write(unit).await
    }

    /// What happens, as it happens.
    pub fn news(&self) -> broadcast::Receiver<Json> {
        self.news.subscribe()
    }

    /// The rules that are asked just now.
    #[must_use]
    pub fn rules(&self) -> Arc<Ruleset> {
        // Whole at any moment: it is only ever replaced.
        Arc::clone(&self.ruleset.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The playbooks.
    #[must_use]
    pub fn playbooks(&self) -> &[Playbook] {
        &self.playbooks
    }

    /// What stands where.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The last block that was judged.
    pub async fn judged(&self) -> u64 {
        self.state.lock().await.cursor.0
    }

    /// Whether every entry of the log follows from the one before.
    ///
    /// # Errors
    /// A store error.
    pub async fn log_is_intact(&self) -> Result<bool, StoreError> {
        self.state.lock().await.records.log_is_intact().await
    }

    /// Alerts, newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn alerts(&self, open_only: bool, most: u64) -> Result<Vec<KeptAlert>, StoreError> {
        let open = if open_only { "WHERE state IN ('pending', 'firing', 'acknowledged')" } else { "" };
        let state = self.state.lock().await;
        state.records.alerts(&format!("{open} ORDER BY since_time DESC, id LIMIT $1"), vec![most.into()]).await
    }

    /// Alerts of an incident, newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn alerts_of(&self, incident: u64) -> Result<Vec<KeptAlert>, StoreError> {
        let state = self.state.lock().await;
        state.records.alerts("WHERE incident = $1 ORDER BY since_time DESC, id", vec![incident.into()]).await
    }

    /// Incidents, newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn incidents(&self, most: u64) -> Result<Vec<Incident>, StoreError> {
        self.state.lock().await.records.incidents("ORDER BY id DESC LIMIT $1", vec![most.into()]).await
    }

    /// An incident.
    ///
    /// # Errors
    /// A store error.
    pub async fn incident(&self, id: u64) -> Result<Option<Incident>, StoreError> {
        Ok(self.state.lock().await.records.incidents("WHERE id = $1", vec![id.into()]).await?.pop())
    }

    /// Runs of playbooks, newest first; those of one incident where it is given.
    ///
    /// # Errors
    /// A store error.
    pub async fn runs(&self, incident: Option<u64>) -> Result<Vec<Run>, StoreError> {
        let state = self.state.lock().await;
        match incident {
            Some(id) => state.records.runs("WHERE incident = $1 ORDER BY id DESC", vec![id.into()]).await,
            None => state.records.runs("ORDER BY id DESC LIMIT 100", vec![]).await,
        }
    }

    /// The log of an incident, oldest first; the newest entries of all where none is given.
    ///
    /// # Errors
    /// A store error.
    pub async fn log(&self, incident: Option<u64>) -> Result<Vec<Entry>, StoreError> {
        let state = self.state.lock().await;
        match incident {
            Some(id) => {
                state.records.log("WHERE subject = $1 ORDER BY seq", vec![format!("incident/{id}").into()]).await
            }
            None => state.records.log("ORDER BY seq DESC LIMIT 200", vec![]).await,
        }
    }

    /// The newest entries of one kind.
    ///
    /// # Errors
    /// A store error.
    pub(crate) async fn log_of_kind(&self, kind: &str, most: u64) -> Result<Vec<Entry>, StoreError> {
        let state = self.state.lock().await;
        state.records.log("WHERE kind = $1 ORDER BY seq DESC LIMIT $2", vec![kind.into(), most.into()]).await
    }

    /// Every drill, and how it went.
    ///
    /// # Errors
    /// A store error.
    pub(crate) async fn drills(&self) -> Result<Vec<DrillView>, StoreError> {
        board(&self.store().await).await
    }

    /// The last audits of this house.
    ///
    /// # Errors
    /// A store error.
    pub(crate) async fn audits(&self) -> Result<Vec<AuditView>, StoreError> {
        audits(&self.store().await).await
    }

    /// What the watch did from `from` on and before `to`, in seconds since 1970.
    ///
    /// # Errors
    /// A store error.
    pub(crate) async fn operating(&self, from: u64, to: u64) -> Result<OperatingReport, StoreError> {
        let store = self.store().await;
        let span = vec![from.saturating_mul(1_000).into(), to.saturating_mul(1_000).into()];
        let entries = records::log(&store, "WHERE at_ms >= $1 AND at_ms < $2 ORDER BY seq", span).await?;
        let incidents = records::incidents(&store, "ORDER BY id", vec![]).await?;
        Ok(operating::reckon(&entries, &incidents))
    }

    /// Where the records are, for reading much of them while blocks are judged.
    pub(super) async fn store(&self) -> Store {
        self.state.lock().await.records.store().clone()
    }
}
