//! `guildhall init`: keys, genesis and profile of a new business.

use crate::{
    chain::{self, GenesisPlan},
    cli::{InitArguments, UsageError},
    keys,
    profile::{Kind, Profile},
};
use alloy_primitives::B256;
use alloy_signer_local::PrivateKeySigner;
use anyhow::Context;
use ledger_chain::ChainSpec;
use ledger_consensus::ValidatorKey;
use platform_protocol::Signer;
use std::{path::Path, sync::Arc};

const VALIDATOR: &str = "validator";
const OPERATOR: &str = "operator";

pub(crate) fn run(arguments: InitArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    if Profile::read(directory)?.is_some() {
        let reason = format!("{} already holds a business; nothing was changed", directory.display());
        return Err(UsageError(reason).into());
    }
    let passphrase = keys::passphrase(arguments.passphrase_file.as_deref(), true)?;
    let validator = create_key(directory, VALIDATOR, &passphrase)?;
    let operator = create_key(directory, OPERATOR, &passphrase)?;
    let plan = GenesisPlan {
        chain_id: arguments.chain_id,
        timestamp: chain::now(),
        validator: validator.address(),
        balances: Vec::new(),
    };
    let spec = chain::open_or_create(directory, || chain::genesis(&plan))?;
    // The profile last: a directory without one is not a business yet.
    Profile { kind: Kind::Business, name: arguments.name.clone() }.write(directory)?;
    eprintln!("{} is ready in {}.", arguments.name, directory.display());
    eprintln!("  chain id   {}", spec.chain_id());
    eprintln!("  genesis    {}", spec.genesis_hash());
    eprintln!("  validator  {}  (keys/{VALIDATOR}.json)", validator.address());
    eprintln!("  operator   {}  (keys/{OPERATOR}.json)", operator.address());
    eprintln!("Keep the passphrase and a copy of keys/ in a safe place: nobody can restore them.");
    eprintln!("Next: guildhall up --data-dir {}", directory.display());
    Ok(())
}

/// The business's chain.
pub(crate) fn spec(directory: &Path) -> anyhow::Result<Arc<ChainSpec>> {
    let path = directory.join("genesis.json");
    let json = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(Arc::new(ChainSpec::from_json(&json).with_context(|| format!("{} is not usable", path.display()))?))
}

/// Decrypts the validator's and the operator's key.
pub(crate) fn open_keys(directory: &Path, passphrase: &str) -> anyhow::Result<(ValidatorKey, Signer)> {
    let open = |name: &str| -> anyhow::Result<B256> {
        let path = directory.join("keys").join(format!("{name}.json"));
        let signer = PrivateKeySigner::decrypt_keystore(&path, passphrase)
            .with_context(|| format!("can't open {}: is the passphrase right?", path.display()))?;
        Ok(signer.to_bytes())
    };
    let validator = ValidatorKey::from_bytes(&open(VALIDATOR)?).context("the validator's key is not usable")?;
    let operator = Signer::from_bytes(&open(OPERATOR)?).context("the operator's key is not usable")?;
    Ok((validator, operator))
}

/// Draws a key and writes it as an encrypted keystore (web3 secret storage),
/// readable by its owner only.
fn create_key(directory: &Path, name: &str, passphrase: &str) -> anyhow::Result<PrivateKeySigner> {
    use std::os::unix::fs::PermissionsExt;
    let keys = directory.join("keys");
    std::fs::create_dir_all(&keys).with_context(|| format!("can't create {}", keys.display()))?;
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("can't protect {}", keys.display()))?;
    let path = keys.join(format!("{name}.json"));
    anyhow::ensure!(!path.exists(), "{} exists already; move it away first", path.display());
    let signer = PrivateKeySigner::random();
    let mut random = rand08::thread_rng();
    PrivateKeySigner::encrypt_keystore(
        &keys,
        &mut random,
        signer.to_bytes(),
        passphrase,
        Some(&format!("{name}.json")),
    )
    .with_context(|| format!("can't write {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("can't protect {}", path.display()))?;
    Ok(signer)
}
