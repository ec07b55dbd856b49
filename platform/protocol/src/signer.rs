//! Keys that sign transactions and messages, on libsecp256k1.

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use secp256k1::{Message, PublicKey, SECP256K1, SecretKey};

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The bytes are no secp256k1 secret key.
    #[error("these bytes are no secp256k1 key")]
    InvalidKey,
}

/// What a transaction is to do.
#[derive(Clone, Debug)]
pub struct TransactionRequest {
    /// Chain it is for.
    pub chain_id: u64,
    /// Sender's nonce.
    pub nonce: u64,
    /// Receiver; none creates a contract.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Call data or init code.
    pub input: Bytes,
    /// Gas allowed.
    pub gas_limit: u64,
    /// Wei per gas, at most.
    pub gas_price: u128,
}

/// A secret key and its address. The key never leaves and is never printed.
#[derive(Clone)]
pub struct Signer {
    key: SecretKey,
    address: Address,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer from the 32 bytes of its key.
    pub fn from_bytes(key: &B256) -> Result<Self, SignerError> {
        let key = SecretKey::from_slice(key.as_slice()).map_err(|_| SignerError::InvalidKey)?;
        let public = PublicKey::from_secret_key(SECP256K1, &key).serialize_uncompressed();
        let hash = keccak256(&public[1..]);
        Ok(Self { key, address: Address::from_slice(&hash[12..]) })
    }

    /// Another key that follows from this one and tells nothing about it: one for each purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        let mut seed = [b"guildhall key: ".as_slice(), purpose.as_bytes(), &self.key.secret_bytes()].concat();
        let key = keccak256(&seed);
        seed.fill(0);
        Self::from_bytes(&key).expect("a hash is a valid key but once in 2^127")
    }

    /// The address of the key.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a hash.
    #[must_use]
    pub fn sign_hash(&self, hash: &B256) -> Signature {
        let signature = SECP256K1.sign_ecdsa_recoverable(&Message::from_digest(hash.0), &self.key);
        let (recovery, bytes) = signature.serialize_compact();
        let odd = i32::from(recovery) & 1 == 1;
        Signature::from_bytes_and_parity(&bytes, odd)
    }

    /// Signs a message the way wallets do (EIP-191).
    #[must_use]
    pub fn sign_message(&self, message: &str) -> Signature {
        self.sign_hash(&alloy_primitives::eip191_hash_message(message))
    }

    /// A signed EIP-1559 transaction, encoded for `eth_sendRawTransaction`.
    #[must_use]
    pub fn sign_transaction(&self, request: TransactionRequest) -> Bytes {
        let transaction = TxEip1559 {
            chain_id: request.chain_id,
            nonce: request.nonce,
            gas_limit: request.gas_limit,
            max_fee_per_gas: request.gas_price,
            max_priority_fee_per_gas: 0,
            to: request.to.map_or(TxKind::Create, TxKind::Call),
            value: request.value,
            access_list: Default::default(),
            input: request.input,
        };
        let signature = self.sign_hash(&transaction.signature_hash());
        let signed: alloy_consensus::TxEnvelope = transaction.into_signed(signature).into();
        signed.encoded_2718().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{address, b256};

    #[test]
    fn the_first_key_of_the_public_mnemonic_has_its_well_known_address() {
        let key = b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
        let signer = Signer::from_bytes(&key).unwrap();
        assert_eq!(signer.address(), address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
        assert!(Signer::from_bytes(&B256::ZERO).is_err());
        assert!(!format!("{signer:?}").contains("ac09"));
        let coupons = signer.derive("coupons");
        assert_eq!(coupons.address(), signer.derive("coupons").address());
        assert_ne!(coupons.address(), signer.derive("another purpose").address());
        assert_ne!(coupons.address(), signer.address());
    }
}
