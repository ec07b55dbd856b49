//! The simple event query of EPCIS 2.0, section 8.2.7: which events are asked for, in which order, and the answer.

mod filter;
mod named;
mod parameter;
mod run;

pub(super) use named::{NamedQueryView, delete, list, load, save};
pub(super) use parameter::Asked;
pub(super) use run::{Answer, StoredEvent, by_id, collection, of_item, read_event, run};
