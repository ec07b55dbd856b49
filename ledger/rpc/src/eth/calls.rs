//! Calls that change nothing.

use super::logs;
use crate::{dispatch::to_raw, error::RpcError, node::Node, pace::Function, params::Params};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::U64;
use alloy_rpc_types_eth::{BlockOverrides, Filter, TransactionRequest, state::StateOverride};
use ledger_execution::simulate::Call;
use serde_json::{json, value::RawValue};
use std::sync::Arc;

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_call" => match prepare(node, params) {
            Err(error) => Err(error),
            Ok(call) => {
                let function = function_of(&call.request);
                node.paced(function, |node| to_raw(&node.ledger.call(call)?.output)).await
            }
        },
        "eth_estimateGas" => match prepare(node, params) {
            Err(error) => Err(error),
            Ok(call) => node.blocking(|node| to_raw(&U64::from(node.ledger.estimate_gas(call)?))).await,
        },
        "eth_createAccessList" => match prepare(node, params) {
            Err(error) => Err(error),
            Ok(call) => {
                node.blocking(|node| {
                    let (list, gas_used, error) = node.ledger.create_access_list(call)?;
                    let mut answer = json!({ "accessList": list, "gasUsed": U64::from(gas_used) });
                    if let Some(error) = error {
                        answer["error"] = error.into();
                    }
                    to_raw(&answer)
                })
                .await
            }
        },
        "eth_getLogs" => match params.required::<Filter>("filter") {
            Err(error) => Err(error),
            Ok(filter) => {
                node.blocking(move |node| {
                    logs::check_present(node, &filter)?;
                    to_raw(&logs::query(node, &filter)?)
                })
                .await
            }
        },
        _ => return None,
    })
}

/// What is called, as far as it tells how long it takes.
fn function_of(request: &TransactionRequest) -> Function {
    let to = request.to.and_then(|to| to.into_to()).unwrap_or_default();
    let mut selector = [0; 4];
    if let Some(given) = request.input.input().and_then(|input| input.first_chunk()) {
        selector = *given;
    }
    (to, selector)
}

fn prepare(node: &Node, params: &mut Params<'_>) -> Result<Call, RpcError> {
    let request: TransactionRequest = params.required("call")?;
    let id: BlockId = params.optional("block")?.unwrap_or_default();
    let state_overrides: Option<StateOverride> = params.optional("state overrides")?;
    let block_overrides: Option<BlockOverrides> = params.optional("block overrides")?;
    on_block(node, request, id, state_overrides, block_overrides)
}

/// A call on the state after a block.
pub(crate) fn on_block(
    node: &Node,
    request: TransactionRequest,
    id: BlockId,
    state_overrides: Option<StateOverride>,
    block_overrides: Option<BlockOverrides>,
) -> Result<Call, RpcError> {
    let stored = node.existing_block(id)?;
    let view = node.ledger.store().view_at(stored.number())?;
    let header = if matches!(id, BlockId::Number(BlockNumberOrTag::Pending)) {
        let attributes = node.driver.pending_attributes();
        node.ledger.next_header(&stored.block.header, stored.block.hash, &attributes)
    } else {
        stored.block.header.clone()
    };
    Ok(Call { view, header, request, state_overrides, block_overrides, gas_cap: node.limits.call_gas })
}
