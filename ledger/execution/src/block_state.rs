//! The database under the EVM while one block runs.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::HashMap};
use ledger_state::{AccountChange, AccountData, CodeAdded, SlotChange, StateDiff, StateError, StateView};
use lru::LruCache;
use parking_lot::Mutex;
use revm::{
    Database, DatabaseCommit, DatabaseRef,
    bytecode::Bytecode,
    context::DBErrorMarker,
    primitives::{AddressMap, KECCAK_EMPTY},
    state::{Account, AccountInfo},
};
use std::{fmt, num::NonZeroUsize, sync::Arc};

/// Analysed code, shared by all executions: analysis costs more than the
/// lookup.
#[derive(Debug, Clone)]
pub struct CodeCache(Arc<Mutex<LruCache<B256, Bytecode>>>);

impl Default for CodeCache {
    fn default() -> Self {
        const CONTRACTS: NonZeroUsize = NonZeroUsize::new(1_024).expect("1024 is not zero");
        Self(Arc::new(Mutex::new(LruCache::new(CONTRACTS))))
    }
}

/// A storage error on its way through the EVM.
#[derive(Debug)]
pub struct DatabaseError(pub StateError);

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DatabaseError {}
impl DBErrorMarker for DatabaseError {}

#[derive(Debug, Clone)]
struct CachedSlot {
    /// Before the block; `None` when it was never read from the state.
    original: Option<U256>,
    present: U256,
}

#[derive(Debug, Clone)]
struct CachedAccount {
    original: Option<AccountData>,
    present: Option<AccountInfo>,
    storage: HashMap<U256, CachedSlot>,
    /// All storage from before was discarded (created or destroyed).
    wiped: bool,
    touched: bool,
}

/// A view of the state with one block's changes on top.
#[derive(Debug, Clone)]
pub struct BlockState {
    view: StateView,
    cache: CodeCache,
    accounts: HashMap<Address, CachedAccount>,
    codes: HashMap<B256, Bytecode>,
    hashes: HashMap<u64, B256>,
    keep_empty: bool,
}

impl BlockState {
    /// A block state on top of `view`.
    pub fn new(view: StateView, cache: CodeCache) -> Self {
        Self {
            view,
            cache,
            accounts: HashMap::default(),
            codes: HashMap::default(),
            hashes: HashMap::default(),
            keep_empty: false,
        }
    }

    /// Keeps accounts that were touched and are empty, as blocks from before
    /// Spurious Dragon do (EIP-161 removed them).
    pub(crate) fn keep_empty(mut self, keep: bool) -> Self {
        self.keep_empty = keep;
        self
    }

    /// What changed, with old and new values, in the order of addresses.
    ///
    /// # Errors
    /// A storage error while old values are looked up.
    pub fn into_diff(self) -> Result<StateDiff, StateError> {
        let mut diff = StateDiff::default();
        for (address, cached) in &self.accounts {
            if cached.touched {
                diff.accounts.extend(self.change(*address, cached)?);
            }
        }
        diff.accounts.sort_unstable_by_key(|change| change.address);
        diff.codes =
            self.codes.into_iter().map(|(hash, code)| CodeAdded { hash, code: code.original_bytes() }).collect();
        diff.codes.sort_unstable_by_key(|added| added.hash);
        Ok(diff)
    }

    fn change(&self, address: Address, cached: &CachedAccount) -> Result<Option<AccountChange>, StateError> {
        let new = cached.present.as_ref().map(|info| AccountData {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        });
        let mut storage = Vec::new();
        for (slot, value) in &cached.storage {
            let old = match value.original {
                Some(old) => old,
                None if cached.original.is_none() => U256::ZERO,
                None => self.view.slot(address, *slot)?,
            };
            let present = if new.is_some() { value.present } else { U256::ZERO };
            if old != present {
                storage.push(SlotChange { slot: *slot, old, new: present });
            }
        }
        if cached.wiped && may_have_storage(cached.original) {
            for (slot, old) in self.view.slots(address)? {
                if !cached.storage.contains_key(&slot) {
                    storage.push(SlotChange { slot, old, new: U256::ZERO });
                }
            }
        }
        if cached.original == new && storage.is_empty() {
            return Ok(None);
        }
        storage.sort_unstable_by_key(|change| change.slot);
        Ok(Some(AccountChange { address, old: cached.original, new, storage }))
    }

