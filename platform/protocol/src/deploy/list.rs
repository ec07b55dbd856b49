//! The transactions of a deployment, in their order.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::{SolCall, SolConstructor};

use super::Plan;
use crate::contracts::rule_book::IAftersales::AfterSales;
use crate::contracts::{
    Aftersales, ArbiterPanel, Authority, CouponVault, ERC1967Proxy, GuildToken, Market, Reviews, RuleBook, StableToken,
    Trace,
};

/// Role numbers, as `contracts/src/governance/Roles.sol` has them.
const OPERATOR: u64 = 1;
const PAUSER: u64 = 2;
const MINTER: u64 = 3;
const UPGRADER: u64 = 4;
const CARRIER: u64 = 5;
const ANCHORER: u64 = 6;
const CERTIFIER: u64 = 7;

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// What orders are signed for where their offer says nothing else.
const AFTER_SALES: AfterSales = AfterSales {
    contestWithin: 72 * HOUR,
    answerWithin: 72 * HOUR,
    returnWithin: 7 * DAY,
    confirmWithin: 5 * DAY,
    negotiateWithin: 72 * HOUR,
    appealWithin: 72 * HOUR,
    arbiterWithin: 14 * DAY,
    returnable: true,
};

/// What an arbiter stakes at least: a thousand votes.
fn stake_min() -> u128 {
    1_000 * 10_u128.pow(18)
}

/// Where everything will stand.
pub(super) struct Addresses {
    pub(super) authority: Address,
    pub(super) guild: [Address; 2],
    pub(super) stable: [Address; 2],
    /// Rule book, coupon vault, after-sales: each knows the one before.
    pub(super) market_parts: [Address; 3],
    pub(super) market: [Address; 2],
    pub(super) panel: [Address; 2],
    pub(super) reviews: [Address; 2],
    pub(super) trace: [Address; 2],
}

impl Addresses {
    pub(super) fn of(deployer: Address, base: u64) -> Self {
        let at = |offset| deployer.create(base + offset);
        Self {
            authority: at(0),
            guild: [at(1), at(2)],
            stable: [at(3), at(4)],
            market_parts: [at(5), at(6), at(7)],
            market: [at(8), at(9)],
            panel: [at(10), at(11)],
            reviews: [at(12), at(13)],
            trace: [at(14), at(15)],
        }
    }
}

/// One transaction, and what it does in words.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) to: Option<Address>,
    pub(super) input: Bytes,
}

fn create(name: &'static str, input: impl Into<Bytes>) -> Step {
    Step { name, to: None, input: input.into() }
}

pub(super) fn steps(places: &Addresses, deployer: Address, plan: &Plan) -> Vec<Step> {
    let authority = places.authority;
    let mut steps = vec![
        create(
            "creating the authority",
            with(&Authority::BYTECODE, &Authority::constructorCall { initialAdmin: deployer }),
        ),
        create("creating the voting token", GuildToken::BYTECODE.clone()),
        create(
            "setting up the voting token",
            proxy(
                places.guild[0],
                &GuildToken::initializeCall { authority_: authority, holder: plan.treasury, supply: plan.guild_supply },
            ),
        ),
        create("creating the stable token", StableToken::BYTECODE.clone()),
        create(
            "setting up the stable token",
            proxy(places.stable[0], &StableToken::initializeCall { authority_: authority }),
        ),
    ];
    steps.extend(market_code(places.market_parts));
    steps.push(create(
        "setting up the market",
        proxy(
            places.market[0],
            &Market::initializeCall {
                authority_: authority,
                treasury_: plan.treasury,
                feeBps: plan.fee_bps,
                bondBps: plan.bond_bps,
            },
        ),
    ));
    steps.extend(beside_the_market(places, plan));
    let mut calls = roles(deployer, plan);
    calls.extend(market_roles(places));
    calls.extend(after_sales_roles(places, deployer));
    for target in [places.market[1], places.stable[1], places.guild[1]] {
        calls.push(assign(target, UPGRADER, &[Market::upgradeToAndCallCall::SELECTOR]));
    }
    steps.push(Step { name: "giving the roles", to: Some(authority), input: multicall(calls) });
    for (name, token) in [("allowing the stable token", places.stable[1]), ("allowing the coin", Address::ZERO)] {
        let call = Market::setTokenAllowedCall { token, allowed: true };
        steps.push(Step { name, to: Some(places.market[1]), input: call.abi_encode().into() });
    }
    steps.push(Step { name: "adding the rules", to: Some(places.market[1]), input: rules(places) });
    steps
}

