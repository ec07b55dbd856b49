//! A chain in memory: blocks can be added, replaced and read, and calls have prepared answers.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use async_trait::async_trait;
use platform_index::{Block, BlockSource, BlockTag, CallRequest, Head, Log, SourceError, Transaction};
use tokio::sync::watch;

pub(crate) struct MemoryChain {
    state: Mutex<State>,
    heads: watch::Sender<Head>,
}

#[derive(Default)]
struct State {
    blocks: Vec<Block>,
    finalized: Option<u64>,
    contracts: HashSet<Address>,
    answers: HashMap<(Address, Bytes), Result<Bytes, Bytes>>,
}

impl MemoryChain {
    pub(crate) fn new(timestamp: u64) -> Self {
        let genesis = Block { hash: keccak256("genesis"), timestamp, ..Block::default() };
        let (heads, _) = watch::channel(genesis.head());
        let state = State { blocks: vec![genesis], ..State::default() };
        Self { state: Mutex::new(state), heads }
    }

    /// Adds a block of transactions, given as sender, receiver, input and logs.
    pub(crate) fn mine(&self, timestamp: u64, salt: u8, transactions: Vec<Transaction>) -> Head {
        let mut state = self.state.lock().unwrap();
        let parent = state.blocks.last().unwrap();
        let number = parent.number + 1;
        let seed = [number.to_be_bytes().as_slice(), &[salt], parent.hash.as_slice()].concat();
        let mut block = Block {
            number,
            hash: keccak256(seed),
            parent_hash: parent.hash,
            timestamp,
            transactions,
            ..Block::default()
        };
        let mut log_index = 0;
        for (place, transaction) in (0..).zip(&mut block.transactions) {
            transaction.index = place;
            transaction.hash = keccak256([block.hash.as_slice(), &place.to_be_bytes()].concat());
            for log in &mut transaction.logs {
                log.index = log_index;
                log_index += 1;
            }
        }
        let head = block.head();
        state.blocks.push(block);
        drop(state);
        self.heads.send_replace(head);
        head
    }

    /// Forgets every block above this height.
    pub(crate) fn cut(&self, height: u64) {
        self.state.lock().unwrap().blocks.truncate(usize::try_from(height).unwrap() + 1);
    }

    pub(crate) fn finalize(&self, number: u64) {
        self.state.lock().unwrap().finalized = Some(number);
    }

    /// Puts code at an address.
    pub(crate) fn build(&self, account: Address) {
        self.state.lock().unwrap().contracts.insert(account);
    }

    pub(crate) fn answer(&self, to: Address, input: Vec<u8>, output: Vec<u8>) {
        self.state.lock().unwrap().answers.insert((to, input.into()), Ok(output.into()));
    }

    pub(crate) fn refuse(&self, to: Address, input: Vec<u8>, data: Vec<u8>) {
        self.state.lock().unwrap().answers.insert((to, input.into()), Err(data.into()));
    }
}

#[async_trait]
impl BlockSource for MemoryChain {
    async fn head(&self) -> Result<Head, SourceError> {
        Ok(self.state.lock().unwrap().blocks.last().unwrap().head())
    }

    async fn finalized(&self) -> Result<u64, SourceError> {
        let state = self.state.lock().unwrap();
        Ok(state.finalized.unwrap_or(state.blocks.last().unwrap().number))
    }

    async fn block(&self, number: u64) -> Result<Option<Block>, SourceError> {
        Ok(self.state.lock().unwrap().blocks.get(usize::try_from(number).unwrap()).cloned())
    }

    async fn block_number(&self, hash: B256) -> Result<Option<u64>, SourceError> {
        Ok(self.state.lock().unwrap().blocks.iter().find(|block| block.hash == hash).map(|block| block.number))
    }

    async fn call(&self, request: CallRequest, _: BlockTag) -> Result<Bytes, SourceError> {
        let key = (request.to.unwrap_or_default(), request.input);
        match self.state.lock().unwrap().answers.get(&key) {
            Some(Ok(output)) => Ok(output.clone()),
            Some(Err(data)) => Err(SourceError::Reverted { data: data.clone() }),
            None => Err(SourceError::Reverted { data: Bytes::new() }),
        }
    }

    async fn balance(&self, _: Address, _: BlockTag) -> Result<U256, SourceError> {
        Ok(U256::ZERO)
    }

    async fn nonce(&self, _: Address, _: BlockTag) -> Result<u64, SourceError> {
        Ok(0)
    }

    async fn storage(&self, _: Address, _: B256, _: BlockTag) -> Result<B256, SourceError> {
        Ok(B256::ZERO)
    }

    async fn code(&self, account: Address, _: BlockTag) -> Result<Bytes, SourceError> {
        let known = self.state.lock().unwrap().contracts.contains(&account);
        Ok(if known { Bytes::from_static(&[0xfe]) } else { Bytes::new() })
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.subscribe()
    }
}

/// A transaction with one log an event.
pub(crate) fn transaction(from: Address, to: Address, logs: Vec<(Address, alloy_primitives::LogData)>) -> Transaction {
    let log = |(address, data): (Address, alloy_primitives::LogData)| Log {
        address,
        topics: data.topics().to_vec(),
        data: data.data,
        index: 0,
    };
    Transaction {
        from,
        to: Some(to),
        success: true,
        gas_used: 21_000,
        logs: logs.into_iter().map(log).collect(),
        ..Transaction::default()
    }
}
