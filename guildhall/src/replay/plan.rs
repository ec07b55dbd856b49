//! What has to be sent for one day, in the order in which it is mined.

use super::{purchases::Purchases, shop::Shop};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use platform_protocol::contracts::Market;
use std::{collections::HashMap, ops::Range};

/// Gas of transactions in one block, so that all of a chunk fit.
const CHUNK_GAS: u64 = 150_000_000;
/// Orders that one call of the merchant moves.
const ORDERS_PER_CALL: usize = 200;

/// Transactions that are mined together, in this order, at this time.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) timestamp: u64,
    pub(super) transactions: Vec<Bytes>,
    /// Orders that are complete once this is mined.
    pub(super) completes: u64,
}

/// How far an order of the first, perhaps half-done day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Absent,
    Funded,
    Accepted,
    Shipped,
    Delivered,
    Released,
}

/// Where the chain stands when a replay starts or goes on.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Offers published.
    pub(super) offers: usize,
    /// Orders placed: as many purchases, in replay order, are on chain.
    pub(super) orders: usize,
    /// Stages of orders that are placed and not complete.
    pub(super) open: HashMap<usize, Stage>,
    /// Next nonces of accounts that have sent anything.
    pub(super) nonces: HashMap<Address, u64>,
    /// Customers that were given money and did not spend any yet.
    pub(super) funded: std::collections::HashSet<u32>,
}

/// Makes the chunks of days, keeping count of nonces and offers.
pub(super) struct Planner<'a> {
    pub(super) purchases: &'a Purchases,
    pub(super) shop: Shop,
    pub(super) metadata: &'a [B256],
    pub(super) standing: Standing,
}

struct Draft {
    timestamp: u64,
    gas: u64,
    transactions: Vec<Bytes>,
    done: Vec<Chunk>,
}

impl Draft {
    fn push(&mut self, transaction: Bytes, gas: u64) {
        if self.gas + gas > CHUNK_GAS {
            self.cut();
        }
        self.gas += gas;
        self.transactions.push(transaction);
    }

    fn cut(&mut self) {
        self.gas = 0;
        if !self.transactions.is_empty() {
            let transactions = std::mem::take(&mut self.transactions);
            self.done.push(Chunk { timestamp: self.timestamp, transactions, completes: 0 });
        }
    }
}

