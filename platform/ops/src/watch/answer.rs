//! What is done about it: the responses that rules ask for, and playbooks that people run and take back.

use std::collections::BTreeMap;

use platform_index::StoreError;
use serde_json::json;

use super::statements::{Crier, clock};
use super::{Watch, WatchError};
use crate::block::Standing;
use crate::monitor::Alert;
use crate::playbook::{Done, filled};
use crate::records::{IncidentState, KeptAlert, Records, Run, Unit, subject};
use crate::rule::Rule;
use crate::tell;

/// A response that an alert asks for.
#[derive(Clone, Debug)]
pub struct Answer {
    alert: String,
    rule: String,
    incident: Option<u64>,
    playbook: String,
    with: BTreeMap<String, String>,
}

impl Answer {
    /// What a rule asks for once it fires. One on trial asks for nothing.
    pub(super) fn to(kept: &KeptAlert, rule: &Rule) -> Option<Self> {
        let response = rule.response.as_ref().filter(|_| !rule.shadow)?;
        let parameters = parameters(&kept.alert);
        Some(Self {
            alert: kept.id.clone(),
            rule: rule.id.clone(),
            incident: kept.incident,
            playbook: response.playbook.clone(),
            with: response.with.iter().map(|(name, text)| (name.clone(), filled(text, &parameters))).collect(),
        })
    }
}

impl Watch {
    /// Runs what an alert asks for, and keeps what became of it.
    pub async fn answer(&self, answer: Answer) -> Option<Run> {
        let approved_by = format!("rule {}", answer.rule);
        let run = self.run_playbook(&answer.playbook, answer.with, answer.incident, &approved_by).await;
        let mut state = self.state.lock().await;
        let marked = async {
            let mut unit = Unit::default();
            if let Some(mut kept) = state.records.alerts("WHERE id = $1", vec![answer.alert.into()]).await?.pop() {
                kept.answered = true;
                unit.alert(&kept);
            }
            state.records.write(unit).await
        };
        if let Err(error) = marked.await {
            tracing::error!(%error, "a response could not be marked as run; it runs again at the next start");
        }
        match run {
            Ok(run) => Some(run),
            Err(error) => {
                tracing::error!(%error, "a response could not be run");
                None
            }
        }
    }

    /// Runs a playbook and keeps what became of it.
    ///
    /// # Errors
    /// [`WatchError::Playbook`] where there is none of that name, or a parameter is missing or can't be used; a store
    /// error.
    pub async fn run_playbook(
        &self,
        id: &str,
        with: BTreeMap<String, String>,
        incident: Option<u64>,
        approved_by: &str,
    ) -> Result<Run, WatchError> {
        let playbook = self.playbooks.iter().find(|playbook| playbook.id == id);
        let playbook = playbook.ok_or_else(|| WatchError::Playbook(format!("there is no playbook called {id}")))?;
        if let Some(missing) = playbook.parameters.iter().find(|name| !with.contains_key(*name)) {
            return Err(WatchError::Playbook(format!("{id} wants to know {missing}")));
        }
        if let Some(fault) = playbook.fault(&with, self.actor.as_ref()).await {
            return Err(WatchError::Playbook(fault));
        }
        // What one run blocks must not be lifted by the end of another that is not written down yet.
        let _order = if playbook.stands_here() { Some(self.measures.lock().await) } else { None };
        let now = clock(self.source.head().await?);
        let expires = playbook.expires.map(|seconds| now + seconds);
        let run = self.state.lock().await.records.next_run();
        let crier = Crier { watch: self, run, incident, by: approved_by, now, ends: expires.unwrap_or(now) };
        if playbook.rehearsed {
            let own = self.register().address("Operator").map(|operator| operator.to_checksum(None).to_lowercase());
            if with.values().any(|value| Some(value.to_lowercase()) == own) {
                let said = "this would take a right from the house's own key: propose a change for that";
                return Err(WatchError::Playbook(said.to_owned()));
            }
            self.announce_playbook(id, &playbook.calls(&with)).await?;
        }
        let done = playbook.run(&with, crier.ends, self.register(), self.actor.as_ref(), &crier).await;
        let verified = done.iter().all(|step| step.verified);
        let mut state = self.state.lock().await;
        let run = Run {
            id: run,
            playbook: id.to_owned(),
            with,
            state: if verified { "verified" } else { "failed" }.to_owned(),
            incident,
            expires,
            approved_by: approved_by.to_owned(),
            done,
        };
        let mut unit = Unit::default();
        unit.run(&run);
        let subject = subject(incident, "run", run.id);
        let body = json!({ "run": run.id, "playbook": id, "state": run.state, "done": run.done });
        state.records.note(&mut unit, "run", &subject, approved_by, body);
        if verified
            && playbook.contains()
            && let Some(id) = incident
        {
            contained(&state.records, &mut unit, id).await?;
        }
        state.records.write(unit).await?;
        Ok(run)
    }

