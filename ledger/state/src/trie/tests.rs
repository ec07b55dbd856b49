//! The trie against alloy-trie: same root after any history of changes, also
//! across saving, forgetting and loading again.

use super::*;
use alloy_primitives::U256;
use alloy_trie::proof::verify_proof;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{cell::RefCell, collections::BTreeMap};

#[derive(Default)]
struct Memory(RefCell<BTreeMap<Vec<u8>, Vec<u8>>>);

impl NodeSource for Memory {
    fn load(&self, position: &Nibbles) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.0.borrow().get(&position.to_vec()).cloned())
    }
}

impl Memory {
    fn save(&self, trie: &mut Trie) {
        trie.drain_unsaved(&mut |position, node| {
            match node {
                Some(rlp) => self.0.borrow_mut().insert(position.to_vec(), rlp.to_vec()),
                None => self.0.borrow_mut().remove(&position.to_vec()),
            };
        });
    }
}

fn oracle(model: &BTreeMap<B256, U256>) -> B256 {
    alloy_trie::root::storage_root(model.iter().map(|(key, value)| (*key, *value)))
}

/// Keys that share long prefixes, so that extensions split and merge.
fn key(random: &mut StdRng) -> B256 {
    let mut key = B256::repeat_byte(0x11);
    let at = random.random_range(0..32);
    key[at] = random.random_range(0..4);
    if random.random_bool(0.5) {
        key[31] = random.random();
    }
    key
}

#[test]
fn random_changes_give_the_oracles_root_and_proofs() {
    for seed in 0..40 {
        let mut random = StdRng::seed_from_u64(seed);
        let memory = Memory::default();
        let mut trie = Trie::empty();
        let mut model = BTreeMap::new();
        for round in 0..60 {
            for _ in 0..random.random_range(1..20) {
                let key = key(&mut random);
                if random.random_bool(0.4) {
                    model.remove(&key);
                    trie.remove(&key, &memory).unwrap();
                } else {
                    // Small values make nodes shorter than 32 bytes.
                    let value = U256::from(random.random_range(1..300u64));
                    model.insert(key, value);
                    trie.insert(&key, alloy_rlp::encode(value), &memory).unwrap();
                }
            }
            let root = trie.root();
            assert_eq!(root, oracle(&model), "seed {seed} round {round}");
            if random.random_bool(0.3) {
                memory.save(&mut trie);
            }
            if random.random_bool(0.2) {
                memory.save(&mut trie);
                let extra = B256::repeat_byte(0x11);
                model.insert(extra, U256::from(round + 1));
                trie.insert(&extra, alloy_rlp::encode(U256::from(round + 1)), &memory).unwrap();
                trie.evict_saved();
                assert_eq!(trie.root(), oracle(&model));
            }
            let root = trie.root();
            let key = key(&mut random);
            let expected = model.get(&key).map(alloy_rlp::encode);
            assert_eq!(trie.get(&key, &memory).unwrap().map(<[u8]>::to_vec), expected);
            let proof = trie.prove(&key, &memory).unwrap();
            verify_proof(root, Nibbles::unpack(key), expected, &proof).unwrap();
        }
    }
}

#[test]
fn saved_positions_are_exactly_the_nodes_of_the_trie() {
    let mut random = StdRng::seed_from_u64(7);
    let memory = Memory::default();
    let mut trie = Trie::empty();
    let mut keys = Vec::new();
    for _ in 0..500 {
        let key = B256::from(random.random::<[u8; 32]>());
        keys.push(key);
        trie.insert(&key, alloy_rlp::encode(U256::MAX), &memory).unwrap();
        memory.save(&mut trie);
    }
    for key in keys {
        trie.remove(&key, &memory).unwrap();
        memory.save(&mut trie);
    }
    assert_eq!(trie.root(), EMPTY_ROOT_HASH);
    assert!(memory.0.borrow().is_empty(), "removed nodes must not stay behind");
}

#[test]
fn a_damaged_node_is_noticed() {
    let memory = Memory::default();
    let mut trie = Trie::empty();
    for byte in 0..16u8 {
        trie.insert(&B256::repeat_byte(byte), vec![byte; 40], &memory).unwrap();
    }
    memory.save(&mut trie);
    trie.evict_saved();
    if let Some(rlp) = memory.0.borrow_mut().get_mut(&vec![]) {
        rlp[5] ^= 1;
    }
    let error = trie.get(&B256::ZERO, &memory).unwrap_err();
    assert!(matches!(error, StateError::TrieNodeDamaged { .. }));
}
