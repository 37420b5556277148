//! Expansion of variables in arguments, with the operators of the Dockerfile reference.

use std::cell::Cell;

use super::Expanded;
use super::pattern::Pattern;

/// How deep `${…}` may nest.
const MAX_DEPTH: u8 = 48;
/// How long one text may become.
const MAX_LENGTH: usize = 32 * 1024;

/// What a name stands for.
pub enum Variable<'v> {
    /// This text.
    Value(&'v Expanded),
    /// Something, but only a build knows what.
    Unknown,
    /// Nothing.
    Unset,
}

/// What expansion may cost in one file. `ENV A=$A$A` doubles a value with every line, and matching a pattern costs its length times
/// that of the value; once the budget is spent, texts stay as they are and count as unknown.
#[derive(Debug)]
pub struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(16 * 1024 * 1024))
    }
}

impl Budget {
    /// Takes from the budget, or returns `false` if there is too little left.
    fn spend(&self, cost: usize) -> bool {
        let left = self.0.get().checked_sub(cost);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Expands variables and removes quotes and escapes. A text that the builder would refuse stays as it is and counts as unknown.
pub fn expand<'v>(text: &str, escape: char, budget: &Budget, lookup: &dyn Fn(&str) -> Variable<'v>) -> Expanded {
    if !text.contains(['$', '\'', '"', escape]) {
        return Expanded::known(text);
    }
    let mut expander = Expander { text, at: 0, escape, budget, lookup, known: true, produced: 0 };
    match expander.until(None, false, 0) {
        Ok(expanded) => Expanded { text: expanded, known: expander.known },
        Err(Refused) => Expanded::unknown(text),
    }
}

/// The text is malformed, or too costly.
struct Refused;

struct Expander<'t, 'v> {
    text: &'t str,
    at: usize,
    escape: char,
    budget: &'t Budget,
    lookup: &'t dyn Fn(&str) -> Variable<'v>,
    known: bool,
    /// Bytes that values have added.
    produced: usize,
}

impl Expander<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Reads up to and with `stop`, or to the end. Patterns keep their escapes, because those matter to the pattern.
    fn until(&mut self, stop: Option<char>, keep_escapes: bool, depth: u8) -> Result<String, Refused> {
        let mut out = String::new();
        while let Some(character) = self.next() {
            match character {
                _ if Some(character) == stop => return Ok(out),
                '\'' => loop {
                    match self.next().ok_or(Refused)? {
                        '\'' => break,
                        quoted => out.push(quoted),
                    }
                },
                '"' => self.double_quoted(&mut out, depth)?,
                '$' => self.dollar(&mut out, depth)?,
                _ if character == self.escape => {
                    let Some(escaped) = self.next() else { break };
                    if keep_escapes {
                        out.push(self.escape);
                    }
                    out.push(escaped);
                }
                _ => out.push(character),
            }
        }
        if stop.is_some() { Err(Refused) } else { Ok(out) }
    }

    fn double_quoted(&mut self, out: &mut String, depth: u8) -> Result<(), Refused> {
        loop {
            let character = self.next().ok_or(Refused)?;
            match character {
                '"' => return Ok(()),
                '$' => self.dollar(out, depth)?,
                _ if character == self.escape => {
                    let escaped = self.next().ok_or(Refused)?;
                    if !matches!(escaped, '"' | '$') && escaped != self.escape {
                        out.push(self.escape);
                    }
                    out.push(escaped);
                }
                _ => out.push(character),
            }
        }
    }

    /// What stands behind a `$`.
    fn dollar(&mut self, out: &mut String, depth: u8) -> Result<(), Refused> {
        let start = self.at - 1;
        if self.peek() == Some('{') {
            self.at += 1;
            return self.braces(start, out, depth + 1);
        }
        let name = self.name();
        if name.is_empty() {
            out.push('$');
            return Ok(());
        }
        self.plain(&name, out)
    }

    fn name(&mut self) -> String {
        let start = self.at;
        match self.peek() {
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => self.at += 1,
            Some(first) => {
                let keep: fn(char) -> bool =
                    if first.is_ascii_digit() { |c| c.is_ascii_digit() } else { |c| c.is_alphanumeric() || c == '_' };
                while self.peek().is_some_and(keep) {
                    self.next();
                }
            }
            None => {}
        }
        self.text.get(start..self.at).unwrap_or("").to_owned()
    }

    /// A variable without an operator.
    fn plain(&mut self, name: &str, out: &mut String) -> Result<(), Refused> {
        match (self.lookup)(name) {
            Variable::Value(value) => self.value(value, out),
            Variable::Unknown | Variable::Unset => {
                self.known = false;
                out.push_str("${");
                out.push_str(name);
                out.push('}');
                Ok(())
            }
        }
    }

