//! Merkle trees as OpenZeppelin's StandardMerkleTree of `["bytes32"]` makes them: leaves are hashed twice and sorted,
//! and the two children of a node are hashed in ascending order, so that a proof needs no directions.

use alloy_primitives::{B256, keccak256};

/// The leaf of an event hash.
pub(super) fn leaf(event_hash: B256) -> B256 {
    keccak256(keccak256(event_hash))
}

fn node(a: B256, b: B256) -> B256 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    keccak256([low.as_slice(), high.as_slice()].concat())
}

/// A tree, from the root on; the children of `i` are `2 i + 1` and `2 i + 2`.
#[derive(Debug)]
pub(super) struct Tree(Vec<B256>);

impl Tree {
    /// The tree of these event hashes, each once, in whatever order. None of none.
    pub(super) fn of(event_hashes: &[B256]) -> Option<Self> {
        let mut leaves: Vec<B256> = event_hashes.iter().copied().map(leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        let count = leaves.len();
        if count == 0 {
            return None;
        }
        let mut nodes = vec![B256::ZERO; 2 * count - 1];
        for (place, leaf) in leaves.into_iter().enumerate() {
            nodes[2 * count - 2 - place] = leaf;
        }
        for place in (0..count - 1).rev() {
            nodes[place] = node(nodes[2 * place + 1], nodes[2 * place + 2]);
        }
        Some(Self(nodes))
    }

    pub(super) fn root(&self) -> B256 {
        self.0[0]
    }

    /// How many leaves it has.
    pub(super) fn leaves(&self) -> usize {
        self.0.len().div_ceil(2)
    }

    /// The hashes that lead from an event hash to the root.
    pub(super) fn path(&self, event_hash: B256) -> Option<Vec<B256>> {
        let wanted = leaf(event_hash);
        let mut place = (self.0.len() / 2..self.0.len()).find(|place| self.0[*place] == wanted)?;
        let mut path = Vec::new();
        while place > 0 {
            path.push(self.0[if place % 2 == 0 { place - 1 } else { place + 1 }]);
            place = (place - 1) / 2;
        }
        Some(path)
    }
}

/// The root that a path leads to from an event hash.
pub(super) fn root_of(event_hash: B256, path: &[B256]) -> B256 {
    path.iter().fold(leaf(event_hash), |hash, other| node(hash, *other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_of_every_size_leads_to_the_root_and_no_other_hash_does() {
        for count in 1..40_u64 {
            let hashes: Vec<B256> = (0..count).map(|n| keccak256(n.to_be_bytes())).collect();
            let tree = Tree::of(&hashes).unwrap();
            assert_eq!(tree.leaves() as u64, count);
            for hash in &hashes {
                assert_eq!(root_of(*hash, &tree.path(*hash).unwrap()), tree.root());
            }
            let foreign = keccak256("foreign");
            assert_eq!(tree.path(foreign), None);
            assert_ne!(root_of(foreign, &tree.path(hashes[0]).unwrap()), tree.root());
        }
        assert!(Tree::of(&[]).is_none());
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        let [a, b, c] = [keccak256("a"), keccak256("b"), keccak256("c")];
        assert_eq!(Tree::of(&[a, b, c]).unwrap().root(), Tree::of(&[c, a, b, a]).unwrap().root());
    }

    /// Of `StandardMerkleTree.of([[0x11…11], [0x22…22]], ["bytes32"])`: the pair hash of the two double-hashed leaves.
    #[test]
    fn a_tree_of_two_is_the_hash_of_its_sorted_leaves() {
        let (one, two) = (B256::repeat_byte(0x11), B256::repeat_byte(0x22));
        let mut leaves = [leaf(one), leaf(two)];
        leaves.sort_unstable();
        assert_eq!(Tree::of(&[one, two]).unwrap().root(), keccak256(leaves.concat()));
    }
}
