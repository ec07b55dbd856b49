//! History that is kept for some blocks only.

use crate::world::{commit, grow, options};
use ledger_state::{StateError, Store, StoreOptions, verify};
use rand::{SeedableRng, rngs::StdRng};

#[test]
fn old_states_are_forgotten_and_asking_for_one_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let kept = StoreOptions { history: Some(30), ..options(directory.path()) };
    let store = Store::open(kept.clone()).unwrap();
    let mut history = grow(&store, 51, 200);
    for again in 0..2 {
        store.checkpoint().unwrap();
        let head = store.head().number();
        let oldest = head - 30;
        let error = store.view_at(oldest - 1).unwrap_err();
        assert!(matches!(error, StateError::Pruned { oldest: named, .. } if named == oldest), "{again}: {error}");
        assert_eq!(
            error.to_string(),
            format!("the state at block {} is pruned: the oldest block whose state is kept is {oldest}", oldest - 1)
        );
        for number in oldest..=head {
            history[number as usize].1.check(&store, number);
        }
        // Blocks stay.
        assert_eq!(store.block(1).unwrap().unwrap().block.hash, history[1].0);
        let mut random = StdRng::seed_from_u64(9);
        for _ in 0..50 {
            let mut model = history.last().unwrap().1.clone();
            let stored = commit(&store, &mut model, &mut random).unwrap();
            history.push((stored.block.hash, model));
        }
    }
    drop(store);
    assert!(verify(&kept, &mut |_| {}).unwrap().is_sound());
    let store = Store::open(kept).unwrap();
    let head = store.head().number();
    for number in head - 30..=head {
        history[number as usize].1.check(&store, number);
    }
    // Back to before the window: the head's state is always there.
    store.rewind(100).unwrap();
    history[100].1.check(&store, 100);
}

#[test]
fn a_setting_that_changes_is_followed() {
    let directory = tempfile::tempdir().unwrap();
    let all = options(directory.path());
    let history = {
        let store = Store::open(all.clone()).unwrap();
        let history = grow(&store, 52, 150);
        store.checkpoint().unwrap();
        history[3].1.check(&store, 3);
        history
    };
    let few = StoreOptions { history: Some(10), ..all.clone() };
    {
        let store = Store::open(few).unwrap();
        history[3].1.check(&store, 3);
        let mut model = history[150].1.clone();
        commit(&store, &mut model, &mut StdRng::seed_from_u64(1)).unwrap();
        store.checkpoint().unwrap();
        assert!(matches!(store.view_at(140), Err(StateError::Pruned { oldest: 141, .. })));
        history[145].1.check(&store, 145);
    }
    // What is gone stays gone.
    let store = Store::open(all).unwrap();
    assert!(matches!(store.view_at(140), Err(StateError::Pruned { oldest: 141, .. })));
}
