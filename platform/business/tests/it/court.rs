//! Arbiters on the chain in memory, a case from its call to its ruling, and how the endpoints tell it.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use platform_index::Transaction;
use platform_protocol::Signer;
use platform_protocol::contracts::{Aftersales, ArbiterPanel, Erc20, IMarket, Market};
use serde_json::{Value, json};

use crate::chain::{MemoryChain, transaction};
use crate::console::{get, house, post, sign_in};
use crate::town::{GUILD, MARKET, PANEL, SELLER, STABLE, buyer, index};

const HOUR: u64 = 3_600;
const DISPUTE: U256 = U256::from_limbs([1, 0, 0, 0]);

pub(crate) fn arbiter(number: u8) -> Address {
    Address::repeat_byte(0xa0 + number)
}

fn panel(from: Address, events: Vec<alloy_primitives::LogData>) -> Transaction {
    transaction(from, PANEL, events.into_iter().map(|event| (PANEL, event)).collect())
}

fn round_opened(round: u8, size: u8, at: u64) -> alloy_primitives::LogData {
    ArbiterPanel::RoundOpened {
        disputeId: DISPUTE,
        round,
        size,
        fee: U256::from(900),
        commitSeedBy: at + 36 * HOUR,
        evidenceBy: at + 72 * HOUR,
        firstParty: buyer(1),
        secondParty: SELLER,
    }
    .encode_log_data()
}

/// Seven arbiters, and a case of order 1 that three of them have decided, the last one against the others.
pub(crate) fn history(chain: &MemoryChain, start: u64) {
    let mut joined = vec![
        ArbiterPanel::StakeRequired { least: U256::from(1_000), slice: U256::from(100) }.encode_log_data(),
        ArbiterPanel::PricingSet { floor: U256::from(900), priceBps: 500 }.encode_log_data(),
    ];
    for number in 0..7 {
        let who = arbiter(number);
        joined.push(ArbiterPanel::ArbiterCertified { arbiter: who, certified: true }.encode_log_data());
        let stake = U256::from(2_000);
        joined.push(ArbiterPanel::ArbiterStaked { arbiter: who, amount: stake, stake }.encode_log_data());
    }
    chain.mine(start, 0, vec![panel(arbiter(0), joined)]);
    let raised = transaction(
        SELLER,
        MARKET,
        vec![
            (PANEL, ArbiterPanel::DisputeCreation { _disputeID: DISPUTE, _arbitrable: MARKET }.encode_log_data()),
            (PANEL, round_opened(0, 3, start + 1)),
        ],
    );
    chain.mine(start + 1, 0, vec![raised]);
    let beacon = vec![
        ArbiterPanel::SeedCommitted { disputeId: DISPUTE, round: 0, arbiter: arbiter(5) }.encode_log_data(),
        ArbiterPanel::BeaconFixed { disputeId: DISPUTE, round: 0, beaconBlock: 9 }.encode_log_data(),
        ArbiterPanel::BeaconSet { disputeId: DISPUTE, round: 0, beacon: B256::repeat_byte(4) }.encode_log_data(),
    ];
    chain.mine(start + 40 * HOUR, 0, vec![panel(buyer(9), beacon)]);
    let at = start + 80 * HOUR;
    let drawn = ArbiterPanel::PanelDrawn {
        disputeId: DISPUTE,
        round: 0,
        panel: vec![arbiter(0), arbiter(1), arbiter(2)],
        commitBy: at + 48 * HOUR,
        revealBy: at + 72 * HOUR,
    };
    chain.mine(at, 0, vec![panel(buyer(9), vec![drawn.encode_log_data()])]);
    let vote = |number: u8| ArbiterPanel::VoteCommitted { disputeId: DISPUTE, round: 0, arbiter: arbiter(number) };
    let commits = (0..3).map(|number| panel(arbiter(number), vec![vote(number).encode_log_data()])).collect();
    chain.mine(at + 1, 0, commits);
    let shown = |number: u8| ArbiterPanel::VoteRevealed {
        disputeId: DISPUTE,
        round: 0,
        arbiter: arbiter(number),
        choice: if number == 2 { 2 } else { 1 },
    };
    let reveals = (0..3).map(|number| panel(arbiter(number), vec![shown(number).encode_log_data()])).collect();
    chain.mine(at + 2, 0, reveals);
    let tallied = ArbiterPanel::RoundTallied {
        disputeId: DISPUTE,
        round: 0,
        ruling: 1,
        tied: false,
        appealBy: at + 3 + 72 * HOUR,
    };
    chain.mine(at + 3, 0, vec![panel(buyer(9), vec![tallied.encode_log_data()])]);
}

