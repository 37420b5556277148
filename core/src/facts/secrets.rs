//! What a secret looks like: names of keys, placeholders, weak passwords, files, and (in [`tokens_in`]) providers' tokens.
//!
//! Source: shapes cross-checked with gitleaks (MIT), framework rows from Laravel, Symfony and WordPress
//! (`core/data/secrets.json`, 2026-08-23). Values are never kept here; show them through [`redact`] only.

use std::ops::Range;
use std::sync::OnceLock;

use regex_lite::Regex;

use super::{Level, glob, tables};
use crate::date::Date;

pub use super::tokens::{TokenFormat, TokenHit, token_formats, tokens_in};

/// Date of the table.
pub const AS_OF: Date = tables::secrets::META.as_of;

/// How surely a key's name announces a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyStrength {
    /// A name that ends like a secret's (`…_KEY`, `…_AUTH`) and often is none.
    Weak,
    /// A connection string: secret when it holds a password, see [`dsn_password`].
    Dsn,
    /// A name like a secret's: `…_PASSWORD`, `…_TOKEN`.
    Pattern,
    /// A variable that images and frameworks document as secret.
    Exact,
}

/// A file that holds secrets by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecretFile {
    /// Pattern of its path.
    pub glob: &'static str,
    /// How bad it is to give it away.
    pub level: Level,
    /// Paths that the pattern does not mean.
    pub except: &'static [&'static str],
    /// What else to know.
    pub note: Option<&'static str>,
}

/// A user and a password that a product is known to start with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DefaultPair {
    /// User.
    pub user: &'static str,
    /// Password.
    pub password: &'static str,
    /// Where it is the default.
    pub product: &'static str,
}

/// Compiles once. A pattern that does not compile is left out; a test proves that all do.
fn compiled(cell: &'static OnceLock<Vec<Regex>>, patterns: &[&str]) -> &'static [Regex] {
    cell.get_or_init(|| patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect())
}

/// Words without which no pattern for secret names matches: most names end here, without a regex.
fn may_be_secret(key: &str) -> bool {
    const WORDS: [&str; 9] = ["pass", "pwd", "secret", "key", "token", "credential", "salt", "auth", "pin"];
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word))
}

/// Whether the name of a variable or setting announces a secret. Publishable keys (`STRIPE_KEY`, `VITE_…`) do not.
#[must_use]
pub fn key_is_secret(key: &str) -> Option<KeyStrength> {
    static NOT: OnceLock<Vec<Regex>> = OnceLock::new();
    static STRONG: OnceLock<Vec<Regex>> = OnceLock::new();
    static WEAK: OnceLock<Vec<Regex>> = OnceLock::new();
    let any = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(key));
    let listed = |names: &[&str]| names.binary_search(&key).is_ok();
    if listed(tables::secrets::KEY_EXACT) {
        Some(KeyStrength::Exact)
    } else if listed(tables::secrets::KEY_DSN) {
        Some(KeyStrength::Dsn)
    } else if !may_be_secret(key) || any(compiled(&NOT, tables::secrets::KEY_NOT_SECRET)) {
        None
    } else if any(compiled(&STRONG, tables::secrets::KEY_PATTERNS)) {
        Some(KeyStrength::Pattern)
    } else {
        any(compiled(&WEAK, tables::secrets::KEY_WEAK)).then_some(KeyStrength::Weak)
    }
}

/// Whether a value stands for a secret without being one: empty, a variable, a path, `changeme`, a documentation key.
///
/// `key` may be empty. A placeholder that would take effect is still a public password: then ask [`is_weak`] too.
#[must_use]
pub fn is_placeholder(key: &str, value: &str) -> bool {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    let value = unquote(value);
    let mut chars = value.chars();
    let first = chars.next();
    let one_character = value.chars().count() >= 4 && chars.all(|c| Some(c) == first);
    one_character
        || (!key.is_empty() && value.eq_ignore_ascii_case(key))
        || tables::secrets::PLACEHOLDERS.binary_search(&value.to_lowercase().as_str()).is_ok()
        || compiled(&PATTERNS, tables::secrets::PLACEHOLDER_PATTERNS).iter().any(|pattern| pattern.is_match(value))
}

