//! What is kept: the last load tests, and how large the data directory was.

use platform_index::{Column, Kind, Store, StoreError, Table};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::range::{LoadMeasure, LoadPlan};

/// Load tests that are kept.
const KEPT: u64 = 20;
/// For how long sizes are kept, in seconds.
const SIZES_KEPT: u64 = 31 * 86_400;

pub(super) const LOAD_TEST: Table = Table {
    name: "ops_load_test",
    kind: Kind::State,
    columns: &[Column::int("id"), Column::text("body")],
    key: 1,
    indexes: &[],
};

pub(super) const SIZE: Table = Table {
    name: "ops_directory_size",
    kind: Kind::State,
    columns: &[Column::int("at"), Column::int("bytes")],
    key: 1,
    indexes: &[],
};

/// How a load test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpsLoadState)]
pub enum LoadState {
    /// It runs; one that the program was stopped in stays so.
    Running,
    /// It came to its end.
    Done,
    /// Somebody ended it.
    Cancelled,
    /// It could not be played to its end.
    Failed,
}

/// A load test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadTest {
    /// When it was begun, in milliseconds since 1970: by this it is known.
    pub id: u64,
    /// Who began it.
    pub by: String,
    /// What it was to do.
    pub plan: LoadPlan,
    /// How it stands.
    pub state: LoadState,
    /// Why it failed.
    pub why: Option<String>,
    /// What was measured.
    pub measure: Option<LoadMeasure>,
}

/// Keeps a load test, and lets the oldest go.
pub(super) async fn keep(store: &Store, test: &LoadTest) -> Result<(), StoreError> {
    let body = serde_json::to_string(test).unwrap_or_default();
    store.put(&LOAD_TEST, vec![test.id.into(), body.into()]).await?;
    let old = "DELETE FROM ops_load_test WHERE id <= (SELECT id FROM ops_load_test ORDER BY id DESC LIMIT 1 OFFSET $1)";
    store.execute(old, vec![KEPT.into()]).await?;
    Ok(())
}

/// The load tests that are kept, the newest first.
pub(super) async fn tests(store: &Store) -> Result<Vec<LoadTest>, StoreError> {
    let rows = store.rows("SELECT body FROM ops_load_test ORDER BY id DESC", vec![]).await?;
    // What another version kept and this one can't read is left out.
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.text(0).ok()?).ok()).collect())
}

/// Keeps how large the data directory is at `at`, in seconds since 1970.
pub(super) async fn keep_size(store: &Store, at: u64, bytes: u64) -> Result<(), StoreError> {
    store.put(&SIZE, vec![at.into(), bytes.into()]).await?;
    store.execute("DELETE FROM ops_directory_size WHERE at < $1", vec![at.saturating_sub(SIZES_KEPT).into()]).await?;
    Ok(())
}

/// Sizes since `from`, the oldest first: when, and how many bytes.
pub(super) async fn sizes(store: &Store, from: u64) -> Result<Vec<(u64, u64)>, StoreError> {
    let rows =
        store.rows("SELECT at, bytes FROM ops_directory_size WHERE at >= $1 ORDER BY at", vec![from.into()]).await?;
    rows.iter().map(|row| Ok((row.number(0)?, row.number(1)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_tests_are_kept_and_old_sizes_go() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", directory.path().join("house.db").display())).await.unwrap();
        store.create(&[LOAD_TEST, SIZE]).await.unwrap();
        let mut test = LoadTest {
            id: 0,
            by: "a test".to_owned(),
            plan: LoadPlan { seconds: 5, rate: None },
            state: LoadState::Running,
            why: None,
            measure: None,
        };
        for id in 1..=KEPT + 3 {
            test.id = id;
            keep(&store, &test).await.unwrap();
        }
        test.state = LoadState::Done;
        test.measure = Some(LoadMeasure { committed: 7, each_second: vec![3, 4], ..LoadMeasure::default() });
        keep(&store, &test).await.unwrap();
        let kept = tests(&store).await.unwrap();
        assert_eq!(u64::try_from(kept.len()).unwrap(), KEPT);
        assert_eq!((&kept[0], kept[KEPT as usize - 1].id), (&test, 4));

        keep_size(&store, 10, 100).await.unwrap();
        keep_size(&store, 3_610, 200).await.unwrap();
        assert_eq!(sizes(&store, 0).await.unwrap(), [(10, 100), (3_610, 200)]);
        keep_size(&store, SIZES_KEPT + 11, 300).await.unwrap();
        assert_eq!(sizes(&store, 0).await.unwrap(), [(3_610, 200), (SIZES_KEPT + 11, 300)]);
    }
}
