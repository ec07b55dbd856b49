//! What stands behind the methods.

use crate::{
    dev::{DevAccounts, Development},
    error::RpcError,
    filters::Filters,
    limits::Limits,
    pace::{Function, Pace},
};
use alloy_consensus::TxEnvelope;
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256};
use ledger_chain::transaction::{check_stateless, decode_transaction, take_blobs};
use ledger_consensus::SoloDriver;
use ledger_execution::Ledger;
use ledger_state::{StateView, StoredBlock};
use ledger_txpool::{Pool, PoolError};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::Instant};

/// A running ledger as the RPC methods see it.
#[derive(Debug)]
pub struct Node {
    /// The state machine and its store.
    pub ledger: Arc<Ledger>,
    /// Waiting transactions.
    pub pool: Arc<Pool>,
    /// Makes blocks.
    pub driver: Arc<SoloDriver>,
    /// Bounds.
    pub limits: Limits,
    /// Accounts and methods for development; `None` in production.
    pub dev: Option<DevAccounts>,
    /// Whether this node makes blocks; not on a chain that was imported.
    pub seals: bool,
    /// What development methods remember.
    pub(crate) development: Development,
    /// Installed filters.
    pub(crate) filters: Filters,
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) traces: Arc<Semaphore>,
    pace: Pace,
}

impl Node {
    /// Puts a node together.
    pub fn new(
        ledger: Arc<Ledger>,
        pool: Arc<Pool>,
        driver: Arc<SoloDriver>,
        limits: Limits,
        dev: Option<DevAccounts>,
        seals: bool,
    ) -> Self {
        let calls = Arc::new(Semaphore::new(limits.calls_at_once));
        let traces = Arc::new(Semaphore::new(limits.traces_at_once));
        Self {
            ledger,
            pool,
            driver,
            limits,
            dev,
            seals,
            development: Development::default(),
            filters: Filters::default(),
            calls,
            traces,
            pace: Pace::default(),
        }
    }

    /// Admits a raw transaction.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the field.
    pub fn submit_raw(&self, raw: &[u8]) -> Result<B256, RpcError> {
        let (transaction, sender) = decode_transaction(raw)?;
        self.submit(transaction, sender)
    }

    /// Admits a transaction whose sender is known.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the field.
    pub fn submit(&self, transaction: TxEnvelope, sender: Address) -> Result<B256, RpcError> {
        self.admit(transaction, sender, Pool::add)
    }

    /// Admits a transaction of an impersonated account.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the field.
    pub(crate) fn submit_impersonated(&self, transaction: TxEnvelope, sender: Address) -> Result<B256, RpcError> {
        self.admit(transaction, sender, Pool::add_impersonated)
    }

    fn admit(
        &self,
        transaction: TxEnvelope,
        sender: Address,
        add: impl FnOnce(&Pool, TxEnvelope, Address, &dyn Fn() -> StateView) -> Result<B256, PoolError>,
    ) -> Result<B256, RpcError> {
        if let Some(failure) = self.driver.failure() {
            return Err(RpcError::internal(failure));
        }
        let head = self.ledger.store().head();
        let gas_limit = head.block.header.gas_limit;
        let osaka = self.ledger.spec().is_osaka_active_at_timestamp(head.block.header.timestamp);
        let transaction = take_blobs(transaction, osaka)?;
        check_stateless(&transaction, self.ledger.spec().chain_id(), gas_limit)?;
        let hash = add(&self.pool, transaction, sender, &|| self.ledger.store().view())?;
        self.driver.notify();
        Ok(hash)
    }

    /// The base fee of the next block in wei; zero before London.
    pub(crate) fn next_base_fee(&self) -> u64 {
        self.ledger.spec().next_base_fee(&self.ledger.store().head().block.header).unwrap_or(0)
    }

    /// The number that a tag or number stands for. Safe and finalized are the
    /// head: blocks are final when they are there.
    pub(crate) fn number(&self, tag: BlockNumberOrTag) -> u64 {
        match tag {
            BlockNumberOrTag::Earliest => 0,
            BlockNumberOrTag::Number(number) => number,
            _ => self.ledger.store().head().number(),
        }
    }

    /// The block that `id` names, or `None`.
    pub(crate) fn block(&self, id: BlockId) -> Result<Option<Arc<StoredBlock>>, RpcError> {
        let store = self.ledger.store();
        let number = match id {
            BlockId::Number(tag) => self.number(tag),
            BlockId::Hash(hash) => match store.block_number(&hash.block_hash)? {
                Some(number) => number,
                None => return Ok(None),
            },
        };
        Ok(store.block(number)?)
    }

    /// The block that `id` names.
    pub(crate) fn existing_block(&self, id: BlockId) -> Result<Arc<StoredBlock>, RpcError> {
        self.block(id)?.ok_or_else(|| match id {
            BlockId::Hash(_) => RpcError::server("header for hash not found"),
            BlockId::Number(_) => RpcError::server("header not found"),
        })
    }

    /// The state after the block that `id` names; the head without one.
    pub(crate) fn view(&self, id: Option<BlockId>) -> Result<StateView, RpcError> {
        match id {
            None => Ok(self.ledger.store().view()),
            Some(id) => Ok(self.ledger.store().view_at(self.existing_block(id)?.number())?),
        }
    }

    /// Runs a call of `function`: in place where that is quick, else as
    /// [`Node::blocking`] work.
    pub(crate) async fn paced<T: Send + 'static>(
        self: &Arc<Self>,
        function: Function,
        work: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let timed = move |node: &Self| {
            let start = Instant::now();
            let result = work(node);
            node.pace.note(function, start.elapsed());
            result
        };
        let Some(permit) = self.pace.enter(&function) else { return self.blocking(timed).await };
        let result = timed(self);
        drop(permit);
        result
    }

    /// Runs blocking work, at most [`Limits::calls_at_once`] at a time.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        self.run(&self.calls, self.limits.call_time, work).await
    }

    /// Runs a trace, at most [`Limits::traces_at_once`] at a time, so that
    /// tracing never starves the making of blocks.
    pub async fn tracing<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        self.run(&self.traces, self.limits.trace_time, work).await
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        places: &Arc<Semaphore>,
        limit: Duration,
        work: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let deadline = Instant::now() + limit;
        let too_long = || RpcError::limit("execution aborted: the call took too long; ask for less at once");
        let place = tokio::time::timeout_at(deadline, Arc::clone(places).acquire_owned()).await;
        let place = place.map_err(|_| too_long())?.map_err(RpcError::internal)?;
        let node = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&node);
            drop(place);
            result
        });
        match tokio::time::timeout_at(deadline, task).await {
            Err(_) => Err(too_long()),
            Ok(Err(error)) => Err(RpcError::internal(error)),
            Ok(Ok(result)) => result,
        }
    }
}
