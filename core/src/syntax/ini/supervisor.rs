//! supervisord's configuration, which Python's `RawConfigParser` reads: `=` or `:`, values that go on in indented lines, comments at
//! the end of a line only behind a blank, no quotes.

use super::{Entry, Ini, MAX_BYTES, MAX_ENTRIES, MAX_ERRORS, Section};
use crate::span::Span;
use crate::syntax::SyntaxError;

/// Reads a configuration of supervisord; never fails. Keys are in lower case, as Python has them.
#[must_use]
pub fn parse_supervisor(text: &str) -> Ini {
    let mut out = Ini { sections: vec![Section::default()], ..Ini::default() };
    let error = |out: &mut Ini, span: Span, message: &str, help: &str| {
        if out.errors.len() < MAX_ERRORS {
            out.errors.push(SyntaxError::new(span, message).with_help(help));
        }
    };
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = text.len() - body.len();
    let mut entries = 0usize;
    // How far the key at hand is indented; a line that is indented further goes on with its value.
    let mut open: Option<usize> = None;
    for line in body.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        if content.is_empty() {
            continue;
        }
        if content.starts_with([';', '#']) {
            out.comments.push(Span::new(start + indent, start + line.len()));
            continue;
        }
        let visible = without_comment(line);
        if visible.len() < line.len() {
            out.comments.push(Span::new(start + visible.len(), start + line.len()));
        }
        let content = visible.trim();
        let span = Span::new(start + indent, start + indent + content.len());
        entries += 1;
        if entries > MAX_ENTRIES {
            let message = format!("there are more than {MAX_ENTRIES} lines; the rest was not read");
            error(&mut out, Span::at(start), &message, "");
            break;
        }
        if let Some(last) = open
            && indent > last
            && let Some(entry) = out.sections.last_mut().and_then(|section| section.entries.last_mut())
        {
            if !entry.value.is_empty() {
                entry.value.push('\n');
            }
            entry.value.push_str(content);
            entry.value_span = if entry.value_span.is_empty() { span } else { entry.value_span.to(span) };
            continue;
        }
        if let Some(inside) = content.strip_prefix('[') {
            open = None;
            match inside.find(']') {
                Some(close) => {
                    let name = inside.get(..close).unwrap_or("");
                    let from = start + indent + 1;
                    let name = Some((name.to_owned(), Span::new(from, from + name.len())));
                    out.sections.push(Section { name, entries: Vec::new() });
                }
                None => {
                    let bracket = Span::new(start + indent, start + indent + 1);
                    error(&mut out, bracket, "this section's `[` is never closed", "add the closing `]`");
                }
            }
            continue;
        }
        let Some(delimiter) = content.find(['=', ':']) else {
            error(&mut out, span, "`=` is missing in this line", "write `name = value`, or indent what goes on");
            open = None;
            continue;
        };
        let key = content.get(..delimiter).unwrap_or("").trim_end();
        if key.is_empty() {
            let place = Span::new(span.start as usize, span.start as usize + 1);
            error(&mut out, place, "there is no name before `=`", "write `name = value`");
            continue;
        }
        let value = content.get(delimiter + 1..).unwrap_or("");
        let lead = value.len() - value.trim_start().len();
        let value_start = span.start as usize + delimiter + 1 + lead;
        let value = value.trim();
        let key_start = span.start as usize;
        if let Some(section) = out.sections.last_mut() {
            section.entries.push(Entry {
                key: key.to_lowercase(),
                key_span: Span::new(key_start, key_start + key.len()),
                value: value.to_owned(),
                value_span: Span::new(
                    value_start.min(start + visible.len()),
                    (value_start + value.len()).min(start + visible.len()),
                ),
            });
        }
        open = Some(indent);
    }
    out
}

/// A line without the comment at its end: from `;` or `#` behind a blank on.
fn without_comment(line: &str) -> &str {
    let mut previous = ' ';
    for (place, c) in line.char_indices() {
        if matches!(c, ';' | '#') && previous.is_whitespace() && place > 0 {
            return line.get(..place).unwrap_or(line);
        }
        previous = c;
    }
    line
}
