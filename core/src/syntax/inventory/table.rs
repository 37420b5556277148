//! The tables that commands print for people, read as the objects that `--format json` would print.

use crate::span::Span;
use crate::syntax::json::{Kind, Member, Value};

/// Column titles and the keys they have in JSON.
const COLUMNS: [(&str, &str); 31] = [
    ("CONTAINER ID", "ID"),
    ("IMAGE ID", "ID"),
    ("NETWORK ID", "ID"),
    ("CACHE ID", "ID"),
    ("VOLUME NAME", "Name"),
    ("LOCAL VOLUMES", "LocalVolumes"),
    ("SHARED SIZE", "SharedSize"),
    ("UNIQUE SIZE", "UniqueSize"),
    ("CACHE TYPE", "CacheType"),
    ("LAST USED", "LastUsedSince"),
    ("REPOSITORY", "Repository"),
    ("RECLAIMABLE", "Reclaimable"),
    ("CONTAINERS", "Containers"),
    ("COMMAND", "Command"),
    ("SERVICE", "Service"),
    ("CREATED", "CreatedSince"),
    ("DIGEST", "Digest"),
    ("STATUS", "Status"),
    ("ACTIVE", "Active"),
    ("DRIVER", "Driver"),
    ("SHARED", "Shared"),
    ("IMAGE", "Image"),
    ("LINKS", "Links"),
    ("NAMES", "Names"),
    ("PORTS", "Ports"),
    ("SCOPE", "Scope"),
    ("TOTAL", "TotalCount"),
    ("USAGE", "UsageCount"),
    ("NAME", "Name"),
    ("SIZE", "Size"),
    ("TYPE", "Type"),
];

/// The columns of a table: their keys, and the character each starts at.
#[derive(Clone, Debug)]
pub(super) struct Header {
    columns: Vec<(&'static str, usize)>,
}

/// Reads a line of column titles; `None` when it is none.
pub(super) fn header(line: &str) -> Option<Header> {
    let shouted = line.len() > 8 && line.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ');
    if !shouted || line.len() > 400 {
        return None;
    }
    let mut columns: Vec<(&'static str, usize)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(' ') {
            at += 1;
            continue;
        }
        // `TAG` is the only title that a longer one does not start with.
        let known = COLUMNS.iter().copied().chain([("TAG", "Tag")]);
        let fits = |title: &str| rest.strip_prefix(title).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let (title, key) = known.into_iter().find(|(title, _)| fits(title)).unwrap_or(("", ""));
        let length = if title.is_empty() { rest.find(' ').unwrap_or(rest.len()) } else { title.len() };
        columns.push((key, at));
        at += length;
    }
    let known = columns.iter().filter(|(key, _)| !key.is_empty()).count();
    (known >= 2).then_some(Header { columns })
}

impl Header {
    /// A row as an object. Cells are cut where the titles start, counted in characters.
    pub(super) fn row(&self, line: &str, span: Span) -> Value {
        let offsets: Vec<usize> = line.char_indices().map(|(offset, _)| offset).collect();
        let byte = |column: usize| offsets.get(column).copied().unwrap_or(line.len());
        let mut members = Vec::new();
        for (nth, (key, start)) in self.columns.iter().enumerate().filter(|(_, (key, _))| !key.is_empty()) {
            let from = byte(*start);
            let to = self.columns.get(nth + 1).map_or(line.len(), |(_, next)| byte(*next));
            let cell = line.get(from..to).unwrap_or("");
            let text = cell.trim();
            let at = span.start as usize + from + (cell.len() - cell.trim_start().len());
            let place = Span::new(at, at + text.len());
            members.push(Member {
                key: (*key).to_owned(),
                key_span: place,
                value: Value { kind: Kind::String(text.to_owned()), span: place },
            });
        }
        Value { kind: Kind::Object(members), span }
    }
}
