//! Channels, deliveries and silences, for staff.

mod routes;
mod view;

pub use routes::{ChannelDesk, routes};
