//! Reading the checkpoint as a whole, for checks.

use super::{Flat, Snapshot, collect_log_keys, decode_account, slot_key};
use crate::{diff::AccountData, error::StateError, record::StoredBlock};
use alloy_primitives::{Address, U256};
use redb::{Database, ReadableTable, ReadableTableMetadata};
use std::sync::Arc;

impl Flat {
    /// Checks the database's own checksums.
    pub(crate) fn check_integrity(&mut self) -> Result<(), StateError> {
        if let Some(database) = Arc::get_mut(&mut self.0) {
            Database::check_integrity(database)?;
        }
        Ok(())
    }
}

impl Snapshot {
    /// How many accounts and slots there are.
    pub(crate) fn counts(&self) -> Result<(u64, u64), StateError> {
        Ok((self.accounts.len()?, self.storage.len()?))
    }

    /// Every account, by address.
    pub(crate) fn accounts(
        &self,
    ) -> Result<impl Iterator<Item = Result<(Address, AccountData), StateError>>, StateError> {
        Ok(self.accounts.iter()?.map(|entry| {
            let (key, value) = entry?;
            let data = decode_account(value.value())?.ok_or(alloy_rlp::Error::InputTooShort)?;
            Ok((Address::from_slice(key.value()), data))
        }))
    }

    /// Every slot of `address` that is not zero, in order.
    pub(crate) fn slots(
        &self,
        address: &Address,
    ) -> Result<impl Iterator<Item = Result<(U256, U256), StateError>> + use<>, StateError> {
        let from = slot_key(address, U256::ZERO);
        let to = slot_key(address, U256::MAX);
        Ok(self.storage.range(from.as_slice()..=to.as_slice())?.map(|entry| {
            let (key, value) = entry?;
            Ok((U256::from_be_slice(&key.value()[20..]), U256::from_be_slice(value.value())))
        }))
    }

    /// The next account after `previous` that has storage.
    pub(crate) fn storage_owner_after(&self, previous: Option<&Address>) -> Result<Option<Address>, StateError> {
        let from = previous.map_or([0; 52], |address| slot_key(address, U256::MAX));
        let next = self.storage.range(from.as_slice()..)?.map(|entry| {
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
        collect_log_keys(stored, &mut keys);
        for key in &keys {
            if self.logs.get(key.as_slice())?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
