//! The merchants' delivery keys, made of their wallets' signatures as the console makes them.

use super::town::Town;
use alloy_primitives::hex;
use hkdf::Hkdf;
use platform_business::Platform;
use platform_protocol::Signer;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

/// What RFC 9180 calls the suite of DHKEM(X25519, HKDF-SHA256), behind its version.
const SUITE: &[u8] = b"HPKE-v1KEM\x00\x20";

/// Publishes every merchant's key, so that customers can seal their addresses.
pub(super) async fn publish_keys(town: &Town, platform: &Platform) -> anyhow::Result<()> {
    for merchant in &town.merchants {
        let public_key = hex::encode(PublicKey::from(&secret(town, merchant)).as_bytes());
        let statement = platform.delivery_key_statement(merchant.address(), &public_key);
        let signature = hex::encode_prefixed(merchant.sign_message(&statement).as_bytes());
        let kept = platform.publish_delivery_key(merchant.address(), public_key, signature).await;
        kept.map_err(|problem| anyhow::anyhow!("can't publish a merchant's delivery key: {problem:?}"))?;
    }
    Ok(())
}

/// A wallet makes the same signature every time, so the key can be made again wherever the wallet is.
fn secret(town: &Town, signer: &Signer) -> StaticSecret {
    let words = format!(
        "Guildhall delivery key\n\nThis signature makes the key that opens delivery addresses sealed for you. Sign it \
         only in your own guildhall. It moves no money.\n\nChain: {}\nMarket: {}",
        town.house.manifest.chain_id,
        town.house.manifest.market.address.to_checksum(None),
    );
    derived(&signer.sign_message(&words).as_bytes())
}

/// `DeriveKeyPair` of RFC 9180, 7.1.3.
fn derived(material: &[u8]) -> StaticSecret {
    let labelled = [SUITE, b"dkp_prk", material].concat();
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, &labelled)
        .expand(&[&[0, 32], SUITE, b"sk"].concat(), &mut key)
        .expect("32 bytes are not too many for HKDF-SHA256");
    StaticSecret::from(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9180, A.1.1: the recipient's key pair of the first test vector.
    #[test]
    fn keys_are_derived_as_the_standard_says() {
        let material = hex::decode("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037").expect("hex");
        let secret = derived(&material);
        let expected = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
        assert_eq!(hex::encode(secret.as_bytes()), expected);
        let public = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
        assert_eq!(hex::encode(PublicKey::from(&secret).as_bytes()), public);
    }
}
