//! The trie beside alloy-trie: a million random changes with removals.

use super::each_seed;
use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, proof::verify_proof};
use ledger_state::{
    StateError,
    trie::{NodeSource, Trie},
};
use nybbles::Nibbles;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

const CHANGES: usize = 1_000;

/// Saved nodes by position.
#[derive(Default)]
struct Saved(BTreeMap<Nibbles, Vec<u8>>);

impl NodeSource for Saved {
    fn load(&self, position: &Nibbles) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.0.get(position).cloned())
    }
}

/// Ten thousand changes: the trie grows, then shrinks to almost nothing.
fn live(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut trie, mut saved, mut leaves) = (Trie::empty().forgetting(|_| true), Saved::default(), BTreeMap::new());
    for round in 0..10 {
        let removals = if round < 6 { 0.3 } else { 0.9 };
        change(&mut trie, &mut saved, &mut leaves, removals, &mut random);
    }
}

/// A thousand changes, then the root and proofs.
fn change(trie: &mut Trie, saved: &mut Saved, leaves: &mut BTreeMap<B256, U256>, removals: f64, random: &mut StdRng) {
    for _ in 0..CHANGES {
        let key = keccak256(random.random_range(0..4_000u64).to_be_bytes());
        if random.random_bool(removals) {
            trie.remove(&key, saved).unwrap();
            leaves.remove(&key);
        } else {
            let value = U256::from(random.random_range(1..u64::MAX)) << random.random_range(0..128);
            match leaves.insert(key, value) {
                Some(_) => trie.replace(&key, alloy_rlp::encode(value), saved).unwrap(),
                None => trie.insert(&key, alloy_rlp::encode(value), saved).unwrap(),
            }
        }
    }
    let mut builder = HashBuilder::default();
    for (key, value) in leaves.iter() {
        builder.add_leaf(Nibbles::unpack(key), &alloy_rlp::encode(value));
    }
    let expected = if leaves.is_empty() { EMPTY_ROOT_HASH } else { builder.root() };
    let root = trie.root();
    assert_eq!(root, expected);
    for _ in 0..50 {
        let key = keccak256(random.random_range(0..4_400u64).to_be_bytes());
        let proof = trie.prove(&key, saved).unwrap();
        let value = leaves.get(&key).map(alloy_rlp::encode);
        verify_proof(root, Nibbles::unpack(key), value, &proof).unwrap();
    }
    if random.random_bool(0.4) {
        let mut changes = Vec::new();
        trie.drain_unsaved(&mut |position, node| changes.push((*position, node.map(<[u8]>::to_vec))));
        for (position, node) in changes {
            match node {
                Some(node) => saved.0.insert(position, node),
                None => saved.0.remove(&position),
            };
        }
        if random.random_bool(0.5) {
            trie.evict_saved(random.random_range(0..4));
        } else if random.random_bool(0.5) {
            *trie = Trie::from_root(root).forgetting(|_| true);
        } else {
            trie.forget_leaves();
        }
    }
}

#[test]
fn random_changes() {
    each_seed("trie", 6, 100, live);
}
