//! JSON-RPC errors with the codes that clients know.

use alloy_primitives::Bytes;
use ledger_chain::TransactionError;
use ledger_execution::simulate::CallError;
use ledger_state::StateError;
use ledger_txpool::PoolError;
use serde::Serialize;
use serde_json::{Value, json};

/// A transaction is refused whatever is in it (EIP-1474's "transaction rejected").
const ON_HOLD: i64 = -32003;

/// An error object (JSON-RPC 2.0; codes of EIP-1474 and geth).
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// The code.
    pub code: i64,
    /// What is wrong and what to do.
    pub message: String,
    /// More for programs, such as revert output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The body is not JSON.
    pub fn parse(detail: impl std::fmt::Display) -> Self {
        Self::new(-32700, format!("parse error: {detail}"))
    }

    /// JSON, but not a request.
    pub fn request(detail: impl Into<String>) -> Self {
        Self::new(-32600, detail)
    }

    /// No such method here.
    pub fn method(name: &str) -> Self {
        Self::new(-32601, format!("the method {name} does not exist/is not available"))
    }

    /// A parameter is missing or of the wrong type.
    pub fn params(detail: impl Into<String>) -> Self {
        Self::new(-32602, detail)
    }

    /// The server failed.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::new(-32603, detail.to_string())
    }

    /// The request is understood and refused.
    pub fn server(detail: impl std::fmt::Display) -> Self {
        Self::new(-32000, detail.to_string())
    }

    /// A bound of this server is exceeded.
    pub fn limit(detail: impl Into<String>) -> Self {
        Self::new(-32005, detail)
    }

    /// A block or the like that is not there (geth's code for unknown
    /// blocks).
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(-32001, what.to_string())
    }

    /// A contract reverted.
    pub fn reverted(output: &Bytes) -> Self {
        let message = match revert_reason(output) {
            Some(reason) => format!("execution reverted: {reason}"),
            None => "execution reverted".to_owned(),
        };
        Self { code: 3, message, data: Some(Value::String(output.to_string())) }
    }

    /// EIP-7966: the transaction is accepted but was not mined in time.
    pub fn sync_timeout(hash: alloy_primitives::B256) -> Self {
        Self {
            code: 4,
            message: "the transaction was added to the pool but wasn't processed in the time given".to_owned(),
            data: Some(Value::String(hash.to_string())),
        }
    }
}

/// The text of `Error(string)` or `Panic(uint256)`.
fn revert_reason(output: &[u8]) -> Option<String> {
    alloy_sol_types::decode_revert_reason(output)
        .map(|reason| reason.strip_prefix("revert: ").map(str::to_owned).unwrap_or(reason))
        .filter(|reason| !reason.is_empty())
}

impl From<CallError> for RpcError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Reverted(output) => Self::reverted(&output),
            CallError::State(detail) => Self::internal(detail),
            error => Self::server(error),
        }
    }
}

impl From<StateError> for RpcError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::NoSuchBlock { .. } => Self::not_found(error),
            StateError::ProofWindow { .. } | StateError::Pruned { .. } => Self::server(error),
            error => Self::internal(error),
        }
    }
}

impl From<PoolError> for RpcError {
    fn from(error: PoolError) -> Self {
        match &error {
            PoolError::OnHold { account, hold } => Self {
                code: ON_HOLD,
                message: error.to_string(),
                data: Some(json!({ "reason": "account_on_hold", "account": account, "until": hold.until })),
            },
            _ => Self::server(error),
        }
    }
}

impl From<TransactionError> for RpcError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Decode(_) | TransactionError::Trailing(_) => Self::params(error.to_string()),
            error => Self::server(error),
        }
    }
}
