//! The town's people, what they do, and the buttons of the demo.

use super::{
    catalogue::{CUSTOMERS_EN, INITIALS, MERCHANTS, REVIEWS},
    court::{ARBITERS, Court, purse},
    street::{Move, OpenOrder, Street, next_move, stars},
};
use crate::{house::House, keeper, keys};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use anyhow::Context;
use async_trait::async_trait;
use platform_api::Problem;
use platform_business::{Bilingual, DemoHooks, DemoInfo, DemoPersona, DemoTraffic, Platform};
use platform_index::{Cancel, Head};
use platform_protocol::{
    Call, Signer, Submit, TransactionRequest,
    contracts::{
        Aftersales, Authority, CouponVault, IMarket, Market, Reviews, StableToken,
        coupon_vault::IMarket::Line as VaultLine,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

/// How many customers live here.
pub(super) const CUSTOMERS: usize = 240;
/// Orders that the town places in a minute while its traffic runs.
const ORDERS_PER_MINUTE: u32 = 12;
const ROUND: Duration = Duration::from_secs(5);
/// No transaction of the town needs more.
const GAS_LIMIT: u64 = 2_000_000;
/// How long somebody has had their goods before they review them.
const REFLECTION: u64 = 30 * 3_600;
/// The role of those who may pause, by its number in `contracts/src/governance/Roles.sol`.
const PAUSER: u64 = 2;
/// What the faucet gives, in the stable token's smallest unit.
const FAUCET: u64 = 500_000_000;

/// The demo town.
pub(crate) struct Town {
    pub(super) house: Arc<House>,
    pub(super) merchants: Vec<Signer>,
    pub(super) customers: Vec<Signer>,
    pub(super) by_address: HashMap<Address, Signer>,
    pub(super) offers: Mutex<Vec<OfferOnSale>>,
    pub(super) street: Mutex<Street>,
    /// Orders placed from this chain time on move at a visitor's pace.
    pub(super) live_since: AtomicU64,
    pub(super) court: Court,
    /// Who is on call, and who looks after security: both may pause.
    staff: [Signer; 2],
    staff_first: u32,
    traffic: AtomicBool,
    /// Whether the house ends what is overdue by itself.
    keeper: Arc<AtomicBool>,
    /// One at a time: two would use the same nonces.
    acting: Mutex<()>,
}

/// An offer that customers of the town may buy.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfferOnSale {
    pub(super) number: u64,
    pub(super) seller: Address,
}

impl Town {
    /// Gathers the town's people; nothing is sent yet.
    pub(crate) fn new(house: Arc<House>) -> anyhow::Result<Arc<Self>> {
        let count = u32::try_from(MERCHANTS.len() + CUSTOMERS)?;
        let signers: Vec<Signer> = keys::dev_keys(1, count)?
            .iter()
            .map(Signer::from_bytes)
            .collect::<Result<_, _>>()
            .context("can't use a key of the town")?;
        let (merchants, customers) = signers.split_at(MERCHANTS.len());
        for (signer, merchant) in merchants.iter().zip(MERCHANTS) {
            house.names.set(signer.address(), format!("{} {}", merchant.en, merchant.zh));
        }
        let initials: Vec<char> = INITIALS.chars().collect();
        for (index, signer) in customers.iter().enumerate() {
            let name = CUSTOMERS_EN[index % CUSTOMERS_EN.len()];
            let initial = initials[index / CUSTOMERS_EN.len() % initials.len()];
            house.names.set(signer.address(), format!("{name} {initial}."));
        }
        house.names.set(house.operator.address(), "Town office 镇务所");
        let court = Court::new(1 + count)?;
        for (signer, (en, zh)) in court.arbiters.iter().zip(ARBITERS) {
            house.names.set(signer.address(), format!("{en} {zh}"));
        }
        let staff_first = 1 + count + u32::try_from(ARBITERS.len())?;
        let keys = keys::dev_keys(staff_first, 2)?;
        let staff = [Signer::from_bytes(&keys[0])?, Signer::from_bytes(&keys[1])?];
        for (signer, name) in staff.iter().zip(["Ines 伊内斯", "Kofi 科菲"]) {
            house.names.set(signer.address(), name.to_owned());
        }
        let by_address = signers.iter().map(|signer| (signer.address(), signer.clone())).collect();
        Ok(Arc::new(Self {
            merchants: merchants.to_vec(),
            customers: customers.to_vec(),
            by_address,
            offers: Mutex::default(),
            street: Mutex::default(),
            live_since: AtomicU64::new(u64::MAX),
            court,
            staff,
            staff_first,
            traffic: AtomicBool::new(true),
            keeper: Arc::new(AtomicBool::new(true)),
            acting: Mutex::new(()),
            house,
        }))
    }

    /// Gives those who look after the town the right to pause it.
    pub(super) async fn hire_staff(&self, time: u64) -> anyhow::Result<()> {
        let operator = &self.house.operator;
        let nonce = Submit::nonce(&self.house.embedded, operator.address()).await?;
        let authority = self.house.manifest.authority.address;
        let grants: Vec<_> = (nonce..)
            .zip(&self.staff)
            .map(|(nonce, person)| {
                let grant = Authority::grantRoleCall { roleId: PAUSER, account: person.address(), executionDelay: 0 };
                self.sign(operator, nonce, authority, grant.abi_encode())
            })
            .collect();
        self.house.mine_at(time, &grants).await
    }

    /// Whom a visitor can be: nobody else moves their orders.
    pub(super) fn personas(&self) -> [Address; 2] {
        [self.customers[0].address(), self.merchants[0].address()]
    }

    /// Cleared while visitors want to end overdue orders themselves.
    pub(crate) fn keeper_switch(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.keeper)
    }

    /// Runs the town's daily life until the house closes.
    pub(crate) fn start_traffic(self: &Arc<Self>, cancel: Cancel) {
        let town = Arc::clone(self);
        let mut cancel = cancel;
        tokio::spawn(async move {
            let mut random = StdRng::from_os_rng();
            loop {
                if town.traffic.load(Ordering::Relaxed)
                    && let Err(error) = town.live_round(&mut random).await
                {
                    tracing::debug!(error = format!("{error:#}"), "a round of the town's traffic failed");
                }
                tokio::select! {
                    () = tokio::time::sleep(ROUND) => {}
                    _ = cancel.wait_for(|stopped| *stopped) => return,
                }
            }
        });
    }

    async fn live_round(&self, random: &mut StdRng) -> anyhow::Result<()> {
        let _acting = self.acting.lock().await;
        let now = self.house.ledger.driver().clock().now();
        for transaction in self.moves(now, true).await? {
            self.house.embedded.send_raw(transaction).await?;
        }
        for review in self.reviews(now).await? {
            self.house.embedded.send_raw(review).await?;
        }
        for vote in self.votes().await? {
            self.house.embedded.send_raw(vote).await?;
        }
        let expected = f64::from(ORDERS_PER_MINUTE) * ROUND.as_secs_f64() / 60.0;
        if random.random_bool(expected.min(1.0)) {
            let buyer = self.customers[random.random_range(1..self.customers.len())].clone();
            if let Some(transaction) = self.purchase(&buyer, random, None, None).await? {
                self.house.embedded.send_raw(transaction).await?;
            }
        }
        Ok(())
    }

    /// Looks at blocks that came since the last time.
    pub(super) async fn catch_up(&self) -> anyhow::Result<()> {
        let mut street = self.street.lock().await;
        let store = self.house.ledger.ledger().store();
        for number in street.next_block()..=store.head().number() {
            if let Some(block) = store.block(number)? {
                street.see(&block, self.house.manifest.market.address);
            }
        }
        Ok(())
    }

    /// Transactions of everyone who does something with an open order now.
    pub(super) async fn moves(&self, now: u64, live: bool) -> anyhow::Result<Vec<Bytes>> {
        self.catch_up().await?;
        let live_since = self.live_since.load(Ordering::Relaxed);
        let personas = self.personas();
        let mut due: Vec<(Address, Move, u64, OpenOrder)> = Vec::new();
        for (number, order) in &self.street.lock().await.open {
            let visitors = personas.contains(&order.buyer) || personas.contains(&order.seller);
            if live && visitors {
                continue;
            }
            let Some(action) = next_move(*number, order, now, order.placed >= live_since) else { continue };
            let actor = match action {
                Move::Accept | Move::Decline | Move::Ship | Move::Agree => order.seller,
                Move::Cancel | Move::Confirm | Move::Release | Move::Dispute => order.buyer,
                // The keeper ends overdue orders once the town is open.
                Move::End if live => continue,
                Move::End => self.house.operator.address(),
            };
            due.push((actor, action, *number, *order));
        }
        let mut nonces = HashMap::new();
        let mut transactions = Vec::new();
        for (actor, action, number, order) in due {
            let signer = if actor == self.house.operator.address() {
                &self.house.operator
            } else if let Some(signer) = self.by_address.get(&actor) {
                signer
            } else {
                // Somebody from outside the town: they act for themselves.
                continue;
            };
            let orders = vec![U256::from(number)];
            let input = match action {
                Move::Accept => Market::acceptCall { orderIds: orders }.abi_encode(),
                Move::Decline => Market::declineCall { orderId: orders[0] }.abi_encode(),
                Move::Cancel => Market::cancelCall { orderId: orders[0] }.abi_encode(),
                Move::Ship => {
                    let hashes = vec![keccak256(format!("TOWN-{number:06}"))];
                    Market::shipCall { orderIds: orders, trackingHashes: hashes }.abi_encode()
                }
                Move::Confirm => Market::confirmDeliveryCall { orderIds: orders }.abi_encode(),
                Move::Release => Market::releaseCall { orderIds: orders }.abi_encode(),
                Move::Dispute => {
                    let (half, reason) = (half_of(order.amount), keccak256("the glaze has a crack"));
                    Aftersales::disputeCall { orderId: orders[0], buyerAmount: half, reasonHash: reason }.abi_encode()
                }
                Move::Agree => {
                    let half = half_of(order.amount);
                    Aftersales::acceptSplitCall { orderId: orders[0], buyerAmount: half }.abi_encode()
                }
                Move::End => keeper::call(order.stage.overdue(), orders),
            };
            let nonce = match nonces.get(&actor) {
                Some(nonce) => *nonce,
                None => Submit::nonce(&self.house.embedded, actor).await?,
            };
            nonces.insert(actor, nonce + 1);
            transactions.push(self.sign(signer, nonce, self.house.manifest.market.address, input));
        }
        Ok(transactions)
    }

    /// Reviews of those who have had their goods for a while.
    pub(super) async fn reviews(&self, now: u64) -> anyhow::Result<Vec<Bytes>> {
        let Some(reviews) = self.house.manifest.reviews.as_ref().map(|reviews| reviews.address) else {
            return Ok(Vec::new());
        };
        let visitors = self.personas();
        let due: Vec<(u64, Address)> = {
            let mut street = self.street.lock().await;
            let due: Vec<(u64, Address)> = street
                .enjoyed
                .iter()
                .filter(|(_, (_, ended))| now > ended + REFLECTION)
                .map(|(number, (buyer, _))| (*number, *buyer))
                .collect();
            for (number, _) in &due {
                street.enjoyed.remove(number);
            }
            due
        };
        let mut nonces = HashMap::new();
        let mut transactions = Vec::new();
        for (number, buyer) in due {
            let Some((stars, text)) = stars(number).filter(|_| !visitors.contains(&buyer)) else { continue };
            let Some(signer) = self.by_address.get(&buyer) else { continue };
            let texts = REVIEWS[usize::from(stars - 1)];
            let text = texts[text % texts.len()];
            let hash = if text.is_empty() { B256::ZERO } else { keccak256(text) };
            let input =
                Reviews::reviewCall { orderId: U256::from(number), rating: stars, contentHash: hash }.abi_encode();
            let call = Call { from: buyer, to: reviews, value: U256::ZERO, input: input.clone().into() };
            // Reviewed already, before an earlier start.
            if Submit::call(&self.house.embedded, call).await.is_err() {
                continue;
            }
            let nonce = match nonces.get(&buyer) {
                Some(nonce) => *nonce,
                None => Submit::nonce(&self.house.embedded, buyer).await?,
            };
            nonces.insert(buyer, nonce + 1);
            transactions.push(self.sign(signer, nonce, reviews, input));
        }
        Ok(transactions)
    }

    /// A purchase of one or two things by `buyer`; of `seller`'s where given. With a platform and a time, coupons that
    /// apply then are used.
    pub(super) async fn purchase(
        &self,
        buyer: &Signer,
        random: &mut StdRng,
        seller: Option<Address>,
        coupons: Option<(&Platform, u64)>,
    ) -> anyhow::Result<Option<Bytes>> {
        let offers = self.offers.lock().await.clone();
        let offers: Vec<_> =
            offers.into_iter().filter(|offer| seller.is_none_or(|seller| offer.seller == seller)).collect();
        if offers.is_empty() {
            return Ok(None);
        }
        let mut lines = Vec::new();
        for _ in 0..if random.random_bool(0.25) { 2 } else { 1 } {
            // The square of a uniform number: some things are popular.
            let uniform: f64 = random.random();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "an index below the number of offers"
            )]
            let index = ((uniform * uniform) * offers.len() as f64) as usize;
            let offer = offers[index.min(offers.len() - 1)];
            lines.push(self.line(offer.number, random.random_range(1..=2), random.random()).await?);
        }
        let input = match coupons {
            Some((platform, now)) => with_coupons(platform, buyer.address(), lines, now).await?,
            None => Market::placeOrdersCall { lines }.abi_encode(),
        };
        let nonce = Submit::nonce(&self.house.embedded, buyer.address()).await?;
        let market = self.house.manifest.market.address;
        let call = Call { from: buyer.address(), to: market, value: U256::ZERO, input: input.clone().into() };
        // Sold out, out of money, or the seller's bond is used up: not today.
        if Submit::call(&self.house.embedded, call).await.is_err() {
            return Ok(None);
        }
        Ok(Some(self.sign(buyer, nonce, market, input)))
    }

    async fn line(&self, offer: u64, quantity: u32, salt: [u8; 32]) -> anyhow::Result<IMarket::Line> {
        let market = self.house.manifest.market.address;
        let view = self.house.view(market, Market::offerCall { offerId: U256::from(offer) }).await?;
        Ok(IMarket::Line {
            offerId: U256::from(offer),
            version: view.version,
            quantity,
            termsHash: view.termsHash,
            deliveryHash: B256::from(salt),
        })
    }

    /// An order of one piece of an offer, and the number it will have.
    pub(super) async fn place_order(&self, buyer: &Signer, offer: u64) -> anyhow::Result<(Bytes, u64)> {
        let market = self.house.manifest.market.address;
        let orders = self.house.view(market, Market::countsCall {}).await?.orders;
        let lines = vec![self.line(offer, 1, keccak256(format!("quarrel-{orders}")).0).await?];
        let nonce = Submit::nonce(&self.house.embedded, buyer.address()).await?;
        let input = Market::placeOrdersCall { lines }.abi_encode();
        Ok((self.sign(buyer, nonce, market, input), orders + 1))
    }

    pub(super) fn sign(&self, signer: &Signer, nonce: u64, to: Address, input: Vec<u8>) -> Bytes {
        self.sign_with(signer, nonce, to, U256::ZERO, input)
    }

    /// A signed transaction that carries coin.
    pub(super) fn sign_with(&self, signer: &Signer, nonce: u64, to: Address, value: U256, input: Vec<u8>) -> Bytes {
        signer.sign_transaction(TransactionRequest {
            chain_id: self.house.manifest.chain_id,
            nonce,
            to: Some(to),
            value,
            input: input.into(),
            gas_limit: GAS_LIMIT,
            gas_price: 0,
        })
    }
}

