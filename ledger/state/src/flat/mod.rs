//! The checkpoint: flat state, trie nodes, history and indices in redb, as of
//! one block. All of it follows from the log and can be made again from it.

mod encode;
mod scan;
mod trie_batch;
mod unwind;
mod write;

use crate::{
    diff::AccountData,
    disk::{DatabaseFile, Disk},
    error::StateError,
    log::Location,
    trie::NodeSource,
};
use alloy_primitives::{Address, B256, Bytes, U256};
pub use encode::LogKey;
use encode::{Digests, HistoryKey, SlotKey, number, slot_key, transaction_key, unpack_place};
pub(crate) use encode::{LogEntry, log_entries};
use nybbles::Nibbles;
use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};
use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::Arc,
};
pub(crate) use trie_batch::TrieBatch;
pub(crate) use unwind::Unwound;
pub(crate) use write::Retention;

/// Changed with the tables: a checkpoint of another layout is made again.
const LAYOUT: u64 = 3;

const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta");
/// address → account
const ACCOUNTS: TableDefinition<'static, &'static [u8; 20], &'static [u8]> = TableDefinition::new("accounts");
/// address, slot → value
const STORAGE: TableDefinition<'static, &'static SlotKey, &'static [u8]> = TableDefinition::new("storage");
/// hash → code
const CODES: TableDefinition<'static, &'static [u8; 32], &'static [u8]> = TableDefinition::new("codes");
/// digest of the address, or of address and slot, and block → the value before
/// that block
const HISTORY: TableDefinition<'static, &'static HistoryKey, &'static [u8]> = TableDefinition::new("history");
/// 0, position | 1, address, position → node, as [`crate::trie`] stores it
const TRIE: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("trie");
/// number → segment, offset, hash
const BLOCKS: TableDefinition<'static, u64, &'static [u8; 48]> = TableDefinition::new("blocks");
/// hash → number
const BLOCK_HASHES: TableDefinition<'static, &'static [u8; 32], u64> = TableDefinition::new("block_hashes");
/// the start of a hash → number and index
const TRANSACTIONS: TableDefinition<'static, u64, u64> = TableDefinition::new("transactions");
/// hash → number and index, where another hash starts the same
const MORE_TRANSACTIONS: TableDefinition<'static, &'static [u8; 32], u64> = TableDefinition::new("more_transactions");
/// kind, digest of the address or topic, block
const LOGS: TableDefinition<'static, &'static LogEntry, ()> = TableDefinition::new("logs");

/// The database's file.
pub(crate) const DATABASE: &str = "state.redb";

/// The database file.
#[derive(Debug)]
pub(crate) struct Flat {
    database: Arc<Database>,
    digests: Digests,
}

/// The checkpoint as one consistent snapshot.
pub(crate) struct Snapshot {
    /// Block number and hash; `None` before the first checkpoint.
    pub(crate) block: Option<(u64, B256)>,
    /// The oldest block whose state can be read.
    pub(crate) oldest: u64,
    digests: Digests,
    accounts: ReadOnlyTable<&'static [u8; 20], &'static [u8]>,
    storage: ReadOnlyTable<&'static SlotKey, &'static [u8]>,
    codes: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    history: ReadOnlyTable<&'static HistoryKey, &'static [u8]>,
    trie: ReadOnlyTable<&'static [u8], &'static [u8]>,
    blocks: ReadOnlyTable<u64, &'static [u8; 48]>,
    block_hashes: ReadOnlyTable<&'static [u8; 32], u64>,
    transactions: ReadOnlyTable<u64, u64>,
    more_transactions: ReadOnlyTable<&'static [u8; 32], u64>,
    logs: ReadOnlyTable<&'static LogEntry, ()>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("block", &self.block).field("oldest", &self.oldest).finish_non_exhaustive()
    }
}

