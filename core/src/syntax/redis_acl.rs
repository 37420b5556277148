//! Redis users: the lines of an ACL file, and the `user` directives of redis.conf, rule by rule.

#[cfg(test)]
mod tests;

use super::SyntaxError;
use super::redis_conf;
use crate::span::Span;

/// Further errors are not listed.
const MAX_ERRORS: usize = 16;
/// Selectors inside of selectors are refused by the server, and so is more text than this in one.
const MAX_SELECTOR_WORDS: usize = 1024;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RedisAcl {
    /// The users, in order. A name that stands twice is refused by the server; here both are kept.
    pub users: Vec<User>,
    /// Whole-line comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// One user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its name; `default` is who connects without a name.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// The rules in the order in which they apply.
    pub rules: Vec<Rule>,
    /// The whole line without the blanks around it.
    pub span: Span,
}

/// One rule and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What it does.
    pub kind: RuleKind,
    /// Where it is written.
    pub span: Span,
}

/// What a rule does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// `on`: may log in.
    On,
    /// `off`: may not.
    Off,
    /// `nopass`: any password is right.
    NoPassword,
    /// `>password`.
    AddPassword(String),
    /// `<password`.
    RemovePassword(String),
    /// `#` and the SHA-256 of a password.
    AddHash(String),
    /// `!` and the SHA-256 of a password.
    RemoveHash(String),
    /// `resetpass`.
    ResetPasswords,
    /// `~pattern`, `allkeys`, `%R~pattern`, `%W~pattern`: the pattern, and what may be done with the keys.
    Keys {
        /// The pattern.
        pattern: String,
        /// Whether they may be read.
        read: bool,
        /// Whether they may be written.
        write: bool,
    },
    /// `resetkeys`.
    ResetKeys,
    /// `&pattern`, `allchannels`.
    Channels(String),
    /// `resetchannels`.
    ResetChannels,
    /// `+command`, `+command|subcommand`.
    Allow(String),
    /// `-command`.
    Deny(String),
    /// `+@category`, `allcommands`.
    AllowCategory(String),
    /// `-@category`, `nocommands`.
    DenyCategory(String),
    /// `(…)`: a further set of rules for keys and commands.
    Selector(Vec<Rule>),
    /// `clearselectors`.
    ClearSelectors,
    /// `reset`: as newly made.
    Reset,
    /// `skip-sanitize-payload`, `sanitize-payload`.
    Payload,
    /// Nothing that Redis knows.
    Unknown(String),
}

impl RedisAcl {
    /// The user of this name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }
}

impl User {
    /// The rule that lets it log in, where the last word on it is `on`. A user is off until a rule says otherwise.
    #[must_use]
    pub fn enabled(&self) -> Option<&Rule> {
        let last =
            self.rules.iter().rev().find(|rule| matches!(rule.kind, RuleKind::On | RuleKind::Off | RuleKind::Reset));
        last.filter(|rule| rule.kind == RuleKind::On)
    }

    /// The `nopass` that counts: no password, hash or `resetpass` comes behind it.
    #[must_use]
    pub fn without_password(&self) -> Option<&Rule> {
        let last = self.rules.iter().rev().find(|rule| {
            matches!(
                rule.kind,
                RuleKind::NoPassword
                    | RuleKind::AddPassword(_)
                    | RuleKind::AddHash(_)
                    | RuleKind::ResetPasswords
                    | RuleKind::Reset
            )
        });
        last.filter(|rule| rule.kind == RuleKind::NoPassword)
    }

    /// Whether it can log in with a password.
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        let sets = |rule: &&Rule| matches!(rule.kind, RuleKind::AddPassword(_) | RuleKind::AddHash(_));
        self.enabled().is_some() && self.without_password().is_none() && self.rules.iter().any(|rule| sets(&rule))
    }

    /// Passwords that are written out.
    pub fn plain_passwords(&self) -> impl Iterator<Item = (&str, Span)> {
        self.rules.iter().filter_map(|rule| match &rule.kind {
            RuleKind::AddPassword(password) => Some((password.as_str(), rule.span)),
            _ => None,
        })
    }

    /// The rule that lets it run every command of a category, where nothing behind takes it back: `+@dangerous`, `+@all`.
    /// Single commands that are denied behind it do not count.
    #[must_use]
    pub fn allows_category(&self, category: &str) -> Option<&Rule> {
        let mut allowed = None;
        for rule in &self.rules {
            match &rule.kind {
                RuleKind::AllowCategory(name) if name == category || name == "all" => allowed = Some(rule),
                RuleKind::DenyCategory(name) if name == category || name == "all" => allowed = None,
                RuleKind::Reset => allowed = None,
                _ => {}
            }
        }
        allowed
    }

    /// The rule that lets it touch every key.
    #[must_use]
    pub fn all_keys(&self) -> Option<&Rule> {
        let mut all = None;
        for rule in &self.rules {
            match &rule.kind {
                RuleKind::Keys { pattern, .. } if pattern == "*" => all = Some(rule),
                RuleKind::ResetKeys | RuleKind::Reset => all = None,
                _ => {}
            }
        }
        all
    }
}

/// Reads an ACL file; never fails.
#[must_use]
pub fn parse(text: &str) -> RedisAcl {
    // Lines, comments, quotes and limits are those of the server's configuration.
    let lines = redis_conf::parse(text);
    let mut out = RedisAcl { users: Vec::new(), comments: lines.comments, errors: lines.errors };
    for line in &lines.directives {
        match user(line, text, &mut out.errors) {
            Some(user) => out.users.push(user),
            None => error(
                &mut out.errors,
                line.span,
                "every line of an ACL file begins with `user` and a name",
                "write `user NAME on >password ~keys +@category`",
            ),
        }
    }
    out
}

