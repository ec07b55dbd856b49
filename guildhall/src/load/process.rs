//! What a run costs the machine: processor time and memory from `/proc`, the
//! size of a directory, the latency of its disk.

use super::figures::micros;
use anyhow::Context;
use rustix::param::clock_ticks_per_second;
use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// How often the disk is asked during a run: rarely enough not to disturb.
const PROBE_PERIOD: Duration = Duration::from_millis(100);

/// Seconds of processor time that a process has used, in all its threads.
pub(super) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {path}: is {pid} the node's process?"))?;
    // The name in parentheses may hold spaces; user and system time are the
    // 12th and 13th field after it.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |index| fields.split_whitespace().nth(index).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).with_context(|| format!("{path} is not as proc(5) says"))?;
    Ok((user + system) as f64 / clock_ticks_per_second() as f64)
}

/// Resident memory now and at its peak, in megabytes.
pub(crate) fn memory_mb(pid: u32) -> Option<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1_024.0)
    };
    field("VmRSS:").zip(field("VmHWM:"))
}

/// Bytes on disk under `path`.
pub(crate) fn disk_bytes(path: &Path) -> u64 {
    const BLOCK_BYTES: u64 = 512;
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => disk_bytes(&entry.path()),
        // Space that is set aside beyond the end counts as used.
        Ok(data) => data.blocks() * BLOCK_BYTES,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

/// Writes and syncs a block in `directory` now and then until `stop`, and
/// returns how long each took, in microseconds.
pub(super) fn probe_disk(directory: &Path, stop: &AtomicBool) -> anyhow::Result<Vec<u32>> {
    let path = directory.join(format!(".guildhall-load-{}", std::process::id()));
    let file = File::create(&path)
        .with_context(|| format!("can't measure the disk: {} can't be written", directory.display()))?;
    let block = [0x5a; 4_096];
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        file.write_all_at(&block, 0)?;
        file.sync_data()?;
        took.push(micros(start.elapsed()));
        std::thread::sleep(PROBE_PERIOD);
    }
    fs::remove_file(&path)?;
    Ok(took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_can_be_asked_about_this_process() {
        let own = std::process::id();
        let before = cpu_seconds(own).unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(60) {
            std::hint::spin_loop();
        }
        assert!(cpu_seconds(own).unwrap() > before);
        let (now, peak) = memory_mb(own).unwrap();
        assert!(now > 1.0 && peak >= now);
        assert!(cpu_seconds(u32::MAX).is_err());
    }

    #[test]
    fn a_directory_weighs_what_is_in_it_and_its_disk_answers() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("inner")).unwrap();
        fs::write(directory.path().join("inner/file"), vec![1; 100_000]).unwrap();
        assert!(disk_bytes(directory.path()) >= 100_000);
        let stop = AtomicBool::new(false);
        let took = std::thread::scope(|scope| {
            let probe = scope.spawn(|| probe_disk(directory.path(), &stop));
            std::thread::sleep(Duration::from_millis(20));
            stop.store(true, Ordering::Relaxed);
            probe.join().unwrap().unwrap()
        });
        assert!(!took.is_empty());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
