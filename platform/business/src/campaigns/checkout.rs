//! Coupons at the checkout: which apply, and vouchers that keep their part of the budget for one person.
//!
//! A reservation is made under a lock on the campaign's row: what the campaign has left is counted and the promise is
//! written before anyone else counts. A reservation lapses with its voucher. The contract has the last word on money;
//! the reservation is there so that nobody is promised what it would refuse.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolStruct, eip712_domain};
use platform_api::{Problem, calendar};
use platform_index::Exclusive;
use platform_protocol::Signer;
use platform_protocol::contracts::ICouponVault::Voucher;

use super::choose::{Candidate, Line, Obstacle, Pick, choose, worth};
use super::details::{self, DetailsError, code_of};
use super::model::{CAMPAIGN, Campaign, DETAILS, Details, Offered, RESERVATION};
use super::person;
use super::query;
use super::view::{CodeView, CouponView, LineAsked, QuoteView, QuotedLine, VoucherLine, VoucherView, VouchersView};
use crate::context::Context;
use crate::money::Money;
use crate::sales;
use crate::wire::{Bilingual, show};

/// How long a voucher can be used, in seconds.
const VOUCHER_SECONDS: u64 = 900;
/// A clock may be this many seconds ahead of the chain's.
const CLOCK_SLACK: u64 = 60;
const LINES_MAX: usize = 40;
const WITHOUT_MAX: usize = 40;
/// Campaigns looked at for one basket, the newest.
const CAMPAIGNS_MAX: i64 = 200;

/// A basket, whose it is, and when.
pub(super) struct Basket {
    pub(super) buyer: Address,
    pub(super) lines: Vec<Line>,
    pub(super) code: Option<String>,
    pub(super) without: Vec<u64>,
    /// Seconds since 1970.
    pub(super) now: u64,
}

/// A campaign that may be used, with what the house says of it.
struct Usable {
    candidate: Candidate,
    details: Details,
}

/// Reads a basket somebody sent.
pub(super) async fn basket(
    app: &Context,
    buyer: Address,
    lines: &[LineAsked],
    code: Option<&str>,
    without: &[String],
    now: u64,
) -> Result<Basket, Problem> {
    if lines.is_empty() || lines.len() > LINES_MAX || without.len() > WITHOUT_MAX {
        return Err(Problem::invalid(format!("A basket has 1 to {LINES_MAX} lines; this one has {}.", lines.len())));
    }
    let mut read = Vec::with_capacity(lines.len());
    for line in lines {
        let id = number("offer", &line.offer_id)?;
        let offer = sales::offer(app, id).await?.ok_or_else(|| Problem::not_found(format!("offer {id}")))?;
        read.push(Line {
            offer: id,
            seller: offer.seller,
            token: offer.token,
            category: sales::category_hash(&offer.category),
            amount: offer.amount(line.quantity),
        });
    }
    let without = without.iter().map(|text| number("campaign", text)).collect::<Result<_, _>>()?;
    let code = code.map(code_of).filter(|code| !code.is_empty());
    Ok(Basket { buyer, lines: read, code, without, now })
}

fn number(what: &str, text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::invalid(format!("{text:?} is no number of {what}s.")))
}

/// What a basket would cost less. Notes who came to a checkout where a campaign with a holdout applied.
pub(super) async fn quote(app: &Context, basket: &Basket) -> Result<QuoteView, Problem> {
    let usable = usable(app, basket).await?;
    let candidates: Vec<Candidate> = usable.iter().map(|one| one.candidate.clone()).collect();
    let picks = choose(&candidates, &basket.lines);
    let mut lines = Vec::with_capacity(basket.lines.len());
    for (place, line) in basket.lines.iter().enumerate() {
        let mut coupons = Vec::new();
        for pick in picks.iter().filter(|pick| pick.line == place) {
            let one = &usable[pick.candidate];
            coupons.push(coupon(app, &one.candidate.campaign, &one.details, pick.amount).await?);
        }
        lines.push(QuotedLine { offer_id: line.offer.to_string(), coupons });
    }
    let code = match &basket.code {
        Some(code) => Some(verdict(app, basket, code, &usable, &picks).await?),
        None => None,
    };
    let saved = picks.iter().map(|pick| (basket.lines[pick.line].token, pick.amount));
    Ok(QuoteView { lines, saved: sums(app, saved).await?, code })
}

