//! Wire types of public statements.

use platform_api::calendar::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use crate::statement::Statement;
use crate::words::Words;

/// What the house says to everybody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsStatement)]
pub(crate) struct StatementView {
    /// Its number: that of the measure that published it.
    pub(crate) id: u64,
    /// What it says, as plain text.
    pub(crate) text: Words,
    /// From when on it is shown.
    pub(crate) begins: String,
    /// Until when it is shown.
    pub(crate) ends: String,
    /// Whether it is shown now.
    pub(crate) current: bool,
    /// Whether it was taken back before its end.
    pub(crate) withdrawn: bool,
}

impl StatementView {
    pub(crate) fn of(statement: Statement, now: u64) -> Self {
        Self {
            id: statement.run,
            current: statement.is_current(now),
            begins: rfc3339(statement.begins),
            ends: rfc3339(statement.ends),
            withdrawn: statement.withdrawn,
            text: statement.text,
        }
    }
}
