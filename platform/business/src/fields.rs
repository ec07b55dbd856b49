//! Typed access to the values of a row, as projections read their own tables back.

use alloy_primitives::{Address, B256, U256};
use platform_index::{StoreError, Value};

/// Typed access to the values of a row.
pub(crate) struct Fields<'r> {
    pub(crate) table: &'static str,
    pub(crate) row: &'r [Value],
}

impl Fields<'_> {
    pub(crate) const fn shape(&self, what: &'static str) -> StoreError {
        StoreError::Shape { table: self.table, what }
    }

    pub(crate) fn int(&self, place: usize) -> Result<i64, StoreError> {
        self.int_or_null(place)?.ok_or(self.shape("an integer is missing"))
    }

    pub(crate) fn int_or_null(&self, place: usize) -> Result<Option<i64>, StoreError> {
        match self.row.get(place) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::NoInt) => Ok(None),
            _ => Err(self.shape("an integer column holds something else")),
        }
    }

    pub(crate) fn number(&self, place: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(place)?).map_err(|_| self.shape("a number is negative"))
    }

    pub(crate) fn small<T: TryFrom<i64>>(&self, place: usize) -> Result<T, StoreError> {
        T::try_from(self.int(place)?).map_err(|_| self.shape("a number is out of range"))
    }

    pub(crate) fn text(&self, place: usize) -> Result<String, StoreError> {
        match self.row.get(place) {
            Some(Value::Text(value)) => Ok(value.clone()),
            _ => Err(self.shape("a text column holds something else")),
        }
    }

    pub(crate) fn amount(&self, place: usize) -> Result<U256, StoreError> {
        U256::from_str_radix(&self.text(place)?, 10).map_err(|_| self.shape("an amount is no decimal number"))
    }

    pub(crate) fn blob(&self, place: usize) -> Result<&[u8], StoreError> {
        match self.row.get(place) {
            Some(Value::Blob(value)) => Ok(value),
            _ => Err(self.shape("a column of bytes holds something else")),
        }
    }

    pub(crate) fn address(&self, place: usize) -> Result<Address, StoreError> {
        Address::try_from(self.blob(place)?).map_err(|_| self.shape("an address is not 20 bytes"))
    }

    pub(crate) fn hash(&self, place: usize) -> Result<B256, StoreError> {
        B256::try_from(self.blob(place)?).map_err(|_| self.shape("a hash is not 32 bytes"))
    }

    pub(crate) fn address_or_null(&self, place: usize) -> Result<Option<Address>, StoreError> {
        if matches!(self.row.get(place), Some(Value::NoBlob)) {
            return Ok(None);
        }
        self.address(place).map(Some)
    }

    pub(crate) fn hash_or_null(&self, place: usize) -> Result<Option<B256>, StoreError> {
        if matches!(self.row.get(place), Some(Value::NoBlob)) {
            return Ok(None);
        }
        self.hash(place).map(Some)
    }
}
