//! Statements at the watch: published and taken back by playbooks, and prolonged with the run that made them.

use async_trait::async_trait;
use platform_index::{Head, StoreError};
use serde_json::json;

use super::{Watch, WatchError};
use crate::records::{Run, Unit, now_ms, subject};
use crate::statement::{Herald, STATEMENT, Statement, statements};
use crate::words::Words;

/// A chain whose newest block is older than this was left in its past.
const IDLE_SECONDS_MAX: u64 = 60 * 86_400;

/// The house's time: that of people, unless the chain is ahead of them or was left in its past.
pub(super) fn clock(head: Head) -> u64 {
    let wall = now_ms() / 1_000;
    let behind = wall.saturating_sub(head.timestamp);
    if behind > IDLE_SECONDS_MAX { head.timestamp } else { wall.max(head.timestamp) }
}

/// Who says things for one run.
pub(super) struct Crier<'a> {
    pub(super) watch: &'a Watch,
    pub(super) run: u64,
    pub(super) incident: Option<u64>,
    pub(super) by: &'a str,
    pub(super) now: u64,
    pub(super) ends: u64,
}

impl Crier<'_> {
    async fn statement(&self) -> Result<Option<Statement>, StoreError> {
        let store = self.watch.store().await;
        Ok(statements(&store, "WHERE run = $1", vec![self.run.into()]).await?.pop())
    }

    async fn write(&self, statement: &Statement, state: &str) -> Result<(), StoreError> {
        let mut watch = self.watch.state.lock().await;
        let mut unit = Unit::default();
        unit.row(&STATEMENT, statement.row());
        let body = json!({
            "run": self.run, "statement": state, "text": statement.text,
            "begins": statement.begins, "ends": statement.ends,
        });
        watch.records.note(&mut unit, "statement", &subject(self.incident, "run", self.run), self.by, body);
        watch.records.write(unit).await
    }
}

#[async_trait]
impl Herald for Crier<'_> {
    async fn stands(&self) -> Result<bool, String> {
        let found = self.statement().await.map_err(|error| error.to_string())?;
        Ok(found.is_some_and(|statement| statement.is_current(self.now)))
    }

    async fn publish(&self, text: &Words) -> Result<(), String> {
        let (run, incident, begins, ends) = (self.run, self.incident, self.now, self.ends);
        let text = Words { en: text.en.trim().to_owned(), zh: text.zh.trim().to_owned() };
        let statement = Statement { run, text, incident, begins, ends, withdrawn: false };
        self.write(&statement, "published").await.map_err(|error| error.to_string())
    }

    async fn withdraw(&self) -> Result<(), String> {
        let found = self.statement().await.map_err(|error| error.to_string())?;
        let Some(mut statement) = found else { return Ok(()) };
        (statement.ends, statement.withdrawn) = (statement.ends.min(self.now), true);
        self.write(&statement, "withdrawn").await.map_err(|error| error.to_string())
    }
}

impl Watch {
    /// Statements, the newest first, and the house's time.
    ///
    /// # Errors
    /// The chain or the store did not answer.
    pub async fn statements(&self, most: u64) -> Result<(Vec<Statement>, u64), WatchError> {
        let now = clock(self.source.head().await?);
        let store = self.store().await;
        Ok((statements(&store, "ORDER BY begins DESC, run DESC LIMIT $1", vec![most.into()]).await?, now))
    }

    /// A person confirms a measure in force: it is taken back only after its whole time has passed once more.
    ///
    /// # Errors
    /// [`WatchError::Refused`] where it is not in force or has no end; a store error.
    pub async fn confirm(&self, run: u64, by: &str) -> Result<Option<Run>, WatchError> {
        let _order = self.measures.lock().await;
        let now = clock(self.source.head().await?);
        let mut state = self.state.lock().await;
        let Some(mut run) = state.records.runs("WHERE id = $1", vec![run.into()]).await?.pop() else {
            return Ok(None);
        };
        let seconds = self.playbooks.iter().find(|playbook| playbook.id == run.playbook).and_then(|book| book.expires);
        let (Some(seconds), Some(_), "verified") = (seconds, run.expires, run.state.as_str()) else {
            return Err(WatchError::Refused(format!(
                "run {} is not in force until a time, so nothing is to confirm",
                run.id
            )));
        };
        let expires = now + seconds;
        run.expires = Some(expires);
        let mut unit = Unit::default();
        unit.run(&run);
        let said = statements(state.records.store(), "WHERE run = $1", vec![run.id.into()]).await?;
        for statement in said.into_iter().filter(|statement| !statement.withdrawn) {
            unit.row(&STATEMENT, Statement { ends: expires, ..statement }.row());
        }
        let body = json!({ "run": run.id, "playbook": run.playbook, "expires": expires });
        state.records.note(&mut unit, "confirmation", &subject(run.incident, "run", run.id), by, body);
        state.records.write(unit).await?;
        drop(state);
        self.renew_blocks().await?;
        Ok(Some(run))
    }
}
