//! The HTTP kit every business builds on.
//!
//! Errors are problems (RFC 9457), lists are pages with opaque cursors, people sign in with Ethereum (EIP-4361) and
//! get a session the server keeps, writes with a session carry a CSRF token, machines carry a key with grants, answers
//! carry an entity tag, and every request an id. Routes and their OpenAPI description are declared in one place, by `utoipa-axum`.
//!
//! **Invariant:** nothing here knows a business; who has which role is asked of [`Identity`].

mod answers;
mod auth;
pub mod calendar;
mod factor;
mod key;
mod kit;
mod pace;
mod paging;
mod passkey;
mod problem;
mod seal;
mod session;
mod shapes;
mod siwe;

pub use answers::describe_answers;
pub use auth::{Nonce, SessionView, Verification, routes as auth_routes};
pub use factor::{Enrolment, Factors, STEP_UP_SECONDS, SteppedUp};
pub use key::{ApiKey, ApiKeys, Machine, NewKey};
pub use kit::{BODY_BYTES_MAX, harden};
pub use pace::Pace;
pub use paging::{Cursor, LIMIT_MAX, Limit, Page};
pub use problem::Problem;
pub use seal::{Seal, mac};
pub use session::{Identity, Session, Sessions, SignedIn, Viewer};
pub use siwe::{Siwe, SiweError};
