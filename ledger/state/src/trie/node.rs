//! Slots of the arena: what a node is in memory and how it reads and writes
//! its RLP.

use super::{NodeSource, Trie};
use crate::error::StateError;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{Decodable, EMPTY_STRING_CODE};
use alloy_trie::{
    TrieMask,
    nodes::{ExtensionNodeRef, LeafNodeRef, RlpNode, TrieNode},
};
use nybbles::Nibbles;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The index of no node.
pub(super) const NONE: u32 = u32::MAX;

/// A node of the trie.
#[derive(Debug)]
pub(super) enum Node {
    /// A slot on the free list.
    Vacant,
    /// Known by its reference only.
    Unloaded,
    /// A leaf of which only the reference was kept: most of a large trie's
    /// leaves, so that they cost little and can be replaced unread.
    Forgotten,
    Leaf(Box<Leaf>),
    Extension(Box<Extension>),
    Branch(Box<[u32; 16]>),
}

/// The end of a key, and its value.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) path: Nibbles,
    pub(super) value: Vec<u8>,
}

/// Nibbles that all keys below share.
#[derive(Debug)]
pub(super) struct Extension {
    pub(super) path: Nibbles,
    pub(super) child: u32,
}

impl Node {
    pub(super) fn leaf(path: Nibbles, value: Vec<u8>) -> Self {
        Self::Leaf(Box::new(Leaf { path, value }))
    }

    pub(super) fn extension(path: Nibbles, child: u32) -> Self {
        Self::Extension(Box::new(Extension { path, child }))
    }
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
    /// Loads the node at `index`, to which the first `depth` nibbles of `key`
    /// lead, if only its reference is known.
    pub(super) fn resolve(
        &mut self,
        index: u32,
        key: &Nibbles,
        depth: usize,
        source: &dyn NodeSource,
    ) -> Result<(), StateError> {
        match self.slots[index as usize].node {
            Node::Unloaded | Node::Forgotten => self.load(index, &key.slice(..depth), source),
            _ => Ok(()),
        }
    }

    /// Loads the node at `index` and checks it against its reference.
    fn load(&mut self, index: u32, position: &Nibbles, source: &dyn NodeSource) -> Result<(), StateError> {
        let slot = &self.slots[index as usize];
        let reference = slot.reference.clone().ok_or(StateError::TrieShape)?;
        let (decoded, leaves) = match reference.as_hash() {
            None => (TrieNode::decode(&mut reference.as_slice())?, TrieMask::default()),
            Some(hash) => open(&hash, &source.load(position)?.ok_or(StateError::TrieNodeMissing { hash })?)?,
        };
        let node = match decoded {
            TrieNode::EmptyRoot => return Err(StateError::TrieShape),
            TrieNode::Leaf(leaf) => Node::leaf(leaf.key, leaf.value),
            TrieNode::Extension(extension) => Node::extension(extension.key, self.add(Slot::unloaded(extension.child))),
            TrieNode::Branch(branch) => {
                let mut children = Box::new([NONE; 16]);
                let mut stack = branch.stack.into_iter();
                for nibble in 0..16u8 {
                    if branch.state_mask.is_bit_set(nibble) {
                        let child = stack.next().ok_or(StateError::TrieShape)?;
                        let node = if leaves.is_bit_set(nibble) { Node::Forgotten } else { Node::Unloaded };
                        let slot = Slot { node, reference: Some(child), unsaved: false };
                        children[usize::from(nibble)] = self.add(slot);
                    }
                }
                Node::Branch(children)
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
            Node::Leaf(leaf) => {
                LeafNodeRef::new(&leaf.path, &leaf.value).rlp(buffer);
            }
            Node::Extension(extension) => {
                if let Some(reference) = &self.slots[extension.child as usize].reference {
                    ExtensionNodeRef::new(&extension.path, reference.as_slice()).rlp(buffer);
                }
            }
            Node::Branch(children) => self.encode_branch(children, buffer),
            Node::Vacant | Node::Unloaded | Node::Forgotten => {}
        }
    }

    /// Sixteen references and no value (Yellow Paper, 192–193), written where
    /// they are wanted: half of all nodes that are hashed are branches.
    fn encode_branch(&self, children: &[u32; 16], buffer: &mut Vec<u8>) {
        let reference = |child: u32| -> &[u8] {
            let slot = (child != NONE).then(|| &self.slots[child as usize]);
            slot.and_then(|slot| slot.reference.as_ref()).map_or(&[EMPTY_STRING_CODE], RlpNode::as_slice)
        };
        let payload_length = 1 + children.iter().map(|child| reference(*child).len()).sum::<usize>();
        alloy_rlp::Header { list: true, payload_length }.encode(buffer);
        for child in children {
            buffer.extend_from_slice(reference(*child));
        }
        buffer.push(EMPTY_STRING_CODE);
    }

    /// Writes the node at `index`, whose reference is known, as it is stored:
    /// its RLP, and for a branch which of its children are leaves that may be
    /// forgotten, so that they need not be read to be replaced.
    pub(super) fn encode_stored(&self, index: u32, buffer: &mut Vec<u8>) {
        self.encode(index, buffer);
        let Slot { node: Node::Branch(children), reference: Some(reference), .. } = &self.slots[index as usize] else {
            return;
        };
        let mut leaves = TrieMask::default();
        for (nibble, child) in (0u8..).zip(**children) {
            let forgettable = self.slots.get(child as usize).is_some_and(|slot| match &slot.node {
                Node::Forgotten => true,
                Node::Leaf(leaf) => (self.forgettable)(&leaf.value),
                _ => false,
            });
            if forgettable {
                leaves.set_bit(nibble);
            }
        }
        if let Some(hash) = reference.as_hash()
            && !leaves.is_empty()
        {
            buffer.extend_from_slice(&leaves.get().to_be_bytes());
            buffer.extend_from_slice(&checksum(&hash, leaves));
        }
    }
}

/// The node that was stored under this hash, and which of its children are
/// leaves that may be forgotten.
///
/// # Errors
/// [`StateError::TrieNodeDamaged`] when it is another one.
pub(crate) fn open(hash: &B256, stored: &[u8]) -> Result<(TrieNode, TrieMask), StateError> {
    let damaged = || StateError::TrieNodeDamaged { hash: *hash };
    let mut rest = stored;
    let header = alloy_rlp::Header::decode(&mut rest).map_err(|_| damaged())?;
    let end = stored.len() - rest.len() + header.payload_length;
    let (rlp, tail) = stored.split_at_checked(end).ok_or_else(damaged)?;
    if keccak256(rlp) != *hash {
        return Err(damaged());
    }
    let leaves = match tail.split_first_chunk() {
        None if tail.is_empty() => TrieMask::default(),
        Some((mask, sum)) => {
            let leaves = TrieMask::new(u16::from_be_bytes(*mask));
            if *sum != checksum(hash, leaves) {
                return Err(damaged());
            }
            leaves
        }
        None => return Err(damaged()),
    };
    Ok((TrieNode::decode(&mut &*rlp)?, leaves))
}

/// The hash says nothing of which children are leaves; a flipped bit there
/// would put a leaf in a branch's place.
fn checksum(hash: &B256, leaves: TrieMask) -> [u8; 4] {
    let sum = xxh3_64_with_seed(hash.as_slice(), u64::from(leaves.get())).to_le_bytes();
    [sum[0], sum[1], sum[2], sum[3]]
}
