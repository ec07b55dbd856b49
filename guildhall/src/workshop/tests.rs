//! Code that is changed on a real chain: compared, rehearsed, approved, changed, and found again at the next start.

use super::*;
use crate::{
    audit::sources,
    fork::Rehearser,
    house::HouseOptions,
    profile::{Kind, Profile},
    up::{Opening, house_options},
    watch,
};
use alloy_primitives::Address;
use platform_audit::ChangeKind;
use platform_ops::{
    AlertState, Change, CodeChange, NewCode, Proposal, Sources, Ticket, TicketCall, TicketState, Watch, WatchError,
};
use std::path::{Path, PathBuf};

const REVIEWS: &str = "src/reviews/Reviews.sol";
const LAST_FIELD: &str = "mapping(uint256 orderId => Review) review;\n    }";
/// The role that may change code.
const UPGRADER: &str = "4";

fn contracts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts")
}

fn options(directory: &Path) -> HouseOptions {
    let profile = Profile { kind: Kind::Demo, name: "Test".into() };
    profile.write(directory).unwrap();
    let opening = Opening { solc: Some(contracts().join("script/solc")), ..Opening::default() };
    house_options(&profile, directory, opening).unwrap()
}

async fn open(directory: &Path) -> (Arc<House>, Watch) {
    open_with(directory, options(directory)).await
}

async fn open_with(directory: &Path, options: HouseOptions) -> (Arc<House>, Watch) {
    let rehearser = Arc::new(Rehearser::of(&options));
    let house = Arc::new(House::open(options).await.unwrap());
    let watch = watch::open(&house, directory, rehearser).await.unwrap();
    (house, watch)
}

/// The reviews' sources, changed.
fn input(change: impl Fn(&str) -> String) -> String {
    let mut texts = sources::read(&contracts()).unwrap().texts;
    let text = texts.get_mut(REVIEWS).unwrap();
    let changed = change(text);
    assert_ne!(*text, changed, "the change changes nothing");
    *text = changed;
    let contents: serde_json::Map<_, _> =
        texts.into_iter().map(|(path, text)| (path, json!({ "content": text }))).collect();
    let settings = json!({ "evmVersion": "cancun", "optimizer": { "enabled": true, "runs": 200 } });
    json!({ "language": "Solidity", "sources": contents, "settings": settings }).to_string()
}

async fn compare(watch: &Watch, change: impl Fn(&str) -> String) -> Result<NewCode, WatchError> {
    let (contract, name) = ("Reviews".to_owned(), "Reviews".to_owned());
    watch.compare_code(Sources { contract, input: input(change), name, arguments: Vec::new() }, "ann").await
}

async fn propose(watch: &Watch, change: Change) -> Result<Ticket, WatchError> {
    let title = "New reviews".to_owned();
    watch.propose(Proposal { title, reason: String::new(), incident: None, change }, "ann").await
}

/// Two agree.
async fn approve(watch: &Watch, ticket: &Ticket) {
    let digest = ticket.digest().to_string();
    for by in ["ben", "cleo"] {
        watch.approve(ticket.id, &digest, by).await.unwrap();
    }
}

async fn execute(watch: &Watch, ticket: &Ticket) -> Ticket {
    watch.execute(ticket.id, "ben").await.unwrap().unwrap()
}

async fn running(house: &House) -> Address {
    platform_protocol::running(&house.embedded, &house.manifest, "Reviews").await.unwrap().unwrap().address
}

/// What a process of its own would do: with its tasks the house's lock is gone.
fn process<T>(does: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(does)
}

