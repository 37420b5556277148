//! Hides secrets in text that is about to be shown: a terminal's scrollback and a pipeline's log are read by many.

use super::secrets::{dsn_password, is_placeholder, key_is_secret};
use super::tokens::tokens_in;
use std::ops::Range;

/// Of a secret longer than this its first four and last two characters stay, so that its owner recognises it.
const SHORT: usize = 8;

/// So much of a line is looked at before and after a separator: no name and no password is longer, and a line of a megabyte with
/// a hundred thousand separators stays cheap.
const NEAR: usize = 512;

/// The text with every secret in it replaced by asterisks. Its length in bytes and all other text stay, so that places in it do.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut hidden: Vec<Range<usize>> = tokens_in(text).into_iter().map(|hit| hit.range).collect();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        hidden.extend(in_line(line).into_iter().map(|range| start + range.start..start + range.end));
        start += line.len();
    }
    hide(text, hidden)
}

/// The text with one range of it hidden, for a secret that only its place tells.
#[must_use]
pub fn masked_at(text: &str, range: Range<usize>) -> String {
    hide(text, vec![range])
}

fn hide(text: &str, hidden: Vec<Range<usize>>) -> String {
    let mut out = text.as_bytes().to_vec();
    for range in hidden {
        let Some(secret) = text.get(range.clone()) else { continue };
        let count = secret.chars().count();
        for (nth, (at, c)) in secret.char_indices().enumerate() {
            if count <= SHORT || (4..count - 2).contains(&nth) {
                let from = range.start + at;
                out.get_mut(from..from + c.len_utf8()).into_iter().flatten().for_each(|byte| *byte = b'*');
            }
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Values of secret names (`NAME=value`, `NAME: value`, `"name" => "value"`), and passwords in connection strings.
fn in_line(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    for (at, mark) in line.match_indices(['=', ':']) {
        let near = (at.saturating_sub(NEAR)..=at).find(|&start| line.is_char_boundary(start)).unwrap_or(at);
        let before = line.get(near..at).unwrap_or("").trim_end_matches([' ', '"', '\'', '>']);
        let name_start = before
            .rfind(|c| !is_name(c))
            .map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8));
        let name = before.get(name_start..).unwrap_or("");
        let rest = line.get(at + mark.len()..).unwrap_or("");
        // `${NAME:-default}`: only a default is a value, `${NAME:?message}` has none.
        let reference = before.get(..name_start).unwrap_or("").ends_with("${");
        let rest = match (reference, rest.strip_prefix('-')) {
            (true, None) => continue,
            (true, Some(default)) => default,
            (false, _) => rest,
        };
        let value = rest.trim_start_matches([' ', '>', '"', '\'']);
        let from = line.len() - value.len();
        let most = (NEAR..value.len()).find(|&end| value.is_char_boundary(end)).unwrap_or(value.len());
        let value = value.get(..most).unwrap_or("");
        let length = value.find(['"', '\'', ' ', '\t', '\n', '\r', ',', '}']).unwrap_or(value.len());
        let value = value.get(..length).unwrap_or("");
        if !name.is_empty() && !value.is_empty() && key_is_secret(name).is_some() && !is_placeholder(name, value) {
            match dsn_password(value) {
                Some(password) => found.push(from + password.start..from + password.end),
                None if !value.starts_with(['/', '$', '.']) => found.push(from..from + length),
                None => {}
            }
        }
    }
    // A connection string under any name.
    let mut start = 0;
    for word in line.split_inclusive([' ', '\t', '"', '\'', '=', ',']) {
        if let Some(password) = dsn_password(word.trim_end_matches([' ', '\t', '"', '\'', '=', ',', '\n', '\r'])) {
            found.push(start + password.start..start + password.end);
        }
        start += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_nothing_moves() {
        for (text, want) in [
            ("ENV DB_PASSWORD=Winter2023!", "ENV DB_PASSWORD=Wint*****3!"),
            ("  MYSQL_ROOT_PASSWORD: root", "  MYSQL_ROOT_PASSWORD: ****"),
            ("DATABASE_URL: mysql://app:s3cr3t-pass@db/app", "DATABASE_URL: mysql://app:s3cr*****ss@db/app"),
            ("  - \"REDIS_PASSWORD=grünkohl99\" # x", "  - \"REDIS_PASSWORD=grün****99\" # x"),
            ("define('DB_PASSWORD', 'x');", "define('DB_PASSWORD', 'x');"),
            ("image: redis:8.2", "image: redis:8.2"),
            ("DB_PASSWORD_FILE: /run/secrets/db", "DB_PASSWORD_FILE: /run/secrets/db"),
            ("DB_PASSWORD: ${DB_PASSWORD:?}", "DB_PASSWORD: ${DB_PASSWORD:?}"),
            ("APP_SECRET: ${APP_SECRET:-s3cr3tvalue}", "APP_SECRET: ${APP_SECRET:-s3cr*****ue}"),
        ] {
            let got = masked(text);
            assert_eq!((got.as_str(), got.len()), (want, text.len()), "{text}");
        }
        assert_eq!(masked_at("echo 'root:agency2019' | x", 6..21), "echo 'root*********19' | x");
    }
}
