//! Methods that only a development chain has: moving time, mining on demand,
//! accounts whose keys the node holds, changing state, and going back.

mod edits;
mod impersonation;
mod snapshots;

use crate::{dispatch::to_raw, error::RpcError, net::CLIENT, node::Node, params::Params};
use alloy_consensus::{SignableTransaction, TxEnvelope, TypedTransaction};
use alloy_dyn_abi::eip712::TypedData;
use alloy_primitives::{Address, B256, Bytes, Signature, U64, U256, eip191_hash_message, keccak256, map::HashMap};
use alloy_rpc_types_eth::TransactionRequest;
use ledger_consensus::Sealing;
use ledger_execution::simulate::Call;
use secp256k1::{Message, PublicKey, SECP256K1, SecretKey};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{fmt, sync::Arc, time::Duration};

/// Accounts whose keys the node signs with. Never printed.
#[derive(Default)]
pub struct DevAccounts {
    order: Vec<Address>,
    keys: HashMap<Address, SecretKey>,
}

impl fmt::Debug for DevAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevAccounts").field("accounts", &self.order.len()).finish_non_exhaustive()
    }
}

impl DevAccounts {
    /// The accounts of these secret keys; what is no secp256k1 scalar is left
    /// out.
    pub fn new(secrets: impl IntoIterator<Item = B256>) -> Self {
        let mut accounts = Self::default();
        for secret in secrets {
            let Ok(secret) = SecretKey::from_slice(secret.as_slice()) else { continue };
            let key = PublicKey::from_secret_key(SECP256K1, &secret).serialize_uncompressed();
            let address = Address::from_slice(&keccak256(&key[1..])[12..]);
            accounts.order.push(address);
            accounts.keys.insert(address, secret);
        }
        accounts
    }

    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.order.clone()
    }

    fn sign(&self, address: &Address, digest: B256) -> Result<Signature, RpcError> {
        let secret = self.keys.get(address).ok_or_else(|| RpcError::server(format!("unknown account {address}")))?;
        let (id, compact) =
            SECP256K1.sign_ecdsa_recoverable(&Message::from_digest(digest.0), secret).serialize_compact();
        Ok(Signature::from_bytes_and_parity(&compact, i32::from(id) & 1 == 1))
    }
}

/// What development methods remember between calls.
#[derive(Debug, Default)]
pub(crate) struct Development {
    snapshots: snapshots::Snapshots,
    impersonated: impersonation::Impersonated,
}

/// A number as clients send it: `"0x10"`, `"16"` or `16`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Text(U256),
}

impl Number {
    fn get(&self) -> Result<u64, RpcError> {
        match self {
            Self::Plain(value) => Ok(*value),
            Self::Text(value) => u64::try_from(*value).map_err(|_| RpcError::params("the number is too large")),
        }
    }
}

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    if let Some(answer) = edits::call(node, method, params).await {
        return Some(answer);
    }
    if let Some(answer) = snapshots::call(node, method, params).await {
        return Some(answer);
    }
    if let Some(answer) = impersonation::call(node, method, params) {
        return Some(answer);
    }
    Some(match method {
        "evm_increaseTime" | "anvil_increaseTime" => increase_time(node, params),
        "evm_setNextBlockTimestamp" | "anvil_setNextBlockTimestamp" => set_next_timestamp(node, params),
        "evm_setTime" | "anvil_setTime" => set_time(node, params),
        "evm_mine" => mine_one(node, params).await,
        "anvil_mine" | "hardhat_mine" => mine_many(node, params).await,
        "evm_setAutomine" | "anvil_setAutomine" => set_automine(node, params),
        "anvil_getAutomine" | "hardhat_getAutomine" => to_raw(&matches!(node.driver.sealing(), Sealing::Instant)),
        "evm_setIntervalMining" | "anvil_setIntervalMining" => set_interval(node, params),
        "anvil_metadata" | "hardhat_metadata" => metadata(node),
        "anvil_nodeInfo" => node_info(node),
        "anvil_dropAllTransactions" => {
            node.pool.clear();
            to_raw(&Value::Null)
        }
        "anvil_dropTransaction" | "hardhat_dropTransaction" => drop_transaction(node, params),
        "eth_sendTransaction" => send_transaction(node, params).await,
        "eth_signTransaction" => sign_transaction(node, params).await.and_then(|(transaction, _)| {
            to_raw(&Bytes::from(alloy_eips::eip2718::Encodable2718::encoded_2718(&transaction)))
        }),
        "eth_sign" => sign_message(node, params, false),
        "personal_sign" => sign_message(node, params, true),
        "eth_signTypedData_v4" | "eth_signTypedData" => sign_typed_data(node, params),
        _ => return None,
    })
}

