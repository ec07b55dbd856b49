//! The checkpoint: flat state, trie nodes, history and indices in redb, as of
//! one block.

mod scan;
mod unwind;

use crate::{
    diff::AccountData, disk::DatabaseFile, error::StateError, generation::Generation, log::Location,
    record::StoredBlock, trie::NodeSource,
};
use alloy_primitives::{Address, B256, Bytes, U256};
use nybbles::Nibbles;
use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, TableDefinition};
use std::sync::Arc;
pub(crate) use unwind::Unwound;
use xxhash_rust::xxh3::xxh3_64;

type Bytes2Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta");
/// address → account
const ACCOUNTS: Bytes2Bytes = TableDefinition::new("accounts");
/// address, slot → value
const STORAGE: Bytes2Bytes = TableDefinition::new("storage");
/// hash → code
const CODES: Bytes2Bytes = TableDefinition::new("codes");
/// address, block → the account before that block
const ACCOUNT_HISTORY: Bytes2Bytes = TableDefinition::new("account_history");
/// address, slot, block → the value before that block
const STORAGE_HISTORY: Bytes2Bytes = TableDefinition::new("storage_history");
/// 0, position | 1, address, position → node RLP
const TRIE: Bytes2Bytes = TableDefinition::new("trie");
/// number → segment, offset, hash
const BLOCKS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("blocks");
/// hash → number
const BLOCK_HASHES: TableDefinition<'static, &'static [u8], u64> = TableDefinition::new("block_hashes");
/// hash → number, index
const TRANSACTIONS: TableDefinition<'static, &'static [u8], (u64, u32)> = TableDefinition::new("transactions");
/// kind, digest of the address or topic, block
const LOGS: TableDefinition<'static, &'static [u8], ()> = TableDefinition::new("logs");

/// Trie nodes to save at a checkpoint; `None` removes.
pub(crate) type TrieBatch = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// What a log query can be narrowed by.
#[derive(Debug, Clone, Copy)]
pub enum LogKey<'a> {
    /// The address that emitted the log.
    Address(&'a Address),
    /// The topic at this position (0 to 3).
    Topic(u8, &'a B256),
}

impl LogKey<'_> {
    fn prefix(&self) -> [u8; 9] {
        let (kind, digest) = match self {
            Self::Address(address) => (0, xxh3_64(address.as_slice())),
            Self::Topic(position, topic) => (1 + position, xxh3_64(topic.as_slice())),
        };
        let mut key = [kind; 9];
        key[1..].copy_from_slice(&digest.to_be_bytes());
        key
    }

    fn at(&self, block: u64) -> [u8; 17] {
        let mut key = [0; 17];
        key[..9].copy_from_slice(&self.prefix());
        key[9..].copy_from_slice(&block.to_be_bytes());
        key
    }
}

/// The database file.
#[derive(Debug)]
pub(crate) struct Flat(Arc<Database>);

/// The checkpoint as one consistent snapshot.
pub(crate) struct Snapshot {
    /// Block number and hash; `None` before the first checkpoint.
    pub(crate) block: Option<(u64, B256)>,
    accounts: ReadOnlyTable<&'static [u8], &'static [u8]>,
    storage: ReadOnlyTable<&'static [u8], &'static [u8]>,
    codes: ReadOnlyTable<&'static [u8], &'static [u8]>,
    account_history: ReadOnlyTable<&'static [u8], &'static [u8]>,
    storage_history: ReadOnlyTable<&'static [u8], &'static [u8]>,
    trie: ReadOnlyTable<&'static [u8], &'static [u8]>,
    blocks: ReadOnlyTable<u64, &'static [u8]>,
    block_hashes: ReadOnlyTable<&'static [u8], u64>,
    transactions: ReadOnlyTable<&'static [u8], (u64, u32)>,
    logs: ReadOnlyTable<&'static [u8], ()>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("block", &self.block).finish_non_exhaustive()
    }
}

