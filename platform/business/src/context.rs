//! What every business has at hand: store, chain, names and tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use platform_api::Problem;
use platform_index::{BlockSource, BlockTag, CallRequest, Head, Position, SourceError, Store};
use platform_notify::Notifier;
use platform_protocol::contracts::Erc20;
use platform_protocol::{DecodedCall, DecodedError, DecodedEvent, Decoder, Manifest, Signer};
use tokio::sync::watch;

use crate::explorer::{Compiler, Verified};
use crate::money::{Money, Token};
use crate::wire::{Party, show};

/// What the console must know of the chain before it asks anything else.
#[derive(Clone, Debug)]
pub struct ChainInfo {
    /// What people call the chain.
    pub name: String,
    /// Where wallets reach its JSON-RPC.
    pub rpc_url: String,
    /// Whether this is a demonstration with public keys.
    pub demo: bool,
    /// Whether the chain takes development methods.
    pub dev: bool,
    /// Whether transactions cost nothing.
    pub gas_free: bool,
    /// Version of the program.
    pub version: String,
}

/// Names of addresses. Whoever holds a clone can add to them at any time.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<RwLock<HashMap<Address, String>>>);

impl Names {
    /// Names an address.
    pub fn set(&self, address: Address, name: impl Into<String>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(address, name.into());
    }

    /// What an address is called.
    #[must_use]
    pub fn get(&self, address: Address) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned()
    }

    /// Addresses whose name fits.
    pub(crate) fn find(&self, most: usize, fits: impl Fn(&str) -> bool) -> Vec<(Address, String)> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> =
            names.iter().filter(|(_, name)| fits(name)).map(|(address, name)| (*address, name.clone())).collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found.truncate(most);
        found
    }
}

/// A chain whose newest block is older than this was left in its past.
const IDLE_SECONDS_MAX: u64 = 60 * 86_400;

pub(crate) type App = Arc<Context>;

pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) source: Arc<dyn BlockSource>,
    pub(crate) chain: ChainInfo,
    pub(crate) manifest: Manifest,
    pub(crate) decoder: Decoder,
    pub(crate) names: Names,
    pub(crate) genesis_hash: B256,
    pub(crate) position: watch::Receiver<Position>,
    pub(crate) compiler: Option<Arc<dyn Compiler>>,
    pub(crate) verified: Verified,
    /// What reviews look made up, until another one is written.
    pub(crate) suspicions: crate::reviews::Cache,
    /// Sign coupons, where the house hands out any: the present one first, then those of campaigns from before.
    pub(crate) issuers: Vec<Signer>,
    /// How many days after an order's end its delivery address is erased.
    pub(crate) delivery_days: u32,
    /// Tells people outside the page, where somebody does.
    pub(crate) notifier: Option<Arc<Notifier>>,
    tokens: Mutex<HashMap<Address, Token>>,
}

/// What a context is made of.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) source: Arc<dyn BlockSource>,
    pub(crate) chain: ChainInfo,
    pub(crate) manifest: Manifest,
    pub(crate) decoder: Decoder,
    pub(crate) names: Names,
    pub(crate) genesis_hash: B256,
    pub(crate) position: watch::Receiver<Position>,
    pub(crate) compiler: Option<Arc<dyn Compiler>>,
    pub(crate) verified: Verified,
    pub(crate) issuers: Vec<Signer>,
    pub(crate) delivery_days: u32,
    pub(crate) notifier: Option<Arc<Notifier>>,
}

