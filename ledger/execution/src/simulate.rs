//! Calls that leave no trace: `eth_call`, `eth_estimateGas` and
//! `eth_createAccessList` run here.

use crate::{block_state::BlockState, environment::environment, ledger::Ledger, precompiles};
use alloy_consensus::Header;
use alloy_evm::{
    Evm, EvmEnv, EvmFactory,
    eth::EthEvmFactory,
    overrides::{apply_block_overrides, apply_state_overrides},
    precompiles::PrecompilesMap,
    rpc::TryIntoTxEnv,
};
use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_eth::{AccessList, BlockOverrides, TransactionRequest, state::StateOverride};
use ledger_state::StateView;
use revm::{
    Database,
    context::{
        TxEnv,
        result::{EVMError, ExecutionResult, HaltReason, ResultAndState},
    },
    primitives::KECCAK_EMPTY,
};

/// A call on the state after `view`, as if in the block of `header`.
#[derive(Debug, Clone)]
pub struct Call {
    /// State to run on.
    pub view: StateView,
    /// Block values that the call sees.
    pub header: Header,
    /// What to run.
    pub request: TransactionRequest,
    /// Accounts to change for this call.
    pub state_overrides: Option<StateOverride>,
    /// Block values to change for this call.
    pub block_overrides: Option<BlockOverrides>,
    /// The most gas the call may use.
    pub gas_cap: u64,
}

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The contract reverted with this output.
    #[error("execution reverted")]
    Reverted(Bytes),
    /// Execution stopped for another reason.
    #[error("{reason}")]
    Halted {
        /// In the words that clients know from geth.
        reason: String,
    },
    /// The call can't be run as asked.
    #[error("{0}")]
    Invalid(String),
    /// Even with all the gas there is, the call runs out of it.
    #[error("gas required exceeds allowance ({0})")]
    GasAllowance(u64),
    /// Stored state could not be read.
    #[error("{0}")]
    State(String),
}

/// What a call did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Returned bytes.
    pub output: Bytes,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Whether it succeeded; `false` for a revert or halt.
    pub success: bool,
}

impl CallError {
    fn invalid(error: impl std::fmt::Display) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// A call that is ready to run.
pub(crate) struct Prepared {
    pub(crate) state: BlockState,
    pub(crate) surroundings: Surroundings,
    pub(crate) transaction: TxEnv,
}

/// Block values, rules and precompiles.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) environment: EvmEnv,
    /// Overrides that touch precompiles; checked.
    rearranged: Option<StateOverride>,
}

impl Surroundings {
    pub(crate) const fn new(environment: EvmEnv) -> Self {
        Self { environment, rearranged: None }
    }

    fn precompiles(&self) -> PrecompilesMap {
        let mut precompiles = precompiles::of(self.environment.cfg_env.spec);
        if let Some(overrides) = &self.rearranged {
            // It was arranged before without an error.
            let _ = precompiles::arrange(overrides, &mut precompiles);
        }
        precompiles
    }

    /// Puts rearranged precompiles into an EVM.
    pub(crate) fn enter<E: Evm<Precompiles = PrecompilesMap>>(&self, mut evm: E) -> E {
        if self.rearranged.is_some() {
            *evm.components_mut().2 = self.precompiles();
        }
        evm
    }
}

impl Ledger {
    /// Runs a call and returns its output.
    ///
    /// # Errors
    /// [`CallError`]; a revert carries its output.
    pub fn call(&self, call: Call) -> Result<Outcome, CallError> {
        let Prepared { state, surroundings, transaction } = self.prepare(call)?;
        let ResultAndState { result, .. } = run(state, &surroundings, transaction)?;
        into_outcome(result)
    }

