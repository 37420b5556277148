//! What the `.gitignore` files of the project say of a file.

use super::Project;
use crate::facts::glob;
use crate::source::{Location, folder, join};
use crate::span::Span;

/// What ignore files say of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ignoring {
    /// The ignore file nearest to it, whether it names it or not.
    pub(super) nearest: Option<Location>,
    /// The line that keeps it out of the repository.
    pub(super) by: Option<Location>,
}

impl Project<'_> {
    /// What the ignore files above a path say of it. `None` when one of them was not supplied.
    pub(super) fn git_ignoring(&self, path: &str) -> Option<Ignoring> {
        let mut found = Ignoring { nearest: None, by: None };
        let mut base = String::new();
        // From the top down: a later line wins.
        for part in std::iter::once("").chain(folder(path).split('/').filter(|part| !part.is_empty())) {
            base = join(&base, part);
            let name = join(&base, ".gitignore");
            let Some(id) = self.sources.id(&name) else {
                // It is there, and what it says is not known.
                if self.sources.knows(&name) {
                    return None;
                }
                continue;
            };
            found.nearest = Some(Location::new(id, Span::at(0)));
            let Some(below) = path.strip_prefix(base.as_str()).map(|rest| rest.trim_start_matches('/')) else {
                continue;
            };
            let mut start = 0;
            for line in self.text(id).split_inclusive('\n') {
                let bare = line.trim_end();
                match ignores(bare, below) {
                    Some(true) => found.by = Some(Location::new(id, Span::new(start, start + bare.len()))),
                    Some(false) => found.by = None,
                    None => {}
                }
                start += line.len();
            }
        }
        Some(found)
    }

    /// Whether a file is known to stay out of the repository.
    pub(super) fn is_ignored_by_git(&self, path: &str) -> bool {
        self.git_ignoring(path).is_some_and(|ignoring| ignoring.by.is_some())
    }
}

/// Whether a line of `.gitignore` decides a path below its folder, and how.
fn ignores(line: &str, path: &str) -> Option<bool> {
    let (negated, pattern) = match line.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    if pattern.is_empty() || pattern.starts_with('#') {
        return None;
    }
    let anchored = pattern.trim_start_matches("**/");
    let matches = if anchored.contains('/') {
        let anchored = pattern.trim_start_matches('/');
        // A folder takes what is in it along.
        glob::path(anchored, path) || glob::path(&format!("{anchored}/**"), path)
    } else {
        path.split('/').any(|part| glob::name(anchored, part))
    };
    matches.then_some(!negated)
}

#[cfg(test)]
mod tests {
    use super::ignores;

    #[test]
    fn lines_of_gitignore() {
        for (line, path) in [
            (".env", ".env"),
            (".env", "docker/.env"),
            (".env*", ".env.local"),
            ("/.env", ".env"),
            ("secrets/", "secrets/db"),
            ("/docker/secrets", "docker/secrets/db"),
            ("**/auth.json", "a/auth.json"),
        ] {
            assert_eq!(ignores(line, path), Some(true), "{line} {path}");
        }
        assert_eq!(ignores("!.env", ".env"), Some(false));
        for (line, path) in [("# .env", ".env"), ("/.env", "docker/.env"), (".env.local", ".env"), ("", ".env")] {
            assert_eq!(ignores(line, path), None, "{line} {path}");
        }
    }
}
