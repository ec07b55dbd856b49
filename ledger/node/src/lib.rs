//! The ledger as one thing: open a directory, make blocks, serve JSON-RPC.
//!
//! [`LedgerNode`] owns the parts and their order of starting and stopping:
//! store → pool → driver → RPC, and back.

mod pool;

use alloy_primitives::{Address, B256};
use ledger_consensus::{ChainClock, SoloDriver, SoloOptions, ValidatorKey};
use ledger_execution::{ExecutionError, Ledger};
use ledger_rpc::{DevAccounts, Limits, Node};
use ledger_txpool::{Pool, PoolLimits};
use std::sync::Arc;

pub use ledger_consensus::Sealing;
pub use ledger_rpc::{RpcError, RpcServer, ServerOptions};
pub use ledger_state::{Disk, StateError, StoreOptions, StoredBlock};

/// How to start a [`LedgerNode`].
#[derive(Debug)]
pub struct NodeOptions {
    /// Which chain, where it is kept and how.
    pub store: StoreOptions,
    /// The validator's secret key.
    pub validator: ValidatorKey,
    /// Receives tips; the validator where not set.
    pub beneficiary: Option<Address>,
    /// When blocks are made.
    pub sealing: Sealing,
    /// Gas limit of blocks.
    pub gas_limit: u64,
    /// Bounds of the RPC.
    pub limits: Limits,
    /// Secret keys of development accounts; `None` without development mode.
    pub dev_keys: Option<Vec<B256>>,
    /// The seconds since 1970 at which a new development chain's clock begins.
    pub start_time: Option<u64>,
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The ledger did not open.
    #[error(transparent)]
    Ledger(#[from] ExecutionError),
    /// A thread could not be started.
    #[error("can't start the block producer: {0}")]
    Thread(#[from] std::io::Error),
    /// The clock could not be set.
    #[error("can't set the chain's clock: {0}")]
    Clock(#[from] ledger_consensus::ClockError),
}

/// Whether blocks may be made on `head`: it is the genesis block, or carries
/// a validator's certificate, which no imported block does.
fn is_ours(head: &StoredBlock) -> bool {
    head.number() == 0 || !head.certificate.is_empty()
}

/// A running ledger.
#[derive(Debug)]
pub struct LedgerNode {
    node: Arc<Node>,
}

impl LedgerNode {
    /// Opens the ledger and starts making blocks.
    ///
    /// # Errors
    /// [`NodeError`], in words for whoever started it.
    pub fn start(options: NodeOptions) -> Result<Self, NodeError> {
        let dev = options.dev_keys.map(DevAccounts::new);
        let ledger = Arc::new(Ledger::open(options.store)?);
        let pool = Arc::new(Pool::new(PoolLimits::default()));
        let clock = Arc::new(ChainClock::default());
        if let Some(start) = options.start_time {
            // A chain that lives in another time goes on where it stopped.
            let head = ledger.store().head().block.header.timestamp;
            clock.set_now(start.max(head))?;
        }
        let seals = dev.is_some() || is_ours(&ledger.store().head());
        let solo = SoloOptions {
            beneficiary: options.beneficiary.unwrap_or_else(|| options.validator.address()),
            key: options.validator,
            gas_limit: options.gas_limit,
            sealing: if seals { options.sealing } else { Sealing::Manual },
        };
        let chain = Arc::clone(&ledger) as Arc<dyn ledger_consensus::Chain>;
        let waiting = Arc::new(pool::PoolAdapter(Arc::clone(&pool)));
        let driver = Arc::new(SoloDriver::start(chain, waiting, clock, solo)?);
        Ok(Self { node: Arc::new(Node::new(ledger, pool, driver, options.limits, dev, seals)) })
    }

    /// Whether this node makes blocks. It does not on a chain that was
    /// imported, unless in development mode: its blocks come from elsewhere.
    pub fn seals(&self) -> bool {
        self.node.seals
    }

    /// The parts, for the RPC and for embedding.
    pub const fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// The state machine and store.
    pub fn ledger(&self) -> &Ledger {
        &self.node.ledger
    }

    /// The block producer.
    pub fn driver(&self) -> &SoloDriver {
        &self.node.driver
    }

    /// Stops making blocks and writes a checkpoint, so that the next start
    /// replays nothing.
    ///
    /// # Errors
    /// A storage error; what was acknowledged is safe all the same.
    pub fn stop(&self) -> Result<(), StateError> {
        self.node.driver.stop();
        self.node.ledger.store().checkpoint()
    }
}
