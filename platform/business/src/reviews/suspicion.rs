//! Which reviews look made up, from what the chain knows alone: who reviewed whom, when, and after which purchases.
//!
//! **A burst** is a week in which a seller got far more reviews than they usually do, and far more than their sales
//! explain. For each review, the reviews of the seven days up to it are counted, `c`. Expected are `λ`: the larger of
//! what the seller got in a week before that window, and what their sales explain, which is the share of finished
//! orders that were reviewed before it, times the orders finished in the window and the week before it (reviews come
//! some days after). The share is taken with twenty orders added, three of ten reviewed. Sellers with less than four
//! weeks or eight orders behind them are held to the share of the whole house. The window is a burst if `c ≥ 8` and a Poisson variable of mean `λ` reaches `c` with a probability below one
//! in a hundred thousand.
//!
//! **A ring** is a group of accounts that review each other and hardly anyone else. Groups are the connected parts of
//! "both reviewed the other", and the cycles (strongly connected parts of at most thirty accounts) of "reviewed with
//! four or five". A group is a ring if it is closed: of the reviews its members wrote, and of those they received, at
//! least eight in ten are among themselves, and there are at least three and as many as members. Those are marked.
//!
//! What this does not see: a seller whose buyers always review, flooding themselves with orders. They pay the fee on
//! each, which is what reviews weigh.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use alloy_primitives::Address;

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;
/// Fewer reviews in a week are never a burst.
const BURST_MIN: usize = 8;
const BURST_PROBABILITY: f64 = 1e-5;
/// What a seller must have behind them to be held to their own past.
const HISTORY: u64 = 4 * WEEK;
const HISTORY_ORDERS_MIN: usize = 8;
/// Share of orders that are usually reviewed, and how many such orders stand beside what is known.
const SHARE_USUAL: f64 = 0.3;
const ORDERS_USUAL: f64 = 20.0;
const CYCLE_MAX: usize = 30;
/// A group is closed if so many of ten reviews stay inside.
const CLOSED_OF_TEN: usize = 8;
const RING_REVIEWS_MIN: usize = 3;
/// A rating that praises.
const PRAISE: u8 = 4;

/// A review as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) order: u64,
    pub(super) buyer: Address,
    pub(super) seller: Address,
    pub(super) rating: u8,
    pub(super) at: u64,
}

/// A finished purchase: of whom, and when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sale {
    pub(super) seller: Address,
    pub(super) at: u64,
}

/// Too many reviews of a seller at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Burst {
    pub(super) seller: Address,
    pub(super) from: u64,
    pub(super) to: u64,
    /// Reviews in the densest week of it.
    pub(super) count: usize,
    /// What was to be expected in that week.
    pub(super) expected: f64,
    pub(super) orders: BTreeSet<u64>,
}

/// Accounts that review each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) members: Vec<Address>,
    pub(super) orders: BTreeSet<u64>,
    /// Reviews that members wrote of others.
    pub(super) outside: usize,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Suspicions {
    pub(super) bursts: Vec<Burst>,
    pub(super) rings: Vec<Ring>,
}

/// Why a review is left out of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Burst,
    Ring,
}

impl Suspicions {
    /// Looks at everything.
    pub(super) fn of(facts: &[Fact], sales: &[Sale]) -> Self {
        Self { bursts: bursts(facts, sales), rings: rings(facts) }
    }

    /// Which sign an order's review carries. A ring is the plainer one.
    pub(super) fn signs(&self) -> HashMap<u64, Sign> {
        let bursts = self.bursts.iter().flat_map(|burst| &burst.orders).map(|order| (*order, Sign::Burst));
        let rings = self.rings.iter().flat_map(|ring| &ring.orders).map(|order| (*order, Sign::Ring));
        bursts.chain(rings).collect()
    }
}

/// Times of a seller's reviews or sales, sorted.
struct Times(Vec<u64>);

impl Times {
    /// How many lie in `(from, to]`.
    fn within(&self, from: u64, to: u64) -> usize {
        self.until(to).saturating_sub(self.until(from))
    }

    /// How many lie at or before a time.
    fn until(&self, at: u64) -> usize {
        self.0.partition_point(|time| *time <= at)
    }
}

