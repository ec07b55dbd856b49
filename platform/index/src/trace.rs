//! What a transaction did inside: calls between contracts, and values changed.

use alloy_primitives::{Address, B256, Bytes, U256};

/// How a frame came to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A call.
    Call,
    /// A call with the caller's storage (`CALLCODE`).
    CallCode,
    /// A call with the caller's storage, sender and value.
    DelegateCall,
    /// A call that may change nothing.
    StaticCall,
    /// A new contract.
    Create,
    /// A new contract at an address of choice.
    Create2,
    /// A contract that destroyed itself.
    SelfDestruct,
}

/// One call, in the order in which calls were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// How deep it is nested; the transaction itself is 0.
    pub depth: u32,
    /// How it came to run.
    pub kind: FrameKind,
    /// Who called.
    pub from: Address,
    /// Whom; the new contract of a creation. None where a creation failed.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Gas it was given.
    pub gas: u64,
    /// Gas it used, what it called included.
    pub gas_used: u64,
    /// Call data, or the code that creates.
    pub input: Bytes,
    /// Returned bytes, or those of the revert.
    pub output: Bytes,
    /// Why it failed, in the words of the EVM.
    pub error: Option<String>,
}

/// A value before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// Before the transaction.
    pub before: T,
    /// After it.
    pub after: T,
}

/// A slot of storage that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// Which slot.
    pub slot: B256,
    /// Its value.
    pub value: Change<B256>,
}

/// What a transaction changed of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// Which account.
    pub address: Address,
    /// Its wei, where that changed.
    pub balance: Option<Change<U256>>,
    /// Its nonce, where that changed.
    pub nonce: Option<Change<u64>>,
    /// Its code, where that changed.
    pub code: Option<Change<Bytes>>,
    /// Slots that changed, in order.
    pub slots: Vec<SlotChange>,
}

/// What a transaction did inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Calls, each before those it made.
    pub frames: Vec<Frame>,
    /// Accounts that changed, in order of address.
    pub changes: Vec<AccountChange>,
}
