//! Who stands below whom, found once: looking for children and relations must not read everything each time.

use crate::abi::{Node, Relation};

/// No node.
const NONE: u32 = u32::MAX;

/// The children of every node of a document.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    first: Vec<u32>,
    next: Vec<u32>,
}

impl Tree {
    /// Links the nodes of a document. A node that does not stand behind its parent belongs to nobody.
    pub(super) fn of(nodes: &[Node]) -> Self {
        let mut tree = Self { first: vec![NONE; nodes.len()], next: vec![NONE; nodes.len()] };
        for (index, node) in (0u32..).zip(nodes).skip(1).collect::<Vec<_>>().into_iter().rev() {
            if node.parent >= index {
                continue;
            }
            if let (Some(first), Some(next)) =
                (tree.first.get_mut(node.parent as usize), tree.next.get_mut(index as usize))
            {
                *next = std::mem::replace(first, index);
            }
        }
        tree
    }

    /// The first node below one.
    pub(super) fn first(&self, node: u32) -> Option<u32> {
        self.first.get(node as usize).copied().filter(|&index| index != NONE)
    }

    /// The next node with the same parent.
    pub(super) fn next(&self, node: u32) -> Option<u32> {
        self.next.get(node as usize).copied().filter(|&index| index != NONE)
    }
}

/// The relations of every entity: indices sorted by the end they are looked up by, in their own order within it.
#[derive(Clone, Debug)]
pub(super) struct Links {
    by_source: Vec<u32>,
    by_target: Vec<u32>,
}

impl Links {
    /// Sorts the relations.
    pub(super) fn of(relations: &[Relation]) -> Self {
        let sorted = |end: fn(&Relation) -> u32| {
            let mut indices: Vec<u32> = (0u32..).zip(relations).map(|(index, _)| index).collect();
            indices.sort_by_key(|&index| relations.get(index as usize).map(end));
            indices
        };
        Self { by_source: sorted(|relation| relation.source), by_target: sorted(|relation| relation.target) }
    }

    /// The relations that start at an entity.
    pub(super) fn from<'l>(&'l self, relations: &[Relation], entity: u32) -> &'l [u32] {
        Self::range(&self.by_source, entity, |index| relations.get(index as usize).map(|relation| relation.source))
    }

    /// The relations that end at an entity.
    pub(super) fn to<'l>(&'l self, relations: &[Relation], entity: u32) -> &'l [u32] {
        Self::range(&self.by_target, entity, |index| relations.get(index as usize).map(|relation| relation.target))
    }

    fn range(sorted: &[u32], entity: u32, end: impl Fn(u32) -> Option<u32>) -> &[u32] {
        let start = sorted.partition_point(|&index| end(index) < Some(entity));
        let rest = sorted.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|&index| end(index) <= Some(entity))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Links, Tree};
    use crate::abi::{Node, NodeKind, Relation, Span};

    fn node(parent: u32) -> Node {
        let span = Span { start: 0, end: 0 };
        Node { parent, kind: NodeKind::Pair, key: String::new(), value: String::new(), span, value_span: span }
    }

    fn relation(source: u32, target: u32) -> Relation {
        Relation { kind: "needs".to_owned(), source, target, origin: None, properties: Vec::new() }
    }

    #[test]
    fn children_are_linked_in_order() {
        let tree = Tree::of(&[node(0), node(0), node(0), node(1), node(2), node(1)]);
        let below = |parent| std::iter::successors(tree.first(parent), |&at| tree.next(at)).collect::<Vec<_>>();
        assert_eq!((below(0), below(1), below(2), below(3)), (vec![1, 2], vec![3, 5], vec![4], Vec::new()));
    }

    #[test]
    fn an_ill_formed_tree_is_survived() {
        let tree = Tree::of(&[node(0), node(9), node(2), node(1)]);
        assert_eq!((tree.first(0), tree.first(1), tree.first(2), tree.first(7)), (None, Some(3), None, None));
        assert!(Tree::of(&[]).first(0).is_none());
    }

    #[test]
    fn relations_are_found_by_either_end() {
        let relations = [relation(2, 0), relation(0, 1), relation(2, 1), relation(0, 2)];
        let links = Links::of(&relations);
        assert_eq!(links.from(&relations, 0), [1, 3]);
        assert_eq!(links.from(&relations, 2), [0, 2]);
        assert_eq!(links.to(&relations, 1), [1, 2]);
        assert!(links.from(&relations, 1).is_empty() && links.to(&relations, 9).is_empty());
    }
}
