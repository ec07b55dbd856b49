//! What can go wrong with stored state.

use alloy_primitives::B256;
use std::{io, path::PathBuf};

/// A failure of the state store. Each message says what failed, on what, and
/// what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file operation failed.
    #[error("can't {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "write", "sync", ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another process holds the directory.
    #[error("the data directory {} is in use by process {pid}; stop that process or choose another --data-dir", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
        /// The holder's process id as it wrote it, or "unknown".
        pid: String,
    },
    /// The directory belongs to another chain.
    #[error("the data directory {} holds another chain (genesis {found}, expected {expected}); choose another --data-dir", path.display())]
    OtherChain {
        /// The directory.
        path: PathBuf,
        /// The genesis hash found.
        found: B256,
        /// The genesis hash asked for.
        expected: B256,
    },
    /// The directory was written by an earlier version of this program.
    #[error(
        "{} has storage format {version}, this program reads {expected}: open it with the version that wrote it, or choose another --data-dir",
        path.display()
    )]
    OldFormat {
        /// The file.
        path: PathBuf,
        /// The format found.
        version: u32,
        /// The format that this program reads and writes.
        expected: u32,
    },
    /// A record of the log fails its checksum where no crash can explain it.
    #[error("the log is damaged: {} at offset {offset}: {reason}; nothing was changed: restore this directory from a backup", path.display())]
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// The offset of the first bad record, in bytes.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// The checkpoint is newer than the log that it was made from.
    #[error(
        "the log ends at block {log}, before the checkpoint at block {checkpoint}: log files are missing; restore this directory from a backup"
    )]
    LogBehind {
        /// The log's last block.
        log: u64,
        /// The checkpoint's block.
        checkpoint: u64,
    },
    /// Replaying the log does not give the state root that the block names.
    #[error(
        "the state of block {number} has root {computed}, its header says {expected}; restore this directory from a backup"
    )]
    Root {
        /// The block's number.
        number: u64,
        /// The root computed.
        computed: B256,
        /// The root in the header.
        expected: B256,
    },
    /// The checkpoint database can't be read.
    #[error(
        "the checkpoint {} is damaged: make it again from the log with `guildhall restore --repair`",
        path.display()
    )]
    DatabaseDamaged {
        /// The file.
        path: PathBuf,
    },
    /// A stored value does not have its checksum.
    #[error("a value in the checkpoint is damaged: make it again from the log with `guildhall restore --repair`")]
    ValueDamaged,
    /// History of this block was pruned.
    #[error("the state at block {number} is pruned: the oldest block whose state is kept is {oldest}")]
    Pruned {
        /// The block asked for.
        number: u64,
        /// The oldest that can be read.
        oldest: u64,
    },
    /// A copy of a log is not sound.
    #[error("the copy in {} is not sound: {reason}; if the chain went back meanwhile, back up again", path.display())]
    BadCopy {
        /// The copied file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is a ledger where one was to be put.
    #[error("{} holds a ledger already; choose an empty directory", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// A backup has no sound copy of what is damaged.
    #[error(
        "{} is damaged at offset {offset} ({reason}), and the backup has no sound copy of that block: restore the whole directory from a backup",
        path.display()
    )]
    NotInBackup {
        /// The damaged file.
        path: PathBuf,
        /// Where the damaged record begins.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// An earlier write failed; nothing more is accepted until a restart.
    #[error("the ledger is read-only since a write failed ({reason}); free the disk and restart")]
    ReadOnly {
        /// The first failure.
        reason: String,
    },
    /// A staged diff is in the way.
    #[error("a block is being committed; try again after it")]
    Staged,
    /// State of this block is not kept.
    #[error("block {number} is not available: the chain's head is {head}")]
    NoSuchBlock {
        /// The block asked for.
        number: u64,
        /// The head's number.
        head: u64,
    },
    /// Proofs go back so many blocks only.
    #[error("proofs at block {number} are not available: the oldest block with proofs is {oldest}")]
    ProofWindow {
        /// The block asked for.
        number: u64,
        /// The oldest that can be proved.
        oldest: u64,
    },
    /// A block that does not follow the head was to be committed.
    #[error("block {number} does not follow the head {head}")]
    NotNext {
        /// The block's number.
        number: u64,
        /// The head's number.
        head: u64,
    },
    /// A trie node that a parent names is not stored.
    #[error("trie node {hash} is missing; restore this directory from a backup")]
    TrieNodeMissing {
        /// The node's hash.
        hash: B256,
    },
    /// A stored trie node does not have the hash that its parent names.
    #[error("trie node {hash} is damaged; restore this directory from a backup")]
    TrieNodeDamaged {
        /// The hash it should have.
        hash: B256,
    },
    /// The trie in memory has a shape that can't be.
    #[error("the trie has an impossible shape; this is a defect, please report it")]
    TrieShape,
    /// Stored bytes don't decode.
    #[error("stored bytes don't decode: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// The checkpoint database failed.
    #[error("the checkpoint database: {0}")]
    Database(Box<redb::Error>),
}

impl StateError {
    /// Wraps an I/O error with what was tried on which file.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

macro_rules! from_redb {
    ($($kind:ident),*) => {$(
        impl From<redb::$kind> for StateError {
            fn from(error: redb::$kind) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(DatabaseError, TransactionError, TableError, StorageError, CommitError);