fn by_seller<T>(all: &[T], of: impl Fn(&T) -> (Address, u64)) -> HashMap<Address, Times> {
    let mut times: HashMap<Address, Vec<u64>> = HashMap::new();
    for one in all {
        let (seller, at) = of(one);
        times.entry(seller).or_default().push(at);
    }
    let sorted = |(seller, mut times): (Address, Vec<u64>)| {
        times.sort_unstable();
        (seller, Times(times))
    };
    times.into_iter().map(sorted).collect()
}

fn bursts(facts: &[Fact], sales: &[Sale]) -> Vec<Burst> {
    let reviews = by_seller(facts, |fact| (fact.seller, fact.at));
    let sold = by_seller(sales, |sale| (sale.seller, sale.at));
    let nothing = Times(Vec::new());
    let mut house: (Vec<u64>, Vec<u64>) =
        (facts.iter().map(|fact| fact.at).collect(), sales.iter().map(|sale| sale.at).collect());
    house.0.sort_unstable();
    house.1.sort_unstable();
    let house = (Times(house.0), Times(house.1));
    let mut found: BTreeMap<Address, Vec<Burst>> = BTreeMap::new();
    let mut ordered: Vec<&Fact> = facts.iter().collect();
    ordered.sort_by_key(|fact| (fact.seller, fact.at, fact.order));
    for fact in ordered {
        let own = &reviews[&fact.seller];
        let start = fact.at.saturating_sub(WEEK);
        let count = own.within(start, fact.at);
        if count < BURST_MIN {
            continue;
        }
        let own_sales = sold.get(&fact.seller).unwrap_or(&nothing);
        let expected = expected(own, own_sales, &house, start, fact.at);
        if tail(expected, count) < BURST_PROBABILITY {
            note(found.entry(fact.seller).or_default(), fact.seller, (start, fact.at), count, expected);
        }
    }
    let mut all: Vec<Burst> = found.into_values().flatten().collect();
    for burst in &mut all {
        let inside = |fact: &&Fact| fact.seller == burst.seller && fact.at > burst.from && fact.at <= burst.to;
        burst.orders = facts.iter().filter(inside).map(|fact| fact.order).collect();
    }
    all
}