/// A basket with the coupons that a customer's page would have found for it.
async fn with_coupons(
    platform: &Platform,
    buyer: Address,
    lines: Vec<IMarket::Line>,
    now: u64,
) -> anyhow::Result<Vec<u8>> {
    let asked: Vec<(u64, u32)> = lines.iter().map(|line| (line.offerId.saturating_to(), line.quantity)).collect();
    let found = platform.vouchers(buyer, &asked, now).await;
    let vouchers = found.map_err(|problem| anyhow::anyhow!("no coupons could be had: {problem:?}"))?;
    if vouchers.iter().all(Vec::is_empty) {
        return Ok(Market::placeOrdersCall { lines }.abi_encode());
    }
    let line = |line: IMarket::Line| VaultLine {
        offerId: line.offerId,
        version: line.version,
        quantity: line.quantity,
        termsHash: line.termsHash,
        deliveryHash: line.deliveryHash,
    };
    let lines = lines.into_iter().map(line).collect();
    Ok(CouponVault::placeOrdersWithCall { lines, vouchers, affiliate: Address::ZERO }.abi_encode())
}

/// What somebody asks for who is half content; never nothing.
fn half_of(amount: U256) -> U256 {
    amount.div_ceil(U256::from(2))
}

fn refused(error: impl std::fmt::Display) -> Problem {
    Problem::internal(&std::io::Error::other(error.to_string()))
}

