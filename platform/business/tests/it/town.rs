//! People on the chain in memory, and the events their actions would leave.

use std::sync::Arc;

use alloy_primitives::{Address, B256, LogData, U256, address};
use alloy_sol_types::SolEvent;
use platform_business::{ChainInfo, Names, Platform, PlatformConfig, PlatformError};
use platform_index::{IndexerConfig, Store, StoreError, Transaction};
use platform_notify::{Notifier, NotifierOptions, Reach};
use platform_protocol::contracts::{Authority, Erc20, IMarket, Market};
use platform_protocol::{Manifest, Proxied, Signer, Standing};

use crate::chain::{MemoryChain, transaction};

pub(crate) const MARKET: Address = address!("00000000000000000000000000000000000000a1");
pub(crate) const STABLE: Address = address!("00000000000000000000000000000000000000a2");
pub(crate) const GUILD: Address = address!("00000000000000000000000000000000000000a3");
pub(crate) const AUTHORITY: Address = address!("00000000000000000000000000000000000000a4");
pub(crate) const TRACE: Address = address!("00000000000000000000000000000000000000a5");
pub(crate) const OPERATOR: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub(crate) const SELLER: Address = address!("5e11e70000000000000000000000000000000001");
pub(crate) const PANEL: Address = address!("a4b1000000000000000000000000000000000001");
pub(crate) const REVIEWS: Address = address!("4e71e00000000000000000000000000000000001");
pub(crate) const TREASURY: Address = address!("7ea5000000000000000000000000000000000001");

pub(crate) fn buyer(number: u64) -> Address {
    let mut bytes = [0xb0; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Address::from(bytes)
}

fn standing(address: Address) -> Standing {
    Standing { address, code_hash: B256::ZERO }
}

pub(crate) fn manifest() -> Manifest {
    let proxied = |address| Proxied { address, code_hash: B256::ZERO, implementation: standing(Address::ZERO) };
    Manifest {
        chain_id: 31_337,
        block: 1,
        version: "test".into(),
        compiler: "solc".into(),
        deployer: OPERATOR,
        treasury: TREASURY,
        authority: standing(AUTHORITY),
        guild_token: proxied(GUILD),
        stable_token: proxied(STABLE),
        market: proxied(MARKET),
        market_parts: Vec::new(),
        arbiter_panel: Some(proxied(PANEL)),
        reviews: Some(proxied(REVIEWS)),
        trace: Some(proxied(TRACE)),
    }
}

pub(crate) async fn platform(chain: &Arc<MemoryChain>, store_url: String, indexer: IndexerConfig) -> Platform {
    try_platform(chain, store_url, indexer).await.unwrap()
}

pub(crate) async fn try_platform(
    chain: &Arc<MemoryChain>,
    store_url: String,
    indexer: IndexerConfig,
) -> Result<Platform, PlatformError> {
    let info = ChainInfo {
        name: "Memory".into(),
        rpc_url: "http://127.0.0.1:8545".into(),
        demo: false,
        dev: true,
        gas_free: true,
        version: "test".into(),
    };
    let config = PlatformConfig {
        seal: seal(),
        notifier: Some(notifier(&store_url).await?),
        store_url,
        chain: info,
        manifest: manifest(),
        source: Arc::<MemoryChain>::clone(chain),
        demo: None,
        names: Names::default(),
        compiler: None,
        issuers: vec![issuer(), former_issuer()],
        delivery_days: 30,
        indexer,
    };
    Platform::new(config).await
}

/// What the house's secrets at rest are sealed with.
fn seal() -> platform_api::Seal {
    platform_api::Seal::new([7; 32])
}

/// Tells people outside, on loopback too.
pub(crate) async fn notifier(store_url: &str) -> Result<Arc<Notifier>, StoreError> {
    let outside = NotifierOptions {
        store: Store::open(store_url).await?,
        seal: seal(),
        reach: Reach::new(true).unwrap(),
        customers: Reach::new(true).unwrap(),
        house: "Guild".into(),
        site: "https://guild.test".into(),
    };
    Ok(Arc::new(Notifier::open(outside).await?))
}

/// The key that signed coupons before the house exchanged its own.
pub(crate) fn former_issuer() -> Signer {
    Signer::from_bytes(&B256::repeat_byte(0x0f)).unwrap()
}

/// The key that signs the house's coupons.
pub(crate) fn issuer() -> Signer {
    Signer::from_bytes(&B256::repeat_byte(0x15)).unwrap()
}

/// A file in a directory that goes with the value.
pub(crate) fn store() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("platform.db").display());
    (directory, url)
}

pub(crate) async fn index(platform: &Platform) {
    let (_keep, cancel) = tokio::sync::watch::channel(false);
    platform.backfill(&cancel, &|_| ()).await.unwrap();
}

pub(crate) const DAY: u64 = 86_400;

/// Fee and bond at the standard rates.
pub(crate) fn fee(amount: u64) -> u64 {
    amount * 200 / 10_000
}

pub(crate) fn bond(amount: u64) -> u64 {
    (amount * 500).div_ceil(10_000)
}

pub(crate) fn market(event: &impl SolEvent) -> (Address, LogData) {
    (MARKET, event.encode_log_data())
}