/// Nobody appealed: paid, and told to the order.
fn solve(chain: &MemoryChain, at: u64) {
    let (fee, stake) = (U256::from(450), U256::from(50));
    let mut events = vec![
        ArbiterPanel::DisputeSolved { disputeId: DISPUTE, ruling: 1 }.encode_log_data(),
        ArbiterPanel::ArbiterSlashed { disputeId: DISPUTE, arbiter: arbiter(2), amount: U256::from(100) }
            .encode_log_data(),
    ];
    for number in 0..2 {
        let rewarded = ArbiterPanel::ArbiterRewarded { disputeId: DISPUTE, arbiter: arbiter(number), fee, stake };
        events.push(rewarded.encode_log_data());
    }
    let delivered = ArbiterPanel::RulingDelivered { disputeId: DISPUTE, arbitrable: MARKET, ruling: 1, taken: true };
    events.push(delivered.encode_log_data());
    chain.mine(at, 0, vec![panel(buyer(9), events)]);
}

fn order(buyer: Address) -> Vec<u8> {
    IMarket::OrderView {
        state: 10,
        buyer,
        seller: SELLER,
        token: STABLE,
        offerId: U256::from(1),
        version: 1,
        quantity: 1,
        amount: 1,
        bond: 1,
        feeBps: 200,
        bondBps: 500,
        deadline: 1,
    }
    .abi_encode()
}

