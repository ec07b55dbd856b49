//! Deployment, manifest and decoding, over a chain that keeps code and counts nonces and runs nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up shall fail")]

mod decoding;
mod deployment;
mod ledger;
