//! Checking a ledger that is not running, without changing it.
//!
//! Everything is recomputed: each record's checksum, each block's hash, its
//! place in the chain and the roots of its body and receipts; that the
//! indices know every block, transaction and log; the state root from the
//! flat values; and each stored node of the tries.

mod chain;
mod tries;
mod values;

use crate::{
    disk::{DatabaseFile, OverlayFile},
    error::StateError,
    flat::{DATABASE, Flat, Snapshot, sound},
    lock::DirectoryLock,
    store::StoreOptions,
};
use alloy_primitives::B256;
use std::path::{Path, PathBuf};

/// A badly damaged ledger has a fault a block: no more than these are kept.
const FAULTS_MAX: usize = 100;

/// How far long work is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is being done, for people.
    pub step: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// Where in it, in bytes, where that is known.
    pub offset: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct VerifyReport {
    /// Number and hash of the last block in the log.
    pub head: Option<(u64, B256)>,
    /// Number and hash of the checkpoint's block.
    pub checkpoint: Option<(u64, B256)>,
    /// Segments of the log.
    pub segments: u64,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Whole blocks in the log.
    pub blocks: u64,
    /// Transactions in those.
    pub transactions: u64,
    /// Accounts in the checkpoint.
    pub accounts: u64,
    /// Storage slots in the checkpoint.
    pub slots: u64,
    /// Stored trie nodes that the state root reaches.
    pub trie_nodes: u64,
    /// A last record that was never acknowledged: the next start sets it
    /// aside. No damage.
    pub torn: Option<Fault>,
    /// Damage: the log's first, in its order. At most a hundred places.
    pub faults: Vec<Fault>,
}

impl VerifyReport {
    /// Whether nothing is damaged.
    pub const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, path: impl Into<PathBuf>, offset: Option<u64>, reason: impl Into<String>) {
        if self.faults.len() == FAULTS_MAX {
            return;
        }
        self.faults.push(Fault { path: path.into(), offset, reason: reason.into() });
    }

    /// Damage becomes a fault; another error stays one.
    fn note(&mut self, error: StateError) -> Result<(), StateError> {
        match error {
            StateError::Damaged { path, offset, reason } => self.fault(path, Some(offset), reason),
            error => return Err(error),
        }
        Ok(())
    }
}

/// Checks the ledger of `options`, telling `progress` how far it is.
///
/// # Errors
/// [`StateError::Locked`] while a process uses it, [`StateError::OtherChain`],
/// [`StateError::OldFormat`], or an I/O error. Damage is in the report.
pub fn verify(options: &StoreOptions, progress: &mut dyn FnMut(Progress)) -> Result<VerifyReport, StateError> {
    let _lock = DirectoryLock::acquire(&options.directory)?;
    let mut report = VerifyReport::default();
    let path = options.directory.join(DATABASE);
    let opened = open_checkpoint(options, &path).or_else(|error| match error {
        StateError::Io { .. } => Err(error),
        error => {
            report.fault(&path, None, error.to_string());
            Ok(None)
        }
    })?;
    let snapshot = opened.as_ref().map(|(_, snapshot)| snapshot);
    report.checkpoint = snapshot.and_then(|snapshot| snapshot.block);
    let root = chain::check(options, snapshot, &mut report, progress)?;
    if let (Some(snapshot), Some(root)) = (snapshot, root) {
        let result = sound(&path, || values::check(&path, snapshot, root, &mut report, progress));
        result.or_else(|error| database_fault(error, &path, &mut report))?;
    }
    // The log is what the checkpoint is made from: its damage comes first.
    report.faults.sort_by_key(|fault| fault.path == path);
    Ok(report)
}

/// Checks the log of `options` only.
pub(crate) fn verify_log(
    options: &StoreOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<VerifyReport, StateError> {
    let mut report = VerifyReport::default();
    chain::check(options, None, &mut report, progress)?;
    Ok(report)
}

/// The database, which must stay open as long as its snapshot is read;
/// `None` where there is none yet.
fn open_checkpoint(options: &StoreOptions, path: &Path) -> Result<Option<(Flat, Snapshot)>, StateError> {
    let names = options.disk.list(&options.directory).map_err(StateError::io("list", &options.directory))?;
    if !names.iter().any(|name| name == DATABASE) {
        return Ok(None);
    }
    let file = options.disk.open(path).and_then(OverlayFile::over).map_err(StateError::io("open", path))?;
    let (flat, sound) = Flat::over(DatabaseFile(Box::new(file)), path, options.cache_bytes, true)?;
    if !sound {
        return Err(StateError::DatabaseDamaged { path: path.to_owned() });
    }
    let snapshot = flat.snapshot()?;
    Ok(Some((flat, snapshot)))
}

/// What the database says of itself is damage too.
fn database_fault(error: StateError, path: &Path, report: &mut VerifyReport) -> Result<(), StateError> {
    match error {
        StateError::Database(_)
        | StateError::DatabaseDamaged { .. }
        | StateError::ValueDamaged
        | StateError::Rlp(_)
        | StateError::TrieNodeMissing { .. }
        | StateError::TrieNodeDamaged { .. } => report.fault(path, None, error.to_string()),
        error => return Err(error),
    }
    Ok(())
}
