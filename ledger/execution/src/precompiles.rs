//! Precompiled contracts under state overrides (execution-apis,
//! `movePrecompileToAddress`).

use crate::{environment::environment, ledger::Ledger};
use alloy_consensus::Header;
use alloy_evm::precompiles::{Precompile, PrecompilesMap};
use alloy_primitives::{Address, map::HashSet};
use alloy_rpc_types_eth::state::{AccountOverride, StateOverride};
use revm::{
    precompile::{PrecompileSpecId, Precompiles},
    primitives::hardfork::SpecId,
};
use std::collections::BTreeMap;

/// Why precompiles can't be arranged as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrecompileError {
    /// Only a precompile can be moved.
    #[error("account {0} is not a precompile")]
    NotPrecompile(Address),
    /// The target is overridden itself.
    #[error("account {0} is already overridden")]
    Overridden(Address),
    /// A precompile was moved there before.
    #[error("account {0} has already been overridden by a precompile")]
    Moved(Address),
}

/// The precompiles under these rules.
pub(crate) fn of(rules: SpecId) -> PrecompilesMap {
    PrecompilesMap::from_static(Precompiles::new(PrecompileSpecId::from_spec_id(rules)))
}

impl Ledger {
    /// Precompiled contracts by their names in EIP-7910, for a block after
    /// the merge at `time`.
    pub fn precompiles(&self, time: u64) -> BTreeMap<String, Address> {
        let header = Header { timestamp: time, number: u64::MAX, ..Header::default() };
        let precompiles = of(environment(self.spec(), &header).cfg_env.spec);
        let named = |address: &Address| {
            let precompile = precompiles.get(address)?;
            Some((precompile.precompile_id().name().to_owned(), *address))
        };
        precompiles.addresses().filter_map(named).collect()
    }
}

/// Moves precompiles, and takes away those whose account is overridden. Says
/// whether there were any.
pub(crate) fn arrange(overrides: &StateOverride, precompiles: &mut PrecompilesMap) -> Result<bool, PrecompileError> {
    let ordered: BTreeMap<&Address, &AccountOverride> = overrides.iter().collect();
    let mut changed = false;
    let mut targets: HashSet<Address> = HashSet::default();
    for (address, account) in ordered {
        if targets.contains(address) {
            return Err(PrecompileError::Moved(*address));
        }
        let is_precompile = precompiles.get(address).is_some();
        if !is_precompile && account.move_precompile_to.is_some() {
            return Err(PrecompileError::NotPrecompile(*address));
        }
        if !is_precompile {
            continue;
        }
        changed = true;
        let mut taken = None;
        precompiles.apply_precompile(address, |precompile| {
            taken = precompile;
            None
        });
        if let Some(target) = account.move_precompile_to {
            if overrides.contains_key(&target) {
                return Err(PrecompileError::Overridden(target));
            }
            precompiles.apply_precompile(&target, |_| taken);
            targets.insert(target);
        }
    }
    Ok(changed)
}
