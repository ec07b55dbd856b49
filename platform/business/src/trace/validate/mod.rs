//! Whether a document says what EPCIS 2.0 and CBV 2.0 allow, and where not.
//!
//! Every rule is checked everywhere, so that a sender learns of all faults at once. A fault names its place as a JSON
//! pointer (RFC 6901), the rule as a stable word, and what to do.

mod check;
mod document;
mod event;
mod parts;
mod sensor;

pub(super) use check::{Check, Violation};
pub(super) use document::{Document, Master, Pending, document, single_event};

#[cfg(test)]
mod tests;
