//! A disk in memory that forgets, when the power goes, what was not synced:
//! any sector of any write, any change of length, any directory entry.

use ledger_state::{Disk, DiskFile};
use parking_lot::Mutex;
use rand::{Rng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

const SECTOR: usize = 512;

/// The disk; clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: Vec<File>,
    /// What programs see.
    entries: BTreeMap<PathBuf, usize>,
    /// What survives.
    durable: BTreeMap<PathBuf, usize>,
    /// Changes of entries since their directory was synced.
    changes: Vec<Change>,
    /// Operations until the power goes.
    fuse: Option<u64>,
}

#[derive(Debug, Default)]
struct File {
    content: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Operation>,
}

#[derive(Debug, Clone)]
enum Operation {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Clone)]
enum Change {
    Create(PathBuf, usize),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Operation {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => {
                content.resize(content.len().max(offset + bytes.len()), 0);
                content[*offset..offset + bytes.len()].copy_from_slice(bytes);
            }
            Self::Length(length) => content.resize(*length, 0),
        }
    }

    /// As writes of single sectors, which are whole or not there.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write(offset, bytes) = self else { return vec![self.clone()] };
        let mut pieces = Vec::new();
        let mut at = *offset;
        while at < offset + bytes.len() {
            let end = ((at / SECTOR + 1) * SECTOR).min(offset + bytes.len());
            pieces.push(Self::Write(at, bytes[at - offset..end - offset].to_vec()));
            at = end;
        }
        pieces
    }
}

impl Change {
    fn apply(&self, entries: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Create(path, file) => {
                entries.insert(path.clone(), *file);
            }
            Self::Remove(path) => {
                entries.remove(path);
            }
            Self::Rename(from, to) => {
                if let Some(file) = entries.remove(from) {
                    entries.insert(to.clone(), file);
                }
            }
        }
    }

    fn directory(&self) -> &Path {
        match self {
            Self::Create(path, _) | Self::Remove(path) | Self::Rename(path, _) => path.parent().unwrap(),
        }
    }
}

impl State {
    /// One operation on the disk; the one that the fuse ends at fails, and
    /// all after it.
    fn step(&mut self) -> io::Result<()> {
        match &mut self.fuse {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl ModelDisk {
    /// Lets so many more operations happen; `None` for no end.
    pub(crate) fn arm(&self, operations: Option<u64>) {
        self.0.lock().fuse = operations;
    }

    /// Whether the power is gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.0.lock().fuse == Some(0)
    }

    /// What is left after the power went: of what was not synced, some.
    pub(crate) fn crash(&self, random: &mut StdRng) -> Self {
        let state = self.0.lock();
        // Some crashes lose all, some nothing, most a part.
        let kept = [0.0, 0.1, 0.5, 0.9, 1.0][random.random_range(0..5)];
        let files = state
            .files
            .iter()
            .map(|file| {
                let mut content = file.durable.clone();
                for piece in file.unsynced.iter().flat_map(Operation::sectors) {
                    if random.random_bool(kept) {
                        piece.apply(&mut content);
                    }
                }
                File { content: content.clone(), durable: content, unsynced: Vec::new() }
            })
            .collect();
        let mut entries = state.durable.clone();
        for change in &state.changes {
            if random.random_bool(kept) {
                change.apply(&mut entries);
            }
        }
        let state = State { files, durable: entries.clone(), entries, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Another disk with the same content.
    pub(crate) fn copy(&self) -> Self {
        let state = self.0.lock();
        let files = state
            .files
            .iter()
            .map(|file| File { content: file.content.clone(), durable: file.content.clone(), unsynced: Vec::new() })
            .collect();
        let (entries, durable) = (state.entries.clone(), state.entries.clone());
        Self(Arc::new(Mutex::new(State { files, entries, durable, ..State::default() })))
    }

    /// The files whose names end with `suffix`, in order.
    pub(crate) fn paths(&self, suffix: &str) -> Vec<PathBuf> {
        self.0.lock().entries.keys().filter(|path| path.to_string_lossy().ends_with(suffix)).cloned().collect()
    }

    pub(crate) fn content(&self, path: &Path) -> Vec<u8> {
        let state = self.0.lock();
        state.files[state.entries[path]].content.clone()
    }

    /// Puts other bytes into a file, as damage does.
    pub(crate) fn damage(&self, path: &Path, bytes: Vec<u8>) {
        let mut state = self.0.lock();
        let file = state.entries[path];
        state.files[file] = File { content: bytes.clone(), durable: bytes, unsynced: Vec::new() };
    }
}

impl Disk for ModelDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        let file = match state.entries.get(path) {
            Some(file) => *file,
            None => {
                state.step()?;
                state.files.push(File::default());
                let file = state.files.len() - 1;
                let change = Change::Create(path.to_owned(), file);
                change.apply(&mut state.entries);
                state.changes.push(change);
                file
            }
        };
        Ok(Box::new(ModelFile { disk: self.clone(), file }))
    }

    fn create_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock();
        let inside = state.entries.keys().filter(|path| path.parent() == Some(directory));
        Ok(inside.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(Change::Remove(path.to_owned()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(Change::Rename(from.to_owned(), to.to_owned()))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        let (synced, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.changes).into_iter().partition(|change| change.directory() == directory);
        synced.iter().for_each(|change| change.apply(&mut state.durable));
        state.changes = left;
        Ok(())
    }
}

impl ModelDisk {
    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        change.apply(&mut state.entries);
        state.changes.push(change);
        Ok(())
    }
}

#[derive(Debug)]
struct ModelFile {
    disk: ModelDisk,
    file: usize,
}

impl ModelFile {
    fn apply(&self, operation: Operation) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.step()?;
        let file = &mut state.files[self.file];
        operation.apply(&mut file.content);
        file.unsynced.push(operation);
        Ok(())
    }
}

impl DiskFile for ModelFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.0.lock().files[self.file].content.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.disk.0.lock();
        let offset = usize::try_from(offset).unwrap();
        let bytes = state.files[self.file].content.get(offset..offset + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.apply(Operation::Write(usize::try_from(offset).unwrap(), bytes.to_vec()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.step()?;
        let file = &mut state.files[self.file];
        for operation in std::mem::take(&mut file.unsynced) {
            operation.apply(&mut file.durable);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.apply(Operation::Length(usize::try_from(length).unwrap()))
    }
}
