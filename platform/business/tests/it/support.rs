//! Tickets: whose they are, where they go, and that notes among staff stay there.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::campaigns::{Person, key};
use crate::console::{House, START, get, house, post};
use crate::town::{Sale, index};

pub(crate) async fn send(
    house: &House,
    person: &Person,
    method: Method,
    path: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let mut request = post(path, body);
    *request.method_mut() = method;
    let (status, answer, _) = house.ask(person.sign(request)).await;
    (status, answer)
}

pub(crate) async fn read(house: &House, person: &Person, path: &str) -> (StatusCode, Value) {
    let (status, answer, _) = house.ask(person.sign(get(path))).await;
    (status, answer)
}

fn question(order: Option<&str>) -> Value {
    json!({ "order_id": order, "topic": "delivery", "subject": "Where is it?", "body": "It has been a week.", "language": "en" })
}

#[tokio::test]
async fn a_question_is_answered_solved_and_opened_again() {
    let house = house().await;
    let (asker, stranger) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    let staff = Person::operator(&house).await;
    let sale = Sale { id: 3, buyer: asker.signer.address(), amount: 10_000_000, at: START };
    house.chain.mine(START + 5, 0, vec![sale.fund()]);
    index(&house.platform).await;

    assert_eq!(send(&house, &stranger, Method::POST, "/tickets", &question(Some("3"))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(&house, &asker, Method::POST, "/tickets", &question(Some("99"))).await.0, StatusCode::NOT_FOUND);
    let mut empty = question(None);
    empty["body"] = json!("  ");
    assert_eq!(send(&house, &asker, Method::POST, "/tickets", &empty).await.0, StatusCode::BAD_REQUEST);
    let (status, ticket) = send(&house, &asker, Method::POST, "/tickets", &question(Some("3"))).await;
    assert_eq!((status, &ticket["state"], &ticket["order_id"]), (StatusCode::CREATED, &json!("open"), &json!("3")));
    assert_eq!(ticket["id"], "1");
    assert!(ticket["answer_by"].as_str().unwrap() > ticket["created_at"].as_str().unwrap());

    assert_eq!(read(&house, &stranger, "/tickets/1").await.0, StatusCode::NOT_FOUND, "to others it is not there");
    assert_eq!(read(&house, &stranger, "/tickets?all=true").await.0, StatusCode::FORBIDDEN);
    assert_eq!(read(&house, &stranger, "/tickets").await.1["items"], json!([]));
    assert_eq!(read(&house, &staff, "/tickets?all=true&state=open").await.1["items"][0]["id"], "1");

    let say = async |who: &Person, body: Value| send(&house, who, Method::POST, "/tickets/1/messages", &body).await;
    let secret = "look at the seller's other orders";
    let (status, noted) = say(&staff, json!({ "body": secret, "internal": true })).await;
    assert_eq!((status, &noted["state"], &noted["answered_at"]), (StatusCode::CREATED, &json!("open"), &Value::Null));
    assert_eq!(say(&asker, json!({ "body": "x", "internal": true })).await.0, StatusCode::FORBIDDEN);
    let (_, answered) = say(&staff, json!({ "body": "It arrives tomorrow." })).await;
    assert_eq!(answered["state"], "waiting");
    assert!(answered["answered_at"].is_string());
    let (_, seen) = read(&house, &asker, "/tickets/1").await;
    assert!(!seen.to_string().contains(secret), "{seen}");
    assert_eq!(seen["messages"].as_array().unwrap().len(), 2);
    assert_eq!(read(&house, &staff, "/tickets/1").await.1["messages"].as_array().unwrap().len(), 3);

    assert_eq!(say(&asker, json!({ "body": "Thank you." })).await.1["state"], "open");
    assert_eq!(say(&staff, json!({ "body": "You are welcome.", "solves": true })).await.1["state"], "solved");
    let to = async |who: &Person, state: &str| {
        send(&house, who, Method::PUT, "/tickets/1/state", &json!({ "state": state })).await
    };
    assert_eq!(to(&asker, "waiting").await.0, StatusCode::CONFLICT);
    assert_eq!(to(&asker, "closed").await.1["state"], "closed");
    assert_eq!(say(&asker, json!({ "body": "One more thing" })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(to(&asker, "open").await.1["state"], "open");
    let (_, figures) = read(&house, &staff, "/support/figures").await;
    let shown = [&figures["open"], &figures["answered"], &figures["in_time"], &figures["first_answer_minutes"]];
    assert_eq!(shown, [&json!(1), &json!(1), &json!(1), &json!(0)], "{figures}");
}

#[tokio::test]
async fn hours_are_staffs_to_set_and_everyones_to_see() {
    let house = house().await;
    let (asker, staff) = (Person::enter(&house, key(1)).await, Person::operator(&house).await);
    let hours = json!({ "days": [true, true, true, true, true, true, true], "opens": 0, "closes": 1440, "utc_offset_minutes": 0, "answer_within_minutes": 60 });
    assert_eq!(send(&house, &asker, Method::PUT, "/support/hours", &hours).await.0, StatusCode::FORBIDDEN);
    let mut wrong = hours.clone();
    wrong["closes"] = json!(0);
    assert_eq!(send(&house, &staff, Method::PUT, "/support/hours", &wrong).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(send(&house, &staff, Method::PUT, "/support/hours", &hours).await.0, StatusCode::OK);
    assert_eq!(house.get("/support/hours").await["hours"], hours);
}

#[tokio::test]
async fn what_was_asked_goes_with_whoever_asked() {
    let house = house().await;
    let (asker, staff) = (Person::enter(&house, key(1)).await, Person::operator(&house).await);
    send(&house, &asker, Method::POST, "/tickets", &question(None)).await;
    assert!(read(&house, &asker, "/personal-data").await.1.to_string().contains("Where is it?"));
    let path = "/personal-data/support_tickets";
    assert_eq!(send(&house, &asker, Method::DELETE, path, &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(read(&house, &staff, "/tickets/1").await.0, StatusCode::NOT_FOUND);
    let (_, next) = send(&house, &asker, Method::POST, "/tickets", &question(None)).await;
    assert_eq!(next["id"], "2", "a number is given once");
}

#[tokio::test]
async fn what_others_do_in_ones_orders_is_news_until_it_is_read() {
    let house = house().await;
    let (buyer, stranger) = (Person::enter(&house, key(1)).await, Person::enter(&house, key(2)).await);
    let sale = Sale { id: 3, buyer: buyer.signer.address(), amount: 10_000_000, at: START };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    house.chain.mine(now, 0, vec![sale.fund()]);
    house.chain.mine(now + 1, 0, vec![sale.accept()]);
    house.chain.mine(now + 2, 0, vec![sale.ship()]);
    index(&house.platform).await;
    let count = async |who: &Person| read(&house, who, "/notices/unread").await.1["count"].clone();
    assert_eq!((count(&buyer).await, count(&stranger).await), (json!(2), json!(0)));
    let (_, page) = read(&house, &buyer, "/notices?limit=1").await;
    let first = &page["items"][0];
    let shown = [&first["event"], &first["order_id"], &first["side"], &first["unread"]];
    assert_eq!(
        shown,
        [&json!("OrderShipped"), &json!("3"), &json!("buying"), &json!(true)],
        "not what one did oneself"
    );
    let next = page["next"].as_str().unwrap();
    let (_, second) = read(&house, &buyer, &format!("/notices?limit=1&cursor={next}")).await;
    assert_eq!((&second["items"][0]["event"], &second["next"]), (&json!("OrderAccepted"), &Value::Null));

    assert_eq!(send(&house, &buyer, Method::DELETE, "/notices/unread", &json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(count(&buyer).await, json!(0));
    house.chain.mine(now + 3, 0, vec![sale.deliver()]);
    let dispute = platform_protocol::contracts::Aftersales::OrderDisputed {
        orderId: alloy_primitives::U256::from(3),
        claimant: 2,
        buyerAmount: alloy_primitives::U256::ZERO,
        answerBy: now + 99,
        reasonHash: alloy_primitives::B256::ZERO,
    };
    let log = crate::town::market(&dispute);
    house.chain.mine(now + 4, 0, vec![crate::chain::transaction(crate::town::SELLER, crate::town::MARKET, vec![log])]);
    index(&house.platform).await;
    assert_eq!(count(&buyer).await, json!(1), "the dispute is the seller's, the arrival one's own");
    let quiet = json!({ "orders": true, "aftersales": false });
    assert_eq!(send(&house, &buyer, Method::PUT, "/notices/settings", &quiet).await.1, quiet);
    assert_eq!(count(&buyer).await, json!(0), "what is not wanted is not counted");
}

#[tokio::test]
async fn staff_write_their_own_answers_to_begin_from() {
    let house = house().await;
    let (customer, staff) = (Person::enter(&house, key(1)).await, Person::operator(&house).await);
    let path = "/support/answers";
    let (_, shipped) = read(&house, &staff, path).await;
    let number = shipped.as_array().unwrap().len();
    assert!(number >= 6, "some come with the program: {shipped}");
    let own = json!({ "title": { "en": " Opening hours " }, "body": { "en": "We are there from nine." } });
    assert_eq!(send(&house, &customer, Method::POST, path, &own).await.0, StatusCode::FORBIDDEN);

    // Half a language, nothing at all, and too much are refused, and change nothing.
    let half = json!({ "title": { "zh": "时间" }, "body": { "en": "x" } });
    let long = json!({ "title": { "en": "x".repeat(121) }, "body": { "en": "x" } });
    for wrong in [json!({ "title": {}, "body": {} }), half, long] {
        assert_eq!(send(&house, &staff, Method::POST, path, &wrong).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (status, after) = send(&house, &staff, Method::POST, path, &own).await;
    let added = after.as_array().unwrap().last().unwrap().clone();
    assert_eq!((status, after.as_array().unwrap().len()), (StatusCode::CREATED, number + 1));
    assert_eq!(added["title"], json!({ "en": "Opening hours", "zh": "" }));

    // One that came with the program is written anew, another goes; the numbers of the rest stay.
    let anew = json!({ "title": { "en": "Late", "zh": "迟到" }, "body": { "en": "Soon.", "zh": "快了。" } });
    assert_eq!(send(&house, &staff, Method::PUT, "/support/answers/1", &anew).await.0, StatusCode::OK);
    assert_eq!(send(&house, &staff, Method::PUT, "/support/answers/99", &anew).await.0, StatusCode::NOT_FOUND);
    let (_, left) = send(&house, &staff, Method::DELETE, "/support/answers/2", &json!({})).await;
    assert_eq!(send(&house, &staff, Method::DELETE, "/support/answers/2", &json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!((&left[0]["title"], &left[1]["id"]), (&anew["title"], &json!("3")));
    assert_eq!(read(&house, &staff, path).await.1, left);
    let (_, again) = send(&house, &staff, Method::POST, path, &own).await;
    assert_ne!(again.as_array().unwrap().last().unwrap()["id"], added["id"]);
}
