//! The encrypted keystores of a business (web3 secret storage), in `keys/` of its data directory.
//!
//! **Invariant:** `operator.json` is there at every moment, and no keystore is ever deleted or written over.

use alloy_primitives::{Address, B256};
use alloy_signer_local::PrivateKeySigner;
use anyhow::Context;
use ledger_consensus::ValidatorKey;
use platform_protocol::Signer;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

pub(crate) const VALIDATOR: &str = "validator";
pub(crate) const OPERATOR: &str = "operator";
/// The operator to be, while keys are exchanged.
const NEXT: &str = "operator.next";
/// What a former operator's keystore begins with; its address follows.
const FORMER: &str = "operator-0x";

/// The keys of a business, open.
pub(crate) struct Keys {
    pub(crate) validator: ValidatorKey,
    pub(crate) operator: Signer,
    /// The operator to be, where an exchange of keys began. Which of the two acts, the chain says.
    pub(crate) next: Option<Signer>,
    /// What former operators' campaigns have their coupons signed with.
    pub(crate) former_issuers: Vec<Signer>,
}

/// Decrypts the keys of a business.
pub(crate) fn open(directory: &Path, passphrase: &str) -> anyhow::Result<Keys> {
    let validator = secret(&path(directory, VALIDATOR), passphrase)?;
    let next = path(directory, NEXT);
    Ok(Keys {
        validator: ValidatorKey::from_bytes(&validator).context("the validator's key is not usable")?,
        operator: signer(&path(directory, OPERATOR), passphrase)?,
        next: if next.exists() { Some(signer(&next, passphrase)?) } else { None },
        former_issuers: former_issuers(directory, passphrase),
    })
}

/// Draws a key and writes it as an encrypted keystore, readable by its owner only. It is on the disk when this returns.
pub(crate) fn create(directory: &Path, name: &str, passphrase: &str) -> anyhow::Result<PrivateKeySigner> {
    use std::os::unix::fs::PermissionsExt;
    let keys = folder(directory);
    std::fs::create_dir_all(&keys).with_context(|| format!("can't create {}", keys.display()))?;
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("can't protect {}", keys.display()))?;
    let path = path(directory, name);
    anyhow::ensure!(!path.exists(), "{} exists already; move it away first", path.display());
    let signer = PrivateKeySigner::random();
    let mut random = rand08::thread_rng();
    // Half a keystore must not be taken for one.
    let draft = format!("{name}.tmp");
    let cant_write = || format!("can't write {}", path.display());
    PrivateKeySigner::encrypt_keystore(&keys, &mut random, signer.to_bytes(), passphrase, Some(&draft))
        .with_context(cant_write)?;
    let draft = keys.join(draft);
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("can't protect {}", path.display()))?;
    let kept = File::open(&draft).and_then(|file| file.sync_all());
    kept.and_then(|()| std::fs::rename(&draft, &path)).and_then(|()| sync(&keys)).with_context(cant_write)?;
    Ok(signer)
}

/// Draws the operator to be.
pub(crate) fn draw_next(directory: &Path, passphrase: &str) -> anyhow::Result<Signer> {
    let next = create(directory, NEXT, passphrase)?;
    Signer::from_bytes(&next.to_bytes()).context("the new key is not usable")
}

/// Whether an exchange of keys was begun and not ended.
pub(crate) fn has_next(directory: &Path) -> bool {
    path(directory, NEXT).exists()
}

