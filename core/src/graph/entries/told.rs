//! What a service is told in variables, and the machines that their values name.

use crate::facts::needed_paths::is_host_key;
use crate::project::ServiceRef;
use crate::source::Location;

/// A variable with what is known of its value.
pub(super) struct Told {
    /// Its name.
    pub(super) key: String,
    /// Its value; `None` when no file tells.
    pub(super) value: Option<String>,
    /// Where it is set.
    pub(super) at: Location,
}

/// The variables of a service, and of the `.env` that its application reads; then what it is given as secrets, by their names.
pub(super) fn told(service: ServiceRef<'_, '_>) -> Vec<Told> {
    let mut found: Vec<Told> = service.service().variables.iter().map(of_variable).collect();
    if service.role.is_php()
        && let Some(folder) = service.application_folder()
    {
        let read = service.project().application_environment(&folder).variables.into_values();
        let new = read.filter(|variable| service.variable(&variable.key).is_none());
        found.extend(new.map(|variable| Told { key: variable.key, value: variable.value, at: variable.at }));
    }
    let secrets = service.service().secrets.iter();
    found.extend(secrets.map(|grant| Told { key: grant.source.clone(), value: None, at: grant.at }));
    found
}

/// One variable.
pub(super) fn of_variable(variable: &crate::model::compose::EnvVar) -> Told {
    let value = variable.value.as_ref();
    Told {
        key: variable.key.clone(),
        value: value.filter(|value| value.is_known()).map(|value| value.text.clone()),
        at: value.map_or(variable.key_at, |value| value.at),
    }
}

/// The hosts that a value names: of URLs, and of a plain `host:port` where the key is for a host.
pub(super) fn hosts(key: &str, value: &str) -> Vec<String> {
    let by_key = is_host_key(key);
    let mut found: Vec<String> = Vec::new();
    for part in value.split([',', ' ', ';']).filter(|part| !part.is_empty()) {
        let host = match part.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => host_of(rest),
            // An address of mail is none of a machine.
            None if by_key && !part.contains('@') => host_of(part),
            _ => None,
        };
        if let Some(host) = host
            && !found.contains(&host)
        {
            found.push(host);
        }
    }
    found
}

fn is_scheme(scheme: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    !scheme.is_empty() && scheme.chars().all(plain) && !matches!(scheme, "file" | "unix" | "sqlite" | "null" | "sync")
}

/// The host of what follows a scheme, in lower case.
fn host_of(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.strip_prefix('[').map_or_else(|| host.split(':').next(), |_| None)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty() && host.chars().all(plain)).then_some(host)
}

/// Whether a host is a machine of its own outside of this one: a name with a dot, or an address that is not this machine's.
pub(super) fn is_elsewhere(host: &str) -> bool {
    let Some((_, last)) = host.rsplit_once('.') else { return false };
    let own = ["docker.internal", "localhost", "localdomain", "test", "invalid"];
    if own.iter().any(|end| host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))) {
        return false;
    }
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| {
            let bridge = matches!(address.octets(), [172, 17, 0, 1]);
            !(address.is_loopback() || address.is_unspecified() || address.is_broadcast() || bridge)
        });
    }
    let file = matches!(last, "php" | "sock" | "sqlite" | "db" | "json" | "xml" | "yml" | "yaml" | "ini" | "conf");
    last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()) && !file
}

/// Whether a variable is for the deployment's own address, or lists whom it trusts.
pub(super) fn is_own_address(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let starts = [
        "APP_",
        "ASSET_",
        "VIRTUAL_",
        "LETSENCRYPT_",
        "SERVER_",
        "SITE_",
        "WP_HOME",
        "WP_SITE",
        "DEFAULT_",
        "SESSION_",
        "TRUSTED",
        "NO_PROXY",
        "CORS_",
        "VITE_",
        "MIX_",
        "NEXT_PUBLIC_",
        "BASE_",
        "PUBLIC_",
    ];
    let parts = ["_PUBLIC_", "ALLOWED", "ORIGIN", "CALLBACK", "REDIRECT"];
    starts.iter().any(|start| key.starts_with(start)) || parts.iter().any(|part| key.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_values() {
        assert_eq!(hosts("MAILER_DSN", "smtp://u:p@mail.example.net:587?x=1"), ["mail.example.net"]);
        assert_eq!(hosts("DB_HOST", "db.example.net:3306"), ["db.example.net"]);
        assert_eq!(hosts("SENTRY_DSN", "https://key@o1.ingest.sentry.io/2"), ["o1.ingest.sentry.io"]);
        assert_eq!(hosts("DATABASE_URL", "sqlite:///var/x.db"), Vec::<String>::new());
        assert_eq!(hosts("MAIL_FROM_ADDRESS", "shop@example.net"), Vec::<String>::new());
        assert_eq!(hosts("NOTE", "example.net"), Vec::<String>::new());
    }

    #[test]
    fn what_is_elsewhere() {
        for host in ["example.com", "smtp.example.net", "10.0.0.5", "db.corp.internal"] {
            assert!(is_elsewhere(host), "{host}");
        }
        let here =
            ["db", "localhost", "127.0.0.1", "host.docker.internal", "mail.localhost", "0.0.0.0", "a.sock", "1.2"];
        for host in here {
            assert!(!is_elsewhere(host), "{host}");
        }
        assert!(is_own_address("APP_URL") && is_own_address("CORS_ALLOW_ORIGIN") && !is_own_address("DB_HOST"));
    }
}
