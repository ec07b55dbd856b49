//! Load tests as the desk runs them: one at a time, within limits, kept and told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use platform_index::Store;
use platform_ops::{
    BeginError, CapacityDesk, LoadControl, LoadMeasure, LoadPlan, LoadProgress, LoadRange, LoadState, Machine, Phase,
};
use serde_json::json;

use crate::house::House;

const PLAN: LoadPlan = LoadPlan { seconds: 5, rate: None };
const ROOMY: Machine = Machine {
    disk_bytes: 1_000,
    disk_free_bytes: 100,
    directory_bytes: 7,
    process_bytes: None,
    memory_bytes: None,
    memory_free_bytes: None,
    processors: 1,
};

/// Plays until it is cancelled, or told how it ends.
struct Stage {
    machine: Mutex<Machine>,
    outcome: tokio::sync::Mutex<tokio::sync::mpsc::Receiver<Result<LoadMeasure, String>>>,
}

#[async_trait]
impl LoadRange for Stage {
    async fn play(&self, _: LoadPlan, control: Arc<LoadControl>) -> Result<LoadMeasure, String> {
        control.show(LoadProgress { phase: Phase::Sending, sent: 3, ..LoadProgress::default() });
        let mut outcome = self.outcome.lock().await;
        tokio::select! {
            said = outcome.recv() => said.unwrap(),
            () = control.cancelled() => Ok(LoadMeasure { committed: 2, ..LoadMeasure::default() }),
        }
    }

    fn machine(&self) -> std::io::Result<Machine> {
        Ok(*self.machine.lock().unwrap())
    }

    fn now(&self) -> u64 {
        1_800_000_000
    }
}

struct Bench {
    desk: CapacityDesk,
    stage: Arc<Stage>,
    end: tokio::sync::mpsc::Sender<Result<LoadMeasure, String>>,
    house: Arc<platform_ops::Watch>,
    store: Store,
    _directory: tempfile::TempDir,
}

impl Bench {
    async fn set() -> Self {
        let House { watch, store, directory, .. } = House::open().await;
        let (end, outcome) = tokio::sync::mpsc::channel(1);
        let stage = Arc::new(Stage { machine: Mutex::new(ROOMY), outcome: tokio::sync::Mutex::new(outcome) });
        let house = Arc::new(watch);
        let range = Arc::clone(&stage) as Arc<dyn LoadRange>;
        let desk = CapacityDesk::open(Arc::clone(&house), store.clone(), range).await.unwrap();
        Self { desk, stage, end, house, store, _directory: directory }
    }

    async fn until_idle(&self) {
        tokio::time::timeout(Duration::from_secs(20), async {
            while self.desk.running().await.is_some() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("a test that was told to end goes on");
    }

    /// What the log says of load tests, the oldest first.
    async fn logged(&self) -> Vec<serde_json::Value> {
        let entries = self.house.log(None).await.unwrap();
        let mut said: Vec<_> = entries.into_iter().filter(|entry| entry.kind == "load test").collect();
        said.reverse();
        said.into_iter().map(|entry| entry.body["change"].clone()).collect()
    }
}

#[tokio::test]
async fn one_load_test_runs_at_a_time_and_its_end_is_kept() {
    let bench = Bench::set().await;
    let first = bench.desk.begin(PLAN, "Ada").await.unwrap();
    let second = bench.desk.begin(PLAN, "Bo").await;
    assert!(matches!(second, Err(BeginError::Refused(_))), "{second:?}");
    let (running, _) = bench.desk.running().await.unwrap();
    assert_eq!((running.id, running.by.as_str()), (first.id, "Ada"));
    bench.end.send(Ok(LoadMeasure { per_second: 9.0, ..LoadMeasure::default() })).await.unwrap();
    bench.until_idle().await;
    let kept = bench.desk.tests().await.unwrap();
    assert_eq!((kept.len(), kept[0].state), (1, LoadState::Done));
    assert!((kept[0].measure.as_ref().unwrap().per_second - 9.0).abs() < f64::EPSILON);
    assert_eq!(bench.logged().await, [json!("begun"), json!("done")]);

    bench.desk.begin(PLAN, "Bo").await.unwrap();
    bench.end.send(Err("the copy broke".to_owned())).await.unwrap();
    bench.until_idle().await;
    let kept = bench.desk.tests().await.unwrap();
    assert_eq!((kept.len(), kept[0].state, kept[0].why.as_deref()), (2, LoadState::Failed, Some("the copy broke")));
    assert!(bench.house.log_is_intact().await.unwrap());
}

#[tokio::test]
async fn who_cancels_a_load_test_ends_it_and_keeps_what_was_measured() {
    let bench = Bench::set().await;
    assert!(bench.desk.cancel("Ada").await.unwrap().is_none(), "nothing runs");
    let test = bench.desk.begin(PLAN, "Ada").await.unwrap();
    assert_eq!(bench.desk.cancel("Bo").await.unwrap().unwrap().id, test.id);
    bench.until_idle().await;
    let kept = bench.desk.tests().await.unwrap();
    assert_eq!((kept[0].state, kept[0].measure.as_ref().unwrap().committed), (LoadState::Cancelled, 2));
    assert_eq!(bench.logged().await, [json!("begun"), json!("to be cancelled"), json!("cancelled")]);
}

#[tokio::test]
async fn what_is_outside_the_limits_is_not_begun() {
    let bench = Bench::set().await;
    for (seconds, rate) in [(4, None), (31, None), (5, Some(99)), (5, Some(20_001))] {
        let refused = bench.desk.begin(LoadPlan { seconds, rate }, "Ada").await;
        assert!(matches!(refused, Err(BeginError::Plan(_))), "{seconds} {rate:?}");
    }
    // Ninety-nine of a thousand bytes are less than a tenth.
    bench.stage.machine.lock().unwrap().disk_free_bytes = 99;
    let refused = bench.desk.begin(PLAN, "Ada").await;
    assert!(matches!(refused, Err(BeginError::Refused(_))), "{refused:?}");
    assert!(bench.desk.tests().await.unwrap().is_empty());
    assert!(bench.logged().await.is_empty());
    bench.stage.machine.lock().unwrap().disk_free_bytes = 100;
    bench.desk.begin(LoadPlan { seconds: 30, rate: Some(20_000) }, "Ada").await.unwrap();
    bench.desk.cancel("Ada").await.unwrap();
    bench.until_idle().await;
}

#[tokio::test]
async fn the_size_of_the_data_directory_is_kept() {
    let bench = Bench::set().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let task = tokio::spawn(bench.desk.clone().run(stopped));
    let sql = "SELECT COALESCE(MAX(bytes), 0) FROM ops_directory_size";
    tokio::time::timeout(Duration::from_secs(20), async {
        while bench.store.int(sql, vec![]).await.unwrap() != 7 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("no size was kept");
    stop.send_replace(true);
    task.await.unwrap();
}
