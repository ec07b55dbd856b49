//! A transaction in words, read from the chain itself.

use alloy_primitives::B256;
use alloy_sol_types::SolEvent;
use platform_api::Problem;
use platform_index::{Block, BlockTag, CallRequest, Log, SourceError, Transaction};
use platform_protocol::contracts::Erc20::Transfer;

use super::query::{is_transfer, place};
use super::view::{ArgumentView, CallView, ErrorView, LogView, TransactionView, TransferView};
use crate::context::Context;
use crate::wire::show;

pub(super) async fn transaction(app: &Context, hash: B256) -> Result<TransactionView, Problem> {
    let missing = || Problem::not_found(format!("transaction {hash} in the index"));
    let (number, index) = place(app, hash).await?.ok_or_else(missing)?;
    let block = app.source.block(number).await?.ok_or_else(missing)?;
    let transaction = usize::try_from(index).ok().and_then(|index| block.transactions.get(index));
    let transaction = transaction.filter(|transaction| transaction.hash == hash).ok_or_else(missing)?;
    view(app, &block, transaction).await
}

async fn view(app: &Context, block: &Block, transaction: &Transaction) -> Result<TransactionView, Problem> {
    let decoded = transaction.to.and_then(|to| app.decode_call(to, &transaction.input));
    let error = if transaction.success { None } else { error(app, block.number, transaction).await? };
    let mut transfers = Vec::new();
    for log in transaction.logs.iter().filter(|log| is_transfer(&log.topics)) {
        transfers.extend(transfer(app, block, transaction, log).await?);
    }
    Ok(TransactionView {
        hash: transaction.hash.to_string(),
        block_number: block.number,
        index: transaction.index,
        timestamp: block.timestamp,
        from: show(transaction.from),
        to: transaction.to.map(show),
        created: transaction.created.map(show),
        value: transaction.value.to_string(),
        nonce: transaction.nonce,
        gas_limit: transaction.gas_limit.to_string(),
        gas_used: transaction.gas_used.to_string(),
        gas_price: transaction.gas_price.to_string(),
        kind: transaction.kind,
        status: transaction.success,
        input: transaction.input.to_string(),
        decoded: decoded.map(CallView::from),
        error,
        logs: transaction.logs.iter().map(|log| log_view(app, log)).collect(),
        transfers,
    })
}

/// Why a transaction failed. Receipts do not say, so the call is made again on the state of its own block; where
/// that state is gone, or the call no longer fails, nobody knows.
async fn error(app: &Context, number: u64, transaction: &Transaction) -> Result<Option<ErrorView>, Problem> {
    let request = CallRequest {
        from: transaction.from,
        to: transaction.to,
        value: transaction.value,
        input: transaction.input.clone(),
    };
    match app.source.call(request, BlockTag::Number(number)).await {
        Err(SourceError::Reverted { data }) => Ok(app.decode_error(transaction.to, &data).map(ErrorView::from)),
        Ok(_) | Err(SourceError::NoState { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn log_view(app: &Context, log: &Log) -> LogView {
    let decoded = app.decode_event(log.address, &log.topics, &log.data);
    let (event, args) = decoded.map_or((None, Vec::new()), |decoded| (Some(decoded.event), decoded.args));
    LogView {
        address: show(log.address),
        contract: app.contract_name(log.address),
        event,
        args: args.into_iter().map(ArgumentView::from).collect(),
        topics: log.topics.iter().map(B256::to_string).collect(),
        data: log.data.to_string(),
        log_index: log.index,
    }
}

async fn transfer(
    app: &Context,
    block: &Block,
    transaction: &Transaction,
    log: &Log,
) -> Result<Option<TransferView>, Problem> {
    let Ok(moved) = Transfer::decode_raw_log(log.topics.iter().copied(), &log.data) else {
        return Ok(None);
    };
    let token = app.token(log.address).await?;
    Ok(Some(TransferView {
        token: show(log.address),
        symbol: token.symbol,
        decimals: token.decimals,
        from: show(moved.from),
        to: show(moved.to),
        amount: moved.value.to_string(),
        tx_hash: transaction.hash.to_string(),
        block_number: block.number,
        timestamp: block.timestamp,
    }))
}
