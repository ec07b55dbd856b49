//! Public statements: what the house says to everybody, from a moment to a moment.
//!
//! **Invariant:** a statement has an end. Nobody has to remember to take it down.

use async_trait::async_trait;
use platform_index::{Column, Kind, Store, StoreError, Table, Value};
use serde::{Deserialize, Serialize};

use crate::playbook::Done;
use crate::words::Words;

/// Length of a text in one language, in characters.
pub(crate) const TEXT_MAX: usize = 500;

pub(crate) const STATEMENT: Table = Table {
    name: "ops_statement",
    kind: Kind::State,
    columns: &[Column::int("run"), Column::int("begins"), Column::text("body")],
    key: 1,
    indexes: &[],
};

/// What the house says to everybody. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The run that published it.
    pub run: u64,
    /// What it says, as plain text.
    pub text: Words,
    /// The incident it belongs to.
    pub incident: Option<u64>,
    /// From when on it is shown.
    pub begins: u64,
    /// Until when it is shown.
    pub ends: u64,
    /// Whether it was taken back before its end.
    pub withdrawn: bool,
}

impl Statement {
    /// Whether it is shown at a moment.
    #[must_use]
    pub const fn is_current(&self, now: u64) -> bool {
        self.begins <= now && now < self.ends
    }

    pub(crate) fn row(&self) -> Vec<Value> {
        let body = serde_json::to_string(self).unwrap_or_default();
        vec![self.run.into(), self.begins.into(), body.into()]
    }
}

/// Why a text can't be published, in words.
pub(crate) fn fault(text: &Words) -> Option<String> {
    let of = |language: &str, text: &str| {
        if text.trim().is_empty() {
            return Some(format!("the statement says nothing in {language}"));
        }
        if text.chars().count() > TEXT_MAX {
            return Some(format!("a statement has up to {TEXT_MAX} characters in {language}"));
        }
        let strange = text.chars().any(|letter| letter.is_control() && letter != '\n');
        strange.then(|| format!("the statement has control characters in {language}"))
    };
    of("English", &text.en).or_else(|| of("Chinese", &text.zh))
}

/// Statements, the newest first.
pub(crate) async fn statements(store: &Store, condition: &str, args: Vec<Value>) -> Result<Vec<Statement>, StoreError> {
    let rows = store.rows(&format!("SELECT body FROM ops_statement {condition}"), args).await?;
    let read = |text: String| {
        let shape = |_| StoreError::Shape { table: "ops_statement", what: "a body does not read" };
        serde_json::from_str(&text).map_err(shape)
    };
    rows.iter().map(|row| read(row.text(0)?)).collect()
}

/// Says things to everybody for one run of a playbook.
#[async_trait]
pub(crate) trait Herald: Send + Sync {
    /// Whether the run's statement is shown now.
    async fn stands(&self) -> Result<bool, String>;

    /// Publishes it.
    async fn publish(&self, text: &Words) -> Result<(), String>;

    /// Takes it back.
    async fn withdraw(&self) -> Result<(), String>;
}

/// Publishes a statement or takes it back, unless it is so already, and looks afterwards whether it is.
pub(crate) async fn make(wanted: bool, text: &Words, herald: &dyn Herald) -> Done {
    let step = if wanted { "statement" } else { "withdraw statement" };
    let mut done = Done { step: step.to_owned(), ..Done::default() };
    let outcome = async {
        if herald.stands().await? == wanted {
            return Ok((true, true));
        }
        match fault(text) {
            Some(fault) if wanted => return Err(fault),
            _ if wanted => herald.publish(text).await?,
            _ => herald.withdraw().await?,
        }
        Ok((false, herald.stands().await? == wanted))
    };
    match outcome.await {
        Ok((already, verified)) => (done.already, done.verified) = (already, verified),
        Err(failure) => done.failure = Some(failure),
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(en: &str, zh: &str) -> Words {
        Words { en: en.to_owned(), zh: zh.to_owned() }
    }

    #[test]
    fn a_statement_says_something_short_in_both_languages() {
        assert_eq!(fault(&words("We look into it.\nMore at noon.", "我们正在查。")), None);
        for (wrong, why) in [
            (words("x", " "), "Chinese"),
            (words("", "x"), "English"),
            (words(&"x".repeat(TEXT_MAX + 1), "x"), "500"),
            (words("a\u{7}b", "x"), "control"),
        ] {
            assert!(fault(&wrong).is_some_and(|fault| fault.contains(why)), "{wrong:?}");
        }
        assert_eq!(fault(&words("x", &"字".repeat(TEXT_MAX))), None, "characters are counted, not bytes");
    }

    #[test]
    fn it_is_shown_from_its_beginning_to_before_its_end() {
        let statement =
            Statement { run: 1, text: words("a", "b"), incident: None, begins: 10, ends: 20, withdrawn: false };
        let shown: Vec<bool> = [9, 10, 19, 20].into_iter().map(|now| statement.is_current(now)).collect();
        assert_eq!(shown, [false, true, true, false]);
    }
}
