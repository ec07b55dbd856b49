//! A whole node, asked over HTTP.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly and say that it is skipped")]

mod development;
mod limits;
mod pool;
mod rpc;
mod rpc_compat;