    /// The least gas with which a call succeeds, by bisection between what
    /// it used and what it may use.
    ///
    /// # Errors
    /// [`CallError`] when it fails with all the gas it may use.
    pub fn estimate_gas(&self, call: Call) -> Result<u64, CallError> {
        let simple_to = call.request.to.and_then(|to| to.to().copied());
        let has_input = call.request.input.input().is_some_and(|input| !input.is_empty());
        let given = call.request.gas;
        let Prepared { mut state, surroundings, mut transaction } = self.prepare(call)?;
        let allowance = gas_allowance(&mut state, &transaction)?;
        let mut high = given.unwrap_or(transaction.gas_limit).min(transaction.gas_limit).min(allowance);
        if let (Some(to), false) = (simple_to, has_input)
            && is_plain_account(&mut state, to)?
            && high >= 21_000
            && transaction.authorization_list.is_empty()
            && transaction.access_list.0.is_empty()
        {
            return Ok(21_000);
        }
        let attempt = |transaction: &TxEnv, gas: u64| {
            let mut transaction = transaction.clone();
            transaction.gas_limit = gas;
            run(state.clone(), &surroundings, transaction).map(|outcome| outcome.result)
        };
        transaction.gas_limit = high;
        let first = match attempt(&transaction, high) {
            Ok(result) => result,
            Err(CallError::Invalid(reason)) if reason.contains("gas") && allowance == high => {
                return Err(CallError::GasAllowance(high));
            }
            Err(error) => return Err(error),
        };
        let used = first.tx_gas_used();
        if !first.is_success() {
            return match into_outcome(first) {
                Err(CallError::Halted { reason }) if reason == "out of gas" => Err(CallError::GasAllowance(high)),
                Err(error) => Err(error),
                Ok(_) => Err(CallError::GasAllowance(high)),
            };
        }
        let mut low = used.saturating_sub(1);
        // Most calls need little more than they use: 63/64 of the gas goes
        // down a call (EIP-150), and refunds come only at the end.
        let optimistic = used.saturating_mul(64) / 63 + 2_300;
        if optimistic < high {
            match attempt(&transaction, optimistic) {
                Ok(result) if result.is_success() => high = optimistic,
                _ => low = optimistic,
            }
        }
        while low + 1 < high {
            // Within 1.5 % is as good as geth answers, in half the runs.
            if (high - low) * 1_000 < high * 15 {
                break;
            }
            let middle = low + (high - low) / 2;
            match attempt(&transaction, middle) {
                Ok(result) if result.is_success() => high = middle,
                _ => low = middle,
            }
        }
        Ok(high)
    }

    /// The access list that a call would use, and the gas it takes with it
    /// (EIP-2930).
    ///
    /// # Errors
    /// [`CallError`] when the call can't be run; a revert is reported in the
    /// third value.
    pub fn create_access_list(&self, call: Call) -> Result<(AccessList, u64, Option<String>), CallError> {
        let sender = call.request.from.unwrap_or_default();
        let to = call.request.to.and_then(|to| to.to().copied());
        let Prepared { state, surroundings, mut transaction } = self.prepare(call)?;
        let mut list = transaction.access_list.clone();
        let created = to.is_none().then(|| sender.create(transaction.nonce));
        let precompiles = surroundings.precompiles();
        let is_precompile = |address: &Address| precompiles.get(address).is_some();
        // The list changes what is warm, so what is touched may change with
        // it: repeat until it stays the same.
        for _ in 0..8 {
            transaction.access_list = list.clone();
            let ResultAndState { result, state: touched } = run(state.clone(), &surroundings, transaction.clone())?;
            let mut items: Vec<_> = touched
                .iter()
                .filter(|(address, account)| {
                    let implied = **address == sender
                        || Some(**address) == to
                        || Some(**address) == created
                        || **address == surroundings.environment.block_env.beneficiary
                        || is_precompile(address);
                    !implied || !account.storage.is_empty() && **address != sender
                })
                .map(|(address, account)| {
                    let mut keys: Vec<_> = account.storage.keys().map(|slot| slot.to_be_bytes().into()).collect();
                    keys.sort_unstable();
                    alloy_rpc_types_eth::AccessListItem { address: *address, storage_keys: keys }
                })
                .collect();
            items.sort_unstable_by_key(|item| item.address);
            let next = AccessList(items);
            if next == list {
                let error = (!result.is_success()).then(|| match into_outcome(result.clone()) {
                    Err(error) => error.to_string(),
                    Ok(_) => String::new(),
                });
                return Ok((list, result.tx_gas_used(), error));
            }
            list = next;
        }
        Err(CallError::Invalid("the access list does not settle".into()))
    }

