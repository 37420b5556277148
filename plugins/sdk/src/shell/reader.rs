//! Cuts shell text into words.

/// What ends a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// `;`, `&`, a line break, a parenthesis.
    Command,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `name()`.
    Function,
    /// Nothing follows.
    Text,
}

/// The next piece of the text.
pub(super) enum Piece {
    /// A word.
    Word { text: String, range: (usize, usize), known: bool },
    /// The end of a command.
    End(End),
    /// A quote or a substitution that is not closed.
    Unclear,
}

/// Reads pieces.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Whether line breaks only stand behind backslashes or comments, as in a Dockerfile.
    continued: bool,
}

impl<'t> Reader<'t> {
    /// A reader of a whole text.
    pub(super) fn new(text: &'t str, continued: bool) -> Self {
        Self { text, at: 0, continued }
    }

    /// The next piece; `End::Text` at the end.
    pub(super) fn piece(&mut self) -> Piece {
        loop {
            self.blanks();
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return Piece::End(End::Text) };
            let redirects = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['<', '>']);
            match c {
                '#' if self.continued => return Piece::End(End::Text),
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '&' if rest.starts_with("&>") => {
                    self.at += 1;
                    if !self.redirection() {
                        return Piece::Unclear;
                    }
                }
                _ if redirects(rest) => {
                    if !self.redirection() {
                        return Piece::Unclear;
                    }
                }
                '(' if rest.trim_start_matches(['(', ' ']).starts_with(')') => {
                    self.at += rest.find(')').map_or(1, |at| at + 1);
                    return Piece::End(End::Function);
                }
                ';' | '\n' | '(' | ')' | '&' | '|' => return self.end(c),
                _ => return self.word(),
            }
        }
    }

    fn end(&mut self, c: char) -> Piece {
        let double = self.rest().get(1..).is_some_and(|rest| rest.starts_with(c));
        self.at += if double && matches!(c, '&' | '|' | ';') { 2 } else { 1 };
        Piece::End(match (c, double) {
            ('&', true) => End::And,
            ('|', true) => End::Or,
            ('|', false) => End::Pipe,
            _ => End::Command,
        })
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Blanks, and lines that go on.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if let Some(length) = self.continuation() {
                self.at += length;
            } else if rest.starts_with([' ', '\t', '\r']) || (self.continued && rest.starts_with('\n')) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Length of a backslash with its line break, and, in a Dockerfile, of the empty lines and comments behind it.
    fn continuation(&self) -> Option<usize> {
        let rest = self.text.get(self.at..)?.strip_prefix('\\')?;
        let blanks = if self.continued { rest.trim_start_matches([' ', '\t']) } else { rest };
        let behind = blanks.strip_prefix("\r\n").or_else(|| blanks.strip_prefix('\n'))?;
        let is_skipped = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let skipped: usize =
            if self.continued { behind.split_inclusive('\n').take_while(is_skipped).map(str::len).sum() } else { 0 };
        Some(self.rest().len() - behind.len() + skipped)
    }

    /// A redirection with what it leads to; `false` when that is not closed.
    fn redirection(&mut self) -> bool {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        self.at += digits;
        let signs = self.rest().len() - self.rest().trim_start_matches(['<', '>', '&', '|', '-']).len();
        self.at += signs;
        self.blanks();
        if self.rest().starts_with([';', '\n', '&', '|', '(', ')']) || self.rest().is_empty() {
            return true;
        }
        !matches!(self.word(), Piece::Unclear)
    }

    fn word(&mut self) -> Piece {
        let start = self.at;
        let (mut text, mut known) = (String::new(), true);
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { break };
            if let Some(length) = self.continuation() {
                self.at += length;
                continue;
            }
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    let Some(length) = rest.get(1..).and_then(|rest| rest.find('\'')) else { return Piece::Unclear };
                    text.push_str(rest.get(1..=length).unwrap_or(""));
                    self.at += length + 2;
                }
                '"' => {
                    self.at += 1;
                    if !self.quoted(&mut text, &mut known) {
                        return Piece::Unclear;
                    }
                }
                '\\' => {
                    let escaped = rest.chars().nth(1);
                    text.extend(escaped);
                    self.at += 1 + escaped.map_or(0, char::len_utf8);
                }
                '$' | '`' => {
                    known = false;
                    if !self.substitution(&mut text) {
                        return Piece::Unclear;
                    }
                }
                c => {
                    // Patterns of files; a home folder where the word begins with it.
                    known &= !matches!(c, '*' | '?' | '{' | '}') || (text.is_empty() && is_brace_alone(rest));
                    known &= c != '~' || !text.is_empty();
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        // What stands at this place is no word at all: it must not be looked at for ever.
        if self.at == start {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            return Piece::End(End::Command);
        }
        Piece::Word { text, range: (start, self.at), known }
    }

    /// The rest of a text in double quotes; `false` when it is not closed.
    fn quoted(&mut self, text: &mut String, known: &mut bool) -> bool {
        loop {
            if let Some(length) = self.continuation() {
                self.at += length;
                continue;
            }
            let rest = self.rest();
            match rest.chars().next() {
                None => return false,
                Some('"') => {
                    self.at += 1;
                    return true;
                }
                Some('\\') if rest.get(1..).is_some_and(|rest| rest.starts_with(['"', '\\', '$', '`'])) => {
                    text.extend(rest.chars().nth(1));
                    self.at += 2;
                }
                Some('$' | '`') => {
                    *known = false;
                    if !self.substitution(text) {
                        return false;
                    }
                }
                Some(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// A variable or a substitution, taken over as written; `false` when it is not closed.
    fn substitution(&mut self, text: &mut String) -> bool {
        let rest = self.rest();
        let length = if let Some(behind) = rest.strip_prefix('`') {
            behind.find('`').map(|at| at + 2)
        } else if rest.starts_with("$(") {
            closing(rest, '(', ')')
        } else if rest.starts_with("${") {
            closing(rest, '{', '}')
        } else {
            Some(1)
        };
        let Some(length) = length else { return false };
        text.push_str(rest.get(..length).unwrap_or(""));
        self.at += length;
        true
    }
}

/// `{` or `}` as a word of its own.
fn is_brace_alone(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!(chars.next(), Some('{' | '}'))
        && chars.next().is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')'))
}

/// Length up to the sign that closes the first one, quotes passed over.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let (mut depth, mut quote) = (0usize, None);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (_, '\\') if quote != Some('\'') => {
                chars.next();
            }
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c == open => depth += 1,
            (None, c) if c == close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}