/// Keeps the operator's keystore under its address beside the one that takes its place.
pub(crate) fn keep_former(directory: &Path, former: Address) -> anyhow::Result<()> {
    let (path, kept) = (path(directory, OPERATOR), former_path(directory, former));
    let linked = match std::fs::hard_link(&path, &kept) {
        // An exchange that was interrupted here did it before.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    };
    linked.and_then(|()| sync(&folder(directory))).with_context(|| format!("can't write {}", kept.display()))
}

/// Makes the operator to be the operator.
pub(crate) fn adopt_next(directory: &Path) -> anyhow::Result<()> {
    let path = path(directory, OPERATOR);
    let renamed = std::fs::rename(self::path(directory, NEXT), &path).and_then(|()| sync(&folder(directory)));
    renamed.with_context(|| format!("can't replace {}", path.display()))
}

/// Where a former operator's keystore is kept.
pub(crate) fn former_path(directory: &Path, former: Address) -> PathBuf {
    folder(directory).join(format!("operator-{}.json", former.to_checksum(None)))
}

/// The keystores of a data directory, by name.
pub(crate) fn list(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let keys = folder(directory);
    let cant_list = || format!("can't list {}", keys.display());
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&keys).with_context(cant_list)? {
        let path = entry.with_context(cant_list)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Decrypts one.
pub(crate) fn signer(path: &Path, passphrase: &str) -> anyhow::Result<Signer> {
    Signer::from_bytes(&secret(path, passphrase)?).with_context(|| format!("{} is not usable", path.display()))
}

fn secret(path: &Path, passphrase: &str) -> anyhow::Result<B256> {
    let signer = PrivateKeySigner::decrypt_keystore(path, passphrase)
        .with_context(|| format!("can't open {}: is the passphrase right?", path.display()))?;
    Ok(signer.to_bytes())
}

/// One that was moved away, or has another passphrase, only keeps its own campaigns from going on.
fn former_issuers(directory: &Path, passphrase: &str) -> Vec<Signer> {
    let all = list(directory).unwrap_or_default();
    let is_former = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(FORMER));
    let issuer = |path: PathBuf| match signer(&path, passphrase) {
        Ok(former) => Some(coupon_issuer(&former)),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "coupons of campaigns of this former key are not signed");
            None
        }
    };
    all.into_iter().filter(is_former).filter_map(issuer).collect()
}

/// The key that signs coupons: one that follows from the operator's, so that nobody has to keep another, and that can do
/// nothing else.
pub(crate) fn coupon_issuer(operator: &Signer) -> Signer {
    operator.derive("coupons")
}

fn folder(directory: &Path) -> PathBuf {
    directory.join("keys")
}

fn path(directory: &Path, name: &str) -> PathBuf {
    folder(directory).join(format!("{name}.json"))
}

fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHRASE: &str = "a phrase for tests";

    fn names(directory: &Path) -> Vec<String> {
        list(directory).unwrap().iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_next_key_takes_the_place_of_the_operator_also_after_a_kill_in_between() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        create(directory, VALIDATOR, PHRASE).unwrap();
        let old = create(directory, OPERATOR, PHRASE).unwrap().address();
        let next = draw_next(directory, PHRASE).unwrap().address();
        assert!(create(directory, OPERATOR, PHRASE).is_err(), "no keystore is written over");
        // A kill after the old one was kept: the house opens with both, and doing it again does no harm.
        keep_former(directory, old).unwrap();
        let keys = open(directory, PHRASE).unwrap();
        assert_eq!((keys.operator.address(), keys.next.map(|key| key.address())), (old, Some(next)));
        keep_former(directory, old).unwrap();
        adopt_next(directory).unwrap();
        let keys = open(directory, PHRASE).unwrap();
        assert_eq!((keys.operator.address(), keys.next.is_some()), (next, false));
        let issuers: Vec<Address> = keys.former_issuers.iter().map(Signer::address).collect();
        let former = signer(&former_path(directory, old), PHRASE).unwrap();
        assert_eq!((former.address(), issuers), (old, vec![coupon_issuer(&former).address()]));
        assert_eq!(names(directory), [&format!("operator-{old}"), "operator", "validator"]);
    }

    #[test]
    fn a_former_key_with_another_passphrase_does_not_keep_the_house_closed() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        create(directory, VALIDATOR, PHRASE).unwrap();
        create(directory, OPERATOR, PHRASE).unwrap();
        create(directory, &format!("operator-{}", Address::repeat_byte(1)), "another phrase").unwrap();
        assert!(open(directory, PHRASE).unwrap().former_issuers.is_empty());
        assert!(open(directory, "another phrase").is_err());
    }
}
