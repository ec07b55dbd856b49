//! A chain in memory whose transactions carry an amount, and the projection that adds them up.

use std::sync::Mutex;

use alloy_primitives::{Address, B256, Bytes, U256};
use async_trait::async_trait;
use platform_index::{
    Batch, Block, BlockSource, BlockTag, CallRequest, Column, Head, IndexError, Kind, Projection, SourceError, Table,
    Transaction, Value,
};
use tokio::sync::watch;

const SUM: Table = Table {
    name: "purse_sum",
    kind: Kind::State,
    columns: &[Column::blob("sender"), Column::int("amount")],
    key: 1,
    indexes: &[],
};

const LIST: Table = Table {
    name: "purse_list",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::int("place"),
        Column::text("amount"),
        Column::int("note").or_null(),
    ],
    key: 2,
    indexes: &[("purse_list_amount", "amount")],
};

/// The list of a later version: a column more, and an index over it.
const LATER_LIST: Table = Table {
    name: "purse_list",
    kind: Kind::Append,
    columns: &[
        Column::int("block_number"),
        Column::int("place"),
        Column::text("amount"),
        Column::int("note").or_null(),
        Column::int("doubled"),
    ],
    key: 2,
    indexes: &[("purse_list_amount", "amount"), ("purse_list_doubled", "doubled")],
};

pub(crate) struct Purse {
    pub(crate) version: u32,
}

#[async_trait]
impl Projection for Purse {
    fn name(&self) -> &'static str {
        "purse"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn tables(&self) -> &'static [Table] {
        if self.version < 2 { &[SUM, LIST] } else { &[SUM, LATER_LIST] }
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                let amount = transaction.value.to::<i64>();
                let before = match batch.get(&SUM, vec![transaction.from.into()]).await?.as_deref() {
                    Some([_, Value::Int(before)]) => *before,
                    _ => 0,
                };
                batch.put(&SUM, vec![transaction.from.into(), (before + amount).into()]);
                let note = Value::from((amount % 2 == 0).then_some(amount));
                let mut row = vec![block.number.into(), transaction.index.into(), transaction.value.into(), note];
                if self.version < 2 {
                    batch.append(&LIST, row);
                } else {
                    row.push((2 * amount).into());
                    batch.append(&LATER_LIST, row);
                }
            }
        }
        Ok(())
    }
}

pub(crate) struct Chain {
    blocks: Mutex<Vec<Block>>,
    pub(crate) finalized: Mutex<u64>,
    heads: watch::Sender<Head>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let genesis = Block { hash: B256::repeat_byte(1), ..Block::default() };
        let (heads, _) = watch::channel(genesis.head());
        Self { blocks: Mutex::new(vec![genesis]), finalized: Mutex::new(u64::MAX), heads }
    }

    /// Adds a block in which each of these senders sends an amount. The salt tells rivals of one height apart.
    pub(crate) fn mine(&self, salt: u8, sends: &[(u8, u64)]) {
        let mut blocks = self.blocks.lock().unwrap();
        let parent = blocks.last().unwrap();
        let number = parent.number + 1;
        let mut hash = B256::with_last_byte(salt);
        hash[..8].copy_from_slice(&number.to_be_bytes());
        let transactions = (0..)
            .zip(sends)
            .map(|(index, (sender, amount))| Transaction {
                index,
                from: Address::repeat_byte(*sender),
                value: U256::from(*amount),
                ..Transaction::default()
            })
            .collect();
        let block =
            Block { number, hash, parent_hash: parent.hash, timestamp: number, transactions, ..Block::default() };
        let head = block.head();
        blocks.push(block);
        drop(blocks);
        self.heads.send_replace(head);
    }

    pub(crate) fn cut(&self, height: usize) {
        self.blocks.lock().unwrap().truncate(height + 1);
    }
}

#[async_trait]
impl BlockSource for Chain {
    async fn head(&self) -> Result<Head, SourceError> {
        Ok(self.blocks.lock().unwrap().last().unwrap().head())
    }

    async fn finalized(&self) -> Result<u64, SourceError> {
        let head = self.head().await?.number;
        Ok(head.min(*self.finalized.lock().unwrap()))
    }

    async fn block(&self, number: u64) -> Result<Option<Block>, SourceError> {
        Ok(self.blocks.lock().unwrap().get(usize::try_from(number).unwrap()).cloned())
    }

    async fn block_number(&self, _: B256) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }

    async fn call(&self, _: CallRequest, _: BlockTag) -> Result<Bytes, SourceError> {
        Err(SourceError::Reverted { data: Bytes::new() })
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

    async fn code(&self, _: Address, _: BlockTag) -> Result<Bytes, SourceError> {
        Ok(Bytes::new())
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.subscribe()
    }
}
