//! The market's figures, exact. Ranges are half-open and in UTC; money is integers from end to end.

use std::collections::{BTreeMap, HashMap, HashSet};

use alloy_primitives::{Address, U256};
use platform_api::Problem;
use platform_index::{Row, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::OrderState;
use crate::money::Token;
use crate::wire::show;
use platform_api::calendar::{month_name, month_of, parse, rfc3339};

/// Which figures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MetricsQuery {
    /// From this time on: a date, RFC 3339 in UTC, or seconds since 1970. Without it, from the beginning.
    pub(crate) from: Option<String>,
    /// Before this time. Without it, up to now.
    pub(crate) to: Option<String>,
    /// Token; the stable token without it.
    pub(crate) token: Option<String>,
}

/// The figures of a range of time.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Metrics)]
pub(crate) struct MetricsView {
    /// From this time on.
    pub(crate) from: String,
    /// Before this time.
    pub(crate) to: String,
    /// Token.
    pub(crate) token: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// Decimals.
    pub(crate) decimals: u8,
    /// Orders placed.
    pub(crate) orders: u64,
    /// People who placed them.
    pub(crate) buyers: u64,
    /// Worth of all orders placed, refunded ones too.
    pub(crate) gmv: String,
    /// Fees those orders have paid so far.
    pub(crate) fees: String,
    /// Worth of the orders that were not refunded.
    pub(crate) nmv: String,
    /// Worth of an order on average, rounded down; zero without orders.
    pub(crate) aov: String,
    /// Buyers with two orders or more.
    pub(crate) repeat_buyers: u64,
    /// Money that went back to buyers.
    pub(crate) refunds: Refunds,
    /// Orders disputed among those that arrived in the range, as a share of one.
    pub(crate) dispute_rate: Option<String>,
    /// Orders that buyers asked to send back among those that arrived in the range, as a share of one.
    pub(crate) return_rate: Option<String>,
    /// Orders shipped in time among those that were shipped or refunded because they never were, as a share of one.
    pub(crate) on_time_rate: Option<String>,
    /// How much of the worth few sellers have: the sum of the squares of their shares (Herfindahl–Hirschman), from near
    /// zero to one.
    pub(crate) seller_hhi: Option<String>,
    /// Orders by the month in which they arrived, whenever they were placed.
    pub(crate) deliveries: Vec<Delivered>,
    /// By month.
    pub(crate) monthly: Vec<Month>,
    /// People whose first order ever is in the range, and those of them who came back: after 7, 30 and 90 days.
    pub(crate) returning: Vec<Returning>,
    /// By month of a buyer's first order.
    pub(crate) cohorts: Vec<Cohort>,
}

/// How many came back, of people whose first order was so many days or more before the end of the range.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReturningBuyers)]
pub(crate) struct Returning {
    /// Days since a person's first order.
    pub(crate) days: u64,
    /// How many people they are. Who bought for the first time later has not had the time yet.
    pub(crate) people: u64,
    /// Those who ordered again within these days.
    pub(crate) within: u64,
    /// Those who ordered again when these days were over, or later.
    pub(crate) after: u64,
    /// `within` as a share of one: the repeat rate.
    pub(crate) repeat_rate: Option<String>,
    /// `after` as a share of one: the retention, on or after that day.
    pub(crate) retention: Option<String>,
}

/// What went back to buyers of the orders placed in the range.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Refunds {
    /// Orders refunded in full.
    pub(crate) orders: u64,
    /// Worth of the refunded orders, and the buyers' part of those that were split.
    pub(crate) value: String,
    /// Orders refunded among all placed, as a share of one.
    pub(crate) count_rate: Option<String>,
    /// What went back among the worth of all placed, as a share of one.
    pub(crate) value_rate: Option<String>,
}

/// Orders that arrived in one month.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DeliveryCohort)]
pub(crate) struct Delivered {
    /// As `1997-01`.
    pub(crate) month: String,
    /// How many.
    pub(crate) orders: u64,
    /// Those of them that were disputed, then or later.
    pub(crate) disputed: u64,
    /// Those of them that the buyer asked to send back.
    pub(crate) returned: u64,
}

