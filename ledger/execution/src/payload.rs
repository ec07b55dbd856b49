//! Blocks built on any recent block and not committed.

use crate::{
    assemble::{BlockAttributes, TransactionSource},
    error::ExecutionError,
    ledger::Ledger,
};
use alloy_consensus::Transaction as _;
use alloy_eips::eip7685::Requests;
use alloy_primitives::U256;
use alloy_rpc_types_eth::state::StateOverride;
use ledger_chain::Block;
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

impl Ledger {
    /// Builds a block on `parent` and keeps nothing of it.
    ///
    /// # Errors
    /// As [`Ledger::build`]; and for a parent whose state or trie is not kept
    /// any more.
    pub fn draft(
        &self,
        parent: &StoredBlock,
        attributes: &BlockAttributes,
        source: &mut dyn TransactionSource,
    ) -> Result<Draft, ExecutionError> {
        let view = self.store().view_at(parent.number())?;
        let assembled = self.assemble(parent, view, attributes, StateOverride::default(), source, &mut || false)?;
        let state_root = self.store().root_after(parent.number(), &assembled.diff)?;
        let (block, result, _) = assembled.seal(state_root);
        let base_fee = block.header.base_fee_per_gas.unwrap_or(0);
        let mut before = 0;
        let mut value = U256::ZERO;
        for (transaction, receipt) in block.transactions.iter().zip(&result.receipts) {
            let tip = transaction.effective_tip_per_gas(base_fee).unwrap_or(0);
            value += U256::from(tip) * U256::from(receipt.cumulative_gas_used() - before);
            before = receipt.cumulative_gas_used();
        }
        Ok(Draft { block, requests: result.requests, value })
    }
}
