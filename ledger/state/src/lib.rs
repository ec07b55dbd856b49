//! Authenticated state that never loses what it acknowledged.
//!
//! One append-only log is the commit point: a block is in the ledger when its
//! record is synced. Everything else follows from the log and can be made
//! again from it: the flat state, the trie and the indices, which are
//! checkpointed in the background in one redb transaction that carries the
//! block number. Blocks since the last checkpoint live in memory, as values
//! with versions, so that any block between can be read.
//!
//! ```text
//! commit(block) ─▶ log (fsync) ─▶ active generation ─▶ head
//!                                   │ when large
//!                                   ▼
//!                                frozen generation ──(background)──▶ redb
//! ```
//!
//! - [`Store`]: open, commit, read.
//! - [`StateView`]: the state as of one block.
//! - [`StateDiff`]: what a block changes, old and new.
//! - [`verify`], [`backup`], [`restore`], [`mend`]: a ledger's care.
//! - [`trie`]: the Merkle-Patricia trie.
//!
//! **Invariant**: replaying the log applies diffs and executes nothing.
//! **Invariant**: after a failed write nothing is acknowledged until restart.
//! **Invariant**: damage is reported with file and offset, never repaired by
//! cutting acknowledged blocks.

mod backup;
mod diff;
mod disk;
mod error;
mod flat;
pub mod format;
mod generation;
mod lock;
mod log;
mod record;
mod state_trie;
mod store;
pub mod trie;
mod verify;
mod view;

pub use backup::{BackupReport, MendReport, backup, mend, restore};
pub use diff::{AccountChange, AccountData, CodeAdded, SlotChange, StateDiff};
pub use disk::{Disk, DiskFile, OsDisk};
pub use error::StateError;
pub use flat::LogKey;
pub use lock::DirectoryLock;
pub use record::StoredBlock;
pub use state_trie::AccountProof;
pub use store::{Store, StoreOptions};
pub use verify::{Fault, Progress, VerifyReport, verify};
pub use view::StateView;
