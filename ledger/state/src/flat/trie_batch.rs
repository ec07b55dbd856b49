//! Trie nodes on their way into a checkpoint.

/// Bytes that are claimed at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Trie nodes to save at a checkpoint. There are hundreds of thousands of
/// small ones: they lie side by side instead of in a piece of memory each.
#[derive(Debug, Default)]
pub(crate) struct TrieBatch {
    chunks: Vec<Vec<u8>>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    chunk: u32,
    start: u32,
    key_bytes: u8,
    /// `None` removes what stands there.
    node_bytes: Option<u16>,
}

impl TrieBatch {
    /// Adds a node, or with `None` the removal of one. A later entry for one
    /// key wins.
    pub(crate) fn push(&mut self, key: &[u8], node: Option<&[u8]>) {
        let needed = key.len() + node.map_or(0, <[u8]>::len);
        if self.chunks.last().is_none_or(|chunk| chunk.len() + needed > CHUNK_BYTES) {
            self.chunks.push(Vec::with_capacity(CHUNK_BYTES.max(needed)));
        }
        let place = self.chunks.len() - 1;
        let chunk = &mut self.chunks[place];
        let small = "a key has at most 85 bytes and a node of a trie of hashes at most 538";
        self.entries.push(Entry {
            chunk: u32::try_from(place).expect("a batch has less than 4096 TB"),
            start: u32::try_from(chunk.len()).expect("a chunk has some MB at most"),
            key_bytes: u8::try_from(key.len()).expect(small),
            node_bytes: node.map(|node| u16::try_from(node.len()).expect(small)),
        });
        chunk.extend_from_slice(key);
        chunk.extend_from_slice(node.unwrap_or_default());
    }

    /// Keys and nodes in the order of keys, and of arrival where one comes
    /// twice.
    pub(crate) fn sorted(&mut self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let Self { chunks, entries } = self;
        let chunks = &*chunks;
        let key = move |entry: &Entry| &chunks[entry.chunk as usize][entry.start as usize..][..entry.key_bytes.into()];
        entries.sort_by(|a, b| key(a).cmp(key(b)));
        entries.iter().map(move |entry| {
            let node_start = entry.start as usize + usize::from(entry.key_bytes);
            let node = entry.node_bytes.map(|bytes| &chunks[entry.chunk as usize][node_start..][..bytes.into()]);
            (key(entry), node)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_comes_back_in_order(
            entries in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..86), prop::option::of(prop::collection::vec(any::<u8>(), 0..600))), 0..60),
            repeat in 1usize..40,
        ) {
            let mut batch = TrieBatch::default();
            let mut expected = Vec::new();
            for (round, (key, node)) in (0..repeat).flat_map(|round| entries.iter().map(move |entry| (round, entry))) {
                batch.push(key, node.as_deref());
                expected.push((key.clone(), round, node.clone()));
            }
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            let found: Vec<_> = batch.sorted().map(|(key, node)| (key.to_vec(), node.map(<[u8]>::to_vec))).collect();
            prop_assert_eq!(found, expected.into_iter().map(|(key, _, node)| (key, node)).collect::<Vec<_>>());
        }
    }
}
