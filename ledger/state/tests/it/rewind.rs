//! Going back to an earlier block.

use crate::world::{Model, commit, grow, options};
use alloy_primitives::B256;
use ledger_state::{StateError, Store};
use rand::{SeedableRng, rngs::StdRng};

fn check(store: &Store, history: &[(B256, Model)]) {
    assert_eq!(store.head().block.hash, history[history.len() - 1].0);
    for (number, (hash, model)) in history.iter().enumerate() {
        model.check(store, number as u64);
        assert_eq!(store.block(number as u64).unwrap().unwrap().block.hash, *hash);
        assert_eq!(store.block_number(hash).unwrap(), Some(number as u64));
    }
    assert!(store.block(history.len() as u64).unwrap().is_none());
}

/// Goes back to `to` and on by another way, `times` times.
fn back_and_on(checkpoint: bool, segment_bytes: u64) {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(directory.path());
    options.segment_bytes = segment_bytes;
    let store = Store::open(options.clone()).unwrap();
    let mut history = grow(&store, 21, 60);
    if checkpoint {
        store.checkpoint().unwrap();
    }
    let mut random = StdRng::seed_from_u64(5);
    for to in [59, 33, 70, 3, 0] {
        let abandoned: Vec<B256> = history.iter().skip(to + 1).map(|(hash, _)| *hash).collect();
        // Readers that looked before must not be answered from the past.
        for hash in &abandoned {
            let number = store.block_number(hash).unwrap().unwrap();
            store.block(number).unwrap().unwrap();
        }
        assert_eq!(store.rewind(to as u64).unwrap().number(), to as u64);
        history.truncate(to + 1);
        check(&store, &history);
        for hash in abandoned {
            assert_eq!(store.block_number(&hash).unwrap(), None);
        }
        let mut model = history[to].1.clone();
        for _ in 0..50 {
            let stored = commit(&store, &mut model, &mut random).unwrap();
            history.push((stored.block.hash, model.clone()));
        }
        if checkpoint {
            store.checkpoint().unwrap();
        }
        check(&store, &history);
    }
    drop(store);
    let store = Store::open(options).unwrap();
    check(&store, &history);
}

#[test]
fn a_rewind_forgets_blocks_and_the_chain_goes_on() {
    back_and_on(false, 256 << 20);
}

#[test]
fn a_rewind_goes_back_past_checkpoints_and_segments() {
    back_and_on(true, 3_000);
}

#[test]
fn a_rewind_past_the_head_is_refused_and_one_to_the_head_does_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(options(directory.path())).unwrap();
    let history = grow(&store, 22, 5);
    assert!(matches!(store.rewind(6), Err(StateError::NoSuchBlock { number: 6, head: 5 })));
    store.rewind(5).unwrap();
    check(&store, &history);
}
