//! Load tests on a real copy of a real chain.

use super::*;
use crate::{
    profile::{Kind, Profile},
    up::{Opening, dev_operator, house_options},
};
use platform_ops::{LoadProgress, Phase};

/// A new house in `directory`, without a town in it.
async fn house(directory: &Path) -> (Arc<House>, Loader) {
    let profile = Profile { kind: Kind::Demo, name: "Test".into() };
    profile.write(directory).unwrap();
    let options = house_options(&profile, directory, Opening::default()).unwrap();
    let rehearser = Arc::new(Rehearser::of(&options));
    let house = Arc::new(House::open(options).await.unwrap());
    let loader = Loader::new(&house, rehearser, directory).unwrap();
    (house, loader)
}

fn copies(directory: &Path) -> usize {
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(LOAD_FOLDER)).count()
}

/// Follows the progress of a test until it is at `phase` and has committed something.
async fn until_committed(control: &LoadControl) -> LoadProgress {
    let seen = async {
        loop {
            let progress = control.progress();
            if progress.phase == Phase::Sending && progress.committed > 0 {
                return progress;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), seen).await.expect("nothing was committed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_test_commits_what_it_says_on_the_copy_and_nothing_on_the_chain() {
    let directory = tempfile::tempdir().unwrap();
    let (house, loader) = house(directory.path()).await;
    let head = house.ledger.ledger().store().head().number();

    // Beneath the loader, to look into the copy's blocks before they are gone.
    let place = tempfile::Builder::new().prefix(LOAD_FOLDER).suffix(LOAD_SUFFIX).tempdir_in(directory.path()).unwrap();
    let fork = loader.rehearser.fork_in(place, Sealing::Instant).await.unwrap();
    assert_eq!(copies(directory.path()), 1, "on the disk of the chain");
    let control = LoadControl::default();
    let plan = LoadPlan { seconds: 2, rate: Some(200) };
    let measure = Drive::over(&fork, plan, &control, directory.path()).run().await.unwrap();
    let store = fork.house().ledger.ledger().store();
    let stable = house.manifest.stable_token.address;
    let operator = dev_operator().unwrap().address();
    let mut transfers = 0;
    for number in head + 1..=store.head().number() {
        let block = store.block(number).unwrap().unwrap();
        assert!(!block.certificate.is_empty(), "block {number} is sealed");
        let pairs = block.block.transactions.iter().zip(&block.block.senders).zip(&block.receipts);
        for ((transaction, sender), receipt) in pairs {
            assert_eq!(alloy_consensus::Transaction::to(transaction), Some(stable));
            transfers += u64::from(*sender != operator && receipt.status());
        }
    }
    assert_eq!((measure.committed, measure.sent, measure.failed), (transfers, transfers, 0));
    // Two hundred a second for two seconds, and no more than that.
    assert!((100..=400).contains(&transfers), "{measure:?}");
    assert_eq!(measure.each_second.iter().sum::<u64>(), transfers);
    assert!(measure.median_ms.unwrap() > 0.0 && measure.p99_ms >= measure.median_ms);
    assert!(measure.gas_per_second > measure.per_second * 21_000.0);
    fork.close().await.unwrap();
    assert_eq!((copies(directory.path()), house.ledger.ledger().store().head().number()), (0, head));
    house.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_test_that_is_cancelled_ends_and_the_chain_goes_on_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let (house, loader) = house(directory.path()).await;
    let control = Arc::new(LoadControl::default());
    let began = Instant::now();
    let playing = loader.play(LoadPlan { seconds: 30, rate: None }, Arc::clone(&control));
    let ending = async {
        until_committed(&control).await;
        house.pay(dev_operator().unwrap().address(), alloy_primitives::U256::from(1)).await.unwrap();
        control.cancel();
    };
    let (measure, ()) = tokio::join!(playing, ending);
    let measure = measure.unwrap();
    assert!(began.elapsed() < Duration::from_secs(29), "it went on to its end");
    assert!(measure.committed > 0 && measure.committed <= measure.sent, "{measure:?}");
    assert_eq!((measure.chain_meanwhile.blocks, measure.chain_meanwhile.transactions), (1, 1));
    assert!(measure.chain_meanwhile.wait_longest_ms.is_some());
    assert!(measure.memory_before_bytes.is_some() && measure.memory_after_bytes.is_some());
    assert_eq!(copies(directory.path()), 0);
    house.close().await.unwrap();
}
