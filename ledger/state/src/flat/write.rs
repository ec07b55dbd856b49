//! Writing a checkpoint: one transaction, keys in order, so that neighbouring
//! entries share the pages that they dirty.

use super::{
    ACCOUNTS, BLOCK_HASHES, BLOCKS, CODES, Digests, Flat, HISTORY, LOGS, META, MORE_TRANSACTIONS, STORAGE,
    TRANSACTIONS, TRIE, TrieBatch,
    encode::{HistoryKey, encode_account, pack_place, seal, slot_key, transaction_key},
};
use crate::{
    diff::StateDiff,
    error::StateError,
    generation::{Generation, Versions},
    log::Location,
};
use alloy_primitives::{B256, U256};
use redb::{ReadableTable, WriteTransaction};

/// Blocks whose history one checkpoint forgets at most, besides twice as many
/// as it adds: a setting that changes is followed step by step.
const PRUNED_AT_ONCE: u64 = 4_096;

/// How much history a checkpoint keeps.
pub(crate) struct Retention<'a> {
    /// Blocks before the last whose state can be read; `None` for all.
    pub(crate) blocks: Option<u64>,
    /// Reads what a block changed, from the log.
    pub(crate) read: &'a dyn Fn(Location, u64) -> Result<StateDiff, StateError>,
}

impl Flat {
    /// Writes a frozen generation in one transaction.
    pub(crate) fn checkpoint(
        &self,
        generation: &Generation,
        mut trie: TrieBatch,
        retention: &Retention<'_>,
    ) -> Result<(), StateError> {
        let transaction = self.begin_write()?;
        let oldest = self.prune(&transaction, generation, retention)?;
        let mut history = Vec::new();
        write_accounts(&transaction, generation, &mut Past { digests: self.digests, oldest, entries: &mut history })?;
        write_storage(&transaction, generation, &mut Past { digests: self.digests, oldest, entries: &mut history })?;
        write_history(&transaction, history)?;
        {
            let mut codes = transaction.open_table(CODES)?;
            for (hash, code) in generation.codes.read().iter() {
                codes.insert(&hash.0, seal(hash.as_slice(), code.to_vec()).as_slice())?;
            }
        }
        write_trie(&transaction, &mut trie)?;
        write_blocks(&transaction, generation)?;
        transaction.commit()?;
        Ok(())
    }

    /// Forgets the values before blocks that are out of the window, and
    /// returns the oldest block whose state can be read from now on.
    fn prune(
        &self,
        transaction: &WriteTransaction,
        generation: &Generation,
        retention: &Retention<'_>,
    ) -> Result<u64, StateError> {
        let mut meta = transaction.open_table(META)?;
        let oldest = meta.get("oldest")?.map_or(0, |value| super::number(value.value()));
        let last = generation.blocks.read().last_key_value().map_or(0, |(number, _)| *number);
        let Some(wanted) = retention.blocks.map(|blocks| last.saturating_sub(blocks)) else { return Ok(oldest) };
        let written = generation.start.unwrap_or(0);
        // Twice as many as come in, so that it never falls behind for long.
        let fresh = 2 * generation.blocks.read().len() as u64;
        let bound = oldest.saturating_add(PRUNED_AT_ONCE + fresh);
        let target = if bound < written { wanted.min(bound) } else { wanted };
        if target <= oldest {
            return Ok(oldest);
        }
        let blocks = transaction.open_table(BLOCKS)?;
        let mut history = transaction.open_table(HISTORY)?;
        for number in oldest + 1..=target.min(written) {
            let Some(place) = blocks.get(number)?.map(|value| *value.value()) else { continue };
            let location = Location { segment: super::number(&place[..8]), offset: super::number(&place[8..16]) };
            for change in (retention.read)(location, number)?.accounts {
                history.remove(&self.digests.at(change.address.as_slice(), number))?;
                for slot in &change.storage {
                    history.remove(&self.digests.at(&slot_key(&change.address, slot.slot), number))?;
                }
            }
        }
        meta.insert("oldest", target.to_be_bytes().as_slice())?;
        Ok(target)
    }
}

/// Collects values before changes.
struct Past<'a> {
    digests: Digests,
    /// Nobody can ask for the state before this block.
    oldest: u64,
    entries: &'a mut Vec<(HistoryKey, Vec<u8>)>,
}

impl Past<'_> {
    fn add<V: Copy>(&mut self, key: &[u8], versions: &Versions<V>, encode: impl Fn(V) -> Vec<u8>) {
        let mut old = versions.original;
        for (block, new) in &versions.changes {
            if *block > self.oldest {
                let key = self.digests.at(key, *block);
                self.entries.push((key, seal(&key, encode(old))));
            }
            old = *new;
        }
    }
}

