//! What the two YAML formats share: values with their places, and shell text inside of scalars.

use super::{Expression, Permissions, Variable};
use crate::model::compose::Text;
use crate::model::docker_cli::{Scope, expand_text, expression_names};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::shell::{self, Piece};
use crate::syntax::yaml::{Id, Kind, Tree};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Bytes of scripts that one pipeline may hold, templates counted for every job that uses them.
const SCRIPT_BYTES: usize = 4 << 20;
/// Pairs of mappings that are read in one pipeline, those of templates counted each time.
const MAX_PAIRS: usize = 400_000;
/// Steps that `!reference` is followed in one pipeline.
const MAX_STEPS: usize = 20_000;
/// Items of a list of texts that are read.
const MAX_TEXTS: usize = 200;
/// Expressions of one script that are listed.
const MAX_EXPRESSIONS: usize = 200;

/// A file of a pipeline.
pub(super) struct Reader<'t> {
    pub(super) tree: &'t Tree,
    pub(super) text: &'t str,
    pub(super) source: SourceId,
    script_bytes: Cell<usize>,
    /// Pairs that may still be read out of mappings: a template of very many keys must not be read anew for every job.
    pairs_left: Cell<usize>,
    /// Steps that references may still be followed.
    pub(super) steps_left: Cell<usize>,
    /// Mappings that were read, by key.
    mappings: RefCell<BTreeMap<Id, BTreeMap<&'t str, Id>>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(tree: &'t Tree, text: &'t str, source: SourceId) -> Self {
        Self {
            tree,
            text,
            source,
            script_bytes: Cell::new(SCRIPT_BYTES),
            pairs_left: Cell::new(MAX_PAIRS),
            steps_left: Cell::new(MAX_STEPS),
            mappings: RefCell::default(),
        }
    }

    pub(super) fn at(&self, id: Id) -> Location {
        Location::new(self.source, self.tree.node(self.tree.deref(id)).span)
    }

    /// Pairs of a mapping, with what `<<` merges in.
    pub(super) fn pairs(&self, id: Id) -> Vec<(&'t str, Id, Id)> {
        let pairs = self.tree.merged(id, self.pairs_left.get());
        self.pairs_left.set(self.pairs_left.get().saturating_sub(pairs.len()));
        pairs.into_iter().filter_map(|(key, value)| Some((self.tree.str(key)?, key, value))).collect()
    }

    /// The value of a key.
    pub(super) fn get(&self, id: Id, key: &str) -> Option<Id> {
        let id = self.tree.deref(id);
        if let Some(known) = self.mappings.borrow().get(&id) {
            return known.get(key).copied();
        }
        let mut mapping = BTreeMap::new();
        for (name, _, value) in self.pairs(id) {
            mapping.entry(name).or_insert(value);
        }
        let found = mapping.get(key).copied();
        self.mappings.borrow_mut().insert(id, mapping);
        found
    }

    /// A scalar with its variables expanded.
    pub(super) fn scalar(&self, id: Id, scope: &Scope) -> Option<Text> {
        let id = self.tree.deref(id);
        let raw = self.tree.str(id).filter(|_| !self.tree.node(id).is_absent())?;
        let mut variables = Vec::new();
        let (text, certainty) = expand_text(raw, scope, &mut variables);
        Some(Text { text, certainty, variables, at: self.at(id) })
    }

    pub(super) fn text_of(&self, id: Id, key: &str, scope: &Scope) -> Option<Text> {
        self.scalar(self.get(id, key)?, scope)
    }

    /// A string, or each string of a list.
    pub(super) fn texts(&self, id: Option<Id>, scope: &Scope) -> Vec<Text> {
        let Some(id) = id else { return Vec::new() };
        match self.scalar(id, scope) {
            Some(text) => vec![text],
            None => self.tree.items(id).iter().take(MAX_TEXTS).filter_map(|item| self.scalar(*item, scope)).collect(),
        }
    }

    /// A mapping of names to values. GitLab's long form has the value under `value`.
    pub(super) fn variables(&self, id: Option<Id>, scope: &Scope) -> Vec<Variable> {
        let Some(id) = id else { return Vec::new() };
        self.pairs(id)
            .into_iter()
            .map(|(name, key, value)| Variable {
                name: name.to_owned(),
                name_at: self.at(key),
                value: self.scalar(value, scope).or_else(|| self.text_of(value, "value", scope)),
            })
            .collect()
    }

    pub(super) fn permissions(&self, id: Option<Id>) -> Option<Permissions> {
        let id = id?;
        let scope = Scope::default();
        if let Some(all) = self.scalar(id, &scope) {
            return Some(Permissions { all: Some(all.text), scopes: Vec::new(), at: all.at });
        }
        let scopes = self
            .pairs(id)
            .into_iter()
            .filter_map(|(name, _, level)| Some((name.to_owned(), self.scalar(level, &scope)?)));
        Some(Permissions { all: None, scopes: scopes.collect(), at: self.at(id) })
    }

    /// Where a value says that something may fail: `true`, or anything but `false`.
    pub(super) fn switched_on(&self, id: Option<Id>) -> Option<Location> {
        let id = id?;
        let off = self.tree.str(self.tree.deref(id)).is_some_and(|text| matches!(text, "false" | "no" | "off"));
        (!off).then(|| self.at(id))
    }

    /// The commands of a scalar with spans of the file, added behind those that are there.
    pub(super) fn shell(&self, id: Id, pieces: &mut Vec<Piece>) {
        let id = self.tree.deref(id);
        let Kind::Scalar { value, .. } = &self.tree.node(id).kind else { return };
        let Some(left) = self.script_bytes.get().checked_sub(value.len() + 64) else { return };
        self.script_bytes.set(left);
        let map = self.tree.scalar_map(self.text, id).source_map(value);
        let before = pieces.len();
        pieces.extend(shell::follow(value, &map).into_iter().map(|mut piece| {
            piece.within = piece.within.map(|index| index + before);
            piece
        }));
    }

    /// Every `${{ … }}` of a scalar.
    pub(super) fn expressions(&self, id: Id) -> Vec<Expression> {
        let id = self.tree.deref(id);
        let Some(value) = self.tree.str(id).filter(|value| value.contains("${{")) else { return Vec::new() };
        let map = self.tree.scalar_map(self.text, id);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = value.get(at..).and_then(|rest| rest.find("${{")).map(|start| at + start) {
            let Some(end) = value.get(start..).and_then(|rest| rest.find("}}")).map(|end| start + end + 2) else {
                break;
            };
            let inside = value.get(start + 3..end - 2).unwrap_or("");
            found.push(Expression {
                names: expression_names(inside).into_iter().map(str::to_owned).collect(),
                at: Location::new(self.source, map.span(start..end)),
            });
            at = end;
            if found.len() >= MAX_EXPRESSIONS {
                break;
            }
        }
        found
    }

    /// The span that covers several places.
    pub(super) fn covering(&self, ids: &[Id]) -> Location {
        let spans = ids.iter().map(|id| self.at(*id).span);
        Location::new(self.source, spans.reduce(Span::to).unwrap_or_default())
    }
}
