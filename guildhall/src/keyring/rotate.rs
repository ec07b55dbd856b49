//! Exchanges the house's own key: a new one is drawn, everything that hangs on
//! the old one is handed to it, and its keystore takes the old one's place.
//!
//! What is to be sent is in the watch's log before it is sent, and one
//! transaction hands over all rights or none. Which of two keys acts for the
//! house is read from the chain, so a kill at any moment leaves a house that
//! opens.

use super::{RotateArguments, Step, surroundings};
use crate::{
    cli::UsageError,
    house::{House, store_url},
    keys, keystore, node,
    profile::{Kind, Profile},
    up::{Opening, backfill, business_options},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use anyhow::{Context, ensure};
use platform_business::role_name;
use platform_index::{BlockSource, BlockTag, Store};
use platform_ops::KeyExchange;
use platform_protocol::{
    Call, Handover, Rotation, Signer, Submit, TransactionRequest, contracts::GuildToken, is_administrator, rotation,
};
use std::path::Path;

/// What one call may take; the one that hands over the rights makes two of
/// the authority's for each role.
const GAS_LIMIT: u64 = 12_000_000;

pub(super) fn run(arguments: &RotateArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    let profile = Profile::of(directory)?;
    if profile.kind != Kind::Business {
        let reason = "the keys of demos and replays are known to everyone: there is nothing to exchange. Make a business of your own with `guildhall init`";
        return Err(UsageError(reason.into()).into());
    }
    if !directory.join("manifest.json").exists() {
        let reason = "this house has no contracts yet, so its key has no rights: open it once with `guildhall up`";
        return Err(UsageError(reason.into()).into());
    }
    let passphrase = keys::passphrase(arguments.passphrase_file.as_deref(), false)?;
    let options = business_options(&profile, directory, &Opening::default(), &passphrase)?;
    let pending = options.next_operator.clone();
    node::runtime()?.block_on(async {
        let mut house = House::open(options).await?;
        let outcome = rotate(&mut house, arguments, pending, &passphrase).await;
        // What went wrong first is what there is to say.
        let closed = house.close().await;
        outcome?;
        closed
    })
}

async fn rotate(
    house: &mut House,
    arguments: &RotateArguments,
    pending: Option<Signer>,
    passphrase: &str,
) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    if let Some(former) = house.former_operator {
        if arguments.check {
            eprintln!(
                "An exchange of keys was made on the chain and not written down: this command or `guildhall up` ends it."
            );
            return Ok(());
        }
        house.keep_operator()?;
        index(house).await;
        tell_end(directory, former, house.operator.address());
        return Ok(());
    }
    let around = surroundings::of(house)?;
    let from = house.operator.address();
    let plan = async |to: Address| rotation(&house.embedded, &house.manifest, &around, from, to).await;
    // Whatever speaks against it is said before there is another key.
    let stand_in = pending.as_ref().map_or_else(|| Address::from(rand::random::<[u8; 20]>()), Signer::address);
    let first = plan(stand_in).await?;
    if arguments.check {
        tell_plan(&first, from);
        return Ok(());
    }
    let next = match pending {
        Some(next) => next,
        None => keystore::draw_next(directory, passphrase)?,
    };
    reached(arguments, Step::Drawn);
    let plan = plan(next.address()).await?;
    let prepared = Prepared::of(house, &next, &plan).await?;
    let store = Store::open(&store_url(directory)).await.context("can't open the watch's records")?;
    let exchange = KeyExchange {
        from,
        to: next.address(),
        roles: plan.roles.iter().map(|held| held.role).collect(),
        transactions: prepared.hashes(),
    };
    exchange.announce(store.clone()).await.context("can't write to the log, so nothing was sent")?;
    reached(arguments, Step::Announced);
    let mut stays = plan.stays.clone();
    for (what, raw) in &prepared.moves {
        if let Err(error) = send(house, raw).await {
            stays.push(format!("{what}: {error:#}"));
        }
    }
    reached(arguments, Step::Moved);
    send(house, &prepared.switch)
        .await
        .context("the rights could not be handed over, and the old key acts as before")?;
    reached(arguments, Step::Switched);
    let handed = is_administrator(&house.embedded, &house.manifest, next.address()).await?
        && !is_administrator(&house.embedded, &house.manifest, from).await?;
    ensure!(
        handed,
        "the chain does not say that {} acts for the house: report this, and change nothing",
        next.address()
    );
    exchange.made(store).await.context("can't write to the log; the next start does")?;
    reached(arguments, Step::Noted);
    (house.former_operator, house.operator) = (Some(from), next);
    house.keep_operator()?;
    index(house).await;
    for what in stays {
        eprintln!("  stays with the old key: {what}");
    }
    tell_end(directory, from, exchange.to);
    Ok(())
}