fn write_accounts(
    transaction: &WriteTransaction,
    generation: &Generation,
    past: &mut Past<'_>,
) -> Result<(), StateError> {
    let mut flat = transaction.open_table(ACCOUNTS)?;
    let accounts = generation.accounts.read();
    let mut sorted: Vec<_> = accounts.iter().collect();
    sorted.sort_unstable_by_key(|(address, _)| **address);
    for (address, versions) in sorted {
        past.add(address.as_slice(), versions, encode_account);
        match versions.latest() {
            Some(account) => {
                flat.insert(&address.0.0, seal(address.as_slice(), encode_account(Some(account))).as_slice())?
            }
            None => flat.remove(&address.0.0)?,
        };
    }
    Ok(())
}

fn write_storage(
    transaction: &WriteTransaction,
    generation: &Generation,
    past: &mut Past<'_>,
) -> Result<(), StateError> {
    let mut flat = transaction.open_table(STORAGE)?;
    let storage = generation.storage.read();
    let mut sorted: Vec<_> = storage.iter().collect();
    sorted.sort_unstable_by_key(|(key, _)| **key);
    for ((address, slot), versions) in sorted {
        let key = slot_key(address, *slot);
        past.add(&key, versions, |value: U256| value.to_be_bytes_trimmed_vec());
        let latest = versions.latest();
        if latest.is_zero() {
            flat.remove(&key)?;
        } else {
            flat.insert(&key, seal(&key, latest.to_be_bytes_trimmed_vec()).as_slice())?;
        }
    }
    Ok(())
}

fn write_history(transaction: &WriteTransaction, mut entries: Vec<(HistoryKey, Vec<u8>)>) -> Result<(), StateError> {
    let mut history = transaction.open_table(HISTORY)?;
    entries.sort_unstable();
    for (key, value) in &entries {
        history.insert(key, value.as_slice())?;
    }
    Ok(())
}

pub(super) fn write_trie(transaction: &WriteTransaction, trie: &mut TrieBatch) -> Result<(), StateError> {
    let mut nodes = transaction.open_table(TRIE)?;
    for (position, node) in trie.sorted() {
        match node {
            Some(rlp) => nodes.insert(position, rlp)?,
            None => nodes.remove(position)?,
        };
    }
    Ok(())
}

fn write_blocks(transaction: &WriteTransaction, generation: &Generation) -> Result<(), StateError> {
    let mut blocks = transaction.open_table(BLOCKS)?;
    let mut hashes = transaction.open_table(BLOCK_HASHES)?;
    let mut logs = transaction.open_table(LOGS)?;
    let mut last = None;
    let mut entries = Vec::new();
    for (number, committed) in generation.blocks.read().iter() {
        let mut value = [0; 48];
        value[..8].copy_from_slice(&committed.location.segment.to_be_bytes());
        value[8..16].copy_from_slice(&committed.location.offset.to_be_bytes());
        value[16..].copy_from_slice(committed.hash.as_slice());
        blocks.insert(*number, &value)?;
        hashes.insert(&committed.hash.0, *number)?;
        entries.extend_from_slice(&committed.logs);
        last = Some((*number, committed.hash));
    }
    entries.sort_unstable();
    for entry in &entries {
        logs.insert(entry, ())?;
    }
    write_transactions(transaction, generation)?;
    if let Some((number, hash)) = last {
        transaction.open_table(META)?.insert("block", encode_block(number, hash).as_slice())?;
    }
    Ok(())
}

fn write_transactions(transaction: &WriteTransaction, generation: &Generation) -> Result<(), StateError> {
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    let mut more = transaction.open_table(MORE_TRANSACTIONS)?;
    let by_hash = generation.transactions.read();
    let mut sorted: Vec<_> = by_hash.iter().collect();
    sorted.sort_unstable();
    for (hash, (number, index)) in sorted {
        let (key, place) = (transaction_key(hash), pack_place(*number, *index));
        let old = transactions.insert(key, place)?.map(|old| old.value());
        if let Some(old) = old.filter(|old| *old != place) {
            transactions.insert(key, old)?;
            more.insert(&hash.0, place)?;
        }
    }
    Ok(())
}

pub(super) fn encode_block(number: u64, hash: B256) -> [u8; 40] {
    let mut value = [0; 40];
    value[..8].copy_from_slice(&number.to_be_bytes());
    value[8..].copy_from_slice(hash.as_slice());
    value
}
