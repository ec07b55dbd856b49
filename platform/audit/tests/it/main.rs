//! The detectors on Solidity that was written for them, and what becomes of what they find.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up shall fail")]

mod compile;
mod detect;
mod judge;
mod layout;
