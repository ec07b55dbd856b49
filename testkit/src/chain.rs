//! The real ledger in a temporary directory, with the real contracts on it.

mod direct;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::{TransactionInput, TransactionRequest as RpcRequest};
use alloy_sol_types::SolCall;
use anyhow::{Context, anyhow, ensure};
use direct::Direct;
use ledger_chain::ChainSpec;
use ledger_consensus::ValidatorKey;
use ledger_execution::simulate::{Call as LedgerCall, CallError};
use ledger_node::{LedgerNode, NodeOptions, Sealing, StoreOptions, StoredBlock};
use ledger_rpc::{Limits, Node};
use platform_protocol::{Manifest, Plan, Signer, TransactionRequest, deploy};
use serde_json::json;
use std::{collections::HashMap, path::Path, sync::Arc};

/// When the simulated world begins, in seconds since 1970.
pub const GENESIS_TIME: u64 = 1_700_000_000;
const CHAIN_ID: u64 = 31_337;
/// No call of a simulation needs more.
const CALL_GAS: u64 = 8_000_000;
const BLOCK_GAS: u64 = 2_000_000_000;

/// A chain whose blocks and time the simulation makes.
#[derive(Debug)]
pub struct Chain {
    node: LedgerNode,
    runtime: tokio::runtime::Runtime,
    nonces: HashMap<Address, u64>,
    waiting: usize,
    /// Where the contracts stand.
    pub manifest: Manifest,
    _directory: tempfile::TempDir,
}

impl Chain {
    /// Starts a gas-free chain, gives `coin` to each of `accounts`, and deploys.
    ///
    /// # Errors
    /// Whatever stops the ledger or the deployment.
    pub fn start(operator: &Signer, accounts: &[Address], coin: U256, plan: &Plan) -> anyhow::Result<Self> {
        let directory = temporary()?;
        let mut options = StoreOptions::new(directory.path().join("ledger"), genesis(accounts, coin)?);
        // Nobody asks for states long past here.
        options.history = Some(64);
        let node = LedgerNode::start(NodeOptions {
            store: options,
            validator: ValidatorKey::from_bytes(&B256::repeat_byte(7)).context("this is a key")?,
            beneficiary: None,
            sealing: Sealing::Manual,
            gas_limit: BLOCK_GAS,
            limits: Limits::default(),
            dev_keys: Some(Vec::new()),
            start_time: Some(GENESIS_TIME),
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let manifest = runtime.block_on(deploy(&Direct(Arc::clone(node.node())), operator, plan))?;
        let mut chain = Self { node, runtime, nonces: HashMap::new(), waiting: 0, manifest, _directory: directory };
        let nonce = chain.node.ledger().store().view().account(&operator.address())?.map_or(0, |data| data.nonce);
        chain.nonces.insert(operator.address(), nonce);
        Ok(chain)
    }

    /// The newest block.
    #[must_use]
    pub fn head(&self) -> Arc<StoredBlock> {
        self.node.ledger().store().head()
    }

    /// Seconds since 1970 of the newest block.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.head().block.header.timestamp
    }

    /// Signs a call and puts it into the queue for the next block.
    ///
    /// # Errors
    /// When the node refuses it, which the simulation never provokes.
    pub fn send(&mut self, signer: &Signer, to: Address, value: u128, input: Bytes) -> anyhow::Result<B256> {
        let nonce = self.nonces.entry(signer.address()).or_default();
        let raw = signer.sign_transaction(TransactionRequest {
            chain_id: CHAIN_ID,
            nonce: *nonce,
            to: Some(to),
            value: U256::from(value),
            input,
            gas_limit: CALL_GAS,
            gas_price: 0,
        });
        let sent = self.node.node().submit_raw(&raw);
        let hash = sent.map_err(|error| anyhow!("the node refused a transaction: {}", error.message))?;
        *nonce += 1;
        self.waiting += 1;
        Ok(hash)
    }

    /// Makes a block of all that waits, at `time`, or later if the head is.
    ///
    /// # Errors
    /// When not all fits, or the ledger fails.
    pub fn seal(&mut self, time: u64) -> anyhow::Result<Arc<StoredBlock>> {
        let block = self.runtime.block_on(seal(self.node.node(), time))?;
        let sealed = block.block.transactions.len();
        ensure!(sealed == self.waiting, "{} transactions waited and {sealed} were sealed", self.waiting);
        self.waiting = 0;
        Ok(block)
    }

    /// What a view answers at the head.
    ///
    /// # Errors
    /// When it reverts.
    pub fn view<C: SolCall>(&self, to: Address, call: C) -> anyhow::Result<C::Return> {
        let head = self.head();
        let outcome =
            run(self.node.node(), &head, head.number(), Address::ZERO, to, U256::ZERO, call.abi_encode().into());
        let output = outcome.map_err(|error| anyhow!("{} failed: {error}", C::SIGNATURE))?;
        Ok(C::abi_decode_returns(&output)?)
    }

    /// What a call would revert with on the state of block `state`, at the time of `block`.
    #[must_use]
    pub fn revert_of(
        &self,
        block: &StoredBlock,
        state: u64,
        from: Address,
        to: Address,
        value: U256,
        input: &Bytes,
    ) -> Option<Bytes> {
        match run(self.node.node(), block, state, from, to, value, input.clone()) {
            Err(CallError::Reverted(data)) => Some(data),
            _ => None,
        }
    }

    /// Native coin of an account at the head.
    ///
    /// # Errors
    /// When the state can't be read.
    pub fn coin_of(&self, account: Address) -> anyhow::Result<u128> {
        let data = self.node.ledger().store().view().account(&account)?;
        Ok(data.map_or(U256::ZERO, |data| data.balance).to())
    }

    /// A slot of an account at the head.
    ///
    /// # Errors
    /// When the state can't be read.
    pub fn slot(&self, account: Address, slot: B256) -> anyhow::Result<U256> {
        Ok(self.node.ledger().store().view().slot(account, slot.into())?)
    }

    /// Changes a slot by hand, in a block of its own: for proofs that a check can fail.
    ///
    /// # Errors
    /// When the block can't be made.
    pub fn tamper(&mut self, account: Address, slot: B256, value: U256) -> anyhow::Result<()> {
        self.node.ledger().edit_next(account, |edit| {
            edit.state_diff.get_or_insert_default().insert(slot, value.into());
        });
        let time = self.now() + 1;
        self.runtime.block_on(seal(self.node.node(), time))?;
        Ok(())
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // The directory goes anyway.
        let _ = self.node.stop();
    }
}

async fn seal(node: &Node, time: u64) -> anyhow::Result<Arc<StoredBlock>> {
    let head = node.ledger.store().head().block.header.timestamp;
    node.driver.clock().set_next(time.max(head), head)?;
    Ok(node.driver.mine().await?)
}

/// Memory where there is some: the simulation asks about rules, not about disks.
fn temporary() -> anyhow::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    if memory.is_dir()
        && let Ok(directory) = builder.tempdir_in(memory)
    {
        return Ok(directory);
    }
    Ok(builder.tempdir()?)
}

