//! The endpoints, asked as the console asks them.

use std::sync::Arc;

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::{SolCall, SolValue};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use platform_business::{Bilingual, Metadata, Platform};
use platform_index::IndexerConfig;
use platform_protocol::Signer;
use platform_protocol::contracts::{Erc20, Market};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::chain::MemoryChain;
use crate::town::{CREDIT, MARKET, OPERATOR, SELLER, STABLE, Sale, bond, buyer, fee, index, opening, platform, store};

pub(crate) const START: u64 = 1_760_000_000;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nlamp";

pub(crate) struct House {
    pub(crate) chain: Arc<MemoryChain>,
    pub(crate) platform: Platform,
    router: Router,
    pub(crate) directory: tempfile::TempDir,
}

/// A house with an offer, one order released, one funded, and the money to show for it.
pub(crate) async fn house() -> House {
    let chain = Arc::new(MemoryChain::new(START - 1));
    let (directory, url) = store();
    let platform = platform(&chain, url, IndexerConfig::default()).await;
    let picture = platform.keep_media(PNG.to_vec()).await.unwrap();
    let lamp = Metadata {
        title: Bilingual::new("Paper lamp", "纸灯"),
        category: "home".into(),
        pictures: vec![picture.to_string()],
        ..Metadata::default()
    };
    let hash = platform.keep_metadata(&lamp).await.unwrap();
    platform.name(SELLER, "Lantern & Loom");
    let sale = |id, person, amount| Sale { id, buyer: buyer(person), amount, at: START };
    let (first, second) = (sale(1, 1, 11_770_001), sale(2, 2, 20_000_000));
    chain.mine(START, 0, opening(hash));
    chain.mine(START + 1, 0, vec![first.fund(), second.fund()]);
    chain.mine(START + 2, 0, vec![first.accept(), first.ship(), first.deliver(), first.release()]);
    let owed = U256::from(CREDIT + 31_770_001);
    let liabilities = |token| Market::liabilitiesCall { token }.abi_encode();
    chain.answer(MARKET, liabilities(STABLE), owed.abi_encode());
    chain.answer(STABLE, Erc20::balanceOfCall { account: MARKET }.abi_encode(), owed.abi_encode());
    let terms_hash = Market::termsHashCall { offerId: U256::from(1) }.abi_encode();
    chain.answer(MARKET, terms_hash, B256::repeat_byte(5).abi_encode());
    index(&platform).await;
    let router = platform.router(Default::default());
    House { chain, platform, router, directory }
}

