//! The machine: its disk, its memory, and what of both is used.

use crate::load::{disk_bytes, memory_mb};
use anyhow::ensure;
use platform_ops::Machine;
use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

/// How the place of a copy is called. Backups leave out what ends so.
pub(super) const LOAD_FOLDER: &str = "load-test-";
pub(super) const LOAD_SUFFIX: &str = ".tmp";

/// What there is, for the data directory `directory`.
pub(super) fn look(directory: &Path) -> io::Result<Machine> {
    let process = memory_mb(std::process::id()).map(|(now, _)| whole_bytes(now * 1_048_576.0));
    let (memory, memory_free) = memory();
    Ok(Machine {
        directory_bytes: directory_bytes(directory)?,
        process_bytes: process,
        memory_bytes: memory,
        memory_free_bytes: memory_free,
        processors: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64),
        ..disk(directory)?
    })
}

/// Only the disk.
pub(super) fn disk(directory: &Path) -> io::Result<Machine> {
    let disk = rustix::fs::statvfs(directory)?;
    // As df counts: what only the superuser may fill is neither used nor free.
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let used = disk.f_blocks.saturating_sub(disk.f_bfree).saturating_mul(disk.f_frsize);
    Ok(Machine { disk_bytes: used.saturating_add(free), disk_free_bytes: free, ..Machine::default() })
}

/// Refuses a disk that is nearly full.
pub(super) fn ensure_room(machine: &Machine) -> anyhow::Result<()> {
    ensure!(!machine.is_nearly_full(), "the copy would leave less than a tenth of the disk free: make room first");
    Ok(())
}

/// What a data directory takes on disk, without copies of load tests.
fn directory_bytes(directory: &Path) -> io::Result<u64> {
    const BLOCK_BYTES: u64 = 512;
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if is_copy(&entry.file_name().to_string_lossy()) {
            continue;
        }
        // A file may be gone by now: then it takes nothing.
        let Ok(about) = entry.metadata() else { continue };
        bytes += if about.is_dir() { disk_bytes(&entry.path()) } else { about.blocks() * BLOCK_BYTES };
    }
    Ok(bytes)
}

fn is_copy(name: &str) -> bool {
    name.starts_with(LOAD_FOLDER) && name.ends_with(LOAD_SUFFIX)
}

/// Removes copies that were left when the program was killed in a load test.
pub(super) fn remove_copies(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if is_copy(&entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The memory that this process may have, and what programs may still take of it. In a group with a limit of its own
/// the second is not known.
fn memory() -> (Option<u64>, Option<u64>) {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
    };
    let (total, available) = (field("MemTotal:"), field("MemAvailable:"));
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|limit| limit.trim().parse::<u64>().ok());
    match (total, limit) {
        (Some(total), Some(limit)) if limit < total => (Some(limit), None),
        _ => (total, available),
    }
}

/// As many whole bytes as fit.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "memory is neither negative nor 2^53 bytes"
)]
pub(super) fn whole_bytes(bytes: f64) -> u64 {
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_load_tests_do_not_count_and_go_when_they_are_left() {
        let directory = tempfile::tempdir().unwrap();
        let (kept, copy) = (directory.path().join("ledger"), directory.path().join("load-test-x.tmp"));
        for (folder, bytes) in [(&kept, 100_000), (&copy, 900_000)] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("log"), vec![1; bytes]).unwrap();
        }
        let machine = look(directory.path()).unwrap();
        assert!((100_000..900_000).contains(&machine.directory_bytes), "{machine:?}");
        assert!(machine.disk_bytes > machine.disk_free_bytes && machine.disk_free_bytes > 0);
        assert!(machine.process_bytes < machine.memory_bytes && machine.process_bytes.is_some(), "{machine:?}");
        remove_copies(directory.path()).unwrap();
        assert!(kept.exists() && !copy.exists());
    }

    #[test]
    fn a_disk_that_a_copy_would_fill_is_refused() {
        let of = |disk_free_bytes| Machine { disk_bytes: 1_000, disk_free_bytes, ..Machine::default() };
        assert!(ensure_room(&of(100)).is_ok());
        assert!(ensure_room(&of(99)).is_err());
    }
}
