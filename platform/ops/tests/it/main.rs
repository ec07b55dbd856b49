//! Operations, from outside.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod block;
mod capacity;
mod house;
mod openzeppelin;
mod rules;
mod shipped;
mod statement;
mod tell;
