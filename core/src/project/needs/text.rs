//! Whether a text names a host.

/// Whether a variable holds a name of something else: `REDIS_USERNAME: app` does not mean the service `app`.
pub(super) fn names_no_host(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let last = key.rsplit('_').next().unwrap_or("");
    matches!(
        last,
        "USER"
            | "USERNAME"
            | "NAME"
            | "DATABASE"
            | "DB"
            | "PASSWORD"
            | "PASS"
            | "ENV"
            | "MODE"
            | "LEVEL"
            | "PREFIX"
            | "SCHEMA"
            | "BUCKET"
            | "TAG"
            | "VHOST"
    )
}

/// Whether a command line names a host: with a port, in a URL, or behind an option. A bare word may be a program: `php artisan`.
pub(super) fn command_names(words: &[String], host: &str) -> bool {
    let parts: Vec<&str> =
        words.iter().flat_map(|word| word.split_whitespace()).map(|part| part.trim_matches(['"', '\''])).collect();
    let option = |word: &str| matches!(word, "-h" | "--host" | "--hostname" | "-H");
    let attached = |part: &str| {
        ["//", "@", "="].iter().any(|before| part.contains(&format!("{before}{host}")))
            || part.starts_with(&format!("{host}:"))
    };
    parts.iter().any(|part| attached(part) && names_host(part, host))
        || parts.windows(2).any(|pair| matches!(pair, [first, second] if option(first) && *second == host))
}

/// Whether a value names a host: alone, with a port, inside a URL, quoted, or behind `host=`.
pub(in crate::project) fn names_host(value: &str, host: &str) -> bool {
    if host.is_empty() {
        return false;
    }
    let mut from = 0;
    while let Some(found) = value.get(from..).and_then(|rest| rest.find(host)) {
        let at = from + found;
        let (before, after) = (value.get(..at).unwrap_or(""), value.get(at + host.len()..).unwrap_or(""));
        let starts = match before.chars().next_back() {
            None => true,
            // `/mysql/` inside a path is no host: a slash before must be the second of `//`.
            Some('/') => before.ends_with("//"),
            Some('=') => ["host=", "server=", "hostname="].iter().any(|key| before.to_ascii_lowercase().ends_with(key)),
            Some(c) => matches!(c, '@' | ',' | ';' | '(' | '\'' | '"') || c.is_whitespace(),
        };
        let ends = after
            .chars()
            .next()
            .is_none_or(|c| matches!(c, ':' | '/' | ',' | '?' | ';' | ')' | '\'' | '"') || c.is_whitespace());
        if starts && ends {
            return true;
        }
        from = at + host.len();
    }
    false
}

/// Whether a variable lists machines that are let in, or past a proxy: nothing is reached by it.
pub(super) fn lists_others(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    key == "NO_PROXY"
        || key.starts_with("TRUSTED_")
        || key.ends_with("_TRUSTED_PROXIES")
        || key.ends_with("ALLOWED_HOSTS")
}

#[cfg(test)]
mod tests {
    use super::{command_names, lists_others, names_host, names_no_host};

    #[test]
    fn hosts_in_values() {
        for value in [
            "redis",
            "redis:6379",
            "redis://redis:6379/0",
            "tcp://redis:6379?x=1",
            "mysql://u:p@redis/db",
            "a:1,redis:2",
            "mysql:host=redis;dbname=x",
            "define('WP_REDIS_HOST', 'redis');",
            "--host=redis",
            "u:p@tcp(redis:3306)/x",
        ] {
            assert!(names_host(value, "redis"), "{value}");
        }
        for value in ["redis-cluster", "myredis", "/var/lib/redis/x", "predis", "", "dbname=redis", "http://x/redis"] {
            assert!(!names_host(value, "redis"), "{value}");
        }
        assert!(names_no_host("REDIS_USERNAME") && names_no_host("DB_DATABASE") && !names_no_host("DB_HOST"));
    }

    #[test]
    fn hosts_in_commands() {
        let names =
            |line: &str, host: &str| command_names(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), host);
        for line in
            ["wait-for-it redis:6379 -- php x", "redis-cli -h redis ping", "tool --host=redis", "run redis://redis/0"]
        {
            assert!(names(line, "redis"), "{line}");
        }
        assert!(!names("php bin/console messenger:consume", "php") && !names("sh -c 'php artisan'", "php"));
    }

    #[test]
    fn lists_of_others() {
        assert!(lists_others("no_proxy") && lists_others("TRUSTED_PROXIES") && lists_others("APP_ALLOWED_HOSTS"));
        assert!(!lists_others("DB_HOST") && !lists_others("HTTP_PROXY"));
    }
}
