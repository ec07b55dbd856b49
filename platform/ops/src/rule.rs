//! Rules: what counts as worth telling somebody, written in YAML with a CEL expression.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, keccak256};
use cel::Program;
use serde::{Deserialize, Serialize};

use crate::fixture::Fixture;
use crate::words::Words;

/// An expression's characters at most: evaluating takes time in proportion.
const EXPRESSION_MAX: usize = 2_000;

/// What goes through a list. One within another takes time in proportion to a power of the list's length.
const LOOPS: &[&str] = &[".all(", ".exists(", ".exists_one(", ".existsOne(", ".map(", ".filter("];
const LOOPS_MAX: usize = 3;

/// How bad: from P1, which wakes people up, to P5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Money is being lost.
    P1,
    /// Money may be lost.
    P2,
    /// Customers notice.
    P3,
    /// Somebody should look.
    P4,
    /// Good to know.
    P5,
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
            Self::P5 => "P5",
        }
    }
}

/// What a rule is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum On {
    /// Each event with one of these names, of one of these contracts; of any that is watched where there are none.
    Event {
        /// Contracts, as the register names them.
        #[serde(default)]
        contracts: Vec<String>,
        /// Events.
        names: Vec<String>,
    },
    /// Each block, with the answers of `reads`.
    Block,
    /// The passing of time, with the house's vitals.
    Time,
}

/// A view of a contract, asked in the state after each block.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The contract, as the register names it.
    pub contract: String,
    /// The view, such as `balanceOf(address)`. It answers one unsigned integer.
    pub call: String,
    /// Its arguments; `@Name` is that contract's address.
    #[serde(default)]
    pub args: Vec<String>,
}

/// What is done by itself when the rule fires.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Which playbook.
    pub playbook: String,
    /// Its parameters; `$contract` is the signal's contract and `$name` its argument of that name.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// A rule as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in files, commands and addresses.
    pub id: String,
    /// Counts up with each change.
    pub version: u32,
    /// What it says when it fires.
    pub title: Words,
    /// How bad that is.
    pub severity: Severity,
    /// Which role looks after it.
    pub owner: String,
    /// What it is asked about.
    pub on: On,
    /// Views it wants answered.
    #[serde(default)]
    pub reads: BTreeMap<String, Read>,
    /// Thresholds by name.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Seconds over which `recent` and `total` count.
    #[serde(default)]
    pub window: u64,
    /// The argument that `total` adds up.
    #[serde(default)]
    pub sum: Option<String>,
    /// Seconds for which the expression must hold before it fires.
    #[serde(default, rename = "for")]
    pub hold: u64,
    /// Which events count at all; every one where there is nothing.
    #[serde(default)]
    pub when: Option<String>,
    /// Arguments by which what fires is told apart, and counted.
    #[serde(default)]
    pub group: Vec<String>,
    /// True when there is something to tell.
    pub expr: String,
    /// What is done by itself.
    #[serde(default)]
    pub response: Option<Response>,
    /// What a person does.
    pub runbook: Words,
    /// Whether it only writes down what it would have told.
    #[serde(default)]
    pub shadow: bool,
    /// What shows that it works.
    pub tests: Vec<Fixture>,
}

/// A rule that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The file is not a rule.
    #[error("{file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// Two rules have one name.
    #[error("two rules are called {id}: give one of them another id")]
    Twice {
        /// The name.
        id: String,
    },
}

/// A rule ready to be asked.
#[derive(Debug)]
pub struct Compiled {
    /// The rule.
    pub rule: Rule,
    /// Keccak-256 of its file.
    pub digest: B256,
    /// Its file.
    pub text: String,
    pub(crate) program: Program,
    pub(crate) when: Option<Program>,
    /// Names its expression mentions, so that nothing else is worked out.
    pub(crate) uses: BTreeSet<String>,
}

impl Compiled {
    /// Reads a rule from the text of `file`.
    ///
    /// # Errors
    /// [`RuleError::Unreadable`], with what is wrong.
    pub fn read(file: &str, text: &str) -> Result<Self, RuleError> {
        let refuse = |reason: String| RuleError::Unreadable { file: file.to_owned(), reason };
        let rule: Rule = serde_saphyr::from_str(text).map_err(|error| refuse(error.to_string()))?;
        if rule.expr.len().max(rule.when.as_ref().map_or(0, String::len)) > EXPRESSION_MAX {
            return Err(refuse(format!("an expression is longer than {EXPRESSION_MAX} characters")));
        }
        for text in std::iter::once(&rule.expr).chain(&rule.when) {
            if LOOPS.iter().map(|call| text.matches(call).count()).sum::<usize>() > LOOPS_MAX {
                return Err(refuse(format!("an expression goes through lists more than {LOOPS_MAX} times")));
            }
        }
        if rule.title.zh.is_empty() || rule.runbook.zh.is_empty() {
            return Err(refuse("title and runbook are wanted in both languages".to_owned()));
        }
        if rule.hold > 0 && matches!(rule.on, On::Event { .. }) {
            return Err(refuse("an event is over at once: `for` goes with block and time".to_owned()));
        }
        let compile = |text: &str| Program::compile(text).map_err(|error| refuse(format!("{text}: {error}")));
        let program = compile(&rule.expr)?;
        let when = rule.when.as_deref().map(compile).transpose()?;
        let named = |program: &Program| -> BTreeSet<String> {
            program.references().variables().into_iter().map(str::to_owned).collect()
        };
        let mut uses = named(&program);
        uses.extend(when.iter().flat_map(named));
        let unknown = uses.iter().find(|name| !KNOWN.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(refuse(format!("expr knows {}, not {name}", KNOWN.join(", "))));
        }
        for kind in ["firing", "quiet", "reorg"] {
            if rule.tests.iter().all(|test| test.kind() != kind) {
                return Err(refuse(format!("there is no {kind} test")));
            }
        }
        Ok(Self { digest: keccak256(text.as_bytes()), text: text.to_owned(), program, when, uses, rule })
    }
}

/// What an expression may name.
const KNOWN: &[&str] = &["signal", "reads", "settings", "recent", "total", "ticketed", "vitals", "block"];

/// Makes sure that no two rules share a name.
///
/// # Errors
/// [`RuleError::Twice`].
pub(crate) fn distinct(rules: Vec<Compiled>) -> Result<Vec<Compiled>, RuleError> {
    let mut seen = BTreeSet::new();
    for rule in &rules {
        if !seen.insert(rule.rule.id.clone()) {
            return Err(RuleError::Twice { id: rule.rule.id.clone() });
        }
    }
    Ok(rules)
}
