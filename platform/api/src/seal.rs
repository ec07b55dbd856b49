//! Secrets at rest: XChaCha20-Poly1305 under the house's key, bound to what they belong to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// Seals and opens what only this house may read.
#[derive(Clone)]
pub struct Seal {
    sealing: [u8; 32],
    naming: [u8; 32],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl Seal {
    /// A seal under a key of 32 random bytes.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { sealing: mac(&key, b"guildhall sealing"), naming: mac(&key, b"guildhall naming") }
    }

    /// Seals bytes that belong to `owner`. They open for that owner only.
    #[must_use]
    pub fn seal(&self, owner: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: owner.as_bytes() });
        // The cipher refuses only texts of 256 GiB.
        [nonce.as_slice(), &sealed.unwrap_or_default()].concat()
    }

    /// What was sealed for `owner`. None where it was changed, moved, or sealed under another key.
    #[must_use]
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: owner.as_bytes() }).ok()
    }

    /// Eight signs by which a person recognises a secret. Nobody without the house's key can try guesses against it.
    #[must_use]
    pub fn fingerprint(&self, secret: &str) -> String {
        let mark = mac(&self.naming, &[b"fingerprint ", secret.as_bytes()].concat());
        mark.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A token that only this house can make, for a name. It says nothing about the name.
    #[must_use]
    pub fn token(&self, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(&mac(&self.naming, &[b"token ", name.as_bytes()].concat())[..18])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.sealing).into())
    }
}

/// HMAC-SHA-256.
#[must_use]
pub fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal("channel/1", b"hunter2");
        assert_eq!(seal.open("channel/1", &sealed).as_deref(), Some(b"hunter2".as_slice()));
        assert_eq!(seal.open("channel/2", &sealed), None);
        assert_eq!(Seal::new([8; 32]).open("channel/1", &sealed), None);
        let mut changed = sealed.clone();
        changed[NONCE_BYTES] ^= 1;
        assert_eq!(seal.open("channel/1", &changed), None);
        assert_eq!(seal.open("channel/1", &sealed[..10]), None);
        assert_ne!(seal.seal("channel/1", b"hunter2"), sealed, "equal secrets do not look equal");
        assert!(!format!("{seal:?}").contains('7'));
    }

    #[test]
    fn a_fingerprint_depends_on_the_house() {
        let seal = Seal::new([7; 32]);
        assert_eq!(seal.fingerprint("a").len(), 8);
        assert_eq!(seal.fingerprint("a"), seal.fingerprint("a"));
        assert_ne!(seal.fingerprint("a"), seal.fingerprint("b"));
        assert_ne!(seal.fingerprint("a"), Seal::new([8; 32]).fingerprint("a"));
    }

    #[test]
    fn a_token_is_of_one_name_and_one_house() {
        let seal = Seal::new([7; 32]);
        assert_eq!(seal.token("unsubscribe rc_1"), seal.token("unsubscribe rc_1"));
        assert_ne!(seal.token("unsubscribe rc_1"), seal.token("unsubscribe rc_2"));
        assert_ne!(seal.token("unsubscribe rc_1"), Seal::new([8; 32]).token("unsubscribe rc_1"));
        assert!(!seal.token("rc_1").contains("rc_1"));
    }
}
