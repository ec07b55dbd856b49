//! The EVM's surroundings: fork rules and block values.

use alloy_consensus::Header;
use alloy_evm::{EvmEnv, eth::spec::EthExecutorSpec};
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::Address;
use ledger_chain::ChainSpec;
use std::sync::Arc;

/// The chain's rules in the shape that the block executor asks for.
#[derive(Debug, Clone)]
pub struct ExecutorSpec(pub Arc<ChainSpec>);

impl EthereumHardforks for ExecutorSpec {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        self.0.ethereum_fork_activation(fork)
    }
}

impl EthExecutorSpec for ExecutorSpec {
    fn deposit_contract_address(&self) -> Option<Address> {
        self.0.deposit_contract()
    }
}

/// The environment for executing a block with this header.
pub(crate) fn environment(spec: &ChainSpec, header: &Header) -> EvmEnv {
    EvmEnv::for_eth_block(header, spec, spec.chain_id(), spec.blob_params(header.timestamp))
}
