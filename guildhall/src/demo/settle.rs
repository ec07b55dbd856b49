//! Founding the town: money, shops, and a month of trade before the doors
//! open.

use super::{
    catalogue::{Good, MERCHANTS, REVIEWS},
    fair, parcels, pictures,
    street::{Move, Stage},
    tea,
    town::{OfferOnSale, Town},
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use ledger_node::Sealing;
use platform_business::{Bilingual, Metadata, Platform};
use platform_index::BlockSource;
use platform_protocol::{
    Signer, Submit,
    contracts::{IMarket, Market, StableToken},
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use std::sync::{Arc, atomic::Ordering};

/// Days of trade before the doors open.
pub(crate) const HISTORY_DAYS: u64 = 30;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// The clock's step in the month before.
const STEP: u64 = 4 * HOUR;
/// Cents in units of the stable token.
pub(super) const CENT: u64 = 10_000;

/// Makes whatever of the town is missing and returns once it is open. Where
/// an earlier start was interrupted it goes on from there.
pub(crate) async fn settle(town: &Arc<Town>, platform: &Platform) -> anyhow::Result<()> {
    let goods: Vec<(usize, &Good)> = MERCHANTS
        .iter()
        .enumerate()
        .flat_map(|(merchant, shop)| shop.goods.iter().map(move |good| (merchant, good)))
        .collect();
    let metadata = describe(platform, &goods).await?;
    for text in REVIEWS.iter().flat_map(|texts| texts.iter()).filter(|text| !text.is_empty()) {
        platform.keep_review_text(text).await.map_err(problem)?;
    }
    let published = town.house.view(town.house.manifest.market.address, Market::countsCall {}).await?.offers;
    let driver = town.house.ledger.driver();
    let now = crate::chain::now();
    // The visitor's own orders are made last: with them the town is complete.
    let ada = Submit::nonce(&town.house.embedded, town.customers[0].address()).await?;
    if ada <= 1 {
        let before = driver.sealing();
        driver.set_sealing(Sealing::Manual);
        let result = found(town, platform, &goods, &metadata, published, now).await;
        driver.set_sealing(before);
        result?;
    }
    town.choose_visiting_arbiter().await?;
    // From here on time goes by as usual, or from where it was moved to.
    let head = town.house.ledger.ledger().store().head().block.header.timestamp;
    driver.clock().set_now(now.max(head))?;
    *town.offers.lock().await = offers_on_sale(town, &goods);
    town.catch_up().await?;
    // The tea left its garden when the town was founded, whenever it is told.
    let genesis = BlockSource::block(&town.house.embedded, 0).await?.context("the chain has no first block")?;
    tea::tell(platform, genesis.timestamp).await?;
    parcels::publish_keys(town, platform).await?;
    town.live_since.store(driver.clock().now(), Ordering::Relaxed);
    Ok(())
}

async fn describe(platform: &Platform, goods: &[(usize, &Good)]) -> anyhow::Result<Vec<B256>> {
    let mut hashes = Vec::with_capacity(goods.len());
    for (merchant, good) in goods {
        let shop = &MERCHANTS[*merchant];
        let picture = platform.keep_drawing(pictures::draw(good.subject, good.en)).await.map_err(problem)?;
        let (en, zh) = if good.digital {
            ("Delivered as a file as soon as the order is accepted.", "接单后即以文件交付。")
        } else {
            (
                "Made in small batches and packed by hand. Ships within five days, or your money comes back by itself.",
                "小批量制作，手工包装。五天内发货，逾期自动退款。",
            )
        };
        let metadata = Metadata {
            title: Bilingual::new(good.en, good.zh),
            description: Bilingual::new(format!("From {}. {en}", shop.en), format!("{}出品。{zh}", shop.zh)),
            category: shop.category.into(),
            attributes: Vec::new(),
            pictures: vec![picture.to_string()],
        };
        hashes.push(platform.keep_metadata(&metadata).await.map_err(problem)?);
    }
    Ok(hashes)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn problem(problem: platform_api::Problem) -> anyhow::Error {
    anyhow::anyhow!("can't fill the town's shops: {problem:?}")
}

/// Numbers follow the order in which the catalogue was published.
fn offers_on_sale(town: &Town, goods: &[(usize, &Good)]) -> Vec<OfferOnSale> {
    let seller = |merchant: usize| town.merchants[merchant].address();
    (1u64..).zip(goods).map(|(number, (merchant, _))| OfferOnSale { number, seller: seller(*merchant) }).collect()
}

async fn found(
    town: &Arc<Town>,
    platform: &Platform,
    goods: &[(usize, &Good)],
    metadata: &[B256],
    published: u64,
    now: u64,
) -> anyhow::Result<()> {
    eprintln!(
        "Founding the town: {} merchants, {} customers, a month of trade.",
        MERCHANTS.len(),
        town.customers.len()
    );
    let store = town.house.ledger.ledger().store();
    let start = store.head().block.header.timestamp;
    if published < goods.len() as u64 {
        give_money(town, start).await?;
        town.hire_staff(start).await?;
        open_shops(town, goods, metadata, published, start + HOUR).await?;
    }
    town.seat_arbiters(store.head().block.header.timestamp).await?;
    *town.offers.lock().await = offers_on_sale(town, goods);
    let mut time = store.head().block.header.timestamp + HOUR;
    let end = now.saturating_sub(2 * HOUR);
    fair::open(town, platform, time, now).await?;
    let bar = ProgressBar::new(end.saturating_sub(time) / DAY);
    bar.set_style(ProgressStyle::with_template("{wide_bar} day {pos} of {len}  {eta} left")?);
    let mut random = StdRng::seed_from_u64(7);
    let mut quarrels = quarrels(town, end);
    quarrels.retain(|quarrel| quarrel.at >= time);
    while time < end {
        while let Some(quarrel) = quarrels.pop_if(|quarrel| quarrel.at <= time) {
            let late = store.head().block.header.timestamp.max(time);
            town.quarrel(late, &quarrel.buyer, quarrel.offer, quarrel.reason).await?;
        }
        town.attend_cases(store.head().block.header.timestamp.max(time)).await?;
        town.house.mine_at(time, &town.moves(time, false).await?).await?;
        town.house.mine_at(time, &town.reviews(time).await?).await?;
        // Trade grows over the month, and is livelier by day.
        let growth = (time - start) * 6 / (HISTORY_DAYS * DAY);
        let by_day = if (6..22).contains(&(time / HOUR % 24)) { 4 } else { 1 };
        fair::indexed(town, platform).await?;
        let mut purchases = Vec::new();
        let mut buyers = town.customers[1..]
            .choose_multiple(&mut random, usize::try_from(growth + by_day)?)
            .cloned()
            .collect::<Vec<_>>();
        for buyer in buyers.drain(..) {
            purchases.extend(town.purchase(&buyer, &mut random, None, Some((platform, time + HOUR))).await?);
        }
        town.house.mine_at(time + HOUR, &purchases).await?;
        time += STEP;
        bar.set_position(bar.length().unwrap_or(0).saturating_sub(end.saturating_sub(time) / DAY));
    }
    bar.finish_and_clear();
    stage_personas(town, &mut random, end).await
}

/// Two people who will not agree.
struct Quarrel {
    at: u64,
    buyer: Signer,
    offer: u64,
    reason: &'static str,
}

/// The quarrels of the month, the last one first: one that is settled by a
/// ruling, one that can still be appealed when the doors open, and one that
/// its panel votes on.
fn quarrels(town: &Town, end: u64) -> Vec<Quarrel> {
    let quarrel = |hours_before: u64, customer: usize, offer: u64, reason: &'static str| Quarrel {
        at: end.saturating_sub(hours_before * HOUR),
        buyer: town.customers[customer].clone(),
        offer,
        reason,
    };
    vec![
        quarrel(82, 44, 10, "the mug leaks"),
        quarrel(128, 52, 2, "half of the tea was dust"),
        quarrel(16 * 24, 61, 6, "the lid does not fit"),
    ]
}

async fn give_money(town: &Town, time: u64) -> anyhow::Result<()> {
    let token = town.house.manifest.stable_token.address;
    let operator = &town.house.operator;
    let mut nonce = Submit::nonce(&town.house.embedded, operator.address()).await?;
    let people: Vec<(Address, u64)> = town
        .merchants
        .iter()
        .map(|signer| (signer.address(), 100_000 * CENT))
        .chain(town.customers.iter().map(|signer| (signer.address(), 200_000 * CENT)))
        .collect();
    let mut transactions = Vec::new();
    for group in people.chunks(40) {
        let (to, amount): (Vec<_>, Vec<_>) = group.iter().map(|(who, much)| (*who, U256::from(*much))).unzip();
        transactions.push(town.sign(operator, nonce, token, StableToken::mintBatchCall { to, amount }.abi_encode()));
        nonce += 1;
    }
    town.house.mine_at(time, &transactions).await
}

async fn open_shops(
    town: &Town,
    goods: &[(usize, &Good)],
    metadata: &[B256],
    published: u64,
    time: u64,
) -> anyhow::Result<()> {
    let (token, market) = (town.house.manifest.stable_token.address, town.house.manifest.market.address);
    let approve = |value: U256| StableToken::approveCall { spender: market, value }.abi_encode();
    let mut transactions = Vec::new();
    for signer in town.merchants.iter().chain(&town.customers) {
        let nonce = Submit::nonce(&town.house.embedded, signer.address()).await?;
        if nonce == 0 {
            transactions.push(town.sign(signer, 0, token, approve(U256::MAX)));
        }
    }
    town.house.mine_at(time, &transactions).await?;
    let mut deposits = Vec::new();
    for signer in &town.merchants {
        let credit = town.house.view(market, Market::creditOfCall { account: signer.address(), token }).await?;
        if credit.is_zero() {
            let nonce = Submit::nonce(&town.house.embedded, signer.address()).await?;
            let deposit = Market::depositBondCall { token, amount: U256::from(40_000 * CENT) }.abi_encode();
            deposits.push(town.sign(signer, nonce, market, deposit));
        }
    }
    town.house.mine_at(time, &deposits).await?;
    // One block an offer, so that their numbers follow the catalogue.
    for (index, (merchant, good)) in goods.iter().enumerate().skip(usize::try_from(published)?) {
        let signer = &town.merchants[*merchant];
        let nonce = Submit::nonce(&town.house.embedded, signer.address()).await?;
        let publish = Market::publishOfferCall {
            terms: terms(token, good),
            stock: if good.digital { 100_000 } else { 400 },
            metadata: metadata[index],
        };
        town.house.mine_at(time + index as u64 * 60, &[town.sign(signer, nonce, market, publish.abi_encode())]).await?;
    }
    Ok(())
}

fn terms(token: Address, good: &Good) -> IMarket::Terms {
    let days = |days: u64| u32::try_from(days * DAY).unwrap_or(u32::MAX);
    IMarket::Terms {
        token,
        unitPrice: u128::from(u64::from(good.cents) * CENT),
        shippingPrice: if good.digital { 0 } else { u128::from(400 * CENT) },
        acceptWithin: days(2),
        shipWithin: days(5),
        deliverWithin: days(21),
        inspectWithin: if good.digital { days(1) } else { days(7) },
        digital: good.digital,
    }
}

/// An order that was just placed: number, buyer, seller.
type Fresh = (u64, Address, Address);

/// Leaves the visitor's buyer and seller with orders in every state, waiting
/// for a click.
async fn stage_personas(town: &Arc<Town>, random: &mut StdRng, time: u64) -> anyhow::Result<()> {
    let [buyer, seller] = town.personas();
    let ada = town.customers[0].clone();
    for merchant in 1..=6 {
        let shop = town.merchants[merchant].address();
        town.house.mine_at(time, town.purchase(&ada, random, Some(shop), None).await?.as_slice()).await?;
    }
    for _ in 0..5 {
        let customer = town.customers[random.random_range(1..town.customers.len())].clone();
        town.house.mine_at(time, town.purchase(&customer, random, Some(seller), None).await?.as_slice()).await?;
    }
    town.catch_up().await?;
    let fresh: Vec<Fresh> = {
        let street = town.street.lock().await;
        let mine = street.open.iter().filter(|(_, order)| order.placed >= time && order.stage == Stage::Funded);
        mine.map(|(number, order)| (*number, order.buyer, order.seller)).collect()
    };
    let bought: Vec<_> = fresh.iter().filter(|(_, who, _)| *who == buyer).collect();
    let sold: Vec<_> = fresh.iter().filter(|(_, _, who)| *who == seller).collect();
    // Each step leaves the first ones behind, so that every state remains.
    let steps: [(Move, usize, &[&Fresh]); 5] = [
        (Move::Accept, 1, &bought),
        (Move::Ship, 2, &bought),
        (Move::Confirm, 4, &bought),
        (Move::Accept, 2, &sold),
        (Move::Ship, 4, &sold),
    ];
    for (minute, (action, skip, orders)) in (1u64..).zip(steps) {
        for (number, buyer, seller) in orders.iter().skip(skip).copied() {
            let order = U256::from(*number);
            let (actor, input) = match action {
                Move::Accept => (seller, Market::acceptCall { orderIds: vec![order] }.abi_encode()),
                Move::Ship => {
                    let hashes = vec![alloy_primitives::keccak256(format!("TOWN-{number:06}"))];
                    (seller, Market::shipCall { orderIds: vec![order], trackingHashes: hashes }.abi_encode())
                }
                _ => (buyer, Market::confirmDeliveryCall { orderIds: vec![order] }.abi_encode()),
            };
            let signer: &Signer = town.by_address.get(actor).context("an order of the town has a stranger in it")?;
            let nonce = Submit::nonce(&town.house.embedded, *actor).await?;
            let transaction = town.sign(signer, nonce, town.house.manifest.market.address, input);
            town.house.mine_at(time + minute * 1_200, &[transaction]).await?;
        }
    }
    // One of the visitor's own is before the arbiters, who still take evidence.
    town.quarrel(time + 6_060, &ada, 7, "one of the cups is chipped").await
}
