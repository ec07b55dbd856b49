//! What the campaigns' tables are asked.

use alloy_primitives::{Address, U256};
use platform_api::{Cursor, Limit, Page, Problem, calendar};
use platform_index::{Row, Value};

use super::checkout::live_since;
use super::details;
use super::model::{CAMPAIGN, Campaign, Details, Offered};
use super::view::{
    Budget, CampaignQuery, CampaignView, Funder, FunderShare, OrderCouponView, RedemptionView, RowsQuery, Standing,
};
use crate::context::Context;
use crate::sales;
use crate::wire::Bilingual;

/// Amounts that others than a buyer were promised of a campaign and that the chain has not seen: campaign, buyer, and
/// the first instant at which a promise that runs out then still counts.
pub(super) const PROMISED: &str = "SELECT r.amount FROM campaign_reservation r \
     LEFT JOIN campaign_nullifier n ON n.campaign_id = r.campaign_id AND n.nullifier = r.nullifier AND n.used = 1 \
     WHERE r.campaign_id = $1 AND r.buyer <> $2 AND r.expires_at >= $3 AND n.used IS NULL";

pub(super) fn campaign_columns() -> String {
    CAMPAIGN.columns.iter().map(|column| format!("c.{}", column.name)).collect::<Vec<_>>().join(", ")
}

/// What others than a buyer were promised of a campaign.
async fn promised(app: &Context, campaign: u64, buyer: Address, now: u64) -> Result<U256, Problem> {
    let args = vec![campaign.into(), buyer.into(), live_since(app, now).into()];
    let mut sum = U256::ZERO;
    for row in app.store.rows(PROMISED, args).await? {
        sum = sum.saturating_add(row.amount(0)?);
    }
    Ok(sum)
}

/// What a campaign has left for a buyer.
pub(super) async fn left(app: &Context, campaign: &Campaign, buyer: Address, now: u64) -> Result<U256, Problem> {
    Ok(campaign.available.saturating_sub(promised(app, campaign.id, buyer, now).await?))
}

/// A campaign by its number, as it is on chain.
pub(super) async fn on_chain(app: &Context, id: u64) -> Result<Campaign, Problem> {
    let sql = format!("SELECT {} FROM campaign c WHERE c.campaign_id = $1", campaign_columns());
    let row = app.store.row(&sql, vec![id.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("campaign {id}")))?;
    Ok(Campaign::of(&row.values(CAMPAIGN.columns)?)?)
}

fn select() -> String {
    format!(
        "SELECT {}, {} FROM campaign c LEFT JOIN campaign_details d ON d.campaign_id = c.campaign_id",
        campaign_columns(),
        details::COLUMNS
    )
}

pub(super) async fn campaigns(
    app: &Context,
    asked: &CampaignQuery,
    staff: bool,
) -> Result<Page<CampaignView>, Problem> {
    let limit = Limit::of(asked.limit);
    let before = asked.cursor.as_deref().map_or(Ok(i64::MAX), |text| Cursor::decode(text, 1)?.int(0))?;
    let now = app.now();
    let current = match asked.standing.as_deref().unwrap_or_default() {
        "" => "",
        "current" => " AND d.state = 'running' AND c.starts_at <= $2 AND c.ends_at >= $2",
        other => return Err(Problem::invalid(format!("{other:?} is no standing to ask for: there is current."))),
    };
    let sql =
        format!("{} WHERE c.campaign_id < $1{current} ORDER BY c.campaign_id DESC LIMIT {}", select(), limit.rows());
    let mut args: Vec<Value> = vec![before.into()];
    if !current.is_empty() {
        args.push(now.into());
    }
    let rows = app.store.rows(&sql, args).await?;
    let page = Page::cut(rows, limit, |row| Cursor(vec![row.int(0).unwrap_or_default().to_string()]));
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(view(app, row, now, staff).await?);
    }
    Ok(Page { items, next: page.next })
}

