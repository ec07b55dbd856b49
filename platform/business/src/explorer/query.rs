//! What the explorer's tables are asked.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use platform_api::{Cursor, Limit, Page, Problem};
use platform_index::{BlockTag, Row, Value};
use platform_protocol::contracts::Erc20;

use super::view::{
    AddressKind, AddressView, BlockView, HolderView, PageQuery, TokenCard, TokenPage, TransactionCard,
    TransactionQuery, TransferView,
};
use crate::context::Context;
use crate::wire::{address_or_none, hash, show};

const BLOCK: &str = "SELECT block_number, hash, parent_hash, state_root, timestamp, beneficiary, gas_used, gas_limit, \
                     base_fee, size, transactions FROM index_block";

pub(super) async fn blocks(app: &Context, query: &PageQuery) -> Result<Page<BlockView>, Problem> {
    let limit = Limit::of(query.limit);
    let below = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode(cursor, 1)?.int(0)?,
        None => i64::MAX,
    };
    let sql = format!("{BLOCK} WHERE block_number < $1 ORDER BY block_number DESC LIMIT $2");
    let rows = app.store.rows(&sql, vec![below.into(), limit.rows().into()]).await?;
    let blocks = rows.iter().map(block_view).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(blocks, limit, |block| Cursor(vec![block.number.to_string()])))
}

pub(super) async fn block(app: &Context, id: &str) -> Result<BlockView, Problem> {
    let (condition, value): (&str, Value) = match id.parse::<u64>() {
        Ok(number) => ("block_number = $1", number.into()),
        Err(_) => ("hash = $1", hash(id)?.into()),
    };
    let row = app.store.row(&format!("{BLOCK} WHERE {condition}"), vec![value]).await?;
    block_view(&row.ok_or_else(|| Problem::not_found(format!("block {id}")))?)
}

fn block_view(row: &Row) -> Result<BlockView, Problem> {
    Ok(BlockView {
        number: row.number(0)?,
        hash: row.hash(1)?.to_string(),
        parent_hash: row.hash(2)?.to_string(),
        state_root: row.hash(3)?.to_string(),
        timestamp: row.number(4)?,
        beneficiary: show(row.address(5)?),
        gas_used: row.number(6)?.to_string(),
        gas_limit: row.number(7)?.to_string(),
        base_fee: row.text(8)?,
        size: row.number(9)?,
        tx_count: row.number(10)?,
    })
}

pub(super) async fn block_number(app: &Context, hash: B256) -> Result<Option<u64>, Problem> {
    let row = app.store.row("SELECT block_number FROM index_block WHERE hash = $1", vec![hash.into()]).await?;
    Ok(row.map(|row| row.number(0)).transpose()?)
}

/// Block and place of a transaction.
pub(super) async fn place(app: &Context, hash: B256) -> Result<Option<(u64, u64)>, Problem> {
    let sql = "SELECT block_number, place FROM explorer_transaction WHERE hash = $1";
    let row = app.store.row(sql, vec![hash.into()]).await?;
    row.map(|row| Ok((row.number(0)?, row.number(1)?))).transpose()
}

const TRANSACTION: &str = "SELECT t.hash, t.block_number, t.place, b.timestamp, t.sender, t.receiver, t.created, \
                           t.value, t.selector, t.success, t.gas_used";

pub(super) async fn transactions(app: &Context, query: &TransactionQuery) -> Result<Page<TransactionCard>, Problem> {
    let limit = Limit::of(query.limit);
    let (block, place) = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => {
            let cursor = Cursor::decode(cursor, 2)?;
            (cursor.int(0)?, cursor.int(1)?)
        }
        None => (i64::MAX, 0),
    };
    let account = address_or_none(query.address.as_deref())?;
    let mut args: Vec<Value> = vec![block.into(), place.into()];
    let from = match account {
        Some(account) => {
            args.push(account.into());
            "FROM explorer_touched a JOIN explorer_transaction t ON t.block_number = a.block_number \
             AND t.place = a.place JOIN index_block b ON b.block_number = a.block_number \
             WHERE a.account = $3 AND (a.block_number, a.place) < ($1, $2)"
        }
        None => {
            "FROM explorer_transaction t JOIN index_block b ON b.block_number = t.block_number \
             WHERE (t.block_number, t.place) < ($1, $2)"
        }
    };
    let mut sql = format!("{TRANSACTION} {from}");
    if let Some(block) = query.block {
        args.push(block.into());
        sql.push_str(&format!(" AND t.block_number = ${}", args.len()));
    }
    args.push(limit.rows().into());
    let key = if account.is_some() { "a" } else { "t" };
    sql.push_str(&format!(" ORDER BY {key}.block_number DESC, {key}.place DESC LIMIT ${}", args.len()));
    let rows = app.store.rows(&sql, args).await?;
    let cards = rows.iter().map(|row| card(app, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(cards, limit, |card| Cursor(vec![card.block_number.to_string(), card.index.to_string()])))
}

fn card(app: &Context, row: &Row) -> Result<TransactionCard, Problem> {
    let to = row.address_or_null(5)?;
    let function = to.and_then(|to| app.decoder.function(to, &row.blob(8).ok()?));
    Ok(TransactionCard {
        hash: row.hash(0)?.to_string(),
        block_number: row.number(1)?,
        index: row.number(2)?,
        timestamp: row.number(3)?,
        from: show(row.address(4)?),
        to: to.map(show),
        contract: to.and_then(|to| app.contract_name(to)),
        created: row.address_or_null(6)?.map(show),
        value: row.text(7)?,
        function: function.map(str::to_owned),
        status: row.int(9)? != 0,
        gas_used: row.number(10)?.to_string(),
    })
}

