//! Why a block or a transaction was not executed.

use alloy_evm::block::{BlockExecutionError, BlockValidationError};
use alloy_primitives::{Address, B256, Bloom};
use ledger_chain::{BlockError, header::HeaderError};
use ledger_state::StateError;

/// A failure of building, verifying or committing.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The block breaks a rule; its sender is wrong, this node is not.
    #[error("invalid block: {0}")]
    Invalid(#[from] InvalidBlock),
    /// Stored state could not be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The executor failed for a reason that is not in the block.
    #[error("execution failed: {0}")]
    Internal(#[source] BlockExecutionError),
}

/// The rule a block breaks.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBlock {
    /// A header rule against the parent.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A root of the body.
    #[error(transparent)]
    Body(#[from] BlockError),
    /// A transaction or system call that can't be executed.
    #[error("{0}")]
    Execution(#[source] BlockExecutionError),
    /// A value in the header that execution does not give.
    #[error("{field}: the header says {given}, execution gives {computed}")]
    Outcome {
        /// The header's field.
        field: &'static str,
        /// What the header says.
        given: String,
        /// What execution gives.
        computed: String,
    },
    /// A contract that the fork needs has no code.
    #[error("the system contract {0} has no code")]
    MissingSystemContract(Address),
    /// The block is longer than EIP-7934 allows.
    #[error("the block has {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Its RLP length in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

impl InvalidBlock {
    pub(crate) fn root(field: &'static str, given: B256, computed: B256) -> Self {
        Self::Outcome { field, given: given.to_string(), computed: computed.to_string() }
    }

    pub(crate) fn number(field: &'static str, given: Option<u64>, computed: Option<u64>) -> Self {
        Self::Outcome { field, given: format!("{given:?}"), computed: format!("{computed:?}") }
    }

    pub(crate) fn bloom(given: &Bloom, computed: &Bloom) -> Self {
        Self::Outcome { field: "logsBloom", given: given.to_string(), computed: computed.to_string() }
    }
}

/// Sorts an executor's error: the block's fault or ours.
pub(crate) fn sort(error: BlockExecutionError) -> ExecutionError {
    match error {
        BlockExecutionError::Validation(_) => InvalidBlock::Execution(error).into(),
        BlockExecutionError::Internal(_) => ExecutionError::Internal(error),
    }
}

/// Why a transaction was left out of a block that was being built.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It does not fit into what is left of the block; it may fit the next.
    #[error("the block is full")]
    Full,
    /// It can't be executed on this state.
    #[error("{0}")]
    Invalid(String),
}

/// Sorts an executor's error on one transaction while building.
pub(crate) fn refusal(error: BlockExecutionError) -> Result<Refusal, ExecutionError> {
    match &error {
        BlockExecutionError::Validation(BlockValidationError::TransactionGasLimitMoreThanAvailableBlockGas {
            ..
        }) => Ok(Refusal::Full),
        BlockExecutionError::Validation(BlockValidationError::InvalidTx { error, .. }) => {
            Ok(Refusal::Invalid(error.to_string()))
        }
        _ => Err(sort(error)),
    }
}
