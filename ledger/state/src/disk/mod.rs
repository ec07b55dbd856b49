//! The file layer under the log and the checkpoint, as a trait, so that tests
//! can put a disk there that fills up, fails or loses what was not synced.

mod backend;
mod overlay;

pub(crate) use backend::DatabaseFile;
pub(crate) use overlay::OverlayFile;
use std::{
    fmt::Debug,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

/// Opens, lists and removes files.
pub trait Disk: Debug + Send + Sync {
    /// Opens `path` for reading and writing, creating it where it is missing.
    /// A new file is durable once its directory is synced.
    ///
    /// # Errors
    /// The system's error.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Creates `directory` and the missing ones above it, durably.
    ///
    /// # Errors
    /// The system's error.
    fn create_directory(&self, directory: &Path) -> io::Result<()>;
    /// The names of the files in `directory`.
    ///
    /// # Errors
    /// The system's error.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
    /// Removes a file; one that is missing is no error. Durable once its
    /// directory is synced.
    ///
    /// # Errors
    /// The system's error.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, in place of what had it before. Durable once
    /// the directory is synced.
    ///
    /// # Errors
    /// The system's error.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the creation and removal of files in `directory` durable.
    ///
    /// # Errors
    /// The system's error.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Debug + Send + Sync {
    /// Its length in bytes.
    ///
    /// # Errors
    /// The system's error.
    fn length(&self) -> io::Result<u64>;
    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// The system's error, `UnexpectedEof` past the end.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// The system's error; part may have been written.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes what was written durable.
    ///
    /// # Errors
    /// The system's error; nothing may be assumed durable then.
    fn sync_data(&self) -> io::Result<()>;
    /// Cuts the file to `length` bytes, or extends it with zeros.
    ///
    /// # Errors
    /// The system's error.
    fn set_len(&self, length: u64) -> io::Result<()>;
}

/// The operating system's files.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Box::new(OsFile(file)))
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = directory.ancestors().take_while(|path| !exists(path)).collect();
        fs::create_dir_all(directory)?;
        for created in missing.into_iter().rev() {
            match created.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => self.sync_directory(parent)?,
                _ => self.sync_directory(Path::new("."))?,
            }
        }
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }
}

/// Whether a directory is there; the empty path is the current one.
fn exists(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.exists()
}

#[derive(Debug)]
struct OsFile(File);

impl DiskFile for OsFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}
