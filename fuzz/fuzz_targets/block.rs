//! A block's RLP, as imports read it: no panic; what decodes encodes to the
//! same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    if let Ok(block) = ledger_chain::decode_block(&mut rest) {
        assert_eq!(block.encode(), bytes[..bytes.len() - rest.len()]);
        assert_eq!(block.senders.len(), block.transactions.len());
        let _ = block.check_body();
    }
});
