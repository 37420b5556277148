//! What the configurations of web servers have in common: directives with arguments, and blocks of them.

use crate::span::Span;

/// One directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// The name. Apache's names are in lower case here, since it does not tell case apart.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// The arguments, unquoted, and where each is written, quotes included. Variables are left as they are.
    pub args: Vec<(String, Span)>,
    /// What stands in the block, if the directive has one.
    pub block: Option<Vec<Item>>,
    /// From the name to its end: the `;`, the last argument, or the end of the block.
    pub span: Span,
}

impl Item {
    /// The argument at `index`.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(|(word, _)| word.as_str())
    }

    /// The directives in its block; none when it has no block.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        self.block.as_deref().unwrap_or(&[])
    }

    /// From the name to the last argument, without the block: the place to point at.
    #[must_use]
    pub fn header(&self) -> Span {
        self.args.last().map_or(self.name_span, |(_, last)| self.name_span.to(*last))
    }
}

/// Every directive in the order of the text, whatever its depth.
#[must_use]
pub fn walk(items: &[Item]) -> Vec<&Item> {
    let mut all = Vec::new();
    let mut pending: Vec<&Item> = items.iter().rev().collect();
    while let Some(item) = pending.pop() {
        all.push(item);
        pending.extend(item.items().iter().rev());
    }
    all
}

/// Every directive of this name in the order of the text, whatever its depth.
#[must_use]
pub fn find<'i>(items: &'i [Item], name: &str) -> Vec<&'i Item> {
    let mut found = walk(items);
    found.retain(|item| item.name == name);
    found
}
