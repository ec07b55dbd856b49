//! A block as the index sees it: plain values, senders and receipts included.

use alloy_primitives::{Address, B256, Bytes, U256};

/// The newest block of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Height, from zero.
    pub number: u64,
    /// Block hash.
    pub hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
}

/// A block with its transactions, their senders and their receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Height, from zero.
    pub number: u64,
    /// Block hash.
    pub hash: B256,
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Root of the state after this block.
    pub state_root: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Who is paid the tips.
    pub beneficiary: Address,
    /// Gas all transactions used.
    pub gas_used: u64,
    /// Gas they might have used.
    pub gas_limit: u64,
    /// Base fee in wei, or zero before EIP-1559.
    pub base_fee: u128,
    /// Encoded size in bytes.
    pub size: u64,
    /// Transactions in order.
    pub transactions: Vec<Transaction>,
}

impl Block {
    /// Number, hash and time alone.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head { number: self.number, hash: self.hash, timestamp: self.timestamp }
    }
}

/// A mined transaction with its sender and its receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Transaction hash.
    pub hash: B256,
    /// Place in the block, from zero.
    pub index: u64,
    /// EIP-2718 type.
    pub kind: u8,
    /// Recovered sender.
    pub from: Address,
    /// Receiver; none creates a contract.
    pub to: Option<Address>,
    /// Address of the contract this transaction created.
    pub created: Option<Address>,
    /// Sender's nonce.
    pub nonce: u64,
    /// Wei sent along.
    pub value: U256,
    /// Call data or init code.
    pub input: Bytes,
    /// Gas the sender allowed.
    pub gas_limit: u64,
    /// Gas it used.
    pub gas_used: u64,
    /// Wei paid per gas.
    pub gas_price: u128,
    /// Whether it succeeded.
    pub success: bool,
    /// Logs it left.
    pub logs: Vec<Log>,
}

/// A log of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Contract that left it.
    pub address: Address,
    /// Topics, the event's signature hash first.
    pub topics: Vec<B256>,
    /// Unindexed arguments.
    pub data: Bytes,
    /// Place in the block, from zero.
    pub index: u64,
}

/// A read-only call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRequest {
    /// Caller; the zero address where it does not matter.
    pub from: Address,
    /// Contract to call.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Call data.
    pub input: Bytes,
}

/// At which state to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockTag {
    /// The newest block.
    Latest,
    /// The state after this block.
    Number(u64),
}
