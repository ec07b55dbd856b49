//! Exchanging the house's own key: what hangs on it, and the one transaction that hands its rights to another.
//!
//! The new key gets every role with the delay that the old one has, fees go to it, and then the old key gives up its
//! roles, the administrator's last. All of it happens or none. What the old key owns is moved before, while it may.

use std::collections::BTreeSet;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;

use crate::contracts::{ArbiterPanel, Authority, Erc20, GuildToken, Market};
use crate::deploy::{execute, multicall};
use crate::{Call, Manifest, Submit, SubmitError, view};

/// Role numbers, as `contracts/src/governance/Roles.sol` has them.
const ADMIN: u64 = 0;
const OPERATOR: u64 = 1;
/// The roles of every deployment.
const ROLES: std::ops::RangeInclusive<u64> = 0..=7;

/// What must be known of a house besides its manifest, from its events.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Every role that was ever given to anybody.
    pub roles: BTreeSet<u64>,
    /// Every token that the market ever allowed.
    pub tokens: BTreeSet<Address>,
    /// Whom the arbiters' panel credits with its fees.
    pub panel_treasury: Option<Address>,
}

/// A role that an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// Its number.
    pub role: u64,
    /// Seconds between saying and doing.
    pub delay: u32,
}

/// A call by which something changes hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// What it does, in words.
    pub what: String,
    /// The contract, or whoever gets coin.
    pub to: Address,
    /// Coin sent along.
    pub value: U256,
    /// The call.
    pub input: Bytes,
}

/// An exchange of keys that can be made.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The roles that change hands.
    pub roles: Vec<HeldRole>,
    /// What the old key hands over before.
    pub moves: Vec<Handover>,
    /// The one transaction, sent by the old key to the authority.
    pub switch: Handover,
    /// Whom the new key gives its votes afterwards, where the old one gave them to somebody.
    pub delegate: Option<Address>,
    /// What stays with the old key, in words.
    pub stays: Vec<String>,
}

/// An exchange of keys that can't be made.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// It has nothing to hand over.
    #[error(
        "{account} is no administrator of the authority any more: it can't give its rights to another key. Whoever is \
         administrator must give the new key its rights"
    )]
    NotAdministrator {
        /// The old key's account.
        account: Address,
    },
    /// The administrator's right has a delay.
    #[error(
        "the administrator's right of {account} has a delay of {seconds} seconds, so this can't be done in one go: \
         schedule the calls of `grantRole` for a new key as a change, wait, and execute it; or ask an administrator \
         without a delay"
    )]
    Delayed {
        /// The old key's account.
        account: Address,
        /// The delay.
        seconds: u32,
    },
    /// A role takes time to be given.
    #[error(
        "whoever gets role {role} waits {seconds} seconds for it, and nobody would have it meanwhile: propose a change \
         that sets its grant delay to 0, wait until it is in force, and try again"
    )]
    GrantDelayed {
        /// The role.
        role: u64,
        /// The delay.
        seconds: u32,
    },
    /// It would fail.
    #[error("the authority would refuse the exchange with 0x{}; nothing was changed", alloy_primitives::hex::encode(.data))]
    WouldFail {
        /// What the contract said.
        data: Bytes,
    },
    /// The chain could not be asked.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Whether an account may give rights.
///
/// # Errors
/// The chain could not be asked.
pub async fn is_administrator(submit: &dyn Submit, manifest: &Manifest, account: Address) -> Result<bool, SubmitError> {
    let call = Authority::hasRoleCall { roleId: ADMIN, account };
    Ok(view(submit, manifest.authority.address, call).await?.isMember)
}

/// The roles that an account has, of those that there are.
///
/// # Errors
/// The chain could not be asked.
pub async fn held_roles(
    submit: &dyn Submit,
    manifest: &Manifest,
    account: Address,
    known: &BTreeSet<u64>,
) -> Result<Vec<HeldRole>, SubmitError> {
    let mut held = Vec::new();
    let all: BTreeSet<u64> = known.iter().copied().chain(ROLES).collect();
    for role in all.into_iter().filter(|role| *role != u64::MAX) {
        let access =
            view(submit, manifest.authority.address, Authority::getAccessCall { roleId: role, account }).await?;
        if access.since != alloy_primitives::aliases::U48::ZERO {
            // A delay that is on its way to be longer counts already.
            held.push(HeldRole { role, delay: access.currentDelay.max(access.pendingDelay) });
        }
    }
    Ok(held)
}

/// What it takes to exchange `from` for `to`. Nothing is sent.
///
/// # Errors
/// [`RotationError`].
pub async fn rotation(
    submit: &dyn Submit,
    manifest: &Manifest,
    around: &Surroundings,
    from: Address,
    to: Address,
) -> Result<Rotation, RotationError> {
    if !is_administrator(submit, manifest, from).await? {
        return Err(RotationError::NotAdministrator { account: from });
    }
    let roles = held_roles(submit, manifest, from, &around.roles).await?;
    for HeldRole { role, delay } in &roles {
        if *role == ADMIN && *delay > 0 {
            return Err(RotationError::Delayed { account: from, seconds: *delay });
        }
        let call = Authority::getRoleGrantDelayCall { roleId: *role };
        let seconds = view(submit, manifest.authority.address, call).await?;
        if seconds > 0 {
            return Err(RotationError::GrantDelayed { role: *role, seconds });
        }
    }
    let mut stays = Vec::new();
    let treasuries = treasuries(submit, manifest, around, from, to, &roles, &mut stays).await?;
    let switch = switch(manifest, &roles, treasuries, from, to);
    let call = Call { from, to: switch.to, value: U256::ZERO, input: switch.input.clone() };
    match submit.call(call).await {
        Err(SubmitError::Reverted { data }) => return Err(RotationError::WouldFail { data }),
        answer => answer.map(drop)?,
    }
    let moves = moves(submit, manifest, around, from, to).await?;
    stays.extend(staked(submit, manifest, from).await?);
    let delegate = view(submit, manifest.guild_token.address, GuildToken::delegatesCall { account: from }).await?;
    let delegate = (delegate != Address::ZERO).then_some(if delegate == from { to } else { delegate });
    Ok(Rotation { roles, moves, switch, delegate, stays })
}

