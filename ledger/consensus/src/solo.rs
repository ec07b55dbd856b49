//! One validator: builds, certifies and commits by itself, on its own thread.

use crate::{
    certificate::{ValidatorKey, ValidatorSet},
    chain::{Chain, extra_data},
    clock::ChainClock,
};
use alloy_primitives::{Address, B256, keccak256};
use ledger_execution::{BlockAttributes, ExecutionError, TransactionSource};
use ledger_state::StoredBlock;
use parking_lot::{Condvar, Mutex};
use std::{
    collections::VecDeque,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, oneshot};

/// When blocks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// As soon as a transaction waits.
    Instant,
    /// Every so often, empty blocks included.
    Interval(Duration),
    /// Only when told to.
    Manual,
}

/// What the driver needs of the pool.
pub trait TransactionPool: Send + Sync {
    /// A snapshot for one block.
    fn best(&self, base_fee: u64) -> Box<dyn PoolSnapshot>;
    /// Whether anything waits that a block with this base fee can take.
    fn has_pending(&self, base_fee: u64) -> bool;
    /// Told of a committed block.
    fn on_block(&self, block: &StoredBlock);
    /// Told of transactions that can't be executed.
    fn drop_invalid(&self, invalid: Vec<(B256, String)>);
}

/// Transactions for one block, and what became of them.
pub trait PoolSnapshot: TransactionSource {
    /// Those that can't be executed, with the reason.
    fn into_invalid(self: Box<Self>) -> Vec<(B256, String)>;
}

/// How to run a [`SoloDriver`].
#[derive(Debug, Clone)]
pub struct SoloOptions {
    /// Signs certificates.
    pub key: ValidatorKey,
    /// Receives tips.
    pub beneficiary: Address,
    /// Gas limit of every block.
    pub gas_limit: u64,
    /// When blocks are made.
    pub sealing: Sealing,
}

/// Why a block was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DriverError {
    /// Building or committing failed.
    #[error("{0}")]
    Failed(Arc<ExecutionError>),
    /// The driver has stopped.
    #[error("block production has stopped")]
    Stopped,
}

/// The running driver.
pub struct SoloDriver {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for SoloDriver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoloDriver").field("sealing", &self.sealing()).finish_non_exhaustive()
    }
}

struct Shared {
    chain: Arc<dyn Chain>,
    pool: Arc<dyn TransactionPool>,
    clock: Arc<ChainClock>,
    options: SoloOptions,
    state: Mutex<State>,
    wake: Condvar,
    blocks: broadcast::Sender<Arc<StoredBlock>>,
    /// Held while a block is made.
    making: Mutex<()>,
}

struct State {
    sealing: Sealing,
    /// A transaction came since the last block.
    arrived: bool,
    requests: VecDeque<oneshot::Sender<Result<Arc<StoredBlock>, DriverError>>>,
    stop: bool,
    failure: Option<DriverError>,
}

/// What the thread does next.
enum Work {
    Seal(Option<oneshot::Sender<Result<Arc<StoredBlock>, DriverError>>>),
    Stop,
}

