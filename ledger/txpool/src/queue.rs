//! One sender's transactions by nonce.

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_primitives::U256;
use ledger_chain::transaction::cost_max;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) transaction: Arc<TxEnvelope>,
    /// Counts up; earlier ones go first at equal tips.
    pub(crate) arrival: u64,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) state_nonce: u64,
    pub(crate) entries: BTreeMap<u64, Entry>,
}

impl Queue {
    pub(crate) const fn new(state_nonce: u64) -> Self {
        Self { state_nonce, entries: BTreeMap::new() }
    }

    /// Entries that follow the account's nonce without a gap.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &Entry> {
        (self.state_nonce..)
            .zip(self.entries.range(self.state_nonce..))
            .take_while(|(expected, (nonce, _))| expected == *nonce)
            .map(|(_, (_, entry))| entry)
    }

    /// The nonce after the last pending one.
    pub(crate) fn next_nonce(&self) -> u64 {
        self.state_nonce + self.pending().count() as u64
    }

    /// What all but the one at `nonce` may cost. Free transactions, the usual
    /// case on a chain without a base fee, are not walked.
    pub(crate) fn cost_without(&self, nonce: u64) -> U256 {
        self.entries
            .iter()
            .filter(|(own, entry)| {
                **own != nonce && (entry.transaction.max_fee_per_gas() > 0 || !entry.transaction.value().is_zero())
            })
            .fold(U256::ZERO, |sum, (_, entry)| sum.saturating_add(cost_max(&entry.transaction)))
    }
}
