//! Revisions of rules that people write in the console: tried on past blocks, put on trial beside what is in force, and in
//! force once a second person agreed.

use alloy_primitives::{B256, keccak256};
use platform_index::{Column, Kind, Row, Store, StoreError, Table, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::records::{Unit, now_ms};
use crate::rule::{Compiled, RuleError};

pub(crate) const REVISION: Table = Table {
    name: "ops_rule",
    kind: Kind::State,
    columns: &[Column::int("id"), Column::text("rule"), Column::text("state"), Column::text("body")],
    key: 1,
    indexes: &[("ops_rule_rule", "rule")],
};

/// Characters of a rule's text at most.
pub(crate) const TEXT_MAX: usize = 20_000;
const REASON_MAX: usize = 500;
/// Parts a revision on trial from the rule it would replace, so that both can find the same.
const ON_TRIAL: char = '~';

/// Where a revision is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// It passed its tests and was tried on past blocks. It is not asked.
    Backtested,
    /// It is asked, beside what is in force, and only writes down what it would have told.
    Shadow,
    /// It is in force.
    Active,
    /// Its rule is not asked at all.
    Paused,
    /// It was in force. What comes with the program counts again, where there is such a rule.
    Retired,
    /// It never was.
    Withdrawn,
}

impl RevisionState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backtested => "backtested",
            Self::Shadow => "shadow",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Retired => "retired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it decides what its rule is.
    #[must_use]
    pub const fn decides(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

/// A rule as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number.
    pub id: u64,
    /// The rule it is of.
    pub rule: String,
    /// The rule's file. It never changes: whoever agrees agrees to this.
    pub text: String,
    /// Why.
    pub reason: String,
    /// Where it is in its life.
    pub state: RevisionState,
    /// Who wrote it.
    pub author: String,
    /// Who else agreed, by putting it in force.
    pub approved_by: Option<String>,
    /// When it was written, in milliseconds since 1970.
    pub opened_ms: u64,
    /// When it was last moved on.
    pub changed_ms: u64,
    /// The blocks it was tried on, and how often it would have fired in them.
    pub tried: Option<(u64, u64, u64)>,
}

impl Revision {
    /// A new one.
    ///
    /// # Errors
    /// What is wrong with the reason, in words.
    pub(crate) fn new(id: u64, rule: &Compiled, reason: &str, state: RevisionState, by: &str) -> Result<Self, String> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(format!("say why, in 1 to {REASON_MAX} characters"));
        }
        let now = now_ms();
        Ok(Self {
            id,
            rule: rule.rule.id.clone(),
            text: rule.text.clone(),
            reason: reason.to_owned(),
            state,
            author: by.to_owned(),
            approved_by: None,
            opened_ms: now,
            changed_ms: now,
            tried: None,
        })
    }

    /// Moves it on.
    ///
    /// # Errors
    /// Why it may not, in words.
    pub(crate) fn move_to(&mut self, to: RevisionState, by: &str) -> Result<(), String> {
        use RevisionState::{Active, Backtested, Paused, Retired, Shadow, Withdrawn};
        match (self.state, to) {
            (Backtested | Shadow, Active) => {
                if self.author == by {
                    return Err("whoever wrote a rule does not put it in force: somebody else must".to_owned());
                }
                self.approved_by = Some(by.to_owned());
            }
            // Written by nobody: it was only switched off.
            (Paused, Active) if self.approved_by.is_none() => {
                return Err("this rule was only paused: retire the pause".to_owned());
            }
            (Backtested, Shadow)
            | (Backtested | Shadow, Withdrawn)
            | (Active, Paused)
            | (Paused, Active)
            | (Active | Paused, Retired) => {}
            (from, to) => return Err(format!("this revision is {}, and can't become {}", from.name(), to.name())),
        }
        (self.state, self.changed_ms) = (to, now_ms());
        Ok(())
    }

    /// Keccak-256 of its text.
    #[must_use]
    pub fn digest(&self) -> B256 {
        keccak256(self.text.as_bytes())
    }

    /// What the log says of it.
    pub(crate) fn entry(&self) -> Json {
        json!({
            "revision": self.id, "rule": self.rule, "state": self.state.name(), "digest": self.digest(),
            "author": self.author, "approved_by": self.approved_by, "reason": self.reason, "tried": self.tried,
        })
    }

    /// The rule, ready to be asked. One on trial goes by a name of its own, and tells nobody.
    ///
    /// # Errors
    /// [`RuleError`].
    pub(crate) fn compiled(&self) -> Result<Compiled, RuleError> {
        let mut compiled = Compiled::read(&format!("revision {}", self.id), &self.text)?;
        if self.state == RevisionState::Shadow {
            compiled.rule.id = format!("{}{ON_TRIAL}{}", self.rule, self.id);
            compiled.rule.shadow = true;
        }
        Ok(compiled)
    }
}

