//! Cases from the call to the end, on a real ledger with the real contracts.

use super::*;
use crate::{
    house::House,
    keeper::Keeper,
    profile::{Kind, Profile},
    up::{self, Opening},
};
use ledger_node::Sealing;
use platform_business::Platform;
use platform_protocol::contracts::{IMarket, StableToken};
use std::sync::{Arc, atomic::AtomicBool};

#[test]
fn a_vote_is_sealed_as_the_contract_does() {
    // keccak256(abi.encode(uint256, uint8, address, uint8, bytes32)): five words.
    let (sealed, salt) = seal(U256::from(3), 1, Address::repeat_byte(2), 2);
    let mut words = [0_u8; 160];
    (words[31], words[63], words[127]) = (3, 1, 2);
    words[76..96].copy_from_slice(&[2; 20]);
    words[128..].copy_from_slice(salt.as_slice());
    assert_eq!(sealed, keccak256(words));
}

#[test]
fn there_are_enough_for_an_appeal_beside_both_parties() {
    assert!(ARBITERS.len() >= 9);
}

/// A town with one seller, one buyer, one offer and its arbiters, and a
/// quarrel that has just been brought before them.
struct Quarrel {
    town: Arc<Town>,
    platform: Arc<Platform>,
    keeper: Keeper,
    _directory: tempfile::TempDir,
}

const ORDER: U256 = U256::from_limbs([1, 0, 0, 0]);

impl Quarrel {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let opening = Opening { sealing: Sealing::Manual, ..Opening::default() };
        let profile = Profile { kind: Kind::Demo, name: "Court".into() };
        let options = up::house_options(&profile, directory.path(), opening).unwrap();
        let house = Arc::new(House::open(options).await.unwrap());
        let town = Town::new(Arc::clone(&house)).unwrap();
        let platform = Arc::new(house.platform(None, None).await.unwrap());
        let (seller, buyer) = (&town.merchants[0], &town.customers[3]);
        let (token, market) = (house.manifest.stable_token.address, house.manifest.market.address);
        let now = house.ledger.ledger().store().head().block.header.timestamp;
        let amount = vec![U256::from(1_000_000_000_u64); 2];
        let mint = StableToken::mintBatchCall { to: vec![seller.address(), buyer.address()], amount };
        town.step(now, &house.operator, token, U256::ZERO, mint.abi_encode()).await.unwrap();
        for who in [seller, buyer] {
            let approve = StableToken::approveCall { spender: market, value: U256::MAX }.abi_encode();
            town.step(now, who, token, U256::ZERO, approve).await.unwrap();
        }
        let bond = Market::depositBondCall { token, amount: U256::from(500_000_000) }.abi_encode();
        town.step(now, seller, market, U256::ZERO, bond).await.unwrap();
        let terms = IMarket::Terms {
            token,
            unitPrice: 40_000_000,
            shippingPrice: 0,
            acceptWithin: 172_800,
            shipWithin: 432_000,
            deliverWithin: 1_814_400,
            inspectWithin: 604_800,
            digital: false,
        };
        let publish = Market::publishOfferCall { terms, stock: 5, metadata: B256::ZERO }.abi_encode();
        town.step(now, seller, market, U256::ZERO, publish).await.unwrap();
        town.offers.lock().await.push(super::super::town::OfferOnSale { number: 1, seller: seller.address() });
        town.seat_arbiters(now + 60).await.unwrap();
        town.quarrel(now + 120, buyer, 1, "the cup is chipped").await.unwrap();
        house.ledger.driver().set_sealing(Sealing::Instant);
        let keeper = Keeper::new(Arc::clone(&house), Arc::clone(&platform), Arc::new(AtomicBool::new(true)));
        Self { town, platform, keeper, _directory: directory }
    }

    /// Lets time pass without a block, and the keeper look until nothing is left for it to do.
    async fn pass(&self, seconds: u64) {
        self.town.house.ledger.driver().clock().increase(seconds).unwrap();
        for _ in 0..6 {
            self.index().await;
            self.keeper.take_turns().await.unwrap();
        }
        self.index().await;
    }

    async fn index(&self) {
        let (_keep, cancel) = tokio::sync::watch::channel(false);
        self.platform.backfill(&cancel, &|_| ()).await.unwrap();
    }

    async fn case(&self) -> DisputeView {
        let panel = self.town.panel().unwrap();
        self.town.house.view(panel, ArbiterPanel::disputeOfCall { disputeId: U256::from(1) }).await.unwrap()
    }

    async fn state(&self) -> u8 {
        self.town.house.view(self.town.house.manifest.market.address, order_call(ORDER)).await.unwrap().state
    }

    /// Every vote that can be sealed or opened now, the visitor's too.
    async fn vote(&self, choice: u8) {
        let case = self.case().await;
        let (panel, dispute) = (self.town.panel().unwrap(), U256::from(1));
        for arbiter in &case.panel {
            let (commitment, salt) = seal(dispute, case.round, *arbiter, choice);
            let commit = ArbiterPanel::commitVoteCall { disputeId: dispute, commitment }.abi_encode();
            let reveal = ArbiterPanel::revealVoteCall { disputeId: dispute, choice, salt }.abi_encode();
            for input in [commit, reveal] {
                let call = Call { from: *arbiter, to: panel, value: U256::ZERO, input: input.clone().into() };
                if self.town.house.embedded.would_succeed(call).await {
                    self.send(self.town.court.signer(*arbiter).unwrap(), panel, U256::ZERO, input).await;
                }
            }
        }
    }

    async fn send(&self, who: &Signer, to: Address, value: U256, input: Vec<u8>) {
        let embedded = &self.town.house.embedded;
        let nonce = Submit::nonce(embedded, who.address()).await.unwrap();
        let hash = embedded.send_raw(self.town.sign_with(who, nonce, to, value, input)).await.unwrap();
        assert!(embedded.wait(hash).await.unwrap().success);
    }
}