fn accounts(node: &Node) -> Result<&DevAccounts, RpcError> {
    node.dev.as_ref().ok_or_else(|| RpcError::server("this node holds no keys"))
}

fn increase_time(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let seconds = params.required::<Number>("seconds")?.get()?;
    let offset = node.driver.clock().increase(seconds).map_err(|error| RpcError::params(error.to_string()))?;
    to_raw(&offset)
}

fn earliest(node: &Node) -> u64 {
    node.ledger.spec().earliest_timestamp(node.ledger.store().head().block.header.timestamp)
}

fn set_next_timestamp(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let timestamp = params.required::<Number>("timestamp")?.get()?;
    let clock = node.driver.clock();
    clock.set_next(timestamp, earliest(node)).map_err(|error| RpcError::params(error.to_string()))?;
    to_raw(&Value::Null)
}

fn set_time(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let timestamp = params.required::<Number>("timestamp")?.get()?;
    node.driver.clock().set_now(timestamp).map_err(|error| RpcError::params(error.to_string()))?;
    to_raw(&timestamp)
}

async fn mine(node: &Node) -> Result<(), RpcError> {
    node.driver.mine().await.map(drop).map_err(RpcError::internal)
}

async fn mine_one(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Options {
        Timestamp(Number),
        Object { timestamp: Option<Number>, blocks: Option<u64> },
    }
    let mut blocks = 1;
    let timestamp = match params.optional::<Options>("options")? {
        None => None,
        Some(Options::Timestamp(timestamp)) => Some(timestamp.get()?),
        Some(Options::Object { timestamp, blocks: count }) => {
            blocks = count.unwrap_or(1);
            timestamp.map(|timestamp| timestamp.get()).transpose()?
        }
    };
    if let Some(timestamp) = timestamp {
        let clock = node.driver.clock();
        clock.set_next(timestamp, earliest(node)).map_err(|error| RpcError::params(error.to_string()))?;
    }
    check_count(blocks)?;
    for _ in 0..blocks {
        mine(node).await?;
    }
    to_raw("0x0")
}

async fn mine_many(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let blocks = params.optional::<Number>("blocks")?.map_or(Ok(1), |blocks| blocks.get())?;
    let interval = params.optional::<Number>("interval in seconds")?.map_or(Ok(0), |interval| interval.get())?;
    check_count(blocks)?;
    for block in 0..blocks {
        if block > 0 && interval > 0 {
            let next = node.ledger.store().head().block.header.timestamp.saturating_add(interval);
            let clock = node.driver.clock();
            clock.set_next(next, earliest(node)).map_err(|error| RpcError::params(error.to_string()))?;
        }
        mine(node).await?;
    }
    to_raw(&Value::Null)
}

fn check_count(blocks: u64) -> Result<(), RpcError> {
    const LIMIT: u64 = 10_000;
    if blocks > LIMIT {
        return Err(RpcError::limit(format!("at most {LIMIT} blocks at once")));
    }
    Ok(())
}

fn set_automine(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let on: bool = params.required("enabled")?;
    node.driver.set_sealing(if on { Sealing::Instant } else { Sealing::Manual });
    to_raw(&Value::Null)
}

fn set_interval(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let seconds = params.required::<Number>("seconds")?.get()?;
    node.driver.set_sealing(match seconds {
        0 => Sealing::Manual,
        seconds => Sealing::Interval(Duration::from_secs(seconds)),
    });
    to_raw(&Value::Null)
}

fn drop_transaction(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let hash: B256 = params.hex("transaction hash")?;
    to_raw(&node.pool.remove(&hash).map(|_| hash))
}

/// Who this node is, as Hardhat's and Anvil's tools ask.
fn metadata(node: &Node) -> Result<Box<RawValue>, RpcError> {
    let head = node.ledger.store().head();
    to_raw(&json!({
        "clientVersion": CLIENT,
        "chainId": node.ledger.spec().chain_id(),
        "instanceId": node.ledger.spec().genesis_hash(),
        "latestBlockNumber": head.number(),
        "latestBlockHash": head.block.hash,
        "snapshots": node.development.snapshots.all(),
    }))
}

