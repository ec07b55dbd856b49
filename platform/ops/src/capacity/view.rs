//! Wire types of capacity.

use platform_api::calendar::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use super::advice::{self, Advice, Standing, advise, days_left, growth};
use super::desk::CapacityDesk;
use super::range::{LoadMeasure, LoadPlan, LoadProgress, Machine};
use super::records::{self, LoadState, LoadTest};
use super::usage::{Usage, usage};
use crate::capacity::BeginError;
use crate::records::now_ms;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// A load test.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsLoadTest)]
pub(crate) struct LoadTestView {
    /// Its number.
    pub(crate) id: u64,
    /// When it was begun.
    at: String,
    /// Who began it.
    by: String,
    /// What it was to do.
    plan: LoadPlan,
    /// How it stands.
    state: LoadState,
    /// Whether the program was stopped while it ran.
    interrupted: bool,
    /// Why it failed.
    why: Option<String>,
    /// What was measured; of one that was cancelled, until then.
    measure: Option<LoadMeasure>,
}

impl LoadTestView {
    pub(crate) fn of(test: LoadTest, running: Option<u64>) -> Self {
        let LoadTest { id, by, plan, state, why, measure } = test;
        let interrupted = state == LoadState::Running && running != Some(id);
        Self { id, at: rfc3339(id / 1_000), by, plan, state, interrupted, why, measure }
    }
}

/// The load test that runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsLoadRunning)]
pub(crate) struct RunningView {
    /// Its number.
    id: u64,
    /// When it was begun.
    at: String,
    /// Who began it.
    by: String,
    /// What it is to do.
    plan: LoadPlan,
    /// How far it is.
    progress: LoadProgress,
}

/// The load tests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsLoadTests)]
pub(crate) struct LoadTestsView {
    /// The one that runs.
    running: Option<RunningView>,
    /// The last that ended, the newest first; 20 at most.
    ended: Vec<LoadTestView>,
}

impl LoadTestsView {
    pub(super) async fn of(desk: &CapacityDesk) -> Result<Self, BeginError> {
        let running = desk.running().await;
        let id = running.as_ref().map(|(test, _)| test.id);
        let ended = desk.tests().await?.into_iter().filter(|test| Some(test.id) != id);
        let ended = ended.map(|test| LoadTestView::of(test, id)).collect();
        let running = running.map(|(LoadTest { id, by, plan, .. }, progress)| RunningView {
            id,
            at: rfc3339(id / 1_000),
            by,
            plan,
            progress,
        });
        Ok(Self { running, ended })
    }
}

/// How much the chain was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsChainUse)]
pub(crate) struct UsageView {
    /// Transactions in all.
    transactions: u64,
    /// Transactions a second on average.
    average: f64,
    /// Transactions a second in the busiest minute.
    busiest: f64,
    /// When that minute began, by the chain's clock.
    busiest_at: Option<String>,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        let Usage { transactions, average, busiest, busiest_at } = usage;
        Self { transactions, average, busiest, busiest_at: busiest_at.map(rfc3339) }
    }
}

/// What the machine can do, as last measured.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsMeasuredCapacity)]
pub(crate) struct MeasuredView {
    /// Committed transactions a second.
    per_second: f64,
    /// Whether it may be more, because no more were asked for, or could be sent.
    at_least: bool,
    /// When it was measured.
    at: String,
    /// How many times the busiest minute of the last day this is; nothing where there were no transactions.
    headroom: Option<f64>,
    /// The part of it that the busiest minute of the last day used, in percent.
    used_percent: f64,
}

/// The machine, and what is used of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsMachine)]
pub(crate) struct MachineView {
    /// The disk of the data directory, in bytes.
    disk_bytes: u64,
    /// What is free of it.
    disk_free_bytes: u64,
    /// The same in percent.
    disk_free_percent: f64,
    /// What the data directory takes.
    directory_bytes: u64,
    /// What that grew by a day, over the last week; nothing until it was looked at for a day.
    growth_bytes_a_day: Option<f64>,
    /// Days until a tenth of the disk is free at this growth; nothing where nothing grows or growth is not known.
    disk_days: Option<f64>,
    /// Resident memory of this program.
    process_bytes: Option<u64>,
    /// The memory that it may have.
    memory_bytes: Option<u64>,
    /// What programs may still take of it.
    memory_free_bytes: Option<u64>,
    /// Processors.
    processors: u64,
}

impl MachineView {
    fn of(machine: &Machine, growth: Option<f64>) -> Self {
        Self {
            disk_bytes: machine.disk_bytes,
            disk_free_bytes: machine.disk_free_bytes,
            disk_free_percent: machine.disk_free_percent(),
            directory_bytes: machine.directory_bytes,
            growth_bytes_a_day: growth,
            disk_days: days_left(machine, growth),
            process_bytes: machine.process_bytes,
            memory_bytes: machine.memory_bytes,
            memory_free_bytes: machine.memory_free_bytes,
            processors: machine.processors,
        }
    }
}

/// What the house can do, what of it is used, and what follows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsCapacity)]
pub(crate) struct CapacityView {
    /// What follows.
    advice: Vec<Advice>,
    /// What the machine can do; nothing until a load test has measured it.
    measured: Option<MeasuredView>,
    /// Use of the last hour, by the chain's clock.
    hour: UsageView,
    /// Use of the last day, by the chain's clock.
    day: UsageView,
    /// The machine.
    machine: MachineView,
}

impl CapacityView {
    pub(super) async fn of(desk: &CapacityDesk) -> Result<Self, BeginError> {
        let (store, now, now_ms) = (desk.store(), desk.now(), now_ms());
        let machine = desk.machine().await?;
        let hour = usage(store, now, HOUR).await?;
        let day = usage(store, now, DAY).await?;
        let capacity = advice::capacity(&desk.tests().await?);
        let growth = growth(&records::sizes(store, (now_ms / 1_000).saturating_sub(WEEK)).await?);
        let standing = Standing { capacity, busiest: day.busiest, machine, growth, now_ms };
        let measured = capacity.map(|capacity| MeasuredView {
            per_second: capacity.per_second,
            at_least: capacity.at_least,
            at: rfc3339(capacity.id / 1_000),
            headroom: (day.busiest > 0.0).then(|| capacity.per_second / day.busiest),
            used_percent: day.busiest * 100.0 / capacity.per_second,
        });
        Ok(Self {
            advice: advise(&standing),
            measured,
            hour: hour.into(),
            day: day.into(),
            machine: MachineView::of(&machine, growth),
        })
    }
}
