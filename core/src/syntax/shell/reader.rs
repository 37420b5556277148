//! Splits shell text into simple commands.

use super::redirect::PendingHeredoc;
use super::{Command, MAX_DEPTH, Operator, Script, Word};
use crate::span::Span;

/// Words that open a compound command or a branch of one: the next word is a command again.
const OPENERS: [&str; 9] = ["if", "then", "else", "elif", "do", "while", "until", "!", "{"];
/// Words that end a compound command.
const CLOSERS: [&str; 3] = ["}", "fi", "done"];
/// How far ahead `((` looks for its `))`. Bounded, or `((((…` would cost the square of its length.
const ARITHMETIC_REACH: usize = 256;

pub(super) fn read(text: &str) -> Script {
    let mut reader = Reader { text, at: 0, script: Script::default(), pipelines: 0, in_backticks: false };
    reader.list(List::new(0, None, Operator::Start, None));
    let mut script = reader.script;
    script.commands.sort_by_key(|command| (command.span.start, command.depth));
    script
}

/// The position in the text and what was found so far.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) script: Script,
    pipelines: u32,
    /// Inside `` `…` ``, where a backtick closes instead of opening.
    pub(super) in_backticks: bool,
}

/// One list of commands: the whole text, or the inside of a subshell or substitution.
pub(super) struct List {
    pub(super) depth: u16,
    close: Option<u8>,
    /// What the next command is joined by.
    operator: Operator,
    /// The pipeline that a `|` continues.
    pipeline: Option<u32>,
    /// What `pipeline` was before `command` began, to fall back on if that turns out to be a reserved word.
    previous_pipeline: Option<u32>,
    command: Option<Command>,
    /// Here-documents whose bodies start after the current line.
    pub(super) heredocs: Vec<PendingHeredoc>,
    /// Open `case` commands.
    cases: u32,
    /// Between `in` or `;;` and the `)` of a `case` pattern.
    in_pattern: bool,
}

impl List {
    pub(super) fn new(depth: u16, close: Option<u8>, operator: Operator, pipeline: Option<u32>) -> Self {
        Self {
            depth,
            close,
            operator,
            pipeline,
            previous_pipeline: None,
            command: None,
            heredocs: Vec::new(),
            cases: 0,
            in_pattern: false,
        }
    }
}

