//! Tokens that can be known by their shape alone. Part of [`super::secrets`].

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;

use super::secrets::{entropy, is_placeholder};
use super::{Level, tables};

/// The shape of one provider's token.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TokenFormat {
    /// Name.
    pub id: &'static str,
    /// Who issues it.
    pub provider: &'static str,
    /// Shape, for a linear engine without look-around.
    pub regex: &'static str,
    /// Group of the regex that holds the secret; 0 is the whole match.
    pub group: usize,
    /// How bad it is to give it away.
    pub level: Level,
    /// Least entropy in bits per character; 0 for any.
    pub min_entropy: f64,
    /// Texts of which at least one stands in every match.
    pub keywords: &'static [&'static str],
    /// Lines that a match may span.
    pub lines: usize,
    /// Whether it has no provider's prefix. Generic shapes do not count in guarded paths, and lose against others.
    pub generic: bool,
    /// What else to know.
    pub note: Option<&'static str>,
}

/// A token in a text.
#[derive(Clone, PartialEq, Debug)]
pub struct TokenHit {
    /// Its shape.
    pub format: &'static TokenFormat,
    /// Bytes of the secret itself.
    pub range: Range<usize>,
}

/// All shapes, by id.
#[must_use]
pub fn token_formats() -> &'static [TokenFormat] {
    tables::secrets::TOKEN_FORMATS
}

/// Tokens in a text, by place; placeholders and values without enough entropy are left out, and of overlapping shapes the
/// most specific stays.
///
/// Regexes run only on lines around a keyword, which keeps large files (lock files, bundles) fast. Connection strings must be
/// interpolated before: `${VAR:-x}` holds separators.
#[must_use]
pub fn tokens_in(text: &str) -> Vec<TokenHit> {
    let mut hits = Vec::new();
    if text.len() < SHORTEST {
        return hits;
    }
    let places = keyword_places(text);
    for places in places.chunk_by(|a, b| a.0 == b.0) {
        let index = places.first().map_or(0, |place| place.0);
        let Some((format, regex)) = token_formats().get(index).and_then(|one| Some((one, regex(index, one)?))) else {
            continue;
        };
        for window in windows(text, format, places) {
            let Some(piece) = text.get(window.clone()) else { continue };
            for captures in regex.captures_iter(piece) {
                let Some(found) = captures.get(format.group) else { continue };
                let range = window.start + found.start()..window.start + found.end();
                if is_real(format, found.as_str(), &text[range.end..]) {
                    hits.push(TokenHit { format, range });
                }
            }
        }
    }
    hits.sort_by_key(|hit| (hit.format.generic, Reverse(hit.format.level), hit.range.start, Reverse(hit.range.end)));
    // What is kept never overlaps, so only the last that starts before a hit's end can touch it.
    let mut kept: BTreeMap<usize, TokenHit> = BTreeMap::new();
    for hit in hits {
        let before = kept.range(..hit.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= hit.range.start) {
            kept.insert(hit.range.start, hit);
        }
    }
    kept.into_values().collect()
}

/// No shape matches less; a test proves it for their samples.
const SHORTEST: usize = 12;

/// Compiled when a keyword of the format is first met: most runs need a handful. A shape that does not compile is skipped, and a
/// test proves that all do.
fn regex(index: usize, format: &TokenFormat) -> Option<&'static Regex> {
    static COMPILED: LazyLock<Vec<OnceLock<Option<Regex>>>> =
        LazyLock::new(|| token_formats().iter().map(|_| OnceLock::new()).collect());
    COMPILED.get(index)?.get_or_init(|| Regex::new(format.regex).ok()).as_ref()
}

/// So much of a long line is read before and after a keyword. The longest shape has fewer than 400 characters.
const BEFORE: usize = 512;
const AFTER: usize = 2048;