/// Whether a password is among the first that anybody tries; the empty one is.
#[must_use]
pub fn is_weak(password: &str) -> bool {
    tables::secrets::WEAK_PASSWORDS.binary_search(&unquote(password).to_lowercase().as_str()).is_ok()
}

/// Known pairs of a user and its default password.
#[must_use]
pub fn default_pairs() -> &'static [DefaultPair] {
    tables::secrets::DEFAULT_PAIRS
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Shannon entropy in bits per character: about 3 for words, 4 and more for random text.
#[must_use]
pub fn entropy(text: &str) -> f64 {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    let total = f64::from(u32::try_from(chars.len()).unwrap_or(u32::MAX));
    // Equal characters stand together now; the order of the sum is fixed, and so is its rounding.
    chars.chunk_by(|a, b| a == b).fold(0.0, |sum, run| {
        let share = f64::from(u32::try_from(run.len()).unwrap_or(u32::MAX)) / total;
        sum - share * share.log2()
    })
}

/// What may be shown of a secret: its first four and last two characters, or nothing of a short one.
#[must_use]
pub fn redact(secret: &str) -> String {
    let chars: Vec<char> = secret.chars().collect();
    if chars.len() <= 8 {
        return "••••".to_owned();
    }
    let (start, end) = (chars.iter().take(4), chars.iter().skip(chars.len() - 2));
    start.chain(std::iter::once(&'…')).chain(end).collect()
}

/// Whether a path is documentation, a test or somebody else's code, where only tokens with a provider's prefix count.
#[must_use]
pub fn is_guarded_path(path: &str) -> bool {
    tables::secrets::PATH_GUARDS.iter().any(|pattern| glob::path(pattern, path))
}

/// The kind of secret that a file holds by its name; `None` for examples, tests and `vendor`.
#[must_use]
pub fn secret_file(path: &str) -> Option<&'static SecretFile> {
    if is_guarded_path(path) {
        return None;
    }
    let fits =
        |row: &&SecretFile| glob::path(row.glob, path) && !row.except.iter().any(|pattern| glob::path(pattern, path));
    tables::secrets::SECRET_FILES.iter().filter(fits).max_by_key(|row| (row.level, row.glob.len()))
}

/// Lines that the `.dockerignore` of every PHP project should have, in order.
#[must_use]
pub fn dockerignore_baseline() -> &'static [&'static str] {
    tables::secrets::DOCKERIGNORE_BASELINE
}

/// The password in a connection string: `scheme://user:password@host` or `?password=` and `?auth=`. Bytes of `value`.
///
/// `${…}` is passed over as one piece, so that a default inside (`${U:-app}`) does not count as a separator.
#[must_use]
pub fn dsn_password(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + 3;
    let mut depth = 0usize;
    let (mut colon, mut at, mut end) = (None, None, value.len());
    let bytes = value.as_bytes();
    for (offset, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'{' if bytes[offset - 1] == b'$' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b'/' | b'?' | b'#' | b' ' | b'"' | b'\'' => {
                end = offset;
                break;
            }
            b':' if colon.is_none() => colon = Some(offset),
            b'@' => at = Some(offset),
            _ => {}
        }
    }
    if let (Some(colon), Some(at)) = (colon, at)
        && colon + 1 < at
    {
        return Some(colon + 1..at);
    }
    let query = end + value[end..].find('?')? + 1;
    let mut from = query;
    for pair in value[query..].split('&') {
        let stop = from + pair.find(['#', ' ', '"', '\'']).unwrap_or(pair.len());
        if let Some((name, _)) = value[from..stop].split_once('=')
            && matches!(name, "password" | "pass" | "auth")
            && from + name.len() + 1 < stop
        {
            return Some(from + name.len() + 1..stop);
        }
        from += pair.len() + 1;
    }
    None
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
