//! The first block, made from the chain's genesis.

use super::open::check_root;
use crate::{
    diff::{AccountChange, AccountData, CodeAdded, SlotChange, StateDiff},
    error::StateError,
    flat::Snapshot,
    generation::Generation,
    log::Log,
    record::{self, StoredBlock},
    state_trie::StateTrie,
};
use alloy_primitives::{Bytes, U256, keccak256};
use ledger_chain::{Block, ChainSpec};
use std::sync::Arc;

pub(super) fn write(
    spec: &ChainSpec,
    log: &mut Log,
    trie: &mut StateTrie,
    active: &Generation,
    snapshot: &Snapshot,
) -> Result<Arc<StoredBlock>, StateError> {
    let diff = difference(spec);
    let header = spec.genesis_header().clone();
    let withdrawals = header.withdrawals_root.map(|_| Default::default());
    let block = Block {
        hash: spec.genesis_hash(),
        header,
        transactions: Vec::new(),
        senders: Vec::new(),
        ommers: Vec::new(),
        withdrawals,
    };
    let stored = StoredBlock::new(block, Vec::new(), Bytes::new());
    check_root(&stored, trie.apply(&diff, snapshot)?)?;
    let location = log.append(stored.number(), &record::encode(&stored, &diff))?;
    let stored = Arc::new(stored);
    active.commit(&stored, &diff, location);
    Ok(stored)
}

fn difference(spec: &ChainSpec) -> StateDiff {
    let mut diff = StateDiff::default();
    for (address, account) in &spec.genesis().alloc {
        let code = account.non_empty_code().cloned();
        let code_hash = code.as_ref().map(keccak256);
        if let (Some(code), Some(hash)) = (code, code_hash)
            && !diff.codes.iter().any(|added| added.hash == hash)
        {
            diff.codes.push(CodeAdded { hash, code });
        }
        let data = AccountData {
            nonce: account.nonce.unwrap_or(0),
            balance: account.balance,
            code_hash: code_hash.unwrap_or(AccountData::default().code_hash),
        };
        let storage = account
            .storage_slots()
            .filter(|(_, value)| !value.is_zero())
            .map(|(slot, new)| SlotChange { slot: slot.into(), old: U256::ZERO, new })
            .collect();
        diff.accounts.push(AccountChange { address: *address, old: None, new: Some(data), storage });
    }
    diff
}
