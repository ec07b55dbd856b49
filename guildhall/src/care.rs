//! What checking, backing up and restoring share.

use crate::{
    chain::{GENESIS_FILE, LEDGER_FOLDER},
    cli::UsageError,
    node::read_genesis,
};
use anyhow::{Context, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_state::{Progress, StoreOptions};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file that holds index, descriptions and pictures.
const INDEX: &str = "index.sqlite";

/// A bar that follows [`Progress`] from step to step.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:20} {bar:30} {percent}%  {elapsed} of about {duration}");
        bar.set_style(style.context("the progress bar's template is wrong")?);
        Ok(Self(bar))
    }

    pub(crate) fn show(&self, progress: Progress) {
        if self.0.message() != progress.step {
            self.0.reset();
            self.0.set_message(progress.step);
        }
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// The store in the data directory `directory`, whose chain is that of
/// `genesis` or of the directory's own file.
pub(crate) fn store(directory: &Path, genesis: Option<&Path>) -> anyhow::Result<StoreOptions> {
    let own = directory.join(GENESIS_FILE);
    let genesis = genesis.unwrap_or(&own);
    if !genesis.exists() {
        let reason = format!("{} is missing: say which chain it is with --genesis FILE", genesis.display());
        return Err(UsageError(reason).into());
    }
    let options = StoreOptions::new(directory.join(LEDGER_FOLDER), read_genesis(genesis)?);
    if !options.directory.join("log").exists() {
        return Err(UsageError(format!("there is no ledger in {}", directory.display())).into());
    }
    Ok(options)
}

/// A directory that is filled beside its place and moved there when it is
/// whole, so that an interrupted command leaves nothing that looks finished.
pub(crate) struct Fresh {
    place: PathBuf,
    pub(crate) filling: PathBuf,
}

impl Fresh {
    /// Claims `place`, which must be empty or not there.
    pub(crate) fn claim(place: &Path) -> anyhow::Result<Self> {
        if fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_some()) || place.is_file() {
            let reason = format!("{} is not empty: choose a directory that is empty or not there yet", place.display());
            return Err(UsageError(reason).into());
        }
        let mut filling = place.as_os_str().to_owned();
        filling.push(".part");
        let filling = PathBuf::from(filling);
        if filling.exists() {
            // What an interrupted command left behind.
            fs::remove_dir_all(&filling).with_context(|| format!("can't remove {}", filling.display()))?;
        }
        fs::create_dir_all(&filling).with_context(|| format!("can't create {}", filling.display()))?;
        Ok(Self { place: place.to_owned(), filling })
    }

    /// Moves it to its place.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Self { place, filling } = self;
        sync_tree(&filling).with_context(|| format!("can't sync {}", filling.display()))?;
        if place.exists() {
            fs::remove_dir(&place).with_context(|| format!("can't replace {}", place.display()))?;
        }
        fs::rename(&filling, &place)
            .with_context(|| format!("can't rename {} to {}", filling.display(), place.display()))?;
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(parent).and_then(|parent| parent.sync_all()).context("can't sync the new directory's entry")
    }
}

fn sync_tree(directory: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            fs::File::open(&path)?.sync_all()?;
        }
    }
    fs::File::open(directory)?.sync_all()
}

/// Copies what is beside the ledger, `from` one data directory `to` another:
/// keys, profile, manifest, and the index as of one moment.
pub(crate) fn copy_beside(from: &Path, to: &Path) -> anyhow::Result<()> {
    let index = from.join(INDEX);
    if index.exists() {
        copy_index(&index, &to.join(INDEX)).with_context(|| format!("can't copy {}", index.display()))?;
    }
    copy_files(from, to, &|name| name == LEDGER_FOLDER || name.starts_with(INDEX) || name == BACKUP_FILE)
}

/// What a backup says of itself.
pub(crate) const BACKUP_FILE: &str = "backup.json";

fn copy_files(from: &Path, to: &Path, skip: &dyn Fn(&str) -> bool) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("can't create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("can't list {}", from.display()))? {
        let entry = entry.with_context(|| format!("can't list {}", from.display()))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let temporary = Path::new(name.as_ref()).extension().is_some_and(|extension| extension == "tmp");
        if temporary || skip(&name) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(name.as_ref()));
        if source.is_dir() {
            copy_files(&source, &target, &|_| false)?;
        } else {
            // Permissions come along: keys stay readable by their owner only.
            fs::copy(&source, &target).with_context(|| format!("can't copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// SQLite copies itself, also while others write.
fn copy_index(from: &Path, to: &Path) -> anyhow::Result<()> {
    use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
    ensure!(!to.exists(), "{} is there already", to.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(from).create_if_missing(false);
        let mut connection = options.connect().await?;
        let target = to.to_str().context("the path is not UTF-8")?;
        sqlx::query("VACUUM INTO ?").bind(target).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    })
}