async fn sums(app: &Context, amounts: impl Iterator<Item = (Address, U256)>) -> Result<Vec<Money>, Problem> {
    let mut by_token = BTreeMap::<Address, U256>::new();
    for (token, amount) in amounts {
        let sum = by_token.entry(token).or_default();
        *sum = sum.saturating_add(amount);
    }
    let mut sums = Vec::new();
    for (token, amount) in by_token {
        sums.push(app.money(token, amount).await?);
    }
    Ok(sums)
}

async fn coupon(app: &Context, campaign: &Campaign, details: &Details, saved: U256) -> Result<CouponView, Problem> {
    Ok(CouponView {
        campaign_id: campaign.id.to_string(),
        name: Bilingual::new(details.name_en.as_str(), details.name_zh.as_str()),
        saved: app.money(campaign.token, saved).await?,
        funders: query::shares(app, campaign).await?,
        first_order: details.first_order,
        ends_at: calendar::rfc3339(campaign.ends_at),
    })
}

/// Campaigns that this person may use on some line of the basket.
async fn usable(app: &Context, basket: &Basket) -> Result<Vec<Usable>, Problem> {
    if app.issuers.is_empty() {
        return Ok(Vec::new());
    }
    let columns = query::campaign_columns();
    let issuers: Vec<String> = (0..app.issuers.len()).map(|place| format!("${}", place + 4)).collect();
    let sql = format!(
        "SELECT {columns}, {} FROM campaign c JOIN campaign_details d ON d.campaign_id = c.campaign_id \
         WHERE c.issuer IN ({}) AND d.state = 'running' AND c.starts_at <= $1 AND c.ends_at >= $1 \
         AND (d.code = '' OR d.code = $2) ORDER BY c.campaign_id DESC LIMIT $3",
        details::COLUMNS,
        issuers.join(", ")
    );
    let code = basket.code.clone().unwrap_or_default();
    let mut args = vec![basket.now.into(), code.into(), CAMPAIGNS_MAX.into()];
    args.extend(app.issuers.iter().map(|issuer| issuer.address().into()));
    let mut usable = Vec::new();
    let mut first = None;
    for row in app.store.rows(&sql, args).await? {
        let campaign = Campaign::of(&row.values(CAMPAIGN.columns)?)?;
        let Some(details) = details::read(&row, CAMPAIGN.columns.len())? else { continue };
        let Some(issuer) = app.issuer_of(campaign.issuer) else { continue };
        if basket.without.contains(&campaign.id) {
            continue;
        }
        if details.first_order {
            let is_first = match first {
                Some(known) => known,
                None => !has_ordered(app, basket.buyer).await?,
            };
            first = Some(is_first);
            if !is_first {
                continue;
            }
        }
        let left = query::left(app, &campaign, basket.buyer, basket.now).await?;
        if !basket.lines.iter().any(|line| worth(&campaign, left, line).is_ok()) {
            continue;
        }
        let uses_left = uses_left(app, issuer, campaign.id, basket.buyer, details.per_person).await?;
        if uses_left == 0 || kept_from(app, issuer, &campaign, &details, basket).await? {
            continue;
        }
        usable.push(Usable { candidate: Candidate { campaign, uses_left, left }, details });
    }
    // The older campaign first, so that its budget is used up first.
    usable.reverse();
    Ok(usable)
}

/// Whether the person is among those whom the campaign is kept from. Either way they are counted once.
async fn kept_from(
    app: &Context,
    issuer: &Signer,
    campaign: &Campaign,
    details: &Details,
    basket: &Basket,
) -> Result<bool, Problem> {
    if details.holdout_bps == 0 {
        return Ok(false);
    }
    let held = person::is_held(issuer, campaign.id, basket.buyer, details.holdout_bps);
    let sql = "INSERT INTO campaign_person (campaign_id, account, held, first_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (campaign_id, account) DO NOTHING";
    let row = vec![campaign.id.into(), basket.buyer.into(), held.into(), basket.now.into()];
    app.store.execute(sql, row).await?;
    Ok(held)
}

pub(super) async fn has_ordered(app: &Context, person: Address) -> Result<bool, Problem> {
    let sql = "SELECT 1 FROM campaign_order WHERE buyer = $1 LIMIT 1";
    Ok(app.store.row(sql, vec![person.into()]).await?.is_some())
}

async fn uses_left(app: &Context, issuer: &Signer, campaign: u64, person: Address, most: u32) -> Result<u32, Problem> {
    let mut left = 0;
    for use_number in 0..most {
        let nullifier = person::nullifier(issuer, campaign, person, use_number);
        let sql = "SELECT 1 FROM campaign_nullifier WHERE campaign_id = $1 AND nullifier = $2 AND used = 1";
        if app.store.row(sql, vec![campaign.into(), nullifier.into()]).await?.is_none() {
            left += 1;
        }
        // A basket has no more lines than this.
        if left as usize >= LINES_MAX {
            break;
        }
    }
    Ok(left)
}