/// The calls that make fees go to the new key, where they go to the old one.
async fn treasuries(
    submit: &dyn Submit,
    manifest: &Manifest,
    around: &Surroundings,
    from: Address,
    to: Address,
    roles: &[HeldRole],
    stays: &mut Vec<String>,
) -> Result<Vec<Bytes>, SubmitError> {
    let market = manifest.market.address;
    let mut targets = Vec::new();
    if view(submit, market, Market::treasuryCall {}).await? == from {
        let input = Market::setTreasuryCall { treasury_: to }.abi_encode();
        targets.push(("the market", market, input));
    }
    if let Some(panel) = manifest.arbiter_panel.as_ref().filter(|_| around.panel_treasury == Some(from)) {
        let input = ArbiterPanel::setTreasuryCall { treasury_: to }.abi_encode();
        targets.push(("the arbiters' panel", panel.address, input));
    }
    let at_once = roles.contains(&HeldRole { role: OPERATOR, delay: 0 });
    let mut calls = Vec::new();
    for (name, target, input) in targets {
        if at_once {
            calls.push(execute(target, input.into()));
        } else {
            stays.push(format!("fees of {name}, until a change calls setTreasury({to})"));
        }
    }
    Ok(calls)
}

fn switch(manifest: &Manifest, roles: &[HeldRole], treasuries: Vec<Bytes>, from: Address, to: Address) -> Handover {
    let grant = |held: &HeldRole| {
        Authority::grantRoleCall { roleId: held.role, account: to, executionDelay: held.delay }.abi_encode().into()
    };
    // Renounced and not revoked: that takes no right over the role.
    let renounce = |held: &HeldRole| {
        Authority::renounceRoleCall { roleId: held.role, callerConfirmation: from }.abi_encode().into()
    };
    let (admin, others): (Vec<&HeldRole>, Vec<&HeldRole>) = roles.iter().partition(|held| held.role == ADMIN);
    let mut calls: Vec<Bytes> = roles.iter().map(grant).collect();
    calls.extend(treasuries);
    calls.extend(others.into_iter().chain(admin).map(renounce));
    let what = format!("hand {} roles to {to}", roles.len());
    Handover { what, to: manifest.authority.address, value: U256::ZERO, input: multicall(calls) }
}

/// What the old key owns and can hand over.
async fn moves(
    submit: &dyn Submit,
    manifest: &Manifest,
    around: &Surroundings,
    from: Address,
    to: Address,
) -> Result<Vec<Handover>, SubmitError> {
    let market = manifest.market.address;
    let mut moves = Vec::new();
    let mut push = |what: String, target: Address, input: Vec<u8>| {
        moves.push(Handover { what, to: target, value: U256::ZERO, input: input.into() });
    };
    let own = [Address::ZERO, manifest.stable_token.address, manifest.guild_token.address];
    let tokens: BTreeSet<Address> = around.tokens.iter().copied().chain(own).collect();
    for token in &tokens {
        let credit = view(submit, market, Market::creditOfCall { account: from, token: *token }).await?;
        if !credit.is_zero() {
            let what = format!("withdraw {credit} units of {} from the market", called(manifest, *token));
            push(what, market, Market::withdrawToCall { token: *token, to }.abi_encode());
        }
    }
    if let Some(panel) = &manifest.arbiter_panel {
        let fees = view(submit, panel.address, ArbiterPanel::feesOfCall { account: from }).await?;
        if !fees.is_zero() {
            let what = format!("withdraw {fees} wei of arbitration fees");
            push(what, panel.address, ArbiterPanel::withdrawFeesCall { to }.abi_encode());
        }
    }
    for token in tokens.into_iter().filter(|token| *token != Address::ZERO) {
        let balance = view(submit, token, Erc20::balanceOfCall { account: from }).await?;
        if !balance.is_zero() {
            let what = format!("send {balance} units of {}", called(manifest, token));
            push(what, token, Erc20::transferCall { to, value: balance }.abi_encode());
        }
    }
    Ok(moves)
}

fn called(manifest: &Manifest, token: Address) -> String {
    match token {
        Address::ZERO => "coin".to_owned(),
        token if token == manifest.stable_token.address => "gUSD".to_owned(),
        token if token == manifest.guild_token.address => "GUILD, the votes".to_owned(),
        token => token.to_string(),
    }
}

async fn staked(submit: &dyn Submit, manifest: &Manifest, from: Address) -> Result<Option<String>, SubmitError> {
    let Some(panel) = &manifest.arbiter_panel else { return Ok(None) };
    let stake = view(submit, panel.address, ArbiterPanel::arbiterCall { account: from }).await?.stake;
    Ok((stake > 0).then(|| format!("a stake of {stake} votes as an arbiter, which takes its own time to leave")))
}