pub(crate) fn moved(from: Address, to: Address, value: u64) -> (Address, LogData) {
    (STABLE, Erc20::Transfer { from, to, value: U256::from(value) }.encode_log_data())
}

pub(crate) fn terms(price: u64) -> IMarket::Terms {
    IMarket::Terms {
        token: STABLE,
        unitPrice: u128::from(price),
        shippingPrice: 0,
        acceptWithin: 172_800,
        shipWithin: 432_000,
        deliverWithin: 1_814_400,
        inspectWithin: 604_800,
        digital: false,
    }
}

/// What a fresh deployment leaves: roles, fees, one seller with credit and one offer.
pub(crate) fn opening(offer_metadata: B256) -> Vec<Transaction> {
    let granted = |role: u64| {
        let event = Authority::RoleGranted {
            roleId: role,
            account: OPERATOR,
            delay: 0,
            since: alloy_primitives::aliases::U48::from(1),
            newMember: true,
        };
        (AUTHORITY, event.encode_log_data())
    };
    let fees = Market::FeeScheduleSet { version: 1, feeBps: 200, bondBps: 500 };
    let deposit = Market::BondDeposited { account: SELLER, token: STABLE, amount: U256::from(CREDIT) };
    let offer = Market::OfferPublished {
        offerId: U256::from(1),
        seller: SELLER,
        version: 1,
        terms: terms(1_000_000),
        stock: 1_000_000,
        metadata: offer_metadata,
    };
    vec![
        transaction(OPERATOR, AUTHORITY, vec![granted(0), granted(1)]),
        transaction(OPERATOR, MARKET, vec![market(&fees)]),
        transaction(SELLER, MARKET, vec![moved(SELLER, MARKET, CREDIT), market(&deposit)]),
        transaction(SELLER, MARKET, vec![market(&offer)]),
    ]
}

/// What the seller has deposited.
pub(crate) const CREDIT: u64 = 1_000_000_000_000_000;

#[derive(Clone, Copy)]
pub(crate) struct Sale {
    pub(crate) id: u64,
    pub(crate) buyer: Address,
    pub(crate) amount: u64,
    pub(crate) at: u64,
}

impl Sale {
    pub(crate) fn fund(self) -> Transaction {
        let event = Market::OrderFunded {
            orderId: U256::from(self.id),
            buyer: self.buyer,
            seller: SELLER,
            offerId: U256::from(1),
            version: 1,
            quantity: 1,
            token: STABLE,
            amount: U256::from(self.amount),
            bond: U256::from(bond(self.amount)),
            feeBps: 200,
            acceptBy: self.at + 172_800,
            deliveryHash: B256::repeat_byte(7),
        };
        let mut logs = vec![market(&event)];
        if self.amount > 0 {
            logs.push(moved(self.buyer, MARKET, self.amount));
        }
        transaction(self.buyer, MARKET, logs)
    }

    pub(crate) fn accept(self) -> Transaction {
        let event = Market::OrderAccepted { orderId: U256::from(self.id), shipBy: self.at + 432_000 };
        transaction(SELLER, MARKET, vec![market(&event)])
    }

    pub(crate) fn ship(self) -> Transaction {
        let event = Market::OrderShipped {
            orderId: U256::from(self.id),
            trackingHash: B256::repeat_byte(9),
            deliverBy: self.at + 1_814_400,
        };
        transaction(SELLER, MARKET, vec![market(&event)])
    }

    pub(crate) fn deliver(self) -> Transaction {
        let event =
            Market::OrderDelivered { orderId: U256::from(self.id), by: self.buyer, inspectBy: self.at + 604_800 };
        transaction(self.buyer, MARKET, vec![market(&event)])
    }

    pub(crate) fn release(self) -> Transaction {
        let (fee, bond) = (fee(self.amount), bond(self.amount));
        let event = Market::OrderReleased {
            orderId: U256::from(self.id),
            by: self.buyer,
            sellerAmount: U256::from(self.amount - fee),
            fee: U256::from(fee),
            bond: U256::from(bond),
        };
        let mut logs = vec![market(&event)];
        for (account, amount) in [(SELLER, self.amount - fee + bond), (TREASURY, fee)] {
            if amount > 0 {
                logs.push(market(&Market::Credited { account, token: STABLE, amount: U256::from(amount) }));
            }
        }
        transaction(self.buyer, MARKET, logs)
    }

    pub(crate) fn cancel(self) -> Transaction {
        let bond = bond(self.amount);
        let event = Market::OrderRefunded {
            orderId: U256::from(self.id),
            by: self.buyer,
            reason: 0,
            buyerAmount: U256::from(self.amount),
            sellerAmount: U256::from(bond),
        };
        let mut logs = vec![market(&event)];
        for (account, amount) in [(self.buyer, self.amount), (SELLER, bond)] {
            if amount > 0 {
                logs.push(market(&Market::Credited { account, token: STABLE, amount: U256::from(amount) }));
            }
        }
        transaction(self.buyer, MARKET, logs)
    }

    pub(crate) fn withdraw(account: Address, amount: u64) -> Transaction {
        let event = Market::Withdrawn { account, token: STABLE, amount: U256::from(amount) };
        transaction(account, MARKET, vec![market(&event), moved(MARKET, account, amount)])
    }
}
