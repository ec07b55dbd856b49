//! The seam between a driver and the state machine.

use crate::certificate::{Certificate, ValidatorSet};
use alloy_primitives::Bytes;
use ledger_chain::{Block, ChainSpec};
use ledger_execution::{BlockAttributes, Candidate, ExecutionError, Ledger, TransactionSource};
use ledger_state::StoredBlock;
use std::{sync::Arc, time::Instant};

/// A chain that a driver can extend.
pub trait Chain: Send + Sync {
    /// The rules.
    fn spec(&self) -> &Arc<ChainSpec>;
    /// The last committed block.
    fn head(&self) -> Arc<StoredBlock>;
    /// Builds a block on the head, taking transactions until `deadline`.
    ///
    /// # Errors
    /// A storage or executor failure.
    fn build(
        &self,
        attributes: &BlockAttributes,
        source: &mut dyn TransactionSource,
        deadline: Option<Instant>,
    ) -> Result<Candidate, ExecutionError>;
    /// Executes and checks a block from elsewhere.
    ///
    /// # Errors
    /// The rule it breaks, or a storage or executor failure.
    fn verify(&self, block: Block) -> Result<Candidate, ExecutionError>;
    /// Makes a candidate the head; durable when it returns.
    ///
    /// # Errors
    /// A storage failure, after which nothing more is accepted.
    fn commit(&self, candidate: Candidate, certificate: &Certificate) -> Result<Arc<StoredBlock>, ExecutionError>;
}

impl Chain for Ledger {
    fn spec(&self) -> &Arc<ChainSpec> {
        Self::spec(self)
    }

    fn head(&self) -> Arc<StoredBlock> {
        self.store().head()
    }

    fn build(
        &self,
        attributes: &BlockAttributes,
        source: &mut dyn TransactionSource,
        deadline: Option<Instant>,
    ) -> Result<Candidate, ExecutionError> {
        Self::build(self, attributes, source, &mut || deadline.is_some_and(|deadline| Instant::now() >= deadline))
    }

    fn verify(&self, block: Block) -> Result<Candidate, ExecutionError> {
        Self::verify(self, block)
    }

    fn commit(&self, candidate: Candidate, certificate: &Certificate) -> Result<Arc<StoredBlock>, ExecutionError> {
        Self::commit(self, candidate, Bytes::from(alloy_rlp::encode(certificate)))
    }
}

/// The hash that a block's `extraData` carries for the set of the next one.
pub(crate) fn extra_data(validators: &ValidatorSet) -> Bytes {
    validators.hash().into()
}
