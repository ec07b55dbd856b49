//! What staff look at first.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, U256};
use platform_api::Problem;

use super::model::OrderState;
use super::query::{orders, setting};
use super::view::{AmountPoint, DashboardView, OrderQuery, StateCount, ThroughputPoint, Today, TopSeller};
use crate::context::Context;
use crate::money::Token;
use crate::wire::{BlockRef, show};
use platform_api::calendar::{DAY, rfc3339};

const DAYS: u64 = 30;
const MINUTES: u64 = 60;

/// Orders of a day or a seller, and their worth.
#[derive(Clone, Copy, Default)]
struct Tally {
    orders: u64,
    worth: U256,
}

impl Tally {
    fn add(&mut self, amount: U256) {
        self.orders += 1;
        self.worth = self.worth.saturating_add(amount);
    }
}

pub(super) async fn dashboard(app: &Context) -> Result<DashboardView, Problem> {
    let token = app.token(app.manifest.stable_token.address).await?;
    let indexed = app.indexed();
    let head = app.position.borrow().head.unwrap_or(indexed);
    let today = indexed.timestamp / DAY;
    let first = (today + 1).saturating_sub(DAYS);
    let (days, sellers) = tallies(app, &token, first).await?;
    let point = |day: u64| {
        let tally = days.get(&day).copied().unwrap_or_default();
        AmountPoint { at: rfc3339(day * DAY), amount: tally.worth.to_string(), orders: tally.orders }
    };
    let now = days.get(&today).copied().unwrap_or_default();
    let soonest = OrderQuery { deadline_before: Some(u32::MAX.to_string()), limit: Some(20), ..OrderQuery::default() };
    Ok(DashboardView {
        orders_by_state: by_state(app, &token).await?,
        gmv_series: (first..=today).map(point).collect(),
        throughput: throughput(app, indexed.timestamp).await?,
        deadlines: orders(app, &soonest).await?.items,
        today: Today {
            orders: now.orders,
            gmv: token.money(now.worth),
            new_buyers: new_buyers(app, today * DAY).await?,
        },
        sellers_top: top(app, &token, sellers),
        head: BlockRef::of(head),
        index_lag: head.number.saturating_sub(indexed.number),
        paused: setting(app, "paused").await? == "1",
    })
}

async fn by_state(app: &Context, token: &Token) -> Result<Vec<StateCount>, Problem> {
    let sql = "SELECT token, state, orders, worth FROM market_state_total";
    let mut counts: HashMap<i64, Tally> = HashMap::new();
    for row in app.store.rows(sql, vec![]).await? {
        let tally = counts.entry(row.int(1)?).or_default();
        tally.orders += row.number(2)?;
        if row.address(0)? == token.address {
            tally.worth = row.amount(3)?;
        }
    }
    let view = |state: OrderState| {
        let tally = counts.get(&state.number()).copied().unwrap_or_default();
        StateCount { state, count: tally.orders, value: token.money(tally.worth) }
    };
    Ok(OrderState::ALL.into_iter().map(view).collect())
}

async fn tallies(
    app: &Context,
    token: &Token,
    first_day: u64,
) -> Result<(BTreeMap<u64, Tally>, HashMap<Address, Tally>), Problem> {
    let sql = "SELECT placed_at, seller, amount FROM market_order WHERE placed_at >= $1 AND token = $2";
    let (mut days, mut sellers) = (BTreeMap::<u64, Tally>::new(), HashMap::<Address, Tally>::new());
    for row in app.store.rows(sql, vec![(first_day * DAY).into(), token.address.into()]).await? {
        let amount = row.amount(2)?;
        days.entry(row.number(0)? / DAY).or_default().add(amount);
        sellers.entry(row.address(1)?).or_default().add(amount);
    }
    Ok((days, sellers))
}

fn top(app: &Context, token: &Token, sellers: HashMap<Address, Tally>) -> Vec<TopSeller> {
    let mut sellers: Vec<(Address, Tally)> = sellers.into_iter().collect();
    sellers.sort_by(|a, b| b.1.worth.cmp(&a.1.worth).then(a.0.cmp(&b.0)));
    let view = |(seller, tally): (Address, Tally)| TopSeller {
        address: show(seller),
        name: app.names.get(seller),
        orders: tally.orders,
        gmv: token.money(tally.worth),
    };
    sellers.into_iter().take(8).map(view).collect()
}

async fn new_buyers(app: &Context, midnight: u64) -> Result<u64, Problem> {
    let sql = "SELECT COUNT(DISTINCT o.buyer) FROM market_order o WHERE o.placed_at >= $1 AND NOT EXISTS \
               (SELECT 1 FROM market_order p WHERE p.buyer = o.buyer AND p.placed_at < $2)";
    Ok(app.store.int(sql, vec![midnight.into(), midnight.into()]).await?.unsigned_abs())
}

async fn throughput(app: &Context, now: u64) -> Result<Vec<ThroughputPoint>, Problem> {
    let first = (now / 60 + 1).saturating_sub(MINUTES);
    let sql = "SELECT timestamp, transactions FROM index_block WHERE timestamp >= $1";
    let mut minutes = BTreeMap::<u64, u64>::new();
    for row in app.store.rows(sql, vec![(first * 60).into()]).await? {
        *minutes.entry(row.number(0)? / 60).or_default() += row.number(1)?;
    }
    let point = |minute: u64| ThroughputPoint {
        at: rfc3339(minute * 60),
        transactions: minutes.get(&minute).copied().unwrap_or_default(),
    };
    Ok((first..=now / 60).map(point).collect())
}
