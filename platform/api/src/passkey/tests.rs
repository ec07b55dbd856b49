//! A device of our own answers as browsers do.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;

const ME: Address = Address::repeat_byte(1);
const OTHER: Address = Address::repeat_byte(2);
const HOST: &str = "localhost:8080";

/// A device that holds one key (ES256, no attestation) and verifies whoever holds it.
struct Device {
    key: SigningKey,
    id: [u8; 16],
    uses: u32,
    origin: &'static str,
}

impl Device {
    fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self { key, id: [seed; 16], uses: 0, origin: "http://localhost:8080" }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        [&Sha256::digest("localhost")[..], &[flags], &self.uses.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, options: &Json) -> String {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    fn answer(&self, response: &Json) -> Json {
        let id = base64(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {}, "response": response })
    }

    /// As `navigator.credentials.create` does.
    fn make(&self, options: &Json) -> Json {
        let point = self.key.verifying_key().to_encoded_point(false);
        // COSE: an elliptic key (1: 2) for ES256 (3: -7) on P-256 (-1: 1).
        let cose = [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20],
            &point.x().unwrap()[..],
            &[0x22, 0x58, 0x20],
            &point.y().unwrap()[..],
        ]
        .concat();
        let data = [self.data(0x45), vec![0; 16], vec![0, 16], self.id.to_vec(), cose].concat();
        let attestation = [
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(),
            &[u8::try_from(data.len()).unwrap()],
            &data,
        ]
        .concat();
        self.answer(&json!({
            "clientDataJSON": base64(self.client_data("webauthn.create", options).as_bytes()),
            "attestationObject": base64(&attestation),
            "transports": ["internal"],
        }))
    }

    /// As `navigator.credentials.get` does.
    fn show(&mut self, options: &Json) -> Json {
        self.uses += 1;
        let (data, client) = (self.data(0x05), self.client_data("webauthn.get", options));
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())[..]].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(&json!({
            "clientDataJSON": base64(client.as_bytes()),
            "authenticatorData": base64(&data),
            "signature": base64(signature.to_der().as_bytes()),
        }))
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn passkeys(directory: &tempfile::TempDir) -> Passkeys {
    let url = format!("sqlite:{}", directory.path().join("passkeys.sqlite").display());
    Passkeys::open(Store::open(&url).await.unwrap()).await.unwrap()
}

async fn with_one(directory: &tempfile::TempDir) -> (Passkeys, Site, Device) {
    let (passkeys, site, device) = (passkeys(directory).await, Site::of(HOST).unwrap(), Device::new(7));
    let options = passkeys.begin(&site, ME).await.unwrap();
    passkeys.finish(&site, ME, " Laptop ", &device.make(&options)).await.unwrap();
    (passkeys, site, device)
}

#[tokio::test]
async fn a_passkey_answers_what_was_asked_of_it_once() {
    let directory = tempfile::tempdir().unwrap();
    let (passkeys, site, mut device) = with_one(&directory).await;
    let kept = passkeys.list(ME).await.unwrap();
    assert_eq!(
        (kept.len(), kept[0].name.as_str(), kept[0].site.as_str(), kept[0].used_at),
        (1, "Laptop", "localhost", 0)
    );
    let shown = device.show(&passkeys.ask(&site, ME).await.unwrap());
    passkeys.check(&site, ME, &shown).await.unwrap();
    assert!(passkeys.list(ME).await.unwrap()[0].used_at > 0);
    assert_eq!(passkeys.check(&site, ME, &shown).await.unwrap_err().status, 400, "an answer counts once");
    assert!(passkeys.remove(ME, &kept[0].id).await.unwrap());
    assert_eq!(passkeys.ask(&site, ME).await.unwrap_err().status, 409);
}

#[tokio::test]
async fn nobody_uses_the_passkey_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let (passkeys, site, mut device) = with_one(&directory).await;
    let shown = device.show(&passkeys.ask(&site, ME).await.unwrap());
    assert_eq!(passkeys.check(&site, OTHER, &shown).await.unwrap_err().status, 400);
    let made = Device::new(8).make(&passkeys.begin(&site, ME).await.unwrap());
    assert_eq!(passkeys.finish(&site, OTHER, "Mine", &made).await.unwrap_err().status, 400);
    assert!(passkeys.list(OTHER).await.unwrap().is_empty());
    let id = passkeys.list(ME).await.unwrap()[0].id.clone();
    assert!(!passkeys.remove(OTHER, &id).await.unwrap());
}

#[tokio::test]
async fn another_site_another_key_and_a_copied_device_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (passkeys, site, mut device) = with_one(&directory).await;
    let mut elsewhere = Device { origin: "https://1ocalhost:8080", ..Device::new(7) };
    let mut other = Device { id: device.id, ..Device::new(9) };
    let mut copy = Device::new(7);
    passkeys.check(&site, ME, &device.show(&passkeys.ask(&site, ME).await.unwrap())).await.unwrap();
    elsewhere.uses = 5;
    other.uses = 5;
    // The copy was made before the device was used: its count stands still.
    copy.uses = 0;
    for device in [&mut elsewhere, &mut other, &mut copy] {
        let shown = device.show(&passkeys.ask(&site, ME).await.unwrap());
        let refused = passkeys.check(&site, ME, &shown).await.unwrap_err();
        assert_eq!(refused.kind, "/problems/second-factor-wrong", "{}", refused.detail);
    }
    passkeys.check(&site, ME, &device.show(&passkeys.ask(&site, ME).await.unwrap())).await.unwrap();
}

#[tokio::test]
async fn sites_without_a_name_are_told_so() {
    for host in ["127.0.0.1:8080", "[::1]:8080", "", "a..b:1"] {
        assert_eq!(Site::of(host).unwrap_err().kind, "/problems/passkey-site", "{host}");
    }
    assert_eq!(Site::of("Shop.example").unwrap().origins, ["https://Shop.example"]);
}
