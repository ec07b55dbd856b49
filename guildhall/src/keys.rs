//! Keys: the well-known development ones, and encrypted keystores.

use crate::cli::UsageError;
use alloy_primitives::B256;
use alloy_signer_local::{MnemonicBuilder, coins_bip39::English};
use anyhow::Context;
use ledger_consensus::ValidatorKey;
use platform_api::Seal;
use std::{io::IsTerminal, path::Path};

/// The mnemonic that every Ethereum development tool knows. Only used on
/// development chains, which refuse to listen beyond loopback.
pub(crate) const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// The secret keys `m/44'/60'/0'/0/first..first+count` of the development
/// mnemonic.
pub(crate) fn dev_keys(first: u32, count: u32) -> anyhow::Result<Vec<B256>> {
    // Stretching the mnemonic is the slow part: once for all keys.
    let parent = MnemonicBuilder::<English>::default().phrase(DEV_MNEMONIC).build_parent_key()?;
    let key = |index: u32| anyhow::Ok(parent.child(index)?.signer().to_bytes());
    (first..first + count).map(|index| key(index).context("can't derive a development key")).collect()
}

/// The first secret key of a mnemonic, `m/44'/60'/0'/0/0`.
pub(crate) fn first_key(phrase: &str) -> anyhow::Result<B256> {
    let parent = MnemonicBuilder::<English>::default().phrase(phrase).build_parent_key()?;
    Ok(parent.child(0)?.signer().to_bytes())
}

/// The validator's key of a ledger that runs alone: drawn at the first start
/// and kept in a file that only its owner can read.
pub(crate) fn node_key(directory: &Path) -> anyhow::Result<ValidatorKey> {
    let path = directory.join("validator.key");
    ValidatorKey::from_bytes(&drawn(&path)?).with_context(|| format!("{} is not a key", path.display()))
}

/// The key that this house's secrets at rest are sealed with: drawn at the first start and kept in a file that only its
/// owner can read.
pub(crate) fn sealing_key(directory: &Path) -> anyhow::Result<Seal> {
    Ok(Seal::new(drawn(&directory.join("sealing.key"))?.0))
}

/// A secret of a file, drawn and written where there is none yet. Where another process is faster, its secret counts:
/// what is there is never written over.
fn drawn(path: &Path) -> anyhow::Result<B256> {
    if let Some(secret) = read_drawn(path)? {
        return Ok(secret);
    }
    let directory = path.parent().unwrap_or(path);
    std::fs::create_dir_all(directory)
        .with_context(|| format!("can't create the data directory {}", directory.display()))?;
    let draft = path.with_extension(format!("{:016x}.tmp", rand::random::<u64>()));
    let secret = B256::from(rand::random::<[u8; 32]>());
    let cant_write = || format!("can't write {}", path.display());
    write_secret(&draft, format!("{secret}\n").as_bytes()).with_context(cant_write)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).with_context(cant_write)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error).with_context(cant_write),
        _ => read_drawn(path)?.with_context(|| format!("{} is gone again", path.display())),
    }
}

fn read_drawn(path: &Path) -> anyhow::Result<Option<B256>> {
    match std::fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map(Some).with_context(|| format!("{} is not a key", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

/// Writes a file that only its owner can read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The least length of a new passphrase.
const PASSPHRASE_CHARS_MIN: usize = 10;

/// The passphrase from a file, or from the terminal. Never from the command
/// line, where every process could read it.
pub(crate) fn passphrase(file: Option<&Path>, new: bool) -> anyhow::Result<String> {
    let passphrase = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("can't read the passphrase file {}", path.display()))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => ask(new)?,
    };
    if new && passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        let reason = format!("the passphrase must have at least {PASSPHRASE_CHARS_MIN} characters");
        return Err(UsageError(reason).into());
    }
    Ok(passphrase)
}

fn ask(new: bool) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let reason = "a passphrase is needed: run this in a terminal, or give a file with --passphrase-file";
        return Err(UsageError(reason.into()).into());
    }
    let passphrase = rpassword::prompt_password("Passphrase: ").context("can't read the passphrase")?;
    if new {
        let again = rpassword::prompt_password("Once more: ").context("can't read the passphrase")?;
        anyhow::ensure!(passphrase == again, "the two passphrases differ; nothing was changed");
    }
    Ok(passphrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::b256;

    #[test]
    fn development_keys_are_the_well_known_ones() {
        let expected = [
            b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
            b256!("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
        ];
        assert_eq!(dev_keys(0, 2).unwrap(), expected);
        assert_eq!(dev_keys(1, 1).unwrap(), expected[1..]);
    }

    #[test]
    fn whoever_draws_at_once_has_the_same_secret() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/some.key");
        let drawing: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || drawn(&path).unwrap())
            })
            .collect();
        let all: Vec<_> = drawing.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(all.iter().all(|secret| *secret == drawn(&path).unwrap()), "{all:?}");
    }
}
