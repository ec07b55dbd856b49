//! What a campaign knows of a person: numbers that only the issuer can make, and that tell nobody else anything.

use alloy_primitives::{Address, B256, keccak256};
use platform_protocol::Signer;

/// Basis points of a whole.
const WHOLE: u64 = 10_000;

/// A person's `use_number`-th use of a campaign, from zero.
pub(super) fn nullifier(issuer: &Signer, campaign: u64, person: Address, use_number: u32) -> B256 {
    secret(issuer, "use", &[&campaign.to_be_bytes(), person.as_slice(), &use_number.to_be_bytes()])
}

/// Whether a campaign is kept from a person, so that others can be compared with them. The same answer every time.
pub(super) fn is_held(issuer: &Signer, campaign: u64, person: Address, holdout_bps: u32) -> bool {
    let drawn = secret(issuer, "holdout", &[&campaign.to_be_bytes(), person.as_slice()]);
    let mut number = [0; 8];
    number.copy_from_slice(&drawn[..8]);
    u64::from_be_bytes(number) % WHOLE < u64::from(holdout_bps)
}

/// A pseudorandom function of what is given: the hash of a signature that only the issuer can make.
fn secret(issuer: &Signer, purpose: &str, parts: &[&[u8]]) -> B256 {
    let asked = [b"guildhall campaign ".as_slice(), purpose.as_bytes(), &[0], &parts.concat()].concat();
    keccak256(issuer.sign_hash(&keccak256(asked)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_has_its_own_number() {
        let issuer = Signer::from_bytes(&B256::repeat_byte(7)).unwrap();
        let one = |campaign, person: u8, n| nullifier(&issuer, campaign, Address::repeat_byte(person), n);
        assert_eq!(one(1, 1, 0), one(1, 1, 0));
        let all = [one(1, 1, 0), one(1, 1, 1), one(1, 2, 0), one(2, 1, 0)];
        let different: std::collections::HashSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), 4);
    }

    #[test]
    fn the_holdout_is_as_large_as_asked_for_and_never_moves() {
        let issuer = Signer::from_bytes(&B256::repeat_byte(7)).unwrap();
        let person = |n: u64| Address::left_padding_from(&n.to_be_bytes());
        let held = |campaign| (0..4_000).filter(move |n| is_held(&issuer.clone(), campaign, person(*n), 1_000));
        let first: Vec<u64> = held.clone()(1).collect();
        assert!((320..480).contains(&first.len()), "{} of 4000 are held at 10 %", first.len());
        assert_eq!(first, held.clone()(1).collect::<Vec<_>>());
        assert_ne!(first, held(2).collect::<Vec<_>>(), "another campaign is kept from others");
        let issuer = Signer::from_bytes(&B256::repeat_byte(7)).unwrap();
        assert!(!(0..999).any(|n| is_held(&issuer, 1, person(n), 0)));
    }
}
