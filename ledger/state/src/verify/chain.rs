//! The log: every record, every block, and that the checkpoint's indices know
//! them.

use super::{Progress, VerifyReport, database_fault};
use crate::{
    error::StateError,
    flat::{DATABASE, Snapshot, sound},
    log::walk::{Record, SegmentReader, Step},
    record::{self, StoredBlock},
    store::StoreOptions,
};
use alloy_primitives::B256;
use ledger_chain::block_receipts_root;
use std::path::Path;

/// Walks the log and returns the state root of the checkpoint's block.
pub(super) fn check(
    options: &StoreOptions,
    snapshot: Option<&Snapshot>,
    report: &mut VerifyReport,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<B256>, StateError> {
    let log = options.log();
    let segments = log.segments()?;
    let mut total = 0;
    for segment in &segments {
        let path = log.path(*segment);
        let length = log.disk.open(&path).and_then(|file| file.length()).map_err(StateError::io("read", &path))?;
        total += length;
    }
    report.segments = segments.len() as u64;
    report.log_bytes = total;
    let mut walk = Walk { options, snapshot, report, parent: None, expected: 0, root: None };
    let mut done = 0;
    for (position, segment) in segments.iter().enumerate() {
        let last = position + 1 == segments.len();
        let before = done;
        done = walk.segment(*segment, last, &mut |offset| {
            progress(Progress { step: "checking blocks", done: before + offset, total });
        })? + before;
    }
    let Walk { root, .. } = walk;
    if let Some((number, _)) = report.checkpoint
        && report.head.is_none_or(|(head, _)| head < number)
    {
        let reason = format!("the checkpoint is at block {number}, which the log does not reach");
        report.fault(options.directory.join("log"), None, reason);
    }
    Ok(root)
}

struct Walk<'a> {
    options: &'a StoreOptions,
    snapshot: Option<&'a Snapshot>,
    report: &'a mut VerifyReport,
    /// The last block's hash; `None` after damage.
    parent: Option<B256>,
    expected: u64,
    /// The state root of the checkpoint's block.
    root: Option<B256>,
}

impl Walk<'_> {
    /// Checks one segment up to the first damage that hides what follows, and
    /// returns its length.
    fn segment(&mut self, segment: u64, last: bool, progress: &mut dyn FnMut(u64)) -> Result<u64, StateError> {
        let log = self.options.log();
        let path = log.path(segment);
        if segment != self.expected {
            let reason = format!("it begins with block {segment}, but block {} is missing", self.expected);
            self.report.fault(&path, None, reason);
            self.parent = None;
        }
        self.expected = segment;
        let mut reader = match SegmentReader::open(&log, segment, last) {
            Ok(Some(reader)) => reader,
            Ok(None) => return Ok(0),
            Err(error @ (StateError::OtherChain { .. } | StateError::OldFormat { .. })) if self.report.blocks > 0 => {
                // Others are of this chain: it is this header that is damaged.
                self.report.fault(&path, Some(0), error.to_string());
                return Ok(0);
            }
            Err(error) => {
                self.report.note(error)?;
                return Ok(0);
            }
        };
        loop {
            let offset = reader.offset;
            match reader.step() {
                Ok(Step::Record(record)) => {
                    self.record(&path, &record)?;
                    progress(record.next);
                }
                Ok(Step::End) => return Ok(offset),
                Ok(Step::Torn(reason)) if last && !self.covered() => {
                    let torn = super::Fault { path, offset: Some(offset), reason: reason.to_owned() };
                    self.report.torn = Some(torn);
                    return Ok(offset);
                }
                Ok(Step::Torn(reason)) => {
                    self.report.fault(&path, Some(offset), reason);
                    break;
                }
                Err(error) => {
                    self.report.note(error)?;
                    break;
                }
            }
        }
        self.parent = None;
        Ok(reader.offset)
    }

    /// Whether the block that comes next is in the checkpoint already.
    fn covered(&self) -> bool {
        self.report.checkpoint.is_some_and(|(number, _)| self.expected <= number)
    }

    fn record(&mut self, path: &Path, record: &Record) -> Result<(), StateError> {
        let at = Some(record.location.offset);
        let stored = match record::decode(&record.payload) {
            Ok((stored, _)) => stored,
            Err(error) => {
                self.report.fault(path, at, error.to_string());
                (self.parent, self.expected) = (None, record.number + 1);
                return Ok(());
            }
        };
        let number = record.number;
        if number != self.expected || stored.number() != number {
            self.report.fault(path, at, format!("block {} stands where block {} should", number, self.expected));
        } else if let Err(reason) = self.links(&stored) {
            self.report.fault(path, at, reason);
        }
        self.parent = Some(stored.block.hash);
        self.expected = number + 1;
        self.report.head = Some((number, stored.block.hash));
        self.report.blocks += 1;
        self.report.transactions += stored.block.transactions.len() as u64;
        if self.report.checkpoint.is_some_and(|(at, _)| number <= at) {
            let database = self.options.directory.join(DATABASE);
            let indexed = sound(&database, || self.indexed(&stored, record, &database));
            indexed.or_else(|error| database_fault(error, &database, self.report))?;
        }
        Ok(())
    }

    /// Whether the block follows the one before and its roots are those of
    /// its body.
    fn links(&self, stored: &StoredBlock) -> Result<(), String> {
        let (block, number) = (&stored.block, stored.number());
        if number == 0 && block.hash != self.options.spec.genesis_hash() {
            return Err(format!("the genesis block has hash {}", block.hash));
        }
        if self.parent.is_some_and(|parent| parent != block.header.parent_hash) {
            return Err(format!("block {number} does not follow the block before it"));
        }
        if number > 0 {
            block.check_body().map_err(|error| error.to_string())?;
            let (root, bloom) = block_receipts_root(&stored.receipts);
            if root != block.header.receipts_root || bloom != block.header.logs_bloom {
                return Err(format!("the receipts of block {number} are not those that its header names"));
            }
        }
        Ok(())
    }

    /// Whether the checkpoint's indices know the block.
    fn indexed(&mut self, stored: &StoredBlock, record: &Record, database: &Path) -> Result<(), StateError> {
        let Some(snapshot) = self.snapshot else { return Ok(()) };
        let (number, hash) = (record.number, stored.block.hash);
        if snapshot.block == Some((number, hash)) {
            self.root = Some(stored.block.header.state_root);
        }
        let mut missing = None;
        if snapshot.block_place(number)? != Some((record.location, hash)) {
            missing = Some(format!("block {number} is not where the log has it"));
        } else if snapshot.block_number(&hash)? != Some(number) {
            missing = Some(format!("the hash of block {number} is not in the index"));
        }
        for (index, transaction) in (0u32..).zip(&stored.block.transactions) {
            if !snapshot.transactions(transaction.tx_hash())?.any(|place| place == (number, index)) {
                missing = Some(format!("transaction {} is not in the index", transaction.tx_hash()));
            }
        }
        if !snapshot.holds_logs_of(stored)? {
            missing = Some(format!("the logs of block {number} are not in the index"));
        }
        if let Some(reason) = missing {
            self.report.fault(database, None, reason);
        }
        Ok(())
    }
}
