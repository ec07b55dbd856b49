//! Puts the contracts on a chain, in one fixed list of transactions.
//!
//! Every address follows from the deployer and its nonce, so the list is the same each time. A deployment that was
//! interrupted left the first transactions of the list on chain; running it again sends the others.

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};

use crate::contracts::{ARTIFACTS, Authority, ERC1967Proxy, GuildToken, Market, StableToken};
use crate::{Manifest, Proxied, Signer, Standing, Submit, SubmitError, TransactionRequest};

/// Role numbers, as `contracts/src/governance/Roles.sol` has them.
const OPERATOR: u64 = 1;
const PAUSER: u64 = 2;
const MINTER: u64 = 3;
const UPGRADER: u64 = 4;
const CARRIER: u64 = 5;

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
        hash: alloy_primitives::B256,
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

struct Addresses {
    authority: Address,
    guild: [Address; 2],
    stable: [Address; 2],
    market: [Address; 2],
}

impl Addresses {
    fn of(deployer: Address, base: u64) -> Self {
        let at = |offset| deployer.create(base + offset);
        Self { authority: at(0), guild: [at(1), at(2)], stable: [at(3), at(4)], market: [at(5), at(6)] }
    }
}

type Step = (&'static str, Option<Address>, Bytes);

/// Deploys everything, or what is missing of it, and says what stands where.
pub async fn deploy(submit: &dyn Submit, signer: &Signer, plan: &Plan) -> Result<Manifest, DeployError> {
    let deployer = signer.address();
    let chain_id = submit.chain_id().await?;
    let nonce = submit.nonce(deployer).await?;
    let base = begun_at(submit, deployer, nonce).await?;
    let places = Addresses::of(deployer, base);
    let mut block = 0;
    for (offset, (name, to, input)) in steps(&places, deployer, plan).into_iter().enumerate() {
        let at = base + offset as u64;
        if at < nonce {
            continue;
        }
        let gas_price = submit.gas_price().await?;
        let request =
            TransactionRequest { chain_id, nonce: at, to, value: U256::ZERO, input, gas_limit: GAS_LIMIT, gas_price };
        let hash = submit.send_raw(signer.sign_transaction(request)).await?;
        let mined = submit.wait(hash).await?;
        if !mined.success {
            return Err(DeployError::StepFailed { step: name, hash });
        }
        block = mined.block_number;
    }
    manifest(submit, &places, deployer, plan, chain_id, block).await
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

fn steps(places: &Addresses, deployer: Address, plan: &Plan) -> Vec<Step> {
    let authority = places.authority;
    let mut steps = vec![
        (
            "creating the authority",
            None,
            with(&Authority::BYTECODE, &Authority::constructorCall { initialAdmin: deployer }),
        ),
        ("creating the voting token", None, GuildToken::BYTECODE.clone()),
        (
            "setting up the voting token",
            None,
            proxy(
                places.guild[0],
                &GuildToken::initializeCall { authority_: authority, holder: plan.treasury, supply: plan.guild_supply },
            ),
        ),
        ("creating the stable token", None, StableToken::BYTECODE.clone()),
        (
            "setting up the stable token",
            None,
            proxy(places.stable[0], &StableToken::initializeCall { authority_: authority }),
        ),
        ("creating the market", None, Market::BYTECODE.clone()),
        (
            "setting up the market",
            None,
            proxy(
                places.market[0],
                &Market::initializeCall {
                    authority_: authority,
                    treasury_: plan.treasury,
                    feeBps: plan.fee_bps,
                    bondBps: plan.bond_bps,
                },
            ),
        ),
        ("giving the roles", Some(authority), multicall(roles(places, deployer, plan))),
    ];
    for (name, token) in [("allowing the stable token", places.stable[1]), ("allowing the coin", Address::ZERO)] {
        let call = Market::setTokenAllowedCall { token, allowed: true };
        steps.push((name, Some(places.market[1]), call.abi_encode().into()));
    }
    steps
}

fn roles(places: &Addresses, deployer: Address, plan: &Plan) -> Vec<Bytes> {
    let mut calls = Vec::new();
    for (role, label) in
        [(OPERATOR, "operator"), (PAUSER, "pauser"), (MINTER, "minter"), (UPGRADER, "upgrader"), (CARRIER, "carrier")]
    {
        calls.push(Authority::labelRoleCall { roleId: role, label: label.to_owned() }.abi_encode().into());
        calls.push(grant(role, deployer));
    }
    calls.extend(plan.carriers.iter().map(|carrier| grant(CARRIER, *carrier)));
    let market = places.market[1];
    calls.push(assign(
        market,
        OPERATOR,
        &[
            Market::setFeeScheduleCall::SELECTOR,
            Market::setTokenAllowedCall::SELECTOR,
            Market::setTreasuryCall::SELECTOR,
        ],
    ));
    calls.push(assign(market, PAUSER, &[Market::pauseCall::SELECTOR, Market::unpauseCall::SELECTOR]));
    calls.push(assign(market, CARRIER, &[Market::attestDeliveryCall::SELECTOR]));
    calls.push(assign(
        places.stable[1],
        MINTER,
        &[StableToken::mintCall::SELECTOR, StableToken::mintBatchCall::SELECTOR, StableToken::burnCall::SELECTOR],
    ));
    calls.push(assign(places.guild[1], MINTER, &[GuildToken::mintCall::SELECTOR]));
    for target in [market, places.stable[1], places.guild[1]] {
        calls.push(assign(target, UPGRADER, &[Market::upgradeToAndCallCall::SELECTOR]));
    }
    calls
}

fn grant(role: u64, account: Address) -> Bytes {
    Authority::grantRoleCall { roleId: role, account, executionDelay: 0 }.abi_encode().into()
}

fn assign(target: Address, role: u64, selectors: &[[u8; 4]]) -> Bytes {
    let selectors = selectors.iter().map(|selector| (*selector).into()).collect();
    Authority::setTargetFunctionRoleCall { target, selectors, roleId: role }.abi_encode().into()
}

fn multicall(data: Vec<Bytes>) -> Bytes {
    Authority::multicallCall { data }.abi_encode().into()
}

fn with(code: &Bytes, constructor: &impl SolConstructor) -> Bytes {
    [code.as_ref(), constructor.abi_encode().as_slice()].concat().into()
}

fn proxy(implementation: Address, set_up: &impl SolCall) -> Bytes {
    let data = set_up.abi_encode().into();
    with(&ERC1967Proxy::BYTECODE, &ERC1967Proxy::constructorCall { implementation, _data: data })
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
    })
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
