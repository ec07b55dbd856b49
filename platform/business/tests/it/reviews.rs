//! Reviews on the chain in memory: when they appear, what they weigh, and which are left out.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolEvent;
use axum::http::StatusCode;
use platform_index::Transaction;
use platform_protocol::contracts::Reviews;
use serde_json::json;

use crate::chain::transaction;
use crate::console::{House, house};
use crate::town::{DAY, REVIEWS, SELLER, Sale, buyer, index};

const START: u64 = 1_760_200_000;

pub(crate) fn written(order: u64, by: Address, rating: u8) -> Vec<Transaction> {
    let event = Reviews::ReviewWritten {
        orderId: U256::from(order),
        offerId: U256::from(1),
        seller: SELLER,
        buyer: by,
        rating,
        contentHash: keccak256("Well made."),
    };
    vec![transaction(by, REVIEWS, vec![(REVIEWS, event.encode_log_data())])]
}

pub(crate) fn replied(order: u64) -> Vec<Transaction> {
    let event = Reviews::ReviewReplied { orderId: U256::from(order), seller: SELLER, replyHash: B256::repeat_byte(6) };
    vec![transaction(SELLER, REVIEWS, vec![(REVIEWS, event.encode_log_data())])]
}

/// An order from its payment to its end.
fn bought(id: u64, person: u64, amount: u64, at: u64) -> Vec<Transaction> {
    let sale = Sale { id, buyer: buyer(person), amount, at };
    vec![sale.fund(), sale.accept(), sale.ship(), sale.deliver(), sale.release()]
}

async fn trade(house: &House, orders: impl IntoIterator<Item = (u64, u64, u64, u64, Option<u8>)>) {
    for (id, person, amount, at, rating) in orders {
        house.chain.mine(at, 0, bought(id, person, amount, at));
        if let Some(rating) = rating {
            house.chain.mine(at, 0, written(id, buyer(person), rating));
        }
    }
    index(&house.platform).await;
}

#[tokio::test]
async fn a_review_appears_a_day_after_and_weighs_its_fee() {
    let house = house().await;
    house.platform.keep_review_text("Well made.").await.unwrap();
    trade(&house, [(10, 5, 90_000_000, START, Some(5)), (11, 6, 30_000_000, START + 60, Some(1))]).await;
    let score = house.get("/review-scores?offer=1").await;
    assert_eq!((&score["score"], &score["pending"], &score["counted"]), (&json!(null), &json!(2), &json!(0)));
    assert_eq!(house.get("/reviews?offer=1").await["items"], json!([]));
    let own = house.get("/reviews?order=10").await;
    assert_eq!((&own["items"][0]["left_out"], &own["items"][0]["rating"]), (&json!("pending"), &json!(5)));

    house.chain.mine(START + DAY + 70, 0, replied(10));
    index(&house.platform).await;
    let score = house.get(&format!("/review-scores?seller={SELLER}")).await;
    assert_eq!((&score["score"], &score["ratings"]), (&json!("4.00"), &json!([1, 0, 0, 0, 1])));
    let first = house.get("/reviews?offer=1&limit=1").await;
    assert_eq!(first["items"][0]["order_id"], "11");
    let next = first["next"].as_str().unwrap();
    let second = house.get(&format!("/reviews?offer=1&limit=1&cursor={next}")).await;
    let review = &second["items"][0];
    assert_eq!((&review["text"], &review["weight"]["amount"]), (&json!("Well made."), &json!("1800000")));
    assert_eq!((&review["reply"]["text"], &review["left_out"]), (&json!(null), &json!(null)));
    assert!(house.refused("/review-scores", StatusCode::BAD_REQUEST).await.contains("either"));
    assert!(house.refused("/suspected-reviews", StatusCode::UNAUTHORIZED).await.contains("Sign in"));
}

#[tokio::test]
async fn a_burst_is_marked_and_left_out_of_the_score() {
    let house = house().await;
    // A quiet quarter: an order a day, every fifth of them reviewed with a three.
    let quiet = (0..90).map(|day| (100 + day, 20 + day, 10_000_000, START + day * DAY, (day % 5 == 0).then_some(3)));
    trade(&house, quiet).await;
    let before = house.get("/review-scores?offer=1").await;
    assert_eq!((&before["score"], &before["bursts"]), (&json!("3.00"), &json!(0)));
    let begin = START + 90 * DAY;
    let friends = (0..25).map(|n| (500 + n, 900 + n, 10_000_000, begin + n * 3_000, Some(5)));
    trade(&house, friends).await;
    house.chain.mine(begin + 3 * DAY, 0, vec![]);
    index(&house.platform).await;
    let after = house.get("/review-scores?offer=1").await;
    assert_eq!(after["score"], "3.00", "{after}");
    assert!(after["bursts"].as_u64().unwrap() >= 25);
    assert_eq!(house.get("/reviews?order=507").await["items"][0]["left_out"], "burst");
}
