//! Ingestion of an Ethereum chain into SQL tables.
//!
//! A [`BlockSource`] gives blocks with everything in them. [`Projection`]s turn blocks into rows of the tables they
//! declare. The [`Indexer`] drives them:
//!
//! * **Exactly once.** Rows and cursor change in one SQL transaction, so a crash repeats a block or has not begun it.
//! * **Reorg-safe.** Cursors carry block hashes. Above the source's finalized height each block leaves the images of
//!   the rows it changed, and a reorganisation puts them back. Where images are missing the projection is rebuilt.
//! * **Disposable.** Tables are functions of the chain: dropping and replaying them gives identical rows. A projection
//!   that changes its version is rebuilt by itself while the others go on.
//! * **One dialect.** SQL is kept to what SQLite and PostgreSQL both speak; types are 64-bit integers, text and bytes.
//!
//! **Invariant:** nothing here knows a business, and nothing outside [`Indexer`] writes a projection's tables.

mod batch;
mod block;
mod error;
mod exclusive;
mod indexer;
mod projection;
mod reorg;
mod schema;
mod source;
mod store;
mod trace;
mod value;

pub use batch::Batch;
pub use block::{Block, BlockTag, CallRequest, Head, Log, Transaction};
pub use error::{IndexError, SourceError, StoreError};
pub use exclusive::Exclusive;
pub use indexer::{Cancel, Indexer, IndexerConfig, Position, Progress};
pub use projection::{Blocks, Notice, Projection};
pub use schema::{Column, Kind, Table, Type};
pub use source::BlockSource;
pub use store::{Dialect, Row, Store, Unit};
pub use trace::{AccountChange, Change, Frame, FrameKind, SlotChange, Trace};
pub use value::Value;
