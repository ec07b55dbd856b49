//! The platform over a chain in memory, whose logs are encoded as the contracts would.

mod chain;
mod console;
mod figures;
mod fold;
mod town;