    /// The state, surroundings and transaction of a call.
    pub(crate) fn prepare(&self, call: Call) -> Result<Prepared, CallError> {
        let mut state = BlockState::new(call.view, self.codes().clone());
        let mut environment = environment(self.spec(), &call.header);
        environment.cfg_env.disable_eip3607 = true;
        environment.cfg_env.disable_block_gas_limit = true;
        environment.cfg_env.tx_gas_limit_cap = Some(u64::MAX);
        environment.cfg_env.disable_nonce_check = true;
        if let Some(overrides) = call.block_overrides {
            apply_block_overrides(overrides, &mut state, &mut environment.block_env);
        }
        let mut rearranged = None;
        if let Some(overrides) = call.state_overrides {
            let mut precompiles = precompiles::of(environment.cfg_env.spec);
            if precompiles::arrange(&overrides, &mut precompiles).map_err(CallError::invalid)? {
                rearranged = Some(overrides.clone());
            }
            apply_state_overrides(overrides, &mut state).map_err(CallError::invalid)?;
        }
        let mut request = call.request;
        let gas = request.gas.unwrap_or(call.gas_cap).min(call.gas_cap);
        request.gas = Some(gas);
        if request.nonce.is_none() {
            let sender = request.from.unwrap_or_default();
            let account = state.basic(sender).map_err(|error| CallError::State(error.to_string()))?;
            request.nonce = Some(account.map_or(0, |account| account.nonce));
        }
        let mut transaction: TxEnv = request.try_into_tx_env(&environment).map_err(CallError::invalid)?;
        if transaction.gas_price == 0 {
            environment.cfg_env.disable_base_fee = true;
        } else {
            // A call with a price must be payable: as much gas as it affords.
            let allowance = gas_allowance(&mut state, &transaction)?;
            transaction.gas_limit = transaction.gas_limit.min(allowance);
        }
        Ok(Prepared { state, surroundings: Surroundings { environment, rearranged }, transaction })
    }
}

fn run(
    state: BlockState,
    surroundings: &Surroundings,
    transaction: TxEnv,
) -> Result<ResultAndState<HaltReason>, CallError> {
    let evm = EthEvmFactory::default().create_evm(state, surroundings.environment.clone());
    surroundings.enter(evm).transact(transaction).map_err(|error| match error {
        EVMError::Database(error) => CallError::State(error.to_string()),
        EVMError::Transaction(error) => CallError::Invalid(error.to_string()),
        error => CallError::Invalid(error.to_string()),
    })
}

fn into_outcome(result: ExecutionResult) -> Result<Outcome, CallError> {
    let gas_used = result.tx_gas_used();
    match result {
        ExecutionResult::Success { output, .. } => Ok(Outcome { output: output.into_data(), gas_used, success: true }),
        ExecutionResult::Revert { output, .. } => Err(CallError::Reverted(output)),
        ExecutionResult::Halt { reason, .. } => Err(CallError::Halted { reason: halt_reason(&reason) }),
    }
}

/// The words that geth uses, which clients match on.
pub(crate) fn halt_reason(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".into(),
        HaltReason::OpcodeNotFound | HaltReason::InvalidFEOpcode => "invalid opcode".into(),
        HaltReason::InvalidJump => "invalid jump destination".into(),
        HaltReason::StackUnderflow => "stack underflow".into(),
        HaltReason::StackOverflow => "stack limit reached 1024".into(),
        HaltReason::CreateCollision => "contract address collision".into(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".into(),
        HaltReason::OutOfFunds => "insufficient balance for transfer".into(),
        HaltReason::CallTooDeep => "max call depth exceeded".into(),
        other => format!("{other:?}"),
    }
}

/// How much gas the sender can pay for at the call's price.
fn gas_allowance(state: &mut BlockState, transaction: &TxEnv) -> Result<u64, CallError> {
    let account = state.basic(transaction.caller).map_err(|error| CallError::State(error.to_string()))?;
    let balance = account.map_or(U256::ZERO, |account| account.balance);
    let Some(left) = balance.checked_sub(transaction.value) else {
        return Err(CallError::Invalid(format!(
            "insufficient funds for gas * price + value: have {balance}, want {}",
            transaction.value
        )));
    };
    if transaction.gas_price == 0 {
        return Ok(u64::MAX);
    }
    Ok((left / U256::from(transaction.gas_price)).saturating_to())
}

fn is_plain_account(state: &mut BlockState, address: Address) -> Result<bool, CallError> {
    // Precompiles run code without having any.
    let number = U256::from_be_slice(address.as_slice());
    if !number.is_zero() && number < U256::from(0x200) {
        return Ok(false);
    }
    let account = state.basic(address).map_err(|error| CallError::State(error.to_string()))?;
    Ok(account.is_none_or(|account| account.code_hash == KECCAK_EMPTY))
}
