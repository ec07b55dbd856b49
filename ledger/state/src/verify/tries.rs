//! Every stored node that a root reaches: there, and with the hash that its
//! parent names.

use crate::{
    error::StateError,
    flat::{Snapshot, TrieNodes},
    trie::{self, NodeSource},
};
use alloy_primitives::{Address, B256};
use alloy_rlp::Decodable;
use alloy_trie::{
    EMPTY_ROOT_HASH,
    nodes::{RlpNode, TrieNode},
};
use nybbles::Nibbles;

/// Walks the trie of accounts, or of one account's storage, and returns how
/// many nodes it has.
pub(super) fn check(snapshot: &Snapshot, owner: Option<Address>, root: B256) -> Result<u64, StateError> {
    if root == EMPTY_ROOT_HASH {
        return Ok(0);
    }
    let source = TrieNodes { snapshot, owner };
    // Positions are at most 64 nibbles, and each step goes deeper: the list
    // holds at most 16 siblings a level.
    let mut open = vec![(Nibbles::new(), RlpNode::word_rlp(&root))];
    let mut count = 0;
    while let Some((position, reference)) = open.pop() {
        let node = match reference.as_hash() {
            None => TrieNode::decode(&mut reference.as_slice())?,
            Some(hash) => trie::open(&hash, &source.load(&position)?.ok_or(StateError::TrieNodeMissing { hash })?)?.0,
        };
        count += 1;
        match node {
            TrieNode::EmptyRoot | TrieNode::Leaf(_) => {}
            TrieNode::Extension(extension) => open.push((position.join(&extension.key), extension.child)),
            TrieNode::Branch(branch) => {
                let mut children = branch.stack.into_iter();
                for nibble in (0..16u8).filter(|nibble| branch.state_mask.is_bit_set(*nibble)) {
                    let child = children.next().ok_or(StateError::TrieShape)?;
                    let mut position = position;
                    position.push(nibble);
                    open.push((position, child));
                }
            }
        }
    }
    Ok(count)
}
