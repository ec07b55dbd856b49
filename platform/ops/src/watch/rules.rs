//! Rules at the watch: tried, put on trial, agreed to by a second person, paused and given up.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use platform_index::{Head, StoreError};
use serde_json::json;

use super::{Watch, WatchError};
use crate::playbook::Playbook;
use crate::records::{Records, Unit, now_ms};
use crate::revision::{Revision, RevisionState, TEXT_MAX, is_name, revisions};
use crate::rule::Compiled;
use crate::ruleset::{Ruleset, overlay};
use crate::signal::{Observation, Signal};
use crate::trial::{Backtest, Tested, backtest};
use crate::{BacktestError, Register, RegisterError};

/// Blocks that a trial looks at where nothing else is said, and at most.
const TRIAL_BLOCKS: u64 = 1_000;
const TRIAL_BLOCKS_MAX: u64 = 20_000;
/// How long it may take.
const TRIAL_TIME: Duration = Duration::from_secs(8);

/// What came of trying a rule.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its name.
    pub rule: String,
    /// Its own tests.
    pub tests: Vec<Tested>,
    /// What it would have said; nothing where its tests failed, or past blocks say nothing about it.
    pub backtest: Option<Backtest>,
}

impl Watch {
    /// Tries a rule's text: reads it, runs its tests, and lets it judge past blocks. Nothing is kept.
    ///
    /// # Errors
    /// [`WatchError::Refused`] with what is wrong with it.
    pub async fn try_rule(&self, text: &str, from: Option<u64>, to: Option<u64>) -> Result<Trial, WatchError> {
        let rule = self.read_rule(text)?;
        self.run_trial(&rule, from, to).await
    }

    async fn run_trial(&self, rule: &Compiled, from: Option<u64>, to: Option<u64>) -> Result<Trial, WatchError> {
        let id = rule.rule.id.clone();
        let tests = rule.tested();
        if tests.iter().any(|test| test.fault.is_some()) || !rule.can_be_backtested() {
            return Ok(Trial { rule: id, tests, backtest: None });
        }
        let head = self.source.head().await?.number;
        let to = to.unwrap_or(head);
        let from = from.unwrap_or_else(|| (self.deployed + 1).max(to.saturating_sub(TRIAL_BLOCKS - 1)));
        if to > head || from > to || to - from >= TRIAL_BLOCKS_MAX {
            let said = format!("choose up to {TRIAL_BLOCKS_MAX} blocks, the last of them {head} or before");
            return Err(WatchError::Refused(said));
        }
        let register = Arc::clone(&self.register);
        let outcome = backtest(rule, register, self.source.as_ref(), (from, to), Some(TRIAL_TIME), &|_| ()).await;
        let outcome = outcome.map_err(|error| match error {
            BacktestError::Register(error) => WatchError::Refused(error.to_string()),
            BacktestError::Source(error) => error.into(),
        })?;
        Ok(Trial { rule: id, tests, backtest: Some(outcome) })
    }

    /// Reads a rule that somebody wrote, and refuses what could not be asked here.
    fn read_rule(&self, text: &str) -> Result<Compiled, WatchError> {
        let refused = |reason: String| Err(WatchError::Refused(reason));
        if text.chars().count() > TEXT_MAX {
            return refused(format!("a rule has up to {TEXT_MAX} characters"));
        }
        let rule = Compiled::read("the rule", text)?;
        if !is_name(&rule.rule.id) {
            return refused("a rule's id has small letters, digits and hyphens, 60 at most".to_owned());
        }
        if let Some(response) = &rule.rule.response
            && let Err(reason) = answers(&self.playbooks, &response.playbook, &response.with)
        {
            return refused(reason);
        }
        Ok(rule)
    }

    /// Keeps a rule that somebody wrote. It must pass its tests, and is tried on past blocks; it is not asked yet.
    ///
    /// # Errors
    /// [`WatchError::Refused`] with what is wrong with it; a store error.
    pub async fn propose_rule(&self, text: &str, reason: &str, by: &str) -> Result<Revision, WatchError> {
        let rule = self.read_rule(text)?;
        if let Some(known) = self.rules().get(&rule.rule.id) {
            if known.text == rule.text {
                return Err(WatchError::Refused("this is the rule as it is".to_owned()));
            }
            if known.rule.version >= rule.rule.version {
                let said = format!("version {} is in force: give this one a higher version", known.rule.version);
                return Err(WatchError::Refused(said));
            }
        }
        let trial = self.run_trial(&rule, None, None).await?;
        if let Some(test) = trial.tests.iter().find(|test| test.fault.is_some()) {
            let fault = test.fault.as_deref().unwrap_or_default();
            return Err(WatchError::Refused(format!("its test {:?} failed: {fault}", test.shows)));
        }
        if let Some(fault) = trial.backtest.as_ref().and_then(|backtest| backtest.fault.clone()) {
            return Err(WatchError::Refused(fault));
        }
        let mut state = self.state.lock().await;
        let id = state.records.next_revision();
        let revision = Revision::new(id, &rule, reason, RevisionState::Backtested, by).map_err(WatchError::Refused)?;
        let tried = trial.backtest.map(|backtest| (backtest.from, backtest.to, backtest.fired));
        let revision = Revision { tried, ..revision };
        let mut unit = Unit::default();
        note(&state.records, &mut unit, &revision, by);
        state.records.write(unit).await?;
        Ok(revision)
    }

