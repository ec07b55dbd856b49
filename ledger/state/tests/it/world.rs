//! A small chain without transactions, whose state changes are made up.

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_trie::{
    TrieAccount,
    root::{state_root_unhashed, storage_root_unhashed},
};
use ledger_chain::{Block, ChainSpec};
use ledger_state::{AccountChange, AccountData, SlotChange, StateDiff, StateError, Store, StoreOptions, StoredBlock};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{collections::BTreeMap, path::Path, sync::Arc};

const GENESIS: &str = r#"{"config":{"chainId":7,"londonBlock":0},"gasLimit":"0x1c9c380","difficulty":"0x0",
    "alloc":{"0x00000000000000000000000000000000000000aa":{"balance":"0x64","code":"0x6001","storage":{"0x01":"0x02"}}}}"#;

/// Options for a store in `directory` that checkpoints often.
pub(crate) fn options(directory: &Path) -> StoreOptions {
    let spec = ChainSpec::from_json(GENESIS.as_bytes()).unwrap();
    let mut options = StoreOptions::new(directory, Arc::new(spec));
    options.checkpoint_values = 40;
    options.cache_bytes = 1 << 20;
    options
}

/// What a store must hold, kept in the simplest way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) accounts: BTreeMap<Address, AccountData>,
    pub(crate) storage: BTreeMap<(Address, U256), U256>,
}

impl Model {
    pub(crate) fn genesis(store: &Store) -> Self {
        let mut model = Self::default();
        let address = Address::with_last_byte(0xaa);
        let account = store.view_at(0).unwrap().account(&address).unwrap().unwrap();
        assert_eq!(account.balance, U256::from(100));
        model.accounts.insert(address, account);
        model.storage.insert((address, U256::from(1)), U256::from(2));
        model
    }

    /// A random diff, applied to the model.
    pub(crate) fn change(&mut self, random: &mut StdRng) -> StateDiff {
        let mut diff = StateDiff::default();
        let mut addresses: Vec<Address> =
            (0..random.random_range(1..6)).map(|_| Address::with_last_byte(random.random_range(0..30))).collect();
        addresses.sort_unstable();
        addresses.dedup();
        for address in addresses {
            let old = self.accounts.get(&address).copied();
            let gone = old.is_some() && random.random_bool(0.15);
            let new = (!gone).then(|| AccountData {
                nonce: old.map_or(1, |old| old.nonce + 1),
                balance: U256::from(random.random_range(0..1_000u64)),
                ..AccountData::default()
            });
            let mut slots: BTreeMap<U256, U256> = BTreeMap::new();
            if gone {
                slots.extend(
                    self.storage.keys().filter(|(who, _)| *who == address).map(|(_, slot)| (*slot, U256::ZERO)),
                );
            } else {
                for _ in 0..random.random_range(0..4) {
                    slots.insert(U256::from(random.random_range(0..8u64)), U256::from(random.random_range(0..3u64)));
                }
            }
            let mut storage = Vec::new();
            for (slot, value) in slots {
                let before = self.storage.get(&(address, slot)).copied().unwrap_or_default();
                if before != value {
                    storage.push(SlotChange { slot, old: before, new: value });
                }
                if value.is_zero() {
                    self.storage.remove(&(address, slot));
                } else {
                    self.storage.insert((address, slot), value);
                }
            }
            match new {
                Some(data) => self.accounts.insert(address, data),
                None => self.accounts.remove(&address),
            };
            diff.accounts.push(AccountChange { address, old, new, storage });
        }
        diff
    }

    /// The state root, from all values, by alloy-trie.
    pub(crate) fn root(&self) -> B256 {
        let accounts = self.accounts.iter().map(|(address, data)| {
            let slots = self.storage.range((*address, U256::ZERO)..=(*address, U256::MAX));
            let storage = storage_root_unhashed(slots.map(|((_, slot), value)| (B256::from(*slot), *value)));
            (*address, TrieAccount::new(data.nonce, data.balance, storage, data.code_hash))
        });
        state_root_unhashed(accounts)
    }

    /// The store's state at `number` is this model's.
    pub(crate) fn check(&self, store: &Store, number: u64) {
        let view = store.view_at(number).unwrap();
        for byte in (0..30).chain([0xaa]) {
            let address = Address::with_last_byte(byte);
            assert_eq!(view.account(&address).unwrap(), self.accounts.get(&address).copied(), "{address} at {number}");
            for slot in 0..8 {
                let slot = U256::from(slot);
                let expected = self.storage.get(&(address, slot)).copied().unwrap_or_default();
                assert_eq!(view.slot(address, slot).unwrap(), expected, "{address} {slot} at {number}");
            }
        }
    }
}

/// The next block of random changes as it would be, without making it.
pub(crate) fn next(store: &Store, model: &Model, random: &mut StdRng) -> Result<(StoredBlock, Model), StateError> {
    let (stored, diff, model) = staged(store, model, random)?;
    store.unstage(&diff)?;
    Ok((stored, model))
}

/// Commits one block of random changes.
pub(crate) fn commit(store: &Store, model: &mut Model, random: &mut StdRng) -> Result<Arc<StoredBlock>, StateError> {
    let (stored, diff, next) = staged(store, model, random)?;
    let stored = store.commit(stored, &diff)?;
    *model = next;
    Ok(stored)
}

fn staged(store: &Store, model: &Model, random: &mut StdRng) -> Result<(StoredBlock, StateDiff, Model), StateError> {
    let mut next = model.clone();
    let diff = next.change(random);
    let head = store.head();
    let header = Header {
        number: head.number() + 1,
        parent_hash: head.block.hash,
        timestamp: head.block.header.timestamp + 1,
        state_root: store.stage(&diff)?,
        ..Header::default()
    };
    let block = Block {
        hash: header.hash_slow(),
        header,
        transactions: Vec::new(),
        senders: Vec::new(),
        ommers: Vec::new(),
        withdrawals: None,
    };
    Ok((StoredBlock::new(block, Vec::new(), Bytes::from_static(b"certificate")), diff, next))
}

/// A chain of `blocks` blocks with the model and the hash after each.
pub(crate) fn grow(store: &Store, seed: u64, blocks: usize) -> Vec<(B256, Model)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut model = Model::genesis(store);
    let mut history = vec![(store.head().block.hash, model.clone())];
    for _ in 0..blocks {
        let stored = commit(store, &mut model, &mut random).unwrap();
        history.push((stored.block.hash, model.clone()));
    }
    history
}
