//! The state trie: accounts, and each account's storage trie.

use crate::{
    diff::{AccountData, StateDiff},
    error::StateError,
    flat::{Snapshot, TrieBatch, TrieNodes, trie_key},
    trie::Trie,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::HashMap};
use alloy_rlp::Decodable;
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};

/// Nodes and references kept in memory, 64 bytes each, before what is saved
/// is forgotten.
const RESIDENT_NODES_MAX: usize = 3_000_000;

/// Nibbles that lead to the nodes that are always kept: 4,369 of a large trie,
/// each of which nearly every block touches.
const KEPT_DEPTH: usize = 4;

/// Nodes of a storage trie that is not worth keeping any part of.
const SMALL_TRIE: usize = 20_000;

/// An account with the proof of it and of some of its slots (EIP-1186).
#[derive(Debug, Clone)]
pub struct AccountProof {
    /// The account as the trie has it; default values when it doesn't exist.
    pub account: TrieAccount,
    /// From the state root to the account.
    pub nodes: Vec<Bytes>,
    /// For each slot asked for: its value and nodes from the storage root.
    pub storage: Vec<(U256, U256, Vec<Bytes>)>,
}

/// The tries at the head.
#[derive(Debug)]
pub(crate) struct StateTrie {
    accounts: Trie,
    storages: HashMap<Address, Trie>,
}

impl StateTrie {
    pub(crate) fn from_root(root: B256) -> Self {
        Self { accounts: Trie::from_root(root).forgetting(has_no_storage), storages: HashMap::default() }
    }

    /// Applies `diff` and returns the state root.
    pub(crate) fn apply(&mut self, diff: &StateDiff, snapshot: &Snapshot) -> Result<B256, StateError> {
        let nodes = TrieNodes { snapshot, owner: None };
        for change in &diff.accounts {
            let key = keccak256(change.address);
            let mut storage_root = storage_root(&mut self.accounts, &key, &nodes)?;
            if !change.storage.is_empty() {
                let owned = TrieNodes { snapshot, owner: Some(change.address) };
                let trie = self.storages.entry(change.address).or_insert_with(|| storage_trie(storage_root));
                for slot in &change.storage {
                    let key = keccak256(slot.slot.to_be_bytes::<32>());
                    if slot.new.is_zero() {
                        trie.remove(&key, &owned)?;
                    } else if slot.old.is_zero() {
                        trie.insert(&key, alloy_rlp::encode(slot.new), &owned)?;
                    } else {
                        trie.replace(&key, alloy_rlp::encode(slot.new), &owned)?;
                    }
                }
                storage_root = trie.root();
            }
            match change.new {
                None => self.accounts.remove(&key, &nodes)?,
                Some(AccountData { nonce, balance, code_hash }) => {
                    let account = alloy_rlp::encode(TrieAccount::new(nonce, balance, storage_root, code_hash));
                    if change.old.is_some() {
                        self.accounts.replace(&key, account, &nodes)?;
                    } else {
                        self.accounts.insert(&key, account, &nodes)?;
                    }
                }
            }
        }
        Ok(self.accounts.root())
    }

    /// Everything that changed since the last call, for a checkpoint.
    pub(crate) fn drain_unsaved(&mut self) -> TrieBatch {
        let mut batch = TrieBatch::default();
        self.accounts.drain_unsaved(&mut |position, node| {
            batch.push(&trie_key(None, position), node);
        });
        for (address, trie) in &mut self.storages {
            trie.drain_unsaved(&mut |position, node| {
                batch.push(&trie_key(Some(address), position), node);
            });
        }
        batch
    }

    /// Forgets saved leaves, and saved nodes when too many are loaded. Only
    /// allowed while the snapshot holds everything that was drained.
    pub(crate) fn forget_saved(&mut self) {
        self.accounts.forget_leaves();
        self.storages.values_mut().for_each(Trie::forget_leaves);
        let resident = self.accounts.resident() + self.storages.values().map(Trie::resident).sum::<usize>();
        if resident > RESIDENT_NODES_MAX {
            self.accounts.evict_saved(KEPT_DEPTH);
            self.storages.retain(|_, trie| !trie.is_saved() || trie.resident() > SMALL_TRIE);
            self.storages.values_mut().for_each(|trie| trie.evict_saved(KEPT_DEPTH));
        }
    }

    pub(crate) fn prove(
        &mut self,
        address: Address,
        slots: &[U256],
        snapshot: &Snapshot,
    ) -> Result<AccountProof, StateError> {
        let nodes = TrieNodes { snapshot, owner: None };
        let key = keccak256(address);
        let account = match self.accounts.get(&key, &nodes)? {
            Some(mut rlp) => TrieAccount::decode(&mut rlp)?,
            None => TrieAccount::default(),
        };
        let owned = TrieNodes { snapshot, owner: Some(address) };
        let trie = self.storages.entry(address).or_insert_with(|| storage_trie(account.storage_root));
        let storage = slots
            .iter()
            .map(|slot| {
                let key = keccak256(slot.to_be_bytes::<32>());
                let value = match trie.get(&key, &owned)? {
                    Some(mut rlp) => U256::decode(&mut rlp)?,
                    None => U256::ZERO,
                };
                Ok((*slot, value, trie.prove(&key, &owned)?))
            })
            .collect::<Result<_, StateError>>()?;
        Ok(AccountProof { account, nodes: self.accounts.prove(&key, &nodes)?, storage })
    }
}

/// The storage root of the account at `key`. One whose leaf was forgotten has
/// no storage.
fn storage_root(accounts: &mut Trie, key: &B256, nodes: &TrieNodes<'_>) -> Result<B256, StateError> {
    match accounts.remembered(key, nodes)? {
        Some(mut rlp) => Ok(TrieAccount::decode(&mut rlp)?.storage_root),
        None => Ok(EMPTY_ROOT_HASH),
    }
}

fn storage_trie(root: B256) -> Trie {
    Trie::from_root(root).forgetting(|_| true)
}

fn has_no_storage(mut account: &[u8]) -> bool {
    TrieAccount::decode(&mut account).is_ok_and(|account| account.storage_root == EMPTY_ROOT_HASH)
}