pub(super) async fn campaign(app: &Context, id: u64, staff: bool) -> Result<CampaignView, Problem> {
    let sql = format!("{} WHERE c.campaign_id = $1", select());
    let row = app.store.row(&sql, vec![id.into()]).await?;
    view(app, &row.ok_or_else(|| Problem::not_found(format!("campaign {id}")))?, app.now(), staff).await
}

async fn view(app: &Context, row: &Row, now: u64, staff: bool) -> Result<CampaignView, Problem> {
    let campaign = Campaign::of(&row.values(CAMPAIGN.columns)?)?;
    let details = details::read(row, CAMPAIGN.columns.len())?;
    let token = app.token(campaign.token).await?;
    let reserved = promised(app, campaign.id, Address::ZERO, now).await?;
    let used = "SELECT COUNT(*) FROM campaign_redemption WHERE campaign_id = $1";
    let known = details.as_ref();
    Ok(CampaignView {
        id: campaign.id.to_string(),
        standing: standing(&campaign, known, now),
        name: known.map(|details| Bilingual::new(details.name_en.as_str(), details.name_zh.as_str())),
        percent_bps: campaign.percent_bps,
        amount: (campaign.percent_bps == 0).then(|| token.money(campaign.amount)),
        subsidy_max: token.money(campaign.subsidy_max),
        spend_min: token.money(campaign.spend_min),
        starts_at: calendar::rfc3339(campaign.starts_at),
        ends_at: calendar::rfc3339(campaign.ends_at),
        seller: (!campaign.seller.is_zero()).then(|| app.party(campaign.seller)),
        category: sales::category_of(campaign.category).map(str::to_owned),
        stackable: campaign.stackable,
        first_order: known.is_some_and(|details| details.first_order),
        per_person: known.map_or(1, |details| details.per_person),
        needs_code: known.is_some_and(|details| !details.code.is_empty()),
        code: known.filter(|details| staff && !details.code.is_empty()).map(|details| details.code.clone()),
        holdout_bps: known.filter(|_| staff).map(|details| details.holdout_bps),
        budget: Budget {
            contributed: token.money(campaign.contributed),
            available: token.money(campaign.available),
            reserved: token.money(reserved.min(campaign.available)),
            locked: token.money(campaign.locked),
            spent: token.money(campaign.spent),
            withdrawn: token.money(campaign.withdrawn),
        },
        funders: funders(app, &campaign).await?,
        redemptions: app.store.int(used, vec![campaign.id.into()]).await?.unsigned_abs(),
        creator: app.party(campaign.creator),
        issued_here: app.issuer_of(campaign.issuer).is_some(),
        opened_at: calendar::rfc3339(campaign.opened_at),
        tx_hash: campaign.tx_hash.to_string(),
    })
}

fn standing(campaign: &Campaign, details: Option<&Details>, now: u64) -> Standing {
    let Some(details) = details else {
        return if now > campaign.ends_at { Standing::Ended } else { Standing::Unfinished };
    };
    match details.state {
        _ if now > campaign.ends_at => Standing::Ended,
        Offered::Closed => Standing::Closed,
        Offered::Paused => Standing::Paused,
        Offered::Running if now < campaign.starts_at => Standing::Scheduled,
        Offered::Running if campaign.available.is_zero() => Standing::Exhausted,
        Offered::Running => Standing::Running,
    }
}

