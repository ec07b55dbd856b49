//! The chain, as far as acting on it goes. This crate owns the seam; whoever assembles the program implements it.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use async_trait::async_trait;

/// A read-only call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Caller.
    pub from: Address,
    /// Contract.
    pub to: Address,
    /// Wei sent along.
    pub value: U256,
    /// Call data.
    pub input: Bytes,
}

/// What became of a transaction.
#[derive(Clone, Debug)]
pub struct Mined {
    /// Transaction hash.
    pub hash: B256,
    /// Block it is in.
    pub block_number: u64,
    /// Whether it succeeded.
    pub success: bool,
    /// Contract it created.
    pub created: Option<Address>,
    /// Gas it used.
    pub gas_used: u64,
}

/// A failure to act on the chain.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The call would revert, with this data.
    #[error("the call would revert with {} bytes of data", data.len())]
    Reverted {
        /// What the contract returned.
        data: Bytes,
    },
    /// The chain refused the transaction.
    #[error("the chain refused the transaction: {message} (code {code})")]
    Refused {
        /// JSON-RPC error code.
        code: i64,
        /// What it said.
        message: String,
    },
    /// The transaction was taken and not mined in time.
    #[error("transaction {hash} was taken but not mined in time")]
    NotMined {
        /// Its hash.
        hash: B256,
    },
    /// The chain could not be asked.
    #[error("the chain did not answer: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A chain one can act on.
#[async_trait]
pub trait Submit: Send + Sync {
    /// EIP-155 chain id.
    async fn chain_id(&self) -> Result<u64, SubmitError>;

    /// The next nonce of an account, transactions waiting included.
    async fn nonce(&self, account: Address) -> Result<u64, SubmitError>;

    /// Wei per gas that a transaction needs to be mined soon. Zero on a gas-free chain.
    async fn gas_price(&self) -> Result<u128, SubmitError>;

    /// Code of an account in the newest state.
    async fn code(&self, account: Address) -> Result<Bytes, SubmitError>;

    /// A storage slot of an account in the newest state.
    async fn storage(&self, account: Address, slot: B256) -> Result<B256, SubmitError>;

    /// Executes a call on the newest state.
    async fn call(&self, call: Call) -> Result<Bytes, SubmitError>;

    /// Hands a signed transaction in and returns its hash.
    async fn send_raw(&self, transaction: Bytes) -> Result<B256, SubmitError>;

    /// Waits until a transaction is mined.
    async fn wait(&self, hash: B256) -> Result<Mined, SubmitError>;
}

/// What a view of a contract answers in the newest state.
///
/// # Errors
/// As [`Submit::call`], and [`SubmitError::Unreachable`] where the answer is not of the view's type.
pub async fn view<C: SolCall>(submit: &dyn Submit, to: Address, call: C) -> Result<C::Return, SubmitError> {
    let call = Call { from: Address::ZERO, to, value: U256::ZERO, input: call.abi_encode().into() };
    let output = submit.call(call).await?;
    C::abi_decode_returns(&output).map_err(|error| SubmitError::Unreachable(Box::new(error)))
}
