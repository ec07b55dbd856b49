//! The simulated market, in small: it holds, it is the same again, and faults put into it are found.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use testkit::{Options, Sabotage, Violation, simulate};

fn options(orders: u64, seed: u64) -> Options {
    Options { orders, seed, check_every: 100, sabotage: None }
}

/// What a run with this fault in it reports.
fn found(sabotage: Sabotage) -> Violation {
    let error = simulate(Options { check_every: 20, sabotage: Some(sabotage), ..options(120, 5) }).unwrap_err();
    error.downcast().expect("the fault is reported as a broken invariant")
}

#[test]
fn four_hundred_orders_leave_nothing_behind() {
    let summary = simulate(options(400, 1)).unwrap();
    assert!(summary.orders >= 400);
    assert_eq!(summary.ends.values().sum::<u64>(), summary.orders);
    assert!(!summary.ends.contains_key("open"));
    for name in ["rulings", "appeals", "coupons used for good", "coupons given back", "deliveries contested"] {
        assert!(summary.counts.contains_key(name), "nobody came to see {name}");
    }
    for refusal in ["CampaignExhausted", "VoucherUsed", "NoCredit", "WrongState", "EnforcedPause"] {
        assert!(summary.refusals.contains_key(refusal), "nobody was refused by {refusal}");
    }
    for flow in &summary.flows {
        let gone = flow.taken_out + flow.treasury + flow.to_arbiters;
        assert_eq!((flow.put_in + flow.from_arbiters, flow.left), (gone, 0));
    }
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let runs = [9, 9, 10].map(|seed| simulate(options(60, seed)).unwrap());
    let marks = runs.map(|run| (run.transactions, run.blocks, run.refusals, run.flows));
    assert_eq!(marks[0], marks[1]);
    assert_ne!(marks[0], marks[2]);
}

#[test]
fn a_credit_out_of_nothing_is_found() {
    let violation = found(Sabotage::Credit);
    assert_eq!(violation.invariant, "1");
    assert!(violation.what.contains("has a credit of"), "{violation}");
}

#[test]
fn a_debt_out_of_nothing_is_found() {
    let violation = found(Sabotage::Liabilities);
    assert_eq!(violation.invariant, "1");
    assert!(violation.what.contains("says it owes"), "{violation}");
}

#[test]
fn an_order_that_pays_out_more_than_it_holds_is_found() {
    let violation = found(Sabotage::Event);
    assert_eq!((violation.invariant, violation.seed), ("2", 5));
    assert!(violation.order.is_some() && violation.step > 0);
}

#[test]
fn an_order_that_ends_twice_is_found() {
    assert_eq!(found(Sabotage::SecondEnd).invariant, "3");
}

#[test]
fn a_person_who_redeems_twice_is_found() {
    assert_eq!(found(Sabotage::Voucher).invariant, "7");
}

#[test]
fn a_fee_that_is_a_unit_too_high_is_found() {
    let violation = found(Sabotage::Rule);
    assert_eq!(violation.invariant, "rules");
    assert!(violation.what.contains("should have done"), "{violation}");
}

#[test]
fn an_order_with_another_fee_than_it_was_signed_for_is_found() {
    assert_eq!(found(Sabotage::Signed).invariant, "4");
}

#[test]
fn an_open_order_without_a_deadline_is_found() {
    assert_eq!(found(Sabotage::Deadline).invariant, "5");
}

#[test]
fn an_order_while_the_market_is_paused_is_found() {
    assert_eq!(found(Sabotage::Pause).invariant, "6");
}

#[test]
fn a_fee_on_a_refund_is_found() {
    assert_eq!(found(Sabotage::Fee).invariant, "9");
}
