//! The demo town: merchants, customers, a month of trade, and traffic that
//! goes on by itself until it is told not to.
//!
//! Everything in it happens through transactions signed by the keys of those
//! who act, so that the town looks the same to the index as a real business.

mod catalogue;
mod court;
mod fair;
mod parcels;
mod pictures;
mod settle;
mod street;
mod tea;
mod town;

pub(crate) use settle::{HISTORY_DAYS, settle};
pub(crate) use town::Town;
