use super::*;
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::Signature;
use ledger_execution::TransactionSource;

const RICH: U256 = U256::MAX;

/// Differs from sender to sender, as a real signature would make it.
fn transaction(who: u8, nonce: u64, tip: u128) -> TxEnvelope {
    let unsigned = TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: tip,
        max_priority_fee_per_gas: tip,
        to: sender(who).into(),
        ..TxEip1559::default()
    };
    unsigned.into_signed(Signature::test_signature()).into()
}

fn sender(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

fn account(who: u8, nonce: u64, balance: U256) -> Account {
    Account { sender: sender(who), nonce, balance }
}

fn add(inner: &mut Inner, who: u8, nonce: u64, tip: u128) -> Result<(), PoolError> {
    inner.add(transaction(who, nonce, tip), account(who, 0, RICH), PoolLimits { total: 4, per_sender: 3 })
}

fn order(inner: &Inner) -> Vec<(u8, u64)> {
    let mut best = Best::new(&inner.queues, 0, Arc::default());
    std::iter::from_fn(|| best.next()).map(|next| (next.sender[0], next.transaction.nonce())).collect()
}

#[test]
fn best_goes_by_tip_then_arrival_and_keeps_nonces_in_order() {
    let mut inner = Inner::default();
    add(&mut inner, 1, 0, 1).unwrap();
    add(&mut inner, 1, 1, 9).unwrap();
    add(&mut inner, 2, 0, 5).unwrap();
    add(&mut inner, 3, 0, 1).unwrap();
    assert_eq!(order(&inner), [(2, 0), (1, 0), (1, 1), (3, 0)]);
}

#[test]
fn a_gap_keeps_later_nonces_queued() {
    let mut inner = Inner::default();
    add(&mut inner, 1, 0, 1).unwrap();
    add(&mut inner, 1, 2, 1).unwrap();
    assert_eq!(order(&inner), [(1, 0)]);
    add(&mut inner, 1, 1, 1).unwrap();
    assert_eq!(order(&inner), [(1, 0), (1, 1), (1, 2)]);
}

#[test]
fn a_replacement_must_outbid_by_a_tenth() {
    let mut inner = Inner::default();
    add(&mut inner, 1, 0, 100).unwrap();
    assert!(matches!(add(&mut inner, 1, 0, 100), Err(PoolError::AlreadyKnown)));
    assert!(matches!(add(&mut inner, 1, 0, 109), Err(PoolError::ReplacementUnderpriced)));
    add(&mut inner, 1, 0, 110).unwrap();
    assert_eq!(inner.by_hash.len(), 1);
}

#[test]
fn a_full_pool_evicts_the_lowest_tip_or_refuses() {
    let mut inner = Inner::default();
    for who in 1..=4 {
        add(&mut inner, who, 0, u128::from(who) + 10).unwrap();
    }
    assert!(matches!(add(&mut inner, 5, 0, 11), Err(PoolError::Full)));
    add(&mut inner, 5, 0, 20).unwrap();
    assert_eq!(order(&inner), [(5, 0), (4, 0), (3, 0), (2, 0)]);
    assert_eq!(inner.by_tip.len(), inner.by_hash.len());
}

#[test]
fn limits_and_funds_are_enforced_a_sender() {
    let mut inner = Inner::default();
    for nonce in 0..3 {
        add(&mut inner, 1, nonce, 1).unwrap();
    }
    assert!(matches!(add(&mut inner, 1, 3, 1), Err(PoolError::AccountLimit { limit: 3 })));
    let poor = inner.add(transaction(2, 0, 1), account(2, 0, U256::from(20_999)), PoolLimits::default());
    assert!(matches!(poor, Err(PoolError::InsufficientFunds { .. })));
    let late = inner.add(transaction(3, 4, 1), account(3, 5, RICH), PoolLimits::default());
    assert!(matches!(late, Err(PoolError::NonceTooLow { next: 5, given: 4 })));
}

#[test]
fn blocks_advance_senders() {
    let mut inner = Inner::default();
    for nonce in 0..3 {
        add(&mut inner, 1, nonce, 1).unwrap();
    }
    inner.advance(sender(1), 2);
    assert_eq!(order(&inner), [(1, 2)]);
    assert_eq!(inner.queues[&sender(1)].next_nonce(), 3);
    inner.advance(sender(1), 3);
    assert!(inner.queues.is_empty() && inner.by_hash.is_empty() && inner.by_tip.is_empty());
}

fn hold() -> Hold {
    Hold { until: 7, notice: "ask the house".into() }
}

/// A pool in which transactions wait, without a state to admit them by.
fn pool(transactions: &[(u8, u64)]) -> Pool {
    let pool = Pool::new(PoolLimits::default());
    for (who, nonce) in transactions {
        add(&mut pool.inner.lock(), *who, *nonce, 1).unwrap();
    }
    pool
}

fn next(best: &mut Best) -> Option<u8> {
    best.next().map(|next| next.sender[0])
}

#[test]
fn a_hold_drops_what_waits_and_leaves_the_others() {
    let pool = pool(&[(1, 0), (1, 1), (2, 0)]);
    assert_eq!(pool.hold(sender(1), hold()), Ok(2));
    assert_eq!((pool.status(), pool.next_nonce(&sender(1))), ((1, 0), None));
    assert_eq!(pool.inner.lock().by_tip.len(), 1, "nothing of it is left to be evicted");
    let mut best = pool.best(0);
    assert_eq!((next(&mut best), next(&mut best)), (Some(2), None));
    assert_eq!((pool.hold_of(&sender(1)), pool.hold_of(&sender(2))), (Some(hold()), None));
    assert_eq!(pool.hold(sender(1), Hold { until: 9, ..hold() }), Ok(0));
    assert_eq!((pool.hold_of(&sender(1)).map(|hold| hold.until), pool.held_accounts()), (Some(9), 1));
}

#[test]
fn a_builder_that_began_before_a_hold_gets_nothing_of_it_after() {
    let pool = pool(&[(1, 0), (1, 1), (2, 0)]);
    let mut best = pool.best(0);
    assert_eq!(next(&mut best), Some(1));
    pool.hold(sender(1), hold()).unwrap();
    assert_eq!((next(&mut best), next(&mut best)), (Some(2), None));
}

#[test]
fn a_hold_outlives_a_cleared_pool_and_ends_when_it_is_lifted() {
    let pool = pool(&[(1, 0)]);
    pool.hold(sender(1), hold()).unwrap();
    pool.clear();
    assert!(pool.hold_of(&sender(1)).is_some());
    assert!(pool.lift_hold(&sender(1)) && !pool.lift_hold(&sender(1)));
    assert_eq!((pool.hold_of(&sender(1)), pool.held_accounts()), (None, 0));
    add(&mut pool.inner.lock(), 1, 0, 1).unwrap();
    assert_eq!(next(&mut pool.best(0)), Some(1));
}

#[test]
fn holds_are_bounded() {
    let pool = pool(&[]);
    let account = |number: usize| Address::from_word(B256::from(U256::from(number)));
    for number in 0..HOLDS_MAX {
        pool.hold(account(number), hold()).unwrap();
    }
    assert_eq!(pool.hold(account(HOLDS_MAX), hold()), Err(TooManyHolds));
    assert_eq!(pool.hold(account(0), hold()), Ok(0), "one that is there is no more");
    assert!(pool.hold_of(&account(HOLDS_MAX)).is_none());
    pool.lift_hold(&account(0));
    pool.hold(account(HOLDS_MAX), hold()).unwrap();
}
