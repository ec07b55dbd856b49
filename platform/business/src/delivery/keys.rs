//! Published keys. A wallet signs for its key, so that whoever seals something can check whose it is without believing
//! the house.

use alloy_primitives::{Address, Bytes, Signature, eip191_hash_message, hex};
use alloy_sol_types::SolCall;
use platform_api::{Problem, calendar};
use platform_protocol::contracts::Erc1271::isValidSignatureCall;

use super::model::KEY;
use super::view::{KeyAsked, KeyView};
use crate::context::Context;
use crate::wire::show;

/// What a wallet signs to publish a key. The console writes the same words.
pub(super) fn statement(app: &Context, account: Address, public_key: &str) -> String {
    format!(
        "Guildhall delivery key\n\nDelivery addresses for {} may be sealed for this key.\n\nChain: {}\nMarket: {}\nKey: {public_key}",
        show(account),
        app.manifest.chain_id,
        show(app.manifest.market.address),
    )
}

/// Publishes a key that its owner's wallet signed for.
pub(super) async fn publish(app: &Context, account: Address, asked: &KeyAsked) -> Result<KeyView, Problem> {
    let public_key = asked.public_key.to_lowercase();
    let bytes = hex::decode(&public_key).ok().filter(|bytes| bytes.len() == 32 && bytes.iter().any(|byte| *byte != 0));
    if bytes.is_none() {
        return Err(Problem::invalid("An X25519 public key is 64 hex digits, and not all zero."));
    }
    let signature: Bytes =
        asked.signature.parse().map_err(|_| Problem::invalid("The signature is no hexadecimal number."))?;
    let words = statement(app, account, &public_key);
    if !is_signed(app, account, &words, &signature).await? {
        return Err(Problem::invalid(format!("{} did not sign for this key.", show(account))));
    }
    let row = vec![account.into(), public_key.as_str().into(), signature.to_string().into(), app.now().into()];
    app.store.put(&KEY, row).await?;
    of(app, account).await
}

async fn is_signed(app: &Context, account: Address, words: &str, signature: &Bytes) -> Result<bool, Problem> {
    let hash = eip191_hash_message(words);
    let by_key =
        Signature::from_raw(signature).ok().and_then(|signature| signature.recover_address_from_prehash(&hash).ok());
    if by_key == Some(account) {
        return Ok(true);
    }
    let asked = isValidSignatureCall { hash, signature: signature.clone() };
    let answer = app.ask(account, asked).await?;
    Ok(answer.is_some_and(|answer| answer == isValidSignatureCall::SELECTOR))
}

/// A published key.
pub(super) async fn of(app: &Context, account: Address) -> Result<KeyView, Problem> {
    let sql = "SELECT public_key, signature, at FROM delivery_key WHERE account = $1";
    let row = app.store.row(sql, vec![account.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("delivery key of {}", show(account))))?;
    let public_key = row.text(0)?;
    Ok(KeyView {
        address: show(account),
        statement: statement(app, account, &public_key),
        public_key,
        signature: row.text(1)?,
        at: calendar::rfc3339(row.number(2)?),
    })
}

/// Takes a key back. What was sealed for it can still be opened by whoever can make the key again.
pub(super) async fn withdraw(app: &Context, account: Address) -> Result<(), Problem> {
    app.store.execute("DELETE FROM delivery_key WHERE account = $1", vec![account.into()]).await?;
    Ok(())
}