/// A month.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MonthlyRow)]
pub(crate) struct Month {
    /// As `1997-01`.
    pub(crate) month: String,
    /// Orders.
    pub(crate) orders: u64,
    /// People who placed them.
    pub(crate) buyers: u64,
    /// Those among them who had never bought before.
    pub(crate) new_buyers: u64,
    /// Worth.
    pub(crate) gmv: String,
}

/// The people whose first order was in one month.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Cohort {
    /// As `1997-01`.
    pub(crate) month: String,
    /// How many.
    pub(crate) size: u64,
    /// How many of them bought in that month, the next, and so on up to the last month of the range.
    pub(crate) retained: Vec<u64>,
    /// Those of them who came back after 7, 30 and 90 days.
    pub(crate) returning: Vec<Returning>,
}

/// Days after which it is asked who came back.
const RETURN_DAYS: [u64; 3] = [7, 30, 90];
const DAY: u64 = 86_400;

/// The reason of a refund because nothing was shipped in time, as the contract numbers them.
const SHIP_EXPIRED: i64 = 3;

/// An order, as far as the figures need it.
struct Sale {
    buyer: Address,
    seller: Address,
    amount: U256,
    fee: U256,
    refunded: bool,
    placed_at: u64,
    /// What a split gave the buyer.
    split: U256,
    /// Zero if it never arrived.
    delivered_at: u64,
    disputed: bool,
    returned: bool,
    shipped: bool,
    /// Refunded because it was not shipped in time.
    late: bool,
}

impl Sale {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            buyer: row.address(0)?,
            amount: row.amount(1)?,
            fee: row.amount(2)?,
            refunded: row.int(3)? == OrderState::Refunded.number(),
            placed_at: row.number(4)?,
            split: if row.int(3)? == OrderState::Settled.number() { row.amount(5)? } else { U256::ZERO },
            delivered_at: row.number(6)?,
            disputed: row.int(7)? > 0,
            returned: row.int(8)? > 0,
            seller: row.address(9)?,
            shipped: row.int(10)? > 0,
            late: row.int(3)? == OrderState::Refunded.number() && row.int_or_null(11)? == Some(SHIP_EXPIRED),
        })
    }
}

/// Reads the range somebody asked for, up to `now` where they did not say.
pub(super) fn range(query: &MetricsQuery, now: u64) -> Result<(u64, u64), Problem> {
    let read = |text: &Option<String>, otherwise| match text.as_deref().filter(|text| !text.is_empty()) {
        None => Ok(otherwise),
        Some(text) => parse(text).ok_or_else(|| {
            Problem::invalid(format!("{text:?} is no time: write 1997-01-01, 1997-01-01T00:00:00Z or seconds."))
        }),
    };
    let (from, to) = (read(&query.from, 0)?, read(&query.to, now + 1)?);
    if from > to {
        return Err(Problem::invalid("The range ends before it begins: `from` must not be after `to`."));
    }
    Ok((from, to))
}

/// Figures of the orders placed in `[from, to)` in a token.
pub(super) async fn metrics(store: &Store, token: &Token, from: u64, to: u64) -> Result<MetricsView, Problem> {
    // Orders before the range decide who is new in it.
    let sql = "SELECT buyer, amount, fee, state, placed_at, to_buyer, delivered_at, disputed_at, return_step, \
               seller, shipped_at, reason FROM market_order \
               WHERE token = $1 AND placed_at < $2 ORDER BY placed_at, order_id";
    let rows = store.rows(sql, vec![token.address.into(), to.into()]).await?;
    let sales = rows.iter().map(Sale::read).collect::<Result<Vec<_>, _>>()?;
    Ok(figures(&sales, token, from, to))
}