/// What became of a code that somebody entered.
async fn verdict(
    app: &Context,
    basket: &Basket,
    code: &str,
    usable: &[Usable],
    picks: &[Pick],
) -> Result<CodeView, Problem> {
    let answer = |verdict: &str, spend_min| CodeView { code: code.to_owned(), verdict: verdict.to_owned(), spend_min };
    if let Some(place) = usable.iter().position(|one| one.details.code == code) {
        let applied = picks.iter().any(|pick| pick.candidate == place);
        return Ok(answer(if applied { "applied" } else { "another_is_better" }, None));
    }
    let columns = query::campaign_columns();
    let sql = format!(
        "SELECT {columns}, {} FROM campaign c JOIN campaign_details d ON d.campaign_id = c.campaign_id \
         WHERE d.code = $1 ORDER BY c.campaign_id DESC LIMIT 1",
        details::COLUMNS
    );
    let Some(row) = app.store.row(&sql, vec![code.into()]).await? else { return Ok(answer("unknown", None)) };
    let campaign = Campaign::of(&row.values(CAMPAIGN.columns)?)?;
    let Some(details) = details::read(&row, CAMPAIGN.columns.len())? else { return Ok(answer("unknown", None)) };
    if details.state == Offered::Closed || basket.now > campaign.ends_at {
        return Ok(answer("ended", None));
    }
    if basket.now < campaign.starts_at {
        return Ok(answer("not_started", None));
    }
    if details.state == Offered::Paused {
        return Ok(answer("paused", None));
    }
    if details.first_order && has_ordered(app, basket.buyer).await? {
        return Ok(answer("not_first", None));
    }
    let left = query::left(app, &campaign, basket.buyer, basket.now).await?;
    let obstacles: Vec<Obstacle> = basket.lines.iter().filter_map(|line| worth(&campaign, left, line).err()).collect();
    if obstacles.len() < basket.lines.len() {
        return Ok(answer("used", None));
    }
    if obstacles.contains(&Obstacle::Exhausted) {
        return Ok(answer("exhausted", None));
    }
    if obstacles.contains(&Obstacle::SpendTooLow) {
        return Ok(answer("spend_too_low", Some(campaign.spend_min.to_string())));
    }
    Ok(answer("out_of_scope", None))
}

/// Vouchers for a basket, each with its part of the budget kept for the buyer.
pub(super) async fn vouchers(app: &Context, basket: &Basket) -> Result<VouchersView, Problem> {
    app.issuer().ok_or(DetailsError::NoIssuer)?;
    let usable = usable(app, basket).await?;
    let candidates: Vec<Candidate> = usable.iter().map(|one| one.candidate.clone()).collect();
    let picks = choose(&candidates, &basket.lines);
    let expires_at = basket.now + VOUCHER_SECONDS;
    let reserved = reserve(app, basket, &usable, &picks, expires_at).await?;
    let mut lines = Vec::with_capacity(basket.lines.len());
    for (place, line) in basket.lines.iter().enumerate() {
        let (mut vouchers, mut coupons, mut saved) = (Vec::new(), Vec::new(), U256::ZERO);
        for (pick, nullifier) in reserved.iter().filter(|(pick, _)| pick.line == place) {
            let one = &usable[pick.candidate];
            let expires_at = expires_at.min(one.candidate.campaign.ends_at);
            let Some(issuer) = app.issuer_of(one.candidate.campaign.issuer) else { continue };
            vouchers.push(voucher(
                app,
                issuer,
                &one.candidate.campaign,
                basket.buyer,
                line.offer,
                *nullifier,
                expires_at,
            ));
            coupons.push(coupon(app, &one.candidate.campaign, &one.details, pick.amount).await?);
            saved = saved.saturating_add(pick.amount);
        }
        let saved = app.money(line.token, saved).await?;
        lines.push(VoucherLine { offer_id: line.offer.to_string(), saved, coupons, vouchers });
    }
    let saved = reserved.iter().map(|(pick, _)| (basket.lines[pick.line].token, pick.amount));
    Ok(VouchersView { lines, saved: sums(app, saved).await?, expires_at: calendar::rfc3339(expires_at) })
}