    /// Takes a run back.
    ///
    /// # Errors
    /// [`WatchError::Playbook`] where it can't be; a store error.
    pub async fn roll_back(&self, run: u64, by: &str) -> Result<Run, WatchError> {
        let _order = self.measures.lock().await;
        let found = self.state.lock().await.records.runs("WHERE id = $1", vec![run.into()]).await?.pop();
        let mut run = found.ok_or_else(|| WatchError::Playbook(format!("there is no run {run}")))?;
        let playbook = self.playbooks.iter().find(|playbook| playbook.id == run.playbook);
        let playbook = playbook.ok_or_else(|| WatchError::Playbook(format!("{} is gone", run.playbook)))?;
        let now = clock(self.source.head().await?);
        let crier = Crier { watch: self, run: run.id, incident: run.incident, by, now, ends: now };
        let others = self.standing(Some(run.id), now).await?;
        let done = playbook.undo(&run.with, &others, self.register(), self.actor.as_ref(), &crier).await;
        if done.iter().all(|step| step.verified) {
            run.state = "rolled_back".to_owned();
        }
        run.expires = None;
        let mut state = self.state.lock().await;
        let mut unit = Unit::default();
        unit.run(&run);
        let subject = subject(run.incident, "run", run.id);
        let body = json!({ "run": run.id, "playbook": run.playbook, "state": run.state, "done": done });
        state.records.note(&mut unit, "run", &subject, by, body);
        state.records.write(unit).await?;
        Ok(run)
    }

    /// What runs in force keep from happening, without that of one.
    async fn standing(&self, but: Option<u64>, now: u64) -> Result<Standing, StoreError> {
        let state = self.state.lock().await;
        let stands = "WHERE (state = 'verified' OR state = 'failed') AND (expires IS NULL OR expires > $1)";
        let mut runs = state.records.runs(stands, vec![now.into()]).await?;
        runs.retain(|run| Some(run.id) != but);
        Ok(Standing::of(&runs, &self.playbooks, now))
    }

    /// Holds and blocks again what a stop made the house forget, before it does anything by itself.
    ///
    /// # Errors
    /// The chain or the store did not answer.
    pub async fn restore_measures(&self) -> Result<(), WatchError> {
        let now = clock(self.source.head().await?);
        let standing = self.standing(None, now).await?;
        for what in &standing.holds {
            if let Err(error) = self.actor.hold(what, true).await {
                tracing::error!(what, error, "a hold could not be put back");
            }
        }
        self.block_again(&standing).await;
        Ok(())
    }

    /// Makes blocks last as long as the runs in force say.
    pub(super) async fn renew_blocks(&self) -> Result<(), WatchError> {
        let now = clock(self.source.head().await?);
        let standing = self.standing(None, now).await?;
        self.block_again(&standing).await;
        Ok(())
    }

    async fn block_again(&self, standing: &Standing) {
        for (account, until) in &standing.blocks {
            if let Err(error) = self.actor.block(*account, *until).await {
                tracing::error!(%account, error, "an account could not be blocked again");
            }
        }
    }

    /// Runs the responses that a stop came between.
    pub(super) async fn answer_what_was_left(&self) {
        let left = self.state.lock().await.records.alerts("WHERE state = 'firing' AND answered = 0", vec![]).await;
        let left = match left {
            Ok(left) => left,
            Err(error) => {
                tracing::error!(%error, "what was left to answer can't be read");
                return;
            }
        };
        let rules = self.rules();
        for kept in left {
            if let Some(answer) = rules.get(&kept.alert.rule).and_then(|rule| Answer::to(&kept, &rule.rule)) {
                self.answer(answer).await;
            }
        }
    }
}

/// An incident that was declared is contained once its playbook is verified.
async fn contained(records: &Records, unit: &mut Unit, id: u64) -> Result<(), StoreError> {
    let Some(mut incident) = records.incidents("WHERE id = $1", vec![id.into()]).await?.pop() else { return Ok(()) };
    if incident.state < IncidentState::Contained {
        let before = std::mem::replace(&mut incident.state, IncidentState::Contained);
        unit.incident(&incident);
        records.note(unit, "incident", &format!("incident/{id}"), "guildhall", json!({ "state": "contained" }));
        tell::moved(records, unit, &incident, before, false, "guildhall");
    }
    Ok(())
}

/// What a response may refer to: the signal's contract, its sender and its arguments.
fn parameters(alert: &Alert) -> BTreeMap<String, String> {
    let mut all = alert.labels.clone();
    if let Some(signal) = &alert.signal {
        for (name, value) in &signal.args {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            all.insert(name.clone(), text);
        }
        all.insert("contract".to_owned(), signal.contract.clone());
    }
    all
}

/// The steps of a run that reached the chain.
#[must_use]
pub fn first_block(run: &Run) -> Option<u64> {
    run.done.iter().filter_map(|step: &Done| step.block).min()
}
