//! The state root from the flat values, computed from nothing else.

use super::{Progress, VerifyReport, tries};
use crate::{error::StateError, flat::Snapshot};
use alloy_primitives::{Address, B256, U256, keccak256, map::HashMap};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, Nibbles, TrieAccount};
use std::path::Path;

/// Entries that are sorted at once; more go in sixteen parts.
const SORTED_AT_ONCE: u64 = 2_000_000;

/// Computes the root and compares it with `expected`, then walks the tries.
pub(super) fn check(
    path: &Path,
    snapshot: &Snapshot,
    expected: B256,
    report: &mut VerifyReport,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StateError> {
    let (accounts, slots) = snapshot.counts()?;
    (report.accounts, report.slots) = (accounts, slots);
    let mut step = |step, done, total| progress(Progress { step, done, total });
    let mut roots: HashMap<Address, B256> = HashMap::default();
    let mut done = 0;
    let mut owner = snapshot.storage_owner_after(None)?;
    while let Some(address) = owner {
        let (root, count) = storage_root(snapshot, &address)?;
        roots.insert(address, root);
        report.trie_nodes += tries::check(snapshot, Some(address), root)?;
        done += count;
        step("hashing storage", done, slots);
        owner = snapshot.storage_owner_after(Some(&address))?;
    }
    let mut done = 0;
    let computed = root_of(accounts, &mut |keep| {
        let mut part = Vec::new();
        for entry in snapshot.accounts()? {
            let (address, data) = entry?;
            let hash = keccak256(address);
            if keep(&hash) {
                let storage = roots.get(&address).copied().unwrap_or(EMPTY_ROOT_HASH);
                let account = TrieAccount::new(data.nonce, data.balance, storage, data.code_hash);
                part.push((hash, alloy_rlp::encode(account)));
            }
        }
        done += part.len() as u64;
        step("hashing accounts", done, accounts);
        Ok(part)
    })?;
    if computed != expected {
        let reason = format!("the accounts give the state root {computed}, the block's header says {expected}");
        report.fault(path, None, reason);
    }
    report.trie_nodes += tries::check(snapshot, None, expected)?;
    Ok(())
}

fn storage_root(snapshot: &Snapshot, address: &Address) -> Result<(B256, u64), StateError> {
    let count = snapshot.slots(address).map(Iterator::count)? as u64;
    let root = root_of(count, &mut |keep| {
        let mut part = Vec::new();
        for entry in snapshot.slots(address)? {
            let (slot, value): (U256, U256) = entry?;
            let hash = keccak256(slot.to_be_bytes::<32>());
            if keep(&hash) {
                part.push((hash, alloy_rlp::encode(value)));
            }
        }
        Ok(part)
    })?;
    Ok((root, count))
}

type Keep<'a> = &'a dyn Fn(&B256) -> bool;
type Leaves = Vec<(B256, Vec<u8>)>;

/// The root of `count` leaves, which `leaves` gives in any order.
fn root_of(count: u64, leaves: &mut dyn FnMut(Keep<'_>) -> Result<Leaves, StateError>) -> Result<B256, StateError> {
    let mut builder = HashBuilder::default();
    let mut add = |keep: Keep<'_>| -> Result<(), StateError> {
        let mut part = leaves(keep)?;
        part.sort_unstable_by_key(|(hash, _)| *hash);
        for (hash, value) in &part {
            builder.add_leaf(Nibbles::unpack(hash), value);
        }
        Ok(())
    };
    if count <= SORTED_AT_ONCE {
        add(&|_| true)?;
    } else {
        for nibble in 0..16 {
            add(&|hash| hash[0] >> 4 == nibble)?;
        }
    }
    Ok(builder.root())
}
