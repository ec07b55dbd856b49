//! What follows from what was measured, by rules whose thresholds stand in `docs/operations.md`.

use super::range::{DISK_FREE_PERCENT, Machine};
use super::records::{LoadState, LoadTest};
use crate::words::Words;

const DAY: u64 = 86_400;
/// From this part of capacity on, in percent, the busiest minute is one to plan for.
const BUSY_PERCENT: f64 = 30.0;
/// From this part on, something is to be done.
const TIGHT_PERCENT: f64 = 70.0;
/// A measurement older than this says little: program and data have changed.
const STALE_DAYS: u64 = 90;
/// What a rate was asked for and reached to this part, in percent, could have been more.
const REACHED_PERCENT: f64 = 90.0;
/// The disk is full soon in less than this.
const DISK_DAYS: f64 = 30.0;
/// The part of the machine's memory, in percent, that this process may take.
const MEMORY_PERCENT: f64 = 80.0;
/// The part of the machine's memory, in percent, that stays free.
const MEMORY_FREE_PERCENT: f64 = 10.0;

/// What a machine can do, as last measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Capacity {
    /// Committed transactions a second.
    pub(super) per_second: f64,
    /// Whether it may be more: no more were asked for, or could be sent.
    pub(super) at_least: bool,
    /// When, in milliseconds since 1970.
    pub(super) id: u64,
}

/// What the kept tests, the newest first, say of capacity: the newest that went to the limit; where none did, the
/// most that was reached.
pub(super) fn capacity(tests: &[LoadTest]) -> Option<Capacity> {
    let of = |test: &LoadTest| {
        let measure = test.measure.as_ref().filter(|measure| measure.per_second > 0.0)?;
        let reached = |rate: u64| measure.per_second >= rate as f64 * REACHED_PERCENT / 100.0;
        let at_least = test.plan.rate.map_or(!measure.held_back, reached);
        Some(Capacity { per_second: measure.per_second, at_least, id: test.id })
    };
    let found: Vec<Capacity> = tests.iter().filter(|test| test.state == LoadState::Done).filter_map(of).collect();
    let most = found.iter().max_by(|one, other| one.per_second.total_cmp(&other.per_second));
    found.iter().find(|capacity| !capacity.at_least).or(most).copied()
}

/// What a data directory grows by a day, in bytes: the newest of `sizes` less the oldest, over the time between. Less
/// than a day apart they say nothing.
pub(super) fn growth(sizes: &[(u64, u64)]) -> Option<f64> {
    let ((from, before), (to, after)) = (sizes.first()?, sizes.last()?);
    let seconds = to.checked_sub(*from).filter(|seconds| *seconds >= DAY)?;
    Some((*after as f64 - *before as f64) / seconds as f64 * DAY as f64)
}

/// Days until only a tenth of the disk is free at this growth; nothing where nothing grows.
pub(super) fn days_left(machine: &Machine, growth: Option<f64>) -> Option<f64> {
    let grows = growth.filter(|bytes| *bytes > 0.0)?;
    let room = machine.disk_free_bytes as f64 - machine.disk_bytes as f64 * DISK_FREE_PERCENT / 100.0;
    Some(room.max(0.0) / grows)
}

/// What advice is given on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) capacity: Option<Capacity>,
    /// Transactions a second in the busiest minute of the last day.
    pub(super) busiest: f64,
    pub(super) machine: Machine,
    pub(super) growth: Option<f64>,
    /// In milliseconds since 1970.
    pub(super) now_ms: u64,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsCapacityTone)]
pub(crate) enum Tone {
    /// Nothing is to be done.
    Fine,
    /// Something is to be found out, or planned.
    Plan,
    /// Something is to be done.
    Act,
}

/// A sentence of advice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = OpsCapacityAdvice)]
pub(crate) struct Advice {
    /// By which rule.
    pub(crate) rule: &'static str,
    /// How much it matters.
    pub(crate) tone: Tone,
    /// The sentence.
    pub(crate) text: Words,
}

fn say(rule: &'static str, tone: Tone, en: impl Into<String>, zh: impl Into<String>) -> Advice {
    Advice { rule, tone, text: Words { en: en.into(), zh: zh.into() } }
}

/// One sentence about transactions, one about the disk, and one about memory where that is short.
pub(super) fn advise(standing: &Standing) -> Vec<Advice> {
    [Some(on_load(standing)), Some(on_disk(standing)), on_memory(&standing.machine)].into_iter().flatten().collect()
}