    /// Stops asking a rule, at once.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is paused already; a store error.
    pub async fn pause_rule(&self, rule: &str, reason: &str, by: &str) -> Result<Option<Revision>, WatchError> {
        let decided = revisions(&self.store().await, DECIDED, vec![rule.into()]).await?.pop();
        if let Some(revision) = decided {
            return self.move_revision(revision.id, RevisionState::Paused, by).await;
        }
        let rules = self.rules();
        // One on trial is withdrawn, not paused.
        let Some(known) = rules.get(rule).filter(|_| is_name(rule)) else { return Ok(None) };
        let mut state = self.state.lock().await;
        let id = state.records.next_revision();
        let paused = RevisionState::Paused;
        let revision = Revision::new(id, known, reason, paused, by).map_err(WatchError::Refused)?;
        self.settle(state, vec![revision.clone()], by).await?;
        Ok(Some(revision))
    }

    /// Moves a revision on.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it may not, or not by this person; a store error.
    pub async fn move_revision(&self, id: u64, to: RevisionState, by: &str) -> Result<Option<Revision>, WatchError> {
        let state = self.state.lock().await;
        let store = state.records.store();
        let Some(mut revision) = revisions(store, "WHERE id = $1", vec![id.into()]).await?.pop() else {
            return Ok(None);
        };
        revision.move_to(to, by).map_err(WatchError::Refused)?;
        let mut changed = Vec::new();
        if to == RevisionState::Active {
            // What it replaces.
            for mut older in revisions(store, DECIDED, vec![revision.rule.clone().into()]).await? {
                if older.id != id && older.move_to(RevisionState::Retired, by).is_ok() {
                    changed.push(older);
                }
            }
        }
        changed.push(revision.clone());
        self.settle(state, changed, by).await?;
        Ok(Some(revision))
    }

    /// Keeps revisions as they are now, and asks the rules that follow from them from here on. That rules changed is a
    /// signal itself.
    async fn settle(
        &self,
        mut state: tokio::sync::MutexGuard<'_, super::State>,
        changed: Vec<Revision>,
        by: &str,
    ) -> Result<(), WatchError> {
        let (mut all, _) = kept(&state.records).await?;
        for revision in &changed {
            all.retain(|other| other.id != revision.id);
            all.push(revision.clone());
        }
        let ruleset = assemble(&self.register, &self.base, &all)?;
        let mut unit = Unit::default();
        for revision in &changed {
            note(&state.records, &mut unit, revision, by);
        }
        state.records.write(unit).await?;
        *self.ruleset.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ruleset);
        let signals = changed.iter().map(|revision| told(revision, by)).collect();
        let head = self.source.head().await?;
        let now = Head { timestamp: head.timestamp.max(now_ms() / 1_000), ..head };
        let observation = Observation { head: now, signals, reads: BTreeMap::new(), vitals: None };
        let answers = self.judge_observation(&mut state, &observation, Unit::default()).await?;
        drop(state);
        for answer in answers {
            self.answer(answer).await;
        }
        Ok(())
    }

    /// Revisions, the newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn revisions(&self, most: u64) -> Result<Vec<Revision>, StoreError> {
        revisions(&self.store().await, "ORDER BY id DESC LIMIT $1", vec![most.into()]).await
    }
}

/// What decides what a rule is.
const DECIDED: &str = "WHERE rule = $1 AND state IN ('active', 'paused') ORDER BY id";

fn note(records: &Records, unit: &mut Unit, revision: &Revision, by: &str) {
    unit.revision(revision);
    records.note(unit, "rule", &format!("rule/{}", revision.id), by, revision.entry());
}

fn told(revision: &Revision, by: &str) -> Signal {
    let args = [
        ("rule", json!(revision.rule)),
        ("revision", json!(revision.id)),
        ("to", json!(revision.state.name())),
        ("by", json!(by)),
    ];
    Signal {
        contract: "House".to_owned(),
        name: "RuleChanged".to_owned(),
        args: args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Signal::default()
    }
}

/// The revisions that count, and whether all of them are what the log says: one that is not was written by somebody
/// else, and does not count.
pub(super) async fn kept(records: &Records) -> Result<(Vec<Revision>, bool), StoreError> {
    let counting = "WHERE state IN ('shadow', 'active', 'paused') ORDER BY id";
    let mut intact = true;
    let mut kept = Vec::new();
    for revision in revisions(records.store(), counting, vec![]).await? {
        let subject = format!("rule/{}", revision.id);
        let last = records.log("WHERE subject = $1 ORDER BY seq DESC LIMIT 1", vec![subject.into()]).await?;
        if last.first().is_some_and(|entry| entry.body == revision.entry()) {
            kept.push(revision);
        } else {
            tracing::error!(revision = revision.id, "a revision of a rule is not what the log says; it does not count");
            intact = false;
        }
    }
    Ok((kept, intact))
}

/// The rules that follow from files and revisions.
pub(super) fn assemble(
    register: &Arc<Register>,
    base: &[Arc<Compiled>],
    revisions: &[Revision],
) -> Result<Ruleset, RegisterError> {
    let (rules, faults) = overlay(base, revisions);
    for fault in faults {
        tracing::error!(fault, "a revision of a rule does not read; the rule it replaced counts");
    }
    Ruleset::new(Arc::clone(register), rules)
}

/// Whether a response names a playbook, and tells it what it wants to know.
fn answers(playbooks: &[Playbook], id: &str, with: &BTreeMap<String, String>) -> Result<(), String> {
    let Some(playbook) = playbooks.iter().find(|playbook| playbook.id == id) else {
        let known: Vec<_> = playbooks.iter().map(|playbook| playbook.id.as_str()).collect();
        return Err(format!("there is no playbook called {id}; there are {}", known.join(", ")));
    };
    match playbook.parameters.iter().find(|name| !with.contains_key(*name)) {
        Some(missing) => Err(format!("the playbook {id} wants to know {missing}: say it under `with`")),
        None => Ok(()),
    }
}
