//! The market's figures, against those the file of real purchases gives by itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use alloy_primitives::B256;
use platform_index::IndexerConfig;
use serde_json::json;

use crate::chain::MemoryChain;
use crate::town::{DAY, Sale, buyer, index, opening, platform, store};

/// From the package's folder, in which cargo runs its tests.
const FILE: &str = "../../../shared/data/cdnow/CDNOW_master.txt";

struct Purchase {
    customer: u64,
    /// Year and month, as `1997-01`.
    month: String,
    at: u64,
    amount: u64,
}

fn read() -> Option<Vec<Purchase>> {
    let text = std::fs::read_to_string(FILE).ok()?;
    Some(text.lines().filter_map(purchase).collect())
}

fn purchase(line: &str) -> Option<Purchase> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [customer, date, _, dollars] = fields.as_slice() else { return None };
    let customer = customer.parse().ok()?;
    let (whole, cents) = dollars.split_once('.').unwrap();
    let amount = (whole.parse::<u64>().unwrap() * 100 + cents.parse::<u64>().unwrap()) * 10_000;
    let month = format!("{}-{}", &date[..4], &date[4..6]);
    let day = platform_api::calendar::parse(&format!("{month}-{}", &date[6..])).unwrap();
    Some(Purchase { customer, month, at: day, amount })
}

/// Who of some people came back after 7, 30 and 90 days, by the days on which each of them bought.
fn returning(people: &[Vec<u64>], to: u64) -> serde_json::Value {
    let rate = |part: usize, whole: usize| (whole > 0).then(|| part * 10_000 / whole);
    let shown = |rate: Option<usize>| rate.map(|rate| format!("{}.{:04}", rate / 10_000, rate % 10_000));
    let of = |days: u64| {
        let asked: Vec<&Vec<u64>> = people.iter().filter(|all| all[0] + days * DAY <= to).collect();
        let within = asked.iter().filter(|all| all.iter().filter(|at| **at <= all[0] + days * DAY).count() > 1).count();
        let after = asked.iter().filter(|all| all.iter().any(|at| *at >= all[0] + days * DAY)).count();
        json!({
            "days": days, "people": asked.len(), "within": within, "after": after,
            "repeat_rate": shown(rate(within, asked.len())), "retention": shown(rate(after, asked.len())),
        })
    };
    json!([of(7), of(30), of(90)])
}

/// The figures by the file alone, in as few words as possible.
fn expected(purchases: &[Purchase], to: u64) -> serde_json::Value {
    let mut by_customer: BTreeMap<u64, Vec<&Purchase>> = BTreeMap::new();
    for purchase in purchases {
        by_customer.entry(purchase.customer).or_default().push(purchase);
    }
    let first: HashMap<u64, &str> =
        by_customer.iter().map(|(c, all)| (*c, all.iter().map(|p| p.month.as_str()).min().unwrap())).collect();
    let mut months: BTreeMap<&str, Vec<&Purchase>> = BTreeMap::new();
    for purchase in purchases {
        months.entry(&purchase.month).or_default().push(purchase);
    }
    let names: Vec<&str> = months.keys().copied().collect();
    let people = |list: &[&Purchase]| list.iter().map(|p| p.customer).collect::<HashSet<u64>>();
    let monthly: Vec<_> = months
        .iter()
        .map(|(month, list)| {
            json!({
                "month": month,
                "orders": list.len(),
                "buyers": people(list).len(),
                "new_buyers": people(list).iter().filter(|c| first[c] == *month).count(),
                "gmv": list.iter().map(|p| p.amount).sum::<u64>().to_string(),
            })
        })
        .collect();
    let days_of = |wanted: &dyn Fn(u64) -> bool| -> Vec<Vec<u64>> {
        let chosen = by_customer.iter().filter(|(customer, _)| wanted(**customer));
        let sorted = chosen.map(|(_, all)| {
            let mut days: Vec<u64> = all.iter().map(|purchase| purchase.at).collect();
            days.sort_unstable();
            days
        });
        sorted.collect()
    };
    let cohorts: Vec<_> = names
        .iter()
        .filter(|month| first.values().any(|first| first == *month))
        .map(|month| {
            let retained: Vec<usize> = names
                .iter()
                .filter(|later| *later >= month)
                .map(|later| people(&months[later]).iter().filter(|c| first[c] == *month).count())
                .collect();
            let returning = returning(&days_of(&|customer| first[&customer] == *month), to);
            json!({ "month": month, "size": retained[0], "retained": retained, "returning": returning })
        })
        .collect();
    let gmv: u64 = purchases.iter().map(|p| p.amount).sum();
    json!({
        "orders": purchases.len(),
        "buyers": by_customer.len(),
        "gmv": gmv.to_string(),
        "nmv": gmv.to_string(),
        "fees": purchases.iter().map(|p| p.amount * 2 / 100).sum::<u64>().to_string(),
        "aov": (gmv / purchases.len() as u64).to_string(),
        "repeat_buyers": by_customer.values().filter(|all| all.len() >= 2).count(),
        "monthly": monthly,
        "returning": returning(&days_of(&|_| true), to),
        "cohorts": cohorts,
    })
}

/// One block for each step of a day's orders, as the replay makes them.
fn play(chain: &MemoryChain, purchases: &[Purchase]) -> u64 {
    let mut days: BTreeMap<u64, Vec<Sale>> = BTreeMap::new();
    let mut sorted: Vec<&Purchase> = purchases.iter().collect();
    sorted.sort_by_key(|purchase| purchase.at);
    for (id, purchase) in (1..).zip(sorted) {
        let sale = Sale { id, buyer: buyer(purchase.customer), amount: purchase.amount, at: purchase.at };
        days.entry(purchase.at).or_default().push(sale);
    }
    let mut transactions = 4;
    chain.mine(days.keys().next().unwrap() - DAY, 0, opening(B256::ZERO));
    for (day, sales) in days {
        let steps = [Sale::fund, Sale::accept, Sale::ship, Sale::deliver, Sale::release];
        for (hour, step) in (0..).zip(steps) {
            transactions += sales.len() as u64;
            chain.mine(day + hour, 0, sales.iter().map(|sale| step(*sale)).collect());
        }
    }
    transactions
}

#[tokio::test]
async fn every_figure_is_the_files_own() {
    let Some(purchases) = read() else {
        eprintln!("skipped: {FILE} is not there");
        return;
    };
    let (from, to) = (852_076_800, 899_251_200);
    let chain = Arc::new(MemoryChain::new(from - 2 * DAY));
    let transactions = play(&chain, &purchases);
    let (_directory, url) = store();
    let platform = platform(&chain, url, IndexerConfig::default()).await;
    let began = Instant::now();
    index(&platform).await;
    let took = began.elapsed();
    eprintln!(
        "indexed {transactions} transactions in {took:.1?}: {:.0} a second",
        transactions as f64 / took.as_secs_f64()
    );

    let asked = Instant::now();
    let found = platform.metrics(from, to).await.unwrap();
    eprintln!("figures in {:.0?}", asked.elapsed());
    let expected = expected(&purchases, to);
    for (name, figure) in expected.as_object().unwrap() {
        assert_eq!(&found[name], figure, "{name}");
    }
    assert_eq!(found["orders"], 69_659);
    assert_eq!(found["buyers"], 23_570);
}
