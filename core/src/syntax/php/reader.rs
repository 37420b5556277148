//! Reads constants, entries, calls and uses of the environment off the tokens.

use super::tokens::{Token, TokenKind};
use super::{Call, Constant, Entry, EnvUse, MAX_DEPTH, MAX_ERRORS, Php, Value, ValueKind};
use crate::span::Span;
use crate::syntax::SyntaxError;

/// Functions that read the environment: the variable is their first argument, the default their second.
const READERS: [&str; 6] = ["env", "getenv", "getenv_docker", "Env::get", "Environment::get", "env_or"];
/// Words that make what follows them conditional.
const CONDITIONS: [&str; 9] = ["if", "else", "elseif", "foreach", "for", "while", "switch", "function", "catch"];

pub(super) fn read(text: &str, tokens: &[Token], out: &mut Php) {
    let mut reader = Reader { text, tokens, at: 0, out, block: 0, conditional: false };
    while reader.at < tokens.len() {
        reader.statement(0);
    }
}

struct Reader<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    out: &'t mut Php,
    /// How many braces are open.
    block: usize,
    /// Whether the statement at hand begins with a condition.
    conditional: bool,
}

/// What an expression is so far.
#[derive(Default)]
struct Sum {
    kind: Option<ValueKind>,
    /// The operator that waits for its right side.
    operator: Option<&'static str>,
    /// Where in the list of uses the environment variable stands whose default may follow.
    environment: Option<usize>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<&'t TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn punctuation(&self, ahead: usize) -> Option<&'static str> {
        match self.tokens.get(self.at + ahead)?.kind {
            TokenKind::Punctuation(punctuation) => Some(punctuation),
            _ => None,
        }
    }

    fn is(&self, wanted: &str) -> bool {
        self.punctuation(0) == Some(wanted)
    }

    fn span(&self, at: usize) -> Span {
        self.tokens.get(at).map_or(Span::at(self.text.len()), |token| token.span)
    }

    /// From a token to the one before the one at hand.
    fn since(&self, start: usize) -> Span {
        let last = self.at.saturating_sub(1).max(start);
        self.span(start).to(self.span(last))
    }

