use super::*;
use crate::capacity::range::{LoadMeasure, LoadPlan};

const GIB: u64 = 1 << 30;

fn test(id: u64, rate: Option<u64>, per_second: f64, state: LoadState) -> LoadTest {
    let measure = Some(LoadMeasure { per_second, held_back: true, ..LoadMeasure::default() });
    LoadTest { id, by: String::new(), plan: LoadPlan { seconds: 5, rate }, state, why: None, measure }
}

/// Half the disk free, little memory used, and a tenth of a percent of capacity.
fn standing() -> Standing {
    let machine = Machine {
        disk_bytes: 100 * GIB,
        disk_free_bytes: 50 * GIB,
        directory_bytes: GIB,
        process_bytes: Some(GIB),
        memory_bytes: Some(8 * GIB),
        memory_free_bytes: Some(4 * GIB),
        processors: 2,
    };
    let capacity = Some(Capacity { per_second: 1_000.0, at_least: false, id: 0 });
    Standing { capacity, busiest: 1.0, machine, growth: Some(0.0), now_ms: 0 }
}

fn rules(standing: &Standing) -> Vec<&'static str> {
    advise(standing).into_iter().map(|advice| advice.rule).collect()
}

#[test]
fn advice_about_load_goes_by_the_part_of_capacity_that_the_busiest_minute_used() {
    let of = |busiest| rules(&Standing { busiest, ..standing() })[0];
    let cases =
        [(0.0, "load_fine"), (299.0, "load_fine"), (300.0, "load_busy"), (699.0, "load_busy"), (700.0, "load_tight")];
    for (busiest, rule) in cases {
        assert_eq!(of(busiest), rule, "{busiest}");
    }
    assert_eq!(rules(&Standing { capacity: None, ..standing() })[0], "load_unknown");
    let days = |days: u64| rules(&Standing { now_ms: days * DAY * 1_000, ..standing() })[0];
    assert_eq!((days(90), days(91)), ("load_fine", "load_stale"));
    let said = &advise(&Standing { busiest: 30.0, ..standing() })[0];
    assert_eq!(said.text.en, "The busiest minute used 3 % of what this machine can do: nothing is to be done.");
    let little = &advise(&standing())[0].text;
    assert!(little.en.contains("less than 1 %") && little.zh.contains("不到 1 %"), "{little:?}");
}

#[test]
fn advice_about_the_disk_goes_by_what_is_free_and_how_fast_it_fills() {
    let of = |free: u64, growth| {
        let mut standing = Standing { growth, ..standing() };
        standing.machine.disk_free_bytes = free * GIB;
        rules(&standing)[1]
    };
    let gib = |bytes: f64| Some(bytes * GIB as f64);
    assert_eq!((of(9, None), of(9, gib(0.0))), ("disk_full", "disk_full"));
    assert_eq!(of(10, None), "disk_unknown");
    // Forty GiB until a tenth is left.
    assert_eq!((of(50, gib(1.4)), of(50, gib(1.3))), ("disk_soon", "disk_fine"));
    assert_eq!((of(50, gib(0.0)), of(50, gib(-3.0))), ("disk_still", "disk_still"));
    let said = &advise(&Standing { growth: gib(40.0 / 12.0), ..standing() })[1].text.en;
    assert!(said.contains("in 12 days"), "{said}");
}

#[test]
fn memory_is_spoken_of_only_where_it_is_short() {
    let of = |process, free| {
        let mut standing = standing();
        (standing.machine.process_bytes, standing.machine.memory_free_bytes) = (process, free);
        rules(&standing).get(2).copied()
    };
    assert_eq!(of(Some(GIB), Some(GIB)), None);
    assert_eq!(of(Some(8 * GIB * 80 / 100 + 1), Some(GIB)), Some("memory_tight"));
    assert_eq!(of(Some(GIB), Some(GIB / 2)), Some("memory_short"));
    assert_eq!(of(None, None), None, "what is not known is not spoken of");
}

#[test]
fn capacity_is_of_the_newest_test_that_went_to_the_limit() {
    let reached = |tests: &[LoadTest]| capacity(tests).map(|found| (found.per_second, found.at_least));
    assert_eq!(reached(&[]), None);
    let slow = test(9, Some(100), 95.0, LoadState::Done);
    let faster = test(8, Some(500), 500.0, LoadState::Done);
    assert_eq!(reached(&[slow.clone(), faster.clone()]), Some((500.0, true)), "the most that was asked for");
    let full = test(7, None, 4_000.0, LoadState::Done);
    let older = test(6, None, 9_000.0, LoadState::Done);
    let cut = test(10, None, 7_000.0, LoadState::Cancelled);
    assert_eq!(reached(&[cut, slow, faster, full, older]), Some((4_000.0, false)));
    let short = test(5, Some(1_000), 899.0, LoadState::Done);
    assert_eq!(reached(&[short]), Some((899.0, false)), "it could do no more");
    assert_eq!(reached(&[test(4, None, 0.0, LoadState::Done)]), None);
    let mut unfilled = test(3, None, 6_000.0, LoadState::Done);
    unfilled.measure.as_mut().unwrap().held_back = false;
    assert_eq!(reached(&[unfilled]), Some((6_000.0, true)), "the senders could do no more");
}

#[test]
fn growth_takes_a_day_to_be_known() {
    assert_eq!(growth(&[]), None);
    assert_eq!(growth(&[(0, 100)]), None);
    assert_eq!(growth(&[(0, 100), (DAY - 1, 200)]), None);
    assert_eq!(growth(&[(0, 100), (DAY, 900), (2 * DAY, 300)]), Some(100.0));
    assert_eq!(growth(&[(0, 300), (DAY, 100)]), Some(-200.0));
}
