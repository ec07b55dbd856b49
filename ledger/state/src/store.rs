//! The store: the log, the layers above it, and the checkpoints below.

use crate::{
    diff::{AccountChange, AccountData, CodeAdded, SlotChange, StateDiff},
    disk::{Disk, OsDisk},
    error::StateError,
    flat::{Flat, LogKey, Snapshot},
    generation::Generation,
    lock::DirectoryLock,
    log::{Location, Log},
    record::{self, StoredBlock},
    state_trie::{AccountProof, StateTrie},
    view::{Epoch, StateView},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use ledger_chain::{Block, ChainSpec};
use lru::LruCache;
use parking_lot::{Mutex, RwLock};
use std::{collections::BTreeSet, num::NonZeroUsize, path::PathBuf, sync::Arc, thread::JoinHandle};

/// Blocks kept decoded after they left memory.
const BLOCK_CACHE: NonZeroUsize = NonZeroUsize::new(512).expect("512 is not zero");

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
    /// The file layer under the log.
    pub disk: Arc<dyn Disk>,
}

impl StoreOptions {
    /// The usual settings for `directory`.
    pub fn new(directory: impl Into<PathBuf>, spec: Arc<ChainSpec>) -> Self {
        Self {
            directory: directory.into(),
            spec,
            checkpoint_values: 250_000,
            cache_bytes: 256 << 20,
            disk: Arc::new(OsDisk),
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
    cache: Mutex<LruCache<u64, Arc<StoredBlock>>>,
    checkpoint_values: usize,
    _lock: DirectoryLock,
}

/// What readers and the checkpoint thread share.
#[derive(Debug)]
struct Layers {
    flat: Flat,
    epoch: RwLock<Arc<Epoch>>,
    log: RwLock<Log>,
    /// Why the last checkpoint failed.
    failure: Mutex<Option<String>>,
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
        let lock = DirectoryLock::acquire(&options.directory)?;
        let flat = Flat::open(&options.directory.join("state.redb"), options.cache_bytes)?;
        let snapshot = Arc::new(flat.snapshot()?);
        let checkpoint = match snapshot.block {
            Some((number, hash)) => Some((number, hash, checkpoint_place(&snapshot, number)?)),
            None => None,
        };
        let active = Generation::after(snapshot.block.map(|(number, _)| number));
        let mut replay = Replay { active: &active, checkpoint, head: None, merged: MergedDiff::default() };
        let mut log = Log::open(
            &options.directory.join("log"),
            options.disk,
            options.spec.genesis_hash(),
            checkpoint.map(|(_, _, location)| location),
            &mut |location, number, payload| replay.visit(location, number, &payload),
        )?;
        let (mut head, merged) = (replay.head, replay.merged);
        let root = match checkpoint {
            Some((number, _, location)) => record::decode_block(&log.read(location, number)?)?.block.header.state_root,
            None => alloy_trie::EMPTY_ROOT_HASH,
        };
        let mut trie = StateTrie::from_root(root);
        if let Some(head) = &head {
            let computed = trie.apply(&merged.into_diff(), &snapshot)?;
            check_root(head, computed)?;
        } else if let Some((number, _, _)) = checkpoint {
            return Err(StateError::LogBehind { log: 0, checkpoint: number });
        } else {
            head = Some(write_genesis(&options.spec, &mut log, &mut trie, &active, &snapshot)?);
        }
        let head = head.ok_or(StateError::TrieShape)?;
        let epoch = Epoch { snapshot, frozen: None, active: Arc::new(active) };
        Ok(Self {
            writer: Mutex::new(Writer { trie, staged: None, checkpoint: None }),
            layers: Arc::new(Layers {
                flat,
                epoch: RwLock::new(Arc::new(epoch)),
                log: RwLock::new(log),
                failure: Mutex::default(),
            }),
            head: RwLock::new(head),
            cache: Mutex::new(LruCache::new(BLOCK_CACHE)),
            checkpoint_values: options.checkpoint_values,
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
    /// [`StateError::NoSuchBlock`] past the head.
    pub fn view_at(&self, number: u64) -> Result<StateView, StateError> {
        let head = self.head().number();
        if number > head {
            return Err(StateError::NoSuchBlock { number, head });
        }
        Ok(StateView { epoch: Arc::clone(&self.layers.epoch.read()), number })
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
        let epoch = Arc::clone(&self.layers.epoch.read());
        for generation in epoch.generations() {
            if let Some((stored, _)) = generation.blocks.read().get(&number) {
                return Ok(Some(Arc::clone(stored)));
            }
        }
        if let Some(stored) = self.cache.lock().get(&number) {
            return Ok(Some(Arc::clone(stored)));
        }
        let Some((location, _)) = epoch.snapshot.block_place(number)? else {
            return Ok(None);
        };
        let stored = Arc::new(record::decode_block(&self.layers.log.read().read(location, number)?)?);
        self.cache.lock().put(number, Arc::clone(&stored));
        Ok(Some(stored))
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
        Ok(epoch.snapshot.transaction(hash)?.map(|(number, index)| (number, index as usize)))
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
            for (number, (stored, _)) in generation.blocks.read().range(from..=to) {
                let bloom = &stored.block.header.logs_bloom;
                let hit = keys.iter().any(|key| match key {
                    LogKey::Address(address) => {
                        bloom.contains_input(alloy_primitives::BloomInput::Raw(address.as_slice()))
                    }
                    LogKey::Topic(_, topic) => {
                        bloom.contains_input(alloy_primitives::BloomInput::Raw(topic.as_slice()))
                    }
                });
                if hit {
                    blocks.insert(*number);
                }
            }
        }
        Ok(blocks)
    }

    /// Proves an account and slots of it against the head's state root.
    ///
    /// # Errors
    /// A storage error.
    pub fn prove(&self, address: Address, slots: &[U256]) -> Result<(Arc<StoredBlock>, AccountProof), StateError> {
        let mut writer = self.writer.lock();
        let snapshot = Arc::clone(&self.layers.epoch.read().snapshot);
        let proof = writer.trie.prove(address, slots, &snapshot)?;
        Ok((self.head(), proof))
    }

    /// Applies `diff` to the trie at the head and returns the root it gives.
    /// One diff can be staged at a time: [`Store::commit`] it or
    /// [`Store::unstage`] it.
    ///
    /// # Errors
    /// A storage error.
    pub fn stage(&self, diff: &StateDiff) -> Result<B256, StateError> {
        let mut writer = self.writer.lock();
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
    /// not fit; an I/O error or [`StateError::ReadOnly`] after which nothing
    /// more is accepted.
    pub fn commit(&self, stored: StoredBlock, diff: &StateDiff) -> Result<Arc<StoredBlock>, StateError> {
        let mut writer = self.writer.lock();
        let head = self.head();
        if stored.number() != head.number() + 1 || stored.block.header.parent_hash != head.block.hash {
            return Err(StateError::NotNext { number: stored.number(), head: head.number() });
        }
        let computed = writer.staged.take().ok_or(StateError::TrieShape)?;
        check_root(&stored, computed)?;
        if let Some(reason) = self.layers.failure.lock().clone() {
            self.layers.log.write().fail(reason);
        }
        let payload = record::encode(&stored, diff);
        let location = self.layers.log.write().append(stored.number(), &payload)?;
        let stored = Arc::new(stored);
        let active = Arc::clone(&self.layers.epoch.read().active);
        active.commit(Arc::clone(&stored), diff, location);
        *self.head.write() = Arc::clone(&stored);
        if active.size() >= self.checkpoint_values {
            self.start_checkpoint(&mut writer)?;
        }
        Ok(stored)
    }

    /// Writes everything up to the head into the checkpoint and waits for it,
    /// so that the next start has nothing to replay.
    ///
    /// # Errors
    /// A storage error of this or an earlier checkpoint.
    pub fn checkpoint(&self) -> Result<(), StateError> {
        let mut writer = self.writer.lock();
        self.wait_for_checkpoint(&mut writer)?;
        if !self.layers.epoch.read().active.blocks.read().is_empty() {
            self.start_checkpoint(&mut writer)?;
            self.wait_for_checkpoint(&mut writer)?;
        }
        Ok(())
    }

    /// Freezes the active generation and writes it in the background. When
    /// the one before is still being written, memory just grows a little.
    fn start_checkpoint(&self, writer: &mut Writer) -> Result<(), StateError> {
        let current = Arc::clone(&self.layers.epoch.read());
        if current.frozen.is_some() {
            return Ok(());
        }
        self.wait_for_checkpoint(writer)?;
        writer.trie.evict_if_large();
        let batch = writer.trie.drain_unsaved();
        let number = self.head().number();
        let frozen = Arc::clone(&current.active);
        *self.layers.epoch.write() = Arc::new(Epoch {
            snapshot: Arc::clone(&current.snapshot),
            frozen: Some(Arc::clone(&frozen)),
            active: Arc::new(Generation::after(Some(number))),
        });
        let layers = Arc::clone(&self.layers);
        let work = move || {
            if let Err(error) = layers.write_checkpoint(&frozen, batch) {
                tracing::error!(%error, "the checkpoint failed; the ledger is read-only");
                layers.failure.lock().get_or_insert(error.to_string());
            }
        };
        let thread = std::thread::Builder::new().name("checkpoint".into()).spawn(work);
        writer.checkpoint = Some(thread.map_err(StateError::io("start a thread for", "the checkpoint"))?);
        Ok(())
    }

    fn wait_for_checkpoint(&self, writer: &mut Writer) -> Result<(), StateError> {
        if let Some(thread) = writer.checkpoint.take()
            && thread.join().is_err()
        {
            return Err(StateError::ReadOnly { reason: "the checkpoint thread panicked".into() });
        }
        match self.layers.failure.lock().clone() {
            Some(reason) => Err(StateError::ReadOnly { reason }),
            None => Ok(()),
        }
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

impl Layers {
    fn write_checkpoint(&self, frozen: &Generation, batch: crate::flat::TrieBatch) -> Result<(), StateError> {
        self.flat.checkpoint(frozen, batch)?;
        let snapshot = Arc::new(self.flat.snapshot()?);
        let mut epoch = self.epoch.write();
        *epoch = Arc::new(Epoch { snapshot, frozen: None, active: Arc::clone(&epoch.active) });
        Ok(())
    }
}

/// Collects what the log says about the blocks after the checkpoint.
struct Replay<'a> {
    active: &'a Generation,
    checkpoint: Option<(u64, B256, Location)>,
    head: Option<Arc<StoredBlock>>,
    merged: MergedDiff,
}

impl Replay<'_> {
    fn visit(&mut self, location: Location, number: u64, payload: &[u8]) -> Result<(), StateError> {
        let (stored, diff) = record::decode(payload)?;
        let stored = Arc::new(stored);
        if let Some((at, hash, _)) = self.checkpoint
            && number <= at
        {
            if number == at && stored.block.hash != hash {
                return Err(StateError::Root { number, computed: stored.block.hash, expected: hash });
            }
            self.head = Some(stored);
            return Ok(());
        }
        if let Some(head) = &self.head
            && (number != head.number() + 1 || stored.block.header.parent_hash != head.block.hash)
        {
            return Err(StateError::NotNext { number, head: head.number() });
        }
        self.merged.add(&diff);
        self.active.commit(Arc::clone(&stored), &diff, location);
        self.head = Some(stored);
        Ok(())
    }
}

/// Several diffs as one: the trie is touched once a value, however many
/// blocks are replayed.
#[derive(Default)]
struct MergedDiff {
    accounts:
        alloy_primitives::map::HashMap<Address, (Option<AccountData>, alloy_primitives::map::HashMap<U256, U256>)>,
}

impl MergedDiff {
    fn add(&mut self, diff: &StateDiff) {
        for change in &diff.accounts {
            let entry = self.accounts.entry(change.address).or_default();
            entry.0 = change.new;
            entry.1.extend(change.storage.iter().map(|slot| (slot.slot, slot.new)));
        }
    }

    fn into_diff(self) -> StateDiff {
        let accounts = self
            .accounts
            .into_iter()
            .map(|(address, (new, slots))| AccountChange {
                address,
                old: None,
                new,
                storage: slots.into_iter().map(|(slot, new)| SlotChange { slot, old: U256::ZERO, new }).collect(),
            })
            .collect();
        StateDiff { accounts, codes: Vec::new() }
    }
}

fn checkpoint_place(snapshot: &Snapshot, number: u64) -> Result<Location, StateError> {
    let place = snapshot.block_place(number)?;
    place.map(|(location, _)| location).ok_or(StateError::LogBehind { log: 0, checkpoint: number })
}

fn check_root(stored: &StoredBlock, computed: B256) -> Result<(), StateError> {
    let expected = stored.block.header.state_root;
    if computed == expected {
        return Ok(());
    }
    Err(StateError::Root { number: stored.number(), computed, expected })
}

fn write_genesis(
    spec: &ChainSpec,
    log: &mut Log,
    trie: &mut StateTrie,
    active: &Generation,
    snapshot: &Snapshot,
) -> Result<Arc<StoredBlock>, StateError> {
    let diff = genesis_diff(spec);
    let header = spec.genesis_header().clone();
    let withdrawals = header.withdrawals_root.map(|_| Default::default());
    let block = Block {
        hash: spec.genesis_hash(),
        header,
        transactions: Vec::new(),
        senders: Vec::new(),
        ommers: Vec::new(),
        withdrawals,
    };
    let stored = StoredBlock::new(block, Vec::new(), Bytes::new());
    check_root(&stored, trie.apply(&diff, snapshot)?)?;
    let location = log.append(stored.number(), &record::encode(&stored, &diff))?;
    let stored = Arc::new(stored);
    active.commit(Arc::clone(&stored), &diff, location);
    Ok(stored)
}

fn genesis_diff(spec: &ChainSpec) -> StateDiff {
    let mut diff = StateDiff::default();
    for (address, account) in &spec.genesis().alloc {
        let code = account.non_empty_code().cloned();
        let code_hash = code.as_ref().map(keccak256);
        if let (Some(code), Some(hash)) = (code, code_hash)
            && !diff.codes.iter().any(|added| added.hash == hash)
        {
            diff.codes.push(CodeAdded { hash, code });
        }
        let data = AccountData {
            nonce: account.nonce.unwrap_or(0),
            balance: account.balance,
            code_hash: code_hash.unwrap_or(AccountData::default().code_hash),
        };
        let storage = account
            .storage_slots()
            .filter(|(_, value)| !value.is_zero())
            .map(|(slot, new)| SlotChange { slot: slot.into(), old: U256::ZERO, new })
            .collect();
        diff.accounts.push(AccountChange { address: *address, old: None, new: Some(data), storage });
    }
    diff
}