impl Flat {
    /// Opens the database in `directory` with a page cache of `cache_bytes`,
    /// or makes it there. A new one gets its name when it is whole, so that a
    /// crash leaves none or a sound one. One of another layout makes way for a
    /// new one.
    ///
    /// A database of at most `check_bytes` is checked first: the map of its
    /// free pages is used without a look at its checksum otherwise. Larger ones
    /// are checked on demand.
    pub(crate) fn open(
        disk: &dyn Disk,
        directory: &Path,
        cache_bytes: usize,
        check_bytes: u64,
    ) -> Result<Self, StateError> {
        let path = directory.join(DATABASE);
        let names = disk.list(directory).map_err(StateError::io("list", directory))?;
        if names.iter().any(|name| name == DATABASE) {
            let file = disk.open(&path).map_err(StateError::io("open", &path))?;
            let check = file.length().map_err(StateError::io("read", &path))? <= check_bytes;
            match Self::over(DatabaseFile(file), &path, cache_bytes, check) {
                Ok((flat, sound)) => {
                    if !sound {
                        tracing::warn!(checkpoint = %path.display(), "the checkpoint was damaged and repaired itself");
                    }
                    return Ok(flat);
                }
                Err(StateError::OldFormat { .. }) => {
                    tracing::warn!(checkpoint = %path.display(), "an old checkpoint is made again from the log");
                }
                Err(error) => return Err(error),
            }
        }
        let fresh = directory.join("state.redb.new");
        disk.remove(&fresh).map_err(StateError::io("remove", &fresh))?;
        let file = disk.open(&fresh).map_err(StateError::io("create", &fresh))?;
        let (flat, _) = Self::over(DatabaseFile(file), &path, cache_bytes, false)?;
        let publish = || {
            disk.rename(&fresh, &path)?;
            disk.sync_directory(directory)
        };
        publish().map_err(StateError::io("create", &path))?;
        Ok(flat)
    }

    /// Opens the database in `file`, whose place is `path`, and says whether it
    /// is sound, where that is to be checked.
    pub(crate) fn over(
        file: DatabaseFile,
        path: &Path,
        cache_bytes: usize,
        check: bool,
    ) -> Result<(Self, bool), StateError> {
        sound(path, || {
            let mut database = Database::builder().set_cache_size(cache_bytes).create_with_backend(file)?;
            let sound = !check || database.check_integrity()?;
            let digests = prepare(&database, path)?;
            Ok((Self { database: Arc::new(database), digests }, sound))
        })
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot, StateError> {
        let transaction: ReadTransaction = self.database.begin_read()?;
        let meta = transaction.open_table(META)?;
        let block = meta.get("block")?.and_then(|value| {
            let (number, hash) = value.value().split_at_checked(8)?;
            Some((self::number(number), B256::try_from(hash).ok()?))
        });
        let oldest = meta.get("oldest")?.map_or(0, |value| number(value.value()));
        Ok(Snapshot {
            block,
            oldest,
            digests: self.digests,
            accounts: transaction.open_table(ACCOUNTS)?,
            storage: transaction.open_table(STORAGE)?,
            codes: transaction.open_table(CODES)?,
            history: transaction.open_table(HISTORY)?,
            trie: transaction.open_table(TRIE)?,
            blocks: transaction.open_table(BLOCKS)?,
            block_hashes: transaction.open_table(BLOCK_HASHES)?,
            transactions: transaction.open_table(TRANSACTIONS)?,
            more_transactions: transaction.open_table(MORE_TRANSACTIONS)?,
            logs: transaction.open_table(LOGS)?,
        })
    }

    /// Without quick repair the first start after a crash would walk the whole
    /// database.
    fn begin_write(&self) -> Result<WriteTransaction, StateError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }
}

/// Makes the tables of an empty database, and returns the seed of digests.
fn prepare(database: &Database, path: &Path) -> Result<Digests, StateError> {
    let old = |version: u64| StateError::OldFormat {
        path: path.to_owned(),
        version: u32::try_from(version).unwrap_or(0),
        expected: u32::try_from(LAYOUT).unwrap_or(0),
    };
    let read = database.begin_read()?;
    if read.list_tables()?.next().is_some() {
        let meta = read.open_table(META)?;
        let layout = meta.get("layout")?.map_or(1, |value| number(value.value()));
        let seed = meta.get("seed")?.map_or(0, |value| number(value.value()));
        return if layout == LAYOUT { Ok(Digests(seed)) } else { Err(old(layout)) };
    }
    drop(read);
    // The standard library's hashers get their keys from the system.
    let seed = RandomState::new().hash_one(path);
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert("layout", LAYOUT.to_be_bytes().as_slice())?;
        meta.insert("seed", seed.to_be_bytes().as_slice())?;
    }
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(STORAGE)?;
    transaction.open_table(CODES)?;
    transaction.open_table(HISTORY)?;
    transaction.open_table(TRIE)?;
    transaction.open_table(BLOCKS)?;
    transaction.open_table(BLOCK_HASHES)?;
    transaction.open_table(TRANSACTIONS)?;
    transaction.open_table(MORE_TRANSACTIONS)?;
    transaction.open_table(LOGS)?;
    transaction.commit()?;
    Ok(Digests(seed))
}