/// Who paid a campaign's budget: one row a person, though they may have paid several times.
async fn funders(app: &Context, campaign: &Campaign) -> Result<Vec<Funder>, Problem> {
    let sql = "SELECT funder, amount, withdrawn FROM campaign_contribution WHERE campaign_id = $1 ORDER BY number";
    let mut sums: Vec<(Address, U256, U256)> = Vec::new();
    for row in app.store.rows(sql, vec![campaign.id.into()]).await? {
        let (who, paid, back) = (row.address(0)?, row.amount(1)?, row.amount(2)?);
        match sums.iter_mut().find(|(known, _, _)| *known == who) {
            Some((_, sum, returned)) => (*sum, *returned) = (sum.saturating_add(paid), returned.saturating_add(back)),
            None => sums.push((who, paid, back)),
        }
    }
    let token = app.token(campaign.token).await?;
    let share = |paid: U256| {
        let bps = paid.saturating_mul(U256::from(10_000)).checked_div(campaign.contributed);
        bps.map_or(0, |bps| bps.saturating_to::<u32>())
    };
    let funder = |(who, paid, back): (Address, U256, U256)| Funder {
        party: app.party(who),
        paid: token.money(paid),
        given_back: token.money(back),
        share_bps: share(paid),
    };
    Ok(sums.into_iter().map(funder).collect())
}

pub(super) async fn shares(app: &Context, campaign: &Campaign) -> Result<Vec<FunderShare>, Problem> {
    let funders = funders(app, campaign).await?.into_iter();
    Ok(funders.map(|funder| FunderShare { party: funder.party, share_bps: funder.share_bps }).collect())
}

/// Orders that a campaign paid a part of, the newest first.
pub(super) async fn redemptions(app: &Context, id: u64, asked: &RowsQuery) -> Result<Page<RedemptionView>, Problem> {
    let campaign = on_chain(app, id).await?;
    let limit = Limit::of(asked.limit);
    let before = asked.cursor.as_deref().map_or(Ok(i64::MAX), |text| Cursor::decode(text, 1)?.int(0))?;
    let sql = format!(
        "SELECT r.order_id, r.buyer, o.amount, r.amount, r.vested, r.returned, r.settled, r.at \
         FROM campaign_redemption r JOIN campaign_order o ON o.order_id = r.order_id \
         WHERE r.campaign_id = $1 AND r.order_id < $2 ORDER BY r.order_id DESC LIMIT {}",
        limit.rows()
    );
    let rows = app.store.rows(&sql, vec![id.into(), before.into()]).await?;
    let page = Page::cut(rows, limit, |row| Cursor(vec![row.int(0).unwrap_or_default().to_string()]));
    let token = app.token(campaign.token).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let outcome = outcome(row.int(6)? != 0, row.amount(4)?, row.amount(5)?);
        items.push(RedemptionView {
            order_id: row.number(0)?.to_string(),
            buyer: app.party(row.address(1)?),
            worth: token.money(row.amount(2)?),
            amount: token.money(row.amount(3)?),
            outcome: outcome.to_owned(),
            at: calendar::rfc3339(row.number(7)?),
        });
    }
    Ok(Page { items, next: page.next })
}

/// What became of a subsidy.
fn outcome(settled: bool, vested: U256, returned: U256) -> &'static str {
    match (settled, vested.is_zero(), returned.is_zero()) {
        (false, ..) => "open",
        (true, _, true) => "spent",
        (true, true, false) => "returned",
        (true, false, false) => "shared",
    }
}

/// The coupons on an order.
pub(super) async fn of_order(app: &Context, order: u64) -> Result<Vec<OrderCouponView>, Problem> {
    let sql = "SELECT campaign_id, amount, vested, returned, settled FROM campaign_redemption WHERE order_id = $1 \
               ORDER BY campaign_id";
    let mut coupons = Vec::new();
    for row in app.store.rows(sql, vec![order.into()]).await? {
        let campaign = on_chain(app, row.number(0)?).await?;
        let details = details::of(app, campaign.id).await?;
        coupons.push(OrderCouponView {
            campaign_id: campaign.id.to_string(),
            name: details.map(|details| Bilingual::new(details.name_en, details.name_zh)),
            amount: app.money(campaign.token, row.amount(1)?).await?,
            outcome: outcome(row.int(4)? != 0, row.amount(2)?, row.amount(3)?).to_owned(),
            funders: shares(app, &campaign).await?,
        });
    }
    Ok(coupons)
}