#[async_trait]
impl DemoHooks for Town {
    async fn info(&self) -> Result<DemoInfo, Problem> {
        let persona = |role: &str, en: &str, zh: &str, address: Address, derivation_index: usize| DemoPersona {
            role: role.into(),
            name: Bilingual::new(en, zh),
            address: address.to_string(),
            derivation_index: u32::try_from(derivation_index).unwrap_or(u32::MAX),
        };
        let seller = &MERCHANTS[0];
        let [buyer_address, seller_address] = self.personas();
        let sits = self.court.visitor();
        let (arbiter_en, arbiter_zh) = ARBITERS[sits];
        let arbiter_index = usize::try_from(self.court.first_index).unwrap_or(usize::MAX).saturating_add(sits);
        let staff = usize::try_from(self.staff_first).unwrap_or(usize::MAX - 1);
        Ok(DemoInfo {
            mnemonic: keys::DEV_MNEMONIC.to_owned(),
            personas: vec![
                persona("buyer", "Ada, a customer", "顾客小艾", buyer_address, MERCHANTS.len() + 1),
                persona("seller", seller.en, seller.zh, seller_address, 1),
                persona(
                    "arbiter",
                    &format!("{arbiter_en}, an arbiter"),
                    &format!("仲裁员{arbiter_zh}"),
                    self.court.arbiters[sits].address(),
                    arbiter_index,
                ),
                persona("operator", "The town office", "镇务所", self.house.operator.address(), 0),
                persona("oncall", "Ines, on call", "值班员伊内斯", self.staff[0].address(), staff),
                persona("security", "Kofi, security", "安全员科菲", self.staff[1].address(), staff + 1),
            ],
            traffic: DemoTraffic {
                running: self.traffic.load(Ordering::Relaxed),
                orders_per_minute: ORDERS_PER_MINUTE,
                keeper: self.keeper.load(Ordering::Relaxed),
            },
        })
    }

    async fn set_traffic(&self, running: bool) -> Result<(), Problem> {
        self.traffic.store(running, Ordering::Relaxed);
        Ok(())
    }

    async fn set_keeper(&self, running: bool) -> Result<(), Problem> {
        self.keeper.store(running, Ordering::Relaxed);
        Ok(())
    }

    async fn faucet(&self, account: Address) -> Result<(), Problem> {
        let mint = StableToken::mintBatchCall { to: vec![account], amount: vec![U256::from(FAUCET)] }.abi_encode();
        let mined = self.house.act(self.house.manifest.stable_token.address, mint, GAS_LIMIT).await;
        mined.map_err(|error| refused(format!("{error:#}")))?;
        // Arbiters are paid in coin.
        self.house.pay(account, purse()).await.map_err(|error| refused(format!("{error:#}")))?;
        Ok(())
    }

    async fn advance_clock(&self, seconds: u64) -> Result<Head, Problem> {
        let driver = self.house.ledger.driver();
        driver.clock().increase(seconds).map_err(refused)?;
        let block = driver.mine().await.map_err(refused)?;
        Ok(Head { number: block.number(), hash: block.block.hash, timestamp: block.block.header.timestamp })
    }
}
