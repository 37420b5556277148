//! Where a JSON document ends, so that one which is cut off does not take the next one with it.

/// One past the last byte of the document that starts at `start`.
///
/// A document also ends before a line that no JSON can hold at that place: a header, a line of `docker diff`, or another document
/// at the start of a line where the one at hand expects a key or has no comma. Each byte is looked at once.
pub(super) fn document(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut open: Vec<u8> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    let mut last = b' ';
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\n' {
            (in_string, escaped) = (false, false);
            if let Some(&first) = bytes.get(at + 1)
                && another(text, at + 1, first, open.last().copied(), last)
            {
                return at + 1;
            }
        } else if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => open.push(byte),
                b'}' | b']' => {
                    open.pop();
                    if open.is_empty() {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
        at += 1;
    }
    text.len()
}

/// Whether the line at `at` belongs to something else than the document before it.
fn another(text: &str, at: usize, first: u8, innermost: Option<u8>, last: u8) -> bool {
    let rest = || text.get(at..at + 4).unwrap_or("");
    match first {
        b'#' => rest().starts_with("### ") || rest().starts_with("# "),
        b'A' | b'C' | b'D' => rest().get(1..3) == Some(" /"),
        b'{' | b'[' => last != b':' && (innermost == Some(b'{') || !matches!(last, b',' | b'[')),
        _ => false,
    }
}
