//! The outbox and its channels, from outside, against servers that speak the real protocols.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod kinds;
mod mail;
mod outbox;
mod receiver;
mod routing;
mod site;
