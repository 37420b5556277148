//! Output of `docker` and `podman` commands: JSON, JSON Lines, tables, the text of `diff` and of `compose config --hash`, one command
//! after another in one text as the collector writes them.
//!
//! What a record is, its keys tell; a file may have any name. Recovery: a document that is cut off ends where the next one starts,
//! a line that is nothing known is one error, and everything else is read.

mod extent;
mod shape;
mod table;
#[cfg(test)]
mod tests;

pub use shape::Shape;

use super::{SyntaxError, json};
use crate::span::Span;
use json::{Kind, Value};

/// Further errors are not listed.
const MAX_ERRORS: usize = 24;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inventory {
    /// What the commands say, one entry for each object or line.
    pub records: Vec<Record>,
    /// Lines that name the command whose output follows.
    pub sections: Vec<Section>,
    /// When it was recorded, as the collector writes it.
    pub taken: Option<(String, Span)>,
    /// Values of environment variables, as written between `=` and the closing quote: what must not be shown.
    pub values: Vec<Span>,
    /// Comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
    /// Whether the collector left something out, or a document is larger or deeper than is read.
    pub truncated: bool,
}

/// `### docker ps -a`: a line that names a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// The command without the engine's name: `ps -a --no-trunc`, `diff shop-app-1`.
    pub command: String,
    /// The line.
    pub span: Span,
    /// What the command is about, for `diff`.
    pub subject: Option<(String, Span)>,
}

impl Section {
    /// Whether it is the output of a command, named by its first words: `ps`, `system df`.
    #[must_use]
    pub fn is(&self, command: &str) -> bool {
        self.command.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }
}

/// One object or line of output.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Index of the section it stands in.
    pub section: Option<usize>,
    /// Where it is written.
    pub span: Span,
    /// What it says.
    pub body: Body,
}

/// What a record says.
#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    /// An object, or the row of a table as one.
    Object(Shape, Value),
    /// A line of `docker diff`.
    Change(Change),
    /// A line of `docker compose config --hash`.
    Hash {
        /// The service.
        service: (String, Span),
        /// Its hash.
        hash: (String, Span),
    },
}

/// What happened to a path of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// The path.
    pub path: String,
    /// Where the path is written.
    pub path_span: Span,
}

/// What happened to a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    /// It was not in the image.
    Added,
    /// Its content, owner or mode changed; or something below it did.
    Changed,
    /// It is gone.
    Deleted,
}

impl ChangeKind {
    /// The letter that `docker diff` prints.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Added => 'A',
            Self::Changed => 'C',
            Self::Deleted => 'D',
        }
    }
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Inventory {
    let mut reader = Reader { text, out: Inventory::default(), table: None, unknown: false };
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < text.len() {
        at = reader.line(at);
    }
    reader.out
}

/// The text with every value of an environment variable replaced by asterisks. Its length and all other text stay, so places do.
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    for span in parse(text).values {
        out.get_mut(span.range()).into_iter().flatten().for_each(|byte| *byte = b'*');
    }
    String::from_utf8(out).unwrap_or_default()
}

struct Reader<'t> {
    text: &'t str,
    out: Inventory,
    table: Option<table::Header>,
    /// Whether the line before was nothing known: of many such lines the first is reported.
    unknown: bool,
}