/// Names of the rules that fire.
async fn firing(house: &House, watch: &Watch) -> Vec<String> {
    watch.catch_up(&house.cancel()).await.unwrap();
    let alerts = watch.alerts(false, 50).await.unwrap();
    alerts.into_iter().filter(|kept| kept.alert.state == AlertState::Firing).map(|kept| kept.alert.rule).collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, WatchError>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn code_is_changed_and_put_back_and_the_house_opens_on_both() {
    let directory = tempfile::tempdir().unwrap();
    let (code, ticket) = process(changed(directory.path()));
    process(put_back(directory.path(), &code, &ticket));
    let (house, _watch) = process(open(directory.path()));
    assert_eq!(house.manifest.reviews.as_ref().unwrap().implementation, ticket.upgrade.unwrap().from);
}

async fn changed(directory: &Path) -> (NewCode, Ticket) {
    let (house, watch) = open(directory).await;
    let old = running(&house).await;

    // A field before the others would shift them.
    let shifted = compare(&watch, |text| text.replace("IMarket market;\n", "uint256 fee;\n        IMarket market;\n"));
    let shifted = shifted.await.unwrap();
    let broken = shifted.broken().unwrap();
    assert_eq!((broken.place.as_str(), broken.kind), ("struct Reviews.Layout.market", ChangeKind::Moved));
    let said = refusal(propose(&watch, Change::Code(CodeChange::To(shifted.id, None))).await);
    assert!(said.contains("struct Reviews.Layout.market"), "{said}");

    // Code that can't be replaced again is no code to change to.
    let stuck = compare(&watch, |text| {
        text.replace("internal override restricted {}", "internal pure override { revert(\"never again\"); }")
    });
    let said = refusal(propose(&watch, Change::Code(CodeChange::To(stuck.await.unwrap().id, None))).await);
    assert!(said.contains("fails in the rehearsal"), "{said}");

    let code = compare(&watch, |text| {
        let fields = LAST_FIELD.replace("\n    }", "\n        uint256 fee;\n    }");
        let setter = "function setFee(uint256 fee) external reinitializer(2) { _reviews().fee = fee; }\n    function fee() external view returns (uint256) { return _reviews().fee; }\n    constructor() {";
        text.replace(LAST_FIELD, &fields).replacen("constructor() {", setter, 1)
    });
    let code = code.await.unwrap();
    assert_eq!(code.changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Added]);
    let call = TicketCall { on: String::new(), call: "setFee(uint256)".to_owned(), args: vec!["7".to_owned()] };
    let ticket = propose(&watch, Change::Code(CodeChange::To(code.id, Some(call)))).await.unwrap();
    assert_eq!((ticket.needed, running(&house).await), (2, old), "nothing is changed yet");
    let upgrade = ticket.upgrade.clone().unwrap();
    assert_eq!(
        (upgrade.from.address, &upgrade.differences[..], &upgrade.differences_back[..]),
        (old, &[][..], &[][..])
    );

    // Nobody puts other code there by hand.
    let by_hand = TicketCall {
        on: "Reviews".to_owned(),
        call: "upgradeToAndCall(address,bytes)".to_owned(),
        args: vec![upgrade.to.address.to_checksum(None), "0x".to_owned()],
    };
    let said = refusal(propose(&watch, Change::Calls(vec![by_hand])).await);
    assert!(said.contains("bring its sources"), "{said}");

    approve(&watch, &ticket).await;
    let done = execute(&watch, &ticket).await;
    assert_eq!((done.state, running(&house).await), (TicketState::Verified, upgrade.to.address), "{done:?}");
    assert_eq!(firing(&house, &watch).await, Vec::<String>::new());
    house.close().await.unwrap();
    (code, ticket)
}

async fn put_back(directory: &Path, code: &NewCode, ticket: &Ticket) {
    let (house, watch) = open(directory).await;
    let upgrade = ticket.upgrade.as_ref().unwrap();
    assert_eq!(house.manifest.reviews.as_ref().unwrap().implementation, upgrade.to);
    // What was compared before is of another time now.
    let late = propose(&watch, Change::Code(CodeChange::To(code.id, None))).await;
    assert!(refusal(late).contains("compare again"));
    let again = compare(&watch, |text| text.replace("constructor() {", "constructor() payable {")).await.unwrap();
    assert_eq!(again.changes[0].kind, ChangeKind::Gone, "the layout of what was brought is known");

    let back = propose(&watch, Change::Code(CodeChange::Back(ticket.id))).await.unwrap();
    approve(&watch, &back).await;
    assert_eq!(execute(&watch, &back).await.state, TicketState::Verified);
    assert_eq!((running(&house).await, firing(&house, &watch).await), (upgrade.from.address, Vec::new()));
    house.close().await.unwrap();
}

#[test]
fn a_change_of_code_that_was_killed_half_way_is_found_out_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let ticket = process(announced(directory, None));
    let upgrade = ticket.upgrade.clone().unwrap();
    assert_eq!(process(async { running(&open(directory).await.0).await }), upgrade.from.address, "nothing came of it");
    process(announced(directory, Some(ticket)));
    let (house, _watch) = process(open(directory));
    assert_eq!(
        house.manifest.reviews.as_ref().unwrap().implementation,
        upgrade.to,
        "it was made, and not written down"
    );
}

