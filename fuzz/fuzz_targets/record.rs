//! The payload of a log record whose checksum is right.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ledger_state::format::decode_record(bytes);
});
