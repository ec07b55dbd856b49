//! The chain specification, read from a geth-format `genesis.json`.

use alloy_consensus::{Header, constants::EMPTY_WITHDRAWALS};
use alloy_eips::{eip1559::INITIAL_BASE_FEE, eip2124::ForkHash, eip7685::EMPTY_REQUESTS_HASH, eip7840::BlobParams};
use alloy_genesis::{ChainConfig, Genesis};
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::{Address, B256, U256};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount, root::state_root_unhashed};

/// Why a genesis file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file is not the JSON of a genesis.
    #[error("the genesis is not valid geth-format JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A Guildhall setting in `config` has the wrong type.
    #[error("genesis config.{field} must be {expected}")]
    Setting {
        /// The field's name inside `config`.
        field: &'static str,
        /// What it should be, in words.
        expected: &'static str,
    },
    /// The chain id is zero, which no wallet accepts.
    #[error("genesis config.chainId must be at least 1")]
    ChainId,
}

/// How the base fee of a block follows from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseFeePolicy {
    /// EIP-1559 without change, never below `floor` (wei).
    Eip1559 {
        /// The lowest base fee in wei; 0 leaves EIP-1559 as it is.
        floor: u64,
    },
    /// Always zero, for a consortium or a development chain
    /// (`"zeroBaseFee": true` in the genesis config, the name Besu uses).
    Zero,
}

/// A chain's identity and rules. Cheap to share behind an `Arc`.
#[derive(Debug, Clone)]
pub struct ChainSpec {
    genesis: Genesis,
    genesis_header: Header,
    genesis_hash: B256,
    base_fee: BaseFeePolicy,
    equal_timestamps: bool,
    blob_schedule: Vec<(u64, BlobParams)>,
}

impl ChainSpec {
    /// Parses a geth-format genesis file.
    ///
    /// # Errors
    /// [`SpecError`] when the JSON or one of the settings is not usable.
    pub fn from_json(json: &[u8]) -> Result<Self, SpecError> {
        Self::new(serde_json::from_slice(json)?)
    }

    /// Builds the specification of `genesis`.
    ///
    /// # Errors
    /// [`SpecError::ChainId`] for chain id 0, [`SpecError::Setting`] for a
    /// Guildhall setting of the wrong type.
    pub fn new(genesis: Genesis) -> Result<Self, SpecError> {
        if genesis.config.chain_id == 0 {
            return Err(SpecError::ChainId);
        }
        let base_fee = base_fee_policy(&genesis.config)?;
        let equal_timestamps = switch(&genesis.config, "equalTimestamps")?;
        let blob_schedule = blob_schedule(&genesis.config);
        let mut spec = Self {
            genesis,
            genesis_header: Header::default(),
            genesis_hash: B256::ZERO,
            base_fee,
            equal_timestamps,
            blob_schedule,
        };
        spec.genesis_header = spec.build_genesis_header();
        spec.genesis_hash = spec.genesis_header.hash_slow();
        Ok(spec)
    }

    /// The genesis as it was given, allocations included.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The chain id of EIP-155.
    pub const fn chain_id(&self) -> u64 {
        self.genesis.config.chain_id
    }

    /// The header of block 0.
    pub const fn genesis_header(&self) -> &Header {
        &self.genesis_header
    }

    /// The hash of block 0.
    pub const fn genesis_hash(&self) -> B256 {
        self.genesis_hash
    }

    /// How base fees are set on this chain.
    pub const fn base_fee_policy(&self) -> BaseFeePolicy {
        self.base_fee
    }

    /// The earliest timestamp of a block after one at `parent`, in seconds.
    ///
    /// Ethereum demands that time moves by at least a second a block. A chain
    /// that makes several blocks a second would run ahead of the clock, and
    /// every deadline with it; `"equalTimestamps": true` in the genesis
    /// config lets such blocks share their second.
    pub const fn earliest_timestamp(&self, parent: u64) -> u64 {
        if self.equal_timestamps { parent } else { parent.saturating_add(1) }
    }

