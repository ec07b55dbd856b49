//! Transactions that were admitted and wait for a block.
//!
//! Each sender has a queue by nonce. What follows the account's nonce without
//! a gap is *pending*, the rest is *queued*. Builders take pending
//! transactions by tip, then by arrival. Bounds hold per sender and in all;
//! over the total, the sender with the lowest tip loses its last nonce.
//!
//! **Invariant**: senders were recovered at admission; nothing recovers them
//! again. **Invariant**: no lock is held across an await. **Invariant**: of an
//! account on hold nothing waits, and no snapshot gives anything to a builder.

mod best;
mod error;
mod holds;
mod queue;

pub use best::Best;
pub use error::PoolError;
pub use holds::{HOLDS_MAX, Hold, TooManyHolds};

use alloy_consensus::{Transaction, TxEnvelope, constants::KECCAK_EMPTY};
use alloy_primitives::{Address, B256, U256, map::HashMap};
use holds::Holds;
use ledger_chain::transaction::cost_max;
use ledger_execution::PendingTransaction;
use ledger_state::{AccountData, StateError, StateView, StoredBlock};
use parking_lot::Mutex;
use queue::{Entry, Queue};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::sync::broadcast;

/// How many transactions may wait.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// In all.
    pub total: usize,
    /// For one sender.
    pub per_sender: usize,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self { total: 200_000, per_sender: 16_384 }
    }
}

/// A pool's content for `txpool_content`: by sender, by nonce.
pub type Content = BTreeMap<Address, BTreeMap<u64, Arc<TxEnvelope>>>;

/// The pool.
#[derive(Debug)]
pub struct Pool {
    inner: Mutex<Inner>,
    limits: PoolLimits,
    /// Changed only while `inner` is locked: nothing of an account is admitted between its hold and the dropping of what
    /// waits.
    holds: Arc<Holds>,
    arrivals: broadcast::Sender<B256>,
}

#[derive(Debug, Default)]
struct Inner {
    queues: HashMap<Address, Queue>,
    by_hash: HashMap<B256, (Address, u64)>,
    /// Lowest tip first: whom to evict from.
    by_tip: BTreeSet<(u128, std::cmp::Reverse<u64>, Address, u64)>,
    arrivals: u64,
    /// The newest block that was seen here.
    head: u64,
}

/// A sender's account at the head.
#[derive(Debug, Clone, Copy)]
struct Account {
    sender: Address,
    nonce: u64,
    balance: U256,
}

impl Pool {
    /// An empty pool.
    pub fn new(limits: PoolLimits) -> Self {
        Self { inner: Mutex::default(), limits, holds: Arc::default(), arrivals: broadcast::channel(4_096).0 }
    }

    /// Hashes of transactions as they become known to the pool.
    pub fn subscribe(&self) -> broadcast::Receiver<B256> {
        self.arrivals.subscribe()
    }

    /// Admits a transaction that passed the stateless checks. `head` gives the
    /// state at the head; it is asked again when a block came between.
    ///
    /// # Errors
    /// [`PoolError`] in the words that clients match on.
    pub fn add(
        &self,
        transaction: TxEnvelope,
        sender: Address,
        head: &dyn Fn() -> StateView,
    ) -> Result<B256, PoolError> {
        self.admit(transaction, sender, head, false)
    }

    /// Admits a transaction of an account that a development chain lets
    /// anyone send from, contracts included.
    ///
    /// # Errors
    /// As [`Pool::add`].
    pub fn add_impersonated(
        &self,
        transaction: TxEnvelope,
        sender: Address,
        head: &dyn Fn() -> StateView,
    ) -> Result<B256, PoolError> {
        self.admit(transaction, sender, head, true)
    }

    fn admit(
        &self,
        transaction: TxEnvelope,
        sender: Address,
        head: &dyn Fn() -> StateView,
        any_sender: bool,
    ) -> Result<B256, PoolError> {
        let hash = *transaction.tx_hash();
        loop {
            let view = head();
            let AccountData { nonce, balance, code_hash } = view.account(&sender)?.unwrap_or_default();
            if !any_sender && code_hash != KECCAK_EMPTY && !is_delegated(&view, &code_hash)? {
                return Err(PoolError::SenderNotExternal);
            }
            let mut inner = self.inner.lock();
            if let Some(hold) = self.holds.of(&sender) {
                return Err(PoolError::OnHold { account: sender, hold });
            }
            // A block that was seen here may have moved the account on: by
            // what is known of it, the next nonce would look like a gap.
            if view.number() >= inner.head {
                inner.add(transaction, Account { sender, nonce, balance }, self.limits)?;
                break;
            }
        }
        // Nobody listening is not an error.
        let _ = self.arrivals.send(hash);
        Ok(hash)
    }

