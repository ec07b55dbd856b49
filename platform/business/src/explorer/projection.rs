//! What the explorer finds things by. Bodies of transactions stay with the chain; only their places are here.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use async_trait::async_trait;
use platform_index::{Batch, Block, Column, IndexError, Kind, Log, Projection, StoreError, Table, Transaction, Value};
use platform_protocol::contracts::Erc20::Transfer;

pub(super) const TRANSACTION: Table = Table {
    name: "explorer_transaction",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::int("place"),
        Column::blob("hash"),
        Column::blob("sender"),
        Column::blob("receiver").or_null(),
        Column::blob("created").or_null(),
        Column::text("value"),
        Column::blob("selector"),
        Column::int("success"),
        Column::int("gas_used"),
    ],
    key: 2,
    indexes: &[("explorer_transaction_hash", "hash")],
};

pub(super) const TOUCHED: Table = Table {
    name: "explorer_touched",
    kind: Kind::Append,
    columns: &[Column::blob("account"), Column::int("block_number"), Column::int("place")],
    key: 3,
    indexes: &[("explorer_touched_block", "block_number")],
};

pub(super) const TRANSFER: Table = Table {
    name: "explorer_transfer",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::int("log_index"),
        Column::blob("tx_hash"),
        Column::blob("token"),
        Column::blob("sender"),
        Column::blob("receiver"),
        Column::text("amount"),
        Column::int("at"),
    ],
    key: 2,
    indexes: &[("explorer_transfer_token", "token, block_number, log_index")],
};

pub(super) const HOLDING: Table = Table {
    name: "explorer_holding",
    kind: Kind::State,
    columns: &[Column::blob("token"), Column::blob("holder"), Column::text("amount")],
    key: 2,
    indexes: &[("explorer_holding_holder", "holder")],
};

pub(super) const TOKEN: Table = Table {
    name: "explorer_token",
    kind: Kind::State,
    columns: &[Column::blob("token"), Column::int("transfers"), Column::int("holders"), Column::int("first_seen")],
    key: 1,
    indexes: &[],
};

/// Places of transactions, transfers and holdings.
pub(super) struct ExplorerProjection;

#[async_trait]
impl Projection for ExplorerProjection {
    fn name(&self) -> &'static str {
        "explorer"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[TRANSACTION, TOUCHED, TRANSFER, HOLDING, TOKEN]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                let mut touched = BTreeSet::from([transaction.from]);
                touched.extend(transaction.to);
                touched.extend(transaction.created);
                batch.append(&TRANSACTION, row(block, transaction));
                for log in &transaction.logs {
                    if let Some(moved) = transfer(log) {
                        touched.extend([moved.from, moved.to]);
                        take_in(block, transaction, log, &moved, batch).await?;
                    }
                }
                touched.remove(&Address::ZERO);
                for account in touched {
                    batch.append(&TOUCHED, vec![account.into(), block.number.into(), transaction.index.into()]);
                }
            }
        }
        Ok(())
    }
}

/// An ERC-20 transfer. An ERC-721 one has the same signature and one topic more, and is none.
fn transfer(log: &Log) -> Option<Transfer> {
    if log.topics.len() != 3 || log.topics.first() != Some(&Transfer::SIGNATURE_HASH) {
        return None;
    }
    Transfer::decode_raw_log(log.topics.iter().copied(), &log.data).ok()
}

fn row(block: &Block, transaction: &Transaction) -> Vec<Value> {
    vec![
        block.number.into(),
        transaction.index.into(),
        transaction.hash.into(),
        transaction.from.into(),
        transaction.to.into(),
        transaction.created.into(),
        transaction.value.into(),
        transaction.input.get(..4).unwrap_or_default().to_vec().into(),
        transaction.success.into(),
        transaction.gas_used.into(),
    ]
}

async fn take_in(
    block: &Block,
    transaction: &Transaction,
    log: &Log,
    moved: &Transfer,
    batch: &mut Batch<'_>,
) -> Result<(), IndexError> {
    batch.append(
        &TRANSFER,
        vec![
            block.number.into(),
            log.index.into(),
            transaction.hash.into(),
            log.address.into(),
            moved.from.into(),
            moved.to.into(),
            moved.value.into(),
            block.timestamp.into(),
        ],
    );
    let mut holders = 0;
    // A token may lie about what it moves, so holdings saturate instead of stopping the index.
    if moved.from != Address::ZERO {
        holders += hold(batch, log.address, moved.from, |held| held.saturating_sub(moved.value)).await?;
    }
    if moved.to != Address::ZERO {
        holders += hold(batch, log.address, moved.to, |held| held.saturating_add(moved.value)).await?;
    }
    count(batch, log.address, holders, block.number).await
}

/// Changes a holding and says whether there is now a holder more or less.
async fn hold(
    batch: &mut Batch<'_>,
    token: Address,
    holder: Address,
    change: impl FnOnce(U256) -> U256,
) -> Result<i64, IndexError> {
    let before = match batch.get(&HOLDING, vec![token.into(), holder.into()]).await?.as_deref() {
        Some([_, _, Value::Text(amount)]) => U256::from_str_radix(amount, 10).map_err(|_| shape("an amount"))?,
        _ => U256::ZERO,
    };
    let after = change(before);
    batch.put(&HOLDING, vec![token.into(), holder.into(), after.into()]);
    Ok(i64::from(before.is_zero() && !after.is_zero()) - i64::from(!before.is_zero() && after.is_zero()))
}

async fn count(batch: &mut Batch<'_>, token: Address, holders: i64, number: u64) -> Result<(), IndexError> {
    let (transfers, held_by, first) = match batch.get(&TOKEN, vec![token.into()]).await?.as_deref() {
        Some([_, Value::Int(transfers), Value::Int(holders), Value::Int(first)]) => (*transfers, *holders, *first),
        _ => (0, 0, i64::try_from(number).unwrap_or(i64::MAX)),
    };
    batch.put(&TOKEN, vec![token.into(), (transfers + 1).into(), (held_by + holders).into(), first.into()]);
    Ok(())
}

const fn shape(what: &'static str) -> StoreError {
    StoreError::Shape { table: "explorer_holding", what }
}
