//! Ways by which somebody is told outside the page: one mailbox, one address on the web.
//!
//! Where they lead is sealed and kept by `platform-notify`; here is only whose they are and which kinds they are for.
//! A mailbox counts once its owner has typed the code that was sent there, and every mail has a link that ends it
//! without signing in.

mod model;
mod routes;
mod tell;

pub(super) use model::{CODE_COUNT, CURSOR, WAY, forget, holding};
pub(super) use routes::routes;
pub(crate) use tell::tell_customers;