impl Planner<'_> {
    /// The chunks of one day, which starts at `range.start` in the replay.
    pub(super) fn day(&mut self, range: Range<usize>) -> anyhow::Result<Vec<Chunk>> {
        let midnight = self.purchases.all[range.start].day;
        let hour = |hour: u64| midnight + hour * 3_600;
        let mut draft = Draft { timestamp: hour(8), gas: 0, transactions: Vec::new(), done: Vec::new() };
        self.stock_up(&range, &mut draft)?;
        draft.cut();
        draft.timestamp = hour(10);
        self.place(&range, &mut draft)?;
        draft.cut();
        draft.timestamp = hour(12);
        self.accept_and_ship(&range, &mut draft);
        draft.cut();
        draft.timestamp = hour(18);
        self.receive(&range, &mut draft)?;
        draft.cut();
        if let Some(last) = draft.done.last_mut() {
            last.completes = range.len() as u64;
        }
        self.standing.open.clear();
        Ok(draft.done)
    }

    fn stage(&self, order: usize) -> Stage {
        if order >= self.standing.orders {
            return Stage::Absent;
        }
        self.standing.open.get(&order).copied().unwrap_or(Stage::Released)
    }

    /// Money for new customers, and offers for new bundles.
    fn stock_up(&mut self, range: &Range<usize>, draft: &mut Draft) -> anyhow::Result<()> {
        let mut accounts = Vec::new();
        let mut amounts = Vec::new();
        let mut last = None;
        for purchase in &self.purchases.all[range.clone()] {
            if last.replace(purchase.customer) == Some(purchase.customer) {
                continue;
            }
            let address = self.shop.customer(purchase.customer)?.address();
            let spending = self.purchases.spending.get(&purchase.customer).copied().unwrap_or(0);
            let known =
                self.standing.nonces.contains_key(&address) || self.standing.funded.contains(&purchase.customer);
            if !known && spending > 0 {
                accounts.push(address);
                amounts.push(spending);
            }
        }
        let operator = self.shop.operator.clone();
        for (accounts, amounts) in accounts.chunks(ORDERS_PER_CALL).zip(amounts.chunks(ORDERS_PER_CALL)) {
            let gas = 150_000 + 40_000 * accounts.len() as u64;
            let nonce = self.next_nonce(operator.address());
            let input = Shop::mint(accounts.to_vec(), amounts.to_vec());
            draft.push(self.shop.sign(&operator, nonce, self.shop.token, input, gas), gas);
        }
        let merchant = self.shop.merchant.clone();
        for index in range.clone() {
            let purchase = &self.purchases.all[index];
            let bundle = (purchase.discs, purchase.amount);
            let offer = self.purchases.bundle_index[&bundle];
            if offer >= self.standing.offers {
                self.standing.offers = offer + 1;
                let nonce = self.next_nonce(merchant.address());
                let input = self.shop.publish(bundle, self.metadata[offer]);
                draft.push(self.shop.sign(&merchant, nonce, self.shop.market, input, 400_000), 400_000);
            }
        }
        Ok(())
    }

    /// Each customer's basket of the day.
    fn place(&mut self, range: &Range<usize>, draft: &mut Draft) -> anyhow::Result<()> {
        let mut index = range.start.max(self.standing.orders);
        while index < range.end {
            let customer = self.purchases.all[index].customer;
            let end =
                index + self.purchases.all[index..range.end].partition_point(|purchase| purchase.customer == customer);
            let signer = self.shop.customer(customer)?.clone();
            let lines: Vec<_> = self.purchases.all[index..end]
                .iter()
                .map(|purchase| {
                    let bundle = (purchase.discs, purchase.amount);
                    let offer = self.purchases.bundle_index[&bundle];
                    self.shop.line(offer as u64 + 1, bundle, self.metadata[offer], purchase)
                })
                .collect();
            let first = !self.standing.nonces.contains_key(&signer.address());
            let spending = self.purchases.spending.get(&customer).copied().filter(|spending| first && *spending > 0);
            let gas = 250_000 + 250_000 * lines.len() as u64;
            let nonce = self.next_nonce(signer.address());
            let input = self.shop.place(&signer, lines, spending);
            draft.push(self.shop.sign(&signer, nonce, self.shop.market, input, gas), gas);
            index = end;
        }
        Ok(())
    }

    fn accept_and_ship(&mut self, range: &Range<usize>, draft: &mut Draft) {
        let merchant = self.shop.merchant.clone();
        let accept: Vec<U256> = self.at_most(range.clone(), Stage::Funded);
        for orders in accept.chunks(ORDERS_PER_CALL) {
            let gas = 80_000 + 30_000 * orders.len() as u64;
            let nonce = self.next_nonce(merchant.address());
            let input = Market::acceptCall { orderIds: orders.to_vec() }.abi_encode();
            draft.push(self.shop.sign(&merchant, nonce, self.shop.market, input, gas), gas);
        }
        let ship: Vec<U256> = self.at_most(range.clone(), Stage::Accepted);
        for orders in ship.chunks(ORDERS_PER_CALL) {
            let gas = 80_000 + 35_000 * orders.len() as u64;
            let nonce = self.next_nonce(merchant.address());
            let hashes = orders.iter().map(|order| alloy_primitives::keccak256(order.to_be_bytes::<32>())).collect();
            let input = Market::shipCall { orderIds: orders.to_vec(), trackingHashes: hashes }.abi_encode();
            draft.push(self.shop.sign(&merchant, nonce, self.shop.market, input, gas), gas);
        }
    }

    /// Each customer confirms and releases what it bought that day.
    fn receive(&mut self, range: &Range<usize>, draft: &mut Draft) -> anyhow::Result<()> {
        let mut index = range.start;
        while index < range.end {
            let customer = self.purchases.all[index].customer;
            let end =
                index + self.purchases.all[index..range.end].partition_point(|purchase| purchase.customer == customer);
            let signer = self.shop.customer(customer)?.clone();
            let confirm = self.at_most(index..end, Stage::Shipped);
            let release = self.at_most(index..end, Stage::Delivered);
            if !confirm.is_empty() {
                let gas = 80_000 + 40_000 * confirm.len() as u64;
                let nonce = self.next_nonce(signer.address());
                let input = Market::confirmDeliveryCall { orderIds: confirm }.abi_encode();
                draft.push(self.shop.sign(&signer, nonce, self.shop.market, input, gas), gas);
            }
            if !release.is_empty() {
                let gas = 120_000 + 100_000 * release.len() as u64;
                let nonce = self.next_nonce(signer.address());
                let input = Market::releaseCall { orderIds: release }.abi_encode();
                draft.push(self.shop.sign(&signer, nonce, self.shop.market, input, gas), gas);
            }
            index = end;
        }
        self.standing.orders = self.standing.orders.max(range.end);
        Ok(())
    }

    /// Numbers of the orders in `range` that are no further than `stage`.
    fn at_most(&self, range: Range<usize>, stage: Stage) -> Vec<U256> {
        range.filter(|order| self.stage(*order) <= stage).map(|order| U256::from(order + 1)).collect()
    }

    fn next_nonce(&mut self, account: Address) -> u64 {
        let nonce = self.standing.nonces.entry(account).or_default();
        *nonce += 1;
        *nonce - 1
    }
}
