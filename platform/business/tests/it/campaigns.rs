//! Coupons: which apply, that no race promises a budget twice, and what a campaign is said to have brought.

use std::collections::HashSet;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use alloy_sol_types::{SolStruct, eip712_domain};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use platform_index::Transaction;
use platform_protocol::Signer;
use platform_protocol::contracts::ICouponVault::{CampaignTerms, Voucher};
use platform_protocol::contracts::{CouponVault, Market};
use serde_json::{Value, json};

use crate::chain::transaction;
use crate::console::{House, START, get, house, post, sign_in};
use crate::town::{MARKET, OPERATOR, SELLER, STABLE, Sale, former_issuer, index, issuer, market, moved};

/// After every block of the tests, and before every campaign's end.
const ENDS: u64 = 4_000_000_000;
const PARTNER: Address = Address::repeat_byte(0xab);

/// 10 % up to 5 gUSD, for orders from 2 gUSD on.
fn tenth() -> CampaignTerms {
    CampaignTerms {
        token: STABLE,
        issuer: issuer().address(),
        percentBps: 1_000,
        amount: 0,
        subsidyMax: 5_000_000,
        spendMin: 2_000_000,
        startsAt: START,
        endsAt: ENDS,
        seller: Address::ZERO,
        category: B256::ZERO,
        stackable: false,
    }
}

fn open(id: u64, terms: CampaignTerms, parts: &[(Address, u64)]) -> Vec<Transaction> {
    let opened = CouponVault::CampaignOpened { campaignId: U256::from(id), creator: OPERATOR, terms };
    let mut all = vec![transaction(OPERATOR, MARKET, vec![market(&opened)])];
    let mut contributed = 0;
    for (number, (funder, amount)) in (0_u64..).zip(parts) {
        contributed += amount;
        let funded = CouponVault::CampaignFunded {
            campaignId: U256::from(id),
            funder: *funder,
            contribution: U256::from(number),
            amount: U256::from(*amount),
            contributed: U256::from(contributed),
        };
        all.push(transaction(*funder, MARKET, vec![market(&funded), moved(*funder, MARKET, *amount)]));
    }
    all
}

/// An order that a campaign paid a part of.
fn with_coupon(sale: Sale, campaign: u64, nullifier: B256, amount: u64) -> Transaction {
    let mut order = sale.fund();
    let applied = CouponVault::CouponApplied {
        orderId: U256::from(sale.id),
        campaignId: U256::from(campaign),
        buyer: sale.buyer,
        nullifier,
        amount: U256::from(amount),
    };
    let (address, data) = market(&applied);
    order.logs.push(platform_index::Log { address, topics: data.topics().to_vec(), data: data.data, index: 0 });
    order
}

fn settled(order: u64, campaign: u64, vested: u64, returned: u64) -> (Address, alloy_primitives::LogData) {
    market(&CouponVault::CouponSettled {
        orderId: U256::from(order),
        campaignId: U256::from(campaign),
        vested: U256::from(vested),
        returned: U256::from(returned),
    })
}

pub(crate) struct Person {
    pub(crate) signer: Signer,
    cookie: String,
    csrf: String,
}