/// Runs `work` on the database at `path`. The database panics over some
/// damage of its file; that is an error like any other.
pub(crate) fn sound<T>(path: &Path, work: impl FnOnce() -> Result<T, StateError>) -> Result<T, StateError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StateError::DatabaseDamaged { path: path.to_owned() }))
}

impl Snapshot {
    pub(crate) fn account(&self, address: &Address, block: u64) -> Result<Option<AccountData>, StateError> {
        if let Some(value) = self.before(address.as_slice(), block)? {
            return encode::decode_account(&value);
        }
        match self.accounts.get(&address.0.0)? {
            Some(value) => encode::decode_account(encode::open(address.as_slice(), value.value())?),
            None => Ok(None),
        }
    }

    pub(crate) fn slot(&self, address: &Address, slot: U256, block: u64) -> Result<U256, StateError> {
        let key = slot_key(address, slot);
        if let Some(value) = self.before(&key, block)? {
            return encode::decode_slot(&value);
        }
        match self.storage.get(&key)? {
            Some(value) => encode::decode_slot(encode::open(&key, value.value())?),
            None => Ok(U256::ZERO),
        }
    }

    /// What `key` had at `block`, where it has changed since.
    fn before(&self, key: &[u8], block: u64) -> Result<Option<Vec<u8>>, StateError> {
        if self.block.is_none_or(|(checkpoint, _)| block >= checkpoint) {
            return Ok(None);
        }
        let (from, to) = (self.digests.at(key, block.saturating_add(1)), self.digests.at(key, u64::MAX));
        let Some(entry) = self.history.range::<&HistoryKey>(&from..=&to)?.next() else { return Ok(None) };
        let (key, value) = entry?;
        Ok(Some(encode::open(key.value(), value.value())?.to_vec()))
    }

    pub(crate) fn code(&self, hash: &B256) -> Result<Option<Bytes>, StateError> {
        match self.codes.get(&hash.0)? {
            Some(value) => Ok(Some(Bytes::copy_from_slice(encode::open(hash.as_slice(), value.value())?))),
            None => Ok(None),
        }
    }

    pub(crate) fn block_place(&self, number: u64) -> Result<Option<(Location, B256)>, StateError> {
        Ok(self.blocks.get(number)?.map(|value| {
            let value = value.value();
            let location = Location { segment: self::number(&value[..8]), offset: self::number(&value[8..16]) };
            (location, B256::from_slice(&value[16..]))
        }))
    }

    pub(crate) fn block_number(&self, hash: &B256) -> Result<Option<u64>, StateError> {
        Ok(self.block_hashes.get(&hash.0)?.map(|value| value.value()))
    }

    /// Number and index of the transactions that may have this hash: at most
    /// two, and the block tells.
    pub(crate) fn transactions(&self, hash: &B256) -> Result<impl Iterator<Item = (u64, u32)> + use<>, StateError> {
        let first = self.transactions.get(transaction_key(hash))?.map(|place| place.value());
        let other = self.more_transactions.get(&hash.0)?.map(|place| place.value());
        Ok(first.into_iter().chain(other).map(unpack_place))
    }

    /// Blocks in `from..=to` that may hold a log with `key`: all that do, and
    /// rarely one that doesn't.
    pub(crate) fn log_blocks(&self, key: LogKey<'_>, from: u64, to: u64) -> Result<Vec<u64>, StateError> {
        self.logs
            .range::<&LogEntry>(&key.at(from)..=&key.at(to))?
            .map(|entry| Ok(number(&entry?.0.value()[9..])))
            .collect()
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
