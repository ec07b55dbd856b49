//! One Merkle-Patricia trie with 32-byte keys, held in a slab and loaded on
//! demand (Yellow Paper, appendix D).
//!
//! Nodes live in an arena and refer to each other by index. A node that was
//! not needed yet is only a reference (its hash, or its RLP when shorter than
//! 32 bytes); it is read from a [`NodeSource`] by its *position*, the nibbles
//! that lead to it, when a walk reaches it. References are cached and dropped
//! along the path of a change, so a root costs one hash a touched node.
//!
//! **Invariant**: a parent of an unsaved node is unsaved, so that saving only
//! walks what changed.

mod node;
#[cfg(test)]
mod tests;

use crate::error::StateError;
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, nodes::RlpNode};
pub(crate) use node::open;
use node::{NONE, Node, Slot};
use nybbles::Nibbles;
use smallvec::SmallVec;

/// Where nodes that are not in memory are read from.
pub trait NodeSource {
    /// What was saved at `position`, if anything was.
    ///
    /// # Errors
    /// A storage error.
    fn load(&self, position: &Nibbles) -> Result<Option<Vec<u8>>, StateError>;
}

/// A trie whose keys are 32-byte hashes.
#[derive(Debug)]
pub struct Trie {
    slots: Vec<Slot>,
    free: Vec<u32>,
    root: u32,
    vacated: Vec<Nibbles>,
    /// Whether a leaf with this value may be forgotten.
    forgettable: fn(&[u8]) -> bool,
}

/// What a recursive step left behind: the index that now stands at the
/// position, and whether anything changed.
struct Step {
    index: u32,
    changed: bool,
}

/// A value on its way to its place.
struct Put {
    value: Vec<u8>,
    /// Whether its key is in the trie.
    known: bool,
}

