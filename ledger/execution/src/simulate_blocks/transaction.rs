//! Calls as transactions without a signature.

use super::SimulationError;
use alloy_consensus::{SignableTransaction, Signed, Transaction as _, TxEnvelope, TxLegacy, TypedTransaction, proofs};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth::TransactionRequest;
use revm::{
    context::{BlockEnv, result::InvalidTransaction},
    state::AccountInfo,
};

const UNSIGNED: Signature = Signature::new(U256::ZERO, U256::ZERO, false);

/// The transaction that a call stands for: with fees by cap and tip unless
/// it asks for another kind.
pub(super) fn complete(
    mut request: TransactionRequest,
    chain_id: u64,
    london: bool,
) -> Result<TxEnvelope, SimulationError> {
    if request.gas_price.is_some() && (request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some())
    {
        let reason = "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified";
        return Err(SimulationError::Request(reason.into()));
    }
    if request.chain_id.is_some_and(|given| given != chain_id) {
        let given = request.chain_id.unwrap_or_default();
        return Err(SimulationError::Request(format!("chainId does not match node's (have={given}, want={chain_id})")));
    }
    if let (Some(data), Some(input)) = (&request.input.data, &request.input.input)
        && data != input
    {
        let reason =
            r#"both "data" and "input" are set and not equal. Please use "input" to pass transaction call data"#;
        return Err(SimulationError::Request(reason.into()));
    }
    request.chain_id = Some(chain_id);
    request.to = Some(request.to.unwrap_or(TxKind::Create));
    request.value.get_or_insert(U256::ZERO);
    if request.gas_price.is_some() || !london {
        request.gas_price.get_or_insert(0);
        request.access_list = None;
    } else {
        request.max_fee_per_gas.get_or_insert(0);
        request.max_priority_fee_per_gas.get_or_insert(0);
    }
    if request.blob_versioned_hashes.is_some() {
        request.max_fee_per_blob_gas.get_or_insert(0);
    }
    let typed = request.build_consensus_tx().map_err(|error| SimulationError::Request(error.error))?;
    Ok(match typed {
        TypedTransaction::Legacy(legacy) => {
            let hash = keccak256(encode_legacy(&legacy));
            TxEnvelope::Legacy(Signed::new_unchecked(legacy, UNSIGNED, hash))
        }
        typed => typed.into_signed(UNSIGNED).into(),
    })
}

/// The transactions root.
pub(super) fn root(transactions: &[TxEnvelope]) -> B256 {
    let encoded: Vec<Vec<u8>> = transactions
        .iter()
        .map(|transaction| match transaction {
            TxEnvelope::Legacy(legacy) => encode_legacy(legacy.tx()),
            other => other.encoded_2718(),
        })
        .collect();
    proofs::ordered_trie_root_encoded(&encoded)
}

/// A legacy transaction without signature, as geth encodes it: v, r and s
/// are zero, where a signed one never has a v of zero.
fn encode_legacy(legacy: &TxLegacy) -> Vec<u8> {
    let none: &dyn Encodable = &0u8;
    let to: Bytes = match legacy.to {
        TxKind::Create => Bytes::new(),
        TxKind::Call(to) => Bytes::copy_from_slice(to.as_slice()),
    };
    let fields: [&dyn Encodable; 9] =
        [&legacy.nonce, &legacy.gas_price, &legacy.gas_limit, &to, &legacy.value, &legacy.input, none, none, none];
    let payload_length = fields.iter().map(|field| field.length()).sum();
    let mut encoded = Vec::with_capacity(payload_length + 4);
    alloy_rlp::Header { list: true, payload_length }.encode(&mut encoded);
    fields.iter().for_each(|field| field.encode(&mut encoded));
    encoded
}

/// Whether the call pays nothing for gas.
pub(super) fn is_free(transaction: &TxEnvelope) -> bool {
    transaction.max_fee_per_gas() == 0 && transaction.max_priority_fee_per_gas().unwrap_or(0) == 0
}

/// What geth checks before execution, in its order: nonce, fees, funds.
pub(super) fn check(
    transaction: &TxEnvelope,
    sender: Address,
    account: &AccountInfo,
    block: &BlockEnv,
    validate: bool,
) -> Result<(), SimulationError> {
    let fail = |rule: InvalidTransaction, detail: String| Err(SimulationError::transaction(rule, detail));
    let (tx, state) = (transaction.nonce(), account.nonce);
    if validate && tx > state {
        let rule = InvalidTransaction::NonceTooHigh { tx, state };
        return fail(rule, format!("nonce too high: address {sender}, tx: {tx} state: {state}"));
    }
    if validate && tx < state {
        let rule = InvalidTransaction::NonceTooLow { tx, state };
        return fail(rule, format!("nonce too low: address {sender}, tx: {tx} state: {state}"));
    }
    let fee_cap = transaction.max_fee_per_gas();
    let tip = transaction.max_priority_fee_per_gas().unwrap_or(0);
    if validate || !is_free(transaction) {
        if tip > fee_cap {
            return fail(
                InvalidTransaction::PriorityFeeGreaterThanMaxFee,
                format!(
                    "max priority fee per gas higher than max fee per gas: address {sender}, maxPriorityFeePerGas: {tip}, maxFeePerGas: {fee_cap}"
                ),
            );
        }
        if fee_cap < u128::from(block.basefee) {
            return fail(
                InvalidTransaction::GasPriceLessThanBasefee,
                format!(
                    "max fee per gas less than block base fee: address {sender}, maxFeePerGas: {fee_cap}, baseFee: {}",
                    block.basefee
                ),
            );
        }
    }
    let blob_fee = U256::from(transaction.max_fee_per_blob_gas().unwrap_or(0))
        .saturating_mul(U256::from(transaction.blob_gas_used().unwrap_or(0)));
    let want = U256::from(fee_cap)
        .saturating_mul(U256::from(transaction.gas_limit()))
        .saturating_add(blob_fee)
        .saturating_add(transaction.value());
    if account.balance < want {
        let have = account.balance;
        return fail(
            InvalidTransaction::LackOfFundForMaxFee { fee: Box::new(want), balance: Box::new(have) },
            format!("insufficient funds for gas * price + value: address {sender} have {have} want {want}"),
        );
    }
    Ok(())
}
