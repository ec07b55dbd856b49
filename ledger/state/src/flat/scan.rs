//! Reading the checkpoint as a whole, for checks.

use super::{
    Snapshot,
    encode::{SlotKey, decode_account, decode_slot, log_entries, open, slot_key},
};
use crate::{diff::AccountData, error::StateError, record::StoredBlock};
use alloy_primitives::{Address, U256};
use redb::{ReadableTable, ReadableTableMetadata};

impl Snapshot {
    /// How many accounts and slots there are.
    pub(crate) fn counts(&self) -> Result<(u64, u64), StateError> {
        Ok((self.accounts.len()?, self.storage.len()?))
    }

    /// The bytes of each table, pages that are partly empty included.
    pub(crate) fn sizes(&self) -> Result<Vec<(&'static str, u64)>, StateError> {
        let size = |stats: redb::TableStats| stats.stored_bytes() + stats.metadata_bytes() + stats.fragmented_bytes();
        Ok(vec![
            ("accounts", size(self.accounts.stats()?)),
            ("storage", size(self.storage.stats()?)),
            ("codes", size(self.codes.stats()?)),
            ("history", size(self.history.stats()?)),
            ("trie", size(self.trie.stats()?)),
            ("blocks", size(self.blocks.stats()?) + size(self.block_hashes.stats()?)),
            ("transactions", size(self.transactions.stats()?) + size(self.more_transactions.stats()?)),
            ("logs", size(self.logs.stats()?)),
        ])
    }

    /// Every account, by address.
    pub(crate) fn accounts(
        &self,
    ) -> Result<impl Iterator<Item = Result<(Address, AccountData), StateError>>, StateError> {
        Ok(self.accounts.iter()?.map(|entry| {
            let (key, value) = entry?;
            let address = Address::from(*key.value());
            let data = decode_account(open(address.as_slice(), value.value())?)?.ok_or(StateError::ValueDamaged)?;
            Ok((address, data))
        }))
    }

    /// Every slot of `address` that is not zero, in order.
    pub(crate) fn slots(
        &self,
        address: &Address,
    ) -> Result<impl Iterator<Item = Result<(U256, U256), StateError>> + use<>, StateError> {
        let from = slot_key(address, U256::ZERO);
        let to = slot_key(address, U256::MAX);
        Ok(self.storage.range::<&SlotKey>(&from..=&to)?.map(|entry| {
            let (key, value) = entry?;
            let value = decode_slot(open(key.value(), value.value())?)?;
            Ok((U256::from_be_slice(&key.value()[20..]), value))
        }))
    }

    /// The next account after `previous` that has storage.
    pub(crate) fn storage_owner_after(&self, previous: Option<&Address>) -> Result<Option<Address>, StateError> {
        let from = previous.map_or([0; 52], |address| slot_key(address, U256::MAX));
        let next = self.storage.range::<&SlotKey>(&from..)?.map(|entry| {
            let (key, _) = entry?;
            Ok::<_, StateError>(Address::from_slice(&key.value()[..20]))
        });
        for owner in next.take(2) {
            let owner = owner?;
            if previous != Some(&owner) {
                return Ok(Some(owner));
            }
        }
        Ok(None)
    }

    /// Whether the index of logs knows every log of a block.
    pub(crate) fn holds_logs_of(&self, stored: &StoredBlock) -> Result<bool, StateError> {
        let mut keys = Vec::new();
        log_entries(stored, &mut keys);
        for key in &keys {
            if self.logs.get(key)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
