//! The store: the log, the layers above it, and the checkpoints below.

mod cache;
mod checkpoint;
mod genesis;
mod merge;
mod open;
mod past;
mod rewind;

use crate::{
    diff::StateDiff,
    disk::{Disk, OsDisk},
    error::StateError,
    flat::{Flat, LogKey},
    lock::DirectoryLock,
    log::{Location, Log, LogOptions},
    record::{self, StoredBlock},
    state_trie::{AccountProof, StateTrie},
    view::{Epoch, StateView},
};
use alloy_primitives::{Address, B256, U256};
use cache::BlockCache;
use ledger_chain::ChainSpec;
use open::{Loaded, check_root};
use parking_lot::{Mutex, RwLock};
use past::PastTrie;
use std::{collections::BTreeSet, path::PathBuf, sync::Arc, thread::JoinHandle};

/// So many times the values of a checkpoint may wait for the one before.
const VALUES_WAITING: usize = 3;

/// How to open a [`Store`].
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The directory, made where it is missing.
    pub directory: PathBuf,
    /// The chain whose blocks are kept there.
    pub spec: Arc<ChainSpec>,
    /// Changed values in memory that start a checkpoint.
    pub checkpoint_values: usize,
    /// Bytes of page cache for the checkpoint database.
    pub cache_bytes: usize,
    /// A segment of the log is closed once it is longer than this, in bytes.
    pub segment_bytes: u64,
    /// How much of the log before the checkpoint is checked at a start, and how
    /// large a checkpoint, in bytes.
    pub check_bytes: u64,
    /// How many blocks before the head the state can be read at; `None` for
    /// all. Blocks and receipts stay in any case.
    pub history: Option<u64>,
    /// How many blocks before the head can be proved.
    pub proof_window: u64,
    /// The file layer under log and checkpoint.
    pub disk: Arc<dyn Disk>,
}

impl StoreOptions {
    /// The usual settings for `directory`.
    pub fn new(directory: impl Into<PathBuf>, spec: Arc<ChainSpec>) -> Self {
        Self {
            directory: directory.into(),
            spec,
            checkpoint_values: 250_000,
            cache_bytes: 64 << 20,
            segment_bytes: 256 << 20,
            check_bytes: 256 << 20,
            history: None,
            proof_window: 1_024,
            disk: Arc::new(OsDisk),
        }
    }

    pub(crate) fn log(&self) -> LogOptions {
        LogOptions {
            directory: self.directory.join("log"),
            disk: Arc::clone(&self.disk),
            genesis: self.spec.genesis_hash(),
            segment_bytes: self.segment_bytes,
            check_bytes: self.check_bytes,
        }
    }
}

/// The durable ledger of one chain. All methods take `&self`; one writer at a
/// time is let in.
#[derive(Debug)]
pub struct Store {
    writer: Mutex<Writer>,
    layers: Arc<Layers>,
    head: RwLock<Arc<StoredBlock>>,
    cache: Mutex<BlockCache>,
    options: StoreOptions,
    _lock: DirectoryLock,
}

/// What readers and the checkpoint thread share.
#[derive(Debug)]
struct Layers {
    flat: Flat,
    epoch: RwLock<Arc<Epoch>>,
    log: RwLock<Log>,
    /// Blocks of history to keep.
    history: Option<u64>,
    /// Why the last checkpoint failed.
    failure: Mutex<Option<String>>,
    /// Forgotten at each checkpoint, so that it doesn't hold back the pages of
    /// an old one.
    past: Mutex<Option<PastTrie>>,
}

#[derive(Debug)]
struct Writer {
    trie: StateTrie,
    /// The root of the diff that was staged and not yet committed.
    staged: Option<B256>,
    checkpoint: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens the store, making the genesis block in an empty directory and
    /// replaying the log's tail in any other.
    ///
    /// # Errors
    /// [`StateError`], naming file and offset where the log is damaged.
    pub fn open(options: StoreOptions) -> Result<Self, StateError> {
        Self::open_with(options, &mut |_| {})
    }