fn node_info(node: &Node) -> Result<Box<RawValue>, RpcError> {
    let head = node.ledger.store().head();
    let header = &head.block.header;
    to_raw(&json!({
        "currentBlockNumber": U64::from(head.number()),
        "currentBlockTimestamp": header.timestamp,
        "currentBlockHash": head.block.hash,
        "hardFork": "osaka",
        "transactionOrder": "fees",
        "environment": {
            "baseFee": U64::from(node.next_base_fee()),
            "chainId": node.ledger.spec().chain_id(),
            "gasLimit": U64::from(header.gas_limit),
            "gasPrice": U64::from(node.next_base_fee()),
        },
        "forkConfig": {},
    }))
}

async fn send_transaction(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let (transaction, sender) = sign_transaction(node, params).await?;
    if node.development.impersonated.has(&sender) {
        return to_raw(&node.submit_impersonated(transaction, sender)?);
    }
    to_raw(&node.submit(transaction, sender)?)
}

/// Fills in what is missing of a transaction and signs it.
async fn sign_transaction(node: &Arc<Node>, params: &mut Params<'_>) -> Result<(TxEnvelope, Address), RpcError> {
    let mut request: TransactionRequest = params.required("transaction")?;
    let sender = match request.from {
        Some(sender) => sender,
        None => *accounts(node)?.order.first().ok_or_else(|| RpcError::server("this node holds no keys"))?,
    };
    request.from = Some(sender);
    let view = node.ledger.store().view();
    if request.nonce.is_none() {
        let nonce = view.account(&sender)?.unwrap_or_default().nonce;
        request.nonce = Some(node.pool.next_nonce(&sender).unwrap_or(nonce).max(nonce));
    }
    request.chain_id = Some(node.ledger.spec().chain_id());
    request.to = Some(request.to.unwrap_or(alloy_primitives::TxKind::Create));
    let head = node.ledger.store().head();
    if request.gas_price.is_none() {
        let base = u128::from(node.ledger.spec().next_base_fee(&head.block.header).unwrap_or(0));
        let tip = request.max_priority_fee_per_gas.unwrap_or(0);
        request.max_priority_fee_per_gas = Some(tip);
        request.max_fee_per_gas = Some(request.max_fee_per_gas.unwrap_or(base * 2 + tip));
    }
    if request.gas.is_none() {
        let call = Call {
            view,
            header: head.block.header.clone(),
            request: request.clone(),
            state_overrides: None,
            block_overrides: None,
            gas_cap: node.limits.call_gas.min(ledger_chain::transaction::TRANSACTION_GAS_MAX),
        };
        request.gas = Some(node.blocking(|node| Ok(node.ledger.estimate_gas(call)?)).await?);
    }
    let unsigned: TypedTransaction = request
        .build_consensus_tx()
        .map_err(|error| RpcError::params(format!("the transaction is incomplete: {}", error.error)))?;
    let signature = if node.development.impersonated.has(&sender) {
        impersonation::signature(sender)
    } else {
        accounts(node)?.sign(&sender, unsigned.signature_hash())?
    };
    Ok((unsigned.into_envelope(signature), sender))
}

/// `eth_signTypedData_v4(address, typed data)` (EIP-712).
fn sign_typed_data(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let value: Value = params.required("typed data")?;
    // Some clients send it as text.
    let value = match value {
        Value::String(text) => serde_json::from_str(&text)
            .map_err(|error| RpcError::params(format!("invalid argument 1 (typed data): {error}")))?,
        value => value,
    };
    let data: TypedData = serde_json::from_value(value)
        .map_err(|error| RpcError::params(format!("invalid argument 1 (typed data): {error}")))?;
    let digest = data.eip712_signing_hash().map_err(|error| RpcError::params(error.to_string()))?;
    let signature = accounts(node)?.sign(&address, digest)?;
    to_raw(&Bytes::from(signature.as_bytes().to_vec()))
}

/// `eth_sign(address, data)` and `personal_sign(data, address)` (EIP-191).
fn sign_message(node: &Node, params: &mut Params<'_>, data_first: bool) -> Result<Box<RawValue>, RpcError> {
    let (data, address): (Bytes, Address) = if data_first {
        (params.required("data")?, params.required("address")?)
    } else {
        let address = params.required("address")?;
        (params.required("data")?, address)
    };
    let signature = accounts(node)?.sign(&address, eip191_hash_message(data))?;
    to_raw(&Bytes::from(signature.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_well_known_development_key_has_its_well_known_address() {
        let secret = alloy_primitives::b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
        let accounts = DevAccounts::new([secret, B256::ZERO]);
        let expected = alloy_primitives::address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
        assert_eq!(accounts.addresses(), [expected]);
        assert!(!format!("{accounts:?}").contains("ac09"));
    }
}
