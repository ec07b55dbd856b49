//! The checkpoint database over a [`DiskFile`], so that it stands on the same
//! layer as the log and fails the same way under test.

use super::DiskFile;
use redb::StorageBackend;
use std::io;

/// A file as redb wants it. The directory's lock keeps other processes out.
#[derive(Debug)]
pub(crate) struct DatabaseFile(pub(crate) Box<dyn DiskFile>);

impl StorageBackend for DatabaseFile {
    fn len(&self) -> io::Result<u64> {
        self.0.length()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_all_at(data, offset)
    }
}