    /// [`Store::open`], telling `progress` the number of each block that is
    /// replayed.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(options: StoreOptions, progress: &mut dyn FnMut(u64)) -> Result<Self, StateError> {
        let lock = DirectoryLock::acquire(&options.directory)?;
        let log = options.log();
        options.disk.create_directory(&log.directory).map_err(StateError::io("create", &log.directory))?;
        let flat = Flat::open(options.disk.as_ref(), &options.directory, options.cache_bytes, options.check_bytes)?;
        rewind::finish(&options, &flat)?;
        let loaded = Loaded::read(&options, &flat, log, progress)?;
        Ok(Self {
            writer: Mutex::new(Writer { trie: loaded.trie, staged: None, checkpoint: None }),
            layers: Arc::new(Layers {
                flat,
                epoch: RwLock::new(Arc::new(loaded.epoch)),
                log: RwLock::new(loaded.log),
                history: options.history,
                failure: Mutex::default(),
                past: Mutex::default(),
            }),
            head: RwLock::new(loaded.head),
            cache: Mutex::default(),
            options,
            _lock: lock,
        })
    }

    /// The last committed block.
    pub fn head(&self) -> Arc<StoredBlock> {
        Arc::clone(&self.head.read())
    }

    /// The state at the head.
    pub fn view(&self) -> StateView {
        // The head first: layers taken after it hold at least its block.
        let number = self.head().number();
        StateView { epoch: Arc::clone(&self.layers.epoch.read()), number }
    }

    /// The state after block `number`.
    ///
    /// # Errors
    /// [`StateError::NoSuchBlock`] past the head, [`StateError::Pruned`] before
    /// the history that is kept.
    pub fn view_at(&self, number: u64) -> Result<StateView, StateError> {
        let head = self.head().number();
        if number > head {
            return Err(StateError::NoSuchBlock { number, head });
        }
        let epoch = Arc::clone(&self.layers.epoch.read());
        let oldest = epoch.snapshot.oldest;
        if number < oldest {
            return Err(StateError::Pruned { number, oldest });
        }
        Ok(StateView { epoch, number })
    }

    /// The block with this number, or `None` past the head.
    ///
    /// # Errors
    /// A storage error.
    pub fn block(&self, number: u64) -> Result<Option<Arc<StoredBlock>>, StateError> {
        let head = self.head();
        if number >= head.number() {
            return Ok((number == head.number()).then_some(head));
        }
        let Some((location, hash)) = self.block_place(number)? else { return Ok(None) };
        if let Some(stored) = self.cache.lock().get(&hash) {
            return Ok(Some(stored));
        }
        let stored = Arc::new(record::decode_block(&self.layers.log.read().read(location, number)?)?);
        self.cache.lock().put(&stored);
        Ok(Some(stored))
    }

    fn block_place(&self, number: u64) -> Result<Option<(Location, B256)>, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        for generation in epoch.generations() {
            if let Some(committed) = generation.blocks.read().get(&number) {
                return Ok(Some((committed.location, committed.hash)));
            }
        }
        epoch.snapshot.block_place(number)
    }

    /// The number of the block with this hash.
    ///
    /// # Errors
    /// A storage error.
    pub fn block_number(&self, hash: &B256) -> Result<Option<u64>, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        for generation in epoch.generations() {
            if let Some(number) = generation.hashes.read().get(hash) {
                return Ok(Some(*number));
            }
        }
        epoch.snapshot.block_number(hash)
    }

    /// Block number and index of a committed transaction.
    ///
    /// # Errors
    /// A storage error.
    pub fn transaction(&self, hash: &B256) -> Result<Option<(u64, usize)>, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        for generation in epoch.generations() {
            if let Some((number, index)) = generation.transactions.read().get(hash) {
                return Ok(Some((*number, *index as usize)));
            }
        }
        for (number, index) in epoch.snapshot.transactions(hash)? {
            let found = self.block(number)?;
            let transaction = found.as_ref().and_then(|stored| stored.block.transactions.get(index as usize));
            if transaction.is_some_and(|transaction| transaction.tx_hash() == hash) {
                return Ok(Some((number, index as usize)));
            }
        }
        Ok(None)
    }

    /// Blocks in `from..=to` that may hold a log with one of `keys`, in
    /// order. Callers look at the logs themselves.
    ///
    /// # Errors
    /// A storage error.
    pub fn log_blocks(&self, keys: &[LogKey<'_>], from: u64, to: u64) -> Result<BTreeSet<u64>, StateError> {
        let epoch = Arc::clone(&self.layers.epoch.read());
        let mut blocks = BTreeSet::new();
        for key in keys {
            blocks.extend(epoch.snapshot.log_blocks(*key, from, to)?);
        }
        for generation in epoch.generations() {
            for (number, committed) in generation.blocks.read().range(from..=to) {
                if keys.iter().any(|key| committed.logs.binary_search(&key.at(*number)).is_ok()) {
                    blocks.insert(*number);
                }
            }
        }
        Ok(blocks)
    }

    /// The bytes on disk of the log and of each part of the checkpoint. Walks
    /// all of the checkpoint.
    ///
    /// # Errors
    /// A storage error.
    pub fn sizes(&self) -> Result<Vec<(&'static str, u64)>, StateError> {
        let mut sizes = Arc::clone(&self.layers.epoch.read()).snapshot.sizes()?;
        sizes.push(("log", self.layers.log.read().size()?));
        Ok(sizes)
    }

    /// Proves an account and slots of it against the head's state root, or
    /// `None` while the trie is ahead of it, with a diff that is staged.
    fn prove_head(
        &self,
        address: Address,
        slots: &[U256],
    ) -> Result<Option<(Arc<StoredBlock>, AccountProof)>, StateError> {
        let mut writer = self.writer.lock();
        if writer.staged.is_some() {
            return Ok(None);
        }
        let snapshot = Arc::clone(&self.layers.epoch.read().snapshot);
        let proof = writer.trie.prove(address, slots, &snapshot)?;
        Ok(Some((self.head(), proof)))
    }

    /// Applies `diff` to the trie at the head and returns the root it gives.
    /// One diff can be staged at a time: [`Store::commit`] it or
    /// [`Store::unstage`] it.
    ///
    /// # Errors
    /// [`StateError::Staged`] while another is staged,
    /// [`StateError::ReadOnly`] after a failed write, or a storage error.
    pub fn stage(&self, diff: &StateDiff) -> Result<B256, StateError> {
        let mut writer = self.writer.lock();
        self.layers.log.read().check_writable()?;
        if writer.staged.is_some() {
            return Err(StateError::Staged);
        }
        let snapshot = Arc::clone(&self.layers.epoch.read().snapshot);
        let root = writer.trie.apply(diff, &snapshot)?;
        writer.staged = Some(root);
        Ok(root)
    }

    /// Takes a staged diff back.
    ///
    /// # Errors
    /// A storage error.
    pub fn unstage(&self, diff: &StateDiff) -> Result<(), StateError> {
        let mut writer = self.writer.lock();
        if writer.staged.take().is_some() {
            let snapshot = Arc::clone(&self.layers.epoch.read().snapshot);
            writer.trie.apply(&diff.reversed(), &snapshot)?;
        }
        Ok(())
    }

    /// Commits a block whose diff is staged. When this returns `Ok` the block
    /// survives a kill and a power loss.
    ///
    /// # Errors
    /// [`StateError::NotNext`] or [`StateError::Root`] for a block that does
    /// not fit, whose diff stays staged; an I/O error or [`StateError::ReadOnly`] after which nothing
    /// more is accepted.
    pub fn commit(&self, stored: StoredBlock, diff: &StateDiff) -> Result<Arc<StoredBlock>, StateError> {
        let mut writer = self.writer.lock();
        let head = self.head();
        if stored.number() != head.number() + 1 || stored.block.header.parent_hash != head.block.hash {
            return Err(StateError::NotNext { number: stored.number(), head: head.number() });
        }
        let computed = writer.staged.ok_or(StateError::TrieShape)?;
        check_root(&stored, computed)?;
        if let Some(reason) = self.layers.failure.lock().clone() {
            self.layers.log.write().fail(reason);
        }
        let payload = record::encode(&stored, diff);
        let location = self.layers.log.write().append(stored.number(), &payload)?;
        writer.staged = None;
        let stored = Arc::new(stored);
        let active = Arc::clone(&self.layers.epoch.read().active);
        active.commit(&stored, diff, location);
        self.cache.lock().put(&stored);
        *self.head.write() = Arc::clone(&stored);
        if active.size() >= self.options.checkpoint_values {
            self.start_checkpoint(&mut writer);
        }
        if active.size() >= self.options.checkpoint_values.saturating_mul(VALUES_WAITING) {
            // The disk doesn't keep up: memory and the next start's replay
            // must not grow without bound. What went wrong in a checkpoint
            // is told to the next commit.
            let _ = self.wait_for_checkpoint(&mut writer);
        }
        Ok(stored)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // The thread holds the database open: let it finish, so that the
        // directory can be opened again at once.
        if let Some(thread) = self.writer.get_mut().checkpoint.take() {
            let _ = thread.join();
        }
    }
}
