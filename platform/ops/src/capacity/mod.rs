//! How much the machine can do, how much of it is used, and what follows from that.
//!
//! A load test plays on a copy of the chain, never on the chain itself. What was never measured is left out, and said
//! to be so.

mod advice;
mod desk;
mod range;
mod records;
mod routes;
mod usage;
mod view;

pub use desk::{BeginError, CapacityDesk};
pub use range::{LoadControl, LoadMeasure, LoadPlan, LoadProgress, LoadRange, Machine, Pace, Phase};
pub use records::{LoadState, LoadTest};
pub use routes::routes;
