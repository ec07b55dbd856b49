//! Proofs at earlier blocks.

use crate::world::{Model, grow, options};
use alloy_primitives::{Address, U256, keccak256};
use alloy_trie::{Nibbles, TrieAccount, proof::verify_proof};
use ledger_state::{StateError, Store};
use rand::{SeedableRng, rngs::StdRng};

/// Every account of the model, and one that there never was, is proved.
fn check_proofs(store: &Store, number: u64, model: &Model) {
    let slots: Vec<U256> = (0..8).map(U256::from).collect();
    for byte in (0..30).chain([0xaa, 0xff]) {
        let address = Address::with_last_byte(byte);
        let (block, proof) = store.prove_at(number, address, &slots).unwrap();
        assert_eq!(block.number(), number);
        let expected = model.accounts.get(&address);
        let account = expected.map(|data| {
            assert_eq!((proof.account.nonce, proof.account.balance), (data.nonce, data.balance));
            alloy_rlp::encode(proof.account)
        });
        let key = Nibbles::unpack(keccak256(address));
        verify_proof(block.block.header.state_root, key, account, &proof.nodes).unwrap();
        if expected.is_none() {
            assert_eq!(proof.account, TrieAccount::default());
        }
        for (slot, value, nodes) in &proof.storage {
            let stored = model.storage.get(&(address, *slot)).copied().unwrap_or_default();
            assert_eq!(*value, stored, "{address} {slot} at {number}");
            let expected = (!stored.is_zero()).then(|| alloy_rlp::encode(stored));
            let key = Nibbles::unpack(keccak256(slot.to_be_bytes::<32>()));
            verify_proof(proof.account.storage_root, key, expected, nodes).unwrap();
        }
    }
}

#[test]
fn every_block_in_the_window_is_proved_before_and_after_checkpoints() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(directory.path());
    options.proof_window = 60;
    let store = Store::open(options.clone()).unwrap();
    let history = grow(&store, 11, 100);
    for number in (40..=100).step_by(9) {
        check_proofs(&store, number, &history[number as usize].1);
    }
    store.checkpoint().unwrap();
    for number in [40, 41, 77, 99, 100] {
        check_proofs(&store, number, &history[number as usize].1);
    }
    let error = store.prove_at(39, Address::ZERO, &[]).unwrap_err();
    assert!(matches!(error, StateError::ProofWindow { number: 39, oldest: 40 }), "{error}");
    assert!(matches!(store.prove_at(101, Address::ZERO, &[]), Err(StateError::NoSuchBlock { .. })));
    for number in [40, 99, 100] {
        let mut model = history[number as usize].1.clone();
        let diff = model.change(&mut StdRng::seed_from_u64(number));
        let root = store.root_after(number, &diff).unwrap();
        assert_eq!(root, model.root(), "after {number}");
        check_proofs(&store, number, &history[number as usize].1);
    }
    drop(store);
    check_proofs(&Store::open(options).unwrap(), 60, &history[60].1);
}
