//! Accounts of which this node takes no transactions.
//!
//! A hold is this pool's own: it is no rule of the chain, and blocks made elsewhere are as valid as ever.

use alloy_primitives::Address;
use parking_lot::RwLock;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Accounts on hold at one time, at most.
pub const HOLDS_MAX: usize = 1_000;

/// What whoever sends for an account on hold is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Until when it is meant to last, in seconds since 1970. Nothing is lifted by the pool itself.
    pub until: u64,
    /// Why, and whom to ask, in words.
    pub notice: Arc<str>,
}

/// There is no room for another hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{HOLDS_MAX} accounts are on hold, and no more can be: lift one first")]
pub struct TooManyHolds;

/// The accounts on hold, shared with every snapshot for a block.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    /// Whether there are any: builders ask for every transaction.
    any: AtomicBool,
    accounts: RwLock<BTreeMap<Address, Hold>>,
}

impl Holds {
    /// Puts an account on hold, or changes what is said of one that is.
    pub(crate) fn set(&self, account: Address, hold: Hold) -> Result<(), TooManyHolds> {
        let mut accounts = self.accounts.write();
        if accounts.len() >= HOLDS_MAX && !accounts.contains_key(&account) {
            return Err(TooManyHolds);
        }
        accounts.insert(account, hold);
        self.any.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn lift(&self, account: &Address) -> bool {
        let mut accounts = self.accounts.write();
        let lifted = accounts.remove(account).is_some();
        self.any.store(!accounts.is_empty(), Ordering::Release);
        lifted
    }

    pub(crate) fn of(&self, account: &Address) -> Option<Hold> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        self.accounts.read().get(account).cloned()
    }

    pub(crate) fn has(&self, account: &Address) -> bool {
        self.any.load(Ordering::Acquire) && self.accounts.read().contains_key(account)
    }

    pub(crate) fn count(&self) -> usize {
        self.accounts.read().len()
    }
}
