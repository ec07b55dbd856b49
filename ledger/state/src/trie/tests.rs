//! The trie against alloy-trie: same root after any history of changes, also
//! across saving, forgetting and loading again.

use super::*;
use alloy_primitives::U256;
use alloy_rlp::Decodable as _;
use alloy_trie::{nodes::TrieNode, proof::verify_proof};
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

fn is_even(mut value: &[u8]) -> bool {
    U256::decode(&mut value).is_ok_and(|value| !value.bit(0))
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
        let mut trie = Trie::empty().forgetting(is_even);
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
                    match model.insert(key, value) {
                        Some(_) => trie.replace(&key, alloy_rlp::encode(value), &memory).unwrap(),
                        None => trie.insert(&key, alloy_rlp::encode(value), &memory).unwrap(),
                    }
                }
            }
            let root = trie.root();
            assert_eq!(root, oracle(&model), "seed {seed} round {round}");
            if random.random_bool(0.3) {
                memory.save(&mut trie);
            }
            if random.random_bool(0.3) {
                trie.forget_leaves();
                let key = key(&mut random);
                let remembered = trie.remembered(&key, &memory).unwrap().map(<[u8]>::to_vec);
                assert!(remembered.is_none() || remembered == model.get(&key).map(alloy_rlp::encode));
            }
            if random.random_bool(0.2) {
                memory.save(&mut trie);
                let extra = B256::repeat_byte(0x11);
                model.insert(extra, U256::from(round + 1));
                trie.insert(&extra, alloy_rlp::encode(U256::from(round + 1)), &memory).unwrap();
                trie.evict_saved(random.random_range(0..70));
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
    let mut trie = Trie::empty().forgetting(|_| true);
    for byte in 0..16u8 {
        trie.insert(&B256::repeat_byte(byte * 0x11), vec![byte; 40], &memory).unwrap();
    }
    memory.save(&mut trie);
    let root = trie.root();
    let sound = memory.0.borrow()[&vec![]].clone();
    let hashed = 3 + 16 * 33 + 1;
    assert!(sound.len() > hashed, "which children are leaves is kept beside the node");
    for bit in 0..sound.len() * 8 {
        let mut damaged = sound.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        memory.0.borrow_mut().insert(Vec::new(), damaged);
        let error = Trie::from_root(root).get(&B256::ZERO, &memory).unwrap_err();
        assert!(matches!(error, StateError::TrieNodeDamaged { .. }), "bit {bit}: {error}");
    }
    memory.0.borrow_mut().insert(Vec::new(), sound[..hashed].to_vec());
    assert!(Trie::from_root(root).get(&B256::ZERO, &memory).unwrap().is_some(), "nothing kept, nothing known");
}

#[test]
fn a_forgotten_leaf_is_replaced_unread() {
    let memory = Memory::default();
    let mut trie = Trie::empty().forgetting(|_| true);
    let keys: Vec<_> = (0..1_000u64).map(|number| alloy_primitives::keccak256(number.to_be_bytes())).collect();
    let mut model = BTreeMap::new();
    for key in &keys {
        model.insert(*key, U256::from(7));
        trie.insert(key, alloy_rlp::encode(U256::from(7)), &memory).unwrap();
    }
    memory.save(&mut trie);
    let mut again = Trie::from_root(trie.root()).forgetting(|_| true);
    trie.forget_leaves();
    let is_leaf = |node: &[u8]| matches!(TrieNode::decode(&mut &*node).unwrap(), TrieNode::Leaf(_));
    memory.0.borrow_mut().retain(|_, node| !is_leaf(node));
    for (key, value) in keys.iter().zip(1u64..) {
        model.insert(*key, U256::from(value));
        trie.replace(key, alloy_rlp::encode(U256::from(value)), &memory).unwrap();
        again.replace(key, alloy_rlp::encode(U256::from(value)), &memory).unwrap();
    }
    assert_eq!(trie.root(), oracle(&model));
    assert_eq!(again.root(), oracle(&model));
}
