//! What `COPY` and `ADD` take from the build context into a stage, file by file, as the ignore file leaves it.

use super::{BuildUse, Project};
use crate::source::{Location, SourceId, join};
use crate::syntax::dockerfile::{Instruction, Keyword};

/// One source of a `COPY` or `ADD`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopySource {
    /// As written.
    pub path: String,
    /// Where it is written.
    pub at: Location,
}

/// A `COPY` or `ADD` that reads the build context.
#[derive(Debug)]
pub struct Copied<'d> {
    /// The stage it belongs to.
    pub stage: usize,
    /// The instruction.
    pub instruction: &'d Instruction,
    /// The Dockerfile.
    pub source: SourceId,
    /// What it takes.
    pub sources: Vec<CopySource>,
    /// Where it puts it.
    pub destination: String,
    /// `--exclude` patterns.
    pub excludes: Vec<String>,
}

impl Copied<'_> {
    /// Where the instruction is written.
    #[must_use]
    pub fn at(&self) -> Location {
        Location::new(self.source, self.instruction.header_span)
    }

    /// The source that takes a context file, when one does: named itself, by a folder above it, or by a pattern.
    #[must_use]
    pub fn taking(&self, path: &str) -> Option<&CopySource> {
        if self.excludes.iter().any(|pattern| crate::syntax::dockerignore::parse(pattern).excludes(path)) {
            return None;
        }
        self.sources.iter().find(|source| takes(&source.path, path))
    }

    /// The source that takes the whole context.
    #[must_use]
    pub fn whole_context(&self) -> Option<&CopySource> {
        self.sources.iter().find(|source| matches!(crate::source::normalise(&source.path).as_str(), "" | "*"))
    }
}

fn takes(source: &str, path: &str) -> bool {
    let source = crate::source::normalise(source);
    if source.is_empty() || source == path {
        return true;
    }
    if source.contains(['*', '?', '[']) {
        // A source pattern is matched like an ignore pattern: the match itself or anything below it.
        return crate::syntax::dockerignore::parse(&source).excludes(path);
    }
    path.strip_prefix(&source).is_some_and(|rest| rest.starts_with('/'))
}

impl BuildUse {
    /// Every `COPY` and `ADD` of the stages the build runs that reads the build context.
    #[must_use]
    pub fn copies<'p>(&self, project: &'p Project<'_>) -> Vec<Copied<'p>> {
        let Some((source, file)) = self.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return Vec::new();
        };
        self.instructions(file)
            .filter(|(_, instruction)| {
                matches!(instruction.keyword, Keyword::Copy | Keyword::Add) && instruction.flag("from").is_none()
            })
            .filter_map(|(stage, instruction)| {
                let (last, first) = instruction.args.split_last()?;
                let sources = first
                    .iter()
                    .filter(|arg| {
                        !arg.text.starts_with("<<") && !arg.text.contains("://") && !arg.text.starts_with("git@")
                    })
                    .map(|arg| CopySource { path: unquoted(&arg.text), at: Location::new(source, arg.span) })
                    .collect::<Vec<_>>();
                let excludes = instruction.flags_named("exclude").filter_map(|flag| flag.value.clone()).collect();
                (!sources.is_empty()).then(|| Copied {
                    stage,
                    instruction,
                    source,
                    sources,
                    destination: unquoted(&last.text),
                    excludes,
                })
            })
            .collect()
    }

    /// Known files of the build context that the ignore file lets through, relative to the context.
    #[must_use]
    pub fn context_files<'p>(&self, project: &'p Project<'_>) -> Vec<&'p str> {
        let Some(context) = &self.context else { return Vec::new() };
        let ignore = self.ignore.and_then(|id| project.ignore_file(id));
        project
            .sources
            .paths()
            .filter_map(|path| {
                if context.is_empty() { Some(path) } else { path.strip_prefix(context.as_str())?.strip_prefix('/') }
            })
            .filter(|path| ignore.is_none_or(|ignore| !ignore.excludes(path)))
            .collect()
    }

    /// A context file's text, when it was supplied.
    #[must_use]
    pub fn context_source(&self, project: &Project<'_>, path: &str) -> Option<SourceId> {
        project.sources.id(&join(self.context.as_deref()?, path))
    }
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn what_a_source_takes() {
        assert!(takes(".", ".env") && takes("./", "a/b") && takes("*", "a/b"));
        assert!(takes("config", "config/app.php") && !takes("config", "configs/x"));
        assert!(takes("*.env", "prod.env") && !takes("*.json", "a.yaml"));
    }
}
