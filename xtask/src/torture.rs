//! `cargo xtask torture`: the fault tests, in the counts that they are meant
//! for. Each is a test that a plain test run has too, with small counts.

use crate::tools::{cargo_tool, run_with};
use anyhow::{Context, bail, ensure};

/// Groups and the tests that they are.
const GROUPS: &[(&str, &str)] = &[
    ("kill", "package(guildhall) & test(torture::kills)"),
    ("torn-tail", "package(ledger-state) & test(torture::torn)"),
    ("flips-log", "package(ledger-state) & test(flips_in_the_log)"),
    ("flips-checkpoint", "package(ledger-state) & test(flips_in_the_checkpoint)"),
    ("power-loss", "package(ledger-state) & test(torture::power)"),
    ("disk-errors", "package(ledger-state) & test(/^disk::/)"),
    ("second-process", "package(ledger-state) & test(a_second_opening)"),
    ("trie", "package(ledger-state) & test(torture::tries)"),
    ("history", "package(guildhall) & test(torture::history)"),
    ("incidents", "package(guildhall) & test(torture::incidents)"),
];

#[derive(Default)]
struct Wanted {
    full: bool,
    seed: Option<String>,
    cases: Option<String>,
    group: Option<String>,
}

/// Runs the groups that `arguments` ask for.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let wanted = parse(arguments)?;
    let filter = match &wanted.group {
        Some(name) => {
            let (_, filter) = GROUPS.iter().find(|(group, _)| group == name).with_context(|| {
                let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
                format!("there is no group {name}; there are {}", names.join(", "))
            })?;
            (*filter).to_owned()
        }
        None => GROUPS.iter().map(|(_, filter)| format!("({filter})")).collect::<Vec<_>>().join(" | "),
    };
    let mut environment = Vec::new();
    if wanted.full {
        environment.push(("GUILDHALL_TORTURE_FULL", "1"));
    }
    if let Some(seed) = &wanted.seed {
        environment.push(("GUILDHALL_TORTURE_SEED", seed.as_str()));
    }
    if let Some(cases) = &wanted.cases {
        environment.push(("GUILDHALL_TORTURE_CASES", cases.as_str()));
    }
    let nextest = cargo_tool("cargo-nextest", "0.9.143")?;
    let arguments = [
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
        "--success-output",
        "final",
        "--status-level",
        "pass",
        "-E",
        &filter,
    ];
    run_with(".", &nextest.to_string_lossy(), &arguments, &environment)
}

fn parse(arguments: &[String]) -> anyhow::Result<Wanted> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--full" => wanted.full = true,
            "--seed" => wanted.seed = Some(number(value()?)?),
            "--cases" => wanted.cases = Some(number(value()?)?),
            "--group" => wanted.group = Some(value()?),
            other => bail!("{other} is not a flag of torture: use --full, --seed S, --cases N, --group NAME"),
        }
    }
    Ok(wanted)
}

fn number(text: String) -> anyhow::Result<String> {
    ensure!(text.parse::<u64>().is_ok(), "{text} is not a number");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_are_read_and_nonsense_is_refused() {
        let wanted = parse(&words("--full --seed 7 --group kill --cases 1")).unwrap();
        assert!(wanted.full && wanted.seed.unwrap() == "7" && wanted.cases.unwrap() == "1");
        assert_eq!(wanted.group.unwrap(), "kill");
        for nonsense in ["--seed", "--seed x", "--fast"] {
            assert!(parse(&words(nonsense)).is_err(), "{nonsense}");
        }
        assert!(run(&words("--group nothing")).unwrap_err().to_string().contains("there are kill, torn-tail"));
    }
}