fn on_load(standing: &Standing) -> Advice {
    let Some(capacity) = standing.capacity else {
        return say(
            "load_unknown",
            Tone::Plan,
            "What this machine can do was never measured: run a load test with “as many as it can”.",
            "尚未测过本机能承受多少：请以“尽力而为”运行一次负载测试。",
        );
    };
    let days = standing.now_ms.saturating_sub(capacity.id) / (DAY * 1_000);
    if days > STALE_DAYS {
        return say(
            "load_stale",
            Tone::Plan,
            format!("The last measurement is {days} days old: run a load test again."),
            format!("上次测量已是 {days} 天前：请再运行一次负载测试。"),
        );
    }
    let used = standing.busiest * 100.0 / capacity.per_second;
    // A small part is not none.
    let percent = if used > 0.0 && used < 1.0 { "less than 1".to_owned() } else { format!("{used:.0}") };
    let percent_zh = if used > 0.0 && used < 1.0 { "不到 1".to_owned() } else { format!(" {used:.0}") };
    if used >= TIGHT_PERCENT {
        return say(
            "load_tight",
            Tone::Act,
            format!(
                "The busiest minute used {percent} % of what this machine can do: move to a faster machine, or spread the rush."
            ),
            format!("最忙的一分钟用去了本机能力的{percent_zh} %：请换更快的机器，或错开高峰。"),
        );
    }
    if used >= BUSY_PERCENT {
        return say(
            "load_busy",
            Tone::Plan,
            format!(
                "The busiest minute used {percent} % of what this machine can do: plan for a faster one before the next campaign."
            ),
            format!("最忙的一分钟用去了本机能力的{percent_zh} %：请在下次促销前准备更快的机器。"),
        );
    }
    say(
        "load_fine",
        Tone::Fine,
        format!("The busiest minute used {percent} % of what this machine can do: nothing is to be done."),
        format!("最忙的一分钟用了本机能力的{percent_zh} %：无需处理。"),
    )
}

fn on_disk(standing: &Standing) -> Advice {
    let machine = &standing.machine;
    let free = machine.disk_free_percent();
    if machine.is_nearly_full() {
        return say(
            "disk_full",
            Tone::Act,
            format!("Only {free:.0} % of the disk is free: make room now, or move the data directory."),
            format!("磁盘仅剩 {free:.0} %：请立即腾出空间，或迁移数据目录。"),
        );
    }
    let Some(growth) = standing.growth else {
        return say(
            "disk_unknown",
            Tone::Plan,
            format!(
                "{free:.0} % of the disk is free. How fast it fills is not known yet: leave the program running for a day."
            ),
            format!("磁盘还有 {free:.0} %。增长速度尚未测得：请让程序运行满一天。"),
        );
    };
    match days_left(machine, Some(growth)) {
        Some(days) if days < DISK_DAYS => say(
            "disk_soon",
            Tone::Act,
            format!(
                "At the growth of the last week the disk has 10 % left in {days:.0} days: make room, or move the data directory."
            ),
            format!("按最近一周的增长，{days:.0} 天后磁盘只剩 10 %：请腾出空间，或迁移数据目录。"),
        ),
        Some(days) => say(
            "disk_fine",
            Tone::Fine,
            format!("At the growth of the last week the disk lasts for {days:.0} days: nothing is to be done."),
            format!("按最近一周的增长，磁盘还够用 {days:.0} 天：无需处理。"),
        ),
        None => say(
            "disk_still",
            Tone::Fine,
            "The data directory did not grow in the last week: nothing is to be done.",
            "最近一周数据目录没有增长：无需处理。",
        ),
    }
}

fn on_memory(machine: &Machine) -> Option<Advice> {
    let whole = machine.memory_bytes.filter(|bytes| *bytes > 0)? as f64;
    let part = |bytes: u64| bytes as f64 * 100.0 / whole;
    if let Some(used) = machine.process_bytes.map(part).filter(|used| *used >= MEMORY_PERCENT) {
        return Some(say(
            "memory_tight",
            Tone::Act,
            format!("The program holds {used:.0} % of the machine's memory: give the machine more."),
            format!("程序占用了本机内存的 {used:.0} %：请增加内存。"),
        ));
    }
    let free = machine.memory_free_bytes.map(part).filter(|free| *free < MEMORY_FREE_PERCENT)?;
    Some(say(
        "memory_short",
        Tone::Act,
        format!("Only {free:.0} % of the machine's memory is free: stop other programs, or give the machine more."),
        format!("本机内存仅剩 {free:.0} %：请停止其他程序，或增加内存。"),
    ))
}

#[cfg(test)]
mod tests;
