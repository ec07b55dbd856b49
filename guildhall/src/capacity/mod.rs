//! Load tests on a copy of the house's chain, and the machine that it runs on.
//!
//! The copy lies in the data directory, so that it meets the same disk, under a name that backups leave out. All that a
//! test does happens in threads that give way to the house's own.

mod drive;
mod machine;
mod pace;
#[cfg(test)]
mod tests;

use crate::{
    fork::{Fork, Rehearser},
    house::{House, store_url},
    load::memory_mb,
};
use anyhow::{Context, ensure};
use async_trait::async_trait;
use drive::Drive;
use ledger_node::Sealing;
use machine::{LOAD_FOLDER, LOAD_SUFFIX};
use pace::Follower;
use platform_index::Store;
use platform_ops::{CapacityDesk, LoadControl, LoadMeasure, LoadPlan, LoadRange, Machine, Watch};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// By how much a test's threads give way, in the steps of nice(2).
const NICE: i32 = 10;
/// The longest that the copy waits between blocks: some chains make one an hour.
const INTERVAL_MAX: Duration = Duration::from_secs(1);

/// Opens the desk of a house's capacity. Must be called in a runtime.
pub(crate) async fn open(
    house: &Arc<House>,
    watch: &Arc<Watch>,
    rehearser: Arc<Rehearser>,
    directory: &Path,
) -> anyhow::Result<CapacityDesk> {
    let store = Store::open(&store_url(directory)).await.context("can't open the records of load tests")?;
    let range = Arc::new(Loader::new(house, rehearser, directory)?);
    CapacityDesk::open(Arc::clone(watch), store, range).await.context("can't open the records of load tests")
}

/// Plays load tests on copies of a house's chain.
pub(crate) struct Loader {
    house: Arc<House>,
    rehearser: Arc<Rehearser>,
    directory: PathBuf,
    follower: Arc<Follower>,
}

impl Loader {
    fn new(house: &Arc<House>, rehearser: Arc<Rehearser>, directory: &Path) -> anyhow::Result<Self> {
        machine::remove_copies(directory).context("can't remove the copy that a load test left")?;
        let follower = Follower::start(house);
        Ok(Self { house: Arc::clone(house), rehearser, directory: directory.to_owned(), follower })
    }
}

#[async_trait]
impl LoadRange for Loader {
    async fn play(&self, plan: LoadPlan, control: Arc<LoadControl>) -> Result<LoadMeasure, String> {
        let stage = Stage {
            house: Arc::clone(&self.house),
            rehearser: Arc::clone(&self.rehearser),
            directory: self.directory.clone(),
            follower: Arc::clone(&self.follower),
            plan,
            control,
        };
        let (say, said) = tokio::sync::oneshot::channel();
        let work = move || {
            // Threads begin with the priority of the one that starts them. Without it the test still is bounded.
            let _ = rustix::process::nice(NICE);
            // Nobody listens any more where the program ends.
            let _ = say.send(stage.play());
        };
        let begun = std::thread::Builder::new().name("load-test".into()).spawn(work);
        begun.map_err(|error| format!("the test can't have a thread: {error}"))?;
        let outcome = said.await.map_err(|_| "the test broke off: the program's log says why".to_owned())?;
        outcome.map_err(|error| format!("{error:#}"))
    }

    fn machine(&self) -> std::io::Result<Machine> {
        machine::look(&self.directory)
    }

    fn now(&self) -> u64 {
        self.house.ledger.driver().clock().now()
    }
}

/// What one test is played with.
struct Stage {
    house: Arc<House>,
    rehearser: Arc<Rehearser>,
    directory: PathBuf,
    follower: Arc<Follower>,
    plan: LoadPlan,
    control: Arc<LoadControl>,
}

impl Stage {
    fn play(&self) -> anyhow::Result<LoadMeasure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let began = Instant::now();
        let memory_before_bytes = process_bytes();
        let mut measure = runtime.block_on(async {
            let fork = self.copy().await?;
            let driven = Drive::over(&fork, self.plan, &self.control, &self.directory).run().await;
            let memory_after_bytes = process_bytes();
            let closed = fork.close().await;
            let measure = LoadMeasure { memory_after_bytes, ..driven? };
            closed.context("the copy could not be closed")?;
            Ok::<_, anyhow::Error>(measure)
        })?;
        let ended = Instant::now();
        measure.memory_before_bytes = memory_before_bytes;
        measure.chain_meanwhile = self.follower.span(began, ended);
        let before = began.checked_sub(ended - began).unwrap_or(began);
        measure.chain_before = self.follower.span(before, began);
        Ok(measure)
    }

    /// A copy of the chain on the disk that the chain is on.
    async fn copy(&self) -> anyhow::Result<Fork> {
        let machine = machine::look(&self.directory)?;
        let left =
            Machine { disk_free_bytes: machine.disk_free_bytes.saturating_sub(machine.directory_bytes), ..machine };
        machine::ensure_room(&left)?;
        let place = tempfile::Builder::new().prefix(LOAD_FOLDER).suffix(LOAD_SUFFIX).tempdir_in(&self.directory);
        let place = place.context("can't make a place for the copy")?;
        let sealing = match self.house.ledger.driver().sealing() {
            Sealing::Interval(period) => Sealing::Interval(period.min(INTERVAL_MAX)),
            Sealing::Instant | Sealing::Manual => Sealing::Instant,
        };
        let fork = self.rehearser.fork_in(place, sealing).await.context("the copy could not be made")?;
        ensure!(!self.control.is_cancelled(), "cancelled before anything was sent");
        Ok(fork)
    }
}

/// Resident memory of this process, in bytes.
fn process_bytes() -> Option<u64> {
    let (now, _) = memory_mb(std::process::id())?;
    Some(machine::whole_bytes(now * 1_048_576.0))
}
