//! State as of one block, for reading.

use crate::{diff::AccountData, error::StateError, flat::Snapshot, generation::Generation};
use alloy_primitives::{Address, B256, Bytes, U256, map::HashMap};
use std::sync::Arc;

/// The layers of one moment: a checkpoint and the generations on top of it.
/// A reader holds on to its layers; later checkpoints don't disturb it.
#[derive(Debug)]
pub(crate) struct Epoch {
    pub(crate) snapshot: Arc<Snapshot>,
    /// Being written into the next checkpoint.
    pub(crate) frozen: Option<Arc<Generation>>,
    pub(crate) active: Arc<Generation>,
}

impl Epoch {
    /// Generations, newest first.
    pub(crate) fn generations(&self) -> impl Iterator<Item = &Arc<Generation>> {
        std::iter::once(&self.active).chain(&self.frozen)
    }
}

/// The state after block [`StateView::number`]. Cheap to clone; reads never
/// wait for the writer's disk.
#[derive(Debug, Clone)]
pub struct StateView {
    pub(crate) epoch: Arc<Epoch>,
    pub(crate) number: u64,
}

impl StateView {
    /// The block whose post-state this is.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// An account, or `None` where there is none.
    ///
    /// # Errors
    /// A storage error.
    pub fn account(&self, address: &Address) -> Result<Option<AccountData>, StateError> {
        for generation in self.epoch.generations() {
            if let Some(account) = generation.account(address, self.number) {
                return Ok(account);
            }
        }
        self.epoch.snapshot.account(address, self.number)
    }

    /// A storage slot; zero where it was never set.
    ///
    /// # Errors
    /// A storage error.
    pub fn slot(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        for generation in self.epoch.generations() {
            if let Some(value) = generation.slot(address, slot, self.number) {
                return Ok(value);
            }
        }
        self.epoch.snapshot.slot(&address, slot, self.number)
    }

    /// All slots of an account that are not zero. Only right at the head: it
    /// serves the removal of accounts (EIP-6780 made that rare).
    ///
    /// # Errors
    /// A storage error.
    pub fn slots(&self, address: Address) -> Result<HashMap<U256, U256>, StateError> {
        let mut slots: HashMap<U256, U256> = self.epoch.snapshot.slots(&address)?.collect::<Result<_, _>>()?;
        let layers: Vec<_> = self.epoch.generations().collect();
        for generation in layers.into_iter().rev() {
            for ((owner, slot), versions) in generation.storage.read().iter() {
                if *owner == address {
                    slots.insert(*slot, versions.latest());
                }
            }
        }
        slots.retain(|_, value| !value.is_zero());
        Ok(slots)
    }

    /// Code by its hash.
    ///
    /// # Errors
    /// A storage error.
    pub fn code(&self, hash: &B256) -> Result<Option<Bytes>, StateError> {
        for generation in self.epoch.generations() {
            if let Some(code) = generation.codes.read().get(hash) {
                return Ok(Some(code.clone()));
            }
        }
        self.epoch.snapshot.code(hash)
    }

    /// The hash of block `number`, if it is not after this view's block.
    ///
    /// # Errors
    /// A storage error.
    pub fn block_hash(&self, number: u64) -> Result<Option<B256>, StateError> {
        if number > self.number {
            return Ok(None);
        }
        for generation in self.epoch.generations() {
            if let Some(committed) = generation.blocks.read().get(&number) {
                return Ok(Some(committed.hash));
            }
        }
        Ok(self.epoch.snapshot.block_place(number)?.map(|(_, hash)| hash))
    }
}