/// Transactions that are signed and not sent yet.
struct Prepared {
    /// Each with what it does. One that fails keeps nothing else from being done.
    moves: Vec<(String, Bytes)>,
    switch: Bytes,
}

impl Prepared {
    /// Signs everything in the order in which it is sent. What would fail is left out.
    async fn of(house: &House, next: &Signer, plan: &Rotation) -> anyhow::Result<Self> {
        let (chain, old) = (&house.embedded, &house.operator);
        let mut nonce = Submit::nonce(chain, old.address()).await?;
        let mut moves = Vec::new();
        let coin = coin(house, next.address()).await?;
        for one in plan.moves.iter().chain(&coin) {
            let call = Call { from: old.address(), to: one.to, value: one.value, input: one.input.clone() };
            if let Err(error) = Submit::call(chain, call).await {
                tracing::warn!(%error, "this can't be handed over and stays with the old key: {}", one.what);
                continue;
            }
            moves.push((one.what.clone(), signed(house, old, nonce, one).await?));
            nonce += 1;
        }
        if let Some(delegatee) = plan.delegate {
            let vote = Handover {
                what: format!("give the votes of {} to {delegatee}", next.address()),
                to: house.manifest.guild_token.address,
                value: U256::ZERO,
                input: GuildToken::delegateCall { delegatee }.abi_encode().into(),
            };
            let own = Submit::nonce(chain, next.address()).await?;
            moves.push((vote.what.clone(), signed(house, next, own, &vote).await?));
        }
        Ok(Self { moves, switch: signed(house, old, nonce, &plan.switch).await? })
    }

    fn hashes(&self) -> Vec<B256> {
        self.moves.iter().map(|(_, raw)| raw).chain([&self.switch]).map(keccak256).collect()
    }
}

/// The old key's coin, where sending it costs nothing.
async fn coin(house: &House, to: Address) -> anyhow::Result<Option<Handover>> {
    let balance = BlockSource::balance(&house.embedded, house.operator.address(), BlockTag::Latest).await?;
    if balance.is_zero() || Submit::gas_price(&house.embedded).await? > 0 {
        return Ok(None);
    }
    Ok(Some(Handover { what: format!("send {balance} wei of coin"), to, value: balance, input: Bytes::new() }))
}

async fn signed(house: &House, signer: &Signer, nonce: u64, what: &Handover) -> anyhow::Result<Bytes> {
    let request = TransactionRequest {
        chain_id: house.manifest.chain_id,
        nonce,
        to: Some(what.to),
        value: what.value,
        input: what.input.clone(),
        gas_limit: GAS_LIMIT,
        gas_price: Submit::gas_price(&house.embedded).await?,
    };
    Ok(signer.sign_transaction(request))
}

async fn send(house: &House, raw: &Bytes) -> anyhow::Result<()> {
    let hash = house.embedded.send_raw(raw.clone()).await?;
    let mined = house.embedded.wait(hash).await?;
    ensure!(mined.success, "transaction {hash} failed in block {}", mined.block_number);
    Ok(())
}

/// Brings the index up to the chain, so that `keys list` says who has which rights now.
async fn index(house: &House) {
    let read = async { backfill(house, &house.platform(None, None).await?).await };
    if let Err(error) = read.await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the index could not be brought up to the chain; the next start does"
        );
    }
}

/// Dies where a test wants it.
fn reached(arguments: &RotateArguments, step: Step) {
    if arguments.die_after == Some(step) {
        std::process::abort();
    }
}

fn tell_plan(plan: &Rotation, from: Address) {
    eprintln!("The house's key is {from}. A new one would be drawn, and in this order:");
    for one in &plan.moves {
        eprintln!("  {}", one.what);
    }
    for held in &plan.roles {
        let delay = if held.delay > 0 { format!(" with its delay of {} seconds", held.delay) } else { String::new() };
        eprintln!("  get the role {}{delay}", role_name(held.role));
    }
    eprintln!("  get the fees that go to the old key; then the old key gives up its roles");
    for what in &plan.stays {
        eprintln!("  stays with the old key: {what}");
    }
    eprintln!("Nothing was changed.");
}

fn tell_end(directory: &Path, from: Address, to: Address) {
    eprintln!("The house's key is now {to} (keys/operator.json, under the same passphrase).");
    eprintln!(
        "  {from} has no roles any more; its keystore is kept as {}.",
        keystore::former_path(directory, from).display()
    );
    eprintln!(
        "Make a backup now: those from before hold the old key. Whoever signed in with the old key signs in with the new one."
    );
    eprintln!(
        "Campaigns name on the chain who signs their coupons, for good. Where the old key was stolen, close those that are"
    );
    eprintln!("open and begin new ones: whoever has it can sign coupons of theirs.");
    eprintln!("Next: guildhall up --data-dir {}", directory.display());
}