impl SoloDriver {
    /// Starts the driver's thread.
    ///
    /// # Errors
    /// The system's error where no thread can be started.
    pub fn start(
        chain: Arc<dyn Chain>,
        pool: Arc<dyn TransactionPool>,
        clock: Arc<ChainClock>,
        options: SoloOptions,
    ) -> std::io::Result<Self> {
        let state =
            State { sealing: options.sealing, arrived: true, requests: VecDeque::new(), stop: false, failure: None };
        let shared = Arc::new(Shared {
            chain,
            pool,
            clock,
            options,
            state: Mutex::new(state),
            wake: Condvar::new(),
            blocks: broadcast::channel(1_024).0,
            making: Mutex::default(),
        });
        let worker = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("producer".into()).spawn(move || worker.run())?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Blocks as they are committed.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<StoredBlock>> {
        self.shared.blocks.subscribe()
    }

    /// Tells the driver that a transaction waits.
    pub fn notify(&self) {
        let mut state = self.shared.state.lock();
        if !state.arrived {
            state.arrived = true;
            self.shared.wake.notify_one();
        }
    }

    /// Makes a block now, empty or not, and waits until it is durable.
    ///
    /// # Errors
    /// [`DriverError`].
    pub async fn mine(&self) -> Result<Arc<StoredBlock>, DriverError> {
        let (reply, answer) = oneshot::channel();
        {
            let mut state = self.shared.state.lock();
            if let Some(failure) = &state.failure {
                return Err(failure.clone());
            }
            if state.stop {
                return Err(DriverError::Stopped);
            }
            state.requests.push_back(reply);
            self.shared.wake.notify_one();
        }
        answer.await.map_err(|_| DriverError::Stopped)?
    }

    /// Runs `work` while no block is made, and tells subscribers of the head
    /// it returns. Only development chains take blocks back.
    ///
    /// # Errors
    /// What `work` says.
    pub fn exclusively<E>(&self, work: impl FnOnce() -> Result<Arc<StoredBlock>, E>) -> Result<(), E> {
        let _making = self.shared.making.lock();
        let head = work()?;
        // Nobody listening is not an error.
        let _ = self.shared.blocks.send(head);
        Ok(())
    }

    /// When blocks are made.
    pub fn sealing(&self) -> Sealing {
        self.shared.state.lock().sealing
    }

    /// Changes when blocks are made.
    pub fn set_sealing(&self, sealing: Sealing) {
        let mut state = self.shared.state.lock();
        state.sealing = sealing;
        state.arrived = true;
        self.shared.wake.notify_one();
    }

    /// Why block production stopped, if it did.
    pub fn failure(&self) -> Option<DriverError> {
        self.shared.state.lock().failure.clone()
    }

    /// The attributes that a block made now would have.
    pub fn pending_attributes(&self) -> BlockAttributes {
        self.shared.attributes(&self.shared.chain.head(), false)
    }

    /// The chain's clock.
    pub fn clock(&self) -> &Arc<ChainClock> {
        &self.shared.clock
    }

    /// Finishes the block being made and stops.
    pub fn stop(&self) {
        self.shared.state.lock().stop = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

impl Drop for SoloDriver {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn run(&self) {
        let mut next_tick = Instant::now();
        loop {
            let reply = match self.wait(&mut next_tick) {
                Work::Stop => return,
                Work::Seal(reply) => reply,
            };
            match self.seal() {
                Ok(block) => {
                    // Nobody listening is not an error.
                    let _ = self.blocks.send(Arc::clone(&block));
                    if let Some(reply) = reply {
                        let _ = reply.send(Ok(block));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "block production stopped");
                    let failure = DriverError::Failed(Arc::new(error));
                    if let Some(reply) = reply {
                        let _ = reply.send(Err(failure.clone()));
                    }
                    let mut state = self.state.lock();
                    state.failure = Some(failure);
                    state.requests.clear();
                    return;
                }
            }
        }
    }

    fn wait(&self, next_tick: &mut Instant) -> Work {
        let mut state = self.state.lock();
        loop {
            if state.stop {
                return Work::Stop;
            }
            if let Some(reply) = state.requests.pop_front() {
                return Work::Seal(Some(reply));
            }
            match state.sealing {
                Sealing::Instant if state.arrived => {
                    state.arrived = false;
                    let head = self.chain.head();
                    let base_fee = self.chain.spec().next_base_fee(&head.block.header).unwrap_or(0);
                    if self.pool.has_pending(base_fee) {
                        // Look again after this block: it may leave some.
                        state.arrived = true;
                        return Work::Seal(None);
                    }
                }
                Sealing::Interval(period) => {
                    let now = Instant::now();
                    if now >= *next_tick {
                        *next_tick = (*next_tick + period).max(now);
                        return Work::Seal(None);
                    }
                    self.wake.wait_until(&mut state, *next_tick);
                    continue;
                }
                Sealing::Instant | Sealing::Manual => {}
            }
            self.wake.wait(&mut state);
        }
    }

    fn seal(&self) -> Result<Arc<StoredBlock>, ExecutionError> {
        let _making = self.making.lock();
        let span =
            tracing::info_span!("seal block", number = tracing::field::Empty, transactions = tracing::field::Empty);
        let _span = span.enter();
        let head = self.chain.head();
        let attributes = self.attributes(&head, true);
        let base_fee = self.chain.spec().next_base_fee(&head.block.header).unwrap_or(0);
        let mut best = self.pool.best(base_fee);
        let deadline = match self.state.lock().sealing {
            // Leave half the interval for hashing and the disk.
            Sealing::Interval(period) => Some(Instant::now() + period.max(Duration::from_millis(100)) / 2),
            Sealing::Instant => Some(Instant::now() + Duration::from_millis(500)),
            Sealing::Manual => None,
        };
        let candidate = self.chain.build(&attributes, &mut BestSource(best.as_mut()), deadline)?;
        let spec = self.chain.spec();
        let (height, hash) = (candidate.block.header.number, candidate.block.hash);
        let certificate = self.options.key.certify(spec.chain_id(), spec.genesis_hash(), height, hash);
        span.record("number", height);
        span.record("transactions", candidate.block.transactions.len());
        let block = self.chain.commit(candidate, &certificate)?;
        self.pool.on_block(&block);
        self.pool.drop_invalid(best.into_invalid());
        Ok(block)
    }

    fn attributes(&self, head: &StoredBlock, consume: bool) -> BlockAttributes {
        let header = &head.block.header;
        let earliest = self.chain.spec().earliest_timestamp(header.timestamp);
        let validators = ValidatorSet::solo(self.options.key.address());
        BlockAttributes {
            timestamp: self.clock.for_block(earliest, consume),
            beneficiary: self.options.beneficiary,
            gas_limit: step_gas_limit(header.gas_limit, self.options.gas_limit),
            // One validator can choose its blocks anyway: this is unique a
            // block, not a source of randomness to rely on.
            prev_randao: keccak256([header.mix_hash.as_slice(), head.block.hash.as_slice()].concat()),
            extra_data: extra_data(&validators),
            parent_beacon_block_root: B256::ZERO,
            withdrawals: Default::default(),
        }
    }
}

/// Moves the gas limit towards `goal` as far as one block may.
fn step_gas_limit(parent: u64, goal: u64) -> u64 {
    let step = (parent / ledger_chain::header::GAS_LIMIT_BOUND_DIVISOR).saturating_sub(1);
    goal.clamp(parent.saturating_sub(step), parent.saturating_add(step))
}

/// A boxed snapshot as a plain source.
struct BestSource<'a>(&'a mut dyn PoolSnapshot);

impl TransactionSource for BestSource<'_> {
    fn next(&mut self) -> Option<ledger_execution::PendingTransaction> {
        self.0.next()
    }

    fn refused(&mut self, transaction: &ledger_execution::PendingTransaction, refusal: ledger_execution::Refusal) {
        self.0.refused(transaction, refusal);
    }
}
