//! The pool in the shape that the driver asks for.

use alloy_primitives::B256;
use ledger_consensus::{PoolSnapshot, TransactionPool};
use ledger_execution::{PendingTransaction, Refusal, TransactionSource};
use ledger_state::StoredBlock;
use ledger_txpool::{Best, Pool};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct PoolAdapter(pub(crate) Arc<Pool>);

impl TransactionPool for PoolAdapter {
    fn best(&self, base_fee: u64) -> Box<dyn PoolSnapshot> {
        Box::new(Snapshot(self.0.best(base_fee)))
    }

    fn has_pending(&self, base_fee: u64) -> bool {
        self.0.has_pending(base_fee)
    }

    fn on_block(&self, block: &StoredBlock) {
        self.0.on_block(block);
    }

    fn drop_invalid(&self, invalid: Vec<(B256, String)>) {
        for (hash, reason) in invalid {
            tracing::debug!(%hash, reason, "a transaction can't be executed and leaves the pool");
            self.0.remove(&hash);
        }
    }
}

struct Snapshot(Best);

impl TransactionSource for Snapshot {
    fn next(&mut self) -> Option<PendingTransaction> {
        self.0.next()
    }

    fn refused(&mut self, transaction: &PendingTransaction, refusal: Refusal) {
        self.0.refused(transaction, refusal);
    }
}

impl PoolSnapshot for Snapshot {
    fn into_invalid(self: Box<Self>) -> Vec<(B256, String)> {
        self.0.into_invalid()
    }
}
