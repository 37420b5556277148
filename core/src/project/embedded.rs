//! Dockerfiles inside Compose files: `build.dockerfile_inline`.
//!
//! The value is decoded as YAML and Compose do it (indentation, escapes, `$$`, `${…}`), and what results is read like a file of its
//! own. A map leads from each of its bytes back to the Compose file, whatever the value's style.

use super::substitutions::Substitutions;
use super::{File, Parsed, Project};
use crate::detect::Kind;
use crate::model::interpolate::interpolate;
use crate::source::{Embedded, Location, MAX_BYTES, SourceId, Sources, folder, join};
use crate::span::Span;
use crate::syntax::shell::SourceMap;
use crate::syntax::yaml::edit::{TextEdit, verified_against};
use crate::syntax::yaml::{self, Tree};
use crate::syntax::{dockerfile, dotenv};

/// The key whose value is a Dockerfile.
const KEY: &str = "dockerfile_inline";
/// More of them are not read: they would have to be told apart first.
const MAX_TEXTS: usize = 500;

/// Finds the Dockerfiles inside the Compose files, and adds them to `files`.
pub(super) fn read(sources: &Sources, files: &mut Vec<File>) {
    sources.embed(|| {
        let mut found = Vec::new();
        for (id, source) in sources.iter() {
            let Some(File { kind: Kind::Compose, parsed: Parsed::Yaml(tree), .. }) = files.get(id.0 as usize) else {
                continue;
            };
            let room = MAX_TEXTS.saturating_sub(found.len());
            if room > 0 {
                found.extend(texts_of(tree, source.text(), id, &substitutions(sources, files, id), room));
            }
        }
        found
    });
    for (source, text) in sources.embedded() {
        files.push(File { source, kind: Kind::Dockerfile, parsed: Parsed::Dockerfile(dockerfile::parse(text.text())) });
    }
}

/// What Compose replaces in a file.
fn substitutions(sources: &Sources, files: &[File], id: SourceId) -> Substitutions {
    let dot_env = sources.id(&join(folder(sources.get(id).path()), ".env"));
    let file: Option<&dotenv::DotEnv> = match dot_env.and_then(|id| files.get(id.0 as usize)).map(|file| &file.parsed) {
        Some(Parsed::DotEnv(file)) => Some(file),
        _ => None,
    };
    Substitutions::of(file)
}

/// The values of the key in one file, as Compose hands them to the builder. One that cannot be followed byte by byte is left out.
fn texts_of(
    tree: &Tree,
    text: &str,
    id: SourceId,
    substitutions: &Substitutions,
    room: usize,
) -> Vec<(Location, String, SourceMap)> {
    if !text.contains(KEY) {
        return Vec::new();
    }
    let pairs = tree.nodes.iter().flat_map(|node| match &node.kind {
        yaml::Kind::Mapping { pairs, .. } => pairs.as_slice(),
        _ => &[],
    });
    let keys = pairs.filter(|(key, _)| tree.str(*key) == Some(KEY));
    let mut total = 0;
    keys.filter_map(|&(_, value)| {
        let written = tree.scalar_map(text, value).exact_map()?;
        let read = interpolate(tree.str(value)?, &|name| substitutions.get(name));
        total += read.text.len();
        if total > MAX_BYTES {
            return None;
        }
        let at = Location::new(id, tree.node(value).span);
        Some((at, read.text, written.compose(&read.map)))
    })
    .take(room)
    .collect()
}

/// The edit of the Compose file that turns the Dockerfile inside it into `after`, which is the Dockerfile with `replacement` at
/// `span`. Tried: the edited file still parses, holds exactly `after`, and differs in nothing else.
pub(super) fn edit(
    project: &Project<'_>,
    source: SourceId,
    embedded: &Embedded,
    span: Span,
    replacement: &str,
    after: &str,
) -> Option<TextEdit> {
    let host = embedded.at.source;
    let (tree, text) = (project.tree(host)?, project.text(host));
    let edit = moved(text, embedded, span, replacement)?;
    let edited = verified_against(tree, text, std::slice::from_ref(&edit))?;
    let before: Vec<&str> = project
        .sources
        .embedded()
        .filter(|(id, _)| project.sources.embedded_text(*id).is_some_and(|other| other.at.source == host))
        .map(|(id, text)| if id == source { after } else { text.text() })
        .collect();
    let tree = yaml::parse(&edited, &yaml::Limits::default());
    let now = texts_of(&tree, &edited, host, &substitutions(project.sources, &project.files, host), MAX_TEXTS);
    now.iter().map(|(_, text, _)| text.as_str()).eq(before).then_some(edit)
}

/// An edit of the Dockerfile as one of the file around it: indented, dollar signs doubled.
fn moved(text: &str, embedded: &Embedded, span: Span, replacement: &str) -> Option<TextEdit> {
    let range = span.range();
    let line_start = |at: usize| text.get(..at).map(|before| before.rfind('\n').map_or(0, |feed| feed + 1));
    // Both ends where the next byte is written: behind the indentation of its line.
    let mut start = embedded.map.span(range.start..range.start).range().start;
    let end = match range.is_empty() {
        true => start,
        false => embedded.map.span(range.end..range.end).range().end,
    };
    let whole = embedded.at.span.range();
    let first = text.get(whole.start..)?.find('\n').map(|feed| whole.start + feed + 1)?;
    let content = text.get(first..whole.end)?.split('\n').find(|line| !line.trim().is_empty())?;
    let indentation = content.get(..content.len() - content.trim_start_matches(' ').len())?;
    let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let doubled = replacement.replace('$', "$$").replace("\r\n", "\n");
    let indented = |lines: &str| lines.replace('\n', &format!("{feed}{indentation}"));
    if range.is_empty() && start >= whole.end {
        // Behind the last line. The edit takes that line's last character with it: it has to be one of the value.
        let last = text.get(..whole.end)?.chars().next_back()?;
        let lines = doubled.strip_prefix('\n').unwrap_or(&doubled);
        let lines = indented(lines.strip_suffix('\n').unwrap_or(lines));
        let span = Span::new(whole.end - last.len_utf8(), whole.end);
        return Some(TextEdit { span, text: format!("{last}{feed}{indentation}{lines}") });
    }
    // Up to the start of a line that is not part of the value: the indentation of what is removed goes too.
    let own_start = line_start(start)?;
    if doubled.is_empty() && end == line_start(end)? && text.get(own_start..start)?.trim().is_empty() {
        start = own_start;
        if end > whole.end {
            // The last line of the value goes, its line end stays; as above, a character of the value has to be part of the edit.
            let before = text.get(..start)?.strip_suffix('\n')?;
            let before = before.strip_suffix('\r').unwrap_or(before);
            let last = before.chars().next_back()?;
            let span = Span::new(before.len() - last.len_utf8(), whole.end);
            return Some(TextEdit { span, text: last.to_string() });
        }
    }
    let new = indented(&doubled);
    (start <= end).then(|| TextEdit { span: Span::new(start, end), text: new })
}

#[cfg(test)]
mod tests;
