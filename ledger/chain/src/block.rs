//! A block with its body and recovered senders.

use crate::transaction::TRANSACTION_BYTES_MAX;
use alloy_consensus::{
    Header, ReceiptEnvelope, TxEnvelope, crypto::RecoveryError, proofs, transaction::SignerRecoverable,
};
use alloy_eips::eip4895::{Withdrawal, Withdrawals};
use alloy_primitives::{Address, B256, Bloom};
use alloy_rlp::Decodable;

/// Why bytes are not a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The RLP is not that of a block.
    #[error("the block does not decode: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// A transaction's signature does not recover.
    #[error("transaction {index}: {source}")]
    Sender {
        /// Its position in the block.
        index: usize,
        /// What recovery said.
        source: RecoveryError,
    },
    /// A root in the header is not that of the body.
    #[error("block {number}: {field} is {given}, the body gives {computed}")]
    Root {
        /// The block's number.
        number: u64,
        /// The header's field.
        field: &'static str,
        /// What the header says.
        given: B256,
        /// What the body gives.
        computed: B256,
    },
}

/// A block: header, its hash, body, and each transaction's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The header's hash.
    pub hash: B256,
    /// Transactions in order.
    pub transactions: Vec<TxEnvelope>,
    /// The sender of each transaction, in the same order.
    pub senders: Vec<Address>,
    /// Uncles, on chains from before the merge.
    pub ommers: Vec<Header>,
    /// Withdrawals (EIP-4895), from Shanghai on.
    pub withdrawals: Option<Withdrawals>,
}

impl Block {
    /// Checks the header's three body roots.
    ///
    /// # Errors
    /// [`BlockError::Root`] with the first that differs.
    pub fn check_body(&self) -> Result<(), BlockError> {
        let withdrawals = self.withdrawals.as_ref().map(|list| proofs::calculate_withdrawals_root(list));
        let checks = [
            ("transactionsRoot", self.header.transactions_root, proofs::calculate_transaction_root(&self.transactions)),
            ("sha3Uncles", self.header.ommers_hash, proofs::calculate_ommers_root(&self.ommers)),
            ("withdrawalsRoot", self.header.withdrawals_root.unwrap_or_default(), withdrawals.unwrap_or_default()),
        ];
        for (field, given, computed) in checks {
            if given != computed {
                return Err(BlockError::Root { number: self.header.number, field, given, computed });
            }
        }
        Ok(())
    }

    /// The block's RLP as it stands on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let body = alloy_consensus::BlockBody {
            transactions: self.transactions.clone(),
            ommers: self.ommers.clone(),
            withdrawals: self.withdrawals.clone(),
        };
        alloy_rlp::encode(alloy_consensus::Block { header: self.header.clone(), body })
    }

    /// Withdrawals as a slice, empty before Shanghai.
    pub fn withdrawals(&self) -> &[Withdrawal] {
        self.withdrawals.as_ref().map_or(&[], |list| &list.0)
    }
}

/// Decodes a block from `rlp`, leaving what follows it, and recovers senders.
///
/// # Errors
/// [`BlockError`] for malformed RLP, an oversized transaction or a bad
/// signature.
pub fn decode_block(rlp: &mut &[u8]) -> Result<Block, BlockError> {
    let block = alloy_consensus::Block::<TxEnvelope>::decode(rlp)?;
    let hash = block.header.hash_slow();
    let senders = block
        .body
        .transactions
        .iter()
        .enumerate()
        .map(|(index, transaction)| transaction.recover_signer().map_err(|source| BlockError::Sender { index, source }))
        .collect::<Result<_, _>>()?;
    Ok(Block {
        header: block.header,
        hash,
        transactions: block.body.transactions,
        senders,
        ommers: block.body.ommers,
        withdrawals: block.body.withdrawals,
    })
}

/// The receipts root and the block's bloom.
pub fn block_receipts_root(receipts: &[ReceiptEnvelope]) -> (B256, Bloom) {
    let bloom = receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom());
    (proofs::calculate_receipt_root(receipts), bloom)
}

const _: () = assert!(TRANSACTION_BYTES_MAX >= 64 * 1024, "contract creation must fit");