/// The user that a `user` directive of redis.conf defines, its rules with their places.
#[must_use]
pub fn user_of_directive(line: &redis_conf::Directive, text: &str) -> Option<User> {
    user(line, text, &mut Vec::new())
}

fn user(line: &redis_conf::Directive, text: &str, errors: &mut Vec<SyntaxError>) -> Option<User> {
    if line.name != "user" {
        return None;
    }
    let ((name, name_span), words) = line.args.split_first()?;
    let mut rules = Vec::new();
    let mut words = words.iter();
    while let Some((word, span)) = words.next() {
        let rule = if word.starts_with('(') {
            selector(word, *span, &mut words, text, errors)
        } else {
            Rule { kind: kind(word), span: *span }
        };
        refuse(&rule, errors);
        rules.push(rule);
    }
    Some(User { name: name.clone(), name_span: *name_span, rules, span: line.span })
}

fn error(errors: &mut Vec<SyntaxError>, span: Span, message: &str, help: &str) {
    if errors.len() < MAX_ERRORS {
        errors.push(SyntaxError::new(span, message).with_help(help));
    }
}

fn refuse(rule: &Rule, errors: &mut Vec<SyntaxError>) {
    if let RuleKind::Unknown(_) = rule.kind {
        error(
            errors,
            rule.span,
            "Redis knows no ACL rule of this form",
            "rules are on, off, nopass, >password, #hash, ~keys, &channels, +command, -command, +@category, -@category",
        );
    }
}

/// `(+get ~app:*)`: from the word that opens it to the one that closes it.
fn selector<'w>(
    first: &str,
    start: Span,
    words: &mut impl Iterator<Item = &'w (String, Span)>,
    text: &str,
    errors: &mut Vec<SyntaxError>,
) -> Rule {
    let mut inside = Vec::new();
    let mut span = start;
    let mut word = first.strip_prefix('(').unwrap_or(first).to_owned();
    // The parenthesis is one byte in the word and in the text.
    let mut at = Span { start: (start.start + 1).min(start.end), end: start.end };
    for _ in 0..MAX_SELECTOR_WORDS {
        let closes = word.ends_with(')');
        let bare = word.strip_suffix(')').unwrap_or(&word);
        if !bare.is_empty() {
            let end = if closes { at.end.saturating_sub(1).max(at.start) } else { at.end };
            let rule = Rule { kind: kind(bare), span: Span { start: at.start, end }.clamp(text) };
            refuse(&rule, errors);
            inside.push(rule);
        }
        if closes {
            return Rule { kind: RuleKind::Selector(inside), span };
        }
        let Some((next, place)) = words.next() else { break };
        word.clone_from(next);
        at = *place;
        span = span.to(at);
    }
    error(errors, start, "this selector is never closed", "add the closing parenthesis");
    Rule { kind: RuleKind::Selector(inside), span }
}

fn kind(word: &str) -> RuleKind {
    let keys = |pattern: &str, read, write| RuleKind::Keys { pattern: pattern.to_owned(), read, write };
    match word.to_ascii_lowercase().as_str() {
        "on" => return RuleKind::On,
        "off" => return RuleKind::Off,
        "nopass" => return RuleKind::NoPassword,
        "resetpass" => return RuleKind::ResetPasswords,
        "allkeys" => return keys("*", true, true),
        "resetkeys" => return RuleKind::ResetKeys,
        "allchannels" => return RuleKind::Channels("*".to_owned()),
        "resetchannels" => return RuleKind::ResetChannels,
        "allcommands" => return RuleKind::AllowCategory("all".to_owned()),
        "nocommands" => return RuleKind::DenyCategory("all".to_owned()),
        "clearselectors" => return RuleKind::ClearSelectors,
        "reset" => return RuleKind::Reset,
        "sanitize-payload" | "skip-sanitize-payload" => return RuleKind::Payload,
        _ => {}
    }
    let mut rest = word.chars();
    let sign = rest.next();
    let rest = rest.as_str();
    let lower = || rest.to_ascii_lowercase();
    match sign {
        Some('>') => RuleKind::AddPassword(rest.to_owned()),
        Some('<') => RuleKind::RemovePassword(rest.to_owned()),
        Some('#') => RuleKind::AddHash(rest.to_owned()),
        Some('!') => RuleKind::RemoveHash(rest.to_owned()),
        Some('~') => keys(rest, true, true),
        Some('%') => match rest.split_once('~') {
            Some((flags, pattern)) if !flags.is_empty() && flags.bytes().all(|b| matches!(b | 32, b'r' | b'w')) => {
                keys(pattern, flags.contains(['r', 'R']), flags.contains(['w', 'W']))
            }
            _ => RuleKind::Unknown(word.to_owned()),
        },
        Some('&') => RuleKind::Channels(rest.to_owned()),
        Some('+') if rest.starts_with('@') => RuleKind::AllowCategory(lower().split_off(1)),
        Some('-') if rest.starts_with('@') => RuleKind::DenyCategory(lower().split_off(1)),
        Some('+') if !rest.is_empty() => RuleKind::Allow(lower()),
        Some('-') if !rest.is_empty() => RuleKind::Deny(lower()),
        _ => RuleKind::Unknown(word.to_owned()),
    }
}
