//! How audits of the house went: what was looked at, found and decided, for those who did not run them.

use platform_api::calendar::rfc3339;
use platform_index::{Column, Kind, Store, StoreError, Table};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::Words;

/// Results that are kept.
const KEPT: u64 = 50;

pub(crate) const AUDIT: Table = Table {
    name: "ops_audit",
    kind: Kind::State,
    columns: &[Column::int("at"), Column::text("body")],
    key: 1,
    indexes: &[],
};

/// What an audit looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpsAudit)]
pub struct AuditReport {
    /// Keccak-256 of the sources that were compiled, by path; nothing where only rights were looked at.
    pub digest: Option<String>,
    /// What was looked at, in English.
    pub checked: Vec<String>,
    /// What could not be looked at, and why, in English.
    pub unchecked: Vec<String>,
    /// What was found, the worst first.
    pub findings: Vec<AuditFinding>,
    /// Decisions about what is found no more.
    pub gone: Vec<AuditGone>,
}

/// Something that an audit found, beside what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpsAuditFinding)]
pub struct AuditFinding {
    /// Sixteen hex digits by which it is known again.
    pub id: String,
    /// Which detector found it; `tool/rule` for those of another tool.
    pub detector: String,
    /// `INFO`, `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`.
    pub severity: String,
    /// Contract and function, or what it is about.
    pub subject: String,
    /// The file, or nothing.
    pub file: String,
    /// The line, from one; 0 where there is none.
    pub line: u64,
    /// What is wrong.
    pub message: Words,
    /// What to do about it.
    pub advice: Words,
    /// `open`, `confirmed`, `fixed`, `verified`, `accepted` or `false_positive`.
    pub state: String,
    /// Whether something is still to be done: nobody has decided, it is to be mended, or it can't stay as it is.
    pub open: bool,
    /// Whether it can't stay as it is: no decision above LOW, an acceptance that expired, or found again.
    pub fault: bool,
    /// Who answers for the decision.
    pub owner: Option<String>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// Until which day it is accepted.
    pub expires: Option<String>,
}

/// A decision about something that is found no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpsAuditGone)]
pub struct AuditGone {
    /// Its detector.
    pub detector: String,
    /// Contract and function.
    pub subject: String,
    /// `verified` where it was mended; what else was decided where the decision can go.
    pub state: String,
}

/// An audit that was run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsAuditRun)]
pub(crate) struct AuditView {
    /// When.
    pub(crate) at: String,
    /// How it went.
    #[serde(flatten)]
    pub(crate) report: AuditReport,
}

/// Keeps how an audit went at `at`, in seconds since 1970. The house may be open.
///
/// # Errors
/// A store error.
pub async fn keep_audit(store: &Store, report: &AuditReport, at: u64) -> Result<(), StoreError> {
    store.create(&[AUDIT]).await?;
    let mut unit = store.exclusive().await?;
    let body = serde_json::to_string(report).unwrap_or_default();
    unit.put(&AUDIT, vec![at.into(), body.into()]).await?;
    let old = "DELETE FROM ops_audit WHERE at <= (SELECT at FROM ops_audit ORDER BY at DESC LIMIT 1 OFFSET $1)";
    unit.execute(old, vec![KEPT.into()]).await?;
    unit.commit().await
}

/// The newest audit; where it looked at no code, the newest that did beside it.
pub(crate) async fn audits(store: &Store) -> Result<Vec<AuditView>, StoreError> {
    let mut shown: Vec<AuditView> = Vec::new();
    for row in store.rows("SELECT at, body FROM ops_audit ORDER BY at DESC", vec![]).await? {
        // A result of another version, which this one can't read, is left out.
        let Ok(report) = serde_json::from_str::<AuditReport>(&row.text(1)?) else { continue };
        if shown.is_empty() || report.digest.is_some() {
            shown.push(AuditView { at: rfc3339(row.number(0)?), report });
        }
        if shown.last().is_some_and(|newest| newest.report.digest.is_some()) {
            break;
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(digest: Option<&str>) -> AuditReport {
        AuditReport { digest: digest.map(str::to_owned), checked: vec!["rights".to_owned()], ..AuditReport::default() }
    }

    #[tokio::test]
    async fn the_newest_is_shown_with_the_newest_of_the_code() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", directory.path().join("index.sqlite").display())).await.unwrap();
        store.create(&[AUDIT]).await.unwrap();
        assert!(audits(&store).await.unwrap().is_empty());
        let shown = async || -> Vec<(String, Option<String>)> {
            audits(&store).await.unwrap().into_iter().map(|one| (one.at, one.report.digest)).collect()
        };
        for (at, digest) in [(1, Some("a")), (2, Some("b")), (3, None), (4, None)] {
            keep_audit(&store, &of(digest), at).await.unwrap();
        }
        assert_eq!(shown().await, [(rfc3339(4), None), (rfc3339(2), Some("b".to_owned()))]);
        keep_audit(&store, &of(Some("c")), 5).await.unwrap();
        assert_eq!(shown().await, [(rfc3339(5), Some("c".to_owned()))]);
        for at in 6..=KEPT + 9 {
            keep_audit(&store, &of(None), at).await.unwrap();
        }
        let kept = store.int("SELECT COUNT(*) FROM ops_audit", vec![]).await.unwrap();
        assert_eq!(u64::try_from(kept).unwrap(), KEPT);
    }
}