/// Where a keyword stands, as format and byte, by format and then by place. One pass over the text: most texts are short values, for
/// which a search of its own for every keyword is most of the work.
fn keyword_places(text: &str) -> Vec<(usize, usize)> {
    static BY_FIRST: LazyLock<Vec<Vec<(usize, &'static str)>>> = LazyLock::new(|| {
        let mut table = vec![Vec::new(); 256];
        for (index, format) in token_formats().iter().enumerate() {
            for keyword in format.keywords {
                let first = keyword.as_bytes().first().and_then(|first| table.get_mut(usize::from(*first)));
                if let Some(row) = first {
                    row.push((index, *keyword));
                }
            }
        }
        table
    });
    let mut places = Vec::new();
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        for (index, keyword) in BY_FIRST.get(usize::from(*byte)).into_iter().flatten() {
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(keyword.as_bytes())) {
                places.push((*index, at));
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// The lines with a keyword (and those after, for shapes that span several), joined where they touch.
fn windows(text: &str, format: &TokenFormat, places: &[(usize, usize)]) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::new();
    for &(_, place) in places {
        let (first, last) = (place.saturating_sub(BEFORE), place.saturating_add(AFTER));
        let first = (first..=place).find(|&at| text.is_char_boundary(at)).unwrap_or(place);
        let last = (last..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let start = text[first..place].rfind('\n').map_or(first, |at| first + at + 1);
        let mut end = place;
        for _ in 0..format.lines {
            end = text[end..last].find('\n').map_or(last, |at| end + at + 1);
        }
        match windows.last_mut() {
            Some(last) if start < last.end => last.end = last.end.max(end),
            _ => windows.push(start..end),
        }
    }
    windows
}

/// What the shape alone cannot say. `after` is the text behind the match.
fn is_real(format: &TokenFormat, secret: &str, after: &str) -> bool {
    let judged = match format.id {
        // user:password; only the password tells.
        "curl-userpass" => secret.split_once(':').map_or(secret, |(_, password)| password),
        _ => secret,
    };
    if is_placeholder("", judged) || judged.starts_with('$') || entropy(secret) < format.min_entropy {
        return false;
    }
    match format.id {
        // A header without a body is documentation.
        "private-key" => {
            let body = after.split("-----").next().unwrap_or_default().replace("\\n", "").replace("\\r", "");
            // No encoding of a key has an underscore; `EXAMPLE_KEY_DO_NOT_USE` does.
            !body.contains('_')
                && body
                    .bytes()
                    .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
                    .take(64)
                    .count()
                    == 64
        }
        "docker-config-auth" | "basic-auth-header" => decoded(secret)
            .is_some_and(|text| text.split_once(':').is_some_and(|(_, password)| !is_placeholder("", password))),
        // The sample of jwt.io, and Supabase's published demonstration keys.
        "jwt" => {
            let payload = secret.split('.').nth(1).and_then(decoded).unwrap_or_default();
            !payload.contains("supabase-demo") && !payload.contains("\"sub\":\"1234567890\"")
        }
        _ => true,
    }
}

/// Printable text behind base64, in either alphabet.
fn decoded(text: &str) -> Option<String> {
    let (mut bits, mut count, mut out) = (0u32, 0u32, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        tokens_in(text).iter().map(|hit| hit.format.id).collect()
    }

    #[test]
    fn shapes_compile() {
        for format in token_formats() {
            let regex = Regex::new(format.regex).unwrap_or_else(|error| panic!("{}: {error}", format.id));
            assert!(format.group < regex.captures_len(), "{}", format.id);
            assert!(!format.keywords.is_empty() && format.lines > 0, "{}", format.id);
        }
    }

    #[test]
    fn tokens_are_found_with_their_bytes() {
        let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        let text = format!("é: 1\nGITHUB={token}\n");
        let hits = tokens_in(&text);
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].format.id, &text[hits[0].range.clone()]), ("github-pat", token.as_str()));
    }

    #[test]
    fn shapes_with_context() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let key = ["-----BEGIN RSA PRIV", "ATE KEY-----"].concat();
        assert_eq!(ids(&format!("{key}\n{body}\n-----END")), ["private-key"]);
        assert_eq!(ids(&format!("KEY=\"{key}\\n{body}\\n\"")), ["private-key"]);
        assert!(ids(&format!("{key}\n...\n-----END")).is_empty());
        assert_eq!(ids("DATABASE_URL=mysql://app:Winter2023!@db/app"), ["dsn-credentials"]);
        let dsn = "x mysql://app:Winter2023!@db/app";
        assert_eq!(&dsn[tokens_in(dsn)[0].range.clone()], "Winter2023!");
        assert!(ids("mysql://app:!ChangeMe!@db/app").is_empty());
        assert_eq!(ids("curl -u bob:hunter22 https://x"), ["curl-userpass"]);
        assert!(ids("curl -u bob:$PASS https://x").is_empty());
        let split = "{\"github-oauth\": {\n  \"github.com\": \"0123456789abcdef0123456789abcdef01234567\"\n}}";
        assert_eq!(ids(split), ["github-oauth-legacy-composer"]);
        assert_eq!(ids("{\"auth\": \"Ym9iOmh1bnRlcjIyMjI=\"}"), ["docker-config-auth"]);
        assert!(ids("{\"auth\": \"bm8gY29sb24gaW4gaGVyZQ==\"}").is_empty());
        assert_eq!(ids("APP_KEY=base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="), ["laravel-app-key"]);
        assert!(ids("APP_KEY=base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").is_empty());
        assert_eq!(ids("APP_SECRET=9f86d081884c7d659a2feaa0c55ad015"), ["symfony-app-secret"]);
    }

    #[test]
    fn documentation_keys_do_not_count() {
        assert!(ids("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE").is_empty());
        assert!(ids("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").is_empty());
        assert_eq!(ids(&["AWS_ACCESS_KEY_ID=AKIA", "Q7ZL4T2N6XKW3PVD"].concat()), ["aws-access-key-id"]);
        assert!(ids("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c").is_empty());
        assert!(ids("").is_empty());
    }

    #[test]
    fn a_key_that_says_it_is_none() {
        let key = |note: &str| {
            format!(
                "-----BEGIN PRIVATE KEY-----\n{note}{}\n-----END PRIVATE KEY-----\n",
                "MIIEvQIBADANBgkqhkiG9w0B".repeat(4)
            )
        };
        assert_eq!(ids(&key("")), ["private-key"]);
        assert!(ids(&key("EXAMPLE_KEY_DO_NOT_USE\n")).is_empty());
    }

    #[test]
    fn one_secret_one_hit() {
        let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        assert_eq!(ids(&format!("Authorization: Bearer {token}")), ["github-pat"]);
        assert_eq!(ids(&format!("https://bob:{token}@github.com/a/b")), ["github-pat"]);
        assert_eq!(ids(&format!("{token} {token}")), ["github-pat", "github-pat"]);
    }
}
