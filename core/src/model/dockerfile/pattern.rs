//! Patterns of `${name#pattern}` and its like: `*` for anything, `?` for one character.

/// A pattern.
pub(super) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    One,
    Many,
}

impl Pattern {
    pub(super) fn new(text: &str, escape: char) -> Self {
        let mut tokens = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Many,
                '?' => Token::One,
                _ if character == escape => Token::Literal(characters.next().unwrap_or(escape)),
                _ => Token::Literal(character),
            });
        }
        Self { tokens }
    }

    /// How many tokens; at least one, so that it can stand for a cost.
    pub(super) fn len(&self) -> usize {
        self.tokens.len().max(1)
    }

    pub(super) fn without_prefix(&self, text: &str, longest: bool) -> String {
        let matched = match_length(&self.tokens, text.chars(), longest).unwrap_or(0);
        text.chars().skip(matched).collect()
    }

    pub(super) fn without_suffix(&self, text: &str, longest: bool) -> String {
        let tokens: Vec<Token> = self.tokens.iter().rev().copied().collect();
        let matched = match_length(&tokens, text.chars().rev(), longest).unwrap_or(0);
        let kept = text.chars().count().saturating_sub(matched);
        text.chars().take(kept).collect()
    }

    /// Replaces the first, or every, longest match.
    pub(super) fn replace(&self, text: &str, replacement: &str, all: bool) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let matched = match_length(&self.tokens, rest.chars(), true).unwrap_or(0);
            if matched == 0 {
                out.push(character);
                rest = rest.get(character.len_utf8()..).unwrap_or("");
                continue;
            }
            out.push_str(replacement);
            let bytes: usize = rest.chars().take(matched).map(char::len_utf8).sum();
            rest = rest.get(bytes..).unwrap_or("");
            if !all {
                break;
            }
        }
        out.push_str(rest);
        out
    }
}

/// How many characters from the start the tokens match: the fewest, or the most. Follows all ways to match at once, so that its cost
/// is the length of the text times that of the pattern.
fn match_length(tokens: &[Token], text: impl Iterator<Item = char>, longest: bool) -> Option<usize> {
    // `reached[i]`: the first `i` tokens match what was read.
    let mut reached = vec![false; tokens.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    skip_many(tokens, &mut reached);
    let mut found = reached.last().copied().unwrap_or(false).then_some(0);
    for (index, character) in text.enumerate() {
        if found.is_some() && !longest {
            break;
        }
        let mut next = vec![false; reached.len()];
        for (at, token) in tokens.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or(false) {
                continue;
            }
            let target = match token {
                Token::Many => at,
                Token::One => at + 1,
                Token::Literal(literal) if *literal == character => at + 1,
                Token::Literal(_) => continue,
            };
            if let Some(state) = next.get_mut(target) {
                *state = true;
            }
        }
        skip_many(tokens, &mut next);
        if next.last().copied().unwrap_or(false) {
            found = Some(index + 1);
        }
        reached = next;
        if !reached.contains(&true) {
            break;
        }
    }
    found
}

/// `*` also matches nothing.
fn skip_many(tokens: &[Token], reached: &mut [bool]) {
    for (at, token) in tokens.iter().enumerate() {
        if *token == Token::Many
            && reached.get(at).copied().unwrap_or(false)
            && let Some(state) = reached.get_mut(at + 1)
        {
            *state = true;
        }
    }
}
