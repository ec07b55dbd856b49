//! Keys and values of the checkpoint's tables.
//!
//! Values carry a checksum of four bytes over key and value: a flipped bit in
//! a balance is an error, not another balance. History is kept under digests
//! of twelve bytes, made with a seed that nobody outside knows, so that no one
//! can make two keys that share one.

use crate::{diff::AccountData, error::StateError, record::StoredBlock};
use alloy_consensus::constants::KECCAK_EMPTY;
use alloy_primitives::{Address, B256, U256};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed, xxh3_128_with_seed};

/// A digest and a block.
pub(crate) type HistoryKey = [u8; 17];
/// Kind, digest of the address or topic, block.
pub(crate) type LogEntry = [u8; 17];
/// Address and slot.
pub(crate) type SlotKey = [u8; 52];

/// What a log query can be narrowed by.
#[derive(Debug, Clone, Copy)]
pub enum LogKey<'a> {
    /// The address that emitted the log.
    Address(&'a Address),
    /// The topic at this position (0 to 3).
    Topic(u8, &'a B256),
}

impl LogKey<'_> {
    pub(crate) fn at(&self, block: u64) -> LogEntry {
        let (kind, digest) = match self {
            Self::Address(address) => (0, xxh3_64(address.as_slice())),
            Self::Topic(position, topic) => (1 + position, xxh3_64(topic.as_slice())),
        };
        let mut key = [kind; 17];
        key[1..9].copy_from_slice(&digest.to_be_bytes());
        key[9..].copy_from_slice(&block.to_be_bytes());
        key
    }
}

/// The entries of a block's logs, some perhaps twice.
pub(crate) fn log_entries(stored: &StoredBlock, entries: &mut Vec<LogEntry>) {
    let number = stored.number();
    for (_, log) in stored.logs() {
        entries.push(LogKey::Address(&log.address).at(number));
        for (position, topic) in (0u8..).zip(log.topics()) {
            entries.push(LogKey::Topic(position, topic).at(number));
        }
    }
}

/// Keys of what changed, by a secret seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digests(pub(crate) u64);

impl Digests {
    /// `key`'s entry at `block`; entries of one key are in the order of their
    /// blocks.
    pub(crate) fn at(self, key: &[u8], block: u64) -> HistoryKey {
        let mut entry = [0; 17];
        entry[..12].copy_from_slice(&xxh3_128_with_seed(key, self.0).to_be_bytes()[..12]);
        // Forty bits count blocks for longer than anyone will run one chain.
        entry[12..].copy_from_slice(&block.min((1 << 40) - 1).to_be_bytes()[3..]);
        entry
    }
}

pub(crate) fn slot_key(address: &Address, slot: U256) -> SlotKey {
    let mut key = [0; 52];
    key[..20].copy_from_slice(address.as_slice());
    key[20..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

/// The index key of a transaction: the start of its hash. Those that share one
/// are told apart by their blocks.
pub(crate) fn transaction_key(hash: &B256) -> u64 {
    number(&hash[..8])
}

/// Where a transaction is, in one integer.
pub(crate) fn pack_place(number: u64, index: u32) -> u64 {
    number << 24 | u64::from(index)
}

pub(crate) fn unpack_place(place: u64) -> (u64, u32) {
    (place >> 24, u32::try_from(place & 0xff_ffff).unwrap_or(0))
}

pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// `value` with its checksum under `key`.
pub(crate) fn seal(key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let sum = checksum(key, &value);
    value.extend_from_slice(&sum);
    value
}

/// What was sealed.
pub(crate) fn open<'a>(key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], StateError> {
    let (value, sum) = sealed.split_last_chunk().ok_or(StateError::ValueDamaged)?;
    if *sum == checksum(key, value) { Ok(value) } else { Err(StateError::ValueDamaged) }
}

fn checksum(key: &[u8], value: &[u8]) -> [u8; 4] {
    let sum = xxh3_64_with_seed(value, xxh3_64(key)).to_le_bytes();
    [sum[0], sum[1], sum[2], sum[3]]
}

/// Nothing for no account; else a byte that says whether there is code and how
/// long the nonce is, then nonce, code hash and balance.
pub(crate) fn encode_account(account: Option<AccountData>) -> Vec<u8> {
    let Some(AccountData { nonce, balance, code_hash }) = account else { return Vec::new() };
    let nonce = nonce.to_be_bytes();
    let skipped = nonce.iter().take_while(|byte| **byte == 0).count();
    let has_code = code_hash != KECCAK_EMPTY;
    let mut out = Vec::with_capacity(56);
    out.push(u8::from(has_code) << 7 | u8::try_from(8 - skipped).unwrap_or(8));
    out.extend_from_slice(&nonce[skipped..]);
    if has_code {
        out.extend_from_slice(code_hash.as_slice());
    }
    out.extend_from_slice(&balance.to_be_bytes_trimmed_vec());
    out
}

pub(crate) fn decode_account(bytes: &[u8]) -> Result<Option<AccountData>, StateError> {
    let Some((head, rest)) = bytes.split_first() else { return Ok(None) };
    let (nonce, rest) = rest.split_at_checked(usize::from(head & 0x7f)).ok_or(StateError::ValueDamaged)?;
    let (code_hash, balance) = if head >> 7 == 1 {
        let (hash, rest) = rest.split_at_checked(32).ok_or(StateError::ValueDamaged)?;
        (B256::from_slice(hash), rest)
    } else {
        (KECCAK_EMPTY, rest)
    };
    let balance = U256::try_from_be_slice(balance).ok_or(StateError::ValueDamaged)?;
    Ok(Some(AccountData { nonce: number(nonce), balance, code_hash }))
}

pub(crate) fn decode_slot(bytes: &[u8]) -> Result<U256, StateError> {
    U256::try_from_be_slice(bytes).ok_or(StateError::ValueDamaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn accounts_come_back(nonce: u64, balance: [u8; 32], zeros in 0usize..32, code: Option<[u8; 32]>) {
            let mut balance = balance;
            balance[..zeros].fill(0);
            let code_hash = code.map_or(KECCAK_EMPTY, B256::from);
            let account = AccountData { nonce, balance: U256::from_be_bytes(balance), code_hash };
            prop_assert_eq!(decode_account(&encode_account(Some(account))).unwrap(), Some(account));
            let sealed = seal(b"key", encode_account(Some(account)));
            prop_assert_eq!(decode_account(open(b"key", &sealed).unwrap()).unwrap(), Some(account));
            prop_assert!(open(b"kez", &sealed).is_err());
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes: Vec<u8>) {
            let _ = decode_account(&bytes);
            let _ = decode_slot(&bytes);
            let _ = open(b"key", &bytes);
        }

        #[test]
        fn places_come_back(number in 0u64..1 << 40, index in 0u32..1 << 24) {
            prop_assert_eq!(unpack_place(pack_place(number, index)), (number, index));
        }
    }

    #[test]
    fn no_account_is_nothing() {
        assert_eq!(encode_account(None), Vec::<u8>::new());
        assert_eq!(decode_account(&[]).unwrap(), None);
    }
}