impl Reader<'_> {
    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at.saturating_add(ahead)).copied()
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &str {
        self.text.get(start..self.at).unwrap_or("")
    }

    /// Moves over one character.
    pub(super) fn bump(&mut self) {
        self.at += self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        self.at = self.at.min(self.text.len());
    }

    pub(super) fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&keep) {
            self.at += 1;
        }
    }

    /// Remembers the first thing that was never closed.
    pub(super) fn unclosed(&mut self, start: usize) {
        if self.script.unclosed.is_none() {
            self.script.unclosed = Some(Span::new(start, (start + 1).min(self.text.len())).clamp(self.text));
        }
    }

    /// Reads commands up to the closing byte, which is left standing, or the end. Returns the last pipeline.
    pub(super) fn list(&mut self, mut list: List) -> Option<u32> {
        let start = self.at;
        let mut closed = list.close.is_none();
        while let Some(byte) = self.peek(0) {
            if Some(byte) == list.close && !list.in_pattern {
                closed = true;
                break;
            }
            let before = self.at;
            self.token(&mut list, byte);
            if self.at == before {
                self.bump();
            }
        }
        self.finish(&mut list);
        if !closed {
            self.unclosed(start.saturating_sub(1));
        }
        list.pipeline
    }

    fn token(&mut self, list: &mut List, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
            b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => self.at += 3,
            b'\n' => self.newline(list),
            b'#' => {
                // `# …` inside backticks is the customary way to comment one line of a long RUN.
                let backtick = list.close == Some(b'`');
                let start = self.at;
                self.skip_while(|byte| byte != b'\n' && !(backtick && byte == b'`'));
                let length = self.since(start).trim_end_matches('\r').len();
                self.script.comments.push(Span::new(start, start + length));
            }
            b';' => {
                self.at += 1;
                self.join(list, Operator::Sequence);
                if matches!(self.peek(0), Some(b';' | b'&')) {
                    self.skip_while(|byte| matches!(byte, b';' | b'&'));
                    list.in_pattern = list.cases > 0;
                }
            }
            b'&' if self.peek(1) == Some(b'&') => {
                self.at += 2;
                self.join(list, Operator::And);
            }
            b'&' if self.peek(1) == Some(b'>') => self.redirect(list, None),
            b'&' => {
                self.at += 1;
                self.join(list, Operator::Background);
            }
            b'|' if list.in_pattern => {
                self.at += 1;
                list.command = None;
            }
            b'|' if self.peek(1) == Some(b'|') => {
                self.at += 2;
                self.join(list, Operator::Or);
            }
            b'|' => {
                self.at += if self.peek(1) == Some(b'&') { 2 } else { 1 };
                self.join(list, Operator::Pipe);
            }
            b'(' => self.parenthesis(list),
            b')' => {
                self.at += 1;
                if list.in_pattern {
                    list.command = None;
                    list.in_pattern = false;
                }
                self.join(list, Operator::Sequence);
            }
            b'<' | b'>' if self.peek(1) == Some(b'(') => self.word_token(list),
            b'<' | b'>' => self.redirect(list, None),
            b'0'..=b'9' => {
                let start = self.at;
                self.skip_while(|byte| byte.is_ascii_digit());
                if matches!(self.peek(0), Some(b'<' | b'>')) {
                    self.redirect(list, Some(start));
                } else {
                    self.at = start;
                    self.word_token(list);
                }
            }
            _ => self.word_token(list),
        }
    }

    fn newline(&mut self, list: &mut List) {
        self.at += 1;
        // After `|` or `&&` the line goes on, so the operator stays.
        if list.command.is_some() {
            self.join(list, Operator::Sequence);
        }
        for heredoc in std::mem::take(&mut list.heredocs) {
            self.heredoc_body(heredoc);
        }
    }

    /// Ends the command being read; the next one is joined by `operator`.
    fn join(&mut self, list: &mut List, operator: Operator) {
        self.finish(list);
        list.operator = operator;
    }

    fn finish(&mut self, list: &mut List) {
        self.script.commands.extend(list.command.take());
    }

    fn parenthesis(&mut self, list: &mut List) {
        if list.in_pattern {
            self.at += 1;
            return;
        }
        let defines_function = list.command.as_ref().is_some_and(|command| command.words.len() == 1);
        if defines_function && self.peek(1) == Some(b')') {
            self.at += 2;
            if let Some(command) = list.command.take() {
                self.script.functions.extend(command.words);
            }
            return;
        }
        if list.command.is_none() && self.skip_arithmetic() {
            return;
        }
        let continued = (list.operator == Operator::Pipe && list.command.is_none()).then_some(list.pipeline).flatten();
        self.finish(list);
        self.at += 1;
        if list.depth < MAX_DEPTH {
            let inner = List::new(list.depth + 1, Some(b')'), Operator::Open, continued);
            // `(curl …) | sh` feeds the shell just as `curl … | sh` does.
            list.pipeline = self.list(inner);
            if self.peek(0) == Some(b')') {
                self.at += 1;
            }
        } else {
            self.skip_to(b')');
        }
        list.operator = Operator::Sequence;
    }

    /// Steps over `(( … ))`, which runs nothing. `((a); b)` is two subshells and stays.
    fn skip_arithmetic(&mut self) -> bool {
        if self.peek(1) != Some(b'(') {
            return false;
        }
        let mut open = 0usize;
        for ahead in 0..ARITHMETIC_REACH {
            match self.peek(ahead) {
                Some(b'(') => open += 1,
                Some(b')') if open == 2 => {
                    let closes = self.peek(ahead + 1) == Some(b')');
                    if closes {
                        self.at += ahead + 2;
                    }
                    return closes;
                }
                Some(b')') => open = open.saturating_sub(1),
                None => return false,
                Some(_) => {}
            }
        }
        false
    }

    /// The command being read, begun here if there is none.
    pub(super) fn command<'l>(&mut self, list: &'l mut List, start: usize) -> &'l mut Command {
        let List { depth, operator, pipeline, previous_pipeline, command, .. } = list;
        command.get_or_insert_with(|| {
            // A subshell that was itself piped into hands its pipeline to its first command.
            let continues = matches!(operator, Operator::Pipe | Operator::Open);
            let number = pipeline.filter(|_| continues).unwrap_or_else(|| {
                self.pipelines += 1;
                self.pipelines
            });
            *previous_pipeline = pipeline.replace(number);
            Command {
                before: *operator,
                depth: *depth,
                assignments: Vec::new(),
                words: Vec::new(),
                redirects: Vec::new(),
                span: Span::at(start),
                pipeline: number,
            }
        })
    }

    fn word_token(&mut self, list: &mut List) {
        let start = self.at;
        let word = self.word(list.depth);
        if self.at == start {
            return;
        }
        let assigns = is_assignment(word.span.slice(self.text));
        let command = self.command(list, start);
        command.span = command.span.to(word.span);
        if assigns && command.words.is_empty() {
            command.assignments.push(word);
            return;
        }
        command.words.push(word);
        self.reserved_words(list);
    }

    /// Takes out of the command what the shell's grammar uses up: `if`, `}`, `esac`, `case … in`, `function name`.
    fn reserved_words(&mut self, list: &mut List) {
        let Some(command) = &mut list.command else { return };
        let (Some(first), Some(last)) = (command.words.first(), command.words.last()) else { return };
        if first.quoted || !command.assignments.is_empty() || !command.redirects.is_empty() {
            return;
        }
        let count = command.words.len();
        let text = first.text.as_str();
        if count == 1 && text == "esac" {
            list.cases = list.cases.saturating_sub(1);
            list.in_pattern = false;
            list.command = None;
            list.pipeline = list.previous_pipeline;
        } else if list.in_pattern {
            // A pattern, not a command.
        } else if count == 1 && (OPENERS.contains(&text) || CLOSERS.contains(&text)) {
            // Behind `}` the pipeline goes on that the last command inside began.
            list.command = None;
            list.pipeline = list.previous_pipeline;
        } else if count == 1 && text == "[[" {
            self.test_expression(list);
        } else if count == 2 && text == "function" {
            self.script.functions.extend(command.words.pop());
            list.command = None;
        } else if count >= 3 && text == "case" && last.text == "in" && !last.quoted {
            list.cases += 1;
            list.in_pattern = true;
            self.join(list, Operator::Sequence);
        }
    }

    /// Reads up to `]]`. Inside, `&&`, `||`, `<` and parentheses are part of the expression.
    fn test_expression(&mut self, list: &mut List) {
        while let Some(byte) = self.peek(0) {
            if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b'`') {
                self.at += 1;
                continue;
            }
            let start = self.at;
            let word = self.word(list.depth);
            if self.at == start {
                self.bump();
                continue;
            }
            let ends = !word.quoted && word.text == "]]";
            let command = self.command(list, start);
            command.span = command.span.to(word.span);
            command.words.push(word);
            if ends {
                return;
            }
        }
    }
}

/// Whether a word as written begins with `NAME=`, `NAME+=` or `NAME[…]=`.
fn is_assignment(raw: &str) -> bool {
    let name = raw.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(raw.len());
    let (name, mut rest) = raw.split_at_checked(name).unwrap_or((raw, ""));
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if rest.starts_with('[') {
        rest = rest.split_once(']').map_or("", |(_, after)| after);
    }
    rest.starts_with('=') || rest.starts_with("+=")
}

/// A word that stands nowhere, for a redirection without a target.
pub(super) fn empty_word(at: usize) -> Word {
    Word { text: String::new(), literal: true, quoted: false, span: Span::at(at) }
}
