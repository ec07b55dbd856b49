//! Operations, from outside.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod shipped;
mod tell;
