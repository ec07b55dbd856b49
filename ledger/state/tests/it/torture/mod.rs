//! Faults, many times, from seeds. `cargo xtask torture` sets the counts; a
//! plain test run uses small ones. A failure says how to replay it.

mod flips;
mod model_disk;
mod power;
mod torn;
mod tries;

use std::{env, panic, time::Instant};

/// Runs `case` for each seed of a group, `reduced` or `full` many.
fn each_seed(group: &str, reduced: u64, full: u64, mut case: impl FnMut(u64)) {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let count = if env::var_os("GUILDHALL_TORTURE_FULL").is_some() { full } else { reduced };
    let count = number("GUILDHALL_TORTURE_CASES").unwrap_or(count);
    let first = number("GUILDHALL_TORTURE_SEED").unwrap_or(1);
    let started = Instant::now();
    for seed in first..first + count {
        let result = panic::catch_unwind(panic::AssertUnwindSafe(|| case(seed)));
        if let Err(reason) = result {
            eprintln!("replay with: cargo xtask torture --group {group} --seed {seed} --cases 1");
            panic::resume_unwind(reason);
        }
    }
    eprintln!("torture: {group}: {count} cases from seed {first} in {:.1?}", started.elapsed());
}
