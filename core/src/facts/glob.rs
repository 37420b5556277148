//! Two kinds of pattern that the tables use.

/// Whether `text` matches `pattern`, where `*` stands for any run of bytes.
pub(crate) fn name(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None; // after the last `*`, and the text it has not eaten yet
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            retry = Some((p + 1, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((after, eaten)) = retry {
            retry = Some((after, eaten + 1));
            (p, t) = (after, eaten + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// Whether a `/`-separated path matches `pattern`: `**` stands for any number of components, `*` for any run within one.
pub(crate) fn path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // fits[p] says whether the pattern up to p matches the path up to the current component.
    let mut fits = vec![false; pattern.len() + 1];
    fits[0] = true;
    skip_stars(&pattern, &mut fits);
    for component in path {
        let mut next = vec![false; pattern.len() + 1];
        for (at, part) in pattern.iter().enumerate().filter(|&(at, _)| fits[at]) {
            if *part == "**" {
                next[at] = true;
            } else if name(part, component) {
                next[at + 1] = true;
            }
        }
        fits = next;
        skip_stars(&pattern, &mut fits);
    }
    fits.last() == Some(&true)
}

/// `**` may stand for nothing.
fn skip_stars(pattern: &[&str], fits: &mut [bool]) {
    for (at, part) in pattern.iter().enumerate() {
        if fits[at] && *part == "**" {
            fits[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (pattern, text, want) in [
            ("*fpm*", "8.4-fpm-alpine", true),
            ("*fpm*", "8.4-cli", false),
            ("bitnami/*", "bitnami/redis", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b", "a", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(name(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn paths() {
        for (pattern, text, want) in [
            ("**/.env", ".env", true),
            ("**/.env", "./app/.env", true),
            ("**/.env", "app/.env.local", false),
            ("**/.git/**", ".git/config", true),
            ("**/sites/*/settings.php", "web/sites/default/settings.php", true),
            ("**/sites/*/settings.php", "web/sites/a/b/settings.php", false),
            ("**/tests/**", "src/tests/a/b.pem", true),
            ("**/*.pem", "a/b.pem/c", false),
        ] {
            assert_eq!(path(pattern, text), want, "{pattern} {text}");
        }
    }
}
