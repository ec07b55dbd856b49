use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use platform_protocol::contracts::{Authority, Market};
use platform_protocol::{Manifest, ManifestError, Plan, Signer, deploy, verify};

use crate::ledger::Ledger;

/// Transactions of a deployment.
const STEPS: u64 = 20;

fn signer() -> Signer {
    Signer::from_bytes(&B256::repeat_byte(7)).unwrap()
}

fn plan() -> Plan {
    Plan { carriers: vec![Address::repeat_byte(9)], ..Plan::standard(Address::repeat_byte(8), "1.2.3") }
}

#[tokio::test]
async fn an_empty_chain_gets_everything() {
    let ledger = Ledger::new(signer().address());
    let manifest = deploy(&ledger, &signer(), &plan()).await.unwrap();
    assert_eq!((manifest.chain_id, manifest.block, manifest.version.as_str()), (31_337, STEPS, "1.2.3"));
    assert!(manifest.compiler.starts_with("solc 0.8.3"), "{}", manifest.compiler);
    verify(&ledger, &manifest).await.unwrap();
    assert_eq!(Manifest::from_json(&manifest.to_json().unwrap()).unwrap(), manifest);

    let (to, input) = &ledger.sent()[0];
    assert_eq!(*to, manifest.authority.address);
    let calls = Authority::multicallCall::abi_decode(input).unwrap().data;
    let grants: Vec<_> = calls.iter().filter_map(|call| Authority::grantRoleCall::abi_decode(call).ok()).collect();
    assert_eq!(grants.len(), 8, "seven roles to the deployer and one carrier");
    let allowed: Vec<_> = ledger.sent()[1..3]
        .iter()
        .map(|(_, input)| Market::setTokenAllowedCall::abi_decode(input).unwrap().token)
        .collect();
    assert_eq!(allowed, [manifest.stable_token.address, Address::ZERO]);
}

#[tokio::test]
async fn wherever_it_is_interrupted_it_goes_on_from_there() {
    for first in [0, 5] {
        let whole = Ledger::new(signer().address());
        whole.set_nonce(first);
        let expected = deploy(&whole, &signer(), &plan()).await.unwrap();
        for stop in first..first + STEPS {
            let ledger = Ledger::new(signer().address());
            ledger.set_nonce(first);
            ledger.stop_at(Some(stop));
            deploy(&ledger, &signer(), &plan()).await.unwrap_err();
            ledger.stop_at(None);
            let resumed = deploy(&ledger, &signer(), &plan()).await.unwrap();
            assert_eq!(resumed, expected, "stopped at {stop}");
            assert_eq!(ledger.next_nonce(), first + STEPS, "nothing is sent twice");
        }
    }
}

#[tokio::test]
async fn a_manifest_of_another_chain_is_told_from_a_contract_that_was_changed() {
    let ledger = Ledger::new(signer().address());
    let manifest = deploy(&ledger, &signer(), &plan()).await.unwrap();
    let elsewhere = Manifest { chain_id: 1, ..manifest.clone() };
    assert!(matches!(verify(&ledger, &elsewhere).await, Err(ManifestError::OtherChain { found: 31_337, .. })));
    let empty = Ledger::new(signer().address());
    assert!(matches!(verify(&empty, &manifest).await, Err(ManifestError::Missing { contract: "Authority", .. })));
    ledger.set_code(manifest.market.implementation.address, &[0xfe]);
    let changed = verify(&ledger, &manifest).await.unwrap_err();
    assert!(changed.to_string().contains("Market implementation"), "{changed}");
    let other = Ledger::new(signer().address());
    let manifest = deploy(&other, &signer(), &plan()).await.unwrap();
    other.set_behind(manifest.market.address, Address::repeat_byte(6));
    let replaced = verify(&other, &manifest).await.unwrap_err();
    assert!(matches!(replaced, ManifestError::OtherImplementation { contract: "Market", .. }), "{replaced}");
    assert!(Manifest::from_json("{}").is_err());
}

#[tokio::test]
async fn a_house_founded_before_there_was_more_is_still_read_and_verified() {
    let ledger = Ledger::new(signer().address());
    let manifest = deploy(&ledger, &signer(), &plan()).await.unwrap();
    assert_eq!(manifest.standings().len(), 16);
    let mut older: serde_json::Value = serde_json::from_str(&manifest.to_json().unwrap()).unwrap();
    for later in ["trace", "reviews", "arbiter_panel", "market_parts"] {
        older.as_object_mut().unwrap().remove(later).unwrap();
    }
    let older = Manifest::from_json(&older.to_string()).unwrap();
    assert_eq!((older.trace.as_ref(), older.standings().len()), (None, 7));
    verify(&ledger, &older).await.unwrap();
    assert!(!older.to_json().unwrap().contains("trace"));
}
