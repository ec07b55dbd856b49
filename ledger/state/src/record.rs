//! One block as the log holds it: header, raw transactions, receipts, state
//! diff and certificate.

use crate::{diff::StateDiff, error::StateError};
use alloy_consensus::{Header, ReceiptEnvelope, TxEnvelope};
use alloy_eips::{
    eip2718::{Decodable2718, Encodable2718},
    eip4895::{Withdrawal, Withdrawals},
};
use alloy_primitives::{Address, Bytes, Log};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use ledger_chain::Block;

/// A committed block with all that was decided with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// Header, body and senders.
    pub block: Block,
    /// One receipt a transaction.
    pub receipts: Vec<ReceiptEnvelope>,
    /// The encoded certificate; empty for the genesis.
    pub certificate: Bytes,
    /// The block's size on the wire in bytes, as `eth_getBlock…` reports it.
    pub size: u64,
}

impl StoredBlock {
    /// Puts a block together with its receipts and certificate.
    pub fn new(block: Block, receipts: Vec<ReceiptEnvelope>, certificate: Bytes) -> Self {
        let size = block.encode().len() as u64;
        Self { block, receipts, certificate, size }
    }

    /// The block's number.
    pub const fn number(&self) -> u64 {
        self.block.header.number
    }

    /// Each log with the index of its transaction.
    pub fn logs(&self) -> impl Iterator<Item = (usize, &Log)> {
        self.receipts.iter().enumerate().flat_map(|(index, receipt)| receipt.logs().iter().map(move |log| (index, log)))
    }
}

#[derive(RlpEncodable, RlpDecodable)]
struct BodyRlp {
    header: Header,
    transactions: Vec<Bytes>,
    senders: Vec<Address>,
    receipts: Vec<Bytes>,
    ommers: Vec<Header>,
    /// Empty, or one list.
    withdrawals: Vec<Vec<Withdrawal>>,
    certificate: Bytes,
    size: u64,
}

/// Encodes a block and its diff. The body comes first and stands alone, so
/// that reading a block does not decode its diff.
pub(crate) fn encode(stored: &StoredBlock, diff: &StateDiff) -> Vec<u8> {
    let body = BodyRlp {
        header: stored.block.header.clone(),
        transactions: stored.block.transactions.iter().map(|tx| tx.encoded_2718().into()).collect(),
        senders: stored.block.senders.clone(),
        receipts: stored.receipts.iter().map(|receipt| receipt.encoded_2718().into()).collect(),
        ommers: stored.block.ommers.clone(),
        withdrawals: stored.block.withdrawals.iter().map(|list| list.0.clone()).collect(),
        certificate: stored.certificate.clone(),
        size: stored.size,
    };
    let mut out = Vec::with_capacity(body.length() + diff.length());
    body.encode(&mut out);
    diff.encode(&mut out);
    out
}

/// Decodes the block of a record.
pub(crate) fn decode_block(mut record: &[u8]) -> Result<StoredBlock, StateError> {
    block_from(&mut record)
}

/// Decodes the block and the diff of a record.
pub(crate) fn decode(mut record: &[u8]) -> Result<(StoredBlock, StateDiff), StateError> {
    let block = block_from(&mut record)?;
    Ok((block, StateDiff::decode(&mut record)?))
}

/// Decodes only the diff of a record.
pub(crate) fn decode_diff(mut record: &[u8]) -> Result<StateDiff, StateError> {
    let block = alloy_rlp::Header::decode(&mut record)?;
    let mut diff = record.get(block.payload_length..).ok_or(alloy_rlp::Error::InputTooShort)?;
    Ok(StateDiff::decode(&mut diff)?)
}

fn block_from(record: &mut &[u8]) -> Result<StoredBlock, StateError> {
    let body = BodyRlp::decode(record)?;
    let custom = |_| alloy_rlp::Error::Custom("a stored transaction or receipt does not decode");
    let transactions = body
        .transactions
        .iter()
        .map(|raw| TxEnvelope::decode_2718(&mut raw.as_ref()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(custom)?;
    let receipts = body
        .receipts
        .iter()
        .map(|raw| ReceiptEnvelope::decode_2718(&mut raw.as_ref()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(custom)?;
    let hash = body.header.hash_slow();
    let block = Block {
        hash,
        header: body.header,
        transactions,
        senders: body.senders,
        ommers: body.ommers,
        withdrawals: body.withdrawals.into_iter().next().map(Withdrawals::new),
    };
    Ok(StoredBlock { block, receipts, certificate: body.certificate, size: body.size })
}