/// The market's parts, the last of the chain first, and the market itself.
pub(super) fn market_code([rule_book, coupon_vault, aftersales]: [Address; 3]) -> [Step; 4] {
    [
        create("creating the market's rule book", RuleBook::BYTECODE.clone()),
        create(
            "creating the market's coupons",
            with(&CouponVault::BYTECODE, &CouponVault::constructorCall { next: rule_book }),
        ),
        create(
            "creating the market's after-sales",
            with(&Aftersales::BYTECODE, &Aftersales::constructorCall { next: coupon_vault }),
        ),
        create("creating the market", with(&Market::BYTECODE, &Market::constructorCall { aftersales })),
    ]
}

/// The arbiters' panel, reviews and the trace.
pub(super) fn beside_the_market(places: &Addresses, plan: &Plan) -> [Step; 6] {
    [
        create("creating the arbiters' panel", ArbiterPanel::BYTECODE.clone()),
        create(
            "setting up the arbiters' panel",
            proxy(
                places.panel[0],
                &ArbiterPanel::initializeCall {
                    authority_: places.authority,
                    stakeToken: places.guild[1],
                    stakeMin: stake_min(),
                    treasury_: plan.treasury,
                    floor: plan.arbitration_floor,
                },
            ),
        ),
        create("creating the reviews", Reviews::BYTECODE.clone()),
        create(
            "setting up the reviews",
            proxy(
                places.reviews[0],
                &Reviews::initializeCall { authority_: places.authority, market_: places.market[1] },
            ),
        ),
        create("creating the trace", Trace::BYTECODE.clone()),
        create("setting up the trace", proxy(places.trace[0], &Trace::initializeCall { authority_: places.authority })),
    ]
}

fn roles(deployer: Address, plan: &Plan) -> Vec<Bytes> {
    let mut calls = Vec::new();
    for (role, label) in
        [(OPERATOR, "operator"), (PAUSER, "pauser"), (MINTER, "minter"), (UPGRADER, "upgrader"), (CARRIER, "carrier")]
    {
        calls.extend([name_role(role, label), grant(role, deployer)]);
    }
    calls.extend(plan.carriers.iter().map(|carrier| grant(CARRIER, *carrier)));
    calls
}

fn market_roles(places: &Addresses) -> Vec<Bytes> {
    let market = places.market[1];
    vec![
        assign(
            market,
            OPERATOR,
            &[
                Market::setFeeScheduleCall::SELECTOR,
                Market::setTokenAllowedCall::SELECTOR,
                Market::setTreasuryCall::SELECTOR,
            ],
        ),
        assign(market, PAUSER, &[Market::pauseCall::SELECTOR, Market::unpauseCall::SELECTOR]),
        assign(market, CARRIER, &[Market::attestDeliveryCall::SELECTOR]),
        assign(
            places.stable[1],
            MINTER,
            &[StableToken::mintCall::SELECTOR, StableToken::mintBatchCall::SELECTOR, StableToken::burnCall::SELECTOR],
        ),
        assign(places.guild[1], MINTER, &[GuildToken::mintCall::SELECTOR]),
    ]
}