/// Keeps the picks' parts of the budgets. What somebody else was promised meanwhile is left out.
async fn reserve(
    app: &Context,
    basket: &Basket,
    usable: &[Usable],
    picks: &[Pick],
    expires_at: u64,
) -> Result<Vec<(Pick, B256)>, Problem> {
    let mut by_campaign: BTreeMap<usize, Vec<Pick>> = BTreeMap::new();
    for pick in picks {
        by_campaign.entry(pick.candidate).or_default().push(*pick);
    }
    let mut reserved = Vec::new();
    if by_campaign.is_empty() {
        return Ok(reserved);
    }
    let mut unit = app.store.exclusive().await?;
    // Candidates are in the order of their numbers, so two baskets never wait for each other.
    for (candidate, picks) in by_campaign {
        let (campaign, most) = (usable[candidate].candidate.campaign.id, usable[candidate].details.per_person);
        let Some(issuer) = app.issuer_of(usable[candidate].candidate.campaign.issuer) else { continue };
        if !unit.lock(&DETAILS, vec![campaign.into()]).await? {
            continue;
        }
        let mut left = left_now(app, &mut unit, campaign, basket).await?;
        let mut free = free_uses(&mut unit, issuer, campaign, basket.buyer, most, picks.len()).await?.into_iter();
        for pick in picks {
            if pick.amount > left {
                continue;
            }
            let Some(nullifier) = free.next() else { break };
            left -= pick.amount;
            let offer = basket.lines[pick.line].offer;
            let row = vec![campaign.into(), nullifier.into(), basket.buyer.into(), offer.into()];
            unit.put(&RESERVATION, [row, vec![pick.amount.into(), expires_at.into()]].concat()).await?;
            reserved.push((pick, nullifier));
        }
    }
    unit.commit().await?;
    reserved.sort_by_key(|(pick, _)| (pick.line, pick.candidate));
    Ok(reserved)
}

/// What a campaign has left for this buyer, counted under its lock.
async fn left_now(app: &Context, unit: &mut Exclusive, campaign: u64, basket: &Basket) -> Result<U256, Problem> {
    let sql = "SELECT available FROM campaign WHERE campaign_id = $1";
    let Some(row) = unit.row(sql, vec![campaign.into()]).await? else { return Ok(U256::ZERO) };
    let mut left = row.amount(0)?;
    let args = vec![campaign.into(), basket.buyer.into(), live_since(app, basket.now).into()];
    for row in unit.rows(query::PROMISED, args).await? {
        left = left.saturating_sub(row.amount(0)?);
    }
    Ok(left)
}

/// The first instant at which a reservation that runs out then still counts. Blocks up to the newest indexed one have
/// been counted by what they did; a block after it may still hold a voucher that has not run out by its clock.
pub(super) fn live_since(app: &Context, now: u64) -> u64 {
    app.indexed().timestamp.min(now).max(now.saturating_sub(CLOCK_SLACK))
}

/// Numbers of uses that the chain has not seen. A person's own reservations don't stand in their way: the contract
/// takes each number once.
async fn free_uses(
    unit: &mut Exclusive,
    issuer: &Signer,
    campaign: u64,
    person: Address,
    most: u32,
    wanted: usize,
) -> Result<Vec<B256>, Problem> {
    let mut free = Vec::with_capacity(wanted);
    for use_number in 0..most {
        if free.len() == wanted {
            break;
        }
        let nullifier = person::nullifier(issuer, campaign, person, use_number);
        let sql = "SELECT 1 FROM campaign_nullifier WHERE campaign_id = $1 AND nullifier = $2 AND used = 1";
        if unit.row(sql, vec![campaign.into(), nullifier.into()]).await?.is_none() {
            free.push(nullifier);
        }
    }
    Ok(free)
}

fn voucher(
    app: &Context,
    issuer: &Signer,
    campaign: &Campaign,
    buyer: Address,
    offer: u64,
    nullifier: B256,
    expires_at: u64,
) -> VoucherView {
    let voucher = Voucher {
        campaignId: U256::from(campaign.id),
        nullifier,
        buyer,
        offerId: U256::from(offer),
        category: campaign.category,
        expiresAt: expires_at,
    };
    let domain = eip712_domain! {
        name: "Guildhall Market",
        version: "1",
        chain_id: app.manifest.chain_id,
        verifying_contract: app.manifest.market.address,
    };
    let signature = issuer.sign_hash(&voucher.eip712_signing_hash(&domain));
    VoucherView {
        campaign_id: campaign.id.to_string(),
        nullifier: nullifier.to_string(),
        buyer: show(buyer),
        offer_id: offer.to_string(),
        category: campaign.category.to_string(),
        expires_at,
        signature: alloy_primitives::hex::encode_prefixed(signature.as_bytes()),
    }
}
