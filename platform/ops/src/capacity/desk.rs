//! The desk of capacity: begins and ends load tests, one at a time, and keeps what is needed for advice.

use std::sync::Arc;
use std::time::Duration;

use platform_index::{Store, StoreError};
use serde_json::json;
use tokio::sync::{Mutex, watch};

use super::range::{DISK_FREE_PERCENT, LoadControl, LoadPlan, LoadProgress, LoadRange, Machine};
use super::records::{self, LoadState, LoadTest};
use crate::records::now_ms;
use crate::watch::Watch;

/// How often the size of the data directory is kept.
const SIZE_PERIOD: Duration = Duration::from_secs(3_600);

/// Why a load test was not begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// It asks for what it can't have.
    #[error("{0}")]
    Plan(String),
    /// Not now.
    #[error("{0}")]
    Refused(String),
    /// The machine could not be looked at.
    #[error("the machine could not be looked at: {0}")]
    Machine(#[from] std::io::Error),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the endpoints of capacity work with.
#[derive(Clone)]
pub struct CapacityDesk {
    inner: Arc<Inner>,
}

struct Inner {
    watch: Arc<Watch>,
    range: Arc<dyn LoadRange>,
    store: Store,
    running: Mutex<Option<Running>>,
}

#[derive(Clone)]
struct Running {
    test: LoadTest,
    control: Arc<LoadControl>,
}

impl std::fmt::Debug for CapacityDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CapacityDesk").finish_non_exhaustive()
    }
}

impl CapacityDesk {
    /// Opens the desk over the tables of a house.
    ///
    /// # Errors
    /// A store error.
    pub async fn open(watch: Arc<Watch>, store: Store, range: Arc<dyn LoadRange>) -> Result<Self, StoreError> {
        store.create(&[records::LOAD_TEST, records::SIZE]).await?;
        Ok(Self { inner: Arc::new(Inner { watch, range, store, running: Mutex::default() }) })
    }

    /// Keeps the size of the data directory once an hour until `cancel` turns true, and ends a running test then.
    pub async fn run(self, mut cancel: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.keep_size().await {
                tracing::warn!(%error, "the size of the data directory could not be kept; trying again in an hour");
            }
            tokio::select! {
                () = tokio::time::sleep(SIZE_PERIOD) => {}
                _ = cancel.wait_for(|stopped| *stopped) => break,
            }
        }
        if let Some(running) = &*self.inner.running.lock().await {
            running.control.cancel();
        }
    }

    async fn keep_size(&self) -> Result<(), BeginError> {
        let machine = self.machine().await?;
        Ok(records::keep_size(&self.inner.store, now_ms() / 1_000, machine.directory_bytes).await?)
    }

    /// Begins a load test for `by`.
    ///
    /// # Errors
    /// [`BeginError`]: another runs, the disk is nearly full, or it asks for too much.
    pub async fn begin(&self, plan: LoadPlan, by: &str) -> Result<LoadTest, BeginError> {
        if let Some(fault) = plan.fault() {
            return Err(BeginError::Plan(fault));
        }
        let mut running = self.inner.running.lock().await;
        if running.is_some() {
            return Err(BeginError::Refused("A load test runs already: wait for its end, or cancel it.".to_owned()));
        }
        let machine = self.machine().await?;
        if machine.is_nearly_full() {
            let free = machine.disk_free_percent();
            return Err(BeginError::Refused(format!(
                "Only {free:.0} % of the disk is free, and a load test leaves {DISK_FREE_PERCENT:.0} %: make room first."
            )));
        }
        let (state, why, measure) = (LoadState::Running, None, None);
        let test = LoadTest { id: now_ms(), by: by.to_owned(), plan, state, why, measure };
        let said = json!({ "change": "begun", "seconds": plan.seconds, "rate": plan.rate });
        self.inner.watch.record("load test", &subject(test.id), by, said).await?;
        records::keep(&self.inner.store, &test).await?;
        let control = Arc::new(LoadControl::default());
        *running = Some(Running { test: test.clone(), control: Arc::clone(&control) });
        tokio::spawn(self.clone().play(test.clone(), control));
        Ok(test)
    }

    async fn play(self, mut test: LoadTest, control: Arc<LoadControl>) {
        let outcome = self.inner.range.play(test.plan, Arc::clone(&control)).await;
        (test.state, test.measure, test.why) = match outcome {
            Ok(measure) if control.is_cancelled() => (LoadState::Cancelled, Some(measure), None),
            Ok(measure) => (LoadState::Done, Some(measure), None),
            // What was cut off before there was anything to measure did not fail.
            Err(_) if control.is_cancelled() => (LoadState::Cancelled, None, None),
            Err(why) => (LoadState::Failed, None, Some(why)),
        };
        if let Err(error) = self.finish(&test).await {
            tracing::error!(%error, "the end of a load test could not be kept");
        }
        *self.inner.running.lock().await = None;
    }

    async fn finish(&self, test: &LoadTest) -> Result<(), StoreError> {
        records::keep(&self.inner.store, test).await?;
        let per_second = test.measure.as_ref().map(|measure| measure.per_second.round());
        let said = json!({ "change": test.state, "per_second": per_second, "why": test.why });
        self.inner.watch.record("load test", &subject(test.id), "guildhall", said).await
    }

    /// Ends the test that runs. Nothing where none does.
    ///
    /// # Errors
    /// A store error.
    pub async fn cancel(&self, by: &str) -> Result<Option<LoadTest>, StoreError> {
        let Some(running) = self.inner.running.lock().await.clone() else { return Ok(None) };
        let said = json!({ "change": "to be cancelled" });
        self.inner.watch.record("load test", &subject(running.test.id), by, said).await?;
        running.control.cancel();
        Ok(Some(running.test))
    }

    /// The test that runs, and how far it is.
    pub async fn running(&self) -> Option<(LoadTest, LoadProgress)> {
        let running = self.inner.running.lock().await.clone()?;
        Some((running.test, running.control.progress()))
    }

    /// The last tests, the newest first.
    ///
    /// # Errors
    /// A store error.
    pub async fn tests(&self) -> Result<Vec<LoadTest>, StoreError> {
        records::tests(&self.inner.store).await
    }

    pub(super) async fn machine(&self) -> std::io::Result<Machine> {
        let range = Arc::clone(&self.inner.range);
        tokio::task::spawn_blocking(move || range.machine()).await.map_err(std::io::Error::other)?
    }

    /// The chain's clock, in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.inner.range.now()
    }

    pub(super) fn store(&self) -> &Store {
        &self.inner.store
    }
}

fn subject(id: u64) -> String {
    format!("load-test/{id}")
}
