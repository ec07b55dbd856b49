//! What a campaign brought: those it was offered to beside those it was kept from.
//!
//! Everybody who came to a checkout where the campaign applied is counted once, in the group that the issuer's key
//! draws for them; what both groups ordered from then until its end is compared. The held say what the others would
//! have ordered anyway, so only the difference is the campaign's doing.

use alloy_primitives::{I256, U256};
use platform_api::{Cursor, Limit, Page, Problem, calendar};

use super::query::on_chain;
use super::view::{ArmOrderView, ArmQuery, ArmView, FiguresView};
use crate::context::Context;
use crate::money::{Money, Token};

/// What one group did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Arm {
    people: u64,
    buyers: u64,
    nmv: U256,
}

pub(super) async fn figures(app: &Context, id: u64) -> Result<FiguresView, Problem> {
    let campaign = on_chain(app, id).await?;
    let token = app.token(campaign.token).await?;
    let (offered, held) = (arm(app, id, false).await?, arm(app, id, true).await?);
    let cost = campaign.locked.saturating_add(campaign.spent);
    let incremental = incremental(offered, held);
    Ok(FiguresView {
        offered: view(&token, offered),
        held: view(&token, held),
        cost: token.money(cost),
        incremental: incremental.map(|amount| Money { amount: amount.to_string(), ..token.money(U256::ZERO) }),
        roi: incremental.and_then(|amount| roi(amount, cost)),
    })
}

fn view(token: &Token, arm: Arm) -> ArmView {
    ArmView { people: arm.people, buyers: arm.buyers, nmv: token.money(arm.nmv) }
}

/// Orders of the people of a group, from the moment they were counted to the campaign's end.
const ORDERS: &str = "FROM campaign_person p JOIN campaign c ON c.campaign_id = p.campaign_id \
     JOIN campaign_order o ON o.buyer = p.account AND o.at >= p.first_at AND o.at <= c.ends_at AND o.token = c.token \
     WHERE p.campaign_id = $1 AND p.held = $2";

async fn arm(app: &Context, campaign: u64, held: bool) -> Result<Arm, Problem> {
    let people = "SELECT COUNT(*) FROM campaign_person WHERE campaign_id = $1 AND held = $2";
    let args = || vec![campaign.into(), held.into()];
    let buyers = format!("SELECT COUNT(DISTINCT o.buyer) {ORDERS}");
    let mut arm = Arm {
        people: app.store.int(people, args()).await?.unsigned_abs(),
        buyers: app.store.int(&buyers, args()).await?.unsigned_abs(),
        nmv: U256::ZERO,
    };
    for row in app.store.rows(&format!("SELECT o.net {ORDERS}"), args()).await? {
        arm.nmv = arm.nmv.saturating_add(row.amount(0)?);
    }
    Ok(arm)
}

/// What the offered ordered beyond what as many of the held did, rounded down.
fn incremental(offered: Arm, held: Arm) -> Option<I256> {
    if held.people == 0 || offered.people == 0 {
        return None;
    }
    let anyway = held.nmv.saturating_mul(U256::from(offered.people)).div_ceil(U256::from(held.people));
    Some(I256::try_from(offered.nmv).ok()?.saturating_sub(I256::try_from(anyway).ok()?))
}

/// (incremental − cost) ÷ cost to four places, rounded down.
fn roi(incremental: I256, cost: U256) -> Option<String> {
    let cost = I256::try_from(cost).ok().filter(|cost| !cost.is_zero())?;
    let scale = I256::try_from(10_000).ok()?;
    let gained = incremental.checked_sub(cost)?.checked_mul(scale)?;
    // Division rounds towards zero; what is negative is rounded away from it.
    let mut ratio = gained / cost;
    if gained.is_negative() && !(gained % cost).is_zero() {
        ratio -= I256::ONE;
    }
    let sign = if ratio.is_negative() { "-" } else { "" };
    let digits = ratio.unsigned_abs();
    let (whole, places) = digits.div_rem(U256::from(10_000));
    Some(format!("{sign}{whole}.{:04}", places.saturating_to::<u64>()))
}

/// The orders behind a group's figure, the newest first.
pub(super) async fn orders(app: &Context, id: u64, asked: &ArmQuery) -> Result<Page<ArmOrderView>, Problem> {
    let token = app.token(on_chain(app, id).await?.token).await?;
    let held = match asked.arm.as_deref().unwrap_or("offered") {
        "offered" => false,
        "held" => true,
        other => return Err(Problem::invalid(format!("{other:?} is no group: there are offered and held."))),
    };
    let limit = Limit::of(asked.limit);
    let before = asked.cursor.as_deref().map_or(Ok(i64::MAX), |text| Cursor::decode(text, 1)?.int(0))?;
    let sql = format!(
        "SELECT o.order_id, o.buyer, o.amount, o.net, o.at {ORDERS} AND o.order_id < $3 \
         ORDER BY o.order_id DESC LIMIT {}",
        limit.rows()
    );
    let rows = app.store.rows(&sql, vec![id.into(), held.into(), before.into()]).await?;
    let page = Page::cut(rows, limit, |row| Cursor(vec![row.int(0).unwrap_or_default().to_string()]));
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(ArmOrderView {
            order_id: row.number(0)?.to_string(),
            buyer: app.party(row.address(1)?),
            worth: token.money(row.amount(2)?),
            net: token.money(row.amount(3)?),
            at: calendar::rfc3339(row.number(4)?),
        });
    }
    Ok(Page { items, next: page.next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(people: u64, nmv: u64) -> Arm {
        Arm { people, buyers: 0, nmv: U256::from(nmv) }
    }

    fn signed(number: i64) -> I256 {
        I256::try_from(number).unwrap()
    }

    #[test]
    fn the_held_say_what_would_have_been_ordered_anyway() {
        assert_eq!(incremental(group(90, 1_000), group(10, 100)), Some(signed(100)));
        assert_eq!(incremental(group(90, 800), group(10, 100)), Some(signed(-100)), "it brought less than nothing");
        assert_eq!(incremental(group(90, 1_000), group(0, 0)), None);
    }

    #[test]
    fn the_return_is_rounded_down() {
        assert_eq!(roi(signed(100), U256::from(30)).as_deref(), Some("2.3333"));
        assert_eq!(roi(signed(20), U256::from(30)).as_deref(), Some("-0.3334"));
        assert_eq!(roi(signed(30), U256::from(30)).as_deref(), Some("0.0000"));
        assert_eq!(roi(signed(-60), U256::from(30)).as_deref(), Some("-3.0000"));
        assert_eq!(roi(signed(5), U256::ZERO), None);
    }
}
