//! The program as its users start it: killed, restarted, fed nonsense.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod block;
mod care;
mod channels;
mod figures;
mod house;
mod kill;
mod load;
mod program;
mod refusal;
mod replay;
mod rotation;
mod staff;
mod torture;
mod trace;
mod traces;
mod watch;
