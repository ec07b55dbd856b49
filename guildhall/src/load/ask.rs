//! JSON-RPC calls of preparation and observation, where ease matters more
//! than cost.

use super::wire::{Connection, Endpoint, WireError};
use alloy_primitives::{Address, B256, Bytes, U64, U256, hex};
use async_trait::async_trait;
use parking_lot::Mutex;
use platform_protocol::{Call, Mined, Submit, SubmitError};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long one transaction of the preparation may take to be mined.
const MINING_TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// The node could not be talked to.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The node said no.
    #[error("{method}: {message} (code {code})")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// Its words.
        message: String,
    },
    /// The answer is not what the method gives.
    #[error("{method} answered in a form that is not Ethereum JSON-RPC: {source}")]
    Shape {
        /// What was asked.
        method: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl AskError {
    /// Whether the node doesn't have the method.
    pub(crate) const fn is_unknown_method(&self) -> bool {
        matches!(self, Self::Refused { code: -32601, .. })
    }
}

#[derive(Deserialize)]
struct Reply<T> {
    result: Option<T>,
    error: Option<Fault>,
}

/// An error object of JSON-RPC.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fault {
    pub(crate) code: i64,
    pub(crate) message: String,
}

/// A block as far as measuring needs it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockView {
    pub(crate) number: U64,
    pub(crate) base_fee_per_gas: Option<U256>,
    pub(crate) gas_used: U64,
    #[serde(default)]
    pub(crate) transactions: Vec<B256>,
}

/// A receipt as far as measuring needs it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptView {
    pub(crate) transaction_hash: B256,
    pub(crate) block_number: U64,
    pub(crate) gas_used: U64,
    pub(crate) status: Option<U64>,
    pub(crate) contract_address: Option<Address>,
}

/// A connection that asks one thing after another.
pub(crate) struct Asker {
    connection: Connection,
}

impl Asker {
    pub(crate) fn connect(endpoint: &Endpoint) -> Result<Self, WireError> {
        Ok(Self { connection: endpoint.connect()? })
    }

    /// The result of `method`; `None` where the node answers null.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the parameters in place")]
    pub(crate) fn optional<T: DeserializeOwned>(
        &mut self,
        method: &'static str,
        params: Value,
    ) -> Result<Option<T>, AskError> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer = self.connection.ask(&body)?;
        let reply: Reply<T> = serde_json::from_slice(answer).map_err(|source| AskError::Shape { method, source })?;
        match reply.error {
            Some(Fault { code, message }) => Err(AskError::Refused { method, code, message }),
            None => Ok(reply.result),
        }
    }

    /// The result of `method`, which must not be null.
    pub(crate) fn ask<T: DeserializeOwned>(&mut self, method: &'static str, params: Value) -> Result<T, AskError> {
        self.optional(method, params)?
            .ok_or_else(|| AskError::Shape { method, source: serde::de::Error::custom("null where a value must be") })
    }

    /// The newest block.
    pub(crate) fn head(&mut self) -> Result<BlockView, AskError> {
        self.ask("eth_getBlockByNumber", json!(["latest", false]))
    }

    /// Block `number`, if it is there.
    pub(crate) fn block(&mut self, number: u64) -> Result<Option<BlockView>, AskError> {
        self.optional("eth_getBlockByNumber", json!([U64::from(number), false]))
    }

    /// The nonce of `account` in the newest block, or with what waits.
    pub(crate) fn nonce(&mut self, account: Address, tag: &str) -> Result<u64, AskError> {
        self.ask::<U64>("eth_getTransactionCount", json!([account, tag])).map(|nonce| nonce.to())
    }

    /// The balance of `account` in wei.
    pub(crate) fn balance(&mut self, account: Address) -> Result<U256, AskError> {
        self.ask("eth_getBalance", json!([account, "latest"]))
    }

    /// The receipt of a mined transaction.
    pub(crate) fn receipt(&mut self, hash: &B256) -> Result<Option<ReceiptView>, AskError> {
        self.optional("eth_getTransactionReceipt", json!([hash]))
    }

    /// Hands in a signed transaction.
    pub(crate) fn send(&mut self, raw: &[u8]) -> Result<B256, AskError> {
        self.ask("eth_sendRawTransaction", json!([hex::encode_prefixed(raw)]))
    }
}

/// A node under measurement as something that contracts are deployed to.
pub(crate) struct Remote(pub(crate) Mutex<Asker>);

#[async_trait]
impl Submit for Remote {
    async fn chain_id(&self) -> Result<u64, SubmitError> {
        self.0.lock().ask::<U64>("eth_chainId", json!([])).map(|id| id.to()).map_err(submit_error)
    }

    async fn nonce(&self, account: Address) -> Result<u64, SubmitError> {
        self.0.lock().nonce(account, "pending").map_err(submit_error)
    }

    async fn gas_price(&self) -> Result<u128, SubmitError> {
        let head = self.0.lock().head().map_err(submit_error)?;
        // Twice the base fee outlasts six full blocks.
        Ok(head.base_fee_per_gas.unwrap_or_default().saturating_to::<u128>().saturating_mul(2))
    }

    async fn code(&self, account: Address) -> Result<Bytes, SubmitError> {
        self.0.lock().ask("eth_getCode", json!([account, "latest"])).map_err(submit_error)
    }

    async fn storage(&self, account: Address, slot: B256) -> Result<B256, SubmitError> {
        self.0.lock().ask("eth_getStorageAt", json!([account, slot, "latest"])).map_err(submit_error)
    }

    async fn call(&self, call: Call) -> Result<Bytes, SubmitError> {
        let request = json!({ "from": call.from, "to": call.to, "value": call.value, "input": call.input });
        self.0.lock().ask("eth_call", json!([request, "latest"])).map_err(submit_error)
    }

    async fn send_raw(&self, transaction: Bytes) -> Result<B256, SubmitError> {
        self.0.lock().send(&transaction).map_err(submit_error)
    }

    async fn wait(&self, hash: B256) -> Result<Mined, SubmitError> {
        let deadline = Instant::now() + MINING_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(receipt) = self.0.lock().receipt(&hash).map_err(submit_error)? {
                return Ok(Mined {
                    hash,
                    block_number: receipt.block_number.to(),
                    success: receipt.status.is_none_or(|status| status == U64::from(1)),
                    created: receipt.contract_address,
                    gas_used: receipt.gas_used.to(),
                });
            }
            std::thread::sleep(POLL);
        }
        Err(SubmitError::NotMined { hash })
    }
}

fn submit_error(error: AskError) -> SubmitError {
    match error {
        AskError::Refused { code, message, .. } => SubmitError::Refused { code, message },
        error => SubmitError::Unreachable(Box::new(error)),
    }
}
