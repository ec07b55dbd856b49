//! Stored blocks in the shapes of the RPC.

use crate::error::RpcError;
use alloy_consensus::{Sealed, Transaction as _, TxEnvelope, Typed2718, transaction::Recovered};
use alloy_eips::eip7840::BlobParams;
use alloy_network_primitives::BlockTransactions;
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{Block, Header, Log, Transaction, TransactionReceipt};
use ledger_state::StoredBlock;
use serde_json::Value;

/// A block with transaction hashes, or with whole transactions.
pub(crate) fn block(stored: &StoredBlock, full: bool) -> Block {
    let transactions = if full {
        BlockTransactions::Full(
            (0..stored.block.transactions.len()).filter_map(|index| transaction(stored, index)).collect(),
        )
    } else {
        BlockTransactions::Hashes(stored.block.transactions.iter().map(|tx| *tx.tx_hash()).collect())
    };
    Block {
        header: header(stored),
        uncles: stored.block.ommers.iter().map(alloy_consensus::Header::hash_slow).collect(),
        transactions,
        withdrawals: stored.block.withdrawals.clone(),
    }
}

pub(crate) fn header(stored: &StoredBlock) -> Header {
    let sealed = Sealed::new_unchecked(stored.block.header.clone(), stored.block.hash);
    Header::from_consensus(sealed, None, Some(U256::from(stored.size)))
}

pub(crate) fn transaction(stored: &StoredBlock, index: usize) -> Option<Transaction> {
    let header = &stored.block.header;
    let inner = stored.block.transactions.get(index)?;
    Some(Transaction {
        inner: Recovered::new_unchecked(inner.clone(), *stored.block.senders.get(index)?),
        block_hash: Some(stored.block.hash),
        block_number: Some(header.number),
        transaction_index: Some(index as u64),
        effective_gas_price: Some(inner.effective_gas_price(header.base_fee_per_gas)),
        block_timestamp: Some(header.timestamp),
    })
}

/// A transaction that is in no block yet: its place is null, its time too, and
/// its price the most it offers.
pub(crate) fn pending(transaction: &TxEnvelope, sender: Address) -> Result<Value, RpcError> {
    let waiting = Transaction {
        inner: Recovered::new_unchecked(transaction.clone(), sender),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: Some(transaction.max_fee_per_gas()),
        block_timestamp: None,
    };
    let mut shown = serde_json::to_value(waiting).map_err(RpcError::internal)?;
    shown["blockTimestamp"] = Value::Null;
    Ok(shown)
}

/// All receipts of a block.
pub(crate) fn receipts(stored: &StoredBlock, blobs: Option<BlobParams>) -> Vec<TransactionReceipt> {
    let header = &stored.block.header;
    let blob_price = header.excess_blob_gas.zip(blobs).map(|(excess, params)| params.calc_blob_fee(excess));
    let mut gas_before = 0;
    let mut logs_before = 0;
    let all = stored.receipts.iter().zip(&stored.block.transactions).zip(&stored.block.senders).enumerate();
    all.map(|(index, ((receipt, transaction), sender))| {
        let cumulative = receipt.cumulative_gas_used();
        let gas_used = cumulative - gas_before;
        gas_before = cumulative;
        let first_log = logs_before;
        logs_before += receipt.logs().len();
        let hash = *transaction.tx_hash();
        let mut log_index = first_log;
        let inner = receipt.clone().map_logs(|inner| {
            let log = place_log(stored, inner, index, hash, log_index);
            log_index += 1;
            log
        });
        let is_blob = transaction.is_eip4844();
        TransactionReceipt {
            inner,
            transaction_hash: hash,
            transaction_index: Some(index as u64),
            block_hash: Some(stored.block.hash),
            block_number: Some(header.number),
            gas_used,
            effective_gas_price: transaction.effective_gas_price(header.base_fee_per_gas),
            blob_gas_used: if is_blob { transaction.blob_gas_used() } else { None },
            blob_gas_price: if is_blob { blob_price } else { None },
            from: *sender,
            to: transaction.to(),
            contract_address: transaction.is_create().then(|| sender.create(transaction.nonce())),
        }
    })
    .collect()
}

/// A block's logs with their places, in order.
pub(crate) fn logs(stored: &StoredBlock) -> impl Iterator<Item = Log> {
    stored.logs().enumerate().map(|(log_index, (index, inner))| {
        let hash = stored.block.transactions.get(index).map_or(B256::ZERO, |tx| *tx.tx_hash());
        place_log(stored, inner.clone(), index, hash, log_index)
    })
}

fn place_log(
    stored: &StoredBlock,
    inner: alloy_primitives::Log,
    index: usize,
    transaction_hash: B256,
    log_index: usize,
) -> Log {
    Log {
        inner,
        block_hash: Some(stored.block.hash),
        block_number: Some(stored.number()),
        block_timestamp: Some(stored.block.header.timestamp),
        transaction_hash: Some(transaction_hash),
        transaction_index: Some(index as u64),
        log_index: Some(log_index as u64),
        removed: false,
    }
}

/// Whether a transaction is of a type that pays by cap and tip.
pub(crate) fn is_dynamic(transaction: &TxEnvelope) -> bool {
    transaction.ty() >= 2
}