    /// The deposit contract of EIP-6110, where the genesis names one.
    pub const fn deposit_contract(&self) -> Option<Address> {
        self.genesis.config.deposit_contract_address
    }

    /// Blob parameters in force at `timestamp` (EIP-7840, EIP-7892), or `None`
    /// before Cancun.
    pub fn blob_params(&self, timestamp: u64) -> Option<BlobParams> {
        self.blob_schedule.iter().rev().find(|(from, _)| *from <= timestamp).map(|(_, params)| *params)
    }

    /// The times after genesis at which rules change, in order.
    pub fn fork_times(&self) -> Vec<u64> {
        let times =
            EthereumHardfork::VARIANTS.iter().map(|fork| fork_condition(&self.genesis.config, *fork).as_timestamp());
        in_order(times, self.genesis.timestamp)
    }

    /// The fork hash at `time` (EIP-2124, EIP-6122): the genesis, all block
    /// forks, and the time forks up to then.
    pub fn fork_hash(&self, time: u64) -> ForkHash {
        let config = &self.genesis.config;
        let blocks = [
            config.homestead_block,
            config.dao_fork_block,
            config.eip150_block,
            config.eip155_block,
            config.eip158_block,
            config.byzantium_block,
            config.constantinople_block,
            config.petersburg_block,
            config.istanbul_block,
            config.muir_glacier_block,
            config.berlin_block,
            config.london_block,
            config.arrow_glacier_block,
            config.gray_glacier_block,
            config.merge_netsplit_block,
        ];
        let times = self.fork_times().into_iter().take_while(|fork| *fork <= time);
        let mut hash = ForkHash::from(self.genesis_hash);
        for fork in in_order(blocks, 0).into_iter().chain(times) {
            hash += fork;
        }
        hash
    }

    /// The base fee of a block at `number` on top of `parent`, or `None`
    /// before London.
    pub fn next_base_fee(&self, parent: &Header) -> Option<u64> {
        let number = parent.number.saturating_add(1);
        if !self.is_london_active_at_block(number) {
            return None;
        }
        match self.base_fee {
            BaseFeePolicy::Zero => Some(0),
            BaseFeePolicy::Eip1559 { floor } => {
                let next = if self.is_london_active_at_block(parent.number) {
                    parent
                        .next_block_base_fee(alloy_eips::eip1559::BaseFeeParams::ethereum())
                        .unwrap_or(INITIAL_BASE_FEE)
                } else {
                    INITIAL_BASE_FEE
                };
                Some(next.max(floor))
            }
        }
    }

    fn build_genesis_header(&self) -> Header {
        let genesis = &self.genesis;
        let number = genesis.number.unwrap_or(0);
        let time = genesis.timestamp;
        let shanghai = self.is_shanghai_active_at_timestamp(time);
        let cancun = self.is_cancun_active_at_timestamp(time);
        let prague = self.is_prague_active_at_timestamp(time);
        let base_fee = self.is_london_active_at_block(number).then(|| {
            let given = genesis.base_fee_per_gas.map(|fee| u64::try_from(fee).unwrap_or(u64::MAX));
            match self.base_fee {
                BaseFeePolicy::Zero => given.unwrap_or(0),
                BaseFeePolicy::Eip1559 { floor } => given.unwrap_or(INITIAL_BASE_FEE).max(floor),
            }
        });
        Header {
            parent_hash: genesis.parent_hash.unwrap_or_default(),
            number,
            timestamp: time,
            extra_data: genesis.extra_data.clone(),
            gas_limit: genesis.gas_limit,
            difficulty: genesis.difficulty,
            mix_hash: genesis.mix_hash,
            nonce: genesis.nonce.into(),
            beneficiary: genesis.coinbase,
            state_root: state_root_unhashed(
                genesis.alloc.iter().map(|(address, account)| (*address, TrieAccount::from(account.clone()))),
            ),
            base_fee_per_gas: base_fee,
            withdrawals_root: shanghai.then_some(EMPTY_WITHDRAWALS),
            parent_beacon_block_root: cancun.then_some(B256::ZERO),
            blob_gas_used: cancun.then(|| genesis.blob_gas_used.unwrap_or(0)),
            excess_blob_gas: cancun.then(|| genesis.excess_blob_gas.unwrap_or(0)),
            requests_hash: prague.then_some(EMPTY_REQUESTS_HASH),
            transactions_root: EMPTY_ROOT_HASH,
            receipts_root: EMPTY_ROOT_HASH,
            ..Header::default()
        }
    }
}

