//! The store as a whole: what is acknowledged stays, damage is named, and a
//! disk that fails loses nothing that was acknowledged.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod care;
mod disk;
mod past;
mod retention;
mod rewind;
mod store;
mod torture;
mod world;
