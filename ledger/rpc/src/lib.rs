//! Ethereum JSON-RPC, over HTTP and WebSocket on one port.
//!
//! A request goes: [`server`] (connections; [`doors`] for browsers and
//! WebSockets) → [`dispatch`] (single or batch, method table) → one function
//! a method in [`eth`], [`net`] or [`dev`] → the [`Node`] behind. Filters and
//! subscriptions keep their state in [`filters`] and [`subscriptions`].
//!
//! **Invariant**: every answer is bounded; the bounds are in [`Limits`].
//! **Invariant**: long work runs on blocking threads under a semaphore, so
//! that a flood of calls never holds up block production or admission.
//! **Invariant**: development methods don't exist unless [`Node::dev`] is set.

mod convert;
mod debug;
mod dev;
mod dispatch;
mod doors;
mod error;
mod eth;
mod filters;
mod limits;
mod net;
mod node;
mod pace;
mod params;
mod payload;
mod server;
mod subscriptions;

pub use dev::DevAccounts;
pub use doors::ServerOptions;
pub use error::RpcError;
pub use limits::Limits;
pub use node::Node;
pub use server::RpcServer;
