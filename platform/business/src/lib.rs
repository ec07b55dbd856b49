//! The businesses of the guild over one index: each is a folder with its projection, queries, views and routes.
//!
//! [`Platform`] is the way in for the program: it opens the store, registers what [`registry`] lists, and gives a
//! router, the OpenAPI document and the indexing loop.
//!
//! **Invariants:** businesses never import each other; views are the only wire types; money is never a float.

mod access;
mod arbitration;
mod campaigns;
mod context;
mod delivery;
mod explorer;
mod fields;
mod house;
mod market;
mod money;
mod notices;
mod platform;
mod registry;
mod reviews;
mod sales;
mod support;
mod trace;
mod wire;
mod wishes;

pub use access::role_name;
pub use arbitration::CaseTurn;
pub use campaigns::CampaignNote;
pub use context::{ChainInfo, Names};
pub use explorer::{Compiler, CompilerError};
pub use house::{DemoHooks, DemoInfo, DemoPersona, DemoTraffic, Figures};
pub use market::{Attribute, CATEGORIES, Category, Metadata, Overdue};
pub use platform::{Platform, PlatformConfig, PlatformError};
pub use trace::{FileError, HashedEvent, OpenBatch, Proof, ProofError, check_proof, hash_file};
pub use wire::Bilingual;
