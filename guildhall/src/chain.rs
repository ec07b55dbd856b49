//! Genesis of the chains that Guildhall starts.

use alloy_eips::{eip2935, eip4788, eip7002, eip7251};
use alloy_genesis::{ChainConfig, Genesis, GenesisAccount};
use alloy_primitives::{Address, B256, Bytes, U256, address, bytes, keccak256};
use ledger_chain::ChainSpec;
use ledger_consensus::{ValidatorKey, ValidatorSet};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// The genesis in a data directory.
pub(crate) const GENESIS_FILE: &str = "genesis.json";

/// The ledger's folder in a data directory.
pub(crate) const LEDGER_FOLDER: &str = "ledger";

/// Gas limit of blocks on chains of our own.
pub(crate) const GAS_LIMIT: u64 = 200_000_000;

/// Arachnid's deterministic deployer, which Foundry and others expect.
const CREATE2_DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
const CREATE2_DEPLOYER_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// What a new chain starts with.
#[derive(Debug)]
pub(crate) struct GenesisPlan {
    pub(crate) chain_id: u64,
    /// Seconds since 1970 of block 0.
    pub(crate) timestamp: u64,
    pub(crate) validator: Address,
    /// Accounts with native coins, in wei.
    pub(crate) balances: Vec<(Address, U256)>,
}

/// A chain at Osaka whose transactions are free and whose blocks may share a
/// second.
pub(crate) fn genesis(plan: &GenesisPlan) -> Genesis {
    let mut config = ChainConfig {
        chain_id: plan.chain_id,
        homestead_block: Some(0),
        eip150_block: Some(0),
        eip155_block: Some(0),
        eip158_block: Some(0),
        byzantium_block: Some(0),
        constantinople_block: Some(0),
        petersburg_block: Some(0),
        istanbul_block: Some(0),
        berlin_block: Some(0),
        london_block: Some(0),
        terminal_total_difficulty: Some(U256::ZERO),
        terminal_total_difficulty_passed: true,
        shanghai_time: Some(0),
        cancun_time: Some(0),
        prague_time: Some(0),
        osaka_time: Some(0),
        ..ChainConfig::default()
    };
    config.extra_fields.insert("zeroBaseFee".into(), true.into());
    config.extra_fields.insert("equalTimestamps".into(), true.into());
    Genesis {
        config,
        timestamp: plan.timestamp,
        gas_limit: GAS_LIMIT,
        extra_data: ValidatorSet::solo(plan.validator).hash().into(),
        alloc: allocations(&plan.balances),
        ..Genesis::default()
    }
}

fn allocations(balances: &[(Address, U256)]) -> BTreeMap<Address, GenesisAccount> {
    let contract = |code: Bytes| GenesisAccount { nonce: Some(1), code: Some(code), ..GenesisAccount::default() };
    let mut alloc = BTreeMap::from([
        (eip4788::BEACON_ROOTS_ADDRESS, contract(eip4788::BEACON_ROOTS_CODE.clone())),
        (eip2935::HISTORY_STORAGE_ADDRESS, contract(eip2935::HISTORY_STORAGE_CODE.clone())),
        (eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, contract(eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE.clone())),
        (
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            contract(eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE.clone()),
        ),
        (CREATE2_DEPLOYER, contract(CREATE2_DEPLOYER_CODE)),
    ]);
    for (address, balance) in balances {
        alloc.entry(*address).or_default().balance = *balance;
    }
    alloc
}

/// The validator of a development chain: known to everyone, like its other
/// keys.
pub(crate) fn dev_validator() -> ValidatorKey {
    let secret: B256 = keccak256("guildhall development validator");
    ValidatorKey::from_bytes(&secret).expect("this hash is below the curve's order")
}

/// Reads the genesis in `directory`, or writes `fresh` there. The first start
/// decides what the chain is; later ones follow it.
pub(crate) fn open_or_create(directory: &Path, fresh: impl FnOnce() -> Genesis) -> anyhow::Result<Arc<ChainSpec>> {
    use anyhow::Context;
    let path = directory.join(GENESIS_FILE);
    let json = match std::fs::read(&path) {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let json = serde_json::to_vec_pretty(&fresh()).context("can't encode the genesis")?;
            std::fs::create_dir_all(directory)
                .with_context(|| format!("can't create the data directory {}", directory.display()))?;
            write_new(&path, &json).with_context(|| format!("can't write {}", path.display()))?;
            json
        }
        Err(error) => return Err(error).with_context(|| format!("can't read {}", path.display())),
    };
    let spec = ChainSpec::from_json(&json).with_context(|| format!("{} is not usable", path.display()))?;
    Ok(Arc::new(spec))
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes)?;
    std::fs::File::open(&temporary)?.sync_all()?;
    std::fs::rename(&temporary, path)
}

/// The system's time in seconds since 1970.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
