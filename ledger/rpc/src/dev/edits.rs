//! Changing state by hand. Each change is a block of its own, without a
//! transaction, so that it is durable and in the state root like any other.

use super::Number;
use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::state::AccountOverride;
use alloy_serde::JsonStorageKey;
use serde_json::{Value, value::RawValue};
use std::sync::Arc;

pub(super) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    let action = method.strip_prefix("anvil_").or_else(|| method.strip_prefix("hardhat_"))?;
    let edit = match action {
        "setBalance" => set_balance(params),
        "addBalance" => add_balance(node, params),
        "setCode" => set_code(params),
        "setNonce" => set_nonce(params),
        "setStorageAt" => set_storage(params),
        _ => return None,
    };
    Some(match edit {
        Ok((address, edit)) => {
            node.ledger.edit_next(address, edit);
            match node.driver.mine().await {
                // Hardhat and Anvil answer a set slot with true.
                Ok(_) if action == "setStorageAt" => to_raw(&true),
                Ok(_) => to_raw(&Value::Null),
                Err(error) => Err(RpcError::internal(error)),
            }
        }
        Err(error) => Err(error),
    })
}

type Edit = (Address, Box<dyn FnOnce(&mut AccountOverride) + Send>);

fn set_balance(params: &mut Params<'_>) -> Result<Edit, RpcError> {
    let address: Address = params.hex("address")?;
    let balance: U256 = params.required("balance in wei")?;
    Ok((address, Box::new(move |account| account.balance = Some(balance))))
}

fn add_balance(node: &Node, params: &mut Params<'_>) -> Result<Edit, RpcError> {
    let address: Address = params.hex("address")?;
    let more: U256 = params.required("wei to add")?;
    let present = node.ledger.store().view().account(&address)?.unwrap_or_default().balance;
    let balance = present.checked_add(more).ok_or_else(|| RpcError::params("the balance would be too large"))?;
    Ok((address, Box::new(move |account| account.balance = Some(balance))))
}

fn set_code(params: &mut Params<'_>) -> Result<Edit, RpcError> {
    let address: Address = params.hex("address")?;
    let code: Bytes = params.hex("code")?;
    Ok((address, Box::new(move |account| account.code = Some(code))))
}

fn set_nonce(params: &mut Params<'_>) -> Result<Edit, RpcError> {
    let address: Address = params.hex("address")?;
    let nonce = params.required::<Number>("nonce")?.get()?;
    Ok((address, Box::new(move |account| account.nonce = Some(nonce))))
}

fn set_storage(params: &mut Params<'_>) -> Result<Edit, RpcError> {
    let address: Address = params.hex("address")?;
    let slot: JsonStorageKey = params.required("slot")?;
    let value: U256 = params.required("value")?;
    let edit = move |account: &mut AccountOverride| {
        account.state_diff.get_or_insert_default().insert(slot.as_b256(), B256::from(value));
    };
    Ok((address, Box::new(edit)))
}
