//! Sealed addresses: whose key is believed, who may leave and get a box, and that it goes.

use alloy_primitives::{Address, B256, U256, hex};
use axum::http::{Method, StatusCode};
use platform_protocol::contracts::Market;
use serde_json::{Value, json};

use crate::campaigns::{Person, key};
use crate::chain::transaction;
use crate::console::{House, START, get, house, post};
use crate::town::{MARKET, SELLER, STABLE, index, market};

const HASH: B256 = B256::repeat_byte(0x42);

async fn send(house: &House, person: &Person, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let mut request = post(path, body);
    *request.method_mut() = method;
    let (status, answer, _) = house.ask(person.sign(request)).await;
    (status, answer)
}

async fn leave(house: &House, person: &Person, hash: B256, recipient: Address, sealed: &str) -> StatusCode {
    let body = json!({ "boxes": [{ "delivery_hash": hash, "recipient": recipient, "sealed": sealed }] });
    send(house, person, Method::POST, "/delivery-boxes", &body).await.0
}

/// An order that carries [`HASH`].
async fn ordered(house: &House, buyer: Address) {
    let event = Market::OrderFunded {
        orderId: U256::from(3),
        buyer,
        seller: SELLER,
        offerId: U256::from(1),
        version: 1,
        quantity: 1,
        token: STABLE,
        amount: U256::from(10),
        bond: U256::from(1),
        feeBps: 200,
        acceptBy: START + 172_800,
        deliveryHash: HASH,
    };
    house.chain.mine(START + 5, 0, vec![transaction(buyer, MARKET, vec![market(&event)])]);
    index(&house.platform).await;
}

#[tokio::test]
async fn a_key_is_published_by_its_owner_alone() {
    let house = house().await;
    let (owner, other) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    let public_key = "ab".repeat(32);
    let address = owner.signer.address();
    let statement = house.platform.delivery_key_statement(address, &public_key);
    let signed = |person: &Person| hex::encode_prefixed(person.signer.sign_message(&statement).as_bytes());
    let body = |signature: String, public_key: &str| json!({ "public_key": public_key, "signature": signature });
    let put = async |person: &Person, body: Value| send(&house, person, Method::PUT, "/delivery-key", &body).await;
    assert_eq!(put(&owner, body(signed(&other), &public_key)).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(put(&other, body(signed(&owner), &public_key)).await.0, StatusCode::BAD_REQUEST, "it names its owner");
    assert_eq!(put(&owner, body(signed(&owner), &"00".repeat(32))).await.0, StatusCode::BAD_REQUEST);
    let (status, kept) = put(&owner, body(signed(&owner), &public_key)).await;
    assert_eq!((status, &kept["public_key"]), (StatusCode::OK, &json!(public_key)));
    assert_eq!(house.get(&format!("/delivery-keys/{address}")).await["statement"], statement);
    assert_eq!(send(&house, &owner, Method::DELETE, "/delivery-key", &json!({})).await.0, StatusCode::NO_CONTENT);
    house.refused(&format!("/delivery-keys/{address}"), StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_box_is_left_by_a_side_read_by_its_recipient_and_gone_when_erased() {
    let house = house().await;
    let (buyer, stranger) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    let sealed = "5e".repeat(80);
    assert_eq!(leave(&house, &buyer, HASH, SELLER, "5e").await, StatusCode::BAD_REQUEST, "too small to be one");
    assert_eq!(leave(&house, &buyer, HASH, SELLER, &"5e".repeat(5_000)).await, StatusCode::BAD_REQUEST);
    assert_eq!(leave(&house, &buyer, HASH, SELLER, &sealed).await, StatusCode::NO_CONTENT, "before its order");
    assert_eq!(leave(&house, &stranger, HASH, SELLER, &"66".repeat(80)).await, StatusCode::FORBIDDEN);
    ordered(&house, buyer.signer.address()).await;
    assert_eq!(leave(&house, &stranger, HASH, SELLER, &"66".repeat(80)).await, StatusCode::FORBIDDEN);
    let outsider = stranger.signer.address();
    assert_eq!(leave(&house, &buyer, HASH, outsider, &sealed).await, StatusCode::FORBIDDEN, "no side and no arbiter");

    let (status, view, _) = house.ask(buyer.sign(get("/orders/3/delivery"))).await;
    assert_eq!((status, &view["sealed"]), (StatusCode::OK, &Value::Null), "the buyer gets no box of the seller's");
    assert_eq!(view["recipients"][0]["address"], SELLER.to_checksum(None));
    assert_eq!(house.ask(stranger.sign(get("/orders/3/delivery"))).await.0, StatusCode::FORBIDDEN);
    let (_, data, _) = house.ask(buyer.sign(get("/personal-data"))).await;
    assert!(data.to_string().contains(r#""order_id":"3""#), "{data}");

    let erase = async |person: &Person| send(&house, person, Method::DELETE, "/orders/3/delivery", &json!({})).await.0;
    assert_eq!(erase(&stranger).await, StatusCode::FORBIDDEN);
    assert_eq!(erase(&buyer).await, StatusCode::NO_CONTENT);
    let (_, view, _) = house.ask(buyer.sign(get("/orders/3/delivery"))).await;
    assert_eq!((&view["recipients"], &view["erased_by"]), (&json!([]), &json!("buyer")));
    assert_eq!(leave(&house, &buyer, HASH, SELLER, &sealed).await, StatusCode::BAD_REQUEST, "erased is for good");
}

#[tokio::test]
async fn one_person_erases_nothing_of_anothers() {
    let house = house().await;
    let (buyer, stranger) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    assert_eq!(leave(&house, &buyer, HASH, SELLER, &"5e".repeat(80)).await, StatusCode::NO_CONTENT);
    ordered(&house, buyer.signer.address()).await;
    let path = "/personal-data/delivery_addresses";
    assert_eq!(send(&house, &stranger, Method::DELETE, path, &json!({})).await.0, StatusCode::NO_CONTENT);
    let (_, view, _) = house.ask(buyer.sign(get("/orders/3/delivery"))).await;
    assert_eq!(view["recipients"].as_array().unwrap().len(), 1);
    let nothing = send(&house, &stranger, Method::DELETE, "/personal-data/thoughts", &json!({})).await;
    assert_eq!(nothing.0, StatusCode::NOT_FOUND);
}
