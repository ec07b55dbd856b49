//! Blocks built on any recent block and not committed.

use crate::{
    error::{ExecutionError, Refusal, refusal, sort},
    ledger::{BlockAttributes, Ledger, PendingTransaction, TransactionSource},
};
use alloy_consensus::{Transaction as _, TxEnvelope, proofs, transaction::Recovered};
use alloy_eips::{eip4895::Withdrawals, eip7685::Requests};
use alloy_evm::{Evm, block::BlockExecutor};
use alloy_primitives::U256;
use ledger_chain::{Block, block_receipts_root};
use ledger_state::StoredBlock;

/// A block that was built and is not in the ledger.
#[derive(Debug)]
pub struct Draft {
    /// The sealed block.
    pub block: Block,
    /// Requests to the consensus layer (EIP-7685).
    pub requests: Requests,
    /// What the beneficiary earned in tips, in wei.
    pub value: U256,
}

/// Why a draft was not made.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// A given transaction can't be executed.
    #[error("{0}")]
    Refused(Refusal),
    /// Execution failed.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}

impl Ledger {
    /// Builds a block on `parent` and keeps nothing of it. With `strict`, a
    /// transaction that can't go in is an error; without, it is left out.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn draft(
        &self,
        parent: &StoredBlock,
        attributes: &BlockAttributes,
        withdrawals: Option<Withdrawals>,
        source: &mut dyn TransactionSource,
        strict: bool,
    ) -> Result<Draft, DraftError> {
        let mut header = self.next_header(&parent.block.header, parent.block.hash, attributes);
        let withdrawals = header.withdrawals_root.map(|_| withdrawals.unwrap_or_default());
        let view = self.store().view_at(parent.number()).map_err(ExecutionError::from)?;
        let mut executor = self.executor(view, &header, &[], withdrawals.as_ref());
        executor.apply_pre_execution_changes().map_err(sort)?;
        let mut transactions: Vec<TxEnvelope> = Vec::new();
        let mut senders = Vec::new();
        let mut value = U256::ZERO;
        while let Some(PendingTransaction { transaction, sender }) = source.next() {
            match executor.execute_transaction(Recovered::new_unchecked(transaction.as_ref(), sender)) {
                Ok(gas) => {
                    let tip = transaction.effective_tip_per_gas(header.base_fee_per_gas.unwrap_or(0)).unwrap_or(0);
                    value += U256::from(tip) * U256::from(gas.tx_gas_used());
                    senders.push(sender);
                    transactions.push(TxEnvelope::clone(&transaction));
                }
                Err(error) => {
                    let reason = refusal(error)?;
                    if strict {
                        return Err(DraftError::Refused(reason));
                    }
                    source.refused(&PendingTransaction { transaction, sender }, reason);
                }
            }
        }
        let (evm, result) = executor.finish().map_err(sort)?;
        let diff = evm.into_db().into_diff().map_err(ExecutionError::from)?;
        header.state_root = self.store().root_after(parent.number(), &diff).map_err(ExecutionError::from)?;
        header.transactions_root = proofs::calculate_transaction_root(&transactions);
        (header.receipts_root, header.logs_bloom) = block_receipts_root(&result.receipts);
        header.withdrawals_root = withdrawals.as_ref().map(|list| proofs::calculate_withdrawals_root(list));
        header.gas_used = result.gas_used;
        header.blob_gas_used = header.blob_gas_used.map(|_| result.blob_gas_used);
        header.requests_hash = header.requests_hash.map(|_| result.requests.requests_hash());
        let block = Block { hash: header.hash_slow(), header, transactions, senders, ommers: Vec::new(), withdrawals };
        Ok(Draft { block, requests: result.requests, value })
    }
}
