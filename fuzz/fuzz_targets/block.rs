//! A block's RLP, as imports read it: no panic; what decodes comes back from
//! its own encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(block) = ledger_chain::decode_block(&mut &bytes[..]) {
        let encoded = block.encode();
        let again = ledger_chain::decode_block(&mut encoded.as_slice()).expect("what was encoded decodes");
        assert_eq!(again, block);
        assert_eq!(block.senders.len(), block.transactions.len());
        let _ = block.check_body();
    }
});
