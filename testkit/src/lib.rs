//! A market of adversarial people, simulated on the real ledger with the real contracts.
//!
//! One seed decides everything: who is honest, what each order meets, when time passes. People sign transactions, the
//! embedded node makes blocks of them, and every transaction is held against three accounts that know nothing of each
//! other: the *rules*, which say what a call should do; the *book*, which adds up what the market's events announce;
//! and the chain itself. At the end everybody leaves, a stranger ends what is open, everyone withdraws, and nothing may
//! be left in the contracts.
//!
//! - `cast`, `plans`, `quarrels`, `shoppers`, `judges`, `meddling`: who is there and what they try.
//! - `rules`, `panel`, `book`, `check`: what must come of it.
//! - `world`, `holding`, `simulation`, `leaving`, [`chain`]: time, blocks, and each transaction held against the rules.
//! - `sabotage`: faults put in on purpose, since a check that cannot fail proves nothing.
//!
//! **Invariant**: rules and book read no accounting of the contracts. **Invariant**: no clock but the chain's, no
//! chance but [`dice::Dice`].

mod book;
mod calls;
mod cast;
pub mod chain;
mod check;
pub mod dice;
mod effects;
mod holding;
mod judges;
mod leaving;
mod meddling;
mod panel;
mod plans;
mod quarrels;
mod rules;
mod sabotage;
mod setting;
mod shoppers;
mod simulation;
mod summary;
mod terms;
mod violation;
mod world;

pub use simulation::simulate;
pub use summary::{Flow, Summary};
pub use violation::Violation;
pub use world::{Options, Sabotage};
