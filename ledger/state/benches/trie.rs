//! The trie beside alloy-trie, in one run: a block's worth of changes on a
//! trie of 100,000 leaves. alloy-trie has no incremental trie, so its figure
//! is the root from all leaves, sorted beforehand: what a ledger pays that
//! rebuilds its trie a block.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use alloy_primitives::{B256, U256, keccak256};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ledger_state::{
    StateError,
    trie::{NodeSource, Trie},
};
use nybbles::Nibbles;
use std::collections::BTreeMap;

const LEAVES: u64 = 100_000;
const CHANGES: u64 = 1_000;

struct InMemory;

impl NodeSource for InMemory {
    fn load(&self, _: &Nibbles) -> Result<Option<Vec<u8>>, StateError> {
        Ok(None)
    }
}

fn key(number: u64) -> B256 {
    keccak256(number.to_be_bytes())
}

fn roots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("root after 1,000 changes of 100,000 leaves");
    group.sample_size(10);
    let mut trie = Trie::empty();
    let mut leaves = BTreeMap::new();
    for number in 0..LEAVES {
        trie.insert(&key(number), alloy_rlp::encode(number + 1), &InMemory).unwrap();
        leaves.insert(key(number), U256::from(number + 1));
    }
    trie.root();
    let mut round = LEAVES;
    group.bench_function("ours, incremental", |bencher| {
        bencher.iter_batched(
            || {
                round += 1;
                (0..CHANGES)
                    .map(|change| (key(change * 97 % LEAVES), alloy_rlp::encode(round + change)))
                    .collect::<Vec<_>>()
            },
            |changes| {
                for (key, value) in changes {
                    trie.insert(&key, value, &InMemory).unwrap();
                }
                trie.root()
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("alloy-trie, from all leaves", |bencher| {
        bencher.iter(|| alloy_trie::root::storage_root(leaves.iter().map(|(key, value)| (*key, *value))));
    });
    group.finish();
}

criterion_group!(benches, roots);
criterion_main!(benches);