impl EthereumHardforks for ChainSpec {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        fork_condition(&self.genesis.config, fork)
    }
}

/// Forks after `start`, each once.
fn in_order(forks: impl IntoIterator<Item = Option<u64>>, start: u64) -> Vec<u64> {
    let forks: std::collections::BTreeSet<u64> = forks.into_iter().flatten().filter(|fork| *fork > start).collect();
    forks.into_iter().collect()
}

fn switch(config: &ChainConfig, field: &'static str) -> Result<bool, SpecError> {
    match config.extra_fields.get(field) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or(SpecError::Setting { field, expected: "true or false" }),
    }
}

fn base_fee_policy(config: &ChainConfig) -> Result<BaseFeePolicy, SpecError> {
    if switch(config, "zeroBaseFee")? {
        return Ok(BaseFeePolicy::Zero);
    }
    let floor = match config.extra_fields.get("minBaseFee") {
        None => 0,
        Some(value) => value.as_u64().ok_or(SpecError::Setting { field: "minBaseFee", expected: "a number of wei" })?,
    };
    Ok(BaseFeePolicy::Eip1559 { floor })
}

/// Blob parameters by activation time: the fork's own values unless the
/// genesis carries a `blobSchedule` entry for it.
fn blob_schedule(config: &ChainConfig) -> Vec<(u64, BlobParams)> {
    let named = |name: &str| config.blob_schedule.get(name).copied();
    // The blob base cost and the cap a transaction came with Osaka (EIP-7918,
    // EIP-7594); a schedule entry only sets the other three.
    let with_osaka_rules = |name: &str| {
        named(name).map(|mut params| {
            params.blob_base_cost = alloy_eips::eip7840::BLOB_BASE_COST;
            params.max_blobs_per_tx = alloy_eips::eip7594::MAX_BLOBS_PER_TX_FUSAKA;
            params
        })
    };
    let mut schedule: Vec<(u64, BlobParams)> = [
        (config.cancun_time, Some(named("cancun").unwrap_or_else(BlobParams::cancun))),
        (config.prague_time, Some(named("prague").unwrap_or_else(BlobParams::prague))),
        (config.osaka_time, Some(with_osaka_rules("osaka").unwrap_or_else(BlobParams::osaka))),
        (config.bpo1_time, with_osaka_rules("bpo1")),
        (config.bpo2_time, with_osaka_rules("bpo2")),
        (config.bpo3_time, with_osaka_rules("bpo3")),
        (config.bpo4_time, with_osaka_rules("bpo4")),
        (config.bpo5_time, with_osaka_rules("bpo5")),
    ]
    .into_iter()
    .filter_map(|(time, params)| Some((time?, params?)))
    .collect();
    // Stable: of two forks at one time the later fork's entry wins.
    schedule.sort_by_key(|(time, _)| *time);
    schedule
}