impl Person {
    pub(crate) async fn enter(house: &House, key: B256) -> Self {
        let signer = Signer::from_bytes(&key).unwrap();
        let (status, session, cookie) = sign_in(house, &signer, "guild.test").await;
        assert_eq!(status, StatusCode::OK, "{session}");
        Self { signer, cookie: cookie.unwrap(), csrf: session["csrf"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn operator(house: &House) -> Self {
        let key = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
        Self::enter(house, key.into()).await
    }

    pub(crate) fn sign(&self, mut request: Request<Body>) -> Request<Body> {
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        request.headers_mut().insert("x-csrf-token", self.csrf.parse().unwrap());
        request
    }

    async fn put(&self, house: &House, path: &str, body: &Value) -> (StatusCode, Value) {
        let mut request = post(path, body);
        *request.method_mut() = axum::http::Method::PUT;
        let (status, answer, _) = house.ask(self.sign(request)).await;
        (status, answer)
    }

    async fn vouchers(&self, house: &House, offer_lines: &Value, code: &str) -> Value {
        let body = json!({ "lines": offer_lines, "code": code });
        let (status, answer, _) = house.ask(self.sign(post("/coupon-vouchers", &body))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

fn details(name: &str, code: &str, more: &Value) -> Value {
    let mut body = json!({ "name": { "en": name, "zh": "秋集" }, "code": code, "per_person": 1 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn lines(quantity: u32) -> Value {
    json!([{ "offer_id": "1", "quantity": quantity }])
}

/// A key and account of its own for every number.
pub(crate) fn key(number: u64) -> B256 {
    B256::left_padding_from(&(number + 0x1000).to_be_bytes())
}

async fn quote(house: &House, buyer: Address, quantity: u32, code: &str) -> Value {
    let body = json!({ "buyer": buyer, "lines": lines(quantity), "code": code });
    let (status, answer, _) = house.ask(post("/coupon-quotes", &body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

/// A house with one campaign in which 60 and 40 gUSD are, under the code FAIR-24.
async fn fair(more: Value) -> (House, Person) {
    let house = house().await;
    house.chain.mine(START + 3, 0, open(1, tenth(), &[(OPERATOR, 60_000_000), (PARTNER, 40_000_000)]));
    index(&house.platform).await;
    let operator = Person::operator(&house).await;
    let code = if more.get("holdout_bps").is_some() { "" } else { "FAIR-24" };
    let (status, answer) = operator.put(&house, "/campaigns/1", &details("Autumn fair", code, &more)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    (house, operator)
}

#[tokio::test]
async fn a_campaign_is_on_chain_first_and_then_given_a_name() {
    let house = house().await;
    let operator = Person::operator(&house).await;
    let body = details("Autumn fair", "FAIR-24", &json!({}));
    assert_eq!(operator.put(&house, "/campaigns/1", &body).await.0, StatusCode::NOT_FOUND, "nothing is locked yet");

    house.chain.mine(START + 3, 0, open(1, tenth(), &[(OPERATOR, 60_000_000), (PARTNER, 40_000_000)]));
    let foreign = CampaignTerms { issuer: PARTNER, ..tenth() };
    house.chain.mine(START + 4, 0, open(2, foreign, &[(PARTNER, 1)]));
    index(&house.platform).await;
    assert_eq!(house.get("/campaigns/1").await["standing"], "unfinished");
    let stranger = Person::enter(&house, key(1)).await;
    assert_eq!(stranger.put(&house, "/campaigns/1", &body).await.0, StatusCode::FORBIDDEN);
    let (status, answer) = operator.put(&house, "/campaigns/2", &body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["detail"].as_str().unwrap().contains("issuer"), "{answer}");

    let (status, campaign) = operator.put(&house, "/campaigns/1", &body).await;
    assert_eq!(
        (status, &campaign["standing"], &campaign["code"]),
        (StatusCode::OK, &json!("running"), &json!("FAIR-24"))
    );
    let public = house.get("/campaigns/1").await;
    assert_eq!((&public["code"], &public["holdout_bps"]), (&Value::Null, &Value::Null), "the code is for staff");
    assert_eq!(public["budget"]["contributed"]["amount"], "100000000");
    let shares: Vec<_> = public["funders"].as_array().unwrap().iter().map(|f| f["share_bps"].as_u64()).collect();
    assert_eq!(shares, [Some(6_000), Some(4_000)]);
    let current = house.get("/campaigns?standing=current").await;
    assert_eq!(current["items"].as_array().unwrap().len(), 1, "the other one is nobody's here");

    let (status, answer) = operator.put(&house, "/campaigns/1/state", &json!({ "state": "paused" })).await;
    assert_eq!((status, &answer["standing"]), (StatusCode::OK, &json!("paused")));
    assert_eq!(quote(&house, PARTNER, 10, "FAIR-24").await["code"]["verdict"], "paused");
    operator.put(&house, "/campaigns/1/state", &json!({ "state": "closed" })).await;
    let (status, _) = operator.put(&house, "/campaigns/1/state", &json!({ "state": "running" })).await;
    assert_eq!(status, StatusCode::CONFLICT, "closed is for good");
}

#[tokio::test]
async fn a_quote_says_what_is_saved_who_pays_or_why_not() {
    let (house, _operator) = fair(json!({})).await;
    let buyer = Address::repeat_byte(0x77);
    let good = quote(&house, buyer, 10, " fair-24 ").await;
    assert_eq!(good["saved"][0]["amount"], "1000000");
    assert_eq!(good["code"], json!({ "code": "FAIR-24", "verdict": "applied", "spend_min": null }));
    let coupon = &good["lines"][0]["coupons"][0];
    assert_eq!((&coupon["name"]["zh"], &coupon["funders"][1]["share_bps"]), (&json!("秋集"), &json!(4_000)));
    assert_eq!(quote(&house, buyer, 999, "FAIR-24").await["saved"][0]["amount"], "5000000", "5 gUSD is the most");

    let why = |answer: Value| answer["code"]["verdict"].as_str().unwrap().to_owned();
    let small = quote(&house, buyer, 1, "FAIR-24").await;
    assert_eq!((why(small.clone()).as_str(), &small["code"]["spend_min"]), ("spend_too_low", &json!("2000000")));
    assert_eq!(why(quote(&house, buyer, 10, "FAIR-25").await), "unknown");
    assert_eq!(quote(&house, buyer, 10, "").await["saved"], json!([]), "a code has to be entered");
    let (status, problem, _) = house
        .ask(post("/coupon-quotes", &json!({ "buyer": buyer, "lines": [{ "offer_id": "9", "quantity": 1 }] })))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{problem}");
}

/// Who signed a voucher of the first campaign for the first offer.
fn signed_by(read: &Value, person: &Person) -> Address {
    let voucher = Voucher {
        campaignId: U256::from(1),
        nullifier: read["nullifier"].as_str().unwrap().parse().unwrap(),
        buyer: person.signer.address(),
        offerId: U256::from(1),
        category: B256::ZERO,
        expiresAt: read["expires_at"].as_u64().unwrap(),
    };
    let domain = eip712_domain! {
        name: "Guildhall Market", version: "1", chain_id: 31_337, verifying_contract: MARKET,
    };
    let signature: Bytes = read["signature"].as_str().unwrap().parse().unwrap();
    let signature = alloy_primitives::Signature::from_raw(&signature).unwrap();
    signature.recover_address_from_prehash(&voucher.eip712_signing_hash(&domain)).unwrap()
}

/// A campaign names its issuer on the chain for good: it goes on after the house exchanged its key.
#[tokio::test]
async fn a_campaign_from_before_the_house_exchanged_its_key_goes_on() {
    let house = house().await;
    let terms = CampaignTerms { issuer: former_issuer().address(), ..tenth() };
    house.chain.mine(START + 3, 0, open(1, terms, &[(OPERATOR, 60_000_000), (PARTNER, 40_000_000)]));
    index(&house.platform).await;
    let operator = Person::operator(&house).await;
    let (status, campaign) = operator.put(&house, "/campaigns/1", &details("Autumn fair", "FAIR-24", &json!({}))).await;
    assert_eq!((status, &campaign["issued_here"]), (StatusCode::OK, &json!(true)), "{campaign}");
    let person = Person::enter(&house, key(2)).await;
    let given = person.vouchers(&house, &lines(10), "fair-24").await;
    assert_eq!(signed_by(&given["lines"][0]["vouchers"][0], &person), former_issuer().address(), "{given}");
    let named = house.get("/coupon-issuer").await;
    assert_eq!(named["address"], issuer().address().to_checksum(None), "new campaigns name the present one");
}

#[tokio::test]
async fn a_voucher_is_signed_for_one_person_and_offer() {
    let (house, _operator) = fair(json!({})).await;
    let person = Person::enter(&house, key(2)).await;
    let given = person.vouchers(&house, &lines(10), "fair-24").await;
    let line = &given["lines"][0];
    assert_eq!((&line["saved"]["amount"], line["vouchers"].as_array().unwrap().len()), (&json!("1000000"), 1));
    let read = &line["vouchers"][0];
    assert_eq!(signed_by(read, &person), issuer().address());
    assert_eq!(house.get("/campaigns/1").await["budget"]["reserved"]["amount"], "1000000");
    let again = person.vouchers(&house, &lines(20), "fair-24").await;
    assert_eq!(again["lines"][0]["vouchers"][0]["nullifier"], read["nullifier"], "the same use, in a larger basket");
    assert_eq!(house.get("/campaigns/1").await["budget"]["reserved"]["amount"], "2000000", "and it counts once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_race_promises_a_budget_twice() {
    let house = house().await;
    // Enough for seven coupons of 1 gUSD, and a bit.
    house.chain.mine(START + 3, 0, open(1, tenth(), &[(OPERATOR, 7_900_000)]));
    index(&house.platform).await;
    let operator = Person::operator(&house).await;
    operator.put(&house, "/campaigns/1", &details("Autumn fair", "", &json!({}))).await;
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(Arc::new(Person::enter(&house, key(number)).await));
    }
    let house = Arc::new(house);
    let mut tasks = tokio::task::JoinSet::new();
    for person in &people {
        // Each of them presses the button three times at once.
        for _ in 0..3 {
            let (house, person) = (Arc::clone(&house), Arc::clone(person));
            tasks.spawn(async move {
                let given = person.vouchers(&house, &lines(10), "").await;
                let vouchers = given["lines"][0]["vouchers"].as_array().unwrap().clone();
                vouchers.into_iter().map(|v| v["nullifier"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            });
        }
    }
    let mut given = Vec::new();
    while let Some(one) = tasks.join_next().await {
        given.extend(one.unwrap());
    }
    let people: HashSet<_> = given.iter().collect();
    assert_eq!(people.len(), 7, "7.9 gUSD are seven promises of 1 gUSD, whoever asks first");
    assert_eq!(house.get("/campaigns/1").await["budget"]["reserved"]["amount"], "7000000");
}

#[tokio::test]
async fn a_use_counts_once_and_comes_back_with_the_refund() {
    let (house, _operator) = fair(json!({})).await;
    let person = Person::enter(&house, key(3)).await;
    let given = person.vouchers(&house, &lines(10), "fair-24").await;
    let nullifier: B256 = given["lines"][0]["vouchers"][0]["nullifier"].as_str().unwrap().parse().unwrap();
    let sale = Sale { id: 3, buyer: person.signer.address(), amount: 10_000_000, at: START };
    house.chain.mine(START + 10, 0, vec![with_coupon(sale, 1, nullifier, 1_000_000)]);
    index(&house.platform).await;
    let budget = house.get("/campaigns/1").await["budget"].clone();
    let amounts = ["available", "reserved", "locked", "spent"].map(|part| budget[part]["amount"].clone());
    assert_eq!(amounts, [json!("99000000"), json!("0"), json!("1000000"), json!("0")]);
    assert_eq!(quote(&house, sale.buyer, 10, "FAIR-24").await["code"]["verdict"], "used");
    assert_eq!(person.vouchers(&house, &lines(10), "fair-24").await["lines"][0]["vouchers"], json!([]));
    assert_eq!(house.get("/campaigns/1/redemptions").await["items"][0]["outcome"], "open");
    let coupons = house.get("/orders/3/coupons").await;
    assert_eq!((&coupons[0]["amount"]["amount"], &coupons[0]["outcome"]), (&json!("1000000"), &json!("open")));
    assert_eq!(house.get("/orders/2/coupons").await, json!([]));

    let mut refund = sale.cancel();
    let (address, data) = settled(3, 1, 0, 1_000_000);
    refund.logs.push(platform_index::Log { address, topics: data.topics().to_vec(), data: data.data, index: 0 });
    house.chain.mine(START + 11, 0, vec![refund]);
    index(&house.platform).await;
    assert_eq!(house.get("/campaigns/1").await["budget"]["available"]["amount"], "100000000");
    assert_eq!(house.get("/market/solvency").await["tokens"][0]["budgets"], "100000000", "the books know it too");
    let row = house.get("/campaigns/1/redemptions").await["items"][0].clone();
    assert_eq!((&row["outcome"], &row["order_id"]), (&json!("returned"), &json!("3")));
    assert_eq!(quote(&house, sale.buyer, 10, "FAIR-24").await["code"]["verdict"], "applied", "nothing was used");
}

#[tokio::test]
async fn a_first_order_is_the_first() {
    let (house, _operator) = fair(json!({ "first_order": true })).await;
    let person = Person::enter(&house, key(4)).await;
    assert_eq!(quote(&house, person.signer.address(), 10, "FAIR-24").await["code"]["verdict"], "applied");
    let sale = Sale { id: 3, buyer: person.signer.address(), amount: 10_000_000, at: START };
    house.chain.mine(START + 10, 0, vec![sale.fund()]);
    index(&house.platform).await;
    assert_eq!(quote(&house, sale.buyer, 10, "FAIR-24").await["code"]["verdict"], "not_first");
    assert_eq!(person.vouchers(&house, &lines(10), "FAIR-24").await["lines"][0]["vouchers"], json!([]));
}

#[tokio::test]
async fn the_held_are_compared_with_and_every_figure_has_its_rows() {
    let (house, operator) = fair(json!({ "holdout_bps": 5_000 })).await;
    let (mut offered, mut held) = (Vec::new(), Vec::new());
    for number in 0..24 {
        let buyer = Signer::from_bytes(&key(number)).unwrap().address();
        let kept = quote(&house, buyer, 10, "").await["saved"] == json!([]);
        assert_eq!(quote(&house, buyer, 10, "").await["saved"] == json!([]), kept, "the same answer every time");
        if kept { held.push(buyer) } else { offered.push(buyer) }
    }
    assert!(offered.len() >= 4 && held.len() >= 4, "{} and {}", offered.len(), held.len());
    let body = details("Autumn fair", "", &json!({ "holdout_bps": 100 }));
    assert_eq!(operator.put(&house, "/campaigns/1", &body).await.0, StatusCode::CONFLICT, "people are counted");

    // Far ahead of the wall clock, so that the orders come after the checkouts.
    let later = 3_900_000_000;
    let sale = |id, buyer| Sale { id, buyer, amount: 10_000_000, at: later };
    let spent = with_coupon(sale(3, offered[0]), 1, B256::repeat_byte(1), 1_000_000);
    let orders = vec![spent, sale(4, offered[1]).fund(), sale(5, held[0]).fund(), sale(6, offered[2]).fund()];
    house.chain.mine(later, 0, orders);
    house.chain.mine(later + 1, 0, vec![sale(6, offered[2]).cancel()]);
    index(&house.platform).await;

    let (status, figures, _) = house.ask(operator.sign(get("/campaigns/1/figures"))).await;
    assert_eq!(status, StatusCode::OK, "{figures}");
    let (treated, kept) = (offered.len() as i64, held.len() as i64);
    assert_eq!(figures["offered"]["people"], treated);
    assert_eq!((&figures["offered"]["buyers"], &figures["held"]["buyers"]), (&json!(3), &json!(1)));
    assert_eq!(figures["offered"]["nmv"]["amount"], "20000000", "what was refunded does not count");
    assert_eq!(figures["cost"]["amount"], "1000000");
    let anyway = (10_000_000 * treated + kept - 1) / kept;
    let incremental = 20_000_000 - anyway;
    assert_eq!(figures["incremental"]["amount"], incremental.to_string());
    let expected = ((incremental - 1_000_000) * 10_000).div_euclid(1_000_000);
    let shown = figures["roi"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert_eq!(shown, expected, "{figures}");
    for (arm, rows) in [("offered", 3), ("held", 1)] {
        let (_, page, _) = house.ask(operator.sign(get(&format!("/campaigns/1/orders?arm={arm}")))).await;
        assert_eq!(page["items"].as_array().unwrap().len(), rows, "{arm}: {page}");
    }
}

#[tokio::test]
async fn what_is_left_goes_back_in_shares() {
    let (house, _operator) = fair(json!({})).await;
    let left = CouponVault::LeftoverCredited {
        campaignId: U256::from(1),
        funder: PARTNER,
        contribution: U256::from(1),
        amount: U256::from(40_000_000),
    };
    let credited = Market::Credited { account: PARTNER, token: STABLE, amount: U256::from(40_000_000) };
    house.chain.mine(ENDS + 1, 0, vec![transaction(SELLER, MARKET, vec![market(&left), market(&credited)])]);
    index(&house.platform).await;
    let campaign = house.get("/campaigns/1").await;
    assert_eq!(
        (&campaign["standing"], &campaign["budget"]["withdrawn"]["amount"]),
        (&json!("ended"), &json!("40000000"))
    );
    assert_eq!(campaign["budget"]["available"]["amount"], "60000000");
    assert_eq!(campaign["funders"][1]["given_back"]["amount"], "40000000");
    assert_eq!(house.get("/campaigns?standing=current").await["items"], json!([]));
}
