//! Why a transaction was not admitted.

use crate::holds::Hold;
use alloy_primitives::{Address, U256};
use ledger_state::StateError;

/// The words are geth's where clients are known to match on them.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// It is in the pool.
    #[error("already known")]
    AlreadyKnown,
    /// The nonce was used.
    #[error("nonce too low: next nonce {next}, tx nonce {given}")]
    NonceTooLow {
        /// The account's nonce.
        next: u64,
        /// The transaction's.
        given: u64,
    },
    /// Another one with this nonce offers nearly as much.
    #[error("replacement transaction underpriced: raise both fees by at least 10 %")]
    ReplacementUnderpriced,
    /// The sender can't pay for this and what it has waiting.
    #[error("insufficient funds for gas * price + value: have {have}, want {want}")]
    InsufficientFunds {
        /// The balance in wei.
        have: U256,
        /// What all its waiting transactions may cost in wei.
        want: U256,
    },
    /// Too many of one sender.
    #[error("account limit exceeded: {limit} transactions of this sender are waiting")]
    AccountLimit {
        /// The limit.
        limit: usize,
    },
    /// Too many in all, and this one offers no more than the least.
    #[error("txpool is full: raise the tip or try again later")]
    Full,
    /// The sender is a contract (EIP-3607).
    #[error("sender not an eoa")]
    SenderNotExternal,
    /// Nothing of this sender is taken here for now.
    #[error("account on hold: {}", .hold.notice)]
    OnHold {
        /// The sender.
        account: Address,
        /// Until when, and what is said of it.
        hold: Hold,
    },
    /// Stored state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
}
