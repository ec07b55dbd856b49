//! What a node needs before it is measured: contracts, money, and the
//! accounts that send.

use super::{
    arguments::{LoadArguments, Traffic},
    ask::{Asker, Remote},
    wire::Endpoint,
};
use crate::{cli::UsageError, node};
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256, keccak256};
use alloy_sol_types::{SolCall, SolType, sol_data};
use anyhow::{Context, bail, ensure};
use parking_lot::Mutex;
use platform_protocol::{
    Plan, Signer,
    contracts::{Erc20, IMarket, Market},
    deploy,
};
use serde_json::json;
use std::time::{Duration, Instant};

const NATIVE_GAS: u64 = 21_000;
/// What a piece costs on the marketplace of the measurement, in wei.
const PRICE: u64 = 10_000;
/// Transactions of the preparation that may wait at one time.
const FUNDING_IN_FLIGHT: u64 = 2_000;
const FUNDING_PATIENCE: Duration = Duration::from_secs(120);

/// What a transaction pays, in wei per gas.
#[derive(Debug, Clone, Copy)]
struct Fees {
    cap: u128,
    tip: u128,
}

/// A sending account.
pub(super) struct Sender {
    pub(super) signer: Signer,
    pub(super) nonce: u64,
}

/// A node that is ready to be measured.
pub(super) struct Stage {
    chain_id: u64,
    fees: Fees,
    gas_limit: u64,
    traffic: Traffic,
    /// The token or the market; none for native traffic.
    pub(super) contract: Address,
    terms_hash: B256,
    offer: U256,
    recipients: Option<u32>,
    pub(super) senders: Vec<Sender>,
}

/// A signed transaction.
pub(super) struct Signed {
    pub(super) hash: B256,
    pub(super) raw: Vec<u8>,
}

impl Stage {
    /// Deploys, funds and reads nonces.
    pub(super) fn set(arguments: &LoadArguments, endpoint: &Endpoint, key: &B256) -> anyhow::Result<Self> {
        let mut asker = Asker::connect(endpoint)?;
        let chain_id = asker.ask::<U64>("eth_chainId", json!([]))?.to();
        if let Some(expected) = arguments.chain_id.filter(|expected| *expected != chain_id) {
            let reason = format!("{} is chain {chain_id}, not {expected}: nothing was sent", endpoint.url());
            return Err(UsageError(reason).into());
        }
        let funder = Signer::from_bytes(key).context("the funding key can't be used")?;
        let fees = fees(&mut asker)?;
        if fees.cap > 0 && asker.balance(funder.address())?.is_zero() {
            bail!(
                "{} has no coins on chain {chain_id} at {}: give the key of a funded account with --key-file or --mnemonic-file",
                funder.address(),
                endpoint.url()
            );
        }
        let mut stage = Self {
            chain_id,
            fees,
            gas_limit: NATIVE_GAS,
            traffic: arguments.traffic,
            contract: Address::ZERO,
            terms_hash: B256::ZERO,
            offer: U256::ZERO,
            recipients: arguments.recipients,
            senders: senders(key, arguments.accounts)?,
        };
        let mut bank = Bank { funder, chain_id, fees, nonce: 0, asker };
        if arguments.traffic != Traffic::Native {
            stage.deploy(endpoint, &bank.funder)?;
        }
        bank.nonce = bank.asker.nonce(bank.funder.address(), "pending")?;
        if arguments.traffic == Traffic::Market {
            stage.open_shop(&mut bank)?;
        }
        if arguments.traffic == Traffic::Erc20 {
            stage.give_tokens(&mut bank)?;
        }
        // Connections share transactions evenly, whose senders may be one
        // fewer than another's.
        let lanes = u64::from(arguments.connections.min(arguments.accounts));
        let each = u64::from(arguments.transactions).div_ceil(lanes).div_ceil(u64::from(arguments.accounts) / lanes);
        // The gas of a call is only known once its sender could make it.
        let guess = match arguments.traffic {
            Traffic::Native => NATIVE_GAS,
            Traffic::Erc20 => 150_000,
            Traffic::Market => 600_000,
        };
        stage.give_coins(&mut bank, each, guess)?;
        if arguments.traffic != Traffic::Native {
            stage.gas_limit = stage.estimate(&mut bank.asker)?;
        }
        for sender in &mut stage.senders {
            sender.nonce = bank.asker.nonce(sender.signer.address(), "pending")?;
        }
        Ok(stage)
    }

    /// Transaction `index` of the whole load, sent by `sender`, signed.
    pub(super) fn sign(&self, index: u64, sender: &Sender, nonce: u64) -> Signed {
        let (to, value, input) = self.action(index);
        sign(&sender.signer, self.chain_id, nonce, self.gas_limit, self.fees, TxKind::Call(to), value, input)
    }

