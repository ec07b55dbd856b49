//! Proof that a block was decided.
//!
//! Each validator signs the EIP-712 digest of
//! `Precommit(uint64 height,uint32 round,bytes32 blockHash)` in the domain
//! `EIP712Domain(uint256 chainId,bytes32 salt)`, the salt being the genesis
//! hash. No validator address is inside, so that one digest serves a whole
//! certificate and a contract checks it with `ecrecover`.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{RlpDecodable, RlpEncodable};
use secp256k1::{
    Message, PublicKey, SECP256K1, SecretKey,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use std::fmt;

/// A validator's address and voting power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Validator {
    /// The address of its signing key.
    pub address: Address,
    /// Its voting power.
    pub power: u64,
}

/// The validators of one height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorSet(Vec<Validator>);

impl ValidatorSet {
    /// A set of one.
    pub fn solo(address: Address) -> Self {
        Self(vec![Validator { address, power: 1 }])
    }

    /// Keccak-256 of the RLP list: what `extraData` of the block before holds.
    pub fn hash(&self) -> B256 {
        keccak256(alloy_rlp::encode(&self.0))
    }
}

/// Signatures of validators over one block.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Certificate {
    /// The block's number.
    pub height: u64,
    /// The round in which it was decided; 0 in solo mode.
    pub round: u32,
    /// The block's hash.
    pub block_hash: B256,
    /// 65-byte r‖s‖v signatures with low s, sorted by signer.
    pub signatures: Vec<Bytes>,
}

/// Why a certificate does not prove its block.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A signature is not 65 bytes of r‖s‖v or recovers to no key.
    #[error("signature {index} of the certificate is malformed")]
    Signature {
        /// Its position.
        index: usize,
    },
    /// A signature is by nobody in the set, or the same signer comes twice.
    #[error("signature {index} of the certificate is not by a further validator: {signer}")]
    Signer {
        /// Its position.
        index: usize,
        /// Whom it recovers to.
        signer: Address,
    },
    /// Not more than two thirds of the power signed.
    #[error("{signed} of {total} voting power signed; more than two thirds are needed")]
    Power {
        /// The power that signed.
        signed: u64,
        /// The power of the set.
        total: u64,
    },
}

/// The digest that a precommit signs.
pub(crate) fn precommit_digest(chain_id: u64, genesis: B256, height: u64, round: u32, block_hash: B256) -> B256 {
    let word = |value: u64| U256::from(value).to_be_bytes::<32>();
    let domain = keccak256(
        [keccak256("EIP712Domain(uint256 chainId,bytes32 salt)").as_slice(), &word(chain_id), genesis.as_slice()]
            .concat(),
    );
    let message = keccak256(
        [
            keccak256("Precommit(uint64 height,uint32 round,bytes32 blockHash)").as_slice(),
            &word(height),
            &word(u64::from(round)),
            block_hash.as_slice(),
        ]
        .concat(),
    );
    keccak256([&[0x19, 0x01][..], domain.as_slice(), message.as_slice()].concat())
}

impl Certificate {
    /// Checks that more than two thirds of `validators` signed.
    ///
    /// # Errors
    /// [`CertificateError`] with the first fault.
    pub fn verify(&self, chain_id: u64, genesis: B256, validators: &ValidatorSet) -> Result<(), CertificateError> {
        let digest = precommit_digest(chain_id, genesis, self.height, self.round, self.block_hash);
        let mut signed = 0u64;
        let mut last = None;
        for (index, signature) in self.signatures.iter().enumerate() {
            let signer = recover(signature, digest).ok_or(CertificateError::Signature { index })?;
            let validator = validators.0.iter().find(|validator| validator.address == signer);
            let (Some(validator), true) = (validator, last.is_none_or(|last| last < signer)) else {
                return Err(CertificateError::Signer { index, signer });
            };
            signed = signed.saturating_add(validator.power);
            last = Some(signer);
        }
        let total = validators.0.iter().fold(0u64, |sum, validator| sum.saturating_add(validator.power));
        if u128::from(signed) * 3 <= u128::from(total) * 2 {
            return Err(CertificateError::Power { signed, total });
        }
        Ok(())
    }
}

