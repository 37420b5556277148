//! Reads one word: quotes, escapes, expansions and the commands inside substitutions.

use super::reader::{List, Reader, empty_word};
use super::{MAX_DEPTH, Operator, Word};
use crate::span::Span;

/// Bytes that mean something inside an unquoted word, or end it.
fn special(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'\r'
            | b';'
            | b'&'
            | b'|'
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'\''
            | b'"'
            | b'\\'
            | b'$'
            | b'`'
    )
}

impl Reader<'_> {
    /// Reads the word that starts here. It is empty, and nothing is read, where no word can start.
    pub(super) fn word(&mut self, depth: u16) -> Word {
        let start = self.at;
        let mut word = empty_word(start);
        while let Some(byte) = self.peek(0) {
            let piece = self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' if self.at == start && self.peek(1) == Some(b'(') => {
                    self.at += 2;
                    self.substitution(&mut word, depth, b')', piece);
                }
                b'<' | b'>' => break,
                // An array: `name=(a b)`. Its elements are of no interest to anyone yet.
                b'(' if word.text.ends_with('=') => {
                    self.at += 1;
                    self.skip_to(b')');
                    word.literal = false;
                }
                b'(' => break,
                b'\'' => {
                    self.at += 1;
                    self.single_quoted(&mut word, piece);
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut word, depth, piece);
                }
                b'\\' => self.escaped(&mut word),
                b'$' if self.peek(1) == Some(b'\'') => {
                    self.at += 2;
                    self.ansi_quoted(&mut word, piece);
                }
                b'$' if self.peek(1) == Some(b'"') => self.at += 1,
                b'$' => self.dollar(&mut word, depth),
                b'`' if self.in_backticks => break,
                b'`' => {
                    self.at += 1;
                    self.substitution(&mut word, depth, b'`', piece);
                }
                _ => {
                    self.skip_while(|byte| !special(byte));
                    word.text.push_str(self.since(piece));
                }
            }
        }
        word.span = Span::new(start, self.at);
        word
    }

    fn single_quoted(&mut self, word: &mut Word, open: usize) {
        word.quoted = true;
        let start = self.at;
        self.skip_while(|byte| byte != b'\'');
        word.text.push_str(self.since(start));
        self.close_quote(open);
    }

    fn close_quote(&mut self, open: usize) {
        if self.at < self.text.len() {
            self.at += 1;
        } else {
            self.unclosed(open);
        }
    }

    fn double_quoted(&mut self, word: &mut Word, depth: u16, open: usize) {
        word.quoted = true;
        while let Some(byte) = self.peek(0) {
            let piece = self.at;
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek(0) {
                        Some(b'\n') => self.at += 1,
                        Some(byte @ (b'"' | b'$' | b'`' | b'\\')) => {
                            self.at += 1;
                            word.text.push(char::from(byte));
                        }
                        _ => word.text.push('\\'),
                    }
                }
                b'$' => self.dollar(word, depth),
                b'`' if self.in_backticks => return,
                b'`' => {
                    self.at += 1;
                    self.substitution(word, depth, b'`', piece);
                }
                _ => {
                    self.skip_while(|byte| !matches!(byte, b'"' | b'\\' | b'$' | b'`'));
                    word.text.push_str(self.since(piece));
                }
            }
        }
        self.unclosed(open);
    }

    /// `\c` outside quotes.
    fn escaped(&mut self, word: &mut Word) {
        self.at += 1;
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => {}
            Some('\n') => self.at += 1,
            Some('\r') if self.peek(1) == Some(b'\n') => self.at += 2,
            Some(character) => {
                word.quoted = true;
                word.text.push(character);
                self.at += character.len_utf8();
            }
        }
    }

    /// `$'…'`, where escapes stand for control characters.
    fn ansi_quoted(&mut self, word: &mut Word, open: usize) {
        word.quoted = true;
        while let Some(byte) = self.peek(0) {
            let start = self.at;
            match byte {
                b'\'' => break,
                b'\\' => {
                    let (character, len) = ansi_escape(self.text.get(start..).unwrap_or(""));
                    word.text.push(character);
                    self.at += len;
                }
                _ => {
                    self.skip_while(|byte| !matches!(byte, b'\'' | b'\\'));
                    word.text.push_str(self.since(start));
                }
            }
        }
        self.close_quote(open);
    }

    /// The commands of `$(…)`, `` `…` `` or `<(…)`, from after the opening to after the closing byte.
    fn substitution(&mut self, word: &mut Word, depth: u16, close: u8, open: usize) {
        word.literal = false;
        if depth < MAX_DEPTH {
            let outer = std::mem::replace(&mut self.in_backticks, close == b'`');
            self.list(List::new(depth + 1, Some(close), Operator::Open, None));
            self.in_backticks = outer;
            if self.at < self.text.len() {
                self.at += 1;
            }
        } else {
            self.skip_to(close);
        }
        word.text.push_str(self.since(open));
    }

    /// Steps over everything up to and with `close`, minding escapes and nested parentheses.
    pub(super) fn skip_to(&mut self, close: u8) {
        let mut open = 0u32;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.bump(),
                b'(' if close == b')' => open += 1,
                _ if byte == close => match open.checked_sub(1) {
                    Some(left) => open = left,
                    None => return,
                },
                _ => {}
            }
        }
        self.unclosed(self.text.len());
    }

    /// An expansion that starts with `$`; a lone `$` is text.
    fn dollar(&mut self, word: &mut Word, depth: u16) {
        let start = self.at;
        self.at += 1;
        match self.peek(0) {
            Some(b'(') if self.peek(1) == Some(b'(') => {
                self.at += 2;
                self.skip_to(b')');
                if self.peek(0) == Some(b')') {
                    self.at += 1;
                }
            }
            Some(b'(') => {
                self.at += 1;
                return self.substitution(word, depth, b')', start);
            }
            Some(b'{') => self.braces(start),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            }
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => self.at += 1,
            _ => {
                word.text.push('$');
                return;
            }
        }
        word.literal = false;
        word.text.push_str(self.since(start));
    }

    /// `${…}`. Commands inside are not followed: defaults that run something are too rare to pay for.
    fn braces(&mut self, open: usize) {
        let mut depth = 0u32;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' if depth <= 1 => return,
                b'}' => depth -= 1,
                b'\\' => self.bump(),
                _ => {}
            }
        }
        self.unclosed(open);
    }
}

/// Decodes the escape at the start of `text` inside `$'…'`: the character, and how many bytes it takes.
pub(super) fn ansi_escape(text: &str) -> (char, usize) {
    let mut rest = text.chars();
    rest.next();
    let Some(escape) = rest.next() else { return ('\\', text.len().max(1)) };
    let numbered = |skip: usize, most: usize, radix: u32| {
        let digits: String = text.chars().skip(skip).take(most).take_while(|c| c.is_digit(radix)).collect();
        let value = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
        (value.unwrap_or(escape), skip + digits.len())
    };
    match escape {
        'n' => ('\n', 2),
        't' => ('\t', 2),
        'r' => ('\r', 2),
        'a' => ('\u{7}', 2),
        'b' => ('\u{8}', 2),
        'e' | 'E' => ('\u{1b}', 2),
        'f' => ('\u{c}', 2),
        'v' => ('\u{b}', 2),
        'x' => numbered(2, 2, 16),
        'u' => numbered(2, 4, 16),
        'U' => numbered(2, 8, 16),
        '0'..='7' => numbered(1, 3, 8),
        other => (other, 1 + other.len_utf8()),
    }
}