    /// The call data of a read of this traffic.
    pub(super) fn read(&self, index: u64) -> (Address, Bytes) {
        let account = self.recipient(index);
        (self.contract, Erc20::balanceOfCall { account }.abi_encode().into())
    }

    /// Whom transaction `index` goes to: scattered, and the same each run.
    fn recipient(&self, index: u64) -> Address {
        // The finaliser of SplitMix64.
        let mut x = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        match self.recipients {
            None => self.senders[usize::try_from(x % self.senders.len() as u64).unwrap_or(0)].signer.address(),
            Some(count) => {
                let number = x % u64::from(count);
                let hash = keccak256([b"guildhall load recipient".as_slice(), &number.to_be_bytes()].concat());
                Address::from_slice(&hash[12..])
            }
        }
    }

    fn action(&self, index: u64) -> (Address, U256, Bytes) {
        match self.traffic {
            Traffic::Native => (self.recipient(index), U256::from(1), Bytes::new()),
            Traffic::Erc20 => {
                let call = Erc20::transferCall { to: self.recipient(index), value: U256::from(1) };
                (self.contract, U256::ZERO, call.abi_encode().into())
            }
            Traffic::Market => {
                let line = IMarket::Line {
                    offerId: self.offer,
                    version: 1,
                    quantity: 1,
                    termsHash: self.terms_hash,
                    deliveryHash: keccak256(index.to_be_bytes()),
                };
                let call = Market::placeOrdersCall { lines: vec![line] };
                (self.contract, U256::from(PRICE), call.abi_encode().into())
            }
        }
    }

    fn deploy(&mut self, endpoint: &Endpoint, funder: &Signer) -> anyhow::Result<()> {
        let remote = Remote(Mutex::new(Asker::connect(endpoint)?));
        let plan = Plan::standard(funder.address(), env!("CARGO_PKG_VERSION"));
        let manifest =
            node::runtime()?.block_on(deploy(&remote, funder, &plan)).context("can't deploy the contracts")?;
        self.contract = match self.traffic {
            Traffic::Market => manifest.market.address,
            Traffic::Erc20 | Traffic::Native => manifest.guild_token.address,
        };
        Ok(())
    }

    /// The funder sells without end, for coins, behind a bond that covers
    /// every order.
    fn open_shop(&mut self, bank: &mut Bank) -> anyhow::Result<()> {
        const DAY: u32 = 86_400;
        let terms = IMarket::Terms {
            token: Address::ZERO,
            unitPrice: u128::from(PRICE),
            shippingPrice: 0,
            acceptWithin: DAY,
            shipWithin: DAY,
            deliverWithin: DAY,
            inspectWithin: DAY,
            digital: true,
        };
        let publish = Market::publishOfferCall { terms, stock: u64::MAX >> 8, metadata: B256::ZERO };
        bank.pay(self.contract, U256::ZERO, publish.abi_encode().into(), 1_000_000)?;
        let amount = U256::from(PRICE) * U256::from(10_000_000_u64);
        let bond = Market::depositBondCall { token: Address::ZERO, amount };
        bank.pay(self.contract, amount, bond.abi_encode().into(), 1_000_000)?;
        bank.settle()?;
        let counts: Bytes = bank.view(self.contract, &Market::countsCall {}.abi_encode().into())?;
        self.offer = U256::from(Market::countsCall::abi_decode_returns(&counts)?.offers);
        let hash = bank.view(self.contract, &Market::termsHashCall { offerId: self.offer }.abi_encode().into())?;
        self.terms_hash = sol_data::FixedBytes::<32>::abi_decode(&hash).context("the offer was not published")?;
        Ok(())
    }

    fn give_tokens(&self, bank: &mut Bank) -> anyhow::Result<()> {
        let value = U256::from(10).pow(U256::from(18));
        for sender in &self.senders {
            let call = Erc20::transferCall { to: sender.signer.address(), value };
            bank.pay(self.contract, U256::ZERO, call.abi_encode().into(), 200_000)?;
        }
        bank.settle()?;
        let last = self.senders.last().map(|sender| sender.signer.address()).unwrap_or_default();
        let balance = bank.view(self.contract, &Erc20::balanceOfCall { account: last }.abi_encode().into())?;
        ensure!(U256::try_from_be_slice(&balance) >= Some(value), "the accounts got no tokens: a transfer failed");
        Ok(())
    }