    /// Removes what a committed block holds and what it made obsolete.
    pub fn on_block(&self, block: &StoredBlock) {
        let mut inner = self.inner.lock();
        inner.head = block.number();
        for (transaction, sender) in block.block.transactions.iter().zip(&block.block.senders) {
            inner.advance(*sender, transaction.nonce() + 1);
        }
    }

    /// Takes no more transactions of an account, and drops those that wait: how many. One of a block that is being made
    /// at this moment may still be in it. For an account on hold, what is said of it changes.
    ///
    /// # Errors
    /// [`TooManyHolds`].
    pub fn hold(&self, account: Address, hold: Hold) -> Result<usize, TooManyHolds> {
        let mut inner = self.inner.lock();
        self.holds.set(account, hold)?;
        Ok(inner.drop_all(account))
    }

    /// Takes transactions of an account again. Says whether it was on hold.
    pub fn lift_hold(&self, account: &Address) -> bool {
        let _inner = self.inner.lock();
        self.holds.lift(account)
    }

    /// What is said of an account that is on hold.
    pub fn hold_of(&self, account: &Address) -> Option<Hold> {
        self.holds.of(account)
    }

    /// How many accounts are on hold.
    pub fn held_accounts(&self) -> usize {
        self.holds.count()
    }

    /// Drops everything that waits. What is on hold stays so.
    pub fn clear(&self) {
        *self.inner.lock() = Inner::default();
    }

    /// Drops one transaction, and nothing else of its sender.
    pub fn remove(&self, hash: &B256) -> Option<Arc<TxEnvelope>> {
        let mut inner = self.inner.lock();
        let (sender, nonce) = inner.by_hash.get(hash).copied()?;
        inner.take(sender, nonce).map(|entry| entry.transaction)
    }

    /// Pending transactions for a builder, best first.
    pub fn best(&self, base_fee: u64) -> Best {
        Best::new(&self.inner.lock().queues, base_fee, Arc::clone(&self.holds))
    }

    /// A waiting transaction and its sender.
    pub fn get(&self, hash: &B256) -> Option<PendingTransaction> {
        let inner = self.inner.lock();
        let (sender, nonce) = inner.by_hash.get(hash).copied()?;
        let entry = inner.queues.get(&sender)?.entries.get(&nonce)?;
        Some(PendingTransaction { transaction: Arc::clone(&entry.transaction), sender })
    }

    /// The next nonce of `sender`, counting its pending transactions;
    /// `None` when it has none waiting.
    pub fn next_nonce(&self, sender: &Address) -> Option<u64> {
        self.inner.lock().queues.get(sender).map(Queue::next_nonce)
    }

    /// How many are pending and queued.
    pub fn status(&self) -> (usize, usize) {
        let inner = self.inner.lock();
        let pending: usize = inner.queues.values().map(|queue| queue.pending().count()).sum();
        (pending, inner.by_hash.len() - pending)
    }

    /// Whether anything can go into a block with this base fee.
    pub fn has_pending(&self, base_fee: u64) -> bool {
        let payable = |entry: &Entry| entry.transaction.effective_tip_per_gas(base_fee).is_some();
        self.inner.lock().queues.values().any(|queue| queue.pending().next().is_some_and(payable))
    }

    /// Everything that waits: pending, then queued.
    pub fn content(&self) -> (Content, Content) {
        let inner = self.inner.lock();
        let mut pending = Content::new();
        let mut queued = Content::new();
        for (sender, queue) in &inner.queues {
            let next = queue.next_nonce();
            for (nonce, entry) in &queue.entries {
                let side = if *nonce < next { &mut pending } else { &mut queued };
                side.entry(*sender).or_default().insert(*nonce, Arc::clone(&entry.transaction));
            }
        }
        (pending, queued)
    }
}

