//! One process a data directory.

use crate::{
    disk::{Disk, OsDisk},
    error::StateError,
};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

/// Holds the directory until dropped. The operating system releases the lock
/// when the process dies, however it dies.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Creates `directory` where it is missing and takes its lock.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder's process id, or an I/O error.
    pub fn acquire(directory: &Path) -> Result<Self, StateError> {
        OsDisk.create_directory(directory).map_err(StateError::io("create", directory))?;
        let path = directory.join("LOCK");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StateError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                let pid = pid.trim();
                let pid = if pid.is_empty() { "unknown" } else { pid }.to_owned();
                return Err(StateError::Locked { path: directory.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(StateError::io("lock", &path)(source)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        write(&mut file).map_err(StateError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}
