//! Brings a house from before after-sales, coupons and arbiters to the present contracts.
//!
//! New code is created first; then one transaction gives the roles, puts the new code behind the market's proxy and adds
//! the first rule set, or does none of it. An upgrade that was interrupted before that left nothing but code that
//! nobody uses: running it again creates it again. Orders that are open keep the rules they were placed under.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;

use super::list::{Addresses, Step, after_sales_roles, beside_the_market, execute, market_code, multicall, rules};
use super::{DeployError, Plan, compiler, parts, proxied, send, standing};
use crate::contracts::{IMarket, Market};
use crate::layouts::{MARKET_V1, is_code_of};
use crate::{Manifest, Proxied, Signer, Submit, SubmitError, verify, view};

/// Transactions that create code: the market's four parts, and two each for panel, reviews and trace.
const CODE_STEPS: u64 = 10;

/// What an upgrade did.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// What stands where now.
    pub manifest: Manifest,
    /// Orders that were open, and were found unchanged.
    pub open_orders: u64,
}

/// An upgrade that was not made, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    /// It is up to date.
    #[error("the contracts are those of this version already")]
    UpToDate,
    /// Nobody knows what the code on chain keeps where.
    #[error(
        "the market runs code {found} that this version does not know, so nobody can say whether its storage would \
         survive: use the version of guildhall that deployed it"
    )]
    UnknownCode {
        /// Code hash of the market's implementation.
        found: B256,
    },
    /// An order is not as it was.
    #[error("order {order} changed by the upgrade, which must not be: stop new orders and report this")]
    OrderChanged {
        /// Its number.
        order: u64,
    },
    /// What will stand where could not be written down before it does.
    #[error("can't write down the new manifest, so nothing was changed")]
    Announce(#[source] std::io::Error),
    /// The contracts on chain are not those of the manifest.
    #[error(transparent)]
    Manifest(#[from] crate::ManifestError),
    /// A transaction failed. Nothing that people use was changed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The chain could not be acted on.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Upgrades the market. `version` is that of the program; `arbitration_floor` is the least fee of a dispute in wei.
/// `announce` gets the manifest as it will be, before the transaction that makes it true: who keeps it can tell an
/// upgrade that was interrupted after that from a market that somebody else changed.
///
/// # Errors
/// [`UpgradeError`]. Up to [`UpgradeError::OrderChanged`] the market is as it was.
pub async fn upgrade(
    submit: &dyn Submit,
    signer: &Signer,
    manifest: &Manifest,
    arbitration_floor: U256,
    version: &str,
    announce: &mut (dyn FnMut(&Manifest) -> std::io::Result<()> + Send),
) -> Result<Upgrade, UpgradeError> {
    can_upgrade(submit, manifest).await?;
    let before = Picture::take(submit, manifest.market.address).await?;
    let plan = Plan { arbitration_floor, ..Plan::standard(manifest.treasury, version) };
    let deployer = signer.address();
    let (chain_id, nonce) = (submit.chain_id().await?, submit.nonce(deployer).await?);
    let places = places(manifest, deployer, nonce);
    let mut block = manifest.block;
    let code = market_code(places.market_parts).into_iter().chain(beside_the_market(&places, &plan));
    for (nonce, step) in (nonce..).zip(code) {
        block = send(submit, signer, chain_id, nonce, step).await?;
    }
    let mut upgraded = upgraded(submit, manifest, &places, plan, block).await?;
    announce(&upgraded).map_err(UpgradeError::Announce)?;
    upgraded.block = send(submit, signer, chain_id, nonce + CODE_STEPS, switch(&places, deployer)).await?;
    let after = Picture::take(submit, manifest.market.address).await?;
    if let Some(order) = before.differs(&after) {
        return Err(UpgradeError::OrderChanged { order });
    }
    Ok(Upgrade { manifest: upgraded, open_orders: before.open })
}

/// What the manifest will say.
async fn upgraded(
    submit: &dyn Submit,
    manifest: &Manifest,
    places: &Addresses,
    plan: Plan,
    block: u64,
) -> Result<Manifest, DeployError> {
    let implementation = standing(submit, "Market", places.market[0]).await?;
    Ok(Manifest {
        block,
        version: plan.version,
        compiler: compiler(),
        market: Proxied { implementation, ..manifest.market.clone() },
        market_parts: parts(submit, places.market_parts).await?,
        arbiter_panel: Some(proxied(submit, "ArbiterPanel", places.panel).await?),
        reviews: Some(proxied(submit, "Reviews", places.reviews).await?),
        trace: Some(proxied(submit, "Trace", places.trace).await?),
        ..manifest.clone()
    })
}

/// Whether there is anything to upgrade, and whether it can be.
///
/// # Errors
/// [`UpgradeError::UpToDate`] or [`UpgradeError::UnknownCode`].
pub async fn can_upgrade(submit: &dyn Submit, manifest: &Manifest) -> Result<(), UpgradeError> {
    verify(submit, manifest).await?;
    if !manifest.market_parts.is_empty() {
        return Err(UpgradeError::UpToDate);
    }
    let code = submit.code(manifest.market.implementation.address).await?;
    if is_code_of(&code, MARKET_V1) { Ok(()) } else { Err(UpgradeError::UnknownCode { found: keccak256(&code) }) }
}

fn places(manifest: &Manifest, deployer: Address, nonce: u64) -> Addresses {
    let at = |offset| deployer.create(nonce + offset);
    Addresses {
        authority: manifest.authority.address,
        guild: [manifest.guild_token.implementation.address, manifest.guild_token.address],
        stable: [manifest.stable_token.implementation.address, manifest.stable_token.address],
        market_parts: [at(0), at(1), at(2)],
        market: [at(3), manifest.market.address],
        panel: [at(4), at(5)],
        reviews: [at(6), at(7)],
        trace: [at(8), at(9)],
    }
}

/// The one transaction that changes what people use.
fn switch(places: &Addresses, deployer: Address) -> Step {
    let market = places.market[1];
    let upgrade = Market::upgradeToAndCallCall { newImplementation: places.market[0], data: Bytes::new() };
    let mut calls = after_sales_roles(places, deployer);
    calls.push(execute(market, upgrade.abi_encode().into()));
    calls.push(execute(market, rules(places)));
    Step { name: "upgrading the market", to: Some(places.authority), input: multicall(calls) }
}

/// What must be the same afterwards: every order, and what the market owes.
#[derive(PartialEq, Eq)]
struct Picture {
    orders: Vec<B256>,
    open: u64,
}

impl Picture {
    async fn take(submit: &dyn Submit, market: Address) -> Result<Self, SubmitError> {
        let counts = view(submit, market, Market::countsCall {}).await?;
        let mut picture = Self { orders: Vec::new(), open: 0 };
        for order in 1..=counts.orders {
            let id = U256::from(order);
            let (seen, deadline) = (
                view(submit, market, Market::orderCall { orderId: id }).await?,
                view(submit, market, Market::nextDeadlineCall { orderId: id }).await?,
            );
            picture.open += u64::from(deadline != 0);
            picture.orders.push(fingerprint(&seen, deadline));
        }
        Ok(picture)
    }

    /// The first order that is not the same.
    fn differs(&self, other: &Self) -> Option<u64> {
        let differing = self.orders.iter().zip(&other.orders).position(|(a, b)| a != b);
        let shorter = (self.orders.len() > other.orders.len()).then_some(other.orders.len());
        differing.or(shorter).map(|place| place as u64 + 1)
    }
}

fn fingerprint(order: &IMarket::OrderView, deadline: u64) -> B256 {
    use alloy_sol_types::SolValue;
    keccak256((order.clone(), deadline).abi_encode())
}
