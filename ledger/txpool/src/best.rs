//! Pending transactions in the order in which a block takes them.

use crate::{
    holds::Holds,
    queue::{Entry, Queue},
};
use alloy_consensus::Transaction;
use alloy_primitives::{
    Address, B256,
    map::{HashMap, HashSet},
};
use ledger_execution::{PendingTransaction, Refusal, TransactionSource};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
};

/// A snapshot of the pool for one block.
#[derive(Debug)]
pub struct Best {
    heads: BinaryHeap<(u128, Reverse<u64>, Address)>,
    rest: HashMap<Address, VecDeque<Entry>>,
    stopped: HashSet<Address>,
    invalid: Vec<(B256, String)>,
    base_fee: u64,
    last: Option<Address>,
    /// As they are now, not as they were when the snapshot was taken.
    holds: Arc<Holds>,
}

impl Best {
    pub(crate) fn new(queues: &HashMap<Address, Queue>, base_fee: u64, holds: Arc<Holds>) -> Self {
        let mut best = Self {
            heads: BinaryHeap::new(),
            rest: HashMap::default(),
            stopped: HashSet::default(),
            invalid: Vec::new(),
            base_fee,
            last: None,
            holds,
        };
        for (sender, queue) in queues {
            let entries: VecDeque<Entry> = queue.pending().cloned().collect();
            if !entries.is_empty() {
                best.rest.insert(*sender, entries);
                best.offer(*sender);
            }
        }
        best
    }

    /// Transactions that can't be executed and should leave the pool, with
    /// the reason.
    pub fn into_invalid(self) -> Vec<(B256, String)> {
        self.invalid
    }

    fn offer(&mut self, sender: Address) {
        let Some(entry) = self.rest.get(&sender).and_then(VecDeque::front) else { return };
        // One that can't pay the base fee waits for a cheaper block, and its
        // sender's later ones with it.
        if let Some(tip) = entry.transaction.effective_tip_per_gas(self.base_fee) {
            self.heads.push((tip, Reverse(entry.arrival), sender));
        }
    }
}

impl TransactionSource for Best {
    fn next(&mut self) -> Option<PendingTransaction> {
        if let Some(sender) = self.last.take()
            && !self.stopped.contains(&sender)
        {
            self.offer(sender);
        }
        let sender = loop {
            let (_, _, sender) = self.heads.pop()?;
            if !self.holds.has(&sender) {
                break sender;
            }
        };
        let entry = self.rest.get_mut(&sender)?.pop_front()?;
        self.last = Some(sender);
        Some(PendingTransaction { transaction: Arc::clone(&entry.transaction), sender })
    }

    fn refused(&mut self, transaction: &PendingTransaction, refusal: Refusal) {
        self.stopped.insert(transaction.sender);
        if let Refusal::Invalid(reason) = refusal {
            self.invalid.push((*transaction.transaction.tx_hash(), reason));
        }
    }
}
