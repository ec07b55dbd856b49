//! Taking the checkpoint back to an earlier block.

use super::{
    ACCOUNT_HISTORY, ACCOUNTS, BLOCK_HASHES, BLOCKS, Flat, LOGS, META, STORAGE, STORAGE_HISTORY, TRANSACTIONS,
    TrieBatch, at_block, collect_log_keys, encode_account, encode_block, slot_key, write_trie,
};
use crate::{diff::StateDiff, error::StateError, record::StoredBlock};
use alloy_primitives::B256;
use redb::WriteTransaction;

/// What the checkpoint becomes.
pub(crate) struct Unwound {
    /// Number and hash of the new last block.
    pub(crate) head: (u64, B256),
    /// Every value that the forgotten blocks changed, as it was before.
    pub(crate) values: StateDiff,
    /// The forgotten blocks.
    pub(crate) blocks: Vec<(StoredBlock, StateDiff)>,
    pub(crate) trie: TrieBatch,
}

impl Flat {
    /// Forgets blocks in one transaction.
    pub(crate) fn unwind(&self, unwound: &mut Unwound) -> Result<(), StateError> {
        let transaction = self.0.begin_write()?;
        restore_values(&transaction, &unwound.values)?;
        for (block, diff) in &unwound.blocks {
            forget_history(&transaction, block.number(), diff)?;
            forget_block(&transaction, block)?;
        }
        write_trie(&transaction, &mut unwound.trie)?;
        let (number, hash) = unwound.head;
        transaction.open_table(META)?.insert("block", encode_block(number, hash).as_slice())?;
        transaction.commit()?;
        Ok(())
    }
}

fn restore_values(transaction: &WriteTransaction, values: &StateDiff) -> Result<(), StateError> {
    let mut accounts = transaction.open_table(ACCOUNTS)?;
    let mut storage = transaction.open_table(STORAGE)?;
    for change in &values.accounts {
        match change.new {
            Some(account) => accounts.insert(change.address.as_slice(), encode_account(Some(account)).as_slice())?,
            None => accounts.remove(change.address.as_slice())?,
        };
        for slot in &change.storage {
            let key = slot_key(&change.address, slot.slot);
            if slot.new.is_zero() {
                storage.remove(key.as_slice())?;
            } else {
                storage.insert(key.as_slice(), slot.new.to_be_bytes_trimmed_vec().as_slice())?;
            }
        }
    }
    Ok(())
}

fn forget_history(transaction: &WriteTransaction, number: u64, diff: &StateDiff) -> Result<(), StateError> {
    let mut accounts = transaction.open_table(ACCOUNT_HISTORY)?;
    let mut storage = transaction.open_table(STORAGE_HISTORY)?;
    for change in &diff.accounts {
        accounts.remove(at_block(change.address.as_slice(), number).as_slice())?;
        for slot in &change.storage {
            storage.remove(at_block(&slot_key(&change.address, slot.slot), number).as_slice())?;
        }
    }
    Ok(())
}

fn forget_block(transaction: &WriteTransaction, stored: &StoredBlock) -> Result<(), StateError> {
    transaction.open_table(BLOCKS)?.remove(stored.number())?;
    transaction.open_table(BLOCK_HASHES)?.remove(stored.block.hash.as_slice())?;
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    for included in &stored.block.transactions {
        transactions.remove(included.tx_hash().as_slice())?;
    }
    let mut keys = Vec::new();
    collect_log_keys(stored, &mut keys);
    let mut logs = transaction.open_table(LOGS)?;
    for key in &keys {
        logs.remove(key.as_slice())?;
    }
    Ok(())
}
