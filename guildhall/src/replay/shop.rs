//! The shop that sold the discs: whose key signs what, and what each call
//! looks like on chain.

use super::purchases::{Bundle, Purchase};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use anyhow::Context;
use platform_business::{Bilingual, Metadata};
use platform_protocol::{
    Manifest, Signer, TransactionRequest,
    contracts::{IMarket, Market, StableToken},
};
use std::collections::HashMap;

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// Keys and encodings of a replay. Each customer has a key of its own,
/// derived from a seed that was drawn when the replay began.
pub(super) struct Shop {
    pub(super) chain_id: u64,
    pub(super) market: Address,
    pub(super) token: Address,
    /// The token's EIP-712 domain separator, for permits.
    pub(super) permit_domain: B256,
    pub(super) merchant: Signer,
    pub(super) operator: Signer,
    pub(super) seed: B256,
    pub(super) customers: HashMap<u32, Signer>,
}

impl Shop {
    pub(super) fn merchant_key(seed: &B256) -> B256 {
        keccak256([seed.as_slice(), b"merchant"].concat())
    }

    pub(super) fn new(manifest: &Manifest, permit_domain: B256, operator: Signer, seed: B256) -> anyhow::Result<Self> {
        Ok(Self {
            chain_id: manifest.chain_id,
            market: manifest.market.address,
            token: manifest.stable_token.address,
            permit_domain,
            merchant: Signer::from_bytes(&Self::merchant_key(&seed)).context("can't derive the merchant's key")?,
            operator,
            seed,
            customers: HashMap::new(),
        })
    }

    /// The customer's own key.
    pub(super) fn customer(&mut self, number: u32) -> anyhow::Result<&Signer> {
        use std::collections::hash_map::Entry;
        match self.customers.entry(number) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let key = keccak256([self.seed.as_slice(), b"customer", &number.to_be_bytes()].concat());
                Ok(entry.insert(Signer::from_bytes(&key).context("can't derive a customer's key")?))
            }
        }
    }

    pub(super) fn sign(&self, signer: &Signer, nonce: u64, to: Address, input: Vec<u8>, gas_limit: u64) -> Bytes {
        signer.sign_transaction(TransactionRequest {
            chain_id: self.chain_id,
            nonce,
            to: Some(to),
            value: U256::ZERO,
            input: input.into(),
            gas_limit,
            gas_price: 0,
        })
    }

    fn terms(&self, bundle: Bundle) -> IMarket::Terms {
        IMarket::Terms {
            token: self.token,
            unitPrice: bundle.1,
            shippingPrice: 0,
            acceptWithin: 2 * DAY,
            shipWithin: 5 * DAY,
            deliverWithin: 21 * DAY,
            inspectWithin: 7 * DAY,
            digital: false,
        }
    }

    pub(super) fn publish(&self, bundle: Bundle, metadata: B256) -> Vec<u8> {
        let terms = self.terms(bundle);
        Market::publishOfferCall { terms, stock: u64::from(u32::MAX), metadata }.abi_encode()
    }

    /// The hash of an offer's terms as the market computes it.
    fn terms_hash(&self, offer: u64, bundle: Bundle, metadata: B256) -> B256 {
        let values = (
            U256::from(self.chain_id),
            self.market,
            U256::from(offer),
            U256::from(1),
            self.merchant.address(),
            self.terms(bundle),
            metadata,
        );
        keccak256(values.abi_encode())
    }

    pub(super) fn line(&self, offer: u64, bundle: Bundle, metadata: B256, purchase: &Purchase) -> IMarket::Line {
        IMarket::Line {
            offerId: U256::from(offer),
            version: 1,
            quantity: 1,
            termsHash: self.terms_hash(offer, bundle, metadata),
            // The file knows no address; the hash ties the order to its line.
            deliveryHash: keccak256([self.seed.as_slice(), &purchase.line.to_be_bytes()].concat()),
        }
    }

    /// Places a basket; with `allow`, a permit for everything that the
    /// customer will ever spend goes with it.
    pub(super) fn place(&self, customer: &Signer, lines: Vec<IMarket::Line>, allow: Option<u128>) -> Vec<u8> {
        let Some(value) = allow else {
            return Market::placeOrdersCall { lines }.abi_encode();
        };
        let value = U256::from(value);
        let deadline = U256::MAX;
        let digest = self.permit_digest(customer.address(), value, deadline);
        let signature = customer.sign_hash(&digest);
        Market::placeOrdersWithPermitCall {
            lines,
            token: self.token,
            value,
            deadline,
            v: 27 + u8::from(signature.v()),
            r: signature.r().into(),
            s: signature.s().into(),
        }
        .abi_encode()
    }

    /// EIP-2612: the first permit of `owner` for the market.
    fn permit_digest(&self, owner: Address, value: U256, deadline: U256) -> B256 {
        let kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        let message = keccak256((kind, owner, self.market, value, U256::ZERO, deadline).abi_encode());
        keccak256([&[0x19, 0x01][..], self.permit_domain.as_slice(), message.as_slice()].concat())
    }

    pub(super) fn mint(accounts: Vec<Address>, amounts: Vec<u128>) -> Vec<u8> {
        let amounts = amounts.into_iter().map(U256::from).collect();
        StableToken::mintBatchCall { to: accounts, amount: amounts }.abi_encode()
    }
}

/// What the shop says about a bundle.
pub(super) fn describe((discs, amount): Bundle) -> Metadata {
    let dollars = format!("{}.{:02}", amount / 1_000_000, amount / 10_000 % 100);
    let (title, plural) = if discs == 1 { ("1 CD".to_owned(), "disc") } else { (format!("{discs} CDs"), "discs") };
    Metadata {
        title: Bilingual::new(format!("{title} for ${dollars}"), format!("{discs} 张唱片，{dollars} 美元")),
        description: Bilingual::new(
            format!("A parcel of {discs} compact {plural}, sold together at the price of the day."),
            format!("一件包裹，内有 {discs} 张唱片，按当日价格一并出售。"),
        ),
        category: "music".into(),
        ..Metadata::default()
    }
}