/// What came with rule sets, coupons, arbiters, reviews and the trace.
pub(super) fn after_sales_roles(places: &Addresses, deployer: Address) -> Vec<Bytes> {
    let panel = places.panel[1];
    vec![
        name_role(CERTIFIER, "certifier"),
        grant(CERTIFIER, deployer),
        assign(
            places.market[1],
            OPERATOR,
            &[RuleBook::addRulesCall::SELECTOR, CouponVault::setAffiliateShareCall::SELECTOR],
        ),
        assign(panel, CERTIFIER, &[ArbiterPanel::setCertifiedCall::SELECTOR]),
        assign(
            panel,
            OPERATOR,
            &[
                ArbiterPanel::setPricingCall::SELECTOR,
                ArbiterPanel::setTokenRateCall::SELECTOR,
                ArbiterPanel::setTreasuryCall::SELECTOR,
            ],
        ),
        assign(panel, UPGRADER, &[ArbiterPanel::upgradeToAndCallCall::SELECTOR]),
        assign(places.reviews[1], UPGRADER, &[Reviews::upgradeToAndCallCall::SELECTOR]),
        name_role(ANCHORER, "anchorer"),
        grant(ANCHORER, deployer),
        assign(places.trace[1], ANCHORER, &[Trace::anchorCall::SELECTOR, Trace::bindShipmentCall::SELECTOR]),
        assign(places.trace[1], UPGRADER, &[Trace::upgradeToAndCallCall::SELECTOR]),
    ]
}

/// The first rule set, judged by the guild's arbiters.
pub(super) fn rules(places: &Addresses) -> Bytes {
    let call = RuleBook::addRulesCall {
        afterSales: AFTER_SALES,
        arbitrator: places.panel[1],
        extraData: Bytes::new(),
        metaEvidence: String::new(),
    };
    call.abi_encode().into()
}

/// A call that the authority makes to a contract, checked as the caller's own.
pub(crate) fn execute(target: Address, data: Bytes) -> Bytes {
    Authority::executeCall { target, data }.abi_encode().into()
}

pub(crate) fn multicall(data: Vec<Bytes>) -> Bytes {
    Authority::multicallCall { data }.abi_encode().into()
}

fn name_role(role: u64, label: &str) -> Bytes {
    Authority::labelRoleCall { roleId: role, label: label.to_owned() }.abi_encode().into()
}

fn grant(role: u64, account: Address) -> Bytes {
    Authority::grantRoleCall { roleId: role, account, executionDelay: 0 }.abi_encode().into()
}

fn assign(target: Address, role: u64, selectors: &[[u8; 4]]) -> Bytes {
    let selectors = selectors.iter().map(|selector| (*selector).into()).collect();
    Authority::setTargetFunctionRoleCall { target, selectors, roleId: role }.abi_encode().into()
}

fn with(code: &Bytes, constructor: &impl SolConstructor) -> Bytes {
    [code.as_ref(), constructor.abi_encode().as_slice()].concat().into()
}

fn proxy(implementation: Address, set_up: &impl SolCall) -> Bytes {
    let data = set_up.abi_encode().into();
    with(&ERC1967Proxy::BYTECODE, &ERC1967Proxy::constructorCall { implementation, _data: data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;

    #[test]
    fn places_are_where_the_list_puts_them() {
        let deployer = Address::repeat_byte(3);
        let places = Addresses::of(deployer, 40);
        let steps = steps(&places, deployer, &Plan::standard(deployer, "1"));
        let created: Vec<Address> = (0_u64..)
            .zip(&steps)
            .filter(|(_, step)| step.to.is_none())
            .map(|(offset, _)| deployer.create(40 + offset))
            .collect();
        let expected = [
            vec![places.authority],
            places.guild.to_vec(),
            places.stable.to_vec(),
            places.market_parts.to_vec(),
            places.market.to_vec(),
            places.panel.to_vec(),
            places.reviews.to_vec(),
            places.trace.to_vec(),
        ]
        .concat();
        assert_eq!(created, expected);
        assert_eq!(U256::from(stake_min()), U256::from(10).pow(U256::from(21)));
    }
}
