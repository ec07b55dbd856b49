//! What a block changed: old *and* new values, so that a diff can be applied,
//! undone, and read as history.

use alloy_consensus::constants::KECCAK_EMPTY;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{RlpDecodable, RlpEncodable};

/// An account without its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct AccountData {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Hash of the code; [`KECCAK_EMPTY`] without code.
    pub code_hash: B256,
}

impl Default for AccountData {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK_EMPTY }
    }
}

/// One storage slot's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct SlotChange {
    /// The slot.
    pub slot: U256,
    /// Its value before the block.
    pub old: U256,
    /// Its value after the block.
    pub new: U256,
}

/// One account's change. `None` means that the account does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// The account.
    pub address: Address,
    /// Before the block.
    pub old: Option<AccountData>,
    /// After the block.
    pub new: Option<AccountData>,
    /// Slots that differ; for an account that is removed, every slot it had.
    pub storage: Vec<SlotChange>,
}

/// Code that a block introduced.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct CodeAdded {
    /// Its Keccak-256 hash.
    pub hash: B256,
    /// The bytes as deployed.
    pub code: Bytes,
}

/// Everything a block changed in the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct StateDiff {
    /// Accounts by address, each once.
    pub accounts: Vec<AccountChange>,
    /// New code, each hash once.
    pub codes: Vec<CodeAdded>,
}

impl StateDiff {
    /// The diff that takes this one back. Code stays: it is addressed by its
    /// hash and does no harm.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let accounts = self
            .accounts
            .iter()
            .map(|change| AccountChange {
                address: change.address,
                old: change.new,
                new: change.old,
                storage: change
                    .storage
                    .iter()
                    .map(|slot| SlotChange { slot: slot.slot, old: slot.new, new: slot.old })
                    .collect(),
            })
            .collect();
        Self { accounts, codes: Vec::new() }
    }

    /// How many values change.
    pub fn len(&self) -> usize {
        self.accounts.iter().map(|change| 1 + change.storage.len()).sum()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.codes.is_empty()
    }
}

/// The RLP form: an absent account is an empty list.
#[derive(RlpEncodable, RlpDecodable)]
struct AccountChangeRlp {
    address: Address,
    old: Vec<AccountData>,
    new: Vec<AccountData>,
    storage: Vec<SlotChange>,
}

impl alloy_rlp::Encodable for AccountChange {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        let rlp = AccountChangeRlp {
            address: self.address,
            old: self.old.into_iter().collect(),
            new: self.new.into_iter().collect(),
            storage: self.storage.clone(),
        };
        rlp.encode(out);
    }
}

impl alloy_rlp::Decodable for AccountChange {
    fn decode(buffer: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let rlp = AccountChangeRlp::decode(buffer)?;
        if rlp.old.len() > 1 || rlp.new.len() > 1 {
            return Err(alloy_rlp::Error::Custom("an account change has at most one value a side"));
        }
        Ok(Self {
            address: rlp.address,
            old: rlp.old.first().copied(),
            new: rlp.new.first().copied(),
            storage: rlp.storage,
        })
    }
}
