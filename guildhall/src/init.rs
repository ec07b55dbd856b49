//! `guildhall init`: keys, genesis and profile of a new business.

use crate::{
    chain::{self, GenesisPlan},
    cli::{InitArguments, UsageError},
    keys,
    keystore::{self, OPERATOR, VALIDATOR},
    profile::{Kind, Profile},
};
use anyhow::Context;
use ledger_chain::ChainSpec;
use std::{path::Path, sync::Arc};

pub(crate) fn run(arguments: InitArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    if Profile::read(directory)?.is_some() {
        let reason = format!("{} already holds a business; nothing was changed", directory.display());
        return Err(UsageError(reason).into());
    }
    let passphrase = keys::passphrase(arguments.passphrase_file.as_deref(), true)?;
    let validator = keystore::create(directory, VALIDATOR, &passphrase)?;
    let operator = keystore::create(directory, OPERATOR, &passphrase)?;
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
