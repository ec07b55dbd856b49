//! Search as people type, what goes with what, and wish lists.

use alloy_primitives::{Address, B256, U256};
use axum::http::{Method, StatusCode};
use platform_business::{Bilingual, Metadata};
use platform_index::Transaction;
use platform_protocol::contracts::Market;
use serde_json::{Value, json};

use crate::campaigns::{Person, key};
use crate::chain::transaction;
use crate::console::{House, START, get, house, post};
use crate::town::{MARKET, SELLER, STABLE, Sale, index, market, terms};

/// Offers 2 to 6 beside the paper lamp, which is the first.
const GOODS: [(&str, &str, &str, u64); 5] = [
    ("Celadon vase", "青瓷瓶", "ceramics", 9_500_000),
    ("Side-handled teapot", "侧把茶壶", "ceramics", 7_200_000),
    ("Jasmine pearls", "茉莉龙珠", "tea", 1_800_000),
    ("Everyday mug", "日用马克杯", "ceramics", 1_900_000),
    ("Chestnut honey, 500 g", "栗子蜜，500 克", "pantry", 1_350_000),
];

async fn shop() -> House {
    let house = house().await;
    for (number, (en, zh, category, price)) in (2_u64..).zip(GOODS) {
        let about = Metadata {
            title: Bilingual::new(en, zh),
            description: Bilingual::new("Made in small batches.", "小批量制作。"),
            category: category.into(),
            ..Metadata::default()
        };
        let metadata = house.platform.keep_metadata(&about).await.unwrap();
        let event = Market::OfferPublished {
            offerId: U256::from(number),
            seller: SELLER,
            version: 1,
            terms: terms(price),
            stock: 100,
            metadata,
        };
        house.chain.mine(START + 10 + number, 0, vec![transaction(SELLER, MARKET, vec![market(&event)])]);
    }
    index(&house.platform).await;
    house
}

async fn titles(house: &House, query: &str) -> Vec<String> {
    let page = house.get(&format!("/market/offers?{query}")).await;
    page["items"].as_array().unwrap().iter().map(|item| item["title"]["en"].as_str().unwrap().to_owned()).collect()
}

fn typed(text: &str) -> String {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("q={encoded}")
}

#[tokio::test]
async fn what_people_mistype_is_found_first() {
    let house = shop().await;
    for (text, first) in [
        ("celedon vase", "Celadon vase"),
        ("teapto", "Side-handled teapot"),
        ("jasmien", "Jasmine pearls"),
        ("chesnut honney", "Chestnut honey, 500 g"),
        ("paper lmap", "Paper lamp"),
        ("青瓷平", "Celadon vase"),
        ("茶壶", "Side-handled teapot"),
        ("栗子密", "Chestnut honey, 500 g"),
        ("纸灯", "Paper lamp"),
        ("mu", "Everyday mug"),
    ] {
        assert_eq!(titles(&house, &typed(text)).await.first().map(String::as_str), Some(first), "{text}");
    }
    assert_eq!(titles(&house, &typed("bicycle")).await, Vec::<String>::new());
    assert_eq!(titles(&house, &typed("自行车")).await, Vec::<String>::new());
    assert_eq!(titles(&house, &typed("lantern & loom")).await.len(), 6, "a stall's name finds what is on it");
    let found = house.get(&format!("/search?{}", typed("lantren"))).await;
    assert_eq!(found["items"][0]["kind"], "seller", "{found}");
}

