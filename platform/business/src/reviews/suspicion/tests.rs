//! Planted bursts and rings are found; a year of honest trade is left alone.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

const START: u64 = 852_076_800;

fn person(number: u64) -> Address {
    let mut bytes = [0x11; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Address::from(bytes)
}

fn seller(number: u8) -> Address {
    Address::repeat_byte(0xe0 + number)
}

/// A year of six shops as real shops have them: a rush of newcomers in the first quarter, few who come back often, many
/// who come once, three of ten writing a review some days later.
fn honest(seed: u64) -> (Vec<Fact>, Vec<Sale>) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut facts, mut sales) = (Vec::new(), Vec::new());
    let mut order = 0;
    for day in 0..365_u64 {
        // A rush in the first quarter, a second one before the year's end, and quieter weekends.
        let season = if day < 90 {
            3.0
        } else if day > 330 {
            2.5
        } else {
            1.0
        };
        let weekly = if day % 7 >= 5 { 0.6 } else { 1.0 };
        for shop in 0..6_u8 {
            let size = 4.0 / (1.0 + f64::from(shop));
            let mut left: f64 = random.random::<f64>() * 2.0 * season * weekly * size;
            while left > random.random::<f64>() {
                left -= 1.0;
                order += 1;
                // The square of a square: a few come again and again.
                let who: f64 = random.random::<f64>().powi(4);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below three thousand")]
                let buyer = person((who * 3_000.0) as u64);
                let at = START + day * DAY + random.random_range(0..DAY);
                sales.push(Sale { seller: seller(shop), at });
                if random.random_bool(0.3) {
                    let rating = [5, 5, 5, 4, 4, 3, 2, 1][random.random_range(0..8)];
                    let at = at + random.random_range(DAY..9 * DAY);
                    facts.push(Fact { order, buyer, seller: seller(shop), rating, at });
                }
            }
        }
    }
    (facts, sales)
}

#[test]
fn honest_trade_is_left_alone() {
    for seed in 0..40 {
        let (facts, sales) = honest(seed);
        assert!(facts.len() > 1_000, "{}", facts.len());
        let found = Suspicions::of(&facts, &sales);
        assert_eq!(found, Suspicions::default(), "seed {seed}");
    }
}

#[test]
fn a_burst_is_found_and_nothing_beside_it() {
    let (mut facts, mut sales) = honest(1);
    let begin = START + 200 * DAY;
    // The smallest shop has thirty friends buy and review within two days.
    for number in 0..30_u64 {
        let at = begin + number * 5_000;
        sales.push(Sale { seller: seller(5), at });
        facts.push(Fact {
            order: 1_000_000 + number,
            buyer: person(90_000 + number),
            seller: seller(5),
            rating: 5,
            at,
        });
    }
    let found = Suspicions::of(&facts, &sales);
    assert_eq!((found.bursts.len(), found.rings.len()), (1, 0));
    let burst = &found.bursts[0];
    assert_eq!(burst.seller, seller(5));
    assert!(burst.count >= 30 && burst.expected < 15.0, "{burst:?}");
    let planted = |order: &&u64| **order >= 1_000_000;
    assert_eq!(burst.orders.iter().filter(planted).count(), 30);
    assert!(burst.orders.len() < 40, "an honest week's reviews at most: {}", burst.orders.len());
    assert_eq!(found.signs().get(&1_000_007), Some(&Sign::Burst));
}

#[test]
fn a_new_shop_that_only_friends_review_is_a_burst_too() {
    let (mut facts, mut sales) = honest(2);
    for number in 0..25_u64 {
        let at = START + 150 * DAY + number * 9_000;
        sales.push(Sale { seller: seller(9), at });
        facts.push(Fact {
            order: 2_000_000 + number,
            buyer: person(80_000 + number),
            seller: seller(9),
            rating: 5,
            at,
        });
    }
    let found = Suspicions::of(&facts, &sales);
    assert_eq!(found.bursts.iter().map(|burst| burst.seller).collect::<Vec<_>>(), [seller(9)]);
}

#[test]
fn a_ring_is_found_by_its_cycle_though_nobody_reviews_back() {
    let (mut facts, mut sales) = honest(3);
    let members: Vec<Address> = (0..5).map(|number| person(70_000 + number)).collect();
    for round in 0..4_u64 {
        for (n, buyer) in (0_u64..).zip(&members) {
            let seller = members[usize::try_from(n + 1).unwrap() % 5];
            let at = START + (40 + round * 60 + n * 3) * DAY;
            sales.push(Sale { seller, at });
            facts.push(Fact { order: 3_000_000 + round * 10 + n, buyer: *buyer, seller, rating: 5, at });
        }
    }
    // One of them buys an honest tea, which makes them no less a ring.
    facts.push(Fact { order: 3_999_999, buyer: members[0], seller: seller(0), rating: 4, at: START + 99 * DAY });
    let found = Suspicions::of(&facts, &sales);
    assert_eq!((found.bursts.len(), found.rings.len()), (0, 1));
    let ring = &found.rings[0];
    assert_eq!((ring.members.len(), ring.orders.len(), ring.outside), (5, 20, 1));
    assert!(!found.signs().contains_key(&3_999_999), "what they wrote of others counts");
}

#[test]
fn two_who_trade_with_each_other_among_others_are_no_ring() {
    let fact = |order, buyer, seller| Fact { order, buyer, seller, rating: 5, at: START };
    let (a, b) = (person(1), person(2));
    let both = [fact(1, a, b), fact(2, b, a), fact(3, a, b)];
    assert_eq!(rings(&both).len(), 1, "alone they are one");
    let many: Vec<Fact> = both.into_iter().chain((10..20).map(|n| fact(n, person(n), a))).collect();
    assert_eq!(rings(&many), []);
}

#[test]
fn the_tail_is_that_of_the_distribution() {
    // P(X ≥ 3) for mean 1: 1 − e⁻¹(1 + 1 + ½).
    assert!((tail(1.0, 3) - 0.080_301_397).abs() < 1e-9);
    assert!((tail(10.0, 20) - 0.003_454_342).abs() < 1e-8);
    assert!(tail(50.0, 40) >= 1.0 - 1e-9);
    assert!(tail(0.0, 1) <= 0.0);
    assert!(tail(2.0, 400) < 1e-300);
}