/// Adds a window, to the burst it overlaps if there is one.
fn note(of_seller: &mut Vec<Burst>, seller: Address, (from, to): (u64, u64), count: usize, expected: f64) {
    match of_seller.last_mut().filter(|last| from <= last.to) {
        Some(last) => {
            last.to = to;
            if count > last.count {
                (last.count, last.expected) = (count, expected);
            }
        }
        None => of_seller.push(Burst { seller, from, to, count, expected, orders: BTreeSet::new() }),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2^52")]
fn expected(reviews: &Times, sales: &Times, house: &(Times, Times), start: u64, end: u64) -> f64 {
    let since = sales.0.first().copied().unwrap_or(end);
    let past = start.saturating_sub(since);
    let recent = sales.within(start.saturating_sub(WEEK), end) as f64;
    if past < HISTORY || sales.until(start) < HISTORY_ORDERS_MIN {
        return share(&house.0, &house.1, start) * recent;
    }
    let weekly = reviews.until(start) as f64 * WEEK as f64 / past as f64;
    weekly.max(share(reviews, sales, start) * recent)
}

/// The share of finished orders that were reviewed before a time. Orders of the last week are left out, whose reviews
/// are still being written, and a few usual ones are thought of, so that little is not taken for none.
#[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2^52")]
fn share(reviews: &Times, sales: &Times, before: u64) -> f64 {
    let reviewed = reviews.until(before) as f64 + SHARE_USUAL * ORDERS_USUAL;
    let finished = sales.until(before.saturating_sub(WEEK)) as f64 + ORDERS_USUAL;
    (reviewed / finished).min(1.0)
}

/// How likely a Poisson variable of this mean is at least `count`.
#[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2^52")]
fn tail(mean: f64, count: usize) -> f64 {
    if mean <= 0.0 {
        return if count == 0 { 1.0 } else { 0.0 };
    }
    let n = count as f64;
    if n <= mean {
        return 1.0;
    }
    // The first term of the sum in logarithms, and the others as multiples of it, which shrink.
    let log_factorial: f64 = (1..=count).map(|k| (k as f64).ln()).sum();
    let first = (n * mean.ln() - mean - log_factorial).exp();
    let (mut sum, mut term, mut k) = (0.0, 1.0, n);
    while term > 1e-12 {
        sum += term;
        k += 1.0;
        term *= mean / k;
    }
    (first * sum).min(1.0)
}

fn rings(facts: &[Fact]) -> Vec<Ring> {
    let praised: BTreeSet<(Address, Address)> =
        facts.iter().filter(|fact| fact.rating >= PRAISE).map(|fact| (fact.buyer, fact.seller)).collect();
    let reviewed: BTreeSet<(Address, Address)> = facts.iter().map(|fact| (fact.buyer, fact.seller)).collect();
    let mutual: Vec<(Address, Address)> =
        reviewed.iter().filter(|(from, to)| from < to && reviewed.contains(&(*to, *from))).copied().collect();
    let mut groups = connected(&mutual);
    groups.extend(cycles(&praised).into_iter().filter(|group| group.len() <= CYCLE_MAX));
    let mut found: Vec<Ring> = groups.iter().filter_map(|group| closed(group, facts)).collect();
    found.sort_by(|a, b| b.orders.len().cmp(&a.orders.len()).then_with(|| a.members.cmp(&b.members)));
    found.dedup_by(|a, b| a.orders == b.orders);
    found
}

/// The group as a ring, if it keeps to itself.
fn closed(group: &BTreeSet<Address>, facts: &[Fact]) -> Option<Ring> {
    let (mut orders, mut written, mut received) = (BTreeSet::new(), 0, 0);
    for fact in facts {
        let (from, to) = (group.contains(&fact.buyer), group.contains(&fact.seller));
        written += usize::from(from);
        received += usize::from(to);
        if from && to {
            orders.insert(fact.order);
        }
    }
    let inside = orders.len();
    let enough = inside >= RING_REVIEWS_MIN.max(group.len());
    let shut = inside * 10 >= written * CLOSED_OF_TEN && inside * 10 >= received * CLOSED_OF_TEN;
    (enough && shut).then(|| Ring { members: group.iter().copied().collect(), outside: written - inside, orders })
}

/// Connected parts of an undirected graph.
fn connected(edges: &[(Address, Address)]) -> Vec<BTreeSet<Address>> {
    let mut groups: Vec<BTreeSet<Address>> = Vec::new();
    for (a, b) in edges {
        let mut joined = BTreeSet::from([*a, *b]);
        groups.retain(|group| {
            let touches = group.contains(a) || group.contains(b);
            if touches {
                joined.extend(group.iter().copied());
            }
            !touches
        });
        groups.push(joined);
    }
    groups
}

/// Strongly connected parts of two accounts or more (Kosaraju's two passes, without recursion).
fn cycles(edges: &BTreeSet<(Address, Address)>) -> Vec<BTreeSet<Address>> {
    let mut forward: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
    let mut backward: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
    for (from, to) in edges {
        forward.entry(*from).or_default().push(*to);
        forward.entry(*to).or_default();
        backward.entry(*to).or_default().push(*from);
    }
    let mut left = BTreeSet::new();
    let mut finished = Vec::new();
    for start in forward.keys() {
        // A node is finished once everything behind it is.
        let mut stack = vec![(*start, 0)];
        if !left.insert(*start) {
            continue;
        }
        while let Some((node, next)) = stack.pop() {
            match forward[&node].get(next) {
                Some(to) => {
                    stack.push((node, next + 1));
                    if left.insert(*to) {
                        stack.push((*to, 0));
                    }
                }
                None => finished.push(node),
            }
        }
    }
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for start in finished.into_iter().rev() {
        let mut group = BTreeSet::new();
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            if taken.insert(node) {
                group.insert(node);
                stack.extend(backward.get(&node).into_iter().flatten().copied());
            }
        }
        if group.len() >= 2 {
            found.push(group);
        }
    }
    found
}

#[cfg(test)]
mod tests;
