//! The platform over a chain in memory, whose logs are encoded as the contracts would.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up shall fail")]

mod campaigns;
mod chain;
mod console;
mod court;
mod delivery;
mod figures;
mod fold;
mod reviews;
mod searching;
mod support;
mod town;
mod trace;
mod ways;
