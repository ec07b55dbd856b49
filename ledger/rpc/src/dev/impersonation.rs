//! Sending from accounts without their keys.

use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_primitives::{Address, Signature, U256, map::HashSet};
use parking_lot::RwLock;
use serde_json::{Value, value::RawValue};

/// Accounts that may be sent from without a key.
#[derive(Debug, Default)]
pub(super) struct Impersonated(RwLock<Who>);

#[derive(Debug, Default)]
struct Who {
    accounts: HashSet<Address>,
    everyone: bool,
}

impl Impersonated {
    pub(super) fn has(&self, address: &Address) -> bool {
        let who = self.0.read();
        who.everyone || who.accounts.contains(address)
    }
}

pub(super) fn call(node: &Node, method: &str, params: &mut Params<'_>) -> Option<Result<Box<RawValue>, RpcError>> {
    let action = method.strip_prefix("anvil_").or_else(|| method.strip_prefix("hardhat_"))?;
    let change: Result<(), RpcError> = match action {
        "impersonateAccount" => params.hex::<Address>("address").map(|address| {
            node.development.impersonated.0.write().accounts.insert(address);
        }),
        "stopImpersonatingAccount" => params.hex::<Address>("address").map(|address| {
            node.development.impersonated.0.write().accounts.remove(&address);
        }),
        "autoImpersonateAccount" => params.required::<bool>("enabled").map(|enabled| {
            node.development.impersonated.0.write().everyone = enabled;
        }),
        _ => return None,
    };
    Some(change.and_then(|()| {
        // Contracts too can be sent from while anyone is impersonated.
        let who = node.development.impersonated.0.read();
        node.ledger.allow_any_sender(who.everyone || !who.accounts.is_empty());
        to_raw(&Value::Null)
    }))
}

/// A signature that no key makes, and another one for every sender, so that
/// no two of their transactions share a hash.
pub(super) fn signature(sender: Address) -> Signature {
    Signature::new(U256::from_be_slice(sender.as_slice()), U256::from(1), false)
}
