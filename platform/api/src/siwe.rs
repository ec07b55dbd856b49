//! Sign-In with Ethereum (EIP-4361): the message and who signed it.

use crate::calendar;
use alloy_primitives::{Address, B256, eip191_hash_message, keccak256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SECP256K1};

/// A sign-in that is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SiweError {
    /// The text is not a sign-in message.
    #[error("this is no sign-in message (EIP-4361): {0} is missing or malformed")]
    Malformed(&'static str),
    /// It was made for another site.
    #[error("the message is for {found}, this is {expected}")]
    Domain {
        /// Host the request came to.
        expected: String,
        /// Domain in the message.
        found: String,
    },
    /// It was made for another chain.
    #[error("the message is for chain {found}, this is chain {expected}")]
    Chain {
        /// Our chain.
        expected: u64,
        /// Chain in the message.
        found: u64,
    },
    /// It is not valid yet or any more.
    #[error("the message is not valid at this time: ask for a new nonce and sign again")]
    Time,
    /// The nonce is unknown, used or old.
    #[error("the nonce is unknown, already used or too old: ask for a new one and sign again")]
    Nonce,
    /// Somebody else signed.
    #[error("the signature is not by {0}")]
    Signature(Address),
}

/// The parts of a sign-in message that we look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siwe {
    /// Site it is for.
    pub domain: String,
    /// Who signs in.
    pub address: Address,
    /// Chain.
    pub chain_id: u64,
    /// Our nonce.
    pub nonce: String,
    /// When it was made, in seconds since 1970.
    pub issued_at: u64,
    /// Until when it is valid.
    pub expires_at: Option<u64>,
    /// From when it is valid.
    pub not_before: Option<u64>,
}

const WANTS: &str = " wants you to sign in with your Ethereum account:";

impl Siwe {
    /// Reads a message.
    pub fn parse(message: &str) -> Result<Self, SiweError> {
        let mut lines = message.lines();
        let first =
            lines.next().and_then(|line| line.strip_suffix(WANTS)).ok_or(SiweError::Malformed("the first line"))?;
        let domain = first.split_once("://").map_or(first, |(_, domain)| domain).to_owned();
        let address = lines.next().and_then(|line| Address::parse_checksummed(line, None).ok());
        let address = address.ok_or(SiweError::Malformed("the checksummed address"))?;
        let rest: Vec<&str> = lines.collect();
        let field = |name: &str| rest.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        if field("Version") != Some("1") {
            return Err(SiweError::Malformed("Version: 1"));
        }
        field("URI").ok_or(SiweError::Malformed("URI"))?;
        let number = |name| field(name).and_then(|text| text.parse().ok());
        let moment = |name, what| {
            field(name).map(|text| calendar::parse_rfc3339(text).ok_or(SiweError::Malformed(what))).transpose()
        };
        Ok(Self {
            domain,
            address,
            chain_id: number("Chain ID").ok_or(SiweError::Malformed("Chain ID"))?,
            nonce: field("Nonce").filter(|nonce| nonce.len() >= 8).ok_or(SiweError::Malformed("Nonce"))?.to_owned(),
            issued_at: moment("Issued At", "Issued At")?.ok_or(SiweError::Malformed("Issued At"))?,
            expires_at: moment("Expiration Time", "Expiration Time")?,
            not_before: moment("Not Before", "Not Before")?,
        })
    }

    /// Checks site, chain and time. A clock five minutes off is forgiven.
    pub fn check(&self, host: &str, chain_id: u64, now: u64) -> Result<(), SiweError> {
        const SKEW: u64 = 300;
        if self.domain != host {
            return Err(SiweError::Domain { expected: host.to_owned(), found: self.domain.clone() });
        }
        if self.chain_id != chain_id {
            return Err(SiweError::Chain { expected: chain_id, found: self.chain_id });
        }
        let early = self.not_before.unwrap_or(0).max(self.issued_at) > now + SKEW;
        let late = self.expires_at.is_some_and(|expires_at| expires_at <= now);
        if early || late { Err(SiweError::Time) } else { Ok(()) }
    }
}

/// The hash a wallet signs for a message (EIP-191).
pub(crate) fn message_hash(message: &str) -> B256 {
    eip191_hash_message(message)
}

/// Who signed a hash with a 65-byte signature. High-s signatures are refused (EIP-2).
pub(crate) fn recover(hash: &B256, signature: &[u8]) -> Option<Address> {
    let (compact, v) = signature.split_at_checked(64)?;
    let recovery = match v {
        [0 | 27] => RecoveryId::Zero,
        [1 | 28] => RecoveryId::One,
        _ => return None,
    };
    let signature = RecoverableSignature::from_compact(compact, recovery).ok()?;
    let standard = signature.to_standard();
    let mut low = standard;
    low.normalize_s();
    if low != standard {
        return None;
    }
    let key = SECP256K1.recover_ecdsa(&Message::from_digest(hash.0), &signature).ok()?;
    Some(Address::from_slice(&keccak256(&key.serialize_uncompressed()[1..])[12..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "127.0.0.1:8080 wants you to sign in with your Ethereum account:\n\
        0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n\nEnter the guildhall.\n\nURI: http://127.0.0.1:8080\nVersion: 1\n\
        Chain ID: 31337\nNonce: 0123456789abcdef\nIssued At: 2026-01-02T03:04:05.678Z\nExpiration Time: 2026-01-02T04:04:05+00:30";

    #[test]
    fn a_message_is_read() {
        let siwe = Siwe::parse(MESSAGE).unwrap();
        assert_eq!(siwe.domain, "127.0.0.1:8080");
        assert_eq!(siwe.chain_id, 31_337);
        assert_eq!(siwe.issued_at, 1_767_323_045);
        assert_eq!(siwe.expires_at, Some(1_767_323_045 + 1_800));
    }

    #[test]
    fn site_chain_and_time_are_checked() {
        let siwe = Siwe::parse(MESSAGE).unwrap();
        let now = siwe.issued_at;
        assert_eq!(siwe.check("127.0.0.1:8080", 31_337, now), Ok(()));
        assert!(matches!(siwe.check("evil.example", 31_337, now), Err(SiweError::Domain { .. })));
        assert!(matches!(siwe.check("127.0.0.1:8080", 1, now), Err(SiweError::Chain { .. })));
        assert_eq!(siwe.check("127.0.0.1:8080", 31_337, now + 1_800), Err(SiweError::Time));
        assert_eq!(siwe.check("127.0.0.1:8080", 31_337, now - 301), Err(SiweError::Time));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (cut, what) in
            [(WANTS, "the first line"), ("Chain ID: 31337\n", "Chain ID"), ("Version: 1\n", "Version: 1")]
        {
            assert_eq!(Siwe::parse(&MESSAGE.replace(cut, "")), Err(SiweError::Malformed(what)));
        }
        assert!(Siwe::parse("").is_err());
        assert!(Siwe::parse(&MESSAGE.replace("2026-01-02T03", "2026-13-02T03")).is_err());
        assert!(Siwe::parse(&MESSAGE.replace("T03:04:05.678Z", "T0ü")).is_err());
    }
}