    fn error(&mut self, span: Span, message: &str, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            self.out.errors.push(SyntaxError::new(span, message).with_help(help));
        }
    }

    fn is_conditional(&self) -> bool {
        self.conditional || self.block > 0
    }

    /// One statement, or what is left of one after an error.
    fn statement(&mut self, depth: usize) {
        match self.peek() {
            Some(TokenKind::Name(word)) if CONDITIONS.iter().any(|condition| word.eq_ignore_ascii_case(condition)) => {
                self.conditional = true;
                self.at += 1;
            }
            Some(TokenKind::Name(word)) if word.eq_ignore_ascii_case("const") => {
                self.at += 1;
                self.constants(depth);
            }
            Some(TokenKind::Punctuation(";" | ",")) => {
                self.conditional = false;
                self.at += 1;
            }
            Some(TokenKind::Punctuation("{")) => self.braces(depth, None),
            Some(TokenKind::Punctuation(")" | "]" | "}" | "=>")) | Some(TokenKind::Html) => self.at += 1,
            _ => {
                let before = self.at;
                self.expression(depth, None);
                if self.at == before {
                    self.at += 1;
                }
            }
        }
    }

    /// `const NAME = value, OTHER = value`.
    fn constants(&mut self, depth: usize) {
        let start = self.at.saturating_sub(1);
        // `const string NAME` has its type first.
        while matches!(self.peek(), Some(TokenKind::Name(_))) && self.punctuation(1) != Some("=") {
            self.at += 1;
        }
        while let Some(TokenKind::Name(name)) = self.peek() {
            let name_span = self.span(self.at);
            self.at += 1;
            if !self.is("=") {
                return;
            }
            self.at += 1;
            let value = self.expression(depth, None);
            let span = self.since(start);
            let conditional = self.is_conditional();
            self.out.constants.push(Constant { name: name.clone(), name_span, value, span, conditional });
            if !self.is(",") {
                return;
            }
            self.at += 1;
        }
    }

    /// `{ … }`: the statements in it.
    fn braces(&mut self, depth: usize, parent: Option<usize>) {
        let open = self.span(self.at);
        if depth >= MAX_DEPTH {
            self.step_over();
            return;
        }
        self.at += 1;
        let outer = std::mem::replace(&mut self.conditional, false);
        self.block += 1;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Punctuation("}") => break,
                // The arms of `match` and of nothing else: `value => result`.
                TokenKind::Punctuation("=>") => {
                    self.at += 1;
                    self.expression(depth + 1, parent);
                }
                _ => self.statement(depth + 1),
            }
        }
        self.block -= 1;
        self.conditional = outer && self.block > 0;
        if self.is("}") {
            self.at += 1;
        } else {
            self.error(open, "this bracket is never closed", "add the closing `}`");
        }
    }

    /// Steps over a bracket with all that is in it, without recursion.
    fn step_over(&mut self) {
        let mut open = 0usize;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Punctuation("(" | "[" | "{" | "#[") => open += 1,
                TokenKind::Punctuation(")" | "]" | "}") => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }

    /// Reads an expression up to `,`, `;`, `=>` or a closing bracket. Arrays in it belong to the entry `parent`.
    fn expression(&mut self, depth: usize, parent: Option<usize>) -> Value {
        let mut start = self.at;
        let mut sum = Sum::default();
        let mut arrow = false;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Punctuation("," | ";" | ")" | "]" | "}") | TokenKind::Html => break,
                TokenKind::Punctuation("=>") if !arrow => break,
                TokenKind::Name(word) if word.eq_ignore_ascii_case("fn") => {
                    arrow = true;
                    self.at += 1;
                    sum.spoil();
                }
                TokenKind::Name(word)
                    if word.eq_ignore_ascii_case("match") || word.eq_ignore_ascii_case("function") =>
                {
                    self.at += 1;
                    sum.spoil();
                }
                TokenKind::Name(word)
                    if matches!(
                        word.to_ascii_lowercase().as_str(),
                        "return"
                            | "echo"
                            | "print"
                            | "require"
                            | "require_once"
                            | "include"
                            | "include_once"
                            | "static"
                            | "new"
                            | "throw"
                            | "clone"
                            | "use"
                            | "namespace"
                    ) =>
                {
                    let spoils = !matches!(word.to_ascii_lowercase().as_str(), "return" | "echo" | "print");
                    self.at += 1;
                    if spoils {
                        sum.spoil();
                    } else {
                        start = self.at;
                    }
                }
                TokenKind::Punctuation("{") => {
                    self.braces(depth, parent);
                    sum.spoil();
                    // The end of a function or a class ends the statement unless something goes on.
                    if !matches!(self.punctuation(0), Some("," | ")" | "]" | "->" | "(" | "." | ":" | "??" | "?")) {
                        break;
                    }
                }
                TokenKind::Punctuation(operator) if !matches!(*operator, "(" | "[" | "#[") => {
                    self.at += 1;
                    sum.operate(operator);
                }
                _ => {
                    let before = self.out.environment.len();
                    let (kind, span) = self.primary(depth, parent);
                    let environment = (self.out.environment.len() > before).then_some(before);
                    let default = sum.add(kind, span, environment);
                    if let Some((index, default)) = default
                        && let Some(used) = self.out.environment.get_mut(index)
                    {
                        used.default = Some(default);
                    }
                }
            }
        }
        let span = if self.at > start { self.since(start) } else { Span::at(self.span(start).start as usize) };
        let kind = sum.kind.filter(|_| sum.operator.is_none()).unwrap_or(ValueKind::Unknown);
        Value { kind, span }
    }

    /// One operand with what belongs to it: subscripts, calls, members.
    fn primary(&mut self, depth: usize, parent: Option<usize>) -> (ValueKind, Span) {
        let start = self.at;
        let kind = match self.peek() {
            Some(TokenKind::String { value, interpolated }) => {
                self.at += 1;
                if *interpolated { ValueKind::Unknown } else { ValueKind::String(value.clone()) }
            }
            Some(TokenKind::Number(text)) => {
                self.at += 1;
                ValueKind::Number(text.clone())
            }
            Some(TokenKind::Variable(name)) => return self.variable(name, depth),
            Some(TokenKind::Name(name)) => return self.named(name, depth, parent),
            Some(TokenKind::Punctuation("#[")) => {
                self.group(depth, parent, "]");
                return (ValueKind::Null, self.since(start));
            }
            Some(TokenKind::Punctuation("[")) => {
                self.array(depth, parent, "]");
                ValueKind::Array
            }
            _ => match self.cast() {
                Some(()) if !self.starts_operand() => return (ValueKind::Unknown, self.since(start)),
                Some(()) => {
                    let (kind, _) = self.primary(depth.saturating_add(1).min(MAX_DEPTH), parent);
                    let kept = matches!(kind, ValueKind::Environment { .. });
                    return (if kept { kind } else { ValueKind::Unknown }, self.since(start));
                }
                None => self.parenthesis(depth, parent),
            },
        };
        let end = self.at;
        self.members(depth);
        let kind = if self.at == end { kind } else { ValueKind::Unknown };
        (kind, self.since(start))
    }

    fn starts_operand(&self) -> bool {
        match self.peek() {
            Some(TokenKind::Punctuation(punctuation)) => matches!(*punctuation, "(" | "["),
            Some(TokenKind::Html) | None => false,
            Some(_) => true,
        }
    }

    /// `(bool)` and the like.
    fn cast(&mut self) -> Option<()> {
        let TokenKind::Name(word) = &self.tokens.get(self.at + 1)?.kind else { return None };
        let casts = ["bool", "boolean", "int", "integer", "float", "string"];
        let is = self.punctuation(2) == Some(")") && casts.iter().any(|cast| word.eq_ignore_ascii_case(cast));
        // A chain of casts is as long as it is written, not as deep.
        if !is {
            return None;
        }
        self.at += 3;
        while self.is("(") && self.next_is_cast(&casts) {
            self.at += 3;
        }
        Some(())
    }

    fn next_is_cast(&self, casts: &[&str]) -> bool {
        matches!(self.tokens.get(self.at + 1).map(|token| &token.kind),
            Some(TokenKind::Name(word)) if casts.iter().any(|cast| word.eq_ignore_ascii_case(cast)))
            && self.punctuation(2) == Some(")")
    }

    /// `( … )`: a value when it holds one.
    fn parenthesis(&mut self, depth: usize, parent: Option<usize>) -> ValueKind {
        let values = self.group(depth, parent, ")");
        match values.into_iter().next() {
            Some(value) => value.kind,
            None => ValueKind::Unknown,
        }
    }

    /// Values between a bracket and its closing one, separated by commas, semicolons or arrows.
    fn group(&mut self, depth: usize, parent: Option<usize>, close: &'static str) -> Vec<Value> {
        let open = self.span(self.at);
        let mut values = Vec::new();
        if depth >= MAX_DEPTH {
            self.step_over();
            return values;
        }
        self.at += 1;
        loop {
            match self.peek() {
                Some(TokenKind::Punctuation(found)) if *found == close => {
                    self.at += 1;
                    return values;
                }
                Some(TokenKind::Punctuation("," | "=>")) => self.at += 1,
                Some(TokenKind::Punctuation(";")) if self.for_loop_goes_on() => self.at += 1,
                None | Some(TokenKind::Punctuation(";" | ")" | "]" | "}")) | Some(TokenKind::Html) => {
                    let help = format!("add the closing `{close}`");
                    self.error(open, "this bracket is never closed", &help);
                    return values;
                }
                _ => {
                    let before = self.at;
                    let value = self.expression(depth + 1, parent);
                    if self.at == before {
                        self.at += 1;
                    } else {
                        values.push(value);
                    }
                }
            }
        }
    }

    /// The semicolons of `for (;;)` stand in brackets; in a statement that is none, a semicolon ends a bracket that was forgotten.
    fn for_loop_goes_on(&self) -> bool {
        self.conditional
    }

    /// `[ … ]` or `array( … )` from its bracket on: every item becomes an entry below `parent`.
    fn array(&mut self, depth: usize, parent: Option<usize>, close: &'static str) {
        let open = self.span(self.at);
        if depth >= MAX_DEPTH {
            self.step_over();
            return;
        }
        self.at += 1;
        let mut position = 0usize;
        loop {
            match self.peek() {
                Some(TokenKind::Punctuation(found)) if *found == close => {
                    self.at += 1;
                    return;
                }
                Some(TokenKind::Punctuation("," | "=>")) => self.at += 1,
                None | Some(TokenKind::Punctuation(";" | ")" | "]" | "}")) | Some(TokenKind::Html) => {
                    let help = format!("add the closing `{close}`");
                    self.error(open, "this bracket is never closed", &help);
                    return;
                }
                _ => {
                    let before = self.at;
                    self.item(depth, parent, &mut position);
                    if self.at == before {
                        self.at += 1;
                    }
                }
            }
        }
    }

    /// One item of an array. The entry is made before its value is read, so that it stands before what is in it.
    fn item(&mut self, depth: usize, parent: Option<usize>, position: &mut usize) {
        let start = self.at;
        let conditional = self.is_conditional();
        let key = self.key();
        let key_span = self.span(start);
        let index = self.out.entries.len();
        let unknown = Value { kind: ValueKind::Unknown, span: key_span };
        let name = key.clone().unwrap_or_else(|| position.to_string());
        *position = match key.as_deref().map(str::parse::<usize>) {
            None => position.saturating_add(1),
            Some(Ok(number)) => number.saturating_add(1),
            Some(Err(_)) => *position,
        };
        self.out.entries.push(Entry {
            parent,
            variable: None,
            key: name,
            subscripts: Vec::new(),
            key_span,
            value: unknown,
            conditional,
        });
        if key.is_none() && self.is("...") {
            self.at += 1;
        }
        let mut value = self.expression(depth + 1, Some(index));
        // A key that is computed: what stands before the arrow is no value.
        if key.is_none() && self.is("=>") {
            self.at += 1;
            if let Some(entry) = self.out.entries.get_mut(index) {
                entry.key = match &value.kind {
                    ValueKind::Constant(name) => name.clone(),
                    _ => String::new(),
                };
                entry.key_span = value.span;
            }
            value = self.expression(depth + 1, Some(index));
        } else if key.is_none()
            && let Some(entry) = self.out.entries.get_mut(index)
        {
            entry.key_span = value.span;
        }
        if let Some(entry) = self.out.entries.get_mut(index) {
            entry.value = value;
        }
    }

    /// A literal key and its arrow.
    fn key(&mut self) -> Option<String> {
        if self.punctuation(1) != Some("=>") {
            return None;
        }
        let key = match self.peek()? {
            TokenKind::String { value, interpolated: false } => value.clone(),
            TokenKind::Number(text) => text.clone(),
            _ => return None,
        };
        self.at += 2;
        Some(key)
    }

    /// A variable: read from, or assigned to.
    fn variable(&mut self, name: &str, depth: usize) -> (ValueKind, Span) {
        let start = self.at;
        self.at += 1;
        let mut subscripts: Vec<(Option<String>, Span)> = Vec::new();
        while self.is("[") {
            let open = self.at;
            let literal = match self.tokens.get(open + 1).map(|token| &token.kind) {
                Some(TokenKind::String { value, interpolated: false }) => Some(value.clone()),
                Some(TokenKind::Number(text)) => Some(text.clone()),
                _ => None,
            };
            if literal.is_some() && self.punctuation(2) == Some("]") {
                subscripts.push((literal, self.span(open + 1)));
                self.at += 3;
            } else {
                self.group(depth, None, "]");
                subscripts.push((None, self.span(open)));
            }
        }
        if self.is("=") && !name.is_empty() {
            return self.assignment(name, subscripts, start, depth);
        }
        if let ("_ENV" | "_SERVER", [(Some(key), key_span)]) = (name, subscripts.as_slice()) {
            let (key, key_span, span) = (key.clone(), *key_span, self.since(start));
            self.out.environment.push(EnvUse { key: key.clone(), key_span, default: None, span });
            let end = self.at;
            self.members(depth);
            let kind = if self.at == end { ValueKind::Environment { key, default: None } } else { ValueKind::Unknown };
            return (kind, span);
        }
        self.members(depth);
        (ValueKind::Unknown, self.since(start))
    }

    /// `$name['key'] = value` from the sign on.
    fn assignment(
        &mut self,
        name: &str,
        subscripts: Vec<(Option<String>, Span)>,
        start: usize,
        depth: usize,
    ) -> (ValueKind, Span) {
        let key_span = subscripts.last().map_or(self.span(start), |(_, span)| *span);
        let known = subscripts.iter().all(|(key, _)| key.is_some());
        let subscripts: Vec<String> = subscripts.into_iter().filter_map(|(key, _)| key).collect();
        let key = subscripts.last().cloned().unwrap_or_else(|| name.to_owned());
        let conditional = self.is_conditional();
        self.at += 1;
        let index = self.out.entries.len();
        if known {
            let value = Value { kind: ValueKind::Unknown, span: key_span };
            let variable = Some(name.to_owned());
            self.out.entries.push(Entry { parent: None, variable, key, subscripts, key_span, value, conditional });
        }
        let value = if depth >= MAX_DEPTH {
            Value { kind: ValueKind::Unknown, span: self.span(self.at) }
        } else {
            self.expression(depth + 1, known.then_some(index))
        };
        if let Some(entry) = self.out.entries.get_mut(index).filter(|_| known) {
            entry.value = value.clone();
        }
        (ValueKind::Unknown, self.since(start))
    }

    /// A name: a literal, a constant, an array, a call.
    fn named(&mut self, name: &str, depth: usize, parent: Option<usize>) -> (ValueKind, Span) {
        let start = self.at;
        self.at += 1;
        let name = name.trim_start_matches('\\');
        if self.is("(") && name.eq_ignore_ascii_case("array") {
            self.array(depth, parent, ")");
            return (ValueKind::Array, self.since(start));
        }
        if self.is("(") {
            return self.call(name.to_owned(), start, depth, parent);
        }
        if self.is("::") {
            let TokenKind::Name(member) = (match self.tokens.get(self.at + 1) {
                Some(token) => &token.kind,
                None => return (ValueKind::Unknown, self.since(start)),
            }) else {
                self.members(depth);
                return (ValueKind::Unknown, self.since(start));
            };
            self.at += 2;
            if self.is("(") {
                return self.call(format!("{name}::{member}"), start, depth, parent);
            }
            let end = self.at;
            let kind = if member.eq_ignore_ascii_case("class") {
                ValueKind::Constant(name.to_owned())
            } else {
                ValueKind::Constant(format!("{name}::{member}"))
            };
            self.members(depth);
            return (if self.at == end { kind } else { ValueKind::Unknown }, self.since(start));
        }
        let kind = match name.to_ascii_lowercase().as_str() {
            "true" => ValueKind::Bool(true),
            "false" => ValueKind::Bool(false),
            "null" => ValueKind::Null,
            "and" | "or" | "xor" | "instanceof" | "insteadof" | "as" => ValueKind::Unknown,
            _ => ValueKind::Constant(name.to_owned()),
        };
        (kind, self.since(start))
    }

    /// `name( … )` from its bracket on.
    fn call(&mut self, name: String, start: usize, depth: usize, parent: Option<usize>) -> (ValueKind, Span) {
        let name_span = self.span(start).to(self.span(self.at.saturating_sub(1).max(start)));
        let first = self.at + 1;
        let args = self.group(depth, parent, ")");
        let span = self.since(start);
        let short = name.rsplit('\\').next().unwrap_or(&name);
        let literal = args.first().and_then(|arg| match &arg.kind {
            ValueKind::String(text) => Some((text.clone(), arg.span)),
            _ => None,
        });
        let mut kind = ValueKind::Unknown;
        if let Some((key, key_span)) = literal {
            if READERS.contains(&short) {
                let default = args.get(1).filter(|_| short != "getenv").cloned();
                kind = ValueKind::Environment {
                    key: key.clone(),
                    default: default.as_ref().map(|value| Box::new(value.kind.clone())),
                };
                self.out.environment.push(EnvUse { key, key_span, default, span });
            } else if (short.eq_ignore_ascii_case("define") || short.ends_with("::define"))
                && let Some(value) = args.get(1).cloned()
            {
                let conditional = self.is_conditional();
                let name_span = self.tokens.get(first).map_or(key_span, |token| token.span);
                self.out.constants.push(Constant { name: key, name_span, value, span, conditional });
            }
        }
        self.out.calls.push(Call { name, name_span, args, span });
        let end = self.at;
        self.members(depth);
        (if self.at == end { kind } else { ValueKind::Unknown }, span)
    }

    /// `->name`, `->name(…)`, `[…]`, `::name`, `(…)` behind an operand.
    fn members(&mut self, depth: usize) {
        loop {
            match self.punctuation(0) {
                Some("->" | "?->" | "::") => {
                    self.at += 1;
                    if matches!(self.peek(), Some(TokenKind::Name(_) | TokenKind::Variable(_))) {
                        self.at += 1;
                    }
                }
                Some("[") => {
                    self.group(depth, None, "]");
                }
                Some("(") => {
                    self.group(depth, None, ")");
                }
                _ => return,
            }
        }
    }
}

