//! `.dockerignore`, read and matched as Docker does it (moby's `ignorefile` and `patternmatcher`), which is not gitignore.
//!
//! Patterns are anchored at the context's root, `*` and `?` stop at `/`, `**` does not, the last pattern that changes the
//! verdict wins, and a pattern that matches a directory matches what is in it. The `ignore` and `globset` crates implement
//! git's rules on top of a regex engine; both would be the wrong semantics and the wrong size for the page.

mod glob;
#[cfg(test)]
mod tests;

use super::SyntaxError;
use crate::span::Span;
use glob::Glob;

/// Larger files are not read.
const MAX_BYTES: usize = 4 << 20;
/// Further patterns are not read.
const MAX_PATTERNS: usize = 10_000;
/// Longer patterns match nothing; no path is that long.
const MAX_PATTERN_BYTES: usize = 4096;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// An ignore file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DockerIgnore {
    /// The patterns in order.
    pub patterns: Vec<Pattern>,
    /// Comments: lines with `#` in the first column.
    pub comments: Vec<Span>,
    /// Patterns that Docker refuses. It would refuse the whole file; here they match nothing.
    pub errors: Vec<SyntaxError>,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// The pattern as Docker compares it: cleaned, without `!` and without the slash in front.
    pub text: String,
    /// Where it is written, `!` included.
    pub span: Span,
    /// Whether it starts with `!` and so takes files back in.
    pub negated: bool,
    glob: Glob,
}

impl Pattern {
    /// Whether the pattern, taken alone, matches the path or a directory above it.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.glob.matches_or_parent(&clean(path))
    }
}

impl DockerIgnore {
    /// Whether Docker leaves the file or directory out of the build context. The path is relative to the context.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.deciding(path).and_then(|index| self.patterns.get(index)).is_some_and(|pattern| !pattern.negated)
    }

    /// Index of the pattern that decided: the last one that changed the verdict. `None` when nothing matched.
    #[must_use]
    pub fn deciding(&self, path: &str) -> Option<usize> {
        let path = clean(path);
        let path = path.trim_start_matches('/');
        if matches!(path, "" | ".") {
            // The context itself cannot be left out.
            return None;
        }
        if self.patterns.iter().all(|pattern| !pattern.negated) {
            // The first that matches decides, whether it is the path or a directory above it.
            return self.patterns.iter().position(|pattern| pattern.glob.matches_or_parent(path));
        }
        // Docker walks down from the top. A pattern that matched a directory matches what is in it; a pattern that could not change
        // the verdict of a directory was not asked there, and so does not count for what is in it.
        let mut hits: Vec<Option<Vec<bool>>> = vec![None; self.patterns.len()];
        let mut above = vec![false; self.patterns.len()];
        let mut deciding = None;
        for level in 0..=path.matches('/').count() {
            let mut excluded = false;
            deciding = None;
            for (index, ((pattern, hits), above)) in self.patterns.iter().zip(&mut hits).zip(&mut above).enumerate() {
                if !*above && pattern.negated == excluded {
                    let hits = hits.get_or_insert_with(|| pattern.glob.hits(path));
                    *above = hits.get(level) == Some(&true);
                }
                if *above && pattern.negated == excluded {
                    excluded = !pattern.negated;
                    deciding = Some(index);
                }
            }
        }
        deciding
    }
}

/// Reads an ignore file; never fails.
#[must_use]
pub fn parse(text: &str) -> DockerIgnore {
    let mut out = DockerIgnore::default();
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = text.len() - body.len();
    for line in body.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        let visible = line.trim_end_matches(['\n', '\r']);
        // Only in the first column, and before anything is trimmed.
        if visible.starts_with('#') {
            out.comments.push(Span::new(line_start, line_start + visible.len()));
            continue;
        }
        let written = line.trim();
        if written.is_empty() {
            continue;
        }
        let start = line_start + (line.len() - line.trim_start().len());
        let span = Span::new(start, start + written.len());
        if out.patterns.len() >= MAX_PATTERNS {
            let message = format!("there are more than {MAX_PATTERNS} patterns; the rest was not read");
            out.errors.push(SyntaxError::new(span, message));
            break;
        }
        let (pattern, problem) = read_pattern(written, span);
        if let Some((message, help)) = problem.filter(|_| out.errors.len() < MAX_ERRORS) {
            out.errors.push(SyntaxError::new(span, message).with_help(help));
        }
        out.patterns.push(pattern);
    }
    out
}

fn read_pattern(written: &str, span: Span) -> (Pattern, Option<(&'static str, &'static str)>) {
    let (negated, rest) = match written.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, written),
    };
    if rest.is_empty() {
        let nothing = Pattern { text: String::new(), span, negated, glob: Glob::Nothing };
        return (nothing, Some(("`!` alone takes nothing back in", "write a pattern after `!`, or remove the line")));
    }
    if rest.len() > MAX_PATTERN_BYTES {
        let nothing = Pattern { text: String::new(), span, negated, glob: Glob::Nothing };
        return (nothing, Some(("this pattern is too long", "split it")));
    }
    let cleaned = clean(rest);
    let text = match cleaned.strip_prefix('/').filter(|rest| !rest.is_empty()) {
        Some(relative) => relative.to_owned(),
        None => cleaned,
    };
    match Glob::new(&text) {
        Some(glob) => (Pattern { text, span, negated, glob }, None),
        None => {
            let problem =
                ("Docker cannot read this pattern", "close the `[`, and escape special characters with a backslash");
            (Pattern { text, span, negated, glob: Glob::Nothing }, Some(problem))
        }
    }
}

/// Go's `filepath.Clean`: no doubled slashes, no `.`, no `..` after a name, no slash at the end.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            name => parts.push(name),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
