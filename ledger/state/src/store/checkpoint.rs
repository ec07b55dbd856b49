//! Checkpoints: what is in memory goes into the database, in the background.

use super::{Layers, Store, Writer};
use crate::{
    error::StateError,
    flat::{Retention, TrieBatch},
    generation::Generation,
    record,
    view::Epoch,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

impl Store {
    /// Writes everything up to the head into the checkpoint and waits for it,
    /// so that the next start has nothing to replay.
    ///
    /// # Errors
    /// A storage error of this or an earlier checkpoint;
    /// [`StateError::Staged`] while a block is being committed;
    /// [`StateError::ReadOnly`] after a failed write: the trie then holds a
    /// block that the log doesn't.
    pub fn checkpoint(&self) -> Result<(), StateError> {
        let mut writer = self.writer.lock();
        self.wait_for_checkpoint(&mut writer)?;
        self.layers.log.read().check_writable()?;
        if writer.staged.is_some() {
            return Err(StateError::Staged);
        }
        if !self.layers.epoch.read().active.blocks.read().is_empty() {
            self.start_checkpoint(&mut writer);
            self.wait_for_checkpoint(&mut writer)?;
        }
        Ok(())
    }

    /// Freezes the active generation and writes it in the background. When
    /// the one before is still being written, memory just grows a little.
    pub(super) fn start_checkpoint(&self, writer: &mut Writer) {
        let current = Arc::clone(&self.layers.epoch.read());
        if current.frozen.is_some() || self.wait_for_checkpoint(writer).is_err() {
            return;
        }
        writer.trie.forget_saved();
        let batch = writer.trie.drain_unsaved();
        let number = self.head().number();
        let frozen = Arc::clone(&current.active);
        *self.layers.epoch.write() = Arc::new(Epoch {
            snapshot: Arc::clone(&current.snapshot),
            frozen: Some(Arc::clone(&frozen)),
            active: Arc::new(Generation::after(Some(number))),
        });
        let layers = Arc::clone(&self.layers);
        let work = move || {
            // The database panics over some failures of its file: that must be
            // noticed like an error, or nothing would ever be checkpointed.
            let result = catch_unwind(AssertUnwindSafe(|| layers.write_checkpoint(&frozen, batch)));
            let panicked = |_| Err(StateError::ReadOnly { reason: "the checkpoint database failed".into() });
            if let Err(error) = result.unwrap_or_else(panicked) {
                tracing::error!(%error, "the checkpoint failed; the ledger is read-only");
                layers.failure.lock().get_or_insert(error.to_string());
            }
        };
        match std::thread::Builder::new().name("checkpoint".into()).spawn(work) {
            Ok(thread) => writer.checkpoint = Some(thread),
            Err(error) => {
                self.layers.failure.lock().get_or_insert(format!("can't start a thread for the checkpoint: {error}"));
            }
        }
    }

    pub(super) fn wait_for_checkpoint(&self, writer: &mut Writer) -> Result<(), StateError> {
        if let Some(thread) = writer.checkpoint.take()
            && thread.join().is_err()
        {
            return Err(StateError::ReadOnly { reason: "the checkpoint thread panicked".into() });
        }
        match self.layers.failure.lock().clone() {
            Some(reason) => Err(StateError::ReadOnly { reason }),
            None => Ok(()),
        }
    }
}

impl Layers {
    fn write_checkpoint(&self, frozen: &Generation, batch: TrieBatch) -> Result<(), StateError> {
        let read = |location, number| record::decode_diff(&self.log.read().read(location, number)?);
        self.flat.checkpoint(frozen, batch, &Retention { blocks: self.history, read: &read })?;
        let snapshot = Arc::new(self.flat.snapshot()?);
        *self.past.lock() = None;
        let mut epoch = self.epoch.write();
        *epoch = Arc::new(Epoch { snapshot, frozen: None, active: Arc::clone(&epoch.active) });
        Ok(())
    }
}
