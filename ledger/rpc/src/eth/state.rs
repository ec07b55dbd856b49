//! Accounts, storage and proofs.

use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_rpc_types_eth::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy_serde::JsonStorageKey;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub(crate) fn call(node: &Node, method: &str, params: &mut Params<'_>) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_getBalance" => balance(node, params),
        "eth_getTransactionCount" => transaction_count(node, params),
        "eth_getCode" => code(node, params),
        "eth_getStorageAt" => storage_at(node, params),
        "eth_getStorageValues" => storage_values(node, params),
        "eth_getProof" => proof(node, params),
        "eth_accounts" => to_raw(&node.dev.as_ref().map(|dev| dev.addresses()).unwrap_or_default()),
        _ => return None,
    })
}

fn balance(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let account = node.view(params.optional("block")?)?.account(&address)?;
    to_raw(&account.unwrap_or_default().balance)
}

fn transaction_count(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let id: Option<BlockId> = params.optional("block")?;
    let nonce = node.view(id)?.account(&address)?.unwrap_or_default().nonce;
    let pending = match id {
        Some(BlockId::Number(BlockNumberOrTag::Pending)) => node.pool.next_nonce(&address),
        _ => None,
    };
    to_raw(&U64::from(pending.unwrap_or(nonce).max(nonce)))
}

fn code(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let view = node.view(params.optional("block")?)?;
    let code = match view.account(&address)? {
        Some(account) => view.code(&account.code_hash)?,
        None => None,
    };
    to_raw(&code.unwrap_or_else(Bytes::new))
}

fn storage_at(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let key: JsonStorageKey = params.required("storage key")?;
    let view = node.view(params.optional("block")?)?;
    let value = view.slot(address, key.as_b256().into())?;
    to_raw(&B256::from(value))
}

/// Many slots of many accounts at one block.
fn storage_values(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let asked: BTreeMap<Address, Vec<JsonStorageKey>> = params.required("slots by address")?;
    let view = node.view(params.optional("block")?)?;
    let slots: usize = asked.values().map(Vec::len).sum();
    let limit = node.limits.proof_keys;
    if slots == 0 {
        return Err(RpcError::params("empty request: no slot is asked for"));
    }
    if slots > limit {
        return Err(RpcError::params(format!("too many slots: {slots}, at most {limit}")));
    }
    let mut values: BTreeMap<Address, Vec<B256>> = BTreeMap::new();
    for (address, keys) in asked {
        let found = keys.iter().map(|key| view.slot(address, key.as_b256().into()).map(B256::from));
        values.insert(address, found.collect::<Result<_, _>>()?);
    }
    to_raw(&values)
}

fn proof(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let address: Address = params.hex("address")?;
    let keys: Vec<JsonStorageKey> = params.required("storage keys")?;
    let limit = node.limits.proof_keys;
    if keys.len() > limit {
        return Err(RpcError::limit(format!("too many storage keys: {}, at most {limit}", keys.len())));
    }
    let block = node.existing_block(params.optional::<BlockId>("block")?.unwrap_or_default())?;
    let slots: Vec<U256> = keys.iter().map(|key| key.as_b256().into()).collect();
    let (_, proof) = node.ledger.store().prove_at(block.number(), address, &slots)?;
    let storage_proof = keys
        .into_iter()
        .zip(proof.storage)
        .map(|(key, (_, value, proof))| EIP1186StorageProof { key, value, proof })
        .collect();
    to_raw(&EIP1186AccountProofResponse {
        address,
        balance: proof.account.balance,
        code_hash: proof.account.code_hash,
        nonce: proof.account.nonce,
        storage_hash: proof.account.storage_root,
        account_proof: proof.nodes,
        storage_proof,
    })
}
