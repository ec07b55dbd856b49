//! Puts the contracts on a chain, in one fixed list of transactions.
//!
//! Every address follows from the deployer and its nonce, so the list is the same each time. A deployment that was
//! interrupted left the first transactions of the list on chain; running it again sends the others.

mod list;
mod upgrade;

use alloy_primitives::{Address, B256, U256, keccak256};

use crate::contracts::{ARTIFACTS, Authority};
use crate::{Manifest, Proxied, Signer, Standing, Submit, SubmitError, TransactionRequest};
use list::{Addresses, Step, steps};

pub(crate) use list::{execute, multicall};

pub use upgrade::{Upgrade, UpgradeError, can_upgrade, upgrade};

/// No transaction of the list needs more: the market's code takes about five million.
const GAS_LIMIT: u64 = 12_000_000;

/// How to deploy.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who is credited with fees.
    pub treasury: Address,
    /// Fee in basis points, 500 at most.
    pub fee_bps: u16,
    /// Seller's bond in basis points, 1,000 at most.
    pub bond_bps: u16,
    /// First supply of the voting token, given to the treasury.
    pub guild_supply: U256,
    /// Who may attest deliveries, beside the deployer.
    pub carriers: Vec<Address>,
    /// The least fee of a dispute, in wei. Zero where nobody has native coin.
    pub arbitration_floor: U256,
    /// Version of the program, for the manifest.
    pub version: String,
}

impl Plan {
    /// A fee of 2 %, a bond of 5 %, a hundred million votes.
    #[must_use]
    pub fn standard(treasury: Address, version: impl Into<String>) -> Self {
        Self {
            treasury,
            fee_bps: 200,
            bond_bps: 500,
            guild_supply: U256::from(100_000_000_u64) * U256::from(10_u64).pow(U256::from(18_u64)),
            carriers: Vec::new(),
            arbitration_floor: U256::ZERO,
            version: version.into(),
        }
    }
}

/// A deployment that failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The chain could not be acted on.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// A transaction of the list failed.
    #[error("{step} failed on chain in transaction {hash}: the deployment cannot go on")]
    StepFailed {
        /// What it was to do.
        step: &'static str,
        /// The transaction.
        hash: B256,
    },
    /// A contract is not where its creation put it.
    #[error("{contract} is not at {address} after the deployment")]
    Missing {
        /// Which contract.
        contract: &'static str,
        /// Where it should be.
        address: Address,
    },
}

/// Deploys everything, or what is missing of it, and says what stands where.
pub async fn deploy(submit: &dyn Submit, signer: &Signer, plan: &Plan) -> Result<Manifest, DeployError> {
    let deployer = signer.address();
    let chain_id = submit.chain_id().await?;
    let nonce = submit.nonce(deployer).await?;
    let base = begun_at(submit, deployer, nonce).await?;
    let places = Addresses::of(deployer, base);
    let mut block = 0;
    for (offset, step) in steps(&places, deployer, plan).into_iter().enumerate() {
        let at = base + offset as u64;
        if at >= nonce {
            block = send(submit, signer, chain_id, at, step).await?;
        }
    }
    manifest(submit, &places, deployer, plan, chain_id, block).await
}

/// Sends one step and waits for its block.
async fn send(
    submit: &dyn Submit,
    signer: &Signer,
    chain_id: u64,
    nonce: u64,
    Step { name, to, input }: Step,
) -> Result<u64, DeployError> {
    let gas_price = submit.gas_price().await?;
    let request = TransactionRequest { chain_id, nonce, to, value: U256::ZERO, input, gas_limit: GAS_LIMIT, gas_price };
    let hash = submit.send_raw(signer.sign_transaction(request)).await?;
    let mined = submit.wait(hash).await?;
    if mined.success { Ok(mined.block_number) } else { Err(DeployError::StepFailed { step: name, hash }) }
}

/// The nonce the list begins at: where an earlier attempt put the authority, or the present one.
async fn begun_at(submit: &dyn Submit, deployer: Address, nonce: u64) -> Result<u64, DeployError> {
    let expected = Authority::DEPLOYED_BYTECODE.clone();
    for base in (nonce.saturating_sub(32)..nonce).rev() {
        if submit.code(deployer.create(base)).await? == expected {
            return Ok(base);
        }
    }
    Ok(nonce)
}

async fn manifest(
    submit: &dyn Submit,
    places: &Addresses,
    deployer: Address,
    plan: &Plan,
    chain_id: u64,
    block: u64,
) -> Result<Manifest, DeployError> {
    Ok(Manifest {
        chain_id,
        block,
        version: plan.version.clone(),
        compiler: compiler(),
        deployer,
        treasury: plan.treasury,
        authority: standing(submit, "Authority", places.authority).await?,
        guild_token: proxied(submit, "GuildToken", places.guild).await?,
        stable_token: proxied(submit, "StableToken", places.stable).await?,
        market: proxied(submit, "Market", places.market).await?,
        market_parts: parts(submit, places.market_parts).await?,
        arbiter_panel: Some(proxied(submit, "ArbiterPanel", places.panel).await?),
        reviews: Some(proxied(submit, "Reviews", places.reviews).await?),
        trace: Some(proxied(submit, "Trace", places.trace).await?),
    })
}

async fn parts(submit: &dyn Submit, places: [Address; 3]) -> Result<Vec<Standing>, DeployError> {
    let mut parts = Vec::new();
    for place in places {
        parts.push(standing(submit, "part of Market", place).await?);
    }
    Ok(parts)
}

async fn standing(submit: &dyn Submit, contract: &'static str, address: Address) -> Result<Standing, DeployError> {
    let code = submit.code(address).await?;
    if code.is_empty() {
        return Err(DeployError::Missing { contract, address });
    }
    Ok(Standing { address, code_hash: keccak256(&code) })
}

async fn proxied(submit: &dyn Submit, contract: &'static str, places: [Address; 2]) -> Result<Proxied, DeployError> {
    let proxy = standing(submit, contract, places[1]).await?;
    let implementation = standing(submit, contract, places[0]).await?;
    Ok(Proxied { address: proxy.address, code_hash: proxy.code_hash, implementation })
}

/// The compiler of the artifacts, with its settings.
fn compiler() -> String {
    let artifact: serde_json::Value = serde_json::from_str(ARTIFACTS[3].1).unwrap_or_default();
    let compiler = &artifact["compiler"];
    let settings = &compiler["settings"];
    format!(
        "solc {} evm={} optimizer_runs={} via_ir={}",
        compiler["version"].as_str().unwrap_or("unknown"),
        settings["evmVersion"].as_str().unwrap_or("unknown"),
        settings["optimizer"]["runs"],
        settings["viaIR"],
    )
}
