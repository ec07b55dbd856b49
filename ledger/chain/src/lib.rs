//! What a Guildhall chain *is*, apart from how it is stored or agreed on.
//!
//! Blocks are Ethereum blocks: the same header RLP, typed transactions and
//! Merkle-Patricia roots, under a geth-format `genesis.json` with its fork
//! schedule. This crate holds the rules that need nothing but their inputs.
//!
//! - [`ChainSpec`]: chain id, genesis block, which fork is active when, what
//!   blobs and base fees cost.
//! - [`Block`]: a header with its body and the senders, recovered once.
//! - [`header`]: what a child header must look like, given its parent.
//! - [`transaction`]: decoding and stateless checks at the edge.
//!
//! **Invariant**: no I/O, no clock, no randomness and no async runtime here;
//! time and limits arrive as parameters.

mod block;
pub mod header;
mod spec;
pub mod transaction;

pub use alloy_consensus::{Header, ReceiptEnvelope as Receipt, TxEnvelope as Transaction};
pub use block::{Block, BlockError, block_receipts_root, decode_block};
pub use spec::{BaseFeePolicy, ChainSpec, SpecError};
pub use transaction::{TransactionError, decode_transaction};
