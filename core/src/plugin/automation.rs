//! The trees of what runs by itself or by hand: crontabs, Makefiles, Jenkins pipelines.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::{crontab::Crontab, jenkinsfile::Jenkinsfile, makefile::Makefile};
use plimsoll_plugin_abi::NodeKind;

/// A crontab.
pub(super) fn crontab(arena: &mut Arena<'_>, file: &Crontab) {
    for variable in &file.variables {
        pair(arena, &variable.name, &variable.value, (variable.name_span, variable.value_span));
    }
    for entry in &file.entries {
        let key = entry.schedule_span.clamp(arena.text()).slice(arena.text());
        let (span, value_span) = (entry.span, entry.rest_span);
        arena.add(0, New { kind: NodeKind::Directive, key, value: &entry.rest, span, value_span });
    }
    arena.comments(&file.comments);
}

/// A Makefile.
pub(super) fn makefile(arena: &mut Arena<'_>, file: &Makefile) {
    for variable in &file.variables {
        pair(arena, &variable.name, &variable.value, (variable.name_span, variable.value_span));
    }
    for rule in &file.rules {
        let names = |names: &[crate::syntax::makefile::Name]| {
            names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        let value_span = match (rule.prerequisites.first(), rule.prerequisites.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span { start: rule.span.end, end: rule.span.end },
        };
        let (key, value) = (names(&rule.targets), names(&rule.prerequisites));
        let span = rule.recipe.last().map_or(rule.span, |line| rule.span.to(line.span));
        let own = arena.add(0, New { kind: NodeKind::Block, key: &key, value: &value, span, value_span });
        for line in &rule.recipe {
            arena.as_written(own, NodeKind::Instruction, "", line.span, line.span);
        }
    }
    arena.comments(&file.comments);
}

/// A Jenkins pipeline: what it runs.
pub(super) fn jenkinsfile(arena: &mut Arena<'_>, file: &Jenkinsfile) {
    for step in &file.steps {
        let span = step.script.span;
        let node =
            New { kind: NodeKind::Instruction, key: &step.kind, value: &step.script.text, span, value_span: span };
        arena.add(0, node);
    }
    arena.comments(&file.comments);
}

fn pair(arena: &mut Arena<'_>, key: &str, value: &str, (key_span, value_span): (Span, Span)) {
    arena.add(0, New { kind: NodeKind::Pair, key, value, span: key_span.to(value_span), value_span });
}
