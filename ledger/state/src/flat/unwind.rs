//! Taking the checkpoint back to an earlier block.

use super::{
    ACCOUNTS, BLOCK_HASHES, BLOCKS, Digests, Flat, HISTORY, LOGS, META, MORE_TRANSACTIONS, STORAGE, TRANSACTIONS,
    TrieBatch,
    encode::{encode_account, log_entries, number, pack_place, seal, slot_key, transaction_key},
    write::{encode_block, write_trie},
};
use crate::{diff::StateDiff, error::StateError, record::StoredBlock};
use alloy_primitives::B256;
use redb::{ReadableTable, WriteTransaction};

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
        let transaction = self.begin_write()?;
        restore_values(&transaction, &unwound.values)?;
        for (block, diff) in &unwound.blocks {
            forget_history(&transaction, self.digests, block.number(), diff)?;
            forget_block(&transaction, block)?;
        }
        write_trie(&transaction, &mut unwound.trie)?;
        {
            let (head, hash) = unwound.head;
            let mut meta = transaction.open_table(META)?;
            meta.insert("block", encode_block(head, hash).as_slice())?;
            // The head's state is always there.
            let oldest = meta.get("oldest")?.map_or(0, |value| number(value.value()));
            meta.insert("oldest", oldest.min(head).to_be_bytes().as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn restore_values(transaction: &WriteTransaction, values: &StateDiff) -> Result<(), StateError> {
    let mut accounts = transaction.open_table(ACCOUNTS)?;
    let mut storage = transaction.open_table(STORAGE)?;
    for change in &values.accounts {
        let address = &change.address;
        match change.new {
            Some(account) => {
                accounts.insert(&address.0.0, seal(address.as_slice(), encode_account(Some(account))).as_slice())?
            }
            None => accounts.remove(&address.0.0)?,
        };
        for slot in &change.storage {
            let key = slot_key(address, slot.slot);
            if slot.new.is_zero() {
                storage.remove(&key)?;
            } else {
                storage.insert(&key, seal(&key, slot.new.to_be_bytes_trimmed_vec()).as_slice())?;
            }
        }
    }
    Ok(())
}

fn forget_history(
    transaction: &WriteTransaction,
    digests: Digests,
    number: u64,
    diff: &StateDiff,
) -> Result<(), StateError> {
    let mut history = transaction.open_table(HISTORY)?;
    for change in &diff.accounts {
        history.remove(&digests.at(change.address.as_slice(), number))?;
        for slot in &change.storage {
            history.remove(&digests.at(&slot_key(&change.address, slot.slot), number))?;
        }
    }
    Ok(())
}

fn forget_block(transaction: &WriteTransaction, stored: &StoredBlock) -> Result<(), StateError> {
    transaction.open_table(BLOCKS)?.remove(stored.number())?;
    transaction.open_table(BLOCK_HASHES)?.remove(&stored.block.hash.0)?;
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    let mut more = transaction.open_table(MORE_TRANSACTIONS)?;
    for (index, included) in (0u32..).zip(&stored.block.transactions) {
        let key = transaction_key(included.tx_hash());
        let own = transactions.get(key)?.is_some_and(|place| place.value() == pack_place(stored.number(), index));
        if own {
            transactions.remove(key)?;
        } else {
            more.remove(&included.tx_hash().0)?;
        }
    }
    let mut entries = Vec::new();
    log_entries(stored, &mut entries);
    let mut logs = transaction.open_table(LOGS)?;
    for entry in &entries {
        logs.remove(entry)?;
    }
    Ok(())
}