const DAY: u64 = 24 * HOUR;
const SETTLED: u8 = 12;
const RULED: u8 = 11;
const ESCALATED: u8 = 10;
const REFUNDED: u8 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_has_to_turn_the_wheels_of_a_case() {
    let quarrel = Quarrel::new().await;
    assert_eq!((quarrel.state().await, quarrel.case().await.phase), (ESCALATED, EVIDENCE));
    quarrel.pass(35 * HOUR).await;
    assert!(quarrel.case().await.entropy.is_zero(), "secrets are still taken");
    quarrel.pass(2 * HOUR).await;
    assert!(!quarrel.case().await.entropy.is_zero(), "the draw's block is known");
    assert_eq!(quarrel.case().await.phase, EVIDENCE);
    quarrel.pass(2 * DAY).await;
    assert_eq!((quarrel.case().await.phase, quarrel.case().await.panel.len()), (VOTING, 3));
    // Two passes of votes: sealing, then opening.
    quarrel.vote(2).await;
    quarrel.vote(2).await;
    quarrel.pass(60).await;
    assert_eq!((quarrel.case().await.phase, quarrel.state().await), (APPEALABLE, RULED));
    // The buyer lost, and asks a larger panel.
    let market = quarrel.town.house.manifest.market.address;
    let appeal = Aftersales::appealCall { orderId: ORDER }.abi_encode();
    let cost = U256::from(2) * U256::from(10).pow(U256::from(16));
    quarrel.send(&quarrel.town.customers[3], market, cost, appeal).await;
    quarrel.pass(37 * HOUR).await;
    quarrel.pass(2 * DAY).await;
    assert_eq!(quarrel.case().await.panel.len(), 7);
    quarrel.vote(1).await;
    quarrel.vote(1).await;
    quarrel.pass(60).await;
    // A second ruling is final at once, and a second later the keeper has the order paid out.
    quarrel.pass(60).await;
    assert_eq!(quarrel.state().await, SETTLED);
    let credit = Market::creditOfCall { account: quarrel.town.customers[3].address(), token: quarrel.token() };
    assert_eq!(quarrel.town.house.view(market, credit).await.unwrap(), U256::from(40_000_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arbiters_who_stay_silent_cost_the_parties_nothing() {
    let quarrel = Quarrel::new().await;
    for _ in 0..16 {
        quarrel.pass(DAY).await;
    }
    // Nobody voted: the round failed, the buyer was refunded, and the fee went back to both in halves.
    assert_eq!(quarrel.state().await, REFUNDED);
    let market = quarrel.town.house.manifest.market.address;
    let fee = U256::from(10).pow(U256::from(16));
    for (who, paid) in [(&quarrel.town.customers[3], true), (&quarrel.town.merchants[0], true)] {
        let credit = Market::creditOfCall { account: who.address(), token: Address::ZERO };
        let back = quarrel.town.house.view(market, credit).await.unwrap();
        assert_eq!(back == fee, paid, "{back} of {fee}");
    }
}

impl Quarrel {
    fn token(&self) -> Address {
        self.town.house.manifest.stable_token.address
    }
}