fn figures(sales: &[Sale], token: &Token, from: u64, to: u64) -> MetricsView {
    let mut first = HashMap::new();
    for sale in sales {
        first.entry(sale.buyer).or_insert(sale.placed_at);
    }
    let within: Vec<&Sale> = sales.iter().filter(|sale| sale.placed_at >= from).collect();
    let mut by_buyer: HashMap<Address, u64> = HashMap::new();
    for sale in &within {
        *by_buyer.entry(sale.buyer).or_default() += 1;
    }
    let gmv = sum(within.iter().map(|sale| sale.amount));
    let aov = gmv.checked_div(U256::from(within.len())).unwrap_or_default().to_string();
    let deliveries = deliveries(sales, from, to);
    let of_deliveries = |part: fn(&Delivered) -> u64| deliveries.iter().map(part).sum::<u64>();
    let histories = histories(&within, &first, from);
    let last = within.last().map_or(0, |sale| month_of(sale.placed_at));
    let from_shown = if from == 0 { within.first().map_or(0, |sale| sale.placed_at) } else { from };
    MetricsView {
        from: rfc3339(from_shown),
        to: rfc3339(to),
        token: show(token.address),
        symbol: token.symbol.clone(),
        decimals: token.decimals,
        orders: within.len() as u64,
        buyers: by_buyer.len() as u64,
        gmv: gmv.to_string(),
        fees: sum(within.iter().map(|sale| sale.fee)).to_string(),
        nmv: sum(within.iter().filter(|sale| !sale.refunded).map(|sale| sale.amount)).to_string(),
        aov,
        refunds: refunds(&within, gmv),
        dispute_rate: share(
            U256::from(of_deliveries(|month| month.disputed)),
            U256::from(of_deliveries(|month| month.orders)),
        ),
        return_rate: share(
            U256::from(of_deliveries(|month| month.returned)),
            U256::from(of_deliveries(|month| month.orders)),
        ),
        on_time_rate: on_time(&within),
        seller_hhi: concentration(&within, gmv),
        repeat_buyers: by_buyer.values().filter(|orders| **orders >= 2).count() as u64,
        deliveries,
        monthly: monthly(&within, &first),
        returning: returning(histories.values(), to),
        cohorts: cohorts(histories, last, to),
    }
}

fn refunds(within: &[&Sale], gmv: U256) -> Refunds {
    let back = |sale: &&&Sale| sale.refunded;
    let orders = within.iter().filter(back).count();
    let value = sum(within.iter().map(|sale| if sale.refunded { sale.amount } else { sale.split }));
    Refunds {
        orders: orders as u64,
        value: value.to_string(),
        count_rate: share(U256::from(orders), U256::from(within.len())),
        value_rate: share(value, gmv),
    }
}

/// After its deadline the contract takes no shipment, so whatever was shipped was in time.
fn on_time(within: &[&Sale]) -> Option<String> {
    let shipped = within.iter().filter(|sale| sale.shipped).count();
    let late = within.iter().filter(|sale| sale.late).count();
    share(U256::from(shipped), U256::from(shipped + late))
}

fn concentration(within: &[&Sale], gmv: U256) -> Option<String> {
    let mut by_seller: HashMap<Address, U256> = HashMap::new();
    for sale in within {
        let worth = by_seller.entry(sale.seller).or_default();
        *worth = worth.saturating_add(sale.amount);
    }
    // In millionths, so that squares fit whatever the amounts are.
    let million = U256::from(1_000_000);
    let squares = by_seller.values().map(|worth| {
        let part = worth.saturating_mul(million).checked_div(gmv).unwrap_or_default();
        part * part
    });
    let all = sum(squares);
    if gmv.is_zero() { None } else { share(all, million * million) }
}

/// A share of one to four places, rounded down; none of nothing.
fn share(part: U256, whole: U256) -> Option<String> {
    let scaled: u64 = part.saturating_mul(U256::from(10_000)).checked_div(whole)?.saturating_to();
    Some(format!("{}.{:04}", scaled / 10_000, scaled % 10_000))
}

