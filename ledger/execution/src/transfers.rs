//! Logs of a simulated call, with value transfers among them where asked for
//! (`eth_simulateV1`, `traceTransfers`).

use alloy_primitives::{Address, B256, Bytes, Log, U256, address, b256};
use revm::{
    Inspector,
    context_interface::{ContextTr, JournalTr},
    interpreter::{CallInputs, CallOutcome, CallScheme, CreateInputs, CreateOutcome},
};

/// Where transfers of the native coin seem to be logged (ERC-7528).
const NATIVE: Address = address!("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
/// `Transfer(address,address,uint256)`.
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// Collects the logs of one call at a time. Those of a frame that failed are
/// dropped with it; the numbers they had are not given again in the block.
#[derive(Debug, Default)]
pub(crate) struct LogCollector {
    trace_transfers: bool,
    /// One list a frame that is open; the outermost stays until taken.
    frames: Vec<Vec<(u64, Log)>>,
    finished: Vec<(u64, Log)>,
    next: u64,
}

impl LogCollector {
    pub(crate) fn new(trace_transfers: bool) -> Self {
        Self { trace_transfers, ..Self::default() }
    }

    /// Logs since the last call of this, each with its number in the block.
    pub(crate) fn take(&mut self) -> Vec<(u64, Log)> {
        self.frames.clear();
        std::mem::take(&mut self.finished)
    }

    fn leave(&mut self, success: bool) {
        let Some(logs) = self.frames.pop() else { return };
        if success {
            self.frames.last_mut().unwrap_or(&mut self.finished).extend(logs);
        }
    }

    fn push(&mut self, log: Log) {
        if let Some(frame) = self.frames.last_mut() {
            frame.push((self.next, log));
            self.next += 1;
        }
    }

    fn transfer(&mut self, from: Address, to: Address, value: U256) {
        if self.trace_transfers && !value.is_zero() {
            let topics = vec![TRANSFER, from.into_word(), to.into_word()];
            self.push(Log::new_unchecked(NATIVE, topics, Bytes::from(B256::from(value))));
        }
    }
}

impl<CTX: ContextTr> Inspector<CTX> for LogCollector {
    fn log(&mut self, _context: &mut CTX, log: Log) {
        self.push(log);
    }

    fn call(&mut self, _context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.frames.push(Vec::new());
        match inputs.scheme {
            CallScheme::DelegateCall | CallScheme::StaticCall => {}
            CallScheme::Call | CallScheme::CallCode => {
                self.transfer(inputs.caller, inputs.bytecode_address, inputs.call_value());
            }
        }
        None
    }

    fn call_end(&mut self, _context: &mut CTX, _inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.leave(outcome.result.result.is_ok());
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.frames.push(Vec::new());
        if let Ok(caller) = context.journal_mut().load_account(inputs.caller()) {
            let created = inputs.created_address(caller.data.info.nonce);
            self.transfer(inputs.caller(), created, inputs.value());
        }
        None
    }

    fn create_end(&mut self, _context: &mut CTX, _inputs: &CreateInputs, outcome: &mut CreateOutcome) {
        self.leave(outcome.result.result.is_ok());
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        self.transfer(contract, target, value);
    }
}
