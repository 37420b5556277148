//! Lines and columns of a text, as edits need them. All offsets are byte offsets; one that does not fit counts as the end.

/// The line ending of the file: that of its first line.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// First byte of the line `at` stands on.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// End of the line `at` stands on, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    text.len() - rest.len() + line.strip_suffix('\r').unwrap_or(line).len()
}

/// First byte of the line after the one `at` stands on.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    text.len() - rest.len() + rest.find('\n').map_or(rest.len(), |newline| newline + 1)
}

/// Characters between the start of the line and `at`, a byte order mark not counted.
pub(super) fn column(text: &str, at: usize) -> usize {
    let before = text.get(line_start(text, at)..at).unwrap_or("");
    before.trim_start_matches('\u{feff}').chars().count()
}

/// A block scalar that keeps its final line feeds owns the blank lines behind its last line.
pub(super) fn skip_blank_lines(text: &str, end: usize, value: &str) -> usize {
    let feeds = value.len() - value.trim_end_matches('\n').len();
    let mut at = end;
    for _ in 1..feeds {
        let next = next_line(text, at);
        if next >= text.len() {
            break;
        }
        at = line_end(text, next);
    }
    at
}
