//! The town's campaigns: a discount on a first order that the town office and a merchant pay together, and a pottery
//! fair that is kept from every tenth customer, so that the office can see what it brought.

use super::{settle::CENT, town::Town};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolCall;
use platform_business::{Bilingual, CampaignNote, Platform};
use platform_protocol::{
    Signer, Submit,
    contracts::{CouponVault, ICouponVault::CampaignTerms, StableToken},
};
use std::time::Duration;

const DAY: u64 = 24 * 3_600;
/// How long the campaigns go on after the doors open.
const DAYS_AHEAD: u64 = 60;
/// How long the index may take to see a block, in steps of [`PAUSE`].
const PAUSES: u32 = 1_200;
const PAUSE: Duration = Duration::from_millis(25);

/// What a campaign of the town is.
struct Plan {
    note: CampaignNote,
    terms: CampaignTerms,
    /// Who pays how much, in cents.
    parts: Vec<(Signer, u64)>,
}

fn plans(town: &Town, now: u64, end: u64) -> Vec<Plan> {
    let issuer = town.house.coupon_issuer().address();
    let terms = |percent: u16, most: u64, least: u64, category: B256| CampaignTerms {
        token: town.house.manifest.stable_token.address,
        issuer,
        percentBps: percent * 100,
        amount: 0,
        subsidyMax: u128::from(most * CENT),
        spendMin: u128::from(least * CENT),
        startsAt: now,
        endsAt: end + DAYS_AHEAD * DAY,
        seller: Address::ZERO,
        category,
        stackable: false,
    };
    let note = |en: &str, zh: &str, first_order, holdout_bps| CampaignNote {
        name: Bilingual::new(en, zh),
        code: String::new(),
        first_order,
        per_person: 1,
        holdout_bps,
    };
    let office = town.house.operator.clone();
    vec![
        Plan {
            note: note("Welcome to town", "新客见面礼", true, 0),
            terms: terms(10, 800, 1_000, B256::ZERO),
            parts: vec![(office.clone(), 120_000), (town.merchants[0].clone(), 40_000)],
        },
        Plan {
            note: note("Pottery fair", "陶瓷集市", false, 1_000),
            terms: terms(15, 1_200, 2_000, keccak256("ceramics")),
            parts: vec![(office, 90_000)],
        },
    ]
}

/// Opens the town's campaigns at `now` and lets them run until some time after `end`.
pub(super) async fn open(town: &Town, platform: &Platform, now: u64, end: u64) -> anyhow::Result<()> {
    let (token, market) = (town.house.manifest.stable_token.address, town.house.manifest.market.address);
    let office = &town.house.operator;
    let known = town.house.view(market, CouponVault::campaignCountCall {}).await?;
    for (id, plan) in (1_u64..).zip(plans(town, now, end)) {
        if id > known {
            let sum: u64 = plan.parts.iter().map(|(_, cents)| cents * CENT).sum();
            let mint = StableToken::mintBatchCall { to: vec![office.address()], amount: vec![U256::from(sum)] };
            let approve = StableToken::approveCall { spender: market, value: U256::MAX };
            send(town, now, office, token, mint.abi_encode()).await?;
            send(town, now, office, token, approve.abi_encode()).await?;
            for (number, (who, cents)) in plan.parts.iter().enumerate() {
                let amount = U256::from(cents * CENT);
                let call = if number == 0 {
                    CouponVault::openCampaignCall { terms: plan.terms.clone(), amount }.abi_encode()
                } else {
                    CouponVault::fundCampaignCall { campaignId: U256::from(id), amount }.abi_encode()
                };
                send(town, now, who, market, call).await?;
            }
        }
        indexed(town, platform).await?;
        let kept = platform.keep_campaign(id, plan.note).await;
        kept.map_err(|problem| anyhow::anyhow!("can't name campaign {id} of the town: {problem:?}"))?;
    }
    Ok(())
}

async fn send(town: &Town, now: u64, who: &Signer, to: Address, input: Vec<u8>) -> anyhow::Result<()> {
    let nonce = Submit::nonce(&town.house.embedded, who.address()).await?;
    town.house.mine_at(now, &[town.sign(who, nonce, to, input)]).await
}

/// Waits until the index has seen the newest block.
pub(super) async fn indexed(town: &Town, platform: &Platform) -> anyhow::Result<()> {
    let head = town.house.ledger.ledger().store().head().number();
    let position = platform.position();
    for _ in 0..PAUSES {
        if position.borrow().indexed.is_some_and(|seen| seen.number >= head) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::bail!("the index did not come to block {head} in time; start again to go on founding the town")
}
