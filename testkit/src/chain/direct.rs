//! How the deployment acts on the ledger.

use super::{CHAIN_ID, GENESIS_TIME, run, seal};
use alloy_primitives::{Address, B256, Bytes};
use async_trait::async_trait;
use ledger_rpc::Node;
use platform_protocol::{Call, Mined, Submit, SubmitError};
use std::sync::Arc;

/// Deploys with a block a transaction, at times that follow from nothing but the head's.
pub(super) struct Direct(pub(super) Arc<Node>);

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SubmitError {
    SubmitError::Unreachable(error.into())
}

#[async_trait]
impl Submit for Direct {
    async fn chain_id(&self) -> Result<u64, SubmitError> {
        Ok(CHAIN_ID)
    }

    async fn nonce(&self, account: Address) -> Result<u64, SubmitError> {
        Ok(self.0.ledger.store().view().account(&account).map_err(failed)?.map_or(0, |data| data.nonce))
    }

    async fn gas_price(&self) -> Result<u128, SubmitError> {
        Ok(0)
    }

    async fn code(&self, account: Address) -> Result<Bytes, SubmitError> {
        let view = self.0.ledger.store().view();
        let Some(data) = view.account(&account).map_err(failed)? else { return Ok(Bytes::new()) };
        Ok(view.code(&data.code_hash).map_err(failed)?.unwrap_or_default())
    }

    async fn storage(&self, account: Address, slot: B256) -> Result<B256, SubmitError> {
        Ok(self.0.ledger.store().view().slot(account, slot.into()).map_err(failed)?.into())
    }

    async fn call(&self, call: Call) -> Result<Bytes, SubmitError> {
        let head = self.0.ledger.store().head();
        run(&self.0, &head, head.number(), call.from, call.to, call.value, call.input).map_err(failed)
    }

    async fn send_raw(&self, transaction: Bytes) -> Result<B256, SubmitError> {
        let sent = self.0.submit_raw(&transaction);
        let hash = sent.map_err(|error| SubmitError::Refused { code: error.code, message: error.message })?;
        let time = self.0.ledger.store().head().block.header.timestamp + 1;
        seal(&self.0, time.max(GENESIS_TIME)).await.map_err(|error| failed(error.to_string()))?;
        Ok(hash)
    }

    async fn wait(&self, hash: B256) -> Result<Mined, SubmitError> {
        let store = self.0.ledger.store();
        let Some((number, index)) = store.transaction(&hash).map_err(failed)? else {
            return Err(SubmitError::NotMined { hash });
        };
        let stored = store.block(number).map_err(failed)?.ok_or(SubmitError::NotMined { hash })?;
        let success = stored.receipts.get(index).is_some_and(|receipt| receipt.status());
        Ok(Mined { hash, block_number: number, success, created: None, gas_used: 0 })
    }
}