#[tokio::test]
async fn filters_narrow_and_pages_go_on() {
    let house = shop().await;
    let all = titles(&house, &typed("small batches")).await;
    assert_eq!(all.len(), 5);
    let first = house.get(&format!("/market/offers?limit=2&{}", typed("small batches"))).await;
    let mut seen = titles(&house, &format!("limit=2&{}", typed("small batches"))).await;
    let mut next = first["next"].as_str().map(str::to_owned);
    while let Some(cursor) = next {
        let query = format!("limit=2&cursor={cursor}&{}", typed("small batches"));
        seen.extend(titles(&house, &query).await);
        next = house.get(&format!("/market/offers?{query}")).await["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, all, "each once, in one order");
    assert_eq!(titles(&house, &format!("category=ceramics&{}", typed("small"))).await.len(), 3);
    assert_eq!(titles(&house, "price_max=1900000&price_min=1350000&sort=price_asc").await.len(), 3);
    let cheap = titles(&house, &format!("sort=price_asc&{}", typed("small batches"))).await;
    assert_eq!(cheap.first().map(String::as_str), Some("Chestnut honey, 500 g"), "a sort that is asked for is kept");
    assert_eq!(titles(&house, "digital=true").await, Vec::<String>::new());
    house.refused("/market/offers?price_min=cheap", StatusCode::BAD_REQUEST).await;
}

fn of_offer(sale: Sale, offer: u64) -> Vec<Transaction> {
    let event = Market::OrderFunded {
        orderId: U256::from(sale.id),
        buyer: sale.buyer,
        seller: SELLER,
        offerId: U256::from(offer),
        version: 1,
        quantity: 1,
        token: STABLE,
        amount: U256::from(sale.amount),
        bond: U256::from(1),
        feeBps: 200,
        acceptBy: sale.at + 172_800,
        deliveryHash: B256::repeat_byte(7),
    };
    let released = Market::OrderReleased {
        orderId: U256::from(sale.id),
        by: sale.buyer,
        sellerAmount: U256::from(sale.amount),
        fee: U256::ZERO,
        bond: U256::from(1),
    };
    vec![transaction(sale.buyer, MARKET, vec![market(&event), market(&released)])]
}

#[tokio::test]
async fn what_goes_together_says_why() {
    let house = shop().await;
    let mut id = 10;
    let mut buy = |buyer: u8, offer: u64| {
        id += 1;
        let sale = Sale { id, buyer: Address::repeat_byte(buyer), amount: 100, at: START };
        house.chain.mine(START + 100 + id, 0, of_offer(sale, offer));
    };
    // Three who bought the teapot bought jasmine too; the mug is everybody's; one bought honey.
    for buyer in 1..=3 {
        for offer in [3, 4, 5] {
            buy(buyer, offer);
        }
    }
    buy(1, 6);
    for buyer in 4..=12 {
        buy(buyer, 5);
    }
    index(&house.platform).await;
    let related = house.get("/market/offers/3/related").await;
    let shown: Vec<_> = related
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["offer"]["id"].as_str().unwrap(), one["reason"].as_str().unwrap(), one["buyers"].as_u64().unwrap())
        })
        .collect();
    let expected = [("4", "bought_together", 3), ("5", "bought_together", 3), ("2", "category", 0)];
    assert_eq!(shown, expected, "the mug is everybody's, so it says less; one buyer of honey says nothing");
    let cold = house.get("/market/offers/2/related").await;
    assert_eq!(
        (&cold[0]["reason"], &cold[0]["offer"]["id"]),
        (&json!("category"), &json!("5")),
        "what sells best of its kind"
    );
    house.refused("/market/offers/99/related", StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_wish_list_is_kept_merged_and_nobody_elses() {
    let house = shop().await;
    let (one, other) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    let send = async |who: &Person, method: Method, path: &str, body: &Value| {
        let mut request = post(path, body);
        *request.method_mut() = method;
        let (status, answer, _) = house.ask(who.sign(request)).await;
        (status, answer)
    };
    assert_eq!(send(&one, Method::PUT, "/wishes/3", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(send(&one, Method::PUT, "/wishes/3", &json!({})).await.0, StatusCode::NO_CONTENT, "twice is once");
    assert_eq!(send(&one, Method::PUT, "/wishes/99", &json!({})).await.0, StatusCode::NOT_FOUND);
    let (_, merged) = send(&one, Method::POST, "/wishes", &json!({ "offer_ids": ["3", "4", "99", "x"] })).await;
    let ids: Vec<_> = merged.as_array().unwrap().iter().map(|wish| wish["offer_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2, "{merged}");
    assert!(ids.contains(&"3") && ids.contains(&"4"));
    let (_, theirs, _) = house.ask(other.sign(get("/wishes"))).await;
    assert_eq!(theirs, json!([]));
    send(&one, Method::DELETE, "/wishes/3", &json!({})).await;
    assert_eq!(house.ask(one.sign(get("/wishes"))).await.1.as_array().unwrap().len(), 1);
    send(&one, Method::DELETE, "/personal-data/wish_list", &json!({})).await;
    assert_eq!(house.ask(one.sign(get("/wishes"))).await.1, json!([]));
}