#[tokio::test]
async fn a_case_is_told_from_its_call_to_its_ruling() {
    let house = house().await;
    let start = 1_760_100_000;
    history(&house.chain, start);
    // Which order a case is about is the market's to say.
    let now = start + 85 * HOUR;
    let escalated = Aftersales::OrderEscalated {
        orderId: U256::from(2),
        by: 1,
        buyerAmount: U256::from(7),
        deposit: U256::from(900),
        defendBy: now,
    };
    let raised = Aftersales::DisputeRaised {
        orderId: U256::from(2),
        arbitrator: PANEL,
        disputeId: DISPUTE,
        cost: U256::from(900),
    };
    let logs = vec![(MARKET, escalated.encode_log_data()), (MARKET, raised.encode_log_data())];
    house.chain.mine(now, 0, vec![transaction(SELLER, MARKET, logs)]);
    index(&house.platform).await;

    let case = house.get("/arbitrations/1").await;
    assert_eq!(
        (&case["phase"], &case["ruling"], &case["order_id"]),
        (&json!("appealable"), &json!("buyer"), &json!("2"))
    );
    let seats = case["rounds"][0]["seats"].as_array().unwrap();
    let choices: Vec<_> = seats.iter().map(|seat| seat["choice"].as_str().unwrap()).collect();
    assert_eq!(choices, ["buyer", "buyer", "seller"]);
    assert_eq!(case["rounds"][0]["secrets"][0]["state"], "sealed");
    let next: Vec<_> = case["next"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect();
    assert_eq!(next, ["note_ruling", "execute"]);
    let of_arbiter = house.get(&format!("/arbitrations?arbiter={}", arbiter(5))).await;
    assert_eq!(of_arbiter["items"][0]["id"], "1", "a sealed secret is work of theirs too");
    assert_eq!(house.get(&format!("/arbitrations?arbiter={}", arbiter(6))).await["items"], json!([]));
    assert_eq!(house.get("/arbitrations?phase=open&order=2").await["items"][0]["id"], "1");
    assert!(house.refused("/arbitrations?phase=lost", StatusCode::BAD_REQUEST).await.contains("voting"));
    assert!(house.refused("/arbitrations/9", StatusCode::NOT_FOUND).await.contains("case 9"));

    for account in [arbiter(0), arbiter(2), arbiter(5), buyer(3)] {
        house.chain.answer(GUILD, Erc20::balanceOfCall { account }.abi_encode(), U256::from(5).abi_encode());
    }
    let busy = house.get(&format!("/arbiters/{}", arbiter(5))).await;
    assert_eq!((&busy["locked"]["amount"], &busy["engagements"]), (&json!("100"), &json!(1)));
    solve(&house.chain, now + 72 * HOUR);
    index(&house.platform).await;
    let case = house.get("/arbitrations/1").await;
    assert_eq!((&case["phase"], &case["next"]), (&json!("solved"), &json!([])));
    assert_eq!(case["rounds"][0]["seats"][2]["lost"]["amount"], "100");
    assert_eq!(case["rounds"][0]["seats"][0]["reward"]["amount"], "450");
    let wrong = house.get(&format!("/arbiters/{}", arbiter(2))).await;
    assert_eq!((&wrong["stake"]["amount"], &wrong["slashed"]), (&json!("1900"), &json!(1)));
    assert_eq!((&wrong["locked"]["amount"], &wrong["seats"]), (&json!("0"), &json!(1)));
    let right = house.get(&format!("/arbiters/{}", arbiter(0))).await;
    assert_eq!((&right["stake"]["amount"], &right["earned"]["amount"]), (&json!("2050"), &json!("450")));
    let stranger = house.get(&format!("/arbiters/{}", buyer(3))).await;
    assert_eq!((&stranger["state"], &stranger["stake"]["amount"]), (&json!("uncertified"), &json!("0")));
    let first = house.get("/arbiters?limit=5").await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(house.get(&format!("/arbiters?limit=5&cursor={next}")).await["items"].as_array().unwrap().len(), 2);
    assert_eq!(house.get("/arbitration-settings").await["active"], 7);
}

fn evidence(salt: &str) -> Value {
    json!({ "order_id": 7, "name": "The cup", "description": "It is chipped.", "files": [], "salt": salt })
}

#[tokio::test]
async fn evidence_is_read_by_those_whom_it_concerns() {
    let house = house().await;
    let (party, stranger) =
        (Signer::from_bytes(&B256::repeat_byte(7)).unwrap(), Signer::from_bytes(&B256::repeat_byte(8)).unwrap());
    let asked = Market::orderCall { orderId: U256::from(7) }.abi_encode();
    house.chain.answer(MARKET, asked, order(party.address()));
    let mut sessions = Vec::new();
    for signer in [&party, &stranger] {
        let (_, session, cookie) = sign_in(&house, signer, "guild.test").await;
        sessions.push((cookie.unwrap(), session["csrf"].as_str().unwrap().to_owned()));
    }
    let with = |mut request: Request<Body>, session: &(String, String)| {
        request.headers_mut().insert(header::COOKIE, session.0.parse().unwrap());
        request.headers_mut().insert("x-csrf-token", session.1.parse().unwrap());
        request
    };
    let (status, refused, _) = house.ask(with(post("/evidence", &evidence("0123456789abcdef")), &sessions[1])).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{refused}");
    let (status, _, _) = house.ask(with(post("/evidence", &evidence("short")), &sessions[0])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, kept, _) = house.ask(with(post("/evidence", &evidence("0123456789abcdef")), &sessions[0])).await;
    assert_eq!(status, StatusCode::CREATED, "{kept}");
    let path = kept["uri"].as_str().unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    let (status, read, _) = house.ask(with(get(&path), &sessions[0])).await;
    assert_eq!((status, &read["description"]), (StatusCode::OK, &json!("It is chipped.")));
    let (status, _, _) = house.ask(with(get(&path), &sessions[1])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    // What the market's event says is listed for everyone, but not what it holds.
    let submitted = Aftersales::Evidence {
        _arbitrator: PANEL,
        _evidenceGroupID: U256::from(2),
        _party: SELLER,
        _evidence: kept["uri"].as_str().unwrap().to_owned(),
    };
    let log = (MARKET, submitted.encode_log_data());
    house.chain.mine(1_760_000_009, 0, vec![transaction(SELLER, MARKET, vec![log])]);
    index(&house.platform).await;
    let listed = house.get("/market/orders/2/evidence").await;
    assert_eq!(listed[0]["hash"], kept["hash"]);
}
