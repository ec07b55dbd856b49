//! Where the platform meets the embedded ledger: reading blocks and sending
//! transactions without a socket between.

mod trace;

use alloy_consensus::{Transaction as _, Typed2718};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::{TransactionInput, TransactionRequest};
use async_trait::async_trait;
use ledger_execution::simulate::{Call as LedgerCall, CallError};
use ledger_node::{LedgerNode, StoredBlock};
use ledger_rpc::{Limits, Node};
use platform_index::{Block, BlockSource, BlockTag, CallRequest, Head, Log, SourceError, Trace, Transaction};
use platform_protocol::{Call, Mined, Submit, SubmitError};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// How long a transaction may take to be mined before its sender is told.
const MINING_TIMEOUT: Duration = Duration::from_secs(60);

/// The embedded ledger in the shapes that the platform asks for.
#[derive(Debug, Clone)]
pub(crate) struct Embedded {
    node: Arc<Node>,
    heads: watch::Receiver<Head>,
}

impl Embedded {
    /// Starts following the ledger's heads. Must be called in a runtime.
    pub(crate) fn new(ledger: &LedgerNode) -> Self {
        let node = Arc::clone(ledger.node());
        let mut blocks = node.driver.subscribe();
        let (sender, heads) = watch::channel(head_of(&node.ledger.store().head()));
        let follower = Arc::clone(&node);
        tokio::spawn(async move {
            loop {
                match blocks.recv().await {
                    // The newest head counts, however many were missed.
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                        let head = head_of(&follower.ledger.store().head());
                        if sender.send(head).is_err() {
                            return;
                        }
                    }
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        Self { node, heads }
    }

    fn number(&self, at: BlockTag) -> u64 {
        match at {
            BlockTag::Latest => self.node.ledger.store().head().number(),
            BlockTag::Number(number) => number,
        }
    }

    /// Whether a call would succeed in the block that comes next.
    pub(crate) async fn would_succeed(&self, call: Call) -> bool {
        self.call_next(call).await.is_ok()
    }

    /// What a call would answer in the block that comes next, at the chain's present time. On a chain that makes blocks
    /// only for transactions, its head may be hours old.
    pub(crate) async fn call_next(&self, call: Call) -> Result<Bytes, CallError> {
        let Call { from, to, value, input } = call;
        let head = self.node.ledger.store().head();
        let timestamp = self.node.driver.clock().now().max(head.block.header.timestamp + 1);
        let next = (head.number() + 1, timestamp);
        self.run_call(from, Some(to), value, input, head.number(), Some(next)).await
    }

    /// `next`: number and time of the block that the call sees, if not that of the state it runs on.
    async fn run_call(
        &self,
        from: Address,
        to: Option<Address>,
        value: U256,
        input: Bytes,
        number: u64,
        next: Option<(u64, u64)>,
    ) -> Result<Bytes, CallError> {
        let node = Arc::clone(&self.node);
        let work = move || {
            let stored = node.ledger.store().block(number).map_err(|error| CallError::State(error.to_string()))?;
            let stored = stored.ok_or_else(|| CallError::State(format!("there is no block {number}")))?;
            let view = node.ledger.store().view_at(number).map_err(|error| CallError::State(error.to_string()))?;
            let request = TransactionRequest {
                from: Some(from),
                to: Some(to.map_or(TxKind::Create, TxKind::Call)),
                value: Some(value),
                input: TransactionInput::new(input),
                ..TransactionRequest::default()
            };
            let mut header = stored.block.header.clone();
            if let Some(next) = next {
                (header.number, header.timestamp) = next;
            }
            let call = LedgerCall {
                view,
                header,
                request,
                state_overrides: None,
                block_overrides: None,
                gas_cap: Limits::default().call_gas,
            };
            node.ledger.call(call).map(|outcome| outcome.output)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(CallError::State(error.to_string())))
    }
}

fn head_of(stored: &StoredBlock) -> Head {
    Head { number: stored.number(), hash: stored.block.hash, timestamp: stored.block.header.timestamp }
}

fn unreachable_source(error: impl std::error::Error + Send + Sync + 'static) -> SourceError {
    SourceError::Unreachable(Box::new(error))
}

#[async_trait]
impl BlockSource for Embedded {
    async fn head(&self) -> Result<Head, SourceError> {
        Ok(head_of(&self.node.ledger.store().head()))
    }

    async fn finalized(&self) -> Result<u64, SourceError> {
        Ok(self.node.ledger.store().head().number())
    }

    async fn block(&self, number: u64) -> Result<Option<Block>, SourceError> {
        let stored = self.node.ledger.store().block(number).map_err(unreachable_source)?;
        Ok(stored.map(|stored| convert(&stored)))
    }

    async fn block_number(&self, hash: B256) -> Result<Option<u64>, SourceError> {
        self.node.ledger.store().block_number(&hash).map_err(unreachable_source)
    }

    async fn call(&self, request: CallRequest, at: BlockTag) -> Result<Bytes, SourceError> {
        let CallRequest { from, to, value, input } = request;
        self.run_call(from, to, value, input, self.number(at), None).await.map_err(|error| match error {
            CallError::Reverted(data) => SourceError::Reverted { data },
            error => unreachable_source(error),
        })
    }

    async fn balance(&self, account: Address, at: BlockTag) -> Result<U256, SourceError> {
        let view = self.node.ledger.store().view_at(self.number(at)).map_err(unreachable_source)?;
        Ok(view.account(&account).map_err(unreachable_source)?.unwrap_or_default().balance)
    }

    async fn nonce(&self, account: Address, at: BlockTag) -> Result<u64, SourceError> {
        let view = self.node.ledger.store().view_at(self.number(at)).map_err(unreachable_source)?;
        Ok(view.account(&account).map_err(unreachable_source)?.unwrap_or_default().nonce)
    }

    async fn code(&self, account: Address, at: BlockTag) -> Result<Bytes, SourceError> {
        let view = self.node.ledger.store().view_at(self.number(at)).map_err(unreachable_source)?;
        let Some(data) = view.account(&account).map_err(unreachable_source)? else { return Ok(Bytes::new()) };
        Ok(view.code(&data.code_hash).map_err(unreachable_source)?.unwrap_or_default())
    }

    async fn storage(&self, account: Address, slot: B256, at: BlockTag) -> Result<B256, SourceError> {
        let view = self.node.ledger.store().view_at(self.number(at)).map_err(unreachable_source)?;
        Ok(view.slot(account, slot.into()).map_err(unreachable_source)?.into())
    }

    async fn trace(&self, block: u64, index: u64) -> Result<Option<Trace>, SourceError> {
        let work = move |node: &Node| {
            let (Some(stored), Ok(index)) = (node.ledger.store().block(block)?, usize::try_from(index)) else {
                return Ok(None);
            };
            Ok(Some(trace::trace(node, &stored, index)?))
        };
        self.node.tracing(work).await.map_err(unreachable_source)
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.clone()
    }
}

fn convert(stored: &StoredBlock) -> Block {
    let header = &stored.block.header;
    let mut gas_before = 0;
    let mut log_index = 0;
    let parts = stored.block.transactions.iter().zip(&stored.block.senders).zip(&stored.receipts).zip(0u64..);
    let transactions = parts
        .map(|(((transaction, sender), receipt), index)| {
            let cumulative = receipt.cumulative_gas_used();
            let gas_used = cumulative - std::mem::replace(&mut gas_before, cumulative);
            let logs = receipt
                .logs()
                .iter()
                .map(|log| {
                    let index = log_index;
                    log_index += 1;
                    Log { address: log.address, topics: log.topics().to_vec(), data: log.data.data.clone(), index }
                })
                .collect();
            Transaction {
                hash: *transaction.tx_hash(),
                index,
                kind: transaction.ty(),
                from: *sender,
                to: transaction.to(),
                created: transaction.is_create().then(|| sender.create(transaction.nonce())),
                nonce: transaction.nonce(),
                value: transaction.value(),
                input: transaction.input().clone(),
                gas_limit: transaction.gas_limit(),
                gas_used,
                gas_price: transaction.effective_gas_price(header.base_fee_per_gas),
                success: receipt.status(),
                logs,
            }
        })
        .collect();
    Block {
        number: header.number,
        hash: stored.block.hash,
        parent_hash: header.parent_hash,
        state_root: header.state_root,
        timestamp: header.timestamp,
        beneficiary: header.beneficiary,
        gas_used: header.gas_used,
        gas_limit: header.gas_limit,
        base_fee: u128::from(header.base_fee_per_gas.unwrap_or(0)),
        size: stored.size,
        transactions,
    }
}

fn unreachable_submit(error: impl std::error::Error + Send + Sync + 'static) -> SubmitError {
    SubmitError::Unreachable(Box::new(error))
}

#[async_trait]
impl Submit for Embedded {
    async fn chain_id(&self) -> Result<u64, SubmitError> {
        Ok(self.node.ledger.spec().chain_id())
    }

    async fn nonce(&self, account: Address) -> Result<u64, SubmitError> {
        let view = self.node.ledger.store().view();
        let nonce = view.account(&account).map_err(unreachable_submit)?.unwrap_or_default().nonce;
        Ok(self.node.pool.next_nonce(&account).unwrap_or(nonce).max(nonce))
    }

    async fn gas_price(&self) -> Result<u128, SubmitError> {
        let head = self.node.ledger.store().head();
        let base_fee = self.node.ledger.spec().next_base_fee(&head.block.header).unwrap_or(0);
        // Twice the base fee outlasts six full blocks.
        Ok(u128::from(base_fee) * 2)
    }

    async fn code(&self, account: Address) -> Result<Bytes, SubmitError> {
        BlockSource::code(self, account, BlockTag::Latest).await.map_err(unreachable_submit)
    }

    async fn storage(&self, account: Address, slot: B256) -> Result<B256, SubmitError> {
        BlockSource::storage(self, account, slot, BlockTag::Latest).await.map_err(unreachable_submit)
    }

    async fn call(&self, call: Call) -> Result<Bytes, SubmitError> {
        let Call { from, to, value, input } = call;
        let number = self.number(BlockTag::Latest);
        self.run_call(from, Some(to), value, input, number, None).await.map_err(|error| match error {
            CallError::Reverted(data) => SubmitError::Reverted { data },
            error => unreachable_submit(error),
        })
    }

    async fn send_raw(&self, transaction: Bytes) -> Result<B256, SubmitError> {
        let sent = self.node.submit_raw(&transaction);
        sent.map_err(|error| SubmitError::Refused { code: error.code, message: error.message })
    }

    async fn wait(&self, hash: B256) -> Result<Mined, SubmitError> {
        let deadline = Instant::now() + MINING_TIMEOUT;
        let mut blocks = self.node.driver.subscribe();
        loop {
            if let Some(mined) = self.mined(hash)? {
                return Ok(mined);
            }
            match tokio::time::timeout_at(deadline, blocks.recv()).await {
                Ok(Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_))) => {}
                Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) | Err(_) => {
                    return Err(SubmitError::NotMined { hash });
                }
            }
        }
    }
}

impl Embedded {
    fn mined(&self, hash: B256) -> Result<Option<Mined>, SubmitError> {
        let store = self.node.ledger.store();
        let Some((number, index)) = store.transaction(&hash).map_err(unreachable_submit)? else { return Ok(None) };
        let Some(stored) = store.block(number).map_err(unreachable_submit)? else { return Ok(None) };
        let transaction = convert(&stored).transactions.into_iter().nth(index);
        Ok(transaction.map(|transaction| Mined {
            hash,
            block_number: number,
            success: transaction.success,
            created: transaction.created,
            gas_used: transaction.gas_used,
        }))
    }
}