impl Reader<'_> {
    fn error(&mut self, error: SyntaxError) {
        if self.out.errors.len() < MAX_ERRORS {
            self.out.errors.push(error);
        }
    }

    /// Reads what starts here, and returns where to go on.
    fn line(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let written = rest.get(..length).unwrap_or("");
        let line = written.trim();
        let start = at + (written.len() - written.trim_start().len());
        let span = Span::new(start, start + line.len());
        let next = at + length;
        if line.is_empty() {
            self.table = None;
            return next;
        }
        if line.starts_with(['{', '[']) {
            self.unknown = false;
            let end = extent::document(self.text, start);
            self.documents(Span::new(start, end));
            return end.max(start + 1);
        }
        if !self.plain(line, span) {
            if !self.unknown {
                self.error(
                    SyntaxError::new(span, "this is no output of a `docker` command that is read")
                        .with_help("add `--format '{{json .}}'` to the command, or start the line with `#`"),
                );
            }
            self.unknown = true;
            return next;
        }
        self.unknown = false;
        next
    }

    /// A line that is no JSON; `false` when it is nothing known.
    fn plain(&mut self, line: &str, span: Span) -> bool {
        let record = |body| Record { section: None, span, body };
        if let Some(section) = section(line, span) {
            self.table = None;
            self.out.sections.push(section);
        } else if line.starts_with('#') {
            self.comment(line, span);
        } else if let Some(change) = change(line, span) {
            self.push(record(Body::Change(change)));
        } else if let Some((service, hash)) = hash(line, span) {
            self.push(record(Body::Hash { service, hash }));
        } else if let Some(header) = table::header(line) {
            self.table = Some(header);
        } else if let Some(header) = &self.table {
            let value = header.row(line, span);
            match shape::of(&value) {
                Some(shape) => self.push(record(Body::Object(shape, value))),
                None => return false,
            }
        } else {
            return line.contains(" space usage:") || line.starts_with("Build cache usage");
        }
        true
    }

    fn comment(&mut self, line: &str, span: Span) {
        self.out.comments.push(span);
        let body = line.trim_start_matches(['#', ' ']);
        if let Some(taken) = body.strip_prefix("taken:") {
            let taken = taken.trim();
            let start = (span.end as usize).saturating_sub(taken.len());
            self.out.taken = Some((taken.to_owned(), Span::new(start, span.end as usize)));
        } else if body.starts_with("cut:") {
            self.out.truncated = true;
        }
    }

    fn push(&mut self, record: Record) {
        let section = self.out.sections.len().checked_sub(1);
        self.out.records.push(Record { section, ..record });
    }

    /// The documents in a part of the text; the items of a list are records of their own.
    fn documents(&mut self, part: Span) {
        let read = json::parse_within(self.text, part);
        self.out.truncated |= read.truncated;
        for error in read.errors {
            self.error(error);
        }
        for document in read.documents {
            match document.kind {
                Kind::Array(items) => items.into_iter().for_each(|item| self.value(item)),
                _ => self.value(document),
            }
        }
    }

    fn value(&mut self, value: Value) {
        let span = value.span;
        if let Some(changes) = shape::changes(&value) {
            for change in changes {
                self.push(Record { section: None, span: change.path_span, body: Body::Change(change) });
            }
            return;
        }
        match shape::of(&value) {
            Some(shape) => {
                shape::environment(self.text, shape, &value, &mut self.out.values);
                self.push(Record { section: None, span, body: Body::Object(shape, value) });
            }
            None => self.error(
                SyntaxError::new(Span::new(span.start as usize, span.start as usize + 1), "this is no object that a `docker` command prints")
                    .with_help("`ps`, `inspect`, `images`, `volume`, `network`, `system df`, `diff`, `version` and `info` are read"),
            ),
        }
    }
}

/// `### docker ps -a`, `$ docker ps -a`, or `### NAME` before the output of `docker diff NAME`.
fn section(line: &str, span: Span) -> Option<Section> {
    let rest = line.strip_prefix("### ").or_else(|| line.strip_prefix("$ "))?.trim();
    let start = span.end as usize - rest.len();
    let mut words = rest.split_whitespace();
    let first = words.next()?;
    let engine = first.rsplit('/').next().unwrap_or(first);
    let known = ["docker", "podman", "nerdctl", "docker-compose"].contains(&engine);
    if !known {
        // A bare name is that of a container.
        let bare = words.next().is_none() && line.starts_with('#');
        let subject = (first.to_owned(), Span::new(start, start + first.len()));
        return bare.then(|| Section { command: format!("diff {first}"), span, subject: Some(subject) });
    }
    let command = rest.get(first.len()..).unwrap_or("").trim();
    let command = command.strip_prefix("container ").unwrap_or(command);
    let subject = command.strip_prefix("diff ").and_then(|rest| rest.split_whitespace().next_back()).map(|name| {
        let at = span.end as usize - name.len();
        (name.trim_matches(['"', '\'']).to_owned(), Span::new(at, span.end as usize))
    });
    Some(Section { command: command.to_owned(), span, subject })
}

/// `A /path`.
fn change(line: &str, span: Span) -> Option<Change> {
    let (letter, path) = line.split_once(' ')?;
    let kind = match letter {
        "A" => ChangeKind::Added,
        "C" => ChangeKind::Changed,
        "D" => ChangeKind::Deleted,
        _ => return None,
    };
    let path = path.trim_start();
    let start = span.end as usize - path.len();
    path.starts_with('/').then(|| Change {
        kind,
        path: path.to_owned(),
        path_span: Span::new(start, span.end as usize),
    })
}

/// `service 64-hex-digits`.
fn hash(line: &str, span: Span) -> Option<((String, Span), (String, Span))> {
    let (service, hash) = line.split_once(char::is_whitespace)?;
    let hash = hash.trim_start();
    let fits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (start, end) = (span.start as usize, span.end as usize);
    fits.then(|| {
        ((service.to_owned(), Span::new(start, start + service.len())), (hash.to_owned(), Span::new(end - 64, end)))
    })
}