    fn value(&mut self, value: &Expanded, out: &mut String) -> Result<(), Refused> {
        self.known &= value.known;
        self.produce(&value.text, out)
    }

    fn produce(&mut self, text: &str, out: &mut String) -> Result<(), Refused> {
        self.produced += text.len();
        if self.produced > MAX_LENGTH || !self.budget.spend(text.len()) {
            return Err(Refused);
        }
        out.push_str(text);
        Ok(())
    }

    /// From behind `${` to behind `}`.
    fn braces(&mut self, start: usize, out: &mut String, depth: u8) -> Result<(), Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused);
        }
        let name = self.name();
        if name.is_empty() {
            return Err(Refused);
        }
        let mut operator = self.next().ok_or(Refused)?;
        let empty_is_unset = operator == ':';
        if empty_is_unset {
            operator = self.next().ok_or(Refused)?;
        }
        match operator {
            '}' if !empty_is_unset => self.plain(&name, out),
            '-' | '+' | '?' => self.conditional(start, &name, operator, empty_is_unset, out, depth),
            '#' | '%' if !empty_is_unset => self.trimmed(start, &name, operator, out, depth),
            '/' if !empty_is_unset => self.replaced(start, &name, out, depth),
            _ => Err(Refused),
        }
    }

    /// An operand. Whether it is known only counts if it is used.
    fn operand(&mut self, stop: char, pattern: bool, depth: u8) -> Result<Expanded, Refused> {
        let outer = std::mem::replace(&mut self.known, true);
        let text = self.until(Some(stop), pattern, depth)?;
        let known = std::mem::replace(&mut self.known, outer);
        Ok(Expanded { text, known })
    }

    /// Leaves the expansion as it is written.
    fn unresolved(&mut self, start: usize, out: &mut String) -> Result<(), Refused> {
        self.known = false;
        out.push_str(self.text.get(start..self.at).unwrap_or(""));
        Ok(())
    }

    fn conditional(
        &mut self,
        start: usize,
        name: &str,
        operator: char,
        empty_is_unset: bool,
        out: &mut String,
        depth: u8,
    ) -> Result<(), Refused> {
        let word = self.operand('}', false, depth)?;
        let variable = match (self.lookup)(name) {
            Variable::Value(value) if empty_is_unset && value.known && value.text.is_empty() => Variable::Unset,
            variable => variable,
        };
        match (operator, variable) {
            ('-' | '?', Variable::Value(value)) => self.value(value, out),
            ('-', Variable::Unset) | ('+', Variable::Value(_)) => self.value(&word, out),
            ('+', Variable::Unset) => Ok(()),
            _ => self.unresolved(start, out),
        }
    }

    /// `${name#pattern}`, `${name##pattern}`, `${name%pattern}`, `${name%%pattern}`.
    fn trimmed(
        &mut self,
        start: usize,
        name: &str,
        operator: char,
        out: &mut String,
        depth: u8,
    ) -> Result<(), Refused> {
        let longest = self.peek() == Some(operator);
        self.at += usize::from(longest);
        let pattern = self.operand('}', true, depth)?;
        let Some((value, pattern)) = self.matchable(name, &pattern) else {
            return self.unresolved(start, out);
        };
        if !self.budget.spend(value.len().saturating_mul(pattern.len())) {
            return Err(Refused);
        }
        let kept = if operator == '#' {
            pattern.without_prefix(&value, longest)
        } else {
            pattern.without_suffix(&value, longest)
        };
        self.produce(&kept, out)
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    fn replaced(&mut self, start: usize, name: &str, out: &mut String, depth: u8) -> Result<(), Refused> {
        let all = self.peek() == Some('/');
        self.at += usize::from(all);
        let pattern = self.operand('/', true, depth)?;
        let replacement = self.operand('}', false, depth)?;
        let Some((value, pattern)) = self.matchable(name, &pattern).filter(|_| replacement.known) else {
            return self.unresolved(start, out);
        };
        let cost = value.len().saturating_mul(value.len()).saturating_mul(pattern.len());
        let growth = value.len().saturating_mul(replacement.text.len());
        if growth > MAX_LENGTH || !self.budget.spend(cost) {
            return Err(Refused);
        }
        let replaced = pattern.replace(&value, &replacement.text, all);
        self.produce(&replaced, out)
    }

    /// The value of a variable and a pattern for it, if both are wholly known.
    fn matchable(&self, name: &str, pattern: &Expanded) -> Option<(String, Pattern)> {
        match (self.lookup)(name) {
            Variable::Value(value) if value.known && pattern.known => {
                Some((value.text.clone(), Pattern::new(&pattern.text, self.escape)))
            }
            _ => None,
        }
    }
}
