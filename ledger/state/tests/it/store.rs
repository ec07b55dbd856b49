use crate::world::{grow, options};
use ledger_state::{StateError, Store};
use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

fn log_file(directory: &Path) -> PathBuf {
    directory.join("log/00000000000000000000.log")
}

#[test]
fn every_block_can_be_read_as_it_was_across_checkpoints_and_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let history = {
        let store = Store::open(options(directory.path())).unwrap();
        let history = grow(&store, 1, 200);
        for (number, (_, model)) in history.iter().enumerate() {
            model.check(&store, number as u64);
        }
        history
    };
    // Once by replay of the log's tail, once from a checkpoint at the head.
    for _ in 0..2 {
        let store = Store::open(options(directory.path())).unwrap();
        assert_eq!(store.head().number(), 200);
        for (number, (hash, model)) in history.iter().enumerate().step_by(7) {
            let number = number as u64;
            model.check(&store, number);
            assert_eq!(store.block(number).unwrap().unwrap().block.hash, *hash);
            assert_eq!(store.block_number(hash).unwrap(), Some(number));
        }
        store.checkpoint().unwrap();
    }
}

#[test]
fn a_second_opening_is_refused_with_the_holders_process_id() {
    let directory = tempfile::tempdir().unwrap();
    let _store = Store::open(options(directory.path())).unwrap();
    let error = Store::open(options(directory.path())).unwrap_err().to_string();
    assert!(error.contains(&format!("in use by process {}", std::process::id())), "{error}");
}

#[test]
fn a_flipped_bit_is_named_and_nothing_is_changed() {
    let directory = tempfile::tempdir().unwrap();
    {
        let store = Store::open(options(directory.path())).unwrap();
        grow(&store, 3, 60);
        store.checkpoint().unwrap();
    }
    let path = log_file(directory.path());
    let pristine = fs::read(&path).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    for offset in (0..pristine.len()).step_by(pristine.len() / 300) {
        let mut bytes = pristine.clone();
        bytes[offset] ^= 0x10;
        file.write_all_at(&bytes, 0).unwrap();
        let error = Store::open(options(directory.path())).unwrap_err();
        assert!(
            matches!(error, StateError::Damaged { .. } | StateError::OtherChain { .. }),
            "flip at {offset}: {error}"
        );
        assert_eq!(fs::read(&path).unwrap(), bytes, "a damaged log is left as it is");
    }
    file.write_all_at(&pristine, 0).unwrap();
    assert_eq!(Store::open(options(directory.path())).unwrap().head().number(), 60);
}

#[test]
fn a_lost_log_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    {
        let store = Store::open(options(directory.path())).unwrap();
        grow(&store, 4, 30);
        store.checkpoint().unwrap();
    }
    let path = log_file(directory.path());
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    assert!(matches!(Store::open(options(directory.path())), Err(StateError::Damaged { .. })));
    fs::remove_file(&path).unwrap();
    assert!(Store::open(options(directory.path())).is_err());
}

#[test]
fn another_chains_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(Store::open(options(directory.path())).unwrap());
    let json = br#"{"config":{"chainId":8},"gasLimit":"0x1c9c380","difficulty":"0x1","alloc":{}}"#;
    let mut other = options(directory.path());
    other.spec = std::sync::Arc::new(ledger_chain::ChainSpec::from_json(json).unwrap());
    assert!(matches!(Store::open(other), Err(StateError::OtherChain { .. })));
}