    /// Coins for `each` transactions an account, where they cost any.
    fn give_coins(&self, bank: &mut Bank, each: u64, gas: u64) -> anyhow::Result<()> {
        let value = match self.traffic {
            Traffic::Native => 1,
            Traffic::Erc20 => 0,
            Traffic::Market => PRICE,
        };
        let cost = U256::from(gas) * U256::from(self.fees.cap) + U256::from(value);
        let needed = cost * U256::from(each);
        if needed.is_zero() {
            return Ok(());
        }
        let mut short = Vec::new();
        for sender in &self.senders {
            let address = sender.signer.address();
            if bank.asker.balance(address)? < needed {
                short.push(address);
            }
        }
        let total = needed * U256::from(short.len());
        let have = bank.asker.balance(bank.funder.address())?;
        ensure!(
            have > total,
            "{} has {have} wei, and {total} are needed to fund {} accounts: give it more, or use fewer --transactions",
            bank.funder.address(),
            short.len()
        );
        for address in short {
            bank.pay(address, needed, Bytes::new(), NATIVE_GAS)?;
        }
        bank.settle()
    }

    fn estimate(&self, asker: &mut Asker) -> anyhow::Result<u64> {
        let mut most = 0;
        for index in 0..4 {
            let (to, value, input) = self.action(index);
            let from = self.senders[0].signer.address();
            let call = json!({ "from": from, "to": to, "value": value, "input": input });
            most = most.max(asker.ask::<U64>("eth_estimateGas", json!([call]))?.to::<u64>());
        }
        // Slots that are warm now may be cold when it runs.
        Ok(most + most / 2)
    }
}

/// The account that pays for the preparation.
struct Bank {
    funder: Signer,
    chain_id: u64,
    fees: Fees,
    nonce: u64,
    asker: Asker,
}

impl Bank {
    fn pay(&mut self, to: Address, value: U256, input: Bytes, gas: u64) -> anyhow::Result<()> {
        let kind = TxKind::Call(to);
        let signed = sign(&self.funder, self.chain_id, self.nonce, gas, self.fees, kind, value, input);
        self.asker.send(&signed.raw).context("the node refused a transaction of the preparation")?;
        self.nonce += 1;
        if self.nonce.is_multiple_of(FUNDING_IN_FLIGHT) { self.settle() } else { Ok(()) }
    }

    /// Waits until all that was paid is mined.
    fn settle(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + FUNDING_PATIENCE;
        while self.asker.nonce(self.funder.address(), "latest")? < self.nonce {
            ensure!(
                Instant::now() < deadline,
                "the node took the transactions of the preparation but does not mine them: does it make blocks?"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn view(&mut self, to: Address, input: &Bytes) -> anyhow::Result<Bytes> {
        Ok(self.asker.ask("eth_call", json!([{ "to": to, "input": input }, "latest"]))?)
    }
}

/// Fees that outlast a run of full blocks; nothing on a chain without fees.
fn fees(asker: &mut Asker) -> anyhow::Result<Fees> {
    let base: u128 = asker.head()?.base_fee_per_gas.unwrap_or_default().saturating_to();
    if base == 0 {
        return Ok(Fees { cap: 0, tip: 0 });
    }
    let tip = match asker.ask::<U256>("eth_maxPriorityFeePerGas", json!([])) {
        Ok(tip) => tip.saturating_to(),
        Err(error) if error.is_unknown_method() => 0,
        Err(error) => return Err(error.into()),
    };
    Ok(Fees { cap: base.saturating_mul(20).saturating_add(tip), tip })
}

/// Keys that follow from the funding key, so that a later run finds its
/// accounts funded and nobody else can have them.
fn senders(key: &B256, count: u32) -> anyhow::Result<Vec<Sender>> {
    (0..count)
        .map(|number| {
            let secret =
                keccak256([b"guildhall load sender".as_slice(), key.as_slice(), &number.to_be_bytes()].concat());
            Ok(Sender { signer: Signer::from_bytes(&secret).context("a derived key can't be used")?, nonce: 0 })
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "the fields of a transaction")]
fn sign(
    signer: &Signer,
    chain_id: u64,
    nonce: u64,
    gas_limit: u64,
    fees: Fees,
    to: TxKind,
    value: U256,
    input: Bytes,
) -> Signed {
    let transaction = TxEip1559 {
        chain_id,
        nonce,
        gas_limit,
        max_fee_per_gas: fees.cap,
        max_priority_fee_per_gas: fees.tip,
        to,
        value,
        access_list: Default::default(),
        input,
    };
    let signature = signer.sign_hash(&transaction.signature_hash());
    let envelope: TxEnvelope = transaction.into_signed(signature).into();
    Signed { hash: *envelope.tx_hash(), raw: envelope.encoded_2718() }
}