    fn load(&mut self, address: Address) -> Result<&mut CachedAccount, DatabaseError> {
        use alloy_primitives::map::Entry;
        match self.accounts.entry(address) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let original = self.view.account(&address).map_err(DatabaseError)?;
                let present = original.map(info);
                Ok(entry.insert(CachedAccount {
                    original,
                    present,
                    storage: HashMap::default(),
                    wiped: false,
                    touched: false,
                }))
            }
        }
    }

    /// Takes in what the EVM left of one account.
    fn commit_account(&mut self, address: Address, account: Account) -> Result<(), DatabaseError> {
        if !account.is_touched() {
            return Ok(());
        }
        let mut info = account.info.clone();
        let code = info.code.take().filter(|_| info.code_hash != KECCAK_EMPTY);
        let known_code = self.load(address)?.present.as_ref().map(|present| present.code_hash);
        if let Some(code) = code
            && known_code != Some(info.code_hash)
        {
            self.codes.insert(info.code_hash, code);
        }
        let keep_empty = self.keep_empty;
        let cached = self.load(address)?;
        cached.touched = true;
        if account.is_selfdestructed() {
            cached.present = None;
            cached.wiped = true;
            cached.storage.values_mut().for_each(|slot| slot.present = U256::ZERO);
            return Ok(());
        }
        if account.is_created() {
            cached.wiped = true;
            cached.storage.values_mut().for_each(|slot| slot.present = U256::ZERO);
        } else if account.is_empty() && !keep_empty {
            // EIP-161: touched and empty accounts are gone.
            cached.present = None;
            return Ok(());
        }
        cached.present = Some(info);
        for (slot, value) in account.storage {
            if value.is_changed() {
                cached.storage.entry(slot).or_insert(CachedSlot { original: None, present: U256::ZERO }).present =
                    value.present_value;
            }
        }
        Ok(())
    }
}

fn info(data: AccountData) -> AccountInfo {
    AccountInfo {
        balance: data.balance,
        nonce: data.nonce,
        code_hash: data.code_hash,
        code: None,
        ..AccountInfo::default()
    }
}

/// Only accounts that ever had code have storage.
fn may_have_storage(original: Option<AccountData>) -> bool {
    original.is_some_and(|data| data.code_hash != KECCAK_EMPTY || data.nonce != 0)
}

impl Database for BlockState {
    type Error = DatabaseError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Self::Error> {
        Ok(self.load(address)?.present.clone())
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Self::Error> {
        if hash == KECCAK_EMPTY {
            return Ok(Bytecode::default());
        }
        if let Some(code) = self.codes.get(&hash) {
            return Ok(code.clone());
        }
        if let Some(code) = self.cache.0.lock().get(&hash) {
            return Ok(code.clone());
        }
        let raw: Bytes = self.view.code(&hash).map_err(DatabaseError)?.unwrap_or_default();
        debug_assert_eq!(keccak256(&raw), hash, "code is stored under its hash");
        let code = Bytecode::new_raw(raw);
        self.cache.0.lock().put(hash, code.clone());
        Ok(code)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        let cached = self.load(address)?;
        if let Some(value) = cached.storage.get(&slot) {
            return Ok(value.present);
        }
        if cached.wiped || cached.original.is_none() {
            return Ok(U256::ZERO);
        }
        let value = self.view.slot(address, slot).map_err(DatabaseError)?;
        if let Some(cached) = self.accounts.get_mut(&address) {
            cached.storage.insert(slot, CachedSlot { original: Some(value), present: value });
        }
        Ok(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Self::Error> {
        if let Some(hash) = self.hashes.get(&number) {
            return Ok(*hash);
        }
        Ok(self.view.block_hash(number).map_err(DatabaseError)?.unwrap_or_default())
    }
}

/// Reading without keeping what was read, for tracers that compare before and
/// after.
impl DatabaseRef for BlockState {
    type Error = DatabaseError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Self::Error> {
        match self.accounts.get(&address) {
            Some(cached) => Ok(cached.present.clone()),
            None => Ok(self.view.account(&address).map_err(DatabaseError)?.map(info)),
        }
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, Self::Error> {
        if let Some(code) = self.codes.get(&hash) {
            return Ok(code.clone());
        }
        let raw = self.view.code(&hash).map_err(DatabaseError)?.unwrap_or_default();
        Ok(if raw.is_empty() { Bytecode::default() } else { Bytecode::new_raw(raw) })
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        if let Some(cached) = self.accounts.get(&address) {
            if let Some(value) = cached.storage.get(&slot) {
                return Ok(value.present);
            }
            if cached.wiped || cached.original.is_none() {
                return Ok(U256::ZERO);
            }
        }
        self.view.slot(address, slot).map_err(DatabaseError)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Self::Error> {
        if let Some(hash) = self.hashes.get(&number) {
            return Ok(*hash);
        }
        Ok(self.view.block_hash(number).map_err(DatabaseError)?.unwrap_or_default())
    }
}

impl DatabaseCommit for BlockState {
    fn commit(&mut self, changes: AddressMap<Account>) {
        for (address, account) in changes {
            // Every account in `changes` was loaded through this database
            // before, so that looking it up again can't fail.
            if let Err(error) = self.commit_account(address, account) {
                tracing::error!(%error, %address, "state of a loaded account could not be read again");
            }
        }
    }
}

impl alloy_evm::overrides::OverrideBlockHashes for BlockState {
    fn override_block_hashes(&mut self, hashes: std::collections::BTreeMap<u64, B256>) {
        self.hashes.extend(hashes);
    }
}