/// Code is announced, and put behind its contract if there is a ticket for it; then the house is killed.
async fn announced(directory: &Path, made: Option<Ticket>) -> Ticket {
    let (house, watch) = open(directory).await;
    let ticket = match made.clone() {
        Some(ticket) => ticket,
        None => {
            let code =
                compare(&watch, |text| text.replace("constructor() {", "constructor() payable {")).await.unwrap();
            propose(&watch, Change::Code(CodeChange::To(code.id, None))).await.unwrap()
        }
    };
    house.announce_code("Reviews", &ticket.upgrade.as_ref().unwrap().to).unwrap();
    if made.is_some() {
        let call = &ticket.calls[0];
        let register = watch::register(&house).unwrap();
        let act = platform_ops::Act::of(&register, &call.on, &call.call, &call.args).unwrap();
        assert!(house.act(act.to, act.input.to_vec(), 3_000_000).await.unwrap().success);
    }
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_chain_wants_time_it_is_said_first_and_done_later() {
    let directory = tempfile::tempdir().unwrap();
    let (house, watch) = open(directory.path()).await;
    let operator = house.operator.address().to_checksum(None);
    let register = watch::register(&house).unwrap();
    let args = [UPGRADER.to_owned(), operator, "86400".to_owned()];
    let act = platform_ops::Act::of(&register, "Authority", "grantRole(uint64,address,uint32)", &args).unwrap();
    assert!(house.act(act.to, act.input.to_vec(), 1_000_000).await.unwrap().success);
    let before = firing(&house, &watch).await;

    let code = compare(&watch, |text| text.replace("constructor() {", "constructor() payable {")).await.unwrap();
    let ticket = propose(&watch, Change::Code(CodeChange::To(code.id, None))).await.unwrap();
    assert_eq!(ticket.timelock.as_ref().map(|lock| lock.delay), Some(86_400));
    approve(&watch, &ticket).await;
    let said = execute(&watch, &ticket).await;
    assert_eq!(
        (said.state, running(&house).await == ticket.upgrade.as_ref().unwrap().from.address),
        (TicketState::Scheduled, true)
    );
    assert!(refusal(watch.execute(ticket.id, "ben").await).contains("nobody do this yet"));
    let driver = house.ledger.driver();
    driver.clock().increase(86_401).unwrap();
    driver.mine().await.unwrap();
    let done = execute(&watch, &ticket).await;
    assert_eq!(
        (done.state, running(&house).await),
        (TicketState::Verified, ticket.upgrade.unwrap().to.address),
        "{done:?}"
    );
    assert_eq!(firing(&house, &watch).await, before, "neither saying nor doing is an alarm");

    // What was said can be taken back.
    let back = propose(&watch, Change::Code(CodeChange::Back(ticket.id))).await.unwrap();
    approve(&watch, &back).await;
    assert_eq!(execute(&watch, &back).await.state, TicketState::Scheduled);
    let ended = watch.end_ticket(back.id, "ann").await.unwrap().unwrap();
    assert_eq!(ended.state, TicketState::Withdrawn);
    driver.clock().increase(86_401).unwrap();
    driver.mine().await.unwrap();
    let call = &back.calls[0];
    let act = platform_ops::Act::of(&register, &call.on, &call.call, &call.args).unwrap();
    assert!(
        !house.act(act.to, act.input.to_vec(), 3_000_000).await.is_ok_and(|mined| mined.success),
        "it was taken back"
    );
    house.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_is_expected_on_a_chain_that_was_idle_for_hours() {
    let directory = tempfile::tempdir().unwrap();
    let idle = 7_200;
    let begun = crate::chain::now() - idle;
    let options = HouseOptions { start_time: Some(begun), ..options(directory.path()) };
    let (house, watch) = open_with(directory.path(), options).await;
    let args = vec!["5".to_owned(), Address::repeat_byte(7).to_checksum(None), "0".to_owned()];
    let call = "grantRole(uint64,address,uint32)".to_owned();
    let grant = TicketCall { on: "Authority".to_owned(), call, args };
    let ticket = propose(&watch, Change::Calls(vec![grant])).await.unwrap();
    watch.approve(ticket.id, &ticket.digest().to_string(), "ben").await.unwrap();
    // The block to come is of now, and the one before it of two hours ago.
    house.ledger.driver().clock().increase(idle).unwrap();
    assert_eq!(execute(&watch, &ticket).await.state, TicketState::Verified);
    assert_eq!(firing(&house, &watch).await, Vec::<String>::new());
    house.close().await.unwrap();
}