impl Flat {
    /// Opens or creates the database with a page cache of `cache_bytes`.
    pub(crate) fn open(file: DatabaseFile, cache_bytes: usize) -> Result<Self, StateError> {
        let database = Database::builder().set_cache_size(cache_bytes).create_with_backend(file)?;
        let transaction = database.begin_write()?;
        transaction.open_table(META)?;
        for table in [ACCOUNTS, STORAGE, CODES, ACCOUNT_HISTORY, STORAGE_HISTORY, TRIE] {
            transaction.open_table(table)?;
        }
        transaction.open_table(BLOCKS)?;
        transaction.open_table(BLOCK_HASHES)?;
        transaction.open_table(TRANSACTIONS)?;
        transaction.open_table(LOGS)?;
        transaction.commit()?;
        Ok(Self(Arc::new(database)))
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot, StateError> {
        let transaction: ReadTransaction = self.0.begin_read()?;
        let block = match transaction.open_table(META)?.get("block")? {
            None => None,
            Some(value) => {
                let value = value.value();
                Some((number(&value[..8]), B256::from_slice(&value[8..40])))
            }
        };
        Ok(Snapshot {
            block,
            accounts: transaction.open_table(ACCOUNTS)?,
            storage: transaction.open_table(STORAGE)?,
            codes: transaction.open_table(CODES)?,
            account_history: transaction.open_table(ACCOUNT_HISTORY)?,
            storage_history: transaction.open_table(STORAGE_HISTORY)?,
            trie: transaction.open_table(TRIE)?,
            blocks: transaction.open_table(BLOCKS)?,
            block_hashes: transaction.open_table(BLOCK_HASHES)?,
            transactions: transaction.open_table(TRANSACTIONS)?,
            logs: transaction.open_table(LOGS)?,
        })
    }

    /// Writes a frozen generation in one transaction. Keys go in sorted, so
    /// that neighbouring entries share the pages that they dirty.
    pub(crate) fn checkpoint(&self, generation: &Generation, mut trie: TrieBatch) -> Result<(), StateError> {
        let transaction = self.0.begin_write()?;
        {
            let mut flat = transaction.open_table(ACCOUNTS)?;
            let mut history = transaction.open_table(ACCOUNT_HISTORY)?;
            let accounts = generation.accounts.read();
            let mut sorted: Vec<_> = accounts.iter().collect();
            sorted.sort_unstable_by_key(|(address, _)| **address);
            for (address, versions) in sorted {
                let mut old = versions.original;
                for (block, new) in &versions.changes {
                    history.insert(at_block(address.as_slice(), *block).as_slice(), encode_account(old).as_slice())?;
                    old = *new;
                }
                match versions.latest() {
                    Some(account) => flat.insert(address.as_slice(), encode_account(Some(account)).as_slice())?,
                    None => flat.remove(address.as_slice())?,
                };
            }
        }
        {
            let mut flat = transaction.open_table(STORAGE)?;
            let mut history = transaction.open_table(STORAGE_HISTORY)?;
            let storage = generation.storage.read();
            let mut sorted: Vec<_> = storage.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| **key);
            for ((address, slot), versions) in sorted {
                let key = slot_key(address, *slot);
                let mut old = versions.original;
                for (block, new) in &versions.changes {
                    history.insert(at_block(&key, *block).as_slice(), old.to_be_bytes_trimmed_vec().as_slice())?;
                    old = *new;
                }
                let latest = versions.latest();
                if latest.is_zero() {
                    flat.remove(key.as_slice())?;
                } else {
                    flat.insert(key.as_slice(), latest.to_be_bytes_trimmed_vec().as_slice())?;
                }
            }
        }
        {
            let mut codes = transaction.open_table(CODES)?;
            for (hash, code) in generation.codes.read().iter() {
                codes.insert(hash.as_slice(), code.as_ref())?;
            }
        }
        write_trie(&transaction, &mut trie)?;
        self.write_blocks(&transaction, generation)?;
        transaction.commit()?;
        Ok(())
    }

    fn write_blocks(&self, transaction: &redb::WriteTransaction, generation: &Generation) -> Result<(), StateError> {
        let mut blocks = transaction.open_table(BLOCKS)?;
        let mut hashes = transaction.open_table(BLOCK_HASHES)?;
        let mut transactions = transaction.open_table(TRANSACTIONS)?;
        let mut logs = transaction.open_table(LOGS)?;
        let mut last = None;
        let mut log_keys = Vec::new();
        for (number, (stored, location)) in generation.blocks.read().iter() {
            let mut value = [0; 48];
            value[..8].copy_from_slice(&location.segment.to_be_bytes());
            value[8..16].copy_from_slice(&location.offset.to_be_bytes());
            value[16..].copy_from_slice(stored.block.hash.as_slice());
            blocks.insert(*number, value.as_slice())?;
            hashes.insert(stored.block.hash.as_slice(), *number)?;
            collect_log_keys(stored, &mut log_keys);
            last = Some((*number, stored.block.hash));
        }
        log_keys.sort_unstable();
        log_keys.dedup();
        for key in &log_keys {
            logs.insert(key.as_slice(), ())?;
        }
        let by_hash = generation.transactions.read();
        let mut sorted: Vec<_> = by_hash.iter().collect();
        sorted.sort_unstable();
        for (hash, place) in sorted {
            transactions.insert(hash.as_slice(), *place)?;
        }
        if let Some((number, hash)) = last {
            transaction.open_table(META)?.insert("block", encode_block(number, hash).as_slice())?;
        }
        Ok(())
    }
}

impl Snapshot {
    pub(crate) fn account(&self, address: &Address, block: u64) -> Result<Option<AccountData>, StateError> {
        if self.precedes(block) {
            let from = at_block(address.as_slice(), block.saturating_add(1));
            let to = at_block(address.as_slice(), u64::MAX);
            if let Some(entry) = self.account_history.range(from.as_slice()..=to.as_slice())?.next() {
                return decode_account(entry?.1.value());
            }
        }
        match self.accounts.get(address.as_slice())? {
            Some(value) => decode_account(value.value()),
            None => Ok(None),
        }
    }

