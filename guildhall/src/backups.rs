//! Backups that are made by themselves while the house is open. Each one is
//! restored into a directory of its own and checked as `verify` does: a
//! backup that nobody has restored is a hope.

use crate::{backup, chain, cli::UsageError, restore};
use anyhow::{Context, ensure};
use clap::Args;
use platform_api::calendar;
use platform_index::Cancel;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// What the directory of a backup begins with.
const PREFIX: &str = "backup-";
/// Where a backup is restored to, to see that it can be.
const TRIAL: &str = "restore-test";

/// Flags of scheduled backups.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupPlan {
    /// Back up this often while open, as 24h, 30m or 7d, and restore each
    /// backup once to see that it can be.
    #[arg(long, env = "GUILDHALL_BACKUP_EVERY", value_name = "TIME", requires = "backup_dir", value_parser = period)]
    pub(crate) backup_every: Option<Duration>,
    /// Where the backups go: another disk, best another machine's.
    #[arg(long, env = "GUILDHALL_BACKUP_DIR", value_name = "DIR", requires = "backup_every")]
    pub(crate) backup_dir: Option<PathBuf>,
    /// How many backups are kept; the oldest go first.
    #[arg(long, env = "GUILDHALL_BACKUP_KEEP", value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) backup_keep: u32,
}

/// A time as `24h`: a number and s, m, h or d.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    let wrong = || "must be a number and s, m, h or d, from 1s to 366d, as in 24h".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(seconds).filter(|seconds| (1..=366 * 86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// How the scheduled backups of a house stand.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// When the newest one that could be restored was made, in seconds since
    /// 1970; zero before.
    pub(crate) succeeded_at: AtomicU64,
    /// One when the last attempt failed, else zero.
    pub(crate) failed: AtomicI64,
}

/// Makes the backups of a house.
pub(crate) struct Backups {
    from: PathBuf,
    into: PathBuf,
    every: Duration,
    keep: usize,
    standing: Arc<Standing>,
}

impl Backups {
    /// The backups that a plan wants; none where it wants none.
    pub(crate) fn planned(plan: &BackupPlan, from: &Path, standing: &Arc<Standing>) -> anyhow::Result<Option<Self>> {
        let (Some(every), Some(into)) = (plan.backup_every, &plan.backup_dir) else {
            return Ok(None);
        };
        fs::create_dir_all(into).with_context(|| format!("can't create {}", into.display()))?;
        let (own, into) = (absolute(from)?, absolute(into)?);
        if into.starts_with(&own) {
            let reason = format!("{} lies in the data directory: choose another --backup-dir", into.display());
            return Err(UsageError(reason).into());
        }
        let keep = usize::try_from(plan.backup_keep)?;
        Ok(Some(Self { from: own, into, every, keep, standing: Arc::clone(standing) }))
    }

    /// Makes one now and then, until the house closes.
    pub(crate) async fn run(self, mut cancel: Cancel) {
        let backups = Arc::new(self);
        let mut wait = backups.until_due();
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = cancel.wait_for(|stopped| *stopped) => return,
            }
            wait = backups.every;
            let making = Arc::clone(&backups);
            let made = tokio::task::spawn_blocking(move || making.make(chain::now())).await;
            match made.map_err(anyhow::Error::from).and_then(|made| made) {
                Ok(at) => {
                    backups.standing.succeeded_at.store(chain::now(), Relaxed);
                    backups.standing.failed.store(0, Relaxed);
                    tracing::info!(at = %at.display(), "a backup was made, and restored to see that it can be");
                }
                Err(error) => {
                    backups.standing.failed.store(1, Relaxed);
                    tracing::error!(error = format!("{error:#}"), "the scheduled backup failed");
                }
            }
        }
    }

    /// How long the newest backup that is there is new enough. A house that
    /// is opened again and again must not push out all its old ones.
    fn until_due(&self) -> Duration {
        let newest = self.made().ok().and_then(|made| fs::metadata(made.last()?).ok()?.modified().ok());
        let age = newest.map_or(self.every, |at| at.elapsed().unwrap_or(self.every));
        self.every.saturating_sub(age)
    }

    /// Makes one backup, restores it, and lets the oldest go. One that can't
    /// be restored does not stay, since it would take the place of one that
    /// can.
    fn make(&self, now: u64) -> anyhow::Result<PathBuf> {
        let name: String = calendar::rfc3339(now).chars().filter(char::is_ascii_alphanumeric).collect();
        let to = self.into.join(format!("{PREFIX}{name}"));
        backup::copy(&self.from, None, &to, &mut |_| {})?;
        let trial = self.into.join(TRIAL);
        remove(&trial)?;
        let restored = restore::make(&to, None, &trial, &mut |_| {});
        remove(&trial)?;
        let good = restored.with_context(|| format!("{} can't be restored", to.display())).and_then(|restored| {
            ensure!(restored.is_sound(), "{} was restored and is not sound", to.display());
            Ok(())
        });
        if good.is_err() {
            remove(&to)?;
        }
        good?;
        self.let_the_oldest_go()?;
        Ok(to)
    }

    fn let_the_oldest_go(&self) -> anyhow::Result<()> {
        let made = self.made()?;
        for old in made.iter().take(made.len().saturating_sub(self.keep)) {
            remove(old)?;
        }
        Ok(())
    }

    /// Whole backups, the oldest first: their names are their times.
    fn made(&self) -> anyhow::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.into).with_context(|| format!("can't list {}", self.into.display()))?;
        let mut made: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        made.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(PREFIX) && path.extension().is_none()
        });
        made.sort();
        Ok(made)
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("can't find {}", path.display()))
}

fn remove(directory: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read() {
        assert_eq!(period("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(period("30m"), Ok(Duration::from_secs(1_800)));
        for wrong in ["", "h", "24", "0h", "400d", "-1h", "1y", "日", "99999999999999999999d"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_house_that_is_opened_again_waits_for_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3_600);
        let into = folder.path().to_owned();
        let backups = Backups { from: "x".into(), into, every: hour, keep: 1, standing: Arc::default() };
        assert_eq!(backups.until_due(), Duration::ZERO, "there is none yet");
        for name in ["backup-20260101T000000Z", "backup-20260102T000000Z", "backup-20260103T000000Z.part"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        assert!(backups.until_due() > Duration::from_secs(3_500));
        backups.let_the_oldest_go().unwrap();
        let left: Vec<_> = backups.made().unwrap();
        assert_eq!(left, [folder.path().join("backup-20260102T000000Z")]);
    }
}