impl Inner {
    fn add(
        &mut self,
        transaction: TxEnvelope,
        Account { sender, nonce: state_nonce, balance }: Account,
        limits: PoolLimits,
    ) -> Result<(), PoolError> {
        let hash = *transaction.tx_hash();
        if self.by_hash.contains_key(&hash) {
            return Err(PoolError::AlreadyKnown);
        }
        let nonce = transaction.nonce();
        if nonce < state_nonce {
            return Err(PoolError::NonceTooLow { next: state_nonce, given: nonce });
        }
        self.advance(sender, state_nonce);
        let queue = self.queues.get(&sender);
        let replaced = queue.and_then(|queue| queue.entries.get(&nonce));
        if let Some(old) = replaced
            && !outbids(&transaction, &old.transaction)
        {
            return Err(PoolError::ReplacementUnderpriced);
        }
        let others = queue.map_or(U256::ZERO, |queue| queue.cost_without(nonce));
        let want = cost_max(&transaction).saturating_add(others);
        if want > balance {
            return Err(PoolError::InsufficientFunds { have: balance, want });
        }
        let replaces = replaced.is_some();
        if !replaces && queue.is_some_and(|queue| queue.entries.len() >= limits.per_sender) {
            return Err(PoolError::AccountLimit { limit: limits.per_sender });
        }
        let tip = tip_cap(&transaction);
        if !replaces && self.by_hash.len() >= limits.total {
            self.evict_below(tip)?;
        }
        self.take(sender, nonce);
        self.arrivals += 1;
        let arrival = self.arrivals;
        self.by_hash.insert(hash, (sender, nonce));
        self.by_tip.insert((tip, std::cmp::Reverse(arrival), sender, nonce));
        let queue = self.queues.entry(sender).or_insert_with(|| Queue::new(state_nonce));
        queue.state_nonce = state_nonce;
        queue.entries.insert(nonce, Entry { transaction: Arc::new(transaction), arrival });
        Ok(())
    }

    /// Makes room by taking the last nonce of the sender with the lowest tip.
    fn evict_below(&mut self, tip: u128) -> Result<(), PoolError> {
        let (lowest, _, sender, _) = *self.by_tip.first().ok_or(PoolError::Full)?;
        if lowest >= tip {
            return Err(PoolError::Full);
        }
        let last = self.queues.get(&sender).and_then(|queue| queue.entries.last_key_value().map(|(nonce, _)| *nonce));
        last.and_then(|nonce| self.take(sender, nonce)).map(drop).ok_or(PoolError::Full)
    }

    /// Notes that `sender`'s account is at `nonce`, dropping what is behind.
    fn advance(&mut self, sender: Address, nonce: u64) {
        let Some(queue) = self.queues.get_mut(&sender) else { return };
        queue.state_nonce = queue.state_nonce.max(nonce);
        let gone: Vec<u64> = queue.entries.range(..nonce).map(|(nonce, _)| *nonce).collect();
        for nonce in gone {
            self.take(sender, nonce);
        }
    }

    /// Drops everything of one sender, and says how much it was.
    fn drop_all(&mut self, sender: Address) -> usize {
        let Some(queue) = self.queues.get(&sender) else { return 0 };
        let nonces: Vec<u64> = queue.entries.keys().copied().collect();
        nonces.into_iter().filter_map(|nonce| self.take(sender, nonce)).count()
    }

    fn take(&mut self, sender: Address, nonce: u64) -> Option<Entry> {
        let queue = self.queues.get_mut(&sender)?;
        let entry = queue.entries.remove(&nonce)?;
        if queue.entries.is_empty() {
            self.queues.remove(&sender);
        }
        self.by_hash.remove(entry.transaction.tx_hash());
        let tip = tip_cap(&entry.transaction);
        self.by_tip.remove(&(tip, std::cmp::Reverse(entry.arrival), sender, nonce));
        Some(entry)
    }
}

/// The most a transaction offers above the base fee.
fn tip_cap(transaction: &TxEnvelope) -> u128 {
    transaction.max_priority_fee_per_gas().unwrap_or_else(|| transaction.max_fee_per_gas())
}

/// A replacement must raise both caps by at least a tenth, as in geth.
fn outbids(new: &TxEnvelope, old: &TxEnvelope) -> bool {
    let raised = |new: u128, old: u128| new > old && new >= old.saturating_add(old / 10);
    raised(new.max_fee_per_gas(), old.max_fee_per_gas()) && raised(tip_cap(new), tip_cap(old))
}

/// Code of an EIP-7702 delegation leaves the account external (EIP-3607).
fn is_delegated(view: &StateView, code_hash: &B256) -> Result<bool, StateError> {
    Ok(view.code(code_hash)?.is_some_and(|code| code.starts_with(&[0xef, 0x01, 0x00])))
}

#[cfg(test)]
mod tests;