    pub(crate) fn slot(&self, address: &Address, slot: U256, block: u64) -> Result<U256, StateError> {
        let key = slot_key(address, slot);
        if self.precedes(block) {
            let from = at_block(&key, block.saturating_add(1));
            let to = at_block(&key, u64::MAX);
            if let Some(entry) = self.storage_history.range(from.as_slice()..=to.as_slice())?.next() {
                return Ok(U256::from_be_slice(entry?.1.value()));
            }
        }
        Ok(self.storage.get(key.as_slice())?.map_or(U256::ZERO, |value| U256::from_be_slice(value.value())))
    }

    pub(crate) fn code(&self, hash: &B256) -> Result<Option<Bytes>, StateError> {
        Ok(self.codes.get(hash.as_slice())?.map(|value| Bytes::copy_from_slice(value.value())))
    }

    pub(crate) fn block_place(&self, number: u64) -> Result<Option<(Location, B256)>, StateError> {
        Ok(self.blocks.get(number)?.map(|value| {
            let value = value.value();
            let location = Location { segment: self::number(&value[..8]), offset: self::number(&value[8..16]) };
            (location, B256::from_slice(&value[16..48]))
        }))
    }

    pub(crate) fn block_number(&self, hash: &B256) -> Result<Option<u64>, StateError> {
        Ok(self.block_hashes.get(hash.as_slice())?.map(|value| value.value()))
    }

    pub(crate) fn transaction(&self, hash: &B256) -> Result<Option<(u64, u32)>, StateError> {
        Ok(self.transactions.get(hash.as_slice())?.map(|value| value.value()))
    }

    /// Blocks in `from..=to` that may hold a log with `key`: all that do, and
    /// rarely one that doesn't.
    pub(crate) fn log_blocks(&self, key: LogKey<'_>, from: u64, to: u64) -> Result<Vec<u64>, StateError> {
        self.logs
            .range(key.at(from).as_slice()..=key.at(to).as_slice())?
            .map(|entry| Ok(number(&entry?.0.value()[9..])))
            .collect()
    }

    fn precedes(&self, block: u64) -> bool {
        self.block.is_some_and(|(checkpoint, _)| block < checkpoint)
    }
}

/// The trie of accounts, or one account's storage, as a snapshot holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrieNodes<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) owner: Option<Address>,
}

impl NodeSource for TrieNodes<'_> {
    fn load(&self, position: &Nibbles) -> Result<Option<Vec<u8>>, StateError> {
        let key = trie_key(self.owner.as_ref(), position);
        Ok(self.snapshot.trie.get(key.as_slice())?.map(|value| value.value().to_vec()))
    }
}

pub(crate) fn trie_key(owner: Option<&Address>, position: &Nibbles) -> Vec<u8> {
    let mut key = Vec::with_capacity(21 + position.len());
    match owner {
        None => key.push(0),
        Some(address) => {
            key.push(1);
            key.extend_from_slice(address.as_slice());
        }
    }
    key.extend_from_slice(&position.to_vec());
    key
}

fn write_trie(transaction: &redb::WriteTransaction, trie: &mut TrieBatch) -> Result<(), StateError> {
    let mut nodes = transaction.open_table(TRIE)?;
    // Stable: a later entry for one position must win.
    trie.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (position, node) in &*trie {
        match node {
            Some(rlp) => nodes.insert(position.as_slice(), rlp.as_slice())?,
            None => nodes.remove(position.as_slice())?,
        };
    }
    Ok(())
}

fn encode_block(number: u64, hash: B256) -> [u8; 40] {
    let mut value = [0; 40];
    value[..8].copy_from_slice(&number.to_be_bytes());
    value[8..].copy_from_slice(hash.as_slice());
    value
}

fn collect_log_keys(stored: &StoredBlock, keys: &mut Vec<[u8; 17]>) {
    let number = stored.number();
    for (_, log) in stored.logs() {
        keys.push(LogKey::Address(&log.address).at(number));
        for (position, topic) in (0u8..).zip(log.topics()) {
            keys.push(LogKey::Topic(position, topic).at(number));
        }
    }
}

fn slot_key(address: &Address, slot: U256) -> [u8; 52] {
    let mut key = [0; 52];
    key[..20].copy_from_slice(address.as_slice());
    key[20..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

fn at_block(key: &[u8], block: u64) -> Vec<u8> {
    let mut key = key.to_vec();
    key.extend_from_slice(&block.to_be_bytes());
    key
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Nothing for no account, else its RLP.
fn encode_account(account: Option<AccountData>) -> Vec<u8> {
    account.map_or_else(Vec::new, alloy_rlp::encode)
}

fn decode_account(mut bytes: &[u8]) -> Result<Option<AccountData>, StateError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(alloy_rlp::Decodable::decode(&mut bytes)?))
}
