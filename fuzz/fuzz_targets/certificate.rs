//! A certificate, as it stands beside a block.
#![no_main]

use alloy_primitives::{Address, B256};
use alloy_rlp::Decodable;
use ledger_consensus::{Certificate, ValidatorSet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    if let Ok(certificate) = Certificate::decode(&mut rest) {
        let validators = ValidatorSet::solo(Address::ZERO);
        assert!(certificate.verify(1, B256::ZERO, &validators).is_err(), "nobody has the key of address zero");
        let encoded = alloy_rlp::encode(&certificate);
        assert_eq!(Certificate::decode(&mut encoded.as_slice()), Ok(certificate));
    }
});
