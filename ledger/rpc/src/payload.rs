//! `testing_buildBlockV1`: a block as it would be built, for tools that check
//! nodes. There in development mode and on imported chains; it changes nothing.

use crate::{dispatch::to_raw, error::RpcError, node::Node, params::Params};
use alloy_eips::{eip2718::Encodable2718, eip4895::Withdrawals};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use ledger_chain::transaction::decode_transaction;
use ledger_execution::{BlockAttributes, Draft, PendingTransaction, Refusal, TransactionSource};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{collections::VecDeque, sync::Arc};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    timestamp: U64,
    prev_randao: B256,
    suggested_fee_recipient: Address,
    withdrawals: Option<Withdrawals>,
    parent_beacon_block_root: Option<B256>,
}

pub(crate) async fn call(
    node: &Arc<Node>,
    method: &str,
    params: &mut Params<'_>,
) -> Option<Result<Box<RawValue>, RpcError>> {
    match method {
        "testing_buildBlockV1" => Some(build(node, params).await),
        _ => None,
    }
}

/// The transactions that were given, in their order, and the first that can't
/// go in.
struct Given {
    waiting: VecDeque<PendingTransaction>,
    refused: Option<Refusal>,
}

impl TransactionSource for Given {
    fn next(&mut self) -> Option<PendingTransaction> {
        self.waiting.pop_front()
    }

    fn refused(&mut self, _: &PendingTransaction, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
        self.waiting.clear();
    }
}

async fn build(node: &Arc<Node>, params: &mut Params<'_>) -> Result<Box<RawValue>, RpcError> {
    let parent: B256 = params.hex("parent hash")?;
    let attributes: Attributes = params.required("payload attributes")?;
    let given: Option<Vec<Bytes>> = params.optional("transactions")?;
    let extra: Option<Bytes> = params.optional("extra data")?;
    let extra_data = extra.unwrap_or_default();
    if extra_data.len() > 32 {
        return Err(RpcError::params("extra data has more than 32 bytes"));
    }
    let parent = node.existing_block(parent.into())?;
    let earliest = node.ledger.spec().earliest_timestamp(parent.block.header.timestamp);
    let timestamp: u64 = attributes.timestamp.to();
    if timestamp < earliest {
        return Err(RpcError::params(format!("timestamp {timestamp} is not after its parent's")));
    }
    let given = given.map(decode).transpose()?;
    let block = BlockAttributes {
        timestamp,
        beneficiary: attributes.suggested_fee_recipient,
        gas_limit: parent.block.header.gas_limit,
        prev_randao: attributes.prev_randao,
        extra_data,
        parent_beacon_block_root: attributes.parent_beacon_block_root.unwrap_or_default(),
        withdrawals: attributes.withdrawals.unwrap_or_default(),
    };
    node.blocking(move |node| {
        let draft = match given {
            None => {
                let base_fee = node.ledger.spec().next_base_fee(&parent.block.header).unwrap_or(0);
                node.ledger.draft(&parent, &block, &mut node.pool.best(base_fee))
            }
            Some(mut given) => {
                let draft = node.ledger.draft(&parent, &block, &mut given);
                match given.refused {
                    Some(refusal) => return Err(RpcError::server(refusal)),
                    None => draft,
                }
            }
        };
        to_raw(&shown(node, &draft.map_err(RpcError::internal)?))
    })
    .await
}

fn decode(raw: Vec<Bytes>) -> Result<Given, RpcError> {
    let decoded = raw.iter().map(|raw| {
        let (transaction, sender) = decode_transaction(raw)?;
        Ok(PendingTransaction { transaction: Arc::new(transaction), sender })
    });
    Ok(Given { waiting: decoded.collect::<Result<_, RpcError>>()?, refused: None })
}

/// The answer of `engine_getPayload`, of the fork in force.
fn shown(node: &Node, draft: &Draft) -> Value {
    let block = &draft.block;
    let header = &block.header;
    let transactions: Vec<Bytes> = block.transactions.iter().map(|tx| Bytes::from(tx.encoded_2718())).collect();
    let mut payload = json!({
        "parentHash": header.parent_hash,
        "feeRecipient": header.beneficiary,
        "stateRoot": header.state_root,
        "receiptsRoot": header.receipts_root,
        "logsBloom": header.logs_bloom,
        "prevRandao": header.mix_hash,
        "blockNumber": U64::from(header.number),
        "gasLimit": U64::from(header.gas_limit),
        "gasUsed": U64::from(header.gas_used),
        "timestamp": U64::from(header.timestamp),
        "extraData": header.extra_data,
        "baseFeePerGas": U256::from(header.base_fee_per_gas.unwrap_or(0)),
        "blockHash": block.hash,
        "transactions": transactions,
    });
    if let Some(withdrawals) = &block.withdrawals {
        payload["withdrawals"] = json!(withdrawals);
    }
    if let (Some(used), Some(excess)) = (header.blob_gas_used, header.excess_blob_gas) {
        payload["blobGasUsed"] = json!(U64::from(used));
        payload["excessBlobGas"] = json!(U64::from(excess));
    }
    let mut answer = json!({
        "executionPayload": payload,
        "blockValue": draft.value,
        "blobsBundle": { "commitments": [], "proofs": [], "blobs": [] },
        "shouldOverrideBuilder": false,
    });
    if node.ledger.spec().is_prague_active_at_timestamp(header.timestamp) {
        // An empty list of one kind is left out (EIP-7685).
        answer["executionRequests"] = json!(draft.requests.iter().filter(|list| list.len() > 1).collect::<Vec<_>>());
    }
    answer
}
