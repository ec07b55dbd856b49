//! `guildhall trace verify`: is an event what was anchored? Needs no house.

use crate::load::{Asker, Endpoint};
use alloy_primitives::{Address, B256, Bytes, U64, hex};
use alloy_sol_types::SolCall;
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use platform_business::{HashedEvent, Proof, check_proof, hash_file};
use platform_protocol::contracts::Trace;
use serde_json::json;
use std::{io::Write, path::PathBuf};

/// What to do with events.
#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// Hash the events of a file again and check what proves them.
    Verify(VerifyArguments),
}

/// Flags of `guildhall trace verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guildhall trace verify event.json\n  guildhall trace verify event.json --proof proof.json\n  guildhall trace verify event.json --proof proof.json --rpc http://127.0.0.1:8545\n\nThe proof of an event is at /epcis/events/{eventID}/proof."
)]
pub(crate) struct VerifyArguments {
    /// A file with EPCIS events: a document, an answer to a query, or one event.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A file with a proof.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// A node to ask whether the root is on chain.
    #[arg(long, value_name = "URL", requires = "proof")]
    rpc: Option<String>,
    /// The contract that keeps the roots, where the proof's word for it is not
    /// to be taken.
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    contract: Option<Address>,
}

pub(crate) fn run(command: TraceCommand) -> anyhow::Result<()> {
    let TraceCommand::Verify(arguments) = command;
    let path = &arguments.file;
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let events = hash_file(&text).with_context(|| format!("{} holds no events that are valid", path.display()))?;
    let mut out = std::io::stdout().lock();
    let Some(path) = &arguments.proof else {
        for event in &events {
            writeln!(out, "{}", event.hash_id)?;
        }
        return Ok(());
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let proof = check_proof(&text).with_context(|| format!("{} proves nothing", path.display()))?;
    let event = proven(&events, &proof)?;
    writeln!(out, "event    {}", event.event_id.as_deref().unwrap_or(&event.hash_id))?;
    writeln!(out, "hash     {}  recomputed from the event", event.hash)?;
    writeln!(out, "root     {}  recomputed from the proof", proof.root)?;
    match &arguments.rpc {
        Some(url) => {
            let anchored = ask(url, &proof, arguments.contract)?;
            writeln!(out, "chain    {}  asked at {url}", anchored.chain_id)?;
            writeln!(out, "contract {}", anchored.contract)?;
            writeln!(out, "batch    {} of {} events", anchored.batch, anchored.count)?;
            writeln!(out, "block    {}  time {}", anchored.block, anchored.time)?;
            writeln!(
                out,
                "The event is in a root that was anchored in block {}. It has not been changed since.",
                anchored.block
            )?;
        }
        None => writeln!(
            out,
            "The event leads to this root. Whether the root is on chain was not asked: give a node with --rpc."
        )?,
    }
    Ok(())
}

fn proven<'a>(events: &'a [HashedEvent], proof: &Proof) -> anyhow::Result<&'a HashedEvent> {
    let found = events.iter().find(|event| event.hash == proof.event_hash);
    found.with_context(|| {
        let hashes: Vec<String> = events.iter().map(|event| event.hash.to_string()).collect();
        format!(
            "the proof is about an event with hash {}, the file's have {}: it is another event, or it was changed",
            proof.event_hash,
            hashes.join(", ")
        )
    })
}

struct Anchored {
    chain_id: u64,
    contract: Address,
    batch: u64,
    count: u64,
    block: u64,
    time: String,
}

fn ask(url: &str, proof: &Proof, contract: Option<Address>) -> anyhow::Result<Anchored> {
    let endpoint = Endpoint::parse(url)?;
    let mut node = Asker::connect(&endpoint)?;
    let chain_id = node.ask::<U64>("eth_chainId", json!([]))?.to::<u64>();
    ensure!(chain_id == proof.chain_id, "the proof is about chain {}, {url} is chain {chain_id}", proof.chain_id);
    let contract = contract.or(proof.contract).context("the proof names no contract: give one with --contract")?;
    let input = Trace::batchCall { root: proof.root }.abi_encode();
    let call = json!([{ "to": contract, "data": hex::encode_prefixed(input) }, "latest"]);
    let output: Bytes = node.ask("eth_call", call)?;
    let batch = Trace::batchCall::abi_decode_returns(&output)
        .with_context(|| format!("{contract} is not a Trace contract on chain {chain_id}"))?;
    if batch.id == 0 {
        bail!("the root {} is not on chain {chain_id}: it was never anchored at {contract}", proof.root);
    }
    if let Some(hash) = proof.transaction_hash {
        check_transaction(&mut node, hash, batch.blockNumber)?;
    }
    Ok(Anchored {
        chain_id,
        contract,
        batch: batch.id,
        count: batch.count,
        block: batch.blockNumber,
        time: platform_api::calendar::rfc3339(batch.timestamp),
    })
}

/// The transaction that the proof names is in the block that the contract
/// keeps.
fn check_transaction(node: &mut Asker, hash: B256, block: u64) -> anyhow::Result<()> {
    let receipt = node.receipt(&hash)?.with_context(|| format!("the chain has no transaction {hash}"))?;
    let found = receipt.block_number.to::<u64>();
    ensure!(found == block, "transaction {hash} is in block {found}, the contract says block {block}");
    Ok(())
}
