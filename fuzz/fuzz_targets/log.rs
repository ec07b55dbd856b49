//! A log directory of any content: opening it is an error or a sound store,
//! never a panic, and takes no more memory than the files are large.
//!
//! The input is pieces: a byte that says what follows, two of length, and so
//! many bytes; raw ones, or a payload that gets its checksums.
#![no_main]

#[path = "../memory_disk.rs"]
mod memory_disk;

use ledger_chain::ChainSpec;
use ledger_state::{Store, StoreOptions, format};
use libfuzzer_sys::fuzz_target;
use memory_disk::MemoryDisk;
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

const GENESIS: &str =
    r#"{"config":{"chainId":7,"londonBlock":0},"gasLimit":"0x1c9c380","difficulty":"0x0","alloc":{}}"#;

static SPEC: LazyLock<Arc<ChainSpec>> =
    LazyLock::new(|| Arc::new(ChainSpec::from_json(GENESIS.as_bytes()).expect("the genesis is one")));
static PLACE: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("there is a place for a lock"));

fuzz_target!(|bytes: &[u8]| {
    let mut segment = format::segment_header(SPEC.genesis_hash());
    let mut rest = bytes;
    let mut number = 0;
    while let [kind, low, high, tail @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(tail.len());
        let (piece, tail) = tail.split_at(length);
        rest = tail;
        if kind % 2 == 0 {
            segment.extend_from_slice(piece);
        } else {
            let record = format::encode_record(number, piece, segment.len() as u64);
            segment.extend(record.expect("a piece is shorter than 4 GiB"));
            number += 1;
        }
    }
    let disk = MemoryDisk::default();
    let path = PLACE.path().join("log/00000000000000000000.log");
    disk.put(&path, segment);
    let mut options = StoreOptions::new(Path::new(PLACE.path()), Arc::clone(&SPEC));
    options.cache_bytes = 1 << 20;
    options.disk = Arc::new(disk);
    if let Ok(store) = Store::open(options) {
        let head = store.head();
        assert_eq!(store.block(head.number()).expect("the head can be read").as_ref(), Some(&head));
    }
});
