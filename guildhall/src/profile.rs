//! What a data directory is: written once when it is made, followed by every
//! later start.

use crate::{chain::write_new, cli::UsageError};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The kind of business in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Keys of its own, encrypted.
    Business,
    /// A demo town with well-known keys.
    Demo,
    /// A replay of real purchases, in its own past, with well-known operator
    /// keys.
    Replay,
}

/// `guildhall.toml` in the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// What it is.
    pub(crate) kind: Kind,
    /// What people call it.
    pub(crate) name: String,
}

impl Profile {
    const FILE: &'static str = "guildhall.toml";

    /// The profile of `directory`, or `None` where there is none yet.
    pub(crate) fn read(directory: &Path) -> anyhow::Result<Option<Self>> {
        let path = directory.join(Self::FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map(Some).with_context(|| format!("{} is not usable", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
        }
    }

    /// The profile of `directory`, which must have one.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        Self::read(directory)?.ok_or_else(|| {
            let reason = format!(
                "there is no business in {}: make one with `guildhall init --data-dir {0}`, or see a demo with `guildhall up --demo`",
                directory.display()
            );
            UsageError(reason).into()
        })
    }

    /// Writes the profile into `directory`.
    pub(crate) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("can't create the data directory {}", directory.display()))?;
        let path = directory.join(Self::FILE);
        let text = toml::to_string(self).context("can't encode the profile")?;
        write_new(&path, text.as_bytes()).with_context(|| format!("can't write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_survives_and_nonsense_is_refused() {
        let directory = std::env::temp_dir().join(format!("guildhall-profile-{}", std::process::id()));
        assert_eq!(Profile::read(&directory).unwrap(), None);
        let profile = Profile { kind: Kind::Replay, name: "CDNOW".into() };
        profile.write(&directory).unwrap();
        assert_eq!(Profile::read(&directory).unwrap(), Some(profile));
        std::fs::write(directory.join(Profile::FILE), "kind = \"castle\"").unwrap();
        assert!(format!("{:#}", Profile::read(&directory).unwrap_err()).contains("guildhall.toml is not usable"));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