impl House {
    pub(crate) async fn ask(&self, request: Request<Body>) -> (StatusCode, Value, header::HeaderMap) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or(Value::Null), parts.headers)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body, _) = self.ask(get(path)).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn refused(&self, path: &str, status: StatusCode) -> String {
        let (found, body, headers) = self.ask(get(path)).await;
        assert_eq!(found, status, "{path}: {body}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
        body["detail"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Body> {
    let request = Request::post(format!("/api/v1{path}")).header(header::HOST, "guild.test");
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
}

#[tokio::test]
async fn offers_are_found_sorted_and_shown() {
    let house = house().await;
    for query in ["", "?q=lamp", "?q=%E7%BA%B8", "?category=home", "?sort=popular", "?sort=price_asc&limit=1"] {
        let page = house.get(&format!("/market/offers{query}")).await;
        assert_eq!(page["items"][0]["title"]["zh"], "纸灯", "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
    }
    assert_eq!(house.get("/market/offers?q=50%25").await["items"], json!([]));
    let offer = house.get("/market/offers/1").await;
    assert_eq!(offer["seller"]["name"], "Lantern & Loom");
    assert_eq!(offer["sold"], 2);
    assert_eq!(offer["stock"], 999_998);
    assert_eq!(offer["bond_ok"], true);
    assert_eq!(offer["terms_hash"], B256::repeat_byte(5).to_string());
    assert_eq!(
        offer["price"],
        json!({"amount": "1000000", "token": STABLE.to_checksum(None), "symbol": "gUSD", "decimals": 6})
    );
    let picture = offer["picture_url"].as_str().unwrap();
    let response = house.router.clone().oneshot(Request::get(picture).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    assert!(house.refused("/market/offers/9", StatusCode::NOT_FOUND).await.contains("offer 9"));
    assert!(house.refused("/market/offers?cursor=zzz", StatusCode::BAD_REQUEST).await.contains("cursor"));
    let categories = house.get("/market/categories").await;
    assert!(categories.as_array().unwrap().iter().any(|c| c["slug"] == "home" && c["offers"] == 1));
}

#[tokio::test]
async fn an_order_tells_what_comes_next_and_what_was() {
    let house = house().await;
    let open = house.get("/market/orders/2").await;
    assert_eq!(open["state"], "funded");
    let steps: Vec<_> = open["next"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["action"].as_str().unwrap(), s["who"].as_str().unwrap()))
        .collect();
    assert_eq!(steps, [("accept", "seller"), ("decline", "seller"), ("cancel", "buyer"), ("refund_expired", "anyone")]);
    assert_eq!(open["next"][3]["effect"]["to_buyer"]["amount"], "20000000");
    assert_eq!(open["next"][3]["effect"]["to_seller"]["amount"], bond(20_000_000).to_string());

    let ended = house.get("/market/orders/1").await;
    assert_eq!((&ended["state"], &ended["deadline"], &ended["next"]), (&json!("released"), &Value::Null, &json!([])));
    let events: Vec<_> = ended["timeline"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["OrderFunded", "OrderAccepted", "OrderShipped", "OrderDelivered", "OrderReleased"]);
    assert_eq!(ended["timeline"][4]["data"]["fee"], fee(11_770_001).to_string());

    let of_buyer = house.get(&format!("/market/orders?buyer={}", buyer(2))).await;
    assert_eq!(of_buyer["items"].as_array().unwrap().len(), 1);
    assert_eq!(house.get("/market/orders?state=open").await["items"][0]["id"], "2");
    let first = house.get("/market/orders?limit=1").await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(house.get(&format!("/market/orders?limit=1&cursor={next}")).await["items"][0]["id"], "1");
    assert!(house.refused("/market/orders?state=lost", StatusCode::BAD_REQUEST).await.contains("released"));
    assert_eq!(house.get("/market/orders?deadline_before=2100-01-01").await["items"][0]["id"], "2");
}

#[tokio::test]
async fn solvency_compares_three_witnesses() {
    let house = house().await;
    let solvency = house.get("/market/solvency").await;
    let token = &solvency["tokens"][0];
    let owed = (CREDIT + 31_770_001).to_string();
    assert_eq!((&token["liabilities"], &token["balance"]), (&json!(owed), &json!(owed)));
    assert_eq!(
        (&token["agrees"], &token["covered"], &token["coverage"]),
        (&json!(true), &json!(true), &json!("1.0000"))
    );
    assert_eq!(token["open_orders"], "20000000");
    assert_eq!(token["bonds"], bond(20_000_000).to_string());
    assert_eq!(solvency["open_orders_count"], 1);
    assert_eq!(solvency["history"][0]["balance"], solvency["history"][0]["liabilities"]);
    // A contract that says it owes more than the index knows is not hidden.
    let more = U256::from(CREDIT + 31_770_002);
    house.chain.answer(MARKET, Market::liabilitiesCall { token: STABLE }.abi_encode(), more.abi_encode());
    let token = &house.get("/market/solvency").await["tokens"][0];
    assert_eq!((&token["agrees"], &token["covered"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn the_explorer_speaks_in_words() {
    let house = house().await;
    let list = house.get(&format!("/explorer/transactions?address={}", buyer(1))).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let hash = list["items"][2]["hash"].as_str().unwrap();
    let transaction = house.get(&format!("/explorer/transactions/{hash}")).await;
    assert_eq!(transaction["logs"][0]["event"], "OrderFunded");
    assert_eq!(transaction["transfers"][0]["amount"], "11770001");
    assert_eq!(house.get("/explorer/blocks/2").await["tx_count"], 2);
    let token = house.get(&format!("/explorer/tokens/{STABLE}")).await;
    assert_eq!(token["transfers_count"], 3);
    assert_eq!(token["holders"][0]["name"], "Market");
    let found = house.get("/search?q=lantern").await;
    assert_eq!(found["items"][0]["kind"], "seller");
    assert_eq!(house.get(&format!("/search?q={hash}")).await["items"][0]["kind"], "transaction");
    assert_eq!(house.get("/search?q=2").await["items"][0]["href"], "/orders/2");
    assert!(house.refused("/explorer/transactions/0x12", StatusCode::BAD_REQUEST).await.contains("64 hex"));
}

#[tokio::test]
async fn a_failed_transaction_says_why() {
    use alloy_sol_types::SolError;
    let house = house().await;
    let input = Market::cancelCall { orderId: U256::from(1) }.abi_encode();
    let mut failed = crate::chain::transaction(buyer(2), MARKET, vec![]);
    (failed.success, failed.input) = (false, input.clone().into());
    house.chain.mine(START + 9, 0, vec![failed]);
    let reason = Market::NotBuyer { orderId: U256::from(1), caller: buyer(2) };
    house.chain.refuse(MARKET, input, reason.abi_encode());
    index(&house.platform).await;
    let list = house.get("/explorer/transactions?limit=1").await;
    assert_eq!((&list["items"][0]["function"], &list["items"][0]["status"]), (&json!("cancel"), &json!(false)));
    let hash = list["items"][0]["hash"].as_str().unwrap();
    let transaction = house.get(&format!("/explorer/transactions/{hash}")).await;
    assert_eq!(transaction["decoded"]["signature"], "cancel(uint256)");
    assert_eq!(transaction["error"]["name"], "NotBuyer");
    assert_eq!(transaction["error"]["words"]["en"], "Only the buyer of order 1 may do this.");
}

fn message(address: Address, nonce: &str, domain: &str) -> String {
    format!(
        "{domain} wants you to sign in with your Ethereum account:\n{}\n\nEnter the guildhall.\n\nURI: http://{domain}\n\
         Version: 1\nChain ID: 31337\nNonce: {nonce}\nIssued At: 2025-01-01T00:00:00Z",
        address.to_checksum(None)
    )
}

pub(crate) async fn sign_in(house: &House, signer: &Signer, domain: &str) -> (StatusCode, Value, Option<String>) {
    let (_, nonce, _) = house.ask(post("/auth/nonce", &json!({}))).await;
    let message = message(signer.address(), nonce["nonce"].as_str().unwrap(), domain);
    let signature = hex::encode_prefixed(signer.sign_message(&message).as_bytes());
    let body = json!({ "message": message, "signature": signature });
    let (status, session, headers) = house.ask(post("/auth/verify", &body)).await;
    let cookie = headers.get(header::SET_COOKIE).map(|cookie| cookie.to_str().unwrap().to_owned());
    if status == StatusCode::OK {
        // The same message does not open the door twice.
        let (again, _, _) = house.ask(post("/auth/verify", &body)).await;
        assert_eq!(again, StatusCode::BAD_REQUEST);
    }
    (status, session, cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned()))
}

#[tokio::test]
async fn staff_sign_in_and_others_are_told_why_not() {
    let house = house().await;
    let key = hex!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    let operator = Signer::from_bytes(&key.into()).unwrap();
    assert_eq!(operator.address(), OPERATOR);
    assert!(house.refused("/market/dashboard", StatusCode::UNAUTHORIZED).await.contains("Sign in"));

    let (status, _, _) = sign_in(&house, &operator, "evil.test").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (_, session, cookie) = sign_in(&house, &operator, "guild.test").await;
    assert_eq!(session["roles"], json!(["customer", "admin", "operator"]));
    let cookie = cookie.unwrap();
    let with = |mut request: Request<Body>, csrf: Option<&str>| {
        request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        if let Some(csrf) = csrf {
            request.headers_mut().insert("x-csrf-token", csrf.parse().unwrap());
        }
        request
    };
    let (status, board, _) = house.ask(with(get("/market/dashboard"), None)).await;
    assert_eq!(status, StatusCode::OK, "{board}");
    assert_eq!(board["today"]["orders"], 2);
    assert_eq!(board["deadlines"][0]["id"], "2");
    assert_eq!(
        board["orders_by_state"][0],
        json!({"state": "funded", "count": 1, "value": {"amount": "20000000", "token": STABLE.to_checksum(None), "symbol": "gUSD", "decimals": 6}})
    );

    let held = house.get(&format!("/roles/{OPERATOR}")).await;
    assert_eq!(held["roles"], json!(["admin", "operator"]));
    let everybody = house.get("/roles").await;
    let of = |held: &Value| (held["role"].as_str().unwrap().to_owned(), held["delay_seconds"].as_u64().unwrap());
    let roles: Vec<_> = everybody.as_array().unwrap().iter().map(of).collect();
    assert_eq!(&roles[..2], [("admin".to_owned(), 0), ("operator".to_owned(), 0)], "{everybody}");
    assert_eq!(everybody[0]["address"], OPERATOR.to_checksum(None));
    // A write with the cookie alone could come from any page.
    let lamp = json!({ "title": { "en": "Lamp" }, "category": "home" });
    let (status, _, _) = house.ask(with(post("/market/metadata", &lamp), None)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let csrf = session["csrf"].as_str().unwrap();
    let (status, kept, _) = house.ask(with(post("/market/metadata", &lamp), Some(csrf))).await;
    assert_eq!(status, StatusCode::OK, "{kept}");
    let path = format!("/market/metadata/{}", kept["hash"].as_str().unwrap());
    assert_eq!(house.get(&path).await["title"]["en"], "Lamp");
    let (status, problem, _) = house.ask(with(post("/media", &json!("no picture")), Some(csrf))).await;
    assert_eq!((status, problem["status"].as_u64()), (StatusCode::BAD_REQUEST, Some(400)));

    let customer = Signer::from_bytes(&B256::repeat_byte(7)).unwrap();
    let (_, session, cookie) = sign_in(&house, &customer, "guild.test").await;
    assert_eq!(session["roles"], json!(["customer"]));
    let mut request = get("/market/dashboard");
    request.headers_mut().insert(header::COOKIE, cookie.unwrap().parse().unwrap());
    assert_eq!(house.ask(request).await.0, StatusCode::FORBIDDEN);

    let mut request = Request::delete("/api/v1/auth/session").body(Body::empty()).unwrap();
    request = with(request, Some(csrf));
    assert_eq!(house.ask(request).await.0, StatusCode::OK);
    assert_eq!(house.ask(with(get("/auth/session"), None)).await.1["address"], Value::Null);
}

#[tokio::test]
async fn a_contract_signs_in_by_what_it_says_itself() {
    use platform_protocol::contracts::Erc1271::isValidSignatureCall;
    let house = house().await;
    let wallet = Address::repeat_byte(0xcc);
    let (_, nonce, _) = house.ask(post("/auth/nonce", &json!({}))).await;
    let message = message(wallet, nonce["nonce"].as_str().unwrap(), "guild.test");
    let body = json!({ "message": message, "signature": "0x1234" });
    assert_eq!(house.ask(post("/auth/verify", &body)).await.0, StatusCode::BAD_REQUEST, "there is no such contract");

    house.chain.build(wallet);
    let hash = alloy_primitives::eip191_hash_message(&message);
    let call = isValidSignatureCall { hash, signature: vec![0x12, 0x34].into() }.abi_encode();
    house.chain.answer(wallet, call.clone(), [0xff; 32].to_vec());
    assert_eq!(house.ask(post("/auth/verify", &body)).await.0, StatusCode::BAD_REQUEST, "the contract says no");
    let mut yes = [0; 32];
    yes[..4].copy_from_slice(&isValidSignatureCall::SELECTOR);
    house.chain.answer(wallet, call, yes.to_vec());
    let (status, session, _) = house.ask(post("/auth/verify", &body)).await;
    assert_eq!((status, &session["address"]), (StatusCode::OK, &json!(wallet.to_checksum(None))));
}

/// Whoever adds an endpoint that needs nobody signed in does not change this list; whoever guards one does.
#[tokio::test]
async fn what_is_guarded_is_known_and_guarded() {
    let house = house().await;
    let document: Value = serde_json::from_str(&Platform::openapi(Default::default())).unwrap();
    let mut guarded = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["responses"].get("401").is_none() {
                continue;
            }
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
            let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
            assert_eq!(house.ask(request).await.0, StatusCode::UNAUTHORIZED, "{method} {path}");
            guarded.push(format!("{method} {path}"));
        }
    }
    guarded.sort();
    let known = [
        "delete /api/v1/auth/passkeys/{id}",
        "delete /api/v1/auth/second-factor",
        "delete /api/v1/auth/session",
        "delete /api/v1/auth/sessions",
        "get /api/v1/auth/passkeys",
        "post /api/v1/auth/passkeys",
        "post /api/v1/auth/passkeys/options",
        "post /api/v1/auth/step-up/passkey",
        "post /api/v1/auth/step-up/passkey/options",
        "post /api/v1/auth/second-factor",
        "post /api/v1/auth/second-factor/confirmation",
        "post /api/v1/auth/step-up",
        "get /api/v1/evidence/{hash}",
        "post /api/v1/evidence",
        "get /api/v1/suspected-reviews",
        "post /api/v1/review-texts",
        "get /api/v1/campaigns/{id}/figures",
        "get /api/v1/campaigns/{id}/orders",
        "post /api/v1/coupon-vouchers",
        "put /api/v1/campaigns/{id}",
        "put /api/v1/campaigns/{id}/state",
        "delete /api/v1/delivery-key",
        "delete /api/v1/orders/{id}/delivery",
        "delete /api/v1/personal-data/{kind}",
        "get /api/v1/orders/{id}/delivery",
        "get /api/v1/personal-data",
        "delete /api/v1/support/answers/{id}",
        "get /api/v1/support/answers",
        "post /api/v1/support/answers",
        "put /api/v1/support/answers/{id}",
        "get /api/v1/support/figures",
        "get /api/v1/tickets",
        "get /api/v1/tickets/{id}",
        "delete /api/v1/wishes/{offer}",
        "delete /api/v1/notices/unread",
        "get /api/v1/notices",
        "get /api/v1/notices/settings",
        "get /api/v1/notices/unread",
        "put /api/v1/notices/settings",
        "delete /api/v1/notices/ways/{id}",
        "get /api/v1/notices/ways",
        "post /api/v1/notices/ways",
        "post /api/v1/notices/ways/{id}/codes",
        "post /api/v1/notices/ways/{id}/confirmation",
        "put /api/v1/notices/ways/{id}",
        "get /api/v1/wishes",
        "post /api/v1/wishes",
        "put /api/v1/wishes/{offer}",
        "post /api/v1/tickets",
        "post /api/v1/tickets/{id}/messages",
        "put /api/v1/support/hours",
        "put /api/v1/tickets/{id}/state",
        "post /api/v1/delivery-boxes",
        "put /api/v1/delivery-key",
        "get /api/v1/market/dashboard",
        "post /api/v1/market/metadata",
        "post /api/v1/media",
        "get /api/v1/trace/alerts",
        "get /api/v1/trace/events",
        "post /api/v1/trace/claims",
        "post /api/v1/trace/serials",
        "delete /epcis/queries/{name}",
        "get /epcis/bizLocations",
        "get /epcis/bizLocations/{id}/events",
        "get /epcis/bizSteps",
        "get /epcis/bizSteps/{id}/events",
        "get /epcis/capture",
        "get /epcis/capture/{id}",
        "get /epcis/dispositions",
        "get /epcis/dispositions/{id}/events",
        "get /epcis/epcs",
        "get /epcis/epcs/{id}/events",
        "get /epcis/eventTypes",
        "get /epcis/eventTypes/{id}/events",
        "get /epcis/events",
        "get /epcis/events/{id}",
        "get /epcis/queries",
        "get /epcis/queries/{name}",
        "get /epcis/queries/{name}/events",
        "get /epcis/readPoints",
        "get /epcis/readPoints/{id}/events",
        "post /epcis/capture",
        "post /epcis/events",
        "post /epcis/queries",
    ];
    let mut known = known.to_vec();
    known.sort_unstable();
    assert_eq!(guarded, known);
}

#[tokio::test]
async fn answers_carry_tags_ids_and_problems() {
    let house = house().await;
    let (_, _, headers) = house.ask(get("/chain")).await;
    let tag = headers[header::ETAG].clone();
    assert!(headers.contains_key("x-request-id"));
    let mut again = get("/chain");
    again.headers_mut().insert(header::IF_NONE_MATCH, tag);
    assert_eq!(house.ask(again).await.0, StatusCode::NOT_MODIFIED);
    assert!(house.refused("/nowhere", StatusCode::NOT_FOUND).await.contains("openapi.json"));
    assert!(house.refused("/demo", StatusCode::NOT_FOUND).await.contains("--demo"));
    let (status, problem, headers) = house.ask(post("/auth/verify", &json!({ "message": 1 }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(
        house.refused("/market/metrics?from=1998-01-01&to=1997-01-01", StatusCode::BAD_REQUEST).await.contains("from")
    );
    for probe in ["/healthz", "/readyz", "/metrics"] {
        let response = house.router.clone().oneshot(Request::get(probe).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{probe}");
    }
}

#[tokio::test]
async fn the_document_names_every_endpoint() {
    let document: Value = serde_json::from_str(&Platform::openapi(Default::default())).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 30, "{:?}", paths.keys().collect::<Vec<_>>());
    for path in [
        "/api/v1/chain",
        "/api/v1/events",
        "/api/v1/market/metrics",
        "/api/v1/explorer/tokens/{address}",
        "/api/v1/demo/clock",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    // Every operation has a name of its own, which the generated client is made of.
    let mut names: Vec<&str> = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
