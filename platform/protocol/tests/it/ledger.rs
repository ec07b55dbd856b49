//! A chain that takes transactions, gives created contracts the code their artifact names, and can refuse to go on.

use std::collections::HashMap;
use std::sync::Mutex;

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind};
use async_trait::async_trait;
use platform_protocol::contracts::{
    Aftersales, ArbiterPanel, Authority, CouponVault, ERC1967Proxy, GuildToken, Market, Reviews, RuleBook, StableToken,
    Trace,
};
use platform_protocol::{Call, Mined, Submit, SubmitError};

/// What was sent to an existing contract.
pub(crate) type Sent = (Address, Bytes);

#[derive(Default)]
struct State {
    code: HashMap<Address, Bytes>,
    /// What stands behind each proxy.
    behind: HashMap<Address, B256>,
    nonce: u64,
    mined: HashMap<B256, Mined>,
    sent: Vec<Sent>,
}

pub(crate) struct Ledger {
    sender: Address,
    stops_at: Mutex<Option<u64>>,
    state: Mutex<State>,
}

impl Ledger {
    pub(crate) fn new(sender: Address) -> Self {
        Self { sender, stops_at: Mutex::new(None), state: Mutex::default() }
    }

    /// Refuses everything from this nonce on, as a chain that was killed does.
    pub(crate) fn stop_at(&self, nonce: Option<u64>) {
        *self.stops_at.lock().unwrap() = nonce;
    }

    pub(crate) fn set_nonce(&self, nonce: u64) {
        self.state.lock().unwrap().nonce = nonce;
    }

    pub(crate) fn set_code(&self, address: Address, code: &'static [u8]) {
        self.state.lock().unwrap().code.insert(address, Bytes::from_static(code));
    }

    pub(crate) fn set_behind(&self, proxy: Address, implementation: Address) {
        self.state.lock().unwrap().behind.insert(proxy, implementation.into_word());
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.state.lock().unwrap().sent.clone()
    }

    pub(crate) fn next_nonce(&self) -> u64 {
        self.state.lock().unwrap().nonce
    }
}

/// The code that init code leaves behind.
fn deployed(init: &Bytes) -> Bytes {
    let artifacts = [
        (&Authority::BYTECODE, &Authority::DEPLOYED_BYTECODE),
        (&GuildToken::BYTECODE, &GuildToken::DEPLOYED_BYTECODE),
        (&StableToken::BYTECODE, &StableToken::DEPLOYED_BYTECODE),
        (&Market::BYTECODE, &Market::DEPLOYED_BYTECODE),
        (&Aftersales::BYTECODE, &Aftersales::DEPLOYED_BYTECODE),
        (&CouponVault::BYTECODE, &CouponVault::DEPLOYED_BYTECODE),
        (&RuleBook::BYTECODE, &RuleBook::DEPLOYED_BYTECODE),
        (&Trace::BYTECODE, &Trace::DEPLOYED_BYTECODE),
        (&Reviews::BYTECODE, &Reviews::DEPLOYED_BYTECODE),
        (&ArbiterPanel::BYTECODE, &ArbiterPanel::DEPLOYED_BYTECODE),
        (&ERC1967Proxy::BYTECODE, &ERC1967Proxy::DEPLOYED_BYTECODE),
    ];
    artifacts.into_iter().find(|(code, _)| init.starts_with(code)).unwrap().1.clone()
}

#[async_trait]
impl Submit for Ledger {
    async fn chain_id(&self) -> Result<u64, SubmitError> {
        Ok(31_337)
    }

    async fn nonce(&self, _: Address) -> Result<u64, SubmitError> {
        Ok(self.state.lock().unwrap().nonce)
    }

    async fn gas_price(&self) -> Result<u128, SubmitError> {
        Ok(0)
    }

    async fn code(&self, account: Address) -> Result<Bytes, SubmitError> {
        Ok(self.state.lock().unwrap().code.get(&account).cloned().unwrap_or_default())
    }

    async fn storage(&self, account: Address, _: B256) -> Result<B256, SubmitError> {
        Ok(self.state.lock().unwrap().behind.get(&account).copied().unwrap_or_default())
    }

    async fn call(&self, _: Call) -> Result<Bytes, SubmitError> {
        Ok(Bytes::new())
    }

    async fn send_raw(&self, raw: Bytes) -> Result<B256, SubmitError> {
        let transaction = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
        let mut state = self.state.lock().unwrap();
        assert_eq!(transaction.nonce(), state.nonce, "nonces follow each other");
        if self.stops_at.lock().unwrap().is_some_and(|stop| state.nonce >= stop) {
            return Err(SubmitError::Refused { code: -32_000, message: "the chain has stopped".into() });
        }
        let created = match transaction.kind() {
            TxKind::Create => Some(self.sender.create(state.nonce)),
            TxKind::Call(to) => {
                state.sent.push((to, transaction.input().clone()));
                None
            }
        };
        if let Some(address) = created {
            let init = transaction.input();
            if let Some(arguments) = init.strip_prefix(ERC1967Proxy::BYTECODE.as_ref()) {
                state.behind.insert(address, B256::from_slice(&arguments[..32]));
            }
            state.code.insert(address, deployed(init));
        }
        state.nonce += 1;
        let hash = *transaction.tx_hash();
        let mined = Mined { hash, block_number: state.nonce, success: true, created, gas_used: 21_000 };
        state.mined.insert(hash, mined);
        Ok(hash)
    }

    async fn wait(&self, hash: B256) -> Result<Mined, SubmitError> {
        self.state.lock().unwrap().mined.get(&hash).cloned().ok_or(SubmitError::NotMined { hash })
    }
}
