//! Here-documents: which words announce one, and where their bodies end.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Heredoc;
use super::lines::{LogicalLine, line, starts_instruction};
use super::words::{part, unquote};
use crate::span::Span;
use crate::syntax::SyntaxError;

/// How deep `${…}` may nest before a line is taken to announce no here-document.
const MAX_BRACES: u32 = 48;

/// A word that announces a here-document.
pub(super) struct Marker {
    range: Range<usize>,
    name: String,
    expand: bool,
    strip_tabs: bool,
    file_descriptor: u32,
}

/// The here-documents a logical line announces. As in BuildKit a line with a quote or brace that is never closed announces none, and
/// only a whole word counts: `a<<EOF` does not.
pub(super) fn markers(line: &str) -> Vec<Marker> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let words = split(line).unwrap_or_default();
    words.into_iter().filter_map(|range| marker(line, range)).collect()
}

fn marker(line: &str, range: Range<usize>) -> Option<Marker> {
    let word = part(line, range.clone());
    let operator = word.find("<<")?;
    let (digits, rest) = (word.get(..operator)?, word.get(operator + 2..)?);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let strip_tabs = rest.starts_with('-');
    let raw = rest.strip_prefix('-').unwrap_or(rest);
    if raw.is_empty() || raw.contains('<') {
        return None;
    }
    let name = unquote(raw, '\\');
    let expand = name == raw;
    let file_descriptor = digits.parse().unwrap_or(0);
    Some(Marker { range, name, expand, strip_tabs, file_descriptor })
}

/// Cuts a line at white space outside quotes and `${…}`. `None` if one of them is never closed. Here `\` always escapes, whatever the
/// escape directive says.
fn split(line: &str) -> Option<Vec<Range<usize>>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut braces = 0u32;
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && braces == 0 && character.is_whitespace() {
            words.extend(start.take().map(|from| from..at));
            continue;
        }
        start = start.or(Some(at));
        match (quote, character) {
            (Some('\''), '\'') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                characters.next();
            }
            (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (_, '$') if characters.next_if(|next| next.1 == '{').is_some() => {
                braces += 1;
                let inside = line.get(at + 2..).unwrap_or("");
                if braces > MAX_BRACES || !substitutes(inside) {
                    return None;
                }
            }
            (_, '}') => braces = braces.saturating_sub(1),
            _ => {}
        }
    }
    words.extend(start.map(|from| from..line.len()));
    (quote.is_none() && braces == 0).then_some(words)
}

/// Whether what follows `${` is a name and something the builder can do with it. It refuses `${#x}` and `${x[0]}`.
fn substitutes(inside: &str) -> bool {
    let name = match inside.chars().next() {
        Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
        _ => inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len()),
    };
    name > 0 && inside.get(name..).is_some_and(|rest| rest.starts_with(['}', ':', '+', '-', '?', '#', '%', '/']))
}

/// Here-documents with their bodies, and where the file goes on.
pub(super) struct Bodies {
    pub(super) heredocs: Vec<Heredoc>,
    /// End of the last line that belongs to the instruction, without its newline.
    pub(super) end: usize,
    /// Start of the next line.
    pub(super) next: usize,
    /// A body was ended by guessing.
    pub(super) rewound: bool,
}

/// Finds the ends of bodies.
///
/// Whether a delimiter occurs at all is looked up before lines are read in search of it. Else a file of many unterminated
/// here-documents would be read to its end once for each of them.
pub(super) struct Terminators<'t> {
    text: &'t str,
    /// For each line's text, where it occurs last.
    last: Option<BTreeMap<&'t str, usize>>,
    /// The same for lines without their leading tabs.
    last_without_tabs: Option<BTreeMap<&'t str, usize>>,
}

impl<'t> Terminators<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, last: None, last_without_tabs: None }
    }

    fn occurs(&mut self, name: &str, strip_tabs: bool, after: usize) -> bool {
        let index = if strip_tabs { &mut self.last_without_tabs } else { &mut self.last };
        let index = index.get_or_insert_with(|| {
            let mut index = BTreeMap::new();
            let mut at = 0;
            while let Some(line) = line(self.text, at) {
                index.insert(delimiter(line.text, strip_tabs), line.start);
                at = line.next;
            }
            index
        });
        index.get(name).is_some_and(|&last| last >= after)
    }

    /// Reads the bodies of a line's here-documents, one after the other.
    pub(super) fn bodies(
        &mut self,
        markers: Vec<Marker>,
        header: &LogicalLine<'_>,
        upper_case: bool,
        errors: &mut Vec<SyntaxError>,
    ) -> Bodies {
        let mut bodies =
            Bodies { heredocs: Vec::new(), end: header.span.range().end, next: header.next, rewound: false };
        for marker in markers {
            let start = bodies.next;
            let span = header.map.span(marker.range.clone());
            let found = !bodies.rewound && self.occurs(&marker.name, marker.strip_tabs, start);
            let end = if found {
                self.terminated(&marker, &mut bodies)
            } else {
                if !bodies.rewound {
                    errors.push(unterminated(span, &marker));
                    self.guessed(upper_case, &mut bodies);
                }
                bodies.next
            };
            bodies.heredocs.push(Heredoc {
                name: marker.name,
                marker: span,
                body: Span::new(start, end),
                expand: marker.expand,
                strip_tabs: marker.strip_tabs,
                file_descriptor: marker.file_descriptor,
                terminated: found,
            });
        }
        bodies
    }

    /// Moves past the line of the delimiter and returns where it starts.
    fn terminated(&self, marker: &Marker, bodies: &mut Bodies) -> usize {
        while let Some(line) = line(self.text, bodies.next) {
            bodies.next = line.next;
            bodies.end = line.start + line.text.len();
            if delimiter(line.text, marker.strip_tabs) == marker.name {
                return line.start;
            }
        }
        bodies.next
    }

    /// Without a delimiter, takes the lines up to the next one that looks like an instruction.
    fn guessed(&self, upper_case: bool, bodies: &mut Bodies) {
        bodies.rewound = true;
        while let Some(line) = line(self.text, bodies.next) {
            if starts_instruction(line.text, upper_case).is_some() {
                return;
            }
            bodies.next = line.next;
            bodies.end = line.start + line.text.len();
        }
    }
}

fn delimiter(line: &str, strip_tabs: bool) -> &str {
    if strip_tabs { line.trim_start_matches('\t') } else { line }
}

fn unterminated(span: Span, marker: &Marker) -> SyntaxError {
    let name = &marker.name;
    SyntaxError::new(span, format!("the here-document {name} is never ended"))
        .with_help(format!("write a line that holds nothing but {name} after its last line"))
}
