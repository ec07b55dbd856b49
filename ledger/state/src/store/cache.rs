//! Blocks that were lately committed or read, decoded.

use crate::record::StoredBlock;
use alloy_primitives::B256;
use lru::LruCache;
use std::sync::Arc;

/// About so many bytes are kept: the clients that follow the chain and the
/// index find their blocks here, without a read and a decoding each.
const BYTES_MAX: usize = 40 << 20;

/// By hash: a rewind can put another block in a number's place.
#[derive(Debug)]
pub(super) struct BlockCache {
    blocks: LruCache<B256, Arc<StoredBlock>>,
    bytes: usize,
}

impl Default for BlockCache {
    fn default() -> Self {
        Self { blocks: LruCache::unbounded(), bytes: 0 }
    }
}

impl BlockCache {
    pub(super) fn get(&mut self, hash: &B256) -> Option<Arc<StoredBlock>> {
        self.blocks.get(hash).map(Arc::clone)
    }

    /// Keeps a block, and drops those not asked for the longest; a block that
    /// is larger than all there is room for is not kept.
    pub(super) fn put(&mut self, stored: &Arc<StoredBlock>) {
        self.bytes += weight(stored);
        if let Some(old) = self.blocks.put(stored.block.hash, Arc::clone(stored)) {
            self.bytes -= weight(&old);
        }
        while self.bytes > BYTES_MAX
            && let Some((_, old)) = self.blocks.pop_lru()
        {
            self.bytes -= weight(&old);
        }
    }
}

/// About what a block takes in memory. Decoded transactions and receipts have
/// their fields at full width, and a receipt its bloom of 256 bytes.
fn weight(stored: &StoredBlock) -> usize {
    let logs: usize = stored.logs().map(|(_, log)| 160 + log.data.data.len()).sum();
    let wire = usize::try_from(stored.size).unwrap_or(usize::MAX / 4);
    1_024 + wire + 700 * stored.block.transactions.len() + logs
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_consensus::Header;
    use ledger_chain::Block;

    fn block(number: u64, size: u64) -> Arc<StoredBlock> {
        let header = Header { number, ..Header::default() };
        let hash = header.hash_slow();
        let block = Block {
            hash,
            header,
            transactions: Vec::new(),
            senders: Vec::new(),
            ommers: Vec::new(),
            withdrawals: None,
        };
        Arc::new(StoredBlock { size, ..StoredBlock::new(block, Vec::new(), Default::default()) })
    }

    #[test]
    fn memory_is_bounded_by_bytes_and_the_newest_stay() {
        let mut cache = BlockCache::default();
        let blocks: Vec<_> = (0..200).map(|number| block(number, 1 << 20)).collect();
        for block in &blocks {
            cache.put(block);
            cache.put(block);
            assert!(cache.bytes <= BYTES_MAX);
        }
        assert_eq!(cache.bytes, cache.blocks.iter().map(|(_, block)| weight(block)).sum::<usize>());
        assert!(cache.get(&blocks[199].block.hash).is_some());
        assert!(cache.get(&blocks[0].block.hash).is_none());
        cache.put(&block(1_000, 1 << 40));
        assert_eq!((cache.blocks.len(), cache.bytes), (0, 0));
    }
}
