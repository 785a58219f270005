//! A tournament tree: a value for each leaf, and for each pair of nodes what the two come to together.
//!
//! Changing a leaf costs its depth, less where nothing changes above; the root tells of all leaves at once.

use std::ops::Range;

/// What nodes hold. `NONE` together with anything is the other.
pub(super) trait Value: Copy + PartialEq {
    const NONE: Self;

    fn together(self, other: Self) -> Self;
}

/// A score: the lower is the better.
impl Value for f32 {
    const NONE: Self = f32::INFINITY;

    fn together(self, other: Self) -> Self {
        self.min(other)
    }
}

/// The root is node 1, the children of node n are 2n and 2n + 1, the leaves stand at the end.
#[derive(Debug)]
pub(super) struct Tree<V> {
    nodes: Vec<V>,
}

/// How many leaves a tree for so many lines has.
pub(super) fn width(lines: usize) -> usize {
    lines.next_power_of_two().max(1)
}

/// The nodes that stand for the leaves of a range, and for no other: at most two a level.
pub(super) fn cover(width: usize, range: Range<usize>) -> Vec<usize> {
    let (mut from, mut to) = (range.start + width, range.end + width);
    let mut nodes = Vec::new();
    while from < to {
        if from % 2 == 1 {
            nodes.push(from);
            from += 1;
        }
        if to % 2 == 1 {
            to -= 1;
            nodes.push(to);
        }
        (from, to) = (from / 2, to / 2);
    }
    nodes
}

impl<V: Value> Tree<V> {
    pub(super) fn new(leaves: impl ExactSizeIterator<Item = V>) -> Self {
        let width = width(leaves.len());
        let mut nodes = vec![V::NONE; 2 * width];
        nodes[width..].iter_mut().zip(leaves).for_each(|(node, leaf)| *node = leaf);
        for node in (1..width).rev() {
            nodes[node] = nodes[2 * node].together(nodes[2 * node + 1]);
        }
        Self { nodes }
    }

    pub(super) fn width(&self) -> usize {
        self.nodes.len() / 2
    }

    pub(super) fn node(&self, node: usize) -> V {
        self.nodes[node]
    }

    pub(super) fn set(&mut self, leaf: usize, value: V) {
        let mut node = leaf + self.width();
        if self.nodes[node] == value {
            return;
        }
        self.nodes[node] = value;
        while node > 1 {
            node /= 2;
            let together = self.nodes[2 * node].together(self.nodes[2 * node + 1]);
            if self.nodes[node] == together {
                return;
            }
            self.nodes[node] = together;
        }
    }
}

impl Tree<f32> {
    /// Below a node, the first leaf that has its score.
    pub(super) fn lowest_leaf(&self, node: usize) -> usize {
        let mut node = node;
        while node < self.width() {
            node = if self.nodes[2 * node] <= self.nodes[2 * node + 1] { 2 * node } else { 2 * node + 1 };
        }
        node - self.width()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_nodes_of_a_range_tell_of_its_leaves(
            leaves in prop::collection::vec(0.0..100.0_f32, 1..70),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0.0..100.0_f32), 0..40),
            ends in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let mut leaves = leaves;
            let mut tree = Tree::new(leaves.iter().copied());
            for (leaf, value) in changes {
                let leaf = leaf.index(leaves.len());
                leaves[leaf] = value;
                tree.set(leaf, value);
            }
            let (a, b) = (ends.0.index(leaves.len() + 1), ends.1.index(leaves.len() + 1));
            let range = a.min(b)..a.max(b);
            let least = cover(tree.width(), range.clone()).into_iter().map(|node| tree.node(node)).fold(f32::NONE, f32::together);
            prop_assert_eq!(least, leaves[range].iter().copied().fold(f32::NONE, f32::together));
            prop_assert_eq!(tree.node(1), leaves.iter().copied().fold(f32::NONE, f32::together));
        }
    }
}