fn fork_condition(config: &ChainConfig, fork: EthereumHardfork) -> ForkCondition {
    use EthereumHardfork as Fork;
    let block = |at: Option<u64>| at.map_or(ForkCondition::Never, ForkCondition::Block);
    let time = |at: Option<u64>| at.map_or(ForkCondition::Never, ForkCondition::Timestamp);
    match fork {
        Fork::Frontier => ForkCondition::Block(0),
        Fork::Homestead => block(config.homestead_block),
        Fork::Dao if config.dao_fork_support => block(config.dao_fork_block),
        Fork::Tangerine => block(config.eip150_block),
        Fork::SpuriousDragon => block(config.eip158_block.or(config.eip155_block)),
        Fork::Byzantium => block(config.byzantium_block),
        Fork::Constantinople => block(config.constantinople_block),
        // geth: a missing petersburgBlock means "with Constantinople".
        Fork::Petersburg => block(config.petersburg_block.or(config.constantinople_block)),
        Fork::Istanbul => block(config.istanbul_block),
        Fork::MuirGlacier => block(config.muir_glacier_block),
        Fork::Berlin => block(config.berlin_block),
        Fork::London => block(config.london_block),
        Fork::ArrowGlacier => block(config.arrow_glacier_block),
        Fork::GrayGlacier => block(config.gray_glacier_block),
        Fork::Paris => paris(config),
        Fork::Shanghai => time(config.shanghai_time),
        Fork::Cancun => time(config.cancun_time),
        Fork::Prague => time(config.prague_time),
        Fork::Osaka => time(config.osaka_time),
        Fork::Bpo1 => time(config.bpo1_time),
        Fork::Bpo2 => time(config.bpo2_time),
        Fork::Bpo3 => time(config.bpo3_time),
        Fork::Bpo4 => time(config.bpo4_time),
        Fork::Bpo5 => time(config.bpo5_time),
        // Amsterdam and later are not rules this ledger has.
        _ => ForkCondition::Never,
    }
}

/// The merge. Its block follows from `mergeNetsplitBlock` where given; a
/// chain with a terminal total difficulty of zero was born after it.
fn paris(config: &ChainConfig) -> ForkCondition {
    let Some(total_difficulty) = config.terminal_total_difficulty else {
        return ForkCondition::Never;
    };
    let activation_block_number = if total_difficulty == U256::ZERO {
        0
    } else {
        match config.merge_netsplit_block {
            Some(block) => block,
            None if config.terminal_total_difficulty_passed => 0,
            None => return ForkCondition::Never,
        }
    };
    ForkCondition::TTD { activation_block_number, fork_block: None, total_difficulty }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OSAKA: &str = r#"{"config":{"chainId":31337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
        "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
        "terminalTotalDifficulty":0,"shanghaiTime":0,"cancunTime":0,"pragueTime":0,"osakaTime":0,"zeroBaseFee":true},
        "gasLimit":"0x1c9c380","difficulty":"0x0","alloc":{}}"#;

    #[test]
    fn a_new_chain_starts_at_osaka_with_every_header_field() {
        let spec = ChainSpec::from_json(OSAKA.as_bytes()).unwrap();
        let header = spec.genesis_header();
        assert!(spec.is_osaka_active_at_timestamp(0));
        assert_eq!(header.base_fee_per_gas, Some(0));
        assert_eq!(header.state_root, EMPTY_ROOT_HASH);
        assert_eq!(header.requests_hash, Some(EMPTY_REQUESTS_HASH));
        assert_eq!(spec.next_base_fee(header), Some(0));
    }

    #[test]
    fn settings_of_the_wrong_type_are_named() {
        let json = OSAKA.replace("\"zeroBaseFee\":true", "\"zeroBaseFee\":\"yes\"");
        let error = ChainSpec::from_json(json.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "genesis config.zeroBaseFee must be true or false");
    }

    #[test]
    fn the_public_mainnet_genesis_rules_follow_the_schedule() {
        let json =
            OSAKA.replace("\"osakaTime\":0", "\"osakaTime\":100").replace("\"zeroBaseFee\":true", "\"minBaseFee\":7");
        let spec = ChainSpec::from_json(json.as_bytes()).unwrap();
        assert_eq!(spec.blob_params(99).unwrap().max_blobs_per_tx, 9);
        assert_eq!(spec.blob_params(100).unwrap().max_blobs_per_tx, 6);
        assert_eq!(spec.base_fee_policy(), BaseFeePolicy::Eip1559 { floor: 7 });
    }
}