fn genesis(accounts: &[Address], coin: U256) -> anyhow::Result<Arc<ChainSpec>> {
    let alloc: serde_json::Map<String, serde_json::Value> =
        accounts.iter().map(|account| (account.to_string(), json!({ "balance": coin }))).collect();
    let genesis = json!({
        "config": {
            "chainId": CHAIN_ID, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
            "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0,
            "berlinBlock": 0, "londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0,
            "pragueTime": 0, "osakaTime": 0, "zeroBaseFee": true, "equalTimestamps": true,
        },
        "gasLimit": format!("{BLOCK_GAS:#x}"), "difficulty": "0x0", "alloc": alloc,
    });
    Ok(Arc::new(ChainSpec::from_json(genesis.to_string().as_bytes())?))
}

fn run(
    node: &Node,
    block: &StoredBlock,
    state: u64,
    from: Address,
    to: Address,
    value: U256,
    input: Bytes,
) -> Result<Bytes, CallError> {
    let view = node.ledger.store().view_at(state).map_err(|error| CallError::State(error.to_string()))?;
    let request = RpcRequest {
        from: Some(from),
        to: Some(to.into()),
        value: Some(value),
        input: TransactionInput::new(input),
        ..RpcRequest::default()
    };
    let header = block.block.header.clone();
    let call = LedgerCall {
        view,
        header,
        request,
        state_overrides: None,
        block_overrides: None,
        gas_cap: Limits::default().call_gas,
    };
    node.ledger.call(call).map(|outcome| outcome.output)
}
