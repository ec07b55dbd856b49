//! A raw transaction, as `eth_sendRawTransaction` takes it.
#![no_main]

use ledger_chain::{decode_transaction, transaction};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((transaction, sender)) = decode_transaction(bytes) {
        let _ = transaction::check_stateless(&transaction, 31_337, 30_000_000);
        let _ = transaction::cost_max(&transaction);
        let (again, same) = decode_transaction(bytes).expect("it decoded a moment ago");
        assert_eq!((again, same), (transaction, sender));
    }
});
