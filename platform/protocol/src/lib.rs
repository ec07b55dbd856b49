//! The guild's contracts as Rust sees them: bindings, deployment, manifest and decoding.
//!
//! Bindings are made at compile time from the committed artifacts in `contracts/artifacts`, so a contract and its
//! Rust types cannot drift apart. [`deploy()`] puts everything on an empty chain through a [`Submit`] the program
//! implements, and picks up where an interrupted deployment stopped. A [`Manifest`] says what stands where;
//! [`verify()`] compares it with the chain. [`Decoder`] turns calls, events and errors into names and words.
//!
//! **Invariant:** nothing here does I/O but through [`Submit`].

pub mod contracts;
mod decode;
mod deploy;
mod layouts;
mod manifest;
mod rotation;
mod signer;
mod submit;
mod words;

pub use decode::{Argument, DecodedCall, DecodedError, DecodedEvent, Decoder, Known, interfaces};
pub use deploy::{DeployError, Plan, Upgrade, UpgradeError, can_upgrade, deploy, upgrade};
pub use layouts::layout_of;
pub use manifest::{Manifest, ManifestError, Proxied, Standing, running, verify};
pub use rotation::{Handover, HeldRole, Rotation, RotationError, Surroundings, held_roles, is_administrator, rotation};
pub use signer::{Signer, SignerError, TransactionRequest};
pub use submit::{Call, Mined, Submit, SubmitError, view};
pub use words::{Words, words_for};