pub(super) async fn address(app: &Context, account: Address) -> Result<AddressView, Problem> {
    let code = app.source.code(account, BlockTag::Latest).await?;
    let balance = app.source.balance(account, BlockTag::Latest).await?;
    let touched = "SELECT COUNT(*) FROM explorer_touched WHERE account = $1";
    let held =
        "SELECT token, amount FROM explorer_holding WHERE holder = $1 AND amount <> '0' ORDER BY token LIMIT 100";
    let mut token_balances = Vec::new();
    for row in app.store.rows(held, vec![account.into()]).await? {
        token_balances.push(app.money(row.address(0)?, row.amount(1)?).await?);
    }
    Ok(AddressView {
        address: show(account),
        name: app.names.get(account),
        kind: if code.is_empty() { AddressKind::Account } else { AddressKind::Contract },
        contract: app.contract_name(account),
        balance: balance.to_string(),
        nonce: app.source.nonce(account, BlockTag::Latest).await?,
        transactions: app.store.int(touched, vec![account.into()]).await?.unsigned_abs(),
        token_balances,
    })
}

pub(super) async fn tokens(app: &Context, query: &PageQuery) -> Result<Page<TokenCard>, Problem> {
    let limit = Limit::of(query.limit);
    let (first, token): (i64, Value) = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => {
            let cursor = Cursor::decode(cursor, 2)?;
            (cursor.int(0)?, crate::wire::address(&cursor.0[1])?.into())
        }
        None => (-1, Address::ZERO.into()),
    };
    let sql = "SELECT token, holders, transfers, first_seen FROM explorer_token \
               WHERE (first_seen, token) > ($1, $2) ORDER BY first_seen, token LIMIT $3";
    let rows = app.store.rows(sql, vec![first.into(), token, limit.rows().into()]).await?;
    let page = Page::cut(rows, limit, |row| {
        Cursor(vec![row.int(3).unwrap_or_default().to_string(), row.address(0).map(show).unwrap_or_default()])
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(token_card(app, row.address(0)?, row.number(1)?, row.number(2)?).await?);
    }
    Ok(Page { items, next: page.next })
}

async fn token_card(app: &Context, token: Address, holders: u64, transfers: u64) -> Result<TokenCard, Problem> {
    let known = app.token(token).await?;
    let supply: U256 = app.ask(token, Erc20::totalSupplyCall {}).await?.unwrap_or_default();
    Ok(TokenCard {
        address: show(token),
        name: known.name,
        symbol: known.symbol,
        decimals: known.decimals,
        total_supply: supply.to_string(),
        holders_count: holders,
        transfers_count: transfers,
    })
}

pub(super) async fn token(app: &Context, token: Address, query: &PageQuery) -> Result<TokenPage, Problem> {
    let sql = "SELECT holders, transfers FROM explorer_token WHERE token = $1";
    let row = app.store.row(sql, vec![token.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("token {}", show(token))))?;
    Ok(TokenPage {
        card: token_card(app, token, row.number(0)?, row.number(1)?).await?,
        holders: holders(app, token).await?,
        transfers: transfers(app, token, query).await?,
    })
}

/// The largest holders. Decimal digits without leading zeros are in the order of their length, then of their text.
async fn holders(app: &Context, token: Address) -> Result<Vec<HolderView>, Problem> {
    let sql = "SELECT holder, amount FROM explorer_holding WHERE token = $1 AND amount <> '0' \
               ORDER BY LENGTH(amount) DESC, amount DESC, holder LIMIT 50";
    let rows = app.store.rows(sql, vec![token.into()]).await?;
    let view = |row: &Row| {
        let holder = row.address(0)?;
        Ok(HolderView { address: show(holder), name: app.names.get(holder), balance: row.text(1)? })
    };
    rows.iter().map(view).collect()
}

async fn transfers(app: &Context, token: Address, query: &PageQuery) -> Result<Page<TransferView>, Problem> {
    let limit = Limit::of(query.limit);
    let (block, index) = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => {
            let cursor = Cursor::decode(cursor, 2)?;
            (cursor.int(0)?, cursor.int(1)?)
        }
        None => (i64::MAX, 0),
    };
    let sql = "SELECT sender, receiver, amount, tx_hash, block_number, at, log_index FROM explorer_transfer \
               WHERE token = $1 AND (block_number, log_index) < ($2, $3) \
               ORDER BY block_number DESC, log_index DESC LIMIT $4";
    let args = vec![token.into(), block.into(), index.into(), limit.rows().into()];
    let rows = app.store.rows(sql, args).await?;
    let page = Page::cut(rows, limit, |row| {
        Cursor(vec![row.int(4).unwrap_or_default().to_string(), row.int(6).unwrap_or_default().to_string()])
    });
    let known = app.token(token).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(TransferView {
            token: show(token),
            symbol: known.symbol.clone(),
            decimals: known.decimals,
            from: show(row.address(0)?),
            to: show(row.address(1)?),
            amount: row.text(2)?,
            tx_hash: row.hash(3)?.to_string(),
            block_number: row.number(4)?,
            timestamp: row.number(5)?,
        });
    }
    Ok(Page { items, next: page.next })
}

/// Whether a log is an ERC-20 transfer; an ERC-721 one has a topic more.
pub(super) fn is_transfer(topics: &[B256]) -> bool {
    topics.len() == 3 && topics.first() == Some(&Erc20::Transfer::SIGNATURE_HASH)
}
