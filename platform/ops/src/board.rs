//! How drills went, each time they were played: whoever is asked whether the watch would find an attack can say when it
//! last did.

use platform_index::{Column, Kind, Store, StoreError, Table};
use serde::Serialize;
use utoipa::ToSchema;

use crate::drill::{Score, scenarios};
use crate::words::Words;
use platform_api::calendar::rfc3339;

/// Results that are kept of each drill.
const KEPT: u64 = 100;

pub(crate) const DRILL: Table = Table {
    name: "ops_drill",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::int("at"), Column::text("body")],
    key: 2,
    indexes: &[],
};

/// A drill, and how it went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsDrill)]
pub(crate) struct DrillView {
    /// Its name in commands.
    pub(crate) id: String,
    /// What is played.
    pub(crate) title: Words,
    /// What happens in it.
    pub(crate) story: Words,
    /// The rule that must find it.
    pub(crate) rule: String,
    /// The last times it was played, the newest first; ten at most.
    pub(crate) played: Vec<PlayedView>,
}

/// How a drill went once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsDrillPlayed)]
pub(crate) struct PlayedView {
    /// When.
    pub(crate) at: String,
    /// How it went.
    #[serde(flatten)]
    pub(crate) score: Score,
}

/// Keeps how drills went at `at`, in seconds since 1970. The house may be open.
///
/// # Errors
/// A store error.
pub async fn keep_scores(store: &Store, scores: &[Score], at: u64) -> Result<(), StoreError> {
    store.create(&[DRILL]).await?;
    let mut unit = store.exclusive().await?;
    for score in scores {
        let body = serde_json::to_string(score).unwrap_or_default();
        unit.put(&DRILL, vec![score.name.as_str().into(), at.into(), body.into()]).await?;
        let old = "DELETE FROM ops_drill WHERE name = $1 AND at <= \
                   (SELECT at FROM ops_drill WHERE name = $2 ORDER BY at DESC LIMIT 1 OFFSET $3)";
        unit.execute(old, vec![score.name.as_str().into(), score.name.as_str().into(), KEPT.into()]).await?;
    }
    unit.commit().await
}

/// Every drill that ships, with its last results.
pub(crate) async fn board(store: &Store) -> Result<Vec<DrillView>, StoreError> {
    let mut board = Vec::new();
    for scenario in scenarios().unwrap_or_default() {
        let sql = "SELECT at, body FROM ops_drill WHERE name = $1 ORDER BY at DESC LIMIT 10";
        let rows = store.rows(sql, vec![scenario.id.as_str().into()]).await?;
        let mut played = Vec::new();
        for row in rows {
            // A result of another version, which this one can't read, is left out.
            if let Ok(score) = serde_json::from_str(&row.text(1)?) {
                played.push(PlayedView { at: rfc3339(row.number(0)?), score });
            }
        }
        let (id, title, story, rule) = (scenario.id, scenario.title, scenario.story, scenario.rule);
        board.push(DrillView { id, title, story, rule, played });
    }
    Ok(board)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(name: &str, contained: bool) -> Score {
        Score {
            name: name.to_owned(),
            detected: true,
            rule: Some("settled-twice".to_owned()),
            blocks_to_detect: Some(0),
            seconds_to_detect: Some(0.25),
            contained,
            seconds_to_contain: contained.then_some(1.5),
            loss_without: 10.0,
            loss_with: 0.0,
            blocks_to_contain: None,
            playbook: None,
        }
    }

    #[tokio::test]
    async fn the_last_results_are_shown_and_old_ones_go() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("index.sqlite").display());
        let store = Store::open(&url).await.unwrap();
        for at in 1..=KEPT + 5 {
            keep_scores(&store, &[score("reentrancy", at != 7)], at).await.unwrap();
        }
        keep_scores(&store, &[score("flash-vote", false)], 9).await.unwrap();
        let kept = store.int("SELECT COUNT(*) FROM ops_drill WHERE name = 'reentrancy'", vec![]).await.unwrap();
        assert_eq!(u64::try_from(kept).unwrap(), KEPT);
        let board = board(&store).await.unwrap();
        assert_eq!(board.len(), scenarios().unwrap().len(), "every drill stands on the board, played or not");
        let of = |id: &str| board.iter().find(|drill| drill.id == id).unwrap();
        assert_eq!(of("reentrancy").played.len(), 10);
        assert_eq!(of("reentrancy").played[0].at, rfc3339(KEPT + 5));
        assert!(!of("flash-vote").played[0].score.contained);
        assert!(of("stolen-admin-key").played.is_empty());
    }
}