impl Unit {
    pub(crate) fn revision(&mut self, revision: &Revision) {
        let body = serde_json::to_string(revision).unwrap_or_default();
        let row: Vec<Value> =
            vec![revision.id.into(), revision.rule.clone().into(), revision.state.name().into(), body.into()];
        self.row(&REVISION, row);
    }
}

/// Revisions of a store, by the end of a query.
pub(crate) async fn revisions(store: &Store, condition: &str, args: Vec<Value>) -> Result<Vec<Revision>, StoreError> {
    let rows = store.rows(&format!("SELECT body FROM ops_rule {condition}"), args).await?;
    let read = |row: &Row| {
        serde_json::from_str(&row.text(0)?)
            .map_err(|_| StoreError::Shape { table: "ops_rule", what: "a body does not read" })
    };
    rows.iter().map(read).collect()
}

/// Whether a name is one for rules: what addresses and files take.
pub(crate) fn is_name(id: &str) -> bool {
    (1..=60).contains(&id.len())
        && id.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use RevisionState::{Active, Backtested, Paused, Retired, Shadow, Withdrawn};

    fn revision() -> Revision {
        let rule = crate::rules(&[]).unwrap().swap_remove(0);
        Revision::new(7, &rule, "quieter", Backtested, "ann").unwrap()
    }

    #[test]
    fn a_second_person_puts_it_in_force() {
        let mut revision = revision();
        assert!(revision.move_to(Active, "ann").unwrap_err().contains("somebody else"));
        revision.move_to(Shadow, "ann").unwrap();
        let on_trial = revision.compiled().unwrap().rule;
        assert!(on_trial.shadow && on_trial.id == format!("{}~7", revision.rule));
        assert!(revision.move_to(Active, "ann").is_err());
        revision.move_to(Active, "ben").unwrap();
        assert_eq!(revision.approved_by.as_deref(), Some("ben"));
        assert_eq!(revision.compiled().unwrap().rule.id, revision.rule);
        revision.move_to(Paused, "ann").unwrap();
        revision.move_to(Active, "ann").unwrap();
        revision.move_to(Retired, "ann").unwrap();
        for to in [Backtested, Shadow, Active, Paused, Withdrawn] {
            assert!(revision.move_to(to, "ben").is_err(), "{to:?}");
        }
    }

    #[test]
    fn what_was_only_paused_is_not_put_in_force_by_one() {
        let mut revision = Revision { state: Paused, ..revision() };
        assert!(revision.move_to(Active, "ann").is_err());
        assert!(revision.move_to(Active, "ben").is_err());
        revision.move_to(Retired, "ann").unwrap();
    }

    #[test]
    fn a_reason_and_a_name_are_wanted() {
        let rule = crate::rules(&[]).unwrap().swap_remove(0);
        assert!(Revision::new(1, &rule, " ", Backtested, "ann").is_err());
        assert!(is_name("supply-breach") && !is_name("supply~3") && !is_name("") && !is_name("Ä"));
    }
}
