//! Transactions at the edge: decoding, sender recovery, and the checks that
//! need no state.

use alloy_consensus::{
    EnvKzgSettings, Signed, Transaction as _, TxEip4844Variant, TxEnvelope, crypto::RecoveryError,
    transaction::SignerRecoverable,
};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, U256};

/// The most bytes a transaction may have on the wire (as geth's pool).
pub const TRANSACTION_BYTES_MAX: usize = 128 * 1024;
/// The most bytes of a transaction with blobs: six of 128 KiB (EIP-7594), and
/// proofs.
pub const BLOB_TRANSACTION_BYTES_MAX: usize = 1 << 20;
/// The most bytes of initialisation code (EIP-3860).
pub const MAX_INITCODE_SIZE: usize = 49_152;
/// The most gas a transaction may ask for from Osaka on (EIP-7825).
pub const TRANSACTION_GAS_MAX: u64 = 1 << 24;

/// A transaction that can't be one, whatever the state.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// The bytes are not a typed or legacy transaction.
    #[error("the transaction does not decode: {0}")]
    Decode(#[from] alloy_eips::eip2718::Eip2718Error),
    /// Bytes remain after the transaction.
    #[error("{0} bytes follow the transaction")]
    Trailing(usize),
    /// More bytes than [`TRANSACTION_BYTES_MAX`], or than
    /// [`BLOB_TRANSACTION_BYTES_MAX`] with blobs.
    #[error("oversized data: transaction size {size}, limit {limit}")]
    TooLarge {
        /// The size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The signature does not recover to an account.
    #[error("invalid sender: the signature does not recover ({0})")]
    Signature(#[from] RecoveryError),
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {given}, want {expected}")]
    ChainId {
        /// The chain id it was signed for.
        given: u64,
        /// This chain's id.
        expected: u64,
    },
    /// A legacy transaction without EIP-155 protection.
    #[error("only replay-protected (EIP-155) transactions allowed over RPC")]
    Unprotected,
    /// The tip is above the fee cap.
    #[error("max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas {tip}, maxFeePerGas {cap}")]
    TipAboveCap {
        /// The tip in wei.
        tip: u128,
        /// The cap in wei.
        cap: u128,
    },
    /// Less gas than the transaction's own bytes cost.
    #[error("intrinsic gas too low: gas {given}, minimum needed {needed}")]
    IntrinsicGas {
        /// The gas limit given.
        given: u64,
        /// What the transaction costs before it runs.
        needed: u64,
    },
    /// More gas than a block holds or EIP-7825 allows.
    #[error("exceeds the gas limit of a transaction or block: gas {given}, limit {limit}")]
    GasLimit {
        /// The gas limit given.
        given: u64,
        /// The most allowed.
        limit: u64,
    },
    /// Initialisation code above EIP-3860's limit.
    #[error("max initcode size exceeded: code size {size}, limit {MAX_INITCODE_SIZE}")]
    InitCode {
        /// The size in bytes.
        size: usize,
    },
    /// A set-code transaction without authorisations (EIP-7702).
    #[error("EIP-7702 transaction with empty auth list")]
    NoAuthorizations,
    /// A blob transaction was sent without its blobs.
    #[error("missing sidecar in blob transaction: send it in its network form, with blobs, commitments and proofs")]
    NoSidecar,
    /// The blobs come with proofs of another fork.
    #[error("unexpected blob sidecar version: this chain wants {wanted}")]
    SidecarVersion {
        /// What it wants, in words.
        wanted: &'static str,
    },
    /// The blobs don't prove what the transaction commits to.
    #[error("invalid blob sidecar: {0}")]
    Sidecar(String),
}

/// Decodes one transaction and recovers its sender.
///
/// # Errors
/// [`TransactionError::Decode`], [`TransactionError::Trailing`],
/// [`TransactionError::TooLarge`] or [`TransactionError::Signature`].
pub fn decode_transaction(mut raw: &[u8]) -> Result<(TxEnvelope, Address), TransactionError> {
    let limit = if raw.first() == Some(&3) { BLOB_TRANSACTION_BYTES_MAX } else { TRANSACTION_BYTES_MAX };
    if raw.len() > limit {
        return Err(TransactionError::TooLarge { size: raw.len(), limit });
    }
    let transaction = TxEnvelope::decode_2718(&mut raw)?;
    if !raw.is_empty() {
        return Err(TransactionError::Trailing(raw.len()));
    }
    let sender = transaction.recover_signer()?;
    Ok((transaction, sender))
}

/// Checks the blobs that a transaction was sent with against its commitments
/// (EIP-4844, EIP-7594), and takes them off: a block holds the transaction
/// without them, and nobody here would serve them later. Other transactions
/// pass as they are.
///
/// # Errors
/// [`TransactionError::NoSidecar`], [`TransactionError::SidecarVersion`] or
/// [`TransactionError::Sidecar`].
pub fn take_blobs(transaction: TxEnvelope, osaka: bool) -> Result<TxEnvelope, TransactionError> {
    let TxEnvelope::Eip4844(signed) = transaction else { return Ok(transaction) };
    let (variant, signature, hash) = signed.into_parts();
    let TxEip4844Variant::TxEip4844WithSidecar(with_blobs) = variant else {
        return Err(TransactionError::NoSidecar);
    };
    if with_blobs.sidecar.is_eip7594() != osaka {
        let wanted = if osaka { "cell proofs (version 1, EIP-7594)" } else { "blob proofs (EIP-4844)" };
        return Err(TransactionError::SidecarVersion { wanted });
    }
    let settings = EnvKzgSettings::Default;
    with_blobs.validate_blob(settings.get()).map_err(|error| TransactionError::Sidecar(error.to_string()))?;
    let (inner, _) = with_blobs.into_parts();
    Ok(TxEnvelope::Eip4844(Signed::new_unchecked(TxEip4844Variant::TxEip4844(inner), signature, hash)))
}

/// The checks on a transaction for `chain_id` at Osaka that need no account
/// state, for admission to the pool. `block_gas_limit` is the next block's.
///
/// # Errors
/// The first rule broken.
pub fn check_stateless(transaction: &TxEnvelope, chain_id: u64, block_gas_limit: u64) -> Result<(), TransactionError> {
    match transaction.chain_id() {
        Some(given) if given != chain_id => return Err(TransactionError::ChainId { given, expected: chain_id }),
        None => return Err(TransactionError::Unprotected),
        Some(_) => {}
    }
    let cap = transaction.max_fee_per_gas();
    if let Some(tip) = transaction.max_priority_fee_per_gas().filter(|tip| *tip > cap) {
        return Err(TransactionError::TipAboveCap { tip, cap });
    }
    if transaction.authorization_list().is_some_and(<[_]>::is_empty) {
        return Err(TransactionError::NoAuthorizations);
    }
    if transaction.is_create() && transaction.input().len() > MAX_INITCODE_SIZE {
        return Err(TransactionError::InitCode { size: transaction.input().len() });
    }
    let given = transaction.gas_limit();
    let limit = block_gas_limit.min(TRANSACTION_GAS_MAX);
    if given > limit {
        return Err(TransactionError::GasLimit { given, limit });
    }
    let needed = intrinsic_gas(transaction);
    if given < needed {
        return Err(TransactionError::IntrinsicGas { given, needed });
    }
    Ok(())
}

/// Gas that a transaction costs before a single opcode runs, at Osaka:
/// EIP-2028 calldata, EIP-2930 lists, EIP-3860 code words, EIP-7702
/// authorisations, and EIP-7623's floor.
pub fn intrinsic_gas(transaction: &TxEnvelope) -> u64 {
    const BASE: u64 = 21_000;
    let input = transaction.input();
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    let tokens = zeros + (input.len() as u64 - zeros) * 4;
    let mut gas = BASE + tokens * 4;
    if transaction.is_create() {
        gas += 32_000 + (input.len() as u64).div_ceil(32) * 2;
    }
    if let Some(list) = transaction.access_list() {
        gas += list.0.iter().map(|item| 2_400 + item.storage_keys.len() as u64 * 1_900).sum::<u64>();
    }
    gas += transaction.authorization_list().map_or(0, |list| list.len() as u64 * 25_000);
    gas.max(BASE + tokens * 10)
}

/// The most a transaction can take from its sender: value and all its gas,
/// blob gas too, at the fee caps.
pub fn cost_max(transaction: &TxEnvelope) -> U256 {
    let gas = U256::from(transaction.gas_limit()) * U256::from(transaction.max_fee_per_gas());
    let blobs = U256::from(transaction.blob_gas_used().unwrap_or(0))
        * U256::from(transaction.max_fee_per_blob_gas().unwrap_or(0));
    gas.saturating_add(blobs).saturating_add(transaction.value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;
    use proptest::prelude::*;

    /// EIP-155's own example transaction.
    const EIP155: [u8; 110] = hex!(
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    );

    #[test]
    fn the_example_of_eip_155_recovers_to_its_sender() {
        let (transaction, sender) = decode_transaction(&EIP155).unwrap();
        assert_eq!(sender, alloy_primitives::address!("9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
        assert_eq!(intrinsic_gas(&transaction), 21_000);
        assert!(check_stateless(&transaction, 1, 30_000_000).is_ok());
        let error = check_stateless(&transaction, 2, 30_000_000).unwrap_err();
        assert_eq!(error.to_string(), "invalid chain id for signer: have 1, want 2");
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode_transaction(&bytes);
        }

        #[test]
        fn a_cut_transaction_never_decodes(cut in 0usize..109) {
            prop_assert!(decode_transaction(&EIP155[..cut]).is_err());
        }
    }
}
