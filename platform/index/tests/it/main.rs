//! The indexer with a projection of its own: a sum by sender and a list of all that was sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up shall fail")]

mod following;
mod purse;
