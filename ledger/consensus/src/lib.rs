//! Who decides the next block, and the proof of the decision.
//!
//! - [`Chain`]: the seam. Execution and state implement it once; drivers only
//!   see it.
//! - [`Certificate`]: signatures of validators over a block, in one format
//!   for every driver, so that everything downstream is the same.
//! - [`SoloDriver`]: one validator. A transaction or a timer triggers build →
//!   self-signed certificate → one durable commit.
//!
//! **Invariant**: a block is announced only after its commit returned.

mod certificate;
mod chain;
mod clock;
mod solo;

pub use certificate::{Certificate, CertificateError, Validator, ValidatorKey, ValidatorSet};
pub use chain::Chain;
pub use clock::{ChainClock, ClockError};
pub use solo::{DriverError, PoolSnapshot, Sealing, SoloDriver, SoloOptions, TransactionPool};