/// A validator's signing key. Never printed.
#[derive(Clone)]
pub struct ValidatorKey {
    secret: SecretKey,
    address: Address,
}

impl fmt::Debug for ValidatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatorKey").field("address", &self.address).finish_non_exhaustive()
    }
}

impl ValidatorKey {
    /// The key with these 32 secret bytes, or `None` where they are not a
    /// secp256k1 scalar.
    pub fn from_bytes(secret: &B256) -> Option<Self> {
        let secret = SecretKey::from_slice(secret.as_slice()).ok()?;
        let address = address_of(&PublicKey::from_secret_key(SECP256K1, &secret));
        Some(Self { secret, address })
    }

    /// The validator's address.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Certifies a block alone.
    pub fn certify(&self, chain_id: u64, genesis: B256, height: u64, block_hash: B256) -> Certificate {
        let digest = precommit_digest(chain_id, genesis, height, 0, block_hash);
        let message = Message::from_digest(digest.0);
        let (id, compact) = SECP256K1.sign_ecdsa_recoverable(&message, &self.secret).serialize_compact();
        let mut signature = compact.to_vec();
        signature.push(if i32::from(id) & 1 == 1 { 28 } else { 27 });
        Certificate { height, round: 0, block_hash, signatures: vec![signature.into()] }
    }
}

fn recover(signature: &[u8], digest: B256) -> Option<Address> {
    let (compact, v) = signature.split_at_checked(64)?;
    let id = match v {
        [27] => RecoveryId::Zero,
        [28] => RecoveryId::One,
        _ => return None,
    };
    let signature = RecoverableSignature::from_compact(compact, id).ok()?;
    let mut low = signature.to_standard();
    low.normalize_s();
    if low != signature.to_standard() {
        return None;
    }
    let key = SECP256K1.recover_ecdsa(&Message::from_digest(digest.0), &signature).ok()?;
    Some(address_of(&key))
}

fn address_of(key: &PublicKey) -> Address {
    Address::from_slice(&keccak256(&key.serialize_uncompressed()[1..])[12..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> ValidatorKey {
        ValidatorKey::from_bytes(&B256::repeat_byte(byte)).unwrap()
    }

    #[test]
    fn a_solo_certificate_proves_its_block_and_no_other() {
        let validators = ValidatorSet::solo(key(1).address());
        let certificate = key(1).certify(7, B256::ZERO, 3, B256::repeat_byte(9));
        certificate.verify(7, B256::ZERO, &validators).unwrap();
        let decoded: Certificate = alloy_rlp::decode_exact(alloy_rlp::encode(&certificate)).unwrap();
        assert_eq!(decoded, certificate);
        for (chain_id, height) in [(8, 3), (7, 4)] {
            let changed = Certificate { height, ..certificate.clone() };
            assert!(changed.verify(chain_id, B256::ZERO, &validators).is_err());
        }
        let other = ValidatorSet::solo(key(2).address());
        assert!(certificate.verify(7, B256::ZERO, &other).is_err());
    }

    #[test]
    fn one_signer_twice_is_not_two() {
        let set = ValidatorSet(vec![
            Validator { address: key(1).address(), power: 1 },
            Validator { address: key(2).address(), power: 1 },
        ]);
        let mut certificate = key(1).certify(7, B256::ZERO, 3, B256::ZERO);
        assert!(matches!(certificate.verify(7, B256::ZERO, &set), Err(CertificateError::Power { .. })));
        certificate.signatures.push(certificate.signatures[0].clone());
        assert!(matches!(certificate.verify(7, B256::ZERO, &set), Err(CertificateError::Signer { .. })));
    }
}
