//! The house gets another key of its own, and everything that hung on the old
//! one is the new one's.

use crate::{house::House, program::program, staff::Staff};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, SolEvent};
use platform_protocol::{
    Manifest, Signer, TransactionRequest,
    contracts::{
        ArbiterPanel, Authority, CouponVault, Erc20, GuildToken,
        ICouponVault::{CampaignTerms, SignedVoucher, Voucher},
        IMarket, Market, StableToken,
        coupon_vault::IMarket::Line,
    },
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Output,
    time::{Duration, Instant},
};

const CHAIN: u64 = 8_118;
const PHRASE: &str = "a phrase for tests";

/// A business in a directory of its own.
struct Business {
    directory: tempfile::TempDir,
}

impl Business {
    fn init() -> Self {
        let business = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::write(business.passphrase(), PHRASE).unwrap();
        let output = business.run(&["init", "--chain-id", &CHAIN.to_string()]);
        assert!(output.status.success(), "{}", said(&output));
        business
    }

    /// The same business as it is now, somewhere else.
    fn copy(&self) -> Self {
        let business = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::copy(self.passphrase(), business.passphrase()).unwrap();
        copy(&self.data(), &business.data());
        business
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn passphrase(&self) -> PathBuf {
        self.directory.path().join("passphrase")
    }

    fn run(&self, command: &[&str]) -> Output {
        let (data, passphrase) = (self.data(), self.passphrase());
        let flags = [Path::new("--data-dir"), &data, Path::new("--passphrase-file"), &passphrase];
        program().args(command).args(flags).output().unwrap()
    }

    fn rotate(&self, flags: &[&str]) -> Output {
        self.run(&[&["keys", "rotate"], flags].concat())
    }

    fn open(&self) -> House {
        House::open_business(&self.data(), &self.passphrase())
    }

    /// The key of a keystore.
    fn key(&self, name: &str) -> Signer {
        let path = self.data().join(format!("keys/{name}.json"));
        let key = PrivateKeySigner::decrypt_keystore(&path, PHRASE).unwrap_or_else(|error| panic!("{name}: {error}"));
        Signer::from_bytes(&key.to_bytes()).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.data().join(format!("keys/{name}.json")).exists()
    }

    fn manifest(&self) -> Manifest {
        Manifest::from_json(&std::fs::read_to_string(self.data().join("manifest.json")).unwrap()).unwrap()
    }

    /// How many alerts the watch has ever found.
    fn alerts(&self) -> usize {
        let output = program().arg("alerts").arg("--json").arg("--data-dir").arg(self.data()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap().len()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Asks a contract.
fn ask<C: SolCall>(house: &House, to: Address, call: C) -> C::Return {
    let input = Bytes::from(call.abi_encode());
    let answer = house.call("eth_call", &json!([{ "to": to, "input": input }, "latest"]));
    C::abi_decode_returns(&answer.as_str().unwrap().parse::<Bytes>().unwrap()).unwrap()
}

/// Sends a call, and says whether it succeeded.
fn send(house: &House, signer: &Signer, to: Address, call: impl SolCall) -> bool {
    let nonce = house.call("eth_getTransactionCount", &json!([signer.address(), "pending"]));
    let raw = signer.sign_transaction(TransactionRequest {
        chain_id: CHAIN,
        nonce: nonce.as_str().unwrap().parse::<U256>().unwrap().to(),
        to: Some(to),
        value: U256::ZERO,
        input: call.abi_encode().into(),
        gas_limit: 1_000_000,
        gas_price: 0,
    });
    let receipt = house.call("eth_sendRawTransactionSync", &json!([raw]));
    receipt["status"] == "0x1"
}

fn role(house: &House, manifest: &Manifest, role: u64, account: Address) -> (bool, u32) {
    let held = ask(house, manifest.authority.address, Authority::hasRoleCall { roleId: role, account });
    (held.isMember, held.executionDelay)
}

fn is_admin(house: &House, manifest: &Manifest, account: Address) -> bool {
    role(house, manifest, 0, account).0
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Whom the panel credits with its fees: no view says it.
fn panel_treasury(house: &House, manifest: &Manifest) -> Address {
    let (panel, topic) = (manifest.arbiter_panel.as_ref().unwrap().address, ArbiterPanel::TreasurySet::SIGNATURE_HASH);
    let logs = house.call("eth_getLogs", &json!([{ "address": panel, "topics": [topic], "fromBlock": "0x0" }]));
    let data: Bytes = logs.as_array().unwrap().last().unwrap()["data"].as_str().unwrap().parse().unwrap();
    Address::from_slice(&data[12..])
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Until the watch has judged every block there is.
fn judged(house: &House, staff: &Staff) {
    let head = house.call("eth_blockNumber", &json!([]));
    let head: u64 = head.as_str().unwrap().parse::<U256>().unwrap().to();
    wait_for("the watch is behind", || staff.get("/ops/overview")["judged"].as_u64().unwrap() >= head);
}

/// What the log says of exchanges of keys, oldest first.
fn noted(staff: &Staff) -> Vec<Value> {
    let log = staff.get("/ops/log");
    let own = log.as_array().unwrap().iter().rev().filter(|entry| entry["kind"] == "rotation");
    own.map(|entry| entry["body"].clone()).collect()
}

/// `keys list` says of the two keys what they may do.
fn is_listed(business: &Business, old: Address, new: Address) {
    let listed = business.run(&["keys", "list"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let line = |address: Address| text.lines().find(|line| line.contains(&address.to_string())).unwrap().to_owned();
    assert!(line(new).starts_with("operator ") && line(new).contains("admin, operator"), "{text}");
    assert!(line(new).contains("role-9 (after 60 s)"), "{text}");
    assert!(line(old).starts_with("former operator") && line(old).ends_with("no roles"), "{text}");
}

#[test]
fn everything_that_hangs_on_the_houses_key_is_handed_to_another() {
    let business = Business::init();
    let house = business.open();
    let (old, manifest) = (business.key("operator"), business.manifest());
    let (stable, guild, market) =
        (manifest.stable_token.address, manifest.guild_token.address, manifest.market.address);
    let gold = U256::from(5_000_000);
    assert!(send(&house, &old, stable, StableToken::mintCall { to: old.address(), amount: gold }));
    assert!(send(&house, &old, guild, GuildToken::delegateCall { delegatee: old.address() }));
    // Somebody gives the house's key a right that no deployment has: that is an alert, and closes the money.
    let odd = Authority::grantRoleCall { roleId: 9, account: old.address(), executionDelay: 60 };
    assert!(send(&house, &old, manifest.authority.address, odd));
    wait_for("nobody answered", || ask(&house, market, Market::pausedCall {}));
    let staff = Staff::enter(&house, &old, CHAIN);
    wait_for("the measure is not written down", || {
        staff.get("/ops/runs").as_array().unwrap().iter().any(|run| run["playbook"] == "close-money")
    });
    judged(&house, &staff);
    house.kill();
    let alerts = business.alerts();
    assert!(alerts > 0);

    let check = business.rotate(&["--check"]);
    assert!(check.status.success(), "{}", said(&check));
    for part in ["role-9 with its delay of 60 seconds", "role admin", "Nothing was changed", "send 5000000 units"] {
        assert!(said(&check).contains(part), "{part}: {}", said(&check));
    }
    assert!(!business.has("operator.next") && business.key("operator").address() == old.address());

    let rotated = business.rotate(&[]);
    assert!(rotated.status.success(), "{}", said(&rotated));
    assert!(!said(&rotated).contains("stays with the old key"), "{}", said(&rotated));
    let new = business.key("operator");
    assert_ne!(new.address(), old.address());
    assert!(!business.has("operator.next"));
    assert_eq!(business.key(&format!("operator-{}", old.address())).address(), old.address(), "nothing is deleted");
    assert_eq!(business.manifest().treasury, new.address());
    is_listed(&business, old.address(), new.address());

    let house = business.open();
    is_listed(&business, old.address(), new.address());
    assert!(is_admin(&house, &manifest, new.address()) && !is_admin(&house, &manifest, old.address()));
    assert_eq!(role(&house, &manifest, 9, new.address()), (true, 60), "with the delay that the old one had");
    for number in (1..=7).chain([9]) {
        assert!(!role(&house, &manifest, number, old.address()).0, "role {number}");
        assert!(role(&house, &manifest, number, new.address()).0, "role {number}");
    }
    assert_eq!(ask(&house, market, Market::treasuryCall {}), new.address(), "fees go to the new key");
    assert_eq!(panel_treasury(&house, &manifest), new.address(), "those of arbitration too");
    assert_eq!(ask(&house, stable, StableToken::balanceOfCall { account: new.address() }), gold);
    assert!(ask(&house, guild, GuildToken::getVotesCall { account: new.address() }) > U256::from(1_000_000));
    assert!(ask(&house, guild, GuildToken::balanceOfCall { account: old.address() }).is_zero());
    assert!(!send(&house, &old, market, Market::unpauseCall {}), "the old key may do nothing any more");
    let (_, issuer) = house.ask("GET", "/api/v1/coupon-issuer", "", "").unwrap();
    assert!(issuer.contains(&new.derive("coupons").address().to_checksum(None)), "{issuer}");

    // The new key acts for the house, and nobody took the exchange for a theft.
    let staff = Staff::enter(&house, &new, CHAIN);
    judged(&house, &staff);
    assert_eq!(business.alerts(), alerts);
    let runs = staff.get("/ops/runs");
    let closed = runs.as_array().unwrap().iter().find(|run| run["playbook"] == "close-money").unwrap();
    let (status, back) = staff.post(&format!("/ops/runs/{}/rollback", closed["id"]), &json!({}));
    assert_eq!((status, &back["state"]), (200, &json!("rolled_back")), "{back}");
    assert!(!ask(&house, market, Market::pausedCall {}));
    let (status, paused) =
        staff.post("/ops/runs", &json!({ "playbook": "pause-market", "with": {}, "incident": null }));
    assert_eq!((status, &paused["state"]), (201, &json!("verified")), "{paused}");
    let noted = noted(&staff);
    let states: Vec<&str> = noted.iter().map(|body| body["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["announced", "made"]);
    let same =
        |side: &str, address: Address| noted[1][side].as_str().unwrap().eq_ignore_ascii_case(&address.to_string());
    assert!(same("from", old.address()) && same("to", new.address()), "{noted:?}");
    // What the new key does without a ticket is an alert as ever.
    let grant = Authority::grantRoleCall { roleId: 3, account: Address::repeat_byte(9), executionDelay: 0 };
    assert!(send(&house, &new, manifest.authority.address, grant));
    wait_for("nobody noticed", || business.alerts() > alerts);
}

/// A seller and a buyer of a business, with money.
struct Trade {
    stable: Address,
    market: Address,
    seller: Signer,
    buyer: Signer,
}

const DAY: u32 = 86_400;
const GOLD: u64 = 1_000_000;

impl Trade {
    /// The seller offers something for ten, and the house gives a tenth of it to whoever buys.
    fn begin(house: &House, manifest: &Manifest, operator: &Signer) -> Self {
        let person = |number: u8| Signer::from_bytes(&B256::repeat_byte(number)).unwrap();
        let (stable, market) = (manifest.stable_token.address, manifest.market.address);
        let trade = Self { stable, market, seller: person(0x51), buyer: person(0x52) };
        for owner in [&trade.seller, &trade.buyer, operator] {
            let mint = StableToken::mintCall { to: owner.address(), amount: U256::from(100 * GOLD) };
            assert!(send(house, operator, stable, mint));
            assert!(send(house, owner, stable, Erc20::approveCall { spender: market, value: U256::MAX }));
        }
        let bond = Market::depositBondCall { token: stable, amount: U256::from(50 * GOLD) };
        assert!(send(house, &trade.seller, market, bond));
        let terms = IMarket::Terms {
            token: stable,
            unitPrice: u128::from(10 * GOLD),
            shippingPrice: 0,
            acceptWithin: 2 * DAY,
            shipWithin: 5 * DAY,
            deliverWithin: 21 * DAY,
            inspectWithin: DAY,
            digital: true,
        };
        let offer = Market::publishOfferCall { terms, stock: 9, metadata: B256::repeat_byte(1) };
        assert!(send(house, &trade.seller, market, offer));
        let (_, issuer) = house.ask("GET", "/api/v1/coupon-issuer", "", "").unwrap();
        let issuer: Value = serde_json::from_str(&issuer).unwrap();
        let terms = CampaignTerms {
            token: stable,
            issuer: issuer["address"].as_str().unwrap().parse().unwrap(),
            percentBps: 1_000,
            amount: 0,
            subsidyMax: u128::from(5 * GOLD),
            spendMin: u128::from(GOLD),
            startsAt: 1_700_000_000,
            endsAt: now() + 30 * u64::from(DAY),
            seller: Address::ZERO,
            category: B256::ZERO,
            stackable: false,
        };
        let campaign = CouponVault::openCampaignCall { terms, amount: U256::from(20 * GOLD) };
        assert!(send(house, operator, market, campaign));
        let staff = Staff::enter(house, operator, CHAIN);
        let name = json!({ "name": { "en": "Autumn fair", "zh": "秋集" }, "per_person": 1 });
        wait_for("the campaign is not indexed", || staff.put("/campaigns/1", &name).0 == 200);
        trade
    }

    /// The buyer buys one with a coupon, and pays once it arrived.
    fn buy(&self, house: &House) {
        let buyer = Staff::enter(house, &self.buyer, CHAIN);
        let lines = json!({ "lines": [{ "offer_id": "1", "quantity": 1 }], "code": "" });
        let (status, given) = buyer.post("/coupon-vouchers", &lines);
        assert_eq!((status, &given["lines"][0]["saved"]["amount"]), (200, &json!("1000000")), "{given}");
        let read = &given["lines"][0]["vouchers"][0];
        let voucher = Voucher {
            campaignId: U256::from(1),
            nullifier: read["nullifier"].as_str().unwrap().parse().unwrap(),
            buyer: self.buyer.address(),
            offerId: U256::from(1),
            category: read["category"].as_str().unwrap().parse().unwrap(),
            expiresAt: read["expires_at"].as_u64().unwrap(),
        };
        let signed = SignedVoucher { voucher, signature: read["signature"].as_str().unwrap().parse().unwrap() };
        let offer = ask(house, self.market, Market::offerCall { offerId: U256::from(1) });
        let line = Line {
            offerId: U256::from(1),
            version: offer.version,
            quantity: 1,
            termsHash: offer.termsHash,
            deliveryHash: B256::repeat_byte(2),
        };
        let place = CouponVault::placeOrdersWithCall {
            lines: vec![line],
            vouchers: vec![vec![signed]],
            affiliate: Address::ZERO,
        };
        assert!(send(house, &self.buyer, self.market, place), "the coupon is not taken");
        let orders = vec![U256::from(1)];
        let ship = Market::shipCall { orderIds: orders.clone(), trackingHashes: vec![B256::repeat_byte(3)] };
        assert!(send(house, &self.seller, self.market, Market::acceptCall { orderIds: orders.clone() }));
        assert!(send(house, &self.seller, self.market, ship));
        assert!(send(house, &self.buyer, self.market, Market::confirmDeliveryCall { orderIds: orders.clone() }));
        assert!(send(house, &self.buyer, self.market, Market::releaseCall { orderIds: orders }));
    }

    fn credit(&self, house: &House, account: Address) -> U256 {
        ask(house, self.market, Market::creditOfCall { account, token: self.stable })
    }
}

#[test]
fn a_coupon_from_before_is_taken_afterwards_and_the_fee_goes_to_the_new_key() {
    let business = Business::init();
    let house = business.open();
    let (old, manifest) = (business.key("operator"), business.manifest());
    let trade = Trade::begin(&house, &manifest, &old);
    house.kill();
    let rotated = business.rotate(&[]);
    assert!(rotated.status.success(), "{}", said(&rotated));
    let house = business.open();
    trade.buy(&house);
    let new = business.key("operator").address();
    // Two percent of ten.
    assert_eq!(trade.credit(&house, new), U256::from(GOLD / 5));
    assert!(trade.credit(&house, old.address()).is_zero());
    assert_eq!(business.alerts(), 0);
    house.kill();
    // A second exchange takes the fee along.
    let again = business.rotate(&[]);
    assert!(again.status.success(), "{}", said(&again));
    let (house, third) = (business.open(), business.key("operator").address());
    assert!(trade.credit(&house, new).is_zero());
    let balance = ask(&house, trade.stable, Erc20::balanceOfCall { account: third });
    assert_eq!(balance, U256::from(80 * GOLD + GOLD / 5));
    assert_eq!(business.alerts(), 0);
}

#[test]
fn an_exchange_that_was_killed_anywhere_leaves_a_house_that_opens_and_can_be_finished() {
    let founded = Business::init();
    founded.open().kill();
    let (old, manifest) = (founded.key("operator").address(), founded.manifest());
    for (step, handed) in
        [("drawn", false), ("announced", false), ("moved", false), ("switched", true), ("noted", true)]
    {
        let business = founded.copy();
        let killed = business.rotate(&["--die-after", step]);
        assert!(!killed.status.success(), "{step}");
        assert!(business.has("operator.next") && business.key("operator").address() == old, "{step}");
        let next = business.key("operator.next").address();
        let acting = if handed { next } else { old };
        let house = business.open();
        assert_eq!((is_admin(&house, &manifest, old), is_admin(&house, &manifest, next)), (!handed, handed), "{step}");
        assert_eq!((business.key("operator").address(), business.has("operator.next")), (acting, !handed), "{step}");
        let signer = business.key("operator");
        let staff = Staff::enter(&house, &signer, CHAIN);
        let (status, run) =
            staff.post("/ops/runs", &json!({ "playbook": "pause-market", "with": {}, "incident": null }));
        assert_eq!((status, &run["state"]), (201, &json!("verified")), "{step}: {run}");
        judged(&house, &staff);
        assert_eq!(business.alerts(), 0, "{step}");
        if handed {
            assert_eq!(noted(&staff).last().unwrap()["state"], "made", "{step}: written at the next start");
            assert!(business.has(&format!("operator-{old}")), "{step}");
            continue;
        }
        house.kill();
        let again = business.rotate(&[]);
        assert!(again.status.success(), "{step}: {}", said(&again));
        assert_eq!(business.key("operator").address(), next, "{step}: no second key is drawn");
        let house = business.open();
        assert!(is_admin(&house, &manifest, next) && !is_admin(&house, &manifest, old), "{step}");
        assert_eq!(ask(&house, manifest.market.address, Market::treasuryCall {}), next, "{step}");
        judged(&house, &Staff::enter(&house, &business.key("operator"), CHAIN));
        assert_eq!(business.alerts(), 0, "{step}");
    }
}

#[test]
fn an_exchange_that_can_not_be_made_is_refused_and_draws_no_key() {
    let business = Business::init();
    let early = business.rotate(&[]);
    assert_eq!(early.status.code(), Some(2));
    assert!(said(&early).contains("no contracts yet"), "{}", said(&early));
    let house = business.open();
    let held = business.rotate(&["--check"]);
    assert!(!held.status.success() && said(&held).contains("in use"), "{}", said(&held));
    // The administrator's right gets a delay.
    let (old, manifest) = (business.key("operator"), business.manifest());
    let delayed = Authority::grantRoleCall { roleId: 0, account: old.address(), executionDelay: 3_600 };
    assert!(send(&house, &old, manifest.authority.address, delayed));
    house.kill();
    let refused = business.rotate(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("delay of 3600 seconds") && said(&refused).contains("schedule"),
        "{}",
        said(&refused)
    );
    assert!(!business.has("operator.next"));

    let town = tempfile::tempdir().unwrap();
    std::fs::write(town.path().join("guildhall.toml"), "kind = \"demo\"\nname = \"Town\"\n").unwrap();
    let demo = program().args(["keys", "rotate", "--data-dir"]).arg(town.path()).output().unwrap();
    assert_eq!(demo.status.code(), Some(2));
    assert!(said(&demo).contains("known to everyone"), "{}", said(&demo));
}
