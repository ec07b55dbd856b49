//! What gas costs.

use crate::{convert::is_dynamic, dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_consensus::Transaction;
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{U64, U128};
use alloy_rpc_types_eth::FeeHistory;
use ledger_state::StoredBlock;
use serde_json::value::RawValue;

/// Recent blocks that the suggested tip looks at.
const TIP_BLOCKS: u64 = 20;

pub(crate) fn call(node: &Node, method: &str, params: &mut Params<'_>) -> Option<Result<Box<RawValue>, RpcError>> {
    Some(match method {
        "eth_gasPrice" => suggested_tip(node).and_then(|tip| {
            let base = u128::from(node.next_base_fee());
            to_raw(&U128::from(base + tip))
        }),
        "eth_maxPriorityFeePerGas" => suggested_tip(node).and_then(|tip| to_raw(&U128::from(tip))),
        "eth_baseFee" => to_raw(&U64::from(node.next_base_fee())),
        "eth_blobBaseFee" => to_raw(&U128::from(next_blob_fee(node))),
        "eth_feeHistory" => fee_history(node, params),
        _ => return None,
    })
}

fn next_blob_fee(node: &Node) -> u128 {
    let head = node.ledger.store().head();
    let params = node.ledger.spec().blob_params(head.block.header.timestamp);
    params.map_or(0, |params| params.calc_blob_fee(head.block.header.next_block_excess_blob_gas(params).unwrap_or(0)))
}

/// The median of the lowest tips that recent blocks took; zero where blocks
/// have room for everyone.
fn suggested_tip(node: &Node) -> Result<u128, RpcError> {
    let head = node.ledger.store().head().number();
    let mut tips = Vec::new();
    for number in head.saturating_sub(TIP_BLOCKS)..=head {
        let Some(stored) = node.ledger.store().block(number)? else { continue };
        let base_fee = stored.block.header.base_fee_per_gas.unwrap_or(0);
        let crowded = stored.block.header.gas_used * 10 > stored.block.header.gas_limit * 9;
        let transactions = stored.block.transactions.iter().filter(|tx| crowded || is_dynamic(tx));
        tips.extend(transactions.filter_map(|tx| tx.effective_tip_per_gas(base_fee)).min());
    }
    tips.sort_unstable();
    Ok(tips.get(tips.len() / 2).copied().unwrap_or(0))
}

fn fee_history(node: &Node, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let count: U64 = match params.required::<serde_json::Value>("block count")? {
        serde_json::Value::Number(number) => U64::from(number.as_u64().unwrap_or(0)),
        value => serde_json::from_value(value)
            .map_err(|error| RpcError::params(format!("invalid argument 0 (block count): {error}")))?,
    };
    let newest: BlockNumberOrTag = params.required("newest block")?;
    let percentiles: Vec<f64> = params.optional("reward percentiles")?.unwrap_or_default();
    check_percentiles(&percentiles)?;
    let last = node.number(newest);
    let head = node.ledger.store().head().number();
    if last > head {
        return Err(RpcError::server(format!("request beyond head block: requested {last}, head {head}")));
    }
    let count = count.to::<u64>().min(node.limits.fee_history_blocks).min(last + 1);
    let mut history = FeeHistory { oldest_block: last + 1 - count, ..FeeHistory::default() };
    if count == 0 {
        history.oldest_block = 0;
        return to_raw(&history);
    }
    let mut rewards = Vec::new();
    for number in history.oldest_block..=last {
        let Some(stored) = node.ledger.store().block(number)? else { continue };
        let header = &stored.block.header;
        history.base_fee_per_gas.push(u128::from(header.base_fee_per_gas.unwrap_or(0)));
        history.gas_used_ratio.push(ratio(header.gas_used, header.gas_limit));
        let blobs = node.ledger.spec().blob_params(header.timestamp);
        history
            .base_fee_per_blob_gas
            .push(blobs.zip(header.excess_blob_gas).map_or(0, |(params, excess)| params.calc_blob_fee(excess)));
        let blob_limit = blobs.map_or(0, |params| params.max_blob_gas_per_block());
        history.blob_gas_used_ratio.push(ratio(header.blob_gas_used.unwrap_or(0), blob_limit));
        if !percentiles.is_empty() {
            rewards.push(block_rewards(&stored, &percentiles));
        }
        if number == last {
            history.base_fee_per_gas.push(u128::from(node.ledger.spec().next_base_fee(header).unwrap_or(0)));
            let next =
                blobs.map_or(0, |params| params.calc_blob_fee(header.next_block_excess_blob_gas(params).unwrap_or(0)));
            history.base_fee_per_blob_gas.push(next);
        }
    }
    history.reward = (!percentiles.is_empty()).then_some(rewards);
    to_raw(&history)
}

fn check_percentiles(percentiles: &[f64]) -> Result<(), RpcError> {
    if percentiles.len() > 100 {
        return Err(RpcError::limit("at most 100 reward percentiles"));
    }
    let ordered = percentiles.windows(2).all(|pair| pair[0] <= pair[1]);
    if !ordered || percentiles.iter().any(|value| !(0.0..=100.0).contains(value)) {
        return Err(RpcError::server("invalid reward percentile: values must rise from 0 to 100"));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for display; the wire type is a float")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Tips at percentiles of the gas used, as geth computes them.
fn block_rewards(stored: &StoredBlock, percentiles: &[f64]) -> Vec<u128> {
    let base_fee = stored.block.header.base_fee_per_gas.unwrap_or(0);
    let mut before = 0;
    let mut tips: Vec<(u128, u64)> = stored
        .block
        .transactions
        .iter()
        .zip(&stored.receipts)
        .map(|(transaction, receipt)| {
            let gas = receipt.cumulative_gas_used() - before;
            before = receipt.cumulative_gas_used();
            (transaction.effective_tip_per_gas(base_fee).unwrap_or(0), gas)
        })
        .collect();
    if tips.is_empty() {
        return vec![0; percentiles.len()];
    }
    tips.sort_by_key(|(tip, _)| *tip);
    let mut index = 0;
    let mut sum = tips[0].1;
    percentiles
        .iter()
        .map(|percentile| {
            let threshold = ratio(stored.block.header.gas_used, 100) * percentile;
            while ratio(sum, 1) < threshold && index + 1 < tips.len() {
                index += 1;
                sum += tips[index].1;
            }
            tips[index].0
        })
        .collect()
}