/// Cohorts by the month of arrival. An order's dispute counts where it arrived, whenever it was disputed; one that was
/// disputed and never arrived is in none.
fn deliveries(sales: &[Sale], from: u64, to: u64) -> Vec<Delivered> {
    let mut months: BTreeMap<u64, (u64, u64, u64)> = BTreeMap::new();
    for sale in sales.iter().filter(|sale| sale.delivered_at > 0 && (from..to).contains(&sale.delivered_at)) {
        let (orders, disputed, returned) = months.entry(month_of(sale.delivered_at)).or_default();
        *orders += 1;
        *disputed += u64::from(sale.disputed);
        *returned += u64::from(sale.returned);
    }
    let view =
        |(month, (orders, disputed, returned))| Delivered { month: month_name(month), orders, disputed, returned };
    months.into_iter().map(view).collect()
}

fn monthly(within: &[&Sale], first: &HashMap<Address, u64>) -> Vec<Month> {
    let mut months: BTreeMap<u64, Vec<&Sale>> = BTreeMap::new();
    for sale in within {
        months.entry(month_of(sale.placed_at)).or_default().push(sale);
    }
    let view = |(month, sales): (u64, Vec<&Sale>)| {
        let buyers: HashSet<Address> = sales.iter().map(|sale| sale.buyer).collect();
        let new = buyers.iter().filter(|buyer| first.get(*buyer).is_some_and(|at| month_of(*at) == month)).count();
        Month {
            month: month_name(month),
            orders: sales.len() as u64,
            buyers: buyers.len() as u64,
            new_buyers: new as u64,
            gmv: sum(sales.iter().map(|sale| sale.amount)).to_string(),
        }
    };
    months.into_iter().map(view).collect()
}

/// The times at which those ordered whose first order ever is within the range, the first one first.
fn histories(within: &[&Sale], first: &HashMap<Address, u64>, from: u64) -> HashMap<Address, Vec<u64>> {
    let mut histories: HashMap<Address, Vec<u64>> = HashMap::new();
    for sale in within.iter().filter(|sale| first.get(&sale.buyer).is_some_and(|at| *at >= from)) {
        histories.entry(sale.buyer).or_default().push(sale.placed_at);
    }
    histories
}

fn returning<'h>(histories: impl Iterator<Item = &'h Vec<u64>> + Clone, to: u64) -> Vec<Returning> {
    let of = |days: u64| {
        let span = days * DAY;
        let begun = histories.clone().filter_map(|times| Some((*times.first()?, times)));
        let ripe: Vec<_> = begun.filter(|(first, _)| first.saturating_add(span) <= to).collect();
        let within = ripe.iter().filter(|(first, times)| times.get(1).is_some_and(|next| next - first <= span)).count();
        let after = ripe.iter().filter(|(first, times)| times.last().is_some_and(|last| last - first >= span)).count();
        Returning {
            days,
            people: ripe.len() as u64,
            within: within as u64,
            after: after as u64,
            repeat_rate: share(U256::from(within), U256::from(ripe.len())),
            retention: share(U256::from(after), U256::from(ripe.len())),
        }
    };
    RETURN_DAYS.into_iter().map(of).collect()
}

/// Cohorts of those whose first order ever is within the range, up to its last month with orders.
fn cohorts(histories: HashMap<Address, Vec<u64>>, last: u64, to: u64) -> Vec<Cohort> {
    let mut by_month: BTreeMap<u64, Vec<Vec<u64>>> = BTreeMap::new();
    for times in histories.into_values() {
        let began = times.first().map_or(0, |at| month_of(*at));
        by_month.entry(began).or_default().push(times);
    }
    let view = |(began, people): (u64, Vec<Vec<u64>>)| {
        let bought = |month: u64| people.iter().filter(|times| times.iter().any(|at| month_of(*at) == month)).count();
        Cohort {
            month: month_name(began),
            size: people.len() as u64,
            retained: (began..=last).map(|month| bought(month) as u64).collect(),
            returning: returning(people.iter(), to),
        }
    };
    by_month.into_iter().map(view).collect()
}

