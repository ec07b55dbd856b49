//! Executes Ethereum blocks over the stored state.
//!
//! [`Ledger`] is the one way in: it builds a block from a source of
//! transactions, verifies a block that came from elsewhere, and commits
//! either. Block-level rules (system calls, withdrawals, requests, rewards of
//! imported chains) come from `alloy-evm`'s Ethereum executor; the database
//! under it is [`BlockState`], which collects old and new values as a diff.
//! [`simulate`] runs calls that change nothing.
//!
//! **Invariant**: nothing here waits, sleeps or reads the clock; deadlines and
//! timestamps are parameters.

mod assemble;
mod block_state;
mod environment;
mod error;
mod ledger;
mod payload;
mod precompiles;
pub mod simulate;
pub mod simulate_blocks;
pub mod trace;
mod transfers;

pub use assemble::{BlockAttributes, PendingTransaction, TransactionSource};
pub use block_state::{BlockState, CodeCache};
pub use environment::ExecutorSpec;
pub use error::{ExecutionError, InvalidBlock, Refusal};
pub use ledger::{Candidate, Ledger};
pub use payload::Draft;
