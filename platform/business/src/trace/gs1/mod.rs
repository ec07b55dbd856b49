//! GS1 keys: check digits, EPC URNs and Digital Links.

mod check_digit;
mod link;
mod serial;
mod urn;

pub(super) use link::{DigitalLink, canonical, percent_decoded};
pub(super) use serial::random_serial;