impl Trie {
    /// The empty trie.
    pub const fn empty() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), root: NONE, vacated: Vec::new(), forgettable: |_| false }
    }

    /// Lets leaves be forgotten whose value `forgettable` allows: see
    /// [`Trie::forget_leaves`]. Not to be changed once nodes are saved.
    #[must_use]
    pub fn forgetting(self, forgettable: fn(&[u8]) -> bool) -> Self {
        Self { forgettable, ..self }
    }

    /// A trie known by its root hash only; nodes are loaded when needed.
    pub fn from_root(root: B256) -> Self {
        let mut trie = Self::empty();
        if root != EMPTY_ROOT_HASH {
            trie.root = trie.add(Slot::unloaded(RlpNode::word_rlp(&root)));
        }
        trie
    }

    /// How many nodes and references are held in memory.
    pub fn resident(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The root hash. Hashes what changed since the last call.
    pub fn root(&mut self) -> B256 {
        if self.root == NONE {
            return EMPTY_ROOT_HASH;
        }
        let mut buffer = Vec::with_capacity(600);
        let reference = self.reference(self.root, &mut buffer);
        reference.as_hash().unwrap_or_else(|| keccak256(reference.as_slice()))
    }

    /// The value at `key`.
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn get(&mut self, key: &B256, source: &dyn NodeSource) -> Result<Option<&[u8]>, StateError> {
        let key = Nibbles::unpack(key);
        let (index, depth) = self.walk(&key, source)?;
        if index == NONE {
            return Ok(None);
        }
        self.resolve(index, &key, depth, source)?;
        match &self.slots[index as usize].node {
            Node::Leaf(leaf) => Ok((leaf.path == key.slice(depth..)).then_some(leaf.value.as_slice())),
            _ => Err(StateError::TrieShape),
        }
    }

    /// The value at `key`, unless its leaf was forgotten: see
    /// [`Trie::forget_leaves`].
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn remembered(&mut self, key: &B256, source: &dyn NodeSource) -> Result<Option<&[u8]>, StateError> {
        let key = Nibbles::unpack(key);
        let (index, depth) = self.walk(&key, source)?;
        Ok(self.slots.get(index as usize).and_then(|slot| match &slot.node {
            Node::Leaf(leaf) => (leaf.path == key.slice(depth..)).then_some(leaf.value.as_slice()),
            _ => None,
        }))
    }

    /// The leaf, forgotten or not, where a walk along `key` ends, and its
    /// depth; [`NONE`] where it ends in nothing.
    fn walk(&mut self, key: &Nibbles, source: &dyn NodeSource) -> Result<(u32, usize), StateError> {
        let mut index = self.root;
        let mut depth = 0;
        while index != NONE {
            if matches!(self.slots[index as usize].node, Node::Unloaded) {
                self.resolve(index, key, depth, source)?;
            }
            match &self.slots[index as usize].node {
                Node::Leaf(_) | Node::Forgotten => break,
                Node::Extension(extension) => {
                    if !key.slice(depth..).starts_with(&extension.path) {
                        return Ok((NONE, depth));
                    }
                    depth += extension.path.len();
                    index = extension.child;
                }
                Node::Branch(children) => {
                    index = children[usize::from(key.get_unchecked(depth))];
                    depth += 1;
                }
                Node::Vacant | Node::Unloaded => return Err(StateError::TrieShape),
            }
        }
        Ok((index, depth))
    }

    /// Sets `key` to `value`, which must not be empty.
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn insert(&mut self, key: &B256, value: Vec<u8>, source: &dyn NodeSource) -> Result<(), StateError> {
        self.root = self.insert_at(self.root, &Nibbles::unpack(key), 0, Put { value, known: false }, source)?.index;
        Ok(())
    }

    /// Sets `key`, which is in the trie, to `value`: a forgotten leaf need not
    /// be read to be replaced. A `key` that is not there would take another
    /// one's place.
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn replace(&mut self, key: &B256, value: Vec<u8>, source: &dyn NodeSource) -> Result<(), StateError> {
        self.root = self.insert_at(self.root, &Nibbles::unpack(key), 0, Put { value, known: true }, source)?.index;
        Ok(())
    }

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn remove(&mut self, key: &B256, source: &dyn NodeSource) -> Result<(), StateError> {
        let key = Nibbles::unpack(key);
        self.root = self.remove_at(self.root, &key, 0, source)?.index;
        Ok(())
    }

    /// The nodes from the root towards `key`, as `eth_getProof` gives them
    /// (EIP-1186): they prove the value, or that there is none.
    ///
    /// # Errors
    /// When a node can't be loaded or is damaged.
    pub fn prove(&mut self, key: &B256, source: &dyn NodeSource) -> Result<Vec<Bytes>, StateError> {
        self.root();
        let key = Nibbles::unpack(key);
        let mut proof = Vec::new();
        let mut index = self.root;
        let mut depth = 0;
        let mut buffer = Vec::with_capacity(600);
        while index != NONE {
            self.resolve(index, &key, depth, source)?;
            self.encode(index, &mut buffer);
            if buffer.len() >= 32 || depth == 0 {
                proof.push(Bytes::copy_from_slice(&buffer));
            }
            match &self.slots[index as usize].node {
                Node::Extension(extension) if key.slice(depth..).starts_with(&extension.path) => {
                    depth += extension.path.len();
                    index = extension.child;
                }
                Node::Branch(children) => {
                    index = children[usize::from(key.get_unchecked(depth))];
                    depth += 1;
                }
                _ => break,
            }
        }
        Ok(proof)
    }

    /// Hands every position that changed since the last call to `save`, with
    /// what the source is to hold there (the node's RLP and what helps to find
    /// its leaves) or `None` where nothing stands any more. Later calls for
    /// one position override earlier ones.
    pub fn drain_unsaved(&mut self, save: &mut dyn FnMut(&Nibbles, Option<&[u8]>)) {
        self.root();
        for position in std::mem::take(&mut self.vacated) {
            save(&position, None);
        }
        let mut buffer = Vec::with_capacity(600);
        self.save_from(self.root, Nibbles::new(), &mut buffer, save);
    }

    /// Forgets the saved leaves that may be forgotten, all but their
    /// references. The node source must hold all that was drained.
    pub fn forget_leaves(&mut self) {
        self.root();
        for slot in &mut self.slots {
            if let Node::Leaf(leaf) = &slot.node
                && !slot.unsaved
                && (self.forgettable)(&leaf.value)
            {
                slot.node = Node::Forgotten;
            }
        }
    }

    /// Forgets every saved node that `depth` nibbles or more lead to. The node
    /// source must hold all that was drained.
    pub fn evict_saved(&mut self, depth: usize) {
        self.root();
        self.evict_from(self.root, 0, depth);
    }

    /// Whether everything was drained since the last change.
    pub fn is_saved(&self) -> bool {
        self.root == NONE && self.vacated.is_empty() || self.root != NONE && !self.slots[self.root as usize].unsaved
    }

    fn evict_from(&mut self, index: u32, at: usize, depth: usize) {
        if index == NONE {
            return;
        }
        let children: SmallVec<[(u32, usize); 16]> = match &self.slots[index as usize].node {
            Node::Extension(extension) => SmallVec::from_slice(&[(extension.child, at + extension.path.len())]),
            Node::Branch(children) => {
                children.iter().filter(|child| **child != NONE).map(|child| (*child, at + 1)).collect()
            }
            Node::Leaf(_) | Node::Vacant | Node::Unloaded | Node::Forgotten => SmallVec::new(),
        };
        let forget = at >= depth && !self.slots[index as usize].unsaved;
        for (child, at) in children {
            self.evict_from(child, at, depth);
            if forget {
                self.release(child);
            }
        }
        if forget && !matches!(self.slots[index as usize].node, Node::Forgotten) {
            self.slots[index as usize].node = Node::Unloaded;
        }
    }

    fn save_from(
        &mut self,
        index: u32,
        position: Nibbles,
        buffer: &mut Vec<u8>,
        save: &mut dyn FnMut(&Nibbles, Option<&[u8]>),
    ) {
        if index == NONE || !self.slots[index as usize].unsaved {
            return;
        }
        self.slots[index as usize].unsaved = false;
        self.encode_stored(index, buffer);
        let stored = buffer.len() >= 32 || position.is_empty();
        save(&position, stored.then_some(buffer));
        match &self.slots[index as usize].node {
            Node::Extension(extension) => {
                let (child, position) = (extension.child, position.join(&extension.path));
                self.save_from(child, position, buffer, save);
            }
            Node::Branch(children) => {
                for (nibble, child) in (0u8..).zip(**children) {
                    let mut position = position;
                    position.push(nibble);
                    self.save_from(child, position, buffer, save);
                }
            }
            Node::Leaf(_) | Node::Vacant | Node::Unloaded | Node::Forgotten => {}
        }
    }

    fn insert_at(
        &mut self,
        index: u32,
        key: &Nibbles,
        depth: usize,
        put: Put,
        source: &dyn NodeSource,
    ) -> Result<Step, StateError> {
        if index == NONE {
            let index = self.add(Slot::new(Node::leaf(key.slice(depth..), put.value)));
            return Ok(Step { index, changed: true });
        }
        if put.known && matches!(self.slots[index as usize].node, Node::Forgotten) {
            self.slots[index as usize].node = Node::leaf(key.slice(depth..), put.value);
            self.touch(index);
            return Ok(Step { index, changed: true });
        }
        self.resolve(index, key, depth, source)?;
        match &mut self.slots[index as usize].node {
            Node::Leaf(leaf) => {
                let rest = key.slice(depth..);
                if leaf.path == rest {
                    if leaf.value == put.value {
                        return Ok(Step { index, changed: false });
                    }
                    leaf.value = put.value;
                    self.touch(index);
                    return Ok(Step { index, changed: true });
                }
                let path = leaf.path;
                let common = path.common_prefix_length(&rest);
                leaf.path = path.slice(common + 1..);
                self.touch(index);
                let index = self.fork(&path, index, &rest, common, put.value);
                Ok(Step { index, changed: true })
            }
            Node::Extension(extension) => {
                let (path, child) = (extension.path, extension.child);
                let rest = key.slice(depth..);
                let common = path.common_prefix_length(&rest);
                if common == path.len() {
                    let step = self.insert_at(child, key, depth + common, put, source)?;
                    if step.changed {
                        self.slots[index as usize].node = Node::extension(path, step.index);
                        self.touch(index);
                    }
                    return Ok(Step { index, changed: step.changed });
                }
                // Below the fork stands the child itself, or a shorter
                // extension to it.
                let below = if common + 1 == path.len() {
                    self.release(index);
                    child
                } else {
                    self.slots[index as usize].node = Node::extension(path.slice(common + 1..), child);
                    self.touch(index);
                    index
                };
                let index = self.fork(&path, below, &rest, common, put.value);
                Ok(Step { index, changed: true })
            }
            Node::Branch(children) => {
                let nibble = usize::from(key.get_unchecked(depth));
                let child = children[nibble];
                let step = self.insert_at(child, key, depth + 1, put, source)?;
                if step.changed {
                    self.set_child(index, nibble, step.index);
                }
                Ok(Step { index, changed: step.changed })
            }
            Node::Vacant | Node::Unloaded | Node::Forgotten => Err(StateError::TrieShape),
        }
    }

    /// A branch where `old` (leading to `below`) and `rest` part after
    /// `common` nibbles, under an extension where they share any.
    fn fork(&mut self, old: &Nibbles, below: u32, rest: &Nibbles, common: usize, value: Vec<u8>) -> u32 {
        let leaf = self.add(Slot::new(Node::leaf(rest.slice(common + 1..), value)));
        let mut children = Box::new([NONE; 16]);
        children[usize::from(old.get_unchecked(common))] = below;
        children[usize::from(rest.get_unchecked(common))] = leaf;
        let branch = self.add(Slot::new(Node::Branch(children)));
        if common == 0 {
            return branch;
        }
        self.add(Slot::new(Node::extension(old.slice(..common), branch)))
    }

    fn remove_at(
        &mut self,
        index: u32,
        key: &Nibbles,
        depth: usize,
        source: &dyn NodeSource,
    ) -> Result<Step, StateError> {
        if index == NONE {
            return Ok(Step { index, changed: false });
        }
        self.resolve(index, key, depth, source)?;
        match &self.slots[index as usize].node {
            Node::Leaf(leaf) => {
                if leaf.path != key.slice(depth..) {
                    return Ok(Step { index, changed: false });
                }
                self.release(index);
                self.vacated.push(key.slice(..depth));
                Ok(Step { index: NONE, changed: true })
            }
            Node::Extension(extension) => {
                let (path, child) = (extension.path, extension.child);
                if !key.slice(depth..).starts_with(&path) {
                    return Ok(Step { index, changed: false });
                }
                let step = self.remove_at(child, key, depth + path.len(), source)?;
                if !step.changed {
                    return Ok(Step { index, changed: false });
                }
                let position = key.slice(..depth + path.len());
                let merged = self.absorb(index, path, step.index, position);
                Ok(Step { index: merged, changed: true })
            }
            Node::Branch(children) => {
                let nibble = usize::from(key.get_unchecked(depth));
                let child = children[nibble];
                let step = self.remove_at(child, key, depth + 1, source)?;
                if !step.changed {
                    return Ok(Step { index, changed: false });
                }
                self.set_child(index, nibble, step.index);
                if step.index != NONE {
                    return Ok(Step { index, changed: true });
                }
                let index = self.collapse(index, &key.slice(..depth), source)?;
                Ok(Step { index, changed: true })
            }
            Node::Vacant | Node::Unloaded | Node::Forgotten => Err(StateError::TrieShape),
        }
    }

    /// Replaces a branch that has one child left by what that child makes.
    fn collapse(&mut self, index: u32, position: &Nibbles, source: &dyn NodeSource) -> Result<u32, StateError> {
        let Node::Branch(children) = &self.slots[index as usize].node else {
            return Err(StateError::TrieShape);
        };
        let mut left = (0u8..).zip(**children).filter(|(_, child)| *child != NONE);
        let (Some((nibble, child)), None) = (left.next(), left.next()) else {
            return Ok(index);
        };
        let path = Nibbles::from_nibbles([nibble]);
        let child_position = position.join(&path);
        self.resolve(child, &child_position, child_position.len(), source)?;
        Ok(self.absorb(index, path, child, child_position))
    }

    /// Makes `index` an extension by `path` to `child`; a child that is a
    /// leaf or an extension swallows it instead and moves up.
    fn absorb(&mut self, index: u32, path: Nibbles, child: u32, child_position: Nibbles) -> u32 {
        let moved = match &mut self.slots[child as usize].node {
            Node::Leaf(leaf) => {
                leaf.path = path.join(&leaf.path);
                true
            }
            Node::Extension(extension) => {
                extension.path = path.join(&extension.path);
                true
            }
            _ => false,
        };
        if moved {
            self.vacated.push(child_position);
            self.release(index);
            self.touch(child);
            return child;
        }
        self.slots[index as usize].node = Node::extension(path, child);
        self.touch(index);
        index
    }

    fn set_child(&mut self, index: u32, nibble: usize, child: u32) {
        if let Node::Branch(children) = &mut self.slots[index as usize].node {
            children[nibble] = child;
        }
        self.touch(index);
    }

    fn touch(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        slot.reference = None;
        slot.unsaved = true;
    }

    fn add(&mut self, slot: Slot) -> u32 {
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            return index;
        }
        let index = u32::try_from(self.slots.len()).expect("a trie in memory holds fewer than 2^32 nodes");
        self.slots.push(slot);
        index
    }

    fn release(&mut self, index: u32) {
        self.slots[index as usize] = Slot::vacant();
        self.free.push(index);
    }

    fn reference(&mut self, index: u32, buffer: &mut Vec<u8>) -> RlpNode {
        if let Some(reference) = &self.slots[index as usize].reference {
            return reference.clone();
        }
        // Children first: their references are what this node's RLP holds.
        match &self.slots[index as usize].node {
            Node::Extension(extension) => {
                let child = extension.child;
                self.reference(child, buffer);
            }
            Node::Branch(children) => {
                for child in **children {
                    if child != NONE && self.slots[child as usize].reference.is_none() {
                        self.reference(child, buffer);
                    }
                }
            }
            Node::Leaf(_) | Node::Vacant | Node::Unloaded | Node::Forgotten => {}
        }
        self.encode(index, buffer);
        let reference = RlpNode::from_rlp(buffer);
        self.slots[index as usize].reference = Some(reference.clone());
        reference
    }
}
