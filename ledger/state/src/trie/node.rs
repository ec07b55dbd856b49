//! Slots of the arena: what a node is in memory and how it reads and writes
//! its RLP.

use super::{NodeSource, Trie};
use crate::error::StateError;
use alloy_primitives::keccak256;
use alloy_rlp::Decodable;
use alloy_trie::{
    TrieMask,
    nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode, TrieNode},
};
use nybbles::Nibbles;
use smallvec::SmallVec;

/// The index of no node.
pub(super) const NONE: u32 = u32::MAX;

/// A node of the trie.
#[derive(Debug)]
pub(super) enum Node {
    /// A slot on the free list.
    Vacant,
    /// Known by its reference only.
    Unloaded,
    Leaf {
        path: Nibbles,
        value: Vec<u8>,
    },
    Extension {
        path: Nibbles,
        child: u32,
    },
    Branch {
        children: Box<[u32; 16]>,
    },
}

/// A node with its cached reference.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) node: Node,
    /// The hash, or the RLP when shorter than 32 bytes; `None` after a change.
    pub(super) reference: Option<RlpNode>,
    /// Differs from what the node source holds.
    pub(super) unsaved: bool,
}

impl Slot {
    pub(super) const fn new(node: Node) -> Self {
        Self { node, reference: None, unsaved: true }
    }

    pub(super) const fn unloaded(reference: RlpNode) -> Self {
        Self { node: Node::Unloaded, reference: Some(reference), unsaved: false }
    }

    pub(super) const fn vacant() -> Self {
        Self { node: Node::Vacant, reference: None, unsaved: false }
    }
}

impl Trie {
    /// Loads the node at `index` if only its reference is known, and checks
    /// it against that reference.
    pub(super) fn resolve(
        &mut self,
        index: u32,
        position: &Nibbles,
        source: &dyn NodeSource,
    ) -> Result<(), StateError> {
        let slot = &self.slots[index as usize];
        if !matches!(slot.node, Node::Unloaded) {
            return Ok(());
        }
        let reference = slot.reference.clone().ok_or(StateError::TrieShape)?;
        let decoded = match reference.as_hash() {
            None => TrieNode::decode(&mut reference.as_slice())?,
            Some(hash) => {
                let rlp = source.load(position)?.ok_or(StateError::TrieNodeMissing { hash })?;
                if keccak256(&rlp) != hash {
                    return Err(StateError::TrieNodeDamaged { hash });
                }
                TrieNode::decode(&mut rlp.as_slice())?
            }
        };
        let node = match decoded {
            TrieNode::EmptyRoot => return Err(StateError::TrieShape),
            TrieNode::Leaf(leaf) => Node::Leaf { path: leaf.key, value: leaf.value },
            TrieNode::Extension(extension) => {
                Node::Extension { path: extension.key, child: self.add(Slot::unloaded(extension.child)) }
            }
            TrieNode::Branch(branch) => {
                let mut children = Box::new([NONE; 16]);
                let mut stack = branch.stack.into_iter();
                for nibble in 0..16u8 {
                    if branch.state_mask.is_bit_set(nibble) {
                        let child = stack.next().ok_or(StateError::TrieShape)?;
                        children[usize::from(nibble)] = self.add(Slot::unloaded(child));
                    }
                }
                Node::Branch { children }
            }
        };
        self.slots[index as usize].node = node;
        Ok(())
    }

    /// Writes the RLP of the node at `index`, whose children all have their
    /// references, into `buffer`.
    pub(super) fn encode(&self, index: u32, buffer: &mut Vec<u8>) {
        buffer.clear();
        match &self.slots[index as usize].node {
            Node::Leaf { path, value } => {
                LeafNodeRef::new(path, value).rlp(buffer);
            }
            Node::Extension { path, child } => {
                if let Some(reference) = &self.slots[*child as usize].reference {
                    ExtensionNodeRef::new(path, reference.as_slice()).rlp(buffer);
                }
            }
            Node::Branch { children } => {
                let mut stack = SmallVec::<[RlpNode; 16]>::new();
                let mut mask = TrieMask::default();
                for (nibble, child) in (0u8..).zip(**children) {
                    if child == NONE {
                        continue;
                    }
                    if let Some(reference) = &self.slots[child as usize].reference {
                        stack.push(reference.clone());
                        mask.set_bit(nibble);
                    }
                }
                BranchNodeRef::new(&stack, mask).rlp(buffer);
            }
            Node::Vacant | Node::Unloaded => {}
        }
    }
}