/// Amounts have 128 bits each, so 2^128 of them fit.
fn sum(amounts: impl Iterator<Item = U256>) -> U256 {
    amounts.fold(U256::ZERO, U256::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform_api::calendar::midnight;

    fn sale(buyer: u8, cents: u64, date: (u64, u64, u64), refunded: bool) -> Sale {
        let amount = U256::from(cents * 10_000);
        let fee = if refunded { U256::ZERO } else { amount * U256::from(200) / U256::from(10_000) };
        let placed_at = midnight(date.0, date.1, date.2).unwrap();
        let delivered_at = if refunded { 0 } else { placed_at + 20 * 86_400 };
        let (split, disputed, returned) = (U256::ZERO, false, false);
        Sale {
            buyer: Address::repeat_byte(buyer),
            amount,
            fee,
            refunded,
            placed_at,
            split,
            delivered_at,
            disputed,
            returned,
            seller: Address::repeat_byte(0xee),
            shipped: !refunded,
            late: refunded,
        }
    }

    fn token() -> Token {
        Token { address: Address::ZERO, symbol: "gUSD".into(), name: "Dollar".into(), decimals: 6 }
    }

    fn example() -> Vec<Sale> {
        vec![
            sale(1, 1_000, (1996, 12, 31), false),
            sale(1, 1_177, (1997, 1, 1), false),
            sale(2, 1_200, (1997, 1, 12), false),
            sale(2, 7_700, (1997, 1, 12), true),
            sale(3, 0, (1997, 2, 2), false),
            sale(2, 2_001, (1997, 3, 31), false),
            sale(3, 500, (1997, 4, 1), false),
        ]
    }

    #[test]
    fn a_range_is_half_open_and_counts_by_hand() {
        let (from, to) = (midnight(1997, 1, 1).unwrap(), midnight(1997, 4, 1).unwrap());
        let sales: Vec<Sale> = example().into_iter().filter(|sale| sale.placed_at < to).collect();
        let m = figures(&sales, &token(), from, to);
        assert_eq!((m.orders, m.buyers, m.repeat_buyers), (5, 3, 1));
        assert_eq!(m.gmv, (11_770_000 + 12_000_000 + 77_000_000 + 20_010_000).to_string());
        assert_eq!(m.nmv, (11_770_000 + 12_000_000 + 20_010_000).to_string());
        assert_eq!(m.fees, (235_400 + 240_000 + 400_200).to_string());
        assert_eq!(m.aov, "24156000");
        let months: Vec<_> = m.monthly.iter().map(|m| (m.month.as_str(), m.orders, m.buyers, m.new_buyers)).collect();
        assert_eq!(months, [("1997-01", 3, 2, 1), ("1997-02", 1, 1, 1), ("1997-03", 1, 1, 0)]);
        // The first buyer began before the range, so no cohort of it has them.
        let cohorts: Vec<_> = m.cohorts.iter().map(|c| (c.month.as_str(), c.size, c.retained.clone())).collect();
        assert_eq!(cohorts, [("1997-01", 1, vec![1, 0, 1]), ("1997-02", 1, vec![1, 0])]);
    }

    #[test]
    fn sellers_shares_are_squared_and_what_was_never_shipped_was_late() {
        let mut sales = vec![
            sale(1, 3_000, (1997, 1, 1), false),
            sale(1, 1_000, (1997, 1, 2), false),
            sale(2, 0, (1997, 1, 3), true),
        ];
        let m = figures(&sales, &token(), 0, u64::MAX);
        assert_eq!((m.seller_hhi.as_deref(), m.on_time_rate.as_deref()), (Some("1.0000"), Some("0.6666")));
        sales[1].seller = Address::repeat_byte(0xdd);
        sales[2].late = false;
        let m = figures(&sales, &token(), 0, u64::MAX);
        // Three quarters and one: 0.5625 + 0.0625.
        assert_eq!((m.seller_hhi.as_deref(), m.on_time_rate.as_deref()), (Some("0.6250"), Some("1.0000")));
        let m = figures(&[], &token(), 0, u64::MAX);
        assert_eq!((m.seller_hhi, m.on_time_rate), (None, None));
    }

    #[test]
    fn disputes_count_where_the_goods_arrived() {
        let (from, to) = (midnight(1997, 1, 1).unwrap(), midnight(1997, 4, 1).unwrap());
        let mut sales: Vec<Sale> = example().into_iter().filter(|sale| sale.placed_at < to).collect();
        // Ordered in December, arrived in January, disputed: January's, though it was placed before the range.
        (sales[0].disputed, sales[0].split) = (true, U256::from(4_000_000));
        (sales[2].disputed, sales[2].returned, sales[2].split) = (true, true, U256::from(6_000_000));
        let m = figures(&sales, &token(), from, to);
        let months: Vec<_> =
            m.deliveries.iter().map(|d| (d.month.as_str(), d.orders, d.disputed, d.returned)).collect();
        assert_eq!(months, [("1997-01", 2, 1, 0), ("1997-02", 2, 1, 1)]);
        assert_eq!((m.dispute_rate.as_deref(), m.return_rate.as_deref()), (Some("0.5000"), Some("0.2500")));
        // One of five orders refunded; its worth and six of a split, of all that was placed in the range.
        assert_eq!((m.refunds.orders, m.refunds.count_rate.as_deref()), (1, Some("0.2000")));
        assert_eq!(m.refunds.value, "83000000");
        assert_eq!(m.refunds.value_rate.as_deref(), Some("0.6871"));
    }

    #[test]
    fn who_has_not_had_the_time_yet_is_not_asked() {
        let sales = [
            sale(1, 100, (1997, 1, 1), false),
            sale(1, 100, (1997, 1, 8), false),
            sale(2, 100, (1997, 1, 1), false),
            sale(2, 100, (1997, 1, 31), false),
            sale(3, 100, (1997, 1, 10), false),
            sale(3, 100, (1997, 1, 10), true),
        ];
        let to = midnight(1997, 2, 8).unwrap();
        let m = figures(&sales, &token(), 0, to);
        let found: Vec<_> = m.returning.iter().map(|r| (r.days, r.people, r.within, r.after)).collect();
        // The third bought twice at once, and never again; thirty days before the end only the first two had begun.
        assert_eq!(found, [(7, 3, 2, 2), (30, 2, 2, 1), (90, 0, 0, 0)]);
        assert_eq!(m.returning[0].repeat_rate.as_deref(), Some("0.6666"));
        assert_eq!((m.returning[1].retention.as_deref(), &m.returning[2].retention), (Some("0.5000"), &None));
        assert_eq!(m.cohorts[0].returning, m.returning);
        // Who had bought before the range is not new in it.
        let m = figures(&sales, &token(), midnight(1997, 1, 5).unwrap(), to);
        assert_eq!((m.returning[0].people, m.returning[0].within, m.returning[0].after), (1, 1, 0));
    }

    #[test]
    fn without_orders_there_is_no_average() {
        let m = figures(&[], &token(), 0, 1);
        assert_eq!((m.orders, m.aov.as_str(), m.gmv.as_str()), (0, "0", "0"));
        assert!(m.monthly.is_empty() && m.cohorts.is_empty());
    }

    #[test]
    fn a_range_that_makes_no_sense_is_refused() {
        let query = |from: &str, to: &str| MetricsQuery { from: Some(from.into()), to: Some(to.into()), token: None };
        assert_eq!(range(&query("1997-01-01", "1998-07-01"), 0).unwrap(), (852_076_800, 899_251_200));
        assert!(range(&query("1998-01-01", "1997-01-01"), 0).is_err());
        assert!(range(&query("soon", ""), 0).is_err());
        assert_eq!(range(&MetricsQuery::default(), 9).unwrap(), (0, 10));
    }
}
