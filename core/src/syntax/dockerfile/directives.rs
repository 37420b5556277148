//! Parser directives: special comments at the top of the file.

use super::lines::line;
use super::{Directive, Dockerfile};
use crate::span::Span;
use crate::syntax::SyntaxError;

const BYTE_ORDER_MARK: char = '\u{feff}';
const KNOWN: [&str; 3] = ["syntax", "escape", "check"];

/// Reads the directives into `file` and returns where the rest of the file starts.
pub(super) fn read(text: &str, file: &mut Dockerfile) -> usize {
    let mut at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    while let Some(line) = line(text, at) {
        let Some((name, value)) = name_and_value(line.text) else { break };
        let span = Span::new(line.start, line.start + line.text.trim_end().len());
        at = line.next;
        let name = name.to_ascii_lowercase();
        if !KNOWN.contains(&name.as_str()) {
            file.comments.push(span);
            continue;
        }
        if file.directive(&name).is_some() {
            let error = SyntaxError::new(span, format!("the parser directive {name} is given twice"));
            file.errors.push(error.with_help("keep only one of the two lines"));
            continue;
        }
        if name == "escape" {
            match value {
                "\\" => file.escape = '\\',
                "`" => file.escape = '`',
                _ => {
                    let error = SyntaxError::new(span, "the escape character must be \\ or `");
                    file.errors.push(error.with_help("write `# escape=\\` or `# escape=``, or remove the line"));
                }
            }
        }
        file.directives.push(Directive { name, value: value.to_owned(), span });
    }
    at
}

/// `# name = value`.
fn name_and_value(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    (valid && !value.is_empty()).then_some((name, value))
}