impl Context {
    /// The tokens of the house are known from the beginning, and its contracts by name.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            store,
            source,
            chain,
            manifest,
            decoder,
            names,
            genesis_hash,
            position,
            compiler,
            verified,
            issuers,
            delivery_days,
            notifier,
        } = parts;
        let known = |address, symbol: &str, name: &str, decimals| {
            (address, Token { address, symbol: symbol.to_owned(), name: name.to_owned(), decimals })
        };
        let tokens = HashMap::from([
            known(Address::ZERO, "ETH", "Native coin", 18),
            known(manifest.stable_token.address, "gUSD", "Guildhall Dollar", 6),
            known(manifest.guild_token.address, "GUILD", "Guild Token", 18),
        ]);
        for known in decoder.known() {
            if names.get(known.address).is_none() {
                names.set(known.address, known.name);
            }
        }
        let tokens = Mutex::new(tokens);
        let suspicions = crate::reviews::Cache::default();
        Self {
            store,
            source,
            chain,
            manifest,
            decoder,
            names,
            genesis_hash,
            position,
            compiler,
            verified,
            issuers,
            suspicions,
            delivery_days,
            notifier,
            tokens,
        }
    }

    /// Who signs coupons of new campaigns.
    pub(crate) fn issuer(&self) -> Option<&Signer> {
        self.issuers.first()
    }

    /// Who signs coupons of a campaign that names this issuer, where the house does.
    pub(crate) fn issuer_of(&self, named: Address) -> Option<&Signer> {
        self.issuers.iter().find(|issuer| issuer.address() == named)
    }

    /// The newest indexed block; the zeroth before anything is indexed.
    pub(crate) fn indexed(&self) -> Head {
        let genesis = Head { number: 0, hash: self.genesis_hash, timestamp: 0 };
        self.position.borrow().indexed.unwrap_or(genesis)
    }

    /// The business's clock, in seconds since 1970: a chain ahead of the wall runs by its newest block, one that has
    /// been left far behind stands still, and an idle one follows the wall.
    pub(crate) fn now(&self) -> u64 {
        let head = self.indexed().timestamp;
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if head > 0 && wall.saturating_sub(head) > IDLE_SECONDS_MAX { head } else { wall.max(head) }
    }

    /// What a contract is called: ours by deployment, others by their verified sources.
    pub(crate) fn contract_name(&self, address: Address) -> Option<String> {
        let ours = self.decoder.name(address).map(str::to_owned);
        ours.or_else(|| self.verified.get(address).map(|verified| verified.0.clone()))
    }

    /// A call in words, by the interface of the contract called where that is known, else by any.
    pub(crate) fn decode_call(&self, to: Address, input: &[u8]) -> Option<DecodedCall> {
        if self.decoder.name(to).is_none()
            && let Some(verified) = self.verified.get(to)
            && let Some(mut call) = verified.1.call(to, input)
        {
            call.contract.clone_from(&verified.0);
            return Some(call);
        }
        self.decoder.call(to, input)
    }

    /// An event in words.
    pub(crate) fn decode_event(&self, address: Address, topics: &[B256], data: &[u8]) -> Option<DecodedEvent> {
        if self.decoder.name(address).is_none()
            && let Some(verified) = self.verified.get(address)
            && let Some(mut event) = verified.1.event(address, topics, data)
        {
            event.contract.clone_from(&verified.0);
            return Some(event);
        }
        self.decoder.event(address, topics, data)
    }

    /// An error in words.
    pub(crate) fn decode_error(&self, from: Option<Address>, data: &[u8]) -> Option<DecodedError> {
        let verified = from.and_then(|from| self.verified.get(from));
        verified.and_then(|verified| verified.1.error(data)).or_else(|| self.decoder.error(data))
    }

    pub(crate) fn party(&self, address: Address) -> Party {
        Party { address: show(address), name: self.names.get(address) }
    }

    /// The tokens every account page shows.
    pub(crate) fn house_tokens(&self) -> [Address; 3] {
        [self.manifest.stable_token.address, self.manifest.guild_token.address, Address::ZERO]
    }

    /// What a token calls itself. Answers of tokens we do not know are remembered.
    pub(crate) async fn token(&self, address: Address) -> Result<Token, Problem> {
        if let Some(token) = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&address) {
            return Ok(token.clone());
        }
        let symbol = self.ask(address, Erc20::symbolCall {}).await?;
        let name = self.ask(address, Erc20::nameCall {}).await?;
        let decimals = self.ask(address, Erc20::decimalsCall {}).await?;
        let clip = |text: Option<String>| text.map(|text| text.chars().take(64).collect::<String>());
        let token = Token {
            address,
            symbol: clip(symbol).unwrap_or_else(|| "?".to_owned()),
            name: clip(name).unwrap_or_else(|| show(address)),
            decimals: decimals.unwrap_or(0),
        };
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(address, token.clone());
        Ok(token)
    }

    pub(crate) async fn money(&self, token: Address, amount: U256) -> Result<Money, Problem> {
        Ok(self.token(token).await?.money(amount))
    }

    /// What an account holds of a token, on chain.
    pub(crate) async fn balance(&self, token: Address, account: Address, at: BlockTag) -> Result<U256, Problem> {
        if token == Address::ZERO {
            return Ok(self.source.balance(account, at).await?);
        }
        let call = CallRequest {
            to: Some(token),
            input: Erc20::balanceOfCall { account }.abi_encode().into(),
            ..CallRequest::default()
        };
        let output = self.source.call(call, at).await?;
        Erc20::balanceOfCall::abi_decode_returns(&output).map_err(|error| Problem::internal(&error))
    }

    /// A view of a contract, in the newest state. None where the contract does not answer as expected.
    pub(crate) async fn ask<C: SolCall>(&self, contract: Address, call: C) -> Result<Option<C::Return>, Problem> {
        let request =
            CallRequest { to: Some(contract), input: Bytes::from(call.abi_encode()), ..CallRequest::default() };
        match self.source.call(request, BlockTag::Latest).await {
            Ok(output) => Ok(C::abi_decode_returns(&output).ok()),
            Err(SourceError::Reverted { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