impl Sum {
    /// Something took part that makes the whole unknown.
    fn spoil(&mut self) {
        self.kind = Some(ValueKind::Unknown);
        self.operator = None;
        self.environment = None;
    }

    fn operate(&mut self, operator: &'static str) {
        match (&self.kind, self.operator, operator) {
            (None, None, "-" | "+" | "!") | (Some(ValueKind::String(_)), None, ".") => self.operator = Some(operator),
            // `!!` makes a boolean of what follows and changes nothing else.
            (None, Some("!"), "!") => self.operator = None,
            (Some(ValueKind::Environment { .. }), None, "??" | "?") => self.operator = Some(operator),
            // `?:` is a question mark and a colon.
            (Some(ValueKind::Environment { .. }), Some("?"), ":") => self.operator = Some("?:"),
            (None, None, "&" | "...") => {}
            _ => self.spoil(),
        }
    }

    /// Adds an operand. Answers with the default of an environment variable when the operand is one.
    fn add(&mut self, kind: ValueKind, span: Span, environment: Option<usize>) -> Option<(usize, Value)> {
        let joined = match (self.kind.take(), self.operator.take(), kind) {
            (None, None, kind) => {
                self.environment = environment;
                kind
            }
            (None, Some("!"), kind) => kind.truth().map_or(ValueKind::Unknown, |truth| ValueKind::Bool(!truth)),
            (None, Some(sign), ValueKind::Number(text)) => {
                ValueKind::Number(if sign == "-" { format!("-{text}") } else { text })
            }
            (Some(ValueKind::String(mut text)), Some("."), ValueKind::String(more)) => {
                text.push_str(&more);
                ValueKind::String(text)
            }
            (Some(ValueKind::Environment { key, default: None }), Some("??" | "?:"), kind) => {
                let default = Value { kind: kind.clone(), span };
                self.kind = Some(ValueKind::Environment { key, default: Some(Box::new(kind)) });
                return self.environment.map(|index| (index, default));
            }
            _ => ValueKind::Unknown,
        };
        self.kind = Some(joined);
        None
    }
}
