//! The chain, as far as the index needs it. The index owns this seam; whoever assembles the program implements it.

use alloy_primitives::{Address, B256, Bytes, U256};
use async_trait::async_trait;
use tokio::sync::watch;

use crate::{Block, BlockTag, CallRequest, Head, SourceError, Trace};

/// A chain one can read: blocks in full, and state by call.
#[async_trait]
pub trait BlockSource: Send + Sync {
    /// The newest block.
    async fn head(&self) -> Result<Head, SourceError>;

    /// The height up to which blocks can never be replaced. A chain with instant finality answers with its head.
    async fn finalized(&self) -> Result<u64, SourceError>;

    /// A block in full, or none if there is none at this height.
    async fn block(&self, number: u64) -> Result<Option<Block>, SourceError>;

    /// Blocks from `first` to `last`, both included, in order. It may stop early once it has gathered
    /// `transactions_max` transactions, but gives at least one block where there is one.
    async fn blocks(&self, first: u64, last: u64, transactions_max: usize) -> Result<Vec<Block>, SourceError> {
        let mut found = Vec::new();
        let mut transactions = 0;
        for number in first..=last {
            let Some(block) = self.block(number).await? else {
                break;
            };
            transactions += block.transactions.len();
            found.push(block);
            if transactions >= transactions_max {
                break;
            }
        }
        Ok(found)
    }

    /// The number of the block with this hash.
    async fn block_number(&self, hash: B256) -> Result<Option<u64>, SourceError>;

    /// Executes a call and returns its output. A revert is [`SourceError::Reverted`].
    async fn call(&self, request: CallRequest, at: BlockTag) -> Result<Bytes, SourceError>;

    /// Wei an account holds.
    async fn balance(&self, account: Address, at: BlockTag) -> Result<U256, SourceError>;

    /// Transactions an account has sent.
    async fn nonce(&self, account: Address, at: BlockTag) -> Result<u64, SourceError>;

    /// Code of an account.
    async fn code(&self, account: Address, at: BlockTag) -> Result<Bytes, SourceError>;

    /// A slot of an account's storage.
    async fn storage(&self, account: Address, slot: B256, at: BlockTag) -> Result<B256, SourceError>;

    /// What a transaction did inside, by its block and place in it. None where the chain's node does not trace.
    async fn trace(&self, _block: u64, _index: u64) -> Result<Option<Trace>, SourceError> {
        Ok(None)
    }

    /// A view of the newest block that changes as blocks arrive.
    fn heads(&self) -> watch::Receiver<Head>;
}
